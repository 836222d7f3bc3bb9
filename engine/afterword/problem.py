"""A problem in a file a person wrote: where it is, what is wrong, how to mend it (P3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from afterword.codes import CODES

Severity = Literal["error", "warning"]

SETTINGS = "settings"
"""Stands for the file where a problem is about the params that a caller gave."""

MOST = 200
"""How many errors, and how many warnings, of one document are reported; with so many, the first ones are what helps."""


class Problem(msgspec.Struct, frozen=True, order=True, omit_defaults=False):
    """One finding; sorts by file, line and column. Lines and columns count from 1; 0 means the whole file."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """Refuse a code that `codes.py` does not explain (a mistake of ours), and cut what is quoted at length."""
        if self.code not in CODES:
            raise ValueError(f"the problem code {self.code!r} is not declared in afterword/codes.py")
        if len(self.message) > _LONG or len(self.hint) > _LONG:
            msgspec.structs.force_setattr(self, "message", _cut(self.message))
            msgspec.structs.force_setattr(self, "hint", _cut(self.hint))

    def __str__(self) -> str:
        """`file:line:column: code: message (hint)`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


_LONG = 300
_QUOTED = re.compile(r"`([^`]{100})[^`]{20,}`")


def _cut(text: str) -> str:
    """The text with the beginning only of each long word that it quotes; one of a thousand letters hides the rest."""
    text = _QUOTED.sub(r"`\1…`", text)
    return text if len(text) <= 4 * _LONG else text[: 4 * _LONG] + "…"


def first(problems: Iterable[Problem]) -> list[Problem]:
    """Sorted by place; of very many errors or warnings the first ones, and that there are more."""
    told: list[Problem] = []
    for severity in ("error", "warning"):
        found = sorted(each for each in set(problems) if each.severity == severity and each.code != _MORE)
        told += found[:MOST]
        if len(found) > MOST:
            told.append(more_after(found[MOST - 1]))
        elif any(each.code == _MORE and each.severity == severity for each in problems):
            told.append(more_after(found[-1]))
    return sorted(told)


def more_after(last: Problem) -> Problem:
    """That there are more problems like this last one, which are not told."""
    message = f"There are more than {MOST} {last.severity}s; those after line {last.line} are not told."
    mend = "mend the first ones and check again"
    return Problem(last.file, last.line, last.column, _MORE, message, mend, last.severity)


_MORE = "too-many-problems"


class RulesetError(Exception):
    """A ruleset cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)  # what it is made of, so that another process can make it anew
        self.problems = problems

    def __str__(self) -> str:
        """Each problem on a line of its own."""
        return "\n".join(map(str, self.problems))
