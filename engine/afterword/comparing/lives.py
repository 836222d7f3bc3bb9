"""One advice under two rulesets: what it did on either side, and what became of it."""

from __future__ import annotations

from typing import Literal

from afterword.transition import Transition

AdviceFate = Literal["gained", "lost", "moved", "ended", "reworded"]
FATES: tuple[AdviceFate, ...] = ("gained", "lost", "moved", "ended", "reworded")
"""What can become of an advice, each advice counted once:

`gained`: heard now and not before. `lost`: the other way round. `ended`: heard in both, with another end.
`moved`: with the same end, and another window or another moment of something on the way. `reworded`: the same at
the same time, in other words.
"""

_HEARD = ("due", "raised")
_COMING = ("scheduled", "snoozed")
_OVER = ("raised", "fulfilled", "missed", "cancelled")


class Life:
    """One side of an advice, as small as it can be kept: its whole course is one number."""

    __slots__ = ("advice", "by", "course", "end", "heard", "start", "state", "time")

    def __init__(self) -> None:
        self.advice = ""
        self.state = ""
        self.time = 0
        self.heard: int | None = None
        self.start: int | None = None
        self.end: int | None = None
        self.by: str | None = None
        self.course = 0

    def take(self, transition: Transition) -> bool:
        """Goes on by one transition; whether it was heard by it for the first time."""
        self.advice = transition.advice
        self.time = transition.instant
        self.start, self.end = transition.bounds
        if not self._stays(transition):
            cause = transition.cause
            self.state = "scheduled" if transition.state == "rescheduled" else transition.state
            self.by = cause.rule if cause is not None and self.state == "suppressed" else None
        self.course = hash((self.course, transition.state, self.time, self.start, self.end))
        if self.heard is not None or self.state not in _HEARD:
            return False
        self.heard = self.time
        return True

    def _stays(self, transition: Transition) -> bool:
        """Whether nothing but its window moves: it is still due, held back or put off."""
        cause = transition.cause
        if transition.state != "rescheduled" or (cause is not None and cause.kind == "restarted"):
            return False
        if self.state == "due":
            return self.start is not None and self.start <= self.time
        return self.state in ("suppressed", "snoozed")

    @property
    def is_heard(self) -> bool:
        """Whether the user was told, or still will be as things stand."""
        return self.heard is not None or self.state in _COMING

    @property
    def moment(self) -> int:
        """When it is heard, as far as that is known."""
        known = (at for at in (self.heard, self.start) if at is not None)
        return next(known, self.time)

    @property
    def end_state(self) -> str:
        """How it ended, or that it has not."""
        return "scheduled" if self.state in _COMING else self.state


class Pair:
    """An advice on both sides."""

    __slots__ = ("case", "new", "old", "rule", "said", "subject", "trigger", "words", "zone")

    def __init__(self, transition: Transition) -> None:
        self.rule = transition.rule
        self.subject = transition.subject
        self.case = transition.case
        self.zone = transition.record.zone
        self.trigger = transition.record.trigger
        self.old: Life | None = None
        self.new: Life | None = None
        self.said: list[Transition | None] = [None, None]
        """By which transition each side was first heard, for as long as the stretch lasts."""
        self.words: tuple[str, str] | None = None
        """What was heard on each side, when it is not the same."""

    def life(self, side: int) -> Life:
        """The life on one side, begun if it has not."""
        found = self.new if side else self.old
        if found is None:
            found = Life()
            if side:
                self.new = found
            else:
                self.old = found
        return found

    @property
    def is_settled(self) -> bool:
        """Whether it is over on both sides, and took the same course."""
        old, new = self.old, self.new
        return (
            old is not None
            and new is not None
            and old.course == new.course
            and old.state in _OVER
            and self.words is None
        )

    @property
    def shift(self) -> tuple[int, int | None]:
        """How much later it is heard now, or will be, and how much later its window closes."""
        assert self.old is not None
        assert self.new is not None
        was, now = self.old.moment, self.new.moment
        ends = (self.old.end, self.new.end)
        return now - was, None if None in ends else ends[1] - ends[0]  # type: ignore[operator]

    @property
    def fate(self) -> AdviceFate | None:
        """What became of it; None when nothing did, or nobody heard of it either way."""
        was = self.old is not None and self.old.is_heard
        now = self.new is not None and self.new.is_heard
        if was != now:
            return "gained" if now else "lost"
        if not was or self.old is None or self.new is None:
            return None
        if self.old.end_state != self.new.end_state:
            return "ended"
        if self.old.course != self.new.course:
            return "moved"
        return None if self.words is None else "reworded"
