"""Whether a rule whose pattern holds may speak: its effective dates, its `while` and its `unless` (S17, S18, S28)."""

from __future__ import annotations

from afterword.compiled_rules import CompiledGate, CompiledRule
from afterword.days import Days
from afterword.plans import Uses
from afterword.ruleset import Lookback
from afterword.timeline.happening import Happening
from afterword.timeline.state import NOTHING, ScopeState
from afterword.timeline.turn import Outcome, Turn
from afterword.windows import Reader


def gate(
    turn: Turn, scope: ScopeState, rule: CompiledRule, at: int, triggered: int | None = None
) -> Outcome | None:
    """What keeps a rule whose pattern holds from speaking; none if nothing does.

    `triggered` is when a repeat was: its own trigger keeps none of its occurrences quiet, as it did not the first.
    """
    effective = rule.rule.effective
    if effective is not None and (
        (effective.start is not None and at < effective.start)
        or (effective.end is not None and at >= effective.end)
    ):
        return Outcome("effective")
    for number, each in enumerate(rule.gates):
        stamp = (scope.last if each.looks_back else scope.spans).get(each.key)
        if stamp is not None:
            is_so = _is_still_so(turn, scope, each, stamp, at, triggered)
        else:
            is_so = each.about_case and is_case_open(turn, scope)
        if is_so is each.shuts_if:
            return Outcome(each.word, {"gate": number})
    return None


def _is_still_so(
    turn: Turn, scope: ScopeState, gate: CompiledGate, stamp: int, at: int, triggered: int | None
) -> bool:
    """Whether a span that was opened then is open, or what happened then is within the time of a lookback."""
    if isinstance(gate.item, Lookback):
        return stamp != triggered and is_recent(gate.item, stamp, at, turn.days[turn.zone(scope)])
    if not gate.ends:
        return True
    return is_in_span(gate, stamp, at, turn.facts_reader(scope), turn.days[turn.zone(scope)])


def stamp_of(scope: ScopeState, gate: CompiledGate) -> int | None:
    """Since when the span of a gate is open, or when its lookback last held; none if neither."""
    return (scope.last if gate.looks_back else scope.spans).get(gate.key)


def is_case_open(turn: Turn, scope: ScopeState) -> bool:
    """Whether the case is open; for a subject, whether any is."""
    return scope.open if scope.case is not None else turn.subject.open_cases > 0


def is_in_span(gate: CompiledGate, since: int, at: int, read: Reader, days: Days) -> bool:
    """Whether a span that an event opened then, and none has closed, is open: `[since, until)` (S8, S17)."""
    end = span_end(gate, since, read, days)
    return end is None or at < end


def span_end(gate: CompiledGate, since: int, read: Reader, days: Days) -> int | None:
    """When the first of the moments of its `until` closes a span; `None` while none of them is known."""
    ends = [locate(since, read, days) for locate in gate.ends]
    return min((end for end in ends if end is not None), default=None)


def is_recent(look: Lookback, last: int, at: int, days: Days) -> bool:
    """Whether what a lookback looks for, if it last happened then, is within its time."""
    return look.within is None or days.add(last, look.within) > at


def note_spans(scope: ScopeState, event: Happening, uses: Uses) -> None:
    """Closes the spans that the event ends, and opens those that it begins."""
    for use in uses.closes_span:
        scope.spans.pop(use.key, None)
    if uses.opens_span and scope.remembers:  # the event that closes a case can end a span, and begins none
        scope.spans = scope.spans or {}
        for use in uses.opens_span:
            scope.spans[use.key] = event.time


def stamps(scope: ScopeState, rule: CompiledRule) -> dict[str, int]:
    """What the gates of a rule go by now: when a span was opened, when a lookback last held."""
    found = {each.key: stamp for each in rule.gates if (stamp := stamp_of(scope, each)) is not None}
    return found or NOTHING
