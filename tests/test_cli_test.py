"""`afterword test`: which tests are run, what is printed, and the exit status (S30)."""

from __future__ import annotations

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
