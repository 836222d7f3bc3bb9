"""A small ruleset on the disk with its tests, for tests of the command line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from click.testing import CliRunner, Result

from afterword_cli.main import afterword

MANIFEST = """
    schema: afterword/1
    ruleset: small
    version: 1.0.0
    title: A small ruleset
    source: {title: A book, author: Ann Author}
    params:
      patience: {type: duration, default: 7 days, title: How long to wait}
    lists:
      thanks: [thank, thanks]
    events:
      interview.ended: {title: An interview is over, fields: {company: {type: string}}}
      message.sent: {title: You sent a message, fields: {purpose: {type: string}, text: {type: string}}}
"""

RULES = """
    rules:
      # a comment above
      - id: say-thanks
        kind: recommendation
        severity: high
        title: Say thank you
        description: It is only polite.
        when: {event: interview.ended}
        due: {from: event.time, until: {plus: $patience}}
        fulfilled_by: {event: message.sent, where: {text: {mentions: $thanks}}}
        message: Thank them within {params.patience}.
        source: {section: Manners}

      - id: too-many
        kind: warning
        status: draft
        title: Write less
        when: {event: message.sent, count: {at_least: 2, within: 1 day}}
        cooldown: 1 day
        message: "{count} messages."
"""

TESTS = """
    tests: afterword/1
    cases:
      - name: The thanks are due for a week
        rule: say-thanks
        events:
          - {type: interview.ended, time: "2026-03-02T15:00:00+00:00", case: acme}
        expect:
          - {at: "2026-03-02T14:59:59+00:00", state: none}
          - {at: "2026-03-02T15:00:00+00:00", state: due, until: "2026-03-09T15:00:00+00:00", says: Thank them}
          - {at: "2026-03-09T15:00:00+00:00", state: missed}
      - name: The second message is one too many
        rule: too-many
        events:
          - {type: message.sent, time: "2026-03-02T15:00:00+00:00", case: acme}
          - {type: message.sent, time: "2026-03-02T16:00:00+00:00", case: acme}
        expect:
          - {at: "2026-03-02T16:00:00+00:00", state: raised, times: 1}
"""


def write(folder: Path, manifest: str = MANIFEST, rules: str = RULES, tests: str = TESTS) -> Path:
    """The ruleset as a folder, with each part as given; an empty part makes no file."""
    for name, text in (("ruleset.yaml", manifest), ("rules/all.yaml", rules), ("tests/all.yaml", tests)):
        if text:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(dedent(text).lstrip(), encoding="utf-8")
    return folder


def call(*arguments: object, stdin: str | bytes | None = None) -> Result:
    """What `afterword ARGUMENTS…` prints; an exception of ours fails the test."""
    return CliRunner().invoke(
        afterword, [str(each) for each in arguments], input=stdin, catch_exceptions=False
    )
