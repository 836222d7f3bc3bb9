"""Which of the events that came are written down, for how long, and how: as lines of a log."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from afterword.duration import Duration, NoDuration, parse_duration
from afterword.events import Event

ALL = "all"
NONE = "none"

_NOTHING = Duration()


class Journal(NamedTuple):
    """How long events are kept: `keep` none means for ever."""

    keep: Duration | None = None
    is_kept: bool = True


def journal(events: str) -> Journal:
    """The journal of this name; raises `ValueError` where there is none."""
    if events == ALL:
        return Journal()
    if events == NONE:
        return Journal(_NOTHING, is_kept=False)
    keep = parse_duration(events)
    if isinstance(keep, NoDuration):
        raise ValueError(f"`{events}` is none of `all`, `none` and a duration. {keep.reason}")
    return Journal(keep)


def line_of(event: Event) -> bytes:
    """The event as a line of a log (S1)."""
    given = msgspec.structs.asdict(event)
    del given["ignored"]  # what was ignored was told when it came
    return msgspec.json.encode({name: value for name, value in given.items() if value is not None})
