"""The nearest right word, for the hint of a problem."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Collection, Iterable

_SHOWN = 8
_ALIKE = 0.7
_MANY, _FEW = 400, 100
_MOST = 5_000
"""Among more names than this, no near one is looked for."""

_LONGEST = 80
"""A longer text is not taken for a misspelt word."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None when none is near enough."""
    plain = {_plain(name): name for name in sorted(_candidates(word, known), reverse=True)}
    wanted = _plain(word)
    slips = {name: _slips(wanted, name) for name in plain if abs(len(name) - len(wanted)) <= 1}
    if slips and min(slips.values()) <= 1 < len(wanted):
        return plain[min(slips, key=lambda name: (slips[name], name))]
    close = difflib.get_close_matches(wanted, plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else None


def is_slip(word: str, other: str) -> bool:
    """Whether the two differ by a slip or two of the fingers, so that one is surely meant by the other."""
    return word != other and _slips(_plain(word), _plain(other)) <= (1 if len(other) < 6 else 2)


def is_one_slip(word: str, other: str) -> bool:
    """Whether a single slip makes the one of the other: among names of places, two make another place."""
    return _slips(_plain(word), _plain(other)) <= 1


def is_like(word: str, other: str) -> bool:
    """Whether the two are so much alike that reading the one as the other does more good than harm."""
    return (
        is_slip(word, other) or difflib.SequenceMatcher(None, _plain(word), _plain(other)).ratio() >= _ALIKE
    )


def hint(word: str, known: Iterable[str], what: str = "") -> str:
    """`did you mean `x`?`, else the known words when they are few, else nothing."""
    names = set(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean `{near}`?"
    if 0 < len(names) <= _SHOWN:
        listed = ", ".join(f"`{name}`" for name in sorted(names))
        return f"{what or 'known'}: {listed}"
    return ""


def _candidates(word: str, known: Iterable[str]) -> Iterable[str]:
    """The words to compare with: all of them, or of very many those with nearly the same letters, as that is quick."""
    names = known if isinstance(known, Collection) else list(known)
    if len(word) > _LONGEST or len(names) > _MOST:
        return ()
    if len(names) <= _MANY:
        return names
    letters = set(word)
    like = (name for name in names if abs(len(name) - len(word)) <= 3)
    return heapq.nsmallest(_FEW, like, key=lambda name: (len(letters.symmetric_difference(name)), name))


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_").replace(".", "_")


def _slips(word: str, other: str) -> int:
    """How many letters were left out, added, mistaken or swapped with their neighbour (optimal string alignment)."""
    if abs(len(word) - len(other)) > 2 or max(len(word), len(other)) > _LONGEST:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
