"""The tests of a ruleset compiled to closures, and what each depends on (S13-S15).

`afterword.meaning` says what the tests mean; a property test holds `predicate` to it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from afterword.calendar_tests import CALENDAR_TESTS, asks
from afterword.conditions import All, AnyOf, FieldTest, Not, Ref, Root
from afterword.meaning import (
    MEASURES,
    READ_AS,
    Scene,
    inside,
    is_about_objects,
    is_about_time,
    parsed_moment,
    passes,
    pattern_of,
    value,
)
from afterword.text import mentions
from afterword.values import MISSING, is_among, is_array, is_number, items_of, same, texts_of

Check = Callable[[Any, Scene], bool]
"""Whether a test holds for a value, which may be `MISSING`."""


Atom = tuple[int, int, Callable[[Scene], bool]]
"""The bits of the mask that a test sets when it holds and when it does not, and the test, compiled."""


def held(atoms: Iterable[Atom], scene: Scene) -> int:
    """The bits that the atoms set in a scene."""
    mask = 0
    for if_so, if_not, test in atoms:
        mask |= if_so if test(scene) else if_not
    return mask


Getter = Callable[[Scene], Any]
"""Gives a value of a scene, or `MISSING`."""


def getter(ref: Ref) -> Getter:
    """`value` for one reference, as a closure."""
    if len(ref.path) != 1:
        return lambda scene: value(ref, scene)
    (key,) = ref.path
    if ref.root == "data":
        return lambda scene: scene.data.get(key, MISSING)
    root = operator.attrgetter(ref.root)
    return lambda scene: root(scene).get(key, MISSING)


def holder(ref: Ref) -> tuple[Callable[[Scene], Mapping[str, Any]], str]:
    """What holds the value of a reference in a scene, and the name under which it does."""
    *parents, name = ref.path
    if not parents:
        return operator.attrgetter(ref.root), name
    outer = getter(Ref(ref.root, tuple(parents)))

    def held(scene: Scene) -> Mapping[str, Any]:
        found = outer(scene)
        return found if isinstance(found, Mapping) else {}

    return held, name


def predicate(test: FieldTest) -> Callable[[Scene], bool]:
    """The test as a closure; what can be known before the first event is worked out here."""
    check, ref = _check(test), test.ref
    if ref is None:
        return lambda scene: check(MISSING, scene)
    get = getter(ref)
    return lambda scene: check(get(scene), scene)


def _check(test: FieldTest) -> Check:
    operand = test.operand
    if test.op == "exists":
        return lambda tested, _: (tested is not MISSING) is operand
    if not isinstance(operand, Ref):
        if is_about_time(test, operand):
            return _calendar_check(test) if test.op in CALENDAR_TESTS else _moment_check(test)
        if test.op in MEASURES:
            return _measured(MEASURES[test.op], _inner(operand))
        if test.op in ("any", "every"):
            return _each(test.op, operand)
        if test.op in _COMPILED:
            return _COMPILED[test.op](operand)
    return lambda tested, scene: passes(test, tested, scene)


def _inner(operand: object) -> Check:
    """The compiled condition on an inner value: a length, a size, an item."""
    match operand:
        case All(parts):
            checks = tuple(map(_inner, parts))
            return lambda item, scene: all(check(item, scene) for check in checks)
        case AnyOf(parts):
            checks = tuple(map(_inner, parts))
            return lambda item, scene: any(check(item, scene) for check in checks)
        case Not(part):
            check = _inner(part)
            return lambda item, scene: not check(item, scene)
        case FieldTest(None):
            return _check(operand)
        case FieldTest():
            passes_in = predicate(operand)
            return lambda _, scene: passes_in(scene)
        case _:
            return _equal(operand)


def _measured(measure: Callable[[object], int | None], suits: Check) -> Check:
    def check(tested: object, scene: Scene) -> bool:
        measured = measure(tested)
        return measured is not None and suits(measured, scene)

    return check


def _each(op: str, condition: object) -> Check:
    suits = _of_object(condition) if is_about_objects(condition) else _inner(condition)
    if op == "any":
        return lambda tested, scene: any(suits(item, scene) for item in items_of(tested))
    return lambda tested, scene: is_array(tested) and all(suits(item, scene) for item in items_of(tested))


def _of_object(condition: object) -> Check:
    suits = _inner(condition)
    return lambda item, scene: suits(item, inside(item, scene))


def _equal(operand: object) -> Check:
    if operand is None or isinstance(operand, bool):
        return lambda tested, _: tested is operand
    if isinstance(operand, str):
        return lambda tested, _: bool(tested == operand)
    if is_number(operand):
        return lambda tested, _: bool(tested == operand) and not isinstance(tested, bool)
    return lambda tested, _: same(tested, operand)


def _unequal(operand: object) -> Check:
    equal = _equal(operand)
    return lambda tested, scene: tested is not MISSING and not equal(tested, scene)


def _among(operand: object) -> Check:
    """A look-up among the items of the value's own type: so true is not found in the place of 1."""
    items = items_of(operand)
    texts = frozenset(item for item in items if isinstance(item, str))
    numbers = frozenset(item for item in items if is_number(item))
    alike: Mapping[type, frozenset[object]] = {
        str: texts,
        int: numbers,
        float: numbers,
        bool: frozenset(item for item in items if isinstance(item, bool)),
    }

    def check(tested: object, _: Scene) -> bool:
        known = alike.get(type(tested))
        return tested in known if known is not None else is_among(tested, items)

    return check


def _not_among(operand: object) -> Check:
    if not is_array(operand):
        return _never
    among = _among(operand)
    return lambda tested, scene: tested is not MISSING and not among(tested, scene)


def _never(_tested: object, _scene: Scene) -> bool:
    return False


def _number_check(compare: Callable[[Any, Any], bool]) -> Callable[[object], Check]:
    def compiled(operand: object) -> Check:
        if not is_number(operand):
            return _never
        return lambda tested, _: is_number(tested) and compare(tested, operand)

    return compiled


def _contains_check(operand: object) -> Check:
    texts = texts_of(operand)
    if len(texts) == 1:
        (text,) = texts
        return lambda tested, _: isinstance(tested, str) and text in tested
    return lambda tested, _: isinstance(tested, str) and any(text in tested for text in texts)


def _starts_check(operand: object) -> Check:
    texts = texts_of(operand)
    return lambda tested, _: isinstance(tested, str) and tested.startswith(texts)


def _ends_check(operand: object) -> Check:
    texts = texts_of(operand)
    return lambda tested, _: isinstance(tested, str) and tested.endswith(texts)


def _moment_check(test: FieldTest) -> Check:
    """Two dates, or two instants, need no calendar to tell which comes first."""
    bounds = [parsed_moment(bound) for bound in _bounds(test)]
    count = _BOUNDS.get((test.op, is_array(test.operand)))
    if len(bounds) != count or _depends_on_the_zone(test):
        return lambda tested, scene: passes(test, tested, scene)
    kind, ref, is_in_order = READ_AS[test.type], test.ref, _IN_ORDER[test.op]

    def check(tested: object, _: Scene) -> bool:
        moment = parsed_moment(tested, ref)
        return isinstance(moment, kind) and is_in_order(moment, *bounds)

    return check


_BOUNDS = {("before", False): 1, ("after", False): 1, ("between", True): 2}
_IN_ORDER: Mapping[str, Callable[..., bool]] = {
    "before": operator.lt,
    "after": operator.gt,
    "between": lambda moment, first, last: first <= moment <= last,
}


def _calendar_check(test: FieldTest) -> Check:
    kind, ref, holds_for = READ_AS.get(test.type, object), test.ref, asks(test.op, test.operand)

    def check(tested: object, scene: Scene) -> bool:
        moment = parsed_moment(tested, ref)
        return moment is not None and isinstance(moment, kind) and holds_for(moment, scene.days)

    return check


def _mentions_check(operand: object) -> Check:
    find = mentions(texts_of(operand))
    return lambda tested, _: isinstance(tested, str) and bool(find(tested))


def _matches_check(operand: object) -> Check:
    pattern = pattern_of(operand) if isinstance(operand, str) else None
    if pattern is None:
        return _never
    return lambda tested, _: isinstance(tested, str) and pattern.search(tested) is not None


_COMPILED: Mapping[str, Callable[[object], Check]] = {
    "is": _equal,
    "is_not": _unequal,
    "in": _among,
    "not_in": _not_among,
    "gt": _number_check(operator.gt),
    "gte": _number_check(operator.ge),
    "lt": _number_check(operator.lt),
    "lte": _number_check(operator.le),
    "contains": _contains_check,
    "starts_with": _starts_check,
    "ends_with": _ends_check,
    "mentions": _mentions_check,
    "matches": _matches_check,
}


# --- what a test depends on


def roots(test: FieldTest) -> frozenset[Root]:
    """Where the values come from that can change the outcome.

    A comparison of a date with an instant depends on the local days of the case, so on `case` and `subject`; so does
    what is asked of its calendar and its clock.
    """
    return frozenset(_roots(test, in_object=False))


def _roots(condition: object, in_object: bool) -> Iterator[Root]:
    """The roots; in an object of an array, `data` is that object, which was read with the array."""
    match condition:
        case FieldTest(ref, op, operand):
            yield from _roots(ref, in_object)
            yield from _roots(operand, in_object or (op in ("any", "every") and is_about_objects(operand)))
            if _depends_on_the_zone(condition):
                yield from ("case", "subject")
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _roots(part, in_object)
        case Not(part):
            yield from _roots(part, in_object)
        case Ref(root) if not (in_object and root == "data"):
            yield root


def _depends_on_the_zone(test: FieldTest) -> bool:
    if test.op in CALENDAR_TESTS:
        return True
    if isinstance(test.operand, Ref):
        return test.op == "between" or is_about_time(test, ())
    if not is_about_time(test, test.operand):
        return False
    return not all(isinstance(parsed_moment(bound), READ_AS.get(test.type, ())) for bound in _bounds(test))


def _bounds(test: FieldTest) -> tuple[object, ...]:
    return items_of(test.operand) if is_array(test.operand) else (test.operand,)
