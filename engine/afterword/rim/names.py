"""What the name of a log tells: whether it is a table, compressed or not, and what separates its cells."""

from __future__ import annotations

_WITH_TABS = (".tsv", ".tab")
_TABLES = (".csv", *_WITH_TABS)


def is_table(name: str) -> bool:
    """Whether a file of this name is called a table."""
    return _unpacked(name).endswith(_TABLES)


def usual_delimiter(name: str) -> str:
    """What separates the cells of a table of this name, unless its mapping says otherwise."""
    return "\t" if _unpacked(name).endswith(_WITH_TABS) else ","


def _unpacked(name: str) -> str:
    return name.lower().removesuffix(".gz")
