"""What can happen in a rule: every branch that the tests beside it are to see (S30)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from afterword.compiled_rules import CompiledGate, count_key, gate_key
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not
from afterword.describe import moment_words
from afterword.program import rules_named_by
from afterword.ruleset import (
    Cases,
    Clause,
    Count,
    Lookback,
    Moment,
    Pattern,
    Repeat,
    Rule,
    RuleGate,
    Ruleset,
    Span,
)
from afterword.wording import condition as in_words
from afterword.wording import joined

Role = Literal["when", "since", "until", "unless", "fulfilled_by", "cancelled_by"]

_LONG = 160
_CAME = {
    "until": "no {} came while it held",
    "fulfilled_by": "no {} came while it was open",
    "cancelled_by": "no {} came while it was open",
}
_AGAIN = {
    "restart": "nothing triggered it anew while it was open",
    "ignore": "nothing triggered it again while it was open",
    "each": "no second trigger came while it was open",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """One thing that can happen in a rule; `place` is where, much as the rule file writes it.

    `never` says in words that it did not happen. Other settings of the params are other words for the same
    branch.
    """

    rule: str
    place: str
    outcome: str
    never: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.never}" if self.place else self.never


class Probe(NamedTuple):
    """One clause of a rule's patterns: what it is for, where it stands, the key of its span or its count."""

    rule: Rule
    role: Role
    place: str
    clause: Clause
    key: str = ""


class Asked(NamedTuple):
    """A test or a group of tests in a clause, and the outcomes that matter."""

    place: str
    condition: Condition
    outcomes: tuple[bool, ...]


def branches(rule: Rule, ruleset: Ruleset) -> Iterator[Branch]:
    """Everything that can happen in a rule, each once, in the order of its keys."""
    yield Branch(rule.id, "", "said", "it never spoke")
    for probe in probes(rule):
        yield from _of_clause(probe)
    for place, outcome, never in _elsewhere(rule, ruleset.cases):
        yield Branch(rule.id, place, outcome, never)


def _elsewhere(rule: Rule, cases: Cases | None) -> Iterator[tuple[str, str, str]]:
    yield from _of_gates(rule)
    yield from _of_effective(rule)
    if rule.cooldown is not None:
        yield "cooldown", "shut", "it never kept the rule quiet"
        yield "cooldown", "open", "the rule never spoke again after it"
    for other in rule.inhibits:
        yield "inhibits", other, f"it never suppressed {other}"
    if rule.kind == "recommendation":
        yield from _of_moments("due.from", rule.due.start)
        yield from _of_moments("due.until", rule.due.end or ())
        yield from _of_repeat(rule.repeat)
        yield from _of_again(rule)
        yield from _of_ends(rule, cases)


# --- patterns


def numbered(place: str, number: int, among: Sequence[object]) -> str:
    """`when`, or `when[2]` where there are several; counted from 1."""
    return place if len(among) == 1 else f"{place}[{number + 1}]"


def gate_place(rule: Rule, gate: RuleGate | CompiledGate) -> str:
    """`while`, or `unless[2]`."""
    return numbered(gate.word, gate.number, rule.while_ if gate.word == "while" else rule.unless)


def probes(rule: Rule) -> Iterator[Probe]:
    """Every clause of the rule."""
    for n, clause in enumerate(rule.when):
        yield Probe(rule, "when", numbered("when", n, rule.when), clause, count_key(rule, n))
    for gate in rule.gates():
        place, key = gate_place(rule, gate), gate_key(rule, gate)
        if isinstance(gate.item, Span):
            yield from _probes(rule, "since", f"{place}.since", gate.item.since, key)
            yield from _probes(rule, "until", f"{place}.until", gate.item.until, key)
        elif isinstance(gate.item, Lookback):
            yield from _probes(rule, "unless", place, gate.item.pattern)
    yield from _probes(rule, "fulfilled_by", "fulfilled_by", rule.fulfilled_by)
    yield from _probes(rule, "cancelled_by", "cancelled_by", rule.cancelled_by)


def _probes(rule: Rule, role: Role, place: str, pattern: Pattern, key: str = "") -> Iterator[Probe]:
    for n, clause in enumerate(pattern):
        yield Probe(rule, role, numbered(place, n, pattern), clause, key)


def asked(probe: Probe) -> Iterator[Asked]:
    """The tests of a clause, and its groups of tests, each at a place of its own.

    A test is to be seen true and false. What follows of groups from their tests is left out: that parts of
    an `all` held together, and that no part of an `any` held, does not.
    """
    where = probe.clause.where
    if where is None:
        return
    outermost = where.parts if isinstance(where, All) else (where,)
    listens = all(name.startswith("advice.") for name in probe.clause.types)
    met: Counter[str] = Counter()
    for place, condition, outcomes in _asked(f"{probe.place}.where", where):
        met[place] += 1
        once = place if met[place] == 1 else f"{place} ({met[place]})"
        # The rule of a transition is a part of what the clause listens to, as is its type: no other comes.
        names_rule = listens and condition in outermost and rules_named_by(condition) is not None
        yield Asked(once, condition, (True,) if names_rule else outcomes)


def _asked(place: str, tree: Condition) -> Iterator[Asked]:
    match tree:
        case FieldTest(ref, op):
            yield Asked(f"{place}.{ref}" + (f".{op}" if op != "is" else ""), tree, (True, False))
        case Not(part):
            yield from _asked(f"{place}.not", part)
        case All(parts):
            if len(parts) > 1:
                yield Asked(place, tree, (True,))
            for part in parts:
                yield from _asked(place, part)
        case AnyOf(parts):
            if len(parts) > 1:
                yield Asked(f"{place}.any", tree, (False,))
            for n, part in enumerate(parts):
                yield from _asked(f"{place}.any[{n + 1}]", part)


def _of_clause(probe: Probe) -> Iterator[Branch]:
    rule, _, place, clause, _ = probe
    if clause.where is None:
        types = joined(clause.types, "or")
        yield Branch(rule.id, place, "came", _CAME.get(probe.role, "no {} came").format(types))
    for at, condition, outcomes in asked(probe):
        words = _short(in_words(condition))
        for outcome in map(truth, outcomes):
            yield Branch(rule.id, at, outcome, f"`{words}` was never {outcome}")
    if clause.count is not None:
        for outcome, never in _of_count(clause.count):
            yield Branch(rule.id, f"{place}.count", outcome, never)


def truth(outcome: bool) -> str:
    """An outcome of a test as a branch names it."""
    return "true" if outcome else "false"


def _of_count(count: Count) -> Iterator[tuple[str, str]]:
    yield "open", f"{count.at_least} within {count.within} were never reached"
    if count.at_least > 1:
        yield "shut", f"{count.at_least} within {count.within} were never too many to reach"
        yield "lapsed", f"nothing that it counts was ever older than {count.within}"
    if count.distinct is not None:
        yield "repeated", f"the same {count.distinct} never came twice"


# --- what keeps a rule quiet


_NEVER_OPEN = {"while": "it never held", "unless": "it always kept the rule quiet"}
_NEVER_SHUT = {"while": "it always held", "unless": "it never kept the rule quiet"}


def _of_gates(rule: Rule) -> Iterator[tuple[str, str, str]]:
    for gate in rule.gates():
        place = gate_place(rule, gate)
        yield place, "open", _NEVER_OPEN[gate.word]
        yield place, "shut", _NEVER_SHUT[gate.word]
        if isinstance(gate.item, Span):
            for end, moment in enumerate(gate.item.ends):
                never = f"it was never closed by time: {moment_words(moment)}"
                yield numbered(f"{place}.until", end, gate.item.ends), "passed", never
        elif isinstance(gate.item, Lookback) and gate.item.within is not None:
            yield f"{place}.within", "passed", f"no such event was older than {gate.item.within}"


def _of_effective(rule: Rule) -> Iterator[tuple[str, str, str]]:
    if rule.effective is not None:
        yield "effective", "open", "the rule never was in force"
        if rule.effective.start is not None:
            yield "effective.from", "shut", "nothing came before it"
        if rule.effective.end is not None:
            yield "effective.until", "shut", "nothing came after it"


# --- recommendations


def _of_moments(place: str, moments: Sequence[Moment]) -> Iterator[tuple[str, str, str]]:
    if len(moments) > 1:
        for n, moment in enumerate(moments):
            words = moment_words(moment, "the event" if place == "due.from" else None)
            yield numbered(place, n, moments), "taken", f"never taken: {words}"


def _of_repeat(repeat: Repeat | None) -> Iterator[tuple[str, str, str]]:
    if repeat is not None and repeat.at_most != 1:
        yield "repeat", "again", "it never came again"
        if repeat.at_most is not None:
            yield "repeat.at_most", "reached", f"it never came {repeat.at_most} times"


def _of_again(rule: Rule) -> Iterator[tuple[str, str, str]]:
    if not _speaks_once(rule):
        yield "again", rule.again, _AGAIN[rule.again]


def _speaks_once(rule: Rule) -> bool:
    """Whether the event that triggers the rule keeps it quiet for ever after, so that it cannot meet it while open."""
    triggers = {name for clause in rule.when for name in clause.types}
    looks = (item for item in rule.unless if isinstance(item, Lookback))
    return any(look.within is None and triggers <= _always(look.pattern) for look in looks)


def _of_ends(rule: Rule, cases: Cases | None) -> Iterator[tuple[str, str, str]]:
    if rule.fulfilled_by:
        yield "", "fulfilled", "it was never fulfilled"
    if rule.due.end is not None:
        yield "", "missed", "it was never missed"
    if rule.cancelled_by:
        yield "", "cancelled", "it was never cancelled by `cancelled_by`"
    if (
        rule.per == "case"
        and cases is not None
        and not cases.closed_by <= _always(rule.fulfilled_by + rule.cancelled_by)
    ):
        yield "", "closed", "its case never closed while it was open"


def _always(pattern: Pattern) -> frozenset[str]:
    """The event types for which the pattern holds whatever they bring."""
    return frozenset(name for clause in pattern if clause.where is None for name in clause.types)


def _short(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
