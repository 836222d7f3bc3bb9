"""What the tests of the rule language mean, written to be read rather than to be fast (S13-S15).

Values are JSON values and nothing is converted (S14): a missing value, or one of another type, fails the
test. Nothing here raises.

Moments: a `date` is the local day that it names in the zone of the case. A value is before a date when it
comes before the start of that day, and after it when it comes after its end; as a value, a date counts as
the start of its day. `between` includes both ends, so the whole of the last day. A `datetime` is RFC 3339
text or `event.time`; two texts for one instant are equal. `weekday`, `business_day` and `time_of_day` ask what the
calendar and the clock on the wall show where the case is.

Where `any` and `every` test items that are objects, a path leads into the item, an operand's path too; `event.…`,
`case.…`, `subject.…` and `trigger.…` still lead out. Tests of plain items read operands from around them.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from afterword.calendar_tests import CALENDAR_TESTS
from afterword.conditions import EVENT_TIME, All, AnyOf, Condition, FieldTest, Not, Ref, tests_of
from afterword.dates import WEEKDAYS, as_date
from afterword.days import parse_instant
from afterword.text import Regex, mentions, regex, words
from afterword.values import MISSING, dig, is_among, is_array, is_number, items_of, same, texts_of

if TYPE_CHECKING:
    from afterword.days import Days


@dataclass(slots=True)
class Scene:
    """All that a test can see: the event, and what is remembered at that moment.

    `data` is the event's payload and `event` its attributes (`time` is an instant; an absent attribute has no
    key); `trigger` is the payload of the event that made an advice.
    """

    data: Mapping[str, object]
    event: Mapping[str, object]
    case: Mapping[str, object]
    subject: Mapping[str, object]
    trigger: Mapping[str, object]
    days: Days


def value(ref: Ref, scene: Scene) -> object:
    """What the path leads to, or `MISSING`."""
    return dig(getattr(scene, ref.root), ref.path)


# What the tests mean.


def holds(condition: Condition, scene: Scene) -> bool:
    """Whether the condition holds: the definition of the truth."""
    return _holds(condition, scene, MISSING)


def _holds(condition: Condition, scene: Scene, item: object) -> bool:
    match condition:
        case All(parts):
            return all(_holds(part, scene, item) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, scene, item) for part in parts)
        case Not(part):
            return not _holds(part, scene, item)
        case FieldTest(ref):
            return passes(condition, item if ref is None else value(ref, scene), scene)


def passes(test: FieldTest, tested: object, scene: Scene) -> bool:
    """Whether the test holds for this value, which may be `MISSING`."""
    if test.op == "exists":
        return (tested is not MISSING) is test.operand
    operand = value(test.operand, scene) if isinstance(test.operand, Ref) else test.operand
    if tested is MISSING or operand is MISSING:
        return False
    if test.op in MEASURES:
        measured = MEASURES[test.op](tested)
        return measured is not None and _suits(measured, operand, scene)
    if test.op in ("any", "every"):
        goes_in = is_about_objects(operand)
        each = (_suits(item, operand, inside(item, scene) if goes_in else scene) for item in items_of(tested))
        return any(each) if test.op == "any" else is_array(tested) and all(each)
    if is_about_time(test, operand):
        return _passes_in_time(test, tested, operand, scene.days)
    return _PLAIN[test.op](tested, operand)


def _suits(item: object, operand: object, scene: Scene) -> bool:
    if isinstance(operand, FieldTest | All | AnyOf | Not):
        return _holds(operand, scene, item)
    return same(item, operand)


def inside(item: object, scene: Scene) -> Scene:
    """What the condition on an object of an array can see: the object in the place of the event's payload."""
    fields = item if isinstance(item, Mapping) else {}
    return Scene(fields, scene.event, scene.case, scene.subject, scene.trigger, scene.days)


def is_about_objects(condition: object) -> bool:
    """Whether the condition on an item names fields, as one on an object does."""
    if not isinstance(condition, FieldTest | All | AnyOf | Not):
        return False
    return any(test.ref is not None for test in tests_of(condition))


def _by_number(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    return lambda tested, operand: is_number(tested) and is_number(operand) and compare(tested, operand)


def _by_text(finds: Callable[[str, str], bool]) -> Callable[[object, object], bool]:
    return lambda tested, operand: (
        isinstance(tested, str) and any(finds(tested, text) for text in texts_of(operand))
    )


def _is_between(tested: object, operand: object) -> bool:
    bounds = items_of(operand)
    return (
        len(bounds) == 2
        and _by_number(operator.ge)(tested, bounds[0])
        and _by_number(operator.le)(tested, bounds[1])
    )


def _mentions(tested: object, operand: object) -> bool:
    return isinstance(tested, str) and bool(finder(texts_of(operand))(tested))


def _matches(tested: object, operand: object) -> bool:
    pattern = pattern_of(operand) if isinstance(operand, str) else None
    return pattern is not None and isinstance(tested, str) and pattern.search(tested) is not None


finder = lru_cache(maxsize=1024)(mentions)


@lru_cache(maxsize=1024)
def pattern_of(text: str) -> Regex | None:
    """The compiled pattern; None for one that is no pattern (the check of the file reports it)."""
    found = regex(text)
    return found if isinstance(found, Regex) else None


_PLAIN: Mapping[str, Callable[[object, object], bool]] = {
    "is": same,
    "is_not": lambda tested, operand: not same(tested, operand),
    "in": is_among,
    "not_in": lambda tested, operand: is_array(operand) and not is_among(tested, operand),
    "gt": _by_number(operator.gt),
    "gte": _by_number(operator.ge),
    "lt": _by_number(operator.lt),
    "lte": _by_number(operator.le),
    "between": _is_between,
    "contains": _by_text(lambda tested, text: text in tested),
    "starts_with": _by_text(lambda tested, text: tested.startswith(text)),
    "ends_with": _by_text(lambda tested, text: tested.endswith(text)),
    "mentions": _mentions,
    "matches": _matches,
    "has": lambda tested, operand: is_among(operand, tested),
    "has_any": lambda tested, operand: any(is_among(item, tested) for item in items_of(operand)),
    "has_all": lambda tested, operand: (
        is_array(tested) and is_array(operand) and all(is_among(item, tested) for item in items_of(operand))
    ),
}

MEASURES: Mapping[str, Callable[[object], int | None]] = {
    "length": lambda tested: len(tested) if isinstance(tested, str) else None,
    "words": lambda tested: words(tested) if isinstance(tested, str) else None,
    "size": lambda tested: len(items_of(tested)) if is_array(tested) else None,
}


# Moments.

_LONGEST_MOMENT = 64
_ONE_DAY = dt.timedelta(days=1)
_EQUALITIES = frozenset({"is", "is_not", "in", "not_in"})
_OF_TIME_ALONE = CALENDAR_TESTS | {"before", "after"}
READ_AS: Mapping[str | None, type] = {"date": dt.date, "datetime": int}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The microseconds in `[start, end)`: a whole local day, or a single one for an instant."""

    start: int
    end: int


def is_about_time(test: FieldTest, operand: object) -> bool:
    """Whether the test compares moments, whose days are those of a zone, or asks which day or time they are."""
    if test.op == "between":
        return not any(map(is_number, items_of(operand)))
    return test.op in _OF_TIME_ALONE or (test.type == "datetime" and test.op in _EQUALITIES)


def _passes_in_time(test: FieldTest, tested: object, operand: object, days: Days) -> bool:
    if test.op in CALENDAR_TESTS:
        return _passes_on_calendar(test, tested, operand, days)
    when = _stretch(tested, test.ref, days, test.type)
    if is_array(operand):
        other: object = tuple(_stretch(item, None, days) for item in items_of(operand))
    else:
        other = _stretch(operand, test.operand, days)
    match test.op, when, other:
        case "before", _Stretch(), _Stretch():
            return when.start < other.start
        case "after", _Stretch(), _Stretch():
            return when.start >= other.end
        case "between", _Stretch(), (_Stretch() as first, _Stretch() as last):
            return first.start <= when.start < last.end
        case op, _, _:
            return op in _EQUALITIES and _PLAIN[op](when, other)


def _passes_on_calendar(test: FieldTest, tested: object, operand: Any, days: Days) -> bool:
    moment = moment_tested(test, tested)
    if moment is None:
        return False
    date = moment if isinstance(moment, dt.date) else days.local(moment).date()
    match test.op, moment:
        case "weekday", _:
            return WEEKDAYS[date.weekday()] in texts_of(operand)
        case "business_day", _:
            return days.is_business_day(date.toordinal()) is operand
        case "time_of_day", int():
            return _is_within(f"{days.local(moment):%H:%M}", *operand)
    return False


def moment_tested(test: FieldTest, tested: object) -> dt.date | int | None:
    """The date or instant that a value names, if it is one of the type that the test is of."""
    moment = parsed_moment(tested, test.ref)
    return moment if isinstance(moment, READ_AS.get(test.type, object)) else None


def _is_within(clock: str, start: str, end: str) -> bool:
    """Whether a clock shows a time from the start on and before the end, with midnight between if need be."""
    return start <= clock < end if start < end else clock >= start or clock < end


def _stretch(tested: object, ref: object, days: Days, type: str | None = None) -> object:
    """The stretch of time that a value names; the value itself when it names none."""
    parsed = parsed_moment(tested, ref)
    if parsed is None or not isinstance(parsed, READ_AS.get(type, object)):
        return tested
    if isinstance(parsed, int):
        return _Stretch(parsed, parsed + 1)
    start = days.start_of(parsed)
    return _Stretch(start, days.start_of(parsed + _ONE_DAY) if parsed < dt.date.max else start + 1)


def parsed_moment(tested: object, ref: object = None) -> dt.date | int | None:
    """The date or instant that a value names: a text may name one, and the event's time is one."""
    if isinstance(tested, str):
        return _parsed_text(tested) if len(tested) <= _LONGEST_MOMENT else None
    return tested if isinstance(tested, int) and ref == EVENT_TIME else None


@lru_cache(maxsize=4096)
def _parsed_text(text: str) -> dt.date | int | None:
    date = as_date(text)
    return parse_instant(text) if date is None else date
