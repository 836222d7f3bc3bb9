"""Days of the week and times of day as people write them where a rule wants something else (S13)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from afterword.dates import WEEKDAYS
from afterword.wording import WEEK


def days_in(text: str) -> tuple[str, ...]:
    """The days that a text names in words, such as `Sunday`, `mon-fri` or `sat and sun`; none where it says more."""
    plain = _TO.sub("-", text.strip().strip("[]"))
    stretches = [_stretch(part) for part in _BETWEEN.split(plain)]
    if not all(stretches):
        return ()
    return tuple(dict.fromkeys(day for days in stretches for day in days))


_BETWEEN = re.compile(r"\s*[,;|/&+]\s*(?:(?:and|or)\s+)?|\s+(?:(?:and|or|und|oder|et|ou)\s+)?")
_TO = re.compile(r"\s*(?:[-–]|\.\.+)\s*|\s(?:to|till|until|through|bis)\s")


def _stretch(text: str) -> tuple[str, ...]:
    """One day, or all from the first of two to the second, past the end of a week if need be."""
    ends = [_day(part) for part in text.split("-")]
    if not 1 <= len(ends) <= 2 or not all(ends):
        return ()
    return days_between(ends[0], ends[-1])


def days_between(first: str, last: str) -> tuple[str, ...]:
    """The days of the week from one to another, both included."""
    start = WEEKDAYS.index(first)
    count = (WEEKDAYS.index(last) - start) % 7 + 1
    return tuple(WEEKDAYS[(start + step) % 7] for step in range(count))


def other_days(days: Sequence[str]) -> tuple[str, ...]:
    """The days of the week that are none of these."""
    return tuple(day for day in WEEKDAYS if day not in days)


def _day(text: str) -> str:
    """The day that a word names in full or in short, in the plural too; nothing for any other word."""
    plain = text.strip().casefold().rstrip(".").removesuffix("s")
    near = (day for day, name in zip(WEEKDAYS, WEEK, strict=True) if name.casefold().startswith(plain))
    return next(near, "") if len(plain) >= _SHORTEST else ""


_SHORTEST = 3
"""Two letters are more often a word of their own, such as `so` and `do`."""


def written(days: Sequence[str]) -> str:
    """One day or a list of days, as a rule file has it."""
    return days[0] if len(days) == 1 else f"[{', '.join(days)}]"


def clock_in(text: str) -> str:
    """The time of day that a text is, with two digits for the hour; nothing for any other text."""
    found = _CLOCK.fullmatch(text.strip())
    return f"{found[1]:0>2}:{found[2]}" if found is not None else ""


_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
