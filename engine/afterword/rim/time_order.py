"""A look at the times of a log before it is read: are its lines in their order?

Only a sorted log is known for certain. What this finds in order stays so when lines among it turn out to be no
events; whatever it does not find in order has to be read as events to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import attrgetter, le
from typing import Annotated, Any

import msgspec

from afterword.strict_json import DECODE_ERRORS

_FINER_THAN_MICROSECONDS = re.compile(rb"\.[0-9]{7}")
"""The decoder rounds such times, which could hide their order."""


def are_sorted(blocks: Iterable[bytes], path: Sequence[str]) -> bool:
    """Whether all lines of these blocks are objects with a time at this path, in the order of time."""
    decode, time_of = _decoder(path)
    latest = datetime.min.replace(tzinfo=UTC)
    for block in blocks:
        if b"." in block and _FINER_THAN_MICROSECONDS.search(block) is not None:
            return False
        try:
            times = [latest, *map(time_of, decode(block))]
        except DECODE_ERRORS:
            return False
        if not all(map(le, times, islice(times, 1, None))):
            return False
        latest = times[-1]
    return True


def _decoder(path: Sequence[str]) -> tuple[Callable[[bytes], list[Any]], Callable[[Any], datetime]]:
    """What decodes lines as structs of their times alone, and what gives the time of one."""
    shape: Any = Annotated[datetime, msgspec.Meta(tz=True)]
    for name in reversed(path):
        shape = msgspec.defstruct("At", [("at", shape)], rename={"at": name}, gc=False)
    return msgspec.json.Decoder(shape).decode_lines, attrgetter(".".join(["at"] * len(path)))
