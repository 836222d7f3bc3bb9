"""`afterword check`: what a path means, how problems are shown, and the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from afterword.codes import CODES
from on_disk import MANIFEST, RULES, TESTS, call, write

ROOT = Path(__file__).parent.parent
MAPPING = "mapping: afterword/1\ntype: kind\ntime: when\ntimezone: UTC\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def broken() -> str:
    return RULES.replace("event: message.sent", "event: message.sen", 1).replace(
        "kind: warning", "kind: warnin"
    )


# --- what a path means


@pytest.mark.parametrize(
    "path",
    [
        "small",
        "small/",
        "./small",
        "small/ruleset.yaml",
        "small/rules/all.yaml",
        "small/rules",
        "small/tests",
    ],
)
def test_a_part_of_a_ruleset_means_the_ruleset_with_its_tests(here: Path, path: str) -> None:
    write(here / "small", rules=broken())
    result = call("check", path)
    assert result.exit_code == 1
    assert result.output.startswith("small/rules/all.yaml:10:")


def test_a_ruleset_may_be_one_file(here: Path) -> None:
    write(here, tests="")
    one = (here / "ruleset.yaml").read_text() + (here / "rules/all.yaml").read_text()
    (here / "one.yaml").write_text(one)
    assert call("check", "one.yaml").output == "No problems in one.yaml.\n"


def test_an_installed_ruleset_is_checked_by_its_name(here: Path) -> None:
    result = call("check", "after-interview")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_folder_is_searched_for_what_can_be_checked(here: Path) -> None:
    write(here / "all" / "small")
    write(here / "all" / "deeper" / "other", rules=broken())
    (here / "all" / "map.yaml").write_text(MAPPING)
    (here / "all" / "foreign.yaml").write_text("schema: something else\n")
    (here / "all" / ".hidden").mkdir()
    (here / "all" / ".hidden" / "bad.yaml").write_text("tests: afterword/1\n")
    (here / "all" / "around").symlink_to(here / "all")
    result = call("check", "-v", "all")
    assert result.stderr.splitlines() == [
        "checked mapping all/map.yaml",
        "checked ruleset all/deeper/other",
        "checked tests all/deeper/other/tests/all.yaml",
        "checked ruleset all/small",
        "checked tests all/small/tests/all.yaml",
    ]
    assert {line.partition(":")[0] for line in result.stdout.splitlines() if "error[" in line} == {
        "all/deeper/other/rules/all.yaml"
    }


def test_what_is_named_twice_is_checked_once(here: Path) -> None:
    write(here / "small", rules=broken())
    once = call("check", "small").output
    assert call("check", "small", "small/rules", "./small/ruleset.yaml").output == once


def test_kinds_are_told_apart_by_their_first_key(here: Path) -> None:
    (here / "a.yaml").write_text("# a comment\n---\n'mapping': afterword/1\n")
    (here / "b.yaml").write_text('{"tests": "afterword/1"}')
    (here / "c.yaml").write_text("title: Late\nschema: afterword/1\n")
    result = call("check", "-v", "a.yaml", "b.yaml", "c.yaml")
    assert result.stderr.splitlines() == [
        "checked mapping a.yaml",
        "checked tests b.yaml",
        "checked ruleset c.yaml",
    ]


def test_standard_input_is_checked(here: Path) -> None:
    result = call("check", "-", stdin="mapping: afterword/1\ntype: kind\ntim: when\n")
    assert (
        "standard input:3:1: error[unknown-key]: There is no key `tim` here.\n  3 | tim: when\n"
        in result.output
    )
    assert result.exit_code == 1


def test_tests_beside_no_ruleset_need_one_to_be_named(here: Path) -> None:
    write(here / "small")
    (here / "small/tests/all.yaml").rename(here / "loose.yaml")
    result = call("check", "loose.yaml")
    assert "error[no-ruleset]" in result.output
    assert call("check", "loose.yaml", "--rules", "small").exit_code == 0


def test_tests_beside_a_ruleset_of_one_file_are_about_it(here: Path) -> None:
    write(here)
    one = (here / "ruleset.yaml").read_text() + (here / "rules/all.yaml").read_text()
    (here / "ruleset.yaml").unlink()
    (here / "one.yaml").write_text(one)
    assert call("check", "tests/all.yaml").exit_code == 0


@pytest.mark.parametrize("folder", ["tests", "rules"])
def test_paths_are_understood_from_inside_a_ruleset(
    here: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    write(here / "small", tests=TESTS.replace("rule: too-many", "rule: too-may"))
    monkeypatch.chdir(here / "small" / folder)
    result = call("check", "all.yaml")
    assert "too-may" in result.output
    assert result.exit_code == 1


def test_names_in_tests_go_unchecked_while_the_ruleset_has_errors(here: Path) -> None:
    write(here / "small", rules=broken(), tests=TESTS.replace("rule: too-many", "rule: too-may"))
    output = call("check", "small").output
    assert "unknown-event" in output
    assert "unknown-rule" not in output


# --- how problems are shown


def test_a_problem_shows_its_line_with_a_caret_under_the_word_and_how_to_mend_it(here: Path) -> None:
    write(here / "small", rules=RULES.replace("$patience", "$patiense"))
    assert call("check", "small").output.split("\n") == [
        "small/rules/all.yaml:9:43: error[unknown-name]: There is no param or list `patiense`.",
        "  9 |     due: {from: event.time, until: {plus: $patiense}}",
        "                                                ^^^^^^^^^",
        "  help: did you mean `patience`?",
        "",
        "1 error in 1 file",
        "",
    ]


def test_carets_stand_right_below_wide_and_combined_characters(here: Path) -> None:
    (here / "m.yaml").write_text("{mapping: afterword/1, title: 日本e\u0301, tim: x}\n", encoding="utf-8")
    lines = call("check", "m.yaml").output.split("\n")
    shown = lines.index("  1 | {mapping: afterword/1, title: 日本e\u0301, tim: x}")
    before = len("  1 | {mapping: afterword/1, title: ") + len("1122e") + len(", ")
    assert " " * before + "^^^" in lines[shown:]


def test_a_long_line_is_shown_around_the_word(here: Path) -> None:
    (here / "m.yaml").write_text(
        "{mapping: afterword/1, title: " + "x" * 4000 + ", tim: 1, z: " + "y" * 4000 + "}"
    )
    lines = call("check", "m.yaml").output.split("\n")
    caret = next(n for n, line in enumerate(lines) if line.endswith(" ^^^"))
    assert len(lines[caret - 1]) < 180
    start = lines[caret].index("^")
    assert lines[caret - 1][start : start + 3] == "tim"


def test_what_a_file_holds_cannot_steer_the_terminal(here: Path) -> None:
    (here / "m.yaml").write_text('mapping: afterword/1\n"\\e[31mred": 1\n')
    assert "\x1b" not in call("check", "m.yaml").output


def test_colour_comes_only_when_it_is_asked_for(here: Path) -> None:
    write(here / "small", rules=broken())
    assert "\x1b[" not in call("check", "small").output
    assert "\x1b[" in call("check", "small", "--color", "always").output


def test_json_has_every_problem(here: Path) -> None:
    write(here / "small", rules=broken())
    found = json.loads(call("check", "small", "--format", "json").stdout)
    assert [(each["code"], each["line"], each["severity"]) for each in found] == [
        ("unknown-event", 10, "error"),
        ("not-allowed", 15, "error"),
    ]
    assert set(found[0]) == {"file", "line", "column", "code", "message", "hint", "severity"}


def test_github_annotations_are_one_line_each_and_escaped(here: Path) -> None:
    (here / "a,b:c.yaml").write_text("mapping: afterword/1\ntype: kind\ntime: when\n100%: 1\n")
    (line,) = call("check", "a,b:c.yaml", "--format", "github").stdout.splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac.yaml,title=unknown-key,line=4,col=1::")
    assert "`100%25`" in line


def test_sarif_names_rules_places_and_levels(here: Path) -> None:
    write(here / "a folder", rules=broken(), tests=TESTS)
    log = json.loads(call("check", "a folder", here / "nothing", "--format", "sarif").stdout)
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["ruleId"] in CODES
        assert result["level"] in ("error", "warning")
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        if place["region"] == {"startLine": 1}:
            assert place["artifactLocation"]["uri"] == f"file://{here}/nothing"
        else:
            assert place["artifactLocation"]["uri"] == "a%20folder/rules/all.yaml"
            assert place["region"]["startLine"] > 1
            assert place["region"]["startColumn"] > 1


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_the_formats_for_programs_are_printed_without_problems_too(here: Path, form: str) -> None:
    result = call("check", "after-interview", "--format", form)
    assert result.exit_code == 0
    if form == "github":
        assert result.stdout.strip() == ""
    else:
        json.loads(result.stdout)


# --- exit status


def test_without_errors_the_exit_status_is_0_even_with_warnings(here: Path) -> None:
    write(here / "small", manifest=MANIFEST.replace("thanks: [", "unused: [a]\n      thanks: ["))
    result = call("check", "small")
    assert "warning[unused-name]" in result.output
    assert "1 warning in 1 file" in result.output
    assert result.exit_code == 0


def test_a_path_that_cannot_be_read_gives_2_and_the_rest_is_checked(here: Path) -> None:
    write(here / "small", rules=broken())
    result = call("check", "nowhere", "small")
    assert "nowhere: error[unknown-ruleset]" in result.output
    assert "error[unknown-event]" in result.output
    assert result.exit_code == 2


def test_quiet_says_nothing_when_there_is_nothing_to_say(here: Path) -> None:
    write(here / "small")
    assert call("check", "small").output == "No problems in 2 documents.\n"
    assert call("check", "-q", "small").output == ""


ODD = {
    "nothing": (None, 2),
    "empty": (b"", 1),
    "binary": (bytes(range(256)), 1),
    "utf-16": ("schema: afterword/1".encode("utf-16"), 1),
    "unclosed": (b"tests: [", 1),
    "a list": (b"- schema: afterword/1", 1),
    "a text": (b"schema", 1),
    "many braces": (b"{" * 10_000, 1),
    "much space": (b" " * 300_000, 1),
    "too long": (b"schema: afterword/1\n" + b"#" * (1 << 20), 1),
    "only a key": (b"schema:", 1),
    "a wrong version": (b"tests: afterword/9", 1),
    "a tab": (b"tests: afterword/1\n\tcases: x", 1),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("command", ["check", "test"])
def test_p3_whatever_a_path_holds_there_is_a_problem_and_no_traceback(
    here: Path, command: str, name: str
) -> None:
    content, status = ODD[name]
    if content is not None:
        (here / name).write_bytes(content)
    result = call(command, name)
    assert "error[" in result.output
    assert result.exit_code == status


@pytest.mark.parametrize("path", ["", "x" * 5000, "a\nb", "nul/../../..//nowhere", "empty-folder", "itself"])
def test_p3_odd_paths_give_2(here: Path, path: str) -> None:
    (here / "empty-folder").mkdir()
    (here / "itself").symlink_to("itself")
    for command in ("check", "test"):
        assert call(command, path).exit_code == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("locked", ["small", "small/rules", "small/rules/all.yaml", "small/tests"])
def test_p3_what_may_not_be_read_gives_2(here: Path, locked: str) -> None:
    write(here / "small")
    (here / locked).chmod(0)
    try:
        result = call("check", "small")
    finally:
        (here / locked).chmod(0o700)
    assert "permission denied" in result.output or "missing-file" in result.output
    assert result.exit_code == 2


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom afterword_cli.main import main\n"
        "sys.argv = ['afterword', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'jsonschema', 'rich', 'yaml', 'holidays', 'msgspec'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    path = os.pathsep.join(each for each in sys.path if each)
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path}, timeout=60
    )


# --- only what is ours


FOREIGN = {
    "workflow.yaml": "on: push\njobs: {}\n",
    "rules/alerts.yaml": "groups: []\n",
    "tests/fixture.yaml": "- 1\n",
    "api/ruleset.yaml": "extends: spectral:oas\nrules: {}\n",
    "api/rules/more.yaml": "rules: []\n",
    "schema.yaml": "schema: 1\ntests: no\n",
    "broken.yaml": "a: [\n",
    "empty.yaml": "",
}


@pytest.mark.parametrize("command", ["check", "test"])
def test_what_does_not_say_that_it_is_ours_can_be_passed_over(here: Path, command: str) -> None:
    for name, text in FOREIGN.items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text)
        assert call(command, "--ignore-unknown", "-q", name).output == ""
        assert call(command, name).exit_code == 1
    (here / "map.yaml").write_text(MAPPING)
    assert call(command, "--ignore-unknown", "-q", *FOREIGN, "map.yaml").exit_code == 0


OURS = {
    "a part": ("rules/all.yaml", RULES.replace("$patience", "$patiense")),
    "a part without a right line": ("rules/all.yaml", "rulse: []\n"),
    "a manifest": ("ruleset.yaml", MANIFEST.replace("version", "verison")),
    "a manifest with its first line wrong": (
        "ruleset.yaml",
        MANIFEST.replace("schema: afterword", "shcema: x"),
    ),
    "a test": ("tests/all.yaml", TESTS.replace("rule: too", "rule: two")),
    "a test with its first line wrong": (
        "tests/all.yaml",
        TESTS.replace("tests: afterword/1", "test: afterword/1"),
    ),
}


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("command", ["check", "test"])
def test_what_is_ours_is_never_passed_over(here: Path, name: str, command: str) -> None:
    path, text = OURS[name]
    write(here, rules=broken())
    (here / path).write_text(dedent(text).lstrip())
    result = call(command, "--ignore-unknown", path)
    assert "error[" in result.output
    assert result.exit_code == 1


def test_what_cannot_be_read_is_told_whosever_it_is(here: Path) -> None:
    (here / "itself.yaml").symlink_to("itself.yaml")
    assert call("check", "--ignore-unknown", "itself.yaml", "nowhere.yaml").exit_code == 2


def test_the_results_for_programs_are_printed_when_everything_is_passed_over(here: Path) -> None:
    (here / "foreign.yaml").write_text("a: 1\n")
    for command in ("check", "test"):
        json.loads(call(command, "--ignore-unknown", "--format", "json", "foreign.yaml").stdout)


def test_a_ruleset_of_one_file_means_the_tests_beside_it_too(here: Path) -> None:
    write(here / "one", tests=TESTS.replace("rule: too-many", "rule: too-may"))
    one = (here / "one/ruleset.yaml").read_text() + (here / "one/rules/all.yaml").read_text()
    (here / "one/ruleset.yaml").unlink()
    (here / "one/one.yaml").write_text(one)
    (here / "one/tests/foreign.yaml").write_text("a: 1\n")
    assert "too-may" in call("check", "one/one.yaml").output
    assert call("check", "one/one.yaml").output.count("error[") == 1
    (here / "one/tests/all.yaml").write_text(dedent(TESTS).lstrip())
    assert call("test", "one/one.yaml").stdout == "2 passed, 0 failed\n"
    (here / "one/other.yaml").write_text(one.replace("ruleset: small", "ruleset: other"))
    assert call("test", "one/one.yaml").exit_code == 1


@pytest.mark.parametrize(
    "hook", yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()), ids=lambda it: it["id"]
)
def test_each_hook_passes_what_is_right_and_foreign_and_fails_what_is_wrong(
    here: Path, hook: dict[str, Any]
) -> None:
    program, *arguments = hook["entry"].split()
    assert program == "afterword"
    assert (hook["language"], hook["types"], hook["require_serial"]) == ("python", ["yaml"], True)
    write(here / "small")
    (here / "foreign.yaml").write_text("on: push\n")
    (here / "map.yaml").write_text(MAPPING)
    files = ["foreign.yaml", "map.yaml", "small/ruleset.yaml", "small/rules/all.yaml", "small/tests/all.yaml"]
    assert call(*arguments, *files).exit_code == 0
    assert call(*arguments, "foreign.yaml", "map.yaml").output == ""
    write(here / "small", rules=broken())
    for file in files[2:]:
        result = call(*arguments, "foreign.yaml", file)
        assert result.exit_code == 1
        assert result.output.startswith("small/rules/all.yaml:10:")


def test_s19_a_warning_that_another_one_always_suppresses_is_told(tmp_path: Path) -> None:
    write(
        tmp_path,
        rules="""
        rules:
          - {id: all, kind: warning, when: {event: message.sent}, inhibits: [some], message: A.}
          - {id: some, kind: warning, when: {event: message.sent, where: {purpose: x}}, message: B.}
    """,
        tests="",
        manifest=MANIFEST.partition("    params:")[0]
        + "    events:\n"
        + MANIFEST.partition("    events:\n")[2],
    )
    told = call("check", tmp_path).output
    assert "all.yaml:2:70: warning[endless-inhibition]: `some` can never speak" in told
    (tmp_path / "rules" / "all.yaml").write_text(
        (tmp_path / "rules" / "all.yaml")
        .read_text()
        .replace("inhibits: [some]", "unless: {event: interview.ended}, inhibits: [some]")
    )
    assert "No problems" in call("check", tmp_path).output
