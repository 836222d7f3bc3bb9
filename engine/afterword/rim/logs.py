"""Event logs: from a path or standard input to events, one at a time, with the line of each (P2, P3)."""

from __future__ import annotations

import codecs
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from afterword.bad_event import BadEvent, kind
from afterword.events import Event, decode, is_batch
from afterword.rim.json_values import EndlessError, values
from afterword.rim.layout import HEAD, Layout, layout_of
from afterword.rim.lines import LONGEST, line_blocks, lines, utf16_lines
from afterword.rim.mapping import LogMapping
from afterword.rim.names import usual_delimiter
from afterword.rim.opening import Input, LogError
from afterword.rim.rows import ColumnError, Ignored, RowReader
from afterword.rim.table import TableRow, other_delimiter, table_rows
from afterword.rim.times import are_sorted, times
from afterword.strict_json import OddJSONError, load, load_objects, load_unchecked
from afterword.typed import Typed, TypedEvent

__all__ = ["Log", "LogError", "Tally"]

BATCH = 512
"""How many events come at a time from what is not read in blocks."""

Found = Event | BadEvent
Decoded = Found | Ignored | list[Event | BadEvent] | list[Event | BadEvent | Ignored]


@dataclass(slots=True)
class Tally:
    """What the last reading of a log found: nothing is passed over without being counted here (P2)."""

    events: int = 0
    bad: int = 0
    blank: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    """Rows that the mapping ignores on purpose, by their foreign type."""
    unread_columns: list[str] = field(default_factory=list)
    """Columns of the table that the mapping does not read."""
    never_seen: list[str] = field(default_factory=list)
    """What the mapping reads from a JSON log and no entry had; most likely a misspelt path."""

    def counted(self, found: list[Any]) -> list[Any]:
        """The same events and bad ones, now counted."""
        bad = sum(1 for each in found if isinstance(each, BadEvent))
        self.bad += bad
        self.events += len(found) - bad
        return found


class Log:
    """One event log: JSON Lines, a JSON document, CloudEvents or a table, compressed by gzip or not.

    Iterating gives `(line number, Event or BadEvent)` and keeps one line in memory. It can be iterated again:
    what can be read only once is copied first. `tally` counts what the last iteration found.
    """

    def __init__(
        self, path: str, mapping: LogMapping | None = None, *, stdin: BinaryIO | None = None
    ) -> None:
        """`path` may be `-` for standard input; `stdin` is then read instead of `sys.stdin`, if it is given."""
        self._input = Input(path, stdin)
        self._mapping = mapping
        self.name = self._input.name
        self.tally = Tally()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forgets what was copied of an input that can be read only once."""
        self._input.close()

    @property
    def can_be_repeated(self) -> bool:
        """Whether another process can read the same; LogError when there is no such log."""
        return not self._input.comes_once

    def __iter__(self) -> Iterator[tuple[int, Found]]:
        self.tally = tally = Tally()
        with self._input.open() as opened, opened.buffered() as stream:
            last = 0
            for last, found in self._found(stream, tally):
                if found.__class__ is Event:
                    tally.events += 1
                else:
                    tally.bad += 1
                yield last, found
            if opened.damage is not None:
                tally.bad += 1
                yield last + 1, BadEvent(*opened.damage, log=self.name, line=last + 1)

    def blocks(self, typed: Typed) -> Iterator[list[TypedEvent | Found]]:
        """The same many at a time, in the same order; native lines as `typed` reads them, which is quicker by far."""
        self.tally = tally = Tally()
        with self._input.open() as opened, opened.buffered() as stream:
            last = 0
            for last, block in self._blocks(stream, typed, tally):  # noqa: B007 - where the damage is
                yield block
            if opened.damage is not None:
                tally.bad += 1
                yield [BadEvent(*opened.damage, log=self.name, line=last + 1)]

    def is_sorted(self) -> bool:
        """Whether no event is earlier than the one before it; reads the log once more, mostly its times only."""
        if self._looks_sorted():
            return True
        previous: datetime | None = None
        for time in self._times():
            if previous is not None and time < previous:
                return False
            previous = time
        return True

    # --- what a line is

    def _found(
        self, stream: io.BufferedReader, tally: Tally, times_only: bool = False
    ) -> Iterator[tuple[int, Found]]:
        layout = self._layout_of(stream)
        if layout == "table":
            assert self._mapping is not None
            yield from self._of_table(stream, self._mapping, tally, times_only)
            return
        if self._mapping is None:
            yield from self._of_json(self._entries(stream, layout), decode, tally)
            return
        reader = RowReader(self._mapping, times_only=times_only)
        if layout == "lines" and not times_only:
            yield from self._of_mapped_lines(stream, reader, tally)
        else:
            yield from self._of_json(self._entries(stream, layout), mapped(reader, times_only), tally)
        tally.never_seen = reader.never_seen

    def _blocks(
        self, stream: io.BufferedReader, typed: Typed, tally: Tally
    ) -> Iterator[tuple[int, list[TypedEvent | Found]]]:
        """Blocks with the number of their last line."""
        if self._mapping is not None or self._layout_of(stream) != "lines":
            found = self._found(stream, tally)
            while batch := list(islice(found, BATCH)):
                yield batch[-1][0], tally.counted([each for _, each in batch])
            return
        for block in line_blocks(stream):
            is_short = len(block.content) <= LONGEST  # and so is each of its lines
            events: list[Any] | None = typed.block(block.content) if is_short else None
            if events is not None:
                tally.events += len(events)
                yield block.last, events
                continue
            closely: list[Any] = [each for _, each in self._of_json(block.lines(), decode, tally)]
            if typed.learn(each.type for each in closely if isinstance(each, Event)) and is_short:
                closely = typed.block(block.content) or closely
            yield block.last, tally.counted(closely)

    def _of_mapped_lines(
        self, stream: io.BufferedReader, reader: RowReader, tally: Tally
    ) -> Iterator[tuple[int, Found]]:
        """What lines of JSON say to a mapping: block by block, or each by itself where a block holds odd ones."""
        read = mapped(reader)
        for block in line_blocks(stream):
            rows = load_objects(block.content) if len(block.content) <= LONGEST else None
            if rows is None:
                yield from self._of_json(block.lines(), read, tally)
                continue
            raw: list[bytes] = []
            for number, row in enumerate(rows, block.first):
                found = reader(row)
                if found.__class__ is Event:
                    yield number, found
                else:
                    raw = raw or block.content.split(b"\n")
                    yield from self._sorted_out(number, found, raw[number - block.first], tally)

    def _of_json(
        self, pieces: Iterable[tuple[int, bytes | BadEvent]], read: Callable[[bytes], Decoded], tally: Tally
    ) -> Iterator[tuple[int, Found]]:
        for number, piece in pieces:
            if isinstance(piece, BadEvent):
                yield number, self._placed(piece, number, piece.raw)
                continue
            found = read(piece) if len(piece) <= LONGEST else _too_long()
            if found.__class__ is Event:
                yield number, found
            elif isinstance(found, BadEvent) and not piece.strip():
                tally.blank += 1
            else:
                yield from self._sorted_out(number, found, piece, tally)

    def _sorted_out(
        self, number: int, found: Decoded, raw: bytes, tally: Tally
    ) -> Iterator[tuple[int, Found]]:
        of_list = isinstance(found, list)
        for item, one in enumerate(found if isinstance(found, list) else [found], 1):
            if isinstance(one, Ignored):
                tally.ignored[one.type] += 1
            elif isinstance(one, BadEvent):
                yield number, self._placed(one, number, raw, item if of_list else None)
            else:
                yield number, one

    def _placed(self, bad: BadEvent, number: int, raw: bytes, item: int | None = None) -> BadEvent:
        """The bad event with where it stands; of a list on one line, which item it is."""
        raw = bad.raw or raw.rstrip(b"\r\n")
        reason = bad.reason if item is None else f"Item {item} of the list: {bad.reason}"
        return msgspec.structs.replace(bad, reason=reason, log=self.name, line=number, raw=raw)

    def _entries(self, stream: io.BufferedReader, layout: Layout) -> Iterator[tuple[int, bytes | BadEvent]]:
        return lines(stream) if layout == "lines" else self._pieces(stream)

    def _pieces(self, stream: io.BufferedReader) -> Iterator[tuple[int, bytes | BadEvent]]:
        if stream.peek(3).startswith(codecs.BOM_UTF8):
            stream.read(3)
        try:
            yield from values(stream, LONGEST)
        except EndlessError as error:
            reason = f"The event that begins here does not end within {LONGEST:,} bytes."
            yield error.line, BadEvent(reason, "a bracket or a quote is missing in it", raw=error.start)

    def _of_table(
        self, stream: io.BufferedReader, mapping: LogMapping, tally: Tally, times_only: bool
    ) -> Iterator[tuple[int, Found]]:
        rows = self._rows(stream, mapping)
        columns = list(mapping.columns) if mapping.columns else self._header(rows)
        if columns is None:
            return
        yield from self._of_rows(rows, self._row_reader(mapping, columns, tally, times_only), columns, tally)

    def _row_reader(
        self, mapping: LogMapping, columns: list[str], tally: Tally, times_only: bool = False
    ) -> RowReader:
        read = {column.name for column in mapping.columns_read()}
        tally.unread_columns = [column for column in columns if column not in read]
        try:
            return RowReader(mapping, columns, times_only=times_only)
        except ColumnError as error:
            raise LogError(self.name, str(error), other_delimiter(columns) or error.hint) from None

    def _of_rows(
        self, rows: Iterable[TableRow], reader: RowReader, columns: list[str], tally: Tally
    ) -> Iterator[tuple[int, Found]]:
        for row in rows:
            if not any(row.cells) if isinstance(row.cells, list) else not row.raw.strip():
                tally.blank += 1
                continue
            yield from self._sorted_out(row.line, _row(row, reader, len(columns)), row.raw, tally)

    def _delimiter(self, mapping: LogMapping) -> str:
        return mapping.delimiter or usual_delimiter(self._input.path)

    def _rows(self, stream: io.BufferedReader, mapping: LogMapping) -> Iterator[TableRow]:
        delimiter = self._delimiter(mapping)
        if mapping.encoding == "utf-16":
            return table_rows(utf16_lines(stream), delimiter, "utf-8")
        return table_rows(lines(stream), delimiter, mapping.encoding)

    def _header(self, rows: Iterator[TableRow]) -> list[str] | None:
        for row in rows:
            if isinstance(row.cells, BadEvent):
                raise LogError(self.name, f"The names of the columns: {row.cells.reason}", row.cells.hint)
            if any(row.cells) and not _names_separator(row.cells):
                return row.cells
        return None

    def _layout_of(self, stream: io.BufferedReader) -> Layout:
        return layout_of(self._input, stream.peek(HEAD)[:HEAD], self._mapping)

    # --- times only

    def _looks_sorted(self) -> bool:
        """Whether all rows of a foreign log have a time, in their order; so has then whatever of them is an event."""
        path = None if self._mapping is None else self._mapping.path_of_time
        if path is None:
            return False
        with self._input.open() as opened, opened.buffered() as stream:
            return self._layout_of(stream) == "lines" and are_sorted(stream, path)

    def _times(self) -> Iterator[datetime]:
        with self._input.open() as opened, opened.buffered() as stream:
            if self._mapping is None and self._layout_of(stream) == "lines":
                yield from times(stream)
            else:
                found = self._found(stream, Tally(), times_only=True)
                yield from (event.time for _, event in found if isinstance(event, Event))


def _names_separator(cells: list[str]) -> bool:
    """Whether this is the line `sep=;` with which some spreadsheets are told how a table is separated."""
    return cells[0].lower().startswith("sep=") and len(cells[0]) <= len("sep=;") and not any(cells[1:])


def mapped(reader: RowReader, times_only: bool = False) -> Callable[[bytes], Decoded]:
    """What a line of JSON says to a mapping."""

    def read(line: bytes) -> Decoded:
        try:
            value = load_unchecked(line) if times_only else load(line)
        except OddJSONError as error:
            return error.bad
        if not is_batch(value):
            return one(value)
        return [of_batch(item) for item in value]

    def of_batch(item: object) -> Found | Ignored:
        found = one(item)
        if isinstance(found, BadEvent):
            return msgspec.structs.replace(found, raw=msgspec.json.encode(item))
        return found

    def one(value: object) -> Found | Ignored:
        if isinstance(value, dict):
            return reader(value)
        return BadEvent(f"An entry is a JSON object; this is {kind(value)}.", "check where the list begins")

    return read


def _row(row: TableRow, reader: RowReader, width: int) -> Found | Ignored:
    if isinstance(row.cells, BadEvent):
        return row.cells
    if len(row.cells) != width:
        mend = "a cell that holds a delimiter stands in quotes; a row that was cut off must be completed"
        return BadEvent(f"The row has {len(row.cells)} cells; the table has {width} columns.", mend)
    return reader(row.cells)


def _too_long() -> BadEvent:
    return BadEvent(f"The line is longer than {LONGEST:,} bytes.", "write one event on each line")
