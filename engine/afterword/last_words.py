"""The last words on the latest advices that ended, for whoever asks afterwards why they were said (P6)."""

from __future__ import annotations

from collections.abc import Iterable

from afterword.transition import Transition

KEPT = 1_000
"""How many advices that have ended can still be explained."""

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
        if len(self._news) > KEPT:
            self._sort_out()

    def on(self, advice: str) -> Transition | None:
        """The last word on an advice, if it is among the latest that ended."""
        self._sort_out()
        return self._known.get(advice)

    def _sort_out(self) -> None:
        known = self._known
        for transition in self._news:
            # Of an advice that never was, the withdrawal of its first transition is the last word.
            if transition.state in _LAST or (transition.state == "withdrawn" and transition.number == 1):
                advice = transition.record.id
                known.pop(advice, None)  # the latest come last
                known[advice] = transition
        self._news.clear()
        for advice in list(known)[: max(0, len(known) - KEPT)]:
            del known[advice]
