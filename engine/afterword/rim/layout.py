"""What kind of file a log is, told from its beginning, or why it is none (P3)."""

from __future__ import annotations

import codecs
import re
from typing import Literal

import msgspec

from afterword.rim.mapping import LogMapping
from afterword.rim.names import is_table
from afterword.rim.opening import Input, LogError
from afterword.strict_json import DECODE_ERRORS

HEAD = 1 << 16
"""How many bytes are looked at."""

Layout = Literal["lines", "document", "table"]
"""JSON Lines; JSON spread over lines or in one array; a table."""


def layout_of(source: Input, head: bytes, mapping: LogMapping | None) -> Layout:
    """The layout of a file that begins with these bytes (LogError)."""
    table = _is_table(source, head, mapping)
    _refuse_other_files(
        source.name, head, utf16=table and mapping is not None and mapping.encoding == "utf-16"
    )
    if not table:
        return "document" if _is_document(head) else "lines"
    if mapping is None:
        reason = "A table needs a mapping, which says what its columns mean."
        raise LogError(source.name, reason, "write one and name it with `--map`")
    return "table"


def _is_table(source: Input, head: bytes, mapping: LogMapping | None) -> bool:
    if mapping is not None and mapping.format is not None:
        return mapping.format == "csv"
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return False
    return mapping is not None or is_table(source.path)


def _refuse_other_files(name: str, head: bytes, utf16: bool) -> None:
    if head.startswith(b"PK\x03\x04"):
        raise LogError(
            name, "This is a zip archive, as spreadsheets are.", "save the sheet as CSV, or unpack it"
        )
    start = head[:1024]
    if utf16 or start.count(0) <= len(start) // 100:
        return  # of a text that has a few such bytes, each line that does is told by itself
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _looks_like_utf16(start):
        mend = "save it as UTF-8; for a table, `encoding: utf-16` in the mapping will do"
        raise LogError(name, "This text is stored as UTF-16.", mend)
    if not re.search(rb"(?m)^[{\[]", head):
        raise LogError(name, "This is not a text file.", "a log is JSON Lines, JSON or CSV")


def _is_document(head: bytes) -> bool:
    first, _, rest = head.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")
    follows = rest.lstrip()[:1]
    try:
        msgspec.json.decode(first)
    except DECODE_ERRORS:
        # An object that is cut off is followed by the next one; one that is spread out is not.
        array = re.match(rb"\[\s*(?:\{|$)", first) is not None
        return array or (first.startswith(b"{") and follows not in (b"{", b""))
    return first.startswith(b"[") and not follows


def _looks_like_utf16(head: bytes) -> bool:
    return any(half and half.count(0) > len(half) * 0.8 for half in (head[::2], head[1::2]))
