"""JSON in which nothing is passed over in silence: no doubled key, rounded integer or half character (P2)."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, NoReturn, TypeVar

import msgspec

from afterword.bad_event import BadEvent, short

_T = TypeVar("_T")

MAX_DEPTH = 64
MIN_INT, MAX_INT = -(2**63), 2**63 - 1

DECODE_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What a msgspec decoder raises for bytes that are not what it was made for."""

_quick = msgspec.json.Decoder(object).decode
_quick_object = msgspec.json.Decoder(dict[str, Any]).decode
_written_lines = msgspec.json.Encoder().encode_lines
_NEVER = 1 << 60
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_NEITHER_OPENS_NOR_ENDS = bytes(range(256)).translate(None, b"{[\n")


class OddJSONError(ValueError):
    """Carries what is wrong in a JSON value out of its nested parts."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.bad = BadEvent(reason, hint)


def load(line: bytes) -> object:
    """The value of one line; OddJSONError says in plain words what is wrong."""
    try:
        if b"\\u003" not in line:
            value: object = _quick(line)
            if line.count(b":") == _colons(value, MAX_DEPTH):
                return value
    except DECODE_ERRORS:
        pass
    return _load_carefully(line)


def load_objects(block: bytes) -> list[dict[str, Any]] | None:
    """The objects of whole lines, as `load` gives each; None when a line has to be looked at by itself.

    What came out, written again, has two quotes less for each key that stood twice. Anything else that msgspec
    takes and `load` does not, or that a count cannot tell, is taken for odd, whether it is or not.
    """
    if (b"\\" in block and b"\\u0022" in block) or _may_have_large_numbers(block) or _may_be_deep(block):
        return None
    try:
        values: list[Any] = each_line(_quick_object, block)
    except DECODE_ERRORS:
        return None
    return values if block.count(b'"') == _written_lines(values).count(b'"') else None


def _may_have_large_numbers(block: bytes) -> bool:
    return b"0" * len(str(MAX_INT)) in block.translate(_DIGITS_AS_ZEROS)


def _may_be_deep(block: bytes) -> bool:
    return max(map(len, block.translate(None, _NEITHER_OPENS_NOR_ENDS).split(b"\n"))) > MAX_DEPTH


def each_line(decode: Callable[[bytes], _T], block: bytes) -> list[_T]:
    """What each line of a block holds; `decode` refuses a blank one, half a value and two of them.

    msgspec's `decode_lines` is no quicker by as much as it would take to find out about these.
    """
    return list(map(decode, io.BytesIO(block)))


def load_unchecked(line: bytes) -> object:
    """The same, fast and blind to doubled keys and rounded integers: enough to look at a time."""
    try:
        return _quick(line)
    except DECODE_ERRORS:
        return _load_carefully(line)


def is_sound(line: bytes) -> bool:
    """Whether a line that msgspec can read holds no more than what msgspec gives back.

    It keeps the last of two equal keys and turns integers of any size into numbers. Each key costs one
    colon; so when there are as many colons as keys and colons in texts came out, no key was written twice.
    """
    return b"\\u003" not in line and line.count(b":") == _colons(_quick(line), MAX_DEPTH)


def refuse_odd(value: object, depth: int = MAX_DEPTH) -> None:
    """Refuse, with OddJSONError, a Python value that JSON cannot say or that others could not read back."""
    match value:
        case None | bool():
            return
        case str():
            _refuse_dressed_up(value, str)
            _refuse_surrogates(value)
        case int():
            _refuse_dressed_up(value, int)
            if not MIN_INT <= value <= MAX_INT:
                raise _too_large(hex(value))
        case float():
            _refuse_dressed_up(value, float)
            if not math.isfinite(value):
                _constant(str(value))
        case dict() | list() | tuple():
            if depth == 0:
                raise _too_deep()
            _refuse_odd_parts(value, depth - 1)
        case _:
            reason = f"A value of the type `{type(value).__name__}` is not JSON."
            is_time = isinstance(value, dt.date | dt.time)
            mend = (
                "text, with `.isoformat()`" if is_time else "text, numbers, true, false, lists and mappings"
            )
            raise OddJSONError(reason, f"use {mend}")


def _refuse_odd_parts(value: dict[object, object] | list[object] | tuple[object, ...], depth: int) -> None:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise OddJSONError(f"The key `{short(repr(key))}` is not text.", "the keys of JSON are text")
            _refuse_surrogates(key)
    for item in value.values() if isinstance(value, dict) else value:
        refuse_odd(item, depth)


def _refuse_dressed_up(value: object, plain: type) -> None:
    """Refuse an instance of a subclass, such as the header of a mail, which would not be read back as what it was."""
    if type(value) is not plain and not isinstance(value, Enum):
        name = type(value).__name__
        raise OddJSONError(
            f"A value of the type `{name}` is not JSON.",
            f"make it plain: write `{plain.__name__}(…)` around it",
        )


def _refuse_surrogates(text: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        reason = "A text holds half of a character (a lone surrogate)."
        raise OddJSONError(reason, "it was cut in the middle of an emoji; write it again") from None


def _colons(value: Any, depth: int) -> int:
    """How many colons a value is written with when no key stands twice; far off when a part of it is odd."""
    if value.__class__ is not dict and value.__class__ is not list:
        return 0
    if depth == 0:
        return _NEVER
    count = 0
    parts: Iterable[Any] = value
    if isinstance(value, dict):
        count, parts = len(value) + "".join(value).count(":"), value.values()
    for part in parts:
        if part.__class__ is str:
            count += part.count(":")
        elif part.__class__ is int or part.__class__ is float:
            if not MIN_INT <= part <= MAX_INT:
                # An integer of too many digits; the decoder may have made a float of it.
                return _NEVER
        elif part is not None and part.__class__ is not bool:
            count += _colons(part, depth - 1)
    return count


# --- the careful way: what is wrong, in plain words


def _load_carefully(line: bytes) -> object:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(line, error.start) from None
    if not text.strip():
        raise OddJSONError("The line is empty.")
    try:
        value: object = _CAREFUL.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except RecursionError:
        raise _too_deep() from None
    refuse_odd(value)
    return value


def _not_text(line: bytes, position: int) -> OddJSONError:
    if b"\0" in line:
        return OddJSONError(
            "This is not text; it looks like a binary file or UTF-16.", "save it as UTF-8 text"
        )
    return OddJSONError(f"Byte {position + 1} of the line is not UTF-8 text.", "save the log as UTF-8 text")


def _not_json(text: str, error: json.JSONDecodeError) -> OddJSONError:
    place = error.pos + 1
    if error.msg.startswith("Illegal trailing comma"):  # since Python 3.13; before, what follows it is blamed
        place = len(text) - len(text[error.pos + 1 :].lstrip()) + 1
    if "\0" in text:
        return _not_text(b"\0", 0)
    if text.lstrip()[:1] not in ("{", "["):
        mend = "an event starts with `{`; other logs enter through a mapping file"
        return OddJSONError("The line is not a JSON object.", mend)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return OddJSONError(
            "The line ends in the middle of an event.", "it was cut off; complete or remove it"
        )
    if error.msg == "Extra data":
        return OddJSONError(
            f"Something follows the event at character {place}.", "write one event on each line"
        )
    if "double quotes" in error.msg or error.msg.endswith("before end of object"):
        mend = "names stand in double quotes, and no comma stands before `}`"
        return OddJSONError(f"A name in double quotes was expected at character {place}.", mend)
    return OddJSONError(
        f"The line is not JSON at character {place}.", "check the quotes, commas and brackets there"
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        raise OddJSONError(f"The key `{short(twice)}` stands twice in one object.", "keep one of the two")
    return made


def _integer(text: str) -> int:
    if len(text) > 20 or not MIN_INT <= int(text) <= MAX_INT:
        raise _too_large(text)
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _too_large(text)
    return value


def _constant(text: str) -> NoReturn:
    raise OddJSONError(f"`{text}` is not a JSON value.", "leave the field out when its value is not known")


def _too_large(text: str) -> OddJSONError:
    return OddJSONError(
        f"The number `{short(text)}` is too large.",
        "write one below 2^63; where text may stand, put it in double quotes",
    )


def _too_deep() -> OddJSONError:
    return OddJSONError(f"It nests deeper than {MAX_DEPTH} levels.", "flatten the data of the event")


_CAREFUL = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_number, parse_constant=_constant, strict=False
)
