"""The façade for embedding: feed events, let time pass, ask what to do. No I/O, no clock, no thread (P5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec

from afterword import agenda as agendas
from afterword import explain as explanations
from afterword import snapshot as snapshots
from afterword.builtin import USER_EVENTS
from afterword.days import EARLIEST, days_of, instant
from afterword.edits import Edit, pattern_marks, rule_marks
from afterword.events import BadEvent, Event, checked, from_mapping
from afterword.explain_event import EventExplanation, EventWatcher, explain_event
from afterword.history import OPEN_CASES, History, HistoryError, digest, named, policy
from afterword.last_words import KEPT, LastWords
from afterword.moments import Time, TimeError, moment
from afterword.network import Kind
from afterword.program import Program, compile_ruleset
from afterword.report import NAMED, Remark, Report
from afterword.ruleset import Ruleset
from afterword.sieve import Known, Sieve, known_as
from afterword.snapshot import Head, Person, SnapshotError
from afterword.stream import Stream
from afterword.timeline.happening import Happening
from afterword.timeline.state import Advice
from afterword.timeline.turn import Observer
from afterword.transition import ORDER, Transition


class EventError(ValueError):
    """An event that cannot be read; `problem` says why and how to mend it."""

    def __init__(self, problem: BadEvent) -> None:
        super().__init__(str(problem))
        self.problem = problem


class UnknownAdviceError(KeyError):
    """No advice with this id is open, nor among the last that ended."""

    def __str__(self) -> str:
        """A sentence; that of a `KeyError` is the bare key."""
        return f"No advice {self.args[0]} is open, nor among the last {KEPT} that ended."


class Checkpoint(NamedTuple):
    """What has changed since the last one: the engine's head, and an entry for each subject that was touched.

    An entry of `None`: nothing is remembered of the subject any more.
    """

    head: bytes
    subjects: Mapping[str, bytes | None]


class Engine:
    """Evaluates a stream of events under a ruleset, in the stream's own time (S7).

    `network` is `"durable"`, `"plain"` or `None` (durable where it can be imported); both give the same
    answers. Draft rules are left out unless `drafts` is true. Whoever needs many engines compiles the rules
    once (`compile_ruleset`), which settles both. An engine belongs to one thread at a time.

    `history` says how much of the past is kept so that a late event can change it (S12): `"open-cases"`,
    every event of a subject since the oldest of their open cases was opened, and of the last week; a duration
    such as `"30 days"`, counted back from the clock; `"all"`; or `"sorted"`, nothing, for logs that are in
    order. Duplicates are known as far back (under `"sorted"`: all of them). Raises `HistoryError` for another.
    An observer is told of what comes in order, and not when a late event runs its subject again.
    """

    def __init__(
        self,
        rules: Ruleset | Program,
        *,
        network: Kind | None = None,
        drafts: bool = False,
        history: str = OPEN_CASES,
        observer: Observer | None = None,
    ) -> None:
        self._policy = policy(history)
        self._history_name = history
        self._observer = observer
        self._clock: int | None = None
        self._network: Kind | None = network
        self._last_words = LastWords()
        self._ids: dict[str, Known] = {}
        self._digests: dict[str, set[bytes]] = {}
        self._unopened: bytes | None = None
        self._edit: Edit | None = None
        self._run(_compiled(rules, network, drafts))

    def _run(self, program: Program) -> None:
        """Begins with nothing, under these rules."""
        self._program = program
        self._marks = cache(lambda: (rule_marks(program), pattern_marks(program)))
        self._report = Report(program.ruleset, None if self._policy is None else NAMED)
        self._stream = Stream(program, self._report.note, self._observer)
        self._history = None if self._policy is None else History(self._stream, self._policy, self._report)

    @property
    def ruleset(self) -> Ruleset:
        """The rules in force."""
        return self._program.ruleset

    @property
    def clock(self) -> dt.datetime | None:
        """How far the stream's time has come, in the ruleset's time zone; `None` before the first event."""
        return None if self._clock is None else days_of(self.ruleset.defaults).local(self._clock)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everyone of whom something is remembered."""
        return tuple(sorted(self._stream.subjects))

    @property
    def open_cases(self) -> int:
        """How many cases are open, of everyone together."""
        return sum(person.open_cases for person in self._stream.subjects.values())

    def feed(self, event: Event | Mapping[str, Any]) -> list[Transition]:
        """Takes one event and gives the transitions that it and the time before it bring, in their order.

        Deadlines up to the event's time come first (S8). An event may be late: its subject is then evaluated
        again, and what comes out differently is given as corrections, which name in `replaces` what they take
        the place of; a transition that no longer holds is `withdrawn` (S12, S24). A duplicate (S3), an event
        from before the kept history or one of an unknown type changes nothing but `remarks()`. Raises
        `EventError` for what is not an event.
        """
        return self._feed(admitted(event))

    def _feed(self, taken: Event) -> list[Transition]:
        """The same for an event that is known to be well made."""
        out: list[Transition] = []
        self._follow(taken, out)
        if len(out) > 1:
            out.sort(key=ORDER)
        return out

    def _follow(self, taken: Event, out: list[Transition]) -> None:
        """Adds what a well made event brings to what came before, in the order of nothing in particular."""
        time = instant(taken.time)
        if self._clock is None or time > self._clock or self._edit is not None:
            out += self._pass(time)
        out += self._take(taken, time)

    def advance(self, to: Time) -> list[Transition]:
        """Lets time pass up to and including `to`, as if nothing else happened (S7). Going back is a `TimeError`."""
        target = moment(to)
        if self._clock is not None and target < self._clock:
            raise TimeError(f"The clock stands at {self.clock}; it cannot go back to {to}.")
        return sorted(self._pass(target), key=ORDER)

    def _pass(self, to: int) -> list[Transition]:
        out = [] if self._edit is None else self._carry_over()
        if self._clock is None or to > self._clock:
            self._clock = to
            if self._stream.is_behind(to):
                out += self._heard(self._stream.expire(to))
        return out

    def _take(self, event: Event, time: int) -> list[Transition]:
        assert self._clock is not None
        if event.type.startswith("advice.") and event.type not in USER_EVENTS:
            self._report.check(event)
            return []
        if self._history is None:
            return self._take_sorted(event, time)
        taken = self._history.take(event, time, self._clock)
        self._history.sweep(self._clock)
        if taken is None:
            return []
        self._last_words.hear(each for each in taken.out if each.state == "withdrawn")
        self._last_words.hear(taken.standing)
        return taken.out

    def _take_sorted(self, event: Event, time: int) -> list[Transition]:
        """An event of a log that is in the order of time; one that is not has no effect."""
        assert self._clock is not None
        if time < self._clock:
            self._report.note("late", named(event))
            return []
        if self._is_duplicate(event):
            return []
        self._report.check(event)
        return self._heard(self._stream.take(event, time))

    def _follow_declared(self, event: Happening, out: list[Transition]) -> None:
        """`_follow` for an event of a sorted log of which all but its dates is known to be as declared."""
        if self._stream.is_behind(event.time):
            out += self._pass(event.time)
        self._clock = event.time
        if self._is_duplicate(event):
            return
        self._report.check_dates(event.type, event.data)
        out += self._heard(self._stream.happen(event))

    def _sieve(self) -> Sieve:
        """What tells which events of a sorted log can be passed over."""
        if self._history is not None or self._observer is not None or self._clock is not None:
            raise TypeError("An engine that keeps its past, is observed or has begun has to see every event.")
        return Sieve(self._program, self._stream, self._known_ids)

    def _noticed(self, sieve: Sieve) -> None:
        """Takes over what was noticed about the events that were passed over, and that they were."""
        for state in sieve.met:
            state.stamp = self._clock
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
            self._last_words.hear(out)
        return out

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
        if self._edit is not None:
            return self._carried_over().agenda(subject, at, days)
        known = self._stream.subjects
        names = known if subject is None else [subject] if subject in known else []
        return agendas.agenda(self._stream.copied(names), start, days)

    def preview(self, event: Event | Mapping[str, Any]) -> list[Transition]:
        """What `feed` would say of the event's subject, without taking it: nothing of the engine changes.

        For what may yet be changed or dropped, such as a draft. It costs a copy of that one subject. Raises
        `EventError` for what is not an event.
        """
        taken = admitted(event)
        said = self._copy_of(taken.subject)._feed(taken)
        return [transition for transition in said if transition.subject == taken.subject]

    def _copy_of(self, subject: str) -> Engine:
        """Another engine that knows what this one knows of a subject, and nobody looking on."""
        if self._edit is not None:
            return Engine.restore(self._program, self.snapshot())
        known = [subject] if subject in self._names() else []
        people = [snapshots.decode_person(self._person(name)) for name in known]
        return Engine._resumed(self._program, self._head(), people, None, None)

    def explain(self, advice: str) -> explanations.Explanation:
        """Why this advice was said or withheld, as data (P6): open advices and the last thousand that ended.

        Also one that was said and, as a late event showed, never was. Raises `UnknownAdviceError` for any
        other id, and for one that ended before this engine was restored, unless it is overdue.
        """
        if self._edit is not None:
            return self._carried_over().explain(advice)
        last = self._last_words.on(advice)
        for person in self._stream.subjects.values():
            for scope in (person.own, *person.cases.values()):
                if advice in scope.advices:
                    return self._explained(person.subject, scope.case, scope.advices[advice])
                for overdue in scope.missed.values():
                    if overdue.id == advice and last is None:
                        return self._explained(person.subject, scope.case, overdue)
        if last is not None:
            return self.explain_record(last)
        raise UnknownAdviceError(advice)

    def explain_event(self, event: str, subject: str | None = None) -> EventExplanation:
        """What became of the event of this id: what each rule made of it, or why it had no effect (P2, P6).

        It is found among the events that are kept (`history`), and otherwise by what was remarked about it.
        `subject` says whose it is, where others have events of the same id.
        """
        if self._edit is not None:
            return self._carried_over().explain_event(event, subject)
        watcher, found = EventWatcher(event), None
        if self._history is not None and self._clock is not None:
            found = self._history.watch(event, subject, self._clock, watcher)
        return explain_event(event, found, watcher, self._program, self.remarks())

    def explain_record(self, transition: Transition) -> explanations.Explanation:
        """The explanation of a transition that one still holds, however long ago its advice ended."""
        return explanations.explain_transition(transition)

    def remarks(self) -> list[Remark]:
        """What was noticed about the events: unknown types and fields, duplicates, late ones (P2)."""
        return self._report.remarks()

    # --- snapshots

    def snapshot(self) -> bytes:
        """The whole state as bytes: versioned, portable, no pickle. `restore` gives the engine back."""
        if self._unopened is not None:
            return self._unopened
        return snapshots.encode(self._head(), (self._person(name) for name in sorted(self._names())))

    def checkpoint(self) -> Checkpoint:
        """What has changed since the last checkpoint, for a store that keeps each subject by itself.

        Everybody, if there was none; of an engine that was restored, what has changed since what it was restored from.
        `from_parts` gives the engine back from the last head and the last entry of each subject.
        """
        if self._edit is not None:  # not carried over to the edited rules yet: nothing has changed
            return Checkpoint(snapshots.encode_head(self._edit.head), {})
        touched, self._stream.touched = self._stream.touched, {}
        known = self._names()
        changed = sorted(known) if touched is None else touched
        return Checkpoint(
            snapshots.encode_head(self._head()),
            {name: self._person(name) if name in known else None for name in changed},
        )

    @classmethod
    def restore(
        cls,
        rules: Ruleset | Program,
        state: bytes,
        *,
        network: Kind | None = None,
        history: str | None = None,
    ) -> Engine:
        """An engine that goes on where a snapshot was taken, by this version or an earlier one.

        The rules may have been edited since: what that does to what is under way comes out of the next `feed`
        or `advance`, as transitions with the cause `rules changed`. `history` none: as it was. Raises
        `SnapshotError` for other bytes, and for a snapshot of a ruleset of another name.
        """
        head, people = snapshots.decode(state)
        engine = cls._resumed(rules, head, people, network, history)
        engine._unopened = bytes(state) if engine._edit is not None else None
        return engine

    @classmethod
    def from_parts(
        cls,
        rules: Ruleset | Program,
        head: bytes,
        subjects: Iterable[bytes],
        *,
        network: Kind | None = None,
        history: str | None = None,
    ) -> Engine:
        """The same from what checkpoints gave: the last head, and the last entry of each subject."""
        people = [snapshots.decode_person(entry) for entry in subjects]
        engine = cls._resumed(rules, snapshots.decode_head(head), people, network, history)
        if engine._edit is not None:
            engine._unopened = snapshots.encode(
                snapshots.decode_head(head),
                [snapshots.encode_person(each.state, each.frames, each.ids, each.due) for each in people],
            )
        return engine

    @classmethod
    def _resumed(
        cls,
        rules: Ruleset | Program,
        head: Head,
        people: Sequence[Person],
        network: Kind | None,
        history: str | None,
    ) -> Engine:
        program = _compiled_as(rules, network, head)
        edited = head.digest != program.ruleset.digest
        snapshots.check(head, people, None if edited else program)
        engine = cls(program, history=history or _known_history(head))
        engine._clock = head.clock
        engine._report.restore(head.remarks)
        if engine._history is not None:
            engine._history.forgotten = head.forgotten
        for person in people:
            engine._adopt(person, head)
        engine._stream.touched = {}
        engine._edit = Edit(program, head) if edited else None
        return engine

    def _adopt(self, person: Person, head: Head) -> None:
        """Takes over what a snapshot says of a subject."""
        name = person.state.subject
        if self._history is None:
            if ids := {*person.ids, *person.keys()}:
                self._digests[name] = ids
            self._stream.adopt(person.state)
        elif person.is_gone():
            self._history.gone[name] = person.state.stamp or EARLIEST
        else:
            past = person.past
            if head.history != self._history_name:
                past.due = head.clock  # under another policy other things may be let go
            self._stream.adopt(person.state)
            self._history.restore(name, past)

    def reload(self, rules: Ruleset | Program) -> list[Transition]:
        """Goes on under edited rules, and gives the transitions that the edit brings to what is under way.

        State hangs on rule ids (`renamed_from` carries it over to a new one). Late events from before now are
        too late afterwards. Raises `SnapshotError` when the rules are of another ruleset.
        """
        out = [] if self._edit is None else self._carry_over()
        network = self._network if isinstance(rules, Ruleset) else None
        other = Engine.restore(rules, self.snapshot(), network=network, history=self._history_name)
        other._observer = other._stream.observer = self._observer
        other._network, other._last_words = self._network, self._last_words
        other._stream.touched = self._stream.touched
        self.__dict__.update(other.__dict__)
        out += self._carry_over()
        return sorted(out, key=ORDER)

    def _carry_over(self) -> list[Transition]:
        """Carries the subjects over to the edited rules that the engine was restored under."""
        edit, self._edit, self._unopened = self._edit, None, None
        out: list[Transition] = []
        if edit is None or self._clock is None:
            return out
        for name in sorted(self._stream.subjects):
            out += self._stream.turned(name, self._clock, edit.carry)
        if self._history is not None:
            self._history.begin_anew(self._clock)
        return self._heard(out)

    def _carried_over(self) -> Engine:
        """Another engine that is already: what an edit brings is told by `feed` and `advance` alone."""
        other = Engine.restore(self._program, self.snapshot())
        other._carry_over()
        return other

    def _names(self) -> frozenset[str]:
        """Everyone that a snapshot tells of."""
        gone = () if self._history is None else self._history.gone
        return frozenset((*self._stream.subjects, *gone))

    def _head(self) -> Head:
        rules = self.ruleset
        marks, patterns = self._marks()
        return Head(
            ruleset=rules.name,
            version=rules.version,
            digest=rules.digest,
            drafts=self._program.drafts,
            history=self._history_name,
            clock=self._clock,
            forgotten=None if self._history is None else self._history.forgotten,
            rules=marks,
            patterns=patterns,
            remarks=self._report.state(),
        )

    def _person(self, name: str) -> bytes:
        if self._history is None:
            ids = {
                digest(None, each) if isinstance(each, str) else digest(*each)
                for each in self._ids.get(name, ())
            }
            ids |= self._digests.get(name, set())
            return snapshots.encode_person(self._stream.subjects[name], [], ids)
        if name in self._history.gone:
            return snapshots.encode_gone(name, self._history.gone[name])
        past = self._history.past.get(name)
        frames, due = ([], None) if past is None else (past.frames, past.due)
        return snapshots.encode_person(self._stream.subjects[name], frames, due=due)

    def _explained(self, subject: str, case: str | None, advice: Advice) -> explanations.Explanation:
        days = days_of(self.ruleset.defaults, advice.zone)
        return explanations.explain(self._program.by_id[advice.rule], subject, case, advice, days)


def admitted(event: Event | Mapping[str, Any]) -> Event:
    """A well made event; raises `EventError` for what is none."""
    read = checked(event) if isinstance(event, Event) else from_mapping(event)
    if isinstance(read, BadEvent):
        raise EventError(read)
    offset = read.time.utcoffset()
    if offset is not None and offset.seconds % 60:  # as some zones had long ago; no text of a time can say it
        return msgspec.structs.replace(read, time=read.time.astimezone(dt.UTC))
    return read


def _compiled(rules: Ruleset | Program, network: Kind | None, drafts: bool) -> Program:
    if isinstance(rules, Ruleset):
        return compile_ruleset(rules, network=network, drafts=drafts)
    if network is not None or drafts:
        raise TypeError("`network` and `drafts` are settled when the rules are compiled")
    return rules


def _known_history(head: Head) -> str:
    try:
        policy(head.history)
    except HistoryError as error:
        raise SnapshotError(f"No engine wrote this snapshot: {error}") from None
    return head.history


def _compiled_as(rules: Ruleset | Program, network: Kind | None, head: Head) -> Program:
    """The rules with or without drafts, as they were when the snapshot was taken."""
    ruleset = rules.ruleset if isinstance(rules, Program) else rules
    if head.ruleset != ruleset.name:
        raise SnapshotError(
            f"The snapshot was taken under {head.ruleset} {head.version}, not under {ruleset.name}."
        )
    if isinstance(rules, Ruleset):
        return _compiled(rules, network, head.drafts)
    if rules.drafts != head.drafts:
        taken, compiled = ("with" if drafts else "without" for drafts in (head.drafts, rules.drafts))
        raise SnapshotError(f"The snapshot was taken {taken} draft rules; these are compiled {compiled}.")
    return _compiled(rules, network, drafts=False)
