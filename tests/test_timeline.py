"""The timeline, statement by statement: events in, transitions out."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import pytest

import afterword
from afterword.engine import evaluator_of
from afterword.explain import Watcher
from afterword.timeline.state import NOTHING, TOLD
from timeline import PRELUDE, at, moment, play, rules, told

THANKS = rules("""
    - id: thanks
      kind: recommendation
      title: Say thank you
      when: {event: interview.ended}
      due: {from: event.time, until: end of next day}
      fulfilled_by: {event: message.sent, where: {purpose: thank_you}}
      message: Thank {case.company} by {due.until:date}.
    """)

CALL = rules("""
    - id: call
      kind: recommendation
      title: Call
      when: {event: interview.ended}
      due:
        from: {first_known: [{field: case.decision_date, plus: 1 day}, {field: event.time, plus: $patience}]}
        until: {plus: 3 days}
      fulfilled_by: {event: call.made}
      cancelled_by: {event: reply.received}
      message: Call {case.company}.
    """)


def badgering(extra: str = "") -> afterword.Ruleset:
    return rules(f"""
    - id: badgering
      kind: warning
      title: Too much
      when: {{event: [message.sent, call.made], count: {{at_least: 3, within: 7 days}}}}
      {extra}
      message: "{{count}} contacts in {{within}}."
    """)


def test_s5_an_event_without_a_case_concerns_every_open_case() -> None:
    out = play(
        THANKS,
        at("03-02 09:00", "interview.ended", "a"),
        at("03-02 10:00", "interview.ended", "b"),
        at("03-02 11:00", "interview.ended", "c"),
        at("03-02 12:00", "rejection.received", "c"),
        at("03-02 15:00", "message.sent", None, purpose="thank_you"),
    )
    assert told(out)[-2:] == ["03-02 15:00 thanks fulfilled a", "03-02 15:00 thanks fulfilled b"]


def test_s5_an_event_without_a_case_reaches_rules_per_subject() -> None:
    out = play(
        rules("""
        - {id: w, kind: warning, per: subject, title: W, when: {event: message.drafted}, message: M}
        """),
        at("03-02 09:00", "message.drafted", None),
    )
    assert told(out) == ["03-02 09:00 w raised -"]


PASSING = """
    - id: heartbeat
      kind: warning
      title: A day went by
      when: {event: day.passed}
      message: "{date}"
    - id: silence
      kind: warning
      title: The date went by
      when: {event: decision_date.passed}
      message: "{date}"
    """


def test_s6_the_clock_raises_the_passing_of_days_and_dates_where_a_rule_asks() -> None:
    out = play(
        rules(PASSING),
        at("03-02 15:00", "interview.ended", decision_date="2026-03-03"),
        until="03-04 12:00",
    )
    assert [f"{line}: {t.message}" for line, t in zip(told(out), out, strict=True)] == [
        "03-03 00:00 heartbeat raised: 2026-03-02",
        "03-04 00:00 heartbeat raised: 2026-03-03",
        "03-04 00:00 silence raised: 2026-03-03",
    ]


@pytest.mark.parametrize("time", ["03-04 00:00", "03-04 09:00"])
def test_s6_a_passing_that_the_log_brings_after_the_clock_told_it_has_no_effect(time: str) -> None:
    engine = afterword.Engine(rules(PASSING))
    engine.feed(at("03-02 15:00", "interview.ended", decision_date="2026-03-03"))
    out = engine.feed(at(time, "day.passed", None)) + engine.feed(at(time, "decision_date.passed"))
    assert told(out).count("03-04 00:00 silence raised") == 1
    assert told(out).count("03-04 00:00 heartbeat raised") == 1
    assert {remark.kind for remark in engine.remarks()} == {"doubled"}


def test_s6_a_passing_that_the_log_brings_first_is_not_raised_again() -> None:
    out = play(
        rules(PASSING),
        at("03-02 15:00", "interview.ended", decision_date="2026-03-02"),
        at("03-02 23:00", "day.passed", None, date="2026-03-02"),
        at("03-02 23:30", "decision_date.passed", date="2026-03-02"),
        until="03-03 12:00",
    )
    assert told(out) == ["03-02 23:00 heartbeat raised", "03-02 23:30 silence raised"]


def test_s6_no_rule_asking_no_event() -> None:
    engine = afterword.Engine(THANKS)
    engine.feed(at("03-02 15:00", "interview.ended"))
    assert told(engine.advance(moment("03-03 23:59"))) == []


def test_s7_time_moves_with_events_and_with_advance_alone() -> None:
    engine = afterword.Engine(THANKS)
    assert engine.clock is None
    engine.feed(at("03-02 15:00", "interview.ended"))
    assert engine.clock is not None
    assert engine.clock.isoformat() == moment("03-02 15:00")
    assert told(engine.advance(moment("03-05 00:00"))) == ["03-04 00:00 thanks missed"]
    with pytest.raises(afterword.TimeError, match="cannot go back"):
        engine.advance(moment("03-04 00:00"))


def test_p2_replay_takes_what_feed_takes_and_refuses_what_feed_refuses() -> None:
    ended = {"type": "interview.ended", "time": moment("03-02 15:00"), "case": "acme"}
    assert told(list(afterword.replay(afterword.Engine(THANKS), [ended]))) == ["03-02 15:00 thanks due"]
    numbered = afterword.Event(type="call.made", time=dt.datetime.fromisoformat(moment("03-02 16:00")), id=5)  # type: ignore[arg-type]
    for wrong in ({"type": "call.made"}, afterword.BadEvent("It is none."), numbered):
        with pytest.raises(afterword.EventError):
            list(afterword.replay(afterword.Engine(THANKS), [wrong]))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (at("03-01 09:00", "call.made"), afterword.TimeError),
        (afterword.BadEvent("It is none."), afterword.EventError),
    ],
)
def test_p2_before_replay_refuses_an_event_all_before_it_is_taken_and_told(
    wrong: afterword.Event | afterword.BadEvent, error: type[Exception]
) -> None:
    engine, said = afterword.Engine(THANKS), []
    log = [at("03-02 15:00", "interview.ended"), at("03-04 00:00", "interview.ended", "zeta"), wrong]
    with pytest.raises(error):
        for transition in afterword.replay(engine, log):
            said.append(transition)
    assert told(said) == [
        "03-02 15:00 thanks due",
        "03-04 00:00 thanks missed",
        "03-04 00:00 thanks due zeta",
    ]
    assert engine.clock is not None
    assert engine.clock.isoformat() == moment("03-04 00:00")


def test_s8_a_window_holds_its_start_and_not_its_end() -> None:
    thanked = {"purpose": "thank_you"}
    just_in_time = at("03-03 23:59", "message.sent", **thanked)
    too_late = at("03-04 00:00", "message.sent", **thanked)
    ended = at("03-02 15:00", "interview.ended")
    assert told(play(THANKS, ended, just_in_time))[-1] == "03-03 23:59 thanks fulfilled"
    assert told(play(THANKS, ended, too_late)) == ["03-02 15:00 thanks due", "03-04 00:00 thanks missed"]


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("Australia/Perth", "2026-03-04T00:00:00+08:00"),
        ("Pacific/Auckland", "2026-03-05T00:00:00+13:00"),
        ("America/New_York", "2026-03-04T00:00:00-05:00"),
    ],
)
def test_s9_days_are_local_to_the_case(zone: str, end: str) -> None:
    (due,) = play(THANKS, at("03-02 15:00", "interview.ended", zone=zone))
    assert due.window is not None
    assert due.window.end is not None
    assert due.window.end.isoformat() == end


@pytest.mark.parametrize(
    "rule", ["", "- {id: daily, kind: warning, title: D, when: {event: day.passed}, message: M}"]
)
def test_s9_the_zone_of_a_passing_holds_for_it_alone_whoever_listens(rule: str) -> None:
    call = "- {id: call, kind: recommendation, title: C, when: {event: call.made}, due: {from: end of day}, message: M}"
    out = play(
        rules(f"{call}\n{rule}"),
        at("03-02 08:00", "interview.ended"),
        at("03-03 00:00", "day.passed"),
        at("03-03 00:00", "day.passed", zone="America/New_York"),
        at("03-03 12:00", "call.made"),
        until="03-04 06:00",
    )
    assert told([each for each in out if each.rule == "call"]) == [
        "03-03 12:00 call scheduled",
        "03-04 00:00 call due",
    ]


def test_s9_the_zone_is_the_events_then_the_cases_then_the_subjects_then_the_rulesets() -> None:
    def offset(*events: afterword.Event) -> str:
        return play(THANKS, *events)[-1].time.isoformat()[-6:]

    subject = at("03-01 09:00", "moved.house", None, zone="Europe/Madrid")
    case = at("03-01 10:00", "interview.scheduled", zone="Asia/Tokyo")
    ended = at("03-02 15:00", "interview.ended")
    assert offset(ended) == "+00:00"
    assert offset(subject, ended) == "+01:00"
    assert offset(subject, case, ended) == "+09:00"
    assert offset(subject, case, at("03-02 15:00", "interview.ended", zone="Asia/Kolkata")) == "+05:30"


def test_s11_the_first_known_moment_counts() -> None:
    assert told(play(CALL, at("03-02 15:00", "interview.ended"), until="03-31")) == [
        "03-02 15:00 call scheduled",
        "03-09 15:00 call due",
        "03-12 15:00 call missed",
    ]
    with_date = at("03-02 15:00", "interview.ended", decision_date="2026-03-04")
    assert told(play(CALL, with_date, until="03-31")) == [
        "03-02 15:00 call scheduled",
        "03-05 00:00 call due",
        "03-08 00:00 call missed",
    ]


def test_s11_a_window_moves_when_the_fact_appears_or_changes() -> None:
    out = play(
        CALL,
        at("03-02 15:00", "interview.ended", id="e1"),
        at("03-03 09:00", "date.stated", id="e2", decision_date="2026-03-05"),
        at("03-06 09:00", "date.stated", id="e3", decision_date="2026-03-10"),
        at("03-07 09:00", "date.stated", id="e4", decision_date="2026-03-10"),
        until="03-12",
    )
    assert told(out) == [
        "03-02 15:00 call scheduled",
        "03-03 09:00 call rescheduled",
        "03-06 00:00 call due",
        "03-06 09:00 call rescheduled",
        "03-11 00:00 call due",
    ]
    assert out[1].cause is not None
    assert (out[1].cause.kind, out[1].cause.fact) == ("fact", "case.decision_date")
    assert out[-1].because == ("e1", "e2", "case.decision_date", "e3")


def test_s11_a_fact_can_move_a_window_into_the_past() -> None:
    out = play(
        CALL,
        at("03-02 15:00", "interview.ended"),
        at("03-08 09:00", "date.stated", decision_date="2026-03-03"),
    )
    assert told(out) == [
        "03-02 15:00 call scheduled",
        "03-08 09:00 call rescheduled",
        "03-08 09:00 call missed",
    ]


def test_s11_a_window_that_hangs_on_an_unknown_fact_waits_for_it() -> None:
    waiting = rules("""
    - id: prepare
      kind: recommendation
      title: Prepare
      when: {event: interview.scheduled}
      due: {from: {field: case.decision_date, minus: 2 days, at: "09:00"}}
      message: M
    """)
    out = play(
        waiting,
        at("03-02 15:00", "interview.scheduled"),
        at("03-03 09:00", "date.stated", decision_date="2026-03-10"),
        until="03-09",
    )
    assert out[0].window == (None, None)
    assert told(out) == [
        "03-02 15:00 prepare scheduled",
        "03-03 09:00 prepare rescheduled",
        "03-08 09:00 prepare due",
    ]


def contacts(*times: str) -> list[afterword.Event]:
    return [at("03-01 00:00", "interview.ended"), *(at(time, "call.made", id=f"c{time}") for time in times)]


def test_s16_a_count_looks_at_a_sliding_window() -> None:
    apart = contacts("03-02 12:00", "03-05 12:00", "03-09 12:00", "03-10 12:00")
    (raised,) = play(badgering(), *apart)
    assert told([raised]) == ["03-10 12:00 badgering raised"]
    assert raised.message == "3 contacts in 7 days."
    assert raised.because == ("c03-05 12:00", "c03-09 12:00", "c03-10 12:00")


def test_s16_s17_the_event_that_closes_a_case_is_counted_and_ends_a_while_as_any_other() -> None:
    last = rules("""
    - id: enough
      kind: warning
      title: E
      when: {event: [call.made, rejection.received], count: {at_least: 2, within: 7 days}}
      message: "{count}"
    - id: open-until-then
      kind: warning
      title: O
      when: {event: [call.made, rejection.received]}
      while: {since: {event: interview.ended}, until: {event: rejection.received}}
      message: M
    - id: never                        # `check` says so: a closed case forgets its spans
      kind: warning
      title: N
      when: {event: [call.made, rejection.received]}
      while: {since: {event: rejection.received}}
      message: M
    """)
    rejected = at("03-03", "rejection.received", id="no")
    out = play(last, at("03-01", "interview.ended"), at("03-02", "call.made", id="call"), rejected)
    assert told(out) == ["03-02 00:00 open-until-then raised", "03-03 00:00 enough raised"]
    assert out[1].because == ("call", "no")


@pytest.mark.parametrize(
    ("within", "times"),
    [
        # Friday evening counts until Tuesday evening, Sunday morning until Tuesday morning.
        ("2 business days", ["03-06 19:00", "03-08 08:00", "03-10 09:00"]),
        ("1 month", ["05-30 19:00", "05-31 08:00", "06-30 09:00"]),
    ],
)
def test_s16_an_event_that_the_window_has_passed_no_longer_counts_behind_one_that_still_does(
    within: str, times: list[str]
) -> None:
    many = rules(f"""
    - {{id: many, kind: warning, when: {{event: call.made, count: {{at_least: 3, within: {within}}}}}, message: M}}
    """)
    assert told(play(many, *contacts(*times))) == []


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ([], "only 0 of 3 so far in the window; the case is not open, and nothing of it is counted"),
        ([at("03-02 08:00", "interview.ended")], "only 1 of 3 so far in the window"),
    ],
)
def test_p6_of_a_case_that_was_never_opened_it_is_said_that_nothing_is_counted(
    before: list[afterword.Event], why: str
) -> None:
    watcher = Watcher("badgering")
    engine = afterword.Engine(badgering(), observer=watcher)
    for event in (*before, at("03-02 09:00", "message.sent", purpose="outcome")):
        engine.feed(event)
    assert [each.why for each in watcher.considered_events] == [why]


def test_s16_counts_are_per_case() -> None:
    split = [
        at(f"03-0{day} 12:00", "call.made", case) for day, case in [(2, "a"), (3, "b"), (4, "a"), (5, "b")]
    ]
    assert (
        play(badgering(), at("03-01", "interview.ended", "a"), at("03-01", "interview.ended", "b"), *split)
        == []
    )


def test_s16_distinct_counts_values() -> None:
    distinct = rules("""
    - id: many
      kind: warning
      title: Many people
      when: {event: call.made, count: {at_least: 2, within: 7 days, distinct: who}}
      message: "{count} people"
    """)
    opened = at("03-01", "interview.ended")
    same = [at(f"03-0{day}", "call.made", who="Jo") for day in (2, 3, 4)]
    assert play(distinct, opened, *same) == []
    assert told(play(distinct, opened, *same, at("03-05", "call.made", who="Al"))) == [
        "03-05 00:00 many raised"
    ]


WHILE = rules("""
    - id: same-day
      kind: warning
      title: Not today
      when: {event: [message.drafted, message.sent]}
      while: {since: {event: interview.ended}, until: [end of day, {event: reply.received}]}
      message: M
    - id: open
      kind: warning
      title: Open
      when: {event: call.made}
      while: {case: open}
      message: M
    """)


def test_s17_while_holds_from_its_opening_until_a_time_or_an_event() -> None:
    ended = at("03-02 15:00", "interview.ended")
    assert (
        told(play(WHILE, at("03-02 14:00", "interview.scheduled"), at("03-02 14:30", "message.sent"))) == []
    )
    assert told(play(WHILE, ended, at("03-02 23:59", "message.sent"))) == ["03-02 23:59 same-day raised"]
    assert told(play(WHILE, ended, at("03-03 00:00", "message.sent"))) == []
    answered = at("03-02 16:00", "reply.received")
    assert told(play(WHILE, ended, answered, at("03-02 17:00", "message.sent"))) == []


def test_s17_a_while_ends_with_the_event_that_closes_its_case_too() -> None:
    ruleset = rules("""
- id: both
  kind: warning
  when: {event: [call.made, rejection.received]}
  while: {since: {event: interview.ended}, until: {event: rejection.received}}
  message: Wait.
""")
    events = (at("03-02", "interview.ended"), at("03-03", "call.made"), at("03-04", "rejection.received"))
    assert told(play(ruleset, *events)) == ["03-03 00:00 both raised"]


def test_s17_while_case_open() -> None:
    call = at("03-05 12:00", "call.made")
    assert play(WHILE, call) == []
    assert told(play(WHILE, at("03-02", "interview.ended"), call)) == ["03-05 12:00 open raised"]
    assert play(WHILE, at("03-02", "interview.ended"), at("03-03", "rejection.received"), call) == []


def test_s18_unless_looks_back_and_not_at_the_event_itself() -> None:
    quiet = rules("""
    - id: w
      kind: warning
      title: W
      when: {event: call.made}
      unless: {event: [reply.received, call.made], within: 2 days}
      message: M
    """)
    opened = at("03-01", "interview.ended")
    assert told(play(quiet, opened, at("03-02 12:00", "call.made"), at("03-04 11:59", "call.made"))) == [
        "03-02 12:00 w raised"
    ]
    assert told(play(quiet, opened, at("03-02 12:00", "reply.received"), at("03-04 12:00", "call.made"))) == [
        "03-04 12:00 w raised"
    ]


REFUSED = rules("""
    - id: hush
      kind: warning
      title: Hush
      when: {event: [call.made, message.sent, reply.received]}
      unless: {since: {event: [interview.ended, message.sent]}, until: [{event: reply.received}, {plus: 8 hours}]}
      message: M
    """)


def test_s18_a_rule_keeps_quiet_while_a_span_of_its_unless_is_open() -> None:
    scheduled, ended = at("03-01", "interview.scheduled"), at("03-02 12:00", "interview.ended")
    assert told(play(REFUSED, scheduled, at("03-02 11:00", "call.made"))) == ["03-02 11:00 hush raised"]
    assert play(REFUSED, ended, at("03-02 12:01", "call.made"), at("03-02 19:59", "call.made")) == []
    assert told(play(REFUSED, ended, at("03-02 20:00", "call.made"))) == ["03-02 20:00 hush raised"]
    again = at("03-02 19:00", "interview.ended")
    assert play(REFUSED, ended, again, at("03-03 02:59", "call.made")) == []


def test_s18_the_event_that_begins_a_refused_span_is_in_it_and_the_one_that_ends_it_is_not() -> None:
    begun = at("03-02 12:00", "message.sent")
    answered = at("03-02 13:00", "reply.received")
    opened = at("03-01", "interview.scheduled")
    assert play(REFUSED, opened, begun) == []
    assert told(play(REFUSED, opened, begun, answered, at("03-02 14:00", "call.made"))) == [
        "03-02 13:00 hush raised",
        "03-02 14:00 hush raised",
    ]


def test_s18_none_of_the_spans_and_lookbacks_of_an_unless_may_hold() -> None:
    quiet = rules("""
    - id: w
      kind: warning
      title: W
      when: {event: call.made}
      while: {since: {event: interview.ended}, until: {plus: 20 days}}
      unless:
        - {event: reply.received, within: 2 days}
        - {since: {event: date.stated}, until: {event: moved.house}}
        - {since: {event: message.drafted}, until: {event: message.sent}}
      message: M
    """)
    out = play(
        quiet,
        at("03-01 12:00", "interview.ended"),
        at("03-02 12:00", "call.made"),  # nothing was before
        at("03-03 12:00", "reply.received"),
        at("03-04 12:00", "message.drafted"),
        at("03-05 11:00", "call.made"),  # the lookback holds, and the second span
        at("03-05 13:00", "call.made"),  # the second span
        at("03-06 12:00", "date.stated"),
        at("03-07 12:00", "message.sent"),
        at("03-08 12:00", "call.made"),  # the first
        at("03-09 12:00", "moved.house"),
        at("03-10 12:00", "call.made"),
        at("03-25 12:00", "call.made"),  # the `while` is over
    )
    assert told(out) == ["03-02 12:00 w raised", "03-10 12:00 w raised"]


def test_s18_a_refused_span_that_ends_with_a_fact_goes_by_what_is_known_now() -> None:
    until_their_day = rules("""
    - id: w
      kind: warning
      title: W
      when: {event: call.made}
      unless: {since: {event: interview.ended}, until: {field: case.decision_date}}
      message: M
    """)
    ended, stated = at("03-02", "interview.ended"), at("03-03", "date.stated", decision_date="2026-03-05")
    calls = [at(f"03-0{day} 12:00", "call.made") for day in (2, 4, 5)]
    assert play(until_their_day, ended, *calls) == []
    assert told(play(until_their_day, ended, calls[0], stated, *calls[1:])) == ["03-05 12:00 w raised"]


def test_s18_a_case_that_closes_forgets_its_refused_spans_and_begins_none() -> None:
    quiet = rules("""
    - id: w
      kind: warning
      title: W
      when: {event: [call.made, rejection.received]}
      unless: {since: {event: [message.sent, rejection.received]}}
      message: M
    """)
    out = play(
        quiet,
        at("03-01", "interview.ended"),
        at("03-02", "message.sent"),
        at("03-03", "call.made"),
        at("03-04", "rejection.received"),  # is still one of the case, whose span is open
        at("03-05", "call.made"),
        at("03-06", "message.sent"),  # nothing is remembered of a closed case
        at("03-07", "call.made"),
        at("03-08", "interview.ended"),
        at("03-09", "call.made"),
        at("03-10", "rejection.received"),  # ends the case before it could begin anything
    )
    days = ["05", "07", "09", "10"]
    assert told(out) == [f"03-{day} 00:00 w raised" for day in days]


def test_s18_a_refused_span_is_of_one_case_or_of_the_person() -> None:
    span = "unless: {since: {event: moved.house}, until: {plus: 7 days}}"
    warning = f"kind: warning, when: {{event: call.made}}, {span}, message: M}}"
    both = rules(f"""
    - {{id: case, {warning}
    - {{id: me, per: subject, {warning}
    """)
    out = play(
        both,
        at("03-01", "interview.ended", "a"),
        at("03-02", "moved.house", None),
        at("03-03", "call.made", "a"),
        at("03-04", "interview.ended", "b"),  # which was not open yet then
        at("03-05", "call.made", "b"),
        at("03-10", "call.made", "a"),
    )
    assert told(out) == ["03-05 00:00 case raised b", "03-10 00:00 me raised -", "03-10 00:00 case raised a"]


def test_s18_a_rule_may_keep_quiet_while_the_case_is_open() -> None:
    strangers = rules("""
    - id: w
      kind: warning
      title: W
      when: {event: call.made}
      unless: {case: open}
      message: M
    - id: nowhere
      kind: warning
      title: N
      when: {event: call.made}
      per: subject
      unless: {case: open}
      message: M
    """)
    out = play(
        strangers,
        at("03-01", "call.made"),
        at("03-02", "interview.ended"),
        at("03-03", "call.made"),
        at("03-04", "call.made", "other"),
        at("03-05", "rejection.received"),
        at("03-06", "call.made"),
    )
    assert told(out) == [
        "03-01 00:00 nowhere raised -",
        "03-01 00:00 w raised",
        "03-04 00:00 w raised other",
        "03-06 00:00 nowhere raised -",
        "03-06 00:00 w raised",
    ]


def test_s18_occurrences_of_a_repeat_that_fall_into_a_refused_span_are_left_out() -> None:
    daily = rules("""
    - id: daily
      kind: recommendation
      title: Again
      when: {event: interview.ended}
      unless: {since: {event: [call.made, date.stated]}, until: [{event: reply.received}, {plus: 5 days}]}
      due: {until: {plus: 1 hour}}
      repeat: {every: 1 day, at_most: 7}
      message: M
    """)
    ended, away, back = (
        at("03-02 12:00", "interview.ended"),
        at("03-03 18:00", "call.made"),
        at("03-05 18:00", "reply.received"),
    )
    due = [line[:5] for line in told(play(daily, ended, away, back, until="03-20")) if line.endswith("due")]
    assert due == ["03-02", "03-03", "03-06", "03-07", "03-08"]
    at_once = at("03-02 12:00", "interview.ended", sequence=1), at("03-02 12:00", "date.stated", sequence=2)
    due = [line[:5] for line in told(play(daily, *at_once, until="03-20")) if line.endswith("due")]
    assert due == ["03-02", "03-07", "03-08"]


def test_s18_what_is_open_stays_so_when_a_refused_span_begins() -> None:
    quiet = rules("""
    - id: r
      kind: recommendation
      title: R
      when: {event: interview.ended}
      unless: {since: {event: call.made}}
      due: {from: {plus: 2 days}, until: {plus: 1 day}}
      message: M
    """)
    out = play(quiet, at("03-02", "interview.ended"), at("03-03", "call.made"), until="03-10")
    assert told(out) == ["03-02 00:00 r scheduled", "03-04 00:00 r due", "03-05 00:00 r missed"]


def test_s19_the_states_of_a_recommendation() -> None:
    ended = at("03-02 15:00", "interview.ended", id="e1")
    early = play(CALL, ended, at("03-04 09:00", "call.made", id="e2"))
    assert told(early) == ["03-02 15:00 call scheduled", "03-04 09:00 call fulfilled"]
    assert early[-1].because == ("e1", "e2")
    assert told(play(CALL, ended, at("03-04 09:00", "reply.received")))[-1] == "03-04 09:00 call cancelled"
    closed = play(CALL, ended, at("03-10 09:00", "rejection.received", id="e3"))
    assert told(closed)[-1] == "03-10 09:00 call cancelled"
    assert closed[-1].cause is not None
    assert (closed[-1].cause.kind, closed[-1].cause.event) == ("closed", "e3")


def test_s19_a_window_that_lies_in_the_past_is_missed_at_once() -> None:
    stale = at("03-20 15:00", "interview.ended", decision_date="2026-03-01")
    assert told(play(CALL, stale)) == ["03-20 15:00 call missed"]


def test_s19_a_rule_may_answer_the_closing_of_its_case() -> None:
    after = rules("""
    - id: learn
      kind: recommendation
      title: Ask what you could do better
      when: {event: rejection.received}
      due: {from: {plus: 2 days}, until: {plus: 5 days}}
      fulfilled_by: {event: message.sent}
      message: Write to {case.company}.
    """)
    out = play(
        after,
        at("03-02", "interview.ended", company="Acme"),
        at("03-05", "rejection.received"),
        at("03-08", "message.sent"),
    )
    assert told(out) == [
        "03-05 00:00 learn scheduled",
        "03-07 00:00 learn due",
        "03-08 00:00 learn fulfilled",
    ]
    assert out[-1].message == "Write to Acme."


def test_s5_a_case_that_opens_again_remembers_nothing_though_an_advice_has_outlived_it() -> None:
    learn = """
    - {id: learn, kind: recommendation, title: L, when: {event: rejection.received}, message: M}"""
    call = """
    - id: call
      kind: recommendation
      title: Call
      when: {event: interview.scheduled}
      due: {from: {first_known: [{field: case.decision_date}, {plus: 1 day}]}}
      message: "{case.company}"
    """
    events = [
        at("03-01", "interview.ended", company="Acme", decision_date="2026-03-20", zone="Asia/Tokyo"),
        at("03-02", "rejection.received"),
        at("03-03", "call.made", "other", zone="UTC"),
        at("03-05", "interview.scheduled"),
    ]
    for outlived in ("", learn):
        out = play(rules(outlived + call), *events, until="03-07")
        (due,) = [each for each in out if (each.rule, each.state) == ("call", "due")]
        assert (due.time.isoformat(), due.message) == ("2026-03-06T00:00:00+00:00", "the company"), outlived


def test_s19_a_cooldown_suppresses_and_says_so() -> None:
    calls = contacts("03-02 12:00", "03-03 12:00", "03-04 12:00", "03-05 12:00", "03-11 12:00", "03-12 12:00")
    out = play(badgering("cooldown: 7 days"), *calls, *contacts("03-13 12:00")[1:])
    assert told(out) == [
        "03-04 12:00 badgering raised",
        "03-05 12:00 badgering suppressed",
        "03-13 12:00 badgering raised",
    ]
    cause = out[1].cause
    assert cause is not None
    assert (cause.kind, cause.rule, cause.advice, cause.until) == (
        "cooldown",
        "badgering",
        out[0].advice,
        moment("03-11 12:00"),
    )


INHIBITING = """
    - id: call
      kind: recommendation
      title: Call
      when: {event: interview.ended}
      due: {from: {plus: 2 days}, until: {plus: 7 days}}
      message: M
    - id: hush
      kind: warning
      title: Hush
      when: {event: reply.received}
      cooldown: 3 days
      inhibits: [call]
      message: M
    """


def test_s19_inhibited_advice_is_suppressed_and_comes_back_while_its_window_is_open() -> None:
    out = play(
        rules(INHIBITING),
        at("03-02 00:00", "interview.ended"),
        at("03-03 12:00", "reply.received"),
        until="03-20",
    )
    assert told(out) == [
        "03-02 00:00 call scheduled",
        "03-03 12:00 hush raised",
        "03-04 00:00 call suppressed",
        "03-06 12:00 call due",
        "03-11 00:00 call missed",
    ]
    assert out[2].cause is not None
    assert (out[2].cause.kind, out[2].cause.rule, out[2].cause.advice) == ("inhibited", "hush", out[1].advice)


def test_s19_in_an_agenda_what_is_suppressed_comes_when_it_is_released() -> None:
    engine = afterword.Engine(rules(INHIBITING))
    engine.feed(at("03-02 00:00", "interview.ended"))
    engine.feed(at("03-03 12:00", "reply.received"))
    (item,) = engine.agenda(at=moment("03-05"), days=14)
    assert (item.rule, item.status) == ("call", "coming")
    assert item.start == dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC)


def test_s19_what_is_due_is_withdrawn_while_inhibited_and_not_held_against_the_user() -> None:
    out = play(
        rules(INHIBITING),
        at("03-02 00:00", "interview.ended"),
        at("03-09 12:00", "reply.received"),
        until="03-20",
    )
    assert told(out)[2:] == ["03-09 12:00 call suppressed", "03-09 12:00 hush raised"]


def test_s19_a_recommendation_inhibits_while_it_is_due() -> None:
    both = rules("""
    - id: first
      kind: recommendation
      title: First
      when: {event: interview.ended}
      due: {until: {plus: 2 days}}
      fulfilled_by: {event: call.made}
      inhibits: [second]
      message: M
    - id: second
      kind: recommendation
      title: Second
      when: {event: interview.ended}
      due: {until: {plus: 7 days}}
      message: M
    """)
    ended = at("03-02 00:00", "interview.ended")
    assert told(play(both, ended, at("03-03 00:00", "call.made"))) == [
        "03-02 00:00 first due",
        "03-02 00:00 second suppressed",
        "03-03 00:00 first fulfilled",
        "03-03 00:00 second due",
    ]
    assert told(play(both, ended, until="03-05"))[2:] == [
        "03-04 00:00 first missed",
        "03-04 00:00 second due",
    ]


def test_s19_what_several_advices_inhibit_is_released_when_the_last_of_them_ends() -> None:
    both = rules("""
    - id: answer
      kind: recommendation
      title: Answer
      when: {event: reply.received}
      due: {until: {plus: 3 days}}
      again: each
      fulfilled_by: {event: message.sent, where: {who: {field: trigger.who}}}
      inhibits: [look]
      message: M
    - {id: look, kind: recommendation, title: Look, when: {event: interview.ended}, message: M}
    """)
    replies = [at("03-02", "reply.received", who="Jo"), at("03-03", "reply.received", who="Al")]
    for sent, released in (([], "03-06 00:00"), ([at("03-04", "message.sent", who="Al")], "03-05 00:00")):
        out = told(play(both, at("03-01", "interview.ended"), *replies, *sent, until="03-09"))
        assert [line for line in out if "look" in line] == [
            "03-01 00:00 look due",
            "03-02 00:00 look suppressed",
            f"{released} look due",
        ]


def test_s19_what_an_advice_inhibits_is_not_released_for_no_time_when_it_is_restarted() -> None:
    both = rules("""
    - id: first
      kind: recommendation
      title: First
      when: {event: reply.received}
      due: {until: {plus: 2 days}}
      again: restart
      inhibits: [second]
      message: M
    - {id: second, kind: recommendation, title: Second, when: {event: interview.ended}, message: M}
    """)
    replies = [at("03-02", "reply.received"), at("03-03", "reply.received")]
    out = told(play(both, at("03-01", "interview.ended"), *replies, until="03-09"))
    assert [line for line in out if "second" in line] == [
        "03-01 00:00 second due",
        "03-02 00:00 second suppressed",
        "03-05 00:00 second due",
    ]


CHAIN = """
    - {{id: a, kind: recommendation, title: A, when: {{event: call.made}}, {more}, message: M}}
    - {{id: b, kind: recommendation, title: B, when: {{event: call.made}}, {more}, inhibits: [a], message: M}}
    - {{id: c, kind: recommendation, title: C, when: {{event: call.made}}, {more}, inhibits: [b], message: M}}
    """


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ("due: {until: {plus: 2 hours}}", "03-02"),
        ("due: {from: {plus: 1 day}, until: {plus: 2 hours}}", "03-03"),
        ("due: {until: {plus: 2 hours}}, repeat: {every: 1 day}", "03-03"),
    ],
)
def test_s19_a_rule_that_inhibits_comes_before_those_it_inhibits_wherever_it_stands(
    more: str, day: str
) -> None:
    events = at("03-01", "interview.ended"), at("03-02", "call.made")
    out = told(play(rules(CHAIN.format(more=more)), *events, until=f"{day} 01:00"))
    assert [line for line in out if line.startswith(day) and "sched" not in line] == [
        f"{day} 00:00 a due",
        f"{day} 00:00 b suppressed",
        f"{day} 00:00 c due",
    ]


@pytest.mark.parametrize("ending", ["rejection.received", "reply.received"])
def test_s19_what_ends_with_what_inhibits_it_is_not_released_for_no_time(ending: str) -> None:
    both = rules("""
    - {id: look, kind: recommendation, when: {event: call.made}, cancelled_by: {event: reply.received}, message: M}
    - id: answer
      kind: recommendation
      when: {event: call.made}
      due: {until: {plus: 5 days}}
      fulfilled_by: {event: reply.received}
      inhibits: [look]
      message: M
    """)
    out = told(play(both, at("03-01", "interview.ended"), at("03-02", "call.made"), at("03-03", ending)))
    assert [line for line in out if "look" in line] == [
        "03-02 00:00 look suppressed",
        "03-03 00:00 look cancelled",
    ]


def test_s3_repeats_end_with_the_case_though_its_last_event_has_the_id_of_the_first_in_another_source() -> (
    None
):
    weekly = rules("""
    - id: weekly
      kind: recommendation
      when: {event: interview.ended}
      due: {until: {plus: 1 day}}
      repeat: {every: 7 days}
      message: M
    """)
    ended = at("03-01", "interview.ended", id="1", source="diary")
    rejected = at("03-05", "rejection.received", id="1", source="mail")
    assert told(play(weekly, ended, rejected, until="03-31")) == [
        "03-01 00:00 weekly due",
        "03-02 00:00 weekly missed",
    ]


def test_s20_the_user_dismisses_snoozes_and_reopens() -> None:
    ended = at("03-02 15:00", "interview.ended")
    (due,) = play(THANKS, ended)
    by_rule = {"rule": "thanks", "reason": "did it in person"}
    dismissed = play(THANKS, ended, at("03-02 16:00", "advice.dismissed", **by_rule), until="03-09")
    assert told(dismissed) == ["03-02 15:00 thanks due", "03-02 16:00 thanks dismissed"]
    assert dismissed[1].cause is not None
    assert dismissed[1].cause.reason == "did it in person"
    snoozed = at("03-02 16:00", "advice.snoozed", None, advice=due.advice, until=moment("03-03 09:00"))
    assert told(play(THANKS, ended, snoozed, until="03-09"))[1:] == [
        "03-02 16:00 thanks snoozed",
        "03-03 09:00 thanks due",
        "03-04 00:00 thanks missed",
    ]
    reopened = at("03-02 18:00", "advice.reopened", **by_rule)
    out = play(THANKS, ended, at("03-02 16:00", "advice.dismissed", **by_rule), reopened)
    assert told(out)[1:] == ["03-02 16:00 thanks dismissed", "03-02 18:00 thanks due"]


def test_s20_a_snooze_beyond_the_window_does_not_keep_it_open() -> None:
    ended = at("03-02 15:00", "interview.ended")
    (due,) = play(THANKS, ended)
    snoozed = at("03-02 16:00", "advice.snoozed", None, advice=due.advice, until=moment("03-06 09:00"))
    assert told(play(THANKS, ended, snoozed, until="03-09"))[1:] == [
        "03-02 16:00 thanks snoozed",
        "03-04 00:00 thanks missed",
    ]


def test_s20_a_dismissed_advice_goes_when_its_window_has_moved_away() -> None:
    engine = afterword.Engine(CALL)
    engine.feed(at("03-02", "interview.ended", decision_date="2026-03-20"))
    engine.feed(at("03-03", "advice.dismissed", rule="call"))
    engine.feed(at("03-04", "date.stated", decision_date="2026-03-05"))
    engine.feed(at("03-12", "advice.reopened", rule="call"))
    assert [(each.kind, each.about) for each in engine.remarks()] == [
        ("no such advice", "advice.reopened call")
    ]


def test_s20_a_word_about_an_advice_that_is_not_open_is_remarked() -> None:
    engine = afterword.Engine(THANKS)
    engine.feed(at("03-02 16:00", "advice.dismissed", rule="thanks"))
    assert [(each.kind, each.about) for each in engine.remarks()] == [
        ("no such advice", "advice.dismissed thanks")
    ]
    engine.feed(at("03-02 17:00", "advice.dismissed", rule="thnaks"))
    assert [each.hint for each in engine.remarks()] == ["", "did you mean `thanks`?"]


def test_s21_a_transition_says_everything() -> None:
    (due,) = play(
        THANKS, at("03-02 15:00", "interview.ended", id="e1", company="Acme", zone="Australia/Perth")
    )
    assert due.as_dict() == {
        "advice": due.advice,
        "rule": "thanks",
        "kind": "recommendation",
        "state": "due",
        "time": "2026-03-02T23:00:00+08:00",
        "subject": "me",
        "case": "acme",
        "window": {"from": "2026-03-02T23:00:00+08:00", "until": "2026-03-04T00:00:00+08:00"},
        "severity": "medium",
        "title": "Say thank you",
        "message": "Thank Acme by Tuesday 3 March 2026.",
        "because": ["e1"],
        "matched": [],
        "cause": None,
        "replaces": None,
        "source": {},
        "ruleset": {"name": "office", "version": "1.0.0", "digest": THANKS.digest},
        "id": f"{due.advice}.1",
    }


def test_s21_matched_marks_the_text() -> None:
    marks = rules("""
    - id: forgot
      kind: warning
      title: Leave it
      when: {event: message.drafted, where: {text: {mentions: [forgot to mention, by the way]}}}
      message: Leave out "{matched}".
    """)
    text = "Thanks. I FORGOT to  mention my prize."
    (raised,) = play(marks, at("03-02", "interview.ended"), at("03-03", "message.drafted", text=text))
    assert raised.message == 'Leave out "FORGOT to  mention".'
    assert [(spot.field, text[spot.start : spot.end]) for spot in raised.matched] == [
        ("text", "FORGOT to  mention")
    ]


def test_s22_an_advice_id_is_a_digest_of_what_made_it() -> None:
    ended = at("03-02 15:00", "interview.ended", id="e1", company="Acme")
    (one,), (again,) = play(THANKS, ended), play(THANKS, ended)
    assert one.advice == again.advice
    others = [
        at("03-02 15:00", "interview.ended", "other", id="e1"),
        at("03-02 15:00", "interview.ended", id="e2"),
        at("03-02 15:00", "interview.ended", id="e1", source="calendar"),
        at("03-02 15:00", "interview.ended", id="e1", subject="ana"),
        at("03-02 15:00", "interview.ended"),
    ]
    ids = {play(THANKS, other)[0].advice for other in others} | {one.advice}
    assert len(ids) == len(others) + 1


def test_s3_equal_events_without_an_id_are_two_events() -> None:
    twice = [at("03-02", "interview.ended"), at("03-03", "call.made"), at("03-03", "call.made")]
    first, second = play(
        rules("- {id: w, kind: warning, title: W, when: {event: call.made}, message: M}"), *twice
    )
    assert first.advice != second.advice


def test_s3_the_same_source_and_id_twice_is_a_duplicate() -> None:
    engine = afterword.Engine(
        rules("- {id: w, kind: warning, title: W, when: {event: call.made}, message: M}")
    )
    assert len(engine.feed(at("03-02", "call.made", id="e1"))) == 1
    assert engine.feed(at("03-03", "call.made", id="e1")) == []
    assert len(engine.feed(at("03-04", "call.made", id="e1", source="phone"))) == 1
    assert [(each.kind, each.about, each.count) for each in engine.remarks()] == [("duplicate", "e1", 1)]


def test_s4_unknown_types_and_fields_are_remarked_once_with_a_count_and_the_nearest_name() -> None:
    engine = afterword.Engine(THANKS)
    for day in ("02", "03"):
        engine.feed(at(f"03-{day}", "interview.endet"))
        engine.feed(at(f"03-{day}", "message.sent", porpoise="thank_you", purpose=3))
    assert [(each.kind, each.about, each.count, each.hint) for each in engine.remarks()] == [
        ("unknown field", "message.sent: porpoise", 2, "did you mean `purpose`?"),
        ("unknown type", "interview.endet", 2, "did you mean `interview.ended`?"),
        ("wrong type", "message.sent: purpose should be string", 2, ""),
    ]


def test_s23_a_rule_may_trigger_on_a_transition() -> None:
    chain = rules("""
    - id: thanks
      kind: recommendation
      title: Thanks
      when: {event: interview.ended}
      due: {until: end of next day}
      message: M
    - id: too-late
      kind: warning
      title: Too late
      when: {event: advice.missed, where: {rule: thanks}}
      message: "{case.company}"
    """)
    out = play(chain, at("03-02 15:00", "interview.ended", company="Acme"), until="03-05")
    assert told(out)[1:] == ["03-04 00:00 thanks missed", "03-04 00:00 too-late raised"]
    assert out[-1].message == "Acme"


def test_s23_a_cooldown_stops_a_rule_that_hears_itself_in_a_case_that_is_not_open_too() -> None:
    echo = rules("""
        - id: echo
          kind: recommendation
          title: T
          when: {event: [call.made, advice.due]}
          again: each
          cooldown: 7 days
          message: M
        """)
    assert sorted(told(play(echo, at("03-02", "call.made")))) == [
        "03-02 00:00 echo due",
        "03-02 00:00 echo suppressed",
    ]
    calls = [at(f"03-0{day}", "call.made") for day in (2, 3)]
    assert [line for line in told(play(echo, *calls)) if line.endswith("due")] == [
        "03-02 00:00 echo due",
        "03-03 00:00 echo due",
    ]


def test_s23_a_transition_is_taken_after_the_event_that_made_it() -> None:
    early = rules("""
    - id: call
      kind: recommendation
      title: Call
      when: {event: interview.ended}
      due: {from: {plus: 7 days}}
      fulfilled_by: {event: call.made}
      message: M
    - id: too-early
      kind: warning
      title: Too early
      when: {event: call.made}
      while:
        since: {event: advice.scheduled, where: {rule: call}}
        until: {event: [advice.due, advice.fulfilled], where: {rule: call}}
      message: M
    """)
    ended = at("03-02", "interview.ended")
    assert told(play(early, ended, at("03-04", "call.made"), at("03-05", "call.made"))) == [
        "03-02 00:00 call scheduled",
        "03-04 00:00 call fulfilled",
        "03-04 00:00 too-early raised",
    ]
    assert "03-09 00:00 too-early raised" not in told(play(early, ended, at("03-09", "call.made")))


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ("ignore", ["03-02 00:00 due", "03-05 00:00 missed"]),
        ("restart", ["03-02 00:00 due", "03-03 00:00 rescheduled", "03-03 00:00 due", "03-06 00:00 missed"]),
        ("each", ["03-02 00:00 due", "03-03 00:00 due", "03-05 00:00 missed", "03-06 00:00 missed"]),
    ],
)
def test_s25_a_second_trigger_is_ignored_restarts_or_makes_another(again: str, expected: list[str]) -> None:
    ruleset = rules(f"""
    - id: r
      kind: recommendation
      title: R
      when: {{event: call.made}}
      due: {{until: {{plus: 3 days}}}}
      again: {again}
      message: M
    """)
    out = play(
        ruleset,
        at("03-01", "interview.ended"),
        at("03-02", "call.made"),
        at("03-03", "call.made"),
        until="03-31",
    )
    assert told(out) == [line.replace("00:00 ", "00:00 r ") for line in expected]
    assert len({transition.advice for transition in out}) == (2 if again == "each" else 1)


def test_s25_a_trigger_that_restarts_an_advice_ends_its_snooze() -> None:
    ruleset = rules("""
    - id: r
      kind: recommendation
      title: R
      when: {event: call.made}
      due: {from: {plus: 2 days}, until: {plus: 3 days}}
      again: restart
      message: M
    """)
    made = [at("03-01", "interview.ended"), at("03-02", "call.made")]
    (scheduled,) = play(ruleset, *made)
    snoozed = at("03-02 12:00", "advice.snoozed", None, advice=scheduled.advice, until=moment("03-04 18:00"))
    out = play(ruleset, *made, snoozed, at("03-03", "call.made"), until="03-05")[2:]
    assert told(out) == ["03-03 00:00 r rescheduled", "03-05 00:00 r due"]
    assert out[-1].cause is None, "it is due for its window, not for what is over"
    out = play(ruleset, *made, snoozed, at("03-04", "call.made"), until="03-06")[2:]
    assert told(out) == ["03-04 00:00 r rescheduled", "03-06 00:00 r due"]


def test_s25_a_trigger_that_restarts_an_advice_is_measured_in_its_own_time_zone() -> None:
    today = rules("""
    - id: r
      kind: recommendation
      title: R
      when: {event: call.made}
      due: {until: end of day}
      again: restart
      message: M
    """)
    calls = [at("03-02 01:00", "call.made"), at("03-02 02:00", "call.made", zone="America/New_York")]
    out = play(today, at("03-01", "interview.ended"), *calls, until="03-04")
    assert [each.time.isoformat() for each in out if each.state == "missed"] == ["2026-03-02T00:00:00-05:00"]
    window = out[-1].window
    assert window is not None
    assert window.end == dt.datetime.fromisoformat("2026-03-02T05:00:00+00:00")


def test_s6_a_day_passes_for_a_case_though_advice_about_its_person_is_due_at_that_midnight() -> None:
    # The transition is an event for every open case (S23), and reaches them before their own midnight does.
    ruleset = rules("""
    - id: own
      kind: recommendation
      per: subject
      title: O
      when: {event: interview.ended}
      due: {from: start of next day}
      message: M
    - id: hears
      kind: warning
      title: H
      when: {event: advice.due, where: {rule: own}}
      message: M
    - id: daily
      kind: warning
      title: D
      when: {event: day.passed}
      message: M
    """)
    out = play(ruleset, at("03-02 15:00", "interview.ended"), until="03-05")
    daily = [line for line in told(out) if "daily" in line]
    assert daily == [f"03-0{day} 00:00 daily raised" for day in (3, 4, 5)]


def test_s18_an_unless_that_the_trigger_of_a_repeat_meets_keeps_none_of_its_occurrences_quiet() -> None:
    once = rules("""
    - id: thrice
      kind: recommendation
      title: T
      when: {event: call.made}
      due: {until: {plus: 1 hour}}
      unless: {event: call.made}
      repeat: {every: 1 day, at_most: 3}
      message: M
    """)
    first, again = at("03-02 12:00", "call.made"), at("03-04 08:00", "call.made")
    alone = told(play(once, at("03-01", "interview.ended"), first, until="03-10"))
    assert [line for line in alone if "due" in line] == [f"03-0{day} 12:00 thrice due" for day in (2, 3, 4)]
    both = told(play(once, at("03-01", "interview.ended"), first, again, until="03-10"))
    assert [line for line in both if "due" in line] == [f"03-0{day} 12:00 thrice due" for day in (2, 3)]


def test_repeat_comes_again_at_its_wall_clock_time() -> None:
    weekly = rules("""
    - id: look
      kind: recommendation
      title: Keep looking
      when: {event: interview.ended}
      repeat: {every: 7 days, at: "09:00", at_most: 3}
      due: {until: {plus: 2 days}}
      fulfilled_by: {event: message.sent}
      message: M
    """)
    ended = at("03-24 15:00", "interview.ended", zone="Europe/Berlin")
    out = play(weekly, ended, at("04-01 12:00", "message.sent"), until="05-31")
    assert told(out) == [
        "03-24 16:00 look due",
        "03-26 16:00 look missed",
        "03-31 09:00 look due",
        "04-01 14:00 look fulfilled",
        "04-07 09:00 look due",
        "04-09 09:00 look missed",
    ]
    assert told(play(weekly, ended, at("03-25", "rejection.received"), until="05-31"))[1:] == [
        "03-25 01:00 look cancelled"
    ]


def test_s28_the_events_time_decides_whether_a_rule_is_in_force() -> None:
    dated = rules("""
    - id: w
      kind: warning
      title: W
      when: {event: call.made}
      effective: {from: 2026-03-02, until: 2026-03-04}
      message: M
    """)
    calls = [at(f"03-0{day}", "call.made") for day in (1, 2, 3, 4)]
    assert told(play(dated, *calls)) == ["03-02 00:00 w raised", "03-03 00:00 w raised"]


def test_s28_an_agenda_promises_no_occurrence_that_comes_when_the_rule_is_not_in_force() -> None:
    weekly = rules("""
    - id: look
      kind: recommendation
      title: Look
      when: {event: interview.ended}
      effective: {until: 2026-03-16}
      repeat: {every: 7 days}
      due: {until: {plus: 2 days}}
      message: M
    """)
    ended = at("03-02 09:00", "interview.ended")
    engine = afterword.Engine(weekly)
    engine.feed(ended)
    coming = [item for item in engine.agenda(at=moment("03-03"), days=60) if item.status == "coming"]
    assert [f"{item.start:%m-%d %H:%M}" for item in coming] == ["03-09 09:00"]
    due = [line for line in told(play(weekly, ended, until="04-30")) if line.endswith("due")]
    assert due == ["03-02 09:00 look due", "03-09 09:00 look due"]


def test_a_draft_rule_speaks_only_when_asked_to() -> None:
    draft = rules("- {id: w, kind: warning, status: draft, title: W, when: {event: call.made}, message: M}")
    call = at("03-02", "call.made")
    assert play(draft, call) == []
    assert told(play(draft, call, drafts=True)) == ["03-02 00:00 w raised"]


def test_trigger_binds_an_advice_to_what_made_it() -> None:
    each = rules("""
    - id: tell
      kind: recommendation
      title: Tell
      when: {event: call.made, where: {who: {exists: true}}}
      again: each
      due: {until: {plus: 7 days}}
      fulfilled_by: {event: message.sent, where: {who: {field: trigger.who}}}
      message: Tell {who}.
    """)
    out = play(
        each,
        at("03-01", "interview.ended"),
        at("03-02", "call.made", who="Jo"),
        at("03-02 01:00", "call.made", who="Al"),
        at("03-03", "message.sent", who="Al"),
    )
    assert [(transition.state, transition.message) for transition in out] == [
        ("due", "Tell Jo."),
        ("due", "Tell Al."),
        ("fulfilled", "Tell Al."),
    ]


def test_a_closed_case_leaves_nothing_behind() -> None:
    engine = afterword.Engine(CALL, history="sorted")
    engine.feed(at("03-01", "interview.ended"))
    empty = len(engine.snapshot())
    for number in range(50):
        engine.feed(at("03-02", "interview.ended", f"case {number}"))
        engine.feed(at("03-02", "rejection.received", f"case {number}"))
    engine.feed(at("03-03", "moved.house"))
    assert len(engine.snapshot()) < empty + 50


@pytest.mark.parametrize(
    "event",
    [
        {"type": "call.made"},
        {"type": "call.made", "time": "yesterday"},
        afterword.Event(type="call.made", time=dt.datetime(2026, 3, 2)),
        afterword.Event(type="call.made", time="2026-03-02"),  # type: ignore[arg-type]
        afterword.Event(
            type="call.made", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), timezone="Mars/Olympus"
        ),
        afterword.Event(
            type="call.made", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), data={"n": float("nan")}
        ),
    ],
)
def test_p3_an_event_that_is_none_is_refused_and_changes_nothing(event: object) -> None:
    engine = afterword.Engine(THANKS)
    before = engine.snapshot()
    with pytest.raises(afterword.EventError):
        engine.feed(event)  # type: ignore[arg-type]
    assert engine.snapshot() == before


def test_s15_the_time_of_an_event_can_be_remembered() -> None:
    prelude = PRELUDE + "  last_talk: {from: interview.ended, field: event.time}\n"
    remembering = rules(
        """
    - id: call
      kind: recommendation
      title: Call
      when: {event: call.made}
      due: {from: {field: case.last_talk, plus: 2 days}, until: {plus: 1 day}}
      message: You talked on {case.last_talk:date}.
    """,
        prelude,
    )
    ended = at("03-02 15:00", "interview.ended", zone="Australia/Perth")
    (scheduled,) = play(remembering, ended, at("03-03 09:00", "call.made"))
    assert scheduled.window is not None
    assert scheduled.window.start is not None
    assert scheduled.window.start.isoformat() == "2026-03-04T23:00:00+08:00"
    assert scheduled.message == "You talked on Monday 2 March 2026."


def test_s9_a_moment_can_count_back_from_a_day_that_it_counted_to() -> None:
    remind = rules("""
    - id: remind
      kind: recommendation
      title: Bring it back
      when: {event: interview.ended}
      due: {from: {plus: 21 days, minus: 2 business days, at: "09:00"}}
      message: M
    """)
    (scheduled,) = play(remind, at("03-02 15:00", "interview.ended"))  # three weeks on is Monday 23 March
    assert scheduled.window is not None
    assert scheduled.window.start is not None
    assert scheduled.window.start.isoformat() == moment("03-19 09:00")


def test_p4_a_count_of_many_and_a_text_of_many_name_a_hundred() -> None:
    noisy = rules("""
    - id: many
      kind: warning
      title: Many
      when: {event: call.made, count: {at_least: 150, within: 7 days}}
      message: "{count}"
    - id: letters
      kind: warning
      title: Letters
      when: {event: message.drafted, where: {text: {contains: a}}}
      message: M
    """)
    calls = [at(f"03-02 10:{n // 60:02}", "call.made", id=f"c{n}") for n in range(150)]
    draft = at("03-03", "message.drafted", text="a" * 100_000)
    many, letters = play(noisy, at("03-01", "interview.ended"), *calls, draft)
    assert (many.message, len(many.because), many.because[-1]) == ("150", 100, "c149")
    assert len(letters.matched) == 100


def ids(transitions: list[afterword.Transition]) -> list[str]:
    return [transition.id for transition in transitions]


def test_s22_a_repeat_that_starts_anew_makes_advice_of_its_own() -> None:
    prepare = rules("""
        - id: prepare
          kind: recommendation
          when: {event: interview.ended}
          due: {until: {plus: 1 hour}}
          again: restart
          repeat: {every: 2 days, at_most: 3}
          message: Prepare.
        """)
    again = play(prepare, at("03-01", "interview.ended"), at("03-04", "interview.ended"), until="03-07")
    assert [line for line in told(again) if "due" in line] == [
        "03-01 00:00 prepare due",
        "03-03 00:00 prepare due",
        "03-06 00:00 prepare due",
    ]
    assert len(set(ids(again))) == len(again)


def test_s22_a_date_that_passes_twice_makes_two_advices() -> None:
    passed = rules("""
        - id: heard-nothing
          kind: warning
          when: {event: [decision_date.passed, day.passed]}
          message: Nothing.
        """)
    stated = [
        at(day, "interview.ended", decision_date=date)
        for day, date in (("03-01", "2026-03-05"), ("03-07", "2026-03-04"), ("03-08", "2026-03-05"))
    ]
    moved = [
        at("03-01", "interview.ended", "b", zone="Australia/Perth"),
        at("03-03 20:00", "rejection.received", "b"),
        at("03-03 21:00", "interview.ended", "b", zone="America/New_York"),
    ]
    out = play(passed, *stated, *moved, until="03-10")
    assert len(set(ids(out))) == len(out)


def test_s20_a_dismissed_advice_is_not_told_to_move() -> None:
    dismissed = {"type": "advice.dismissed", "rule": "call"}
    out = play(
        CALL,
        at("03-02 15:00", "interview.ended"),
        at("03-02 16:00", **dismissed),
        at("03-03 09:00", "date.stated", decision_date="2026-03-20"),
        at("03-04 09:00", "advice.reopened", rule="call"),
        until="03-05",
    )
    assert [transition.state for transition in out] == ["scheduled", "dismissed", "scheduled"]
    window = out[-1].window
    assert window is not None
    assert window.start == dt.datetime(2026, 3, 21, tzinfo=dt.UTC)


def test_p1_what_nothing_is_remembered_in_takes_nothing_for_everybody() -> None:
    shared = NOTHING
    with pytest.raises(TypeError):
        shared["a"] = 1
    with pytest.raises(TypeError):
        shared.setdefault("a", 1)
    with pytest.raises(TypeError):
        shared.update(a=1)
    with pytest.raises(TypeError):
        shared |= {"a": 1}
    assert NOTHING == {}


def test_advices_that_keep_the_same_of_one_event_share_it() -> None:
    alike = rules("""
        - {id: one, kind: warning, title: T, when: {event: call.made}, message: "{company} {who}"}
        - {id: two, kind: warning, title: T, when: {event: call.made}, message: "{company} and {who}"}
        - {id: none, kind: warning, title: T, when: {event: call.made}, message: "{city}"}
        """)
    first, other = (at(f"03-0{day}", "call.made", company="Acme", who="Jo") for day in (2, 3))
    one, two, none, *others = (each.record for each in play(alike, first, other))
    assert one.seen is two.seen and one.seen == {"company": "Acme", "who": "Jo"}
    assert none.seen is NOTHING
    assert others[0].seen is not one.seen


def test_s6_s9_a_time_zone_named_elsewhere_moves_the_midnights_of_every_case_without_one() -> None:
    dated = rules("""
    - {id: passed, kind: warning, title: P, when: {event: decision_date.passed}, message: M}
    """)
    known = at("03-02", "interview.ended", "a", decision_date="2026-03-05")
    elsewhere = at("03-03", "interview.ended", "b", zone="Australia/Perth")
    assert told(play(dated, known, elsewhere, until="03-09")) == ["03-06 00:00 passed raised a"]
    again = at("03-04", "call.made", "a")
    assert told(play(dated, known, elsewhere, again, until="03-09")) == ["03-06 00:00 passed raised a"]


def test_s13_a_field_inside_of_what_is_no_object_is_absent() -> None:
    inside = rules(
        "- {id: r, kind: warning, title: R, when: {event: call.made, where: {not: {who.name: Jo}}}, message: M}",
        PRELUDE.replace("who: {type: string}", "who: {type: object}"),
    )
    ended, text = at("03-02", "interview.ended"), at("03-03", "call.made", who="text")
    out = play(inside, ended, text, at("03-04", "call.made", who={"name": "Jo"}))
    assert told(out) == ["03-03 00:00 r raised"]


def test_p1_a_member_of_an_enumeration_is_its_value() -> None:
    class Purpose(StrEnum):
        A = "a"
        B = "b"

    rule = rules(
        "- {id: r, kind: warning, title: R, when: {event: call.made, where: {purpose: a}}, message: M}"
    )
    made = [at("03-03", "call.made", purpose=Purpose.B), at("03-04", "call.made", purpose=Purpose.A)]
    assert told(play(rule, at("03-02", "interview.ended"), *made)) == ["03-04 00:00 r raised"]


def test_p4_a_deadline_that_moves_with_every_event_leaves_few_behind() -> None:
    rule = "{id: r, kind: recommendation, title: R, when: {event: call.made}, due: {until: {plus: 90 days}}"
    engine = afterword.Engine(rules(f"- {rule}, again: restart, message: M}}"), history="sorted")
    engine.feed(at("03-01", "interview.ended"))
    for minute in range(3_000):
        engine.feed(at(f"03-{2 + minute // 1_440:02} {minute // 60 % 24:02}:{minute % 60:02}", "call.made"))
    assert evaluator_of(engine).stream._schedule.size <= 1_025


def test_s22_what_happens_in_two_cases_at_once_makes_two_advices_of_their_subject() -> None:
    calls = rules("""
        - id: note
          kind: recommendation
          per: subject
          again: each
          title: T
          when: {event: call.made}
          due: {until: {plus: 1 day}}
          message: M {event.case}
        - id: passed
          kind: warning
          per: subject
          title: T
          when: {event: decision_date.passed}
          message: P
        """)
    events = [at("03-02 10:00", "interview.ended", case, decision_date="2026-03-02") for case in "kl"]
    events += [at("03-02 10:00", "call.made", case) for case in "kl"]
    out = play(calls, *events, until="03-04")
    assert sorted(told(out)) == [
        *["03-02 10:00 note due -"] * 2,
        *["03-03 00:00 passed raised -"] * 2,
        *["03-03 10:00 note missed -"] * 2,
    ]
    assert len({transition.advice for transition in out}) == 4
    assert {transition.message for transition in out if transition.state == "missed"} == {"M k", "M l"}


def test_s22_what_happens_in_a_case_and_in_none_at_once_makes_two_advices_of_the_case() -> None:
    calls = rules("""
        - {id: note, kind: recommendation, again: each, title: T, when: {event: call.made}, message: M}
        """)
    out = play(
        calls, at("03-01", "interview.ended"), *(at("03-02", "call.made", case) for case in ("acme", None))
    )
    assert told(out) == ["03-02 00:00 note due"] * 2
    assert len({transition.advice for transition in out}) == 2


@pytest.mark.parametrize(
    ("zone", "midnights"),
    [
        ("Asia/Tokyo", ["03-04 00:00 03-03", "03-05 00:00 03-04"]),
        ("America/New_York", ["03-04 00:00 03-03", "03-05 00:00 03-04"]),
    ],
)
def test_s6_s9_days_pass_at_the_midnights_of_where_the_person_is_now(zone: str, midnights: list[str]) -> None:
    daily = rules("""
        - {id: day, kind: warning, title: T, when: {event: day.passed}, message: "{date}"}
        - {id: own, kind: warning, title: T, per: subject, when: {event: day.passed}, message: "{date}"}
        """)
    out = play(
        daily,
        at("03-02 10:00", "interview.ended"),
        at("03-03 10:00", "moved.house", zone=zone),
        until="2026-03-05T06:00:00+00:00",
    )
    for rule in ("day", "own"):
        said = [f"{each.time:%m-%d %H:%M} {each.message[5:]}" for each in out if each.rule == rule]
        assert said == ["03-03 00:00 03-02", *midnights]


def test_s6_s9_days_that_only_rules_about_the_person_ask_for_move_with_them_as_well() -> None:
    daily = rules(
        '- {id: own, kind: warning, title: T, per: subject, when: {event: day.passed}, message: "{date}"}'
    )
    at_home, away = at("03-02 10:00", "interview.ended"), at("03-03 10:00", "moved.house", zone="Asia/Tokyo")
    out = play(daily, at_home, away, at("03-03 11:00", "call.made"), until="2026-03-03T16:00:00+00:00")
    assert [f"{each.time:%m-%d %H:%M} {each.message[5:]}" for each in out] == [
        "03-03 00:00 03-02",
        "03-04 00:00 03-03",
    ]


def test_s9_the_zone_of_an_event_that_no_rule_asks_for_counts_too() -> None:
    by_midnight = rules("""
        - {id: r, kind: recommendation, title: T, when: {event: call.made}, due: {until: end of day}, message: M}
        """)
    call = at("03-03 12:00", "call.made")
    for word in ("message.sent", "advice.dismissed", "never.declared"):
        out = play(by_midnight, at("03-02", "interview.ended"), at("03-03", word, zone="Asia/Tokyo"), call)
        (due,) = out
        assert due.window is not None
        assert due.window.end == dt.datetime.fromisoformat("2026-03-04T00:00:00+09:00"), word


def test_s16_distinct_values_are_equal_as_tests_have_them() -> None:
    many = rules(
        """
        - {id: many, kind: warning, title: T, message: "{count}",
           when: {event: call.made, count: {at_least: 2, within: 7 days, distinct: number}}}
        """,
        PRELUDE.replace("purpose: {type: string}", "purpose: {type: string}\n      number: {type: number}"),
    )
    ones = [
        at(f"03-0{day}", "call.made", number=value) for day, value in ((2, 1), (3, 1.0), (4, 2), (5, 1e300))
    ]
    assert [each.message for each in play(many, at("03-01", "interview.ended"), *ones)] == ["2", "3"]


def test_s14_a_fact_takes_a_value_of_another_type() -> None:
    whether = rules(
        """
        - {id: one, kind: warning, title: T, when: {event: call.made, where: {case.extra.x: 1}}, message: M}
        """,
        PRELUDE.replace(
            "purpose: {type: string}", "purpose: {type: string}\n      extra: {type: object}"
        ).replace("remember:\n", "remember:\n  extra: {from: interview.ended, field: extra}\n"),
    )
    asked = at("03-04", "call.made")
    for value, said in ((1, 1), (True, 0)):
        told_anew = [at(f"03-0{day}", "interview.ended", extra={"x": x}) for day, x in ((2, 1), (3, value))]
        assert len(play(whether, *told_anew, asked)) == said


def test_s20_s23_what_the_user_said_can_be_read_from_the_transition() -> None:
    heard = rules("""
        - {id: call, kind: recommendation, title: T, when: {event: interview.ended}, message: M}
        - id: why
          kind: warning
          title: T
          when: {event: [advice.dismissed, advice.snoozed], where: {reason: {exists: true}}}
          message: "{reason}"
        - {id: later, kind: warning, title: T, when: {event: advice.snoozed}, message: "{until:date}"}
        """)
    out = play(
        heard,
        at("03-02 10:00", "interview.ended"),
        at("03-02 11:00", "advice.snoozed", rule="call", until="2026-03-03T09:00:00+00:00", reason="busy"),
        at("03-04 11:00", "advice.dismissed", rule="call", reason="done elsewhere"),
    )
    said = [(each.rule, each.message) for each in out if each.state == "raised"]
    assert said == [("why", "busy"), ("later", "Tuesday 3 March 2026"), ("why", "done elsewhere")]


def test_s20_a_word_that_changes_nothing_is_remarked() -> None:
    engine = afterword.Engine(THANKS)
    engine.feed(at("03-02", "interview.ended"))
    for hour, word in enumerate(("reopened", "dismissed", "dismissed", "reopened", "reopened")):
        engine.feed(at(f"03-02 1{hour}:00", f"advice.{word}", rule="thanks"))
    assert [(each.kind, each.about, each.count) for each in engine.remarks()] == [
        ("no change", "advice.dismissed thanks", 1),
        ("no change", "advice.reopened thanks", 2),
    ]


def test_s20_ending_repeats_between_two_of_them_is_remarked() -> None:
    weekly = rules("""
        - id: weekly
          kind: recommendation
          title: T
          when: {event: interview.ended}
          repeat: {every: 7 days}
          due: {until: {plus: 1 day}}
          message: M
        """)
    engine = afterword.Engine(weekly)
    engine.feed(at("03-02", "interview.ended"))
    engine.feed(at("03-05", "advice.dismissed", rule="weekly"))
    assert [(each.kind, each.about) for each in engine.remarks()] == [
        ("repeats ended", "advice.dismissed weekly")
    ]
    assert not engine.advance(moment("04-30"))


def test_s25_each_of_several_advices_that_were_missed_is_overdue() -> None:
    write = rules("""
        - id: write
          kind: recommendation
          again: each
          title: T
          when: {event: call.made}
          due: {until: {plus: 1 day}}
          fulfilled_by: {event: message.sent, where: {who: {field: trigger.who}}}
          cancelled_by: {event: reply.received, where: {who: {field: trigger.who}}}
          message: Write to {who}
        - id: once
          kind: recommendation
          title: T
          when: {event: [call.made, date.stated]}
          due: {until: {plus: 1 day}}
          message: Once
        """)
    engine = afterword.Engine(write)

    def overdue() -> list[str]:
        return sorted(each.message for each in engine.agenda(days=14) if each.status == "overdue")

    engine.feed(at("03-01", "interview.ended"))
    for number, who in enumerate(("Jo", "Al", "Vi")):
        engine.feed(at(f"03-02 1{number}:00", "call.made", who=who))
    engine.feed(at("03-02 13:00", "date.stated"))
    engine.advance(moment("03-04"))
    assert overdue() == ["Once", "Once", "Write to Al", "Write to Jo", "Write to Vi"]
    engine.feed(at("03-04 09:00", "message.sent", who="Al"))
    engine.feed(at("03-04 09:00", "reply.received", who="Jo"))
    assert overdue() == ["Once", "Once", "Write to Vi"]
    engine.feed(at("03-04 10:00", "call.made", who="Bo"))
    assert overdue() == ["Once", "Write to Vi"]
    engine.advance(moment("03-06"))
    assert overdue() == ["Once", "Once", "Write to Bo", "Write to Vi"]


def test_p4_of_a_rule_that_makes_another_each_time_the_latest_hundred_stay_overdue() -> None:
    each = rules("""
        - {id: e, kind: recommendation, again: each, title: T, when: {event: call.made},
           due: {until: {plus: 1 hour}}, message: M}
        """)
    engine = afterword.Engine(each)
    engine.feed(at("03-01", "interview.ended"))
    for minute in range(150):
        engine.feed(at(f"03-02 {minute // 60:02}:{minute % 60:02}", "call.made"))
    engine.advance(moment("03-03"))
    items = engine.agenda(days=14)
    assert len(items) == TOLD
    assert min(item.start for item in items if item.start) == dt.datetime(2026, 3, 2, 0, 50, tzinfo=dt.UTC)


def test_an_agenda_writes_times_as_transitions_do() -> None:
    engine = afterword.Engine(THANKS)
    (due,) = engine.feed(at("03-02 15:00", "interview.ended"))
    (item,) = engine.agenda()
    window = due.as_dict()["window"]
    assert {name: item.as_dict()[name] for name in ("from", "until")} == window
    assert item.as_dict()["snoozed_until"] is None


def test_s6_a_date_that_stands_for_an_open_end_never_passes() -> None:
    rule = "- {id: over, kind: warning, when: {event: decision_date.passed}, message: It is over.}"
    ended = at("03-02", "interview.ended", decision_date="9999-12-31")
    assert play(rules(rule), ended, until="03-30") == []
