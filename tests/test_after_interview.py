"""The shipped ruleset: every row of the article's advice has its rules, and its tests pass on both networks."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import afterword
from afterword import network
from afterword_cli.main import afterword as command

FOLDER = Path(__file__).parents[1] / "rulesets" / "after-interview"
ROWS = range(1, 28)
"""The article's advice, point by point."""


def rows_of(text: str) -> set[int]:
    """The rows that the comments above rules name: `Row 5`, `Rows 11 and 12`, `Rows 6 to 9`."""
    found: set[int] = set()
    for words in re.findall(r"# Rows? ([0-9, andto]+)", text):
        numbers = [int(number) for number in re.findall(r"\d+", words)]
        found |= set(range(numbers[0], numbers[-1] + 1)) if "to" in words else set(numbers)
    return found


def test_every_row_of_the_article_has_a_rule() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((FOLDER / "rules").glob("*.yaml"))]
    assert set.union(*map(rows_of, texts)) == set(ROWS)


def test_every_rule_says_where_it_comes_from_and_what_it_means() -> None:
    for rule in afterword.load("after-interview").rules:
        assert rule.title
        assert rule.source.get("section"), rule.id
        assert len(rule.message.parts) > 0, rule.id


@pytest.mark.parametrize("kind", ["plain", "durable"])
def test_s30_the_tests_beside_the_rules_pass_and_see_every_branch(kind: str) -> None:
    if kind == "durable" and not network.available():
        pytest.skip("durable-rules cannot be imported here")
    ran = CliRunner().invoke(
        command,
        ["test", str(FOLDER), "--network", kind, "--coverage", "--fail-under", "100", "--format", "json"],
    )
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert len(told["tests"]) > 0
    assert not [each for each in told["tests"] if each["failures"]]


def test_a_week_stays_a_week_for_who_counts_in_business_days() -> None:
    mine = afterword.load(
        "schema: afterword/1\nruleset: mine\nversion: 1.0.0\nextends: after-interview@^1\n"
        "defaults: {days: business, holidays: AU-WA}\n"
    )
    ended = {"type": "interview.ended", "time": "2026-03-02T15:00:00Z", "case": "acme"}  # a holiday there
    windows = {
        each.rule: each.window
        for each in afterword.evaluate(mine, [ended], as_of="2026-03-02T15:00:00Z")
        if each.window is not None
    }
    monday = dt.datetime(2026, 3, 9, 15, tzinfo=dt.UTC)
    assert windows["call-back"].start == monday
    assert windows["research-company"].end == monday
    assert windows["keep-looking"].end == monday - dt.timedelta(days=1)
    assert windows["register-with-a-recruiter"].end == monday + dt.timedelta(days=7)
