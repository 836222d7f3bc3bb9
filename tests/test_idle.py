"""Rules, and parts of rules, that do nothing: each is a warning at the very word, and nothing else is."""

from __future__ import annotations

import pytest

from afterword import resources
from mistakes import checked, document

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
