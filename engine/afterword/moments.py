"""A moment as a caller names it: an aware datetime, RFC 3339 text, or an offset past the last event."""

from __future__ import annotations

import datetime as dt

from afterword.days import Days, days_of, instant, parse_instant
from afterword.duration import DurationError
from afterword.duration import parse as parse_duration
from afterword.ruleset import Ruleset

Time = str | dt.datetime
"""A moment: an aware datetime, or RFC 3339 text with an offset."""


class TimeError(ValueError):
    """A time that is not an aware datetime or RFC 3339 text with an offset, or that lies before the clock."""


def moment(time: Time) -> int:
    """A moment as an instant; raises `TimeError` when it has no offset or is no time at all."""
    found = parse_instant(time) if isinstance(time, str) else None
    if isinstance(time, dt.datetime) and time.utcoffset() is not None:
        found = instant(time)
    if found is None:
        raise TimeError(f"{time!r} is not a time with an offset, such as 2026-03-10T00:00:00+08:00.")
    return found


def horizon(as_of: Time | None, last: dt.datetime | None, ruleset: Ruleset) -> dt.datetime | None:
    """How far a log that ends at `last` is evaluated: to `as_of`, to an offset past the last event, or to that.

    `None` while the offset's last event is not known, or there is none.
    """
    if isinstance(as_of, str) and as_of.startswith("+"):
        try:
            offset = parse_duration(as_of[1:].strip(), ruleset.defaults.days)
        except DurationError as error:
            raise TimeError(str(error)) from None
        days = days_of(ruleset.defaults)
        return None if last is None else days.local(days.add(instant(last), offset))
    if as_of is None:
        return last
    return Days().local(moment(as_of))
