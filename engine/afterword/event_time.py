"""The time of an event: RFC 3339 with an offset, or in plain words what is wrong with it (S1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from afterword.bad_event import BadEvent, short

FIRST_YEAR, LAST_YEAR = 100, 9800
"""Times outside are refused, so that no window or calendar computation can leave the range of dates."""

_combine = datetime.combine
"""That of the real `datetime`, also while a test of the caller's has replaced the class of that name."""

_MINUTE = timedelta(minutes=1)
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
_OFFSET = r"[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
FINER_THAN_MICROSECONDS = re.compile(rb"\.[0-9]{7}")
"""Finds what may be such a time; a decoder that rounds it would take it otherwise than we do."""

_RFC3339 = re.compile(rf"({_DATE})[Tt ]({_CLOCK})({_OFFSET})")
_NEARLY: Sequence[tuple[re.Pattern[str], str, str]] = [
    (re.compile(_DATE), "`{}` is a date without a time of day.", "write it like `{}T09:00:00+08:00`"),
    (
        re.compile(rf"{_DATE}[Tt ]{_CLOCK}"),
        "`{}` does not say how far from UTC its clock is.",
        "add the offset: `{}+08:00`, or `{}Z` for UTC",
    ),
    (
        re.compile(rf"{_DATE}[Tt ][0-9]{{2}}:[0-9]{{2}}([Zz]|[+-].*)?"),
        "`{}` has no seconds.",
        "write the clock like `09:00:00`",
    ),
    (
        re.compile(rf"{_DATE}[Tt ]{_CLOCK} ?[+-][0-9:]+"),
        "`{}` has an offset that is none.",
        "write its hours and minutes like `+08:00`",
    ),
]


def parse_time(text: str) -> datetime | BadEvent:
    """The instant of an RFC 3339 text; digits finer than microseconds are cut off, a leap second runs on.

    An offset may also lack its colon, as `+0800`: the decoder of the fast way takes that too.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        return _unlike(text)
    date, clock, offset = match.groups()
    leap = clock[6:8] == "60"
    if leap:
        clock = clock[:6] + "59"
    try:
        time = datetime.fromisoformat(f"{date}T{clock}{offset.upper()}")
        if leap:
            time = _after_midnight(time)
    except (ValueError, OverflowError):
        return _impossible(text, date, clock)
    return in_range(time)


def in_range(time: datetime) -> datetime | BadEvent:
    """The time, made `plain`, when it says its offset and lies in the years that can be reckoned with."""
    if time.utcoffset() is None:
        written = time.isoformat()
        return BadEvent(f"`{written}` does not say how far from UTC its clock is.", "give it a `tzinfo`")
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        hint = f"years {FIRST_YEAR} to {LAST_YEAR} can be used"
        return BadEvent(f"The year of `{time.isoformat()}` is out of range.", hint)
    return plain(time)


def plain(time: datetime) -> datetime:
    """The same moment as a `datetime` itself, with a fixed offset; `time` is aware.

    A subclass cannot be written down, nor can an offset of seconds. And two times of one zone compare by what its
    clocks show, which in the hour that comes twice does not say which was first.
    """
    offset = time.utcoffset()
    assert offset is not None
    if offset % _MINUTE:
        return _combine(time.date(), time.time(), UTC) - offset
    return _combine(time.date(), time.time(), timezone(offset))


def _after_midnight(time: datetime) -> datetime:
    """The second after 23:59:59 UTC, which a leap second counts as; ValueError where there can be none."""
    after = time + timedelta(seconds=1)
    if after.timestamp() % 86_400:
        raise ValueError("leap seconds come at the end of a UTC day")
    return after


def _unlike(text: str) -> BadEvent:
    for pattern, reason, hint in _NEARLY:
        if pattern.fullmatch(text):
            return BadEvent(reason.replace("{}", text), hint.replace("{}", text))
    return BadEvent(f"`{short(text)}` is not a time.", "write it like `2026-03-02T15:00:00+08:00`")


def _impossible(text: str, date: str, clock: str) -> BadEvent:
    try:
        datetime.fromisoformat(date)
    except ValueError:
        return BadEvent(f"There is no day `{date}`.", "check the month and the day")
    try:
        datetime.fromisoformat(f"{date}T{clock[:8]}")
    except ValueError:
        return BadEvent(
            f"There is no time of day `{clock}`.", "hours go from 00 to 23, minutes and seconds to 59"
        )
    return BadEvent(f"There is no such time as `{text}`.", "a second 60 comes only at the end of a UTC day")
