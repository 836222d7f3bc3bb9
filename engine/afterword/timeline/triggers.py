"""Which rules an event makes speak, and with what they speak."""

from __future__ import annotations

from afterword.compiled_rules import CompiledRule
from afterword.matches import matches
from afterword.meaning import Scene
from afterword.plans import ScopePlan, Use, Uses
from afterword.timeline import life
from afterword.timeline.counts import in_window, size
from afterword.timeline.gating import gate, stamps
from afterword.timeline.happening import Happening
from afterword.timeline.state import NOTHING, TOLD, Advice, ScopeState, Spot
from afterword.timeline.turn import Held, LiveScene, Observer, Outcome, Turn, advice_id


def trigger(turn: Turn, scope: ScopeState, event: Happening, uses: Uses, scene: LiveScene) -> None:
    """Checks the event against the rules that it may trigger; each speaks once, by its first clause that holds."""
    done = -1
    zone, because, observer = turn.zone(scope, event.zone), (event.ref,), turn.observer
    for use in uses.triggers:  # the clauses of a rule one after the other
        if use.rule == done:
            continue
        outcome = _hold_against(turn, scope, event, use, scene, zone, because)
        if outcome.kind != "count":
            done = use.rule
        if observer is not None:
            rule = turn.program.rules[use.rule]
            observer.considered(Held(turn, scope, event, rule, use.clause, outcome))


def tell_of_the_others(
    turn: Turn, observer: Observer, scope: ScopeState, event: Happening, scoped: ScopePlan, uses: Uses
) -> None:
    """Tells the observer of the clauses whose patterns did not hold."""
    for use in scoped.uses.triggers:
        if use not in uses.triggers:
            rule = turn.program.rules[use.rule]
            observer.considered(Held(turn, scope, event, rule, use.clause, Outcome("condition")))


def _hold_against(
    turn: Turn,
    scope: ScopeState,
    event: Happening,
    use: Use,
    scene: LiveScene,
    zone: str,
    because: tuple[str, ...],
) -> Outcome:
    rule = turn.program.rules[use.rule]
    count = None
    if use.quota is not None:
        counted = in_window(turn, scope, use.key, use.quota, zone)
        count = size(counted, use.quota)
        if count < use.quota.at_least:
            return Outcome("count", {"count": count, "at_least": use.quota.at_least})
        because = tuple(dict.fromkeys(each.event for each in counted[-TOLD:]))
    if rule.gated:
        closed = gate(turn, scope, rule, event.time)
        if closed is not None:
            return closed
    standing = life.standing(scope, rule, event.type)
    if standing is not None and rule.rule.again == "ignore":
        return life.ignored(standing)
    clause = use.clause
    advice = Advice(
        id=advice_id(turn, rule.id, scope.case, _identity(scope, event), 0),
        rule=rule.id,
        state="scheduled",
        zone=zone,
        anchor=turn.now,
        trigger=event.ref,
        trigger_type=event.type,
        clause=clause,
        seen=scene.seen(rule.seen[clause]),
        because=because,
        matched=_spots(rule, clause, scene) if rule.has_text[clause] else (),
        count=count,
        gates=stamps(scope, rule) if rule.gated else NOTHING,
    )
    return life.say(turn, scope, rule, advice, standing)


def _identity(scope: ScopeState, event: Happening) -> str:
    """What tells a trigger from all others in a scope.

    Without an id, the same may happen at once in two cases of a subject, or in a case and in none; a transition
    has an identity of its own.
    """
    if event.id is not None or event.case == scope.case or event.type.startswith("advice."):
        return event.identity
    return f"{event.identity}\0{event.case or ''}"


def _spots(rule: CompiledRule, clause: int, scene: Scene) -> tuple[Spot, ...]:
    where = rule.rule.when[clause].where
    if where is None:
        return ()
    return tuple(Spot(field, *match) for field, match in matches(where, scene))
