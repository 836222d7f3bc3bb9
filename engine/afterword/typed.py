"""Blocks of a native log as structs of the types that a ruleset declares: one call decodes and checks a thousand lines.

msgspec passes over doubled keys and rounds what is finer than a microsecond. So a block is vouched for only when
what came out, written again, has as many quotes as the block has; every other block is read line by line by
`events.decode`, which is the definition of the truth. A log whose blocks keep failing is read so from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import UNSET, UnsetType

from afterword.event_time import FIRST_YEAR, LAST_YEAR
from afterword.events import DEFAULT_SUBJECT, Event
from afterword.ruleset import EventType, FieldType
from afterword.strict_json import DECODE_ERRORS, MAX_INT, MIN_INT

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Integer = Annotated[int, msgspec.Meta(ge=MIN_INT, le=MAX_INT)]
_Scalar = str | _Integer | float | bool | None

MOST_TYPES = 500
"""How many undeclared types are learned; events of any more are read one by one."""

_PATIENCE = 8
"""How many blocks may fail for each one that does not, and at the start."""


class TypedEvent(msgspec.Struct, gc=False, kw_only=True, forbid_unknown_fields=True):
    """An event of one declared type. What the line did not say is UNSET; what it left open is None."""

    time: Annotated[datetime, msgspec.Meta(tz=True)]
    id: _Text | UnsetType | None = UNSET
    subject: _Text | UnsetType | None = UNSET
    case: _Text | UnsetType | None = UNSET
    source: _Text | UnsetType | None = UNSET
    sequence: _Integer | UnsetType | None = UNSET
    data: Any = UNSET


def payload(event: TypedEvent) -> dict[str, Any]:
    """What its `data` holds, as a plain mapping."""
    return msgspec.to_builtins(event.data) if event.data else {}


class Typed:
    """Decodes the blocks of one log under one vocabulary."""

    def __init__(self, events: Mapping[str, EventType]) -> None:
        self._classes: dict[str, type[TypedEvent]] = {}
        self._names: dict[type, str] = {}
        for name, declared in events.items():
            data = _payload_type(declared)
            if data is not None:
                self._declare(name, data)
        self._declared = len(self._classes)
        self._encode = msgspec.json.Encoder().encode_lines
        self._patience = _PATIENCE
        self._renew()

    @property
    def classes(self) -> Mapping[str, type[TypedEvent]]:
        """The struct of each type, of declared ones and of those that were learned."""
        return self._classes

    def block(self, block: bytes) -> list[TypedEvent] | None:
        """The events of whole lines; `None` when they have to be read one by one."""
        if self._patience <= 0:
            return None
        events = self._decoded(block)
        if events is None:
            self._patience -= 1
        elif self._patience < _PATIENCE:
            self._patience += 1
        return events

    def learn(self, names: Iterable[str]) -> None:
        """Knows events of these undeclared types from now on, if their fields are plain values."""
        news = [name for name in dict.fromkeys(names) if name not in self._classes]
        if news and len(self._classes) + len(news) <= self._declared + MOST_TYPES:
            for name in news:
                self._declare(name, dict[str, _Scalar])
            self._patience = max(self._patience, 1)
            self._renew()

    def plain(self, event: TypedEvent | Event) -> Event:
        """An event that may be one already."""
        return event if isinstance(event, Event) else self.event(event)

    def event(self, typed: TypedEvent) -> Event:
        """The same as an `Event`."""
        return Event(
            type=self._names[typed.__class__],
            time=typed.time,
            id=typed.id or None,
            subject=typed.subject or DEFAULT_SUBJECT,
            case=typed.case or None,
            source=typed.source or None,
            sequence=None if typed.sequence is UNSET else typed.sequence,
            data=payload(typed),
        )

    def _declare(self, name: str, data: Any) -> None:
        made: Any = msgspec.defstruct(
            "Typed",
            [("data", data | None | UnsetType, UNSET)],
            bases=(TypedEvent,),
            tag_field="type",
            tag=name,
            gc=False,
            kw_only=True,
            forbid_unknown_fields=True,
        )
        self._classes[name] = made
        self._names[made] = name

    def _renew(self) -> None:
        classes = tuple(self._classes.values())
        self._decode = msgspec.json.Decoder(Union[classes]).decode_lines if classes else None  # noqa: UP007 - made of a tuple

    def _decoded(self, block: bytes) -> list[TypedEvent] | None:
        if self._decode is None or (b"\\" in block and b"\\u00" in block):
            return None
        try:
            events: list[TypedEvent] = self._decode(block)
        except DECODE_ERRORS:
            return None
        if not events or len(events) != block.count(b"\n") + (not block.endswith(b"\n")):
            return None
        if block.count(b'"') != self._encode(events).count(b'"'):
            return None  # a key that was written twice has two quotes more
        if b"." in block and _FINER_THAN_MICROSECONDS.search(block) is not None:
            return None
        # In a log that is sorted, all others lie between; written with another offset, by a year at most outside.
        return events if events[0].time.year > FIRST_YEAR and events[-1].time.year < LAST_YEAR else None


_FINER_THAN_MICROSECONDS = re.compile(rb"\.[0-9]{7}")


# --- the type of a declared field


def attribute(declared: EventType, field: str) -> str:
    """What the attribute is called that holds a field; the field's own name may be no name in Python."""
    return f"f{list(declared.fields).index(field)}"


def _payload_type(declared: EventType) -> type[msgspec.Struct] | None:
    """The struct of a payload; `None` when a field of it may hold what only a close look can vouch for."""
    types = {name: _type(field) for name, field in declared.fields.items()}
    if None in types.values():
        return None
    fields = [(attribute(declared, name), type_ | None | UnsetType, UNSET) for name, type_ in types.items()]
    rename = {attribute(declared, name): name for name in types}
    return msgspec.defstruct("Data", fields, gc=False, forbid_unknown_fields=True, rename=rename)


def _type(field: FieldType) -> Any:
    if field.enum is not None and field.type != "array":
        texts = tuple(each for each in field.enum if isinstance(each, str))
        return Literal[texts] if field.type == "string" and len(texts) == len(field.enum) else None
    match field.type:
        case "string" | "date" | "datetime":  # whether it is one of these, `report.fits` tells
            return str
        case "boolean":
            return bool
        case "integer":
            return _Integer
        case "number":
            return _Integer | float
        case "array" if field.items is not None and field.items.type in ("string", "integer", "boolean"):
            items: Any = _type(field.items)
            return None if items is None else list.__class_getitem__(items | None)
    return None
