"""JSON values looked at without any conversion: what is equal, what is a number, where a path leads (S14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""What a path leads to where there is nothing; equal to nothing, not even to null."""


def dig(found: object, path: Iterable[str]) -> object:
    """What the path leads to from here, or `MISSING`."""
    for key in path:
        if not isinstance(found, dict) and not isinstance(found, Mapping):  # nearly always a dict
            return MISSING
        found = found.get(key, MISSING)
    return found


def plant(into: dict[str, Any], path: Sequence[str], value: object) -> None:
    """Puts a value where `dig` finds it by this path, with the dictionaries that lead there."""
    *parents, name = path
    for parent in parents:
        into = into.setdefault(parent, {})
    into[name] = value


def same(left: object, right: object) -> bool:
    """Equal without coercion: 1 and 1.0 are, 1 and true are not; arrays and objects part by part (S14)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_array(left) and is_array(right):
        lefts, rights = items_of(left), items_of(right)
        return len(lefts) == len(rights) and all(map(same, lefts, rights))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def canonical(scalar: object) -> object:
    """The one way to write all that is the same as this text, number, truth value or null: 1.0 is 1."""
    if isinstance(scalar, float) and scalar.is_integer() and -(2**63) <= scalar < 2**63:
        return int(scalar)
    return scalar


def is_array(tested: object) -> bool:
    """Whether the value is an array."""
    return isinstance(tested, list | tuple)


def items_of(tested: object) -> tuple[object, ...]:
    """The items of an array; whatever is no array has none."""
    return tuple(tested) if isinstance(tested, list | tuple) else ()


def is_number(tested: object) -> bool:
    """Whether the value is a number, which true and false are not."""
    return isinstance(tested, int | float) and not isinstance(tested, bool)


def is_whole_number(tested: object) -> bool:
    """Whether the value is a whole number, however it is written: 1.0 is 1."""
    if isinstance(tested, float):
        return tested.is_integer()
    return isinstance(tested, int) and not isinstance(tested, bool)


def texts_of(operand: object) -> tuple[str, ...]:
    """One text or many; what is no text is left out."""
    many = items_of(operand) if is_array(operand) else (operand,)
    return tuple(text for text in many if isinstance(text, str))


def is_among(tested: object, array: object) -> bool:
    """Whether the array has an item that is the same."""
    if isinstance(
        tested, str
    ):  # as most are: equal to the same text only, and found without a call for each item
        return tested in items_of(array)
    return any(same(tested, item) for item in items_of(array))
