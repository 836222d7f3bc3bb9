"""The life of an advice: made, moved, suppressed, due, done (S19, S25). Every change goes through here."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from afterword.compiled_rules import CompiledRule
from afterword.conditions import Ref
from afterword.timeline.state import NOTHING, TOLD, Advice, Cause, Quiet, ScopeState, Series
from afterword.timeline.turn import Outcome, Turn


def say(
    turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, standing: Advice | None
) -> Outcome:
    """Says a new advice, or tells what suppressed it.

    `standing` is the open advice of the rule to which a new trigger goes instead (`standing`); it takes over
    what the new one has seen.
    """
    if rule.warns:
        return _warn(turn, scope, rule, advice)
    if standing is not None:
        return _restart(turn, scope, rule, standing, advice)
    return _recommend(turn, scope, rule, advice)


def _warn(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> Outcome:
    cause = _inhibited(turn, scope, rule, advice) or _cooling(turn, scope, rule, advice)
    if cause is not None:
        return _suppress_new(turn, scope, rule, advice, cause)
    advice.state = "raised"
    turn.tell(scope, rule, advice, "raised")
    _spoke(turn, scope, rule, advice)
    if rule.rule.inhibits:
        cooling = scope.cooldowns.get(rule.id)
        _inhibit(turn, scope, rule, Quiet(cooling.until if cooling else turn.now + 1, advice.id))
    return Outcome("said", advice=advice.id)


def standing(scope: ScopeState, rule: CompiledRule, trigger_type: str, occurrence: int = 0) -> Advice | None:
    """The open advice of a rule, for this kind of trigger, to which a new trigger would go (S25).

    A repeat that is running counts as one. Warnings, and rules that may have several open, have none.
    """
    if not rule.takes_again:
        return None
    name = rule.id
    for advice in scope.advices.values():
        if advice.rule == name and advice.trigger_type == trigger_type:
            return advice
    if occurrence or rule.rule.repeat is None:
        return None
    running = scope.series.get(series_key(rule, trigger_type))
    return None if running is None else running.trigger


def ignored(standing: Advice) -> Outcome:
    """What a new trigger comes to while an advice is open of a rule that ignores others."""
    return Outcome("ignored", {"open": standing.id, "state": standing.state}, standing.id)


def _recommend(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> Outcome:
    """Puts a new recommendation on the timeline, unless the rule has spoken just now."""
    if rule.rule.cooldown is not None:
        cooling = _cooling(turn, scope, rule, advice)
        if cooling is not None:
            return _suppress_new(turn, scope, rule, advice, cooling)
        _spoke(turn, scope, rule, advice)
    if rule.rule.repeat is not None:
        _start_series(turn, scope, rule, advice)
    _measure(turn, scope, rule, advice)
    scope.advices = scope.advices or {}
    scope.advices[advice.id] = advice
    if not _arrive(turn, scope, rule, advice):
        turn.tell(scope, rule, advice, "scheduled")
    if advice.state == "suppressed" and advice.cause is not None:
        return _kept_quiet(advice, advice.cause)
    return Outcome("said", advice=advice.id)


def _suppress_new(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, cause: Cause) -> Outcome:
    """Says that the advice was made and not said; it is done with that."""
    advice.state = "suppressed"
    turn.tell(scope, rule, advice, "suppressed", cause)
    return _kept_quiet(advice, cause)


def _kept_quiet(advice: Advice, cause: Cause) -> Outcome:
    """What it comes to when another rule, or its own cooldown, keeps a rule quiet."""
    return Outcome(cause.kind, {"rule": cause.rule, "until": cause.until, "other": cause.advice}, advice.id)


def _restart(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, anew: Advice) -> Outcome:
    """A new trigger while one is open: the window is measured again from it."""
    advice = copy.copy(advice)  # transitions told so far hold on to the record as it was
    if advice.id in scope.advices:
        scope.advices[advice.id] = advice
    advice.anchor, advice.trigger, advice.clause = anew.anchor, anew.trigger, anew.clause
    advice.seen, advice.matched, advice.count = anew.seen, anew.matched, anew.count
    advice.gates, advice.zone = anew.gates, anew.zone
    advice.restarts += 1
    advice.because = tuple(dict.fromkeys((*advice.because, *anew.because)))[-TOLD:]
    if anew.occurrence == 0:
        _start_series(turn, scope, rule, advice)
    if advice.id not in scope.advices:  # a repeat between two occurrences: the next one is what moves
        return Outcome("restarted", advice=advice.id)
    _measure(turn, scope, rule, advice)
    advice.state, advice.until, advice.cause = "scheduled", None, None
    turn.tell(scope, rule, advice, "rescheduled", Cause(kind="restarted", event=anew.trigger))
    _arrive(turn, scope, rule, advice)
    _leave_unless_due(turn, scope, rule, advice)
    return Outcome("restarted", advice=advice.id)


def series_key(rule: CompiledRule, trigger_type: str) -> str:
    """Under which a running repeat is kept."""
    return f"{rule.id}/{trigger_type}"


def _start_series(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    repeat = rule.rule.repeat
    if repeat is None or advice.occurrence > 0 or repeat.at_most == 1:
        return
    turn.touch(scope)
    first = copy.copy(advice)  # a copy: what becomes of the first occurrence is not the later ones' business
    first.history, first.told = (), 0
    series = Series(rule=rule.id, trigger=first, occurrence=1, anchor=turn.now, next=0)
    series.next = occurrence_time(turn, rule, series)
    scope.series = scope.series or {}
    scope.series[series_key(rule, advice.trigger_type)] = series


def occurrence_time(turn: Turn, rule: CompiledRule, series: Series) -> int:
    """When the series' next occurrence begins, counted from its start so that nothing drifts."""
    repeat = rule.rule.repeat
    assert repeat is not None, series.rule
    days = turn.days[series.trigger.zone]
    instant = days.add(series.anchor, repeat.every.times(series.occurrence))
    return instant if repeat.at is None else days.at(instant, repeat.at)


def _measure(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    read = turn.reader(scope, advice) if rule.reads else _nothing_known
    advice.start, advice.end = rule.measure(advice.anchor, read, turn.days[advice.zone])
    if rule.hangs_on:
        _note_facts(turn, scope, rule, advice)


def _note_facts(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    """The events that told what the window is measured from are among the reasons."""
    told = scope.told_by if scope.case is not None else _NO_ONE
    own = turn.subject.own.told_by
    for ref in rule.hangs_on:
        source = (told if ref.root == "case" else own).get(ref.path[0])
        if source is not None:
            advice.because = tuple(dict.fromkeys((*advice.because, source, str(ref))))[-TOLD:]


_NO_ONE: dict[str, str] = {}


def _nothing_known(_: Ref) -> object:
    return None


def _arrive(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> bool:
    """Takes a scheduled advice to where the moment finds it, due or too late; false if it is still scheduled."""
    start = advice.start
    if _is_over(turn, advice):
        miss(turn, scope, rule, advice)
    elif start is not None and start <= turn.now:
        become_due(turn, scope, rule, advice)
    else:
        return False
    return True


def _is_over(turn: Turn, advice: Advice) -> bool:
    """Whether its window has closed, or never opens."""
    start, end = advice.start, advice.end
    return end is not None and (end <= turn.now or (start is not None and end <= start))


def become_due(
    turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, cause: Cause | None = None
) -> None:
    """The window is open: say so, unless another rule keeps this one quiet."""
    held_by = _inhibited(turn, scope, rule, advice) if rule.inhibited_by else None
    if held_by is not None:
        _suppress(turn, scope, rule, advice, held_by)
        return
    advice.state, advice.until, advice.cause = "due", None, None
    turn.tell(scope, rule, advice, "due", cause)
    if rule.rule.inhibits:
        _inhibit(turn, scope, rule, Quiet(None, advice.id))


def _suppress(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, cause: Cause) -> None:
    holder = _holder(turn, scope, rule)
    advice.state, advice.cause = "suppressed", cause
    advice.until = holder[1].until if holder else None
    turn.tell(scope, rule, advice, "suppressed", cause)


def wake(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, cause: Cause) -> None:
    """A snooze or a suppression is over, or the user took a dismissal back."""
    if advice.end is not None and advice.end <= turn.now:
        return  # its window closes at this very instant, which is not in it (S8)
    advice.until, advice.cause = None, None
    if advice.start is None or advice.start > turn.now:
        advice.state = "scheduled"
        turn.tell(scope, rule, advice, "scheduled", cause)
    else:
        become_due(turn, scope, rule, advice, cause)


def fulfil(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, event: str) -> None:
    """The user did it."""
    _end(turn, scope, rule, advice)
    advice.state = "fulfilled"
    turn.tell(scope, rule, advice, "fulfilled", Cause(kind="event", event=event), (event,))


def cancel(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, cause: Cause) -> None:
    """It is moot."""
    _end(turn, scope, rule, advice)
    silent = advice.state == "dismissed"  # the user has done with it; there is nothing more to say
    advice.state = "cancelled"
    if not silent:
        turn.tell(scope, rule, advice, "cancelled", cause, (cause.event,) if cause.event else ())


def miss(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    """The window closed and it was not done. What was suppressed or dismissed is not held against the user."""
    _end(turn, scope, rule, advice)
    if advice.state in ("suppressed", "dismissed"):
        return
    advice.state = "missed"
    if scope.missed:
        _make_room(scope, rule, advice)
    else:
        scope.missed = {}
    scope.missed[advice.id] = advice
    turn.tell(scope, rule, advice, "missed")


def missed_of(scope: ScopeState, rule: CompiledRule) -> list[str]:
    """Under which keys the advices of a rule are kept that were missed, the oldest first."""
    return [key for key, each in scope.missed.items() if each.rule == rule.id]


def _make_room(scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    """Forgets the missed advice in whose place this one spoke, or the oldest of a rule that makes another each time."""
    of_rule = missed_of(scope, rule)
    if rule.takes_again:
        stale = [key for key in of_rule if scope.missed[key].trigger_type == advice.trigger_type]
    else:
        stale = of_rule[: 1 - TOLD]
    for key in stale:
        del scope.missed[key]


def dismiss(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, cause: Cause) -> None:
    """The user does not want it; it stays known so that they can take that back (S20)."""
    _leave_due(turn, scope, rule, advice)
    advice.state, advice.until, advice.cause = "dismissed", None, cause
    turn.tell(scope, rule, advice, "dismissed", cause, (cause.event,) if cause.event else ())


def snooze(
    turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, until: int, cause: Cause
) -> None:
    """The user wants to hear of it later; the window does not move for that (S20)."""
    _leave_due(turn, scope, rule, advice)
    advice.state, advice.until, advice.cause = "snoozed", until, cause
    turn.tell(scope, rule, advice, "snoozed", cause, (cause.event,) if cause.event else ())


def move(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice, fact: Ref, event: str) -> None:
    """A fact changed on which the window hangs: measure it again and say so if it moved (S11)."""
    cause = Cause(kind="fact", fact=str(fact), event=event)
    measure_again(turn, scope, rule, advice, cause, (event, str(fact)))


def measure_again(
    turn: Turn,
    scope: ScopeState,
    rule: CompiledRule,
    advice: Advice,
    cause: Cause,
    because: tuple[str, ...] = (),
) -> None:
    """What the window is measured by has changed: if it moved, say so, and take the advice to where it is now."""
    before = (advice.start, advice.end)
    _measure(turn, scope, rule, advice)
    if before == (advice.start, advice.end):
        return
    turn.touch(scope)
    if advice.state != "dismissed":  # nothing is due of what the user does not want
        turn.tell(scope, rule, advice, "rescheduled", cause, because)
    if advice.state == "due" and (advice.start is None or advice.start > turn.now):
        _leave_due(turn, scope, rule, advice)
        advice.state = "scheduled"
    if _is_over(turn, advice):
        miss(turn, scope, rule, advice)
    elif advice.state == "scheduled":
        _arrive(turn, scope, rule, advice)


def close(turn: Turn, scope: ScopeState, event: str) -> None:
    """The case closed: its advice is moot, but for what the closing event itself called for."""
    for rule, advice in reversed(opened(turn, scope)):  # or what ends would release what ends with it
        if not (advice.trigger == event and advice.anchor == turn.now):
            cancel(turn, scope, rule, advice, Cause(kind="closed", event=event))
    if scope.series:
        scope.series = {
            key: each
            for key, each in scope.series.items()
            if each.trigger.trigger == event
            and each.anchor == turn.now  # its id may be one of another source too
        }
    scope.spans = scope.last = scope.counts = NOTHING
    scope.cooldowns = scope.missed = scope.passed = NOTHING
    if scope.inhibitors:
        still = {key: quiet for key, quiet in scope.inhibitors.items() if quiet.advice in scope.advices}
        scope.inhibitors = still
    scope.next_day = scope.day = None
    turn.touch(scope)


def opened(turn: Turn, scope: ScopeState) -> list[tuple[CompiledRule, Advice]]:
    """The open advices of a scope with their rules, in the order of the rules."""
    return in_order(turn, scope.advices.values())


def in_order(turn: Turn, advices: Iterable[Advice]) -> list[tuple[CompiledRule, Advice]]:
    """Advices with their rules, in the order of the rules."""
    by_id = turn.program.by_id
    known = [(by_id[advice.rule], advice) for advice in advices if advice.rule in by_id]
    if len(known) > 1:
        known.sort(key=_position)
    return known


def _position(pair: tuple[CompiledRule, Advice]) -> tuple[int, str]:
    return pair[0].position, pair[1].id


def _end(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    _leave_due(turn, scope, rule, advice)
    scope.advices.pop(advice.id, None)
    turn.touch(scope)


def _spoke(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    cooldown = rule.rule.cooldown
    if cooldown is None:
        return
    # A case that is not open keeps no memory; but for an instant it must, or rules set each other off for ever (S23).
    until = turn.days[advice.zone].add(turn.now, cooldown) if scope.remembers else turn.now + 1
    scope.cooldowns = scope.cooldowns or {}
    scope.cooldowns[rule.id] = Quiet(until, advice.id)


def _cooling(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> Cause | None:
    quiet = scope.cooldowns.get(rule.id)
    if quiet is None or quiet.until is None or quiet.until <= turn.now:
        return None
    until = turn.local_text(quiet.until, advice.zone)
    return Cause(kind="cooldown", rule=rule.id, advice=quiet.advice, until=until)


def _holder(turn: Turn, scope: ScopeState, rule: CompiledRule) -> tuple[str, Quiet] | None:
    """The rule that inhibits this one now, and how long: the one that lasts longest."""
    held: list[tuple[str, Quiet]] = []
    for other in rule.inhibited_by:
        for place in {id(scope): scope, id(turn.subject.own): turn.subject.own}.values():
            quiet = place.inhibitors.get(other)
            if quiet is not None and (quiet.until is None or quiet.until > turn.now):
                held.append((other, quiet))
    if not held:
        return None
    return max(held, key=lambda each: (each[1].until is None, each[1].until or 0))


def _inhibited(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> Cause | None:
    if not rule.inhibited_by:
        return None
    holder = _holder(turn, scope, rule)
    if holder is None:
        return None
    other, quiet = holder
    until = turn.local_text(quiet.until, advice.zone)
    return Cause(kind="inhibited", rule=other, advice=quiet.advice, until=until)


def _reach(turn: Turn, scope: ScopeState) -> list[ScopeState]:
    """Where an inhibition from this scope is felt: a subject's reaches all of its cases."""
    if scope.case is not None:
        return [scope]
    return [scope, *(turn.subject.cases[case] for case in sorted(turn.subject.cases))]


def _inhibit(turn: Turn, scope: ScopeState, rule: CompiledRule, quiet: Quiet) -> None:
    scope.inhibitors = scope.inhibitors or {}
    scope.inhibitors[rule.id] = quiet
    if quiet.until is not None and quiet.until <= turn.now + 1:
        return  # without a cooldown it holds at this instant only: nothing that is due already is withdrawn
    for place in _reach(turn, scope):
        for other, advice in opened(turn, place):
            if other.id in rule.rule.inhibits and advice.state == "due":
                cause = _inhibited(turn, place, other, advice)
                if cause is not None:
                    _leave_due(turn, place, other, advice)
                    _suppress(turn, place, other, advice, cause)


def _leave_unless_due(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    """Releases what the advice inhibits, unless its restart led to due again: then that would be for no time at all."""
    if advice.state != "due":
        _leave_due(turn, scope, rule, advice)


def _leave_due(turn: Turn, scope: ScopeState, rule: CompiledRule, advice: Advice) -> None:
    """An advice that inhibits others while it is due lets go of them."""
    if not scope.inhibitors:
        return
    quiet = scope.inhibitors.get(rule.id)
    if quiet is None or quiet.until is not None or quiet.advice != advice.id:
        return
    for other in scope.advices.values():
        if other.rule == rule.id and other.state == "due" and other.id != advice.id:
            scope.inhibitors[rule.id] = Quiet(None, other.id)  # which goes on where this one leaves off
            return
    del scope.inhibitors[rule.id]
    names = (rule.id, *rule.rule.renamed_from)
    for place in _reach(turn, scope):
        for kept, held in opened(turn, place):
            if held.state == "suppressed" and held.cause is not None and held.cause.rule in names:
                wake(turn, place, kept, held, Cause(kind="released", rule=rule.id, advice=advice.id))
