"""A whole log at once: events in, transitions out, in their order and as soon as that is certain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import attrgetter, lt
from typing import Any

from afterword.days import instant
from afterword.engine import Engine, admitted_all, evaluator_of
from afterword.events import BadEvent, Event, order_key
from afterword.history import SORTED
from afterword.moments import Time, TimeError, horizon
from afterword.network import NetworkKind
from afterword.program import Program
from afterword.ruleset import Ruleset
from afterword.sieve import Sieve
from afterword.transition import ORDER, Transition
from afterword.typed import Typed, TypedEvent


def evaluate(
    rules: Ruleset | Program,
    events: Iterable[Event | BadEvent | Mapping[str, Any]],
    as_of: Time | None = None,
    *,
    network: NetworkKind | None = None,
    drafts: bool = False,
) -> Iterator[Transition]:
    """The transitions of a whole log, in order, up to `as_of` (default: the time of the last event).

    `as_of` may be an offset from the last event, such as `+30 days`. The events may come in any order; they
    are sorted first, so that the answer depends on the set of them alone (P1, S12). `replay` takes a log that
    is sorted already without holding it in memory.

    Nothing is done, and nothing raised, before the first transition is asked for: then `EventError` for what is
    no event, `TimeError` for an `as_of` that is no time, and what making an engine raises.
    """
    engine = Engine(rules, network=network, drafts=drafts, history=SORTED)
    yield from replay_well_made(engine, sorted(admitted_all(events), key=attrgetter("time")), as_of)


def replay(
    engine: Engine, events: Iterable[Event | BadEvent | Mapping[str, Any]], as_of: Time | None = None
) -> Iterator[Transition]:
    """Feeds events that are in the order of time and gives the transitions as soon as their order is certain.

    Those of one instant may come in any order; those after `as_of` are left out. An engine made with
    `history="sorted"` does it fastest.

    Events are taken as transitions are asked for: a caller that stops early leaves the engine as it is by then.
    Raises `EventError` for what is no event, and `TimeError` when an event is earlier than the one before it, or
    `as_of` is no time: then and not before, when all that came before is taken and its transitions are given.
    """
    yield from replay_well_made(engine, admitted_all(events), as_of)


def replay_well_made(
    engine: Engine, events: Iterable[Event], as_of: Time | None = None
) -> Iterator[Transition]:
    """`replay` for events that a log or `decode` gave, which need not be looked at again."""
    limit = horizon(as_of, None, engine.ruleset)
    pending: list[Transition] = []
    try:
        for same_time in _instants(events):
            if limit is not None and same_time[0].time > limit:
                break
            evaluator = evaluator_of(engine)
            for event in sorted(same_time, key=order_key) if len(same_time) > 1 else same_time:
                evaluator.follow(event, pending)
            if pending and pending[0].instant < pending[-1].instant:
                settled, pending = _settled(pending)
                yield from settled
    except Exception:
        yield from sorted(pending, key=ORDER)  # the engine has taken what they come from
        raise
    end = horizon(as_of, engine.clock, engine.ruleset)
    if end is not None:
        pending += engine.advance(end)
    yield from sorted(pending, key=ORDER)


def replay_typed(
    engine: Engine,
    read: Callable[[Typed], Iterable[Sequence[TypedEvent | Event]]],
    as_of: Time | None = None,
) -> Iterator[Transition]:
    """`replay` for a log that is read many events at a time, passing over what can change nothing.

    `read` gives the blocks of the log, decoded by what it is given (`rim.logs.Log.blocks`). The engine is a new
    one that keeps no history, and nobody observes it.
    """
    typed = Typed(engine.ruleset.events)
    limit = horizon(as_of, None, engine.ruleset)
    sieve = evaluator_of(engine).sieve()
    pending: list[Transition] = []
    rest: list[TypedEvent | Event] = []
    for block in read(typed):
        rest += block
        if limit is not None and rest and rest[-1].time > limit:
            rest = [event for event in rest if event.time <= limit]
        last = _latest_instant(rest)
        if last:
            _refuse_disorder(rest[last - 1].time, rest[last].time)
        _take_block(engine, sieve, rest[:last], typed, pending)
        rest = rest[last:]
        if pending and pending[0].instant < pending[-1].instant:
            settled, pending = _settled(pending)
            yield from settled
    _take_block(engine, sieve, rest, typed, pending)
    evaluator_of(engine).notice(sieve)
    end = horizon(as_of, engine.clock, engine.ruleset)
    if end is not None:
        pending += engine.advance(end)
    yield from sorted(pending, key=ORDER)


def _take_block(
    engine: Engine,
    sieve: Sieve,
    events: list[TypedEvent | Event],
    typed: Typed,
    pending: list[Transition],
) -> None:
    """Takes the events of whole instants."""
    if not events:
        return
    evaluator = evaluator_of(engine)
    for event in sieve.left(_untied(events, typed), typed):
        happening = typed.happening(event)
        if happening is None:
            evaluator.follow(typed.plain(event), pending)
        else:
            evaluator.follow_declared(happening, pending)
    pending += evaluator.pass_to(instant(events[-1].time))


def _untied(events: list[TypedEvent | Event], typed: Typed) -> Sequence[TypedEvent | Event]:
    """The same in the order of time, those of one instant in theirs."""
    times = [event.time for event in events]
    if all(map(lt, times, times[1:])):
        return events
    for time, after in pairwise(times):
        _refuse_disorder(time, after)
    instants = (list(same_time) for _, same_time in groupby(events, key=attrgetter("time")))
    return [
        event
        for group in instants
        for event in (sorted(group, key=lambda each: order_key(typed.plain(each))) if group[1:] else group)
    ]


def _refuse_disorder(time: dt.datetime, after: dt.datetime) -> None:
    if after < time:
        raise TimeError(f"The event at {after} comes after one at {time}.")


def _latest_instant(events: list[TypedEvent | Event]) -> int:
    """Where the events of the latest instant begin, of which more may follow."""
    if events and events[0].time == events[-1].time:
        return 0  # without a look at each of them, which would be one at all of them for every block
    place = len(events)
    while place and events[place - 1].time == events[-1].time:
        place -= 1
    return place


def _settled(pending: list[Transition]) -> tuple[list[Transition], list[Transition]]:
    """Splits off what nothing can come before any more: all but the transitions of the latest instant."""
    cut, latest = len(pending) - 1, pending[-1].instant
    while cut and pending[cut - 1].instant == latest:
        cut -= 1
    return sorted(pending[:cut], key=ORDER), pending[cut:]


def _instants(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events grouped by time; those before one that is out of order, or cannot be had, come before the error."""
    group: list[Event] = []
    try:
        for event in events:
            if group and event.time != group[0].time:
                if event.time < group[0].time:
                    raise TimeError(
                        f"The event {event.id or event.type} at {event.time} comes after a later one."
                    )
                yield group
                group = []
            group.append(event)
    except Exception:
        if group:
            yield group
        raise
    if group:
        yield group
