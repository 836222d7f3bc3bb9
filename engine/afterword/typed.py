"""Blocks of a native log as structs of the types that a ruleset declares, which decodes and checks a line in one call.

msgspec passes over doubled keys and rounds what is finer than a microsecond. So a block is vouched for only when it has
as many quotes as what came out: as many as the shapes of its events say, or as there are when they are written again.
Every other block is read line by line by `events.decode`, which is the definition of the truth. A log whose blocks
keep failing is read so from then on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args

import msgspec
from msgspec import UNSET, UnsetType

from afterword.days import instant
from afterword.event_time import FINER_THAN_MICROSECONDS, FIRST_YEAR, LAST_YEAR
from afterword.events import DEFAULT_SUBJECT, Event
from afterword.ruleset import EventType, FieldType
from afterword.shape import ATTRIBUTES, Shape, shape_of
from afterword.strict_json import DECODE_ERRORS, MAX_INT, MIN_INT, each_line
from afterword.timeline.happening import Happening, of_log

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Integer = Annotated[int, msgspec.Meta(ge=MIN_INT, le=MAX_INT)]
_Scalar = str | _Integer | float | bool | None

MOST_TYPES = 500
"""How many undeclared types are learned; events of any more are read one by one."""

_PATIENCE = 8
"""How many blocks may fail for each one that does not, and at the start."""


class TypedEvent(msgspec.Struct, gc=False):
    """An event of one declared type. What the line did not say is UNSET; what it left open is None."""

    if TYPE_CHECKING:  # each type has a struct with these fields, in this order; to inherit them takes longer
        time: datetime
        id: str | UnsetType | None
        subject: str | UnsetType | None
        case: str | UnsetType | None
        source: str | UnsetType | None
        sequence: int | UnsetType | None
        data: Any


def payload(event: TypedEvent) -> dict[str, Any]:
    """What its `data` holds, as a plain mapping."""
    return msgspec.to_builtins(event.data) if event.data else {}


class Typed:
    """Decodes the blocks of one log under one vocabulary."""

    def __init__(self, events: Mapping[str, EventType]) -> None:
        self._fields: dict[str, dict[str, Any] | None] = {}
        """What the fields of each type are; `None` of an undeclared one, whose fields are plain values."""
        self._names: dict[type, str] = {}
        self._any: dict[str, type[TypedEvent]] = {}
        """What takes every event of a type."""
        self._exact: dict[str, type[TypedEvent]] = {}
        """What takes those of its usual shape only."""
        self._quotes: dict[type, int] = {}
        """How many quotes the line of each event of an exact struct has."""
        self._shapes: dict[str, Shape | None] = {}
        """The usual shape of each type that was met; `None` when its events differ."""
        for name, declared in events.items():
            types = {field: _type(each) for field, each in declared.fields.items()}
            if None not in types.values():  # a field of it may hold what only a close look can vouch for
                self._declare(name, types)
        self._declared = len(self._any)
        self._encode = msgspec.json.Encoder().encode_lines
        self._patience = _PATIENCE
        self._blocks = 0
        self._renew()

    @property
    def names(self) -> Mapping[type, str]:
        """The type that each struct is of, of declared types and of those that were learned."""
        return self._names

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

    def learn(self, names: Iterable[str]) -> bool:
        """Knows events of these undeclared types from now on, if their fields are plain values; whether any is new."""
        news = [name for name in dict.fromkeys(names) if name not in self._any]
        if not news or len(self._any) + len(news) > self._declared + MOST_TYPES:
            return False
        for name in news:
            self._declare(name, None)
        self._patience = max(self._patience, 1)
        self._renew()
        return True

    def happening(self, event: TypedEvent | Event) -> Happening | None:
        """What the timeline takes an event as that is of a declared type, and its payload as declared.

        Dates may be any texts; of every other event there is none.
        """
        name = self._names.get(event.__class__, "")
        if self._fields.get(name) is None or isinstance(event, Event):
            return None
        return of_log(
            name,
            event.time,
            instant(event.time),
            event.subject or DEFAULT_SUBJECT,
            event.case or None,
            payload(event),
            event.id or None,
            event.source or None,
            None,
        )

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

    def _declare(self, name: str, fields: dict[str, Any] | None) -> None:
        self._fields[name] = fields
        made = self._any[name] = _any_type(name, fields)
        self._names[made] = name

    def _renew(self) -> None:
        """Decodes by exact structs first, where there are any, and then by those that take every event."""
        ways = [{**self._any, **self._exact}, self._any] if self._exact else [self._any]
        self._decoders: list[Callable[[bytes], TypedEvent]] = [
            msgspec.json.Decoder(Union[tuple(way.values())]).decode  # noqa: UP007 - made of a tuple
            for way in ways
            if way
        ]

    def _decoded(self, block: bytes) -> list[TypedEvent] | None:
        if b"\\" in block and b"\\u00" in block:
            return None
        events = self._read(block)
        if not events:
            return None
        counts = Counter(map(type, events))
        if not self._is_whole(block, events, counts) or not self._keeps_times(block, counts):
            return None
        # In a log that is sorted, all others lie between; written with another offset, by a year at most outside.
        return events if events[0].time.year > FIRST_YEAR and events[-1].time.year < LAST_YEAR else None

    def _read(self, block: bytes) -> list[TypedEvent] | None:
        for decode in self._decoders:
            with suppress(*DECODE_ERRORS):
                return each_line(decode, block)
        return None

    def _is_whole(self, block: bytes, events: list[TypedEvent], counts: Mapping[type, int]) -> bool:
        """Whether all that was written came out: a key that was written twice has two quotes more."""
        known, others = self._quotes, events
        if counts.keys() <= known.keys():
            others = []
        elif not counts.keys().isdisjoint(known):
            others = [event for event in events if type(event) not in known]
        quotes = block.count(b'"')
        told = sum(known[class_] * count for class_, count in counts.items() if class_ in known)
        if quotes != told + self._written(others) and quotes != self._written(events):
            return False
        if others and self._blocks:  # a log of one block is not worth the trouble
            self._get_used_to(others)
        self._blocks += 1
        return True

    def _keeps_times(self, block: bytes, counts: Mapping[type, int]) -> bool:
        """Whether no time is finer than a microsecond; most often the only points are those in the names of types."""
        named = sum(self._names[class_].count(".") * count for class_, count in counts.items())
        return block.count(b".") == named or FINER_THAN_MICROSECONDS.search(block) is None

    def _written(self, events: list[TypedEvent]) -> int:
        """The quotes of events that are written again."""
        return self._encode(events).count(b'"')

    def _get_used_to(self, events: list[TypedEvent]) -> None:
        """Makes exact structs of the types whose events are of one shape, as long as they are."""
        same_type: dict[str, list[TypedEvent]] = {}
        for event in events:
            same_type.setdefault(self._names[type(event)], []).append(event)
        before = dict(self._shapes)
        for name, alike in same_type.items():
            if before.get(name, ...) is not None:
                shape = shape_of((event, payload(event)) for event in alike)
                self._shapes[name] = shape if before.get(name, shape) == shape else None
        changed = {name for name, shape in self._shapes.items() if before.get(name, ...) != shape}
        for name in changed:
            self._exact.pop(name, None)
            if (shape := self._shapes[name]) is not None:
                made = self._exact[name] = _exact_type(name, self._fields[name], shape)
                self._names[made], self._quotes[made] = name, shape.quotes
        if changed:
            self._renew()


# --- the structs


def attribute(declared: EventType, field: str) -> str:
    """What the attribute is called that holds a field; the field's own name may be no name in Python."""
    return f"f{list(declared.fields).index(field)}"


_TIME = Annotated[datetime, msgspec.Meta(tz=True)]
_TYPES: dict[str, Any] = {name: _Integer if name == "sequence" else _Text for name in ATTRIBUTES}


def _event_type(name: str, types: Mapping[str, Any]) -> type[TypedEvent]:
    """The struct of the events of a type."""
    made: Any = msgspec.defstruct(
        "Typed",
        [("time", _TIME), *(_field(each, type_) for each, type_ in types.items())],
        bases=(TypedEvent,),
        tag_field="type",
        tag=name,
        gc=False,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    return made  # type: ignore[no-any-return]


def _any_type(name: str, fields: Mapping[str, Any] | None) -> type[TypedEvent]:
    """The struct of all events of a type: anything may be absent or null."""
    data = dict[str, _Scalar] if fields is None else _payload_type(tuple(_optional(fields).items()))
    return _event_type(name, _optional({**_TYPES, "data": data}))


def _optional(types: Mapping[str, Any]) -> dict[str, Any]:
    return {name: type_ | None | UnsetType for name, type_ in types.items()}


def _exact_type(name: str, fields: Mapping[str, Any] | None, shape: Shape) -> type[TypedEvent]:
    """The struct of those events of a type that are of one shape."""
    types = {each: type_ if each in shape.attributes else UnsetType for each, type_ in _TYPES.items()}
    data = UnsetType
    if shape.fields is not None:
        is_text = dict(shape.fields)
        if fields is None:
            fields = {each: str if is_text[each] else _Integer | float | bool for each in sorted(is_text)}
        data = _payload_type(
            tuple((each, type_ if each in is_text else UnsetType) for each, type_ in fields.items())
        )
    return _event_type(name, {**types, "data": data})


@lru_cache(maxsize=MOST_TYPES)
def _payload_type(fields: tuple[tuple[str, Any], ...]) -> Any:
    """The struct of a payload; many types have the same."""
    return msgspec.defstruct(
        "Data",
        [_field(f"f{place}", type_) for place, (_, type_) in enumerate(fields)],
        gc=False,
        kw_only=True,
        forbid_unknown_fields=True,
        rename={f"f{place}": name for place, (name, _) in enumerate(fields)},
    )


def _field(name: str, type_: Any) -> tuple[Any, ...]:
    """A field that may be absent is UNSET then."""
    return (name, type_, UNSET) if UnsetType in (type_, *get_args(type_)) else (name, type_)


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
