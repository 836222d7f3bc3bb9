"""What the passing of time does to a scope: which instant is next, and what happens at it (S7, S8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from afterword.compiled_rules import CompiledRule
from afterword.dates import as_date
from afterword.ruleset import Scope
from afterword.schedule import Schedule, ScopeKey
from afterword.timeline import happening, life, step
from afterword.timeline.repeats import occur
from afterword.timeline.state import Advice, Cause, CauseKind, ScopeState, SubjectState
from afterword.timeline.turn import Turn


def settle(turn: Turn, schedule: Schedule) -> None:
    """Works out the next deadline of each scope that was touched; forgets the cases in which nothing is left."""
    for scope in turn.touched.values():
        if scope.case is not None and not scope.open and not scope.advices and not scope.series:
            turn.subject.cases.pop(scope.case, None)
            scope.deadline = None
            continue
        deadline = next_deadline(turn, scope)
        if deadline != scope.deadline:
            scope.deadline = deadline
            if deadline is not None:
                schedule.put(deadline, key_of(turn.subject, scope))
    turn.touched.clear()


def key_of(subject: SubjectState, scope: ScopeState) -> ScopeKey:
    """What the schedule knows a scope by."""
    return subject.subject, scope.case is not None, scope.case or ""


def next_deadline(turn: Turn, scope: ScopeState) -> int | None:
    """The next instant at which something happens here if no event comes; `None` when nothing is pending."""
    first: int | None = None
    for advice in scope.advices.values():
        if advice.state == "scheduled":  # it begins before it ends
            at = advice.start
        else:
            at, until = advice.end, advice.until
            if until is not None and (at is None or until < at):
                at = until
        if at is not None and (first is None or at < first):
            first = at
    for series in scope.series.values():
        if first is None or series.next < first:
            first = series.next
    kind = scope.kind
    if turn.program.clocked[kind] and scope.remembers:
        return _first_passing(turn, scope, kind, first)
    return first


def _first_passing(turn: Turn, scope: ScopeState, kind: Scope, first: int | None) -> int | None:
    """The earlier of an instant and the next at which the clock tells that something has passed (S6)."""
    if kind in turn.program.day_scopes:
        # Each time anew, for the person may be in another time zone by now; but a midnight at which something else
        # came first is still to be told.
        if scope.next_day is None or scope.next_day > turn.now:
            scope.next_day = turn.days[turn.zone(scope)].align(turn.now, "end of day")
        first = scope.next_day if first is None else min(first, scope.next_day)
    if scope.facts and turn.program.passed_facts[kind]:
        for _, _, at in _passings(turn, scope):
            first = at if first is None else min(first, at)
    return first


def is_day_over(scope: ScopeState, now: int) -> bool:
    """Whether the day has ended, or not begun yet, whose end a scope waits for."""
    return scope.next_day is None or scope.next_day <= now


def _passings(turn: Turn, scope: ScopeState) -> Iterator[tuple[str, str, int]]:
    """The remembered dates whose passing is still to be told: fact, date, and when its local day ends."""
    for fact in turn.program.passed_facts[scope.kind]:
        text = scope.facts.get(fact)
        date = as_date(text)
        if date in (None, dt.date.max) or not isinstance(text, str):
            continue  # on the last day of all, which stands for an open end, no other follows
        if scope.passed.get(fact) != text:
            yield fact, text, turn.days[turn.zone(scope)].start_of(date + dt.timedelta(days=1))


def expire(turn: Turn, scope: ScopeState) -> None:
    """Does everything that is due in this scope by now: ends first, then beginnings, then what the clock tells."""
    turn.touch(scope)
    now, open_ = turn.now, scope.advices
    ending = [each for each in open_.values() if each.end is not None and each.end <= now]
    if ending:
        for rule, advice in life.in_order(turn, ending):
            if advice.id in open_:
                life.miss(turn, scope, rule, advice)
    beginning = [each for each in open_.values() if _begins(each, now)] if open_ else None
    if beginning:
        for rule, advice in life.in_order(turn, beginning):
            _begin(turn, scope, rule, advice)
    if scope.series:
        _repeat(turn, scope)
    if turn.program.clocked[scope.kind]:
        _tell_passings(turn, scope)
    if turn.queue:
        step.follow(turn)


def _begin(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    if advice.until is not None and advice.until <= turn.now:
        over: CauseKind = "snooze over" if advice.state == "snoozed" else "released"
        life.wake(turn, scope, rule, advice, Cause(kind=over))
    elif _begins(advice, turn.now):
        life.become_due(turn, scope, rule, advice)


def _repeat(turn: Turn, scope: ScopeState) -> None:
    coming = [(key, series) for key, series in scope.series.items() if series.next <= turn.now]
    by_id = turn.program.by_id
    for _, series in sorted(coming, key=lambda each: (by_id[each[1].rule].position, each[0])):
        occur(turn, scope, by_id[series.rule], series)


def _begins(advice: Advice, now: int) -> bool:
    """Whether its window opens, or what has kept it quiet is over."""
    if advice.state == "scheduled" and advice.start is not None and advice.start <= now:
        return True
    return advice.until is not None and advice.until <= now


def _tell_passings(turn: Turn, scope: ScopeState) -> None:
    """Raises `day.passed` and `FACT.passed`, unless the log has brought them (S6)."""
    if not scope.remembers:
        return
    subject, days = turn.subject.subject, turn.days[turn.zone(scope)]
    if scope.next_day is not None and scope.next_day <= turn.now:
        date = days.date_of(scope.next_day - 1).isoformat()
        scope.next_day = None
        if scope.day is None or scope.day < date:
            scope.day = date
            step.take_in(
                turn, scope, happening.clock("day.passed", turn.now, subject, scope.case, date, days)
            )
    for fact, date, at in list(_passings(turn, scope)):
        if at <= turn.now:
            step.take(turn, happening.clock(f"{fact}.passed", turn.now, subject, scope.case, date, days))
