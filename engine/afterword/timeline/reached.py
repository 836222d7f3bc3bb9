"""Which scopes an event reaches, and to which of them the passing of a date is news (S5, S6)."""

from __future__ import annotations

from afterword.dates import as_date
from afterword.plans import TypePlan
from afterword.timeline.happening import Happening
from afterword.timeline.state import ScopeState
from afterword.timeline.turn import Turn


def concerned(turn: Turn, event: Happening, plan: TypePlan) -> list[ScopeState]:
    """The scopes that an event reaches: its case or, without one, every open case; and the subject (S5)."""
    cases = turn.subject.cases
    if event.case is None:
        reached = [cases[name] for name in sorted(cases) if cases[name].open]
    else:
        scope = cases.get(event.case)
        if scope is None:
            scope = cases[event.case] = ScopeState(case=event.case, open=False)
        if not scope.open:
            turn.touch(scope)  # perhaps nothing is left in it
        reached = [scope]
    if turn.program.clocked["case"]:
        for scope in reached:
            turn.touch(scope)
    if plan.concerns_subject or event.zone is not None:
        reached.append(turn.subject.own)
    return _told_news(turn, event, reached) if plan.tells_passing else reached


def _told_news(turn: Turn, event: Happening, scopes: list[ScopeState]) -> list[ScopeState]:
    """The scopes to which a passing is news; where its case knew of it, nothing has happened."""
    news: list[ScopeState] = []
    for scope in scopes:
        if scope.case is None and event.case is not None and not news:
            break
        if _fresh(turn, scope, event):
            news.append(scope)
    return news


def _fresh(turn: Turn, scope: ScopeState, event: Happening) -> bool:
    """Whether the event tells this scope anything new: a passing that the clock told already does not (S6)."""
    if event.type == "day.passed":
        return _new_day(turn, scope, event)
    fact = event.type.removesuffix(".passed")
    if fact == event.type or fact not in turn.program.passed_facts[scope.kind]:
        return True
    date = event.data.get("date") or scope.facts.get(fact)
    if not isinstance(date, str):
        return True
    if scope.passed.get(fact) == date:
        turn.note("doubled", event.ref)
        return False
    if scope.remembers:
        scope.passed = {**scope.passed, fact: date}
        turn.touch(scope)
    return True


def _new_day(turn: Turn, scope: ScopeState, event: Happening) -> bool:
    days = turn.days[turn.zone(scope, event.zone)]
    date = as_date(event.data.get("date"))
    if date is None:
        date = days.date_of(days.align(event.time, "start of day") - 1)
    day = date.isoformat()
    if scope.day is not None and scope.day >= day:
        turn.note("doubled", event.ref)
        return False
    scope.day = day
    return True
