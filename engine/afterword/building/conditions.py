"""A `where` of a rule file as a condition tree, each test checked against the type of its field (S13-S15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from afterword.building import operands
from afterword.building.calendar_mends import asks_calendar
from afterword.building.context import Context
from afterword.building.itself import warn_of_itself
from afterword.building.never import Literal, clashes
from afterword.building.references import Reach
from afterword.building.values import ANY, NAMES, sentence
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.document import entries, items, key_place, without
from afterword.ruleset import FieldType
from afterword.schema import read
from afterword.source import Node, Place

SCALARS = ("string", "integer", "number", "boolean", "date", "datetime")
_NUMBERS = ("integer", "number")
_TIMES = ("date", "datetime")

ALLOWED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("is", "is_not", "in", "not_in"), SCALARS),
    **dict.fromkeys(("gt", "gte", "lt", "lte"), _NUMBERS),
    "between": _NUMBERS + _TIMES,
    **dict.fromkeys(("before", "after", "weekday", "business_day"), _TIMES),
    "time_of_day": ("datetime",),
    "exists": (*SCALARS, "array", "object"),
    **dict.fromkeys(
        ("contains", "starts_with", "ends_with", "mentions", "matches", "length", "words"), ("string",)
    ),
    **dict.fromkeys(("has", "has_any", "has_all", "any", "every", "size"), ("array",)),
}
"""Which tests a field of each type can have (S13)."""


def where(ctx: Context, node: Node | None, reach: Reach) -> Condition | None:
    """The condition that a `where` writes; None where there is none."""
    if node is None or not isinstance(node.value, dict):
        return None
    return _together([part for key, child in entries(node) for part in _entry(ctx, node, key, child, reach)])


def _together(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _entry(ctx: Context, node: Node, key: str, child: Node, reach: Reach) -> list[Condition]:
    match key:
        case "all":
            return [All(_several(ctx, child, reach))]
        case "any":
            return [AnyOf(_several(ctx, child, reach))]
        case "not":
            inner = where(ctx, child, reach)
            return [Not(inner)] if inner is not None else []
    ref, type_ = ctx.references.find(key, key_place(node, key), reach, quiet=_is_to_be_missing(child))
    return [_test(ctx, ref, type_, child, reach)]


def _is_to_be_missing(test: Node) -> bool:
    """`{exists: false}`: it holds for a type that has no such field, so nothing is wrong there."""
    return list(test.keys) == ["exists"] and test.at(["exists"]).value is False


def _several(ctx: Context, node: Node, reach: Reach) -> tuple[Condition, ...]:
    found = [where(ctx, item, reach) for item in items(node)]
    return tuple(condition for condition in found if condition is not None)


def _test(ctx: Context, ref: Ref | None, type_: FieldType, node: Node, reach: Reach) -> Condition:
    """One value's test: a bare value or `{field: …}` means equals, else the tests of a mapping, all of them."""
    tested = operands.Tested(type_, reach, f"`{ref}`" if ref is not None else "the value")
    if isinstance(node.value, dict) and "field" not in node.keys:
        return _together(
            [
                _at(ctx, key_place(node, op), _compared(ctx, op, child, ref, tested))
                for op, child in entries(node)
                if _suits(ctx, op, node, tested) and not asks_calendar(ctx, op, child, ref, tested)
            ]
        )
    if not _suits(ctx, "is", node, tested) or asks_calendar(ctx, "is", node, ref, tested, bare=True):
        return All(())
    operand: Any = operands.one(ctx, node, tested, "write `{{in: {}}}`")
    test = FieldTest(ref, "is", operand, type_.type or None)
    warn_of_itself(ctx, node, test, reach)
    return _at(ctx, node.place(), test)


def _compared(ctx: Context, op: str, node: Node, ref: Ref | None, tested: operands.Tested) -> FieldTest:
    test = FieldTest(ref, op, _operand(ctx, op, node, tested), tested.type.type or None)
    warn_of_itself(ctx, node, test, tested.reach)
    return test


def _at(ctx: Context, place: Place, test: FieldTest) -> FieldTest:
    ctx.places[id(test)] = place
    return test


def warn_of_impossible(ctx: Context, condition: Condition | None, types: tuple[str, ...]) -> None:
    """Tells what of a condition on events of these types can never hold."""
    for literal, other in clashes(condition, types, ctx.defaults.weekend):
        place = ctx.places.get(id(literal.written))
        if place is None:
            continue
        message = f"This can never hold: {literal} excludes {_said(ctx, other, types)}."
        mend = "remove one of the two, or write both under `any` if either will do"
        ctx.report.warn(place, "never-true", message, mend)


def _said(ctx: Context, literal: Literal, types: tuple[str, ...]) -> str:
    """A test with its line, or what holds although it is written nowhere."""
    place = ctx.places.get(id(literal.written))
    if place is not None:
        return f"{literal} in line {place[0]}"
    return f"the event types {', '.join(types)}" if literal.test.op == "in" else "every number of things"


def _suits(ctx: Context, op: str, node: Node, tested: operands.Tested) -> bool:
    """Whether a value of this type can have this test."""
    type_ = tested.type
    if type_.type == "" or type_.type in ALLOWED[op]:
        return True
    bare = op not in node.keys
    place = node.place() if bare else key_place(node, op)
    usable = [name for name, types in ALLOWED.items() if type_.type in types]
    mend = f"tests for {NAMES[type_.type]}: " + ", ".join(f"`{name}`" for name in usable)
    if bare and type_.type == "array":
        mend = f"write `has: {node.text or '…'}`"
    message = sentence(f"{tested.called} is {NAMES[type_.type]}; the test `{op}` does not fit that.")
    ctx.report.error(place, "wrong-test", message, mend)
    return False


OperandReader = Callable[[Context, Node, operands.Tested], object]
"""Gives what a test compares with."""


def _operand(ctx: Context, op: str, node: Node, tested: operands.Tested) -> Any:
    return _READERS[op](ctx, node, tested)


def _other(ctx: Context, node: Node, tested: operands.Tested) -> object:
    return operands.one(ctx, node, tested, "write `not_in: {}`")


def _phrases(ctx: Context, node: Node, tested: operands.Tested) -> object:
    return operands.texts(ctx, node, tested, of_words=True)


def _flag(_ctx: Context, node: Node, _tested: operands.Tested) -> object:
    return node.value


def _item(ctx: Context, node: Node, tested: operands.Tested) -> object:
    return operands.one(ctx, node, tested.item(), "write `has_any: {}`")


def _items(ctx: Context, node: Node, tested: operands.Tested) -> object:
    return operands.many(ctx, node, tested.item())


def _measure(ctx: Context, node: Node, tested: operands.Tested) -> object:
    """The test of a length, a number of words or a size."""
    return _test(ctx, None, FieldType("integer"), node, tested.reach)


def _each(ctx: Context, node: Node, tested: operands.Tested) -> object:
    """The test of an item; what it may be depends on the items, so the schema is asked only now."""
    item, reach = tested.type.items or ANY, tested.reach
    is_object = item.type == "object" or (item.type == "" and isinstance(node.value, dict))
    reading = read(node, "ruleset", "where" if is_object else "test")
    for problem in reading.problems:
        ctx.report.add(problem)
    if id(reading.node) in reading.refused or (item.type == "" and is_object):
        return All(())
    node = without(reading.node, reading.refused)
    if not is_object:
        return _test(ctx, None, item, node, reach)
    inner = Reach(reach.types, reach.scope, reach.trigger, reach.sees_trigger, item.fields)
    return where(ctx, node, inner) or All(())


_READERS: Mapping[str, OperandReader] = {
    "is": operands.one,
    "is_not": _other,
    **dict.fromkeys(("in", "not_in"), operands.many),
    **dict.fromkeys(("gt", "gte", "lt", "lte"), operands.number),
    **dict.fromkeys(("before", "after"), operands.moment),
    **dict.fromkeys(("contains", "starts_with", "ends_with"), operands.texts),
    "mentions": _phrases,
    **dict.fromkeys(("length", "words", "size"), _measure),
    **dict.fromkeys(("has_any", "has_all"), _items),
    **dict.fromkeys(("any", "every"), _each),
    "between": operands.pair,
    **dict.fromkeys(("exists", "business_day"), _flag),
    "weekday": operands.weekdays,
    "time_of_day": operands.hours,
    "matches": operands.pattern,
    "has": _item,
}
