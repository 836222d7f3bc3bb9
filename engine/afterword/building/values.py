"""Whether a value can be compared with a field of a certain type (S14: nothing is converted)."""

from __future__ import annotations

import re
from typing import NamedTuple

from afterword.dates import as_date
from afterword.fitting import is_of
from afterword.mistakes.mends import TRUTHS
from afterword.mistakes.words import shown
from afterword.ruleset import FieldType
from afterword.suggest import hint, nearest
from afterword.values import is_among

ANY = FieldType("")
"""The type of a field whose declaration cannot be used: every test of it passes."""

NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "date": "a date",
    "datetime": "a date and time",
    "duration": "a duration",
    "array": "a list",
    "object": "an object",
}

_OF_ONE_VALUE = frozenset(NAMES) - {"duration", "array", "object"}
"""Types of which a rule can write a value: no field holds a duration, and of arrays and objects parts are tested."""


class Mismatch(NamedTuple):
    """Why a value does not fit: the code, what it is not, and the mend."""

    code: str
    message: str
    hint: str


def mismatch(value: object, wanted: FieldType, called: str) -> Mismatch | None:
    """Why this value can never equal a value of this type; None when it can. Null fits everywhere."""
    if value is None or wanted.type == "":
        return None
    if wanted.type not in _OF_ONE_VALUE or not is_of(value, wanted.type):
        return _wrong(value, wanted.type, called)
    if wanted.enum is not None and not is_among(value, wanted.enum):
        known = [shown(each) for each in wanted.enum]
        message = sentence(f"{called} is never `{shown(value)}`.")
        return Mismatch("unknown-value", message, hint(shown(value), known, "it is one of"))
    return None


def not_a_date(text: str) -> Mismatch:
    """What is wrong with a text that should be a date."""
    return _wrong(text, "date", "it")


def same_kind(one: str, other: str) -> bool:
    """Whether values of these two types can be compared with each other."""
    return one == other or "" in (one, other) or any({one, other} <= kind for kind in _KINDS)


_KINDS = (frozenset({"integer", "number"}), frozenset({"date", "datetime"}))


def no_moment(value: str) -> Mismatch:
    """Why a text is neither a date nor a time, where either may stand."""
    return _no_day(value) or Mismatch("bad-date", f"`{value}` is no date and no time.", _EITHER)


def _wrong(value: object, wanted: str, called: str) -> Mismatch:
    said = f"`{shown(value)}`"
    if isinstance(value, str) and _is_quoted(value, wanted):
        said = f"the text {said}"
    if wanted in _WRITTEN and isinstance(value, str):
        return _no_day(value) or Mismatch("bad-date", f"{said} is not {NAMES[wanted]}.", _WRITTEN[wanted])
    return Mismatch(
        "wrong-operand", sentence(f"{called} is {NAMES[wanted]}, and {said} is not."), _mend(value, wanted)
    )


def _is_quoted(text: str, wanted: str) -> bool:
    """Whether a text would be a value of the wanted type if it stood without quotes."""
    if wanted == "boolean":
        return text in ("true", "false")
    return wanted in ("integer", "number") and _NUMBER.fullmatch(text) is not None


def _no_day(value: str) -> Mismatch | None:
    """That the calendar does not have the date with which a text begins."""
    found = _DAY.match(value)
    if found is None or as_date(found[0]) is not None:
        return None
    return Mismatch("bad-date", f"There is no day `{found[0]}`.", _DAY_OF_CALENDAR)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_DAY_OF_CALENDAR = "write a day of the calendar, such as `2026-03-02`"
_EITHER = "write a date, `2026-03-02`, or a time with its offset, `2026-03-02T09:00:00+08:00`"


def sentence(text: str) -> str:
    """The text with a capital at its beginning, unless that is a quoted word."""
    return text[:1].upper() + text[1:]


_WRITTEN = {
    "date": "write year, month and day: `2026-03-02`",
    "datetime": "write it with its offset: `2026-03-02T09:00:00+08:00`",
}


def _mend(value: object, wanted: str) -> str:
    if wanted == "string":
        return f'put it in quotes: `"{shown(value)}"`'
    if wanted == "boolean" and str(value).casefold() in TRUTHS and str(value) not in ("true", "false"):
        return f"write `{TRUTHS[str(value).casefold()]}`"
    if wanted == "boolean" and (near := nearest(str(value), ("true", "false"))) and str(value) != near:
        return f"did you mean `{near}`?"
    if wanted in ("integer", "number") and isinstance(value, str):
        return _number_mend(value)
    if wanted == "boolean" and isinstance(value, str):
        return "write the value without quotes"
    if wanted in _WRITTEN:
        return _WRITTEN[wanted]
    return f"write {NAMES[wanted]}"


def _number_mend(text: str) -> str:
    """How to write a number that was written as a text, with a sign of comparison, or with commas."""
    if meant := without_sign(text):
        return f"write `{{{meant}}}`"
    plain = _GROUPS.sub("", text).replace(",", ".")
    if _NUMBER.fullmatch(plain):
        return "write the value without quotes" if plain == text else f"write `{plain}`"
    return "write a number in digits, without quotes"


_GROUPS = re.compile(r"(?<=[0-9])[_,' ](?=[0-9]{3}(?![0-9]))")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def without_sign(text: str) -> str:
    """A comparison that was written with a sign, as the test that says it: `gte: 3`; else nothing."""
    found = _SIGN.fullmatch(text)
    return f"{_SIGNS[found[1]]}: {found[2]}" if found is not None else ""


_SIGNS = {
    "==": "is",
    "=": "is",
    "!=": "is_not",
    "<>": "is_not",
    ">=": "gte",
    "<=": "lte",
    ">": "gt",
    "<": "lt",
}
_SIGN = re.compile(r"(==|!=|<>|>=|<=|=|>|<)\s*(\S.*)")
