"""How much of a ruleset its tests have seen, rule by rule, and what they have not (S30)."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from math import floor
from typing import Any

from afterword.coverage.branches import Branch, branches
from afterword.coverage.recorder import Recorder
from afterword.program import Program
from afterword.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """One rule: how many branches it has, and those that no test has seen."""

    rule: str
    file: str
    line: int
    total: int
    missing: tuple[Branch, ...]

    @property
    def seen(self) -> int:
        """How many branches some test has seen."""
        return self.total - len(self.missing)

    @property
    def percent(self) -> float:
        """The same of a hundred, with one decimal; 100 only when nothing is missing."""
        return _percent(self.seen, self.total)

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        missing = [
            {"place": each.place, "outcome": each.outcome, "text": each.never} for each in self.missing
        ]
        told = {"rule": self.rule, "file": self.file, "line": self.line, "percent": self.percent}
        return told | {"seen": self.seen, "total": self.total, "missing": missing}


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """All the rules of one ruleset."""

    ruleset: str
    version: str
    rules: tuple[RuleCoverage, ...]

    @property
    def total(self) -> int:
        """How many branches there are."""
        return sum(rule.total for rule in self.rules)

    @property
    def seen(self) -> int:
        """How many branches some test has seen."""
        return sum(rule.seen for rule in self.rules)

    @property
    def percent(self) -> float:
        """The same of a hundred, with one decimal; 100 only when nothing is missing."""
        return _percent(self.seen, self.total)

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        told = {"ruleset": self.ruleset, "version": self.version, "percent": self.percent}
        rules = [rule.as_dict() for rule in self.rules]
        return told | {"seen": self.seen, "total": self.total, "rules": rules}


class Coverage:
    """Collects what tests see of a ruleset, whatever params they set.

    `own` names the rules that count, none: all. Those that a ruleset only takes over from the one that it
    extends are the business of the tests that stand beside that.
    """

    def __init__(self, ruleset: Ruleset, own: Container[str] | None = None) -> None:
        self._ruleset = ruleset
        self._own = own
        self._seen: set[Branch] = set()

    def recorder(self, program: Program) -> Recorder:
        """An observer for engines that run the ruleset as it was compiled, with whatever params."""
        return Recorder(program, self._seen)

    def report(self) -> CoverageReport:
        """What was seen so far."""
        rules = self._ruleset
        return CoverageReport(rules.name, rules.version, tuple(self._rules()))

    def _rules(self) -> Iterable[RuleCoverage]:
        for rule in self._ruleset.rules:
            if self._own is not None and rule.id not in self._own:
                continue
            found = list(branches(rule, self._ruleset))
            missing = tuple(branch for branch in found if branch not in self._seen)
            yield RuleCoverage(rule.id, rule.file, rule.line, len(found), missing)


def _percent(seen: int, total: int) -> float:
    return 100.0 if total == 0 else floor(1000 * seen / total) / 10
