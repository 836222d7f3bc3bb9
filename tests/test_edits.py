"""Rules that are edited while advice is under way: what an edit does to it is told, and nothing else happens."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

import afterword
from afterword import Engine, Event, SnapshotError, Transition
from afterword.codes import CODES
from afterword.engine import evaluator_of
from test_late import ATTACKERS, Attacker
from throws import AS_OF, EXAMPLES, Throw, throws
from timeline import at, moment, rules, told

FEW = settings(EXAMPLES, max_examples=25)

THANKS = """
- id: thanks
  kind: recommendation
  title: Say thank you
  when: {event: interview.ended}
  due: {until: {plus: 3 days}}
  fulfilled_by: {event: message.sent}
  message: Thank {case.company}.
"""
OTHER = """
- id: other
  kind: warning
  when: {event: moved.house}
  message: Something else.
"""
ENDED = at("03-02 09:00", "interview.ended", id="e1", company="Acme")


def edited(
    before: str, after: str, *events: Event, history: str = "open-cases"
) -> tuple[Engine, list[Transition]]:
    """The engine that took these events under the old rules and was reloaded with the new, and what that told."""
    engine = Engine(rules(before), network="plain", history=history)
    for event in events:
        engine.feed(event)
    return engine, engine.reload(rules(after))


def after_edit(before: str, after: str, *events: Event, until: str = "03-20") -> list[str]:
    """What is told from the edit on."""
    engine, out = edited(before, after, *events)
    return told(out + engine.advance(moment(until)))


# --- one edit at a time


def test_a_rule_that_is_gone_takes_its_advice_with_it() -> None:
    engine, out = edited(THANKS, OTHER, ENDED)
    (cancelled,) = out
    assert told(out) == ["03-02 09:00 thanks cancelled"]
    assert cancelled.cause is not None
    assert cancelled.cause.kind == "rules changed"
    assert (cancelled.title, cancelled.kind, cancelled.severity) == (
        "Say thank you",
        "recommendation",
        "medium",
    )
    assert cancelled.message == "The rule is gone: this advice no longer stands."
    assert "cancelled  (the rules were edited)" in str(engine.explain(cancelled.advice))
    assert engine.advance(moment("03-20")) == []


def test_a_rule_that_is_a_draft_now_or_switched_off_is_gone() -> None:
    for edit in ("status: draft", "enabled: false"):
        assert after_edit(THANKS + OTHER, f"{THANKS}  {edit}\n{OTHER}", ENDED) == [
            "03-02 09:00 thanks cancelled"
        ]


def test_a_rule_that_was_renamed_goes_on_with_its_advice() -> None:
    renamed = THANKS.replace("thanks", "gratitude") + "  renamed_from: [thanks]\n"
    engine, out = edited(THANKS, renamed, ENDED)
    assert out == []
    (item,) = engine.agenda()
    assert (item.rule, item.message) == ("gratitude", "Thank Acme.")
    done = engine.feed(at("03-03", "message.sent"))
    assert told(done) == ["03-03 00:00 gratitude fulfilled"]
    assert done[0].advice == item.advice


def test_a_window_that_was_edited_is_measured_again() -> None:
    shorter = THANKS.replace("3 days", "1 day")
    assert after_edit(THANKS, shorter, ENDED) == [
        "03-02 09:00 thanks rescheduled",
        "03-03 09:00 thanks missed",
    ]
    later = THANKS.replace("due: {", "due: {from: {plus: 2 days}, ")
    assert after_edit(THANKS, later, ENDED) == [
        "03-02 09:00 thanks rescheduled",
        "03-04 09:00 thanks due",
        "03-07 09:00 thanks missed",
    ]


def test_a_window_that_is_over_by_the_new_rules_is_missed_at_once() -> None:
    shorter = THANKS.replace("3 days", "1 day")
    _, out = edited(THANKS, shorter, ENDED, at("03-04", "call.made"))
    assert told(out) == ["03-04 00:00 thanks rescheduled", "03-04 00:00 thanks missed"]
    assert [transition.cause and transition.cause.kind for transition in out] == ["rules changed", None]


def test_a_window_moves_with_a_param_as_well() -> None:
    patient = THANKS.replace("3 days", "$patience")
    engine = Engine(rules(patient, patience="7 days"))
    engine.feed(ENDED)
    (moved,) = engine.reload(rules(patient, patience="2 days"))
    assert moved.state == "rescheduled"
    assert moved.as_dict()["window"]["until"] == "2026-03-04T09:00:00+00:00"


def test_a_recommendation_that_became_a_warning_is_cancelled() -> None:
    warning = "- {id: thanks, kind: warning, when: {event: call.made}, message: M}"
    assert after_edit(THANKS, warning, ENDED) == ["03-02 09:00 thanks cancelled"]


def test_a_rule_that_looks_at_another_scope_now_is_cancelled() -> None:
    own = THANKS.replace("message: Thank {case.company}.", "message: Thank them.")
    assert after_edit(own, own + "  per: subject\n", ENDED) == ["03-02 09:00 thanks cancelled"]


def test_a_message_that_was_edited_is_said_from_now_on() -> None:
    engine, out = edited(THANKS, THANKS.replace("Thank {case.company}.", "Write to {case.company}."), ENDED)
    assert out == []
    assert [item.message for item in engine.agenda()] == ["Write to Acme."]


COUNT = """
- id: many
  kind: warning
  when: {event: call.made, count: {at_least: 3, within: 7 days}}
  message: "{count}"
"""
CALLS = [at(f"03-0{day}", "call.made") for day in (2, 3, 4)]


def test_a_count_goes_on_unless_what_it_counts_was_edited() -> None:
    opened = at("03-01", "interview.ended")
    for edit, raised in (
        (COUNT.replace("at_least: 3", "at_least: 2"), ["03-04 00:00 many raised"]),
        (COUNT.replace("7 days", "5 days"), ["03-04 00:00 many raised"]),
        (COUNT.replace("call.made,", "call.made, where: {purpose: {exists: false}},"), []),
    ):
        engine, _ = edited(COUNT, edit, opened, *CALLS[:2])
        assert told(engine.feed(CALLS[2])) == raised


WHILE = """
- id: wait
  kind: warning
  when: {event: call.made}
  while: [%s]
  unless: [%s]
  message: Wait.
"""


def test_a_span_and_a_lookback_go_on_unless_their_pattern_was_edited() -> None:
    span = "{since: {event: interview.ended}, until: {event: reply.received}}"
    look = "{event: message.sent, within: 2 days}"
    opened, sent = at("03-01", "interview.ended"), at("03-01 12:00", "message.sent")
    before = WHILE % (span, look)
    engine, _ = edited(before, before.replace("2 days", "6 hours"), opened, sent)
    assert told(engine.feed(CALLS[0])) == ["03-02 00:00 wait raised"]
    engine, _ = edited(before, before.replace("2 days", "3 days"), opened, sent)
    assert engine.feed(at("03-03 18:00", "call.made")) == []
    for edit in (
        before.replace("interview.ended", "interview.scheduled"),
        before.replace("reply", "rejection"),
    ):
        engine, _ = edited(before, edit.replace("2 days", "6 hours"), opened, sent)
        assert engine.feed(CALLS[0]) == []


def test_a_span_that_stands_in_another_place_now_goes_on() -> None:
    span = "{since: {event: interview.ended}, until: {event: reply.received}}"
    before = WHILE % (span, "{event: message.sent, within: 2 days}")
    look = "{event: date.stated, within: 1 day}, {event: message.sent, within: 1 day}"
    after = WHILE % ("{case: open}, " + span, look)
    engine, _ = edited(before, after, at("03-01", "interview.ended"))
    assert told(engine.feed(CALLS[0])) == ["03-02 00:00 wait raised"]


def test_a_span_goes_on_though_its_rule_has_to_keep_quiet_in_it_now() -> None:
    span = "{since: {event: interview.ended}, until: {event: reply.received}}"
    demanded, refused = WHILE % (span, "{event: message.sent}"), WHILE % ("{case: open}", span)
    opened = at("03-01", "interview.ended")
    engine, _ = edited(demanded, refused, opened)
    assert engine.feed(CALLS[0]) == []
    engine, _ = edited(refused, demanded, opened)
    assert told(engine.feed(CALLS[0])) == ["03-02 00:00 wait raised"]
    looked_back = WHILE % ("{case: open}", "{event: interview.ended}")
    engine, _ = edited(looked_back, WHILE % ("{case: open}", "{since: {event: interview.ended}}"), opened)
    assert told(engine.feed(CALLS[0])) == ["03-02 00:00 wait raised"]


REPEAT = """
- id: weekly
  kind: recommendation
  when: {event: interview.ended}
  due: {until: {plus: 1 hour}}
  repeat: {every: 7 days, at_most: 4}
  message: Again.
"""


def due(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines if line.endswith("due")]


def test_a_repeat_goes_on_in_its_new_rhythm_from_the_next_occurrence_on() -> None:
    start = at("03-01", "interview.ended")
    assert due(after_edit(REPEAT, REPEAT.replace("7 days", "2 days"), start)) == ["03-08", "03-10", "03-12"]
    assert due(after_edit(REPEAT, REPEAT.replace("at_most: 4", "at_most: 2"), start)) == ["03-08"]
    assert due(after_edit(REPEAT, REPEAT.replace("at_most: 4", "at_most: 1"), start)) == []
    assert due(after_edit(REPEAT, REPEAT.replace("  repeat: {every: 7 days, at_most: 4}\n", ""), start)) == []


HOLDS = """
- id: rest
  kind: recommendation
  when: {event: call.made}
  due: {until: {plus: 5 days}}
  inhibits: [thanks]
  message: Rest.
"""


def test_what_a_rule_suppressed_is_released_when_the_rule_no_longer_does() -> None:
    events = (at("03-02", "call.made"), ENDED)
    free = HOLDS.replace("  inhibits: [thanks]\n", "")
    assert after_edit(HOLDS + THANKS, free + THANKS, *events, until="03-03") == ["03-02 09:00 thanks due"]
    assert after_edit(HOLDS + THANKS, THANKS, *events, until="03-03") == [
        "03-02 09:00 thanks due",
        "03-02 09:00 rest cancelled",
    ]


def test_what_a_renamed_rule_suppresses_stays_suppressed() -> None:
    renamed = HOLDS.replace("id: rest", "id: pause\n  renamed_from: [rest]")
    events = (at("03-02", "call.made"), ENDED)
    assert after_edit(HOLDS + THANKS, renamed + THANKS, *events, until="03-03") == []


def test_a_cooldown_goes_on_under_a_new_name_and_ends_with_the_word() -> None:
    quiet = "- {id: w, kind: warning, when: {event: call.made}, cooldown: 7 days, message: M}"
    renamed = quiet.replace("id: w", "id: v, renamed_from: [w]")
    began = (at("03-01", "interview.ended"), CALLS[0])
    engine, _ = edited(quiet, renamed, *began)
    assert told(engine.feed(CALLS[1])) == ["03-03 00:00 v suppressed"]
    engine, _ = edited(quiet, quiet.replace("cooldown: 7 days, ", ""), *began)
    assert told(engine.feed(CALLS[1])) == ["03-03 00:00 w raised"]


# --- how an edit comes in


def test_after_a_restore_the_edit_is_told_by_what_comes_next_and_only_once() -> None:
    engine = Engine(rules(THANKS))
    engine.feed(ENDED)
    state = engine.snapshot()
    other = Engine.restore(rules(OTHER), state)
    assert other.agenda() == []
    assert other.snapshot() == state
    assert told(other.advance(moment("03-03"))) == ["03-02 09:00 thanks cancelled"]
    assert other.advance(moment("03-20")) == []
    again = Engine.restore(rules(OTHER), other.snapshot())
    assert again.advance(moment("03-21")) == []


def test_a_checkpoint_before_the_edit_is_told_is_the_one_before_it() -> None:
    engine = Engine(rules(THANKS))
    engine.feed(ENDED)
    head, entries = engine.checkpoint()
    other = Engine.from_parts(rules(OTHER), head, [each for each in entries.values() if each])
    assert other.checkpoint() == (head, {})
    assert told(other.advance(moment("03-03"))) == ["03-02 09:00 thanks cancelled"]
    assert list(other.checkpoint().subjects) == ["me"]


def test_what_is_older_than_the_edit_is_late_and_what_came_with_it_is_still_known() -> None:
    engine, _ = edited(THANKS, THANKS.replace("3 days", "4 days"), ENDED, history="all")
    assert engine.feed(at("03-02 08:00", "message.sent", id="old")) == []
    assert engine.feed(ENDED) == []
    assert told(engine.feed(at("03-02 09:00", "message.sent", id="same"))) == ["03-02 09:00 thanks fulfilled"]
    kinds = [(remark.kind, remark.about) for remark in engine.remarks()]
    assert kinds == [("duplicate", "e1"), ("late", "old")]


def test_after_an_edit_late_events_are_taken_again() -> None:
    engine, _ = edited(THANKS, THANKS.replace("3 days", "4 days"), ENDED)
    engine.feed(at("03-04", "call.made"))
    assert told(engine.feed(at("03-03", "message.sent"))) == ["03-03 00:00 thanks fulfilled"]


def test_the_same_rules_are_no_edit() -> None:
    engine = Engine(rules(THANKS))
    engine.feed(ENDED)
    before = engine.snapshot()
    assert engine.reload(rules(THANKS)) == []
    assert engine.snapshot() == before
    engine.advance(moment("03-03"))
    assert told(engine.feed(at("03-02 10:00", "message.sent"))) == ["03-02 10:00 thanks fulfilled"]


def test_rules_of_another_name_are_refused_and_change_nothing() -> None:
    engine = Engine(rules(THANKS))
    engine.feed(ENDED)
    before = engine.snapshot()
    with pytest.raises(SnapshotError, match="not under after-interview"):
        engine.reload(afterword.load("after-interview"))
    assert engine.snapshot() == before


def test_a_reload_keeps_the_network_and_can_be_given_a_program() -> None:
    engine = Engine(rules(THANKS), network="plain")
    engine.feed(ENDED)
    assert engine.reload(afterword.compile_ruleset(rules(OTHER), network="plain"))[0].state == "cancelled"
    engine.reload(rules(THANKS))
    assert type(evaluator_of(engine).program.network.network).__name__ == "PlainNetwork"


# --- renamed_from is checked


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(afterword.RulesetError) as raised:
        rules(text)
    return [(problem.code, problem.message) for problem in raised.value.problems]


def test_no_rule_can_have_been_one_that_there_still_is() -> None:
    (problem,) = problems(THANKS + OTHER + "  renamed_from: [thanks]\n")
    assert problem == (
        "wrong-rename",
        "There still is a rule `thanks`, so no other can be the one that it became.",
    )
    assert problems(THANKS + "  renamed_from: [thanks]\n")[0][0] == "wrong-rename"
    assert "wrong-rename" in CODES


def test_one_rule_cannot_have_become_two() -> None:
    (problem,) = problems(THANKS + "  renamed_from: [old]\n" + OTHER + "  renamed_from: [older, old]\n")
    assert problem[0] == "wrong-rename"
    assert problem[1].startswith("`old` became two rules; ")


# --- whatever the edit


def open_advice(engine: Engine) -> dict[str, str]:
    """The rule of each advice that is open and that the user has not done with."""
    return {
        advice.id: advice.rule
        for person in evaluator_of(engine).stream.subjects.values()
        for scope in (person.own, *person.cases.values())
        for advice in scope.advices.values()
        if advice.state != "dismissed"
    }


@FEW
@given(throws, throws, ATTACKERS)
def test_any_edit_cancels_what_has_no_rule_any_more_and_lets_the_rest_go_on(
    throw: Throw, other: Throw, dice: random.Random
) -> None:
    attacker = Attacker(throw, dice, history=dice.choice(["all", "open-cases", "1 day", "sorted"]))
    log = list(throw.log)
    for event in log[: dice.randint(0, len(log))]:
        attacker.engine.feed(event)
    was = open_advice(attacker.engine)
    engine = Engine.restore(other.ruleset, attacker.engine.snapshot(), network="plain")
    known = {rule.id for rule in other.ruleset.rules}
    at_once = engine.advance(engine.clock) if engine.clock is not None else []
    cancelled = {transition.advice for transition in at_once if transition.state == "cancelled"}
    assert {advice for advice, rule in was.items() if rule not in known} <= cancelled
    assert set(open_advice(engine).values()) <= known
    for event in other.log:
        engine.feed(event)
    engine = Engine.restore(other.ruleset, engine.snapshot(), network="plain")
    engine.agenda(days=30)
    out = engine.advance(AS_OF) if engine.clock is not None and engine.clock.isoformat() < AS_OF else []
    for transition in at_once + out:
        assert transition.as_json()
        assert str(engine.explain_record(transition))


@FEW
@given(throws, ATTACKERS)
def test_restoring_under_the_same_rules_changes_nothing(throw: Throw, dice: random.Random) -> None:
    attacker = Attacker(throw, dice)
    attacker.attack()
    state = attacker.engine.snapshot()
    assert Engine.restore(throw.ruleset, state, network="plain").snapshot() == state
    assert attacker.engine.reload(throw.ruleset) == []
    assert attacker.engine.snapshot() == state


def test_a_reload_forgets_nobody_who_was_touched_since_the_last_checkpoint() -> None:
    engine = Engine(rules(THANKS))
    engine.feed(ENDED)
    engine.checkpoint()
    engine.feed(at("03-02 10:00", "call.made"))
    engine.reload(rules(THANKS))
    assert list(engine.checkpoint().subjects) == ["me"]


def test_a_reload_that_is_refused_leaves_what_an_earlier_edit_brings() -> None:
    moved = rules("""
        - {id: note, kind: recommendation, title: T, when: {event: interview.ended},
           due: {until: {plus: 9 days}}, message: M}
        """)
    before = rules("""
        - {id: note, kind: recommendation, title: T, when: {event: interview.ended},
           due: {until: {plus: 1 day}}, message: M}
        """)
    engine = Engine(before)
    engine.feed(at("03-02", "interview.ended"))
    engine = Engine.restore(moved, engine.snapshot())
    for other in (afterword.load("after-interview"), afterword.compile_ruleset(moved, drafts=True)):
        with pytest.raises(afterword.SnapshotError):
            engine.reload(other)
    with pytest.raises(TypeError, match=r"`afterword\.load` it first"):
        engine.reload("after-interview")  # type: ignore[arg-type]
    assert told(engine.advance("2026-03-02T12:00:00Z")) == ["03-02 00:00 note rescheduled"]


def test_an_engine_wants_rules_that_are_loaded() -> None:
    with pytest.raises(TypeError, match=r"this is a `str`: `afterword\.load` it first"):
        Engine("after-interview")  # type: ignore[arg-type]
