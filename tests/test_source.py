"""YAML read as data: what every scalar means, where it stands, and what is refused (S26, S29)."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from afterword import yaml_tree
from afterword.folder import MAX_FILES, read_folder
from afterword.problem import MOST, Problem, first
from afterword.source import Node
from afterword.yaml_tree import parse
from mistakes import marked


def value_of(written: str) -> object:
    node, problems = parse(f"a: {written}\n", "a.yaml")
    assert not problems
    assert node is not None
    return node.at(["a"]).value


# --- S29: YAML 1.2 meanings


@pytest.mark.parametrize(
    "written",
    [
        *("NO", "no", "yes", "on", "Off", "y", "nULL", "tRUE", "Infinity"),
        *("17:00", "12:30:45", "2026-03-02", "2026-03-02T09:00:00Z", "1 day"),
        *("1_000", "1.0.0", "0b1", "0o8", "0xg", "1e", "+", ".", "-.", "=", "<"),
    ],
)
def test_s29_what_yaml_1_1_would_convert_stays_text(written: str) -> None:
    assert value_of(written) == written


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1e3", -1000.0),
        ("9223372036854775807", 2**63 - 1),
        ("'true'", "true"),
        ('"7"', "7"),
        ('""', ""),
    ],
)
def test_s29_the_core_schema_has_these_booleans_numbers_and_nulls(written: str, value: object) -> None:
    found = value_of(written)
    assert (found, type(found)) == (value, type(value))


def test_s29_a_key_is_text_however_it_is_written() -> None:
    node, problems = parse("on: 1\ntrue: 2\n7: 3\n'': 4\n", "a.yaml")
    assert not problems
    assert node is not None
    assert node.data() == {"on": 1, "true": 2, "7": 3, "": 4}


def test_s29_an_alias_is_the_value_that_it_names() -> None:
    node, _ = parse("a: &x {b: 1}\nc: *x\n", "a.yaml")
    assert node is not None
    assert node.at(["c", "b"]).data() == 1


# --- what is refused, at the very word

MISTAKES = [
    ("a: 1\n«a»: 2\n", "duplicate-key", "line 1"),
    ("a: {b: 1, «b»: 2}\n", "duplicate-key", ""),
    ("a: «!!python/object:os.system» x\n", "yaml-tag", "plain data"),
    ("a: «!thing» x\n", "yaml-tag", ""),
    ("a: «*x»\n", "yaml-alias", "`&x`"),
    ("a: &x [«*x»]\n", "yaml-alias", "inside"),
    ("«<<»: {a: 1}\n", "yaml-merge-key", ""),
    ("«{»a: 1}: 2\n", "yaml-key", ""),
    ("? «[»a]\n: 2\n", "yaml-key", ""),
    ("a: {«{»b}}\n", "yaml-key", ""),
    ("a: 1\n«---»\nb: 1\n", "yaml-documents", ""),
    ("a: «.inf»\n", "number-range", ""),
    ("a: «.NaN»\n", "number-range", ""),
    ("a: «1e999»\n", "number-range", ""),
    ("a: «9223372036854775808»\n", "number-range", ""),
    ("a:\n«\t»b: 1\n", "yaml-tab", ""),
    ("a: b«\t»# c\n", "yaml-tab", ""),
    ("a: «\0»\n", "not-text", "U+0000"),
    ("a: \N{SNOWMAN}«\x07»\n", "not-text", "U+0007"),
    ("a: b«:» c\n", "yaml-syntax", "second `: `"),
    ("a: «'»b\n\nc: d\n", "yaml-syntax", "does not end"),
    ("a: «[»1, 2\n", "yaml-syntax", "`[`"),
    ("a: «{»b} more\n", "yaml-syntax", "in quotes"),
    ("a: «@»b\n", "yaml-syntax", "begin with this"),
    ("a: b c «#»5 d\n", "yaml-comment", "`#5`"),
    ("a: b\n  c «#»5\n", "yaml-comment", "`#5`"),
    ("a: «#»5\n", "yaml-comment", "`#5`"),
    ("a: «-» b\n", "yaml-syntax", "list may not begin"),
    ("a:\n  b: 1\n «c»: 2\n", "yaml-syntax", "does not fit"),
]


@pytest.mark.parametrize(("text", "code", "part"), MISTAKES)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_s29_a_mistake_is_one_problem_at_the_very_word(
    text: str, code: str, part: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_tree, "_loader", lambda: loader)
    plain, line, column = marked(text)
    _, problems = parse(plain, "a.yaml")
    assert [(p.file, p.line, p.column, p.code) for p in problems] == [("a.yaml", line, column, code)]
    assert part in problems[0].message


def test_s29_a_comment_is_taken_for_text_only_where_a_word_follows_its_sign() -> None:
    text = "# a\n#b\na: b # c\nd: 'e #f'\ng: h#i\nj: >-\n  k #l\nm: {n: o} #p\n"
    assert parse(text, "a.yaml")[1] == []
    (problem,) = parse("a: b #5\n", "a.yaml")[1]
    assert problem.severity == "warning"


def test_s29_mistakes_that_leave_a_tree_are_told_together() -> None:
    node, problems = parse("a: !x 1\na: 2\nb: *y\nc: 3\n", "a.yaml")
    assert [p.code for p in problems] == ["yaml-tag", "duplicate-key", "yaml-alias"]
    assert node is not None
    assert node.at(["c"]).data() == 3


@pytest.mark.parametrize(
    ("data", "line", "column"), [(b"a: b\nc: \xff\xfe", 2, 4), (b"\xff\xfea\x00", 1, 1), (b"a: \xe9", 1, 4)]
)
def test_p3_bytes_that_are_not_utf8_are_a_problem_with_a_place(data: bytes, line: int, column: int) -> None:
    node, problems = parse(data, "a.yaml")
    assert node is None
    assert [(p.code, p.line, p.column) for p in problems] == [("not-text", line, column)]


def test_s29_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    node, problems = parse("\ufeffa: 1\r\nb: [x,\r\n  y]\r\n".encode(), "a.yaml")
    assert not problems
    assert node is not None
    assert node.data() == {"a": 1, "b": ["x", "y"]}
    assert node.keys["b"] == (2, 1, "a.yaml")


# --- P4: hostile input

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "alias bomb": (BOMB, "too-many-values"),
    "many aliases": ("a: &a x\nb: [" + "*a," * 110_000 + "]", "too-many-values"),
    "many values": ("- a\n" * 200_000, "too-many-values"),
    "deep brackets": ("[" * 900_000, "too-deep"),
    "deep braces": ("{" * 900_000, "too-deep"),
    "deep indentation": ("".join(" " * depth + "a:\n" for depth in range(900)), "too-deep"),
    "deep dashes": ("- " * 500_000, "too-deep"),
    "deep through aliases": (
        "a: &a " + "[" * 30 + "]" * 30 + "\nb: " + "[" * 15 + "*a" + "]" * 15,
        "too-deep",
    ),
    "two megabytes": ("# " + "x" * 2_000_000, "too-large"),
    "long number": ("a: " + "9" * 900_000, "number-range"),
    "long key": ("a" * 1_000_000 + ": b", "yaml-syntax"),
    "binary": ("\x7fELF\x02\x01" * 1000, "not-text"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_p4_hostile_text_is_refused_without_reading_on(name: str) -> None:
    text, code = HOSTILE[name]
    _, problems = parse(text, "a.yaml")
    assert [p.code for p in problems] == [code]


@given(st.text(alphabet=st.sampled_from("ab:-?[]{},&*!|>'\"%@`#\n \t<~0.1")))
def test_p3_no_text_makes_the_reader_fail(text: str) -> None:
    node, problems = parse(text, "a.yaml")
    assert node is not None or problems


@given(st.binary(max_size=60))
def test_p3_no_bytes_make_the_reader_fail(data: bytes) -> None:
    node, problems = parse(data, "a.yaml")
    assert node is not None or problems


# --- places

LAYOUTS = """\
# a comment
plain: [a, 'b', "c"]   # é before: é
over: two
  lines
é: {deep: [1, {er: ~}]}
folded: >-
  some {text}

  more
literal: |
  more
   still
empty:
anchored: &x [é, "\N{GRINNING FACE}", 中, last]
- not: a mapping
"""


def shape(node: Node) -> object:
    """Everything about a tree, places included."""
    if isinstance(node.value, dict):
        return node.line, node.column, node.keys, [(key, shape(child)) for key, child in node.value.items()]
    if isinstance(node.value, tuple):
        return node.line, node.column, [shape(child) for child in node.value]
    return node.line, node.column, node.text, type(node.value), node.value


@pytest.mark.parametrize(
    "text", [LAYOUTS.rsplit("- ", 1)[0], "- a\n- - b\n  - c: d\n-\n", "? a\n: b\n", "x", ""]
)
def test_both_parsers_of_pyyaml_give_the_same_places(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for loader in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        monkeypatch.setattr(yaml_tree, "_loader", lambda loader=loader: loader)
        node, problems = parse(text, "a.yaml")
        assert node is not None and not problems
        found.append(shape(node))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "text",
    [
        "a: Thank «{x»} now",
        "a: 'It''s «{x»}'",
        'a: "say \\"hi\\" \\u00e9 «{x»}"',
        'a: "one\\n «{x»}"',
        "a: >-\n  one\n  two «{x»}\n",
        "a: |\n  one\n    two\n\n  «{x»} three\n",
        "a: one\n  two\n  «{x»}",
        'a: "one\n  two \\\n  «{x»}"',
        "- - é: 'é «{x»}'",
    ],
)
def test_s31_a_character_of_a_text_has_a_place_whatever_the_style(text: str) -> None:
    plain, line, column = marked(text)
    node, problems = parse(plain, "a.yaml")
    assert not problems
    assert node is not None
    scalar = node.at(["a"]) if isinstance(node.value, dict) else node.at([0, 0, "é"])
    assert scalar.place(str(scalar.value).index("{x")) == (line, column, "a.yaml")


def test_the_deepest_node_on_a_path_is_found() -> None:
    node, _ = parse("a: [1, {b: 2}]\n", "a.yaml")
    assert node is not None
    assert node.at(["a", 1, "b"]).value == 2
    assert node.at(["a", 5, "b"]) is node.at(["a"])
    assert node.at(["x"]) is node


# --- S26: a folder is one document

FOLDER = {
    "ruleset.yaml": "schema: afterword/1\nrules:\n  - {id: one}\nparams: {a: 1}\n",
    "rules/b.yaml": "rules:\n  - {id: three}\nlists: {l: [1]}\n",
    "rules/a.yaml": "rules:\n  - {id: two}\nparams: {b: 2}\n",
    "tests/a.yaml": "no: {rules: [here]\n",
    "rules/notes.txt": "no rules here either",
}


def problems_in(**files: str) -> list[Problem]:
    named = {f"rules/{name}.yaml": text for name, text in files.items()}
    return read_folder({**FOLDER, **named}, "mine")[1]


def test_s26_the_manifest_comes_first_and_then_the_rules_by_name() -> None:
    node, problems = read_folder(FOLDER, "mine")
    assert not problems
    assert node is not None
    assert node.data() == {
        "schema": "afterword/1",
        "rules": [{"id": "one"}, {"id": "two"}, {"id": "three"}],
        "params": {"a": 1, "b": 2},
        "lists": {"l": [1]},
    }


def test_s26_every_value_keeps_the_file_and_the_place_it_came_from() -> None:
    node, _ = read_folder(FOLDER, "mine")
    assert node is not None
    assert node.at(["rules", 2, "id"]).place() == (2, 10, "mine/rules/b.yaml")
    assert node.at(["params"]).keys["b"] == (3, 10, "mine/rules/a.yaml")


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("params: {«a»: 3}\n", "duplicate-key", "mine/ruleset.yaml:4"),
        ("«version»: 1.0.0\n", "misplaced-key", "`ruleset.yaml`"),
        ("«-» id: four\n", "wrong-type", "mapping"),
        ("rules: «{»id: four}\n", "wrong-type", "list"),
        ("lists: «[»1]\n", "wrong-type", "mapping"),
    ],
)
def test_s26_a_mistake_in_a_further_file_is_told_there(text: str, code: str, part: str) -> None:
    plain, line, column = marked(text)
    (problem,) = problems_in(c=plain)
    assert (problem.file, problem.line, problem.column) == ("mine/rules/c.yaml", line, column)
    assert problem.code == code
    assert part in problem.message + problem.hint


def test_s26_an_empty_further_file_adds_nothing() -> None:
    assert problems_in(c="# nothing yet\n", d="rules:\n") == []


def test_s26_every_file_that_is_not_yaml_is_told() -> None:
    found = problems_in(c="a: 'x\n", d="a: [\n")
    assert [(p.file, p.code) for p in found] == [
        ("mine/rules/c.yaml", "yaml-syntax"),
        ("mine/rules/d.yaml", "yaml-syntax"),
    ]


def test_s26_a_folder_without_a_manifest_is_a_problem() -> None:
    (problem,) = read_folder({"rules/a.yaml": "rules: []"}, "mine")[1]
    assert (problem.file, problem.code) == ("mine", "missing-file")


def test_p4_a_folder_has_no_end_of_files() -> None:
    (problem,) = problems_in(**{f"x{number}": "" for number in range(MAX_FILES + 1)})
    assert problem.code == "too-large"


def test_p3_what_ends_too_soon_is_told_at_its_end_and_not_below_it() -> None:
    for text, place in (
        ("a: 1\nname", (2, 1)),
        ("a: 1\nb: {c:", (2, 6)),
        ("a: 1\nb: {c:\n\n", (2, 6)),
        ("- # x\na: b\n", (2, 1)),
    ):
        (problem,) = parse(text, "a.yaml")[1]
        assert (problem.code, problem.line, problem.column) == ("yaml-syntax", *place)


@pytest.mark.parametrize(
    "text",
    ["a: >-\n  {b}  c\n\n  {d} e {f}\n", 'a: "{b}\\n {d}  \\\n  x{e}"\n', "a: 'it''s {b} {c}\n  {d}'\n"],
)
def test_the_places_of_several_characters_are_those_of_each(text: str) -> None:
    node, _ = parse(text, "a.yaml")
    assert node is not None
    value = node.at(["a"])
    offsets = range(len(str(value.value)))
    assert list(value.places(offsets)) == [value.place(offset) for offset in offsets]


def test_an_empty_document_begins_where_the_file_does() -> None:
    for text in ("", "---", "---\n# a comment", "# a comment\n"):
        node, problems = parse(text, "a.yaml")
        assert node is not None
        assert (node.value, node.line, node.column, problems) == (None, 1, 1, [])


def test_p2_many_warnings_are_not_counted_as_errors() -> None:
    comments = "".join(f"k{number}: Answer ticket #{number}\n" for number in range(MOST + 50))
    node, problems = parse(comments + "k1: again\n", "sample.yaml")
    told = [(each.severity, each.code) for each in first(problems)]
    assert node is not None
    assert told.count(("error", "duplicate-key")) == 1
    assert told.count(("warning", "yaml-comment")) == MOST
    assert told.count(("warning", "too-many-problems")) == 1
    assert len(told) == MOST + 2
