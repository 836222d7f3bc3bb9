"""A rule with what the timeline asks of it worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from afterword.atoms import holder
from afterword.conditions import TEXT_TESTS, Ref, refs_of, tests_of
from afterword.meaning import Scene
from afterword.message import MESSAGE_WORDS, Slot
from afterword.phrasing import Voice
from afterword.ruleset import (
    CaseOpen,
    Clause,
    GateWord,
    Lookback,
    Moment,
    Rule,
    RuleGate,
    Span,
    Unless,
    While,
)
from afterword.windows import Locate, Measure, locate, measure, reads

WantedValue = tuple[str, Callable[[Scene], Mapping[str, Any]], str]
"""The path of a value, what holds it in a scene, and its name there."""


@dataclass(frozen=True, slots=True, eq=False)
class CompiledGate:
    """One item of a `while` or an `unless`: what it asks, and which answer keeps the rule quiet."""

    word: GateWord
    number: int
    """Its place among the items of its word, from 0."""
    item: While | Unless
    about_case: bool
    looks_back: bool
    """Which of the three kinds of item it is, if not a span."""
    shuts_if: bool
    """The answer that keeps the rule quiet: `unless` refuses what `while` demands."""
    key: str
    """Under which a scope keeps since when a span is open, or when a lookback last held."""
    ends: tuple[Locate, ...]
    """The moments of the `until` of a span."""


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule with what the timeline asks of it at run time worked out once."""

    rule: Rule
    voice: Voice
    id: str
    position: int
    """Its place in the order in which rules speak at one instant."""
    warns: bool
    """Whether it is a warning."""
    takes_again: bool
    """Whether an open advice of it takes new triggers for itself."""
    gates: tuple[CompiledGate, ...]
    """What its `while` and its `unless` ask, in this order."""
    seen: tuple[tuple[WantedValue, ...], ...]
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


def compiled_rule(voice: Voice, position: int, inhibited_by: tuple[str, ...] = ()) -> CompiledRule:
    """What the timeline needs of one rule."""
    rule = voice.rule
    return CompiledRule(
        rule=rule,
        voice=voice,
        id=rule.id,
        position=position,
        warns=rule.kind == "warning",
        takes_again=rule.kind == "recommendation" and rule.again != "each",
        gates=tuple(_gate(rule, gate) for gate in rule.gates()),
        seen=tuple(_wanted(tuple(_seen(rule, clause))) for clause in rule.when),
        has_text=tuple(any(t.op in TEXT_TESTS for t in tests_of(clause.where)) for clause in rule.when),
        hangs_on=tuple(dict.fromkeys(_remembered(rule))),
        inhibited_by=inhibited_by,
        measure=measure(rule.due),
        reads=reads(rule.due),
        gated=bool(rule.effective or rule.while_ or rule.unless),
    )


def count_key(rule: Rule, clause: int) -> str:
    """Under which a scope keeps what a clause of `when` has counted."""
    return f"{rule.id}/when/{clause}"


def gate_key(rule: Rule, gate: RuleGate) -> str:
    """Under which a scope keeps since when a span is open, or when a lookback last held."""
    return f"{rule.id}/{gate.word}/{gate.number}"


def _gate(rule: Rule, gate: RuleGate) -> CompiledGate:
    return CompiledGate(
        word=gate.word,
        number=gate.number,
        item=gate.item,
        about_case=isinstance(gate.item, CaseOpen),
        looks_back=isinstance(gate.item, Lookback),
        shuts_if=gate.word == "unless",
        key=gate_key(rule, gate),
        ends=tuple(map(locate, gate.item.ends)) if isinstance(gate.item, Span) else (),
    )


def _seen(rule: Rule, clause: Clause) -> Iterable[Ref]:
    """What an advice must keep of its trigger: for its explanation, its message and its `trigger.` tests."""
    refs = list(refs_of(clause.where))
    refs += [moment.base for moment in _moments(rule) if moment.base is not None]
    for pattern in (rule.fulfilled_by, rule.cancelled_by):
        for other in pattern:
            refs += [Ref("data", ref.path) for ref in refs_of(other.where) if ref.root == "trigger"]
    refs += [path_ref(path) for path in _names(rule) if path not in MESSAGE_WORDS]
    refs += [end.base for span in rule.spans() for end in span.ends if end.base]
    return (ref for ref in dict.fromkeys(refs) if ref.root != "trigger")


@lru_cache(maxsize=1024)
def _wanted(refs: tuple[Ref, ...]) -> tuple[WantedValue, ...]:
    """What reads these values: the same one for all rules that keep the same, whose advices then share them."""
    return tuple((str(ref), *holder(ref)) for ref in refs)


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
