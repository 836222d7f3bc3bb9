"""`Engine.preview`: what the rules would say of an event that may never happen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import afterword
from afterword.timeline.turn import Observer, Told
from test_promises import EXAMPLES, Throw, throws
from timeline import at, rules, told

OFFICE = """
- id: thank-you
  kind: recommendation
  title: T
  when: {event: interview.ended}
  due: {until: end of next day}
  fulfilled_by: {event: message.sent, where: {purpose: thank_you}}
  message: M
- id: forgot
  kind: warning
  title: T
  cooldown: 1 day
  when: {event: message.drafted, where: {text: {mentions: forgot to mention}}}
  message: Leave out "{matched}".
"""
DRAFT = at("03-02 16:00", "message.drafted", text="I forgot to mention my prize.")


@pytest.fixture
def engine() -> afterword.Engine:
    engine = afterword.Engine(rules(OFFICE))
    engine.feed(at("03-02 15:00", "interview.ended", id="e1"))
    return engine


def test_what_would_be_said_is_told_with_the_words_to_underline(engine: afterword.Engine) -> None:
    (warning,) = engine.preview(DRAFT)
    assert told([warning]) == ["03-02 16:00 forgot raised"]
    assert [(spot.field, spot.start, spot.end) for spot in warning.matched] == [("text", 2, 19)]
    assert engine.explain_record(warning).state == "raised"


def test_it_is_said_again_however_often_one_asks(engine: afterword.Engine) -> None:
    before, clock, remarks = engine.snapshot(), engine.clock, engine.remarks()
    first = engine.preview(DRAFT)
    assert engine.preview(DRAFT) == first, "no cooldown has begun"
    assert (engine.snapshot(), engine.clock, engine.remarks()) == (before, clock, remarks)
    assert engine.feed(DRAFT) == first


def test_time_passes_up_to_the_event_and_only_in_the_preview(engine: afterword.Engine) -> None:
    sent = at("03-04 09:00", "message.sent", purpose="thank_you")
    assert told(engine.preview(sent)) == ["03-04 00:00 thank-you missed"]
    in_time = at("03-03 09:00", "message.sent", purpose="thank_you")
    assert told(engine.preview(in_time)) == ["03-03 09:00 thank-you fulfilled"]


def test_what_falls_due_for_others_meanwhile_is_not_told(engine: afterword.Engine) -> None:
    later = at("03-09 09:00", "message.drafted", subject="ben", text="Hello.")
    assert engine.preview(later) == []
    assert "ben" not in engine.subjects


def test_a_late_event_is_previewed_as_the_correction_that_it_would_be(engine: afterword.Engine) -> None:
    engine.advance("2026-03-04T09:00:00Z")
    late = at("03-03 09:00", "message.sent", purpose="thank_you", id="e2")
    previewed = [each.as_json() for each in engine.preview(late)]
    assert previewed
    assert previewed == [each.as_json() for each in engine.feed(late)]


def test_it_is_that_of_edited_rules_once_they_are_in_force(engine: afterword.Engine) -> None:
    edited = rules(OFFICE.replace("forgot to mention}", "my prize}"))
    resumed = afterword.Engine.restore(edited, engine.snapshot())
    before = resumed.snapshot()
    (warning,) = [each for each in resumed.preview(DRAFT) if each.rule == "forgot"]
    assert warning.matched[0].text == "my prize"
    assert resumed.snapshot() == before, "the edit itself is told by feed and advance alone"


def test_it_works_before_the_first_event() -> None:
    engine = afterword.Engine(rules(OFFICE))
    assert told(engine.preview(at("03-02 16:00", "message.drafted", text="I forgot to mention it."))) == [
        "03-02 16:00 forgot raised"
    ]
    assert engine.clock is None


def test_it_works_under_every_policy_of_history() -> None:
    for history in ("open-cases", "all", "sorted", "30 days"):
        engine = afterword.Engine(rules(OFFICE), history=history)
        engine.feed(at("03-02 15:00", "interview.ended", id="e1"))
        assert told(engine.preview(DRAFT)) == ["03-02 16:00 forgot raised"]
        assert engine.preview(at("03-02 15:00", "interview.ended", id="e1")) == [], "a duplicate"


def test_nobody_looking_on_is_told_of_it() -> None:
    class Loud(Observer):
        def told(self, _: Told) -> None:
            raise AssertionError

    engine = afterword.Engine(rules(OFFICE), observer=Loud())
    assert engine.preview(DRAFT)


def test_p1_what_somebody_looking_on_breaks_off_does_not_reach_the_next_person() -> None:
    class Failing(Observer):
        def told(self, told: Told) -> None:
            if told.turn.subject.subject == "ana" and told.rule.id == "last":
                raise RuntimeError

    heard = """
- {id: first, kind: warning, title: T, when: {event: call.made}, message: M}
- {id: heard, kind: warning, title: T, when: {event: advice.raised, where: {rule: first}}, message: M}
- {id: last, kind: warning, title: T, when: {event: call.made}, message: M}
- {id: other, kind: warning, title: T, when: {event: message.sent}, message: M}
"""
    engine = afterword.Engine(rules(heard), observer=Failing())
    with pytest.raises(RuntimeError):
        engine.feed(at("03-02 09:00", "call.made", "acme", subject="ana"))
    said = engine.feed(at("03-02 10:00", "message.sent", "initech", subject="ben"))
    assert told(said) == ["03-02 10:00 other raised initech"]


def test_what_is_no_event_is_refused(engine: afterword.Engine) -> None:
    with pytest.raises(afterword.EventError):
        engine.preview({"type": "message.drafted"})


def test_an_unknown_advice_is_named_in_a_sentence(engine: afterword.Engine) -> None:
    with pytest.raises(afterword.UnknownAdviceError) as caught:
        engine.explain("a4aa92657461286ad604")
    assert str(caught.value) == "No advice a4aa92657461286ad604 is open, nor among the last 1000 that ended."


def test_open_cases_are_counted_over_everyone(engine: afterword.Engine) -> None:
    assert engine.open_cases == 1
    engine.feed(at("03-02 17:00", "interview.ended", subject="ben", case="initech"))
    engine.feed(at("03-02 18:00", "interview.ended", case="initech"))
    assert engine.open_cases == 3
    engine.feed(at("03-03 18:00", "rejection.received", case="initech"))
    assert engine.open_cases == 2


@EXAMPLES
@given(throws, st.randoms(use_true_random=False))
def test_it_says_what_feeding_says_of_that_subject_and_changes_nothing(
    throw: Throw, dice: random.Random
) -> None:
    engine = afterword.Engine(throw.ruleset, network="plain")
    log = list(throw.log)
    dice.shuffle(log)
    for event in log:
        before = engine.snapshot()
        previewed = [transition.as_json() for transition in engine.preview(event)]
        assert engine.snapshot() == before
        fed = engine.feed(event)
        assert previewed == [each.as_json() for each in fed if each.subject == event["subject"]]
