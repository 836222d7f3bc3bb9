"""Rows of a foreign log made into events by a mapping: each value is fetched, renamed and converted (S2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from afterword.bad_event import BadEvent
from afterword.days import zone_exists
from afterword.events import DEFAULT_SUBJECT, Event
from afterword.rim.conversion import ConversionError, converter, scalar_text
from afterword.rim.foreign_time import time_reader
from afterword.rim.mapping import Column, ColumnTemplate, Constant, Extraction, LogMapping
from afterword.suggest import hint

Row = Any
"""The cells of a table as a list of texts, or a JSON object as a dict."""

Fetch = Callable[[Row], object]
"""A value of the row; None when there is none, or only an empty text."""


LONGEST = 50_000
"""How many characters a template may make: a few columns put together again and again would fill the memory (P4)."""

_NOTHING_GIVEN = {"id": None, "subject": DEFAULT_SUBJECT, "case": None, "source": None, "sequence": None}
"""The attributes of an event beside type, time and zone, as they are when a row has none of them."""


class Ignored(NamedTuple):
    """A row that the mapping leaves out on purpose, and its foreign type."""

    type: str


class ColumnError(ValueError):
    """The table has no such column (or has it twice); `hint` says what was likely meant."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.hint = mend


class _Reader(NamedTuple):
    """How one value of an event is read; `label` is how a report names it."""

    name: str
    label: str
    read: Callable[[Row, str | None], object]


class _RowError(ValueError):
    """This row cannot become an event."""

    def __init__(self, reason: str, mend: str = "") -> None:
        super().__init__(reason)
        self.bad = BadEvent(reason, mend)


class RowReader:
    """Makes the rows of one log into events."""

    def __init__(
        self, mapping: LogMapping, columns: Sequence[str] | None = None, *, times_only: bool = False
    ) -> None:
        """`columns` are the names of a table's columns; without them the rows are JSON objects (ColumnError).

        With `times_only` the events have a type and a time and nothing else.
        """
        if times_only:
            mapping = replace(mapping, meanings={}, attributes={}, fields={})
        self._columns = columns
        self._ignore, self._meanings = mapping.ignore, mapping.meanings
        self._type = self._text(mapping.type)
        self._zone = self._zone_reader(mapping.timezone)
        self._time = self._time_reader(mapping.time)
        constants = {
            n: t.source.value for n, t in mapping.attributes.items() if isinstance(t.source, Constant)
        }
        self._given: dict[str, Any] = _NOTHING_GIVEN | constants
        self._attributes = [
            self._attribute(name, extraction)
            for name, extraction in mapping.attributes.items()
            if name not in constants
        ]
        self._fields = self._field_readers(mapping.fields)
        self._more = {
            name: self._field_readers(meaning.fields, name) for name, meaning in self._meanings.items()
        }
        self._seen: set[str] = set()
        self._types: set[str] = set()

    def __call__(self, row: Row) -> Event | BadEvent | Ignored:
        """The event of one row."""
        try:
            return self._event(row)
        except _RowError as error:
            return error.bad

    @property
    def never_seen(self) -> list[str]:
        """What the mapping takes from the log and no row had a value for: most likely a misspelt path (P2)."""
        optional = [*self._attributes, *self._fields]
        for foreign in self._more.keys() & self._types:
            optional += self._more[foreign]
        return sorted(reader.label for reader in optional if reader.label not in self._seen)

    def _event(self, row: Row) -> Event | Ignored:
        foreign = self._type(row)
        if foreign is None:
            raise _RowError("It does not say what happened: its type is empty.", "see `type` in the mapping")
        if foreign in self._ignore:
            return Ignored(foreign)
        zone = self._zone(row)
        made = self._given.copy()
        self._take(row, zone, self._attributes, made)
        data: dict[str, object] = {}
        self._take(row, zone, self._fields, data)
        meaning = self._meanings.get(foreign)
        if meaning is not None:
            self._types.add(foreign)
            data.update(meaning.data)
            self._take(row, zone, self._more[foreign], data)
        return Event(  # attribute by attribute, which takes a quarter of the time of all of them as a mapping
            type=foreign if meaning is None else meaning.type,
            time=self._time(row, zone),
            timezone=zone,
            id=made["id"],
            subject=made["subject"],
            case=made["case"],
            source=made["source"],
            sequence=made["sequence"],
            data=data,
        )

    def _take(self, row: Row, zone: str | None, readers: list[_Reader], into: dict[str, object]) -> None:
        for name, label, read in readers:
            value = read(row, zone)
            if value is not None:
                into[name] = value
                self._seen.add(label)

    # --- readers of one value

    def _fetch(self, source: Column | ColumnTemplate | Constant) -> Fetch:
        match source:
            case Constant(value):
                return lambda _row: value
            case ColumnTemplate(parts):
                texts = [part if isinstance(part, str) else self._text(Extraction(part)) for part in parts]
                return _joined(texts, self._where(Extraction(source)))
            case Column() if self._columns is not None:
                return _cell(source.name, self._columns)
            case Column(path):
                return _value(path)

    def _text(self, extraction: Extraction) -> Callable[..., str | None]:
        fetch, where, values = self._fetch(extraction.source), self._where(extraction), extraction.values

        def text(row: Row, _zone: str | None = None) -> str | None:
            value = fetch(row)
            if value is None or (not values and isinstance(value, str)):
                return value
            try:
                plain = value if isinstance(value, str) else scalar_text(value)
                return str(values.get(plain, plain)) if values else plain
            except ConversionError as error:
                raise _RowError(f"{where}: {error}", error.hint) from None

        return text

    def _zone_reader(self, zone: str | Extraction | None) -> Callable[[Row], str | None]:
        if not isinstance(zone, Extraction):
            return lambda _row: zone
        fetch, where = self._text(zone), self._where(zone)

        def read(row: Row) -> str | None:
            name = fetch(row)
            if name is not None and not zone_exists(name):
                mend = "write it like `Australia/Perth`, or rename it with `values:`"
                raise _RowError(f"{where}: There is no time zone `{name}`.", mend)
            return name

        return read

    def _time_reader(self, extraction: Extraction) -> Callable[[Row, str | None], datetime]:
        fetch, where, parse = self._text(extraction), self._where(extraction), time_reader(extraction.format)

        def read(row: Row, zone: str | None) -> datetime:
            text = fetch(row)
            if text is None:
                raise _RowError(f"{where}: The time is missing.", "fill it in; an event needs a time")
            time = parse(text, zone)
            if isinstance(time, BadEvent):
                raise _RowError(f"{where}: {time.reason}", time.hint)
            return time

        return read

    def _attribute(self, name: str, extraction: Extraction) -> _Reader:
        if name == "sequence":
            return _Reader(name, name, self._converted(Extraction(extraction.source, type="integer")))
        return _Reader(name, name, self._text(extraction))

    def _field_readers(self, fields: Mapping[str, Extraction], meaning: str = "") -> list[_Reader]:
        where = f"{meaning}: " if meaning else ""
        return [
            _Reader(name, f"{where}{name}", self._converted(extraction))
            for name, extraction in fields.items()
        ]

    def _converted(self, extraction: Extraction) -> Callable[[Row, str | None], object]:
        fetch, where, convert = self._fetch(extraction.source), self._where(extraction), converter(extraction)

        def read(row: Row, zone: str | None) -> object:
            value = fetch(row)
            if value is None:
                return None
            try:
                return convert(value, zone)
            except ConversionError as error:
                raise _RowError(f"{where}: {error}", error.hint) from None

        return read

    def _where(self, extraction: Extraction) -> str:
        match extraction.source:
            case Column(_, name):
                return f"Column `{name}`" if self._columns is not None else f"`{name}`"
            case ColumnTemplate(parts):
                return "`" + "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in parts) + "`"
        return "The constant"


def _cell(name: str, columns: Sequence[str]) -> Fetch:
    found = [place for place, column in enumerate(columns) if column == name]
    if len(found) > 1:
        raise ColumnError(
            f"The table has {len(found)} columns that are called `{name}`.", "rename all but one"
        )
    if not found:
        message = f"The table has no column `{name}`, which the mapping reads."
        raise ColumnError(message, hint(name, columns, "its columns"))
    place = found[0]
    return lambda row: row[place] or None


def _value(path: tuple[str, ...]) -> Fetch:
    first, rest = path[0], path[1:]
    if not rest:
        return lambda row: value if (value := row.get(first)) != "" else None

    def fetch(row: Row) -> object:
        value = row.get(first)
        for step in rest:
            if value.__class__ is not dict:
                return None
            value = value.get(step)
        return value if value != "" else None

    return fetch


def _joined(parts: Sequence[str | Callable[[Row], str | None]], where: str) -> Fetch:
    def fetch(row: Row) -> str | None:
        texts = [part if isinstance(part, str) else part(row) for part in parts]
        if None in texts:
            return None
        if sum(map(len, filter(None, texts))) > LONGEST:
            raise _RowError(
                f"{where}: The text would have more than {LONGEST:,} characters.", "name fewer columns"
            )
        return "".join(text for text in texts if text)

    return fetch
