"""Compares two rulesets: what changed, in plain words, and which version number the change calls for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from afterword.comparing.bumps import Bump, Verdict, verdict
from afterword.comparing.changes import (
    Change,
    Comparison,
    Edition,
    Identity,
    Reason,
    RuleChange,
    SharedChange,
)
from afterword.comparing.rules import Renewed, RenewedFact, Side, came, compare_rules, listens_to, went
from afterword.comparing.shared import compare_shared
from afterword.ruleset import Rule, Ruleset

__all__ = [
    "Bump",
    "Change",
    "Comparison",
    "Edition",
    "Reason",
    "RuleChange",
    "SharedChange",
    "Verdict",
    "compare",
    "judge",
]

_BY_USE = frozenset({"param", "list", "pattern"})
"""What weighs as much as it changes in the rules that use it."""


def compare(old: Edition, new: Edition) -> Comparison:
    """Everything that changed, with the rules in the order of the new ruleset, then those that are gone."""
    shared = tuple(compare_shared(old, new))
    rules = tuple(_rules(old, new, _renewed(shared, new.ruleset)))
    changed = {change.id for change in rules}
    return Comparison(
        old=_identity(old.ruleset),
        new=_identity(new.ruleset),
        shared=tuple(_felt(change, rules, new.ruleset) for change in shared),
        rules=rules,
        unchanged=sum(rule.id not in changed for rule in new.ruleset.rules),
    )


def judge(comparison: Comparison) -> Verdict:
    """Whether the new version tells as much as the change weighs; two rulesets have no versions in common."""
    if comparison.old.name != comparison.new.name:
        return verdict(comparison.new.version, comparison.new.version, "none")
    return verdict(comparison.old.version, comparison.new.version, comparison.bump)


def _identity(ruleset: Ruleset) -> Identity:
    return Identity(ruleset.name, ruleset.version, ruleset.digest)


def _rules(old: Edition, new: Edition, renewed: Renewed) -> Iterator[RuleChange]:
    before = {rule.id: rule for rule in old.ruleset.rules}
    after = {rule.id: rule for rule in new.ruleset.rules}
    new_ones = [rule for rule in after.values() if rule.id not in before]
    old_ones = [rule for rule in before.values() if rule.id not in after]
    for rule in after.values():
        if rule.id not in before:
            yield came(Side(rule, new), old, _twin(rule, old_ones))
        elif change := compare_rules(Side(before[rule.id], old), Side(rule, new), renewed):
            yield change
    for rule in old_ones:
        yield went(Side(rule, old), new, _twin(rule, new_ones))


def _twin(rule: Rule, others: Sequence[Rule]) -> str | None:
    """The rule among these that it was renamed from or to, or that differs from it in nothing but its id."""
    for other in others:
        if other.id in rule.renamed_from or rule.id in other.renamed_from:
            return other.id
    for other in others:
        same = replace(other, id=rule.id, index=rule.index, file=rule.file, line=rule.line)
        if replace(same, renamed_from=rule.renamed_from) == rule:
            return other.id
    return None


def _renewed(shared: Sequence[SharedChange], new: Ruleset) -> Renewed:
    names = {change.name: change.called for change in shared if change.kind in _BY_USE}
    defaults = tuple(change.called for change in shared if change.kind == "defaults")
    changed = {change.name: change for change in shared if change.kind == "fact" and change.fate == "changed"}
    facts = {}
    for fact in new.facts:
        change = changed.get(f"{fact.per}.{fact.name}")
        if change is not None and any(each.what != "title" for each in change.changes):
            facts[str(fact.per), fact.name] = RenewedFact(change.called, change.bump, _unknown(change))
    return Renewed(names, facts, defaults)


def _unknown(change: SharedChange) -> tuple[str | None, str | None] | None:
    """What stood and stands for a fact that is not known, when nothing else changed but that."""
    if any(each.what not in ("title", "unknown") for each in change.changes):
        return None
    (found,) = (each for each in change.changes if each.what == "unknown")
    return found.was, found.now


def _felt(change: SharedChange, rules: Sequence[RuleChange], new: Ruleset) -> SharedChange:
    """With the rules that feel the change."""
    if change.kind == "event":
        felt = _listeners(change, new) if change.bump == "major" else ()
    else:
        felt = tuple(rule.id for rule in rules if any(change.called in each.through for each in rule.changes))
    return replace(change, felt_by=felt)


def _listeners(change: SharedChange, new: Ruleset) -> tuple[str, ...]:
    return tuple(rule.id for rule in new.rules if change.name in listens_to(rule))
