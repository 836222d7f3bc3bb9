"""An explanation names what each gate looked for and what it saw (P6)."""

from __future__ import annotations

import pytest

import afterword
from afterword import Engine, Event, UnknownAdviceError
from afterword.explain import Considered, Explanation, Watcher
from afterword.last_words import KEPT
from afterword.timeline.state import TOLD
from timeline import at, moment, rules

RULES = """
- id: not-today
  kind: warning
  when: {event: call.made}
  while: {since: {event: interview.ended}, until: [end of day, {event: reply.received}]}
  unless: {event: message.sent, within: 2 hours}
  message: Call tomorrow.
- id: thank-you
  kind: recommendation
  when: {event: interview.ended}
  due: {until: end of day}
  message: Thank them.
- id: late
  kind: warning
  when: {event: advice.missed, where: {rule: thank-you}}
  while: {case: open}
  message: Too late.
- id: by-their-day
  kind: warning
  when: {event: call.made}
  while: {since: {event: interview.ended}, until: {field: case.decision_date}}
  message: Wait for their day.
- id: not-at-the-weekend
  kind: warning
  when: {event: call.made}
  unless: {since: {event: date.stated}, until: [{event: reply.received}, {plus: 2 days}]}
  message: Call.
- id: no-stranger
  kind: warning
  when: {event: call.made}
  unless: {case: open}
  message: Who is that?
- id: never-written
  kind: warning
  when: {event: call.made}
  unless: {event: message.sent}
  message: Write first.
"""


def asked(rule: str, *events: Event, until: str | None = None) -> tuple[list[Explanation], list[Considered]]:
    """What the rule said of these events, explained, and what it did not say."""
    watcher = Watcher(rule)
    engine = Engine(rules(RULES), observer=watcher)
    said = [transition for event in events for transition in engine.feed(event)]
    said += engine.advance(moment(until)) if until else []
    explained = {each.advice: engine.explain_record(each) for each in said if each.rule == rule}
    return [watcher.named(each) for each in explained.values()], watcher.considered_events


def test_p6_a_while_that_held_names_what_opened_it_and_until_when() -> None:
    ((said,), _) = asked(
        "not-today", at("03-02 10:00", "interview.ended", id="i1"), at("03-02 12:00", "call.made")
    )
    (gate, other) = said.gates
    assert (gate.open, gate.since, gate.event) == (True, moment("03-02 10:00"), "i1 (interview.ended)")
    assert gate.until == moment("03-03 00:00")
    assert gate.looks_for == "after interview ended, until reply received, or the end of that day"
    assert (other.gate, other.open, other.last) == ("unless", True, None)


def test_p6_a_while_that_was_closed_names_the_event_that_closed_it() -> None:
    _, (kept,) = asked(
        "not-today",
        at("03-02 10:00", "interview.ended"),
        at("03-02 11:00", "reply.received", id="r1"),
        at("03-02 12:00", "call.made"),
    )
    gate = kept.gates[0]
    assert (gate.open, gate.closed, gate.event) == (False, moment("03-02 11:00"), "r1 (reply.received)")
    assert "closed at 2026-03-02T11:00:00+00:00 by r1 (reply.received)" in str(kept)


def test_p6_a_while_that_was_never_opened_or_is_over_says_so() -> None:
    _, (never, over) = asked(
        "not-today",
        at("03-02 09:00", "call.made"),
        at("03-02 10:00", "interview.ended"),
        at("03-03 09:00", "call.made"),
    )
    assert "nothing opened it" in str(never)
    assert "over at 2026-03-03T00:00:00+00:00" in str(over)


def test_p6_an_unless_names_the_last_event_that_it_found() -> None:
    ((said,), (kept,)) = asked(
        "not-today",
        at("03-02 10:00", "interview.ended"),
        at("03-02 11:00", "message.sent", id="m1"),
        at("03-02 12:00", "call.made"),
        at("03-02 13:00", "call.made"),
    )
    assert kept.gates[1].event == said.gates[1].event == "m1 (message.sent)"
    assert (kept.gates[1].open, said.gates[1].open) == (False, True)
    assert "that last happened at 2026-03-02T11:00:00+00:00, longer ago" in str(said)


def test_p6_an_unless_names_what_opened_its_span_and_what_closed_it() -> None:
    said, kept = asked(
        "not-at-the-weekend",
        at("03-02 10:00", "interview.ended"),
        at("03-02 11:00", "call.made"),
        at("03-03 10:00", "date.stated", id="d1"),
        at("03-04 10:00", "call.made"),
        at("03-05 10:00", "call.made"),
        at("03-06 10:00", "date.stated"),
        at("03-06 11:00", "reply.received", id="r1"),
        at("03-06 12:00", "call.made"),
    )
    shown = [str(each).partition("unless: ")[2].splitlines()[1].strip() for each in (*said, *kept)]
    assert shown == [
        "nothing opened it",
        "opened at 2026-03-03T10:00:00+00:00 by d1 (date.stated), over at 2026-03-05T10:00:00+00:00",
        "closed at 2026-03-06T11:00:00+00:00 by r1 (reply.received)",
        "open since 2026-03-03T10:00:00+00:00 by d1 (date.stated), until 2026-03-05T10:00:00+00:00",
    ]
    assert [each.gates[0].open for each in (*said, *kept)] == [True, True, True, False]
    assert "no   unless: after date stated, until reply received, or 2 days later" in str(kept[0])
    assert kept[0].why == "its `unless` held"


def test_p6_an_unless_says_whether_a_case_is_open() -> None:
    (said,), (kept,) = asked(
        "no-stranger",
        at("03-02 10:00", "call.made"),
        at("03-02 11:00", "interview.ended"),
        at("03-02 12:00", "call.made"),
    )
    assert "yes  unless: a case is open\n       none is" in str(said)
    assert "no   unless: a case is open\n       it is" in str(kept)
    engine = Engine(rules(RULES))
    out = engine.feed(at("03-02 10:00", "call.made"))
    (advice,) = [each.advice for each in out if each.rule == "no-stranger"]
    assert "yes  unless: a case is open\n       none is" in str(engine.explain(advice))


def test_p6_a_rule_that_listens_to_another_shows_it_by_rule_and_state() -> None:
    ((said,), _) = asked("late", at("03-02 10:00", "interview.ended"), until="03-04")
    assert "made by advice.missed of thank-you\n" in str(said)
    assert said.trigger.startswith("advice.missed:thank-you:")
    assert "yes  while: a case is open\n       it is" in str(said)


def test_p6_an_engine_knows_the_gates_of_its_advice_also_when_nobody_watched() -> None:
    engine = Engine(rules(RULES))
    engine.feed(at("03-02 10:00", "interview.ended", decision_date="2026-03-10"))
    (said,) = [each for each in engine.feed(at("03-05 12:00", "call.made")) if each.rule == "by-their-day"]
    (gate,) = engine.explain(said.advice).gates
    assert (gate.open, gate.since, gate.until) == (True, moment("03-02 10:00"), moment("03-10"))
    assert gate.event is None


def test_p6_a_closed_case_is_named_as_what_ended_a_span() -> None:
    _, (kept,) = asked(
        "not-today",
        at("03-02 10:00", "interview.ended"),
        at("03-02 11:00", "rejection.received", id="no"),
        at("03-02 12:00", "call.made"),
    )
    assert kept.gates[0].event == "no (rejection.received)"


# --- why something is not, or no longer, said

LIVES = """
- id: thanks
  kind: recommendation
  when: {event: interview.ended}
  due: {until: {plus: 3 days}}
  fulfilled_by: {event: message.sent}
  cancelled_by: {event: reply.received}
  message: Thank them.
- id: rest
  kind: recommendation
  when: {event: moved.house}
  due: {until: {plus: 10 days}}
  inhibits: [thanks]
  message: Rest.
- id: calls
  kind: warning
  when: {event: call.made}
  cooldown: 2 days
  message: You called.
"""
ENDED = at("03-02 09:00", "interview.ended", id="i1")


def last_line(engine: Engine, advice: str) -> str:
    return [line for line in str(engine.explain(advice)).split("\n") if line.startswith("  2026")][-1].strip()


@pytest.mark.parametrize(
    ("events", "until", "line"),
    [
        ([at("03-02", "moved.house")], None, "suppressed  (held back by rest, advice "),
        ([at("03-02", "moved.house")], "03-08", "suppressed  (held back by rest, advice "),
        (
            [at("03-03", "advice.snoozed", id="u1", rule="thanks", until="2026-03-04")],
            None,
            "snoozed  (u1 until ",
        ),
        ([at("03-03", "advice.dismissed", id="u1", rule="thanks", reason="no")], None, "dismissed  (u1: no)"),
        ([at("03-03", "advice.dismissed", id="u1", rule="thanks")], "03-09", "dismissed  (u1)"),
        ([at("03-03", "reply.received", id="r1")], None, "cancelled  (by r1)"),
        ([at("03-03", "rejection.received", id="r1")], None, "cancelled  (r1 closed the case)"),
        ([at("03-01", "message.sent", id="m1")], None, "due"),
    ],
)
def test_p6_an_advice_that_is_suppressed_put_off_or_over_says_why(
    events: list[Event], until: str | None, line: str
) -> None:
    engine = Engine(rules(LIVES))
    out = [each for event in sorted([ENDED, *events], key=lambda e: e.time) for each in engine.feed(event)]
    if until is not None:
        engine.advance(moment(until))
    advice = next(each.advice for each in out if each.rule == "thanks")
    assert line in last_line(engine, advice)


def test_p6_a_warning_in_its_cooldown_says_until_when() -> None:
    engine = Engine(rules(LIVES))
    engine.feed(ENDED)
    engine.feed(at("03-03", "call.made"))
    (suppressed,) = engine.feed(at("03-04", "call.made"))
    assert "suppressed  (quiet until 2026-03-05T00:00:00+00:00, after advice " in last_line(
        engine, suppressed.advice
    )


def test_p6_an_advice_that_never_was_says_which_event_showed_it() -> None:
    engine = Engine(rules(LIVES))
    engine.feed(at("03-02 09:00", "interview.ended", id="same", sequence=2))
    advice = engine.agenda()[0].advice
    engine.feed(at("03-02 08:00", "moved.house", id="same"))
    explanation = engine.explain(advice)
    assert explanation.state == "withdrawn"
    assert "withdrawn  (same came late, and shows that this never was)" in last_line(engine, advice)


def test_p6_an_advice_whose_ending_was_corrected_tells_its_new_one() -> None:
    engine = Engine(rules(LIVES))
    (due,) = engine.feed(ENDED)
    engine.advance(moment("03-06"))
    engine.feed(at("03-03", "message.sent", id="m1"))
    assert engine.explain(due.advice).state == "fulfilled"
    assert "fulfilled  (by m1)" in last_line(engine, due.advice)
    with pytest.raises(UnknownAdviceError):
        engine.explain("0000")


# --- what became of an event


def test_p6_an_event_says_what_each_rule_made_of_it() -> None:
    engine = Engine(rules(LIVES))
    for event in (ENDED, ENDED, at("03-03", "message.sent", id="m1")):
        engine.feed(event)
    story = engine.explain_event("i1")
    assert (story.fate, story.type, story.again) == ("taken", "interview.ended", 1)
    assert [(each.rule, each.outcome) for each in story.heard] == [("thanks", "said")]
    assert [(each.rule, each.state) for each in story.brought] == [("thanks", "due")]
    assert "it came again, without effect: once" in str(story)
    assert [each.state for each in engine.explain_event("m1").brought] == ["fulfilled"]


def test_p6_an_event_that_brought_nothing_says_which_rules_kept_quiet_and_why() -> None:
    engine = Engine(rules(RULES))
    engine.feed(at("03-02", "call.made", id="c1"))
    story = str(engine.explain_event("c1"))
    assert (
        "  quiet  not-today, case acme: its `while` did not hold\n    no   while: after interview ended"
        in story
    )
    engine.feed(at("03-02", "moved.house", id="h1"))
    assert "no rule listens to moved.house there" in str(engine.explain_event("h1"))
    engine.feed(at("03-02", "advice.dismissed", id="d1", rule="thank"))
    assert "no advice that it names was open" in str(engine.explain_event("d1"))


def test_p6_a_recommendation_that_is_suppressed_from_its_first_moment_on_was_not_said() -> None:
    text = """
- {id: hold, kind: warning, when: {event: call.made}, cooldown: 1 day, inhibits: [call], message: Wait.}
- {id: call, kind: recommendation, when: {event: interview.ended}, due: {until: {plus: 3 days}}, message: Call.}
"""
    engine = Engine(rules(text))
    engine.feed(at("03-02 14:00", "interview.scheduled"))
    engine.feed(at("03-02 15:00", "call.made"))
    engine.feed(at("03-02 16:00", "interview.ended", id="i1"))
    story = engine.explain_event("i1")
    assert [(each.rule, each.outcome) for each in story.heard] == [("call", "inhibited")]
    assert "quiet  call, case acme: hold holds it back until 2026-03-03T15:00:00+00:00" in str(story)


def test_p6_late_duplicate_unknown_and_unheard_of_events_say_so() -> None:
    engine = Engine(rules(LIVES), history="1 day")
    engine.feed(at("03-20", "message.sent", id="m1"))
    engine.feed(at("03-02", "call.made", id="old"))
    engine.feed(at("03-20", "mesage.sent", id="typo"))
    fates = {name: engine.explain_event(name).fate for name in ("m1", "old", "typo", "none")}
    assert fates == {"m1": "taken", "old": "late", "typo": "unknown type", "none": "not known"}
    assert str(engine.explain_event("old")).startswith("old: it came too late")
    again = Engine.restore(rules(LIVES), engine.snapshot())
    assert {name: again.explain_event(name).fate for name in fates} == fates
    assert again.explain_event("m1", subject="somebody else").fate == "not known"


def test_p6_to_explain_an_event_changes_nothing() -> None:
    engine = Engine(rules(LIVES))
    engine.feed(ENDED)
    engine.feed(at("03-03", "message.sent", id="m1"))
    before = engine.snapshot()
    engine.explain_event("i1")
    assert engine.snapshot() == before


def test_p6_the_last_thousand_advices_that_ended_can_be_explained() -> None:
    engine = Engine(afterword.load(LAST_WORDS))
    said = [
        transition.advice
        for number in range(2 * KEPT + 7)
        for transition in engine.feed(
            {"type": "knock", "time": f"2026-03-02T09:{number // 60:02}:{number % 60:02}Z"}
        )
    ]
    assert len(set(said)) == 2 * KEPT + 7
    for advice in said[-KEPT:]:
        assert engine.explain(advice).advice == advice
    for advice in said[:-KEPT]:
        with pytest.raises(UnknownAdviceError):
            engine.explain(advice)


LAST_WORDS = """
schema: afterword/1
ruleset: door
version: 1.0.0
events: {knock: }
rules:
  - {id: open, kind: warning, per: subject, title: T, when: {event: knock}, message: M}
"""


def test_p4_an_advice_that_is_restarted_a_thousand_times_tells_the_latest_hundred() -> None:
    program = afterword.compile_ruleset(afterword.load(RESTARTED))
    engine = Engine(program)
    said = [
        transition
        for number in range(1_000)
        for transition in engine.feed(
            {
                "type": "knock",
                "id": f"e{number}",
                "time": f"2026-03-02T{1 + number // 60:02}:{number % 60:02}:00Z",
            }
        )
    ]
    assert [transition.number for transition in said] == list(range(1, 2_000))
    assert len({transition.id for transition in said}) == len(said)
    assert said[-1].because == tuple(f"e{number}" for number in range(900, 1_000))
    told = engine.explain(said[-1].advice)
    assert len(told.history) == TOLD
    assert [step.state for step in told.history[-2:]] == ["rescheduled", "due"]
    again = Engine.restore(program, engine.snapshot()).feed({"type": "knock", "time": "2026-03-02T20:00:00Z"})
    assert [transition.number for transition in again] == [2_000, 2_001]


RESTARTED = """
schema: afterword/1
ruleset: door
version: 1.0.0
events: {knock: }
rules:
  - id: open
    kind: recommendation
    per: subject
    title: T
    when: {event: knock}
    due: {until: {plus: 7 days}}
    again: restart
    message: M
"""


def test_p6_advices_that_are_open_do_not_push_out_those_that_ended() -> None:
    rule = "{id: r, kind: recommendation, title: R, when: {event: call.made}, fulfilled_by: {event: message.sent}"
    engine = Engine(rules(f"- {rule}, message: M}}"))
    engine.feed(at("03-01", "interview.ended"))
    (due,) = engine.feed(at("03-02", "call.made"))
    (fulfilled,) = engine.feed(at("03-03", "message.sent"))
    for number in range(4 * KEPT // 100 + 1):
        for second in range(100):
            engine.feed(at("03-04", "call.made", f"other-{number}-{second}", subject=f"s{number}-{second}"))
    assert engine.explain(due.advice).state == fulfilled.state == "fulfilled"
