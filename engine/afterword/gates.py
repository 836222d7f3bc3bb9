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
    named, closed = named or {}, closed or {}
    for held, key in rule.spans:
        if isinstance(held, CaseOpen):
            yield Gate("while", _CASE, case_open)
        else:
            yield _span(rule, held, key, at, stamps.get(key), read, days, named.get(key), closed.get(key))
    for look, key in rule.looks:
        yield _look(look, at, stamps.get(key), days, named.get(key))


def _span(
    rule: CompiledRule,
    span: Span,
    key: str,
    at: int,
    since: int | None,
    read: Reader,
    days: Days,
    opened: Named | None,
    closed: Named | None,
) -> Gate:
    words = held_words(span).removeprefix("Only ").rstrip(".")
    if since is None:
        if closed is None:
            return Gate("while", words, open=False)
        return Gate("while", words, open=False, closed=_text(closed.at, days), event=closed.event)
    end = span_end(rule, key, since, read, days)
    return Gate(
        "while",
        words,
        open=end is None or at < end,
        since=_text(since, days),
        until=None if end is None else _text(end, days),
        event=opened.event if opened is not None and opened.at == since else None,
    )


def _look(look: Lookback, at: int, last: int | None, days: Days, which: Named | None) -> Gate:
    words = unless_words(look)
    if last is None:
        return Gate("unless", words, open=True)
    event = which.event if which is not None and which.at == last else None
    return Gate("unless", words, not keeps_quiet(look, last, at, days), last=_text(last, days), event=event)


def _text(at: int, days: Days) -> str:
    return days.local(at).isoformat()
