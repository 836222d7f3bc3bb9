"""A length of time as a rule file writes it: `7 days`, `2 business days`, `36 hours`, `P7D` (S9)."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import msgspec

DayKind = Literal["calendar", "business"]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LONGEST_DAYS = 36_525
"""A hundred years; nothing a person is advised to do waits longer, and calendars stay within their range."""

_LONGEST_TEXT = 120
_PART = r"([0-9]+(?:\.[0-9]+)?)\s*((?:business|working|calendar)\s+[a-z]+|[a-z]+)"
_PARTS = re.compile(rf"{_PART}(?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*){_PART})*")
_ISO = re.compile(
    r"p(?:(?P<years>[0-9]+)y)?(?:(?P<months>[0-9]+)m)?(?:(?P<weeks>[0-9]+)w)?(?:(?P<days>[0-9]+)d)?"
    r"(?:t(?:(?P<hours>[0-9]+(?:[.,][0-9]+)?)h)?(?:(?P<minutes>[0-9]+(?:[.,][0-9]+)?)m)?"
    r"(?:(?P<seconds>[0-9]+(?:[.,][0-9]+)?)s)?)?"
)

_FIELDS: dict[str, tuple[str, int]] = {
    "second": ("microseconds", SECOND),
    "minute": ("microseconds", MINUTE),
    "hour": ("microseconds", HOUR),
    "day": ("days", 1),
    "week": ("days", 7),
    "month": ("months", 1),
    "year": ("months", 12),
    "business day": ("business_days", 1),
    "calendar day": ("days", 1),
}
_SHORT = {
    "s": "seconds",
    "sec": "seconds",
    "secs": "seconds",
    "m": "minutes",
    "min": "minutes",
    "mins": "minutes",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "d": "days",
    "w": "weeks",
    "wk": "weeks",
    "wks": "weeks",
    "mo": "months",
    "mon": "months",
    "y": "years",
    "yr": "years",
    "yrs": "years",
    "fortnight": "14 days",
    "fortnights": "14 days",
    "quarter": "3 months",
    "quarters": "3 months",
    "working day": "business days",
    "working days": "business days",
    **dict.fromkeys(("sekunde", "sekunden", "seconde", "secondes", "segundo", "segundos"), "seconds"),
    **dict.fromkeys(("minuten", "minuto", "minutos"), "minutes"),
    **dict.fromkeys(("stunde", "stunden", "std", "heure", "heures", "hora", "horas"), "hours"),
    **dict.fromkeys(("tag", "tage", "tagen", "jour", "jours", "dia", "dias"), "days"),
    **dict.fromkeys(
        ("werktag", "werktage", "arbeitstag", "arbeitstage", "weekday", "weekdays"), "business days"
    ),
    **dict.fromkeys(("woche", "wochen", "semaine", "semaines", "semana", "semanas"), "weeks"),
    **dict.fromkeys(("monat", "monate", "mois", "mes", "meses"), "months"),
    **dict.fromkeys(("jahr", "jahre", "jahren", "an", "ans"), "years"),
}


class Duration(msgspec.Struct, frozen=True, omit_defaults=True):
    """So many months, then days, then business days, then microseconds; all counts are zero or more.

    Not ordered: whether a month is longer than thirty days depends on the month.
    """

    months: int = 0
    days: int = 0
    business_days: int = 0
    microseconds: int = 0

    def times(self, n: int) -> Duration:
        """So many of this duration, each part by itself."""
        return Duration(self.months * n, self.days * n, self.business_days * n, self.microseconds * n)

    def __str__(self) -> str:
        """Canonical words, which `parse_duration` reads back: `7 days`, `1 day 12 hours`."""
        parts = _words(self.months, ((12, "year"), (1, "month")))
        parts += _words(self.days, ((1, "day"),))
        parts += _words(self.business_days, ((1, "business day"),))
        parts += _words(self.microseconds, ((HOUR, "hour"), (MINUTE, "minute")))
        seconds, rest = divmod(self.microseconds % MINUTE, SECOND)
        if rest:
            parts.append(f"{seconds}.{rest:06d}".rstrip("0") + " seconds")
        elif seconds:
            parts += _words(seconds, ((1, "second"),))
        return " ".join(parts) or "0 seconds"


class NoDuration(NamedTuple):
    """Why a text is no duration, in a sentence that says how to mend it."""

    reason: str
    is_negative: bool = False
    """Whether it would be one without the minus before it."""


class _RefusedError(Exception):
    """Carries what is wrong in a text out of the functions that read its parts."""


def parse_duration(text: str, days: DayKind = "calendar") -> Duration | NoDuration:
    """The duration that the text writes; a plain `day` is of the kind the ruleset says.

    Weeks, months, years and the days of ISO 8601 are always of the calendar.
    """
    if not isinstance(text, str):  # a caller without types names the number or the `timedelta` at hand
        return NoDuration("A duration is text, for example `7 days` or `36 hours`.")
    if len(text) > _LONGEST_TEXT:
        return NoDuration("This is too long for a duration; write for example `7 days`.")
    plain = text.strip().lower()
    if not plain:
        return NoDuration("A duration is missing here; write for example `7 days` or `36 hours`.")
    if plain[0] in "-−" or plain.startswith("p-"):
        return NoDuration(f"`{text}` is negative; write it without the minus.", is_negative=True)
    try:
        is_iso = re.match(r"p[t0-9]", plain) is not None
        counts = _iso_counts(plain, text) if is_iso else _word_counts(plain, text, days)
        return _checked(Duration(**counts), text)
    except _RefusedError as error:
        return NoDuration(str(error))


def _words(amount: int, units: tuple[tuple[int, str], ...]) -> list[str]:
    parts = []
    for size, name in units:
        count, amount = divmod(amount, size)
        if count:
            parts.append(f"{count} {name}" + ("" if count == 1 else "s"))
    return parts


def _word_counts(plain: str, text: str, days: DayKind) -> dict[str, int]:
    if _PARTS.fullmatch(plain) is None:
        raise _RefusedError(_why_not(plain, text))
    counts: dict[str, int] = {}
    seen: set[str] = set()
    for number, written in re.findall(_PART, plain):
        unit = _unit(written, number, text)
        if unit in seen:
            raise _RefusedError(f"`{text}` names {unit}s twice; add them up into one number.")
        seen.add(unit)
        field, size = _FIELDS[unit]
        if unit == "day" and days == "business":
            field = "business_days"
        counts[field] = counts.get(field, 0) + _amount(number, size, unit, text)
    return counts


def _unit(written: str, number: str, text: str) -> str:
    unit = " ".join(written.split())
    for name in (unit, unit.removesuffix("s")):
        if name in _FIELDS:
            return name
    if unit in _SHORT:
        long = _SHORT[unit]
        mend = f"write `{number} {long}`" if not long[0].isdigit() else f"write it as a multiple of `{long}`"
        raise _RefusedError(f"`{written}` in `{text}` is no unit of time; {mend}.")
    raise _RefusedError(
        f"`{written}` in `{text}` is no unit of time; the units are seconds, minutes, hours, days, "
        "business days, calendar days, weeks, months and years."
    )


_COUNTED = {
    **dict.fromkeys(("a", "an", "one", "every", "each", "ein", "eine", "einen", "un", "une"), 1),
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fourteen": 14, "thirty": 30,
}  # fmt: skip
_WITHOUT_NUMBER = {
    "daily": "1 day",
    "weekly": "1 week",
    "monthly": "1 month",
    "yearly": "1 year",
    "hourly": "1 hour",
}
_NO_DURATION = frozenset({"none", "never", "no", "off", "-", "n/a"})


def _in_figures(plain: str) -> str:
    """`a week`, `seven days` or `week` with its number in figures; nothing when it is something else."""
    if plain in _WITHOUT_NUMBER:
        return _WITHOUT_NUMBER[plain]
    first, _, rest = plain.partition(" ")
    number, unit = (_COUNTED[first], rest.strip()) if first in _COUNTED else (1, plain)
    if first in _COUNTED and unit not in _FIELDS:
        unit = unit.removesuffix("s")
    return f"{number} {unit}{'' if number == 1 else 's'}" if unit in _FIELDS else ""


def _why_not(plain: str, text: str) -> str:
    if in_figures := _in_figures(plain):
        return f"`{text}` is no duration; write `{in_figures}`."
    if plain in _NO_DURATION:
        return f"`{text}` is no duration; leave the key out."
    last = plain.rsplit(maxsplit=1)[-1]
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", last):
        return f"`{text}` has no unit after {last}; write for example `{last} days` or `{last} hours`."
    return f"`{text}` is no duration; write a number and a unit, for example `7 days` or `36 hours`."


def _iso_counts(plain: str, text: str) -> dict[str, int]:
    match = _ISO.fullmatch(plain)
    if match is None or plain.endswith("t"):
        raise _RefusedError(
            f"`{text}` is no ISO 8601 duration; write for example `P7D`, `PT36H` or, in words, `7 days`."
        )
    counts: dict[str, int] = {}
    for name, number in match.groupdict().items():
        if number is not None:
            unit = name.removesuffix("s")
            field, size = _FIELDS[unit]
            amount = _amount(number.replace(",", "."), size, unit, text)
            counts[field] = counts.get(field, 0) + amount
    return counts


def _amount(number: str, size: int, unit: str, text: str) -> int:
    whole, _, fraction = number.partition(".")
    if len(whole.lstrip("0")) > 12:
        raise _RefusedError(f"`{text}` is longer than a hundred years; write a shorter duration.")
    if not fraction.strip("0"):
        return int(whole) * size
    if size < SECOND:
        raise _RefusedError(
            f"`{text}` has a part of a {unit}, whose length is not fixed; write whole {unit}s, or hours."
        )
    amount, rest = divmod(int(whole + fraction) * size, int("1" + "0" * len(fraction)))
    if rest:
        raise _RefusedError(f"`{text}` is finer than a microsecond; write fewer digits.")
    return amount


def _checked(duration: Duration, text: str) -> Duration:
    if not (duration.months or duration.days or duration.business_days or duration.microseconds):
        raise _RefusedError(f"`{text}` is no time at all; write a duration above zero or leave the key out.")
    # 100 years are 1200 months, 36525 days, or (five in seven) 26089 business days.
    eighths = duration.months * 487 + duration.days * 16
    longest = LONGEST_DAYS * 16 * 5 * DAY
    total = (eighths * 5 + duration.business_days * 16 * 7) * DAY + duration.microseconds * 16 * 5
    if total > longest:
        raise _RefusedError(f"`{text}` is longer than a hundred years; write a shorter duration.")
    return duration
