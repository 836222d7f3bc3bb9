"""Rules that can never speak, because they listen for what no rule ever does (S23)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from afterword.building.audience import Audience, Group, can_be_about
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


class _Heard(NamedTuple):
    """Some rule of a group entering a state."""

    name: str
    group: Group


_Follows = dict[str | _Heard, list[str | _Heard]]
"""What can come once a rule, by its id, has spoken, or one of a group has."""


def never_begun(rules: Sequence[Rule]) -> Iterator[Rule]:
    """The first rule of each circle of rules that wait for each other's advice, or for their own, and nothing else."""
    waiting = {rule.id: rule for rule in rules if _only_follows(rule)}
    if not waiting:
        return
    follows, begun = _follows(rules, waiting)
    spoken = _reached(begun, follows, set())
    for rule in waiting.values():
        if rule.id not in spoken:
            yield rule
            _reached([rule.id], follows, spoken)


def _only_follows(rule: Rule) -> bool:
    """Whether the rule speaks after advice only."""
    names = [name for clause in rule.when for name in clause.types]
    return bool(names) and all(name.startswith("advice.") for name in names)


def _follows(rules: Sequence[Rule], waiting: Mapping[str, Rule]) -> tuple[_Follows, list[str | _Heard]]:
    """What follows on what, and what begins by itself; what nothing can cause at all is told otherwise (`unheard`)."""
    inhibited = frozenset(name for rule in rules for name in rule.inhibits)
    audiences: dict[str, Audience] = {}
    follows: _Follows = {}
    begun: list[str | _Heard] = []
    for rule in waiting.values():
        heard = list(_heard(rule, rules, inhibited, audiences))
        for each in heard:
            follows.setdefault(each, []).append(rule.id)
        begun += [] if heard else [rule.id]
    for each in [each for each in follows if isinstance(each, _Heard)]:
        members = audiences[each.name].members(each.group)
        if any(member.id not in waiting for member in members):
            begun.append(each)
        else:
            for member in members:
                follows.setdefault(member.id, []).append(each)
    return follows, begun


def _heard(
    rule: Rule, rules: Sequence[Rule], inhibited: frozenset[str], audiences: dict[str, Audience]
) -> Iterator[_Heard]:
    for clause in rule.when:
        for name in clause.types:
            if name not in audiences:
                audiences[name] = Audience(_entering(name, rules, inhibited))
            yield from (_Heard(name, group) for group in audiences[name].heard(clause.where))


def _reached(
    begun: Iterable[str | _Heard], follows: _Follows, reached: set[str | _Heard]
) -> set[str | _Heard]:
    """What comes of what has begun, added to what was reached before."""
    left = list(begun)
    while left:
        each = left.pop()
        if each not in reached:
            reached.add(each)
            left += follows.get(each, ())
    return reached


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
