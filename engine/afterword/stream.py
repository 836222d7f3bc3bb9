"""The subjects and their deadlines in event time: an event or a moment goes in, transitions come out (S7, S8).

Every subject stands for itself (P1): it takes its events in their order and knows nothing of the others, so
that it can be run again alone, and come out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from afterword.builtin import USER_EVENTS, is_built_in
from afterword.events import Event
from afterword.program import Program
from afterword.schedule import Schedule
from afterword.timeline import deadlines, happening, step, user
from afterword.timeline.happening import Happening
from afterword.timeline.state import ScopeState, SubjectState
from afterword.timeline.turn import Observer, Turn
from afterword.transition import Transition

Note = Callable[[str, str], None]
"""Takes a remark: its kind and what it is about."""


ENOUGH = 1_024
"""So many deadlines are kept without a look at which of them still hold."""


class Stream:
    """What is remembered of each subject, and when something is next due to happen to any of them."""

    __slots__ = (
        "_counts_days",
        "_most",
        "_note",
        "_schedule",
        "_turn",
        "observer",
        "program",
        "subjects",
        "touched",
    )

    def __init__(self, program: Program, note: Note, observer: Observer | None = None) -> None:
        self.program = program
        self.subjects: dict[str, SubjectState] = {}
        self.touched: dict[str, None] | None = None
        """To whom something has happened since it was last kept elsewhere; `None` if that never was."""
        self._note = note
        self.observer = observer
        self._counts_days = "subject" in program.day_scopes
        self._schedule = Schedule()
        self._most = ENOUGH
        self._turn = Turn(program, fresh(""), 0, note)

    def adopt(self, state: SubjectState) -> None:
        """Takes a subject as it is, in place of what was known of it."""
        self.subjects[state.subject] = state
        self.touch(state.subject)
        self._expect(state)
        if self._schedule.size > self._most:
            self._clean()

    def forget(self, subject: str) -> None:
        """Drops all that is known of a subject."""
        self.subjects.pop(subject, None)
        self.touch(subject)

    def touch(self, subject: str) -> None:
        """Notes that something has happened to a subject, once checkpoints are taken."""
        if self.touched is not None:
            self.touched[subject] = None

    def copied(self, subjects: Iterable[str]) -> Stream:
        """A stream of its own with copies of these subjects, to run ahead."""
        copy = Stream(self.program, no_remark)
        for name in subjects:
            encoded = msgspec.msgpack.encode(self.subjects[name])
            copy.adopt(msgspec.msgpack.decode(encoded, type=SubjectState))
        return copy

    def known(self, name: str) -> SubjectState:
        """What is remembered of a subject, from their first event on."""
        subject = self.subjects.get(name)
        if subject is None:
            subject = self.subjects[name] = fresh(name)
        return subject

    def take(self, event: Event, time: int) -> list[Transition]:
        """What an event brings its subject, whose deadlines up to `time` have been met, and at that very instant.

        `time` is the event's as an instant, and not before anything that happened to the subject.
        """
        return self.happen(happening.from_event(event, time))

    def happen(self, event: Happening) -> list[Transition]:
        """The same for what is a happening already."""
        time, subject = event.time, self.subjects.get(event.subject) or self.known(event.subject)
        if event.id is None:
            event.identity += _ordinal(subject, event)
        subject.stamp = time
        turn = self._begin(subject, time)
        if event.type in USER_EVENTS:
            user.obey(turn, event)
        else:
            if event.case is None and not subject.open_cases:
                self._note_unheard(event.type)
            step.take(turn, event)
        out = self._finish(turn)
        if self._schedule.next <= time:
            out += self.expire(time)
        return out

    def expire(self, to: int) -> list[Transition]:
        """Meets every deadline up to and including `to`, in their order."""
        out: list[Transition] = []
        while self._schedule.next <= to:
            deadline, (name, in_case, case) = self._schedule.pop()
            subject = self.subjects.get(name)
            scope = None if subject is None else subject.cases.get(case) if in_case else subject.own
            if subject is None or scope is None or scope.deadline != deadline:
                continue  # it moved or went since it was put here
            scope.deadline = None
            # A deadline found late (a date stated after it had passed) is met now: time does not run back.
            now = deadline if subject.stamp is None else max(deadline, subject.stamp)
            subject.stamp = now
            turn = self._begin(subject, now)
            deadlines.expire(turn, scope)
            out += self._finish(turn)
        return out

    def turned(self, subject: str, now: int, change: Callable[[Turn], None]) -> list[Transition]:
        """What a change to a subject brings that is neither an event nor a deadline."""
        turn = self._begin(self.subjects[subject], now)
        change(turn)
        turn.subject.stamp = now
        return self._finish(turn) + self.expire(now)

    def is_behind(self, time: int) -> bool:
        """Whether a deadline up to `time` may not have been met yet."""
        return self._schedule.next <= time

    def _begin(self, subject: SubjectState, now: int) -> Turn:
        """The turn of a subject; it is the same turn each time, for there is only one at a time."""
        turn = self._turn
        turn.subject, turn.now, turn.out, turn.observer = subject, now, [], self.observer
        if turn.queue or turn.touched:  # the last turn was not finished: something raised in it
            turn.queue.clear()
            turn.touched.clear()
        return turn

    def _finish(self, turn: Turn) -> list[Transition]:
        subject = turn.subject
        if self._counts_days and deadlines.is_day_over(subject.own, turn.now):
            turn.touch(subject.own)
        if self.touched is not None:
            self.touch(subject.subject)
        if turn.touched:
            deadlines.settle(turn, self._schedule)
            if self._schedule.size > self._most:
                self._clean()
        return turn.out

    def _clean(self) -> None:
        """Drops the deadlines that have moved or gone, each time as many have come as were good the last time."""
        self._schedule = Schedule()
        for subject in self.subjects.values():
            self._expect(subject)
        self._most = max(ENOUGH, 2 * self._schedule.size)

    def _expect(self, subject: SubjectState) -> None:
        for scope in (subject.own, *subject.cases.values()):
            if scope.deadline is not None:
                self._schedule.put(scope.deadline, deadlines.key_of(subject, scope))

    def _note_unheard(self, event_type: str) -> None:
        """Remarks upon an event that rules about cases ask for, when no case is open that could hear it."""
        plan = self.program.plans.get(event_type)
        if plan is None or not plan.case.uses.any():
            return
        ruleset = self.program.ruleset
        if event_type in ruleset.events or is_built_in(event_type, ruleset):
            self._note("no open case", event_type)


def fresh(subject: str, stamp: int | None = None) -> SubjectState:
    """What is remembered of a subject before its first event; `stamp` says when something last happened to it."""
    return SubjectState(subject=subject, own=ScopeState(case=None, open=True), stamp=stamp)


def _ordinal(subject: SubjectState, happened: Happening) -> str:
    """Tells equal events without an id apart: they are two events, not one (S3)."""
    key, known = f"{happened.case}\0{happened.identity}", subject.same
    if subject.same_at != happened.time or not known:
        subject.same_at, subject.same = happened.time, key
        return ""
    if isinstance(known, str):
        known = subject.same = {known: 0}
    number = known[key] = known.get(key, -1) + 1
    return f"\0{number}" if number else ""


def no_remark(kind: str, about: str) -> None:
    """Drops a remark.

    A stream that runs ahead makes none, since its events were remarked upon when they came; nor does the check of a
    state, which takes no events.
    """
