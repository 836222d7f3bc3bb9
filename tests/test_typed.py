"""Reading logs in blocks and passing over events: the same answers and remarks as one event after the other."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import afterword
from afterword.evaluation import replay_typed
from afterword.events import BadEvent, Event, decode
from afterword.history import SORTED
from afterword.moments import TimeError
from afterword.rim.logs import Log
from afterword.shape import shape_of
from afterword.typed import Typed, payload
from throws import (
    AS_OF,
    EXAMPLES,
    Throw,
    an_event,
    in_order,
    ruleset_of,
    some_rules,
    throws,
)

PLAIN = afterword.load("""
schema: afterword/1
ruleset: shop
version: 1.0.0
events:
  sold: {fields: {what: {type: string}, price: {type: number}, pieces: {type: integer}, gift: {type: boolean}}}
  returned: {fields: {what: {type: string}, by: {type: date}, at: {type: datetime}}}
  noted:
rules:
  - id: dear
    kind: warning
    title: T
    message: M
    when: {event: sold, where: {what: {in: [ring, watch]}, price: {gte: 100}}}
  - id: gift
    kind: warning
    title: T
    message: M
    when: {event: sold, where: {gift: true, not: {pieces: {between: [2, 4]}}}}
  - {id: thrice, kind: warning, title: T, message: M, when: {event: returned, count: {at_least: 3, within: 7 days}}}
  - id: call
    kind: recommendation
    title: T
    message: M
    when: {event: sold, where: {what: ring}}
    due: {until: {plus: 2 days}}
    fulfilled_by: {event: noted}
""")

VALUES: dict[str, list[Any]] = {
    "what": ["ring", "watch", "cup", "Ring", "", None, 1, True],
    "price": [99.5, 100, 100.0, 1e300, -0.0, None, "100", True, 10**25],
    "pieces": [1, 2, 4, 5, 2.0, None, "2", False],
    "gift": [True, False, None, 1, "true"],
    "by": ["2026-03-02", "2026-02-30", "soon", None],
    "at": ["2026-03-02T09:00:00Z", "2026-03-02", "", None],
    "surprise": ["x"],
}
OF_TYPE = {
    "sold": {"what", "price", "pieces", "gift"},
    "returned": {"what", "by", "at"},
    "noted": set[str](),
}
"""What is declared; other fields come seldom, so that most blocks are read at once."""


def a_line(dice: random.Random, number: int) -> bytes:
    """A line of a log, mostly a good one."""
    data = {
        name: dice.choice(values[:3] if dice.random() < 0.9 else values) for name, values in VALUES.items()
    }
    type_ = dice.choice(["sold", "sold", "returned", "noted", "heard", "day.passed"])
    names = data.keys() - {"surprise"} if dice.random() < 0.05 else OF_TYPE.get(type_, {"what", "price"})
    kept = {name: data[name] for name in sorted(names) if dice.random() < 0.6}
    event: dict[str, Any] = {
        "type": type_,
        "time": f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00{dice.choice(['Z', '+00:00', '+00:00'])}",
        "id": f"e{number if dice.random() < 0.9 else number - 1}",
        "subject": dice.choice(["ana", "ben"]),
        "case": dice.choice(["a", "b", None]),
        "data": kept | ({"surprise": "x"} if dice.random() < 0.02 else {}),
    }
    for name in ("id", "subject", "case", "data"):
        if dice.random() < 0.1:
            del event[name]
    line = json.dumps(event, separators=dice.choice([(",", ":"), (", ", ": ")]))
    odd = dice.random()
    if odd < 0.02:
        return line[:-4].encode()
    if odd < 0.04:
        return line.replace('"data":', '"data": {"what": "cup"}, "data":').encode()
    if odd < 0.06:
        return line.replace("cup", "c\\u0075p").replace("ana", "an\\u0061").encode()
    if odd < 0.08:
        return line.replace(":00:00", ":00:00.1234567", 1).encode()
    return b"" if odd < 0.09 else line.encode()


def one_by_one(rules: afterword.Ruleset, lines: Iterable[bytes]) -> tuple[list[bytes], list[object]]:
    engine = afterword.Engine(rules, network="plain", history=SORTED)
    read = [decode(line) for line in lines if line.strip()]
    said = afterword.replay(engine, (each for each in read if isinstance(each, Event)), AS_OF)
    return [each.as_json() for each in said], list(engine.remarks())


def in_blocks(
    rules: afterword.Ruleset, blocks: Iterable[list[bytes]]
) -> tuple[list[bytes], list[object], int]:
    engine = afterword.Engine(rules, network="plain", history=SORTED)
    read = 0

    def decoded(typed: Typed) -> Iterator[list[Any]]:
        nonlocal read
        for lines in blocks:
            events: list[Any] | None = typed.block(b"\n".join(lines) + b"\n")
            read += events is not None
            if events is None:
                found = [decode(line) for line in lines if line.strip()]
                events = [each for each in found if isinstance(each, Event)]
                typed.learn(each.type for each in events)
            yield events

    said = [each.as_json() for each in replay_typed(engine, decoded, AS_OF)]
    return said, list(engine.remarks()), read


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**64), st.integers(1, 40))
def test_p1_blocks_give_what_the_events_give_one_by_one(seed: int, size: int) -> None:
    dice = random.Random(seed)
    lines = [a_line(dice, number) for number in range(dice.randint(1, 200))]
    blocks = [lines[at : at + size] for at in range(0, len(lines), size)]
    assert in_blocks(PLAIN, blocks)[:2] == one_by_one(PLAIN, lines)


@EXAMPLES
@given(throws, st.integers(1, 9))
def test_p1_blocks_do_so_under_any_rules(throw: Throw, size: int) -> None:
    lines = [_line(event) for event in in_order(throw.log)]
    blocks = [lines[at : at + size] for at in range(0, len(lines), size)]
    assert in_blocks(throw.ruleset, blocks)[:2] == one_by_one(throw.ruleset, lines)


LEAN = """
schema: afterword/1
ruleset: office
version: 1.0.0
events:
  interview.ended: &plain
    fields: {purpose: {type: string}, text: {type: string}, who: {type: string}, pieces: {type: integer}}
  interview.scheduled: *plain
  message.sent: *plain
  call.made: *plain
  reply.received: *plain
  rejection.received: *plain
  date.stated: {fields: {decision_date: {type: date}, company: {type: string}}}
remember:
  company: {from: date.stated, field: company}
  decision_date: {from: date.stated, field: decision_date}
"""
CASES = """
cases:
  opened_by: [interview.scheduled, call.made]
  closed_by: [rejection.received]
"""
NOT_OF_THE_LOG = ["day.passed", "decision_date.passed", "advice.missed", "advice.due"]


def lean_rules(dice: random.Random) -> afterword.Ruleset:
    """Random rules under which many events can be passed over, if nothing of the engine's own hears of them."""
    rules = some_rules(dice)
    for each in rules:
        if dice.random() < 0.25 and "count" not in each["when"]:
            heard = dice.choice(NOT_OF_THE_LOG[:: 2 if each.get("per") == "subject" else 1])
            each["when"] = {"event": heard}
        for name in ("when", "fulfilled_by", "cancelled_by", "unless"):
            if "where" in each.get(name, {}) and dice.random() < 0.7 and "rule" not in each[name]["where"]:
                each[name]["where"] = {"purpose": dice.choice(["thank_you", {"in": ["Jo", "ß"]}])}
                if dice.random() < 0.5:
                    each[name]["where"]["pieces"] = {dice.choice(["is", "gt", "lt"]): dice.randint(0, 3)}
    try:
        return ruleset_of(rules, LEAN + (CASES if dice.random() < 0.8 else ""))
    except afterword.RulesetError:  # rules that make each other speak for ever
        return lean_rules(dice)


def lean_event(dice: random.Random, number: int) -> dict[str, Any]:
    """An event that can be read in a block, unless it is odd."""
    event = an_event(dice, number)
    event["data"] = {
        name: dice.choice(values)
        for name, values in {"purpose": ["thank_you", "Jo", "", None], "pieces": [0, 1, 2, 3]}.items()
        if dice.random() < 0.7
    }
    if event["type"] == "unheard.of" and dice.random() < 0.5:
        event["type"] = "date.stated"
        event["data"] = {"decision_date": f"2026-03-{dice.randint(1, 9):02}", "company": "Acme"}
    if event["type"].startswith("advice."):
        event["data"] = {"rule": f"r{dice.randint(0, 3)}", "until": "2026-03-08"}
    if dice.random() < 0.9:
        event.pop("timezone", None)
    return event


@EXAMPLES
@given(st.integers(0, 2**64), st.integers(1, 9))
def test_p1_passing_over_events_changes_nothing_whatever_the_engine_itself_has_to_tell(
    seed: int, size: int
) -> None:
    dice = random.Random(seed)
    ruleset = lean_rules(dice)
    log = in_order([lean_event(dice, number) for number in range(dice.choice([6, 20, 60]))])
    lines = [_line(event) for event in log]
    blocks = [lines[at : at + size] for at in range(0, len(lines), size)]
    assert in_blocks(ruleset, blocks)[:2] == one_by_one(ruleset, lines)


def of_the_clock(rule: str) -> afterword.Ruleset:
    """Rules in which what the engine says by itself comes between the events."""
    return ruleset_of(
        [{"kind": "recommendation", "title": "T", "message": "M", **each} for each in yaml.safe_load(rule)],
        LEAN + CASES,
    )


@pytest.mark.parametrize(
    ("rule", "types"),
    [
        pytest.param(
            "- {id: r, when: {event: day.passed}, due: {until: {plus: 5 days}}, fulfilled_by: {event: message.sent}}",
            ["call.made", "message.sent"],
            id="an advice that a midnight makes before the event that fulfils it",
        ),
        pytest.param(
            "- {id: r, when: {event: decision_date.passed}, due: {until: {plus: 5 days}}, "
            "fulfilled_by: {event: message.sent}}",
            ["call.made", "date.stated", "message.sent"],
            id="the same of a date",
        ),
        pytest.param(
            "- {id: r, when: {event: reply.received}, due: {until: {plus: 1 day}}}\n"
            "- {id: s, per: subject, when: {event: advice.missed}, fulfilled_by: {event: message.sent}}",
            ["call.made", "reply.received", "message.sent elsewhere"],
            id="an advice to a subject, made when one in a case is missed",
        ),
        pytest.param(
            "- {id: r, per: subject, kind: warning, when: {event: day.passed}}",
            ["message.sent"],
            id="the days of a subject whose first event means nothing",
        ),
        pytest.param(
            "- {id: r, per: subject, when: {event: reply.received}, due: {until: {plus: 1 day}}}\n"
            "- {id: s, kind: warning, when: {event: advice.missed}}",
            ["reply.received", "call.made"],
            id="a case that is opened after something was missed",
        ),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_p1_an_event_is_not_passed_over_before_what_the_clock_tells(
    rule: str, types: list[str], size: int
) -> None:
    lines = []
    for number, name in enumerate(types):
        type_, _, where = name.partition(" ")
        event = {"type": type_, "time": f"2026-03-{2 + 3 * number:02}T09:00:00Z", "case": where or "acme"}
        data = {"decision_date": "2026-03-06"} if type_ == "date.stated" else {"purpose": "x"}
        lines.append(json.dumps({**event, "data": data}).encode())
    blocks = [lines[at : at + size] for at in range(0, len(lines), size)]
    ruleset = of_the_clock(rule)
    said = one_by_one(ruleset, lines)
    assert said[0]
    assert in_blocks(ruleset, blocks)[:2] == said


def noted_twice(typed: Typed) -> list[list[Any]]:
    block = typed.block(b'{"type": "noted", "time": "2026-03-02T00:00:00Z", "id": "n1", "case": "a"}\n' * 2)
    assert block is not None
    return [block]


def test_an_engine_that_has_begun_passes_nothing_over() -> None:
    engine = afterword.Engine(PLAIN, network="plain", history=SORTED)
    engine.advance("2026-03-10T00:00:00Z")
    with pytest.raises(TypeError, match="has begun"):
        list(replay_typed(engine, noted_twice))


def test_what_was_passed_over_can_be_snapshot() -> None:
    engine = afterword.Engine(PLAIN, network="plain", history=SORTED)
    assert list(replay_typed(engine, noted_twice)) == []
    restored = afterword.Engine.restore(PLAIN, engine.snapshot())
    assert restored.snapshot() == engine.snapshot()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_s12_a_log_that_is_not_sorted_is_refused_across_blocks_too(size: int) -> None:
    lines = [sold(number) for number in (5, 3, 6)]
    blocks = [lines[at : at + size] for at in range(0, len(lines), size)]
    with pytest.raises(TimeError, match="comes after"):
        in_blocks(PLAIN, blocks)


def _line(event: Event) -> bytes:
    told = {name: getattr(event, name) for name in ("id", "subject", "case", "source", "timezone")}
    told = {name: value for name, value in told.items() if value is not None}
    return json.dumps(
        {"type": event.type, "time": event.time.isoformat(), **told, "data": event.data}
    ).encode()


def sold(number: int, **data: Any) -> bytes:
    time = f"2026-03-02T{number // 60:02}:{number % 60:02}:00Z"
    return json.dumps({"type": "sold", "time": time, "id": f"e{number}", "case": "a", "data": data}).encode()


def test_good_blocks_are_decoded_at_once() -> None:
    lines = [sold(number, what="cup", price=number) for number in range(100)]
    said, remarks, read = in_blocks(PLAIN, [lines[:50], lines[50:]])
    assert (said, remarks, read) == ([], [], 2)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type": "sold", "time": "2026-03-02T00:00:00Z", "data": {"what": "a", "what": "ring"}}',
        b'{"type": "sold", "type": "sold", "time": "2026-03-02T00:00:00Z"}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00.1234567Z"}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00Z", "data": {"pieces": 9223372036854775808}}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00Z", "data": {"wat": "ring"}}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00Z", "timezone": "Mars/Olympus"}',
        b'{"type": "sold", "time": "0050-03-02T00:00:00Z"}',
        b'{"type": "sold", "time": "0100-01-01T00:00:00Z"}\n{"type": "sold", "time": "0099-12-31T23:00:00-05:00"}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00"}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00Z", "id": ""}',
        b'{"type": "sold", "time": "2026-03-02T00:00:00Z", "data": {"what": "\\u0061"}}',
        b'{"type": "sold"',
        b"",
    ],
)
def test_p2_a_block_with_anything_odd_is_left_to_the_close_look(line: bytes) -> None:
    typed = Typed(PLAIN.events)
    assert typed.block(sold(1) + b"\n" + sold(2) + b"\n") is not None
    assert typed.block(line + b"\n" + sold(2) + b"\n") is None


def alike(typed: Typed) -> None:
    """Has it see two blocks of events that are all of one shape."""
    typed.learn(["heard"])
    for _ in range(2):
        assert typed.block(b"\n".join([*(sold(n, what="cup", price=n) for n in range(9)), HEARD])) is not None


HEARD = b'{"type": "heard", "time": "2026-03-02T00:30:00Z", "data": {"loud": true, "who": "Jo"}}'


@pytest.mark.parametrize(
    "line",
    [
        sold(9, what="cup", price=9),
        sold(9, what='the "blue" cup', price=9.5),
        sold(9, what="cup", price=None),
        sold(9, what=None, price=9),
        sold(9, what="cup"),
        sold(9, what="cup", price=9, gift=True),
        sold(9),
        b'{"type": "sold", "time": "2026-03-02T01:00:00Z"}',
        b'{"type": "sold", "time": "2026-03-02T01:00:00Z", "data": null}',
        b'{"type": "noted", "time": "2026-03-02T01:00:00.5Z", "sequence": 3, "source": "s", "id": null}',
        HEARD,
        HEARD.replace(b"true", b"null"),
        HEARD.replace(b'"Jo"', b"7"),
        HEARD.replace(b'"who"', b'"wh o"'),
    ],
)
def test_events_of_the_usual_shape_and_of_another_are_read_alike(line: bytes) -> None:
    typed = Typed(PLAIN.events)
    alike(typed)
    for _ in range(3):
        block = typed.block(sold(8, what="cup", price=8) + b"\n" + line + b"\n")
        assert block is not None
        assert [typed.event(each) for each in block] == [decode(sold(8, what="cup", price=8)), decode(line)]


@pytest.mark.parametrize(
    "line",
    [
        sold(9, what="cup", price=9, gift=True),
        sold(9),
        HEARD,
        b'{"type": "noted", "time": "2026-03-02T01:00:00.5Z", "sequence": 3, "source": "s", "subject": "ana"}',
    ],
)
def test_a_shape_tells_the_quotes_of_a_line(line: bytes) -> None:
    typed = Typed(PLAIN.events)
    typed.learn(["heard"])
    block = typed.block(line)
    assert block is not None
    shape = shape_of((event, payload(event)) for event in block)
    assert shape is not None
    assert shape.quotes == line.count(b'"')


@pytest.mark.parametrize(
    "line",
    [
        sold(9, what="cup", price=9).replace(b'"what"', b'"price": 8, "what"'),
        sold(9, what="cup", price=9).replace(b'"id"', b'"id": "e8", "id"'),
        sold(9, price=9).replace(b'"price"', b'"price": 8, "price"'),
        sold(9, what="cup", price=9).replace(b":00Z", b":00.1234567Z"),
        HEARD.replace(b'"loud"', b'"loud": false, "loud"'),
    ],
)
def test_p2_nothing_odd_hides_among_events_of_the_usual_shape(line: bytes) -> None:
    typed = Typed(PLAIN.events)
    alike(typed)
    for other in (sold(8, what="cup", price=8), sold(8, what="cup"), sold(8)):
        assert typed.block(other + b"\n" + line + b"\n") is None


@pytest.mark.parametrize("size", [1, 3, 100])
def test_s12_events_of_one_instant_are_passed_over_in_their_order(size: int) -> None:
    dice = random.Random(size)
    lines = [sold(number // 4, what=dice.choice(["ring", "cup"]), price=120) for number in range(60)]
    lines = [line.replace(b'"e', b'"e%d-' % dice.randrange(3)) for line in lines]
    blocks = [lines[at : at + size] for at in range(0, len(lines), size)]
    assert in_blocks(PLAIN, blocks)[:2] == one_by_one(PLAIN, lines)


def test_an_undeclared_type_is_learned_and_a_log_that_keeps_failing_is_read_line_by_line() -> None:
    typed = Typed(PLAIN.events)
    heard = b'{"type": "heard", "time": "2026-03-02T00:00:00Z", "data": {"loud": true}}\n'
    assert typed.block(heard) is None
    typed.learn(["heard"])
    assert typed.block(heard) is not None
    for _ in range(20):
        typed.block(b"{\n")
    assert typed.block(heard) is None


@pytest.mark.parametrize("packed", [False, True])
def test_p2_a_log_has_the_same_events_in_blocks_and_one_by_one(tmp_path: Path, packed: bool) -> None:
    dice = random.Random(5)
    lines = [a_line(dice, number) for number in range(600)] * 4
    lines.insert(700, b'{"type": "sold", "x": "' + b"x" * (17 << 20) + b'"}')
    content = b"\xef\xbb\xbf" + b"\n".join(lines)
    path = tmp_path / ("log.jsonl.gz" if packed else "log.jsonl")
    path.write_bytes(gzip.compress(content, 1)[:-9] if packed else content)
    typed = Typed(PLAIN.events)
    with Log(str(path)) as log:
        singly = [found for _, found in log]
        tally = log.tally
        together = [each for block in log.blocks(typed) for each in block]
        assert log.tally == tally
    assert len(together) == len(singly)
    for one, other in zip(together, singly, strict=True):
        plain = one if isinstance(one, BadEvent) else typed.plain(one)
        assert plain == other


def an_event_of(number: int) -> bytes:
    return b'{"type": "noted", "time": "2026-03-02T09:00:0%dZ", "id": "e%d"}' % (number, number)


@pytest.mark.parametrize(
    "block",
    [
        an_event_of(1) + an_event_of(2) + b"\n\n",
        an_event_of(1) + b" " + an_event_of(2) + b"\n" + an_event_of(3).replace(b", ", b",\n", 1) + b"\n",
        an_event_of(1) + b"\n\n" + an_event_of(2) + an_event_of(3) + b"\n",
    ],
)
def test_p3_lines_that_hold_two_events_or_half_of_one_are_looked_at_closely(block: bytes) -> None:
    typed = Typed(PLAIN.events)
    assert typed.block(an_event_of(1) + b"\n" + an_event_of(2) + b"\n") is not None
    assert typed.block(block) is None
