"""An event, and how JSON becomes one: native or CloudEvents 1.0 in, `Event` or `BadEvent` out (S1, P3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from itertools import groupby
from operator import attrgetter
from types import NoneType
from typing import Annotated, Any, TypeGuard

import msgspec

from afterword.bad_event import BadEvent, kind, short
from afterword.days import instant, zone_exists
from afterword.event_time import FINER_THAN_MICROSECONDS, FIRST_YEAR, LAST_YEAR, in_range, parse_time
from afterword.strict_json import (
    DECODE_ERRORS,
    MAX_DEPTH,
    MAX_INT,
    MIN_INT,
    OddJSONError,
    is_sound,
    load,
    refuse_odd,
)

__all__ = [
    "DEFAULT_SUBJECT",
    "BadEvent",
    "Event",
    "checked",
    "decode",
    "from_mapping",
    "in_order",
    "is_batch",
    "order_key",
]

DEFAULT_SUBJECT = "me"
"""Whose stream an event belongs to when it does not say: a log about one person needs no subject (S1)."""

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Time = Annotated[datetime, msgspec.Meta(tz=True)]
_Sequence = Annotated[int, msgspec.Meta(ge=MIN_INT, le=MAX_INT)]


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """Something that happened to a person, in one of their cases or in none (S1, S5).

    `time` is aware and keeps microseconds; finer digits are cut off. `subject` is the person advised,
    "me" when nobody is named. `case` is the application. `timezone` is an IANA name: whose local days
    count (S9). `sequence` breaks ties between events of the same time (S12). `ignored` names the
    attributes that were written beside the known ones and mean nothing here, so that whoever reads the
    log can be told about them (P2).
    """

    type: _Text
    time: _Time
    id: _Text | None = None
    subject: _Text = DEFAULT_SUBJECT
    case: _Text | None = None
    source: _Text | None = None
    timezone: _Text | None = None
    sequence: _Sequence | None = None
    data: dict[str, object] = msgspec.field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def decode(line: bytes | str) -> Event | BadEvent | list[Event | BadEvent]:
    """The event of one line of JSON, native or CloudEvents 1.0; a JSON array gives a list (S1). Raises nothing.

    The typed decoder does nearly all of the work; only what it cannot vouch for is looked at closely.
    """
    if isinstance(line, str):
        line = line.encode("utf-8", "surrogatepass")
    try:
        event = _decode(line)
        if not event.ignored and _keeps_time(event, line) and (_is_plain(event, line) or is_sound(line)):
            return event
    except DECODE_ERRORS:
        pass
    try:
        value = load(line)
    except OddJSONError as error:
        return error.bad
    if not is_batch(value):
        return _event(value)
    return [_of_batch(item) for item in value]


def is_batch(value: object) -> TypeGuard[list[object]]:
    """Whether a JSON value is a list of events; one that holds nothing like an event is one mistake, not many."""
    return isinstance(value, list) and (not value or any(isinstance(item, dict) for item in value))


def from_mapping(value: object) -> Event | BadEvent:
    """The event of a mapping such as `json.load` gives; `time` may also be an aware `datetime` (S1).

    What is no event gives a `BadEvent`; one that is given, as `decode` may return it, comes back. Members of
    enumerations are taken as the texts and numbers that they are, and a `datetime` of any class as a plain one.
    """
    if isinstance(value, BadEvent):
        return value  # `decode` gave it: what it says is what is to be told
    if not isinstance(value, Mapping):
        return BadEvent(f"An event is a JSON object; this is {kind(value)}.", _way_in(value))
    given = dict(value)
    # A datetime is no JSON value, but it is what Python code has at hand.
    bad = _odd(
        {name: item for name, item in given.items() if not isinstance(item, datetime) or name != "time"}
    )
    if bad is not None:
        return bad
    if not _PLAIN.issuperset(map(type, (*given, *given.values()))):
        given = {_plain(name): _plain(item) for name, item in given.items()}
    event = _event(given)
    if isinstance(event, BadEvent):
        return event
    # A copy of its own, plain and deep: what the caller does with theirs later is no part of the log.
    return msgspec.structs.replace(event, data=msgspec.json.decode(msgspec.json.encode(event.data)))


def checked(event: Event) -> Event | BadEvent:
    """An event that Python code made, held to what `decode` holds a line to; msgspec checks no constructor."""
    given = msgspec.structs.asdict(event)
    ignored = given.pop("ignored")
    found = from_mapping(given)
    if isinstance(found, BadEvent) or ignored == ():
        return found
    bad = _ignored_problem(ignored)
    return bad or msgspec.structs.replace(found, ignored=tuple(map(_plain, ignored)))


def _ignored_problem(ignored: object) -> BadEvent | None:
    if not isinstance(ignored, list | tuple) or not all(isinstance(name, str) for name in ignored):
        return BadEvent("`ignored` must be a tuple of texts.", "leave it out; `decode` sets it")
    return _odd({"ignored": ignored})


def _odd(given: Mapping[str, object]) -> BadEvent | None:
    """What JSON cannot say in the attributes, if anything, and where: a program has no line to look at."""
    bad = _refusal(given, MAX_DEPTH)
    way = [] if bad is None else list(_way_to_odd(given, MAX_DEPTH))
    if bad is None or not way or len(way) == MAX_DEPTH:  # where it nests too deep, all names lead to it
        return bad
    return msgspec.structs.replace(bad, reason=f"{bad.reason.removesuffix('.')}: `{short('.'.join(way))}`.")


def _refusal(value: object, depth: int) -> BadEvent | None:
    try:
        refuse_odd(value, depth)
    except OddJSONError as error:
        return error.bad
    return None


def _way_to_odd(value: object, depth: int) -> Iterator[str]:
    """The names that lead to the first part of an odd value that is odd by itself."""
    parts: Iterable[tuple[object, object]] = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    for name, part in parts:
        if depth and _refusal(part, depth - 1):
            yield str(name)
            yield from _way_to_odd(part, depth - 1)
            return


_PLAIN = frozenset((str, int, dict, datetime, NoneType))
"""What needs no second look: most events are made of nothing else."""


def _plain(value: Any) -> Any:
    """A member of an enumeration as the text or the number that it is: formatted it would be its name."""
    if isinstance(value, str):
        return str.__str__(value)
    return int.__index__(value) if isinstance(value, Enum) and isinstance(value, int) else value


# --- order

_TIME = attrgetter("time")
_NUMBERS = re.compile(r"([0-9]+)")


def order_key(event: Event) -> tuple[int, int, bool, tuple[object, ...], _Whole]:
    """What the events of one subject are sorted by: a total order that knows nothing of arrival (S12, P1).

    Time first, then `sequence`, then the id, read as people number things (`7-10` comes after `7-9`), then
    all the rest, which is written down only for events that are equal in everything else.
    """
    name = event.id
    natural = () if name is None else _natural(name)
    return instant(event.time), event.sequence or 0, name is None, natural, _Whole(event)


def in_order(events: Iterable[Event]) -> Iterator[Event]:
    """The events sorted by `order_key`; only for those of one time at a time, for many keys take much memory."""
    for _, together in groupby(sorted(events, key=_TIME), key=_TIME):
        yield from sorted(together, key=order_key)


class _Whole:
    """Orders events by all that they hold; writes it down when it is first asked."""

    __slots__ = ("_event", "_text")

    def __init__(self, event: Event) -> None:
        self._event = event
        self._text: bytes | None = None

    @property
    def text(self) -> bytes:
        if self._text is None:
            self._text = msgspec.json.encode(self._event, order="sorted")
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and self.text == other.text

    def __lt__(self, other: _Whole) -> bool:
        return self.text < other.text

    def __hash__(self) -> int:
        return hash(self.text)


def _natural(text: str) -> tuple[object, ...]:
    """Text and numbers in turn; a number is its length, then its digits, so that none is too long to read."""
    parts: list[Any] = _NUMBERS.split(text)
    for place in range(1, len(parts), 2):
        digits = parts[place].lstrip("0")
        parts[place] = (len(digits), digits)
    return tuple(parts)


# --- the fast way: is what the typed decoder read all that was written?

_decode = msgspec.json.Decoder(Event).decode
_BACKSLASH, _POINT, _BIG_Z, _SMALL_Z = rb"\.Zz"


def _keeps_time(event: Event, line: bytes) -> bool:
    """Whether time and zone are as we take them: the decoder takes any year, and rounds where we cut off."""
    if not FIRST_YEAR <= event.time.year <= LAST_YEAR:
        return False
    if event.timezone is not None and not zone_exists(event.timezone):
        return False
    rounded = _POINT in line and (event.time.microsecond or b".999999" in line)
    return not rounded or FINER_THAN_MICROSECONDS.search(line) is None


def _is_plain(event: Event, line: bytes) -> bool:
    """Whether the line is so plain that counting its colons vouches for it; most lines are (see `is_sound`).

    A time with an offset has three colons, one that ends in Z has two, and each key costs one. When the
    keys and texts that came out account for all the others, none was written twice.
    """
    data = event.data
    if not data or (_BACKSLASH in line and b"\\u003" in line):
        return False
    texts = 0
    for value in data.values():
        if value.__class__ is str:
            texts += value.count(":")
        elif value.__class__ is int or value.__class__ is float:
            if not MIN_INT <= value <= MAX_INT:
                return False
        elif value.__class__ is not bool and value is not None:
            return False
    absent = (event.id, event.case, event.source, event.timezone, event.sequence).count(None)
    keys = 8 - absent + len(data) + (event.subject != DEFAULT_SUBJECT)
    colons = line.count(b":") - keys - texts
    return colons == 2 or (colons == 3 and not _may_end_in_z(line))


def _may_end_in_z(line: bytes) -> bool:
    return (_BIG_Z in line and b'Z"' in line) or (_SMALL_Z in line and b'z"' in line)


# --- the close look at each attribute

_TEXTS = ("id", "subject", "case", "source", "timezone")
_ATTRIBUTES = frozenset(("type", "time", "sequence", "data", *_TEXTS))
_CLOUD_ATTRIBUTES = _ATTRIBUTES | {"specversion", "datacontenttype", "dataschema"}
_SHAPE = 'write `{"type": …, "time": …}`'
_INTEGER = re.compile(r"-?[0-9]{1,18}")


def _event(value: object) -> Event | BadEvent:
    if not isinstance(value, dict):
        return BadEvent(f"An event is a JSON object; this is {kind(value)}.", _SHAPE)
    given = {name: item for name, item in value.items() if item is not None}
    if "specversion" in given:
        return _cloud_event(given)
    return _read(given, _ATTRIBUTES)


def _of_batch(item: object) -> Event | BadEvent:
    event = _event(item)
    if isinstance(event, BadEvent):
        return msgspec.structs.replace(event, raw=msgspec.json.encode(item))
    return event


def _cloud_event(given: dict[str, object]) -> Event | BadEvent:
    version = given["specversion"]
    if version != "1.0":
        return BadEvent(f"CloudEvents `{short(str(version))}` cannot be read.", "send version `1.0`")
    if "data_base64" in given:
        return BadEvent("The CloudEvent carries binary data (`data_base64`).", "send `data` as a JSON object")
    sequence = given.get("sequence")
    if not isinstance(sequence, str):
        return _read(given, _CLOUD_ATTRIBUTES)
    # The sequence extension of CloudEvents is text; only when it writes an integer does it order events here.
    if _INTEGER.fullmatch(sequence):
        return _read(given | {"sequence": int(sequence)}, _CLOUD_ATTRIBUTES)
    del given["sequence"]
    event = _read(given, _CLOUD_ATTRIBUTES)
    return event if isinstance(event, BadEvent) else _without(event, "sequence")


def _without(event: Event, name: str) -> Event:
    return msgspec.structs.replace(event, ignored=tuple(sorted((*event.ignored, name))))


def _read(given: Mapping[str, object], known: frozenset[str]) -> Event | BadEvent:
    bad = next(_attribute_problems(given), None)
    if bad is not None:
        return bad
    time, data = given["time"], given.get("data", {})
    moment = in_range(time) if isinstance(time, datetime) else parse_time(str(time))
    if isinstance(moment, BadEvent):
        return moment
    rest = {name: item for name, item in given.items() if name in _ATTRIBUTES}
    ignored = tuple(sorted(given.keys() - known))
    return Event(**{**rest, "time": moment, "data": data, "ignored": ignored})  # type: ignore[arg-type]


def _attribute_problems(given: Mapping[str, object]) -> Iterator[BadEvent]:
    yield from _missing(given)
    for name in ("type", *_TEXTS):
        value = given.get(name)
        if value is not None and (not isinstance(value, str) or not value):
            yield _not_a_text(name, value)
    time, sequence, data = given["time"], given.get("sequence", 0), given.get("data", {})
    if not isinstance(time, str | datetime):
        mend = "write it like `2026-03-02T15:00:00+08:00`; seconds since 1970 need a mapping file"
        yield BadEvent(f"`time` must be text; this is {kind(time)}.", mend)
    if isinstance(sequence, bool) or not isinstance(sequence, int):
        yield BadEvent(
            f"`sequence` must be a whole number; this is {kind(sequence)}.", "leave it out or number it"
        )
    if not isinstance(data, dict):
        yield BadEvent(f"`data` must be a JSON object; this is {kind(data)}.", 'write `"data": {…}`')
    if isinstance(given.get("timezone"), str):
        yield from _zone_problems(str(given["timezone"]))


def _missing(given: Mapping[str, object]) -> Iterator[BadEvent]:
    for name, example in (("type", "interview.ended"), ("time", "2026-03-02T15:00:00+08:00")):
        if name not in given:
            mend = f'add `"{name}": "{example}"`; a log with other names enters through a mapping file'
            yield BadEvent(f"The event has no `{name}`.", mend)


def _way_in(value: object) -> str:
    """What to do with what Python code may well take for an event."""
    if isinstance(value, list | tuple):
        return "take its items one by one; a store's `feed_all` takes all at once"
    if isinstance(value, str | bytes):
        return "read it with `decode`"
    return _SHAPE


def _not_a_text(name: str, value: object) -> BadEvent:
    if value == "":
        return BadEvent(f"`{name}` is empty.", "say what happened" if name == "type" else "leave it out")
    if isinstance(value, int) and not isinstance(value, bool):
        mend = f'write it in quotes: `"{name}": "{value}"`'
        return BadEvent(f"`{name}` must be text; this is a number.", mend)
    return BadEvent(f"`{name}` must be text; this is {kind(value)}.", "write it in double quotes")


def _zone_problems(zone: str) -> Iterator[BadEvent]:
    if not zone_exists(zone):
        yield BadEvent(f"There is no time zone `{short(zone)}`.", "write it like `Australia/Perth` or `UTC`")
