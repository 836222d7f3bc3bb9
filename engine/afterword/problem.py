"""A problem in a file a person wrote: where it is, what is wrong, how to mend it (P3)."""

from __future__ import annotations

from typing import Literal

import msgspec

from afterword.codes import CODES

Severity = Literal["error", "warning"]


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
        """Refuse a code that `codes.py` does not explain: a mistake of ours, not of the file."""
        if self.code not in CODES:
            raise ValueError(f"the problem code {self.code!r} is not declared in afterword/codes.py")

    def __str__(self) -> str:
        """`file:line:column: code: message (hint)`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.code}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class RulesetError(Exception):
    """A ruleset cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
