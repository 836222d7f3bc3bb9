"""When an advice is due: the moments of a rule worked out for one trigger (S8, S9, S11)."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from afterword.conditions import EVENT_TIME, Ref
from afterword.dates import as_date
from afterword.days import Days, parse_instant
from afterword.ruleset import Moment, Window

Reader = Callable[[Ref], object]
"""Gives the value of a reference now; whatever is no date and no time stands for one that is not known."""

InstantBounds = tuple[int | None, int | None]

Measure = Callable[[int, Reader, Days], InstantBounds]
"""A window as a function of its anchor. A start of `None` is not known yet, an end of `None` never comes."""

Locate = Callable[[int, Reader, Days], int | None]
"""A moment as a function of its anchor; `None` while the field that it starts from is not known."""

_Shift = Callable[[int, Days], int]


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


def measure(shape: Window) -> Measure:
    """A window, compiled: what can be known of it before the first event is worked out here."""
    begins = _first_known(tuple(map(_from_anchor, shape.start)))
    if shape.end is None:
        return lambda anchor, read, days: (begins(anchor, read, days), None)
    ends = _first_known(shape.end)

    def measured(anchor: int, read: Reader, days: Days) -> InstantBounds:
        at = begins(anchor, read, days)
        return (None, None) if at is None else (at, ends(at, read, days))

    return measured


def reads(shape: Window) -> bool:
    """Whether a window of this shape hangs on anything but its anchor."""
    moments = (*map(_from_anchor, shape.start), *(shape.end or ()))
    return any(each.base is not None for each in moments)


def _from_anchor(shape: Moment) -> Moment:
    """A start that is measured from the trigger's time is measured from the anchor, which is that time."""
    return replace(shape, base=None) if shape.base == EVENT_TIME else shape


def _first_known(moments: tuple[Moment, ...]) -> Locate:
    steps = [locate(each) for each in moments]
    if len(steps) == 1:
        return steps[0]

    def first(anchor: int, read: Reader, days: Days) -> int | None:
        for step in steps:
            at = step(anchor, read, days)
            if at is not None:
                return at
        return None

    return first


def locate(shape: Moment) -> Locate:
    """A moment, compiled (S9)."""
    base, shift = shape.base, _shift(shape)
    if base is None:
        return (
            (lambda anchor, _, __: anchor) if shift is None else lambda anchor, _, days: shift(anchor, days)
        )

    def step(_: int, read: Reader, days: Days) -> int | None:
        at = as_instant(read(base), days)
        return at if at is None or shift is None else shift(at, days)

    return step


def _shift(shape: Moment) -> _Shift | None:
    """What is done to the instant that a moment starts from, one thing after the other; `None` for nothing."""
    plus, minus, align, at = shape.plus, shape.minus, shape.align, shape.at
    shifts: list[_Shift] = []
    if plus is not None:
        shifts.append(lambda instant, days: days.add(instant, plus))
    if minus is not None:
        shifts.append(lambda instant, days: days.add(instant, minus, -1))
    if align is not None:
        shifts.append(lambda instant, days: days.align(instant, align))
    if at is not None:
        shifts.append(lambda instant, days: days.at(instant, at))
    if len(shifts) <= 1:
        return shifts[0] if shifts else None

    def shift(instant: int, days: Days) -> int:
        for each in shifts:
            instant = each(instant, days)
        return instant

    return shift
