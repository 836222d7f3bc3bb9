"""Messages that are made ready for a ruleset say what a plain look at each name says (S31)."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import afterword
from afterword import phrasing
from afterword.days import InstantTexts
from afterword.message import FILTERS, Instant, Slot, Template, Unknown, parse, render
from afterword.ruleset import Rule
from afterword.timeline.state import Advice, Spot
from afterword.transition import Transition, ndjson
from timeline import at as event_at
from timeline import rules as rules_of

RULES = afterword.load("""
schema: afterword/1
ruleset: shop
version: 1.0.0
params:
  patience: {type: duration, default: 3 days}
  shop: {type: string, default: "100 % Corner Shop"}
events:
  sold: {fields: {what: {type: string, unknown: something}, who: {type: object}}}
  returned: {fields: {what: {type: string}}}
remember:
  company: {from: sold, field: what, unknown: the company}
  home: {from: sold, field: what, per: subject}
rules:
  - id: often
    kind: warning
    title: T
    message: M
    when:
      - {event: sold, count: {at_least: 3, within: 7 days}}
      - {event: returned}
""")
RULE = RULES.rule("often")

NAMES = [
    *("due.from", "due.until", "event.time", "matched", "count", "within", "case.id", "subject.id"),
    *("params.patience", "params.shop", "params.none", "case.open", "subject.open_cases"),
    *("case.company", "case.company.name", "case.other_fact", "subject.home", "subject.home.street"),
    *("what", "what.more", "who.name", "case", "subject"),
]
"""What a message may name, and some of what it may not, which is unknown then."""


def plain_value(transition: Transition, path: str) -> object:
    """The definition: what a name stands for, looked up from the beginning."""
    special = _special(transition, path)
    if special is not None:
        return special
    head, *rest = path.split(".")
    seen = transition.record.seen.get(path)
    if path in ("case.open", "subject.open_cases"):
        found, unknown = seen, ""
    elif rest and head in ("case", "subject"):
        found = _dig(transition._facts if head == "case" else transition._known, rest)
        told = [
            f.unknown for f in RULES.facts if (f.name, f.per) == (rest[0], head) and f.unknown is not None
        ]
        unknown = told[0] if told else f"(unknown {rest[0].replace('_', ' ')})"
    else:
        declared = RULES.events[transition.record.trigger_type].fields.get(path)
        last = path.rpartition(".")[2].replace("_", " ")
        found, unknown = seen, (declared and declared.unknown) or f"(unknown {last})"
    return Unknown(unknown) if found is None else found


def _special(transition: Transition, path: str) -> object:
    record, (start, end) = transition.record, transition.bounds
    count = RULE.when[record.clause].count
    return {
        "matched": ", ".join(dict.fromkeys(spot.text for spot in record.matched)),
        "count": record.count,
        "within": None if count is None else str(count.within),
        "due.from": Unknown("an open date") if start is None else Instant(start),
        "due.until": Unknown("an open date") if end is None else Instant(end, exclusive=True),
        "event.time": Instant(record.anchor),
        "case.id": transition.case,
        "subject.id": transition.subject,
        "params.patience": str(RULES.params["patience"].value),
        "params.shop": "100 % Corner Shop",
    }.get(path)


def _dig(value: object, path: list[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


instants = st.sampled_from([0, 1_772_434_800_000_000, 1_772_409_600_000_000]) | st.integers(0, 4 * 10**15)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("2026-03-02T15:00:00Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "street"]), inner),
    max_leaves=5,
)
templates = st.lists(
    st.sampled_from(["Now", " 100 %s, ", "{", "é"])
    | st.builds(Slot, st.sampled_from(NAMES), st.sampled_from([None, *FILTERS])),
    max_size=4,
).map(lambda parts: Template(tuple(parts)))
advices = st.builds(
    Advice,
    id=st.just("0123456789abcdef"),
    rule=st.just("often"),
    state=st.just("raised"),
    zone=st.just("UTC"),
    anchor=instants,
    trigger=st.just("e1"),
    trigger_type=st.sampled_from(["sold", "returned"]),
    clause=st.integers(0, 1),
    count=st.none() | st.integers(0, 9),
    seen=st.dictionaries(st.sampled_from(NAMES), values, max_size=4),
    because=st.just(("e1",)),
    matched=st.lists(st.builds(Spot, st.just("what"), st.just(0), st.just(3), st.text())).map(tuple),
)
facts = st.dictionaries(st.sampled_from(["company", "home", "other_fact", "id"]), values)


@st.composite
def transitions(draw: st.DrawFn) -> Transition:
    return Transition(
        phrasing.Voice(RULES, _with_message(draw(templates))),
        draw(advices),
        "raised",
        draw(instants),
        draw(st.sampled_from(["ana", "me"])),
        draw(st.sampled_from(["acme", None])),
        ("e1",),
        None,
        draw(facts),
        draw(facts),
        afterword.days.Days(draw(st.sampled_from(["UTC", "Australia/Perth", "America/Havana"]))),
        1,
        draw(st.none() | instants),
        draw(st.none() | instants),
    )


def _with_message(template: Template) -> Rule:
    values: dict[str, Any] = {name: getattr(RULE, name) for name in Rule.__struct_fields__}
    return Rule(**values | {"message": template})


@settings(max_examples=500, deadline=None)
@given(transitions())
def test_s31_a_message_made_ready_says_what_a_plain_look_at_each_name_says(transition: Transition) -> None:
    template = transition._voice.rule.message
    expected = render(template, lambda path: plain_value(transition, path), transition._days)
    assert transition.message == expected


def test_s31_each_ruleset_says_what_is_its_own() -> None:
    edited = [
        afterword.compile_ruleset(
            afterword.load(
                f"{{schema: afterword/1, ruleset: shop, version: 1.0.{n}, events: {{sold: }}, rules: [{{id: a, "
                f"kind: warning, title: T, message: M{n}, when: {{event: sold}}}}]}}\n"
            )
        )
        for n in range(16)
    ]
    for _ in range(2):
        for n, program in enumerate(edited):
            (said,) = afterword.evaluate(
                program, [{"type": "sold", "time": "2026-03-02T12:00:00Z", "case": "c"}]
            )
            assert said.message == f"M{n}"
            assert said.as_dict()["ruleset"]["version"] == f"1.0.{n}"


def test_many_transitions_are_written_as_each_of_them_is() -> None:
    events = [
        {
            "type": "sold",
            "time": f"2026-03-0{day}T12:00:00+08:00",
            "case": f"{day % 2}",
            "data": {"what": "é\n"},
        }
        for day in range(1, 8)
    ]
    said = list(afterword.evaluate(RULES, events))
    assert said
    assert ndjson(said) == b"".join(each.as_json() + b"\n" for each in said)
    assert [json.loads(line) for line in ndjson(said).splitlines()] == [each.as_dict() for each in said]
    assert ndjson([]) == b""


def test_p4_what_instants_are_written_as_is_kept_no_longer_than_there_is_room(monkeypatch: Any) -> None:
    monkeypatch.setattr(InstantTexts, "_room", 10)
    one, other = InstantTexts(str), InstantTexts(hex)
    for at in range(10):
        assert (one if at % 2 else other)[at] == (str(at) if at % 2 else hex(at))
    assert (len(one), len(other)) == (5, 5)
    assert one[99] == "99"
    assert (len(one), len(other)) == (1, 0)


def test_s31_what_stands_in_for_a_rule_that_is_gone_does_not_speak_for_it_elsewhere() -> None:
    stable = rules_of(DRAFTED.format(status="stable"))
    drafted = rules_of(DRAFTED.format(status="draft"))
    engine = afterword.Engine(stable)
    engine.feed(event_at("03-02 10:00", "call.made"))
    assert [each.message for each in engine.reload(drafted)] == [GONE]
    (said,) = afterword.Engine(drafted, drafts=True).feed(event_at("03-02 10:00", "call.made"))
    assert said.message == "Call the company"


DRAFTED = """
- id: call
  kind: recommendation
  status: {status}
  title: T
  when: {{event: call.made}}
  message: "Call {{case.company}}"
- {{id: other, kind: warning, title: T, when: {{event: message.sent}}, message: M}}
"""
GONE = "The rule is gone: this advice no longer stands."


@pytest.mark.parametrize("per", ["case", "subject"])
@pytest.mark.parametrize("zone", [None, "Australia/Perth"])
def test_a_transition_can_be_copied_and_sent_to_another_process(per: str, zone: str | None) -> None:
    rule = f"- {{id: call, kind: warning, per: {per}, title: T, when: {{event: call.made}}, message: M}}"
    (said,) = afterword.Engine(rules_of(rule)).feed(event_at("03-02 10:00", "call.made", zone=zone))
    assert said.as_json()
    for copied in (pickle.loads(pickle.dumps(said)), copy.deepcopy(said)):
        assert copied is not said
        assert copied.as_json() == said.as_json()


def test_s31_a_message_without_slots_is_the_same_for_all() -> None:
    rule = _with_message(parse("100 % {{sure}}").template)
    assert phrasing.Voice(RULES, rule).message(None) == "100 % {sure}"  # type: ignore[arg-type]
