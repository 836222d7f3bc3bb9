"""The façade for embedding: feed events, let time pass, ask what to do. No I/O, no clock, no thread (P5)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

import msgspec

from afterword import agenda as agendas
from afterword import explain as explanations
from afterword.days import Days, instant, parse_instant
from afterword.duration import DurationError
from afterword.duration import parse as parse_duration
from afterword.events import BadEvent, Event, checked, from_mapping, order_key
from afterword.network import Kind
from afterword.program import Program, compile_ruleset
from afterword.report import USER_EVENTS, Remark, Report, is_built_in
from afterword.ruleset import Ruleset
from afterword.timeline import deadlines, happening, step, user
from afterword.timeline.state import Advice, ScopeState, SubjectState
from afterword.timeline.turn import Observer, Turn
from afterword.transition import Transition

ENDED_KEPT = 1_000
"""How many advices that have ended can still be explained."""

SNAPSHOT = "afterword-snapshot/1"

Time = str | dt.datetime
"""A moment: an aware datetime, or RFC 3339 text with an offset."""


class EventError(ValueError):
    """An event that cannot be read; `problem` says why and how to mend it."""

    def __init__(self, problem: BadEvent) -> None:
        super().__init__(str(problem))
        self.problem = problem


class TimeError(ValueError):
    """A time that is not an aware datetime or RFC 3339 text with an offset, or that lies before the clock."""


class SnapshotError(ValueError):
    """Bytes that are not a snapshot of this ruleset that this version can read."""


class UnknownAdviceError(KeyError):
    """No advice with this id is open, nor among the last that ended."""


class _Snapshot(msgspec.Struct, kw_only=True):
    """What a snapshot holds."""

    format: str
    ruleset: str
    version: str
    digest: str
    drafts: bool
    clock: int | None
    anonymous: tuple[int, dict[str, int]]
    subjects: list[SubjectState]
    remarks: list[tuple[str, str, int]]


class Engine:
    """Evaluates a stream of events under a ruleset, in the stream's own time (S7).

    `network` is `"durable"`, `"plain"` or `None` (durable where it can be imported); both give the same
    answers. Draft rules are left out unless `drafts` is true. Whoever needs many engines compiles the rules
    once (`compile_ruleset`), which settles both. An engine belongs to one thread at a time.
    """

    def __init__(
        self,
        rules: Ruleset | Program,
        *,
        network: Kind | None = None,
        drafts: bool = False,
        observer: Observer | None = None,
    ) -> None:
        self._program = _compiled(rules, network, drafts)
        self._observer = observer
        self._subjects: dict[str, SubjectState] = {}
        self._heap: list[tuple[int, str, bool, str]] = []
        self._clock: int | None = None
        self._anonymous: tuple[int, dict[str, int]] = (0, {})
        self._calendars: dict[str, Days] = {}
        self._ended: OrderedDict[str, tuple[str, str | None, Advice]] = OrderedDict()
        self._report = Report(self.ruleset)

    @property
    def ruleset(self) -> Ruleset:
        """The rules in force."""
        return self._program.ruleset

    @property
    def clock(self) -> dt.datetime | None:
        """How far the stream's time has come, in the ruleset's time zone; `None` before the first event."""
        return None if self._clock is None else self._days().local(self._clock)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everyone whose stream has been seen."""
        return tuple(sorted(self._subjects))

    def feed(self, event: Event | Mapping[str, Any]) -> list[Transition]:
        """Takes one event and gives the transitions that it and the time before it bring, in their order.

        Deadlines up to the event's time come first (S8). A duplicate (S3), an event before the clock or one
        of an unknown type changes nothing but `remarks()`. Raises `EventError` for what is not an event.
        """
        return self._feed(_event(event))

    def _feed(self, taken: Event) -> list[Transition]:
        """The same for an event that is known to be well made."""
        time = instant(taken.time)
        if self._clock is not None and time < self._clock:
            self._report.note("late", f"{taken.type} {taken.id or taken.time.isoformat()}")
            return []
        out = self._advance(time)
        out += self._take(taken, time)
        return sorted(out, key=attrgetter("order")) if len(out) > 1 else out

    def advance(self, to: Time) -> list[Transition]:
        """Lets time pass up to and including `to`, as if nothing else happened (S7). Going back is a `TimeError`."""
        target = moment(to)
        if self._clock is not None and target < self._clock:
            raise TimeError(f"The clock stands at {self.clock}; it cannot go back to {to}.")
        return sorted(self._advance(target), key=attrgetter("order"))

    def agenda(
        self, subject: str | None = None, at: Time | None = None, days: int = 14
    ) -> list[agendas.AgendaItem]:
        """What is overdue, due, and coming within `days` calendar days of `at`, as if nothing else happened.

        `at` may not lie before the clock, and is the clock if left out. Nothing of the engine changes.
        """
        start = self._clock if at is None else moment(at)
        if start is None:
            return []
        if self._clock is not None and start < self._clock:
            raise TimeError(f"The clock stands at {self.clock}; an agenda for {at} is in its past.")
        return agendas.agenda(self._fork(subject), start, days)

    def explain(self, advice: str) -> explanations.Explanation:
        """Why this advice was said or withheld, as data (P6): open advices and the last thousand that ended.

        Raises `UnknownAdviceError` for any other id.
        """
        for person in self._subjects.values():
            for scope in (person.own, *person.cases.values()):
                if advice in scope.advices:
                    return self._explained(person.subject, scope.case, scope.advices[advice])
        if advice in self._ended:
            return self._explained(*self._ended[advice])
        raise UnknownAdviceError(advice)

    def explain_record(self, transition: Transition) -> explanations.Explanation:
        """The explanation of a transition that one still holds, however long ago its advice ended."""
        return self._explained(transition.subject, transition.case, transition.record)

    def remarks(self) -> list[Remark]:
        """What was noticed about the events: unknown types and fields, duplicates, late ones (P2)."""
        return self._report.remarks()

    def snapshot(self) -> bytes:
        """The whole state as bytes: versioned, portable, no pickle. `restore` gives the engine back."""
        rules = self.ruleset
        return msgspec.msgpack.encode(
            _Snapshot(
                format=SNAPSHOT,
                ruleset=rules.name,
                version=rules.version,
                digest=rules.digest,
                drafts=self._program.drafts,
                clock=self._clock,
                anonymous=self._anonymous if self._anonymous[0] == self._clock else (0, {}),
                subjects=[self._subjects[name] for name in sorted(self._subjects)],
                remarks=self._report.state(),
            ),
            order="deterministic",
        )

    @classmethod
    def restore(cls, rules: Ruleset | Program, state: bytes, *, network: Kind | None = None) -> Engine:
        """An engine that goes on where a snapshot of the same ruleset was taken.

        Raises `SnapshotError` for other bytes, and for a snapshot taken under other rules.
        """
        snapshot = _read_snapshot(state)
        engine = cls(_compiled_as(rules, network, snapshot))
        engine._clock = snapshot.clock
        engine._anonymous = snapshot.anonymous
        engine._report.restore(snapshot.remarks)
        for subject in snapshot.subjects:
            engine._subjects[subject.subject] = subject
            for scope in (subject.own, *subject.cases.values()):
                engine._schedule(subject, scope)
        return engine

    def _days(self) -> Days:
        defaults = self.ruleset.defaults
        return Days(defaults.timezone, defaults.weekend, defaults.holidays)

    def _take(self, event: Event, time: int) -> list[Transition]:
        subject = self._subject(event.subject)
        if self._duplicate(subject, event):
            return []
        self._report.check(event)
        if event.type.startswith("advice.") and event.type not in USER_EVENTS:
            self._report.note("reserved type", event.type)
            return []
        happened = happening.from_event(event, time)
        if event.id is None:
            happened.identity += self._ordinal(time, f"{event.subject}\0{event.case}\0{happened.identity}")
        turn = self._turn(subject, time)
        if event.type in USER_EVENTS:
            user.obey(turn, happened)
        else:
            self._note_unheard(subject, event)
            step.take(turn, happened)
        return self._finish(turn) + self._advance(time)

    def _duplicate(self, subject: SubjectState, event: Event) -> bool:
        if event.id is None:
            return False
        key = hashlib.blake2b(f"{event.source or ''}\0{event.id}".encode(), digest_size=16).hexdigest()
        if key in subject.ids:
            self._report.note("duplicate", event.id)
            return True
        subject.ids.add(key)
        return False

    def _ordinal(self, time: int, identity: str) -> str:
        """Tells equal events without an id apart: they are two events, not one (S3)."""
        since, seen = self._anonymous
        if since != time:
            seen = {}
        number = seen[identity] = seen.get(identity, -1) + 1
        self._anonymous = (time, seen)
        return f"\0{number}" if number else ""

    def _note_unheard(self, subject: SubjectState, event: Event) -> None:
        known = event.type in self.ruleset.events or is_built_in(event.type, self.ruleset)
        if event.case is None and known and subject.open_cases == 0:
            plan = self._program.plans.get(event.type)
            if plan is not None and plan.case.uses.any():
                self._report.note("no open case", event.type)

    def _subject(self, name: str) -> SubjectState:
        subject = self._subjects.get(name)
        if subject is None:
            subject = SubjectState(subject=name, own=ScopeState(case=None, open=True))
            self._subjects[name] = subject
        return subject

    def _turn(self, subject: SubjectState, now: int) -> Turn:
        return Turn(self._program, subject, now, self._report.note, self._calendars, self._observer)

    def _finish(self, turn: Turn) -> list[Transition]:
        turn.touch(turn.subject.own)
        for scope in deadlines.settle(turn):
            self._schedule(turn.subject, scope)
        for transition in turn.out:
            if transition.state in ("raised", "fulfilled", "missed", "cancelled", "suppressed"):
                self._ended[transition.advice] = (transition.subject, transition.case, transition.record)
                self._ended.move_to_end(transition.advice)
        while len(self._ended) > ENDED_KEPT:
            self._ended.popitem(last=False)
        return turn.out

    def _schedule(self, subject: SubjectState, scope: ScopeState) -> None:
        if scope.deadline is not None:
            heappush(self._heap, (scope.deadline, subject.subject, scope.case is not None, scope.case or ""))

    def _advance(self, to: int) -> list[Transition]:
        """Meets every deadline up to and including `to`, in their order."""
        out: list[Transition] = []
        while self._heap and self._heap[0][0] <= to:
            deadline, name, in_case, case = heappop(self._heap)
            subject = self._subjects[name]
            scope = subject.cases.get(case) if in_case else subject.own
            if scope is None or scope.deadline != deadline:
                continue  # it moved or went since it was put here
            scope.deadline = None
            # A deadline found late (a date stated after it had passed) is met now: time does not run back.
            turn = self._turn(subject, deadline if self._clock is None else max(deadline, self._clock))
            self._clock = turn.now
            deadlines.expire(turn, scope)
            out += self._finish(turn)
        self._clock = to if self._clock is None else max(to, self._clock)
        return out

    def _fork(self, subject: str | None) -> Engine:
        """A copy that can run ahead: of one subject, or of all."""
        names = self._subjects if subject is None else [name for name in self._subjects if name == subject]
        copy = object.__new__(Engine)
        copy.__dict__.update(self.__dict__)
        copy._observer = None
        copy._heap, copy._ended, copy._report = [], OrderedDict(), Report(self.ruleset)
        copy._subjects = {}
        for name in names:
            encoded = msgspec.msgpack.encode(self._subjects[name])
            state = copy._subjects[name] = msgspec.msgpack.decode(encoded, type=SubjectState)
            for scope in (state.own, *state.cases.values()):
                copy._schedule(state, scope)
        return copy

    def _explained(self, subject: str, case: str | None, advice: Advice) -> explanations.Explanation:
        return explanations.explain(self._program, subject, case, advice, self._calendars)


def _compiled(rules: Ruleset | Program, network: Kind | None, drafts: bool) -> Program:
    if isinstance(rules, Ruleset):
        return compile_ruleset(rules, network=network, drafts=drafts)
    if network is not None or drafts:
        raise TypeError("`network` and `drafts` are settled when the rules are compiled")
    return rules


def _compiled_as(rules: Ruleset | Program, network: Kind | None, snapshot: _Snapshot) -> Program:
    """The rules with or without drafts, as they were when the snapshot was taken."""
    ruleset = rules.ruleset if isinstance(rules, Program) else rules
    if (snapshot.ruleset, snapshot.digest) != (ruleset.name, ruleset.digest):
        raise SnapshotError(
            f"The snapshot was taken under {snapshot.ruleset} {snapshot.version} ({snapshot.digest}), "
            f"not under {ruleset.name} {ruleset.version} ({ruleset.digest})."
        )
    if isinstance(rules, Ruleset):
        return _compiled(rules, network, snapshot.drafts)
    if rules.drafts != snapshot.drafts:
        taken, compiled = ("with" if drafts else "without" for drafts in (snapshot.drafts, rules.drafts))
        raise SnapshotError(f"The snapshot was taken {taken} draft rules; these are compiled {compiled}.")
    return _compiled(rules, network, drafts=False)


def evaluate(
    rules: Ruleset | Program,
    events: Iterable[Event | Mapping[str, Any]],
    as_of: Time | None = None,
    *,
    network: Kind | None = None,
    drafts: bool = False,
) -> Iterator[Transition]:
    """The transitions of a whole log, in order, up to `as_of` (default: the time of the last event).

    `as_of` may be an offset from the last event, such as `+30 days`. The events may come in any order; they
    are sorted first, so that the answer depends on the set of them alone (P1, S12). `replay` takes a log that
    is sorted already without holding it in memory.
    """
    engine = Engine(rules, network=network, drafts=drafts)
    ordered = sorted((_event(event) for event in events), key=order_key)
    yield from replay(engine, ordered, as_of)


def replay(engine: Engine, events: Iterable[Event], as_of: Time | None = None) -> Iterator[Transition]:
    """Feeds events that are in the order of time and gives the transitions as soon as their order is certain.

    The events are taken as well made, as a log or `decode` gives them. Those of one instant may come in any
    order; those after `as_of` are left out. Raises `TimeError` when an event is earlier than the one before
    it, or `as_of` is no time.
    """
    limit = horizon(as_of, None, engine.ruleset)
    pending: list[Transition] = []
    for same_time in _instants(events):
        if limit is not None and same_time[0].time > limit:
            break
        for event in sorted(same_time, key=order_key) if len(same_time) > 1 else same_time:
            pending += engine._feed(event)
        if pending and pending[0].instant < pending[-1].instant:
            settled, pending = _settled(pending)
            yield from settled
    end = horizon(as_of, engine.clock, engine.ruleset)
    if end is not None:
        pending += engine.advance(end)
    yield from sorted(pending, key=attrgetter("order"))


def horizon(as_of: Time | None, last: dt.datetime | None, ruleset: Ruleset) -> dt.datetime | None:
    """How far a log that ends at `last` is evaluated: to `as_of`, to an offset past the last event, or to that.

    `None` while the offset's last event is not known, or there is none.
    """
    if isinstance(as_of, str) and as_of.startswith("+"):
        defaults = ruleset.defaults
        try:
            offset = parse_duration(as_of[1:].strip(), defaults.days)
        except DurationError as error:
            raise TimeError(str(error)) from None
        days = Days(defaults.timezone, defaults.weekend, defaults.holidays)
        return None if last is None else days.local(days.add(instant(last), offset))
    if as_of is None:
        return last
    return Days().local(moment(as_of))


def _settled(pending: list[Transition]) -> tuple[list[Transition], list[Transition]]:
    """Splits off what nothing can come before any more: all but the transitions of the latest instant."""
    latest = pending[-1].instant
    cut = next(n for n, transition in enumerate(pending) if transition.instant == latest)
    return sorted(pending[:cut], key=attrgetter("order")), pending[cut:]


def _instants(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events grouped by time."""
    group: list[Event] = []
    for event in events:
        if group and event.time != group[0].time:
            if event.time < group[0].time:
                raise TimeError(
                    f"The event {event.id or event.type} at {event.time} comes after a later one."
                )
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def moment(time: Time) -> int:
    """A moment as an instant; raises `TimeError` when it has no offset or is no time at all."""
    found = parse_instant(time) if isinstance(time, str) else None
    if isinstance(time, dt.datetime) and time.utcoffset() is not None:
        found = instant(time)
    if found is None:
        raise TimeError(f"{time!r} is not a time with an offset, such as 2026-03-10T00:00:00+08:00.")
    return found


def _event(event: Event | Mapping[str, Any]) -> Event:
    read = checked(event) if isinstance(event, Event) else from_mapping(event)
    if isinstance(read, BadEvent):
        raise EventError(read)
    return read


def _read_snapshot(state: bytes) -> _Snapshot:
    try:
        snapshot = msgspec.msgpack.decode(state, type=_Snapshot)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        raise SnapshotError(f"These bytes are not a snapshot: {error}.") from None
    if snapshot.format != SNAPSHOT:
        raise SnapshotError(
            f"The snapshot has the format {snapshot.format!r}; this version reads {SNAPSHOT!r}."
        )
    return snapshot
