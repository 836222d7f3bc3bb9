"""The last transitions of the latest advices that ended, so that these can still be explained (P6)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from afterword.transition import Transition

KEPT = 1_000
"""How many advices that have ended can still be explained."""

MOST_NEWS = 4 * KEPT

_LAST = frozenset({"raised", "fulfilled", "missed", "cancelled", "suppressed", "dismissed"})
"""States after which an advice may be open no more; what is suppressed or dismissed ends without a word."""


class LastWords:
    """The last transition of each of the latest advices that ended; sorted out when asked, or when it grows."""

    __slots__ = ("_known", "_news")

    def __init__(self) -> None:
        self._known: dict[str, Transition] = {}
        self._news: list[Transition] = []

    def hear(self, transitions: Iterable[Transition]) -> None:
        """Takes what was said, in its order."""
        self._news += transitions
        if len(self._news) > MOST_NEWS:
            self._sort_out()

    def on(self, advice: str) -> Transition | None:
        """The last word on an advice, if it is among the latest that ended."""
        self._sort_out()
        return self._known.get(advice)

    def _sort_out(self) -> None:
        """Keeps the latest; from the end, for most of what was said is too old to be looked at."""
        latest: dict[str, Transition] = {}
        for transition in chain(reversed(self._news), reversed(self._known.values())):
            if len(latest) == KEPT:
                break
            # Of an advice that never was, the withdrawal of its first transition is one.
            if transition.state in _LAST or (transition.state == "withdrawn" and transition.number == 1):
                latest.setdefault(transition.record.id, transition)
        self._known = dict(reversed(latest.items()))
        self._news.clear()
