"""Plain scalars in the meaning of YAML 1.2 (S29), and where the characters of a text stand as written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping

_MAX_DIGITS = 400

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def scalar(text: str) -> bool | int | float | str | None:
    """What a plain (unquoted) scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return math.nan
    return text


def _integer(text: str) -> int | float:
    if len(text) > _MAX_DIGITS:
        return math.inf
    if text[:2] in ("0o", "0x"):
        return int(text, 0)
    return int(text)


def too_big(value: object) -> bool:
    """Whether this is a number that cannot be counted with: infinite, no number, or beyond 64 bits."""
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and not -(1 << 63) <= value < (1 << 63)


def written_offsets(written: str, value: str, offsets: Iterable[int]) -> Iterator[int]:
    """How far into a scalar as written these characters of its value stand, told from the first to the last.

    Folding, indentation and the joining of lines change white space only, so the characters that are not
    white space line up one by one; escapes and doubled quotes count as the one character they mean.
    """
    at, before = _content_start(written), 0
    quote = written[0] if written[:1] in ("'", '"') else ""
    for offset in offsets:
        solid = sum(not char.isspace() for char in value[before:offset])
        stays = solid == 0 and before and value[offset : offset + 1].isspace()
        while at < len(written) and not stays:
            length, blank = _unit(written, at, quote)
            if not blank:
                if solid == 0:
                    break
                solid -= 1
            at += length
            stays = solid == 0 and value[offset : offset + 1].isspace()
        before = offset
        yield min(at, len(written))


def _content_start(written: str) -> int:
    if written[:1] in ("'", '"'):
        return 1
    if written[:1] in ("|", ">"):
        return written.find("\n") + 1
    return 0


_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_BLANK_ESCAPES = frozenset(" \n\rtnr_NLP")


def _unit(written: str, at: int, quote: str) -> tuple[int, bool]:
    """Length of the next character as written, and whether it is (or means) white space."""
    if quote == '"' and written[at] == "\\":
        letter = written[at + 1 : at + 2]
        return _ESCAPE_LENGTHS.get(letter, 2), letter in _BLANK_ESCAPES
    if quote == "'" and written.startswith("''", at):
        return 2, False
    return 1, written[at].isspace()
