"""What the name of a log tells: whether it is standard input, or a table, and what separates its cells."""

from __future__ import annotations

STDIN = "-"
"""The name of standard input, as commands have it."""

_WITH_TABS = (".tsv", ".tab")
_TABLES = (".csv", *_WITH_TABS)


def called(name: str) -> str:
    """What sentences call an input of this name."""
    return "standard input" if name == STDIN else name


def is_table(name: str) -> bool:
    """Whether a file of this name is called a table."""
    return _unpacked(name).endswith(_TABLES)


def usual_delimiter(name: str) -> str:
    """What separates the cells of a table of this name, unless its mapping says otherwise."""
    return "\t" if _unpacked(name).endswith(_WITH_TABS) else ","


def _unpacked(name: str) -> str:
    return name.lower().removesuffix(".gz")
