"""A rule in plain English: every part of the language has its words."""

from __future__ import annotations

import pytest

from afterword.describe import as_text, describe, message_text
from afterword.message import parse as parse_message
from afterword.names_used import params_used
from afterword.yaml_tree import parse
from timeline import rules

PARTS = [
    ("when: {event: call.made}", "When call made, warn: Beware."),
    ("when: {event: [call.made, message.sent]}", "When call made or message sent, warn: Beware."),
    ("when: {event: call.made, where: {purpose: x}}", "When call made (where purpose is x), warn: Beware."),
    (
        "when: [{event: call.made}, {event: message.sent, where: {purpose: x}}]",
        "When call made or message sent (where purpose is x), warn: Beware.",
    ),
    (
        "when: {event: [call.made, message.sent], count: {at_least: 3, within: 7 days}}",
        "When 3 or more of call made, message sent happen within 7 days, warn: Beware.",
    ),
    (
        "when: {event: call.made, count: {at_least: 2, within: 1 day, distinct: who}}",
        "When 2 or more of call made with different who happen within 1 day, warn: Beware.",
    ),
    (
        "when: {event: call.made, where: {event.time: {weekday: [sat, sun]}}}",
        "When call made (where event.time is on Saturday or Sunday), warn: Beware.",
    ),
    (
        "when: {event: call.made, where: {event.time: {business_day: false}}}",
        "When call made (where event.time is on no business day), warn: Beware.",
    ),
    (
        "when: {event: call.made, where: {event.time: {time_of_day: {from: '18:00', until: '08:00'}}}}",
        "When call made (where event.time is at a time from 18:00 until 08:00), warn: Beware.",
    ),
    ("while: {case: open}", "Only while a case is open."),
    ("while: {since: {event: call.made}}", "Only after call made."),
    (
        "while: {since: {event: call.made}, until: end of day}",
        "Only after call made, until the end of that day.",
    ),
    (
        "while: {since: {event: call.made}, until: [{event: message.sent}, {plus: 3 hours}]}",
        "Only after call made, until message sent, or 3 hours later.",
    ),
    ("unless: {event: call.made}", "Not if call made before."),
    ("unless: {event: call.made, within: 2 days}", "Not if call made in the 2 days before."),
    (
        "unless: {since: {event: call.made}, until: [{event: message.sent}, {plus: 3 hours}]}",
        "Not after call made, until message sent, or 3 hours later.",
    ),
    ("unless: {case: open}", "Not while a case is open."),
    ("cooldown: 7 days", "Then quiet for 7 days."),
    ("{cooldown: 1 day, inhibits: [other]}", "Meanwhile, other is suppressed."),
    ("inhibits: [other]", "With it, other is suppressed."),
    ("per: subject", "It looks at the person, with all their cases together."),
    ("status: draft", "A draft: evaluated only when asked for."),
    ("status: deprecated", "Deprecated: it will go."),
    ("effective: {from: 2026-01-01}", "In force from 2026-01-01T00:00:00+00:00."),
]

RECOMMENDED = [
    ("title: Call", "When interview ended, recommend: Call."),
    ("title: Call?", "When interview ended, recommend: Call?"),
    ("due: {from: event.time}", "Due at once and from then on."),
    ("due: {from: event.time, until: end of next day}", "Due at once, until the end of the next day."),
    (
        "due: {from: start of next day, until: {plus: 3 days}}",
        "Due from the start of the next day, until 3 days later.",
    ),
    (
        'due: {from: {plus: 1 day, align: end of day, at: "09:30"}}',
        "Due from the end of the day of 1 day after the event at 09:30 and from then on.",
    ),
    (
        "due: {from: {field: starts_at, minus: 2 hours}, until: {field: case.decision_date, align: end of next day}}",
        "Due from 2 hours before starts_at, until the end of the day after case.decision_date.",
    ),
    (
        "due: {from: {plus: 3 weeks, minus: 2 business days}, until: {plus: 1 week, minus: 1 day, align: end of day}}",
        "Due from 21 days after the event minus 2 business days, until the end of the day of 7 days later minus 1 day.",
    ),
    ("due: {until: end of month}", "Due at once, until the end of that month."),
    ("due: {from: start of next month}", "Due from the start of the next month and from then on."),
    (
        "due: {from: {plus: 3 months, align: end of month}, "
        "until: {field: case.decision_date, align: end of next month}}",
        "Due from the end of the month of 3 months after the event, "
        "until the end of the month after that of case.decision_date.",
    ),
    (
        "due: {from: {first_known: [{field: case.decision_date, plus: 1 day}, {field: event.time, plus: $patience}]}}",
        "Due from 1 day after case.decision_date (while that is not known: 7 days after the event) and from then on.",
    ),
    (
        'repeat: {every: 7 days, at: "09:00", at_most: 12}',
        "It comes again every 7 days at 09:00, 12 times in all.",
    ),
    ("fulfilled_by: {event: call.made}", "Done when call made."),
    ("cancelled_by: {event: reply.received}", "No longer needed when reply received."),
    ("again: restart", "If it happens again while one is open, the time is counted anew."),
    ("again: each", "If it happens again while one is open, there is one for each."),
    ("inhibits: [other]", "While it is due, other is suppressed."),
]


def told(kind: str, when: str, part: str) -> list[str]:
    part = part[1:-1].replace(", ", "\n  ") if part.startswith("{c") else part
    event = "" if part.startswith("when") else f"when: {{event: {when}}}"
    text = f"""
- id: first
  kind: {kind}
  {"" if part.startswith("title") else "title: Beware"}
  {event}
  message: x
  {part}
- {{id: other, kind: warning, when: {{event: call.made}}, message: "{{params.patience}}"}}
"""
    ruleset = rules("\n".join(line for line in text.split("\n") if line.strip()))
    return as_text(ruleset.rules[0]).split("\n")


@pytest.mark.parametrize(("part", "sentence"), PARTS)
def test_each_part_of_a_warning_has_its_sentence(part: str, sentence: str) -> None:
    assert sentence in told("warning", "message.drafted", part)


@pytest.mark.parametrize(("part", "sentence"), RECOMMENDED)
def test_each_part_of_a_recommendation_has_its_sentence(part: str, sentence: str) -> None:
    assert sentence in told("recommendation", "interview.ended", part)


def test_conditions_that_do_not_fit_a_line_become_a_list() -> None:
    ruleset = rules("""
        - id: first
          kind: warning
          title: Beware
          when:
            event: message.drafted
            where:
              text: {words: {gt: 150}, mentions: [one thing i forgot, another thing i forgot, a third thing i forgot]}
              not:
                any:
                  - purpose: {in: [something long, something longer, something longest]}
                  - all: [{who: {exists: true}}, {company: {starts_with: A company with a long name}}]
                  - city: Perth
          message: "{params.patience}"
    """)
    assert as_text(ruleset.rules[0]).split("\n") == [
        "When message drafted, with all of:",
        "  - text has more than 150 words",
        '  - text mentions "one thing i forgot", "another thing i forgot" or "a third thing i forgot"',
        "  - none of:",
        '    - purpose is one of "something long", "something longer" or "something longest"',
        '    - who is given and company starts with "A company with a long name"',
        "    - city is Perth",
        "Warn: Beware.",
    ]


def test_every_rule_of_the_shipped_ruleset_can_be_told() -> None:
    import afterword  # noqa: PLC0415

    for rule in afterword.load("after-interview").rules:
        sentences = describe(rule)
        assert sentences[0].text.startswith("When "), rule.id
        assert all(said.text[0].isupper() for said in sentences), rule.id


def test_a_message_is_written_as_the_file_has_it() -> None:
    text = "Ring {case.company:upper} by {{today}}."
    assert message_text(parse_message(text).template) == text


def test_the_params_of_a_rule_are_found_in_messages_and_in_patterns() -> None:
    text = """
params: {a: 1, b: 2, c: 3}
lists: {d: [1], e: [2]}
patterns:
  p: {event: x, where: {n: $a, q: {in: $d}}}
  loop: [p, loop]
rules:
  - {when: loop, message: "{params.b:number} $c {params.z}"}
"""
    node, _ = parse(text, "x")
    assert node is not None
    assert params_used(node.at(["rules", 0]), node) == ("a", "b", "d")
