"""Messages with `{path}` and `{path:filter}` in them: read once, rendered when somebody reads them (S31)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import NamedTuple, TypeGuard

import msgspec

from afterword.dates import as_date
from afterword.days import Days, InstantTexts, instant, parse_instant
from afterword.wording import joined

FILTERS = ("date", "time", "datetime", "weekday", "list", "upper", "lower", "count", "number")

MESSAGE_WORDS = frozenset({"matched", "count", "within", "due.from", "due.until"})
"""Names that a message may use beside fields and facts; `params.NAME` as well."""

LONGEST_TEMPLATE = 10_000
LONGEST_VALUE = 1_000
"""A longer value is cut and ends in `…`, so that one event can't make a message of gigabytes."""

_SLOT = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_OF_TIME = frozenset({"date", "time", "datetime", "weekday"})
_OF_OTHERS = frozenset({None, "list", "number"})
"""Filters that leave a text as it is."""
_MOST_ITEMS = 200
_DEEPEST = 8


class Fault(NamedTuple):
    """What in a message can't be read: a sentence with a mend, and where, in characters from 0."""

    reason: str
    offset: int


class Slot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place that is filled when the message is rendered."""

    path: str
    filter: str | None = None


class Template(msgspec.Struct, frozen=True):
    """A message in parts: text as it is, and slots."""

    parts: tuple[str | Slot, ...]


class Instant(NamedTuple):
    """A moment to print; an `exclusive` one is an end, which at midnight belongs to the day before."""

    us: int
    exclusive: bool = False


class Unknown(NamedTuple):
    """A value that nobody has told yet: `text` is printed in its place."""

    text: str


class Parsed(NamedTuple):
    """A message as it was read: without the slots that have no name, and with where the name of each other begins."""

    template: Template
    offsets: tuple[int, ...] = ()
    faults: tuple[Fault, ...] = ()
    """All of them; a message that has any can't be used."""


def parse(text: str) -> Parsed:
    """The template that the text writes; `{{` and `}}` are literal braces."""
    if len(text) > LONGEST_TEMPLATE:
        reason = f"This message is longer than {LONGEST_TEMPLATE} characters; shorten it."
        return Parsed(Template(()), faults=(Fault(reason, 0),))
    parts: list[str | Slot] = []
    offsets: list[int] = []
    faults: list[Fault] = []
    for offset, piece in _pieces(text):
        if isinstance(piece, Fault):
            faults.append(piece)
        elif isinstance(piece, Slot):
            parts.append(piece)
            offsets.append(offset)
        elif parts and isinstance(parts[-1], str):
            parts[-1] += piece
        elif piece:
            parts.append(piece)
    return Parsed(Template(tuple(parts)), tuple(offsets), tuple(faults))


def _pieces(text: str) -> Iterator[tuple[int, str | Slot | Fault]]:
    """What the text consists of, and where each begins; a brace that can't be read is passed over."""
    position, unclosed = 0, 0
    while position < len(text):
        brace = _next_brace(text, position)
        yield position, text[position:brace]
        if brace == len(text):
            return
        if text.startswith(text[brace] * 2, brace):
            yield brace, text[brace]
            position = brace + 2
        elif match := _SLOT.match(text, brace):
            yield from _slot(match[1], brace + 1)
            position = match.end()
        else:
            opens = text[brace] == "{"
            if opens or not unclosed:  # one that closes a brace that is told already is no fault of its own
                yield brace, Fault(_STRAY[text[brace]], brace)
            unclosed = unclosed + 1 if opens else max(unclosed - 1, 0)
            position = brace + 1


_STRAY = {
    "{": "This `{` is not closed; add `}`, or write `{{` for a literal brace.",
    "}": "This `}` closes nothing; write `}}` for a literal brace.",
}


def render(template: Template, lookup: Callable[[str], object], days: Days) -> str:
    """The message as people read it; `lookup` gives the value of a path, or `Unknown`."""
    return "".join(
        part if isinstance(part, str) else written(lookup(part.path), part.filter, days)
        for part in template.parts
    )


def written(value: object, name: str | None, days: Days) -> str:
    """A value as the filter of this name prints it."""
    return shortened(_written(value, name, days))


def shortened(text: str) -> str:
    """The text as a message prints it: no longer than a value may be."""
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _next_brace(text: str, position: int) -> int:
    found = [at for at in (text.find("{", position), text.find("}", position)) if at >= 0]
    return min(found, default=len(text))


def _slot(written: str, offset: int) -> Iterator[tuple[int, Slot | Fault]]:
    """What stands between braces; a slot whose filter is none has a name that can be looked at all the same."""
    path, colon, name = written.partition(":")
    if not path:
        reason = "These braces name nothing; write for example `{case.company}`."
        yield offset, Fault(reason, offset - 1)
        return
    if _PATH.fullmatch(path) is None:
        reason = f"`{path}` is no name; between braces stands a name such as `case.company`, without spaces."
        yield offset, Fault(reason, offset)
        return
    is_filter = name in FILTERS
    yield offset, Slot(path, name if is_filter else None)
    if colon and not is_filter:
        reason = f"`{name}` is no filter; the filters are {joined(FILTERS, 'and')}."
        yield offset, Fault(reason, offset + len(path) + len(colon))


def _written(value: object, name: str | None, days: Days, depth: int = 0) -> str:
    if isinstance(value, str) and name in _OF_OTHERS:  # as most values are
        return str(value)
    if isinstance(value, Unknown):
        return value.text
    if isinstance(value, Instant):
        return instant_texts(value.exclusive, name, days.zone)[value.us]
    match name:
        case "upper":
            return _written(value, None, days).upper()
        case "lower":
            return _written(value, None, days).lower()
        case "count":
            return str(len(value)) if _is_list(value) else "1"
    if _is_list(value):
        return _list(tuple(value), name, days, depth)
    return _item(value, name, days, depth)


def _is_list(value: object) -> TypeGuard[Collection[object]]:
    return isinstance(value, list | tuple | set | frozenset)


def _list(values: tuple[object, ...], name: str | None, days: Days, depth: int) -> str:
    if not values:
        return "none"
    if depth == _DEEPEST:
        return "…"
    shown = [_written(value, name, days, depth + 1) for value in values[:_MOST_ITEMS]]
    if len(values) > _MOST_ITEMS:
        shown.append(f"{len(values) - _MOST_ITEMS} more")
    return joined(shown, "and")


def _item(value: object, name: str | None, days: Days, depth: int) -> str:
    if name in _OF_TIME or isinstance(value, dt.datetime):
        value = _moment(value)
    match value:
        case Instant():
            return instant_texts(value.exclusive, name, days.zone)[value.us]
        case dt.date():
            return _WEEKDAYS[value.weekday()] if name == "weekday" else _date(value)
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, "," if name == "number" else "")
        case Mapping():
            if depth == _DEEPEST:
                return "…"
            return _list(
                tuple(f"{k}: {_written(v, None, days, depth + 1)}" for k, v in value.items()), None, days, 0
            )
    return str(value)


def _moment(value: object) -> object:
    """A text that writes a date or a time as what it writes; anything else as it is."""
    if isinstance(value, dt.datetime):
        return Instant(instant(value)) if value.utcoffset() is not None else value.date()
    if not isinstance(value, str):
        return value
    us = parse_instant(value)
    if us is not None:
        return Instant(us)
    date = as_date(value)
    return value if date is None else date


@lru_cache(maxsize=256)
def instant_texts(exclusive: bool, name: str | None, zone: str) -> InstantTexts:
    """An `Instant` in a time zone as the filter of this name prints it."""
    days = Days(zone)
    return InstantTexts(lambda us: _instant(us, exclusive, name, days))


def _instant(us: int, exclusive: bool, name: str | None, days: Days) -> str:
    match name:
        case "upper" | "lower":
            text = _instant(us, exclusive, None, days)
            return text.upper() if name == "upper" else text.lower()
        case "count":
            return "1"
    date = days.date_of(us)
    ends = exclusive and days.start_of(date) == us
    if ends:
        date = days.date_of(us - 1)
    local = days.local(us)
    clock = "24:00" if ends else f"{local.hour:02}:{local.minute:02}"
    match name:
        case "date":
            return _date(date)
        case "weekday":
            return _WEEKDAYS[date.weekday()]
        case "time":
            return clock
    return f"the end of {_date(date)}" if ends else f"{_date(date)} {clock}"


def _date(date: dt.date) -> str:
    return f"{_WEEKDAYS[date.weekday()]} {date.day} {_MONTHS[date.month - 1]} {date.year}"


def _number(value: int | float, separator: str) -> str:
    if isinstance(value, int):
        if value.bit_length() > 1_000:
            return "a very large number"
        return f"{value:{separator}}"
    if not isfinite(value):
        return str(value)
    plain = f"{Decimal(repr(value)):{separator}f}"
    return plain.removesuffix(".0")
