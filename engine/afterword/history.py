"""What is kept of the past, so that a late event can change it: events, and how a subject stood now and then (S12).

Each subject's events lie in *frames*. A frame begins with how the subject stood, and holds the events since.
A late event runs its subject again from the frame that it falls into, once as it was and once with the event;
what comes out differently is the correction (S24). Which late events are taken is the policy's word and depends
on the subject and the clock alone; when frames that no event can fall into any more are let go makes no difference.
"""

from __future__ import annotations

from bisect import bisect_right
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from afterword.days import EARLIEST, Days, days_of
from afterword.duration import DAY, HOUR, Duration, NoDuration, parse_duration
from afterword.events import Event, order_key
from afterword.frames import Frame, KeptEvent, Past, encode, encode_state, key_of, since_of
from afterword.program import Program
from afterword.report import Report
from afterword.reruns import Run, corrections
from afterword.stream import Stream, fresh
from afterword.timeline.state import Cause, ScopeState, SubjectState
from afterword.timeline.turn import Observer
from afterword.transition import Transition

SORTED = "sorted"
OPEN_CASES = "open-cases"
ALL = "all"

GRACE = Duration(days=7)
"""How long everybody's events are kept at least under `open-cases`."""

SWEPT = 8
"""How many subjects are searched, each time an event arrives, for what may be let go."""

GONE_KEPT = 100_000
"""For how many subjects of whom nothing is left it is still known until when something was."""

_ELSEWHERE = 2 * DAY
"""More than the clocks of any two time zones differ."""


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
    week. A duration such as `30 days`: so far back from the engine's clock. `all`: everything.
    """
    if history == SORTED:
        return None
    if history == OPEN_CASES:
        return Policy(history, GRACE, open_cases=True)
    if history == ALL:
        return Policy(history, None)
    keep = parse_duration(history)
    if isinstance(keep, NoDuration):
        mend = "write `open-cases`, `all`, `sorted`, or a duration"
        raise HistoryError(f"`{history}` is no history: {mend}. {keep.reason}")
    return Policy(history, keep)


class Arrival(NamedTuple):
    """A late event, how it is kept, and the kept event of the same source and id whose place it may take."""

    event: Event
    kept: KeptEvent
    twin: KeptEvent | None


class Taken(NamedTuple):
    """What an event brings: the transitions to hand out, and those among the evaluated ones that stand."""

    out: list[Transition]
    standing: list[Transition]


class History:
    """Takes events in any order, and gives the transitions and corrections that they bring."""

    def __init__(self, stream: Stream, policy: Policy, report: Report) -> None:
        self._stream = stream
        self._policy = policy
        self._report = report
        self._days = days_of(stream.program.ruleset.defaults)
        self._rest = _least(policy.keep)
        self.past: dict[str, Past] = {}
        self.gone: dict[str, int] = {}
        """The subjects that nothing is left of, and until when something of them could make a difference."""
        self.forgotten: int | None = None
        """The latest such instant of the subjects for which it is no longer kept one by one."""
        self._queue: list[tuple[int, str]] = []
        """A heap of when which subject's past is due; the pasts say the same, so that a restart changes nothing."""

    def take(self, event: Event, time: int, clock: int) -> Taken | None:
        """What an event brings, in no particular order; `None` when it has no effect.

        All deadlines up to `clock`, which is not before `time`, have been met.
        """
        state = self._known(event.subject, clock)
        past = self._past(event.subject, state, time)
        if past is None:
            self._report.note("late", named(event))
            return None
        kept = KeptEvent(time, key_of(event), encode(event))
        twin = past.find(kept.key)
        if state is None or (twin is None and _is_news(time, state)):
            return self._append(past, event, kept, state or fresh(event.subject), clock)
        return self._take_late(past, Arrival(event, kept, twin), state, clock)

    def _take_late(self, past: Past, arrival: Arrival, state: SubjectState, clock: int) -> Taken | None:
        """What an event brings that is not later than all others of its subject, or that came before."""
        event, kept, twin = arrival
        limit = self._limit(state, clock)
        if twin is not None and limit is not None and twin.time < limit:
            twin = None  # it is there by chance: what is kept has to be kept since `limit` only
        place = None if limit is not None and kept.time < limit else past.frame_of(kept.time)
        if twin is not None:
            self._report.note("duplicate", named(event))
            if place is None or not _supersedes(event, kept, twin):
                return None
        elif _is_news(kept.time, state) or (place is not None and _is_last(event, kept.time, state, past)):
            return self._append(past, event, kept, state, clock)
        elif place is None:
            self._report.note("late", named(event))
            return None
        return self._run_again(past, place, Arrival(event, kept, twin), clock)

    def restore(self, subject: str, past: Past) -> None:
        """Takes over what was kept elsewhere."""
        self.past[subject] = past
        if past.due is not None:
            heappush(self._queue, (past.due, subject))

    def begin_anew(self, clock: int) -> None:
        """Makes how the subjects stand now the beginning: what comes from before now is too late.

        Of the events of this very instant it stays known that they have come.
        """
        for subject, past in self.past.items():
            told = [kept._replace(event=b"") for kept in past.events() if kept.time == clock]
            state = self._stream.subjects.get(subject)
            past.replace(0, [] if state is None else [Frame(clock, encode_state(state), told)])

    def _known(self, subject: str, clock: int) -> SubjectState | None:
        """How the subject stands, if there is anything left of it that could make a difference."""
        state = self._stream.subjects.get(subject)
        if (
            state is not None
            and state.stamp is not None
            and self._rest is not None
            and clock - state.stamp >= self._rest
        ):
            until = self._spent(state, clock)
            if until is not None:
                self._forget(subject, until)
                return None
        return state

    def _past(self, subject: str, state: SubjectState | None, time: int) -> Past | None:
        """Where the events of a subject lie; `None` when nothing is left of them from then."""
        if state is not None:
            return self.past.get(subject) or Past()
        until = self.gone.get(subject, self.forgotten)
        if until is None:
            return Past([Frame(None, None, [])])
        return None if time <= until else Past([Frame(until + 1, None, [])])

    def _keep(self, subject: str, past: Past, clock: int) -> None:
        self.past[subject] = past
        self.gone.pop(subject, None)
        self._enqueue(subject, past, clock)

    def _append(self, past: Past, event: Event, kept: KeptEvent, state: SubjectState, clock: int) -> Taken:
        """Takes an event that comes after all others of its subject."""
        self._keep(event.subject, past, clock)
        frames = len(past.frames)
        past.append(kept, state)
        if len(past.frames) > frames:
            self._trim(past, self._limit(state, clock))
        self._report.check(event)
        out = self._stream.take(event, kept.time)
        if kept.time < clock:
            out += self._stream.expire(clock)
        return Taken(out, out)

    def _run_again(self, past: Past, place: int, arrival: Arrival, clock: int) -> Taken:
        """Evaluates the subject again from a frame on, with the event, and tells what comes out differently."""
        event, kept, twin = arrival
        self._keep(event.subject, past, clock)
        told = [each for each in past.events(place) if not each.event]
        was = [(each, each.decoded()) for each in past.events(place) if each.event]
        now = [pair for pair in was if pair[0] is not twin] + [(kept, event)]
        now.sort(key=lambda pair: order_key(pair[1]))
        base = past.frames[place]
        program, subject = self._stream.program, event.subject
        before = Run(program, subject, base.holding(told), was, clock)
        after = Run(program, subject, base.holding(told), now, clock)
        past.replace(place, after.frames)
        self._stream.adopt(after.state)
        if twin is not None:
            self._report.check(twin.decoded(), -1)
        self._report.check(event)
        self._report.correct(before.notes, after.notes)
        changed = corrections(before.out, after.out, Cause(kind="late event", event=named(event)))
        return Taken(list(changed), after.out)

    def watch(self, event: str, subject: str | None, clock: int, observer: Observer) -> Event | None:
        """Runs the subject of the kept event of this id again before an observer; `None` when none is kept."""
        written = msgspec.json.encode(event)
        for name in sorted(self.past) if subject is None else [subject]:
            past = self.past.get(name, Past())
            for place, frame in enumerate(past.frames):
                for kept in frame.events:
                    if written in kept.event and (found := kept.decoded()).id == event:
                        self._show(name, past, place, clock, observer)
                        return found
        return None

    def watch_since(self, since: int, subject: str, clock: int, observer: Observer) -> bool:
        """Runs a subject again before an observer, from this instant on; whether all events since then are kept."""
        past = self.past.get(subject, Past())
        place = past.frame_of(since)
        if past.frames:
            self._show(subject, past, place or 0, clock, observer)
        return place is not None

    def _show(self, subject: str, past: Past, place: int, clock: int, observer: Observer) -> None:
        """Runs a subject again from one of its frames on, before an observer."""
        frame = past.frames[place]
        again = [(each, each.decoded()) for each in past.events(place) if each.event]
        base = frame.holding([each for each in frame.events if not each.event])
        Run(self._stream.program, subject, base, again, clock, observer)

    # --- letting go

    def _kept_since(self, clock: int) -> int | None:
        """The instant before which nothing need be kept, were it not for open cases."""
        keep = self._policy.keep
        return None if keep is None else self._days.add(clock, keep, -1)

    def _limit(self, state: SubjectState, clock: int) -> int | None:
        """An event before this instant is too late, if anything has happened to its subject since."""
        limit = self._kept_since(clock)
        if limit is None or not self._policy.open_cases:
            return limit
        opened = [case.opened for case in state.cases.values() if case.open and case.opened is not None]
        return min([limit, *opened])

    def _trim(self, past: Past, limit: int | None) -> None:
        """Lets go of the frames that end before what has to be kept."""
        if limit is not None:
            past.drop(max(0, bisect_right(past.frames, limit, key=since_of) - 1))

    def _enqueue(self, subject: str, past: Past, clock: int) -> None:
        if past.due is None and self._policy.keep is not None:
            past.due = self._days.add(clock, self._policy.keep)
            heappush(self._queue, (past.due, subject))

    def sweep(self, clock: int) -> None:
        """Looks through a few subjects that nothing may have happened to for long, and lets go what may go."""
        swept = 0
        while swept < SWEPT and self._queue and self._queue[0][0] <= clock:
            due, subject = heappop(self._queue)
            past, state = self.past.get(subject), self._stream.subjects.get(subject)
            if past is None or state is None or past.due != due:
                continue  # and does not count, or a restart, which forgets such entries, would make a difference
            swept += 1
            past.due = None
            self._stream.touch(subject)
            if self._let_go(subject, past, state, clock):
                self._enqueue(subject, past, clock)

    def _let_go(self, subject: str, past: Past, state: SubjectState, clock: int) -> bool:
        """Drops what no event can fall into any more; whether the subject has to be looked at again."""
        since = self._kept_since(clock)
        self._trim(past, self._limit(state, clock))
        if since is None or state.stamp is None or state.stamp >= since:
            return True
        if self._policy.open_cases and state.open_cases:
            return True
        until = self._spent(state, clock)
        if until is not None:
            self._forget(subject, until)
            return False
        if any(scope.deadline is not None for scope in (state.own, *state.cases.values())):
            # Something is still to happen: that will be told anew from how the subject stands now.
            past.replace(0, [Frame(state.stamp + 1, encode_state(state), [])])
            return True
        past.drop(len(past.frames))
        return _matters_until(state, self._stream.program, self._days) is not None

    def _spent(self, state: SubjectState, clock: int) -> int | None:
        """Until when what is remembered of a subject made a difference, if no event can come from then."""
        until = _matters_until(state, self._stream.program, self._days)
        since = self._kept_since(clock)
        return until if until is not None and since is not None and until < since else None

    def _forget(self, subject: str, until: int) -> None:
        self._stream.forget(subject)
        self.past.pop(subject, None)
        self.gone.pop(subject, None)
        self.gone[subject] = until
        if len(self.gone) > GONE_KEPT:
            first = next(iter(self.gone))
            self.forgotten = max(self.forgotten or EARLIEST, self.gone.pop(first))


def _least(keep: Duration | None) -> int | None:
    """No longer than the duration is in any time zone at any time of the year."""
    if keep is None:
        return None
    days = 28 * keep.months + keep.days + keep.business_days
    return max(0, (24 * days - 3) * HOUR + keep.microseconds)


def _is_news(time: int, state: SubjectState) -> bool:
    """Whether nothing has happened to the subject at or after this time."""
    return state.stamp is None or time > state.stamp


def _is_last(event: Event, time: int, state: SubjectState, past: Past) -> bool:
    """Whether nothing that happened to the subject comes after an event of the instant at which something did."""
    if time != state.stamp:
        return False
    last = past.last()
    return (
        last is None or last.time < time or not last.event or not order_key(event) < order_key(last.decoded())
    )


def _supersedes(event: Event, kept: KeptEvent, twin: KeptEvent) -> bool:
    """Whether a second event of the same id is the one that the sorted log would have had first (S3)."""
    return twin.event not in (b"", kept.event) and order_key(event) < order_key(twin.decoded())


def named(event: Event) -> str:
    """An event as remarks and causes name it."""
    return event.id or f"{event.type}@{event.time.isoformat()}"


def _matters_until(state: SubjectState, program: Program, days: Days) -> int | None:
    """Until when what is remembered of a subject can make a difference; `None`: for ever."""
    own = state.own
    if state.stamp is None or state.cases or _has_what_lasts(own):
        return None
    until = state.stamp
    for quiet in own.cooldowns.values():
        if quiet.until is None:
            return None
        until = max(until, quiet.until)
    newest = dict(own.last)
    newest.update({key: counted[-1].time for key, counted in own.counts.items() if counted})
    for key, at in newest.items():
        within = program.reaches.get(key)
        if within is None:
            return None
        until = max(until, days.add(at + _ELSEWHERE, within) + _ELSEWHERE)
    return until


def _has_what_lasts(own: ScopeState) -> bool:
    """Whether anything is remembered of the subject itself that no time of its own ends."""
    lasting = (
        own.facts,
        own.told_by,
        own.advices,
        own.missed,
        own.series,
        own.spans,
        own.inhibitors,
        own.passed,
    )
    return any(lasting) or own.zone is not None or own.next_day is not None
