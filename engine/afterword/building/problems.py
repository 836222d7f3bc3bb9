"""The problems that the parts of the build find, collected."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from afterword.building.names import Names
from afterword.problem import MOST, Problem, Severity, first
from afterword.source import Node, Place

Where = Node | Place
"""What a problem is about: a value, or a place in a file."""


class FullError(Exception):
    """There are so many errors that further ones are not looked for."""


class Problems:
    """Collects problems; the same one at the same place counts once, however often its text is used."""

    def __init__(self) -> None:
        self.names = Names(self)
        self._found: set[Problem] = set()
        self._errors = 0

    def error(self, where: Where, code: str, message: str, hint: str = "") -> None:
        """Something because of which there is no ruleset."""
        self.add(problem_at(where, code, message, hint, "error"))

    def warn(self, where: Where, code: str, message: str, hint: str = "") -> None:
        """Something that is most likely not meant."""
        self.add(problem_at(where, code, message, hint, "warning"))

    def miss(
        self, kinds: str | Collection[str], name: str, where: Where, code: str, message: str, hint: str = ""
    ) -> None:
        """An error because a name is used that nothing of these kinds declares."""
        kinds = (kinds,) if isinstance(kinds, str) else kinds
        self.names.miss(kinds, name, problem_at(where, code, message, hint, "error"))

    def sorted(self) -> list[Problem]:
        """All of them, by file, line and column; of very many the first ones."""
        return first(self._found)

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return self._errors

    def add(self, problem: Problem) -> None:
        """A problem that another part found."""
        if problem not in self._found:
            self._found.add(problem)
            self._errors += problem.severity == "error"
            if self._errors > MOST and problem.severity == "error":
                raise FullError

    def at(self, place: Place) -> Problem | None:
        """The first problem at this place."""
        return min(
            (each for each in self._found if (each.line, each.column, each.file) == place), default=None
        )

    def replace(self, problems: Iterable[Problem], by: Problem) -> None:
        """One problem instead of several that it causes."""
        for problem in problems:
            if problem in self._found:
                self._found.discard(problem)
                self._errors -= problem.severity == "error"
        self.add(by)


def problem_at(where: Where, code: str, message: str, hint: str, severity: Severity) -> Problem:
    """A problem at this place."""
    line, column, file = where.place() if isinstance(where, Node) else where
    return Problem(file, line, column, code, message, hint, severity)
