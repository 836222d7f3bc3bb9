"""Durations, points in time and windows as a rule file writes them (S8, S9, S11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from afterword.building.context import Context
from afterword.building.references import Reach
from afterword.building.settings import UNKNOWN
from afterword.building.values import NAMES, no_moment
from afterword.conditions import EVENT_TIME, Ref
from afterword.dates import as_date
from afterword.days import Days, parse_instant
from afterword.document import is_whole, items, key_place
from afterword.duration import HOUR, Duration, parse_duration
from afterword.ruleset import Alignment, Defaults, Effective, Moment, Repeat, Window
from afterword.source import Node
from afterword.values import is_number
from afterword.windows import as_instant, measure

_OF_MOMENTS = ("date", "datetime")
_PLACEHOLDER = Duration(days=1)
"""Stands for a duration that cannot be read; no ruleset is made of it."""

_SAMPLES = tuple(1_767_571_260_000_000 + step * 5 * HOUR for step in range(40))
"""Instants of a week and a day, at all hours: what holds from each of them is taken to hold always."""

_OF_MONTHS = tuple(_SAMPLES[0] + step * 29 * HOUR for step in range(1_300))
"""The same for what hangs on months: instants of four years and a quarter, as one of the four has a day more."""


_SIGNS = dict.fromkeys(map(ord, "-−"))


def duration(ctx: Context, node: Node | None, backwards: str = "") -> Duration:
    """A length of time, or that of a param; `backwards` is the key that takes one the other way, where there is one."""
    if node is None or not isinstance(node.value, str):
        return _PLACEHOLDER
    value = ctx.settings.meaning(node)
    if isinstance(value, Duration):
        return value
    if node.value.startswith("$"):
        _refuse_param(ctx, node, value, "duration")
        return _PLACEHOLDER
    found = parse_duration(node.value, ctx.defaults.days)
    if isinstance(found, Duration):
        return found
    mend = ctx.settings.without_dollar(node.value)
    if found.is_negative and backwards:
        mend = f"to go the other way write `{backwards}: {node.value.translate(_SIGNS).strip()}`"
    ctx.report.error(node, "bad-duration", found.reason, mend)
    return _PLACEHOLDER


def optional_duration(ctx: Context, node: Node | None, backwards: str = "") -> Duration | None:
    """The same, or None where there is none."""
    return None if node is None else duration(ctx, node, backwards)


def whole_number(ctx: Context, node: Node | None) -> int:
    """A whole number of at least 1, or that of a param."""
    value = ctx.settings.meaning(node) if node is not None else 1
    if isinstance(value, str) or not is_number(value):
        if node is not None:
            _refuse_param(ctx, node, value, "integer")
        return 1
    assert isinstance(value, int | float)
    if node is not None and value < 1:
        message = f"`{node.value}` is {value}; here it must be at least 1."
        ctx.report.error(node, "out-of-range", message, "give the param a `minimum: 1`")
    return int(value)


def _refuse_param(ctx: Context, node: Node, value: object, wanted: str) -> None:
    if value is not UNKNOWN:
        message = f"`{node.value}` is not {NAMES[wanted]}."
        ctx.report.error(node, "wrong-operand", message, f"name a param of `type: {wanted}`")


def clock(node: Node | None) -> int | None:
    """`HH:MM` in minutes after midnight."""
    if node is None or not isinstance(node.value, str):
        return None
    hours, minutes = node.value.split(":")
    return int(hours) * 60 + int(minutes)


def moment(ctx: Context, node: Node, reach: Reach) -> Moment:
    """A phrase, or a mapping that shifts and aligns."""
    if isinstance(node.value, str):
        return Moment(base=EVENT_TIME) if node.value == "event.time" else Moment(align=_phrase(node))
    field = node.child("field")
    return Moment(
        base=_base(ctx, field, reach) if field is not None else None,
        plus=optional_duration(ctx, node.child("plus"), "minus"),
        minus=optional_duration(ctx, node.child("minus"), "plus"),
        align=_phrase(node.child("align")),
        at=clock(node.child("at")),
    )


def _phrase(node: Node | None) -> Alignment | None:
    return node.value if node is not None else None  # type: ignore[return-value]  # the schema has checked it


def _base(ctx: Context, node: Node, reach: Reach) -> Ref:
    ref, type_ = ctx.references.resolve(node, replace(reach, wanted=_OF_MOMENTS))
    if type_.type and type_.type not in _OF_MOMENTS:
        message = f"`{ref}` is {NAMES[type_.type]}; a moment needs a date or a time."
        ctx.report.error(node, "wrong-operand", message, "name a field of type `date` or `datetime`")
    return ref


def moments(ctx: Context, node: Node | None, reach: Reach) -> tuple[Moment, ...] | None:
    """One moment, or the several of `first_known`."""
    if node is None:
        return None
    several = node.child("first_known")
    return tuple(moment(ctx, item, reach) for item in (items(several) if several is not None else (node,)))


def window(ctx: Context, node: Node | None, reach: Reach) -> Window:
    """The `due` of a rule."""
    if node is None:
        return Window()
    errors = ctx.report.errors
    start = moments(ctx, node.child("from"), reach)
    end = moments(ctx, node.child("until"), reach)
    found = Window(start or (Moment(),), end)
    until = node.child("until")
    sound = is_whole(node) and ctx.report.errors == errors
    if (
        until is not None
        and sound
        and never_opens(found, ctx.defaults, _is_of_days(ctx, node.child("from"), reach))
    ):
        message = "This window always ends before it begins."
        mend = "`until` counts from `from`, such as `{plus: 2 days}`"
        if found.start[0].base is not None and found.start[0].base == (found.end or found.start)[0].base:
            mend = f"both are counted from `{found.start[0].base}`; let `until` come after `from`"
        ctx.report.error(until, "empty-window", message, mend)
    return found


def _is_of_days(ctx: Context, node: Node | None, reach: Reach) -> bool:
    """Whether a moment is counted from a field that holds dates."""
    field = node.child("field") if node is not None else None
    return field is not None and ctx.references.resolve(field, reach)[1].type == "date"


def never_opens(shape: Window, defaults: Defaults, of_days: bool = False) -> bool:
    """Whether the window is empty whenever its trigger comes, and whatever the field holds that both ends hang on.

    `of_days` says that this field holds dates: each of them is the beginning of a day.
    """
    if shape.end is None or not _hang_together(shape.start, shape.end) or _hangs_on_holidays(shape, defaults):
        return False
    return all(
        end is not None and start is not None and end <= start
        for _, start, end in _sampled(shape, defaults, of_days)
    )


def _hang_together(start: tuple[Moment, ...], end: tuple[Moment, ...]) -> bool:
    """Whether both ends are known from one value: the event's time, or a field without which there is no start."""
    if _is_constant(start):
        return _is_constant(end)
    return len(start) == 1 and end[0].base in (None, start[0].base)


def _hangs_on_holidays(shape: Window, defaults: Defaults) -> bool:
    """Whether holidays may move the end past the start: not where it goes one way from there."""
    moments = (shape.start[0], *(shape.end or ())[:1])
    lengths = (length for each in moments for length in (each.plus, each.minus) if length is not None)
    if not defaults.holidays or not any(length.business_days for length in lengths):
        return False
    end = moments[-1]
    return end.base is not None or (end.plus is not None and end.minus is not None)


def begins_later(shape: Window, defaults: Defaults) -> bool | None:
    """Whether the window surely opens after its trigger (True), surely not (False), or it depends (None)."""
    return _is_later(shape.start, defaults) if _is_constant(shape.start) else None


@lru_cache(maxsize=256)  # many rules begin alike
def _is_later(beginning: tuple[Moment, ...], defaults: Defaults) -> bool | None:
    later = {start is None or start > anchor for anchor, start, _ in _sampled(Window(beginning), defaults)}
    return later.pop() if len(later) == 1 else None


def _sampled(
    shape: Window, defaults: Defaults, of_days: bool = False
) -> Iterator[tuple[int, int | None, int | None]]:
    """Sample instants with the window from each, for a trigger or a field of that time; holidays are left out."""
    days = Days(defaults.timezone, defaults.weekend)
    measured = measure(shape)
    samples = _OF_MONTHS if _is_of_months(shape) else _SAMPLES
    midnights = (days.start_of(days.date_of(sample)) for sample in samples)
    for anchor in midnights if of_days else (next(midnights), *samples):
        start, end = measured(anchor, lambda _, at=anchor: at, days)  # type: ignore[misc]
        yield anchor, start, end


def _is_of_months(shape: Window) -> bool:
    moments = (*shape.start, *(shape.end or ()))
    lengths = (length for each in moments for length in (each.plus, each.minus) if length is not None)
    return any("month" in (each.align or "") for each in moments) or any(each.months for each in lengths)


def _is_constant(several: tuple[Moment, ...]) -> bool:
    """Whether the first of the moments hangs on nothing but the event's time."""
    return several[0].base in (None, EVENT_TIME)


def repeat(ctx: Context, node: Node | None) -> Repeat | None:
    """The `repeat` of a rule."""
    if node is None:
        return None
    most = node.child("at_most")
    return Repeat(
        every=duration(ctx, node.child("every")),
        at=clock(node.child("at")),
        at_most=whole_number(ctx, most) if most is not None else None,
    )


def effective(ctx: Context, node: Node | None) -> Effective | None:
    """The stretch of time in which a rule is in force (S28); a date is the start of that day."""
    if node is None:
        return None
    start, end = (_instant(ctx, node.child(key)) for key in ("from", "until"))
    if start is not None and end is not None and end <= start:
        message = "The rule would be in force for no time at all."
        ctx.report.error(key_place(node, "until"), "empty-window", message, "let `until` come after `from`")
    return Effective(start, end)


def _instant(ctx: Context, node: Node | None) -> int | None:
    if node is None or not isinstance(node.value, str):
        return None
    days = Days(ctx.defaults.timezone)
    found = as_instant(node.value, days) if as_date(node.value) else parse_instant(node.value)
    if found is None:
        ctx.report.error(node, *no_moment(node.value))
    return found
