"""The one file of a store: what it is, who may open it, and what it holds."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from afterword.store.faults import StoreError, damaged, faults_told
from afterword.store.position import Position
from afterword.store.transaction import APPLICATION, FORMAT, Transaction, digest_of

PATIENCE = 5.0
"""How many seconds are waited for another program, such as an SQLite shell, to let go of the file."""


_SETTINGS = (
    "PRAGMA synchronous = FULL",  # durable when it returns, also when the power fails
    "PRAGMA fullfsync = ON",  # and on a Mac, whose disks otherwise say so too early
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
)

# The types are asked for, since a damaged file may hold any.
_SAVED = """SELECT ifnull(CAST(head AS BLOB), x''), position, acknowledged, transitions FROM store
    WHERE typeof(acknowledged) = 'integer' AND typeof(transitions) = 'integer' AND typeof(events) = 'integer'"""
_SUBJECTS = """SELECT ifnull(CAST(name AS TEXT), ''), CAST(digest AS BLOB), ifnull(CAST(entry AS BLOB), x'')
    FROM subjects"""


class Saved(NamedTuple):
    """The row of the store itself; `transitions` is the offset of the last one."""

    head: bytes
    position: Position | None
    acknowledged: int
    transitions: int


class StoreFile:
    """An open file that no other store has open. Reads and writes rows, and knows nothing of engines."""

    def __init__(self, path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> None:
        if os.fsdecode(path) == ":memory:":
            raise StoreError(":memory:", "A store is a file.", "use an `Engine`, which is in memory")
        self.path = os.path.realpath(os.fsdecode(path))
        self._owner = os.getpid()
        self._connection: sqlite3.Connection | None = None
        self._lock: sqlite3.Connection | None = None
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        with faults_told(self.path):
            if os.path.exists(self.path):  # noqa: PTH110 - that of Path raises where a name is too long
                self._connection = _connect(self.path)
                self._recognise(self._connection)  # before a lock is put beside a file that is not ours
                self._lock = _lock(self.path)
            else:
                self._lock = _lock(self.path)  # before there is a file, which would be left when this fails
                self._connection = _connect(self.path)
            for setting in _SETTINGS:
                self._connection.execute(setting)
            self.is_new = self._recognise(self._connection)
            self._connection.execute("BEGIN IMMEDIATE")  # whether it can be written is better known now
            if not self.is_new:
                self._connection.execute("UPDATE store SET id = id")
            self._connection.execute("ROLLBACK")

    def _recognise(self, connection: sqlite3.Connection) -> bool:
        """Whether the file is empty; raises `StoreError` when it is not a store of this format."""
        application = _number(connection, "PRAGMA application_id")
        format_ = _number(connection, "PRAGMA user_version")
        if application == 0 and _number(connection, "SELECT count(*) FROM sqlite_master") == 0:
            return True
        if application != APPLICATION:
            raise StoreError(
                self.path, "This is another program's database; it was left as it is.", "name another file"
            )
        if format_ != FORMAT:
            raise StoreError(
                self.path,
                f"The store has the format {format_}; this version of afterword reads {FORMAT}.",
                "open it with the version that wrote it, or name another file; it was left as it is",
            )
        return False

    def create(self, head: bytes) -> None:
        """Makes the tables; until this is done the file counts as empty."""
        with self.transaction() as transaction:
            transaction.create(head)
        self.is_new = False

    def begin(self) -> None:
        """Sets in force what only a store's own file may be changed to."""
        with faults_told(self.path):
            mode = self._ready().execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise StoreError(
                self.path,
                f"SQLite cannot keep a write-ahead log here (it offers `{mode}`).",
                "put the file on a local disk",
            )

    def close(self) -> None:
        """Lets go of the file. May be called twice."""
        connection, self._connection = self._connection, None
        lock, self._lock = self._lock, None
        if os.getpid() == self._owner:
            for each in (connection, lock):
                if each is not None:
                    each.close()

    def check_owner(self) -> None:
        """Refuses a forked process, in which neither the connection nor the lock is what it was."""
        if os.getpid() != self._owner:
            raise StoreError(
                self.path,
                "The store was opened before this process was forked off.",
                "open a store in the process that uses it",
            )

    def _ready(self) -> sqlite3.Connection:
        """The connection, outside of any transaction."""
        if self._connection is None:
            raise StoreError(self.path, "The store is closed.", "open it again")
        if self._connection.in_transaction:  # an interrupt may have come between any two lines
            self._connection.execute("ROLLBACK")
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All that is done inside is durable afterwards, or none of it is done (`StoreError`)."""
        with faults_told(self.path):
            connection = self._ready()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(connection)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    # --- reading

    def saved(self) -> Saved:
        """The row of the store itself."""
        with faults_told(self.path):
            row = self._ready().execute(_SAVED).fetchone()
        if row is None:
            raise damaged(self.path, "Its head is missing, or is none.")
        return Saved(*row)

    def subjects(self) -> Iterator[bytes]:
        """The entry of each subject."""
        with faults_told(self.path):
            for name, digest, entry in self._ready().execute(_SUBJECTS):
                if digest != digest_of(name, entry):
                    raise damaged(self.path, f"What it says of {name!r} does not fit its digest.")
                yield entry

    def transitions(self, after: int, most: int) -> list[tuple[int, bytes]]:
        """The first so many transitions past an offset that are still kept."""
        return self._rows('"offset"', "transitions", after, most)

    def events(self, after: int, most: int) -> list[tuple[int, bytes]]:
        """The first so many events past a number that are still kept."""
        return self._rows("number", "events", after, most)

    def _rows(self, number: str, table: str, after: int, most: int) -> list[tuple[int, bytes]]:
        query = f"SELECT {number}, CAST(digest AS BLOB), ifnull(CAST(json AS BLOB), x'') FROM {table}"
        query += f" WHERE {number} > ? ORDER BY 1 LIMIT ?"
        with faults_told(self.path):
            rows = self._ready().execute(query, (after, most)).fetchall()
        for place, digest, line in rows:
            if digest != digest_of(str(place), line):
                raise damaged(self.path, f"Row {place} of its {table} does not fit its digest.")
        return [(place, line) for place, _, line in rows]


def is_vacant(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> bool:
    """Whether there is no file, or an empty one: in all likelihood, for it is not opened yet."""
    try:
        return Path(os.fsdecode(path)).stat().st_size == 0
    except OSError:
        return True


def _connect(path: str) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)


def _lock(path: str) -> sqlite3.Connection:
    """Holds a lock for as long as it is open, in a file of its own.

    The lock is SQLite's, which the system takes away from a process that dies, and which counts between
    threads too. It is not on the store's own file: with `locking_mode=EXCLUSIVE` a forked child that merely
    ends would believe to hold the lock, and delete the write-ahead log that its parent is writing.
    """
    name = f"{path}-lock"
    with faults_told(name if os.path.lexists(name) else path):
        connection = sqlite3.connect(name, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise StoreError(
                    path,
                    "The store is open already, in this process or in another.",
                    "close it there: a store belongs to one at a time",
                ) from None
            raise
    return connection


def _number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)
