"""A log that grows: its lines are made into events as they come, and where it was left is known again (P2)."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import msgspec

from afterword.bad_event import BadEvent
from afterword.events import decode
from afterword.rim.disk import refuse_compressed
from afterword.rim.follow import Lines, Mark
from afterword.rim.layout import layout_of
from afterword.rim.logs import Found, Log, mapped
from afterword.rim.mapping import LogMapping
from afterword.rim.opening import LogError
from afterword.rim.rows import RowReader
from afterword.rim.table import table_rows
from afterword.strict_json import DECODE_ERRORS


class LogPosition(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a log was left: in which file, and under which columns if it is a table."""

    mark: Mark | None = None
    columns: tuple[str, ...] | None = None

    def as_text(self) -> str:
        """For a store; `position` reads it."""
        return msgspec.json.encode(self).decode()


def position(text: str | bytes | None) -> LogPosition:
    """What `as_text` gave; the beginning for anything else."""
    try:
        return LogPosition() if text is None else msgspec.json.decode(text, type=LogPosition)
    except DECODE_ERRORS:
        return LogPosition()


class GrowingLog(Log):
    """JSON Lines, CloudEvents or a table, as far as it has come. `tally` counts all that was found.

    `LogError` is raised by the first lines when they are not those of a log that can be followed; later ones
    are bad lines at worst.
    """

    def __init__(
        self, path: str, mapping: LogMapping | None = None, columns: tuple[str, ...] | None = None
    ) -> None:
        """`columns` are those of a table that was left in the middle."""
        super().__init__(path, mapping)
        refuse_compressed(path)
        if mapping is not None and mapping.encoding == "utf-16":
            raise LogError(self.name, "A table in UTF-16 cannot be followed.", "write it as UTF-8")
        self.columns = columns
        self._is_table = True if columns is not None else None
        self._rows_reader: RowReader | None = None
        self._objects = None if mapping is None else RowReader(mapping)
        self._read = decode if self._objects is None else mapped(self._objects)

    def events(self, lines: Lines, name: str = "") -> Iterator[tuple[int, Found]]:
        """What these lines say; `name` is that of the file in which they stand."""
        self.name = name or self.name
        for number, found in self._said(lines):
            if isinstance(found, BadEvent):
                self.tally.bad += 1
            else:
                self.tally.events += 1
            yield number, found

    def ends(self, lines: list[bytes]) -> bool:
        """Whether these lines are whole rows; a cell in quotes may go over several lines."""
        if self._mapping is None or not self._table(lines[0]):
            return True
        texts = [line.decode(self._mapping.encoding, "replace") for line in lines]
        try:
            for _ in csv.reader(texts, delimiter=self._delimiter(self._mapping), strict=True):
                pass
        except csv.Error as error:
            return "unexpected end" not in str(error)
        return True

    def _said(self, lines: Lines) -> Iterator[tuple[int, Found]]:
        first = next((line for _, line in lines if line.strip()), None)
        if first is None:
            self.tally.blank += len(lines)
        elif self._table(first):
            yield from self._of_lines_of_table(lines)
        else:
            yield from self._of_json(lines, self._read, self.tally)
            self.tally.never_seen = [] if self._objects is None else self._objects.never_seen

    def _of_lines_of_table(self, lines: Lines) -> Iterator[tuple[int, Found]]:
        mapping = self._mapping
        assert mapping is not None
        if mapping.columns is not None:
            self.columns = mapping.columns
        elif lines[0][0] == 1:  # each file names its columns
            self.columns = self._rows_reader = None
        rows = table_rows(lines, self._delimiter(mapping), mapping.encoding)
        if self.columns is None:
            named = self._header(rows)
            if named is None:
                return
            self.columns = tuple(named)
        columns = list(self.columns)
        if self._rows_reader is None:
            self._rows_reader = self._row_reader(mapping, columns, self.tally)
        yield from self._of_rows(rows, self._rows_reader, columns, self.tally)

    def _table(self, line: bytes) -> bool:
        """Whether the log is a table, which its first line tells; or why it cannot be followed (LogError)."""
        if self._is_table is None and line.strip():
            refuse_compressed(self._input.path, line)
            layout = layout_of(self._input, line, self._mapping)
            if (layout == "document" or line.strip() == b"{") and not _is_json(line):
                reason = "This is JSON that goes over several lines, which cannot be followed."
                raise LogError(self.name, reason, "write one event on each line")
            self._is_table = layout == "table"
        return bool(self._is_table)


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except DECODE_ERRORS:
        return False
    return True
