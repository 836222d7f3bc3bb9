"""What an editor makes of our schemas, asked of the YAML language server itself (docs/editor.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from afterword import resources
from language_server import VARIABLE, LanguageServer, find_server
from on_disk import MANIFEST, call

ROOT = Path(__file__).parent.parent
SHIPPED = sorted(
    [
        *ROOT.glob("rulesets/*/**/*.yaml"),
        *ROOT.glob("examples/*/**/*.yaml"),
        *ROOT.glob("examples/*.mapping.yaml"),
    ]
)

pytestmark = pytest.mark.xdist_group("editor")


def program() -> str:
    """The server, or the reason why there is nothing to ask."""
    found = find_server()
    if found is None:
        pytest.skip(
            f"there is no yaml-language-server on the PATH, and {VARIABLE} names none "
            "(npm install yaml-language-server)"
        )
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    """An editor on the project itself, which has no settings: every file names its schema."""
    with LanguageServer(program(), ROOT) as started:
        yield started


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LanguageServer, Path]]:
    """An editor on a folder that is set up as docs/editor.md says, with no line in the files themselves."""
    home = tmp_path_factory.mktemp("home")
    page = (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
    settings = json.loads(re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0])
    (home / ".schemas").mkdir()
    for command, file in re.findall(r"^\$ afterword (.*) > (\S+)$", page, re.MULTILINE):
        (home / file).write_text(call(*command.split()).stdout, encoding="utf-8")
    with LanguageServer(program(), home, {"schemas": settings["yaml.schemas"]}) as started:
        yield started, home


def opened(server: LanguageServer, name: str, text: str) -> tuple[str, int, int]:
    """Opens a text with a `|` where the cursor is: its address, and the place of the cursor from 1."""
    text = dedent(text).lstrip()
    before = text.partition("|")[0]
    uri = server.open(ROOT / "rulesets" / name, text.replace("|", "", 1))
    return uri, before.count("\n") + 1, len(before) - before.rfind("\n")


RULES = "# yaml-language-server: $schema=../../../schemas/rules.schema.json\n"
PART = (
    RULES
    + """rules:
  - id: thank-you
    kind: recommendation
    when: {event: interview.ended, where: {company: {is_not: Acme}}}
    due: {until: end of next day}
    message: Thank them.
"""
)


def test_no_shipped_file_has_a_red_line(server: LanguageServer) -> None:
    opened_ = {server.open(file): file for file in SHIPPED}
    assert len(opened_) > 15
    assert {file.name: server.marks(uri) for uri, file in opened_.items() if server.marks(uri)} == {}


def test_every_shipped_file_names_the_schema_that_is_its_own() -> None:
    for file in SHIPPED:
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", file.read_text(encoding="utf-8"))
        kind = {"rules": "rules", "tests": "test"}.get(file.parent.name, "ruleset")
        kind = "mapping" if file.name.endswith(".mapping.yaml") else kind
        assert named, file
        assert (file.parent / named[1]).resolve() == ROOT / "schemas" / f"{kind}.schema.json"


# --- red lines


@pytest.mark.parametrize(
    ("wrong", "line", "column", "told"),
    [
        (PART.replace("message:", "mesage:"), 7, 5, "mesage"),
        (PART.replace("when: {event", "when: {evnt"), 5, 12, "evnt"),
        (PART.replace("recommendation", "recomendation"), 4, 11, "recommendation"),
        (PART.replace("end of next day", "end of the day"), 6, 18, "end of next day"),
        (PART.replace("is_not", "isnt"), 5, 54, "isnt"),
        (PART + "    severity: hihg\n", 8, 15, "high"),
        (PART + "version: 1.0.0\n", 8, 1, "version"),
    ],
)
def test_a_mistake_is_marked_at_the_word(
    server: LanguageServer, wrong: str, line: int, column: int, told: str
) -> None:
    uri = server.open(ROOT / "rulesets" / "after-interview" / "rules" / f"wrong-{line}-{column}.yaml", wrong)
    marks = server.marks(uri)
    assert (line, column) in {(at, begins) for at, begins, _ in marks}, marks
    assert any(told in message for at, _, message in marks if at == line), marks


# --- completion


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("rules:\n  - id: a\n    |\n", {"kind", "when", "due", "message", "fulfilled_by", "severity"}),
        ("rules:\n  - kind: |\n", {"recommendation", "warning"}),
        ("rules:\n  - severity: |\n", {"low", "medium", "high"}),
        ("rules:\n  - when:\n      |\n", {"event", "where", "count"}),
        ("rules:\n  - when: {event: a, wh|}\n", {"where"}),
        ("rules:\n  - when:\n      where:\n        text:\n          |\n", {"is", "mentions", "matches"}),
        ("rules:\n  - due:\n      |\n", {"from", "until"}),
        ("rules:\n  - due:\n      until: |\n", {"end of day", "end of next day", "event.time"}),
        ("rules:\n  - due:\n      until:\n        plus: |\n", {"7 days", "2 business days"}),
        ("rules:\n  - while:\n      |\n", {"case", "since", "until"}),
        ("rules:\n  - while:\n      until: |\n", {"end of day"}),
        ("params:\n  patience:\n    type: |\n", {"duration", "integer", "date"}),
        ("|\n", {"rules", "patterns", "params", "lists", "events", "remember"}),
    ],
)
def test_what_may_stand_at_a_place_is_offered_with_what_it_is(
    server: LanguageServer, text: str, offered: set[str]
) -> None:
    uri, line, column = opened(server, "after-interview/rules/new.yaml", RULES + text)
    found = server.offers(uri, line, column)
    assert offered <= found.keys()
    keys = offered & (resources.schema("ruleset")["$defs"]["rule"]["properties"].keys())
    assert all(found[key] for key in keys)


def test_what_is_said_once_for_the_whole_is_not_offered_in_a_part(server: LanguageServer) -> None:
    uri, line, column = opened(server, "after-interview/rules/new.yaml", RULES + "|\n")
    assert not {"version", "ruleset", "defaults", "cases"} & server.offers(uri, line, column).keys()


@pytest.mark.parametrize(
    ("kind", "text", "offered"),
    [
        ("ruleset", "schema: afterword/1\n|\n", {"ruleset", "version", "defaults", "cases", "rules"}),
        ("test", "tests: afterword/1\ncases:\n  - name: a\n    |\n", {"rule", "events", "expect", "set"}),
        ("mapping", "mapping: afterword/1\n|\n", {"type", "time", "fields", "timezone"}),
    ],
)
def test_the_other_kinds_of_files_are_completed_too(
    server: LanguageServer, kind: str, text: str, offered: set[str]
) -> None:
    modeline = f"# yaml-language-server: $schema=../schemas/{kind}.schema.json\n"
    uri, line, column = opened(server, f"new-{kind}.yaml", modeline + text)
    assert offered <= server.offers(uri, line, column).keys()


# --- hover


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("k|ind: recommendation", ("rule", "kind")),
        ("m|essage:", ("rule", "message")),
        ("d|ue:", ("rule", "due")),
        ("u|ntil:", ("due", "until")),
        ("is_n|ot:", ("test", "is_not")),
        ("w|here:", ("pattern", "where")),
    ],
)
def test_a_key_under_the_pointer_is_told_by_its_title_and_description(
    server: LanguageServer, key: str, path: tuple[str, str]
) -> None:
    uri, line, column = opened(
        server, "after-interview/rules/new.yaml", PART.replace(key.replace("|", ""), key, 1)
    )
    told = server.tells(uri, line, column).replace("\\", "")
    schema = resources.schema("ruleset")["$defs"][path[0]]["properties"][path[1]]
    assert f"#### {schema['title']}\n\n" in told
    assert schema["description"].partition("`")[0] in told


# --- set up by settings


def test_the_settings_of_the_page_find_the_files_of_rulesets(set_up: tuple[LanguageServer, Path]) -> None:
    server, home = set_up
    files = {
        "small/ruleset.yaml": dedent(MANIFEST).lstrip(),
        "small/rules/all.yaml": PART.replace("message:", "mesage:"),
        "small/tests/all.yaml": "tests: afterword/1\ncases: [{nme: a}]\n",
        "diary.mapping.yaml": "mapping: afterword/1\ntype: kind\ntim: when\n",
        "foreign.yaml": "nothing: of ours\n",
    }
    uris = {name: server.open(home / name, text.removeprefix(RULES)) for name, text in files.items()}
    marks = {name: {message for _, _, message in server.marks(uri)} for name, uri in uris.items()}
    assert marks["small/ruleset.yaml"] == marks["foreign.yaml"] == set()
    assert any("mesage" in each for each in marks["small/rules/all.yaml"])
    assert any("nme" in each for each in marks["small/tests/all.yaml"])
    assert any("tim " in each for each in marks["diary.mapping.yaml"])
    assert server.tells(uris["small/ruleset.yaml"], 2, 2).startswith("#### Name")
