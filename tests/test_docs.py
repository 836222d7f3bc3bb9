"""What the documentation says is true: examples are run, tables are those of the program, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client import CollectorRegistry

import afterword
import pages
from afterword import message
from afterword.building import messages, references
from afterword.building.conditions import ALLOWED
from afterword.builtin import built_in
from afterword.codes import CODES, MENDS
from afterword.duration import parse_duration
from afterword.report import KINDS
from afterword.resources import schema
from afterword.rim import foreign_time
from afterword.rim.metrics import Metrics
from afterword.ruleset import Fact, FieldType
from afterword.timeline.state import CauseKind, State

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "rulesets").glob("*/README.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
LANGUAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
EMBEDDING = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
MAPPING = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# --- examples


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_example_does_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    faults, _ = pages.run(page, tmp_path)
    assert not faults, "\n".join(map(str, faults))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```yaml\na: 1\n```\n", "nobody tries"),
        ("```\na: 1\n```\n", "nobody tries"),
        ("```text\na\n```\n", "nobody tries"),
        ("    ```json\n    {}\n    ```\n", "nobody tries"),
        ("<!-- not run: too dear -->\n```json\n{}\n```\n", ""),
        ("<!-- not run: too dear -->\nSaid once.\n\n```json\n{}\n```\n", "nobody tries"),
        ("<!-- file: a.yaml -->\n```yaml\na: 1\n```\n", "nothing on this page uses the file a.yaml"),
        ("<!-- file: ../a.yaml -->\n```yaml\na: 1\n```\n", "outside"),
        ("<!-- file: a.txt -->\n```text\nhello\n```\n```console\n$ cat a.txt\nhello\n```\n", ""),
        ("<!-- file: b/a.txt -->\n```text\nhello\n```\n```console\n$ cat b/a.txt\nhallo\n```\n", "+hello"),
        ("<!-- from: CHANGELOG.md -->\n```text\n# Changelog\n```\n", ""),
        ("<!-- from: CHANGELOG.md -->\n```text\n# Novelties\n```\n", "does not stand in"),
        ("```console\nafterword\n```\n", "begins with"),
        ("```console\n$ pip install afterword\n```\n", "`pip` is not run"),
        (
            "```console\n$ afterword rules show x --rules nowhere\n```\n",
            "+  help: installed: `after-interview`",
        ),
        ("```console\n$ echo 1 | cat\n1\n$ echo $?\n0\n```\n", ""),
        ("```python\nprint(1)\n```\n", "what this prints"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```\n", "+1"),
        ("```python\nprint(1)\n```\n\n```text\n1\n```\n", ""),
        ("```python\n1 / 0\n```\n", "ZeroDivisionError"),
        ("```python\n>>> 1 + 1\n2\n```\n", ""),
        ("```python\n>>> 1 + 1\n3\n```\n", "Expected:"),
        ("```python\nx = 1\n```\n```python\n>>> x\n1\n```\n", ""),
    ],
)
def test_an_example_that_is_not_tried_or_not_true_is_found(text: str, fault: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    faults, _ = pages.run(page, folder)
    assert [fault in str(each) for each in faults] == ([True] if fault else [])


def test_a_page_is_corrected_to_what_is_shown(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("- a\n\n  ```console\n  $ echo 1\n  $ echo 2\n  3\n  ```\n\nend\n", encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    assert (
        pages.run(page, folder)[1] == "- a\n\n  ```console\n  $ echo 1\n  1\n  $ echo 2\n  2\n  ```\n\nend\n"
    )


# --- the language


def test_every_statement_of_the_language_has_its_place_and_an_example() -> None:
    sections = re.split(r"^#+ (?=S\d+: )", LANGUAGE, flags=re.MULTILINE)[1:]
    assert [int(section.split(":")[0][1:]) for section in sections] == list(range(1, 32))
    for section in sections:
        body = section.split("\n#")[0]
        assert re.search(r"^```(console|python)$", body, re.MULTILINE), body.split("\n")[0]


def rows(table: str, page: str = LANGUAGE) -> Iterator[list[str]]:
    """The cells of each row of a table of a page."""
    after = page.split(f"<!-- table: {table} -->\n")[1]
    for line in after.split("\n\n")[0].split("\n")[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def codes(cell: str) -> list[str]:
    """What stands in a cell as code."""
    return re.findall(r"`([^`]+)`", cell)


def named(table: str, page: str = LANGUAGE) -> list[str]:
    """What the rows of a table are about."""
    return [codes(first)[0] for first, *_ in rows(table, page)]


def test_s13_the_tests_are_those_of_each_type() -> None:
    types = schema("ruleset")["$defs"]["field"]["properties"]["type"]["enum"]
    fitting = {type_: {test for test, allowed in ALLOWED.items() if type_ in allowed} for type_ in types}
    told = {codes(type_)[0]: set(codes(tests)) - {"place.city"} for type_, tests in rows("tests by type")}
    assert told == fitting
    assert set(named("tests")) == ALLOWED.keys()
    assert named("field types") == types


def test_s9_durations_are_what_the_table_says() -> None:
    for written, is_, _ in rows("durations"):
        assert f"`{parse_duration(codes(written)[0])}`" == is_


def test_the_sections_are_those_of_the_schema() -> None:
    ruleset = schema("ruleset")
    assert set(named("sections")) == ruleset["properties"].keys()
    assert {codes(key)[0] for key, needed, _ in rows("sections") if needed == "yes"} == set(
        ruleset["required"]
    )


def test_the_keys_of_a_rule_are_those_of_the_schema() -> None:
    rule = schema("ruleset")["$defs"]["rule"]
    known = rule["properties"]
    assert set(named("rule keys")) == known.keys()
    assert {codes(key)[0] for key, default, _ in rows("rule keys") if default == "needed"} == set(
        rule["required"]
    )
    told = {codes(key)[0]: codes(default)[0] for key, default, _ in rows("rule keys") if codes(default)}
    assert told == {key: str(each["default"]).lower() for key, each in known.items() if "default" in each}
    only = {codes(key)[0] for key, _, meaning in rows("rule keys") if "Recommendations only" in meaning}
    assert only == rule["then"]["properties"].keys()


def test_s9_the_phrases_are_those_of_the_schema() -> None:
    phrases = schema("ruleset")["$defs"]["phrase"]["enum"]
    assert [written for written in named("moments") if written.endswith((" day", " month"))] == phrases


def test_s15_the_paths_are_those_that_can_be_read() -> None:
    known: dict[str, Mapping[str, FieldType]] = {"event": references.OF_EVENT}
    known |= {str(scope): names for scope, names in references.OF_SCOPE.items()}
    for root, names in known.items():
        told = {path for path in named("paths") if path.startswith(f"{root}.")}
        assert told - {f"{root}.FACT"} == {f"{root}.{name}" for name in names}


def test_s31_names_and_filters_are_those_that_messages_can_have() -> None:
    assert set(named("filters")) == set(message.FILTERS)
    assert set(named("names in messages")) == {*messages._WORDS, "params.NAME"}


def test_s19_the_states_and_causes_are_all_there() -> None:
    assert named("states") == list(get_args(State))
    assert set(named("causes")) == set(get_args(CauseKind))


def test_s6_s20_s23_the_built_in_events_are_all_there() -> None:
    known = built_in([Fact("FACT", (), (), type=FieldType("date"))])
    told = {codes(name)[0]: set(codes(fields)) for name, fields, _ in rows("built-in events")}
    assert told == {name: set(type_.fields) for name, type_ in known.items()}


# --- mappings


def test_s2_the_keys_of_a_mapping_are_those_of_the_schema() -> None:
    mapping = schema("mapping")
    assert set(named("keys", MAPPING)) == mapping["properties"].keys()
    needed = {codes(key)[0] for key, says in rows("keys", MAPPING) if says.endswith("Needed")}
    assert needed == set(mapping["required"])
    field = mapping["$defs"]["field"]["properties"]
    assert {written.strip("{").split(":")[0] for written in named("taken", MAPPING)[1:]} == field.keys()
    assert named("types", MAPPING) == field["type"]["enum"]


def test_s2_the_parts_of_a_time_are_those_that_are_read() -> None:
    assert {
        part.removeprefix("%") for part in named("directives", MAPPING)
    } == foreign_time._DIRECTIVES.keys()


# --- the library


def test_the_public_names_remarks_and_errors_are_all_told() -> None:
    told = set(re.findall(r"\w+", EMBEDDING))
    assert told >= set(afterword.__all__)
    assert set(named("remarks", EMBEDDING)) == KINDS.keys()
    raised = {name for name in afterword.__all__ if isinstance(getattr(afterword, name), type(ValueError))}
    raised = {name for name in raised if issubclass(getattr(afterword, name), Exception)}
    assert set(named("errors", EMBEDDING)) == raised


def test_the_metrics_are_all_told() -> None:
    registry = CollectorRegistry()
    Metrics(afterword.load("after-interview"), registry)
    names = {each.name + "_total" * (each.type == "counter") for each in registry.collect()}
    assert set(named("metrics", EMBEDDING)) == names


# --- generated pages


def test_the_generated_pages_are_not_stale() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    stale = [path.name for path, text in generate.pages().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run python docs/generate.py"


def test_p3_every_code_of_a_problem_has_a_mend() -> None:
    assert MENDS.keys() == CODES.keys()


# --- links


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{target}: there is no {path}"
        assert not anchor or anchor in anchors(file), f"{target}: {path or page.name} has no such heading"
