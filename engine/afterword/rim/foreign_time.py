"""The times of foreign logs: ISO 8601 with or without an offset, counts since 1970, or a written pattern (S2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from afterword.bad_event import BadEvent, short
from afterword.days import zone_info
from afterword.event_time import FIRST_YEAR, LAST_YEAR, in_range

ISO = "iso"
COUNTS = {"epoch_seconds": 1, "epoch_milliseconds": 1000}
"""Formats that count from 1970-01-01T00:00:00Z, with their counts per second."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CACHED = 4_096
_LONGEST = 80
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_LONG_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_LONG_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_OFFSET = r"(?P<z>[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"

_DIRECTIVES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "b": rf"(?P<b>{'|'.join(_MONTHS)})",
    "B": rf"(?P<B>{_LONG_MONTHS})",
    "a": r"(?:mon|tue|wed|thu|fri|sat|sun)",
    "A": rf"(?:{_LONG_DAYS})",
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{1,2})",
    "S": r"(?P<S>[0-9]{1,2})",
    "f": r"(?P<f>[0-9]{1,9})",
    "p": r"(?P<p>am|pm)",
    "z": _OFFSET,
    "%": "%",
}
"""What may follow a `%`: the directives of `strptime` that mean the same on every machine."""

_ISO = re.compile(
    r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"(?:[Tt ](?P<H>[0-9]{2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<f>[0-9]+))?)?"
    rf" ?{_OFFSET}?)?"
)
_COUNT = re.compile(r"(-?[0-9]{1,15})(?:\.([0-9]+))?")

TimeReader = Callable[[str, str | None], datetime | BadEvent]
"""The instant of a text; its clock is of the named zone when the text gives no offset."""


class TimeFormatError(ValueError):
    """The pattern is none; `str()` is a sentence that says how to mend it."""


def check_format(pattern: str, clock: bool = True) -> None:
    """Whether a time (or, without a clock, a date) can be read with this format; TimeFormatError when not."""
    if pattern == ISO or (clock and pattern in COUNTS):
        return
    names = set(_compiled(pattern).groupindex)
    if not names >= {"d"} or not names & {"Y", "y"} or not names & {"m", "b", "B"}:
        raise TimeFormatError("The format needs a year, a month and a day: for example `%d/%m/%Y`.")
    if clock and "I" in names and "p" not in names:
        raise TimeFormatError("`%I` counts to twelve and needs `%p` (am or pm); or write `%H`.")


def time_reader(pattern: str = ISO) -> TimeReader:
    """Reads times of this format; remembers the latest, because logs repeat them."""
    per_second = COUNTS.get(pattern)
    compiled = _ISO if pattern == ISO or per_second else _compiled(pattern)

    @lru_cache(_CACHED)
    def cached(text: str, zone: str | None) -> datetime | BadEvent:
        return _counted(text, per_second) if per_second else _clocked(text, zone, compiled, pattern)

    def read(text: str, zone: str | None) -> datetime | BadEvent:
        return cached(text, zone) if len(text) <= _LONGEST else _unlike(text, pattern)

    latest: tuple[str, datetime | None] = "", None

    def read_iso(text: str, zone: str | None) -> datetime | BadEvent:
        # The plainest way to write a time needs no pattern; whatever else `fromisoformat` takes is passed on.
        nonlocal latest
        last, time = latest
        if text == last and time is not None:
            return time
        if text[4:5] == "-" == text[7:8] and text[13:14] == ":" == text[16:17] and text[-2:] < "60":
            try:
                time = datetime.fromisoformat(text)
                if time.tzinfo is not None and FIRST_YEAR <= time.year <= LAST_YEAR:
                    latest = text, time
                    return time
            except ValueError:
                pass
        return read(text, zone)

    return read_iso if pattern == ISO else read


def date_reader(pattern: str = ISO) -> Callable[[str], date | BadEvent]:
    """Reads dates of this format; a time of day behind the date is left away."""
    compiled = _ISO if pattern == ISO else _compiled(pattern)

    def read(text: str) -> date | BadEvent:
        match = compiled.fullmatch(text) if len(text) <= _LONGEST else None
        if match is None:
            return _unlike(text, pattern)
        try:
            return _date(match.groupdict())
        except ValueError:
            return BadEvent(f"There is no day `{short(text)}`.", "check the day, the month and the format")

    return read


# --- patterns


@lru_cache(64)
def _compiled(pattern: str) -> re.Pattern[str]:
    regex, position = "", 0
    pattern = " ".join(pattern.split())
    seen: set[str] = set()
    while position < len(pattern):
        letter = pattern[position]
        if letter == "%":
            position += 1
            regex += _directive(pattern[position : position + 1], seen)
        else:
            regex += re.escape(letter)
        position += 1
    return re.compile(regex.replace(r"\ ", r"\s+"), re.IGNORECASE | re.ASCII)


def _directive(letter: str, seen: set[str]) -> str:
    if letter not in _DIRECTIVES:
        known = " ".join(f"%{name}" for name in _DIRECTIVES)
        raise TimeFormatError(f"`%{letter}` means nothing in a format; known are {known}.")
    if letter in seen and letter != "%":
        raise TimeFormatError(f"`%{letter}` stands twice in the format.")
    seen.add(letter)
    return _DIRECTIVES[letter]


# --- reading


def _counted(text: str, per_second: int) -> datetime | BadEvent:
    match = _COUNT.fullmatch(text)
    if match is None:
        return BadEvent(
            f"`{short(text)}` is not a count of seconds or milliseconds.", "write another `format:`"
        )
    whole, fraction = int(match[1]), (match[2] or "")[:9].ljust(9, "0")
    billionths = int(fraction) * (-1 if text.startswith("-") else 1)
    microseconds = (whole * 1_000_000_000 + billionths) // (1000 * per_second)
    try:
        time = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return BadEvent(f"`{short(text)}` is no time that can be used.", "is it a count of smaller units?")
    return in_range(time)


def _clocked(text: str, zone: str | None, compiled: re.Pattern[str], pattern: str) -> datetime | BadEvent:
    match = compiled.fullmatch(text)
    if match is None:
        return _unlike(text, pattern)
    parts = match.groupdict()
    try:
        day = _date(parts)
        clock = datetime(day.year, day.month, day.day, *_clock(parts))
        if parts.get("z"):
            return in_range(clock.replace(tzinfo=_offset(parts["z"])))
    except ValueError:
        return BadEvent(
            f"There is no such time as `{short(text)}`.", "check its day, its clock and the format"
        )
    if zone is None:
        mend = "say in the mapping where its clock is: `timezone: Australia/Perth`"
        return BadEvent(f"`{short(text)}` does not say how far from UTC its clock is.", mend)
    return in_range(_in_zone(clock, zone))


def _in_zone(clock: datetime, zone: str) -> datetime:
    """A local time as an instant: the first of two when clocks go back, later by the gap when they go forward."""
    offset = clock.replace(tzinfo=zone_info(zone)).utcoffset()
    return clock.replace(tzinfo=timezone(offset or timedelta()))


def _date(parts: dict[str, str | None]) -> date:
    year = int(parts.get("Y") or 0)
    if not year:
        # The pivot of POSIX, as in strptime.
        short_year = int(parts.get("y") or 0)
        year = short_year + (1900 if short_year >= 69 else 2000)
    name = parts.get("b") or parts.get("B")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["m"] or 0)
    return date(year, month, int(parts["d"] or 0))


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int, int]:
    hour = int(parts.get("H") or 0)
    half = parts.get("I")
    if half is not None:
        if not 1 <= int(half) <= 12:
            raise ValueError(half)
        hour = int(half) % 12 + (12 if (parts.get("p") or "").lower() == "pm" else 0)
    fraction = (parts.get("f") or "")[:6].ljust(6, "0")
    return hour, int(parts.get("M") or 0), int(parts.get("S") or 0), int(fraction)


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def _unlike(text: str, pattern: str) -> BadEvent:
    if pattern == ISO:
        mend = f"say in the mapping how it is written: {_formats(text)}"
        return BadEvent(f"`{short(text)}` is not written like `2026-03-02 15:00`.", mend)
    return BadEvent(
        f"`{short(text)}` is not written like `{pattern}`.", "correct the text, or the mapping's `format:`"
    )


_NUMBERS = re.compile(
    r"(?P<a>[0-9]{1,4})(?P<sign>[./-])(?P<b>[0-9]{1,2})(?P=sign)(?P<c>[0-9]{2}|[0-9]{4})"
    r"(?:(?P<gap>,? ?|T)(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?P<S>:[0-9]{2})?(?P<p> ?[AaPp][Mm])?)?"
)

_ANY_FORMAT = 'with `format:`, a pattern such as `"%d/%m/%Y %H:%M"`'


def _formats(text: str) -> str:
    """The `format:` by which a time that people write can be read: one that is sure, or both that may be meant."""
    found = _NUMBERS.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return _ANY_FORMAT
    sign, first, second = found["sign"], int(found["a"]), int(found["b"])
    year = "%Y" if len(found["c"]) == 4 else "%y"
    if len(found["a"]) == 4:
        orders = [f"%Y{sign}%m{sign}%d"] if len(found["c"]) == 2 else []
    elif sign == "." or first > 12:
        orders = [f"%d{sign}%m{sign}{year}"]
    elif second > 12:
        orders = [f"%m{sign}%d{sign}{year}"]
    else:
        orders = [f"%d{sign}%m{sign}{year}", f"%m{sign}%d{sign}{year}"]
    written = [f'`format: "{order}{_clock_format(found)}"`' for order in orders]
    if len(written) == 2:
        return f"{written[0]} if the day comes first, {written[1]} if the month does"
    return "".join(written) or _ANY_FORMAT


def _clock_format(found: re.Match[str]) -> str:
    """How the time of day behind a date is written."""
    if found["H"] is None:
        return ""
    half = found["p"]
    clock = f"{found['gap']}%{'I' if half else 'H'}:%M{':%S' if found['S'] else ''}"
    return clock if half is None else f"{clock}{half[:-2]}%p"
