"""Compiles a ruleset into tables: for each event type, which tests to run and what each pattern does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn

from afterword.compiled_rules import CompiledRule, compiled_rule, count_key
from afterword.conditions import All, Condition, FieldTest, Ref, refs_of
from afterword.duration import Duration
from afterword.network import Entry, Formula, Memo, NetworkKind, compile_condition
from afterword.network import network as network_of
from afterword.network.memo import LIMIT
from afterword.phrasing import Voice
from afterword.plans import SCOPES, ScopePlan, TypePlan, Use, Uses
from afterword.ruleset import Clause, Lookback, Pattern, Rule, Ruleset, Scope, Span


@dataclass(slots=True)
class Program:
    """A compiled ruleset: immutable but for what it remembers of the network's answers and of its messages.

    Any number of engines can share one, also in several threads.
    """

    ruleset: Ruleset
    drafts: bool
    """Whether draft rules are among the rules."""
    rules: tuple[CompiledRule, ...]
    by_id: Mapping[str, CompiledRule]
    plans: Mapping[str, TypePlan]
    network: Memo
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

    def __reduce__(self) -> NoReturn:
        raise TypeError("a program cannot be pickled or copied; share it, or compile its ruleset there")

    def uses(self, plan: TypePlan, scope: Scope, mask: int) -> Uses:
        """The uses of this type in this scope that hold under this mask."""
        return self.uses_of(plan, plan.scope(scope), mask)

    def uses_of(self, plan: TypePlan, scoped: ScopePlan, mask: int) -> Uses:
        """The same for the plan of a scope."""
        found = scoped.memo.get(mask)
        if found is None:
            held = frozenset(self.network.matching(plan.number, mask))
            found = scoped.uses.holding(held)
            if len(scoped.memo) >= LIMIT:
                scoped.memo.clear()
            scoped.memo[mask] = found
        return found


class _Builder:
    """Collects plans and patterns while the rules are walked once."""

    def __init__(self, ruleset: Ruleset, rules: Sequence[CompiledRule]) -> None:
        self.ruleset = ruleset
        self.plans: dict[str, TypePlan] = {}
        self.entries: list[Entry] = []
        self.known: dict[tuple[int, Formula | None], int] = {}
        self.cases_and_facts()
        for position, rule in enumerate(rules):
            self.rule(position, rule)
        for plan in self.plans.values():
            for scope in SCOPES:
                uses = plan.scope(scope).uses
                uses.triggers.sort(key=lambda use: rules[use.rule].position)
                # What is inhibited ends before what inhibits it: else it would be released for no time at all.
                uses.ends.sort(key=lambda use: -rules[use.rule].position)
            plan.settle()

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
        for gate in compiled.gates:
            if isinstance(gate.item, Span):
                self.pattern(rule.per, "opens_span", gate.item.since, Use(key=gate.key))
                self.pattern(rule.per, "closes_span", gate.item.until, Use(key=gate.key))
            elif isinstance(gate.item, Lookback):
                self.pattern(rule.per, "looks", gate.item.pattern, Use(key=gate.key))
        self.pattern(rule.per, "ends", rule.fulfilled_by, Use(rule=position, fulfils=True))
        self.pattern(rule.per, "ends", rule.cancelled_by, Use(rule=position))

    def cases_and_facts(self) -> None:
        cases = self.ruleset.cases
        for event_type in cases.opened_by if cases else self.ruleset.events:
            self.plan(event_type).opens = True
        for event_type in cases.closed_by if cases else ():
            self.plan(event_type).closes = True
        for fact in self.ruleset.facts:
            for event_type in fact.sources:
                self.plan(event_type).scope(fact.per).facts.append((fact.name, fact.path))


def check_loaded(rules: object) -> None:
    """Raises `TypeError` for what is no rules, such as the name or the path of a ruleset."""
    if not isinstance(rules, Ruleset | Program):
        told = type(rules).__name__
        raise TypeError(
            f"The rules are a Ruleset or a Program; this is a `{told}`: `afterword.load` it first."
        )


class Misfit(NamedTuple):
    """Why rules cannot go on with a state, by what it was made under and what they are."""

    about: Literal["ruleset", "drafts"]
    was: str
    """The name of the ruleset; or `with`, or `without`, as to drafts."""
    now: str


def misfit(rules: Ruleset | Program, name: str, drafts: bool) -> Misfit | None:
    """What keeps rules from going on with a state of a ruleset of this name, with drafts or without.

    A ruleset that is not compiled yet can be compiled either way.
    """
    ruleset = rules if isinstance(rules, Ruleset) else rules.ruleset
    if ruleset.name != name:
        return Misfit("ruleset", name, ruleset.name)
    if isinstance(rules, Program) and rules.drafts != drafts:
        return Misfit("drafts", "with" if drafts else "without", "with" if rules.drafts else "without")
    return None


def compile_ruleset(ruleset: Ruleset, *, network: NetworkKind | None = None, drafts: bool = False) -> Program:
    """The program of a ruleset, for all the engines that are to run it: to compile takes longer than a short log.

    `network` is `"durable"`, `"plain"` or `None` (durable where it can be imported). Draft rules are left out
    unless asked for. Raises `NetworkUnavailable` when the network asked for is absent.
    """
    rules = _compiled(ruleset, [rule for rule in ruleset.rules if drafts or rule.status != "draft"])
    builder = _Builder(ruleset, rules)
    plans = builder.plans
    asked = {
        name: [scope for scope in SCOPES if plan.scope(scope).uses.any()] for name, plan in plans.items()
    }
    day_scopes = frozenset(asked.get("day.passed", ()))
    passed_facts = {scope: tuple(_passed_facts(ruleset, scope, asked)) for scope in SCOPES}
    return Program(
        ruleset=ruleset,
        drafts=drafts,
        rules=rules,
        by_id={rule.id: rule for rule in rules},
        plans=plans,
        network=network_of(builder.entries, network),
        moves={scope: frozenset(_moving(rules, scope)) for scope in SCOPES},
        heard=dict(_all_heard(plans, rules)),
        day_scopes=day_scopes,
        passed_facts=passed_facts,
        clocked={scope: scope in day_scopes or bool(passed_facts[scope]) for scope in SCOPES},
        reaches=dict(_reaches(rules)),
    )


def _compiled(ruleset: Ruleset, rules: Sequence[Rule]) -> tuple[CompiledRule, ...]:
    inhibitors = {rule.id: tuple(other.id for other in rules if rule.id in other.inhibits) for rule in rules}
    position = _positions(inhibitors)
    return tuple(
        compiled_rule(Voice(ruleset, rule), position[rule.id], inhibitors[rule.id]) for rule in rules
    )


def _positions(inhibitors: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """In which order rules speak: that of the file, but one that inhibits goes before those that it inhibits.

    So what it inhibits sees it at the same instant. Where rules inhibit one another in a circle, one of them is first.
    """
    position: dict[str, int] = {}
    met: set[str] = set()
    for first in inhibitors:
        path = [(first, iter(inhibitors[first]))]
        while path:
            rule, before = path[-1]
            met.add(rule)
            other = next((each for each in before if each not in met), None)
            if other is None:
                path.pop()
                position.setdefault(rule, len(position))
            else:
                path.append((other, iter(inhibitors[other])))
    return position


def _passed_facts(ruleset: Ruleset, scope: Scope, asked: Mapping[str, object]) -> Iterator[str]:
    """The remembered dates of a scope whose passing any rule asks for (S6)."""
    for fact in ruleset.facts:
        if fact.type.type == "date" and fact.per == scope and asked.get(f"{fact.name}.passed"):
            yield fact.name


def _all_heard(
    event_types: Iterable[str], rules: Sequence[CompiledRule]
) -> Iterator[tuple[str, frozenset[str] | None]]:
    """For each state of which rules listen to the transitions: of which rules they do."""
    for name in event_types:
        if name.startswith("advice."):
            yield name.removeprefix("advice."), _heard(name, rules)


def _reaches(rules: Iterable[CompiledRule]) -> Iterable[tuple[str, Duration | None]]:
    for compiled in rules:
        for number, clause in enumerate(compiled.rule.when):
            if clause.count is not None:
                yield count_key(compiled.rule, number), clause.count.within
        for gate in compiled.gates:
            if isinstance(gate.item, Lookback):
                yield gate.key, gate.item.within


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


def _moving(rules: Iterable[CompiledRule], scope: Scope) -> Iterable[str]:
    for compiled in rules:
        for ref in compiled.hangs_on:
            if ref.root == scope:
                yield ref.path[0]
