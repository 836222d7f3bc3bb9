"""What the rules ask of the events of one type: the tests to make, the patterns, and what each pattern is for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from afterword.atoms import Atom, predicate, roots
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref, tests_of
from afterword.field_atoms import FieldAtoms, TestBits, simple_ref
from afterword.meaning import Scene
from afterword.ruleset import Count, Scope
from afterword.values import MISSING

SCOPES: tuple[Scope, Scope] = ("case", "subject")


class Use(NamedTuple):
    """What a pattern is for: `key` names a span, a lookback or a count; `rule` is an index into the rules."""

    entry: int = -1
    rule: int = -1
    clause: int = 0
    key: str = ""
    quota: Count | None = None
    fulfils: bool = False
    """Of what ends advice: whether the advice is done then, and not moot."""
    bound: bool = False
    """Whether the pattern reads the trigger of the advice it is asked about."""


@dataclass(slots=True)
class Uses:
    """The uses of one event type in one scope, by what they do, each in the order of the rules."""

    # What triggers rules stands in the order in which they speak, and what ends their advice in the opposite one.

    closes_span: list[Use] = field(default_factory=list)
    opens_span: list[Use] = field(default_factory=list)
    counts: list[Use] = field(default_factory=list)
    ends: list[Use] = field(default_factory=list)
    triggers: list[Use] = field(default_factory=list)
    looks: list[Use] = field(default_factory=list)

    def holding(self, entries: frozenset[int]) -> Uses:
        """Only the uses whose pattern holds; a bound one stays, for its advice decides."""
        return Uses(
            *(
                [use for use in getattr(self, name) if use.bound or use.entry in entries]
                for name in self.__slots__  # the fields, in order
            )
        )

    def any(self) -> bool:
        """Whether there is anything to do."""
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(slots=True)
class ScopePlan:
    """What one event type does in one scope, and the answers the network gave so far."""

    uses: Uses = field(default_factory=Uses)
    facts: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    memo: dict[int, Uses] = field(default_factory=dict)
    idle: bool = True
    """Whether events of the type mean nothing to this scope's rules."""


@dataclass(slots=True)
class TypePlan:
    """All that the rules ask of one event type."""

    name: str
    number: int
    opens: bool = False
    closes: bool = False
    event_atoms: list[Atom] = field(default_factory=list)
    scope_atoms: list[Atom] = field(default_factory=list)
    trigger_atoms: list[Atom] = field(default_factory=list)
    case: ScopePlan = field(default_factory=ScopePlan)
    subject: ScopePlan = field(default_factory=ScopePlan)
    asked: dict[Hashable, FieldTest] = field(default_factory=dict)
    """Each test that any pattern makes, by its mark."""
    numbers: dict[tuple[Hashable, bool], int] = field(default_factory=dict)
    """The bits that stand for a test or for its negation."""
    by_field: list[FieldAtoms] = field(default_factory=list)
    """What answers the simple tests of the payload's fields."""
    by_fact: list[FieldAtoms] = field(default_factory=list)
    """The same for facts of the case and of the subject."""
    patterns: list[Condition | None] = field(default_factory=list)
    """Every condition that rules make on events of the type."""
    moves_state: bool = False
    """Whether an event of this type changes what is remembered, whatever the patterns say."""
    tells_passing: bool = False
    """Whether the type is `day.passed` or `FACT.passed` (S6)."""
    concerns_subject: bool = False
    """Whether an event of the type means anything to the subject itself."""
    may_mean_nothing: bool = False
    """Whether the values of an event can settle that it changes nothing, whatever is remembered."""

    def mask(self, data: Mapping[str, Any]) -> int:
        """The bits of the simple tests that hold for a payload."""
        mask = 0
        for atoms in self.by_field:
            mask |= atoms.mask(data.get(atoms.name, MISSING))
        return mask

    def facts_mask(self, scene: Scene) -> int:
        """The bits of the simple tests that hold for what is remembered."""
        mask = 0
        for atoms in self.by_fact:
            known = scene.case if atoms.root == "case" else scene.subject
            mask |= atoms.mask(known.get(atoms.name, MISSING))
        return mask

    def scope(self, scope: Scope) -> ScopePlan:
        """The plan of one scope."""
        return self.case if scope == "case" else self.subject

    def number_of(self, test: FieldTest, positive: bool) -> int:
        """The atom of this test or of its negation, shared by every pattern of the type."""
        mark = _mark(test)
        self.asked.setdefault(mark, test)
        return self.numbers.setdefault((mark, positive), len(self.numbers))

    def settle(self) -> None:
        """Sorts all that is asked by what answers it, once everything has been asked."""
        simple: dict[Ref, list[TestBits]] = {}
        for mark, test in self.asked.items():
            holds, fails = self._bit(mark, True), self._bit(mark, False)
            ref = simple_ref(test)
            if ref is None:
                self._atoms_for(test).append((holds, fails, predicate(test)))
            else:
                simple.setdefault(ref, []).append(TestBits(holds, fails, test))
        for ref, tests in simple.items():
            (self.by_field if ref.root == "data" else self.by_fact).append(FieldAtoms(ref, tests))
        for scoped in (self.case, self.subject):
            scoped.idle = not scoped.uses.any()
        self.moves_state = self.opens or self.closes or bool(self.case.facts or self.subject.facts)
        self.tells_passing = self.name.endswith(".passed")
        self.concerns_subject = bool(self.subject.facts) or not self.subject.idle
        self.may_mean_nothing = not (self.moves_state or self.tells_passing or self.asks_more_than_fields())

    def _bit(self, mark: Hashable, positive: bool) -> int:
        number = self.numbers.get((mark, positive))
        return 0 if number is None else 1 << number

    def _atoms_for(self, test: FieldTest) -> list[Atom]:
        read = roots(test)
        if "trigger" in read:
            return self.trigger_atoms
        if read & {"case", "subject"} or _asks_the_calendar(test):
            return self.scope_atoms
        return self.event_atoms

    def asks_more_than_fields(self) -> bool:
        """Whether patterns look at anything but the event."""
        return bool(self.by_fact or self.scope_atoms or self.trigger_atoms)


LONG = 100
"""A longer list is known by where it is: to read thousands of words again for each rule takes seconds."""


def _mark(test: FieldTest) -> Hashable:
    """What two tests have in common that are one atom."""
    operand = test.operand
    if isinstance(operand, tuple) and len(operand) > LONG:
        return test.ref, test.op, test.type, id(operand)  # which the ruleset holds as long as the program
    return repr(test)  # not the test itself: `is: true` and `is: 1` are equal in Python


def _asks_the_calendar(test: FieldTest) -> bool:
    """Whether the answer depends on which day it is somewhere: the zone is the scope's."""
    if test.op in ("before", "after") or (test.op == "between" and test.type in ("date", "datetime")):
        return True
    inner = test.operand if isinstance(test.operand, FieldTest | All | AnyOf | Not) else None
    return any(_asks_the_calendar(each) for each in tests_of(inner))
