"""Rules, and parts of rules, that do nothing: each is a warning at the very word, and nothing else is."""

from __future__ import annotations

import pytest

from afterword import resources
from mistakes import checked, document, marked, with_rule

RULE = {"kind": "recommendation", "when": "{event: interview.ended}", "message": "Go."}
RULE_KEYS = resources.schema("ruleset")["$defs"]["rule"]["properties"]
WITHOUT_WEIGHT = {
    "id": "sample",
    "title": "Another title",
    "description": "Why",
    "tags": "[other]",
    "renamed_from": "[before]",
    "enabled": "true",
}
DIFFERENCES = {
    "kind": "warning",
    "severity": "high",
    "status": "draft",
    "per": "subject",
    "when": "{event: interview.ended, where: {company: Acme}}",
    "while": "{case: open}",
    "unless": "{event: message.drafted}",
    "due": "{until: {plus: 1 day}}",
    "repeat": "{every: 1 day, at_most: 3}",
    "fulfilled_by": "{event: message.drafted}",
    "cancelled_by": "{event: message.drafted}",
    "cooldown": "1 day",
    "inhibits": "[other]",
    "again": "each",
    "effective": "{from: 2026-01-01}",
    "message": "Stay.",
    "source": "{section: Another}",
}


def differing_in(key: str, value: str) -> str:
    """Two rules that differ in this key, and in their ids."""
    rules = [{"id": "first", **RULE}, {"id": "sample", **RULE, key: value}]
    return document() + "".join(
        "  - " + "\n    ".join(f"{name}: {written}" for name, written in rule.items()) + "\n"
        for rule in rules
    )


def codes(text: str) -> list[str]:
    ruleset, problems = checked(text)
    assert ruleset is not None, problems
    return [problem.code for problem in problems]


def test_every_key_of_a_rule_is_known_to_make_two_rules_differ_or_not() -> None:
    assert WITHOUT_WEIGHT.keys() | DIFFERENCES.keys() == RULE_KEYS.keys()


@pytest.mark.parametrize("key", sorted(DIFFERENCES))
def test_rules_that_differ_in_what_they_do_or_say_are_not_the_same(key: str) -> None:
    assert "same-rule" not in codes(differing_in(key, DIFFERENCES[key]))


@pytest.mark.parametrize("key", sorted(WITHOUT_WEIGHT))
def test_rules_that_differ_in_how_they_are_called_are_the_same(key: str) -> None:
    assert codes(differing_in(key, WITHOUT_WEIGHT[key])) == ["same-rule"]


@pytest.mark.parametrize(
    ("fragment", "hint"),
    [
        (
            "fulfilled_by: {event: interview.ended, where: {company: {field: «company»}}}",
            "write `{field: trigger.company}`",
        ),
        (
            "cancelled_by: {event: interview.ended, where: {company: {is_not: {field: «company»}}}}",
            "write `{field: trigger.company}`",
        ),
        (
            "fulfilled_by: {event: message.drafted, where: {text: {contains: {field: «text»}}}}",
            "compare it with something else",
        ),
        (
            "when: {event: interview.ended, where: {company: {field: «company»}}}",
            "write `{field: case.company}`",
        ),
        (
            "when: {event: message.drafted, where: {size: {gt: {field: «size»}}}}",
            "compare it with something else",
        ),
        (
            "when: {event: interview.ended, where: {not: {case.company: {field: «case.company»}}}}",
            "{exists: true}",
        ),
        (
            "when: {event: interview.ended, where: {decision_date: {before: {field: «decision_date»}}}}",
            "write `{field: case.decision_date}`",
        ),
    ],
)
def test_s15_a_field_that_is_compared_with_itself_is_a_warning(fragment: str, hint: str) -> None:
    text, line, column = marked(with_rule(fragment))
    ruleset, problems = checked(text)
    assert ruleset is not None
    assert [(p.code, p.severity, p.line, p.column) for p in problems] == [
        ("same-field", "warning", line, column)
    ]
    assert hint in problems[0].hint
    mend = problems[0].hint.removeprefix("write `").partition("`")[0]
    if mend.startswith("{field"):
        meant = text.replace("{field: " + fragment.partition("«")[2].partition("»")[0] + "}", mend)
        assert not checked(meant)[1]


def test_s15_a_field_that_is_compared_with_another_is_no_warning() -> None:
    assert not codes(with_rule("fulfilled_by: {event: message.drafted, where: {text: {field: purpose}}}"))


WAITING = "when: {{event: {event}, where: {{rule: {rule}}}}}, due: {{until: end of day}}, message: {name}"


def waiting(*rules: tuple[str, str]) -> str:
    """Rules that each listen for another one's advice being missed."""
    written = (f"{{id: {name}, kind: recommendation, {after}}}" for name, after in rules)
    return document() + "".join(f"  - {rule}\n" for rule in written)


@pytest.mark.parametrize(
    ("rules", "dead"),
    [
        ([("a", "a")], 1),
        ([("a", "{in: [a, b]}"), ("b", "a")], 1),
        ([("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("e", "{is_not: both}")], 1),
        ([("a", "a"), ("b", "b")], 2),
        ([("a", "{in: [a, both]}")], 0),
        ([("a", "b"), ("b", "c"), ("c", "both")], 0),
    ],
)
def test_s23_rules_that_wait_for_nothing_but_each_other_are_dead(
    rules: list[tuple[str, str]], dead: int
) -> None:
    listening = [(name, WAITING.format(event="advice.missed", rule=rule, name=name)) for name, rule in rules]
    ruleset, problems = checked(waiting(*listening))
    assert ruleset is not None, problems
    assert [p.code for p in problems] == ["dead-rule"] * dead, problems
    assert all("`a`" in p.message or "`b`" in p.message for p in problems)


def test_s23_a_rule_that_waits_for_itself_is_told_at_the_event() -> None:
    text, line, column = marked(
        with_rule("due: {until: end of day}\nwhen: {event: «advice.missed», where: {rule: sample}}")
    )
    assert [(p.code, p.line, p.column) for p in checked(text)[1]] == [("dead-rule", line, column)]


REPEAT = "fulfilled_by: {event: message.drafted}\nrepeat: "


@pytest.mark.parametrize(
    "fragment",
    [
        f"{REPEAT}«{{every: 1 day}}»",
        f"due: {{from: end of day}}\n{REPEAT}«{{every: 1 week, at_most: 3}}»",
        f"again: ignore\ncancelled_by: accepted\n{REPEAT}«{{every: 1 day}}»",
    ],
)
def test_s25_a_repeat_that_its_own_open_advice_keeps_back_is_a_warning(fragment: str) -> None:
    text, line, column = marked(with_rule(fragment))
    ruleset, problems = checked(text)
    assert ruleset is not None
    assert [(p.code, p.severity, p.line, p.column) for p in problems] == [
        ("silent-repeat", "warning", line, column)
    ]
    assert not checked(text + "    again: restart\n")[1] or "again:" in fragment
    if "due" not in fragment:
        assert not checked(text + "    due: {until: end of day}\n")[1]


@pytest.mark.parametrize(
    "fragment",
    [
        f"due: {{until: end of day}}\n{REPEAT}{{every: 1 day}}",
        f"again: each\n{REPEAT}{{every: 1 day}}",
        f"again: restart\n{REPEAT}{{every: 1 day}}",
        f"{REPEAT}{{every: 1 day, at_most: 1}}",
    ],
)
def test_s25_a_repeat_that_goes_on_is_no_warning(fragment: str) -> None:
    assert not codes(with_rule(fragment))
