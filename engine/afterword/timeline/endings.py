"""Which open advice an event ends: what it fulfils, and what it makes moot."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from afterword.atoms import held
from afterword.compiled_rules import CompiledRule
from afterword.plans import TypePlan, Use, Uses
from afterword.timeline import life
from afterword.timeline.happening import Happening
from afterword.timeline.state import Advice, Cause, ScopeState
from afterword.timeline.turn import Turn
from afterword.values import plant


def finish(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, uses: Uses) -> None:
    """Ends the open advices that the event fulfils or makes moot."""
    for use in uses.ends:
        end = _fulfil if use.fulfils else _cancel
        end(turn, scope, event, plan, mask, use)
        _settle_missed(turn, scope, event, plan, mask, use)


def _fulfil(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, use: Use) -> None:
    rule = turn.program.rules[use.rule]
    for advice in _of_rule(scope, rule):
        if advice.state != "dismissed" and _applies(turn, scope, event, plan, mask, use, advice.seen):
            life.fulfil(turn, scope, rule, advice, event.ref)


def _cancel(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, use: Use) -> None:
    rule = turn.program.rules[use.rule]
    for advice in _of_rule(scope, rule):
        if _applies(turn, scope, event, plan, mask, use, advice.seen):
            life.cancel(turn, scope, rule, advice, Cause(kind="event", event=event.ref))
    for key in [key for key, series in scope.series.items() if series.rule == rule.id]:
        if _applies(turn, scope, event, plan, mask, use, scope.series[key].trigger.seen):
            del scope.series[key]
            turn.touch(scope)


def _of_rule(scope: ScopeState, rule: CompiledRule) -> list[Advice]:
    name = rule.id
    found = [each for each in scope.advices.values() if each.rule == name]
    if len(found) > 1:
        found.sort(key=_id)
    return found


_id = attrgetter("id")


def _settle_missed(
    turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, use: Use
) -> None:
    """What was missed and is done late, or has become moot, is no longer overdue."""
    if scope.missed:
        for key in life.missed_of(scope, turn.program.rules[use.rule]):
            if _applies(turn, scope, event, plan, mask, use, scope.missed[key].seen):
                del scope.missed[key]


def _applies(
    turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int, use: Use, seen: dict[str, Any]
) -> bool:
    """Whether a pattern that reads `trigger.…` holds for the advice with this trigger."""
    if not use.bound:
        return True
    scene = turn.scene(scope, event, payload(seen))
    mask |= held(plan.trigger_atoms, scene)
    return use.entry in turn.program.network.matching(plan.number, mask)


def payload(seen: dict[str, Any]) -> dict[str, Any]:
    """The fields that an advice kept, as the payload they came from."""
    nested: dict[str, Any] = {}
    for path, each in seen.items():
        plant(nested, path.split("."), each)
    return nested
