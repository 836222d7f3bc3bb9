"""Rule files with a mistake in them: `«…»` marks the very word that a problem must point at."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent, indent

from afterword.build import build
from afterword.problem import Problem
from afterword.ruleset import Ruleset
from afterword.source import Node
from afterword.yaml_tree import parse

SECTIONS = {
    "params": """
        patience: {type: duration, default: 7 days}
        limit: {type: integer, default: 150}
        greeting: {type: string, default: hello}
    """,
    "lists": """
        job_words: [interview, interviewer]
        sizes: [1, 2]
    """,
    "events": """
        interview.ended:
          fields:
            company: {type: string, unknown: the company}
            medium: {type: string, enum: [in_person, phone, video]}
            decision_date: {type: date}
            starts_at: {type: datetime}
            interviewers: {type: array, items: {type: string}}
            panel: {type: array, items: {type: object, fields: {name: {type: string}, age: {type: integer}}}}
            place: {type: object, fields: {city: {type: string}}}
            thanked: {type: boolean}
        message.drafted:
          fields: {text: {type: string}, purpose: {type: string}, size: {type: integer}, score: {type: number}}
        note.made: {fields: {size: {type: string}}}
        offer.accepted:
    """,
    "cases": """
        opened_by: interview.ended
        closed_by: [offer.accepted]
    """,
    "remember": """
        company: {from: interview.ended, field: company}
        decision_date: {from: [interview.ended], field: decision_date}
        mood: {from: message.drafted, field: purpose, per: subject}
    """,
    "patterns": """
        accepted: {event: offer.accepted}
        three_drafts: {event: message.drafted, count: {at_least: 3, within: 7 days}}
    """,
    "rules": """
        - id: other
          kind: warning
          when: {event: message.drafted, where: {text: {mentions: $job_words}, size: {in: $sizes}}}
          message: "{params.greeting} {params.limit}"
        - id: both
          kind: recommendation
          when: three_drafts
          due: {until: {plus: $patience}}
          cancelled_by: accepted
          message: x
    """,
}
EVERYTHING = """\
id: rich
kind: recommendation
severity: high
status: draft
per: case
title: T
description: D
when:
  - event: message.drafted
    where:
      all: [{text: {mentions: [$job_words, x], length: {gt: 3}, words: 4}}, {not: {size: {between: [1, 3]}}}]
      any: [{score: {gte: 1.5}}, {purpose: {field: case.company}}]
      event.time: {after: 2026-01-01}
    count: {at_least: 2, within: 2 business days, distinct: purpose}
  - accepted
while:
  - case: open
  - since:
      event: interview.ended
      where:
        panel: {any: {name: Ana, age: {gt: 3}}}
        interviewers: {every: {starts_with: A}, has_any: [a], size: {lte: 3}}
        decision_date: {before: 2026-02-02}
        place.city: {in: [a, b]}
        thanked: true
    until: [end of day, accepted, {plus: 2 days, at: "09:00"}]
unless: [{event: interview.ended, within: 2 days, where: {medium: phone}}, {event: note.made}]
due:
  from: {first_known: [{field: case.decision_date, plus: 1 day, align: end of day}, event.time]}
  until: {plus: 3 days}
repeat: {every: 7 days, at: "09:00", at_most: $limit}
fulfilled_by: {event: message.drafted, where: {text: {contains: {field: trigger.purpose}, matches: "a+"}}}
cancelled_by: [accepted, {event: day.passed, where: {date: {field: case.decision_date}}}, {event: decision_date.passed}]
cooldown: 1 day
inhibits: [other]
again: each
effective: {from: 2026-01-01, until: "2027-01-01T00:00:00+08:00"}
message: >-
  {case.company} {due.until:date} {matched} {count} {within} {event.time:weekday} {{x}}
  {subject.open_cases} {params.patience}
source: {section: S, page: 3}
tags: [a]
"""

HEAD = "schema: afterword/1\nruleset: sample\nversion: 1.0.0\n"


def marked(text: str) -> tuple[str, int, int]:
    """The text without its marks, and the line and column of the marked word."""
    before = text[: text.index("«")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return text.replace("«", "").replace("»", ""), line, column


def document(head: str = HEAD, **changes: str | None) -> str:
    """A ruleset in which everything is used and nothing is wrong; a change replaces a section, None drops it."""
    sections = {**SECTIONS, **changes}
    parts = [
        f"{name}:\n{indent(dedent(text).strip(), '  ')}\n"
        for name, text in sections.items()
        if text is not None
    ]
    return head + "".join(parts)


def with_rule(fragment: str) -> str:
    """The same with one more rule; what the fragment leaves out is filled in."""
    keys = dedent(fragment).strip("\n")
    given = {line.partition(":")[0].strip("«»") for line in keys.splitlines()}
    filled = {"id": "sample", "kind": "recommendation", "when": "{event: interview.ended}", "message": "Go."}
    lines = [f"{key}: {value}" for key, value in filled.items() if key not in given] + [keys]
    return document() + "  - " + indent("\n".join(lines), "    ").lstrip() + "\n"


def problems_of(text: str, **settings: object) -> list[Problem]:
    """Every problem of a text."""
    return checked(text, **settings)[1]


def checked(text: str, **settings: object) -> tuple[Ruleset | None, list[Problem]]:
    """The ruleset that a text describes, and every problem of it."""
    node, problems = parse(text, "sample.yaml")
    if node is None:
        return None, problems
    ruleset, found = build(node, settings)
    return ruleset, problems + found


def paths(node: Node, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in a document but the document itself."""
    if isinstance(node.value, dict | tuple):
        for step in node.value if isinstance(node.value, dict) else range(len(node.value)):
            yield (*before, step)
            yield from paths(node.at([step]), (*before, step))


def replaced(node: Node, path: tuple[str | int, ...], data: object) -> Node:
    """The document with plain data in the place of one value."""
    if not path:
        return node_of(data)
    step, *rest = path
    child = replaced(node.at([step]), tuple(rest), data)
    if isinstance(node.value, dict):
        return Node({**node.value, str(step): child}, node.file, node.line, node.column, node.keys)
    assert isinstance(node.value, tuple)
    changed = tuple(child if number == step else item for number, item in enumerate(node.value))
    return Node(changed, node.file, node.line, node.column)


def node_of(data: object) -> Node:
    """Plain data as a tree, all of it at the first character of a file."""
    if isinstance(data, dict):
        keys = dict.fromkeys(data, (1, 1, "sample.yaml"))
        return Node({key: node_of(value) for key, value in data.items()}, "sample.yaml", 1, 1, keys)
    if isinstance(data, list):
        return Node(tuple(map(node_of, data)), "sample.yaml", 1, 1)
    return Node(data, "sample.yaml", 1, 1, {}, str(data))  # type: ignore[arg-type]
