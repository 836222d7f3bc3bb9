"""The rows of a table (CSV) with the numbers of their lines; a broken row is reported, and the next one read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from afterword.bad_event import BadEvent
from afterword.rim.lines import LONGEST

_MOST_READ_TWICE = 100_000
_PLAIN_WORDS = [
    ("unexpected end of data", "A cell begins with a quote that is never closed.", 'close it with `"`'),
    (
        "expected after",
        "Something follows the closing quote of a cell.",
        'a quote inside a cell is written `""`',
    ),
    ("field larger", "A cell is longer than 131,072 characters.", "is a closing quote missing?"),
    ("new-line character", "A line ends in the middle of a row.", "save the file with ordinary line ends"),
]


class TableRow(NamedTuple):
    """One row: the line in which it begins, its cells without the white space around them, and its bytes."""

    line: int
    cells: list[str] | BadEvent
    raw: bytes


def table_rows(source: Iterable[tuple[int, bytes]], delimiter: str, encoding: str) -> Iterator[TableRow]:
    """Every row that is not blank, the one with the names of the columns included."""
    feed = _Feed(iter(source), encoding)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.taken = []
        cells: list[str] | BadEvent
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            cells = _in_plain_words(error)
        except _LineError as error:
            cells = error.bad
        if isinstance(cells, BadEvent):
            feed.go_back()
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        yield TableRow(feed.taken[0][0], cells, b"".join(line for _, line in feed.taken))


class _LineError(Exception):
    """A line that is no text."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.bad = BadEvent(reason, mend)


class _Feed:
    """Gives a CSV reader its lines, and takes back those that it read in search of a closing quote."""

    def __init__(self, source: Iterator[tuple[int, bytes]], encoding: str) -> None:
        self._source, self._encoding = source, encoding
        self._again: list[tuple[int, bytes]] = []
        self._read_twice = 0
        self.taken: list[tuple[int, bytes]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        number, line = self._again.pop() if self._again else next(self._source)
        self.taken.append((number, line))
        if len(line) > LONGEST:
            raise _LineError(f"The line is longer than {LONGEST:,} bytes.", "is this a table?")
        if b"\0" in line:
            raise _LineError(
                f"Byte {line.index(0) + 1} of the line is a NUL byte, which no text has.", "remove it"
            )
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError as error:
            mend = "save the table as UTF-8, or name its `encoding:` in the mapping"
            raise _LineError(f"Byte {error.start + 1} of the line is not text.", mend) from None

    def go_back(self) -> None:
        """All but the first line of this row will be read again, so that one quote does not cost the rest."""
        self._read_twice += len(self.taken) - 1
        if self._read_twice <= _MOST_READ_TWICE:
            self._again += reversed(self.taken[1:])
            del self.taken[1:]


def _in_plain_words(error: csv.Error) -> BadEvent:
    for said, reason, mend in _PLAIN_WORDS:
        if said in str(error):
            return BadEvent(reason, mend)
    return BadEvent(f"This is no row of a table: {error}.", "check its quotes")


def other_delimiter(columns: list[str]) -> str:
    """What to do about a table that seems to have a single column because another delimiter was expected."""
    found = re.search(r"[;\t|]", columns[0]) if len(columns) == 1 else None
    if found is None:
        return ""
    word = {";": "semicolon", "\t": "tab", "|": "pipe"}[found[0]]
    return f"the table seems to be separated otherwise: write `csv: {{delimiter: {word}}}` in the mapping"
