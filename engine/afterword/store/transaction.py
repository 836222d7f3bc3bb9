"""What one step writes, as rows: the tables of a store, and every statement that changes them."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping

from afterword.store.position import Position

APPLICATION = 0x61667764
"""Stands in the header of every store, as SQLite's `application_id`: "afwd"."""

FORMAT = 1
"""Which tables the file has, as SQLite's `user_version`."""

_TABLES = (
    """CREATE TABLE store (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        head BLOB NOT NULL,
        position,
        acknowledged INTEGER NOT NULL,
        transitions INTEGER NOT NULL,
        events INTEGER NOT NULL
    )""",
    "CREATE TABLE subjects (name TEXT PRIMARY KEY, digest BLOB NOT NULL, entry BLOB NOT NULL)",
    'CREATE TABLE transitions ("offset" INTEGER PRIMARY KEY, digest BLOB NOT NULL, json TEXT NOT NULL)',
    """CREATE TABLE events (
        number INTEGER PRIMARY KEY, time INTEGER NOT NULL, digest BLOB NOT NULL, json TEXT NOT NULL
    )""",
)

# The type is asked for, since a damaged file may hold any.
_OLDEST = """SELECT number FROM (SELECT number, time FROM events ORDER BY number LIMIT ?)
    WHERE typeof(time) = 'integer' AND time < ?"""


class Transaction:
    """The statements of one transaction. What it was given is durable when the transaction ends, or gone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._do = connection.execute

    def create(self, head: bytes) -> None:
        """The tables, with nothing in them but a head."""
        for table in _TABLES:
            self._do(table)
        self._do("INSERT INTO store VALUES (1, ?, NULL, 0, 0, 0)", (head,))
        self._do(f"PRAGMA application_id = {APPLICATION}")
        self._do(f"PRAGMA user_version = {FORMAT}")

    def save_head(self, head: bytes) -> None:
        """How the engine stands, without its subjects."""
        self._do("UPDATE store SET head = ?", (head,))

    def save_position(self, position: Position) -> None:
        """How far the input was read."""
        self._do("UPDATE store SET position = ?", (position,))

    def save_subjects(self, subjects: Mapping[str, bytes | None]) -> None:
        """The subjects that were touched; those of whom nothing is remembered go."""
        for name, entry in subjects.items():
            if entry is None:
                self._do("DELETE FROM subjects WHERE name = ?", (name,))
            else:
                self._do(
                    "INSERT OR REPLACE INTO subjects VALUES (?, ?, ?)", (name, digest_of(name, entry), entry)
                )

    def append_transitions(self, lines: Iterable[bytes]) -> None:
        """Transitions to hand out, under the next offsets."""
        last = self._last("transitions")
        rows = [(n, digest_of(str(n), line), line.decode()) for n, line in enumerate(lines, last + 1)]
        if not rows:
            return
        self._connection.executemany("INSERT INTO transitions VALUES (?, ?, ?)", rows)
        self._do("UPDATE store SET transitions = ?", (last + len(rows),))

    def append_events(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Events of these times for the journal, under the next numbers."""
        last = self._last("events")
        rows = [
            (n, time, digest_of(str(n), line), line.decode())
            for n, (time, line) in enumerate(events, last + 1)
        ]
        if not rows:
            return
        self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
        self._do("UPDATE store SET events = ?", (last + len(rows),))

    def forget_events(self, limit: int, at_most: int) -> None:
        """Deletes up to so many of the oldest events that are from before an instant, in their order."""
        gone = self._do(_OLDEST, (at_most, limit)).fetchall()
        self._connection.executemany("DELETE FROM events WHERE number = ?", gone)

    def acknowledge(self, offset: int) -> None:
        """The transitions up to this offset are done with."""
        self._do("UPDATE store SET acknowledged = ?", (offset,))
        self._do('DELETE FROM transitions WHERE "offset" <= ?', (offset,))

    def _last(self, column: str) -> int:
        (number,) = self._do(f"SELECT {column} FROM store").fetchone()
        return int(number)


def digest_of(name: str, entry: bytes) -> bytes:
    """What shows that a row of this name or number is the one that was written: SQLite does not look."""
    return hashlib.blake2b(name.encode() + b"\0" + entry, digest_size=16).digest()
