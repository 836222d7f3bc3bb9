"""What is kept of the past, so that a late event can change it: events, and how a subject stood now and then (S12).

Each subject's events lie in *frames*. A frame begins with how the subject stood, and holds the events since.
A late event runs its subject again from the frame that it falls into, once as it was and once with the event;
what comes out differently is the correction (S24). Old frames are let go as a whole: what is forgotten and
when is the policy, which `Policy` states.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from afterword.days import EARLIEST, Days
from afterword.duration import Duration, DurationError
from afterword.duration import parse as parse_duration
from afterword.events import Event, order_key
from afterword.program import Program
from afterword.ruleset import Ruleset
from afterword.stream import Note, Stream, fresh, unheard
from afterword.timeline.state import Cause, SubjectState
from afterword.transition import Transition

SORTED = "sorted"
OPEN_CASES = "open-cases"
ALL = "all"

GRACE = Duration(days=1)
"""How long everybody's events are kept at least under `open-cases`."""

FRAME = 32
"""How many events a frame holds: fewer make late events cheaper, and what is kept larger."""

SWEPT = 8
"""How many subjects one event's arrival looks through for what may be let go."""


class HistoryError(ValueError):
    """A `history` that is no policy."""


class Policy(NamedTuple):
    """How much of the past is kept: `keep` none means for ever, `open_cases` at least since the oldest open case."""

    name: str
    keep: Duration | None
    open_cases: bool = False


def policy(history: str) -> Policy | None:
    """The policy of this name; `None` for `sorted`, which keeps nothing. Raises `HistoryError`.

    `open-cases`: every event of a subject since the oldest of their open cases was opened, and of the last
    day. A duration such as `30 days`: so far back from the engine's clock. `all`: everything.
    """
    if history == SORTED:
        return None
    if history == OPEN_CASES:
        return Policy(history, GRACE, open_cases=True)
    if history == ALL:
        return Policy(history, None)
    try:
        return Policy(history, parse_duration(history))
    except DurationError as error:
        raise HistoryError(
            f"`{history}` is no history: write `open-cases`, `all`, `sorted`, or a duration. {error}"
        ) from None


class Kept(NamedTuple):
    """An event as it is kept; `key` stands for its source and id, `None` when it has no id."""

    time: int
    key: bytes | None
    event: bytes

    def decoded(self) -> Event:
        """The event."""
        return _decode(self.event)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Event).decode
_decode_state = msgspec.msgpack.Decoder(SubjectState).decode


class Frame(msgspec.Struct, array_like=True):
    """How a subject stood (`None`: nothing was known), and its events from the instant `since` on, in order.

    `since` none: from the beginning. An event earlier than `since` does not belong here.
    """

    since: int | None
    state: bytes | None
    events: list[Kept] = []


class Past:
    """What is kept of one subject's events."""

    __slots__ = ("_index", "due", "frames")

    def __init__(self, frames: Iterable[Frame] = (), due: int | None = None) -> None:
        self.frames: list[Frame] = list(frames)
        self.due = due
        """When it is next looked through for what may be let go."""
        self._index: dict[bytes | None, Kept] | None = None

    def find(self, key: bytes | None) -> Kept | None:
        """The kept event with this source and id."""
        if key is None:
            return None
        if len(self.frames) <= 2:  # so few that an index would cost more than it saves
            return next((kept for kept in self.events() if kept.key == key), None)
        if self._index is None:
            self._index = {kept.key: kept for kept in self.events()}
        return self._index.get(key)

    def events(self, first: int = 0) -> Iterator[Kept]:
        """The events from this frame on."""
        for frame in self.frames[first:]:
            yield from frame.events

    def last(self) -> Kept | None:
        """The latest event."""
        for frame in reversed(self.frames):
            if frame.events:
                return frame.events[-1]
        return None

    def frame_of(self, time: int) -> int | None:
        """Which frame an event of this time falls into; `None` when it is older than all that is kept."""
        place = bisect_right(self.frames, time, key=_since) - 1
        return None if place < 0 else place

    def append(self, kept: Kept, state: SubjectState) -> None:
        """Adds an event that comes after all others, before the subject takes it."""
        stamp = state.stamp
        if not self.frames or (
            len(self.frames[-1].events) >= FRAME and stamp is not None and kept.time > stamp
        ):
            begins = None if stamp is None else stamp + 1  # until then the subject stays as it is
            self.frames.append(Frame(begins, _encode(state), []))
        self.frames[-1].events.append(kept)
        if self._index is not None:
            self._index[kept.key] = kept

    def replace(self, place: int, frames: list[Frame]) -> None:
        """Puts other frames in the place of those from this one on."""
        self.frames[place:] = frames
        self._index = None

    def drop(self, number: int) -> None:
        """Lets go of the first frames."""
        if number:
            del self.frames[:number]
            self._index = None


def _since(frame: Frame) -> int:
    return EARLIEST if frame.since is None else frame.since


def key_of(event: Event) -> bytes | None:
    """What tells a duplicate (S3): a digest of source and id; `None` for an event without an id."""
    return None if event.id is None else digest(event.source, event.id)


def digest(source: str | None, id: str) -> bytes:
    """What stands for a source and an id where many are kept."""
    return hashlib.blake2b(f"{source or ''}\0{id}".encode(), digest_size=16).digest()


class History:
    """Takes events in any order, and gives the transitions and corrections that they bring."""

    def __init__(self, stream: Stream, policy: Policy, note: Note) -> None:
        self._stream = stream
        self._policy = policy
        self._note = note
        self._days = _days(stream.program.ruleset)
        self.past: dict[str, Past] = {}
        self.forgotten: int | None = None
        """Up to when the events of subjects that are no longer known may reach."""
        self._queue: list[tuple[int, str]] = []
        """A heap of when whose past is due; it is what the pasts say, so that a restart changes nothing."""

    @property
    def policy(self) -> Policy:
        """How much is kept."""
        return self._policy

    def take(self, event: Event, time: int, clock: int) -> list[Transition] | None:
        """What an event brings, in the order of nothing in particular; `None` when it has no effect.

        All deadlines up to `clock`, which is not before `time`, have been met.
        """
        past = self.past.get(event.subject) or self._unknown(event.subject)
        kept = Kept(time, key_of(event), _encode(event))
        twin = past.find(kept.key)
        if twin is not None and not _supersedes(event, kept, twin):
            self._note("duplicate", event.id or "")
            return None
        state = self._stream.subjects.get(event.subject)
        if twin is None and _is_last(event, time, state, past):
            self._keep(event.subject, past, clock)
            self._append(past, kept, state or fresh(event.subject))
            out = self._stream.take(event, time)
            if time < clock:
                out += self._stream.expire(clock)
            return out
        place = past.frame_of(time)
        if place is None:
            self._note("late", _told(event))
            return None
        if twin is not None:
            self._note("duplicate", event.id or "")
        self._keep(event.subject, past, clock)
        return self._run_again(past, place, event, kept, twin, clock)

    def restore(self, subject: str, past: Past) -> None:
        """Takes over what was kept elsewhere."""
        self.past[subject] = past
        if past.due is not None:
            heappush(self._queue, (past.due, subject))

    def begin_anew(self) -> None:
        """Lets go of all events: what comes from before now is too late."""
        for past in self.past.values():
            past.drop(len(past.frames))

    def _unknown(self, subject: str) -> Past:
        """The past of a subject none of whose events are kept."""
        if subject in self._stream.subjects:
            return Past()
        since = None if self.forgotten is None else self.forgotten + 1
        return Past([Frame(since, None, [])])

    def _keep(self, subject: str, past: Past, clock: int) -> None:
        self.past[subject] = past
        self._enqueue(subject, past, clock)

    def _append(self, past: Past, kept: Kept, state: SubjectState) -> None:
        frames = len(past.frames)
        past.append(kept, state)
        if len(past.frames) > frames:
            self._trim(past, state, kept.time)

    def _run_again(
        self, past: Past, place: int, event: Event, kept: Kept, twin: Kept | None, clock: int
    ) -> list[Transition]:
        """Evaluates the subject again from a frame on, with the event, and tells what comes out differently."""
        was = [(each, each.decoded()) for each in past.events(place)]
        now = [pair for pair in was if pair[0] is not twin] + [(kept, event)]
        now.sort(key=lambda pair: order_key(pair[1]))
        base = past.frames[place]
        program, subject = self._stream.program, event.subject
        before, _, _ = _rerun(program, subject, base, was, clock)
        after, frames, state = _rerun(program, subject, base, now, clock)
        past.replace(place, frames)
        self._stream.adopt(state)
        return list(corrections(before, after, Cause(kind="late event", event=_named(event))))

    # --- letting go

    def _limit(self, clock: int) -> int | None:
        """The instant before which nothing need be kept, were it not for open cases."""
        keep = self._policy.keep
        return None if keep is None else self._days.add(clock, keep, -1)

    def _trim(self, past: Past, state: SubjectState, clock: int) -> None:
        """Lets go of the frames that end before what has to be kept."""
        limit = self._limit(clock)
        if limit is None:
            return
        if self._policy.open_cases:
            opened = [case.opened for case in state.cases.values() if case.open and case.opened is not None]
            limit = min([limit, *opened])
        past.drop(max(0, bisect_right(past.frames, limit, key=_since) - 1))

    def _enqueue(self, subject: str, past: Past, clock: int) -> None:
        if past.due is None and self._policy.keep is not None:
            past.due = self._days.add(clock, self._policy.keep)
            heappush(self._queue, (past.due, subject))

    def sweep(self, clock: int) -> None:
        """Looks through a few subjects that nothing may have happened to for long, and lets go what may go."""
        for _ in range(SWEPT):
            if not self._queue or self._queue[0][0] > clock:
                return
            subject = heappop(self._queue)[1]
            past = self.past.get(subject)
            if past is None:
                continue
            past.due = None
            self._stream.touched[subject] = None
            state = self._stream.subjects.get(subject)
            if state is None:
                self._forget(subject)
            elif self._let_go(subject, past, state, clock):
                self._enqueue(subject, past, clock)

    def _let_go(self, subject: str, past: Past, state: SubjectState, clock: int) -> bool:
        """Whether the subject has to be looked at again."""
        limit = self._limit(clock)
        self._trim(past, state, clock)
        if limit is None or state.stamp is None or state.stamp > limit:
            return True
        if self._policy.open_cases and state.open_cases:
            return True
        past.drop(len(past.frames))
        if spent(state, self._stream.program, clock, self._days):
            self._forget(subject)
            return False
        return any(scope.deadline is not None for scope in (state.own, *state.cases.values()))

    def _forget(self, subject: str) -> None:
        state = self._stream.subjects.get(subject)
        if state is not None and state.stamp is not None:
            self.forgotten = state.stamp if self.forgotten is None else max(self.forgotten, state.stamp)
        self._stream.forget(subject)
        self.past.pop(subject, None)


def _days(ruleset: Ruleset) -> Days:
    return Days(ruleset.defaults.timezone, ruleset.defaults.weekend, ruleset.defaults.holidays)


def _is_last(event: Event, time: int, state: SubjectState | None, past: Past) -> bool:
    """Whether nothing that happened to the subject comes after the event."""
    if state is None or state.stamp is None:
        return past.frame_of(time) is not None
    if time != state.stamp:
        return time > state.stamp
    last = past.last()
    if last is None:
        return False
    return last.time < time or not order_key(event) < order_key(last.decoded())


def _supersedes(event: Event, kept: Kept, twin: Kept) -> bool:
    """Whether a second event of the same id is the one that the sorted log would have had first (S3)."""
    return kept.event != twin.event and order_key(event) < order_key(twin.decoded())


def _named(event: Event) -> str:
    return event.id or f"{event.type}@{event.time.isoformat()}"


def _told(event: Event) -> str:
    return f"{_named(event)}, of {event.subject}: older than what is kept of the past"


def _rerun(
    program: Program, subject: str, base: Frame, events: Iterable[tuple[Kept, Event]], clock: int
) -> tuple[list[Transition], list[Frame], SubjectState]:
    """Runs one subject from how it stood at a frame, through these events, up to the clock."""
    stream = Stream(program, unheard)
    stream.adopt(fresh(subject) if base.state is None else _decode_state(base.state))
    past = Past([Frame(base.since, base.state, [])])
    out: list[Transition] = []
    for kept, event in events:
        out += stream.expire(kept.time)
        past.append(kept, stream.subjects[subject])
        out += stream.take(event, kept.time)
    out += stream.expire(clock)
    return out, past.frames, stream.subjects[subject]


def corrections(
    before: Iterable[Transition], after: Iterable[Transition], cause: Cause
) -> Iterator[Transition]:
    """What has to be told to someone who was told `before`, so that they know `after` (S24).

    A transition that is new comes as it is; one that takes the place of another names it in `replaces`; one
    that is gone is `withdrawn`.
    """
    told = {transition.id: transition for transition in before}
    for transition in after:
        other = told.pop(transition.id, None)
        if other is None:
            yield transition
        elif other != transition:
            transition.replaces = other.id
            yield transition
    for other in told.values():
        yield other.withdrawn(cause)


def spent(state: SubjectState, program: Program, clock: int, days: Days) -> bool:
    """Whether nothing is remembered of a subject that could still make a difference."""
    own = state.own
    if state.cases or own.facts or own.advices or own.missed or own.series or own.spans or own.zone:
        return False
    if own.next_day is not None or own.inhibitors:
        return False
    if any(quiet.until is None or quiet.until > clock for quiet in own.cooldowns.values()):
        return False
    newest = dict(own.last)
    newest.update({key: counted[-1].time for key, counted in own.counts.items() if counted})
    reach = program.reaches
    return all(
        (within := reach.get(key)) is not None and days.add(at, within) <= clock for key, at in newest.items()
    )
