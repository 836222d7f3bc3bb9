"""How somebody else's table or JSON log becomes events: what a mapping file says, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec import field

from afterword.rim.foreign_time import ISO


class Column(msgspec.Struct, frozen=True):
    """A column of a table, by name, or a value of a JSON object, by path."""

    path: tuple[str, ...]
    name: str


class ColumnTemplate(msgspec.Struct, frozen=True):
    """A text put together from columns; it has no value when one of them has none."""

    parts: tuple[str | Column, ...]


class Constant(msgspec.Struct, frozen=True):
    """The same value for every row."""

    value: object


class Extraction(msgspec.Struct, frozen=True):
    """How one value is taken from a row: where from, what its values are called here, what it is made into."""

    source: Column | ColumnTemplate | Constant
    values: Mapping[str, object] = field(default_factory=dict)
    type: str | None = None
    format: str = ISO
    split: str | None = None
    decimal: str = "point"
    """Which sign stands before the decimals of a number: `point` or `comma`."""


class Meaning(msgspec.Struct, frozen=True):
    """What a foreign type means: one of our types, and fields that go with it."""

    type: str
    data: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, Extraction] = field(default_factory=dict)


class LogMapping(msgspec.Struct, frozen=True):
    """A checked mapping. A `timezone` that is text is a zone; `columns` none: the first row names them."""

    file: str
    type: Extraction
    time: Extraction
    title: str = ""
    format: Literal["csv", "json"] | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    columns: tuple[str, ...] | None = None
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    timezone: str | Extraction | None = None
    attributes: Mapping[str, Extraction] = field(default_factory=dict)
    fields: Mapping[str, Extraction] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()

    @property
    def path_of_time(self) -> tuple[str, ...] | None:
        """Where in a JSON object the time stands, if it is taken from there as it is."""
        match self.time:
            case Extraction(Column(path), values, _, format) if format == ISO and not values:
                return path
        return None

    def columns_read(self) -> Iterator[Column]:
        """Every column that the mapping takes something from."""
        zone = [self.timezone] if isinstance(self.timezone, Extraction) else []
        extractions = [self.type, self.time, *zone, *self.attributes.values(), *self.fields.values()]
        for meaning in self.meanings.values():
            extractions += meaning.fields.values()
        for one in extractions:
            yield from columns_of(one.source)


def columns_of(source: Column | ColumnTemplate | Constant) -> Iterator[Column]:
    """The columns that one value is made from."""
    match source:
        case Column():
            yield source
        case ColumnTemplate(parts):
            yield from (part for part in parts if isinstance(part, Column))
