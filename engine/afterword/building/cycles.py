"""Rules that set each other off: a cycle in which no time passes would never end, so it is refused (S23)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from afterword.building.moments import begins_later
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.ruleset import Defaults, Pattern, Rule

_LETS_GO = ("fulfilled", "missed", "cancelled", "dismissed", "snoozed", "rescheduled")


class _Step(NamedTuple):
    """A rule entering a state."""

    rule: int
    state: str


def cycles(rules: Sequence[Rule], defaults: Defaults) -> Iterator[list[Rule]]:
    """Each set of rules that can set each other off without end at one instant, in the order they do."""
    listening = [rule for rule in rules if _listens(rule)]
    if not listening:
        return
    graph, triggers = _graph(rules, listening, defaults)
    seen: set[frozenset[int]] = set()
    for before, after in triggers:
        path = _path(graph, after, before)
        if path is not None and frozenset(step.rule for step in path) not in seen:
            seen.add(frozenset(step.rule for step in path))
            yield [rules[step.rule] for step in _without_repeats(path)]


def _listens(rule: Rule) -> bool:
    patterns = (rule.when, rule.fulfilled_by, rule.cancelled_by)
    return any(name.startswith("advice.") for each in patterns for clause in each for name in clause.types)


def _graph(
    rules: Sequence[Rule], listening: Sequence[Rule], defaults: Defaults
) -> tuple[dict[_Step, list[_Step]], list[tuple[_Step, _Step]]]:
    """What follows on what at the same instant, and which of these follow because a rule is triggered."""
    graph: dict[_Step, list[_Step]] = {}
    triggers = []
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    inhibited = {name for rule in rules for name in rule.inhibits}
    for rule in listening:
        number = numbers[rule.id]
        for before in _heard(rule.when, rules):
            for state in _at_once(rule, rule.id in inhibited, defaults):
                graph.setdefault(before, []).append(_Step(number, state))
                triggers.append((before, _Step(number, state)))
        for pattern, state in ((rule.fulfilled_by, "fulfilled"), (rule.cancelled_by, "cancelled")):
            for before in _heard(pattern, rules):
                graph.setdefault(before, []).append(_Step(number, state))
    for number, rule in enumerate(rules):
        for name in rule.inhibits:
            if name in numbers:
                _inhibition(graph, number, numbers[name])
    return graph, triggers


def _inhibition(graph: dict[_Step, list[_Step]], by: int, held: int) -> None:
    for state in ("due", "raised"):
        graph.setdefault(_Step(by, state), []).append(_Step(held, "suppressed"))
    for state in _LETS_GO:
        graph.setdefault(_Step(by, state), []).append(_Step(held, "due"))


def _at_once(rule: Rule, inhibited: bool, defaults: Defaults) -> frozenset[str]:
    """The states that a rule can enter at the instant it is triggered, again and again."""
    withheld = frozenset({"suppressed"}) if inhibited or rule.cooldown is not None else frozenset[str]()
    if rule.cooldown is not None:
        return withheld  # it speaks once, and then not for a while
    if rule.kind == "warning":
        return withheld | {"raised"}
    later = begins_later(rule.due, defaults)
    states = {True: {"scheduled"}, False: {"due"}, None: {"scheduled", "due", "missed"}}[later]
    return withheld | states | ({"rescheduled"} if rule.again == "restart" else set())


def _heard(pattern: Pattern, rules: Sequence[Rule]) -> Iterator[_Step]:
    """The states of rules that this pattern can be about."""
    for clause in pattern:
        for name in clause.types:
            if name.startswith("advice."):
                for number, rule in enumerate(rules):
                    if can_be_about(clause.where, rule) is not False:
                        yield _Step(number, name.removeprefix("advice."))


def can_be_about(condition: Condition | None, rule: Rule) -> bool | None:
    """Whether the condition holds for a transition of this rule: yes, no, or None when it depends on more."""
    match condition:
        case None:
            return True
        case Not(part):
            inner = can_be_about(part, rule)
            return None if inner is None else not inner
        case All(parts):
            found = [can_be_about(part, rule) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts):
            found = [can_be_about(part, rule) for part in parts]
            return True if True in found else None if None in found else False
        case FieldTest():
            return _passes(condition, rule)


def _passes(test: FieldTest, rule: Rule) -> bool | None:
    known: Mapping[Ref, str] = {
        Ref("data", ("rule",)): rule.id,
        Ref("data", ("kind",)): rule.kind,
        Ref("data", ("severity",)): rule.severity,
    }
    value = known.get(test.ref) if test.ref is not None else None
    if value is None or isinstance(test.operand, Ref):
        return None
    among = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    match test.op:
        case "is" | "in":
            return value in among
        case "is_not" | "not_in":
            return value not in among
    return None


def _path(graph: Mapping[_Step, list[_Step]], start: _Step, goal: _Step) -> list[_Step] | None:
    """The shortest way from one step to another, or None."""
    came_from: dict[_Step, _Step | None] = {start: None}
    waiting = deque([start])
    while waiting:
        step = waiting.popleft()
        if step == goal:
            return _way(came_from, step)
        for following in graph.get(step, ()):
            if following not in came_from:
                came_from[following] = step
                waiting.append(following)
    return None


def _way(came_from: Mapping[_Step, _Step | None], end: _Step) -> list[_Step]:
    way: list[_Step] = []
    step: _Step | None = end
    while step is not None:
        way.append(step)
        step = came_from[step]
    return way[::-1]


def _without_repeats(path: Sequence[_Step]) -> Iterator[_Step]:
    for number, step in enumerate(path):
        if number == 0 or path[number - 1].rule != step.rule:
            yield step
