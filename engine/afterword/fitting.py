"""Whether a JSON value is what its declaration says, and what of it is not (S4, S14: nothing is converted)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from afterword.dates import as_date
from afterword.days import parse_instant
from afterword.ruleset import FieldType
from afterword.values import is_among, is_array, is_number, is_whole_number, items_of

OF_AN_ITEM = "[]"
"""Stands in a path behind the name of an array: what follows is said of its items, whichever they are."""


class Deviation(NamedTuple):
    """What is not as declared, by its path: a field that is not declared, or one of another type than `wanted`."""

    kind: Literal["unknown field", "wrong type"]
    path: str
    wanted: str = ""


_USUAL = {"string": str, "integer": int, "number": float, "boolean": bool}
"""The class that nearly every value of a type is of, seen at a glance: each field of each event is looked at."""


_TESTS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": is_whole_number,
    "number": is_number,
    "date": lambda value: as_date(value) is not None,
    "datetime": lambda value: isinstance(value, str) and parse_instant(value) is not None,
    "array": is_array,
    "object": lambda value: isinstance(value, dict),
    "": lambda _: True,
}
"""By type, whether a value is of it, whatever its parts are; the empty type admits everything."""


def is_of(value: object, type_: str) -> bool:
    """Whether a value is of a type, whatever its parts are."""
    return _TESTS[type_](value)


def fits(value: object, field: FieldType) -> bool:
    """Whether a value is as its field is declared, with all its parts; null fits everywhere."""
    if value is None or (value.__class__ is _USUAL.get(field.type) and field.enum is None):
        return True
    if not _TESTS[field.type](value) or (field.enum is not None and not is_among(value, field.enum)):
        return False
    if field.items is not None:
        return all(fits(item, field.items) for item in items_of(value))
    if field.fields and isinstance(value, dict):
        return all(name in field.fields and fits(part, field.fields[name]) for name, part in value.items())
    return True


def deviations(path: str, value: object, field: FieldType) -> Iterator[Deviation]:
    """What keeps a value from fitting: the innermost parts that are not as declared."""
    if fits(value, field):
        return
    if not is_of(value, field.type) or field.enum is not None:
        yield Deviation("wrong type", path, _described(field))
    elif field.items is not None:
        for item in items_of(value):
            yield from deviations(path + OF_AN_ITEM, item, field.items)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in field.fields:
                yield from deviations(f"{path}.{name}", part, field.fields[name])
            else:
                yield Deviation("unknown field", f"{path}.{name}")


def beside(path: str, fields: Mapping[str, FieldType]) -> tuple[str, Mapping[str, FieldType]]:
    """The last name of a path, and the fields that are declared where it stands."""
    head, dot, rest = path.partition(".")
    field = fields.get(head.replace(OF_AN_ITEM, ""))
    while field is not None and field.items is not None:
        field = field.items
    return beside(rest, field.fields) if dot and field is not None and field.fields else (path, fields)


def _described(field: FieldType) -> str:
    if field.enum is not None:
        return "one of " + ", ".join(str(each) for each in field.enum)
    return field.type
