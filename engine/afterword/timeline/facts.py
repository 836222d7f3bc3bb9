"""What a scope remembers of an event: whether the case is open, its time zone, its facts; windows move with these."""

from __future__ import annotations

from collections.abc import Iterable

from afterword.builtin import is_built_in
from afterword.conditions import EVENT_TIME, Ref
from afterword.plans import TypePlan
from afterword.ruleset import Scope
from afterword.timeline import life
from afterword.timeline.happening import Happening
from afterword.timeline.state import NOTHING, ScopeState
from afterword.timeline.turn import Turn
from afterword.values import MISSING, dig, same


def remember(turn: Turn, scope: ScopeState, event: Happening, plan: TypePlan) -> None:
    """The case opens or closes, and facts take their latest values; windows hanging on them move."""
    before = None
    if scope.case is None:
        facts = plan.subject.facts
        if (facts or event.zone is not None) and any(turn.program.clocked.values()):
            before = turn.zone(scope)
    else:
        facts = plan.case.facts
        if plan.opens and not scope.open and event.case is not None:
            scope.open, scope.opened = True, event.time
            # What an advice that outlived the case's former life kept there is no memory of this one.
            scope.facts = scope.told_by = NOTHING
            scope.zone = None
            turn.subject.open_cases += 1
        elif plan.closes and scope.open:
            scope.open = False
            turn.subject.open_cases -= 1
    if event.zone is not None and is_kept(turn, event):
        scope.zone = event.zone  # the case's, and the latest that this person has named anywhere
    if facts:
        _update_facts(turn, scope, event, scope.kind, facts)
    if before is not None and turn.zone(scope) != before:
        _move_midnights(turn)


def is_kept(turn: Turn, event: Happening) -> bool:
    """Whether the zone of an event holds beyond it (S9): not where it tells that a date has passed.

    To whom that is news depends on what the rules ask, on which no zone shall depend.
    """
    if not event.type.endswith(".passed"):
        return True
    ruleset = turn.program.ruleset
    return event.type in ruleset.events or not is_built_in(event.type, ruleset)


def _move_midnights(turn: Turn) -> None:
    """The person is somewhere else, and with them each case that has no time zone of its own."""
    turn.touch(turn.subject.own)
    for scope in turn.subject.cases.values():
        if scope.zone is None:
            turn.touch(scope)


_ITS_TIME = (EVENT_TIME.root, *EVENT_TIME.path)
"""The path of a fact that remembers when its event happened."""


def _update_facts(
    turn: Turn, scope: ScopeState, event: Happening, kind: Scope, facts: Iterable[tuple[str, tuple[str, ...]]]
) -> None:
    news: dict[str, object] = {}
    for name, path in facts:
        if path == _ITS_TIME:
            told: object = turn.local_text(event.time, turn.zone(scope, event.zone))
        elif path[0] in event.data:  # as few are
            told = dig(event.data, path)
        else:
            continue
        if told is not MISSING and not same(told, scope.facts.get(name)):
            news[name] = told
    if not news:
        return
    scope.facts = {name: each for name, each in (scope.facts | news).items() if each is not None}
    scope.told_by = scope.told_by | dict.fromkeys(news, event.ref)
    if scope.case is None:
        turn.touch(scope)  # a date among them has yet to pass
    for name in news:
        if name in turn.program.moves[kind]:
            _move_windows(turn, scope, Ref(kind, (name,)), event)


def _move_windows(turn: Turn, scope: ScopeState, fact: Ref, event: Happening) -> None:
    places = [scope]
    if scope.case is None:
        places += [turn.subject.cases[name] for name in sorted(turn.subject.cases)]
    for place in places:
        for rule, advice in life.opened(turn, place):
            if any(ref.root == fact.root and ref.path[0] == fact.path[0] for ref in rule.hangs_on):
                life.move(turn, place, rule, advice, fact, event.ref)
