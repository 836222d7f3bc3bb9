"""Conditions in plain English, for explanations and for showing a rule."""

from __future__ import annotations

import json
from collections.abc import Sequence

from afterword.calendar_tests import WHOLE_DAY
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.dates import WEEKDAYS
from afterword.values import texts_of

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_PHRASES = {
    "is": "is {}",
    "is_not": "is not {}",
    "in": "is one of {}",
    "not_in": "is none of {}",
    "gt": "is more than {}",
    "gte": "is at least {}",
    "lt": "is less than {}",
    "lte": "is at most {}",
    "between": "is between {}",
    "before": "is before {}",
    "after": "is after {}",
    "contains": "contains {}",
    "starts_with": "starts with {}",
    "ends_with": "ends with {}",
    "mentions": "mentions {}",
    "matches": "matches {}",
    "has": "has {}",
    "has_any": "has any of {}",
    "has_all": "has all of {}",
}
_MEASURES = {"length": "characters", "words": "words", "size": "items"}
_AMOUNTS = {
    "is": "{}",
    "is_not": "other than {}",
    "gt": "more than {}",
    "gte": "at least {}",
    "lt": "fewer than {}",
    "lte": "at most {}",
}
_LISTED = 6


def condition(tree: Condition) -> str:
    """A whole condition in one phrase."""
    match tree:
        case FieldTest():
            return f"{subject(tree)} {test(tree)}"
        case All(parts):
            return joined([_grouped(part) for part in parts], "and") or "always"
        case AnyOf(parts):
            return joined([_grouped(part) for part in parts], "or") or "never"
        case Not(part):
            return f"not ({condition(part)})"


def subject(tested: FieldTest) -> str:
    """What a test looks at, as the rule file writes it."""
    return "it" if tested.ref is None else str(tested.ref)


def test(tested: FieldTest) -> str:
    """What a test asks: `is thank_you`, `mentions "forgot to mention"`."""
    op, operand = tested.op, tested.operand
    if op == "exists":
        return "is given" if operand else "is not given"
    if op in _MEASURES:
        return f"has {_amount(operand)} {_MEASURES[op]}"
    if op in ("any", "every"):
        which = "an item for which" if op == "any" else "only items for which"
        asked = condition(operand) if isinstance(operand, FieldTest | All | AnyOf | Not) else value(operand)
        return f"has {which} {asked}"
    if op == "weekday":
        return f"is on {joined(weekdays(operand), 'or')}"
    if op == "business_day":
        return "is on a business day" if operand else "is on no business day"
    if op == "time_of_day" and isinstance(operand, tuple):
        return _hours(*operand)
    if op == "between" and isinstance(operand, tuple) and len(operand) == 2:
        return f"is between {value(operand[0])} and {value(operand[1])}"
    return _PHRASES[op].format(value(operand))


def weekdays(operand: object) -> tuple[str, ...]:
    """The full names of the days that a `weekday` asks for."""
    return tuple(WEEK[WEEKDAYS.index(name)] for name in texts_of(operand))


def _hours(start: object, end: object) -> str:
    """A time of day: `is at 18:00 or later`, `is at a time before 08:00`."""
    first, last = WHOLE_DAY
    if end == last:
        return f"is at {start} or later"
    return f"is at a time before {end}" if start == first else f"is at a time from {start} until {end}"


def value(operand: object) -> str:
    """An operand or a value that was seen, short."""
    if isinstance(operand, Ref):
        return str(operand)
    if isinstance(operand, tuple | list):
        shown = [value(each) for each in operand[:_LISTED]]
        if len(operand) > _LISTED:
            shown.append(f"{len(operand) - _LISTED} more")
        return joined(shown, "or")
    if isinstance(operand, bool) or operand is None:
        return json.dumps(operand)
    if isinstance(operand, str):
        return operand if operand.isidentifier() else json.dumps(operand, ensure_ascii=False)
    return str(operand)


def _amount(asked: object) -> str:
    """How many: `more than 120`, `at least 2 and at most 5`."""
    match asked:
        case FieldTest(op="between", operand=(low, high)):
            return f"from {value(low)} to {value(high)}"
        case FieldTest(op=op, operand=operand):
            return _AMOUNTS.get(op, f"({op}) {{}}").format(value(operand))
        case All(parts):
            return joined([_amount(part) for part in parts], "and")
    return value(asked)


def _grouped(part: Condition) -> str:
    return (
        f"({condition(part)})" if isinstance(part, All | AnyOf) and len(part.parts) > 1 else condition(part)
    )


def times(count: int) -> str:
    """How often: `once`, `3 times`."""
    return "once" if count == 1 else f"{count} times"


def joined(parts: Sequence[str], word: str) -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"
