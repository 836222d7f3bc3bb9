"""Why an event did not end an advice can be asked of the event, of the advice and of the rule (P6)."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given

from afterword import Engine, Event, Explanation, NotEnded
from afterword.explain import SHOWN, AdviceWatcher, Watcher
from afterword.frames import FRAME
from afterword.history import SORTED
from afterword.not_ended import not_ended, waits_for
from afterword.timeline.happening import Happening
from afterword.timeline.state import ScopeState
from afterword.timeline.turn import Observer, Told, Turn
from afterword_cli.main import afterword as command
from throws import EXAMPLES, Throw, in_order, throws
from timeline import PRELUDE, at, moment, rules

RULES = """
- id: thanks
  kind: recommendation
  when: {event: interview.ended}
  due: {until: {plus: 3 days}}
  fulfilled_by: {event: message.sent, where: {purpose: thank_you, who: {field: trigger.who}}}
  cancelled_by: {event: reply.received, where: {case.company: Acme}}
  message: Thank {who}.
"""
SIMPLE = RULES.replace(", who: {field: trigger.who}", "")
ENDED = at("03-02 09:00", "interview.ended", id="i1", who="Jo", company="Initech")


def fed(*events: Event, text: str = RULES, history: str = "open-cases") -> Engine:
    engine = Engine(rules(text), history=history)
    for event in events:
        engine.feed(event)
    return engine


def sent(time: str, id: str, case: str | None = "acme", **data: Any) -> Event:
    return at(time, "message.sent", case, id=id, **{"purpose": "thank_you", "who": "Jo"} | data)


def of_event(engine: Engine, event: str) -> list[NotEnded]:
    return list(engine.explain_event(event).not_ended)


def explained(engine: Engine, rule: str = "thanks") -> Explanation:
    """What is open or overdue of a rule, explained."""
    (item,) = [each for each in engine.agenda(days=30) if each.rule == rule]
    return engine.explain(item.advice)


def test_p4_an_event_of_another_case_is_told_of_one_advice_and_not_of_all_those_of_a_rule() -> None:
    cases = [f"c{number}" for number in range(20)]
    events = [at("03-02 09:00", "interview.ended", case, who="Jo") for case in cases]
    astray = sent("03-02 10:00", "m1", case="elsewhere")
    watcher = Watcher("thanks")
    engine = Engine(rules(RULES), history=SORTED, observer=watcher)
    for event in (*events, astray):
        engine.feed(event)
    assert watcher.not_ended == {}
    assert [each.outcome for each in explained_all(fed(*events, astray))] == ["other case"] * len(cases)


def explained_all(engine: Engine) -> list[NotEnded]:
    told = [engine.explain(item.advice).not_ended_by for item in engine.agenda()]
    return [each for events in told for each in events or ()]


# --- of the event


def test_p6_s19_an_event_that_does_not_fulfil_an_advice_shows_each_condition_with_what_it_saw() -> None:
    engine = fed(ENDED, sent("03-03", "m1", purpose="question"))
    (left,) = of_event(engine, "m1")
    assert (left.rule, left.case, left.state, left.outcome) == ("thanks", "acme", "due", "condition")
    (ending,) = left.endings
    assert (ending.by, ending.holds) == ("fulfilled_by", False)
    assert ending.conditions is not None
    assert [(each.what, each.holds, each.saw) for each in ending.conditions.parts] == [
        ("purpose", False, "question"),
        ("who", True, "Jo"),
    ]
    assert str(engine.explain_event("m1")).split("\n")[1:] == [
        f"  not ended  thanks, case acme, advice {left.advice} (due): its `fulfilled_by` did not hold",
        "    no   fulfilled_by:",
        "      no   all of:",
        "        no   purpose is thank_you: it is question",
        "        yes  who is trigger.who (Jo): it is Jo",
    ]


def test_p6_what_an_advice_is_cancelled_by_is_shown_too() -> None:
    (left,) = of_event(fed(ENDED, at("03-03", "reply.received", id="r1")), "r1")
    assert [(each.by, each.holds) for each in left.endings] == [("cancelled_by", False)]
    assert left.why == "its `cancelled_by` did not hold"


def test_p6_an_event_that_ends_an_advice_is_not_among_those_that_did_not() -> None:
    engine = fed(ENDED, sent("03-03", "m1"))
    assert [each.state for each in engine.explain_event("m1").brought] == ["fulfilled"]
    assert of_event(engine, "m1") == []


def test_p6_an_event_that_closes_the_case_leaves_nothing_open() -> None:
    text = RULES.replace("reply.received", "rejection.received")
    assert of_event(fed(ENDED, at("03-03", "rejection.received", id="no"), text=text), "no") == []


def test_p6_a_field_of_the_trigger_is_that_of_the_advice_which_the_event_met() -> None:
    each = RULES.replace("when: {event: interview.ended}", "when: {event: interview.ended}\n  again: each")
    other = at("03-02 10:00", "interview.ended", id="i2", who="Kim")
    engine = fed(ENDED, other, sent("03-03", "m1", who="Kim"), text=each)
    (left,) = of_event(engine, "m1")
    assert left.advice is not None
    assert engine.explain(left.advice).trigger == "i1"
    assert "no   who is trigger.who (Jo): it is Kim" in str(engine.explain_event("m1"))


def test_p6_s20_what_was_dismissed_says_that_it_is_not_fulfilled() -> None:
    no = at("03-02 10:00", "advice.dismissed", rule="thanks")
    (left,) = of_event(fed(ENDED, no, sent("03-03", "m1")), "m1")
    assert (left.state, left.outcome) == ("dismissed", "dismissed")
    assert left.why == "it had been dismissed, and what is dismissed is not fulfilled"
    assert left.endings[0].holds
    assert "fulfilled_by" not in "".join(left.below_event())


def test_p6_s20_what_was_dismissed_is_cancelled_without_a_word() -> None:
    text = RULES.replace("reply.received, where: {case.company: Acme}", "message.sent")
    no = at("03-02 10:00", "advice.dismissed", rule="thanks")
    assert of_event(fed(ENDED, no, sent("03-03", "m1"), text=text), "m1") == []


def test_p6_s8_what_was_missed_says_since_when_and_that_it_is_overdue_no_more() -> None:
    engine = fed(ENDED, sent("03-05 09:00", "m1"))
    (left,) = of_event(engine, "m1")
    assert (left.state, left.outcome) == ("missed", "missed")
    assert left.why == f"it had been missed at {moment('03-05 09:00')}; now it is no longer overdue"


def test_p6_what_was_missed_shows_the_conditions_that_failed_when_it_stays_overdue() -> None:
    (left,) = of_event(fed(ENDED, sent("03-06", "m1", who="Kim")), "m1")
    assert (left.state, left.outcome) == ("missed", "condition")


def test_p6_s5_an_event_that_names_another_case_tells_what_it_would_have_fulfilled_in_which() -> None:
    engine = fed(ENDED, sent("03-03", "m1", case="initech"))
    (left,) = of_event(engine, "m1")
    assert (left.case, left.state, left.outcome) == ("acme", "due", "other case")
    assert "(due): it would have been fulfilled, but the event names case initech" in str(
        engine.explain_event("m1")
    )
    assert [each.event for each in explained(engine).not_ended_by or ()] == ["m1"]


def test_p6_an_event_that_had_something_to_fulfil_in_its_own_case_was_not_meant_for_another() -> None:
    other = at("03-02 10:00", "interview.ended", "initech", id="i2", who="Jo")
    assert of_event(fed(ENDED, other, sent("03-03", "m1", case="initech")), "m1") == []


def test_p6_s5_an_event_without_a_case_was_meant_for_every_one() -> None:
    other = at("03-02 10:00", "interview.scheduled", "initech")
    engine = fed(ENDED, other, sent("03-03", "m1", case=None), text=SIMPLE)
    assert of_event(engine, "m1") == []


def test_p6_s20_what_was_dismissed_in_another_case_would_not_have_been_fulfilled() -> None:
    no = at("03-02 10:00", "advice.dismissed", rule="thanks")
    engine = fed(ENDED, no, sent("03-03", "m1", case="initech"), text=SIMPLE)
    assert [each.outcome for each in of_event(engine, "m1")] == ["nothing open"]


@pytest.mark.parametrize("data", [{"purpose": "question"}, {"who": "Kim"}])
def test_p6_an_event_that_would_not_have_fulfilled_it_was_not_meant_for_another_case(
    data: dict[str, str],
) -> None:
    assert of_event(fed(ENDED, sent("03-03", "m1", case="initech", **data)), "m1") == []


def test_p6_an_event_before_the_advice_was_made_or_after_it_ended_found_nothing_open() -> None:
    engine = fed(
        sent("03-01", "early"), ENDED, sent("03-03", "m1"), sent("03-03 01:00", "again"), text=SIMPLE
    )
    for event in ("early", "again"):
        (left,) = of_event(engine, event)
        assert (left.rule, left.case, left.advice, left.outcome) == ("thanks", "acme", None, "nothing open")
        told = str(engine.explain_event(event))
        assert "not ended  thanks, case acme: no advice was open or overdue that the event" in told


def test_p6_an_event_that_cannot_end_what_is_not_there_says_that_nothing_was_open() -> None:
    story = fed(sent("03-01", "m1", purpose="question")).explain_event("m1")
    assert (story.can_end, story.not_ended) == (("thanks",), ())
    assert "no rule is triggered by message.sent there, and nothing was open that it can end" in str(story)
    deaf = fed(ENDED, at("03-03", "call.made", id="c1")).explain_event("c1")
    assert (deaf.can_end, deaf.not_ended) == ((), ())
    assert "no rule listens to call.made there" in str(deaf)


def test_p6_s23_what_rules_tell_each_other_is_not_looked_for_in_other_cases() -> None:
    text = """
- {id: call, kind: recommendation, when: {event: call.made}, due: {until: {plus: 1 day}}, message: Call.}
- id: wait
  kind: recommendation
  when: {event: interview.ended}
  due: {until: {plus: 9 days}}
  fulfilled_by: {event: advice.missed, where: {rule: call}}
  message: Wait.
"""
    engine = fed(ENDED, at("03-03", "call.made", "initech"), at("03-05", "call.made", None), text=text)
    assert explained(engine, "wait").not_ended_by == ()


# --- of the advice


def test_p6_an_advice_names_the_events_that_came_while_it_was_open_and_did_not_end_it() -> None:
    engine = fed(
        sent("03-01", "early"),
        ENDED,
        sent("03-03", "m1", purpose="question"),
        at("03-04", "call.made", id="c1"),
        sent("03-06", "late", who="Kim"),
    )
    found = explained(engine)
    assert found.waits_for == ("message.sent", "reply.received")
    assert [(each.event, each.state) for each in found.not_ended_by or ()] == [
        ("m1", "due"),
        ("late", "missed"),
    ]
    assert (
        "  not ended by:\n    2026-03-03T00:00:00+00:00  m1 (message.sent): its `fulfilled_by` did not hold\n"
        "      no   fulfilled_by:\n        no   all of:\n          no   purpose is thank_you: it is question"
    ) in str(found)


def test_p6_an_advice_for_which_nothing_came_says_what_it_waits_for() -> None:
    told = "  while it was open, no event came that can end it (message.sent, reply.received)"
    assert told in str(explained(fed(ENDED)))
    assert "no event came" not in str(explained(fed(ENDED, sent("03-03", "m1", who="Kim"))))


def test_p6_what_was_fulfilled_still_names_the_events_that_did_not_do_it() -> None:
    engine = fed(ENDED, sent("03-03", "m1", who="Kim"))
    (done,) = engine.feed(sent("03-04", "m2"))
    found = engine.explain(done.advice)
    assert (found.state, [each.event for each in found.not_ended_by or ()]) == ("fulfilled", ["m1"])


def test_p6_what_was_fulfilled_does_not_say_that_nothing_came() -> None:
    engine = fed(ENDED)
    (done,) = engine.feed(sent("03-04", "m2"))
    assert engine.explain(done.advice).not_ended_by == ()
    assert "end it" not in str(engine.explain(done.advice))


def test_p6_s25_what_came_before_an_advice_was_restarted_is_named_however_long_ago_that_was() -> None:
    text = RULES.replace("when: {event: interview.ended}", "when: {event: interview.ended}\n  again: restart")
    many = [at(f"03-03 11:{minute:02}", "call.made") for minute in range(FRAME)]
    again = at("03-04", "interview.ended", who="Jo")
    engine = fed(ENDED, sent("03-03 10:00", "m1", who="Kim"), *many, again, text=text)
    assert [each.event for each in explained(engine).not_ended_by or ()] == ["m1"]


def test_p6_what_is_not_known_of_what_came_is_not_said_to_be_nothing() -> None:
    engine = fed(ENDED, sent("03-03", "m1", who="Kim"), history=SORTED)
    found = explained(engine)
    assert found.not_ended_by is None
    assert "end it" not in str(found)
    edited = Engine.restore(
        rules(RULES.replace("Thank", "Do thank")), fed(ENDED, sent("03-03", "m1", who="Kim")).snapshot()
    )
    assert explained(edited).not_ended_by is None
    edited.feed(sent("03-04", "m2", who="Kim"))
    assert [each.event for each in explained(edited).not_ended_by or ()] == ["m2"]


def test_p6_s24_a_late_event_is_among_those_that_did_not_end_an_advice() -> None:
    engine = fed(ENDED, at("03-04", "call.made"), sent("03-03", "m1", who="Kim"))
    assert [each.event for each in explained(engine).not_ended_by or ()] == ["m1"]


def test_p6_to_explain_an_advice_changes_nothing() -> None:
    engine = fed(ENDED, sent("03-03", "m1", who="Kim"))
    before = engine.snapshot()
    explained(engine)
    assert engine.snapshot() == before


def test_p6_the_text_tells_twenty_events_and_the_data_has_all() -> None:
    many = [sent(f"03-03 10:{minute:02}", f"m{minute}", who="Kim") for minute in range(SHOWN + 5)]
    found = explained(fed(ENDED, *many))
    assert len(found.not_ended_by or ()) == SHOWN + 5
    assert len(json.loads(json.dumps(found.as_dict()))["not_ended_by"]) == SHOWN + 5
    assert f"m{SHOWN - 1} (" in str(found)
    assert f"m{SHOWN} (" not in str(found)
    assert "    … and 5 more events" in str(found)


def test_p6_an_event_that_leaves_many_advices_open_tells_twenty_of_them() -> None:
    text = RULES.replace("when: {event: interview.ended}", "when: {event: interview.ended}\n  again: each")
    many = [at(f"03-02 10:{minute:02}", "interview.ended", who="Jo") for minute in range(SHOWN + 5)]
    story = fed(*many, sent("03-03", "m1", who="Kim"), text=text).explain_event("m1")
    assert len(story.as_dict()["not_ended"]) == SHOWN + 5
    assert str(story).count("not ended  ") == SHOWN
    assert "  … and 5 more advices not ended" in str(story)


# --- of the rule


@pytest.mark.parametrize(
    ("subject", "case", "told"),
    [(None, None, ["m1", "m2", "m3"]), ("me", None, ["m1", "m2"]), (None, "acme", ["m1", "m3"])],
)
def test_p6_whoever_watches_a_rule_has_what_did_not_end_its_advice(
    subject: str | None, case: str | None, told: list[str]
) -> None:
    watcher = Watcher("thanks", subject, case)
    engine = Engine(rules(RULES), history=SORTED, observer=watcher)
    whose = [("acme", "me"), ("initech", "me"), ("acme", "you")]
    for place, person in whose:
        engine.feed(at("03-02", "interview.ended", place, subject=person, who="Jo"))
    for number, (place, person) in enumerate(whose, 1):
        engine.feed(sent(f"03-03 0{number}:00", f"m{number}", case=place, subject=person, who="Kim"))
    assert sorted(each.event for found in watcher.not_ended.values() for each in found) == told


# --- on the command line


LOG = """\
{"type": "interview.ended", "time": "2026-03-02T09:00:00Z", "id": "i1", "case": "acme", "data": {"who": "Jo"}}
{"type": "message.sent", "time": "2026-03-03T09:00:00Z", "id": "m1", "case": "acme", "data": {"purpose": "other"}}
"""


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "log.jsonl").write_text(LOG, encoding="utf-8")
    (tmp_path / "office.yaml").write_text(PRELUDE + "rules:\n" + indent(RULES, "  "), encoding="utf-8")
    return str(tmp_path)


def explain(folder: str, *arguments: str) -> str:
    ran = CliRunner().invoke(
        command, ["explain", f"{folder}/log.jsonl", "--rules", f"{folder}/office.yaml", "-q", *arguments]
    )
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_p6_the_command_says_it_of_an_event_an_advice_and_a_rule(log: str) -> None:
    told = json.loads(explain(log, "--event", "m1", "--format", "json"))
    (left,) = told["not_ended"]
    for asked in (("--advice", left["advice"]), ("--rule", "thanks"), ("--rule", "thanks", "--case", "acme")):
        (said,) = json.loads(explain(log, *asked, "--format", "json"))["said"]
        assert said["not_ended_by"] == [left]
        assert "m1 (message.sent): its `fulfilled_by` did not hold\n" in explain(log, *asked)
    assert "not ended  thanks, case acme, advice" in explain(log, "--event", "m1")


# --- of whatever rules and logs


class Both(Observer):
    """Compares what is said to have stayed open with what did, at each event of a log."""

    def __init__(self) -> None:
        self.left: set[str] = set()
        self.could_end: set[str] = set()
        self.ended: set[str] = set()
        self.met = 0

    def arrived(self, turn: Turn, scope: ScopeState, event: Happening) -> None:
        self.compare()
        if turn.program.plans[event.type].closes and not scope.open:
            return
        open_now = [each for each in scope.advices.values() if each.state != "dismissed"]
        by_id = turn.program.by_id
        self.could_end = {a.id for a in open_now if event.type in waits_for(by_id[a.rule].rule)}
        found = not_ended(turn, scope, event, lambda _: True)
        self.left = {str(each.advice) for each in found if each.outcome == "condition"}
        self.left &= {each.id for each in open_now}

    def told(self, told: Told) -> None:
        if told.cause is not None and told.cause.kind == "event" and told.state in ("fulfilled", "cancelled"):
            self.ended.add(told.advice.id)

    def compare(self) -> None:
        assert self.left == self.could_end - self.ended
        self.met += len(self.could_end)
        self.left, self.could_end, self.ended = set(), set(), set()


@given(throws)
@EXAMPLES
def test_p6_what_is_said_to_be_left_open_is_what_the_engine_did_not_end(throw: Throw) -> None:
    observer = Both()
    engine = Engine(throw.ruleset, history=SORTED, observer=observer)
    for event in in_order(throw.log):
        engine.feed(event)
    observer.compare()


@given(throws)
@EXAMPLES
def test_p6_an_engine_says_of_an_advice_what_somebody_who_watched_it_says(throw: Throw) -> None:
    engine = Engine(throw.ruleset, history="all")
    log = in_order(throw.log)
    said = [transition for event in log for transition in engine.feed(event)]
    for advice in list(dict.fromkeys(each.advice for each in said))[:5]:
        watcher = AdviceWatcher(advice)
        watched = Engine(throw.ruleset, history=SORTED, observer=watcher)
        for event in log:
            watched.feed(event)
        found = engine.explain(advice)
        if found.waits_for:
            assert found.not_ended_by == tuple(watcher.not_ended)
