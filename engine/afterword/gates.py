"""What a rule's `while` and `unless` looked for and what they saw, as data and in words (P6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import msgspec

from afterword.compiled_rules import CompiledRule
from afterword.days import Days
from afterword.describe import held_words, unless_words
from afterword.ruleset import CaseOpen, Lookback, Span
from afterword.timeline.gating import keeps_quiet, span_end
from afterword.windows import Reader


class Gate(msgspec.Struct, frozen=True, omit_defaults=True):
    """One `while` or `unless`. Times are RFC 3339 text; what is not known or did not happen is absent."""

    gate: Literal["while", "unless"]
    looks_for: str
    """What the rule file asks, in words."""
    open: bool
    """Whether it let the rule speak."""
    since: str | None = None
    """When the span of a `while` was opened."""
    until: str | None = None
    """When the span ends by time."""
    closed: str | None = None
    """When an event closed the span."""
    last: str | None = None
    """When what an `unless` looks for last happened."""
    event: str | None = None
    """Which event it was that opened, closed, or happened last."""

    def lines(self, indent: str = "") -> list[str]:
        """What it looked for, and below it what it saw."""
        mark = "yes" if self.open else "no "
        saw = self._saw_while() if self.gate == "while" else self._saw_unless()
        return [f"{indent}{mark}  {self.gate}: {self.looks_for}", f"{indent}     {saw}"]

    def _saw_while(self) -> str:
        by = f" by {self.event}" if self.event else ""
        if self.closed is not None:
            return f"closed at {self.closed}{by}"
        if self.since is None:
            return ("it is" if self.open else "none is") if self.looks_for == _CASE else "nothing opened it"
        if not self.open:
            return f"opened at {self.since}{by}, over at {self.until}"
        return f"open since {self.since}{by}" + (f", until {self.until}" if self.until else "")

    def _saw_unless(self) -> str:
        if self.last is None:
            return "that had not happened"
        named = f": {self.event}" if self.event else ""
        return f"that last happened at {self.last}" + (", longer ago" if self.open else "") + named


_CASE = "a case is open"


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
    case_open: bool = True,
    named: Mapping[str, Named] | None = None,
    closed: Mapping[str, Named] | None = None,
) -> Iterator[Gate]:
    """Every gate of the rule as it stood at this time.

    `stamps` says when each span was opened and when each lookback last held; `named` by which event, and
    `closed` which event closed a span, as far as anybody has watched.
    """
    stood = _GatesAt(rule, at, stamps, read, days, named or {}, closed or {})
    for held, key in rule.spans:
        yield Gate("while", _CASE, case_open) if isinstance(held, CaseOpen) else stood.span(held, key)
    for look, key in rule.looks:
        yield stood.look(look, key)


class _GatesAt(NamedTuple):
    """What the gates of a rule go by at one time; the mappings are by the keys of its spans and lookbacks."""

    rule: CompiledRule
    at: int
    stamps: Mapping[str, int]
    read: Reader
    days: Days
    named: Mapping[str, Named]
    closed: Mapping[str, Named]

    def span(self, span: Span, key: str) -> Gate:
        """A `while`, and whether its span is open."""
        words = held_words(span).removeprefix("Only ").rstrip(".")
        since = self.stamps.get(key)
        if since is None:
            closed = self.closed.get(key)
            if closed is None:
                return Gate("while", words, open=False)
            return Gate("while", words, open=False, closed=self._text(closed.at), event=closed.event)
        end = span_end(self.rule, key, since, self.read, self.days)
        return Gate(
            "while",
            words,
            open=end is None or self.at < end,
            since=self._text(since),
            until=None if end is None else self._text(end),
            event=self._event(key, since),
        )

    def look(self, look: Lookback, key: str) -> Gate:
        """An `unless`, and whether what it looks for lets the rule speak."""
        words, last = unless_words(look), self.stamps.get(key)
        if last is None:
            return Gate("unless", words, open=True)
        is_open = not keeps_quiet(look, last, self.at, self.days)
        return Gate("unless", words, is_open, last=self._text(last), event=self._event(key, last))

    def _event(self, key: str, at: int) -> str | None:
        """Which event it was that happened then, if that is known."""
        named = self.named.get(key)
        return named.event if named is not None and named.at == at else None

    def _text(self, at: int) -> str:
        return self.days.local(at).isoformat()
