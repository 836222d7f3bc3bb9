"""Makes text safe for a terminal: logs, rules and names of files hold what others wrote."""

from __future__ import annotations

_JOINERS = "\u200c\u200d"
"""Have no look of their own, move nothing, and are a part of how some scripts and pictures are written."""


def clean(text: str) -> str:
    """One line without what could move a terminal's cursor, colour it or turn the order of its characters."""
    return text if text.isprintable() else "".join(map(_shown, text))


def clean_lines(text: str) -> str:
    """The same for several lines."""
    return "\n".join(map(clean, text.split("\n")))


def _shown(char: str) -> str:
    if char.isprintable() or char in _JOINERS:
        return char
    return " " if char.isspace() else "?"
