"""Whose turn it is next, and when: the instants in a heap, and at each of them everyone who waits for it.

Many wait for the same instants, the midnights above all. So the heap holds few numbers, however many wait.
"""

from __future__ import annotations

from heapq import heappop, heappush

Place = tuple[str, bool, str]
"""A subject, and whether it is in a case, and in which."""


NEVER = 1 << 62
"""Later than every instant."""


class Schedule:
    """Places with their instants, which come up in the order of both."""

    __slots__ = ("_instants", "_sorted", "_waiting", "next", "size")

    def __init__(self) -> None:
        self._waiting: dict[int, Place | list[Place]] = {}
        """Nearly always one waits alone or very many do; one alone needs no list."""
        self._instants: list[int] = []
        self._sorted: int | None = None
        """The instant whose places are in order, the last one first."""
        self.size = 0
        self.next = NEVER
        """The earliest instant that anyone waits for."""

    def put(self, at: int, place: Place) -> None:
        """Adds a place that waits for an instant."""
        self.size += 1
        waiting = self._waiting.get(at)
        if waiting is None:
            self._waiting[at] = place
            heappush(self._instants, at)
            self.next = self._instants[0]
        elif isinstance(waiting, list):
            waiting.insert(_place_in(waiting, place) if at == self._sorted else len(waiting), place)
        else:
            self._waiting[at] = sorted((waiting, place), reverse=True)

    def pop(self) -> tuple[int, Place]:
        """Takes the earliest instant, and the first of the places that wait for it."""
        at = self.next
        waiting = self._waiting[at]
        self.size -= 1
        if isinstance(waiting, list):
            if at != self._sorted:
                waiting.sort(reverse=True)
                self._sorted = at
            place = waiting.pop()
            if waiting:
                return at, place
        else:
            place = waiting
        del self._waiting[at]
        heappop(self._instants)
        self.next = self._instants[0] if self._instants else NEVER
        return at, place


def _place_in(waiting: list[Place], place: Place) -> int:
    """Where it belongs among places that descend; to sort them again for each that comes would take their square."""
    low, high = 0, len(waiting)
    while low < high:
        middle = (low + high) // 2
        if waiting[middle] > place:
            low = middle + 1
        else:
            high = middle
    return low
