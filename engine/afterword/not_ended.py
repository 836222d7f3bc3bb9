"""Which advice an event did not end, although its type is one that can, and why: data first, text second (P6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Literal, NamedTuple

import msgspec

from afterword.compiled_rules import CompiledRule
from afterword.plans import Use
from afterword.ruleset import Rule
from afterword.shown import Shown, local_text, named, show
from afterword.timeline.endings import payload
from afterword.timeline.happening import Happening
from afterword.timeline.life import in_order
from afterword.timeline.state import NOTHING, Advice, ScopeState
from afterword.timeline.turn import Turn

Hindrance = Literal["condition", "dismissed", "missed", "other case", "nothing open"]


class Ending(msgspec.Struct, frozen=True):
    """One pattern by which events of the type can end an advice, as this event met it."""

    by: Literal["fulfilled_by", "cancelled_by"]
    holds: bool
    conditions: Shown | None
    """Each with the value that it saw; `None` if the pattern has no `where`."""

    def lines(self, indent: str = "") -> list[str]:
        """The pattern and its conditions as indented text."""
        head = f"{indent}{'yes' if self.holds else 'no '}  {self.by}:"
        return [head] if self.conditions is None else [head, *self.conditions.lines(indent + "  ")]


class NotEnded(msgspec.Struct, frozen=True):
    """An event and an advice that it did not end, although its type is one that can."""

    event: str
    type: str
    time: str
    rule: str
    case: str | None
    """The case of the advice."""
    advice: str | None
    """`None` if there was nothing to end."""
    state: str | None
    """The state of the advice when the event came."""
    outcome: Hindrance
    why: str
    endings: tuple[Ending, ...]

    def below_advice(self) -> list[str]:
        """As text below the advice: which event did not end it, and why."""
        return [f"{self.time}  {named(self.event, self.type)}: {self.why}", *self._failed("  ")]

    def below_event(self) -> list[str]:
        """As text below the event: which advice it did not end, and why."""
        where = "" if self.case is None else f", case {self.case}"
        which = "" if self.advice is None else f", advice {self.advice} ({self.state})"
        return [f"not ended  {self.rule}{where}{which}: {self.why}", *self._failed("  ")]

    def _failed(self, indent: str) -> list[str]:
        """The conditions, where it is they that failed."""
        if self.outcome != "condition":
            return []
        return [line for ending in self.endings for line in ending.lines(indent)]


def waits_for(rule: Rule) -> tuple[str, ...]:
    """The types of the events that can fulfil or cancel the advice of a rule."""
    clauses = rule.fulfilled_by + rule.cancelled_by
    return tuple(dict.fromkeys(name for clause in clauses for name in clause.types))


Wanted = Callable[[Advice], bool]
"""Whether an advice is one that somebody asks about."""


def not_ended(turn: Turn, scope: ScopeState, event: Happening, wanted: Wanted) -> Iterator[NotEnded]:
    """The advice that an event, arriving in a scope, leaves as it is there."""
    plan = turn.program.plans[event.type]
    if plan.closes and not scope.open:
        return  # all that is open there ends with the case
    for rule, advice in _kept(turn, scope, plan.scope(scope.kind).uses.ends):
        if wanted(advice):
            yield from _left_as_it_is(_meeting(turn, scope, event, rule, advice))


def in_other_cases(turn: Turn, scope: ScopeState, event: Happening, wanted: Wanted) -> Iterator[NotEnded]:
    """The advice that an event would have ended, had it named another case than that in which it arrives."""
    for rule in _absent(turn, scope, event, turn.program.plans[event.type].scope(scope.kind).uses.ends):
        for met in _elsewhere(turn, event, rule, wanted):
            yield met.told(
                "other case", f"it would have been fulfilled, but the event names case {event.case}"
            )


def nothing_open(turn: Turn, scope: ScopeState, event: Happening) -> Iterator[NotEnded]:
    """The rules whose advice an event would have fulfilled where it arrives, had there been any there or elsewhere."""
    for rule in _absent(turn, scope, event, turn.program.plans[event.type].scope(scope.kind).uses.ends):
        met = _meeting(turn, scope, event, rule)
        if met.holds("fulfilled_by") and not any(_elsewhere(turn, event, rule, lambda _: True)):
            yield met.told(
                "nothing open", "no advice was open or overdue that the event could have fulfilled"
            )


class _Meeting(NamedTuple):
    """An event meets an advice of a rule, or the place where there could be one."""

    turn: Turn
    scope: ScopeState
    event: Happening
    rule: CompiledRule
    advice: Advice | None
    endings: tuple[Ending, ...]

    def holds(self, by: str) -> bool:
        return any(each.holds for each in self.endings if each.by == by)

    def told(self, outcome: Hindrance, why: str) -> NotEnded:
        days = self.turn.days[self.turn.zone(self.scope, self.event.zone)]
        return NotEnded(
            event=self.event.ref,
            type=self.event.type,
            time=days.local(self.event.time).isoformat(),
            rule=self.rule.id,
            case=self.scope.case,
            advice=None if self.advice is None else self.advice.id,
            state=None if self.advice is None else self.advice.state,
            outcome=outcome,
            why=why,
            endings=self.endings,
        )


def _meeting(
    turn: Turn, scope: ScopeState, event: Happening, rule: CompiledRule, advice: Advice | None = None
) -> _Meeting:
    scene = turn.scene(scope, event, NOTHING if advice is None else payload(advice.seen))
    endings: list[Ending] = []
    for by, pattern in (("fulfilled_by", rule.rule.fulfilled_by), ("cancelled_by", rule.rule.cancelled_by)):
        for where in (clause.where for clause in pattern if event.type in clause.types):
            shown = None if where is None else show(where, scene)
            endings.append(Ending(by, shown is None or shown.holds, shown))  # type: ignore[arg-type]
    return _Meeting(turn, scope, event, rule, advice, tuple(endings))


def _left_as_it_is(met: _Meeting) -> Iterator[NotEnded]:
    """Why the event does not end this advice; nothing if it does (S19, S20)."""
    advice = met.advice
    assert advice is not None
    if not (met.holds("fulfilled_by") or met.holds("cancelled_by")):
        by = " and ".join(dict.fromkeys(f"`{each.by}`" for each in met.endings))
        yield met.told("condition", f"its {by} did not hold")
    elif advice.state == "missed":
        at = local_text(advice.history[-1].time, met.turn.days[advice.zone])
        yield met.told("missed", f"it had been missed at {at}; now it is no longer overdue")
    elif advice.state == "dismissed" and not met.holds("cancelled_by"):
        yield met.told("dismissed", "it had been dismissed, and what is dismissed is not fulfilled")


def _kept(turn: Turn, scope: ScopeState, uses: list[Use]) -> list[tuple[CompiledRule, Advice]]:
    """What is open or overdue in a scope of the rules that these uses serve, in the order of the rules."""
    rules = {turn.program.rules[use.rule].id for use in uses}
    kept = chain(scope.advices.values(), scope.missed.values())
    return in_order(turn, [advice for advice in kept if advice.rule in rules])


def _absent(turn: Turn, scope: ScopeState, event: Happening, uses: list[Use]) -> Iterator[CompiledRule]:
    """The rules whose advice the event can fulfil, and of which nothing is kept where it belongs."""
    if scope.case not in (None, event.case) or event.type not in turn.program.ruleset.events:
        return
    kept = {rule.id for rule, _ in _kept(turn, scope, uses)}
    for number in dict.fromkeys(use.rule for use in reversed(uses) if use.fulfils):
        rule = turn.program.rules[number]
        if rule.id not in kept:
            yield rule


def _elsewhere(turn: Turn, event: Happening, rule: CompiledRule, wanted: Wanted) -> Iterator[_Meeting]:
    """The open advice of a rule that the event would have fulfilled, had it named the case."""
    for name in sorted(turn.subject.cases):
        scope = turn.subject.cases[name]
        asked = [each for each in scope.advices.values() if each.rule == rule.id and wanted(each)]
        for _, advice in in_order(turn, asked):
            met = _meeting(turn, scope, event, rule, advice)
            if advice.state != "dismissed" and met.holds("fulfilled_by"):
                yield met
