"""Conditions on when something happens: on which weekday, on what kind of day, at what time (S13)."""

from __future__ import annotations

import pytest

import afterword
from mistakes import checked, marked, with_rule
from timeline import PRELUDE, at, play, rules, told

PERTH = PRELUDE.replace("{timezone: UTC}", "{timezone: Australia/Perth, holidays: [AU-WA, 2026-03-04]}")
"""Eight hours ahead of UTC. Monday 2 March 2026 is a public holiday, and the Wednesday after it one of their own."""


def warned(where: str, *moments: str, prelude: str = PRELUDE) -> list[str]:
    """At which of these moments a call is warned of, under a condition."""
    ruleset = rules(
        f"- {{id: r, kind: warning, when: {{event: call.made, where: {where}}}, message: M}}", prelude
    )
    events = [at(moment, "call.made") for moment in moments]
    return [moment.removesuffix(" r raised") for moment in told(play(ruleset, *events))]


def test_s13_a_rule_speaks_on_the_days_of_the_week_that_it_names() -> None:
    week = [f"03-0{day} 12:00" for day in range(2, 9)]
    assert warned("{event.time: {weekday: sun}}", *week) == ["03-08 12:00"]
    assert warned("{event.time: {weekday: [mon, fri]}}", *week) == ["03-02 12:00", "03-06 12:00"]
    assert warned("{not: {event.time: {weekday: [sat, sun]}}}", *week) == week[:5]


def test_s13_s15_the_days_can_be_a_list_or_a_param_that_users_set() -> None:
    text = """
        - {id: l, kind: warning, when: {event: call.made, where: {event.time: {weekday: $quiet}}}, message: M}
        - {id: p, kind: warning, when: {event: call.made, where: {event.time: {weekday: $rest}}}, message: M}
    """
    prelude = PRELUDE + "lists:\n  quiet: [sat, sun]\n"
    prelude = prelude.replace(
        "params:\n", "params:\n  rest: {type: string, enum: [fri, sun], default: sun}\n"
    )
    week = [at(f"03-0{day} 12:00", "call.made") for day in range(2, 9)]
    assert told(play(rules(text, prelude), *week)) == [
        "03-07 12:00 l raised",
        "03-08 12:00 l raised",
        "03-08 12:00 p raised",
    ]
    assert told(play(rules(text, prelude, rest="fri"), *week))[0] == "03-06 12:00 p raised"


def test_s13_s10_a_business_day_knows_the_weekend_and_the_holidays_of_the_defaults() -> None:
    week = [f"03-0{day} 04:00" for day in range(2, 9)]  # noon in Perth
    assert warned("{event.time: {business_day: false}}", *week, prelude=PERTH) == [
        "03-02 12:00",
        "03-04 12:00",
        "03-07 12:00",
        "03-08 12:00",
    ]
    assert len(warned("{event.time: {business_day: true}}", *week, prelude=PERTH)) == 3
    assert len(warned("{event.time: {business_day: true}}", *week)) == 5


def test_s13_s9_the_day_is_that_of_the_case_where_it_is_at_the_event() -> None:
    ruleset = rules("""
        - id: r
          kind: warning
          when: {event: call.made, where: {event.time: {weekday: sun}}}
          message: M
    """)
    saturday_noon = "03-07 16:00"  # when in Perth Sunday begins
    said = told(
        play(
            ruleset,
            at("03-06 10:00", "interview.ended", "perth", zone="Australia/Perth"),
            at("03-06 10:00", "interview.ended", "london", zone="Europe/London"),
            at(saturday_noon, "call.made", "perth", id="1"),
            at(saturday_noon, "call.made", "london", id="2"),
            at(saturday_noon, "call.made", "london", id="3", zone="Australia/Perth"),  # now it is there
            at(saturday_noon, "call.made", "london", id="4"),
        )
    )
    assert sorted(said) == ["03-08 00:00 r raised london"] * 2 + ["03-08 00:00 r raised perth"]


def test_s13_s8_office_hours_hold_their_beginning_and_not_their_end() -> None:
    calls = ["03-02 08:59", "03-02 09:00", "03-02 16:59", "03-02 17:00"]
    assert warned('{event.time: {time_of_day: {from: "09:00", until: "17:00"}}}', *calls) == calls[1:3]
    assert warned('{event.time: {time_of_day: {from: "17:00"}}}', *calls) == calls[3:]
    assert warned('{event.time: {time_of_day: {until: "09:00"}}}', *calls) == calls[:1]


def test_s13_on_call_hours_pass_midnight() -> None:
    calls = ["03-02 17:59", "03-02 18:00", "03-02 23:59", "03-03 00:00", "03-03 07:59", "03-03 08:00"]
    assert warned('{event.time: {time_of_day: {from: "18:00", until: "08:00"}}}', *calls) == calls[1:5]
    assert warned('{event.time: {time_of_day: {from: "18:00", until: "00:00"}}}', *calls) == calls[1:3]


def test_s13_a_field_and_a_fact_are_asked_as_the_time_of_the_event_is() -> None:
    ruleset = rules(
        """
        - {id: field, kind: warning, when: {event: call.made, where: {starts_at: {weekday: sun}}}, message: M}
        - {id: day, kind: warning, when: {event: call.made, where: {decision_date: {business_day: false}}}, message: M}
        - {id: fact, kind: warning, when: {event: call.made, where: {case.decision_date: {weekday: tue}}}, message: M}
        """,
        PERTH,
    )
    opened = at("03-02 10:00", "interview.ended", decision_date="2026-03-10")
    calls = [
        at("03-03 10:00", "call.made", starts_at="2026-03-07T16:00:00Z", decision_date="2026-03-02"),
        at("03-04 10:00", "call.made", starts_at="2026-03-07T15:59:59Z", decision_date="2026-03-03"),
        at("03-05 10:00", "call.made", starts_at="soon", decision_date=None),
    ]
    assert told(play(ruleset, opened, *calls)) == [
        "03-03 18:00 field raised",
        "03-03 18:00 day raised",
        "03-03 18:00 fact raised",
        "03-04 18:00 fact raised",
        "03-05 18:00 fact raised",
    ]


def test_s13_s14_what_is_missing_or_no_moment_is_on_no_day_and_on_no_other_day_either() -> None:
    ruleset = rules("""
        - {id: "on", kind: warning, when: {event: call.made, where: {starts_at: {business_day: true}}}, message: M}
        - {id: "off", kind: warning, when: {event: call.made, where: {starts_at: {business_day: false}}}, message: M}
        - id: not
          kind: warning
          when: {event: call.made, where: {not: {starts_at: {business_day: true}}}}
          message: M
    """)
    calls = [at("03-02 10:00", "call.made"), at("03-03 10:00", "call.made", starts_at="2026-03-02")]
    assert told(play(ruleset, *calls)) == ["03-02 10:00 not raised", "03-03 10:00 not raised"]


def test_s13_every_pattern_of_a_rule_can_ask_when() -> None:
    ruleset = rules("""
        - id: monday
          kind: recommendation
          when: {event: day.passed, where: {event.time: {weekday: mon}}}
          while: {since: {event: interview.ended, where: {event.time: {business_day: true}}}}
          unless: {event: reply.received, where: {event.time: {business_day: false}}, within: 7 days}
          due: {until: {plus: 5 days}}
          fulfilled_by: {event: call.made, where: {event.time: {time_of_day: {from: "09:00", until: "17:00"}}}}
          cancelled_by: {event: message.sent, where: {trigger.date: {weekday: sun}, event.time: {weekday: fri}}}
          message: M
    """)
    assert told(
        play(
            ruleset,
            at("02-28 10:00", "interview.ended"),  # a Saturday, which does not begin it
            at("03-05 10:00", "interview.ended"),
            at("03-09 18:00", "call.made"),  # too late in the day
            at("03-10 10:00", "call.made"),
            at("03-19 10:00", "message.sent"),
            at("03-20 10:00", "message.sent"),
            at("03-22 10:00", "reply.received"),
            until="03-24",
        )
    ) == [
        "03-09 00:00 monday due",
        "03-10 10:00 monday fulfilled",
        "03-16 00:00 monday due",
        "03-20 10:00 monday cancelled",
    ]


def test_s13_s24_a_zone_that_becomes_known_late_corrects_what_was_said_of_the_day() -> None:
    ruleset = rules("""
        - {id: r, kind: warning, when: {event: call.made, where: {event.time: {weekday: sun}}}, message: M}
    """)
    engine = afterword.Engine(ruleset)
    assert engine.feed(at("03-07 16:00", "call.made")) == []
    late = at("03-06 10:00", "interview.ended", zone="Australia/Perth")
    assert told(engine.feed(late)) == ["03-08 00:00 r raised"]


def shown(where: str, moment: str, **data: str) -> str:
    """What an explanation shows of one condition."""
    ruleset = rules(
        f"- {{id: r, kind: warning, when: {{event: call.made, where: {where}}}, message: M}}", PERTH
    )
    engine = afterword.Engine(ruleset)
    engine.feed(at(moment, "call.made", id="e", **data))
    conditions = engine.explain_event("e").heard[0].conditions
    assert conditions is not None
    return conditions.lines()[0]


def test_p6_s13_an_explanation_says_which_day_and_what_time_it_was_where_the_case_is() -> None:
    saturday = "03-07 16:30"  # when it is Sunday in Perth
    it_is = 'it is "2026-03-08T00:30:00+08:00"'
    assert shown("{event.time: {weekday: [sat, sun]}}", saturday) == (
        f"yes  event.time is on Saturday or Sunday: {it_is}, a Sunday"
    )
    assert shown("{event.time: {business_day: true}}", saturday) == (
        f"no   event.time is on a business day: {it_is}, a Sunday"
    )
    assert shown("{event.time: {business_day: false}}", "03-04 02:00") == (
        'yes  event.time is on no business day: it is "2026-03-04T10:00:00+08:00", a holiday'
    )
    for hours, words in (
        ('{from: "18:00", until: "08:00"}', "yes  event.time is at a time from 18:00 until 08:00"),
        ('{from: "18:00"}', "no   event.time is at 18:00 or later"),
        ('{until: "08:00"}', "yes  event.time is at a time before 08:00"),
    ):
        assert shown(f"{{event.time: {{time_of_day: {hours}}}}}", saturday) == f"{words}: {it_is}, at 00:30"


def test_p6_s13_a_field_is_shown_as_it_was_written_and_as_it_is_on_the_calendar() -> None:
    asked = "{starts_at: {weekday: sun}}"
    assert shown(asked, "03-02 10:00", starts_at="2026-03-07T16:30:00Z") == (
        'yes  starts_at is on Sunday: it is "2026-03-07T16:30:00Z", a Sunday'
    )
    assert shown(asked, "03-02 10:00", starts_at="2026-03-08") == (
        'no   starts_at is on Sunday: it is "2026-03-08"'  # which is no moment
    )
    assert shown(asked, "03-02 10:00") == "no   starts_at is on Sunday: it is missing"
    assert shown("{decision_date: {business_day: false}}", "03-02 10:00", decision_date="2026-03-02") == (
        'yes  decision_date is on no business day: it is "2026-03-02", a holiday'
    )


@pytest.mark.parametrize(
    ("where", "code", "hint"),
    [
        ("{decision_date: {«time_of_day»: {from: '18:00'}}}", "wrong-test", "`weekday`, `business_day`"),
        ("{company: {«weekday»: sun}}", "wrong-test", "tests for text"),
        ("{event.time: {weekday: «$sizes»}}", "wrong-operand", "name one that holds text"),
        ("{event.time: {weekday: «$job_words»}}", "unknown-value", "it is one of: `fri`"),
        (
            "{all: [{event.time: {weekday: sun}}, {event.time: {weekday: «$job_words»}}]}",
            "unknown-value",
            "`fri`",
        ),
        ("{all: [{event.time: {weekday: sun}}, {event.time: {weekday: «$nowhere»}}]}", "unknown-name", ""),
        (
            "{event.time: {time_of_day: «{»from: '18:00', until: '18:00'}}}",
            "empty-range",
            "leave out `until`",
        ),
        ("{event.time: {time_of_day: «{»until: '00:00'}}}", "empty-range", "leave out `until`"),
    ],
)
def test_s13_a_calendar_test_that_can_never_pass_is_refused(where: str, code: str, hint: str) -> None:
    text, line, column = marked(with_rule(f"when: {{event: interview.ended, where: {where}}}"))
    ruleset, problems = checked(text)
    assert ruleset is None
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)], problems
    assert hint in problems[0].hint
