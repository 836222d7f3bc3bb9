"""What is remarked about the events of a log: all that is passed over, each thing once (P2, S4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import afterword
from afterword.evaluation import replay_typed
from afterword.events import Event, decode
from afterword.history import SORTED
from afterword.report import HINTED, LONGEST
from afterword.trial_files import read_trials
from afterword.typed import Typed
from afterword.yaml_tree import parse

PARTS = afterword.load("""
schema: afterword/1
ruleset: shop
version: 1.0.0
events:
  packed:
    fields:
      size: {type: integer, enum: [1, 2, 12]}
      place: {type: object, fields: {city: {type: string}, floor: {type: integer}}}
      tags: {type: array, items: {type: string}}
      anything: {type: object}
      boxes:
        type: array
        items: {type: object, fields: {label: {type: string}, sizes: {type: array, items: {type: integer}}}}
  sold: {fields: {what: {type: string}, on: {type: date}}}
remember:
  sold_on: {from: sold, field: on}
rules:
  - {id: big, kind: warning, title: Big, message: M, when: {event: packed, where: {size: 1}}}
  - id: go
    kind: recommendation
    title: Go
    message: M
    when: {event: sold}
""")


def noticed(*events: tuple[str, dict[str, Any]]) -> list[str]:
    engine = afterword.Engine(PARTS)
    for hour, (type_, data) in enumerate(events):
        engine.feed({"type": type_, "time": f"2026-03-02T{hour:02}:00:00Z", "case": "a", "data": data})
    return [f"{each.kind}: {each.about}, {each.count}, {each.hint}".strip(" ,") for each in engine.remarks()]


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        ({"place": {"citty": "Perth"}}, "unknown field: packed: place.citty, 1, did you mean `city`?"),
        ({"place": {"floor": "two"}}, "wrong type: packed: place.floor should be integer, 1"),
        ({"place": "Perth"}, "wrong type: packed: place should be object, 1"),
        ({"tags": ["a", 1, None]}, "wrong type: packed: tags[] should be string, 1"),
        ({"tags": "a"}, "wrong type: packed: tags should be array, 1"),
        ({"boxes": [{"lable": "A"}, {"lable": "B"}]}, "unknown field: packed: boxes[].lable, 2, did you mean `label`?"),
        ({"boxes": [{"sizes": [1, 2.0, "3"]}]}, "wrong type: packed: boxes[].sizes[] should be integer, 1"),
        ({"boxes": [{}, "A"]}, "wrong type: packed: boxes[] should be object, 1"),
        ({"place.city": "Perth"}, "unknown field: packed: place.city, 1, write `city` inside `place`"),
    ],
)  # fmt: skip
def test_s4_what_is_wrong_inside_a_field_is_told_by_its_path(data: dict[str, Any], remark: str) -> None:
    assert noticed(("packed", data)) == [remark]


def test_s4_what_is_as_declared_inside_a_field_is_not_told() -> None:
    whole = {
        "place": {"city": None, "floor": 3},
        "tags": [],
        "anything": {"x": {"y": [1]}},
        "boxes": [{"label": "A", "sizes": [1]}, None],
    }
    assert noticed(("packed", whole), ("packed", dict.fromkeys(whole))) == []


def test_s4_a_late_event_takes_no_remark_about_a_part_back_but_its_own() -> None:
    engine = afterword.Engine(PARTS)
    for time, city in (("03", "citty"), ("05", "citty"), ("04", "city")):
        engine.feed(
            {
                "type": "packed",
                "time": f"2026-03-{time}T00:00:00Z",
                "case": "a",
                "data": {"place": {city: "P"}},
            }
        )
    assert [(each.about, each.count) for each in engine.remarks()] == [("packed: place.citty", 2)]


def test_s4_a_part_is_told_at_its_word_in_a_test_file() -> None:
    text = """
tests: afterword/1
cases:
  - name: parts
    rule: big
    events:
      - {type: packed, time: "2026-03-02T15:00:00Z", data: {place: {citty: Perth, floor: two}}}
    expect: [{at: "2026-03-02T15:00:00Z", state: none}]
"""
    node, _ = parse(text, "tests.yaml")
    assert node is not None
    _, problems = read_trials(node, lambda _: (PARTS, []))
    line = text.splitlines()[6]
    assert [(each.code, each.column) for each in problems] == [
        ("unknown-field", line.index("citty") + 1),
        ("wrong-value", line.index("two") + 1),
    ]


# --- numbers


@pytest.mark.parametrize("size", [1, 1.0, 12, 12.0])
def test_s14_a_whole_number_fits_however_it_is_written(size: float) -> None:
    assert noticed(("packed", {"size": size})) == []


@pytest.mark.parametrize("size", [1.5, True, "1", 3])
def test_s14_what_no_test_takes_for_a_number_does_not_fit(size: object) -> None:
    assert noticed(("packed", {"size": size})) == ["wrong type: packed: size should be one of 1, 2, 12, 1"]


def test_s14_an_event_that_makes_advice_by_an_equal_number_is_not_told_to_fail() -> None:
    engine = afterword.Engine(PARTS)
    event = {"type": "packed", "time": "2026-03-02T15:00:00Z", "case": "a", "data": {"size": 1.0}}
    assert [each.rule for each in engine.feed(event)] == ["big"]
    assert engine.remarks() == []


# --- types that no ruleset declares


@pytest.mark.parametrize(
    ("type_", "data", "remark"),
    [
        ("advice.dismissed", {"resaon": "x"}, "unknown field: advice.dismissed: resaon, 1, did you mean `reason`?"),
        ("advice.snoozed", {"untill": "x"}, "unknown field: advice.snoozed: untill, 1, did you mean `until`?"),
        ("advice.reopened", {"rules": "x"}, "unknown field: advice.reopened: rules, 1, did you mean `rule`?"),
        ("advice.dismissed", {"reason": 3}, "wrong type: advice.dismissed: reason should be string, 1"),
    ],
)  # fmt: skip
def test_s20_what_is_passed_over_in_an_order_of_the_user_is_told(
    type_: str, data: dict[str, Any], remark: str
) -> None:
    orders = {"rule": "go", "until": "2026-03-04"} if type_ == "advice.snoozed" else {"rule": "go"}
    assert remark in noticed(("sold", {}), (type_, orders | data))
    said = noticed(("sold", {}), (type_, orders))
    assert not [each for each in said if each.startswith(("unknown", "wrong"))]


@pytest.mark.parametrize("type_", ["day.passed", "sold_on.passed"])
def test_s6_a_day_that_is_no_date_is_told(type_: str) -> None:
    assert noticed((type_, {"date": "2026-02-30"})) == [f"wrong type: {type_}: date should be date, 1"]
    assert noticed((type_, {"dat": "2026-02-03"})) == [
        f"unknown field: {type_}: dat, 1, did you mean `date`?"
    ]
    assert noticed((type_, {"date": "2026-02-03"}), (type_, {})) == []


def test_s20_a_type_that_only_the_engine_may_use_is_told_once() -> None:
    assert noticed(("advice.missed", {"x": 1}), ("advice.missed", {})) == ["reserved type: advice.missed, 2"]
    assert noticed(("advice.dismised", {})) == [
        "unknown type: advice.dismised, 1, did you mean `advice.dismissed`?"
    ]


def test_s4_blocks_of_a_log_hide_no_remark_about_parts_and_orders() -> None:
    lines = [
        {"type": "sold", "case": "a", "data": {"what": "x"}},
        {"type": "packed", "case": "a", "data": {"size": 1.0, "place": {"citty": "P"}, "boxes": [{"lable": 1}]}},
        {"type": "sold", "case": "b"},
        {"type": "packed", "case": "a", "data": {"tags": [1]}},
        {"type": "advice.dismissed", "case": "a", "data": {"rule": "go", "resaon": "x"}},
        {"type": "advice.missed", "case": "a"},
        {"type": "day.passed", "data": {"date": "soon"}},
        {"type": "sold", "case": "c", "data": {"what": "x"}},
    ]  # fmt: skip
    log = [json.dumps({**line, "time": f"2026-03-02T{n:02}:00:00Z"}).encode() for n, line in enumerate(lines)]
    singly = afterword.Engine(PARTS, history=SORTED)
    for line in log:
        event = decode(line)
        assert isinstance(event, Event)
        singly.feed(event)

    def blocks(typed: Typed) -> Iterator[list[Any]]:
        for size in (1, 3, 2, 2):
            block, log[:size] = log[:size], []
            yield typed.block(b"\n".join(block) + b"\n") or [decode(line) for line in block]
            typed.learn(["advice.dismissed", "advice.missed", "day.passed"])

    engine = afterword.Engine(PARTS, history=SORTED)
    list(replay_typed(engine, blocks))
    assert engine.remarks() == singly.remarks()
    assert len(engine.remarks()) == 6


def test_p4_hints_are_looked_for_only_for_so_many_names() -> None:
    engine = afterword.Engine(PARTS, history=SORTED)
    data = {f"anything{number:04}": 1 for number in range(HINTED + 50)}
    engine.feed({"type": "packed", "time": "2026-03-02T15:00:00Z", "data": data})
    hints = [bool(remark.hint) for remark in engine.remarks() if remark.kind == "unknown field"]
    assert hints == [True] * HINTED + [False] * 50


def test_p4_a_long_name_takes_little_of_the_state() -> None:
    engine = afterword.Engine(PARTS)
    for number in range(3):
        for type_ in ("x" * 100_000, f"y{number}" + "x" * 100_000):
            engine.feed({"type": type_, "time": "2026-03-02T00:00:00Z", "case": "a"})
        engine.feed({"type": "sold", "time": "2026-03-02T00:00:00Z", "case": "a", "id": "i" * 1_000})
    duplicate, *unknown = [each.about for each in engine.remarks()]
    assert duplicate == "i" * LONGEST + "… (1,000 characters)"
    assert [name[:2] for name in unknown] == ["xx", "y0", "y1", "y2"]
    assert all(len(name) < LONGEST + 30 for name in unknown)
    assert engine.explain_event("i" * 1_000).again == 2
    assert len(engine.checkpoint().head) < 5_000
