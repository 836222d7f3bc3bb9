"""Compiles a ruleset into tables: for each event type, which tests to run and what each pattern does."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from afterword.atoms import Atom, Scene, holder, predicate, roots
from afterword.conditions import TEXT_TESTS, All, AnyOf, Condition, FieldTest, Not, Ref, refs_of, tests_of
from afterword.duration import Duration
from afterword.field_atoms import Asked, FieldAtoms, simple_ref
from afterword.message import MESSAGE_WORDS, Slot
from afterword.network import Entry, Formula, Kind, compile_condition
from afterword.network import network as network_of
from afterword.phrasing import Phrases
from afterword.ruleset import CaseOpen, Clause, Count, Lookback, Moment, Pattern, Rule, Ruleset, Scope, Span
from afterword.values import MISSING
from afterword.windows import Locate, Measure, locate, measure, reads

SCOPES: tuple[Scope, Scope] = ("case", "subject")
MEMO_LIMIT = 65_536


class Network(Protocol):
    """Answers which entries hold, given the atoms of an event that are true."""

    def matching(self, type: int, mask: int, /) -> tuple[int, ...]:
        """Indices of the entries of this type that hold under this mask, ascending."""


class Use(NamedTuple):
    """What a pattern is for: `key` names a span, a lookback or a count; `rule` is an index into the rules."""

    entry: int = -1
    rule: int = -1
    clause: int = 0
    key: str = ""
    quota: Count | None = None
    bound: bool = False
    """Whether the pattern reads the trigger of the advice it is asked about."""


@dataclass(slots=True)
class Uses:
    """The uses of one event type in one scope, by what they do, each in the order of the rules."""

    closes_span: list[Use] = field(default_factory=list)
    opens_span: list[Use] = field(default_factory=list)
    counts: list[Use] = field(default_factory=list)
    fulfils: list[Use] = field(default_factory=list)
    cancels: list[Use] = field(default_factory=list)
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
        simple: dict[Ref, list[Asked]] = {}
        for mark, test in self.asked.items():
            holds, fails = self._bit(mark, True), self._bit(mark, False)
            ref = simple_ref(test)
            if ref is None:
                self._atoms_for(test).append(Atom(holds, fails, predicate(test)))
            else:
                simple.setdefault(ref, []).append(Asked(holds, fails, test))
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


Wanted = tuple[str, Callable[[Scene], Mapping[str, Any]], str]
"""The path of a value, what holds it in a scene, and its name there."""


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule with what the timeline asks of it at run time worked out once."""

    rule: Rule
    id: str
    position: int
    warns: bool
    """Whether it is a warning."""
    takes_again: bool
    """Whether an open advice of it takes new triggers for itself."""
    spans: tuple[tuple[Span | CaseOpen, str], ...]
    ends: Mapping[str, tuple[Locate, ...]]
    """The moments of the `until` of each span, by the span's key."""
    looks: tuple[tuple[Lookback, str], ...]
    seen: tuple[tuple[Wanted, ...], ...]
    """Per clause: the values that an advice keeps."""
    has_text: tuple[bool, ...]
    """Per clause: whether it can mark stretches of text."""
    hangs_on: tuple[Ref, ...]
    """The remembered facts that its window is measured from."""
    inhibited_by: tuple[str, ...]
    measure: Measure
    """Its window as a function of the anchor."""
    reads: bool
    """Whether that hangs on anything else: on facts, or on fields of the trigger."""
    gated: bool
    """Whether anything but its pattern can keep it from speaking: effective dates, `while`, `unless`."""


@dataclass(slots=True)
class Program:
    """A compiled ruleset: immutable but for what it remembers of the network's answers and of its messages.

    Any number of engines can share one, also in several threads.
    """

    ruleset: Ruleset
    phrases: Phrases
    """What its rules say."""
    drafts: bool
    """Whether draft rules are among the rules."""
    rules: tuple[CompiledRule, ...]
    by_id: Mapping[str, CompiledRule]
    plans: Mapping[str, TypePlan]
    network: Network
    moves: Mapping[Scope, frozenset[str]]
    """Facts on which a window hangs, per scope of the fact."""
    heard: Mapping[str, frozenset[str] | None]
    """For each state whose `advice.STATE` rules listen to: of which rules, or of all of them (None)."""
    day_scopes: frozenset[Scope]
    passed_facts: Mapping[Scope, tuple[str, ...]]
    clocked: Mapping[Scope, bool]
    """Whether the clock has anything to tell to scopes of this kind."""
    reaches: Mapping[str, Duration | None]
    """How far back each count and each lookback sees; `None`: for ever."""

    def uses(self, plan: TypePlan, scope: Scope, mask: int) -> Uses:
        """The uses of this type in this scope that hold under this mask."""
        return self.uses_of(plan, plan.scope(scope), mask)

    def uses_of(self, plan: TypePlan, scoped: ScopePlan, mask: int) -> Uses:
        """The same for the plan of a scope."""
        found = scoped.memo.get(mask)
        if found is None:
            held = frozenset(self.network.matching(plan.number, mask))
            found = scoped.uses.holding(held)
            if len(scoped.memo) >= MEMO_LIMIT:
                scoped.memo.clear()
            scoped.memo[mask] = found
        return found


class _Builder:
    """Collects plans and patterns while the rules are walked once."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.plans: dict[str, TypePlan] = {}
        self.entries: list[Entry] = []
        self.known: dict[tuple[int, Formula | None], int] = {}

    def plan(self, event_type: str) -> TypePlan:
        plan = self.plans.get(event_type)
        if plan is None:
            plan = self.plans[event_type] = TypePlan(event_type, len(self.plans))
        return plan

    def entry(self, plan: TypePlan, where: Condition | None) -> int:
        plan.patterns.append(where)
        formula = None if where is None else compile_condition(where, plan.number_of)
        key = (plan.number, formula)
        if key not in self.known:
            self.known[key] = len(self.entries)
            self.entries.append(Entry(plan.number, formula))
        return self.known[key]

    def use(self, scope: Scope, kind: str, clause: Clause, purpose: Use) -> None:
        """Notes in the plan of each of the clause's types that the clause is used so."""
        bound = any(ref.root == "trigger" for ref in refs_of(clause.where))
        for event_type in clause.types:
            plan = self.plan(event_type)
            use = purpose._replace(entry=self.entry(plan, clause.where), bound=bound)
            getattr(plan.scope(scope).uses, kind).append(use)

    def pattern(self, scope: Scope, kind: str, pattern: Pattern, purpose: Use) -> None:
        for clause in pattern:
            self.use(scope, kind, clause, purpose)

    def rule(self, position: int, compiled: CompiledRule) -> None:
        rule = compiled.rule
        for number, clause in enumerate(rule.when):
            key, quota = count_key(rule, number), clause.count
            if quota is not None:
                self.use(rule.per, "counts", clause, Use(key=key, quota=quota))
            self.use(rule.per, "triggers", clause, Use(rule=position, clause=number, key=key, quota=quota))
        for span, key in compiled.spans:
            if isinstance(span, Span):
                self.pattern(rule.per, "opens_span", span.since, Use(key=key))
                self.pattern(rule.per, "closes_span", span.until, Use(key=key))
        for look, key in compiled.looks:
            self.pattern(rule.per, "looks", look.pattern, Use(key=key))
        self.pattern(rule.per, "fulfils", rule.fulfilled_by, Use(rule=position))
        self.pattern(rule.per, "cancels", rule.cancelled_by, Use(rule=position))

    def cases_and_facts(self) -> None:
        cases = self.ruleset.cases
        for event_type in cases.opened_by if cases else self.ruleset.events:
            self.plan(event_type).opens = True
        for event_type in cases.closed_by if cases else ():
            self.plan(event_type).closes = True
        for fact in self.ruleset.facts:
            for event_type in fact.sources:
                self.plan(event_type).scope(fact.per).facts.append((fact.name, fact.path))


def compile_ruleset(ruleset: Ruleset, *, network: Kind | None = None, drafts: bool = False) -> Program:
    """The program of a ruleset, for all the engines that are to run it: to compile takes longer than a short log.

    `network` is `"durable"`, `"plain"` or `None` (durable where it can be imported). Draft rules are left out
    unless asked for. Raises `NetworkUnavailable` when the network asked for is absent.
    """
    rules = [rule for rule in ruleset.rules if drafts or rule.status != "draft"]
    inhibitors = {rule.id: tuple(other.id for other in rules if rule.id in other.inhibits) for rule in rules}
    compiled = tuple(compiled_rule(rule, n, inhibitors[rule.id]) for n, rule in enumerate(rules))
    builder = _Builder(ruleset)
    builder.cases_and_facts()
    for position, rule in enumerate(compiled):
        builder.rule(position, rule)
    for plan in builder.plans.values():
        for scope in SCOPES:
            # A rule that inhibits goes first, so that what it inhibits sees it at the same instant.
            plan.scope(scope).uses.triggers.sort(key=lambda use: not compiled[use.rule].rule.inhibits)
        plan.settle()
    asked = {name: [s for s in SCOPES if plan.scope(s).uses.any()] for name, plan in builder.plans.items()}
    day_scopes = frozenset(asked.get("day.passed", ()))
    dates = [fact for fact in ruleset.facts if fact.type.type == "date"]
    passed_facts: dict[Scope, tuple[str, ...]] = {
        scope: tuple(fact.name for fact in dates if fact.per == scope and asked.get(f"{fact.name}.passed"))
        for scope in SCOPES
    }
    return Program(
        ruleset=ruleset,
        phrases=Phrases(ruleset),
        drafts=drafts,
        rules=compiled,
        by_id={rule.rule.id: rule for rule in compiled},
        plans=builder.plans,
        network=network_of(builder.entries, network),
        moves={scope: frozenset(_moving(compiled, scope)) for scope in SCOPES},
        heard={
            name.removeprefix("advice."): _heard(name, compiled)
            for name in builder.plans
            if name.startswith("advice.")
        },
        day_scopes=day_scopes,
        passed_facts=passed_facts,
        clocked={scope: scope in day_scopes or bool(passed_facts[scope]) for scope in SCOPES},
        reaches=dict(_reaches(compiled)),
    )


def _reaches(rules: Iterable[CompiledRule]) -> Iterable[tuple[str, Duration | None]]:
    for compiled in rules:
        for number, clause in enumerate(compiled.rule.when):
            if clause.count is not None:
                yield count_key(compiled.rule, number), clause.count.within
        for look, key in compiled.looks:
            yield key, look.within


def _heard(event_type: str, rules: Iterable[CompiledRule]) -> frozenset[str] | None:
    """Whose transitions the clauses on this type can hold for: a look ahead that saves taking all the others."""
    heard: set[str] = set()
    for compiled in rules:
        for clause in compiled.rule.clauses():
            if event_type in clause.types:
                named = _rules_named(clause.where)
                if named is None:
                    return None
                heard |= named
    return frozenset(heard)


def _rules_named(where: Condition | None) -> set[str] | None:
    """The rules that a condition on `rule` admits, when it says so plainly."""
    for test in where.parts if isinstance(where, All) else [where]:
        named = rules_named_by(test)
        if named is not None:
            return named
    return None


def rules_named_by(test: Condition | None) -> set[str] | None:
    """The rules whose transitions alone can pass a test, if it is one of `rule`."""
    if isinstance(test, FieldTest) and test.ref == Ref("data", ("rule",)):
        if test.op == "is" and isinstance(test.operand, str):
            return {test.operand}
        if test.op == "in" and isinstance(test.operand, tuple):
            return {each for each in test.operand if isinstance(each, str)}
    return None


def count_key(rule: Rule, clause: int) -> str:
    """Under which a scope keeps what a clause of `when` has counted."""
    return f"{rule.id}/when/{clause}"


def span_key(rule: Rule, number: int) -> str:
    """Under which a scope keeps since when a `while` holds."""
    return f"{rule.id}/while/{number}"


def compiled_rule(rule: Rule, position: int, inhibited_by: tuple[str, ...] = ()) -> CompiledRule:
    """What the timeline needs of one rule."""
    spans = tuple((span, span_key(rule, n)) for n, span in enumerate(rule.while_))
    looks = tuple((look, f"{rule.id}/unless/{n}") for n, look in enumerate(rule.unless))
    return CompiledRule(
        rule=rule,
        id=rule.id,
        position=position,
        warns=rule.kind == "warning",
        takes_again=rule.kind == "recommendation" and rule.again != "each",
        spans=spans,
        ends={key: tuple(map(locate, span.ends)) for span, key in spans if isinstance(span, Span)},
        looks=looks,
        seen=tuple(tuple((str(ref), *holder(ref)) for ref in _seen(rule, clause)) for clause in rule.when),
        has_text=tuple(any(t.op in TEXT_TESTS for t in tests_of(clause.where)) for clause in rule.when),
        hangs_on=tuple(dict.fromkeys(_remembered(rule))),
        inhibited_by=inhibited_by,
        measure=measure(rule.due),
        reads=reads(rule.due),
        gated=bool(rule.effective or rule.while_ or rule.unless),
    )


def _seen(rule: Rule, clause: Clause) -> Iterable[Ref]:
    """What an advice must keep of its trigger: for its explanation, its message and its `trigger.` tests."""
    refs = list(refs_of(clause.where))
    refs += [moment.base for moment in _moments(rule) if moment.base is not None]
    for pattern in (rule.fulfilled_by, rule.cancelled_by):
        for other in pattern:
            refs += [Ref("data", ref.path) for ref in refs_of(other.where) if ref.root == "trigger"]
    refs += [path_ref(path) for path in _names(rule) if path not in MESSAGE_WORDS]
    refs += [end.base for held in rule.while_ if isinstance(held, Span) for end in held.ends if end.base]
    return (ref for ref in dict.fromkeys(refs) if ref.root != "trigger")


def _names(rule: Rule) -> list[str]:
    return [part.path for part in rule.message.parts if isinstance(part, Slot)]


def path_ref(path: str) -> Ref:
    """The reference that a dotted path in a message means."""
    head, *rest = path.split(".")
    if rest and head in ("event", "case", "subject", "trigger"):
        return Ref(head, tuple(rest))  # type: ignore[arg-type]
    return Ref("data", (head, *rest))


def _moments(rule: Rule) -> tuple[Moment, ...]:
    return rule.due.start + (rule.due.end or ())


def _remembered(rule: Rule) -> Iterable[Ref]:
    for moment in _moments(rule):
        if moment.base is not None and moment.base.root in ("case", "subject"):
            yield moment.base


def _moving(rules: Iterable[CompiledRule], scope: Scope) -> Iterable[str]:
    for compiled in rules:
        for ref in compiled.hangs_on:
            if ref.root == scope:
                yield ref.path[0]
