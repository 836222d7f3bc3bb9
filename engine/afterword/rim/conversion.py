"""One foreign value made into one of ours: renamed, split, and of the type that the mapping asks for (S2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from afterword.bad_event import BadEvent, kind, short
from afterword.rim.foreign_time import TimeReader, date_reader, time_reader
from afterword.rim.mapping import Constant, Extraction
from afterword.strict_json import MAX_INT, MIN_INT

Convert = Callable[[object, str | None], object]
"""The value as it is to be; the text is the time zone of the row. None when nothing is left of it."""

MOST_PARTS = 1_000
"""Into how many parts a value may be split (P4)."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_COMMAS = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*,[0-9]+(?:\.[0-9]+)?")
_BETWEEN_THOUSANDS = ".' \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{RIGHT SINGLE QUOTATION MARK}"
_DECIMAL_COMMA = re.compile(
    rf"[+-]?(?:[0-9]{{1,18}}|[1-9][0-9]{{0,2}}([{_BETWEEN_THOUSANDS}])[0-9]{{3}}(?:\1[0-9]{{3}}){{0,4}})(?:,[0-9]{{1,30}})?"
)
_NO_SIGNS = str.maketrans(",", ".", _BETWEEN_THOUSANDS)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
_TRUTH: Final = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
}


class ConversionError(ValueError):
    """The value cannot be made into that; `hint` says what can be done."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.hint = mend


def converter(extraction: Extraction) -> Convert:
    """How the values of one field are made into ours."""
    if isinstance(extraction.source, Constant):
        return lambda value, _zone: value
    convert = _typed(extraction)
    values, split = extraction.values, extraction.split

    def one(value: object, zone: str | None) -> object:
        if values:
            text = scalar_text(value)
            if text in values:
                return values[text]
        return convert(value, zone)

    def many(value: object, zone: str | None) -> object:
        if split is not None and isinstance(value, str):
            value = _parts(value, split)
        if isinstance(value, list):
            return [one(item, zone) for item in value if item not in ("", None)] or None
        return one(value, zone) if split is None else [one(value, zone)]

    return many


def _parts(text: str, separator: str) -> list[str]:
    if text.count(separator) >= MOST_PARTS:
        raise ConversionError(f"It has more than {MOST_PARTS:,} parts.", "is `split:` right for this column?")
    return [part.strip() for part in text.split(separator)]


def scalar_text(value: object) -> str:
    """A single value as text, the way JSON writes it."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    raise ConversionError(f"This is {kind(value)} where a single value belongs.", "name a path inside of it")


def _typed(extraction: Extraction) -> Convert:
    match extraction.type:
        case "date":
            return _dated(date_reader(extraction.format))
        case "datetime":
            return _timed(time_reader(extraction.format))
        case None:
            return lambda value, _zone: value
    make = {"string": scalar_text, "integer": _integer, "number": _number, "boolean": _boolean}[
        extraction.type
    ]
    if extraction.decimal == "comma":
        whole = extraction.type == "integer"
        return lambda value, _zone: make(_with_point(value, whole))
    return lambda value, _zone: make(value)


def _dated(read: Callable[[str], date | BadEvent]) -> Convert:
    def convert(value: object, _zone: str | None) -> str:
        found = read(scalar_text(value))
        if isinstance(found, BadEvent):
            raise ConversionError(found.reason, found.hint)
        return found.isoformat()

    return convert


def _timed(read: TimeReader) -> Convert:
    def convert(value: object, zone: str | None) -> str:
        found = read(scalar_text(value), zone)
        if isinstance(found, BadEvent):
            raise ConversionError(found.reason, found.hint)
        return found.isoformat()

    return convert


def _integer(value: object) -> int:
    number = value
    if (isinstance(value, str) and _INTEGER.fullmatch(value)) or (
        isinstance(value, float) and value.is_integer()
    ):
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int) or not MIN_INT <= number <= MAX_INT:
        raise _not_a("whole number", value)
    return number


def _number(value: object) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value) if _INTEGER.fullmatch(value) else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _not_a("number", value)
    return value


def _with_point(value: object, whole: bool) -> object:
    """A number with a decimal comma, and perhaps with signs between thousands, as one with a decimal point."""
    if not isinstance(value, str):
        return value
    if _DECIMAL_COMMA.fullmatch(value) is None:
        mend = "write `1234` or `1.234`" + ("" if whole else ", with decimals `1234,5` or `1.234,5`")
        raise ConversionError(f"`{short(value)}` is not a number with a decimal comma.", mend)
    if whole and "," in value:
        mend = "write it without decimals, or `type: number` in the mapping"
        raise ConversionError(f"`{short(value)}` is not a whole number.", mend)
    return value.translate(_NO_SIGNS)


def _boolean(value: object) -> bool:
    found = _TRUTH.get(scalar_text(value).lower())
    if found is None:
        raise _not_a("clear yes or no", value)
    return found


def _not_a(wanted: str, value: object) -> ConversionError:
    text = short(scalar_text(value))
    mend = "correct it, rename it with `values:`, or leave the `type:` away"
    if wanted == "number" and "," in text and _DECIMAL_COMMA.fullmatch(text):
        mend = "if the comma stands before decimals, add `decimal: comma` to the field; otherwise remove it"
    elif _COMMAS.fullmatch(text):
        mend = "write nothing between thousands, and a point before decimals"
    return ConversionError(f"`{text}` is not a {wanted}.", mend)
