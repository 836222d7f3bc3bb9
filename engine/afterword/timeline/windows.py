"""When an advice is due: the moments of a rule worked out for one trigger (S8, S9, S11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from afterword.conditions import Ref
from afterword.days import Days, parse_instant
from afterword.ruleset import Moment, Window

Reader = Callable[[Ref], object]
"""Gives the value of a reference now; `None` when there is none."""


def as_instant(value: object, days: Days) -> int | None:
    """A date (the start of that local day), an RFC 3339 time or an instant, as an instant; `None` if neither."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if not isinstance(value, str):
        return None
    date = as_date(value)
    return parse_instant(value) if date is None else days.start_of(date)


def as_date(value: object) -> dt.date | None:
    """A calendar date written `YYYY-MM-DD`, or `None`."""
    if not isinstance(value, str) or len(value) != 10:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def moment(moment: Moment, anchor: int, read: Reader, days: Days) -> int | None:
    """The instant that a moment means, or `None` while the field it starts from is not known."""
    instant: int | None = anchor
    if moment.base is not None:
        instant = as_instant(read(moment.base), days)
    if instant is None:
        return None
    if moment.plus is not None:
        instant = days.add(instant, moment.plus)
    if moment.minus is not None:
        instant = days.add(instant, moment.minus, -1)
    if moment.align is not None:
        instant = days.align(instant, moment.align)
    if moment.at is not None:
        instant = days.at(instant, moment.at)
    return instant


def first_known(moments: tuple[Moment, ...], anchor: int, read: Reader, days: Days) -> int | None:
    """The first of the moments that is known now (S11)."""
    for each in moments:
        instant = moment(each, anchor, read, days)
        if instant is not None:
            return instant
    return None


def window(shape: Window, anchor: int, read: Reader, days: Days) -> tuple[int | None, int | None]:
    """The bounds `[start, end)` of a window; a start of `None` is not known yet, an end of `None` never comes."""
    start = first_known(shape.start, anchor, read, days)
    if start is None or shape.end is None:
        return start, None
    return start, first_known(shape.end, start, read, days)
