"""Rules that can never speak, because they listen for what no rule ever does (S23)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from afterword.building.audience import Audience, can_be_about
from afterword.ruleset import Rule


def unheard(rules: Sequence[Rule]) -> Iterator[tuple[Rule, str]]:
    """Each rule with an `advice.…` event in its `when` that cannot come, and that event's type."""
    inhibited = frozenset(name for rule in rules for name in rule.inhibits)
    audiences: dict[str, Audience] = {}
    for rule in rules:
        for clause in rule.when:
            for name in clause.types:
                if name.startswith("advice."):
                    if name not in audiences:
                        audiences[name] = Audience(_entering(name, rules, inhibited))
                    if next(audiences[name].heard(clause.where), None) is None:
                        yield rule, name


def waits_for(rule: Rule, name: str, other: Rule) -> bool:
    """Whether an event of this type from the other rule would trigger the rule."""
    return any(
        name in clause.types and can_be_about(clause.where, other) is not False for clause in rule.when
    )


def _entering(name: str, rules: Sequence[Rule], inhibited: frozenset[str]) -> list[Rule]:
    """The rules that can enter the state of which this event tells."""
    state = name.removeprefix("advice.")
    return [rule for rule in rules if _can_enter(rule, state, rule.id in inhibited)]


def _can_enter(rule: Rule, state: str, inhibited: bool) -> bool:
    if state == "suppressed":
        return inhibited or rule.cooldown is not None
    if rule.kind == "warning":
        return state == "raised"
    # An advice that its user reopens is `due` or `scheduled` again; no rule sees the word itself (S20).
    cannot = {
        "raised": True,
        "reopened": True,
        "fulfilled": not rule.fulfilled_by,
        "missed": rule.due.end is None,
    }
    return not cannot.get(state, False)
