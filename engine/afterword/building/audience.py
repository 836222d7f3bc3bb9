"""Which rules an `advice.…` pattern can be about, in groups: asking each rule for each pattern would take too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref, tests_of
from afterword.ruleset import Rule

_ID = Ref("data", ("rule",))


class Group(NamedTuple):
    """Some of the rules of one kind and severity: those from one index up to another."""

    kind: str
    severity: str
    start: int
    stop: int


class Audience:
    """The rules by all that an `advice.…` event tells of them besides their id: kind and severity."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._alike: dict[tuple[str, str], list[Rule]] = {}
        self._places: dict[str, tuple[tuple[str, str], int]] = {}
        for rule in rules:
            alike = self._alike.setdefault((rule.kind, rule.severity), [])
            self._places[rule.id] = (rule.kind, rule.severity), len(alike)
            alike.append(rule)

    def members(self, group: Group) -> Sequence[Rule]:
        """The rules of a group."""
        return self._alike[group.kind, group.severity][group.start : group.stop]

    def heard(self, condition: Condition | None) -> Iterator[Group]:
        """Those that the condition can be about; only rules that it names are asked by themselves."""
        named: dict[tuple[str, str], list[int]] = {}
        for name in _named(condition):
            if name in self._places:
                key, place = self._places[name]
                named.setdefault(key, []).append(place)
        for key, rules in self._alike.items():
            asked = sorted(named.get(key, ()))
            if can_be_about(condition, replace(rules[0], id="")) is not False:
                silent = [place for place in asked if can_be_about(condition, rules[place]) is False]
                yield from (Group(*key, *span) for span in _spans(0, len(rules), silent))
            else:
                spoken = [place for place in asked if can_be_about(condition, rules[place]) is not False]
                yield from (Group(*key, place, place + 1) for place in spoken)


def _named(condition: Condition | None) -> set[str]:
    found = set[str]()
    for test in tests_of(condition):
        if test.ref == _ID:
            among = test.operand if isinstance(test.operand, tuple) else (test.operand,)
            found |= {name for name in among if isinstance(name, str)}
    return found


def _spans(start: int, stop: int, without: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The range without these places, in halves of halves: two patterns that leave out others share most of them."""
    if not without:
        yield start, stop
    elif stop - start > 1:
        middle = (start + stop) // 2
        yield from _spans(start, middle, [place for place in without if place < middle])
        yield from _spans(middle, stop, [place for place in without if place >= middle])


def can_be_about(condition: Condition | None, rule: Rule) -> bool | None:
    """Whether the condition holds for a transition of this rule: yes, no, or None when it depends on more."""
    match condition:
        case None:
            return True
        case Not(part):
            inner = can_be_about(part, rule)
            return None if inner is None else not inner
        case All(parts):
            found = [can_be_about(part, rule) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts):
            found = [can_be_about(part, rule) for part in parts]
            return True if True in found else None if None in found else False
        case FieldTest():
            return _passes(condition, rule)


def _passes(test: FieldTest, rule: Rule) -> bool | None:
    known: Mapping[Ref, str] = {
        _ID: rule.id,
        Ref("data", ("kind",)): rule.kind,
        Ref("data", ("severity",)): rule.severity,
    }
    value = known.get(test.ref) if test.ref is not None else None
    if value is None or isinstance(test.operand, Ref):
        return None
    among = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    match test.op:
        case "is" | "in":
            return value in among
        case "is_not" | "not_in":
            return value not in among
    return None
