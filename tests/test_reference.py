"""What the engine says of random logs under random rules is what the plain reading of the language says."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import afterword
from afterword import Event, Ruleset, Transition
from afterword.ruleset import Lookback
from plain_values import Life, Told
from reference import lives
from throws import (
    EXAMPLES,
    Dice,
    a_calendar_test,
    a_pattern,
    a_span,
    an_event,
    in_order,
    ruleset_of,
    some_rules,
    without_case,
)
from timeline import PRELUDE

MORE = (
    PRELUDE.replace("{timezone: UTC}", "{timezone: UTC, weekend: [sun, mon], holidays: [AU-WA, 2026-03-05]}")
    + "  since: {from: moved.house, field: event.time, per: subject}\n"
)
"""A fact that is a moment, and one of the person, beside those of the other tests; and days that are free."""
UNTIL = "2026-03-28T00:00:00+00:00"
"""Long enough after the last event for what waits three weeks; a month would take a plain reader twice as long."""
TRIGGERED = {"purpose": {"field": "trigger.purpose"}}


class Thrown:
    """A ruleset and a log, with what the other random tests leave out; the same again from the seed that is shown."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        dice = Dice(seed)
        while True:
            rules = [with_more(dice, rule) for rule in some_rules(dice)]
            try:
                self.ruleset = ruleset_of(rules, MORE)
                break
            except afterword.RulesetError as error:
                assert {problem.code for problem in error.problems} <= {"rule-cycle", "empty-window"}, error
        self.log = in_order([more_events(dice, number) for number in range(dice.randint(5, 30))])

    def __repr__(self) -> str:
        return f"Thrown({self.seed})"


def with_more(dice: Dice, rule: dict[str, Any]) -> dict[str, Any]:
    """Sometimes with a key that `throws` does not throw."""
    rule, per_case = dict(rule), "per" not in rule
    counted = isinstance(rule["when"], dict) and "count" in rule["when"]
    if counted and dice.random() < 0.5:
        rule["when"] = {**rule["when"], "count": {**rule["when"]["count"], "distinct": "who"}}
    elif not counted and dice.random() < 0.15:
        rule["when"] = {"event": dice.choice(["day.passed", "decision_date.passed", "advice.snoozed"])}
    if isinstance(rule["when"]["event"], list) and dice.random() < 0.2:
        rule["when"] = {**rule["when"], "where": with_a_date(dice, rule["when"].get("where"), per_case)}
    if dice.random() < 0.1:
        rule["effective"] = {"from": "2026-03-03", "until": dice.choice(["2026-03-07", "2026-03-12"])}
    if dice.random() < 0.1:
        rule["while"] = [{"case": "open"}, *([rule["while"]] if "while" in rule else [])]
    if dice.random() < 0.1:
        rule["unless"] = [a_look(dice), a_look(dice)]
    if dice.random() < 0.2:
        refused = [a_span(dice), a_span(dice), {**a_pattern(dice), "within": "1 day"}, {"case": "open"}]
        chosen = dice.sample(refused, dice.randint(1, 3))
        rule["unless"] = chosen if per_case else [without_case(each) for each in chosen]
    if rule["kind"] == "recommendation":
        rule |= a_richer_window(dice, per_case)
        if dice.random() < 0.2 and isinstance(rule["when"]["event"], list):  # which have the field
            rule["cancelled_by"] = {"event": ["message.sent", "call.made"], "where": TRIGGERED}
    return rule


def with_a_date(dice: Dice, where: Any, per_case: bool) -> dict[str, Any]:
    """A condition, and what a calendar says of a date or a moment besides."""
    path = dice.choice(["decision_date", "case.decision_date", "subject.since"][:: 1 if per_case else 2])
    asked = a_calendar_test(dice)
    while path.endswith("date") and "time_of_day" in asked:
        asked = a_calendar_test(dice)
    both: dict[str, Any] = {"all": [where]} if where else {}
    return {**both, path: asked} if dice.random() < 0.5 else {**both, "not": {path: asked}}


def a_look(dice: Dice) -> dict[str, Any]:
    return {"event": a_pattern(dice)["event"], "within": dice.choice(["1 day", "2 business days", "1 month"])}


def a_richer_window(dice: Dice, per_case: bool) -> dict[str, Any]:
    if dice.random() > 0.3:
        return {}
    begins: list[Any] = [
        {"align": "start of next day", "at": "09:00"},
        {"field": "subject.since", "plus": "2 days"},
        {"first_known": [{"field": "subject.since", "minus": "2 business days"}, {"plus": "1 month"}]},
        {"minus": "3 days", "align": "end of month"},
    ]
    ends: list[Any] = [
        {"plus": "2 business days", "align": "end of day"},
        {"plus": "36 hours"},
        {"align": "start of next month", "at": "09:00"},
    ]
    if per_case:
        begins.append({"field": "case.decision_date", "minus": "1 day", "at": "17:30"})
        ends.append({"first_known": [{"field": "case.decision_date"}, {"plus": "5 days"}]})
    found = {"due": {"from": dice.choice(begins), "until": dice.choice(ends)}}
    if dice.random() < 0.3:
        found["repeat"] = {"every": dice.choice(["1 day", "1 month"]), "at": "09:00", "at_most": 3}
    return found


def more_events(dice: Dice, number: int) -> dict[str, Any]:
    event = an_event(dice, number)
    if dice.random() < 0.1:
        event["type"] = dice.choice(["moved.house", "date.stated", "decision_date.passed"])
    return event


def lives_told(transitions: Iterable[Transition]) -> list[Life]:
    """What an engine says, as the reference tells it: without ids and texts."""
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for transition in transitions:
        found.setdefault(transition.advice, []).append((transition.number, transition.as_dict()))
    told = []
    for numbered in found.values():
        life = [line for _, line in sorted(numbered, key=lambda each: each[0])]
        told.append((life[0]["rule"], life[0]["subject"], life[0]["case"] or "", tuple(map(as_told, life))))
    return sorted(told, key=repr)


def as_told(line: dict[str, Any]) -> Told:
    window = line["window"] and (line["window"]["from"], line["window"]["until"])
    cause = {name: without_id(each) for name, each in (line["cause"] or {}).items() if name != "advice"}
    because = tuple(sorted(set(map(without_id, line["because"]))))
    return Told(line["state"], line["time"], window, because, tuple(sorted(cause.items())))


def without_id(name: str) -> str:
    """What a transition is called in `because`, without the advice."""
    return re.sub(r"^(advice\.[a-z]+:[^:]+):[0-9a-f]{20}$", r"\1", name)


def is_comparable(ruleset: Ruleset, log: list[Event]) -> bool:
    """Whether the engine keeps all that business days and months would ask for.

    Of what an `unless` looks for it keeps the latest, which may be over before an earlier one; and what a count's
    window has passed is forgotten, though it would be in it again for somebody who has travelled.
    """
    counted = [clause.count.within for rule in ruleset.rules for clause in rule.when if clause.count]
    looks = [item for rule in ruleset.rules for item in rule.unless if isinstance(item, Lookback)]
    looked = [look.within for look in looks if look.within]
    travels = any(event.timezone for event in log)
    return not any(each.business_days or each.months for each in [*looked, *(counted if travels else ())])


def differences(ruleset: Ruleset, log: list[Event]) -> tuple[list[Life], list[Life]]:
    """The lives that only the engine tells, and those that only the reference does."""
    engine = lives_told(afterword.evaluate(ruleset, log, UNTIL, network="plain"))
    plain = lives(ruleset, log, dt.datetime.fromisoformat(UNTIL))
    return [each for each in engine if each not in plain], [each for each in plain if each not in engine]


@settings(EXAMPLES, max_examples=200, derandomize=True)
@given(st.integers(0, 2**64).map(Thrown))
def test_the_engine_says_what_the_language_means(thrown: Thrown) -> None:
    if is_comparable(thrown.ruleset, thrown.log):
        assert differences(thrown.ruleset, thrown.log) == ([], []), json.dumps(
            [repr(each) for each in thrown.log], indent=1
        )
