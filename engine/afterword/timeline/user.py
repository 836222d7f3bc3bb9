"""What the user says about an advice: not wanted, later, wanted after all (S20)."""

from __future__ import annotations

from collections.abc import Iterator

from afterword.compiled_rules import CompiledRule
from afterword.timeline import life, step
from afterword.timeline.happening import Happening
from afterword.timeline.state import Advice, Cause, ScopeState
from afterword.timeline.turn import Turn
from afterword.windows import as_instant


def obey(turn: Turn, event: Happening) -> None:
    """Carries out `advice.dismissed`, `advice.snoozed` or `advice.reopened` on the advices that it names."""
    step.heed_zone(turn, event)
    targets = list(_targets(turn, event))
    for scope, rule, advice in targets:
        _change(turn, event, scope, rule, advice)
    stopped = _stop_repeats(turn, event)
    if not targets:
        turn.note("repeats ended" if stopped else "no such advice", _about(event))
    step.follow(turn)


def _about(event: Happening) -> str:
    """What the user said, as a remark names it."""
    return f"{event.type} {event.data.get('advice') or event.data.get('rule') or ''}".strip()


def _targets(turn: Turn, event: Happening) -> Iterator[tuple[ScopeState, CompiledRule, Advice]]:
    for scope in _scopes(turn, event):
        for rule, advice in life.opened(turn, scope):
            if event.data.get("advice") == advice.id or (
                event.data.get("advice") is None and event.data.get("rule") == rule.rule.id
            ):
                yield scope, rule, advice


def _scopes(turn: Turn, event: Happening) -> list[ScopeState]:
    """By id, an advice is found anywhere; by rule, in the event's case, or everywhere when it names none."""
    cases = turn.subject.cases
    if event.case is not None and event.data.get("advice") is None:
        return [turn.subject.own, *([cases[event.case]] if event.case in cases else [])]
    return [turn.subject.own, *(cases[name] for name in sorted(cases))]


def _change(turn: Turn, event: Happening, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    reason = event.data.get("reason")
    cause = Cause(kind="user", event=event.ref, reason=reason if isinstance(reason, str) else None)
    if not _is_news(event, advice):
        turn.note("no change", _about(event))
    elif event.type == "advice.dismissed":
        life.dismiss(turn, scope, rule, advice, cause)
    elif event.type == "advice.snoozed":
        until = as_instant(event.data.get("until"), turn.days[advice.zone])
        if until is None or until <= turn.now or isinstance(event.data.get("until"), int):
            turn.note("wrong type", "advice.snoozed: until should be a later date or time")
            return
        told = Cause(
            kind="user", event=event.ref, until=turn.local_text(until, advice.zone), reason=cause.reason
        )
        life.snooze(turn, scope, rule, advice, until, told)
    else:
        life.wake(turn, scope, rule, advice, Cause(kind="reopened", event=event.ref))


def _is_news(event: Happening, advice: Advice) -> bool:
    """Whether the advice is not already as the user wants it."""
    match event.type:
        case "advice.dismissed":
            return advice.state != "dismissed"
        case "advice.reopened":
            return advice.state in ("dismissed", "snoozed")
    return True


def _stop_repeats(turn: Turn, event: Happening) -> bool:
    """Dismissing a rule, rather than one advice, ends its repeats too; whether any were running."""
    rule, stopped = event.data.get("rule"), False
    if event.type != "advice.dismissed" or rule is None:
        return False
    for scope in _scopes(turn, event):
        kept = {key: series for key, series in scope.series.items() if series.rule != rule}
        if len(kept) != len(scope.series):
            scope.series, stopped = kept, True
            turn.touch(scope)
    return stopped
