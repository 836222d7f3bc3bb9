"""A transition: one change in the life of an advice, as it is handed out (S21)."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from afterword import message
from afterword.message import MESSAGE_WORDS
from afterword.timeline.state import Advice, Cause, Spot, State

if TYPE_CHECKING:  # the fields are never decoded, so that msgspec need not know what these are
    from afterword.days import Days
    from afterword.ruleset import Rule, Ruleset


class Bounds(NamedTuple):
    """A half-open window `[start, end)` as aware datetimes; `None` where a bound is not known or never comes."""

    start: dt.datetime | None
    end: dt.datetime | None


class _Window(msgspec.Struct, rename={"start": "from", "end": "until"}, gc=False):
    start: str | None
    end: str | None


class _Edition(msgspec.Struct, gc=False):
    name: str
    version: str
    digest: str


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
    source: Mapping[str, str]
    ruleset: _Edition
    id: str


_encode = msgspec.json.Encoder().encode


class Transition(msgspec.Struct, eq=False, gc=False, weakref=False):
    """One change of an advice: what, for whom, when, and because of what.

    Treat it as frozen. Times are aware datetimes in the advice's time zone; `instant` is the same moment in
    microseconds since the epoch, and `number` counts the transitions of its advice from 1. `message` is
    rendered when it is first read.
    """

    _ruleset: Ruleset
    _rule: Rule
    record: Advice
    state: State
    instant: int
    subject: str
    case: str | None
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
    def rule(self) -> str:
        """The id of the rule."""
        return self._rule.id

    @property
    def kind(self) -> str:
        """`recommendation` or `warning`."""
        return self._rule.kind

    @property
    def severity(self) -> str:
        """`info`, `low`, `medium`, `high` or `critical`."""
        return self._rule.severity

    @property
    def title(self) -> str:
        """The rule's title."""
        return self._rule.title

    @property
    def time(self) -> dt.datetime:
        """When it happened, in the advice's time zone."""
        return self._days.local(self.instant)

    @property
    def window(self) -> Bounds | None:
        """When the recommendation is due; `None` for a warning."""
        if self._rule.kind == "warning":
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
        return self._rule.source

    @property
    def message(self) -> str:
        """What the rule says, with its names filled in (S31)."""
        if self._message is None:
            self._message = message.render(self._rule.message, self._value, self._days)
        return self._message

    @property
    def order(self) -> tuple[int, str, str, int, str]:
        """Sorts transitions as they are handed out: time, subject, case, order of the rules, advice."""
        return (self.instant, self.subject, self.case or "", self._rule.index, self.record.id)

    def withdrawn(self, cause: Cause) -> Transition:
        """The correction that says that this transition never was (S24); all but its state and cause is as it was."""
        other = copy.copy(self)
        other.state, other.cause, other.replaces = "withdrawn", cause, self.id
        return other

    def as_dict(self) -> dict[str, Any]:
        """The transition as JSON has it (`schemas/transition.schema.json`)."""
        return msgspec.json.decode(self.as_json())  # type: ignore[no-any-return]

    def as_json(self) -> bytes:
        """One line of NDJSON, without the newline."""
        return _encode(self._line())

    def _line(self) -> _Line:
        rule, ruleset, text, start, end = self._rule, self._ruleset, self._days.text, self._start, self._end
        window = None
        if rule.kind != "warning":
            window = _Window(None if start is None else text(start), None if end is None else text(end))
        return _Line(
            self.record.id,
            rule.id,
            rule.kind,
            self.state,
            text(self.instant),
            self.subject,
            self.case,
            window,
            rule.severity,
            rule.title,
            self.message,
            self.because,
            self.record.matched,
            self.cause,
            self.replaces,
            rule.source,
            _Edition(ruleset.name, ruleset.version, ruleset.digest),
            self.id,
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

    def _value(self, path: str) -> object:
        """What a name in the message stands for."""
        if path in _SPECIAL or path.startswith("params."):
            special = self._special(path)
            if special is not None:
                return special
        head, *rest = path.split(".")
        if path in ("case.open", "subject.open_cases"):
            found, unknown = self.record.seen.get(path), ""
        elif head == "case" and rest:
            found, unknown = _dig(self._facts, rest), self._unknown_fact("case", rest[0])
        elif head == "subject" and rest:
            found, unknown = _dig(self._known, rest), self._unknown_fact("subject", rest[0])
        else:
            found, unknown = self.record.seen.get(path), self._unknown_field(path)
        return message.Unknown(unknown) if found is None else found

    def _special(self, path: str) -> object:
        match path:
            case "matched":
                return ", ".join(dict.fromkeys(spot.text for spot in self.record.matched))
            case "count":
                return self.record.count
            case "within":
                clause = self._rule.when[self.record.clause]
                return None if clause.count is None else str(clause.count.within)
            case "due.from":
                return _instant(self._start, exclusive=False)
            case "due.until":
                return _instant(self._end, exclusive=True)
            case "case.id":
                return self.case
            case "subject.id":
                return self.subject
            case "event.time":
                return _instant(self.record.anchor, exclusive=False)
        head, _, name = path.partition(".")
        if head == "params" and name in self._ruleset.params:
            value = self._ruleset.params[name].value
            return value if isinstance(value, str | int | float | bool) else str(value)
        return None

    def _unknown_fact(self, scope: str, name: str) -> str:
        for fact in self._ruleset.facts:
            if fact.name == name and fact.per == scope and fact.unknown is not None:
                return fact.unknown
        return f"(unknown {name.replace('_', ' ')})"

    def _unknown_field(self, path: str) -> str:
        declared = self._ruleset.events.get(self.record.trigger_type)
        name, *rest = path.split(".")
        field = declared.fields.get(name) if declared else None
        if field is not None and not rest and field.unknown is not None:
            return field.unknown
        return f"(unknown {path.rpartition('.')[2].replace('_', ' ')})"


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


_SPECIAL = frozenset({*MESSAGE_WORDS, "case.id", "subject.id", "event.time"})


def _instant(at: int | None, *, exclusive: bool) -> object:
    return message.Unknown("an open date") if at is None else message.Instant(at, exclusive)


def _dig(value: object, path: list[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
