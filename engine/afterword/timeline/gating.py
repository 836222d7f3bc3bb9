"""Whether a rule whose pattern holds may speak: its effective dates, its `while` and its `unless` (S17, S18, S28)."""

from __future__ import annotations

from afterword.compiled_rules import CompiledRule
from afterword.days import Days
from afterword.plans import Uses
from afterword.ruleset import CaseOpen, Lookback
from afterword.timeline.happening import Happening
from afterword.timeline.state import NOTHING, ScopeState
from afterword.timeline.turn import Outcome, Turn
from afterword.windows import Reader


def gate(
    turn: Turn, scope: ScopeState, rule: CompiledRule, at: int, triggered: int | None = None
) -> Outcome | None:
    """What keeps a rule whose pattern holds from speaking; none if nothing does.

    `triggered` is when a repeat was: its own trigger keeps none of its occurrences quiet, as it did not the first.
    """
    effective = rule.rule.effective
    if effective is not None and (
        (effective.start is not None and at < effective.start)
        or (effective.end is not None and at >= effective.end)
    ):
        return Outcome("effective")
    for number, (while_, key) in enumerate(rule.spans):
        is_about_case = isinstance(while_, CaseOpen)
        if not (is_case_open(turn, scope) if is_about_case else _is_in_span(turn, scope, rule, key, at)):
            return Outcome("while", {"while": number})
    for number, (look, key) in enumerate(rule.looks):
        last = scope.last.get(key)
        if (
            last is not None
            and last != triggered
            and keeps_quiet(look, last, at, turn.days[turn.zone(scope)])
        ):
            return Outcome("unless", {"unless": number, "last": last})
    return None


def is_case_open(turn: Turn, scope: ScopeState) -> bool:
    """Whether the case is open; for a subject, whether any is."""
    return scope.open if scope.case is not None else turn.subject.open_cases > 0


def _is_in_span(turn: Turn, scope: ScopeState, rule: CompiledRule, key: str, at: int) -> bool:
    """Whether a span is open: `[since, until)` (S8, S17)."""
    since = scope.spans.get(key)
    if since is None or not rule.ends[key]:
        return since is not None
    end = span_end(rule, key, since, turn.facts_reader(scope), turn.days[turn.zone(scope)])
    return end is None or at < end


def span_end(rule: CompiledRule, key: str, since: int, read: Reader, days: Days) -> int | None:
    """When the first of the moments of its `until` closes a span; `None` while none of them is known."""
    ends = [locate(since, read, days) for locate in rule.ends[key]]
    return min((end for end in ends if end is not None), default=None)


def keeps_quiet(look: Lookback, last: int, at: int, days: Days) -> bool:
    """Whether an `unless` keeps its rule quiet, if what it looks for last happened then."""
    return look.within is None or days.add(last, look.within) > at


def note_spans(scope: ScopeState, event: Happening, uses: Uses) -> None:
    """Closes the spans that the event ends, and opens those that it begins."""
    for use in uses.closes_span:
        scope.spans.pop(use.key, None)
    if uses.opens_span and scope.remembers:  # the event that closes a case can end a span, and begins none
        scope.spans = scope.spans or {}
        for use in uses.opens_span:
            scope.spans[use.key] = event.time


def stamps(scope: ScopeState, rule: CompiledRule) -> dict[str, int]:
    """What the gates of a rule go by now: when a span was opened, when a lookback last held."""
    spans, last = scope.spans, scope.last
    found = {key: spans[key] for key in rule.ends if key in spans}
    for _, key in rule.looks:
        if key in last:
            found[key] = last[key]
    return found or NOTHING
