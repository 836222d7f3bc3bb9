"""Compares two patterns: which tests came, which went, and whether anything is lost by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from afterword import wording
from afterword.calendar_tests import CALENDAR_TESTS, cells
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.describe import clause_words, event_words
from afterword.ruleset import Clause, Pattern
from afterword.values import same

_GROWING = {
    "is": "is",
    "in": "is",
    "mentions": "mentions",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "has": "has",
    "has_any": "has",
    "weekday": "is on",
}
"""Tests that more items make easier to pass, with their words."""

_SHRINKING = {"is_not": "is not", "not_in": "is not", "has_all": "has all of"}
"""Tests that more items make harder to pass."""

_AT_LEAST = ("gt", "gte")
_AT_MOST = ("lt", "lte")


class Parts(NamedTuple):
    """What went and what came."""

    gone: tuple[str, ...]
    came: tuple[str, ...]

    def __add__(self, other: object) -> Parts:
        assert isinstance(other, Parts)
        return Parts(self.gone + other.gone, self.came + other.came)

    def after(self, lead: str) -> Parts:
        """The same, each behind these words."""
        return Parts(tuple(lead + each for each in self.gone), tuple(lead + each for each in self.came))


NOTHING = Parts((), ())


class Statement(NamedTuple):
    """One thing that a pattern says, and the items of which any (or all) will do."""

    text: str
    items: tuple[object, ...] = ()

    def __str__(self) -> str:
        return f"{self.text} {wording.value(self.items)}" if self.items else self.text


def compare_patterns(old: Pattern, new: Pattern) -> Parts:
    """What the patterns do not share, in plain words. Nothing, when they say the same in another order."""
    pairs, gone, came = _paired(old, new)
    several = len(old) > 1 or len(new) > 1
    told = NOTHING
    for before, after in pairs:
        parts = compare_statements(_clause(before), _clause(after))
        told += parts.after(f"{_types(before, after)}: ") if several else parts
    return told + Parts(tuple(map(clause_words, gone)), tuple(map(clause_words, came)))


def compare_statements(old: Iterable[Statement], new: Iterable[Statement]) -> Parts:
    """Statements of one side only; of those that differ in their items, these."""
    before, after = _by_text(old), _by_text(new)
    told = NOTHING
    for text in dict.fromkeys((*before, *after)):
        told += _compare_items(text, before.get(text, []), after.get(text, []))
    return told


def compare_lists(
    old: Sequence[object], new: Sequence[object], words: Callable[[object], str] = wording.value
) -> Parts:
    """The items that only one of the two has."""
    return Parts(
        tuple(words(item) for item in old if not _is_in(item, new)),
        tuple(words(item) for item in new if not _is_in(item, old)),
    )


def compare_names(old: Iterable[str], new: Iterable[str]) -> Parts:
    """The names that only one of the two has."""
    return compare_lists(tuple(old), tuple(new), str)


def is_wider(old: Pattern, new: Pattern) -> bool:
    """Whether the new pattern certainly holds wherever the old one did, as far as its form tells."""
    return all(any(_takes_in(before, after) for after in new) for clause in old for before in _singly(clause))


def implies(condition: Condition | None, other: Condition | None) -> bool:
    """Whether the other condition certainly holds where this one does, as far as their form tells."""
    match condition, other:
        case _, None:
            return True
        case None, _:
            return False
        case AnyOf(parts), _:
            return all(implies(part, other) for part in parts)
        case _, All(parts):
            return all(implies(condition, part) for part in parts)
        case Not(part), Not(of):
            return implies(of, part)
        case FieldTest(), FieldTest():
            return _test_implies(condition, other)
    inner = condition.parts if isinstance(condition, All) else ()
    outer = other.parts if isinstance(other, AnyOf) else ()
    return any(implies(part, other) for part in inner) or any(implies(condition, part) for part in outer)


# --- clauses


def _paired(old: Pattern, new: Pattern) -> tuple[list[tuple[Clause, Clause]], list[Clause], list[Clause]]:
    """Which clause became which, the most alike first; then those that went and those that came."""
    gone, came = list(old), list(new)
    pairs = []
    for likeness in (_is_same, _has_same_types, _has_common_types, _has_same_test):
        for before in list(gone):
            after = next((each for each in came if likeness(before, each)), None)
            if after is not None:
                gone.remove(before)
                came.remove(after)
                pairs.append((before, after))
    return pairs, gone, came


def _is_same(old: Clause, new: Clause) -> bool:
    return old == new


def _has_same_types(old: Clause, new: Clause) -> bool:
    return set(old.types) == set(new.types)


def _has_common_types(old: Clause, new: Clause) -> bool:
    return not set(old.types).isdisjoint(new.types)


def _has_same_test(old: Clause, new: Clause) -> bool:
    return old.where == new.where


def _types(old: Clause, new: Clause) -> str:
    """What to call a clause that changed: by the types that it has kept, if it has."""
    kept = [name for name in old.types if name in new.types]
    return wording.joined([event_words(name) for name in kept or new.types], "or")


def _singly(clause: Clause) -> list[Clause]:
    """The clause type by type, which is the same unless it counts them together."""
    return [replace(clause, types=(name,)) for name in clause.types] if clause.count is None else [clause]


def _takes_in(old: Clause, new: Clause) -> bool:
    if not set(old.types) <= set(new.types) or not implies(old.where, new.where):
        return False
    if old.count is None or new.count is None:
        return new.count is None
    at_least = new.count.at_least <= old.count.at_least
    return at_least and (old.count.within, old.count.distinct) == (new.count.within, new.count.distinct)


# --- statements


def _clause(clause: Clause) -> Iterator[Statement]:
    for name in clause.types:
        yield Statement(event_words(name))
    if clause.where is not None:
        yield from _tests(clause.where)
    if clause.count is not None:
        different = f" with different {clause.count.distinct}" if clause.count.distinct else ""
        yield Statement(f"{clause.count.at_least} or more{different} within {clause.count.within}")


def _tests(tree: Condition, negated: bool = False, alternative: bool = False) -> Iterator[Statement]:
    """Every test, told with what hangs on it: it is asked for, it is enough, or it must not hold."""
    match tree:
        case Not(part):
            yield from _tests(part, not negated, alternative)
        case All(parts) | AnyOf(parts):
            is_choice = isinstance(tree, AnyOf) != negated and len(parts) > 1
            for part in parts:
                yield from _tests(part, negated, alternative or is_choice)
        case FieldTest():
            lead = ("or where not" if negated else "or where") if alternative else "but not where"
            yield _test(tree, lead if alternative or negated else "where")


def _test(tested: FieldTest, lead: str) -> Statement:
    words = {**_GROWING, **_SHRINKING}.get(tested.op)
    if words is None or isinstance(tested.operand, Ref):
        return Statement(f"{lead} {wording.subject(tested)} {wording.test(tested)}")
    return Statement(f"{lead} {wording.subject(tested)} {words}", _items(tested))


def _by_text(statements: Iterable[Statement]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.text, []).append(statement)
    return found


def _compare_items(text: str, old: list[Statement], new: list[Statement]) -> Parts:
    """Statements of the same text: equal ones cancel out, the rest are told item by item, pair by pair."""
    gone = [each for each in old if not any(_has_same_items(each, other) for other in new)]
    came = [each for each in new if not any(_has_same_items(each, other) for other in old)]
    told = NOTHING
    while gone and came:
        before, after = gone.pop(0), came.pop(0)
        went = tuple(item for item in before.items if not _is_in(item, after.items))
        arrived = tuple(item for item in after.items if not _is_in(item, before.items))
        told += Parts(_each(text, went), _each(text, arrived))
    return told + Parts(tuple(map(str, gone)), tuple(map(str, came)))


def _each(text: str, items: tuple[object, ...]) -> tuple[str, ...]:
    return (str(Statement(text, items)),) if items else ()


def _has_same_items(one: Statement, other: Statement) -> bool:
    return not any(compare_lists(one.items, other.items))


def _items(tested: FieldTest) -> tuple[object, ...]:
    if tested.op == "weekday":
        return wording.weekdays(tested.operand)
    return tested.operand if isinstance(tested.operand, tuple) else (tested.operand,)


def _is_in(item: object, items: Sequence[object]) -> bool:
    return any(same(item, other) for other in items)


# --- what follows from what


def _test_implies(test: FieldTest, other: FieldTest) -> bool:
    if test.ref != other.ref:
        return False
    if test.op == other.op and same(test.operand, other.operand):
        return True
    if isinstance(test.operand, Ref) or isinstance(other.operand, Ref):
        return False
    if test.op == other.op and test.op in CALENDAR_TESTS:
        return not cells(test.op, test.operand) & ~cells(other.op, other.operand)
    return _lists_imply(test, other) or _amounts_imply(test, other) or _inner_imply(test, other)


def _lists_imply(test: FieldTest, other: FieldTest) -> bool:
    few, many = _items(test), _items(other)
    for family in (_GROWING, _SHRINKING):
        if test.op in family and other.op in family and family[test.op] == family[other.op]:
            part, whole = (few, many) if family is _GROWING else (many, few)
            return all(_is_in(item, whole) for item in part)
    return False


def _amounts_imply(test: FieldTest, other: FieldTest) -> bool:
    low, high = test.operand, other.operand
    if test.op != other.op or not isinstance(low, int | float) or not isinstance(high, int | float):
        return False
    return (test.op in _AT_LEAST and low >= high) or (test.op in _AT_MOST and low <= high)


def _inner_imply(test: FieldTest, other: FieldTest) -> bool:
    inner, outer = test.operand, other.operand
    tree = FieldTest | All | AnyOf | Not
    return (
        test.op == other.op and isinstance(inner, tree) and isinstance(outer, tree) and implies(inner, outer)
    )
