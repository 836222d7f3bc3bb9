"""`afterword check --format json|sarif|github`: what programs may rely on, and that it is what they accept."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import click
import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from afterword import resources
from afterword.codes import CODES
from afterword_cli.main import afterword
from on_disk import MANIFEST, RULES, TESTS, call, write

PROBLEMS = Draft202012Validator(resources.schema("problems"))
TYPO = RULES.replace("event: message.sent", "event: message.sen", 1)
WARNED = MANIFEST.replace("thanks: [", "unused: [a]\n      thanks: [")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of things to check, each wrong (or right) in its way."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "clean")
    write(tmp_path / "warned", manifest=WARNED)
    write(tmp_path / "a folder", rules=TYPO, tests=TESTS.replace("state: due", "state: deu"))
    (tmp_path / "map,50%:é.yaml").write_text("mapping: afterword/1\ntype: kind\ntime: when\n100%: 1\n")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "empty.yaml").write_bytes(b"")
    (tmp_path / "large.yaml").write_bytes(b"schema: afterword/1\n" + b"#" * (1 << 20))
    (tmp_path / "tab.yaml").write_bytes(b"tests: afterword/1\n\tcases: x")
    return tmp_path


CHECKS = {
    "clean": ("clean", 0),
    "warnings": ("warned", 0),
    "errors in several files": ("a folder", 1),
    "a name to escape": ("map,50%:é.yaml", 1),
    "binary": ("binary.yaml", 1),
    "empty": ("empty.yaml", 1),
    "too large": ("large.yaml", 1),
    "a tab": ("tab.yaml", 1),
    "unreadable": ("nowhere", 2),
    "no name": ("", 2),
    "standard input": ("-", 1),
}
ALL = [path for path, _ in CHECKS.values()]


def found(form: str, *paths: str) -> tuple[str, int]:
    result = call("check", *paths, "--format", form, stdin="tests: afterword/1\ncasses: []\n")
    assert result.stderr == ""
    return result.stdout, result.exit_code


# --- json


@pytest.mark.parametrize("name", CHECKS)
def test_json_is_as_its_schema_says(here: Path, name: str) -> None:
    path, status = CHECKS[name]
    printed, exit_code = found("json", path)
    problems = json.loads(printed)
    assert not list(PROBLEMS.iter_errors(problems))
    assert exit_code == status
    assert {each["severity"] for each in problems} == {"clean": set(), "warnings": {"warning"}}.get(
        name, {"error"}
    )


def test_json_of_many_paths_is_one_list_in_order(here: Path) -> None:
    problems = json.loads(found("json", *ALL)[0])
    assert not list(PROBLEMS.iter_errors(problems))
    places = [(each["file"], each["line"], each["column"]) for each in problems]
    assert places == sorted(places)
    assert {"a folder/rules/all.yaml", "a folder/tests/all.yaml", "standard input"} <= {
        file for file, *_ in places
    }


def test_json_says_where_the_word_is_that_text_points_at(here: Path) -> None:
    told = [
        f"{each['file']}:{each['line']}:{each['column']}: "
        for each in json.loads(found("json", "a folder")[0])
    ]
    shown = found("text", "a folder")[0]
    assert len(told) == 2
    assert all(place in shown for place in told)


PROBLEM: dict[str, Any] = {
    "file": "a.yaml",
    "line": 3,
    "column": 1,
    "code": "unknown-key",
    "message": "There is no key `tim` here.",
    "hint": "",
    "severity": "error",
}


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"severity": "note"},
        {"line": -1},
        {"line": "3"},
        {"column": 0},
        {"line": 0},
        {"code": "Unknown key"},
        {"message": ""},
        {"file": ""},
        {"hint": None},
    ],
)
def test_the_schema_refuses_what_is_never_printed(change: dict[str, Any]) -> None:
    assert PROBLEMS.is_valid([PROBLEM])
    assert not PROBLEMS.is_valid([PROBLEM | change])


@pytest.mark.parametrize("key", PROBLEM)
def test_the_schema_demands_every_key(key: str) -> None:
    assert not PROBLEMS.is_valid([{name: value for name, value in PROBLEM.items() if name != key}])
    assert not PROBLEMS.is_valid({"problems": [PROBLEM]})


def test_the_schema_tells_what_each_key_is_and_allows_every_code() -> None:
    schema = resources.schema("problems")["$defs"]["problem"]
    assert schema["properties"].keys() == set(schema["required"]) == PROBLEM.keys()
    assert all(each["title"] and each["description"] for each in schema["properties"].values())
    assert PROBLEMS.is_valid([PROBLEM | {"code": code} for code in CODES])


# --- sarif


@pytest.mark.parametrize("name", CHECKS)
def test_sarif_has_what_the_standard_and_code_scanning_require(here: Path, name: str) -> None:
    path, status = CHECKS[name]
    printed, exit_code = found("sarif", path)
    assert exit_code == status
    log = json.loads(printed)
    assert list(faults_of_sarif(log)) == []
    assert len(log["runs"][0]["results"]) == len(json.loads(found("json", path)[0]))


def faults_of_sarif(log: dict[str, Any]) -> Iterator[str]:
    """What is missing of what SARIF 2.1.0 (sections 3.13 to 3.30) demands and GitHub's code scanning reads."""
    if log.keys() != {"$schema", "version", "runs"} or log["version"] != "2.1.0":
        yield "the log"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    if not re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"]) or not driver["name"]:
        yield "the driver"
    rules = driver["rules"]
    if len({rule["id"] for rule in rules}) != len(rules):
        yield "a rule stands there twice"
    for rule in rules:
        texts = [rule[key]["text"] for key in ("shortDescription", "fullDescription", "help")]
        if not all(text.strip() == text and text.endswith((".", ")", "`")) for text in texts):
            yield f"the texts of {rule['id']}: {texts}"
        if not rule["fullDescription"]["text"].startswith(rule["shortDescription"]["text"]):
            yield f"the texts of {rule['id']} differ"
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            yield f"the rule of {result}"
        if result["level"] not in ("error", "warning") or not result["message"]["text"]:
            yield f"the words of {result}"
        if not re.fullmatch(r"[A-Za-z0-9._~/!$&'()*+,;=@%:-]+", uri) or re.search(r"%(?![0-9A-F]{2})", uri):
            yield f"the address {uri}"
        if any(number < 1 for number in place["region"].values()) or "startLine" not in place["region"]:
            yield f"the place of {result}"


def test_sarif_names_files_as_addresses(here: Path) -> None:
    log = json.loads(found("sarif", "map,50%:é.yaml", "a folder", "nowhere")[0])
    uris = {
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in log["runs"][0]["results"]
    }
    assert uris == {
        "map%2C50%25%3A%C3%A9.yaml",
        "a%20folder/rules/all.yaml",
        "a%20folder/tests/all.yaml",
        "nowhere",
    }
    assert "map,50%:é.yaml" in map(unquote, uris)


def test_sarif_is_valid_by_the_official_schema(here: Path) -> None:
    place = os.environ.get("SARIF_SCHEMA")
    if place is None:
        pytest.skip("SARIF_SCHEMA names no file with the JSON Schema of SARIF 2.1.0")
    schema = json.loads(Path(place).read_text(encoding="utf-8"))
    validator = validator_for(schema)(schema)
    for paths in ([], ALL):
        log = json.loads(found("sarif", "clean", *paths)[0])
        assert [error.message for error in validator.iter_errors(log)] == []


# --- github


def test_github_annotations_are_read_back_as_what_they_were_made_from(here: Path) -> None:
    printed = found("github", *ALL)[0]
    problems = json.loads(found("json", *ALL)[0])
    read = list(map(as_the_runner_reads, printed.splitlines()))
    assert len(read) == len(problems)
    for (command, properties, said), problem in zip(read, problems, strict=True):
        assert command == problem["severity"]
        assert properties["file"] == problem["file"]
        assert properties["title"] == problem["code"]
        assert int(properties.get("line", 0)) == problem["line"]
        assert int(properties.get("col", 0)) == problem["column"]
        help_ = f"\nhelp: {problem['hint']}" if problem["hint"] else ""
        assert said == problem["message"] + help_


def as_the_runner_reads(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner takes it apart: `::command key=value,…::message`."""
    match = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
    assert match, line
    properties = dict(each.split("=", 1) for each in match[2].split(","))
    back = {"%0A": "\n", "%0D": "\r", "%3A": ":", "%2C": ",", "%25": "%"}

    def unescaped(text: str) -> str:
        return re.sub("|".join(back), lambda found: back[found[0]], text)

    return match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])


# --- what is promised


def test_the_documentation_says_of_every_format_whether_it_is_stable() -> None:
    page = (Path(__file__).parent.parent / "docs" / "automation.md").read_text(encoding="utf-8")
    table = page.split("<!-- table: formats -->")[1].split("\n\n")[0]
    promised = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", table, re.MULTILINE))
    assert set(promised.values()) == {"stable", "not yet", "for people"}
    assert promised.keys() - {"test --junit"} == set(formats(afterword, ""))


def formats(command: click.Command, name: str) -> Iterator[str]:
    """`COMMAND --format FORMAT` for all that there are."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from formats(found, f"{name} {inner}".strip())
    for option in command.params:
        if "--format" in option.opts and isinstance(option.type, click.Choice):
            yield from (f"{name} --format {choice}" for choice in option.type.choices)
