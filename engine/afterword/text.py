"""Words and phrases in text that people wrote: whole words whatever their case, accents or apostrophes (S13).

A phrase is compared by Unicode's canonical caseless matching (full case folding of canonical decompositions),
so `é` equals `e` with an accent and `STRASSE` equals `straße`; typographic apostrophes equal plain ones, and
white space inside a phrase matches any run of white space. Spans count code points of the text as given.
Nothing here takes more than linear time, whatever the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple
from unicodedata import category, combining, normalize

LONGEST_PHRASE = 256
"""A longer phrase, counted when folded, is never mentioned: no search costs more than this per character."""

MOST_SPANS = 100
"""So many stretches are told of what one test finds in a text; finding each with a pattern may read all of it."""

LONGEST_PATTERN = 1_000

_APOSTROPHES = "’‘ʼ＇"
_IDEOGRAPHS = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Not compiled here: that costs as much as starting half of the rest, and plain English never asks.
_IDEOGRAPH = f"[{_IDEOGRAPHS}]"
# Thai, Lao, Myanmar and Khmer: words in these scripts, as in Chinese and Japanese, stand without spaces.
_UNSPACED = f"[{_IDEOGRAPHS}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
_RUN = re.compile(r"\S+")
# Normalisation sorts the accents on one letter in quadratic time, so in a long text piles are cut in pieces.
_LONGEST_SORTED = 4_096
_PILE = re.compile(r"([^\w\s\x00-\x7f]{64})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MENDS = {
    "missing )": "close the bracket, or write `\\(` for the character itself",
    "unexpected )": "open the bracket, or write `\\)` for the character itself",
    "missing ]": "close the bracket, or write `\\[` for the character itself",
    "no argument for repetition": "write something before it, or a backslash for the character itself",
    "invalid perl operator": "looking ahead or behind is not offered, because it may take endless time",
    "invalid escape": "references back to a group are not offered; a backslash is written twice",
    "invalid repetition size": "repeat at most 1000 times, also when repetitions are nested",
    "invalid character class": "write a range from low to high, as in `[a-z]`",
    "trailing \\": "end it without the backslash, or write two of them for the character itself",
    "pattern too large": "write a shorter one or repeat less",
}


class Match(NamedTuple):
    """Where something stands in a text, in code points, and the text there."""

    start: int
    end: int
    text: str


def mentions(phrases: tuple[str, ...]) -> Callable[[str], list[Match]]:
    """A search for any of the phrases as whole words: leftmost, then longest, never overlapping.

    An edge of a phrase that is no letter, digit or underscore (`C++`) needs no word boundary.
    """
    folded = {" ".join(fold(phrase).split()) for phrase in phrases}
    wanted = sorted(phrase for phrase in folded if 0 < len(phrase) <= LONGEST_PHRASE)
    keys = [(max(phrase.split(), key=len), phrase) for phrase in wanted]

    def search(text: str) -> list[Match]:
        whole = fold(text)
        likely = [phrase for key, phrase in keys if key in whole]
        if not likely:
            return []
        spaced = " ".join(whole.split())
        found = [span for phrase in likely for span in _occurrences(phrase, spaced)]
        return _leftmost_longest(text, spaced, found) if found else []

    return search


def words(text: str) -> int:
    """How many words: runs without white space that hold a letter or a digit; each ideograph is one."""
    count = 0
    if not text.isascii():
        text, count = re.subn(_IDEOGRAPH, " ", text)
    return count + sum(1 for run in text.split() if run.isalnum() or any(map(str.isalnum, run)))


def fold(text: str) -> str:
    """The text without differences of case, canonical form or apostrophe; white space stays."""
    if text.isascii():
        return text.lower()
    folded = _decomposed(_decomposed(text).casefold())
    for apostrophe in _APOSTROPHES:
        folded = folded.replace(apostrophe, "'")
    return folded


def _decomposed(text: str) -> str:
    if len(text) <= _LONGEST_SORTED or _PILE.search(text) is None:
        return normalize("NFD", text)
    return "".join(normalize("NFD", piece) for piece in _PILE.split(text))


class Regex:
    """A compiled regular expression that takes time linear in the text."""

    __slots__ = ("_compiled",)

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def search(self, text: str) -> Match | None:
        """The first match, which may be empty."""
        return next(self._matches(text), None)

    def finditer(self, text: str) -> Iterator[Match]:
        """The first hundred matches, left to right, without empty ones."""
        return (match for match in islice(self._matches(text), MOST_SPANS) if match.text)

    def _matches(self, text: str) -> Iterator[Match]:
        # RE2 reads UTF-8, which has no lone surrogates; the replacement keeps every offset.
        whole = text if text.isascii() else _SURROGATE.sub("\ufffd", text)
        for found in self._compiled.finditer(whole):
            start, end = found.span()
            yield Match(start, end, text[start:end])


class BadPattern(NamedTuple):
    """Why a text is no regular expression, in a sentence that says how to mend it."""

    reason: str


def regex(pattern: str) -> Regex | BadPattern:
    """The compiled pattern, in RE2's syntax."""
    import re2  # noqa: PLC0415 - few rulesets hold a pattern

    if len(pattern) > LONGEST_PATTERN:
        return BadPattern(f"This pattern is longer than {LONGEST_PATTERN} characters; write a shorter one.")
    if _SURROGATE.search(pattern):
        return BadPattern("This pattern holds half a character (a lone surrogate); remove it.")
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        return Regex(re2.compile(pattern, options))
    except re2.error as error:
        reason = error.args[0] if error.args else "unreadable"
        fault = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        return BadPattern(_sentence(fault))


def _sentence(reason: str) -> str:
    fault, _, place = reason.partition(": ")
    mend = next(
        (mend for start, mend in _MENDS.items() if fault.startswith(start)),
        "see https://github.com/google/re2/wiki/Syntax",
    )
    return f'This pattern has the fault "{fault}"' + (f" at `{place}`" if place else "") + f"; {mend}."


def _occurrences(phrase: str, spaced: str) -> Iterator[tuple[int, int]]:
    at = spaced.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        if _is_edge(spaced, at) and _is_edge(spaced, end):
            yield at, end
        at = spaced.find(phrase, at + 1)


def _is_edge(spaced: str, at: int) -> bool:
    """Whether a word may start or end here: no letter belongs to the one before it, no accent to a letter."""
    if at == 0 or at == len(spaced):
        return True
    before, after = spaced[at - 1], spaced[at]
    if not after.isascii() and category(after)[0] == "M":
        return False
    if not (_is_letter(before) and _is_letter(after)):
        return True
    if before.isascii() and after.isascii():
        return False
    return re.match(_UNSPACED, before) is not None or re.match(_UNSPACED, after) is not None


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or category(character)[0] == "M"


def _leftmost_longest(text: str, spaced: str, found: list[tuple[int, int]]) -> list[Match]:
    back = _way_back(text, spaced)
    spans = [(back(start)[0], back(end - 1)[1]) for start, end in found]
    matches: list[Match] = []
    done = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= done:
            matches.append(Match(start, end, text[start:end]))
            done = end
    return matches


def _way_back(text: str, spaced: str) -> Callable[[int], tuple[int, int]]:
    """From a place in the folded, single-spaced text to the start and end of what made it in the text."""
    if text.isascii() and len(text) == len(spaced):
        return lambda at: (at, at + 1)
    folded_starts: list[int] = []
    pieces: list[tuple[int, int]] = []
    at = 0
    for word in _RUN.finditer(text):
        for start, end in _pieces(text, *word.span()):
            folded_starts.append(at)
            pieces.append((start, end))
            at += len(fold(text[start:end]))
        at += 1

    def back(at: int) -> tuple[int, int]:
        index = bisect_right(folded_starts, at) - 1
        start, end = pieces[index]
        if text[start:end].isascii():
            start += at - folded_starts[index]
            return start, start + 1
        return start, end

    return back


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A word whole if it is ASCII, whose places folding keeps; else by base characters with their accents."""
    if text[start:end].isascii():
        yield start, end
        return
    for at in range(start + 1, end):
        if not combining(normalize("NFD", text[at])[0]):
            yield start, at
            start = at
    yield start, end
