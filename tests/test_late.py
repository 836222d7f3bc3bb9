"""Late events: whatever the order of arrival, what stands in the end is what the sorted log gives (S3, S12, S24)."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import afterword
from afterword import Engine, Event, Remark, Transition, corrected
from afterword import history as kept_past
from afterword.engine import evaluator_of
from afterword.frames import FRAME
from throws import AS_OF, EXAMPLES, Throw, in_order, throws
from timeline import at, moment, rules, told

FEW = settings(EXAMPLES, max_examples=30)

ATTACKERS = st.randoms(use_true_random=False)
END = dt.datetime.fromisoformat(AS_OF)


def standing(transitions: list[Transition]) -> list[dict[str, Any]]:
    """What is left when the corrections are applied, but for what they say that they replace."""
    return [{**transition.as_dict(), "replaces": None} for transition in corrected(transitions)]


def sorted_log(throw: Throw) -> list[dict[str, Any]]:
    return [each.as_dict() for each in afterword.evaluate(throw.ruleset, throw.log, AS_OF, network="plain")]


class Attacker:
    """Feeds a log in any order, some of it twice, and lets time pass and the process die in between."""

    def __init__(self, throw: Throw, dice: random.Random, history: str = "all") -> None:
        self.throw = throw
        self.dice = dice
        self.engine = Engine(throw.ruleset, network="plain", history=history)
        self.out: list[Transition] = []

    def attack(self) -> None:
        log = list(self.throw.log)
        self.dice.shuffle(log)
        for event in log:
            if self.dice.random() < 0.2:
                self.restart()
            if self.dice.random() < 0.2:
                self.wait()
            self.out += self.engine.feed(event)
            if self.dice.random() < 0.2:
                self.repeat()
        assert self.engine.clock is not None
        if self.engine.clock < END:
            self.out += self.engine.advance(AS_OF)

    def restart(self) -> None:
        self.engine = Engine.restore(self.throw.ruleset, self.engine.snapshot(), network="plain")

    def wait(self) -> None:
        clock = self.engine.clock or dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        self.out += self.engine.advance(min(clock + dt.timedelta(hours=self.dice.randint(0, 60)), END))

    def repeat(self) -> None:
        """An event that has an id comes once more."""
        events = [event for event in self.throw.log if "id" in event]
        if events:
            self.out += self.engine.feed(self.dice.choice(events))


def noticed(engine: Engine) -> list[Remark]:
    """What the engine remarked, but for the duplicates that the attacker made."""
    return [remark for remark in engine.remarks() if remark.kind != "duplicate"]


@FEW
@given(throws, ATTACKERS)
def test_p1_s24_the_corrections_lead_to_what_the_sorted_log_gives(throw: Throw, dice: random.Random) -> None:
    attacker = Attacker(throw, dice)
    attacker.attack()
    assert standing(attacker.out) == sorted_log(throw)
    plain = Engine(throw.ruleset, network="plain", history="sorted")
    for _ in afterword.replay(plain, in_order(throw.log), AS_OF):
        pass
    assert noticed(attacker.engine) == noticed(plain)


class Store:
    """Keeps what checkpoints give, as a store with a row for each subject does."""

    def __init__(self) -> None:
        self.head = b""
        self.rows: dict[str, bytes] = {}

    def keep(self, engine: Engine) -> None:
        self.head, changed = engine.checkpoint()
        for subject, entry in changed.items():
            if entry is None:
                self.rows.pop(subject, None)
            else:
                self.rows[subject] = entry


@FEW
@given(throws, ATTACKERS, st.sampled_from(["open-cases", "1 day", "3 days", "all", "sorted"]))
def test_p1_a_restart_makes_no_difference_whatever_is_kept(
    throw: Throw, dice: random.Random, history: str
) -> None:
    """Not even for the events that are too late."""
    program = afterword.compile_ruleset(throw.ruleset, network="plain")
    undisturbed, engine, store = Engine(program, history=history), Engine(program, history=history), Store()
    log = list(throw.log) * 2
    dice.shuffle(log)
    for event in log:
        store.keep(engine)
        if dice.random() < 0.3:
            engine = Engine.from_parts(program, store.head, store.rows.values())
        elif dice.random() < 0.2:
            engine = Engine.restore(program, engine.snapshot())
        if dice.random() < 0.2 and engine.clock is not None and engine.clock < END:
            to = min(engine.clock + dt.timedelta(hours=dice.randint(0, 40)), END)
            assert engine.advance(to) == undisturbed.advance(to)
        assert engine.feed(event) == undisturbed.feed(event)
        assert engine.remarks() == undisturbed.remarks(), event


# --- statement by statement

CALL = rules("""
    - id: call
      kind: recommendation
      title: Call
      when: {event: interview.ended}
      due: {from: {plus: 2 days}, until: {plus: 3 days}}
      fulfilled_by: {event: call.made}
      message: Call {case.company}.
    - id: badgering
      kind: warning
      when: {event: call.made, count: {at_least: 2, within: 1 day}}
      message: "{count}"
    """)


def replaced(transitions: list[Transition]) -> list[str]:
    """Each with what it takes the place of: `=` the one of its own number."""
    return [
        f"{line}{' =' if each.replaces == each.id else ''}"
        for line, each in zip(told(transitions), transitions, strict=True)
    ]


def test_s12_an_event_that_comes_late_takes_its_place_in_time() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-04 09:00", "call.made"))
    assert replaced(engine.feed(at("03-02 09:00", "interview.ended", company="Acme"))) == [
        "03-02 09:00 call scheduled",
        "03-04 09:00 call due",
        "03-04 09:00 call fulfilled",
    ]


def test_s12_events_of_one_instant_have_an_order_that_does_not_depend_on_arrival() -> None:
    events = [at("03-02", "interview.ended", id=f"7-{n}", company=name) for n, name in ((9, "A"), (10, "B"))]
    for order in (events, events[::-1]):
        engine = Engine(CALL)
        out = [transition for event in order for transition in engine.feed(event)]
        assert [transition.because[0] for transition in corrected(out)] == ["7-9"]


def test_s24_a_correction_names_what_it_replaces_and_what_never_was_is_withdrawn() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-02 09:00", "interview.ended", company="Acme"))
    missed = engine.advance(moment("03-09"))
    assert told(missed) == ["03-04 09:00 call due", "03-07 09:00 call missed"]
    corrections = engine.feed(at("03-03 09:00", "call.made", id="c1"))
    assert replaced(corrections) == ["03-03 09:00 call fulfilled =", "03-07 09:00 call withdrawn ="]
    fulfilled, withdrawn = corrections
    assert (fulfilled.replaces, fulfilled.cause and fulfilled.cause.kind) == (missed[0].id, "event")
    assert withdrawn.replaces == missed[1].id
    assert withdrawn.as_dict()["cause"] == {"kind": "late event", "event": "c1"}
    assert engine.feed(at("03-03 10:00", "call.made", "other")) == []


def test_s18_s24_a_late_event_that_begins_or_ends_a_refused_span_corrects_what_was_said() -> None:
    quiet = rules("""
    - id: hush
      kind: warning
      title: Hush
      when: {event: call.made}
      unless: {since: {event: message.sent}, until: {event: reply.received}}
      message: M
    """)
    engine = Engine(quiet)
    engine.feed(at("03-02 09:00", "interview.ended"))
    (raised,) = engine.feed(at("03-04 09:00", "call.made"))
    (withdrawn,) = engine.feed(at("03-03 09:00", "message.sent"))
    assert (told([withdrawn]), withdrawn.replaces) == (["03-04 09:00 hush withdrawn"], raised.id)
    engine = Engine.restore(quiet, engine.snapshot())
    assert engine.feed(at("03-04 10:00", "call.made")) == []
    assert told(engine.feed(at("03-03 10:00", "reply.received"))) == [
        "03-04 09:00 hush raised",
        "03-04 10:00 hush raised",
    ]


def test_s24_what_comes_out_the_same_is_not_said_again() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-02 09:00", "interview.ended"))
    engine.feed(at("03-05 09:00", "call.made"))
    assert told(engine.feed(at("03-04 20:00", "message.sent"))) == []
    assert replaced(engine.feed(at("03-04 20:00", "call.made"))) == [
        "03-04 20:00 call fulfilled =",
        "03-05 09:00 badgering raised",
    ]


def test_s24_a_correction_of_one_subject_leaves_the_others_alone() -> None:
    engine = Engine(CALL)
    for subject in ("ana", "ben"):
        engine.feed(at("03-02 09:00", "interview.ended", subject=subject))
    engine.feed(at("03-04 09:00", "call.made", subject="ben"))
    out = engine.feed(at("03-03 09:00", "call.made", subject="ana"))
    assert {transition.subject for transition in out} == {"ana"}


def test_s24_what_stands_in_the_end_is_what_the_sorted_log_gives() -> None:
    engine = Engine(CALL)
    log = [at("03-04 09:00", "call.made"), at("03-02 09:00", "interview.ended"), at("03-03", "call.made")]
    out = [transition for event in log for transition in engine.feed(event)]
    assert told(corrected(out)) == told(list(afterword.evaluate(CALL, log)))


def test_s3_a_duplicate_is_remarked_and_changes_nothing_however_late_it_comes() -> None:
    engine = Engine(CALL)
    first = at("03-02 09:00", "interview.ended", id="e1")
    engine.feed(first)
    engine.feed(at("03-03 09:00", "message.sent"))
    before = [item.advice for item in engine.agenda()]
    assert engine.feed(first) == []
    assert engine.feed(at("03-03 12:00", "interview.ended", "elsewhere", id="e1")) == []
    assert [item.advice for item in engine.agenda()] == before
    assert [(each.kind, each.about, each.count) for each in engine.remarks()] == [("duplicate", "e1", 2)]


def test_s3_of_two_events_of_one_id_the_earlier_one_counts_whichever_comes_first() -> None:
    early, late_one = (at(f"03-0{day} 09:00", "interview.ended", id="e1") for day in (2, 3))
    for order in ((early, late_one), (late_one, early)):
        engine = Engine(CALL)
        out = [transition for event in order for transition in engine.feed(event)]
        assert told(corrected(out)) == ["03-02 09:00 call scheduled"]
        assert [remark.kind for remark in engine.remarks()] == ["duplicate"]


def test_s3_another_source_or_no_id_is_another_event() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-01", "interview.ended"))
    out = []
    for event in (
        at("03-02 09:00", "call.made", id="c1", source="phone"),
        at("03-02 09:00", "call.made", id="c1", source="diary"),
        at("03-02 09:00", "call.made"),
        at("03-02 09:00", "call.made"),
    ):
        out += engine.feed(event)
    assert [transition.message for transition in corrected(out) if transition.state == "raised"] == [
        "2",
        "3",
        "4",
    ]
    assert engine.remarks() == []


def test_p2_what_a_late_event_has_wrong_is_remarked_and_what_it_mends_is_taken_back() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-03", "advice.dismissed", rule="call"))
    assert [remark.kind for remark in engine.remarks()] == ["no such advice"]
    assert told(engine.feed(at("03-02", "interview.ended", surprise=1)))[1:] == ["03-03 00:00 call dismissed"]
    assert [(each.kind, each.about) for each in engine.remarks()] == [
        ("unknown field", "interview.ended: surprise")
    ]


# --- how much is kept


def late(engine: Engine) -> list[str]:
    return [remark.about for remark in engine.remarks() if remark.kind == "late"]


def test_s12_open_cases_keeps_an_open_case_and_the_last_week() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-02 09:00", "interview.ended"))
    engine.advance(moment("03-20"))
    assert told(engine.feed(at("03-03", "call.made", id="in time")))[0] == "03-03 00:00 call fulfilled"
    engine.feed(at("03-20", "rejection.received"))
    engine.feed(at("03-28", "moved.house", None))
    assert engine.feed(at("03-20 23:00", "call.made", id="too late")) == []
    engine.feed(at("03-21 12:00", "message.sent", id="within a week"))
    assert late(engine) == ["too late"]


def test_s12_a_duration_is_kept_whether_a_case_is_open_or_not() -> None:
    engine = Engine(CALL, history="5 days")
    engine.feed(at("03-02 09:00", "interview.ended"))
    engine.feed(at("03-10 09:00", "message.sent"))
    engine.feed(at("03-06 09:00", "message.sent", id="in time"))
    assert engine.feed(at("03-03 09:00", "call.made", id="too late")) == []
    assert late(engine) == ["too late"]


def test_s12_what_nothing_has_happened_since_is_never_late() -> None:
    """Whoever begins to use a tool tells it first of what was."""
    engine = Engine(CALL)
    engine.feed(at("03-20", "rejection.received", subject="ana"))
    for number in range(40):
        engine.feed(at(f"03-2{1 + number // 8} 09:00", "message.sent", subject="ana"))
    assert told(engine.feed(at("03-02", "interview.ended", "new", subject="ben"))) == [
        "03-02 00:00 call scheduled new",
        "03-04 00:00 call due new",
        "03-07 00:00 call missed new",
    ]
    assert late(engine) == []


def test_s12_sorted_keeps_nothing_and_all_keeps_everything() -> None:
    for history, expected in (("sorted", ["old"]), ("all", [])):
        engine = Engine(CALL, history=history)
        engine.feed(at("03-02 09:00", "interview.ended"))
        engine.feed(at("12-01 09:00", "message.sent"))
        engine.feed(at("03-03 09:00", "call.made", id="old"))
        assert late(engine) == expected


def test_s12_no_other_word_is_a_history() -> None:
    with pytest.raises(afterword.HistoryError, match="`a while` is no history: write `open-cases`, `all`, "):
        Engine(CALL, history="a while")


@pytest.mark.parametrize("history", [30, None, dt.timedelta(days=30)])
def test_s12_a_history_is_named_by_text(history: Any) -> None:
    with pytest.raises(afterword.HistoryError, match=r"`sorted`, or a duration\. A duration is text"):
        Engine(CALL, history=history)


def test_p2_of_a_subject_that_nothing_is_left_of_a_late_event_is_told() -> None:
    engine = Engine(CALL)
    engine.feed(at("03-02", "moved.house", None, subject="ana"))
    for day in range(3, 20):
        engine.feed(at(f"03-{day:02}", "moved.house", None, subject="ben", city="Perth"))
    assert engine.subjects == ("ben",)
    engine = Engine.restore(CALL, engine.snapshot())
    engine.feed(at("03-01", "interview.ended", subject="ana", id="before"))
    engine.feed(at("03-02", "moved.house", None, subject="ana", id="same"))
    assert late(engine) == ["before", "same"]
    assert told(engine.feed(at("03-04", "interview.ended", subject="ana", id="after")))[0] == (
        "03-04 00:00 call scheduled"
    )


def test_a_cooldown_that_ran_at_the_time_of_a_late_event_is_not_forgotten() -> None:
    quiet = rules("""
        - id: w
          kind: warning
          when: {event: call.made}
          per: subject
          cooldown: 7 days
          message: M
        """)
    engine = Engine(quiet, history="1 day")
    engine.feed(at("03-02", "call.made", None, subject="ana"))
    for day in range(3, 20):
        engine.feed(at(f"03-{day:02}", "moved.house", None, subject="ben"))
    assert engine.feed(at("03-05", "call.made", None, subject="ana", id="old")) == []
    assert late(engine) == ["old"]
    assert told(engine.feed(at("03-10", "call.made", None, subject="ana"))) == ["03-10 00:00 w raised -"]


def test_something_that_is_still_to_happen_keeps_late_events_of_the_last_day_possible() -> None:
    waiting = rules("""
        - id: call
          kind: recommendation
          per: subject
          when: {event: call.made}
          due: {from: {plus: 10 days}, until: {plus: 2 days}}
          fulfilled_by: {event: message.sent}
          message: Call.
        """)
    engine = Engine(waiting, history="1 day")
    engine.feed(at("03-01", "call.made", None))
    for day in range(2, 9):
        engine.feed(at(f"03-{day:02}", "moved.house", None, subject="ben"))
    engine.advance(moment("03-11 12:00"))
    assert told(engine.feed(at("03-10 18:00", "message.sent", None))) == ["03-10 18:00 call fulfilled -"]


def of_cases(people: int, cases: int) -> list[Event]:
    """Each of these people has one case after the other, each over within days; 10 events each, in order."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    kinds = {0: "interview.ended", 9: "rejection.received"}
    events = [
        Event(
            type=kinds.get(step, "message.sent"),
            time=start + dt.timedelta(days=3 * number, minutes=person, hours=5 * step),
            subject=f"p{person}",
            case=f"c{number}",
            id=f"{person}.{number}.{step}",
        )
        for number in range(cases)
        for person in range(people)
        for step in range(10)
    ]
    return sorted(events, key=lambda event: event.time)


def test_memory_stays_flat_while_cases_open_and_close_for_months() -> None:
    engine = Engine(afterword.compile_ruleset(CALL, network="plain"))
    assert evaluator_of(engine).history is not None
    sizes, counts = [], []
    for number, event in enumerate(of_cases(people=20, cases=60)):
        evaluator_of(engine).feed(event)
        if number % 1_000 == 999:
            evaluator_of(engine).feed(event)
            sizes.append(len(engine.snapshot()))
            counts.append(
                sum(len(list(past.events())) for past in evaluator_of(engine).history.past.values())
            )
    assert len(sizes) == 12
    assert max(sizes[6:]) < 1.1 * max(sizes[:6])
    assert max(counts) <= 20 * 2 * FRAME


def test_memory_stays_flat_while_people_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_past, "GONE_KEPT", 100)
    engine = Engine(afterword.compile_ruleset(CALL, network="plain"), history="1 day")
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(3_000):
        when = start + dt.timedelta(hours=number)
        evaluator_of(engine).feed(Event(type="call.made", time=when, subject=f"p{number}", case="c"))
    assert len(engine.subjects) < 100
    assert len(engine.snapshot()) < 50_000
    engine.feed(at("01-02 00:00", "call.made", subject="p9", id="long gone"))
    engine.feed(at("01-02 00:00", "call.made", subject="nobody knows whether new", id="unknown"))
    assert late(engine) == ["long gone", "unknown"]


def test_a_flood_of_late_events_is_counted_and_not_collected() -> None:
    engine = Engine(CALL, history="1 day")
    engine.feed(at("03-20", "moved.house", None))
    for number in range(1_500):
        evaluator_of(engine).feed(at("03-02", "call.made", id=f"c{number}"))
    remarks = engine.remarks()
    assert len(remarks) == 1_001
    assert sum(remark.count for remark in remarks) == 1_500
    assert max(remarks, key=lambda remark: remark.count).about == "(others)"


def test_p4_late_events_leave_no_more_deadlines_than_there_are_cases() -> None:
    engine = Engine(
        rules("""
    - {id: r, kind: recommendation, title: R, when: {event: call.made}, due: {from: {plus: 90 days}}, message: M}
    """),
        history="all",
    )
    for case in range(100):
        engine.feed(at("03-01", "interview.ended", f"c{case}"))
        engine.feed(at("03-02", "call.made", f"c{case}"))
    for day in range(9, 2, -1):
        for hour in range(23, 0, -3):
            engine.feed(at(f"03-{day:02} {hour:02}:00", "call.made", "c1"))
    assert evaluator_of(engine).stream._schedule.size <= 2_048
