"""The times of the lines of a native log and nothing else of them, to know whether they are in order."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

import msgspec

from afterword.events import Event, decode
from afterword.rim.lines import LONGEST, line_blocks, lines
from afterword.strict_json import DECODE_ERRORS


class _When(msgspec.Struct, gc=False):
    time: Annotated[datetime, msgspec.Meta(tz=True)]


_decoder = msgspec.json.Decoder(_When)
_FINER_THAN_MICROSECONDS = re.compile(rb"\.[0-9]{7}")
"""The decoder rounds such times, which could hide their order."""


def times(stream: io.BufferedReader) -> Iterator[datetime]:
    """The time of each event, many lines at a time where that can be."""
    for last, block in line_blocks(stream):
        try:
            events = _decoder.decode_lines(block) if _is_plain(block) else None
        except DECODE_ERRORS:
            events = None
        if events is not None:
            yield from [event.time for event in events]
        else:
            first = last + block.endswith(b"\n") - block.count(b"\n")
            yield from _one_by_one(line for _, line in lines(io.BufferedReader(io.BytesIO(block)), first))


def _is_plain(piece: bytes) -> bool:
    return len(piece) <= LONGEST and _FINER_THAN_MICROSECONDS.search(piece) is None


def _one_by_one(source: Iterable[bytes]) -> Iterator[datetime]:
    for line in source:
        try:
            time = _decoder.decode(line).time if _is_plain(line) else None
        except DECODE_ERRORS:
            time = None
        if time is not None:
            yield time
        elif not line.isspace():
            found = decode(line)
            yield from (
                event.time
                for event in (found if isinstance(found, list) else [found])
                if isinstance(event, Event)
            )
