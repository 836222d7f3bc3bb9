"""What is remembered of a subject and of each of its cases: plain records that encode as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NoReturn

import msgspec

from afterword.ruleset import Scope


class _Nothing(dict[str, Any]):
    """A dictionary that stays empty."""

    __slots__ = ()

    def __setitem__(self, key: str, value: Any) -> None:
        raise TypeError(f"{key!r} would be remembered for everybody")

    def setdefault(self, key: str, _: Any = None, /) -> Any:
        raise TypeError(f"{key!r} would be remembered for everybody")

    def update(self, *_: Any, **__: Any) -> None:
        raise TypeError("this would be remembered for everybody")

    def __ior__(self, _: Any, /) -> NoReturn:  # type: ignore[misc]
        # Beside `update`, for it does not go through that.
        raise TypeError("this would be remembered for everybody")


NOTHING: dict[str, Any] = _Nothing()
"""What is empty, in all records: one dictionary that they share, not ten for each of a million cases."""

OpenState = Literal["scheduled", "due", "suppressed", "snoozed", "dismissed", "missed"]
"""`missed` is kept only for the agenda, as overdue, in `ScopeState.missed`."""

State = Literal[
    "scheduled",
    "rescheduled",
    "due",
    "fulfilled",
    "missed",
    "cancelled",
    "suppressed",
    "dismissed",
    "snoozed",
    "raised",
    "withdrawn",
]
"""`withdrawn` is no state of an advice: it says that a transition never was (S24)."""

CauseKind = Literal[
    "event",
    "closed",
    "cooldown",
    "inhibited",
    "released",
    "restarted",
    "fact",
    "snooze over",
    "reopened",
    "user",
    "late event",
    "rules changed",
]


class Cause(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a transition happened when it was not time alone. `until` is RFC 3339 text or absent."""

    kind: CauseKind
    rule: str | None = None
    advice: str | None = None
    event: str | None = None
    fact: str | None = None
    until: str | None = None
    reason: str | None = None


class HistoryEntry(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One line of an advice's history."""

    state: State
    time: int
    cause: Cause | None = None


TOLD = 100
"""So much is told of an advice, the latest: of its transitions, of the events that made it, of those that a count has
seen. An advice that is restarted every day would else hold, and each of its transitions too, all that went before."""


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A stretch of text that a test matched; offsets count code points of the original text."""

    field: str
    start: int
    end: int
    text: str


class Advice(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """One advice and where it stands. Instants are microseconds since the epoch, UTC."""

    id: str
    rule: str
    state: State
    zone: str
    anchor: int
    """The time of the trigger, or of the occurrence of a repeat."""
    trigger: str
    trigger_type: str
    occurrence: int = 0
    start: int | None = None
    end: int | None = None
    until: int | None = None
    """When a snooze or a suppression ends."""
    clause: int = 0
    seen: dict[str, Any]
    """The values the conditions and the message read, by path, as they were at the trigger."""
    because: tuple[str, ...]
    restarts: int = 0
    """How often a new trigger has measured it again, so that its occurrences have ids of their own each time."""
    matched: tuple[Spot, ...] = ()
    count: int | None = None
    gates: Mapping[str, int] = NOTHING
    """When each `while` was opened, and when each `unless` last held, as it stood at the trigger."""
    cause: Cause | None = None
    history: tuple[HistoryEntry, ...] = ()
    """The latest `TOLD` of its transitions."""
    told: int = 0
    """How many transitions it has had; 0 if that is as many as its history holds."""

    @property
    def number(self) -> int:
        """How many transitions it has had."""
        return self.told or len(self.history)


class Series(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A repeating rule that is running: which occurrence comes next, and when."""

    rule: str
    trigger: Advice
    """The first occurrence as it was made; the later ones take their values from it."""
    occurrence: int
    anchor: int
    next: int


class Counted(msgspec.Struct, frozen=True, gc=False):
    """One event that a count remembers, until its window has passed it."""

    time: int
    event: str
    value: str | None = None


class Quiet(msgspec.Struct, frozen=True, gc=False):
    """A cooldown that runs, or an inhibition that holds; `until` None: as long as the advice is due."""

    until: int | None
    advice: str


class ScopeState(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """The memory of one case, or (`case` None) of the subject itself.

    What is empty from the start is `NOTHING`, which all share; who adds to it makes a dictionary first.
    """

    case: str | None
    open: bool
    opened: int | None = None
    """When the case was last opened."""
    zone: str | None = None
    facts: dict[str, Any] = NOTHING
    """Replaced, never changed in place: a transition holds on to the facts of its moment."""
    told_by: dict[str, str] = NOTHING
    """Which event gave each fact."""
    advices: dict[str, Advice] = NOTHING
    missed: dict[str, Advice] = NOTHING
    series: dict[str, Series] = NOTHING
    spans: dict[str, int] = NOTHING
    last: dict[str, int] = NOTHING
    """When each lookback's pattern last held."""
    counts: dict[str, list[Counted]] = NOTHING
    cooldowns: dict[str, Quiet] = NOTHING
    inhibitors: dict[str, Quiet] = NOTHING
    day: str | None = None
    """The last local date whose passing was told."""
    next_day: int | None = None
    passed: dict[str, str] = NOTHING
    """For each date fact, the date whose passing was told."""
    deadline: int | None = None
    """The next instant at which something here is due to happen."""

    @property
    def kind(self) -> Scope:
        """Whether this is the memory of a case or of a subject."""
        return "subject" if self.case is None else "case"

    @property
    def remembers(self) -> bool:
        """Whether the scope keeps a memory: a subject always, a case as long as it is open."""
        return self.open or self.case is None

    @property
    def all_advices(self) -> list[Advice]:
        """Every advice that is kept here: open, overdue, and the first of each repeat."""
        repeated = (series.trigger for series in self.series.values())
        return [*self.advices.values(), *self.missed.values(), *repeated]


class SubjectState(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """Everything remembered of one subject."""

    subject: str
    own: ScopeState
    cases: dict[str, ScopeState] = {}
    open_cases: int = 0
    stamp: int | None = None
    """When something last happened to this subject: an event or a deadline."""
    same_at: int | None = None
    same: dict[str, int] | str = NOTHING
    """How many equal events without an id came at `same_at`, to tell them apart; of a single one, only which it is."""
