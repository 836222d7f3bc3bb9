"""The order in which an event does what it does, and what follows from that."""

from __future__ import annotations

from afterword.atoms import held
from afterword.plans import SCOPES, ScopePlan, TypePlan
from afterword.timeline import life
from afterword.timeline.counts import note_counts
from afterword.timeline.endings import finish
from afterword.timeline.facts import is_kept, remember
from afterword.timeline.gating import note_spans
from afterword.timeline.happening import Happening
from afterword.timeline.reached import concerned
from afterword.timeline.state import ScopeState
from afterword.timeline.triggers import tell_of_the_others, trigger
from afterword.timeline.turn import Turn

FOLLOW_UPS = 10_000
"""How many events of the engine's own one turn may bring: far above any sane ruleset, a stop for the others."""


def take(turn: Turn, event: Happening) -> None:
    """Takes an event and everything that follows from it at the same instant."""
    _take_one(turn, event)
    if turn.queue:
        follow(turn)


def follow(turn: Turn) -> None:
    """Takes the transitions made so far as the events they are (S23)."""
    for taken, event in enumerate(turn.queue):  # which grows while it is read
        if taken == FOLLOW_UPS:
            turn.note("runaway", event.type)
            break
        _take_one(turn, event)
    turn.queue.clear()


def _take_one(turn: Turn, event: Happening) -> None:
    plan = turn.program.plans.get(event.type)
    if plan is None:
        heed_zone(turn, event)
        return
    mask = plan.mask(event.data) if plan.by_field else 0
    if plan.event_atoms:
        mask |= held(plan.event_atoms, turn.scene(turn.subject.own, event))
    if plan.may_mean_nothing and _means_nothing(turn, event, plan, mask):
        return
    scopes = concerned(turn, event, plan)
    if plan.moves_state or event.zone is not None:
        for scope in scopes:
            remember(turn, scope, event, plan)
    for scope in scopes:
        _run(turn, scope, event, plan, mask)


_UNASKED = TypePlan("", -1)
"""What the rules ask of a type that none of them names."""


def heed_zone(turn: Turn, event: Happening) -> None:
    """The time zone that an event names holds for its case and its person, though no rule asks for the event (S9)."""
    if event.zone is not None and is_kept(turn, event):
        for scope in concerned(turn, event, _UNASKED):
            remember(turn, scope, event, _UNASKED)


def _means_nothing(turn: Turn, event: Happening, plan: TypePlan, mask: int) -> bool:
    """Whether the event's own values settle that no pattern holds in any scope, so that none has to be visited."""
    if event.zone is not None or turn.observer is not None:
        return False
    return not any(turn.program.uses(plan, scope, mask).any() for scope in SCOPES)


def take_in(turn: Turn, scope: ScopeState, event: Happening) -> None:
    """Takes an event that concerns this one scope alone: the passing of a day, told to each scope by itself."""
    plan = turn.program.plans[event.type]
    mask = plan.mask(event.data) | held(plan.event_atoms, turn.scene(scope, event))
    _run(turn, scope, event, plan, mask)


def _run(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, mask: int) -> None:
    """Everything the event does in one scope, in the order the language lays down."""
    if turn.observer is not None:
        turn.observer.arrived(turn, scope, event)
    scoped = plan.subject if scope.case is None else plan.case
    if not scoped.idle:
        _carry_out(turn, scope, event, plan, scoped, mask)
    if plan.closes and not scope.open:
        life.close(turn, scope, event.ref)


def _carry_out(
    turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan, scoped: ScopePlan, mask: int
) -> None:
    """Does what the patterns are for that hold for the event in this scope."""
    scene = turn.scene(scope, event)
    if plan.by_fact:
        mask |= plan.facts_mask(scene)
    if plan.scope_atoms:
        mask |= held(plan.scope_atoms, scene)
    uses = turn.program.uses_of(plan, scoped, mask)
    remembers = scope.remembers
    if remembers or plan.closes:  # the event that closes a case is still one of it
        if uses.closes_span or uses.opens_span:
            note_spans(scope, event, uses)
        if uses.counts:
            note_counts(scope, event, uses.counts, scene)
    if uses.ends and (scope.advices or scope.missed or scope.series):
        finish(turn, scope, event, plan, mask, uses)
    if uses.triggers:
        trigger(turn, scope, event, uses, scene)
    if turn.observer is not None:
        tell_of_the_others(turn, turn.observer, scope, event, scoped, uses)
    if uses.looks and remembers:
        scope.last = scope.last or {}
        for use in uses.looks:
            scope.last[use.key] = event.time
