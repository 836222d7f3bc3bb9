"""An event, and how JSON becomes one: native or CloudEvents 1.0 in, `Event` or `BadEvent` out (S1, P3)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, NoReturn

import msgspec

DEFAULT_SUBJECT = "me"
"""Whose stream an event belongs to when it does not say: a log about one person needs no subject (S1)."""

FIRST_YEAR, LAST_YEAR = 100, 9800
"""Times outside are refused, so that no window or calendar computation can leave the range of dates."""

MAX_DEPTH = 64
MIN_INT, MAX_INT = -(2**63), 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

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


class BadEvent(msgspec.Struct, frozen=True):
    """An event that could not be read: why, how to mend it, and, from a log, where it stood (P3)."""

    reason: str
    hint: str = ""
    log: str = ""
    line: int = 0
    raw: bytes = b""

    def __str__(self) -> str:
        """`log:line: reason (hint)`."""
        place = f"{self.log}:{self.line}: " if self.line else ""
        return place + self.reason + (f" ({self.hint})" if self.hint else "")


def decode(line: bytes | str) -> Event | BadEvent | list[Event | BadEvent]:
    """The event of one line of JSON, native or CloudEvents 1.0; a JSON array gives a list (S1).

    The typed decoder does nearly all of the work; only what it can not vouch for is looked at closely.
    """
    if isinstance(line, str):
        line = line.encode("utf-8", "surrogatepass")
    try:
        event = _typed(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _examine(line)
    if _plain(event, line) or (not event.ignored and _fine(event, line) and _sound(line)):
        return _zoned(event)
    return _examine(line)


def from_mapping(value: object) -> Event | BadEvent:
    """The event of a mapping such as `json.load` gives; `time` may also be an aware `datetime` (S1)."""
    if isinstance(value, Mapping):
        # A datetime is no JSON value, but it is what Python code has at hand.
        rest = {key: item for key, item in value.items() if key != "time"}
        try:
            _refuse_odd(rest)
        except _UnreadableError as error:
            return error.bad
        value = {**rest, "time": value["time"]} if "time" in value else rest
    return _event(value)


def load_json(line: bytes) -> object | BadEvent:
    """The JSON value of a line of a foreign log, as strict as `decode` is."""
    try:
        if _sound(line):
            return _untyped(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _parse(line)
    except _UnreadableError as error:
        return error.bad


def parse_time(text: str) -> datetime | BadEvent:
    """The instant of an RFC 3339 text with an offset; what is finer than a microsecond is cut off."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return _unlike_a_time(text)
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return _impossible_time(text, match)
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        return BadEvent(
            f"The year of `{text}` is out of range.", f"years {FIRST_YEAR} to {LAST_YEAR} can be used"
        )
    return time


# --- order


def order_key(event: Event) -> tuple[int, int, _Tie]:
    """What events of one subject are sorted by: a total order that does not know how they arrived (S12, P1).

    Time first, then `sequence`, then the id read as people number things (`7-10` after `7-9`), then all
    the rest. Most events differ in time, so the rest is only computed when two are compared that do not.
    """
    return (event.time - _EPOCH) // _MICROSECOND, event.sequence or 0, _Tie(event)


class _Tie:
    """Compares what time and sequence left equal; computes its key when it is first asked."""

    __slots__ = ("_event", "_key")

    def __init__(self, event: Event) -> None:
        self._event = event
        self._key: tuple[object, ...] | None = None

    def _parts(self) -> tuple[object, ...]:
        if self._key is None:
            event = self._event
            self._key = (event.id is None, _natural(event.id or ""), event.id or "", _canonical(event))
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Tie) and self._parts() == other._parts()

    def __lt__(self, other: _Tie) -> bool:
        return self._parts() < other._parts()

    __hash__ = None  # type: ignore[assignment]


def _natural(text: str) -> tuple[object, ...]:
    """Text and numbers in turn; a number is its length, then its digits, so that no number is too long."""
    pieces = _DIGITS.split(text)
    return tuple(
        (len(number := piece.lstrip("0")), number) if odd % 2 else piece for odd, piece in enumerate(pieces)
    )


def _canonical(event: Event) -> bytes:
    return msgspec.json.encode(event, order="sorted")


# --- the fast way: is what the typed decoder read all that was written?

_typed = msgspec.json.Decoder(Event).decode
_untyped = msgspec.json.Decoder(object).decode

_NEVER = 1 << 60


def _plain(event: Event, line: bytes) -> bool:
    """Whether the line certainly holds nothing that the decoder passes over in silence.

    It keeps the last of two equal keys, reads integers of any size, and rounds times. Each key costs one
    colon and the time two or three, so when there is no colon beyond those of the keys that came out,
    no key was written twice. Anything else than the plainest line is left to the closer look.
    """
    data = event.data
    if not data or event.ignored or b"\\" in line or event.time.microsecond or b".999999" in line:
        return False
    if not FIRST_YEAR <= event.time.year <= LAST_YEAR:
        return False
    for value in data.values():
        if value.__class__ is not str and value.__class__ is not bool and value is not None:
            return False
    optional = (event.id, event.case, event.source, event.timezone, event.sequence).count(None)
    colons = line.count(b":") - len(data) - (8 - optional) - (event.subject != DEFAULT_SUBJECT)
    return colons == 2 or (colons == 3 and b"Z" not in line and b'z"' not in line)


def _fine(event: Event, line: bytes) -> bool:
    """Whether the time needs no closer look: a usual year, and no digits that the decoder rounded."""
    if not FIRST_YEAR <= event.time.year <= LAST_YEAR:
        return False
    rounded = event.time.microsecond or b".999999" in line
    return not (rounded and _FINER.search(line))


def _sound(line: bytes) -> bool:
    """Whether each colon of the line is one of a key or of a text that the decoder gives back."""
    return b"\\u003" not in line and line.count(b":") == _colons(_untyped(line), MAX_DEPTH)


def _colons(value: object, depth: int) -> int:
    """How many colons a value was written with when no key was twice; far off when a part of it is odd."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, int | float):
        return 0 if MIN_INT <= value <= MAX_INT else _NEVER
    if depth == 0:
        return _NEVER
    if isinstance(value, dict):
        return len(value) + sum(key.count(":") + _colons(item, depth - 1) for key, item in value.items())
    if isinstance(value, list):
        return sum(_colons(item, depth - 1) for item in value)
    return _NEVER


def _zoned(event: Event) -> Event | BadEvent:
    if event.timezone is None:
        return event
    return _zone_problem(event.timezone) or event


# --- the close look: what is wrong, in plain words


class _UnreadableError(Exception):
    """Leaves the depths of a JSON value with what is wrong there."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.bad = BadEvent(reason, hint)


def _examine(line: bytes) -> Event | BadEvent | list[Event | BadEvent]:
    try:
        value = _parse(line)
    except _UnreadableError as error:
        return error.bad
    return [_event(item) for item in value] if isinstance(value, list) else _event(value)


def _parse(line: bytes) -> object:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError(*_not_text(line, error.start)) from None
    if not text.strip():
        raise _UnreadableError("The line is empty.")
    try:
        value = _CAREFUL.decode(text)
    except json.JSONDecodeError as error:
        raise _UnreadableError(*_not_json(text, error)) from None
    except RecursionError:
        raise _UnreadableError(*_TOO_DEEP) from None
    _refuse_odd(value)
    return value


def _not_text(line: bytes, position: int) -> tuple[str, str]:
    if b"\0" in line:
        return "This is not text; it looks like UTF-16 or a binary file.", "save the log as UTF-8 text"
    return f"Byte {position + 1} of the line is not UTF-8 text.", "save the log as UTF-8"


def _not_json(text: str, error: json.JSONDecodeError) -> tuple[str, str]:
    start = text.lstrip()[:1]
    if "\0" in text:
        return "This is not text; it looks like UTF-16 or a binary file.", "save the log as UTF-8 text"
    if start not in "{[":
        return (
            "The line is not a JSON object.",
            "an event starts with `{`; other logs enter through a mapping file",
        )
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "The line ends in the middle of an event.", "it was cut off; complete it or remove it"
    if error.msg == "Extra data":
        return f"Something follows the event at character {error.pos + 1}.", "write one event on each line"
    if "double quotes" in error.msg:
        mend = "JSON puts names in double quotes, and no comma before `}`"
        return f"At character {error.pos + 1}, a name in double quotes was expected.", mend
    return f"The line is not JSON at character {error.pos + 1}.", "check quotes, commas and brackets there"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise _UnreadableError(f"The key `{twice}` stands twice in one object.", "keep one of the two")
    return made


def _integer(text: str) -> int:
    if len(text) > 20 or not MIN_INT <= int(text) <= MAX_INT:
        raise _UnreadableError(*_too_large(text))
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _UnreadableError(*_too_large(text))
    return value


def _constant(text: str) -> NoReturn:
    raise _UnreadableError(
        f"`{text}` is not a JSON value.", "leave the field out when its value is not known"
    )


_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_number, parse_constant=_constant, strict=False
)
_TOO_DEEP = (f"The event nests deeper than {MAX_DEPTH} levels.", "flatten its data")


def _too_large(text: str) -> tuple[str, str]:
    return f"The number `{_short(text)}` is too large.", "write it as text, in double quotes"


def _refuse_odd(value: object, depth: int = MAX_DEPTH) -> None:
    """Refuse what JSON can not say or no other program could read back."""
    if isinstance(value, str):
        if not value.isascii():
            _refuse_surrogates(value)
    elif isinstance(value, bool) or value is None:
        return
    elif isinstance(value, int):
        if not MIN_INT <= value <= MAX_INT:
            raise _UnreadableError(*_too_large(hex(value)))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _UnreadableError(
                f"`{value}` is not a JSON value.", "leave the field out when it is not known"
            )
    elif depth == 0:
        raise _UnreadableError(*_TOO_DEEP)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise _UnreadableError(
                    f"The key `{_short(repr(key))}` is not text.", "the keys of JSON are text"
                )
            _refuse_odd(key)
            _refuse_odd(item, depth - 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_odd(item, depth - 1)
    else:
        raise _UnreadableError(
            f"A value of the type `{type(value).__name__}` is not JSON.", "use text or a number"
        )


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        reason = "A text holds half of a character (a lone surrogate)."
        raise _UnreadableError(reason, "it was cut in the middle of an emoji; write the text again") from None


# --- attributes

_TEXTS = ("id", "subject", "case", "source", "timezone")
_ATTRIBUTES = frozenset(("type", "time", "sequence", "data", *_TEXTS))
_CLOUD_ATTRIBUTES = _ATTRIBUTES | {"specversion", "datacontenttype", "dataschema"}


def _event(value: object) -> Event | BadEvent:
    if not isinstance(value, Mapping):
        return BadEvent(
            f"An event is a JSON object; this is {_kind(value)}.", 'write `{"type": …, "time": …}`'
        )
    given = {key: item for key, item in value.items() if item is not None}
    if "specversion" in given:
        return _cloud_event(given)
    return _native(given, _ATTRIBUTES)


def _cloud_event(given: dict[str, object]) -> Event | BadEvent:
    if given["specversion"] != "1.0":
        reason = f"The CloudEvents version `{_short(str(given['specversion']))}` is not known."
        return BadEvent(reason, "version 1.0 is read")
    if "data_base64" in given:
        return BadEvent("The CloudEvent carries binary data (`data_base64`).", "send `data` as a JSON object")
    sequence = given.get("sequence")
    if isinstance(sequence, str) and _INTEGER.fullmatch(sequence):
        # The sequence extension of CloudEvents writes its integers as text.
        given["sequence"] = int(sequence)
    return _native(given, _CLOUD_ATTRIBUTES)


def _native(given: dict[str, object], known: frozenset[str]) -> Event | BadEvent:
    bad = _missing(given) or next(_attribute_problems(given), None)
    if bad is not None:
        return bad
    time = given["time"]
    moment = _datetime(time) if isinstance(time, datetime) else parse_time(str(time))
    if isinstance(moment, BadEvent):
        return moment
    plain = {name: given[name] for name in _ATTRIBUTES if name in given}
    ignored = tuple(sorted(given.keys() - known))
    return Event(**{**plain, "time": moment, "data": dict(given.get("data", {}))}, ignored=ignored)  # type: ignore[call-overload]


def _missing(given: Mapping[str, object]) -> BadEvent | None:
    for name, example in (("type", "interview.ended"), ("time", "2026-03-02T15:00:00+08:00")):
        if name not in given:
            hint = f'add `"{name}": "{example}"`; a log with other names enters through a mapping file'
            return BadEvent(f"The event has no `{name}`.", hint)
    return None


def _attribute_problems(given: Mapping[str, object]) -> Iterator[BadEvent]:
    for name in ("type", *_TEXTS):
        value = given.get(name)
        if value is not None and not (isinstance(value, str) and value):
            yield _not_a_text(name, value)
    if not isinstance(given["time"], str | datetime):
        yield BadEvent(
            f"`time` must be text; this is {_kind(given['time'])}.",
            "write it as `2026-03-02T15:00:00+08:00`; seconds since 1970 enter through a mapping file",
        )
    sequence = given.get("sequence", 0)
    if isinstance(sequence, bool) or not isinstance(sequence, int) or not MIN_INT <= sequence <= MAX_INT:
        yield BadEvent(
            f"`sequence` must be a whole number; this is {_kind(sequence)}.", "leave it out, or number it"
        )
    if not isinstance(given.get("data", {}), Mapping):
        yield BadEvent(
            f"`data` must be a JSON object; this is {_kind(given['data'])}.", 'write `"data": {…}`'
        )
    zone = given.get("timezone")
    if isinstance(zone, str) and zone:
        bad = _zone_problem(zone)
        if bad is not None:
            yield bad


def _not_a_text(name: str, value: object) -> BadEvent:
    if value == "":
        return BadEvent(f"`{name}` is empty.", "leave it out" if name != "type" else "say what happened")
    if isinstance(value, int) and not isinstance(value, bool):
        return BadEvent(
            f"`{name}` must be text; this is a number.", f'write it in quotes: `"{name}": "{value}"`'
        )
    return BadEvent(f"`{name}` must be text; this is {_kind(value)}.", "write it in double quotes")


def _zone_problem(zone: str) -> BadEvent | None:
    # Late: most logs name no zone, and the zone database is not needed to read them.
    from afterword.days import zone_exists  # noqa: PLC0415

    if zone_exists(zone):
        return None
    return BadEvent(f"There is no time zone `{_short(zone)}`.", "write it like `Australia/Perth` or `UTC`")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, Sequence):
        return "a list"
    return "nothing" if value is None else f"a {type(value).__name__}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# --- times

_DIGITS = re.compile(r"([0-9]+)")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_FINER = re.compile(rb"\.[0-9]{7}")
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
_RFC3339 = re.compile(rf"({_DATE})[Tt ]({_CLOCK})([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})")
_LIKE: Sequence[tuple[re.Pattern[str], str, str]] = [
    (re.compile(_DATE), "`{}` is a date without a time of day.", "write it like `{}T09:00:00+08:00`"),
    (
        re.compile(rf"{_DATE}[Tt ]{_CLOCK}"),
        "`{}` does not say how far from UTC its clock is.",
        "add the offset: `{}+08:00`, or `{}Z` for UTC",
    ),
    (
        re.compile(rf"{_DATE}[Tt ][0-9:]{{5}}([Zz]|[+-].*)?"),
        "`{}` has no seconds.",
        "write `09:00:00` for the clock",
    ),
    (
        re.compile(rf"{_DATE}[Tt ]{_CLOCK} ?[+-][0-9:]{{2,4}}"),
        "The offset of `{}` is not written in full.",
        "write it with hours and minutes, like `+08:00`",
    ),
]


def _unlike_a_time(text: str) -> BadEvent:
    for pattern, reason, hint in _LIKE:
        if pattern.fullmatch(text):
            return BadEvent(reason.replace("{}", text), hint.replace("{}", text))
    return BadEvent(f"`{_short(text)}` is not a time.", "write it like `2026-03-02T15:00:00+08:00`")


def _impossible_time(text: str, match: re.Match[str]) -> BadEvent:
    date, clock, _ = match.groups()
    try:
        datetime.fromisoformat(date)
    except ValueError:
        return BadEvent(f"There is no day `{date}`.", "check the month and the day")
    if clock[6:8] == "60":
        return BadEvent(f"`{text}` is a leap second, which can not be told apart here.", "write second 59")
    return BadEvent(
        f"There is no time of day `{clock}` with this offset.", "hours go from 00 to 23, minutes to 59"
    )


def _datetime(time: datetime) -> datetime | BadEvent:
    if time.utcoffset() is None:
        return BadEvent(
            f"`{time.isoformat()}` does not say how far from UTC its clock is.", "give it a `tzinfo`"
        )
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        return BadEvent(
            f"The year of `{time.isoformat()}` is out of range.", f"{FIRST_YEAR} to {LAST_YEAR} can be used"
        )
    return time
