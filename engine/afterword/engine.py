"""The façade for embedding: feed events, let time pass, ask what to do. No I/O, no clock, no thread (P5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from msgspec.structs import replace

from afterword import agenda as agendas
from afterword import explain as explanations
from afterword import snapshot as snapshots
from afterword.days import days_of
from afterword.evaluator import Checkpoint, Evaluator
from afterword.events import BadEvent, Event, checked, from_mapping
from afterword.explain_event import EventExplanation, EventWatcher, explain_event
from afterword.history import OPEN_CASES, HistoryError, policy
from afterword.last_words import KEPT
from afterword.moments import Time, TimeError, moment
from afterword.network import NetworkKind
from afterword.program import Program, check_loaded, compile_ruleset, misfit
from afterword.report import Remark
from afterword.ruleset import Ruleset
from afterword.snapshot import Head, Person, SnapshotError
from afterword.timeline.state import Advice
from afterword.timeline.turn import Observer
from afterword.transition import ORDER, Transition


class EventError(ValueError):
    """An event that cannot be read; `problem` says why and how to mend it."""

    def __init__(self, problem: BadEvent) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        """Why, and how to mend it."""
        return str(self.problem)


class UnknownAdviceError(KeyError):
    """No advice with this id is open, nor among the last that ended."""

    def __str__(self) -> str:
        """A sentence; that of a `KeyError` is the bare key."""
        return f"No advice {self.args[0]} is open, nor among the last {KEPT} that ended."


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
        network: NetworkKind | None = None,
        drafts: bool = False,
        history: str = OPEN_CASES,
        observer: Observer | None = None,
    ) -> None:
        self._network: NetworkKind | None = network
        self._evaluator = Evaluator(_compiled(rules, network, drafts), history, observer)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an engine cannot be pickled or copied; take a `snapshot()`, and `restore` it")

    @property
    def ruleset(self) -> Ruleset:
        """The rules in force."""
        return self._evaluator.program.ruleset

    @property
    def clock(self) -> dt.datetime | None:
        """How far the stream's time has come, in the ruleset's time zone; `None` before the first event."""
        at = self._evaluator.clock
        return None if at is None else days_of(self.ruleset.defaults).local(at)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everyone of whom something is remembered."""
        return tuple(sorted(self._evaluator.stream.subjects))

    @property
    def open_cases(self) -> int:
        """How many cases are open, of everyone together."""
        return sum(person.open_cases for person in self._evaluator.stream.subjects.values())

    def feed(self, event: Event | BadEvent | Mapping[str, Any]) -> list[Transition]:
        """Takes one event and gives the transitions that it and the time before it bring, in their order.

        Deadlines up to the event's time come first (S8). An event may be late: its subject is then evaluated
        again, and what comes out differently is given as corrections, which name in `replaces` what they take
        the place of; a transition that no longer holds is `withdrawn` (S12, S24). A duplicate (S3), an event
        from before the kept history or one of an unknown type changes nothing but `remarks()`. Raises
        `EventError` for what is not an event.
        """
        return self._evaluator.feed(admitted(event))

    def advance(self, to: Time) -> list[Transition]:
        """Lets time pass up to and including `to`, as if nothing else happened (S7).

        Raises `TimeError` for a time before the clock, without an offset, or outside the years 100 to 9800.
        """
        target = moment(to)
        if self._evaluator.clock is not None and target < self._evaluator.clock:
            raise TimeError(f"The clock stands at {self.clock}; it cannot go back to {to}.")
        return sorted(self._evaluator.pass_to(target), key=ORDER)

    def agenda(
        self, subject: str | None = None, at: Time | None = None, days: int = 14
    ) -> list[agendas.AgendaItem]:
        """What is overdue, due, and coming within `days` calendar days of `at`, as if nothing else happened.

        `at` is the clock if left out. Nothing of the engine changes. Raises `TimeError` for a time before the
        clock, without an offset, or outside the years 100 to 9800.
        """
        start = self._evaluator.clock if at is None else moment(at)
        if start is None:
            return []
        if self._evaluator.clock is not None and start < self._evaluator.clock:
            raise TimeError(f"The clock stands at {self.clock}; an agenda for {at} is in its past.")
        if self._evaluator.edit is not None:
            return self._carried_over().agenda(subject, at, days)
        known = self._evaluator.stream.subjects
        names = known if subject is None else [subject] if subject in known else []
        return agendas.agenda(self._evaluator.stream.copied(names), start, days)

    def preview(self, event: Event | BadEvent | Mapping[str, Any]) -> list[Transition]:
        """What `feed` would say of the event's subject, without taking it: nothing of the engine changes.

        For what may yet be changed or dropped, such as a draft. It costs a copy of that one subject. Raises
        `EventError` for what is not an event.
        """
        taken = admitted(event)
        said = evaluator_of(self._copy_of(taken.subject)).feed(taken)
        return [transition for transition in said if transition.subject == taken.subject]

    def _copy_of(self, subject: str) -> Engine:
        """Another engine, without an observer, that knows what this one knows of a subject."""
        if self._evaluator.edit is not None:
            return Engine.restore(self._evaluator.program, self.snapshot())
        inner = self._evaluator
        known = [subject] if subject in inner.names() else []
        people = [snapshots.decode_person(inner.person(name)) for name in known]
        return Engine._resumed(inner.program, inner.head(), people, None, None, self.snapshot)

    def explain(self, advice: str) -> explanations.Explanation:
        """Why this advice was said or suppressed, as data (P6): open advices and the last thousand that ended.

        Also one that was said and, as a late event showed, never was. Which events could have ended it and did not
        is found by running its subject again, as far as what has come since is kept (`history`). Raises
        `UnknownAdviceError` for any other id, and for one that ended before this engine was restored, unless it
        is overdue.
        """
        if self._evaluator.edit is not None:
            return self._carried_over().explain(advice)
        last = self._evaluator.last_words.on(advice)
        for person in self._evaluator.stream.subjects.values():
            for scope in (person.own, *person.cases.values()):
                if advice in scope.advices:
                    return self._explained(person.subject, scope.case, scope.advices[advice])
                for overdue in scope.missed.values():
                    if overdue.id == advice and last is None:
                        return self._explained(person.subject, scope.case, overdue)
        if last is not None:
            return self._watched(self.explain_record(last), last.record)
        raise UnknownAdviceError(advice)

    def explain_event(self, event: str, subject: str | None = None) -> EventExplanation:
        """What became of the event of this id: what each rule made of it, or why it had no effect (P2, P6).

        It is found among the events that are kept (`history`), and otherwise by what was remarked about it.
        `subject` says whose it is, where others have events of the same id.
        """
        if self._evaluator.edit is not None:
            return self._carried_over().explain_event(event, subject)
        watcher, found = EventWatcher(event), None
        if self._evaluator.history is not None and self._evaluator.clock is not None:
            found = self._evaluator.history.watch(event, subject, self._evaluator.clock, watcher)
        return explain_event(event, found, watcher, self._evaluator.program, self.remarks())

    def explain_record(self, transition: Transition) -> explanations.Explanation:
        """The explanation of a transition that one still holds, however long ago its advice ended."""
        return explanations.explain_transition(transition)

    def remarks(self) -> list[Remark]:
        """What was noticed about the events: unknown types and fields, duplicates, late ones (P2)."""
        return self._evaluator.remarks()

    # --- snapshots

    def snapshot(self) -> bytes:
        """The whole state as bytes: versioned, portable, no pickle. `restore` gives the engine back."""
        return self._evaluator.snapshot()

    def checkpoint(self) -> Checkpoint:
        """What has changed since the last checkpoint, for a store that keeps each subject by itself.

        Everybody, if there was none; of an engine that was restored, what has changed since what it was restored from.
        `from_parts` gives the engine back from the last head and the last entry of each subject.
        """
        return self._evaluator.checkpoint()

    @classmethod
    def restore(
        cls,
        rules: Ruleset | Program,
        state: bytes,
        *,
        network: NetworkKind | None = None,
        history: str | None = None,
    ) -> Engine:
        """An engine that goes on where a snapshot was taken, by this version or an earlier one.

        The rules may have been edited since: what that does to what is under way comes out of the next `feed`
        or `advance`, as transitions with the cause `rules changed`. `history` none: as it was. Raises
        `SnapshotError` for other bytes, and for a snapshot of a ruleset of another name.
        """
        head, people = snapshots.decode(state)
        return cls._resumed(rules, head, people, network, history, lambda: bytes(state))

    @classmethod
    def from_parts(
        cls,
        rules: Ruleset | Program,
        head: bytes,
        subjects: Iterable[bytes],
        *,
        network: NetworkKind | None = None,
        history: str | None = None,
    ) -> Engine:
        """The same from what checkpoints gave: the last head, and the last entry of each subject."""
        people = [snapshots.decode_person(entry) for entry in subjects]
        told = snapshots.decode_head(head)

        def whole() -> bytes:
            entries = [
                snapshots.encode_person(each.state, each.frames, each.ids, each.due) for each in people
            ]
            return snapshots.encode(told, entries)

        return cls._resumed(rules, told, people, network, history, whole)

    @classmethod
    def _resumed(
        cls,
        rules: Ruleset | Program,
        head: Head,
        people: Sequence[Person],
        network: NetworkKind | None,
        history: str | None,
        whole: Callable[[], bytes],
    ) -> Engine:
        """An engine that goes on from what a snapshot says; `whole` gives that as the snapshot that it was."""
        program = _compiled_as(rules, network, head)
        snapshots.check(head, people, program if head.digest == program.ruleset.digest else None)
        engine = cls(program, history=history or _known_history(head))
        evaluator = evaluator_of(engine)
        evaluator.resume(head, people)
        if evaluator.edit is not None:
            evaluator.unopened = whole()
        return engine

    def reload(self, rules: Ruleset | Program) -> list[Transition]:
        """Goes on under edited rules, and gives the transitions that the edit brings to what is under way.

        State hangs on rule ids (`renamed_from` carries it over to a new one). Late events from before now are
        too late afterwards. Raises `SnapshotError` when the rules are of another ruleset, and leaves the engine as
        it was.
        """
        before = self._evaluator
        network = self._network if isinstance(rules, Ruleset) else None
        program = _compiled_as(rules, network, before.head())
        out = before.carry_over()
        other = Engine.restore(program, before.snapshot(), history=before.history_name)
        self._evaluator = evaluator_of(other)
        self._evaluator.succeed(before)
        out += self._evaluator.carry_over()
        return sorted(out, key=ORDER)

    def _carried_over(self) -> Engine:
        """Another engine that is already: what an edit brings is told by `feed` and `advance` alone."""
        other = Engine.restore(self._evaluator.program, self.snapshot())
        evaluator_of(other).carry_over()
        return other

    def _explained(self, subject: str, case: str | None, advice: Advice) -> explanations.Explanation:
        days = days_of(self.ruleset.defaults, advice.zone)
        rule = self._evaluator.program.by_id[advice.rule]
        return self._watched(explanations.explain(rule, subject, case, advice, days), advice)

    def _watched(self, explained: explanations.Explanation, advice: Advice) -> explanations.Explanation:
        """The same with the events that could have ended the advice and did not, as far as they are kept."""
        history, clock = self._evaluator.history, self._evaluator.clock
        if history is None or clock is None or not explained.waits_for:
            return explained
        watcher = explanations.AdviceWatcher(advice.id)
        since = min([advice.anchor, *(past.time for past in advice.history)])
        if history.watch_since(since, explained.subject, clock, watcher) or watcher.not_ended:
            return watcher.named(explained)
        return explained


def evaluator_of(engine: Engine) -> Evaluator:
    """What is behind the façade, for the modules of the package; `Engine.reload` puts another one there."""
    return engine._evaluator


def admitted(event: Event | BadEvent | Mapping[str, Any]) -> Event:
    """A well made event; raises `EventError` for what is none."""
    read = checked(event) if isinstance(event, Event) else from_mapping(event)
    if isinstance(read, BadEvent):
        raise EventError(read)
    return read


def admitted_all(events: Iterable[Event | BadEvent | Mapping[str, Any]]) -> Iterator[Event]:
    """Each of several events as `admitted` gives it, whose error says which; raises `TypeError` for a single one."""
    if isinstance(events, Event | BadEvent | Mapping | str | bytes):
        raise TypeError("one event, or text, stands where a list of events belongs")
    return _each_admitted(events)


def _each_admitted(events: Iterable[Event | BadEvent | Mapping[str, Any]]) -> Iterator[Event]:
    for number, event in enumerate(events, 1):
        try:
            taken = admitted(event)
        except EventError as error:
            problem = replace(error.problem, reason=f"Item {number}: {error.problem.reason}")
            raise EventError(problem) from None
        yield taken


def _compiled(rules: Ruleset | Program, network: NetworkKind | None, drafts: bool) -> Program:
    check_loaded(rules)
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


def _compiled_as(rules: Ruleset | Program, network: NetworkKind | None, head: Head) -> Program:
    """The rules with or without drafts, as they were when the snapshot was taken."""
    check_loaded(rules)
    found = misfit(rules, head.ruleset, head.drafts)
    if found is not None and found.about == "ruleset":
        raise SnapshotError(
            f"The snapshot was taken under {found.was} {head.version}, not under {found.now}."
        )
    if found is not None:
        raise SnapshotError(
            f"The snapshot was taken {found.was} draft rules; these are compiled {found.now}."
        )
    return _compiled(rules, network, drafts=head.drafts and isinstance(rules, Ruleset))
