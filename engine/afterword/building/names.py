"""Names that are used and not declared: where a declaration is what is misspelt, it is blamed, and once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, Protocol

from afterword.problem import Problem, Severity
from afterword.source import Place
from afterword.suggest import is_slip

_PAIRS = 100_000


class _Problems(Protocol):
    def add(self, problem: Problem) -> None: ...

    def at(self, place: Place) -> Problem | None: ...

    def replace(self, problems: Iterable[Problem], by: Problem) -> None: ...


class _Missing(NamedTuple):
    kinds: Collection[str]
    problem: Problem


class Names:
    """What is declared, used and missing, by kind: `event`, `fact`, `$`, `pattern`, `value`, `TYPE.field`."""

    def __init__(self, problems: _Problems) -> None:
        self._problems = problems
        self._declared: dict[tuple[str, str], set[Place]] = {}
        self._used: set[tuple[str, str]] = set()
        self._missing: dict[str, list[_Missing]] = {}

    def declare(self, kind: str, name: str, place: Place) -> None:
        """A name is declared here."""
        self._declared.setdefault((kind, name), set()).add(place)

    def use(self, kind: str, name: str) -> None:
        """A name is used that is declared."""
        self._used.add((kind, name))

    def miss(self, kinds: Collection[str], name: str, problem: Problem) -> None:
        """A name is used that is not declared; it might be of any of these kinds."""
        missing = self._missing.setdefault(name, [])
        if not any(_is_same_word(each.problem, problem) for each in missing):
            self._problems.add(problem)
        missing.append(_Missing(kinds, problem))

    def settle(self) -> None:
        """Tells of a name that is missing in several places at the one declaration that is unused and very like it."""
        for name, missing in self._missing.items() if self._are_few() else ():
            problems = {each.problem for each in missing}
            places = {(each.file, each.line, each.column) for each in problems}
            meant = set(self._meant(name, {kind for each in missing for kind in each.kinds}))
            if len(meant) == 1:
                declared, place = meant.pop()
                told = self._problems.at(place)
                if told is not None:
                    self._problems.replace(problems, told)
                elif len(places) > 1:
                    self._problems.replace(problems, _misspelt(name, declared, place, problems))

    def _are_few(self) -> bool:
        """Whether each missing name can be held against each declared one in no time."""
        return len(self._missing) * len(self._declared) <= _PAIRS

    def _meant(self, name: str, kinds: Collection[str]) -> Iterator[tuple[str, Place]]:
        for (kind, declared), places in self._declared.items():
            if kind in kinds and (kind, declared) not in self._used and is_slip(name, declared):
                yield from ((declared, place) for place in places)


def _is_same_word(one: Problem, other: Problem) -> bool:
    """Whether an alias has put one word into several places."""
    return (one.file, one.line, one.column, one.code) == (other.file, other.line, other.column, other.code)


def _misspelt(name: str, declared: str, place: Place, problems: Collection[Problem]) -> Problem:
    first = min(problems)
    message = f"Nothing uses `{declared}`, and `{name}`, which is used in {len(problems)} places, is declared nowhere."
    mend = f"did you mean `{name}`? If not, change the uses, the first in {first.file}:{first.line}"
    severity: Severity = "error" if any(each.severity == "error" for each in problems) else "warning"
    line, column, file = place
    return Problem(file, line, column, "misspelt-name", message, mend, severity)
