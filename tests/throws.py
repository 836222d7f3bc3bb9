"""Random rulesets and hostile logs, rich from the first example on: the material of the property tests."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

import afterword
from afterword.events import from_mapping, order_key
from timeline import PRELUDE

TYPES = [
    "interview.ended",
    "interview.scheduled",
    "message.sent",
    "call.made",
    "reply.received",
    "rejection.received",
]
STATES = ["due", "missed", "fulfilled", "raised", "cancelled"]
DURATIONS = ["2 hours", "1 day", "2 days", "7 days", "2 business days", "1 month"]

TEXTS = ["thank_you", "thank_you", "thanks and more", "ß", "", "Jo", "line\nbreak", "a" * 300]
OFFSETS = ["+00:00", "+00:00", "+00:00", "+08:00", "-05:00"]
Dice = random.Random


def a_test(dice: Dice) -> Any:
    return dice.choice(
        [
            dice.choice(TEXTS),
            {"in": dice.sample(sorted(set(TEXTS)), 3)},
            {"exists": dice.random() < 0.5},
            {"mentions": dice.choice(["thanks", "more", "jo"])},
            {"words": {"lt": dice.randint(0, 3)}},
            {"field": dice.choice(["case.company", "who"])},
        ]
    )


def a_calendar_test(dice: Dice) -> dict[str, Any]:
    """One that a moment can pass; for a date there is none of the time of day."""
    return dice.choice(
        [
            {"weekday": dice.sample(["mon", "wed", "fri", "sat", "sun"], dice.randint(1, 3))},
            {"business_day": dice.random() < 0.5},
            {"time_of_day": dice.choice([{"from": "23:00", "until": "08:00"}, {"from": "09:00"}])},
        ]
    )


def a_where(dice: Dice, depth: int = 0) -> dict[str, Any]:
    shape = dice.choice(["leaf", "leaf", "any", "all", "not"]) if depth < 3 else "leaf"
    if shape == "leaf":
        if dice.random() < 0.2:
            return {"event.time": a_calendar_test(dice)}
        names = dice.sample(["purpose", "text", "who", "case.company"], dice.randint(1, 2))
        return {name: a_test(dice) for name in names}
    if shape == "not":
        return {"not": a_where(dice, depth + 1)}
    return {shape: [a_where(dice, depth + 1) for _ in range(dice.randint(1, 3))]}


def without_case(where: Any) -> Any:
    """The same condition for a rule per subject, which has no case to look at."""
    if isinstance(where, list):
        return [without_case(each) for each in where]
    if isinstance(where, dict):
        return {("purpose" if k == "case.company" else k): without_case(v) for k, v in where.items()}
    return "who" if where == "case.company" else where


def a_pattern(dice: Dice) -> dict[str, Any]:
    pattern: dict[str, Any] = {"event": dice.sample(TYPES, dice.randint(1, 3))}
    if dice.random() < 0.4:
        pattern["where"] = a_where(dice)
    return pattern


def a_rule(dice: Dice, number: int) -> dict[str, Any]:
    kind = dice.choice(["recommendation", "recommendation", "warning"])
    when = a_pattern(dice)
    if dice.random() < 0.25:
        when["count"] = {"at_least": dice.randint(2, 3), "within": dice.choice(DURATIONS)}
    elif number and dice.random() < 0.25:
        when = {"event": f"advice.{dice.choice(STATES)}", "where": {"rule": f"r{dice.randrange(number)}"}}
    made: dict[str, Any] = {
        "id": f"r{number}",
        "kind": kind,
        "title": "T",
        "when": when,
        "message": "{case.company}",
    }
    if kind == "recommendation":
        made |= a_window(dice)
    if dice.random() < 0.3:
        made["cooldown"] = dice.choice(DURATIONS)
    if number and dice.random() < 0.5:
        made["inhibits"] = [f"r{dice.randrange(number)}"]
    if dice.random() < 0.25:
        made["while"] = a_span(dice)
    if dice.random() < 0.25:
        made["unless"] = {**a_pattern(dice), "within": dice.choice(DURATIONS)}
    elif dice.random() < 0.2:
        made["unless"] = a_span(dice)
    if dice.random() < 0.25:
        made = {**without_case(made), "per": "subject", "message": "M"}
        made.pop("due", None)
    return made


def a_span(dice: Dice) -> dict[str, Any]:
    ends: list[Any] = ["end of day", {"plus": "5 days"}, [a_pattern(dice), {"plus": "36 hours"}]]
    return {"since": a_pattern(dice), "until": dice.choice(ends)}


def a_window(dice: Dice) -> dict[str, Any]:
    hanging = {"first_known": [{"field": "case.decision_date", "plus": "1 day"}, {"plus": "3 days"}]}
    made: dict[str, Any] = {
        "due": {
            "from": dice.choice(["event.time", "end of day", {"plus": "2 days"}, hanging, hanging]),
            "until": dice.choice([{"plus": "1 day"}, "end of next day", {"plus": "7 days"}]),
        },
        "again": dice.choice(["ignore", "restart", "each"]),
    }
    if dice.random() < 0.5:
        made["fulfilled_by"] = a_pattern(dice)
    if dice.random() < 0.3:
        made["cancelled_by"] = a_pattern(dice)
    if dice.random() < 0.25:
        made["repeat"] = {"every": dice.choice(["1 day", "7 days"]), "at_most": dice.randint(1, 4)}
    return made


def some_rules(dice: Dice) -> list[dict[str, Any]]:
    rules = [a_rule(dice, number) for number in range(dice.randint(3, 7))]
    per_subject = {each["id"] for each in rules if each.get("per") == "subject"}
    for each in rules:  # a rule per case cannot inhibit a rule per subject
        if per_subject & set(each.get("inhibits", [])) and each["id"] not in per_subject:
            del each["inhibits"]
    return rules


def ruleset_of(rules: list[dict[str, Any]], prelude: str = PRELUDE) -> afterword.Ruleset:
    return afterword.load(prelude + "rules: " + json.dumps(rules))


def a_ruleset(dice: Dice) -> afterword.Ruleset:
    try:
        return ruleset_of(some_rules(dice))
    except afterword.RulesetError as error:
        assert {problem.code for problem in error.problems} == {"rule-cycle"}, error
        return a_ruleset(dice)


def a_value(dice: Dice) -> Any:
    return dice.choice([*TEXTS, *TEXTS, None, True, 3, 0.5])


def an_event(dice: Dice, number: int) -> dict[str, Any]:
    data = {
        name: a_value(dice)
        for name in ("purpose", "text", "who", "company", "surprise")
        if dice.random() < 0.5
    }
    if dice.random() < 0.3:
        data["decision_date"] = dice.choice(
            ["2026-03-03", "2026-03-07", "2026-03-12", "2026-02-30", "soon", None]
        )
    event: dict[str, Any] = {
        "type": dice.choice([*TYPES, "interview.ended", "interview.ended", "unheard.of", "day.passed"]),
        "time": f"2026-03-{dice.randint(1, 9):02}T{dice.choice([0, 0, 9, 23]):02}:00:00{dice.choice(OFFSETS)}",
        "subject": dice.choice(["ana", "ben"]),
        "data": data,
    }
    if dice.random() < 0.5:
        event["id"] = f"e{dice.randint(0, number + 5)}"
    if dice.random() < 0.8:
        event["case"] = dice.choice(["a", "b"])
        if dice.random() < 0.3:
            event["source"] = dice.choice(["mail", "phone"])
    if dice.random() < 0.1:
        event["sequence"] = dice.randint(0, 2)
    if dice.random() < 0.15:
        event["timezone"] = dice.choice(["Australia/Perth", "America/New_York"])
    if dice.random() < 0.15:
        event["type"] = dice.choice(["advice.dismissed", "advice.snoozed", "advice.reopened"])
        event["data"] = {"rule": f"r{dice.randint(0, 3)}", "until": "2026-03-08"}
    return event


class Throw:
    """A ruleset and a log: rich from the first example on, and the same again from the seed that is shown."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        dice = Dice(seed)
        self.ruleset = a_ruleset(dice)
        self.log = [an_event(dice, number) for number in range(dice.randint(5, 30))]

    def __repr__(self) -> str:
        return f"Throw({self.seed})"

    def said(self, log: list[dict[str, Any]] | None = None, **options: Any) -> list[bytes]:
        log = self.log if log is None else log
        return [
            transition.as_json() for transition in afterword.evaluate(self.ruleset, log, AS_OF, **options)
        ]


AS_OF = "2026-04-20T00:00:00+00:00"
EXAMPLES = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a smaller seed is no smaller example
)
throws = st.integers(0, 2**64).map(Throw)


def in_order(log: list[dict[str, Any]]) -> list[afterword.Event]:
    read = [from_mapping(event) for event in log]
    return sorted((event for event in read if isinstance(event, afterword.Event)), key=order_key)
