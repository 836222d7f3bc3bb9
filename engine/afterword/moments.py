"""A moment as a caller names it: an aware datetime, RFC 3339 text, or an offset past the last event."""

from __future__ import annotations

import datetime as dt

from afterword.days import Days, days_of, instant, parse_instant
from afterword.duration import NoDuration, parse_duration
from afterword.event_time import FIRST_YEAR, LAST_YEAR, plain
from afterword.ruleset import Ruleset

Time = str | dt.datetime
"""A moment: an aware datetime, or RFC 3339 text with an offset."""

_DAY = dt.timedelta(days=1)
_FIRST = instant(dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC) - _DAY)
_LAST = instant(dt.datetime(LAST_YEAR + 1, 1, 1, tzinfo=dt.UTC) + _DAY)
"""The years that events are held to, on any clock of the world: a clock further on could not be written down."""


class TimeError(ValueError):
    """A time that cannot be used.

    It is not an aware datetime or RFC 3339 text with an offset, lies before the clock, or lies outside of the years 100
    to 9800.
    """


def moment(time: Time) -> int:
    """A moment as an instant.

    Raises `TimeError` when it has no offset, is no time at all, or lies outside of the years of events.
    """
    found = parse_instant(time) if isinstance(time, str) else None
    if isinstance(time, dt.datetime) and time.utcoffset() is not None:
        found = _instant(time)
    if found is None:
        raise TimeError(f"{time!r} is not a time with an offset, such as 2026-03-10T00:00:00+08:00.")
    return _bounded(found, str(time))


def _instant(time: dt.datetime) -> int:
    """Of a time of any class; `datetime.max` is behind all that an offset can lead to."""
    try:
        return instant(plain(time))
    except OverflowError:
        return _LAST + 1 if time.year > LAST_YEAR else _FIRST - 1


def _bounded(moment: int, told: str) -> int:
    if not _FIRST <= moment <= _LAST:
        raise TimeError(f"The year of {told} is out of range: {FIRST_YEAR} to {LAST_YEAR} can be used.")
    return moment


def horizon(as_of: Time | None, last: dt.datetime | None, ruleset: Ruleset) -> dt.datetime | None:
    """How far a log that ends at `last` is evaluated: to `as_of`, to an offset past the last event, or to that.

    `None` while the offset's last event is not known, or there is none. Raises `TimeError` as `moment` does, and for
    what is no offset.
    """
    if isinstance(as_of, str) and as_of.startswith("+"):
        offset = parse_duration(as_of[1:].strip(), ruleset.defaults.days)
        if isinstance(offset, NoDuration):
            raise TimeError(offset.reason)
        days = days_of(ruleset.defaults)
        if last is None:
            return None
        return days.local(_bounded(days.add(instant(last), offset), f"the last event {as_of}"))
    if as_of is None:
        return last
    return Days().local(moment(as_of))
