"""The tests that ask a calendar or a clock, compiled, and for which days and minutes each of them holds (S13).

`afterword.meaning` says what they mean; property tests hold what is here to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from afterword.dates import WEEKDAYS
from afterword.duration import HOUR, MINUTE
from afterword.values import texts_of

if TYPE_CHECKING:
    from afterword.days import Days

CALENDAR_TESTS = frozenset({"weekday", "business_day", "time_of_day"})

WHOLE_DAY = ("00:00", "24:00")
"""From when until when a `time_of_day` reaches that does not say so: the operand is always a pair of times."""

Asks = Callable[[dt.date | int, "Days"], bool]
"""Whether a test holds for a date or an instant under a calendar."""


def asks(op: str, operand: Any) -> Asks:
    """The test as a closure; what can be known before the first event is worked out here."""
    return _ASKS[op](operand)


def cells(op: str, operand: Any) -> int:
    """The weekdays, the minutes of a day or the kinds of day for which a test holds, one bit each.

    What of two such tests of one kind follows from what, or excludes what, can be read from these bits.
    """
    if op == "weekday":
        return sum(1 << WEEKDAYS.index(name) for name in set(texts_of(operand)))
    if op == "business_day":
        return 1 << int(operand)
    start, end = (_microseconds(text) // MINUTE for text in operand)
    minutes = (1 << max(start, end)) - (1 << min(start, end))
    return minutes if start < end else ((1 << 24 * 60) - 1) & ~minutes


def _weekday(operand: Any) -> Asks:
    # Day 1, 1 January of the year 1, is a Monday.
    wanted = frozenset((WEEKDAYS.index(name) + 1) % 7 for name in texts_of(operand))
    return lambda moment, days: _day(moment, days) % 7 in wanted


def _business_day(operand: Any) -> Asks:
    return lambda moment, days: days.is_business_day(_day(moment, days)) is operand


def _time_of_day(operand: Any) -> Asks:
    start, end = map(_microseconds, operand)
    if start < end:
        return lambda moment, days: isinstance(moment, int) and start <= days.day_and_time(moment)[1] < end
    return lambda moment, days: isinstance(moment, int) and not end <= days.day_and_time(moment)[1] < start


_ASKS: Mapping[str, Callable[[Any], Asks]] = {
    "weekday": _weekday,
    "business_day": _business_day,
    "time_of_day": _time_of_day,
}


def _day(moment: dt.date | int, days: Days) -> int:
    return days.day_and_time(moment)[0] if isinstance(moment, int) else moment.toordinal()


def _microseconds(clock: str) -> int:
    return int(clock[:2]) * HOUR + int(clock[3:]) * MINUTE
