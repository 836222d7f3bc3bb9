"""Where `watch` keeps its engine: in memory, or in a file that a restart goes on from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from afterword.engine import Engine
from afterword.events import Event
from afterword.network import NetworkKind
from afterword.program import compile_ruleset
from afterword.ruleset import Ruleset
from afterword.store import SQLiteStore
from afterword.transition import Transition
from afterword_cli.render import Line

PAGE = 500
"""How many transitions are printed between two acknowledgements."""

Write = Callable[[Iterable[Line]], None]
"""Prints transitions, and returns when they have left this process."""


class Keeper(Protocol):
    """An engine, how far its input was read, and what it said that was not printed yet."""

    @property
    def engine(self) -> Engine:
        """The engine as it is now."""

    @property
    def position(self) -> str | None:
        """How far the input was read by an earlier run."""

    def take(self, events: Sequence[Event], position: str | None) -> None:
        """Takes events; `position` is where to read on after them."""

    def advance(self, to: dt.datetime) -> None:
        """Lets time pass."""

    def reload(self, rules: Ruleset) -> None:
        """Goes on under edited rules."""

    def hand_out(self, write: Write) -> None:
        """Prints what was not printed yet."""


class InMemory:
    """Forgets everything when it ends."""

    position: str | None = None

    def __init__(self, rules: Ruleset, network: NetworkKind | None) -> None:
        self.engine = Engine(rules, network=network)
        self._network = network
        self._out: list[Transition] = []

    def take(self, events: Sequence[Event], position: str | None) -> None:  # noqa: ARG002 - nothing to keep it in
        """Takes events."""
        for event in events:
            self._out += self.engine.feed(event)

    def advance(self, to: dt.datetime) -> None:
        """Lets time pass."""
        self._out += self.engine.advance(to)

    def reload(self, rules: Ruleset) -> None:
        """Goes on under edited rules."""
        self._out += self.engine.reload(compile_ruleset(rules, network=self._network))

    def hand_out(self, write: Write) -> None:
        """Prints what was not printed yet."""
        out, self._out = self._out, []
        write(out)


class StoredTransition(msgspec.Struct):
    """A transition as a store has it: what the filters ask, and its line."""

    state: str
    kind: str
    rule: str
    subject: str
    case: str | None
    line: bytes = b""

    def as_json(self) -> bytes:
        """The line, as the transition itself gave it."""
        return self.line


_kept = msgspec.json.Decoder(StoredTransition).decode


class InStore:
    """Commits every step, and what was printed once it was; so a restart goes on where the last run stopped."""

    def __init__(self, store: SQLiteStore) -> None:
        self._store = store
        self._waiting = True  # what an earlier run committed and did not come to print

    @property
    def engine(self) -> Engine:
        """The engine as the file has it."""
        return self._store.engine

    @property
    def position(self) -> str | None:
        """How far the input was read by an earlier run."""
        position = self._store.position
        return position if isinstance(position, str) else None

    def take(self, events: Sequence[Event], position: str | None) -> None:
        """Takes events; `position` is where to read on after them."""
        self._waiting |= bool(self._store.feed_all(events, position))

    def advance(self, to: dt.datetime) -> None:
        """Lets time pass."""
        self._waiting |= bool(self._store.advance(to))

    def reload(self, rules: Ruleset) -> None:
        """Goes on under edited rules."""
        self._waiting |= bool(self._store.reload(rules))

    def hand_out(self, write: Write) -> None:
        """Prints what was not printed yet, page by page: what has left this process is acknowledged."""
        while self._waiting:
            page = list(self._store.transitions(self._store.acknowledged, PAGE))
            write([_with_line(line) for _, line in page])
            if page:
                self._store.acknowledge(page[-1][0])
            self._waiting = len(page) == PAGE


def _with_line(line: bytes) -> StoredTransition:
    kept = _kept(line)
    kept.line = line
    return kept
