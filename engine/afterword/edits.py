"""What an edit of the rules does to what is under way: the state of a subject, carried from one ruleset to the next.

State hangs on rule ids. A rule that is gone takes its open advice with it; one that was renamed keeps it; one
whose window was edited has it measured again. Each of these is told as a transition at the clock's time. A
count, span or lookback whose pattern was edited begins anew, a repeat goes on in its new rhythm. All else takes
effect from the next event on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from msgspec.structs import replace

from afterword.compiled_rules import CompiledRule, compiled_rule, count_key
from afterword.message import Template
from afterword.phrasing import Voice
from afterword.program import Program
from afterword.ruleset import Fact, Lookback, Rule, Span
from afterword.snapshot import Head, RuleMark
from afterword.timeline import life, step
from afterword.timeline.state import Advice, Cause, ScopeState, Series
from afterword.timeline.turn import Turn

_T = TypeVar("_T")

CHANGED = Cause(kind="rules changed")

_GONE = Template(("The rule is gone: this advice no longer stands.",))


def rule_marks(program: Program) -> dict[str, RuleMark]:
    """What has to be known of each rule to tell later what became of it."""
    defaults = program.ruleset.defaults
    return {
        each.rule.id: RuleMark(
            each.rule.title,
            each.rule.kind,
            each.rule.severity,
            _digest((each.rule.due, defaults.timezone, sorted(defaults.weekend), sorted(defaults.holidays))),
        )
        for each in program.rules
    }


def pattern_marks(program: Program) -> dict[str, str]:
    """For each count, span and lookback, by the key under which states keep it: a digest of what it looks for."""
    found: dict[str, str] = {}
    for each in program.rules:
        for number, clause in enumerate(each.rule.when):
            if clause.count is not None:
                found[count_key(each.rule, number)] = _digest(
                    (clause.types, clause.where, clause.count.distinct)
                )
        for gate in each.gates:
            if isinstance(gate.item, Span):
                found[gate.key] = _digest((gate.item.since, gate.item.until))
            elif isinstance(gate.item, Lookback):
                found[gate.key] = _digest(gate.item.pattern)
    return found


def _digest(value: object) -> str:
    """Of frozen values of a ruleset, whose text shows all that they mean."""
    return hashlib.blake2b(repr(value).encode(), digest_size=8).hexdigest()


class Edit:
    """What has changed between the rules that a state was made under and these."""

    def __init__(self, program: Program, before: Head) -> None:
        self.head = before
        self._program = program
        self._before = before.rules
        self._renamed = {
            old: each.rule.id
            for each in program.rules
            for old in each.rule.renamed_from
            if old not in program.by_id
        }
        marks = rule_marks(program)
        self._moved = {
            id_
            for old, mark in before.rules.items()
            if (id_ := self._renamed.get(old, old)) in marks and marks[id_].due != mark.due
        }
        self._kept = self._same_patterns(before.patterns, pattern_marks(program))

    def carry(self, turn: Turn) -> None:
        """Carries one subject over; the turn's moment is the clock's, and its transitions tell what happened."""
        scopes = [turn.subject.own, *(turn.subject.cases[name] for name in sorted(turn.subject.cases))]
        for scope in scopes:
            self._rename(scope)
            self._prune(scope)
        for scope in scopes:
            self._cancel_gone(turn, scope)
        for scope in scopes:
            self._settle(turn, scope)
        step.follow(turn)

    # --- names

    def _same_patterns(self, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
        """Under which key goes on what was kept under another: of the same rule and pattern.

        Since when a span is open is the same whether a rule has to speak in it or keep quiet.
        """
        free: dict[tuple[str, str], list[str]] = {}
        for key, digest in after.items():
            free.setdefault((key.partition("/")[0], digest), []).append(key)
        found: dict[str, str] = {}
        for key, digest in before.items():
            places = free.get((self._key(key).partition("/")[0], digest))
            if places:
                found[key] = places.pop(0)
        return found

    def _key(self, key: str) -> str:
        """A key of the form RULE/… under the rule's new name."""
        rule, slash, rest = key.partition("/")
        return self._renamed.get(rule, rule) + slash + rest

    def _rename(self, scope: ScopeState) -> None:
        for advice in scope.all_advices:
            advice.rule = self._renamed.get(advice.rule, advice.rule)
        for series in scope.series.values():
            series.rule = self._renamed.get(series.rule, series.rule)
        scope.series = _renamed(scope.series, self._key)
        scope.cooldowns = _renamed(scope.cooldowns, self._key)
        scope.inhibitors = _renamed(scope.inhibitors, self._key)

    # --- what no rule asks for any more

    def _prune(self, scope: ScopeState) -> None:
        by_id, kind = self._program.by_id, scope.kind
        scope.spans = _moved(scope.spans, self._kept)
        scope.last = _moved(scope.last, self._kept)
        scope.counts = _moved(scope.counts, self._kept)
        scope.cooldowns = _only(scope.cooldowns, {id_ for id_, each in by_id.items() if each.rule.cooldown})
        scope.missed = {
            advice.id: advice
            for advice in scope.missed.values()
            if self._still_recommends(advice.rule, scope)
        }
        scope.series = {
            key: series for key, series in scope.series.items() if self._still_repeats(series, scope)
        }
        for advice in scope.all_advices:
            rule = by_id.get(advice.rule)
            advice.clause = 0 if rule is None else min(advice.clause, len(rule.rule.when) - 1)
        facts = {fact.name for fact in _facts(self._program, scope)}
        scope.facts = _only(scope.facts, facts)
        scope.told_by = _only(scope.told_by, facts)
        scope.passed = _only(scope.passed, set(self._program.passed_facts[kind]))
        if kind not in self._program.day_scopes:
            scope.next_day = None

    def _still_recommends(self, rule_id: str, scope: ScopeState) -> bool:
        rule = self._program.by_id.get(rule_id)
        return rule is not None and rule.rule.kind == "recommendation" and rule.rule.per == scope.kind

    def _still_repeats(self, series: Series, scope: ScopeState) -> bool:
        if not self._still_recommends(series.rule, scope):
            return False
        repeat = self._program.by_id[series.rule].rule.repeat
        return repeat is not None and (repeat.at_most is None or series.occurrence < repeat.at_most)

    # --- advice

    def _cancel_gone(self, turn: Turn, scope: ScopeState) -> None:
        for advice in sorted(scope.advices.values(), key=lambda each: (each.rule, each.id)):
            rule = self._program.by_id.get(advice.rule)
            if not self._still_recommends(advice.rule, scope):
                life.cancel(turn, scope, rule or self._stub(advice), advice, CHANGED)
        inhibiting = {id_ for id_, each in self._program.by_id.items() if each.rule.inhibits}
        scope.inhibitors = _only(scope.inhibitors, inhibiting)

    def _stub(self, advice: Advice) -> CompiledRule:
        """What is still known of a rule that is gone."""
        mark = self._before.get(advice.rule)
        rule = Rule(
            id=advice.rule,
            index=len(self._program.ruleset.rules),
            kind="recommendation",
            title=advice.rule,
            message=_GONE,
            when=(),
        )
        if mark is not None:
            rule = replace(rule, kind=mark.kind, severity=mark.severity, title=mark.title)
        return compiled_rule(Voice(self._program.ruleset, rule), len(self._program.rules))

    def _settle(self, turn: Turn, scope: ScopeState) -> None:
        """Windows that were edited move; what was suppressed by a rule that no longer does that is released."""
        turn.touch(scope)
        for rule, advice in life.opened(turn, scope):
            if advice.id not in scope.advices:
                continue
            if advice.rule in self._moved:
                life.measure_again(turn, scope, rule, advice, CHANGED)
            if advice.state == "suppressed" and not self._still_held(rule, advice):
                life.wake(turn, scope, rule, advice, CHANGED)
        for key in sorted(scope.series):
            self._keep_step(turn, scope.series[key])

    def _still_held(self, rule: CompiledRule, advice: Advice) -> bool:
        """Whether the rule that suppresses an advice still does so to its rule."""
        holder = None if advice.cause is None else advice.cause.rule
        return holder is None or self._renamed.get(holder, holder) in rule.inhibited_by

    def _keep_step(self, turn: Turn, series: Series) -> None:
        """The next occurrence of a repeat stays where it was; those after it follow in the rhythm as edited."""
        rule = self._program.by_id[series.rule]
        repeat = rule.rule.repeat
        if repeat is not None and life.occurrence_time(turn, rule, series) != series.next:
            so_far = repeat.every.times(series.occurrence)
            series.anchor = turn.days[series.trigger.zone].add(series.next, so_far, -1)


def _facts(program: Program, scope: ScopeState) -> Iterable[Fact]:
    return (fact for fact in program.ruleset.facts if fact.per == scope.kind)


def _renamed(found: Mapping[str, _T], key: Callable[[str], str]) -> dict[str, _T]:
    return {key(old): each for old, each in found.items()}


def _moved(found: Mapping[str, _T], keys: Mapping[str, str]) -> dict[str, _T]:
    """What goes on, under the keys under which it does."""
    return {keys[old]: each for old, each in found.items() if old in keys}


def _only(found: Mapping[str, _T], keys: Iterable[str]) -> dict[str, _T]:
    return {key: each for key, each in found.items() if key in keys}
