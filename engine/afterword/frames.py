"""What is kept of one subject's events: frames, each of them how the subject stood and the events since (S12)."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from afterword.days import EARLIEST
from afterword.events import Event
from afterword.timeline.state import SubjectState

FRAME = 32
"""How many events a frame holds at least: fewer make late events cheaper, and what is kept larger."""

FEW = 8
"""Among so many events one is found without an index."""

_EVENT = 200
"""About how many bytes an event takes: a frame's events shall weigh no less than the state that it begins with."""


class KeptEvent(NamedTuple):
    """An event as it is kept; `key` stands for its source and id, `None` when it has no id."""

    time: int
    key: bytes | None
    event: bytes
    """As JSON, which keeps the offset of its time; empty for one that its frame's state has taken already."""

    def decoded(self) -> Event:
        """The event."""
        return _decode(self.event)


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode
encode_state = msgspec.msgpack.Encoder().encode
decode_state = msgspec.msgpack.Decoder(SubjectState).decode


class Frame(msgspec.Struct, array_like=True):
    """How a subject stood (`None`: nothing was known), and its events from the instant `since` on, in order.

    `since` none: from the beginning. An event earlier than `since` does not belong here.
    """

    since: int | None
    state: bytes | None
    events: list[KeptEvent] = []

    def is_full(self) -> bool:
        """Whether it is time for another frame."""
        held = len(self.events)
        return held >= FRAME and held * _EVENT >= len(self.state or b"")

    def holding(self, events: list[KeptEvent]) -> Frame:
        """The same frame with a list of its own, of these events."""
        return Frame(self.since, self.state, list(events))


class Past:
    """What is kept of one subject's events."""

    __slots__ = ("_index", "due", "frames")

    def __init__(self, frames: Iterable[Frame] = (), due: int | None = None) -> None:
        self.frames: list[Frame] = list(frames)
        self.due = due
        """When it is next looked through for what may be let go."""
        self._index: dict[bytes | None, KeptEvent] | None = None

    def find(self, key: bytes | None) -> KeptEvent | None:
        """The latest kept event with this source and id."""
        if key is None:
            return None
        if len(self.frames) == 1 and len(self.frames[0].events) <= FEW:
            return next((kept for kept in reversed(self.frames[0].events) if kept.key == key), None)
        if self._index is None:
            self._index = {kept.key: kept for kept in self.events()}
        return self._index.get(key)

    def events(self, first: int = 0) -> Iterator[KeptEvent]:
        """The events from this frame on."""
        for frame in self.frames[first:]:
            yield from frame.events

    def last(self) -> KeptEvent | None:
        """The latest event."""
        for frame in reversed(self.frames):
            if frame.events:
                return frame.events[-1]
        return None

    def frame_of(self, time: int) -> int | None:
        """Which frame an event of this time falls into; `None` when it is older than all that is kept."""
        place = bisect_right(self.frames, time, key=since_of) - 1
        return None if place < 0 else place

    def append(self, kept: KeptEvent, state: SubjectState) -> None:
        """Adds an event that comes after all others, before the subject takes it."""
        stamp = state.stamp
        if not self.frames or (self.frames[-1].is_full() and stamp is not None and kept.time > stamp):
            begins = None if stamp is None else stamp + 1  # until then the subject stays as it is
            self.frames.append(Frame(begins, encode_state(state), []))
        self.frames[-1].events.append(kept)
        if self._index is not None:
            self._index[kept.key] = kept

    def replace(self, place: int, frames: list[Frame]) -> None:
        """Puts other frames in the place of those from this one on."""
        self.frames[place:] = frames
        self._index = None

    def drop(self, number: int) -> None:
        """Lets go of the first frames."""
        if number:
            del self.frames[:number]
            self._index = None


def since_of(frame: Frame) -> int:
    """The instant from which on events fall into it."""
    return EARLIEST if frame.since is None else frame.since


def key_of(event: Event) -> bytes | None:
    """What tells a duplicate (S3): a digest of source and id; `None` for an event without an id."""
    return None if event.id is None else digest(event.source, event.id)


def digest(source: str | None, id: str) -> bytes:
    """What stands for a source and an id where many are kept."""
    return hashlib.blake2b(f"{source or ''}\0{id}".encode(), digest_size=16).digest()
