"""The times of the lines of a log and nothing else of them, to know whether they are in order."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter, le
from typing import Annotated, Any

import msgspec

from afterword.event_time import FINER_THAN_MICROSECONDS
from afterword.events import Event, decode
from afterword.rim.lines import LONGEST, line_blocks
from afterword.strict_json import DECODE_ERRORS


class _When(msgspec.Struct, gc=False):
    time: Annotated[datetime, msgspec.Meta(tz=True)]


_decoder = msgspec.json.Decoder(_When)


def times(stream: io.BufferedReader) -> Iterator[datetime]:
    """The time of each event of a native log, many lines at a time where that can be."""
    for block in line_blocks(stream):
        content = block.content
        try:
            events = _decoder.decode_lines(content) if _is_plain(content) else None
        except DECODE_ERRORS:
            events = None
        if events is not None:
            yield from [event.time for event in events]
        else:
            yield from _one_by_one(line for _, line in block.lines())


def are_sorted(stream: io.BufferedReader, path: Sequence[str]) -> bool:
    """Whether all lines are objects with a time at this path, in the order of time.

    What is found in order stays so when some of the lines turn out to be no events; anything else has to be
    read as events to tell.
    """
    decode_lines, time_of = _decoder_of(path)
    latest = datetime.min.replace(tzinfo=UTC)
    for _, _, content in line_blocks(stream):
        try:
            found = decode_lines(content) if _is_plain(content) else None
        except DECODE_ERRORS:
            found = None
        if found is None:
            return False
        moments = [latest, *map(time_of, found)]
        if not all(map(le, moments, islice(moments, 1, None))):
            return False
        latest = moments[-1]
    return True


def _decoder_of(path: Sequence[str]) -> tuple[Callable[[bytes], list[Any]], Callable[[Any], datetime]]:
    """What decodes lines as structs of their times alone, and what gives the time of one."""
    shape: Any = Annotated[datetime, msgspec.Meta(tz=True)]
    for name in reversed(path):
        shape = msgspec.defstruct("At", [("at", shape)], rename={"at": name}, gc=False)
    return msgspec.json.Decoder(shape).decode_lines, attrgetter(".".join(["at"] * len(path)))


def _is_plain(piece: bytes) -> bool:
    """Whether no line is too long, and no time so fine that the decoder rounds it, which could hide their order."""
    return len(piece) <= LONGEST and FINER_THAN_MICROSECONDS.search(piece) is None


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
