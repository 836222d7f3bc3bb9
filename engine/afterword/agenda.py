"""The agenda: what is overdue, due and coming, as if nothing else happened."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from afterword.days import days_of
from afterword.duration import Duration
from afterword.timeline.state import Advice, ScopeState, SubjectState
from afterword.transition import Transition, calendar_of

if TYPE_CHECKING:
    from afterword.stream import Stream

AgendaStatus = Literal["overdue", "due", "coming"]
_ORDER = {"overdue": 0, "due": 1, "coming": 2}


class AgendaItem(msgspec.Struct, frozen=True, rename={"start": "from"}):
    """One thing to do. `start` and `until` bound its window, in its time zone; `None` where open.

    `overdue`: the window has closed and it has not been done since. `coming`: what is suppressed starts when
    it is released. `snoozed_until` is set while the user has put it off.
    """

    status: AgendaStatus
    advice: str
    rule: str
    subject: str
    case: str | None
    severity: str
    title: str
    message: str
    start: dt.datetime | None
    until: dt.datetime | None
    snoozed_until: dt.datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it, with times as transitions write them."""
        fields = msgspec.to_builtins(self, builtin_types=(dt.datetime,))
        return {
            name: each.isoformat() if isinstance(each, dt.datetime) else each for name, each in fields.items()
        }


def agenda(fork: Stream, at: int, days: int) -> list[AgendaItem]:
    """Runs a copy of the stream ahead and collects what is open at `at` and what opens within `days` of it."""
    fork.expire(at)
    items: list[AgendaItem] = []
    for subject in fork.subjects.values():
        for scope in (subject.own, *subject.cases.values()):
            items += _standing(fork, subject, scope, at, days)
    horizon = days_of(fork.program.ruleset.defaults).add(at, Duration(days=days)) if days > 0 else at
    started = {item.advice for item in items}
    for transition in fork.expire(horizon):
        if transition.state == "due" and transition.advice not in started and transition.instant > at:
            started.add(transition.advice)
            items.append(_item("coming", transition))
    return sorted(items, key=_order)


def _order(item: AgendaItem) -> tuple[int, float, str, str, str, str]:
    at = item.start if item.status == "coming" else item.until
    when = float("inf") if at is None else at.timestamp()
    return (_ORDER[item.status], when, item.subject, item.case or "", item.rule, item.advice)


def _standing(fork: Stream, subject: SubjectState, scope: ScopeState, at: int, days: int) -> list[AgendaItem]:
    """What is open now, and what was missed within as many days back as the agenda looks ahead."""
    items = []
    for advice in scope.advices.values():
        if advice.state == "due" or (
            advice.state == "snoozed" and advice.start is not None and advice.start <= at
        ):
            items.append(_item("due", _as_transition(fork, subject, scope, advice)))
    since = days_of(fork.program.ruleset.defaults).add(at, Duration(days=days), -1) if days > 0 else at
    by_id = fork.program.by_id
    again = {_slot(each) for each in scope.advices.values() if by_id[each.rule].takes_again}
    for advice in scope.missed.values():
        if advice.end is not None and advice.end > since and _slot(advice) not in again:
            items.append(_item("overdue", _as_transition(fork, subject, scope, advice)))
    return items


def _slot(advice: Advice) -> tuple[str, str]:
    """Where a rule has one advice at a time (S25)."""
    return advice.rule, advice.trigger_type


def _as_transition(fork: Stream, subject: SubjectState, scope: ScopeState, advice: Advice) -> Transition:
    return Transition(
        fork.program.by_id[advice.rule].voice,
        advice,
        advice.state,
        advice.anchor,
        subject.subject,
        scope.case or "",
        advice.because,
        advice.cause,
        scope.facts if scope.case is not None else {},
        subject.own.facts,
        days_of(fork.program.ruleset.defaults, advice.zone),
        advice.number,
        advice.start,
        advice.end,
    )


def _item(status: AgendaStatus, transition: Transition) -> AgendaItem:
    window = transition.window
    start = window.start if window else None
    if status == "coming" and start is not None:
        start = max(start, transition.time)  # what is suppressed comes when it is released
    record = transition.record
    snoozed = record.until if record.state == "snoozed" and status == "due" else None
    return AgendaItem(
        status=status,
        advice=transition.advice,
        rule=transition.rule,
        subject=transition.subject,
        case=transition.case,
        severity=transition.severity,
        title=transition.title,
        message=transition.message,
        start=start,
        until=window.end if window else None,
        snoozed_until=None if snoozed is None else calendar_of(transition).local(snoozed),
    )
