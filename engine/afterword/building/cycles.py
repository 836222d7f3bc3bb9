"""Rules that set each other off: a cycle in which no time passes would never end, so it is refused (S23)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from afterword.building.audience import Audience, Group
from afterword.building.components import components
from afterword.building.moments import begins_later
from afterword.ruleset import Defaults, Pattern, Rule

_LETS_GO = ("fulfilled", "missed", "cancelled", "dismissed", "snoozed", "rescheduled")


class _Step(NamedTuple):
    """A rule entering a state."""

    rule: int
    state: str


class _OneOf(NamedTuple):
    """Some rule of a group entering a state."""

    group: Group
    state: str


_Node = _Step | _OneOf
_Graph = dict[_Node, list[_Node]]


def cycles(rules: Sequence[Rule], defaults: Defaults) -> Iterator[list[Rule]]:
    """Each set of rules that can set each other off without end at one instant, in the order they do."""
    listening = [rule for rule in rules if _listens(rule)]
    if not listening:
        return
    graph, triggers = _graph(rules, listening, defaults)
    part = components(graph)
    seen: set[frozenset[int]] = set()
    for before, after in triggers:
        path = _path(graph, after, before) if part[before] == part.get(after) else ()
        ids = frozenset(step.rule for step in path)
        if path and ids not in seen:
            seen.add(ids)
            yield [rules[step.rule] for step in _without_repeats(path)]


def _listens(rule: Rule) -> bool:
    patterns = (rule.when, rule.fulfilled_by, rule.cancelled_by)
    return any(name.startswith("advice.") for each in patterns for clause in each for name in clause.types)


def _graph(
    rules: Sequence[Rule], listening: Sequence[Rule], defaults: Defaults
) -> tuple[_Graph, list[tuple[_OneOf, _Step]]]:
    """What follows on what at the same instant, and which of these follow because a rule is triggered."""
    graph: _Graph = {}
    triggers = []
    audience = Audience(rules)
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    inhibited = {name for rule in rules for name in rule.inhibits}
    for rule in listening:
        number = numbers[rule.id]
        states = _at_once(rule, rule.id in inhibited, defaults)
        for before in _heard(rule.when, audience):
            steps = [_Step(number, state) for state in sorted(states)]
            graph.setdefault(before, []).extend(steps)
            triggers += [(before, step) for step in steps]
        for pattern, state in ((rule.fulfilled_by, "fulfilled"), (rule.cancelled_by, "cancelled")):
            for before in _heard(pattern, audience):
                graph.setdefault(before, []).append(_Step(number, state))
    for heard in [node for node in graph if isinstance(node, _OneOf)]:
        for member in audience.members(heard.group):
            graph.setdefault(_Step(numbers[member.id], heard.state), []).append(heard)
    for number, rule in enumerate(rules):
        for name in rule.inhibits:
            if name in numbers:
                _inhibition(graph, number, numbers[name])
    return graph, triggers


def _inhibition(graph: _Graph, by: int, held: int) -> None:
    for state in ("due", "raised"):
        graph.setdefault(_Step(by, state), []).append(_Step(held, "suppressed"))
    for state in _LETS_GO:
        graph.setdefault(_Step(by, state), []).append(_Step(held, "due"))


def _at_once(rule: Rule, inhibited: bool, defaults: Defaults) -> frozenset[str]:
    """The states that a rule can enter at the instant it is triggered, again and again."""
    suppressed = frozenset({"suppressed"}) if inhibited or rule.cooldown is not None else frozenset[str]()
    restarts = rule.kind == "recommendation" and rule.again == "restart"
    if rule.cooldown is not None and not restarts:
        return suppressed  # it speaks once, and then not for a while; what is open may restart all the same
    if rule.kind == "warning":
        return suppressed | {"raised"}
    later = begins_later(rule.due, defaults)
    states = {True: {"scheduled"}, False: {"due"}, None: {"scheduled", "due", "missed"}}[later]
    return suppressed | states | ({"rescheduled"} if restarts else set())


def _heard(pattern: Pattern, audience: Audience) -> Iterator[_OneOf]:
    """The states of rules that this pattern can be about."""
    for clause in pattern:
        states = [name.removeprefix("advice.") for name in clause.types if name.startswith("advice.")]
        if states:
            groups = list(audience.heard(clause.where))
            yield from (_OneOf(group, state) for state in states for group in groups)


def _path(graph: _Graph, start: _Node, goal: _Node) -> list[_Step]:
    """The shortest way from one node to another, the rules on it only; empty when there is none."""
    came_from: dict[_Node, _Node | None] = {start: None}
    waiting = deque([start])
    while waiting and goal not in came_from:
        node = waiting.popleft()
        for following in graph.get(node, ()):
            if following not in came_from:
                came_from[following] = node
                waiting.append(following)
    way: list[_Step] = []
    back: _Node | None = goal
    while back is not None:
        way += [back] if isinstance(back, _Step) else []
        back = came_from.get(back)
    return way[::-1]


def _without_repeats(path: Sequence[_Step]) -> Iterator[_Step]:
    for number, step in enumerate(path):
        if number == 0 or path[number - 1].rule != step.rule:
            yield step
