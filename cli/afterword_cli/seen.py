"""Who and what came by in a log, to say what was not found among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.events import Event

MANY = 10_000
"""Among so many names, the nearest is not looked for."""


class Seen:
    """Events on their way, with the cases, people and types that came by."""

    def __init__(self, events: Iterable[Event], wanted: str | None = None) -> None:
        """`wanted` is the id of the event that is asked about."""
        self._events = events
        self._wanted = wanted
        self.found: Event | None = None
        """The event that is asked about."""
        self.cases: set[str] = set()
        self.subjects: set[str] = set()
        self.types: set[str] = set()

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            if self._wanted is not None and event.id == self._wanted and self.found is None:
                self.found = event
            self.types.add(event.type)
            self.subjects.add(event.subject)
            if event.case is not None:
                self.cases.add(event.case)
            yield event

    def missing(self, cases: Iterable[str], subjects: Iterable[str]) -> list[str]:
        """Which of these no event had, and who there is instead: a sentence for each."""
        return [*self._missing("case", cases, self.cases), *self._missing("subject", subjects, self.subjects)]

    def _missing(self, what: str, wanted: Iterable[str], known: set[str]) -> Iterator[str]:
        from afterword.suggest import hint  # noqa: PLC0415

        for name in sorted(set(wanted) - known):
            told = hint(name, known) if len(known) < MANY else ""
            yield f"No event of these logs has the {what} {name!r}. {told}".rstrip()
