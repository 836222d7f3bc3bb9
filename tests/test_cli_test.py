"""`afterword test`: which tests are run, what is printed, and the exit status (S30)."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from on_disk import RULES, TESTS, call, write

FAILING = TESTS.replace("state: missed", "state: fulfilled")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", ["small", "small/tests", "small/tests/all.yaml", "small/ruleset.yaml", "."])
def test_s30_the_tests_beside_a_ruleset_are_run(here: Path, path: str) -> None:
    write(here / "small")
    result = call("test", path)
    assert (result.stdout, result.stderr, result.exit_code) == ("2 passed, 0 failed\n", "", 0)


def test_s30_the_tests_of_the_shipped_ruleset_pass_on_the_plain_network() -> None:
    result = call("test", "after-interview", "--network", "plain")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(" passed, 0 failed\n")


def test_s30_one_file_alone_is_run(here: Path) -> None:
    write(here / "small")
    (here / "small/tests/more.yaml").write_text((here / "small/tests/all.yaml").read_text())
    assert call("test", "small/tests/more.yaml").stdout == "2 passed, 0 failed\n"
    assert call("test", "small").stdout == "4 passed, 0 failed\n"


def test_s30_a_failure_says_what_was_expected_what_was_got_and_why(here: Path) -> None:
    write(here / "small", tests=FAILING)
    result = call("test", "small")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "FAILED  small/tests/all.yaml:10:9: The thanks are due for a week"
    assert lines[1] == "  expected  say-thanks is fulfilled at 2026-03-09T15:00:00+00:00"
    assert lines[2] == "  but       it is missed"
    assert lines[3].startswith("  got       2026-03-02T15:00:00+00:00  due  from ")
    assert any(
        line.startswith("  why       Say thank you  [say-thanks, high recommendation") for line in lines
    )
    assert lines[-1] == "1 passed, 1 failed"


def test_s30_tests_are_chosen_by_name_rule_or_file(here: Path) -> None:
    write(here / "small", tests=FAILING)
    assert call("test", "small", "-k", "ONE TOO MANY").stdout == "1 passed, 0 failed\n"
    assert call("test", "small", "-k", "too-many").stdout == "1 passed, 0 failed\n"
    assert call("test", "small", "-k", "all.yaml").stdout.endswith("1 passed, 1 failed\n")
    none = call("test", "small", "-k", "nothing like it")
    assert none.exit_code == 1
    assert "there are 2 tests" in none.stderr


def test_s30_no_tests_are_a_failure(here: Path) -> None:
    write(here / "small", tests="")
    result = call("test", "small")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "No tests found in small." in result.stderr
    assert "`tests/*.yaml` beside `ruleset.yaml`" in result.stderr


def test_s30_a_file_with_a_mistake_is_not_run_and_the_others_are(here: Path) -> None:
    write(here / "small")
    (here / "small/tests/bad.yaml").write_text("tests: afterword/1\ncases: 1\n")
    result = call("test", "small")
    assert "small/tests/bad.yaml:2:8: error[wrong-type]" in result.stderr
    assert result.stdout == "2 passed, 0 failed\n"
    assert result.exit_code == 1


def test_s30_a_ruleset_with_errors_runs_no_tests(here: Path) -> None:
    write(here / "small", rules=RULES.replace("interview.ended", "interview.over"))
    result = call("test", "small")
    assert "error[unknown-event]" in result.stderr
    assert result.stdout == ""
    assert result.exit_code == 1


def test_s30_tests_can_be_held_against_a_named_ruleset(here: Path) -> None:
    write(here / "small")
    (here / "small/tests/all.yaml").rename(here / "loose.yaml")
    assert "error[no-ruleset]" in call("test", "loose.yaml").stderr
    assert call("test", "loose.yaml", "--rules", "small").stdout == "2 passed, 0 failed\n"


def test_verbose_names_what_passed_and_quiet_only_what_did_not(here: Path) -> None:
    write(here / "small", tests=FAILING)
    assert "passed  The second message is one too many" in call("test", "-v", "small").stdout
    assert call("test", "-q", "small").stdout.endswith("1 passed, 1 failed\n")
    write(here / "small")
    assert call("test", "-q", "small").output == ""


def test_colour_comes_only_when_it_is_asked_for(here: Path) -> None:
    write(here / "small", tests=FAILING)
    assert "\x1b[" not in call("test", "small").stdout
    assert "\x1b[" in call("test", "small", "--color", "always").stdout


def test_junit_has_every_test_with_its_place_and_its_failure(here: Path) -> None:
    write(here / "small", tests=FAILING.replace("The second message", 'The "second" <message> \\u0007'))
    (here / "small/tests/bad.yaml").write_text("tests: afterword/1\ncases: 1\n")
    result = call("test", "small", "--junit", "out.xml")
    assert result.exit_code == 1
    root = ET.parse(here / "out.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failed = cases["The thanks are due for a week"]
    assert (failed.get("classname"), failed.get("file"), failed.get("line")) == (
        "say-thanks", "small/tests/all.yaml", "3",
    )  # fmt: skip
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "it is missed"
    assert "expected" in str(failure.text)
    assert cases["wrong-type"].find("error") is not None


def test_junit_that_cannot_be_written_is_a_usage_error(here: Path) -> None:
    write(here / "small")
    result = call("test", "small", "--junit", here / "no" / "folder.xml")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_path_that_cannot_be_read_gives_2_and_the_rest_is_run(here: Path) -> None:
    write(here / "small")
    result = call("test", "nowhere", "small")
    assert result.exit_code == 2
    assert result.stdout == "2 passed, 0 failed\n"


def test_a_mapping_has_no_tests(here: Path) -> None:
    (here / "map.yaml").write_text("mapping: afterword/1\ntype: kind\ntime: when\n")
    result = call("test", "map.yaml")
    assert result.exit_code == 1
    assert "No tests found" in result.stderr


# --- coverage

SEEN_OF_SMALL = """\
2 passed, 0 failed

small/rules/all.yaml:3: say-thanks
  fulfilled_by.where.text.mentions: `text mentions thank or thanks` was never true
  fulfilled_by.where.text.mentions: `text mentions thank or thanks` was never false
  again: nothing triggered it again while it was open
  it was never fulfilled

small/rules/all.yaml:14: too-many
  when.count: nothing that it counts was ever older than 1 day
  cooldown: it never kept the rule quiet
  cooldown: the rule never spoke again after it

small: 50.0 % covered, 7 of 14 branches
"""


def test_s30_coverage_tells_of_each_rule_what_no_test_has_seen(here: Path) -> None:
    write(here / "small")
    result = call("test", "small", "--coverage")
    assert (result.stdout, result.stderr, result.exit_code) == (SEEN_OF_SMALL, "", 0)


def test_s30_a_rule_that_no_test_reaches_is_told_in_one_line(here: Path) -> None:
    write(here / "small")
    result = call("test", "small", "--coverage", "-k", "too-many")
    assert "small/rules/all.yaml:3: say-thanks\n  no test reaches it\n" in result.stdout


def test_s30_verbose_coverage_lists_every_rule_and_quiet_only_the_whole(here: Path) -> None:
    write(here / "small")
    verbose = call("test", "small", "--coverage", "-v").stdout
    assert "\n 42.8 %  3 of 7  say-thanks\n 57.1 %  4 of 7  too-many\n\nsmall: 50.0 % covered" in verbose
    assert call("test", "small", "--coverage", "-q").stdout == "small: 50.0 % covered, 7 of 14 branches\n"


@pytest.mark.parametrize(("percent", "status"), [("50", 0), ("50.1", 1), ("100", 1), ("0", 0)])
def test_s30_fail_under_asks_for_coverage(here: Path, percent: str, status: int) -> None:
    write(here / "small")
    result = call("test", "small", "--fail-under", percent)
    assert (result.stdout, result.exit_code) == (SEEN_OF_SMALL, status)
    assert result.stderr == (f"small: 50.0 % is below --fail-under {percent}\n" if status else "")
    assert call("test", "small", "--fail-under", "101").exit_code == 2


def test_s30_each_ruleset_is_covered_by_its_own_tests(here: Path) -> None:
    write(here / "one")
    write(here / "two")
    (here / "two/ruleset.yaml").write_text(
        (here / "two/ruleset.yaml").read_text().replace("ruleset: small", "ruleset: tiny")
    )
    lines = call("test", ".", "--coverage", "-q").stdout.splitlines()
    assert lines == ["small: 50.0 % covered, 7 of 14 branches", "tiny: 50.0 % covered, 7 of 14 branches"]


def test_s30_the_tests_of_the_shipped_ruleset_cover_all_of_it() -> None:
    result = call("test", "after-interview", "--network", "plain", "--fail-under", "100")
    assert result.exit_code == 0, result.output
    assert "after-interview: 100.0 % covered" in result.stdout


def test_results_and_coverage_can_be_had_as_json(here: Path) -> None:
    write(here / "small", tests=FAILING)
    result = call("test", "small", "--coverage", "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["passed"], told["failed"]) == (1, 1)
    failed, passed = told["tests"]
    assert (passed["name"], passed["passed"], passed["failures"]) == (
        "The second message is one too many", True, [],
    )  # fmt: skip
    (failure,) = failed["failures"]
    assert failure["differences"] == ["it is missed"]
    assert (failure["rule"], failure["state"], failure["line"]) == ("say-thanks", "fulfilled", 10)
    (coverage,) = told["coverage"]
    assert (coverage["ruleset"], coverage["percent"]) == ("small", 50.0)
    assert [rule["rule"] for rule in coverage["rules"]] == ["say-thanks", "too-many"]
    assert "coverage" not in json.loads(call("test", "small", "--format", "json").stdout)


def test_junit_is_the_same_with_coverage_and_without(here: Path) -> None:
    write(here / "small", tests=FAILING)
    call("test", "small", "--junit", "without.xml")
    call("test", "small", "--junit", "with.xml", "--coverage")
    assert (here / "with.xml").read_bytes() == (here / "without.xml").read_bytes()


OURS = """
    schema: afterword/1
    ruleset: ours
    version: 1.0.0
    extends: ./base
    override:
      rules:
        say-thanks: {title: Say it, message: Thanks!}
        CHANGED
    rules:
      - {id: ours, kind: warning, when: {event: interview.ended}, message: Well done.}
"""
OUR_TESTS = """
    tests: afterword/1
    cases:
      - name: Ours
        rule: ours
        events: [{type: interview.ended, time: "2026-03-02T15:00:00Z", case: acme}]
        expect: [{at: "2026-03-02T15:00:00Z", state: raised}]
"""


@pytest.mark.parametrize(
    ("changed", "whole", "missing"),
    [
        ("", "ours: 100.0 % covered, 2 of 2 branches", False),
        ("too-many: {cooldown: 2 days}", "ours: 22.2 % covered, 2 of 9 branches", True),
    ],
)
def test_s30_of_a_ruleset_that_extends_another_its_own_rules_count_and_those_it_changes(
    here: Path, changed: str, whole: str, missing: bool
) -> None:
    write(here / "ours", manifest=OURS.replace("CHANGED", changed), rules="", tests=OUR_TESTS)
    write(here / "ours/base")
    result = call("test", "ours/tests", "--coverage")
    assert result.stdout.splitlines()[-1] == whole
    assert ("too-many\n  no test reaches it" in result.stdout) is missing


def test_warnings_of_a_file_of_tests_are_told(tmp_path: Path) -> None:
    tests = """
        tests: afterword/1
        cases:
          - name: A misspelt type passes for nothing
            rule: say-thanks
            events: [{type: interview.endet, time: "2026-03-02T15:00:00+00:00", case: acme}]
            expect: [{at: "2026-03-02T15:00:00+00:00", state: none}]
    """
    result = call("test", write(tmp_path, tests=tests))
    assert (result.exit_code, "1 passed, 0 failed" in result.stdout) == (0, True)
    assert "interview.endet" in result.stderr
    assert "warning[" in result.stderr
    assert call("test", tmp_path, "-q").stderr == ""
