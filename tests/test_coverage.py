"""What the tests beside rules have seen: every branch has a story that alone shows it (S30)."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from textwrap import dedent, indent
from typing import Any, NamedTuple

import pytest
from hypothesis import given

import afterword
from afterword import Event, Ruleset
from afterword.build import build
from afterword.coverage import Coverage, CoverageReport
from afterword.coverage.branches import branches
from afterword.trials import Expectation, Runner, Trial
from afterword.yaml_tree import parse
from throws import AS_OF, EXAMPLES, Throw, in_order, throws
from timeline import PRELUDE, at, moment, rules


class Story(NamedTuple):
    """One test of a rule: what happens, until when, and what nothing but it shows."""

    name: str
    events: Sequence[Event]
    alone: Sequence[str]
    until: str | None = None


def covered(ruleset: Ruleset, stories: Iterable[Story]) -> CoverageReport:
    coverage = Coverage(ruleset)
    program = afterword.compile_ruleset(ruleset, drafts=True)
    for story in stories:
        engine = afterword.Engine(program, observer=coverage.recorder(program))
        until = None if story.until is None else moment(story.until)
        list(afterword.replay(engine, sorted(story.events, key=lambda event: event.time), until))
    return coverage.report()


def missing(report: CoverageReport) -> list[str]:
    return [str(branch) for rule in report.rules for branch in rule.missing]


ENDED = at("03-02 15:00", "interview.ended", company="Acme")

SMALL: dict[str, tuple[str, list[Story]]] = {}


def small(name: str, text: str, *stories: Story) -> None:
    SMALL[name] = (text, list(stories))


small(
    "a condition with any and not",
    """
    - id: w
      kind: warning
      when:
        event: message.sent
        where:
          purpose: thank_you
          any: [{text: {mentions: sorry}}, {who: ana}]
          not: {city: {exists: true}}
      message: M
    """,
    Story(
        "it holds by the text",
        [at("03-02", "message.sent", purpose="thank_you", text="So sorry")],
        ["when.where.any[1].text.mentions: `text mentions sorry` was never true"],
    ),
    Story(
        "it holds by the person",
        [at("03-02", "message.sent", purpose="thank_you", who="ana")],
        ["when.where.any[2].who: `who is ana` was never true"],
    ),
    Story(
        "another purpose",
        [at("03-02", "message.sent", purpose="other")],
        ["when.where.purpose: `purpose is thank_you` was never false"],
    ),
    Story(
        "what must not be",
        [at("03-02", "message.sent", purpose="thank_you", city="Perth")],
        ["when.where.not.city.exists: `city is given` was never true"],
    ),
)
small(
    "one of two",
    "- {id: w, kind: warning, when: {event: call.made, where: {any: [{who: ana}, {who: bob}]}}, message: M}",
    Story(
        "the first",
        [at("03-02", "call.made", who="ana")],
        ["when.where.any[1].who: `who is ana` was never true"],
    ),
    Story(
        "the second",
        [at("03-02", "call.made", who="bob")],
        ["when.where.any[2].who: `who is bob` was never true"],
    ),
    Story(
        "neither",
        [at("03-02", "call.made", who="eve")],
        ["when.where.any: `who is ana or who is bob` was never false"],
    ),
)
small(
    "two ways to trigger, and a span with two ends",
    """
    - id: w
      kind: warning
      when: [{event: message.sent, where: {purpose: ask}}, {event: call.made}]
      while:
        since: {event: interview.ended}
        until: [{event: reply.received}, end of day]
      message: M
    """,
    Story(
        "a message, and one that asks nothing",
        [
            ENDED,
            at("03-02 16:00", "message.sent", purpose="ask"),
            at("03-02 17:00", "message.sent"),
        ],
        [
            "it never spoke",
            "when[1].where.purpose: `purpose is ask` was never true",
            "when[1].where.purpose: `purpose is ask` was never false",
            "while: it never held",
        ],
    ),
    Story(
        "they answered",
        [ENDED, at("03-02 15:30", "reply.received"), at("03-02 16:00", "call.made")],
        ["while.until: no reply.received came while it held"],
    ),
    Story(
        "the next day",
        [ENDED, at("03-03 00:00", "call.made")],
        ["while.until: it was never closed by time: the end of that day"],
    ),
)
small(
    "the gates of a warning",
    """
    - id: w
      kind: warning
      when: {event: call.made}
      while: {case: open}
      unless: {event: reply.received, within: 1 day}
      effective: {from: 2026-03-01, until: 2026-04-01}
      message: M
    """,
    Story(
        "it speaks, and again a day after they answered",
        [
            ENDED,
            at("03-02 16:00", "call.made"),
            at("03-02 17:00", "reply.received"),
            at("03-03 17:00", "call.made"),
        ],
        [
            "it never spoke",
            "unless: it always kept the rule quiet",
            "unless.within: no such event was older than 1 day",
        ],
    ),
    Story("no case is open", [at("03-02 16:00", "call.made")], ["while: it always held"]),
    Story(
        "they have just answered",
        [ENDED, at("03-02 16:00", "reply.received"), at("03-02 17:00", "call.made")],
        ["unless: it never kept the rule quiet"],
    ),
    Story(
        "too early in the year",
        [at("02-02 15:00", "interview.ended"), at("02-02 16:00", "call.made")],
        ["effective.from: nothing came before it"],
    ),
    Story(
        "too late in the year",
        [at("05-02 15:00", "interview.ended"), at("05-02 16:00", "call.made")],
        ["effective.until: nothing came after it"],
    ),
)
small(
    "a span in which the rule keeps quiet, and a case that must not be open",
    """
    - id: w
      kind: warning
      when: {event: call.made}
      unless: [{since: {event: message.sent}, until: [{event: reply.received}, {plus: 1 day}]}, {case: open}]
      message: M
    """,
    Story(
        "they answered, and then the case closed",
        [
            ENDED,
            at("03-02 16:00", "message.sent"),
            at("03-02 17:00", "reply.received"),
            at("03-02 18:00", "call.made"),
            at("03-02 19:00", "rejection.received"),
            at("03-02 20:00", "call.made"),
        ],
        [
            "it never spoke",
            "unless[1].until: no reply.received came while it held",
            "unless[2]: it always kept the rule quiet",
        ],
    ),
    Story(
        "at once, and a day after",
        [
            ENDED,
            at("03-02 16:00", "message.sent"),
            at("03-02 17:00", "call.made"),
            at("03-03 16:00", "call.made"),
        ],
        [
            "unless[1]: it never kept the rule quiet",
            "unless[1].until: it was never closed by time: 1 day later",
        ],
    ),
)
small(
    "a count, a cooldown and what it inhibits",
    """
    - id: much
      kind: warning
      when: {event: message.sent, count: {at_least: 2, within: 2 days, distinct: who}}
      cooldown: 1 day
      inhibits: [call]
      message: M
    - id: call
      kind: warning
      when: {event: call.made}
      message: M
    """,
    Story(
        "two, and no call meanwhile",
        [
            ENDED,
            at("03-02 16:00", "message.sent", who="ana"),
            at("03-02 17:00", "message.sent", who="bob"),
            at("03-02 18:00", "call.made"),
        ],
        ["inhibits: it never suppressed call"],
    ),
    Story(
        "a third within the cooldown, the fourth after it",
        [
            ENDED,
            at("03-02 16:00", "message.sent", who="ana"),
            at("03-02 17:00", "message.sent", who="bob"),
            at("03-02 18:00", "message.sent", who="eve"),
            at("03-03 17:00", "message.sent", who="joe"),
        ],
        ["cooldown: it never kept the rule quiet", "cooldown: the rule never spoke again after it"],
    ),
    Story(
        "the same person twice",
        [
            ENDED,
            at("03-02 16:00", "message.sent", who="ana"),
            at("03-02 17:00", "message.sent", who="ana"),
        ],
        ["when.count: the same who never came twice"],
    ),
    Story(
        "too far apart",
        [
            ENDED,
            at("03-02 16:00", "message.sent", who="ana"),
            at("03-05 17:00", "message.sent", who="bob"),
        ],
        ["when.count: nothing that it counts was ever older than 2 days"],
    ),
    Story("a call at any other time", [ENDED, at("03-02 18:00", "call.made")], ["it never spoke"]),
)
small(
    "the ends of a recommendation",
    """
    - id: r
      kind: recommendation
      when: {event: interview.ended}
      due:
        from: {first_known: [{field: case.decision_date, plus: 1 day}, {field: event.time, plus: 2 days}]}
        until: {plus: 3 days}
      again: restart
      fulfilled_by: {event: call.made, where: {who: {field: trigger.who}}}
      cancelled_by: {event: reply.received}
      message: M
    """,
    Story(
        "they named a day, and it was missed",
        [at("03-02 15:00", "interview.ended", decision_date="2026-03-05")],
        [
            "due.from[1]: never taken: 1 day after case.decision_date",
            "it was never missed",
        ],
        "03-31",
    ),
    Story(
        "somebody else is called, then the one who is meant",
        [
            at("03-02 15:00", "interview.ended", who="ana"),
            at("03-03 15:00", "call.made", who="bob"),
            at("03-03 16:00", "call.made", who="ana"),
        ],
        [
            "fulfilled_by.where.who: `who is trigger.who` was never true",
            "fulfilled_by.where.who: `who is trigger.who` was never false",
            "it was never fulfilled",
        ],
    ),
    Story(
        "they answered",
        [ENDED, at("03-03", "reply.received")],
        [
            "cancelled_by: no reply.received came while it was open",
            "it was never cancelled by `cancelled_by`",
        ],
    ),
    Story(
        "the case closed",
        [ENDED, at("03-03", "rejection.received")],
        ["its case never closed while it was open"],
    ),
    Story(
        "a second interview",
        [ENDED, at("03-03 15:00", "interview.ended")],
        ["again: nothing triggered it anew while it was open"],
    ),
)
small(
    "repeats, each of them gated",
    """
    - id: r
      kind: recommendation
      per: subject
      when: {event: interview.ended}
      while: {case: open}
      repeat: {every: 7 days, at_most: 3}
      due: {from: event.time, until: {plus: 6 days}}
      message: M
    """,
    Story(
        "three times, and a second interview meanwhile",
        [ENDED, at("03-03 15:00", "interview.ended", "bolt")],
        [
            "repeat.at_most: it never came 3 times",
            "again: nothing triggered it again while it was open",
        ],
        "03-31",
    ),
    Story(
        "the case closed before it came again",
        [ENDED, at("03-12", "rejection.received")],
        ["while: it always held"],
        "03-31",
    ),
)
small(
    "each of several, and patterns with a name",
    """
    - id: r
      kind: recommendation
      per: subject
      when: {event: [interview.ended, interview.scheduled]}
      again: each
      fulfilled_by: asked
      message: M
    """,
    Story(
        "two at once",
        [ENDED, at("03-02 16:00", "interview.ended")],
        ["again: no second trigger came while it was open"],
    ),
    Story(
        "it is asked, and before that something else",
        [ENDED, at("03-03", "call.made", purpose="other"), at("03-04", "call.made", purpose="ask")],
        [
            "fulfilled_by[1].where.purpose: `purpose is ask` was never true",
            "fulfilled_by[1].where.purpose: `purpose is ask` was never false",
        ],
    ),
    Story(
        "an answer will do",
        [ENDED, at("03-03", "reply.received")],
        ["fulfilled_by[2]: no reply.received came while it was open"],
    ),
)

NAMED = PRELUDE + "patterns:\n  asked: [{event: call.made, where: {purpose: ask}}, {event: reply.received}]\n"


def loaded(text: str) -> Ruleset:
    return rules(text, NAMED if "asked" in text else PRELUDE)


@pytest.mark.parametrize("name", SMALL)
def test_s30_all_stories_of_a_small_ruleset_cover_it(name: str) -> None:
    text, stories = SMALL[name]
    report = covered(loaded(text), stories)
    assert missing(report) == []
    assert report.percent == 100.0
    assert report.seen == report.total > 0


@pytest.mark.parametrize(
    ("name", "left_out"), [(name, story.name) for name, (_, stories) in SMALL.items() for story in stories]
)
def test_s30_without_a_story_what_it_alone_shows_is_missing(name: str, left_out: str) -> None:
    text, stories = SMALL[name]
    (story,) = (story for story in stories if story.name == left_out)
    report = covered(loaded(text), [each for each in stories if each is not story])
    assert missing(report) == list(story.alone) != []
    assert report.percent < 100.0


def test_s30_without_any_story_everything_is_missing() -> None:
    for text, _ in SMALL.values():
        report = covered(loaded(text), [])
        assert (report.seen, report.percent) == (0, 0.0)
        assert all(len(rule.missing) == rule.total for rule in report.rules)


# --- what counts


def never(text: str, *events: Event, until: str | None = None) -> list[str]:
    return missing(covered(loaded(text), [Story("", events, [], until)]))


def test_s30_only_an_open_advice_is_held_against_what_ends_it() -> None:
    text = """
        - id: r
          kind: recommendation
          when: {event: interview.ended}
          due: {until: {plus: 1 day}}
          fulfilled_by: {event: call.made, where: {who: ana}}
          message: M
    """
    far_away = [at("03-01", "call.made", who="bob"), ENDED, at("03-05", "call.made", who="ana")]
    assert [line for line in never(text, *far_away) if "who is" in line] == [
        "fulfilled_by.where.who: `who is ana` was never true",
        "fulfilled_by.where.who: `who is ana` was never false",
    ]


def test_s30_parts_that_hold_apart_have_not_held_together() -> None:
    text = """
        - {id: w, kind: warning, when: {event: call.made, where: {who: ana, purpose: ask}}, message: M}
    """
    apart = never(text, at("03-01", "call.made", who="ana"), at("03-02", "call.made", purpose="ask"))
    assert apart == ["it never spoke", "when.where: `who is ana and purpose is ask` was never true"]


def test_s30_the_same_test_at_two_places_counts_twice() -> None:
    text = """
        - id: w
          kind: warning
          when: {event: call.made, where: {all: [{not: {who: ana}}, {not: {who: ana, city: Perth}}]}}
          message: M
    """
    places = [branch.place for branch in branches(loaded(text).rules[0], loaded(text))]
    assert places.count("when.where.not.who") == places.count("when.where.not.who (2)") == 2
    assert len(set(places)) == len({*places})


def test_s30_a_test_that_looks_inside_a_value_is_one_test() -> None:
    text = """
        - {id: w, kind: warning, when: {event: message.sent, where: {text: {words: {gt: 2, lt: 9}}}}, message: M}
    """
    found = never(text, at("03-01", "message.sent", text="one"))
    assert len(found) == 2
    assert found[1].startswith("when.where.text.words: `text has ")


def test_s30_what_is_only_suppressed_has_not_spoken() -> None:
    text = """
        - {id: loud, kind: warning, when: {event: call.made}, inhibits: [quiet], message: M}
        - {id: quiet, kind: warning, when: {event: call.made}, message: M}
    """
    assert never(text, at("03-01", "call.made")) == ["it never spoke"]


# --- what does not count, because it cannot be


def test_s30_the_rule_whose_transitions_are_heard_is_no_test_of_its_own() -> None:
    text = """
        - {id: call, kind: recommendation, when: {event: interview.ended}, due: {until: {plus: 1 day}}, message: M}
        - {id: other, kind: recommendation, when: {event: interview.ended}, due: {until: {plus: 1 day}}, message: M}
        - {id: late, kind: warning, when: {event: advice.missed, where: {rule: call}}, message: M}
    """
    ruleset = loaded(text)
    assert [branch.outcome for branch in branches(ruleset.rules[2], ruleset)] == ["said", "true"]
    assert not [line for line in never(text, ENDED, until="03-31") if "rule is" in line]


def test_s30_a_rule_that_speaks_once_is_never_triggered_again() -> None:
    text = """
        - id: once
          kind: recommendation
          when: {event: interview.ended}
          unless: [{event: interview.ended}, {event: call.made}]
          message: M
    """
    places = [branch.place for branch in branches(loaded(text).rules[0], loaded(text))]
    assert "again" not in places
    again = loaded(text.replace("{event: interview.ended},", "{event: interview.ended, within: 1 day},"))
    assert "again" in [branch.place for branch in branches(again.rules[0], again)]


def test_s30_where_every_closing_event_cancels_the_closing_itself_does_nothing() -> None:
    text = """
        - {id: r, kind: recommendation, when: {event: call.made}, cancelled_by: {event: rejection.received}, message: M}
    """
    outcomes = [branch.outcome for branch in branches(loaded(text).rules[0], loaded(text))]
    assert "cancelled" in outcomes
    assert "closed" not in outcomes


def test_s30_a_count_of_one_is_reached_at_once() -> None:
    text = """
        - {id: w, kind: warning, when: {event: call.made, count: {at_least: 1, within: 1 day}}, message: M}
    """
    assert never(text, ENDED, at("03-03", "call.made")) == []


# --- trials, and numbers


def trial(events: list[Event], **settings: object) -> Trial:
    expectation = Expectation("2026-03-31T00:00:00+00:00", "w", "none")
    return Trial("", tuple(events), (expectation,), settings)


COUNTED = """
rules:
  - {id: w, kind: warning, when: {event: message.sent, where: {text: {words: {gt: $most}}}}, message: "{params.most}"}
"""


def test_s30_trials_with_other_params_see_the_same_branches() -> None:
    text = PRELUDE.replace("params:", "params:\n  most: {type: integer, default: 2, title: Most}") + COUNTED
    node, _ = parse(text, "text")
    assert node is not None
    factory = functools.partial(build, node)
    ruleset, _ = factory({})
    assert ruleset is not None
    coverage = Coverage(ruleset)
    runner = Runner(factory, "plain", coverage)
    sent = at("03-02", "message.sent", text="one two three")
    assert len(runner.run(trial([sent]))) == 1  # it spoke: a test that fails has seen what it has seen
    assert [str(each) for each in coverage.report().rules[0].missing] == [
        "when.where.text.words: `text has more than 2 words` was never false"
    ]
    assert runner.run(trial([sent], most=5)) == []
    assert coverage.report().percent == 100.0


def test_s30_coverage_tells_how_much_where_and_what() -> None:
    text = """
        - {id: w, kind: warning, when: {event: call.made, where: {who: ana}}, message: M}
        - {id: v, kind: warning, when: {event: reply.received}, message: M}
    """
    report = covered(loaded(text), [Story("", [at("03-01", "call.made", who="ana")], [])])
    lines = (PRELUDE + "rules:\n" + indent(dedent(text).strip(), "  ")).split("\n")
    first, second = report.rules
    assert (first.rule, first.seen, first.total, first.percent) == ("w", 2, 3, 66.6)
    assert "id: w" in lines[first.line - 1]
    assert (second.seen, second.total, second.percent) == (0, 2, 0.0)
    assert (report.seen, report.total, report.percent) == (2, 5, 40.0)
    told: Any = report.as_dict()
    assert (told["ruleset"], told["version"], told["percent"]) == ("office", "1.0.0", 40.0)
    assert told["rules"][0]["missing"] == [
        {"place": "when.where.who", "outcome": "false", "text": "`who is ana` was never false"}
    ]


def test_s30_a_hundred_percent_is_said_only_when_nothing_is_missing() -> None:
    names = ", ".join(f"{{who: n{number}}}" for number in range(1_100))
    text = f"- {{id: w, kind: warning, when: {{event: call.made, where: {{any: [{names}]}}}}, message: M}}"
    everyone = [at("03-01", "call.made", who=f"n{number}") for number in range(1_100)]
    report = covered(loaded(text), [Story("", everyone, [])])
    assert report.total - report.seen == 1
    assert report.percent == 99.9


def test_s30_without_rules_there_is_nothing_to_cover() -> None:
    assert CoverageReport("empty", "1.0.0", ()).percent == 100.0


# --- the observer only looks


@EXAMPLES
@given(throws)
def test_s30_to_be_observed_changes_no_answer_and_all_that_is_seen_is_a_branch(throw: Throw) -> None:
    coverage = Coverage(throw.ruleset)
    program = afterword.compile_ruleset(throw.ruleset, network="plain")
    recorder = coverage.recorder(program)
    engine = afterword.Engine(program, history="sorted", observer=recorder)
    said = afterword.replay(engine, in_order(throw.log), AS_OF)
    assert [transition.as_json() for transition in said] == throw.said(network="plain")
    for rule in throw.ruleset.rules:
        found = list(branches(rule, throw.ruleset))
        assert len(set(found)) == len(found)
        places = {branch.place for branch in found}
        assert {branch.place for branch in recorder.seen if branch.rule == rule.id} <= places
