"""Compares two texts word by word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

_ALIKE = 0.6
"""Texts that share less than this of their words are better read one after the other."""

_BRIDGE = 1
"""So few words that stayed between two changes are told as changed too: it reads better."""


class Segment(msgspec.Struct, frozen=True):
    """Some words, and what became of them."""

    fate: Literal["same", "gone", "came"]
    text: str


def compare_words(old: str, new: str) -> tuple[Segment, ...]:
    """The words of both texts in the order of reading; what went stands before what came in its place."""
    before, after = old.split(), new.split()
    found: list[Segment] = []
    for same, gone, came in _joined(list(_stretches(before, after))):
        found += [
            Segment(fate, " ".join(words))  # type: ignore[arg-type]
            for fate, words in (("gone", gone), ("came", came), ("same", same))
            if words
        ]
    return tuple(found)


def is_alike(segments: Sequence[Segment]) -> bool:
    """Whether so much stayed that the two texts are best read as one."""
    kept = sum(2 * len(each.text.split()) for each in segments if each.fate == "same")
    changed = sum(len(each.text.split()) for each in segments if each.fate != "same")
    return kept >= _ALIKE * (kept + changed)


def side(segments: Sequence[Segment], without: Literal["gone", "came"]) -> str:
    """One of the two texts, with its white space as single spaces."""
    return " ".join(each.text for each in segments if each.fate != without)


Stretch = tuple[list[str], list[str], list[str]]
"""Words that went and words that came, and the words after them that stayed: `(stayed, went, came)`."""


def _stretches(before: list[str], after: list[str]) -> Iterator[Stretch]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    gone: list[str] = []
    came: list[str] = []
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            yield before[first:last], gone, came
            gone, came = [], []
        else:
            gone, came = before[first:last], after[start:end]
    if gone or came:
        yield [], gone, came


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Joins changes that next to nothing keeps apart."""
    joined: list[Stretch] = []
    for same, gone, came in stretches:
        if joined and (gone or came) and _is_bridge(joined[-1]):
            bridge, went, arrived = joined.pop()
            joined.append((same, [*went, *bridge, *gone], [*arrived, *bridge, *came]))
        else:
            joined.append((same, gone, came))
    return joined


def _is_bridge(stretch: Stretch) -> bool:
    same, gone, came = stretch
    return bool(gone or came) and len(same) <= _BRIDGE
