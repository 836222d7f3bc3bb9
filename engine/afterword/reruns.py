"""A subject run again from a frame of its past, and what has to be told when it comes out differently (S24)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from afterword.events import Event
from afterword.frames import Frame, KeptEvent, Past, decode_state
from afterword.program import Program
from afterword.stream import Stream, fresh
from afterword.timeline.state import Cause
from afterword.timeline.turn import Observer
from afterword.transition import Transition


class Run:
    """One subject run from how it stood at a frame, through these events, up to the clock.

    What it notices about them is counted apart, for the events were remarked upon when they came.
    """

    def __init__(
        self,
        program: Program,
        subject: str,
        base: Frame,
        events: Iterable[tuple[KeptEvent, Event]],
        clock: int,
        observer: Observer | None = None,
    ) -> None:
        self.notes: Counter[tuple[str, str]] = Counter()
        self.out: list[Transition] = []
        stream = Stream(program, self._note, observer)
        stream.adopt(fresh(subject) if base.state is None else decode_state(base.state))
        past = Past([base])
        for kept, event in events:
            self.out += stream.expire(kept.time)
            past.append(kept, stream.subjects[subject])
            self.out += stream.take(event, kept.time)
        self.out += stream.expire(clock)
        self.frames = past.frames
        self.state = stream.subjects[subject]

    def _note(self, kind: str, about: str) -> None:
        self.notes[kind, about] += 1


def corrections(
    before: Iterable[Transition], after: Iterable[Transition], cause: Cause
) -> Iterator[Transition]:
    """What has to be told to someone who was told `before`, so that they know `after` (S24).

    A transition that is new comes as it is; one that takes the place of another names it in `replaces`; one
    that is gone is `withdrawn`.
    """
    told = {transition.id: transition for transition in before}
    for transition in after:
        other = told.pop(transition.id, None)
        if other is None:
            yield transition
        elif other != transition:
            yield replace(transition, replaces=other.id)
    for other in told.values():
        yield other.withdrawn(cause)
