"""Refuses a remembered state that no engine would have written, before it can do any harm (P4).

A digest reveals damage, not intent: anyone who can write a snapshot can write its digest. What is refused here is
what would make an engine fail, or run without end; a state that is merely untrue cannot be told from a true one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, get_args

import msgspec

from afterword.days import EARLIEST, LATEST, instant, zone_exists
from afterword.duration import DAY
from afterword.event_time import in_range
from afterword.events import Event
from afterword.frames import Frame, decode_state, key_of, since_of
from afterword.program import Program
from afterword.stream import no_remark
from afterword.strict_json import DECODE_ERRORS, OddJSONError, is_sound, refuse_odd
from afterword.timeline import life
from afterword.timeline.state import Advice, OpenState, ScopeState, SubjectState
from afterword.timeline.turn import Turn

if TYPE_CHECKING:
    from afterword.snapshot import Person

_OPEN = frozenset(get_args(OpenState)) - {"missed"}
_STRAY = 40 * DAY
"""How far the next occurrence of a repeat can lie from where its rhythm puts it, by edits and odd calendars."""


class OddStateError(ValueError):
    """What no engine would have written."""


def check_person(person: Person, clock: int | None) -> None:
    """Refuses, with `OddStateError`, an entry of a subject that could not come out of an engine at this clock."""
    state = person.state
    if state.stamp is None or clock is None or state.stamp > clock:
        raise OddStateError(f"it says that something happened to {state.subject!r} after its clock")
    _check_state(state)
    _check_future(state, clock)
    for frame in person.frames:
        _check_frame(frame, state.subject, clock)
    _refuse_disorder(list(map(since_of, person.frames)), state.subject)


def check_fit(person: Person, program: Program) -> None:
    """Refuses a state that names rules, or parts of them, that there are not."""
    _check_rules(person.state, program)
    for frame in person.frames:
        if frame.state is not None:
            _check_rules(_state_of(frame), program)


# --- whatever the rules


def _check_state(state: SubjectState) -> None:
    scopes = state.cases
    if state.own.case is not None or any(scope.case != name for name, scope in scopes.items()):
        raise OddStateError(f"it mixes up the cases of {state.subject!r}")
    if state.open_cases != sum(scope.open for scope in scopes.values()):
        raise OddStateError(f"it miscounts the open cases of {state.subject!r}")
    _refuse_odd_instants([state.stamp, state.same_at])
    for scope in (state.own, *scopes.values()):
        _check_scope(scope)


def _check_scope(scope: ScopeState) -> None:
    advices = scope.all_advices
    for zone in {scope.zone, *(advice.zone for advice in advices)}:
        if zone is not None and not zone_exists(zone):
            raise OddStateError(f"it names a time zone that there is not, {zone!r}")
    _refuse_odd_instants(_instants_of(scope))
    _check_keys(scope)
    for values in (scope.facts, *(advice.seen for advice in advices)):
        try:
            refuse_odd(values)
        except OddJSONError as error:
            raise OddStateError(f"a value in it is no JSON: {error}") from None
    for advice in advices:
        _check_advice(advice)


def _instants_of(scope: ScopeState) -> Iterator[int | None]:
    """Those of the scope itself; each advice has its own."""
    yield from (scope.opened, scope.next_day, scope.deadline)
    yield from (*scope.spans.values(), *scope.last.values())
    yield from (each.time for counted in scope.counts.values() for each in counted)
    yield from (quiet.until for quiet in (*scope.cooldowns.values(), *scope.inhibitors.values()))
    yield from (at for each in scope.series.values() for at in (each.anchor, each.next))


def _check_keys(scope: ScopeState) -> None:
    """What is kept under a key is what the key says."""
    if any(each.id != key or each.state not in _OPEN for key, each in scope.advices.items()):
        raise OddStateError("it calls an advice open that is not")
    # It was known by its rule before rules could have several.
    if any(each.state != "missed" or key not in (each.id, each.rule) for key, each in scope.missed.items()):
        raise OddStateError("it calls an advice missed that is not")
    for key, each in scope.series.items():
        if key != f"{each.rule}/{each.trigger.trigger_type}" or each.trigger.rule != each.rule:
            raise OddStateError("it mixes up what repeats")


def _check_advice(advice: Advice) -> None:
    _refuse_odd_instants([advice.anchor, advice.start, advice.end, advice.until, *advice.gates.values()])
    _refuse_odd_instants([past.time for past in advice.history])
    if advice.occurrence < 0 or advice.clause < 0:
        raise OddStateError("it numbers something below zero")


def _check_future(state: SubjectState, clock: int) -> None:
    """What comes again and again has been met up to the clock: what lies far behind would have to be made up for."""
    for scope in (state.own, *state.cases.values()):
        nexts = [scope.next_day, *(series.next for series in scope.series.values())]
        if any(at is not None and at <= clock for at in nexts):
            raise OddStateError(f"something of {state.subject!r} is still to come and lies before its clock")


def _check_frame(frame: Frame, subject: str, clock: int) -> None:
    _refuse_odd_instants([frame.since])
    if frame.state is not None:
        state = _state_of(frame)
        _check_state(state)
        if state.subject != subject or state.stamp is None or state.stamp > clock:
            raise OddStateError(f"it mixes up what is kept of {subject!r}")
        _check_future(state, state.stamp)
    for kept in frame.events:
        if kept.event and not _is_kept(kept.event, kept.time, kept.key, subject):
            raise OddStateError(f"an event in it that is kept of {subject!r} is none")
        if kept.time > clock or kept.time < since_of(frame):
            raise OddStateError(f"an event in it of {subject!r} stands at the wrong time")
    _refuse_disorder([kept.time for kept in frame.events], subject)


def _is_kept(line: bytes, time: int, key: bytes | None, subject: str) -> bool:
    """Whether these bytes are an event of this time, key and subject, as `decode` would have given it."""
    try:
        event = _decode_event(line)
        sound = is_sound(line)
    except DECODE_ERRORS:
        return False
    if not sound or not isinstance(in_range(event.time), type(event.time)):
        return False
    if event.timezone is not None and not zone_exists(event.timezone):
        return False
    return (instant(event.time), key_of(event), event.subject) == (time, key, subject)


_decode_event = msgspec.json.Decoder(Event).decode


def _state_of(frame: Frame) -> SubjectState:
    assert frame.state is not None
    try:
        return decode_state(frame.state)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise OddStateError(f"a state in it cannot be read: {error}") from None


def _refuse_odd_instants(instants: Iterable[int | None]) -> None:
    for at in instants:
        if at is not None and not EARLIEST <= at <= LATEST:
            raise OddStateError(f"it holds an instant out of all range, {at}")


def _refuse_disorder(times: list[int], subject: str) -> None:
    if any(first > second for first, second in pairwise(times)):
        raise OddStateError(f"what is kept of {subject!r} is not in order")


# --- under these rules


def _check_rules(state: SubjectState, program: Program) -> None:
    turn = Turn(program, state, state.stamp or 0, no_remark)
    for scope in (state.own, *state.cases.values()):
        for advice in scope.all_advices:
            rule = program.by_id.get(advice.rule)
            if rule is None or rule.rule.kind != "recommendation" or rule.rule.per != scope.kind:
                raise OddStateError(f"it holds advice of {advice.rule!r}, which gives none there")
            if advice.clause >= len(rule.rule.when):
                raise OddStateError(f"it names a trigger that {advice.rule!r} does not have")
        for series in scope.series.values():
            rule = program.by_id.get(series.rule)
            if rule is None or rule.rule.repeat is None:
                raise OddStateError(f"it repeats {series.rule!r}, which does not repeat")
            if series.occurrence < 1 or abs(life.occurrence_time(turn, rule, series) - series.next) > _STRAY:
                raise OddStateError(f"it repeats {series.rule!r} out of step")
