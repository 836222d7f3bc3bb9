"""Which patterns hold, given the atoms of an event: two networks with the same answers, and how to choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Literal, assert_never, get_args

from afterword.conditions import All, AnyOf, Condition, FieldTest, Not
from afterword.network.memo import Memo, Network
from afterword.network.plain import Entry, Formula, PlainNetwork

__all__ = [
    "Entry",
    "Formula",
    "Memo",
    "Network",
    "NetworkKind",
    "NetworkUnavailable",
    "available",
    "compile_condition",
    "network",
]

NetworkKind = Literal["plain", "durable"]
Number = Callable[[FieldTest, bool], int]


class NetworkUnavailable(RuntimeError):  # noqa: N818 - it says what is the case
    """The durable network was asked for by name and durable-rules is not installed."""

    def __str__(self) -> str:
        """What it needs, and what can be used instead."""
        return (
            "The network `durable` needs the package durable-rules, which cannot be imported here. "
            "It runs on CPython 3.11 and 3.12 and needs a C compiler to install: "
            "pip install 'durable-rules>=2.0.28'. The network `plain` needs neither and answers the same."
        )


def available() -> bool:
    """Whether the durable network can be had; built for another Python, the module is there and does not load."""
    try:
        import_module("durable_rules_engine")
    except ImportError:
        return False
    return True


def network(entries: Sequence[Entry], kind: str | None = None) -> Memo:
    """A network with a memory in front: the kind that is asked for, else durable where it can be had."""
    if kind not in (None, *get_args(NetworkKind)):
        raise ValueError(f"There is no network `{kind}`; choose `plain` or `durable`.")
    if kind == "plain" or (kind is None and not available()):
        return Memo(PlainNetwork(entries))
    if not available():
        raise NetworkUnavailable
    from afterword.network.durable import DurableNetwork  # noqa: PLC0415 - absent on some Pythons

    return Memo(DurableNetwork(entries))


def compile_condition(condition: Condition | None, number: Number) -> Formula | None:
    """The condition as a formula over atoms; None when it always holds.

    `number(test, positive)` gives the number of the atom that holds when the test does, or, not positive,
    when it does not: negation is pushed down to the atoms.
    """
    if condition is None:
        return None
    formula = _formula(condition, True, number)
    return None if formula == ("all",) else formula


def _formula(condition: Condition, positive: bool, number: Number) -> Formula:
    match condition:
        case FieldTest():
            return number(condition, positive)
        case Not(part):
            return _formula(part, not positive, number)
        case All(parts):
            return _joined("all" if positive else "any", [_formula(part, positive, number) for part in parts])
        case AnyOf(parts):
            return _joined("any" if positive else "all", [_formula(part, positive, number) for part in parts])
    assert_never(condition)


def _joined(word: str, parts: Sequence[Formula]) -> Formula:
    """The parts under one word, flat; a part that decides alone is the whole, a single one needs no word."""
    decisive: Formula = ("any",) if word == "all" else ("all",)
    flat: dict[Formula, None] = {}
    for part in parts:
        if part == decisive:
            return decisive
        inner = part[1:] if isinstance(part, tuple) and part[0] == word else (part,)
        flat.update(dict.fromkeys(inner))
    distinct = tuple(flat)
    return distinct[0] if len(distinct) == 1 else (word, *distinct)
