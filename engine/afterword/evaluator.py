"""What is behind the façade of an engine: how events are taken under one program, and what is then remembered.

The modules of the package that need more than the façade promises to everybody use this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from afterword import snapshot as snapshots
from afterword.builtin import is_reserved
from afterword.days import EARLIEST, instant
from afterword.edits import Edit, pattern_marks, rule_marks
from afterword.events import Event
from afterword.frames import digest
from afterword.history import OPEN_CASES, History, named, policy
from afterword.last_words import LastWords
from afterword.program import Program
from afterword.report import NAMED, Remark, Report
from afterword.sieve import Known, Sieve, known_as
from afterword.snapshot import Head, Person
from afterword.stream import Stream
from afterword.timeline.happening import Happening
from afterword.timeline.turn import Observer
from afterword.transition import ORDER, Transition


class Checkpoint(NamedTuple):
    """What has changed since the last one: the engine's head, and an entry for each subject that was touched.

    An entry of `None`: nothing is remembered of the subject any more.
    """

    head: bytes
    subjects: Mapping[str, bytes | None]


class Evaluator:
    """The state of an engine, and what changes it."""

    def __init__(self, program: Program, history: str = OPEN_CASES, observer: Observer | None = None) -> None:
        kept = policy(history)
        self.program = program
        self.history_name = history
        self.clock: int | None = None
        self.last_words = LastWords()
        self.edit: Edit | None = None
        """What the rules were before they were edited, until the subjects are carried over to them."""
        self.unopened: bytes | None = None
        """Until then, the snapshot as it was."""
        self._ids: dict[str, Known] = {}
        self._digests: dict[str, set[bytes]] = {}
        self._marks = cache(lambda: (rule_marks(program), pattern_marks(program)))
        self._report = Report(program.ruleset, None if kept is None else NAMED)
        self.stream = Stream(program, self._report.note, observer)
        self.history = None if kept is None else History(self.stream, kept, self._report)

    def feed(self, taken: Event) -> list[Transition]:
        """What a well made event and the time before it bring, in order."""
        out: list[Transition] = []
        self.follow(taken, out)
        if len(out) > 1:
            out.sort(key=ORDER)
        return out

    def follow(self, taken: Event, out: list[Transition]) -> None:
        """Adds what a well made event brings to what came before, in no particular order."""
        time = instant(taken.time)
        if self.clock is None or time > self.clock or self.edit is not None:
            out += self.pass_to(time)
        out += self._take(taken, time)

    def pass_to(self, to: int) -> list[Transition]:
        """Lets time pass up to an instant; what that brings comes in no particular order."""
        out = [] if self.edit is None else self.carry_over()
        if self.clock is None or to > self.clock:
            self.clock = to
            if self.stream.is_behind(to):
                out += self._heard(self.stream.expire(to))
        return out

    def _take(self, event: Event, time: int) -> list[Transition]:
        assert self.clock is not None
        if is_reserved(event.type):
            self._report.check(event)
            return []
        if self.history is None:
            return self._take_sorted(event, time)
        taken = self.history.take(event, time, self.clock)
        self.history.sweep(self.clock)
        if taken is None:
            return []
        self.last_words.hear(each for each in taken.out if each.state == "withdrawn")
        self.last_words.hear(taken.standing)
        return taken.out

    def _take_sorted(self, event: Event, time: int) -> list[Transition]:
        """An event of a log that is in the order of time; one that is not has no effect."""
        assert self.clock is not None
        if time < self.clock:
            self._report.note("late", named(event))
            return []
        if self._is_duplicate(event):
            return []
        self._report.check(event)
        return self._heard(self.stream.take(event, time))

    def follow_declared(self, event: Happening, out: list[Transition]) -> None:
        """`follow` for an event of a sorted log of which all but its dates is known to be as declared."""
        if self.stream.is_behind(event.time):
            out += self.pass_to(event.time)
        self.clock = event.time
        if self._is_duplicate(event):
            return
        self._report.check_dates(event.type, event.data)
        out += self._heard(self.stream.happen(event))

    def sieve(self) -> Sieve:
        """What tells which events of a sorted log can be passed over."""
        if self.history is not None or self.stream.observer is not None or self.clock is not None:
            raise TypeError("An engine that keeps its past, is observed or has begun has to see every event.")
        return Sieve(self.program, self.stream, self._known_ids)

    def notice(self, sieve: Sieve) -> None:
        """Takes over what was noticed about the events that were passed over, and that they were."""
        for state in sieve.met:
            state.stamp = self.clock
        for kind, about, times in sieve.noticed:
            self._report.note(kind, about, times)

    def _known_ids(self, subject: str) -> Known | None:
        return None if subject in self._digests else self._ids.setdefault(subject, set())

    def _is_duplicate(self, event: Event | Happening) -> bool:
        """Whether an event of this source and id came before (S3), which is noticed; it is known from now on."""
        id, source, subject = event.id, event.source, event.subject
        if id is None:
            return False
        known = self._ids.get(subject)
        if known is None:
            known = self._ids[subject] = set()
        size = len(known)
        known.add(known_as(id, source))
        if len(known) > size and not (self._digests and self._was_known(subject, source, id)):
            return False
        self._report.note("duplicate", id)
        return True

    def _was_known(self, subject: str, source: str | None, id: str) -> bool:
        """Whether the engine that this one was restored from knew it, of which it has a digest only."""
        return subject in self._digests and digest(source, id) in self._digests[subject]

    def _heard(self, out: list[Transition]) -> list[Transition]:
        """Keeps the last words on advices, for explanations."""
        if out:
            self.last_words.hear(out)
        return out

    def carry_over(self) -> list[Transition]:
        """Carries the subjects over to the edited rules that the engine was restored under."""
        edit, self.edit, self.unopened = self.edit, None, None
        out: list[Transition] = []
        if edit is None or self.clock is None:
            return out
        for name in sorted(self.stream.subjects):
            out += self.stream.turned(name, self.clock, edit.carry)
        if self.history is not None:
            self.history.begin_anew(self.clock)
        return self._heard(out)

    def snapshot(self) -> bytes:
        """The whole state as bytes."""
        if self.unopened is not None:
            return self.unopened
        return snapshots.encode(self.head(), (self.person(name) for name in sorted(self.names())))

    def checkpoint(self) -> Checkpoint:
        """What has changed since the last checkpoint."""
        if self.edit is not None:  # not carried over to the edited rules yet: nothing has changed
            return Checkpoint(snapshots.encode_head(self.edit.head), {})
        touched, self.stream.touched = self.stream.touched, {}
        known = self.names()
        changed = sorted(known) if touched is None else touched
        return Checkpoint(
            snapshots.encode_head(self.head()),
            {name: self.person(name) if name in known else None for name in changed},
        )

    def _adopt(self, person: Person, head: Head) -> None:
        """Takes over what a snapshot says of a subject."""
        name = person.state.subject
        if self.history is None:
            if ids := {*person.ids, *person.keys()}:
                self._digests[name] = ids
            self.stream.adopt(person.state)
        elif person.is_gone():
            self.history.gone[name] = person.state.stamp or EARLIEST
        else:
            past = person.past
            if head.history != self.history_name:
                past.due = head.clock  # under another policy other things may be let go
            self.stream.adopt(person.state)
            self.history.restore(name, past)

    def names(self) -> frozenset[str]:
        """Everyone that a snapshot tells of."""
        gone = () if self.history is None else self.history.gone
        return frozenset((*self.stream.subjects, *gone))

    def head(self) -> Head:
        """What a snapshot says of the engine itself."""
        rules = self.program.ruleset
        marks, patterns = self._marks()
        return Head(
            ruleset=rules.name,
            version=rules.version,
            digest=rules.digest,
            drafts=self.program.drafts,
            history=self.history_name,
            clock=self.clock,
            forgotten=None if self.history is None else self.history.forgotten,
            rules=marks,
            patterns=patterns,
            remarks=self._report.state(),
        )

    def person(self, name: str) -> bytes:
        """What a snapshot says of a subject."""
        if self.history is None:
            ids = {
                digest(None, each) if isinstance(each, str) else digest(*each)
                for each in self._ids.get(name, ())
            }
            ids |= self._digests.get(name, set())
            return snapshots.encode_person(self.stream.subjects[name], [], ids)
        if name in self.history.gone:
            return snapshots.encode_gone(name, self.history.gone[name])
        past = self.history.past.get(name)
        frames, due = ([], None) if past is None else (past.frames, past.due)
        return snapshots.encode_person(self.stream.subjects[name], frames, due=due)

    def resume(self, head: Head, people: Iterable[Person]) -> None:
        """Takes over what a snapshot says, perhaps one that was taken under these rules before they were edited."""
        self.clock = head.clock
        self._report.restore(head.remarks)
        if self.history is not None:
            self.history.forgotten = head.forgotten
        for person in people:
            self._adopt(person, head)
        self.stream.touched = {}
        self.edit = Edit(self.program, head) if head.digest != self.program.ruleset.digest else None

    def succeed(self, other: Evaluator) -> None:
        """Takes the place of one that knew the same under other rules: who is told, and what was said last, go on."""
        self.stream.observer = other.stream.observer
        self.stream.touched = other.stream.touched
        self.last_words = other.last_words

    def remarks(self) -> list[Remark]:
        """What was noticed about the events."""
        return self._report.remarks()
