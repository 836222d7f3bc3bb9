"""Conditions that can never hold, because two of their tests exclude each other (S13, S14)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from afterword.calendar_tests import CALENDAR_TESTS, WHOLE_DAY, cells
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.dates import WEEKDAYS, as_date
from afterword.days import Days, parse_instant
from afterword.meaning import Scene, is_about_time, parsed_moment, passes
from afterword.mistakes.words import shown
from afterword.values import is_number

_MOST = 400
"""So many tests of one condition are held against each other (long lists count as several): pairs grow fast."""

_MEASURES = ("length", "words", "size")
_SCENE = Scene({}, {}, {}, {}, {}, Days())


class Literal(NamedTuple):
    """A test that must hold, or must not; `written` is the test of the file that it comes from.

    `told` is what sentences show, where the test only follows from it.
    """

    test: FieldTest
    holds: bool = True
    written: FieldTest | None = None
    told: FieldTest | None = None

    def __str__(self) -> str:
        """The test as a rule file writes it."""
        test = self.told or self.test
        said = "" if test.ref is None else f"{test.ref}: "
        value = _written(test)
        said += value if test.op == "is" else f"{{{test.op}: {value}}}"
        return f"`{said}`" if self.holds else f"not `{said}`"


def _written(test: FieldTest) -> str:
    """What a test compares with, as a rule file writes it."""
    if isinstance(test.operand, Ref):
        return f"{{field: {test.operand}}}"
    if test.op == "time_of_day" and isinstance(test.operand, tuple):
        ends = zip(("from", "until"), test.operand, WHOLE_DAY, strict=True)
        return shown({key: f'"{time}"' for key, time, usual in ends if time != usual})
    if test.op == "weekday" and len(_several(test)) == 1:
        return shown(_several(test)[0])
    return shown(test.operand)


class Clash(NamedTuple):
    """A test that cannot hold where another one does."""

    literal: Literal
    other: Literal


def clashes(
    condition: Condition | None, types: Sequence[str] = (), weekend: Collection[int] = ()
) -> list[Clash]:
    """What makes a condition on events of these types, or a part of it, impossible, where the weekend is known."""
    if condition is None:
        return []
    known = FieldTest(Ref("event", ("type",)), "in", tuple(types), "string")
    return list(_Search(weekend).clashes([Literal(known)] if types else [], condition))


class _Search:
    """Looks through a condition; gives up quietly when it is larger than any that people write."""

    def __init__(self, weekend: Collection[int]) -> None:
        self._left = _MOST
        self._weekend = tuple(WEEKDAYS[day] for day in sorted(weekend))

    def clashes(self, around: Sequence[Literal], condition: Condition) -> Iterator[Clash]:
        """What is impossible in a condition where these tests around it hold."""
        dead, inner = self._look(around, condition, True)
        yield from [dead] if dead is not None else inner

    def _on_weekdays(self, literal: Literal) -> Iterator[Literal]:
        """What follows for the day of the week: a business day is none of the weekend, whatever the holidays are."""
        test, holds = literal.test, literal.holds
        if test.op == "business_day" and test.operand is holds and self._weekend:
            days = tuple(day for day in WEEKDAYS if day not in self._weekend) if holds else self._weekend
            yield Literal(replace(test, op="weekday", operand=days), holds, literal.written, test)

    def _look(
        self, around: Sequence[Literal], condition: Condition, holds: bool
    ) -> tuple[Clash | None, list[Clash]]:
        """Why the whole can never hold, or else which parts of it cannot."""
        literals, choices, negated = list[Literal](), list[_Choice](), list[Condition]()
        _flatten(condition, holds, literals, choices, negated)
        literals = [each for literal in literals for each in (literal, *self._on_weekdays(literal))]
        self._left -= sum(map(_cost, literals))
        if self._left < 0:
            return None, []
        dead = _first_clash([*around, *literals], len(around))
        if dead is not None:
            return dead, []
        inner: list[Clash] = []
        for choice in choices:
            looks = [self._look([*around, *literals], part, choice.holds) for part in choice.parts]
            fatal = [why for why, _ in looks if why is not None]
            if len(fatal) == len(looks) and fatal:
                return fatal[0], []
            inner += [clash for why, found in looks for clash in found if why is None]
            inner += fatal if choice.written else []
        for part in negated:
            why, _ = self._look([], part, True)
            inner += [why] if why is not None else []
        return None, inner


class _Choice(NamedTuple):
    """Parts of which one must hold (or, negated, fail); `written` where the file says `any`."""

    parts: tuple[Condition, ...]
    holds: bool
    written: bool


def _flatten(
    condition: Condition,
    holds: bool,
    literals: list[Literal],
    choices: list[_Choice],
    negated: list[Condition],
) -> None:
    """What all must hold: single tests, choices, and (to be looked at by themselves) what stands under `not`."""
    match condition:
        case FieldTest():
            literals += _literals(condition, holds)
        case Not(part):
            if holds and isinstance(part, All):
                negated.append(part)
            _flatten(part, not holds, literals, choices, negated)
        case All(parts) | AnyOf(parts) if isinstance(condition, All) is holds:
            for part in parts:
                _flatten(part, holds, literals, choices, negated)
        case All(parts) | AnyOf(parts):
            choices.append(_Choice(parts, holds, holds))


def _literals(test: FieldTest, holds: bool) -> Iterator[Literal]:
    """A test; one of a length, a number of words or a size as tests of a number that is called so."""
    if test.op == "exists":
        yield Literal(replace(test, operand=test.operand is holds), True, test)
    elif test.op in _MEASURES and test.ref is not None:
        measured = Ref(test.ref.root, (*test.ref.path, test.op))
        parts = test.operand.parts if isinstance(test.operand, All) else (test.operand,)
        if holds:
            yield Literal(FieldTest(measured, "gte", 0, "integer"))
        for part in parts if holds or len(parts) == 1 else ():
            if isinstance(part, FieldTest):
                yield Literal(replace(part, ref=measured), holds, part)
    else:
        yield Literal(test, holds, test)


def _first_clash(literals: Sequence[Literal], known: int) -> Clash | None:
    """The first test that excludes an earlier one of the same value; the first `known` are no news."""
    seen: dict[Ref, list[Literal]] = {}
    for number, literal in enumerate(literals):
        ref = literal.test.ref
        if ref is None:
            continue
        before = seen.setdefault(ref, [])
        if number >= known:
            for other in before:
                if _exclude(literal, other):
                    return Clash(literal, other)
            if before and _leave_nothing([*before, literal]):
                return Clash(literal, before[-1])
        before.append(literal)
    return None


def _leave_nothing(literals: Sequence[Literal]) -> bool:
    """Whether one of the tests names the only values there can be, and each of them fails another test."""
    plain = [each for each in literals if _is_plain(each.test)]
    for one in plain:
        values = _values(one.test) if one.holds else None
        if values is not None:
            return not any(all(_may(each.test, value, each.holds) for each in plain) for value in values)
    return False


def _cost(literal: Literal) -> int:
    """One for a test, and more for a test of many values."""
    return 1 + (len(literal.test.operand) // 10 if isinstance(literal.test.operand, tuple) else 0)


def _exclude(one: Literal, other: Literal) -> bool:
    """Whether not both can hold."""
    if one.holds and other.holds:
        return _rules_out(one.test, other.test) or _rules_out(other.test, one.test)
    if one.holds:
        return _implies(one.test, other.test)
    return other.holds and _implies(other.test, one.test)


def _rules_out(one: FieldTest, other: FieldTest) -> bool:
    """Whether the other test fails wherever this one holds."""
    if one.op == "exists":
        return one.operand is False and not (other.op == "exists" and other.operand is False)
    values = _values(one)
    if values is not None and _is_plain(other):
        return not any(_may(other, value) for value in values)
    if one.op == other.op and one.op in _EDGES and isinstance(one.operand, str):
        edge = _EDGES[one.op]
        return isinstance(other.operand, str) and not (
            edge(one.operand, other.operand) or edge(other.operand, one.operand)
        )
    if one.op == other.op and one.op in CALENDAR_TESTS:
        return not cells(one.op, one.operand) & cells(other.op, other.operand)
    stretch, wider = _stretch(one), _stretch(other)
    return stretch is not None and wider is not None and stretch.misses(wider)


def _implies(one: FieldTest, other: FieldTest) -> bool:
    """Whether the other test holds wherever this one does."""
    if one.op == "exists":
        return False
    if one.op == other.op and one.operand == other.operand and shown(one.operand) == shown(other.operand):
        return True
    values = _values(one)
    if values is not None and _is_plain(other):
        return not any(_may(other, value, holds=False) for value in values)
    if one.op == other.op and one.op in CALENDAR_TESTS:
        return not cells(one.op, one.operand) & ~cells(other.op, other.operand)
    stretch, wider = _stretch(one), _stretch(other)
    return stretch is not None and wider is not None and stretch.lies_in(wider)


_EDGES = {"starts_with": str.startswith, "ends_with": str.endswith}
_PLAIN = frozenset({
    "is", "is_not", "in", "not_in", "gt", "gte", "lt", "lte", "between", "before", "after",
    "weekday", "contains", "starts_with", "ends_with", "mentions", "matches",
})  # fmt: skip
_Scalar = str | int | float | bool | None


def _is_plain(test: FieldTest) -> bool:
    """Whether the test compares with values that are known now."""
    return test.op in _PLAIN and all(isinstance(value, _Scalar) for value in _several(test))


def _several(test: FieldTest) -> tuple[object, ...]:
    return test.operand if isinstance(test.operand, tuple) else (test.operand,)


def _may(test: FieldTest, value: object, holds: bool = True) -> bool:
    """Whether the test may come out so for this value, in some time zone."""
    return _hangs_on_zone(test, value) or passes(test, value, _SCENE) is holds


def _hangs_on_zone(test: FieldTest, value: object) -> bool:
    """Whether it compares a day with an instant, or asks on which day that is: only the zone of the case tells."""
    if test.op in CALENDAR_TESTS:
        return isinstance(parsed_moment(value), int)
    if not is_about_time(test, test.operand):
        return False
    kinds = {type(parsed_moment(each)) for each in (value, *_several(test))}
    return kinds >= {dt.date, int}


def _values(test: FieldTest) -> tuple[object, ...] | None:
    """The few values for which the test holds; None when they cannot be counted."""
    if test.op not in ("is", "in") or not _is_plain(test):
        return None
    return _several(test) or None


class _Stretch(NamedTuple):
    """Numbers, days or instants from `low` on and before `behind`, in steps of one where they are counted."""

    unit: str
    low: float
    behind: float

    def misses(self, other: _Stretch) -> bool:
        """Whether the two have nothing in common; one that is empty by itself is another mistake."""
        if self.low >= self.behind or other.low >= other.behind:
            return False
        return self.unit == other.unit and max(self.low, other.low) >= min(self.behind, other.behind)

    def lies_in(self, other: _Stretch) -> bool:
        """Whether all of this is part of the other."""
        return self.unit == other.unit and other.low <= self.low and self.behind <= other.behind


def _stretch(test: FieldTest) -> _Stretch | None:
    """The values for which a comparison holds; None for other tests, and for what is not known yet."""
    bounds = _several(test)
    if test.op in ("gt", "gte", "lt", "lte", "between") and all(map(is_number, bounds)):
        return _of_numbers(test, [float(each) for each in bounds])  # type: ignore[arg-type]
    if test.op in ("before", "after", "between"):
        days = [date.toordinal() for date in map(as_date, bounds) if date is not None]
        if len(days) == len(bounds):
            return _of_times(test.op, "day", days, 1)
        instants = [parse_instant(each) if isinstance(each, str) else None for each in bounds]
        if all(each is not None for each in instants):
            return _of_times(test.op, "instant", [each or 0 for each in instants], 0)
    return None


def _of_numbers(test: FieldTest, bounds: Sequence[float]) -> _Stretch:
    """Of whole numbers those from the first that fits to the last; of others an open end is as good as a closed one."""
    first, last = bounds[0], bounds[-1]
    whole = test.type == "integer"
    above = math.floor(first) + 1 if whole else math.nextafter(first, math.inf)
    behind = math.floor(last) + 1 if whole else math.nextafter(last, math.inf)
    low, high = {
        "gt": (above, math.inf),
        "gte": (math.ceil(first) if whole else first, math.inf),
        "lt": (-math.inf, math.ceil(last) if whole else last),
        "lte": (-math.inf, behind),
        "between": (math.ceil(first) if whole else first, behind),
    }[test.op]
    return _Stretch("number", low, high)


def _of_times(op: str, unit: str, bounds: Sequence[int], length: int) -> _Stretch:
    """Days have a length: after one is from its end on, and `between` includes the whole of the last."""
    first, last = bounds[0], bounds[-1]
    low, behind = {
        "after": (first + (length or 1), math.inf),
        "before": (-math.inf, first),
        "between": (first, last + (length or 1)),
    }[op]
    return _Stretch(unit, low, behind)
