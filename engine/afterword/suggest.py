"""The nearest right word, for the hint of a problem."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 8


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None when none is near enough."""
    plain = {_plain(name): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(_plain(word), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def hint(word: str, known: Iterable[str], what: str = "") -> str:
    """`did you mean `x`?`, else the known words when they are few, else nothing."""
    names = sorted(set(known))
    near = nearest(word, names)
    if near is not None:
        return f"did you mean `{near}`?"
    if 0 < len(names) <= _SHOWN:
        listed = ", ".join(f"`{name}`" for name in names)
        return f"{what or 'known'}: {listed}"
    return ""


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_").replace(".", "_")
