"""The store for embedding: an engine whose every step is on the disk before its transitions are handed out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import index
from threading import RLock
from types import TracebackType
from typing import Any

from afterword.days import days_of, instant
from afterword.engine import Engine, admitted_all, evaluator_of
from afterword.events import BadEvent, Event
from afterword.history import OPEN_CASES
from afterword.moments import Time, TimeError
from afterword.network import NetworkKind
from afterword.program import Program, check_loaded, compile_ruleset
from afterword.ruleset import Ruleset
from afterword.snapshot import SnapshotError, decode_head
from afterword.store.faults import StoreError
from afterword.store.file import StoreFile, is_vacant
from afterword.store.journal import ALL, Journal, journal, line_of
from afterword.store.position import Position, check_position, row_number
from afterword.store.same_rules import check_fit
from afterword.store.transaction import Transaction
from afterword.transition import Transition

Row = tuple[int, bytes]

PAGE = 500
"""How many rows are read at a time."""

PRUNED = 16
"""How many of the oldest events each step looks at, beside two for each that it brings."""


class SQLiteStore:
    """An engine in a file: what it was fed, how it stands, and what it said, committed together.

    Open one with `open`. Each call that changes something is one transaction: when it returns, it is durable;
    when it raises, nothing of it happened. A store is open once at a time; its calls may come from any thread
    of the process that opened it, and take turns.
    """

    def __init__(self, file: StoreFile, engine: Engine, network: NetworkKind | None, kept: Journal) -> None:
        self._file = file
        self._turn = RLock()
        self._busy = False
        self._network = network
        self._journal = kept
        self._history = evaluator_of(engine).history_name
        self._rules = evaluator_of(engine).program
        self._engine: Engine | None = engine

    @classmethod
    def open(
        cls,
        path: str | bytes | os.PathLike[str] | os.PathLike[bytes],
        rules: Ruleset | Program,
        *,
        network: NetworkKind | None = None,
        history: str | None = None,
        events: str = ALL,
    ) -> SQLiteStore:
        """Opens the store in this file, or makes one where there is no file or an empty one.

        The rules may have been edited since: what that does to what is under way comes out of the next `feed`
        or `advance`. `network` and `history` are those of `Engine`; `history` none: as it was. `events`
        says how long the events that came are kept to be read again: `"all"`, `"none"`, or a duration such as
        `"90 days"`, counted back from the engine's clock.

        Raises `StoreError` for a file that cannot be used, is open already, belongs to another ruleset, or was
        made with other drafts; `ValueError` for `events` that is none of these; `HistoryError`,
        `NetworkUnavailable`; and `TypeError` for rules that are not loaded. A new file is then not made.
        """
        kept = journal(events)
        check_loaded(rules)

        def begun() -> Engine:
            return Engine(rules, network=network, history=OPEN_CASES if history is None else history)

        fresh = (
            begun() if is_vacant(path) else None
        )  # before there is a file, which would be left when it fails
        file = StoreFile(path)
        try:
            if file.is_new:
                engine = fresh or begun()
                file.create(engine.checkpoint().head)
            else:
                engine = _resumed(file, rules, network, history)
            file.begin()
        except BaseException:
            file.close()
            raise
        return cls(file, engine, network, kept)

    def close(self) -> None:
        """Lets go of the file. May be called twice."""
        with self._turn:
            self._engine = None
            self._file.close()

    @contextmanager
    def _alone(self) -> Iterator[StoreFile]:
        """The file, while no other call is under way: other threads wait, a signal handler cannot."""
        self._file.check_owner()
        with self._turn:
            if self._busy:
                raise RuntimeError("The store was called from within one of its own calls.")
            self._busy = True
            try:
                yield self._file
            finally:
                self._busy = False

    def __enter__(self) -> SQLiteStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> str:
        """The file, absolute and without links."""
        return self._file.path

    @property
    def engine(self) -> Engine:
        """The engine as the disk has it, to ask and not to feed. Ask for it anew each time: it may be replaced."""
        with self._alone():
            return self._current()

    def _current(self) -> Engine:
        if self._engine is None:
            self._engine = _resumed(self._file, self._rules, None, self._history)
        return self._engine

    # --- input

    @property
    def position(self) -> Position | None:
        """How far the input was read, as it was committed with the last events that said so."""
        with self._alone() as file:
            return file.saved().position

    def feed(
        self, event: Event | BadEvent | Mapping[str, Any], position: Position | None = None
    ) -> list[Transition]:
        """Takes one event, as `Engine.feed` does, in one transaction.

        `position` is where to read on after it. Raises `EventError` for what is no event, `TypeError` or
        `ValueError` for a position that cannot be kept, and `StoreError` when the disk does not follow.
        """
        return self.feed_all((event,), position)

    def feed_all(
        self, events: Iterable[Event | BadEvent | Mapping[str, Any]], position: Position | None = None
    ) -> list[Transition]:
        """Takes a batch in one transaction; gives and keeps what feeding them one by one would have given.

        `position` is where to read on after them, in whatever way the input counts; none: as it was. Raises
        `EventError`, and takes none, when one of them is no event; and what `feed` raises.
        """
        check_position(position)
        batch = list(admitted_all(events))
        if batch:
            return self._step(
                lambda engine: [each for event in batch for each in evaluator_of(engine).feed(event)],
                batch,
                position,
            )
        if position is not None:
            with self._alone() as file, file.transaction() as transaction:
                transaction.save_position(position)
        return []

    def advance(self, to: Time, position: Position | None = None) -> list[Transition]:
        """Lets time pass, as `Engine.advance` does, in one transaction (S7).

        Raises `TimeError` for what is no time or lies before the clock, and what `feed` raises.
        """
        return self._step(lambda engine: engine.advance(to), (), position)

    def reload(self, rules: Ruleset | Program, position: Position | None = None) -> list[Transition]:
        """Goes on under edited rules, as `Engine.reload` does, in one transaction.

        Raises `StoreError` for another ruleset or other drafts, `TypeError` for rules that are not loaded, and what
        `feed` raises.
        """
        check_loaded(rules)
        program = rules
        if isinstance(program, Ruleset):
            program = compile_ruleset(program, network=self._network, drafts=self._rules.drafts)
        check_fit(self.path, self._rules.ruleset.name, self._rules.drafts, program)
        return self._step(lambda engine: engine.reload(program), (), position)

    def _step(
        self,
        work: Callable[[Engine], list[Transition]],
        events: Sequence[Event] = (),
        position: Position | None = None,
    ) -> list[Transition]:
        """Changes the engine and the disk, or neither."""
        check_position(position)
        with self._alone():
            engine, self._engine = self._current(), None
            # Until the disk has followed there is no engine: if it does not follow, it is read from there again.
            try:
                out = work(engine)
            except TimeError:
                self._engine = engine
                raise
            self._commit(engine, events, out, position)
            self._rules = evaluator_of(engine).program
            self._engine = engine
            return out

    def _commit(
        self, engine: Engine, events: Sequence[Event], out: Iterable[Transition], position: Position | None
    ) -> None:
        head, subjects = engine.checkpoint()
        with self._file.transaction() as transaction:
            transaction.save_head(head)
            transaction.save_subjects(subjects)
            transaction.append_transitions(each.as_json() for each in out)
            self._write_down(transaction, engine, events)
            if position is not None:
                transaction.save_position(position)

    def _write_down(self, transaction: Transaction, engine: Engine, events: Sequence[Event]) -> None:
        if self._journal.is_kept:
            transaction.append_events((instant(event.time), line_of(event)) for event in events)
        clock = evaluator_of(engine).clock
        if self._journal.keep is not None and clock is not None:
            limit = days_of(engine.ruleset.defaults).add(clock, self._journal.keep, -1)
            transaction.forget_events(limit, PRUNED + 2 * len(events))

    # --- output

    def transitions(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """The transitions that were not acknowledged, past this offset: each with its offset, as JSON (S21).

        Offsets count from 1 without gaps, and are never used again. `limit` is how many are given at most; none:
        all. They are read as they are asked for, which is when `StoreError` may be raised.
        """
        return self._paged(StoreFile.transitions, after, limit)

    def events(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """The events that are kept, in the order in which they came: each with its number, as a line of a log (S1).

        `after` and `limit` are those of `transitions`; numbers count from 1.
        """
        return self._paged(StoreFile.events, after, limit)

    def _paged(
        self, read: Callable[[StoreFile, int, int], list[Row]], after: int, limit: int | None
    ) -> Iterator[Row]:
        """Checks at once what is asked for; the rows are read when they are."""
        return self._pages(read, row_number(after), sys.maxsize if limit is None else row_number(limit))

    def _pages(
        self, read: Callable[[StoreFile, int, int], list[Row]], after: int, left: int
    ) -> Iterator[Row]:
        """Rows a page at a time, so that nothing is held while a consumer works, which may well call the store."""
        while left > 0:
            with self._alone() as file:
                page = read(file, after, min(left, PAGE))
            yield from page
            if len(page) < PAGE:
                return
            after, left = page[-1][0], left - len(page)

    @property
    def acknowledged(self) -> int:
        """The offset up to which the consumer is done."""
        with self._alone() as file:
            return file.saved().acknowledged

    def acknowledge(self, offset: int) -> None:
        """The consumer is done with everything up to this offset: it is deleted, and not handed out again.

        Raises `ValueError` for an offset that there is not yet.
        """
        offset = index(offset)
        with self._alone() as file:
            saved = file.saved()
            if offset > saved.transitions:
                raise ValueError(f"There is no transition {offset} yet; the last is {saved.transitions}.")
            if offset > saved.acknowledged:
                with file.transaction() as transaction:
                    transaction.acknowledge(offset)


def _resumed(
    file: StoreFile, rules: Ruleset | Program, network: NetworkKind | None, history: str | None
) -> Engine:
    """The engine as the file has it."""
    head = file.saved().head
    try:
        known = decode_head(head)
        check_fit(file.path, known.ruleset, known.drafts, rules)
        return Engine.from_parts(rules, head, file.subjects(), network=network, history=history)
    except SnapshotError as error:
        raise StoreError(
            file.path,
            f"The state cannot be read. {error}",
            "open it with the version of afterword that wrote it, or put a backup in its place",
        ) from error
