"""All simple tests of one field or fact answered at once, by what they can tell apart of its value.

Rules ask whether a value is one of a few, and on which side of a few bounds a number lies; all other differences are
none to them. So the answers are kept by the class of a value, and a thousand rules on one field cost one look-up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple

from msgspec import UNSET

from afterword.atoms import Atom, held, predicate
from afterword.conditions import All, Condition, FieldTest, Ref, refs_of
from afterword.days import Days
from afterword.meaning import Scene
from afterword.values import MISSING, is_number, items_of

_EQUAL = frozenset({"is", "is_not", "in", "not_in"})
_ORDERED = frozenset({"gt", "gte", "lt", "lte", "between"})

_ABSENT, _NULL, _OTHER, _TRUE, _FALSE = -1, -2, -3, -4, -5

_Class = Callable[[Any], Hashable]


def simple_ref(test: FieldTest) -> Ref | None:
    """The field or the fact that a test is about, if classes of its values settle it."""
    ref = test.ref
    if ref is None or ref.root not in ("data", "case", "subject") or len(ref.path) != 1:
        return None
    if test.op == "exists":
        return ref
    if test.op not in _EQUAL | _ORDERED or test.type in ("date", "datetime") or list(refs_of(test)) != [ref]:
        return None
    constants = _constants(test)
    if test.op not in _ORDERED and all(each is None or isinstance(each, str | bool) for each in constants):
        return ref
    return ref if constants and all(map(is_number, constants)) else None


class TestBits(NamedTuple):
    """A test as it is written, and the bits of the mask that it sets when it holds and when it does not."""

    holds: int
    fails: int
    test: FieldTest


class FieldAtoms:
    """The atoms of one field or fact: those that hold for a value, as a mask."""

    __slots__ = ("_by_text", "_class", "_masks", "_of_none", "_of_other_text", "_tests", "name", "root")

    def __init__(self, ref: Ref, tests: Iterable[TestBits]) -> None:
        self.root = ref.root
        (self.name,) = ref.path
        self._tests: list[Atom] = [(asked.holds, asked.fails, predicate(asked.test)) for asked in tests]
        self._masks: dict[Hashable, int] = {}
        asked = [each.test for each in tests]
        constants = {each for test in asked for each in _constants(test)}
        texts = {each for each in constants if isinstance(each, str)}
        self._by_text: dict[str, int | None] = dict.fromkeys(texts)
        self._of_other_text: int | None = None
        self._of_none = self._held(MISSING)
        self._class = _classes({each for each in constants if is_number(each)})

    def mask(self, value: object) -> int:
        """The bits of the atoms that hold for a value; an absent one is MISSING or UNSET."""
        if value is MISSING:
            return self._of_none
        if isinstance(value, str):
            mask = self._by_text.get(value, self._of_other_text)
        else:
            mask = self._masks.get(self._class(value))
        return self._met(value) if mask is None else mask

    def _met(self, value: object) -> int:
        """The same for the first value of its class."""
        mask = self._held(value)
        if not isinstance(value, str):
            self._masks[self._class(value)] = mask
        elif value in self._by_text:
            self._by_text[value] = mask
        else:
            self._of_other_text = mask
        return mask

    def _held(self, value: object) -> int:
        known = {} if value is MISSING or value is UNSET else {self.name: value}
        scene = Scene(known, {}, known, known, {}, Days())
        return held(self._tests, scene)


def _constants(test: FieldTest) -> tuple[Any, ...]:
    if test.op == "exists":
        return ()
    return items_of(test.operand) if test.op in ("in", "not_in", "between") else (test.operand,)


def _classes(numbers: set[Any]) -> _Class:
    """Which class a value that is no text is of: a number by where it lies among these."""
    steps = sorted(numbers)

    def class_(value: Any) -> Hashable:
        kind = value.__class__
        if kind is int or kind is float:
            return kind, bisect_left(steps, value) + bisect_right(steps, value)
        if value is None:
            return _NULL
        if kind is bool:
            return _TRUE if value else _FALSE
        return _ABSENT if value is UNSET else _OTHER

    return class_


def needed(patterns: Iterable[Condition | None]) -> tuple[str, frozenset[str]] | None:
    """A field, and some texts of which every one of these patterns needs one there, when they say so plainly."""
    asked = [_texts_needed(pattern) for pattern in patterns]
    for name in asked[0] if asked else ():
        if all(name in each for each in asked):
            return name, frozenset(text for each in asked for text in each[name])
    return None


def _texts_needed(pattern: Condition | None) -> dict[str, tuple[str, ...]]:
    """For each field of which a pattern needs one of some texts: these texts."""
    found: dict[str, tuple[str, ...]] = {}
    for test in pattern.parts if isinstance(pattern, All) else (pattern,):
        if isinstance(test, FieldTest) and test.op in ("is", "in"):
            ref, texts = simple_ref(test), _constants(test)
            if ref is not None and ref.root == "data" and all(isinstance(each, str) for each in texts):
                found[ref.path[0]] = texts
    return found
