"""The promises P1 and P2 as properties: random rulesets, hostile logs, any order, any interruption."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timeline import PRELUDE

import afterword
from afterword import network
from afterword.events import order_key

TYPES = ["interview.ended", "interview.scheduled", "message.sent", "call.made", "reply.received", "rejection.received"]
STATES = ["due", "missed", "fulfilled", "raised", "cancelled"]
DURATIONS = ["2 hours", "1 day", "2 days", "7 days", "2 business days", "1 month"]

types = st.sampled_from(TYPES)
durations = st.sampled_from(DURATIONS)
texts = st.sampled_from(["thank_you", "thanks and more", "ß", "", "Jo", "line\nbreak", "a" * 300])
tests = st.one_of(
    texts,
    st.fixed_dictionaries({"in": st.lists(texts, min_size=1, max_size=3, unique=True)}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"mentions": st.sampled_from(["thanks", "more", "jo"])}),
    st.fixed_dictionaries({"words": st.integers(0, 3)}),
    st.fixed_dictionaries({"field": st.sampled_from(["case.company", "who"])}),
)
leaf = st.dictionaries(st.sampled_from(["purpose", "text", "who", "case.company"]), tests, min_size=1, max_size=2)
wheres = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=5,
)


def without_case(where: Any) -> Any:
    """The same condition for a rule per subject, which has no case to look at."""
    if isinstance(where, list):
        return [without_case(each) for each in where]
    if isinstance(where, dict):
        return {("purpose" if k == "case.company" else k): without_case(v) for k, v in where.items()}
    return "who" if where == "case.company" else where


@st.composite
def patterns(draw: st.DrawFn) -> dict[str, Any]:
    pattern: dict[str, Any] = {"event": draw(st.lists(types, min_size=1, max_size=3, unique=True))}
    if draw(st.booleans()):
        pattern["where"] = draw(wheres)
    return pattern


@st.composite
def rule(draw: st.DrawFn, number: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["recommendation", "warning"]))
    when = draw(patterns())
    if draw(st.integers(0, 4)) == 0:
        when["count"] = {"at_least": draw(st.integers(2, 3)), "within": draw(durations)}
    elif number and draw(st.integers(0, 4)) == 0:
        state = draw(st.sampled_from(STATES))
        when = {"event": f"advice.{state}", "where": {"rule": f"r{draw(st.integers(0, number - 1))}"}}
    made: dict[str, Any] = {"id": f"r{number}", "kind": kind, "title": "T", "when": when, "message": "{case.company}"}
    if kind == "recommendation":
        start = draw(
            st.sampled_from(
                [
                    "event.time",
                    "end of day",
                    {"plus": "2 days"},
                    {"first_known": [{"field": "case.decision_date", "plus": "1 day"}, {"plus": "3 days"}]},
                ]
            )
        )
        made["due"] = {"from": start, "until": draw(st.sampled_from([{"plus": "1 day"}, "end of next day", {"plus": "7 days"}]))}
        made["again"] = draw(st.sampled_from(["ignore", "restart", "each"]))
        if draw(st.booleans()):
            made["fulfilled_by"] = draw(patterns())
        if draw(st.booleans()):
            made["cancelled_by"] = draw(patterns())
        if draw(st.integers(0, 3)) == 0:
            made["repeat"] = {"every": draw(st.sampled_from(["1 day", "7 days"])), "at_most": draw(st.integers(1, 4))}
    if draw(st.integers(0, 2)) == 0:
        made["cooldown"] = draw(durations)
    if number and draw(st.integers(0, 2)) == 0:
        made["inhibits"] = [f"r{draw(st.integers(0, number - 1))}"]
    if draw(st.integers(0, 3)) == 0:
        made["while"] = {"since": draw(patterns()), "until": draw(st.sampled_from(["end of day", {"plus": "2 days"}]))}
    if draw(st.integers(0, 3)) == 0:
        made["unless"] = {**draw(patterns()), "within": draw(durations)}
    if draw(st.integers(0, 3)) == 0:
        made = {**without_case(made), "per": "subject", "message": "M"}
        made.pop("due", None)
        made.pop("inhibits", None)
    return made


@st.composite
def rulesets(draw: st.DrawFn) -> afterword.Ruleset:
    count = draw(st.integers(1, 5))
    rules = [draw(rule(number)) for number in range(count)]
    per_subject = {each["id"] for each in rules if each.get("per") == "subject"}
    for each in rules:  # a rule per case cannot inhibit a rule per subject
        if per_subject & set(each.get("inhibits", [])):
            del each["inhibits"]
    return afterword.load(PRELUDE + "rules: " + json.dumps(rules))


values = st.one_of(texts, st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False))
payloads = st.fixed_dictionaries(
    {},
    optional={
        "purpose": values,
        "text": values,
        "who": values,
        "company": values,
        "decision_date": st.sampled_from(["2026-03-03", "2026-03-07", "2026-02-30", "soon"]),
        "surprise": values,
    },
)


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 14))):
        event: dict[str, Any] = {
            "type": draw(st.sampled_from([*TYPES, "interview.ended", "unheard.of", "day.passed", "advice.dismissed"])),
            "time": f"2026-03-{draw(st.integers(1, 9)):02}T{draw(st.sampled_from([0, 0, 9, 23])):02}:00:00+00:00",
            "subject": draw(st.sampled_from(["ana", "ben"])),
            "data": draw(payloads),
        }
        if draw(st.booleans()):
            event["id"] = f"e{draw(st.integers(0, number + 1))}"
        if draw(st.integers(0, 5)):
            event["case"] = draw(st.sampled_from(["a", "b"]))
        if draw(st.integers(0, 5)) == 0:
            event["timezone"] = draw(st.sampled_from(["Australia/Perth", "America/New_York"]))
        if event["type"] == "advice.dismissed":
            event["data"] = {"rule": f"r{draw(st.integers(0, 3))}"}
        made.append(event)
    return made


AS_OF = "2026-04-20T00:00:00+00:00"
EXAMPLES = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def said(ruleset: afterword.Ruleset, log: list[dict[str, Any]], **options: Any) -> list[bytes]:
    return [transition.as_json() for transition in afterword.evaluate(ruleset, log, AS_OF, **options)]


@pytest.mark.skipif(not network.available(), reason="durable-rules cannot be imported here")
@EXAMPLES
@given(rulesets(), logs())
def test_both_networks_give_the_same_answers(ruleset: afterword.Ruleset, log: list[dict[str, Any]]) -> None:
    assert said(ruleset, log, network="durable") == said(ruleset, log, network="plain")


@EXAMPLES
@given(rulesets(), logs(), st.randoms(use_true_random=False))
def test_p1_the_order_of_arrival_does_not_matter(
    ruleset: afterword.Ruleset, log: list[dict[str, Any]], shuffler: random.Random
) -> None:
    shuffled = list(log)
    shuffler.shuffle(shuffled)
    assert said(ruleset, shuffled, network="plain") == said(ruleset, log, network="plain")


def in_order(log: list[dict[str, Any]]) -> list[afterword.Event]:
    read = [afterword.events.from_mapping(event) for event in log]  # type: ignore[attr-defined]
    return sorted((event for event in read if isinstance(event, afterword.Event)), key=order_key)


@EXAMPLES
@given(rulesets(), logs(), st.data())
def test_p1_stopping_restoring_and_waiting_do_not_matter(
    ruleset: afterword.Ruleset, log: list[dict[str, Any]], data: st.DataObject
) -> None:
    engine = afterword.Engine(ruleset, network="plain")
    out: list[afterword.Transition] = []
    for event in in_order(log):
        if data.draw(st.integers(0, 2)) == 0:
            engine = afterword.Engine.restore(ruleset, engine.snapshot(), network="plain")
        if data.draw(st.integers(0, 2)) == 0:
            before = event.time.replace(hour=0) if event.time.hour else event.time
            if engine.clock is None or before > engine.clock:
                out += engine.advance(before)
        engine.agenda(days=3)
        out += engine.feed(event)
    out += engine.advance(AS_OF)
    got = [transition.as_json() for transition in sorted(out, key=lambda transition: transition.order)]
    assert got == said(ruleset, log, network="plain")


@EXAMPLES
@given(rulesets(), logs())
def test_p1_each_subject_is_independent_of_the_others(ruleset: afterword.Ruleset, log: list[dict[str, Any]]) -> None:
    together = [t for t in afterword.evaluate(ruleset, log, AS_OF, network="plain")]
    for subject in ("ana", "ben"):
        alone = [event for event in log if event["subject"] == subject]
        assert [t for t in together if t.subject == subject] == list(
            afterword.evaluate(ruleset, alone, AS_OF, network="plain")
        )


OPEN = {"scheduled", "rescheduled", "due", "snoozed", "suppressed", "dismissed"}
DONE = {"fulfilled", "missed", "cancelled", "raised"}


@EXAMPLES
@given(rulesets(), logs())
def test_s19_an_advice_ends_once_and_says_nothing_after(ruleset: afterword.Ruleset, log: list[dict[str, Any]]) -> None:
    lives: dict[str, list[str]] = {}
    previous = None
    for transition in afterword.evaluate(ruleset, log, AS_OF, network="plain"):
        assert previous is None or previous <= transition.order
        previous = transition.order
        lives.setdefault(transition.advice, []).append(transition.state)
        window = transition.window
        if transition.state == "due" and window is not None:
            assert window.start is not None
            assert window.start <= transition.time
            assert window.end is None or transition.time < window.end
    for life in lives.values():
        assert not DONE & set(life[:-1]), life
