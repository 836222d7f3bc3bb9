"""The condition tree of a `where`: frozen values, the same for the checker, the engine and explanations (S13-S15)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

Scalar = None | bool | int | float | str

Root = Literal["data", "event", "case", "subject", "trigger"]


class Ref(msgspec.Struct, frozen=True, tag=True, tag_field="class", gc=False):
    """Where a value comes from (S15).

    `data` is the event's own payload (`purpose`), `event` its attributes (`event.time`), `case` and
    `subject` what is remembered (`case.company`), `trigger` the payload of the event that made an advice
    (only inside `fulfilled_by` and `cancelled_by`).
    """

    root: Root
    path: tuple[str, ...]

    def __str__(self) -> str:
        """The path as a rule file writes it."""
        dotted = ".".join(self.path)
        return dotted if self.root == "data" else f"{self.root}.{dotted}"


class FieldTest(msgspec.Struct, frozen=True, tag=True, tag_field="class", gc=False):
    """One test of one value: `words: {gt: 120}` is `FieldTest(ref, "words", FieldTest(None, "gt", 120))`.

    `operand` is a JSON scalar, a tuple of scalars, a `Ref`, or, for the tests that look inside a value
    (`length`, `words`, `size`, `any`, `every`), a condition whose refs with `ref=None` mean that inner value.
    That of `time_of_day` is a pair of times, `("18:00", "24:00")`.
    `type` is the declared type of the tested field, `None` when it is not known.
    """

    ref: Ref | None
    op: str
    operand: Operand
    type: str | None = None


class All(msgspec.Struct, frozen=True, tag=True, tag_field="class", gc=False):
    """Every part holds; an empty `All` holds always."""

    parts: tuple[Condition, ...]


class AnyOf(msgspec.Struct, frozen=True, tag=True, tag_field="class", gc=False):
    """At least one part holds; an empty `AnyOf` never holds."""

    parts: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, tag=True, tag_field="class", gc=False):
    """The part does not hold."""

    part: Condition


EVENT_TIME = Ref("event", ("time",))

TEXT_TESTS = frozenset({"mentions", "contains", "starts_with", "ends_with", "matches"})
"""The tests that can tell which stretches of a text they hold for."""

Condition = FieldTest | All | AnyOf | Not

Operand = Scalar | tuple[Scalar, ...] | Ref | Condition


def tests_of(condition: Condition | None) -> Iterator[FieldTest]:
    """Every outermost test in the tree, left to right."""
    match condition:
        case None:
            return
        case FieldTest():
            yield condition
        case Not(part):
            yield from tests_of(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from tests_of(part)


def refs_of(condition: Condition | None) -> Iterator[Ref]:
    """Every reference the tree reads, operands included."""
    for test in tests_of(condition):
        if test.ref is not None:
            yield test.ref
        if isinstance(test.operand, Ref):
            yield test.operand
        elif isinstance(test.operand, FieldTest | All | AnyOf | Not):
            yield from refs_of(test.operand)
