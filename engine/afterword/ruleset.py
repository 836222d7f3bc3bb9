"""A ruleset as frozen values: one small class per concept of the language, nothing of YAML left in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec
from msgspec import field

from afterword.conditions import Condition, Ref, Scalar
from afterword.duration import Duration
from afterword.message import Template

RuleKind = Literal["recommendation", "warning"]
SeverityLevel = Literal["info", "low", "medium", "high", "critical"]
Status = Literal["draft", "stable", "deprecated"]
Scope = Literal["case", "subject"]
Again = Literal["restart", "ignore", "each"]
Alignment = Literal[
    "start of day",
    "end of day",
    "start of next day",
    "end of next day",
    "start of month",
    "end of month",
    "start of next month",
    "end of next month",
]


class FieldType(msgspec.Struct, frozen=True, omit_defaults=True):
    """A declared field of an event: `string integer number boolean date datetime array object`."""

    type: str
    title: str = ""
    description: str = ""
    enum: tuple[Scalar, ...] | None = None
    items: FieldType | None = None
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    unknown: str | None = None


class EventType(msgspec.Struct, frozen=True, omit_defaults=True):
    """A declared event type of the vocabulary (S4)."""

    name: str
    title: str = ""
    description: str = ""
    fields: Mapping[str, FieldType] = field(default_factory=dict)


class Param(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that a user may set without editing a rule; `value` is the default unless it was set."""

    name: str
    type: str
    default: Scalar | Duration
    value: Scalar | Duration
    title: str = ""
    description: str = ""


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of a case or a subject: the latest value of a field wins."""

    name: str
    sources: tuple[str, ...]
    path: tuple[str, ...]
    per: Scope = "case"
    type: FieldType = field(default_factory=lambda: FieldType("string"))
    unknown: str | None = None
    title: str = ""


class Count(msgspec.Struct, frozen=True, omit_defaults=True):
    """At least so many matching events in the sliding window `(time - within, time]` (S16)."""

    at_least: int
    within: Duration
    distinct: Ref | None = None


class Clause(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way for a pattern to hold: an event of one of these types for which the condition holds."""

    types: tuple[str, ...]
    where: Condition | None = None
    count: Count | None = None


Pattern = tuple[Clause, ...]
"""Any of its clauses."""


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A point in time: `base` (none: the anchor), then plus or minus, then alignment, then wall-clock time (S9).

    `at` is minutes after local midnight.
    """

    base: Ref | None = None
    plus: Duration | None = None
    minus: Duration | None = None
    align: Alignment | None = None
    at: int | None = None


class Window(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a recommendation is due: each bound is the first of its moments that is known now (S8, S11).

    The anchor of `start` is the triggering event's time; the anchor of `end` is the start. No `end`: the
    window stays open until the advice is fulfilled or cancelled.
    """

    start: tuple[Moment, ...] = (Moment(),)
    end: tuple[Moment, ...] | None = None


class CaseOpen(msgspec.Struct, frozen=True, tag=True):
    """`{case: open}`; for a rule per subject, at least one case of the subject is open."""


class Span(msgspec.Struct, frozen=True, tag=True):
    """Holds from an event of `since` until one of `until`, or until the first of these moments after it (S17)."""

    since: Pattern
    until: Pattern = ()
    ends: tuple[Moment, ...] = ()


class Lookback(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """One of these events came before the trigger, within this duration if one is given (S18)."""

    pattern: Pattern
    within: Duration | None = None


While = CaseOpen | Span
Unless = CaseOpen | Span | Lookback
GateWord = Literal["while", "unless"]


class RuleGate(NamedTuple):
    """One item of the `while` of a rule, which has to hold, or of its `unless`, which must not (S17, S18)."""

    word: GateWord
    number: int
    """Its place among the items of its word, from 0."""
    item: While | Unless


class Repeat(msgspec.Struct, frozen=True, omit_defaults=True):
    """The advice comes again every so often, `at_most` times in all; `at` is minutes after local midnight."""

    every: Duration
    at: int | None = None
    at_most: int | None = None


class Effective(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trigger's time must lie in `[start, end)`; microseconds since the epoch (S28)."""

    start: int | None = None
    end: int | None = None


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of advice: what makes it, when it is due, what ends it, and what it says."""

    id: str
    index: int
    kind: RuleKind
    title: str
    message: Template
    when: Pattern
    severity: SeverityLevel = "medium"
    status: Status = "stable"
    description: str = ""
    per: Scope = "case"
    while_: tuple[While, ...] = ()
    unless: tuple[Unless, ...] = ()
    due: Window = field(default_factory=Window)
    repeat: Repeat | None = None
    fulfilled_by: Pattern = ()
    cancelled_by: Pattern = ()
    cooldown: Duration | None = None
    inhibits: tuple[str, ...] = ()
    again: Again = "ignore"
    effective: Effective | None = None
    source: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    renamed_from: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    def clauses(self) -> Iterator[Clause]:
        """Every clause of the rule, whatever it is for."""
        yield from self.when
        for _, _, item in self.gates():
            if isinstance(item, Span):
                yield from item.since + item.until
            elif isinstance(item, Lookback):
                yield from item.pattern
        yield from self.fulfilled_by + self.cancelled_by

    def gates(self) -> Iterator[RuleGate]:
        """Everything that `while` and `unless` ask, in the order in which they are asked."""
        yield from (RuleGate("while", number, item) for number, item in enumerate(self.while_))
        yield from (RuleGate("unless", number, item) for number, item in enumerate(self.unless))

    def spans(self) -> Iterator[Span]:
        """Every span of the rule, whether it has to be open or must not be."""
        yield from (item for _, _, item in self.gates() if isinstance(item, Span))


class Defaults(msgspec.Struct, frozen=True, omit_defaults=True):
    """Time zone (IANA name), what a plain `day` means, holidays (`AU-WA`, dates), weekend (Monday is 0)."""

    timezone: str = "UTC"
    days: Literal["calendar", "business"] = "calendar"
    holidays: tuple[str, ...] = ()
    weekend: frozenset[int] = frozenset({5, 6})


class Cases(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which event types open a case and which close it."""

    opened_by: frozenset[str]
    closed_by: frozenset[str]


class Ruleset(msgspec.Struct, frozen=True, omit_defaults=True):
    """A checked ruleset. `digest` covers its document and the params as set. `cases` none: the first event opens."""

    name: str
    version: str
    digest: str
    title: str = ""
    description: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    defaults: Defaults = field(default_factory=Defaults)
    params: Mapping[str, Param] = field(default_factory=dict)
    lists: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    events: Mapping[str, EventType] = field(default_factory=dict)
    cases: Cases | None = None
    facts: tuple[Fact, ...] = ()
    patterns: Mapping[str, Pattern] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id; KeyError when there is none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)
