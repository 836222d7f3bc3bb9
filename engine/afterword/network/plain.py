"""The reference network: formulas over atoms, evaluated one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Formula: TypeAlias = "int | tuple[str, *tuple[Formula, ...]]"
"""An atom's number, `("all", part, …)` or `("any", part, …)`.

There is no negation: the opposite of a test is an atom of its own. An empty `all` always holds, an empty
`any` never does.
"""


class Entry(NamedTuple):
    """A pattern of one event type; without a formula it holds for every event of the type."""

    type: int
    formula: Formula | None


def true_of(formula: Formula, mask: int) -> bool:
    """Whether the formula holds when exactly the atoms in the mask do."""
    if isinstance(formula, int):
        return mask >> formula & 1 == 1
    word, *parts = formula
    each = (true_of(part, mask) for part in parts)
    return all(each) if word == "all" else any(each)


class PlainNetwork:
    """Asks every entry of the type in turn."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._of_type: dict[int, list[tuple[int, Formula | None]]] = {}
        for index, entry in enumerate(entries):
            self._of_type.setdefault(entry.type, []).append((index, entry.formula))

    def matching(self, type: int, mask: int) -> tuple[int, ...]:
        """The entries that hold, ascending; bit n of the mask says that atom n of the type holds."""
        entries = self._of_type.get(type, ())
        return tuple(i for i, formula in entries if formula is None or true_of(formula, mask))

    def close(self) -> None:
        """Holds nothing that needs to be given back."""
