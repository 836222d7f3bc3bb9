"""The shape of rule files and test files, checked by JSON Schema: what it refuses, where, and with what hint (P3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from afterword import resources
from afterword.schema import validate
from afterword.yaml_tree import parse
from mistakes import HEAD, document, marked, problems_of, with_rule

RULE_MISTAKES = [
    # keys
    ("«severty»: high", "unknown-key", "did you mean `severity`?"),
    ("due: {«untill»: end of day}", "unknown-key", "`until`"),
    ("when: {event: interview.ended, «were»: {company: x}}", "unknown-key", "`where`"),
    ("when: {event: interview.ended, where: {company: {«startswith»: x}}}", "unknown-key", "`starts_with`"),
    ("when: {event: message.drafted, where: {text: {words: {«more»: 3}}}}", "unknown-key", ""),
    ("unless: {event: interview.ended, «for»: 2 days}", "unknown-key", ""),
    ("when: «{»where: {company: x}}", "missing-key", "add `event: …`"),
    ("when: {event: interview.ended, count: «{»at_least: 3}}", "missing-key", "add `within: …`"),
    ("while: «{»until: end of day}", "missing-key", "add `since: …`"),
    ("repeat: «{»at_most: 3}", "missing-key", "add `every: …`"),
    # kinds of value
    ("«message»:", "wrong-type", "give it a value"),
    ("message: «{»matched}", "wrong-type", "in quotes"),
    ("message: «5»", "wrong-type", 'in quotes: `"5"`'),
    ("inhibits: «other»", "wrong-type", "[other-rule]"),
    ("tags: «one»", "wrong-type", "`[one]`"),
    ("when: «7»", "wrong-type", "{event: type}"),
    ("when: {event: interview.ended, where: {company: «[»Acme, Initech]}}", "wrong-type", "in: ["),
    ("when: {event: interview.ended, where: {any: «{»company: x}}}", "wrong-type", ""),
    ("when: {event: interview.ended, where: {company: {exists: «YES»}}}", "wrong-type", "write `true`"),
    ("cooldown: «7»", "wrong-type", "`7 days`"),
    # words of a closed set
    ("kind: «warn»", "not-allowed", "did you mean `warning`?"),
    ("severity: «hihg»", "not-allowed", "`high`"),
    ("status: «beta»", "not-allowed", "`draft`"),
    ("again: «always»", "not-allowed", "`each`"),
    ("per: «person»", "not-allowed", "`subject`"),
    ("while: {case: «opened»}", "not-allowed", "`open`"),
    ("due: {until: «end of the day»}", "not-allowed", "`end of day`"),
    ("due: {from: {align: «noon»}}", "not-allowed", "`start of day`"),
    # keys that exclude each other
    ("while: «{»case: open, since: accepted}", "not-allowed", "list of two"),
    (
        "when: {event: interview.ended, where: {company: «{»field: medium, is: x}}}",
        "not-allowed",
        "stands alone",
    ),
    # how a text is written
    ("id: «Thank You»", "bad-format", "`thank-you-email`"),
    ("when: {event: «interview ended»}", "bad-format", "`interview.ended`"),
    ("when: {event: interview.ended, where: {«the company»: x}}", "bad-format", "dots"),
    ("when: {event: interview.ended, where: {company: {in: «Acme»}}}", "bad-format", "[a, b]"),
    ("when: {event: message.drafted, where: {size: {gt: «'5'»}}}", "bad-format", "without quotes"),
    ("repeat: {every: 7 days, at: «9:00»}", "bad-format", "`09:00`"),
    ("repeat: {every: 7 days, at: «'24:00'»}", "bad-format", "`09:00`"),
    ("effective: {from: «soon»}", "bad-format", "`2026-03-02`"),
    ("while: {since: accepted, until: «3 days»}", "bad-format", "{plus: 3 days}"),
    # how many
    ("repeat: {every: 7 days, at_most: «0»}", "out-of-range", "at least 1"),
    ("when: {event: interview.ended, count: {at_least: «0», within: 1 day}}", "out-of-range", ""),
    ("when: {event: interview.ended, where: «{»}}", "out-of-range", ""),
    ("when: «[»]", "out-of-range", ""),
    ("due: {from: {first_known: «[»]}}", "out-of-range", ""),
    ("when: {event: message.drafted, where: {size: {between: «[»1]}}}", "out-of-range", "[low, high]"),
    ("when: {event: [interview.ended, «interview.ended»]}", "duplicate-item", "remove"),
    ("inhibits: [other, «other»]", "duplicate-item", "remove"),
]

HEAD_MISTAKES = [
    ("schema: «afterword/2»\nruleset: sample\nversion: 1.0.0\n", "not-allowed", "`afterword/1`"),
    ("schema: afterword/1\nruleset: «My Rules»\nversion: 1.0.0\n", "bad-format", "`after-interview`"),
    ("schema: afterword/1\nruleset: sample\nversion: «1.0»\n", "wrong-type", "`1.0.0`"),
    ("schema: afterword/1\nruleset: sample\nversion: «v1»\n", "bad-format", "`1.0.0`"),
    ("«schema»: afterword/1\nruleset: sample\n", "missing-key", "add `version: …`"),
    (f"{HEAD}«titel»: x\n", "unknown-key", "`title`"),
    (f"{HEAD}requires_engine: «0.1»\n", "wrong-type", ">=0.1"),
    (f"{HEAD}requires_engine: «^v0.1»\n", "bad-format", ">=0.1"),
    (f"{HEAD}defaults: {{weekend: [sat, «sunday»]}}\n", "not-allowed", "`sun`"),
    (f"{HEAD}defaults: {{days: «working»}}\n", "not-allowed", "`business`"),
    (f"{HEAD}source: {{«writer»: x}}\n", "unknown-key", ""),
]

SECTION_MISTAKES = [
    ("params", "a: {type: «duratoin», default: 1 day}", "not-allowed", "`duration`"),
    ("params", "a: {type: duration, default: «7»}", "wrong-type", "`7 days`"),
    ("params", "a: {type: string, default: x, «minimum»: 1}", "not-allowed", "`type: integer`"),
    ("params", "a: «{»type: string}", "missing-key", "`default: …`"),
    ("lists", "a: «b»", "wrong-type", "`[b]`"),
    ("lists", "a: [b, «b»]", "duplicate-item", ""),
    ("events", "«a b»: {}", "bad-format", "joined by dots"),
    ("events", "a.b: {fields: {x: {type: «text»}}}", "not-allowed", "`string`"),
    ("events", "a.b: {fields: {x: {type: string, «items»: {type: string}}}}", "not-allowed", "`type: array`"),
    ("events", "a.b: {fields: {«x.y»: {type: string}}}", "bad-format", ""),
    ("remember", "a: «{»from: interview.ended}", "missing-key", "`field: …`"),
    ("patterns", "a: {event: offer.accepted, «within»: 1 day}", "unknown-key", ""),
]


def only_problem(marked_text: str, code: str, hint: str) -> None:
    text, line, column = marked(marked_text)
    problems = problems_of(text)
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)], problems
    assert hint in problems[0].hint + problems[0].message


@pytest.mark.parametrize(("fragment", "code", "hint"), RULE_MISTAKES)
def test_s13_a_rule_of_the_wrong_shape_is_one_problem_at_the_very_word(
    fragment: str, code: str, hint: str
) -> None:
    only_problem(with_rule(fragment), code, hint)


@pytest.mark.parametrize(("head", "code", "hint"), HEAD_MISTAKES)
def test_s26_a_head_of_the_wrong_shape_is_one_problem(head: str, code: str, hint: str) -> None:
    only_problem(document(head), code, hint)


@pytest.mark.parametrize(("section", "entry", "code", "hint"), SECTION_MISTAKES)
def test_s4_a_declaration_of_the_wrong_shape_is_one_problem(
    section: str, entry: str, code: str, hint: str
) -> None:
    text = document()
    at = text.index(f"{section}:\n") + len(section) + 2
    found = [p for p in problems_of(marked(f"{text[:at]}  {entry}\n{text[at:]}")[0]) if p.severity == "error"]
    line, column = marked(f"{text[:at]}  {entry}\n{text[at:]}")[1:]
    assert [(p.code, p.line, p.column) for p in found] == [(code, line, column)]
    assert hint in found[0].hint


@pytest.mark.parametrize(
    ("fragment", "shown"),
    [
        ("severity: [high, low]", "`severity` cannot be `[high, low]`."),
        ("severity: {level: 1, loud: true}", "`severity` cannot be `{level: 1, loud: true}`."),
        ("per: [null, 1]", "`per` cannot be `[null, 1]`."),
    ],
)
def test_p3_a_list_or_a_mapping_is_shown_as_a_rule_file_writes_it(fragment: str, shown: str) -> None:
    assert [problem.message for problem in problems_of(with_rule(fragment))] == [shown]


def test_a_misspelt_key_is_not_also_missing() -> None:
    only_problem(document().replace("    message: x", "    «mesage»: x"), "unknown-key", "`message`")


# --- test files (S30)

TESTS = """\
tests: afterword/1
cases:
  - name: It is due
    rule: sample
    set: {patience: 5 days}
    events:
      - {type: interview.ended, time: "2026-03-02T15:00:00+00:00", id: e1, case: acme, data: {company: Acme}}
    expect:
      - {at: "2026-03-02T15:00:00+00:00", state: due, until: "2026-03-04T00:00:00Z", says: [a, b], times: 1}
      - {at: "2026-03-04T00:00:00+00:00", state: none, rule: other, from: null, matched: [], severity: low}
"""


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("tests: afterword/1", "tests: «afterword/2»", "not-allowed"),
        ("state: due", "state: «duo»", "not-allowed"),
        ("state: none, ", "«stat»: none, ", "unknown-key"),
        ("times: 1", "times: «-1»", "out-of-range"),
        ('at: "2026-03-04T00:00:00+00:00"', 'at: «"2026-03-04"»', "bad-format"),
        ("case: acme", "«cas»: acme", "unknown-key"),
        ("data: {company: Acme}", "data: «Acme»", "wrong-type"),
        ("  - name: It is due\n    rule", "  - «rule»", "missing-key"),
    ],
)
def test_s30_a_test_file_of_the_wrong_shape_is_one_problem(before: str, after: str, code: str) -> None:
    assert before in TESTS
    text, line, column = marked(TESTS.replace(before, after))
    node, _ = parse(text, "tests.yaml")
    assert node is not None
    assert [(p.code, p.line, p.column) for p in validate(node, "test")] == [(code, line, column)]


def test_s30_a_test_file_may_say_all_this() -> None:
    node, _ = parse(TESTS, "tests.yaml")
    assert node is not None
    assert validate(node, "test") == []


# --- the schemas themselves

SCHEMAS = ("ruleset", "test")


def subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    yield schema
    for keyword in ("items", "additionalProperties", "if", "then", "else", "not", "propertyNames"):
        if isinstance(schema.get(keyword), dict):
            yield from subschemas(schema[keyword])
    for keyword in ("properties", "$defs"):
        for part in schema.get(keyword, {}).values():
            yield from subschemas(part)
    for part in schema.get("allOf", ()):
        yield from subschemas(part)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_valid(name: str) -> None:
    Draft202012Validator.check_schema(resources.schema(name))


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_editor_can_show_a_title_and_a_description_for_every_key(name: str) -> None:
    for schema in subschemas(resources.schema(name)):
        for key, value in schema.get("properties", {}).items():
            if "x-hint" not in value and not value.keys() <= {"const", "enum"}:
                assert value["title"] and value["description"], key
        for key, value in schema.get("$defs", {}).items():
            assert value["title"] and value["description"], key


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_mapping_is_closed_and_nothing_is_guessed(name: str) -> None:
    for schema in subschemas(resources.schema(name)):
        assert not schema.keys() & {"oneOf", "anyOf"}
        if "properties" in schema and "object" in schema.get("type", ()):
            assert "additionalProperties" in schema
