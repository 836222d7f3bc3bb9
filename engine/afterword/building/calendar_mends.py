"""Days of the week and times of day that are compared with a date or a time, and how to ask for them (S13).

What is written there belongs together: `in: [sat, sun]` is one mistake, and what stands below a test that excludes
it has to be excluded by the mend too.
"""

from __future__ import annotations

from collections.abc import Sequence

from afterword.building.context import Context
from afterword.building.operands import Tested
from afterword.building.settings import UNKNOWN
from afterword.building.values import NAMES
from afterword.conditions import Ref
from afterword.dates import WEEKDAYS
from afterword.document import items
from afterword.mistakes.days import clock_in, days_between, days_in, other_days, written
from afterword.mistakes.words import NO_TIME_OF_DAY
from afterword.source import Node

_OF_ITEMS = ("has", "has_any")
_OF_VALUES = ("is", "is_not", "in", "not_in", "between", "before", "after", *_OF_ITEMS)
_EXCLUDING = ("is_not", "not_in")


def asks_calendar(
    ctx: Context, op: str, node: Node, ref: Ref | None, tested: Tested, *, bare: bool = False
) -> bool:
    """Whether a test compares with nothing but days of the week or times of day, which is told then, as one mistake.

    `bare` says that the test is not named: its operand is all that stands there.
    """
    type_ = (tested.item() if op in _OF_ITEMS else tested).type.type
    if type_ not in ("date", "datetime") or op not in _OF_VALUES or isinstance(node.value, dict):
        return False
    values = _texts(ctx, node)
    mend = _of_days(op, node, values, ref) or _of_clock(op, values, type_)
    if not mend:
        return False
    if bare and mend.startswith(_WRITE):
        mend = mend.replace("`", "`{", 1).removesuffix("`") + "}`"
    blamed = items(node)[0] if isinstance(node.value, tuple) else node
    ctx.report.error(blamed, "bad-date", f"`{values[0]}` is not {NAMES[type_]}.", mend)
    return True


_WRITE = "for a "
"""So begins what to write in the place of the test; what else is to be done begins otherwise."""


def _texts(ctx: Context, node: Node) -> list[str]:
    """What a test compares with, in a list or a param too; nothing where not all of it is text."""
    meanings = [ctx.settings.meaning(item) for item in items(node)]
    values = [value for each in meanings for value in (each if isinstance(each, tuple) else (each,))]
    texts = [value for value in values if isinstance(value, str)]
    return texts if len(texts) == len(values) and UNKNOWN not in meanings else []


def _of_days(op: str, node: Node, values: Sequence[str], ref: Ref | None) -> str:
    named = [days_in(value) for value in values]
    if not named or not all(named):
        return ""
    if op in ("before", "after"):
        return "a day of the week comes again and again: name those that fit, as in `weekday: [sat, sun]`"
    days = tuple(dict.fromkeys(day for each in named for day in each))
    if op == "between":
        days = days_between(named[0][0], named[-1][-1])
    by_name = isinstance(node.value, str) and node.value.startswith("$") and set(values) <= set(WEEKDAYS)
    asked = str(node.value) if by_name else written(days)
    if op in _OF_ITEMS:
        return f"for a day of the week write `any: {{weekday: {asked}}}`"
    if op not in _EXCLUDING:
        return f"for a day of the week write `weekday: {asked}`"
    if ref is None:  # an item has no name that could stand below `not`
        return f"for the other days of the week write `weekday: {written(other_days(days))}`"
    return f"for the other days of the week write `not: {{{ref}: {{weekday: {asked}}}}}` instead of the test"


def _of_clock(op: str, values: Sequence[str], type_: str) -> str:
    times = [clock_in(value) for value in values]
    if not times or not all(times):
        return ""
    if type_ == "date":
        return NO_TIME_OF_DAY
    ends = _ends(op, times)
    if not ends:
        return "a time of day is a stretch, as in `time_of_day: {from: …, until: …}`, or one of the two"
    asked = ", ".join(f'{key}: "{time}"' for key, time in ends.items())
    return f"for a time of day write `time_of_day: {{{asked}}}`"


def _ends(op: str, times: Sequence[str]) -> dict[str, str]:
    """From when until when; nothing where that is no stretch of a day."""
    if op == "after" and times[0] != "00:00":
        return {"from": times[0]}
    if op == "before" and times[0] != "00:00":
        return {"until": times[0]}
    if op == "between" and len(set(times)) == 2:
        return {"from": times[0], "until": times[1]}
    return {}
