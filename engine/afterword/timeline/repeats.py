"""The next occurrence of a repeat, and what it comes to."""

from __future__ import annotations

from afterword.compiled_rules import CompiledRule
from afterword.timeline import life
from afterword.timeline.gating import gate, stamps
from afterword.timeline.state import Advice, ScopeState, Series
from afterword.timeline.turn import Turn, advice_id


def occur(turn: Turn, scope: ScopeState, rule: CompiledRule, series: Series) -> None:
    """The next occurrence of a repeat begins; what would keep the rule quiet keeps this occurrence quiet too."""
    first, repeat = series.trigger, rule.rule.repeat
    occurrence = series.occurrence
    series.occurrence += 1
    key = life.series_key(rule, first.trigger_type)
    if repeat is None or (repeat.at_most is not None and series.occurrence >= repeat.at_most):
        scope.series.pop(key, None)
    else:
        series.next = life.occurrence_time(turn, rule, series)
    outcome = gate(turn, scope, rule, turn.now, first.anchor)
    if outcome is None:
        standing = life.standing(scope, rule, first.trigger_type, occurrence)
        if standing is not None and rule.rule.again == "ignore":
            outcome = life.ignored(standing)
        else:
            advice = _occurrence(turn, scope, rule, first, occurrence)
            outcome = life.say(turn, scope, rule, advice, standing)
    if turn.observer is not None:
        turn.observer.recurred(turn, scope, rule, outcome)


def _occurrence(turn: Turn, scope: ScopeState, rule: CompiledRule, first: Advice, number: int) -> Advice:
    """A later occurrence, which has seen what the first one saw."""
    identity = f"{first.id}\0occurrence" + (f"\0{first.restarts}" if first.restarts else "")
    return Advice(
        id=advice_id(turn, rule.id, scope.case, identity, number),
        rule=rule.id,
        state="scheduled",
        zone=first.zone,
        anchor=turn.now,
        trigger=first.trigger,
        trigger_type=first.trigger_type,
        occurrence=number,
        clause=first.clause,
        seen=first.seen,
        because=first.because,
        gates=stamps(scope, rule),
    )
