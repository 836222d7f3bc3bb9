"""A transition: one change in the life of an advice, as it is handed out (S21)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec.structs import force_setattr, replace

from afterword.phrasing import Voice
from afterword.timeline.state import Advice, Cause, Spot, State

if TYPE_CHECKING:  # the fields are never decoded, so that msgspec need not know what these are
    from afterword.days import Days


class Bounds(NamedTuple):
    """A half-open window `[start, end)` as aware datetimes; `None` where a bound is not known or never comes."""

    start: dt.datetime | None
    end: dt.datetime | None


class _Window(msgspec.Struct, rename={"start": "from", "end": "until"}, gc=False):
    start: str | None
    end: str | None


class _Line(msgspec.Struct, gc=False):
    """A transition as it is written, key by key."""

    advice: str
    rule: str
    kind: str
    state: str
    time: str
    subject: str
    case: str | None
    window: _Window | None
    severity: str
    title: str
    message: str
    because: tuple[str, ...]
    matched: tuple[Spot, ...]
    cause: Cause | None
    replaces: str | None
    source: msgspec.Raw
    ruleset: msgspec.Raw
    id: str


_encoder = msgspec.json.Encoder()

ORDER = attrgetter("instant", "subject", "_case", "_voice.index", "record.id")
"""Gives the `order` of a transition; to sort many by it is quicker than by the property."""


class Transition(msgspec.Struct, frozen=True, eq=False, gc=False, weakref=False):
    """One change of an advice: what, for whom, when, and because of what.

    Times are aware datetimes in the advice's time zone; `instant` is the same moment in
    microseconds since the epoch, and `number` counts the transitions of its advice from 1. `message` is
    rendered when it is first read.
    """

    _voice: Voice
    record: Advice
    state: State
    instant: int
    subject: str
    _case: str
    """Empty where the advice is about the subject."""
    because: tuple[str, ...]
    cause: Cause | None
    _facts: Mapping[str, Any]
    _known: Mapping[str, Any]
    _days: Days
    number: int
    _start: int | None
    _end: int | None
    replaces: str | None = None
    _message: str | None = None

    @property
    def id(self) -> str:
        """Which transition of which advice this is; a correction has the id of what it replaces (S24)."""
        return f"{self.record.id}.{self.number}"

    @property
    def advice(self) -> str:
        """The advice id: the same for every transition of one advice (S22)."""
        return self.record.id

    @property
    def case(self) -> str | None:
        """The case that the advice is about; `None` for advice about the subject as such."""
        return self._case or None

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self._voice.rule.id

    @property
    def kind(self) -> str:
        """`recommendation` or `warning`."""
        return self._voice.rule.kind

    @property
    def severity(self) -> str:
        """`info`, `low`, `medium`, `high` or `critical`."""
        return self._voice.rule.severity

    @property
    def title(self) -> str:
        """The rule's title."""
        return self._voice.rule.title

    @property
    def time(self) -> dt.datetime:
        """When it happened, in the advice's time zone."""
        return self._days.local(self.instant)

    @property
    def window(self) -> Bounds | None:
        """When the recommendation is due; `None` for a warning."""
        if self._voice.rule.kind == "warning":
            return None
        return Bounds(*(None if at is None else self._days.local(at) for at in (self._start, self._end)))

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The window as instants, which costs nothing; a warning has none."""
        return self._start, self._end

    @property
    def matched(self) -> tuple[Spot, ...]:
        """The stretches of text that made it, for a client to underline."""
        return self.record.matched

    @property
    def source(self) -> Mapping[str, str]:
        """Where the advice comes from, as the rule says."""
        return self._voice.rule.source

    @property
    def message(self) -> str:
        """What the rule says, with its names filled in (S31)."""
        if self._message is None:
            message = self._voice.message(self)
            force_setattr(self, "_message", message)  # worked out from the rest, which does not change
            return message
        return self._message

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """Sorts transitions as they are handed out: time, subject, case, order of the rules, advice."""
        return ORDER(self)

    def withdrawn(self, cause: Cause) -> Transition:
        """The correction that says that this transition never was (S24); all but its state and cause is as it was."""
        return replace(self, state="withdrawn", cause=cause, replaces=self.id)

    def as_dict(self) -> dict[str, Any]:
        """The transition as JSON has it (`schemas/transition.schema.json`)."""
        return msgspec.json.decode(self.as_json())  # type: ignore[no-any-return]

    def as_json(self) -> bytes:
        """One line of NDJSON, without the newline."""
        return _encoder.encode(self._line())

    def _line(self) -> _Line:
        voice, advice, texts = self._voice, self.record.id, self._days.texts
        rule = voice.rule
        window = None
        if rule.kind != "warning":
            start, end = self._start, self._end
            window = _Window(
                None if start is None else texts[start],
                None if end is None else texts[end],
            )
        return _Line(
            advice,
            rule.id,
            rule.kind,
            self.state,
            texts[self.instant],
            self.subject,
            self._case or None,
            window,
            rule.severity,
            rule.title,
            self.message,
            self.because,
            self.record.matched,
            self.cause,
            self.replaces,
            voice.source,
            voice.edition,
            f"{advice}.{self.number}",
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Transition) or (self.state, self.instant) != (other.state, other.instant):
            return False
        return self.as_dict() == other.as_dict()

    def __ne__(self, other: object) -> bool:  # a Struct has one of its own
        return not self == other

    def __hash__(self) -> int:
        return hash((self.advice, self.state, self.instant))

    def __repr__(self) -> str:
        case = "" if self.case is None else f" case={self.case!r}"
        return f"<Transition {self.time.isoformat()} {self.rule} {self.state} subject={self.subject!r}{case}>"


def voice_of(transition: Transition) -> Voice:
    """The rule that spoke, as it was then: for the modules of the package."""
    return transition._voice


def calendar_of(transition: Transition) -> Days:
    """The calendar in which its times are told: for the modules of the package."""
    return transition._days


def ndjson(transitions: Iterable[Transition]) -> bytes:
    """Their lines, each with its newline; to write many at a time is quicker by far than one after the other."""
    return _encoder.encode_lines([transition._line() for transition in transitions])


def corrected(transitions: Iterable[Transition]) -> list[Transition]:
    """The transitions that still stand once all corrections among them are applied, in their order (S24).

    They are taken as they were handed out, one after the other. What is left is what the whole log, sorted,
    would have given; only `replaces` tells what came to be known late.
    """
    standing: dict[str, Transition] = {}
    for transition in transitions:
        if transition.replaces is not None:
            standing.pop(transition.replaces, None)
        if transition.state != "withdrawn":
            standing[transition.id] = transition
    return sorted(standing.values(), key=lambda transition: (*transition.order, transition.number))
