"""What can be wrong with a store's file, in a sentence, and how to mend it (P3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_Fault = tuple[str, str]
"""A reason and a hint."""

UNCHANGED = "what was committed before is safe, and nothing of the last call was kept"

_DAMAGED: _Fault = (
    "The file is damaged.",
    "put a backup in its place, or move it and its `-wal` away and feed the log again from its beginning: "
    "the same transitions come out, with the same ids",
)
_READ_ONLY: _Fault = (
    "The file cannot be written.",
    "let this user write the file and its folder, or name another file",
)
_LOCKED: _Fault = (
    "Another program has locked the file.",
    f"close what has it open, such as an SQLite shell, and try again; {UNCHANGED}",
)
_FAULTS: Mapping[str, _Fault] = {
    "SQLITE_FULL": ("The disk is full.", f"make room and feed again; {UNCHANGED}"),
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": (
        "This is no SQLite database, or its beginning is damaged.",
        "name another file, or put a backup in its place; it was left as it is",
    ),
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_AUTH": _READ_ONLY,
    "SQLITE_CANTOPEN": (
        "The file cannot be opened.",
        "its folder must exist, and this user must be allowed to write in it",
    ),
    "SQLITE_IOERR": ("The disk did not read or write.", f"check the disk and its room; {UNCHANGED}"),
}
"""By the beginning of the names of SQLite's errors."""


class StoreError(Exception):
    """The store cannot be opened, read or written; `hint` says how to mend it. What was committed is not lost."""

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(path, reason, hint)  # what it is made of, so that another process can make it anew
        self.path, self.reason, self.hint = path, reason, hint

    def __str__(self) -> str:
        """`path: reason (hint)`."""
        return f"{self.path}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


def damaged(path: str, told: str = "") -> StoreError:
    """The file holds what no store would have written."""
    reason, hint = _DAMAGED
    return StoreError(path, f"{reason} {told}".rstrip(), hint)


@contextmanager
def faults_told(path: str) -> Iterator[None]:
    """Turns what SQLite complains of into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _fault(path, error) from error
    except (
        UnicodeDecodeError
    ) as error:  # what SQLite complains of quotes the file, in which there may be any bytes
        raise damaged(path) from error


_OF_DAMAGE = ("SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH")
"""Our statements fail so only where the tables, or what is in them, are not ours any more."""


def _fault(path: str, error: sqlite3.Error) -> StoreError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_OF_DAMAGE):
        return damaged(path, f"SQLite reports: {error}.")
    for beginning, (reason, hint) in _FAULTS.items():
        if name.startswith(beginning):
            return StoreError(path, reason, hint)
    return StoreError(path, f"SQLite reports: {error}.", UNCHANGED)
