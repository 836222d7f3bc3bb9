"""An explanation names what each gate looked for and what it saw (P6)."""

from __future__ import annotations

from afterword import Engine, Event
from afterword.explain import Considered, Explanation, Watcher
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
