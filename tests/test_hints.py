"""What people who know the language from its documentation alone write first, and what they are told to write."""

from __future__ import annotations

import pytest

from mistakes import checked, marked, with_rule

WARNINGS = [
    # a path that is taken for a text
    (
        "fulfilled_by: {event: message.drafted, where: {text: «trigger.company»}}",
        "path-as-text",
        "write `{field: trigger.company}`",
    ),
    (
        "when: {event: message.drafted, where: {text: {mentions: [a, «case.company»]}}}",
        "path-as-text",
        "instead of the list",
    ),
    (
        "when: {event: interview.ended, where: {interviewers: {has: «subject.mood»}}}",
        "path-as-text",
        "write `{field: subject.mood}`",
    ),
    (
        "when: {event: interview.ended, where: {company: {is_not: «event.source»}}}",
        "path-as-text",
        "write `{field: event.source}`",
    ),
]

ERRORS = [
    (
        "fulfilled_by: {event: message.drafted, where: {text: «$trigger.company»}}",
        "unknown-name",
        "write `{field: trigger.company}`",
    ),
    (
        "when: {event: message.drafted, where: {size: «subject.open_cases»}}",
        "wrong-operand",
        "write `{field: subject.open_cases}`",
    ),
    (
        "when: {event: day.passed, where: {date: «case.decision_date»}}",
        "bad-date",
        "write `{field: case.decision_date}`",
    ),
]

TEXTS = ["case.kompany", "trigger.company", "case.", "event", "Case.company", "subject.mood.x.y z"]


@pytest.mark.parametrize(("fragment", "code", "hint"), WARNINGS)
def test_s15_what_is_most_likely_not_meant_is_one_warning(fragment: str, code: str, hint: str) -> None:
    text, line, column = marked(with_rule(fragment))
    ruleset, problems = checked(text)
    assert [(p.code, p.severity, p.line, p.column) for p in problems] == [(code, "warning", line, column)]
    assert hint in problems[0].hint
    assert ruleset is not None


@pytest.mark.parametrize("text", TEXTS)
def test_s15_a_text_that_is_no_known_path_is_a_text(text: str) -> None:
    _, problems = checked(with_rule(f"when: {{event: interview.ended, where: {{company: {text}}}}}"))
    assert not problems


@pytest.mark.parametrize(("fragment", "code", "hint"), ERRORS)
def test_s4_the_hint_says_what_to_write(fragment: str, code: str, hint: str) -> None:
    only_error(with_rule(fragment), code, hint)


def only_error(marked_text: str, code: str, hint: str) -> None:
    text, line, column = marked(marked_text)
    ruleset, problems = checked(text)
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)], problems
    assert hint in f"{problems[0].message} {problems[0].hint}", problems[0]
    assert ruleset is None
