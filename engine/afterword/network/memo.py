"""Remembers what a network answered, so that it is asked once per mask that was not seen before."""

from __future__ import annotations

from typing import Protocol

LIMIT = 65_536


class Network(Protocol):
    """Which entries hold, given the atoms of an event."""

    def matching(self, type: int, mask: int) -> tuple[int, ...]:
        """The entries that hold, ascending; bit n of the mask says that atom n of the type holds."""

    def close(self) -> None:
        """Give back what the network holds; it answers nothing any more."""


class Memo:
    """A network with a memory in front; full, it forgets everything and begins again."""

    def __init__(self, network: Network, limit: int = LIMIT) -> None:
        self.network = network
        self._limit = limit
        self._known: dict[tuple[int, int], tuple[int, ...]] = {}

    def matching(self, type: int, mask: int) -> tuple[int, ...]:
        """What the network says, from memory where it can be."""
        known = self._known.get((type, mask))
        return self._ask(type, mask) if known is None else known

    def _ask(self, type: int, mask: int) -> tuple[int, ...]:
        answer = self.network.matching(type, mask)
        if len(self._known) >= self._limit:
            self._known.clear()
        self._known[type, mask] = answer
        return answer

    def close(self) -> None:
        """Close the network and forget its answers."""
        self.network.close()
        self._known.clear()
