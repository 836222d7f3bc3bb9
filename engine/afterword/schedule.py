"""Which scope is next, and when: the instants in a heap, and at each of them the scopes that wait for it.

Many wait for the same instants, the midnights above all. So the heap holds few numbers, however many wait.
"""

from __future__ import annotations

from heapq import heappop, heappush

ScopeKey = tuple[str, bool, str]
"""What names a scope: its subject, whether it is that of a case, and the case (empty for the subject itself)."""


NEVER = 1 << 62
"""Later than every instant."""


class Schedule:
    """Scopes with the instants that they wait for; they come up in the order of both."""

    __slots__ = ("_instants", "_sorted", "_waiting", "next", "size")

    def __init__(self) -> None:
        self._waiting: dict[int, ScopeKey | list[ScopeKey]] = {}
        """By instant. Nearly always one scope waits alone or very many do; one alone needs no list."""
        self._instants: list[int] = []
        self._sorted: int | None = None
        """The instant whose scopes are in order, the last one first."""
        self.size = 0
        self.next = NEVER
        """The earliest instant that any scope waits for."""

    def put(self, at: int, key: ScopeKey) -> None:
        """Adds a scope that waits for an instant."""
        self.size += 1
        waiting = self._waiting.get(at)
        if waiting is None:
            self._waiting[at] = key
            heappush(self._instants, at)
            self.next = self._instants[0]
        elif isinstance(waiting, list):
            waiting.insert(_index_in(waiting, key) if at == self._sorted else len(waiting), key)
        else:
            self._waiting[at] = sorted((waiting, key), reverse=True)

    def pop(self) -> tuple[int, ScopeKey]:
        """Takes the earliest instant, and the first of the scopes that wait for it."""
        at = self.next
        waiting = self._waiting[at]
        self.size -= 1
        if isinstance(waiting, list):
            if at != self._sorted:
                waiting.sort(reverse=True)
                self._sorted = at
            key = waiting.pop()
            if waiting:
                return at, key
        else:
            key = waiting
        del self._waiting[at]
        heappop(self._instants)
        self.next = self._instants[0] if self._instants else NEVER
        return at, key


def _index_in(waiting: list[ScopeKey], key: ScopeKey) -> int:
    """Where it belongs among keys that descend: sorting them again for each new one would take quadratic time."""
    low, high = 0, len(waiting)
    while low < high:
        middle = (low + high) // 2
        if waiting[middle] > key:
            low = middle + 1
        else:
            high = middle
    return low
