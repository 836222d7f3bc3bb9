"""Snapshots: what an engine remembers, as bytes that later versions read and that strangers may have written."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import afterword
from afterword import Engine, Event, SnapshotError, Transition
from afterword.engine import evaluator_of
from throws import EXAMPLES, Throw
from timeline import at, moment, rules, told

DATA = Path(__file__).parent / "data"
KEPT = afterword.load(str(DATA / "snapshot-1.yaml"))


# --- what earlier versions wrote


def event(time: str, type: str, case: str = "acme", **data: str) -> dict[str, Any]:
    return {"type": type, "time": f"2026-03-{time}:00+01:00", "subject": "ana", "case": case, "data": data}


BEFORE = [
    event("02T15:00", "interview.ended", company="Acme") | {"id": "i1"},
    event("03T09:00", "date.stated", decision_date="2026-03-20"),
    event("04T09:00", "message.sent", text="perfect", to="a"),
    event("05T09:00", "message.sent", text="perfect", to="b"),
    event("05T10:00", "interview.ended", "bolt", company="Bolt"),
    event("05T11:00", "message.sent", to="c"),
    event("05T12:00", "unheard"),
]
AFTER = [
    event("09T10:00", "message.sent", text="perfect", to="d"),
    event("03T10:00", "message.sent", to="d"),
    event("10T10:00", "date.stated", decision_date="2026-03-18"),
    event("05T13:00", "message.sent", "bolt", to="d"),
    event("11T10:00", "closed", "bolt"),
]


def goes_on(engine: Engine) -> list[Transition]:
    out = [transition for each in AFTER for transition in engine.feed(each)]
    return out + engine.advance("2026-04-20T00:00:00+02:00")


def test_the_first_format_is_read_and_goes_on_as_it_did() -> None:
    """What is expected is what the version that wrote it said."""
    engine = Engine.restore(KEPT, (DATA / "snapshot-1.msgpack").read_bytes())
    out = [transition for number in (0, 2) for transition in engine.feed(AFTER[number])]
    out += engine.advance("2026-03-22T00:00:00+02:00")
    assert told(out) == (DATA / "snapshot-1.txt").read_text(encoding="utf-8").splitlines()
    assert [remark.about for remark in engine.remarks()] == ["unheard"]


def test_what_is_older_than_a_snapshot_of_the_first_format_is_late() -> None:
    engine = Engine.restore(KEPT, (DATA / "snapshot-1.msgpack").read_bytes())
    engine.feed(event("05T11:30", "message.sent", to="z"))
    assert [remark.kind for remark in engine.remarks()] == ["late", "unknown type"]


def test_the_second_format_is_read_and_goes_on_as_if_nothing_had_happened() -> None:
    undisturbed = Engine(KEPT)
    for each in BEFORE:
        undisturbed.feed(each)
    engine = Engine.restore(KEPT, (DATA / "snapshot-2.msgpack").read_bytes())
    assert engine.remarks() == undisturbed.remarks()
    assert engine.agenda() == undisturbed.agenda()
    said = goes_on(engine)
    assert said == goes_on(undisturbed)
    assert any(transition.replaces for transition in said)  # a late event was among them


# --- size


def test_an_open_case_with_three_windows_takes_little() -> None:
    three = rules("\n".join(THREE.format(number=number) for number in range(3)))
    program = afterword.compile_ruleset(three, network="plain")
    sizes = {}
    for people, cases in ((1, 200), (200, 1), (20, 10)):
        engine = Engine(program)
        empty = len(engine.snapshot())
        start = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        for number in range(200):
            evaluator_of(engine).feed(
                Event(
                    type="interview.ended",
                    time=start + dt.timedelta(minutes=number),
                    subject=f"person-{number % people}",
                    case=f"case-{number % people}-{number // people % cases}",
                    id=f"interview-{number}",
                    data={"company": f"Company {number}", "decision_date": "2026-03-20"},
                )
            )
        states = [
            len(msgspec.msgpack.encode(scope))
            for person in evaluator_of(engine).stream.subjects.values()
            for scope in person.cases.values()
        ]
        assert len(states) == 200
        assert max(states) < 1_536
        sizes[people] = (len(engine.snapshot()) - empty) / 200
    assert max(sizes.values()) < 1.75 * 1_024  # with the events that are kept, and how the subject stood


THREE = """
- id: rule-{number}
  kind: recommendation
  title: Do what number {number} says
  when: {{event: interview.ended}}
  due:
    from: {{first_known: [{{field: case.decision_date, plus: 1 day}}, {{plus: 7 days}}]}}
    until: {{plus: 3 days}}
  fulfilled_by: {{event: call.made}}
  message: Call {{case.company}} by {{due.until:date}}.
"""


# --- bytes that are none


def a_state() -> bytes:
    engine = Engine(KEPT, network="plain")
    for each in BEFORE:
        engine.feed(each)
    return engine.snapshot()


STATE = a_state()
PLAIN = afterword.compile_ruleset(KEPT, network="plain")


def refused(state: Any) -> str:
    with pytest.raises(SnapshotError) as raised:
        Engine.restore(PLAIN, state)
    return str(raised.value)


def test_what_is_no_snapshot_is_refused_in_words() -> None:
    assert refused(b"") == "These bytes are not a snapshot."
    assert refused("text") == "A snapshot is bytes; this is str."
    assert refused(STATE[:-1]).startswith("The snapshot is cut short or damaged")
    assert refused(STATE.replace(b"snapshot/2", b"snapshot/9", 1)) == (
        "The bytes begin with 'afterword-snapshot/9'; this version reads afterword-snapshot/2 and earlier."
    )
    with pytest.raises(SnapshotError, match="not under office"):
        Engine.restore(rules(THREE.format(number=1)), STATE)


def test_a_snapshot_with_drafts_does_not_fit_a_program_without() -> None:
    state = Engine(KEPT, drafts=True).snapshot()
    assert refused(state) == "The snapshot was taken with draft rules; these are compiled without."
    assert Engine.restore(KEPT, state).snapshot() == state


@given(st.binary(max_size=200))
def test_p4_random_bytes_are_refused(state: bytes) -> None:
    refused(state)


@given(st.integers(0, len(STATE) * 8 - 1))
def test_p4_one_bit_that_flipped_is_noticed(place: int) -> None:
    flipped = bytearray(STATE)
    flipped[place // 8] ^= 1 << place % 8
    refused(bytes(flipped))


@given(st.integers(0, len(STATE) - 1))
def test_p4_a_part_of_a_snapshot_is_refused(length: int) -> None:
    refused(STATE[:length])


def sealed(body: Any) -> bytes:
    """The bytes with a digest that fits."""
    packed = msgspec.msgpack.encode(body)
    digest = hashlib.blake2b(packed, digest_size=16).digest()
    return b"afterword-snapshot/2\n" + digest + packed


def opened(state: bytes) -> Any:
    return msgspec.msgpack.decode(state.partition(b"\n")[2][16:])


def edited(change: Callable[[Any], None]) -> bytes:
    """The snapshot with something changed, and a digest that fits."""
    body = opened(STATE)
    change(body)
    return sealed(body)


def case(body: Any) -> Any:
    return body["subjects"][0]["state"]["cases"]["bolt"]


def advice(body: Any) -> Any:
    return next(iter(case(body)["advices"].values()))


def series(body: Any) -> Any:
    return next(iter(case(body)["series"].values()))


LONG_AGO = -62_000_000_000_000_000


@pytest.mark.parametrize(
    ("change", "told_so"),
    [
        (lambda body: body["head"].update(clock=10**18), "not a snapshot"),
        (lambda body: body["head"].update(clock=None), "after its clock"),
        (lambda body: body["head"].update(clock=LONG_AGO), "after its clock"),
        (lambda body: body["head"].update(history="everything"), "`everything` is no history"),
        (lambda body: body["head"]["rules"].update({"x": ["t", "joke", "high", ""]}), "not a snapshot"),
        (lambda body: body["subjects"].append(body["subjects"][0]), "tells of 'ana' twice"),
        (lambda body: body["subjects"][0]["state"].update(open_cases=7), "miscounts"),
        (lambda body: case(body).update(case="other"), "mixes up the cases"),
        (lambda body: case(body).update(zone="Mars/Base"), "time zone"),
        (lambda body: case(body).update(opened=2**62), "out of all range"),
        (lambda body: case(body).setdefault("facts", {}).update(company=b"\xff"), "no JSON"),
        (lambda body: case(body).setdefault("facts", {}).update(company=float("nan")), "no JSON"),
        (lambda body: advice(body).update(rule="nothing"), "'nothing', which gives none there"),
        (lambda body: advice(body).update(rule="many"), "'many', which gives none there"),
        (lambda body: advice(body).update(state="fulfilled"), "open that is not"),
        (lambda body: advice(body).update(clause=9), "a trigger that"),
        (lambda body: advice(body).update(clause=-1), "below zero"),
        (lambda body: advice(body).update(id="other"), "open that is not"),
        (lambda body: advice(body).update(seen={"company": msgspec.msgpack.Ext(1, b"x")}), "no JSON"),
        (lambda body: series(body).update(next=LONG_AGO), "lies before its clock"),
        (lambda body: series(body).update(anchor=LONG_AGO), "out of step"),
        (lambda body: series(body).update(rule="thank"), "mixes up what repeats"),
        (lambda body: series(body)["trigger"].update(trigger_type="closed"), "mixes up what repeats"),
        (lambda body: body["subjects"][0]["frames"][0].__setitem__(1, b"\xc1"), "cannot be read"),
        (lambda body: body["subjects"][0]["frames"][0][2][0].__setitem__(2, b"{}"), "is none"),
        (lambda body: body["subjects"][0]["frames"][0][2][0].__setitem__(0, 5), "is none"),
        (lambda body: body["subjects"][0]["frames"][0][2].reverse(), "not in order"),
        (lambda body: body["subjects"][0]["frames"].insert(0, [0, None, []]), "not in order"),
        (lambda body: body.clear(), "missing required field"),
    ],
)
def test_p4_what_no_engine_wrote_is_refused_though_its_digest_fits(
    change: Callable[[Any], None], told_so: str
) -> None:
    assert told_so in refused(edited(change))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a nested value at which something else could stand."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [each for key in keys for each in places(value[key])]


STRANGE = [
    None,
    True,
    0,
    -1,
    1,
    10**15,
    LONG_AGO,
    2**63,
    0.5,
    "",
    "acme",
    "thank",
    "2026-03-04",
    b"",
    b"\x90",
    [],
    {},
]


@settings(EXAMPLES, max_examples=150)
@given(st.randoms(use_true_random=False))
def test_p4_a_snapshot_of_a_stranger_is_refused_or_does_what_any_does(dice: random.Random) -> None:
    body = opened(STATE)
    for _ in range(dice.randint(1, 3)):
        where, key = dice.choice(places(body))
        where[key] = dice.choice(STRANGE)
    for ruleset in (PLAIN, EDITED):
        try:
            engine = Engine.restore(ruleset, sealed(body))
        except SnapshotError:
            continue
        out: list[Transition] = []
        for each in AFTER:
            out += engine.feed(each)
        engine.agenda(days=30)
        if engine.clock is not None and engine.clock < dt.datetime(2026, 4, 20, tzinfo=dt.UTC):
            out += engine.advance("2026-04-20T00:00:00+02:00")
        assert len(out) < 500
        for transition in out:
            assert transition.as_json()
            assert str(engine.explain_record(transition))


EDITED = afterword.compile_ruleset(
    afterword.load(
        (DATA / "snapshot-1.yaml").read_text(encoding="utf-8").replace("every: 3 days", "every: 1 day")
    ),
    network="plain",
)


# --- what goes with a snapshot


def test_a_snapshot_may_be_restored_under_another_history() -> None:
    first = at("03-02 09:00", "interview.ended", id="e1")
    kept = rules(THREE.format(number=1))
    for before, after in (("all", "sorted"), ("sorted", "all"), ("open-cases", "3 days")):
        engine = Engine(kept, history=before)
        engine.feed(first)
        other = Engine.restore(kept, engine.snapshot(), history=after)
        assert other.feed(first) == []
        assert [remark.kind for remark in other.remarks()] in (["duplicate"], ["late"])
        assert told(other.feed(at("03-03", "call.made"))) == ["03-03 00:00 rule-1 fulfilled"]


def test_a_snapshot_is_the_same_bytes_whatever_the_order_of_its_making() -> None:
    throw = Throw(7)
    log = sorted(throw.log, key=lambda each: str(each["time"]))
    states = set()
    for subjects in (["ana", "ben"], ["ben", "ana"]):
        engine = Engine(throw.ruleset, network="plain", history="all")
        for subject in subjects:
            for each in log:
                if each["subject"] == subject:
                    engine.feed(each)
        engine.advance(moment("03-20"))
        states.add(engine.snapshot())
    assert len(states) == 1


def test_p6_what_is_overdue_can_be_explained_after_a_restart() -> None:
    call = rules("""
        - id: call
          kind: recommendation
          title: Call
          when: {event: interview.ended}
          due: {until: end of day}
          message: Call.
        """)
    engine = Engine(call)
    engine.feed(at("03-02 09:00", "interview.ended", id="e1"))
    engine.advance(moment("03-04"))
    (overdue,) = engine.agenda()
    restored = Engine.restore(call, engine.snapshot())
    assert restored.explain(overdue.advice) == engine.explain(overdue.advice)
