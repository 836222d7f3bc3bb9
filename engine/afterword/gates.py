"""What a rule's `while` and `unless` looked for and what they saw, as data and in words (P6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from afterword.compiled_rules import CompiledGate, CompiledRule
from afterword.days import Days
from afterword.describe import looks_for
from afterword.ruleset import CaseOpen, Lookback, Span
from afterword.shown import local_text
from afterword.timeline.gating import is_in_span, is_recent, span_end
from afterword.windows import Reader


class Gate(msgspec.Struct, frozen=True, omit_defaults=True):
    """One `while` or `unless`. Times are RFC 3339 text; what is not known or did not happen is absent."""

    gate: Literal["while", "unless"]
    looks_for: str
    """What the rule file asks, in words."""
    open: bool
    """Whether it let the rule speak."""
    since: str | None = None
    """When the span was opened."""
    until: str | None = None
    """When the span ends by time."""
    closed: str | None = None
    """When an event closed the span."""
    last: str | None = None
    """When the event that an `unless` looks for last happened."""
    event: str | None = None
    """Which event it was that opened, closed, or happened last."""
    about: Literal["case", "span", "events"] = "events"
    """What it looks at: whether a case is open, whether a span is, or which events came before."""

    def lines(self, indent: str = "") -> list[str]:
        """What it looked for, and below it what it saw."""
        mark = "yes" if self.open else "no "
        return [f"{indent}{mark}  {self.gate}: {self.looks_for}", f"{indent}     {self._saw()}"]

    def _saw(self) -> str:
        is_so = self.open == (self.gate == "while")
        if self.about == "case":
            return "it is" if is_so else "none is"
        return self._saw_span(is_so) if self.about == "span" else self._saw_events()

    def _saw_span(self, is_open: bool) -> str:
        by = f" by {self.event}" if self.event else ""
        if self.closed is not None:
            return f"closed at {self.closed}{by}"
        if self.since is None:
            return "nothing opened it"
        if not is_open:
            return f"opened at {self.since}{by}, over at {self.until}"
        return f"open since {self.since}{by}" + (f", until {self.until}" if self.until else "")

    def _saw_events(self) -> str:
        if self.last is None:
            return "that had not happened"
        named = f": {self.event}" if self.event else ""
        return f"that last happened at {self.last}" + (", longer ago" if self.open else "") + named


class Named(NamedTuple):
    """When something happened and which event it was."""

    at: int
    event: str


def gates(
    rule: CompiledRule,
    at: int,
    stamps: Mapping[str, int],
    read: Reader,
    days: Days,
    *,
    case_open: bool | None = None,
    named: Mapping[str, Named] | None = None,
    closed: Mapping[str, Named] | None = None,
) -> Iterator[Gate]:
    """Every gate of the rule as it stood at this time.

    `stamps` says when each span was opened and when each lookback last held; `named` by which event, and
    `closed` which event closed a span, as far as anybody has watched. Of a rule that spoke nobody has to say
    whether a case was open: as it had to be.
    """
    stood = _GatesAt(at, stamps, read, days, named or {}, closed or {})
    for gate in rule.gates:
        if isinstance(gate.item, CaseOpen):
            lets_speak = case_open is None or case_open is not gate.shuts_if
            yield Gate(gate.word, looks_for(gate.word, gate.item), lets_speak, about="case")
        elif isinstance(gate.item, Span):
            yield stood.span(gate, gate.item)
        else:
            yield stood.look(gate, gate.item)


class _GatesAt(NamedTuple):
    """What the gates of a rule go by at one time; the mappings are by the keys of its spans and lookbacks."""

    at: int
    stamps: Mapping[str, int]
    read: Reader
    days: Days
    named: Mapping[str, Named]
    closed: Mapping[str, Named]

    def span(self, gate: CompiledGate, span: Span) -> Gate:
        """Whether a span is open, and whether that lets the rule speak."""
        words, since = looks_for(gate.word, span), self.stamps.get(gate.key)
        if since is None:
            closed = self.closed.get(gate.key)
            return Gate(
                gate.word,
                words,
                open=gate.shuts_if,
                about="span",
                closed=None if closed is None else local_text(closed.at, self.days),
                event=None if closed is None else closed.event,
            )
        end = span_end(gate, since, self.read, self.days)
        return Gate(
            gate.word,
            words,
            open=is_in_span(gate, since, self.at, self.read, self.days) is not gate.shuts_if,
            about="span",
            since=local_text(since, self.days),
            until=local_text(end, self.days),
            event=self._event(gate.key, since),
        )

    def look(self, gate: CompiledGate, look: Lookback) -> Gate:
        """When what a lookback looks for last happened, and whether that lets the rule speak."""
        words, last = looks_for(gate.word, look), self.stamps.get(gate.key)
        if last is None:
            return Gate(gate.word, words, open=True)
        lets_speak = not is_recent(look, last, self.at, self.days)
        at = local_text(last, self.days)
        return Gate(gate.word, words, lets_speak, last=at, event=self._event(gate.key, last))

    def _event(self, key: str, at: int) -> str | None:
        """Which event it was that happened then, if that is known."""
        named = self.named.get(key)
        return named.event if named is not None and named.at == at else None
