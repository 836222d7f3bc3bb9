"""The fast answer to whether a document is what its schema wants: always that of jsonschema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from afterword import resources
from afterword.accept import UnknownKeywordError, acceptor
from afterword.source import Node
from afterword.yaml_tree import parse
from seeded import FILES

LOANS = Path(__file__).parents[1] / "examples" / "library-loans"

DOCUMENTS = {
    "ruleset": [
        "\n".join(FILES[name] for name in ("ruleset.yaml", "rules/02-thank-you.yaml")),
        "\n".join(path.read_text() for path in (LOANS / "ruleset.yaml", LOANS / "rules" / "01-loans.yaml")),
        "schema: afterword/1\nruleset: mine\nversion: 1.0.0\nextends: base\n"
        "override: {params: {patience: 3 days}, rules: {call: {enabled: false, severity: low, tags: null}}}\n",
    ],
    "mapping": [path.read_text() for path in (LOANS.parents[0] / name for name in ("hiring.mapping.yaml",))],
    "test": [(LOANS / "tests" / "loans.yaml").read_text()],
}

NESTED = {"$defs": {"d": {"items": {"$ref": "#/$defs/d"}, "not": {"const": 3}}}, "$ref": "#/$defs/d"}

SCALARS = st.sampled_from([None, True, False, 0, 1, -1, 1.0, 2.5, "", " ", "a", "one-two", "1.0.0", "$x"])


def agree(schema: dict[str, Any], value: object) -> bool:
    """What both say."""
    said = acceptor(schema)(as_node(value))
    assert said == Draft202012Validator(schema).is_valid(value), value
    return said


def as_node(value: object) -> Node:
    made: Any = value
    if isinstance(value, dict):
        made = {name: as_node(child) for name, child in value.items()}
    elif isinstance(value, list):
        made = tuple(map(as_node, value))
    return Node(made, "", 1, 1)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_right_document_is_accepted(name: str) -> None:
    for text in DOCUMENTS[name]:
        node, _ = parse(text, "file.yaml")
        assert node is not None
        assert agree(resources.schema(name), node.data())


@pytest.mark.parametrize("name", DOCUMENTS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_document_with_anything_changed_is_accepted_when_jsonschema_does(
    name: str, data: st.DataObject
) -> None:
    node, _ = parse(data.draw(st.sampled_from(DOCUMENTS[name])), "file.yaml")
    assert node is not None
    value: Any = node.data()
    for _ in range(data.draw(st.integers(1, 2))):
        value = _changed(value, _words(value), data)
    agree(resources.schema(name), value)


def _changed(value: Any, words: list[str], data: st.DataObject) -> Any:
    """The same with one part changed: another value, gone, doubled, or one too many."""
    part = value
    while True:
        steps = list(part) if isinstance(part, dict) else list(range(len(part)))
        step = data.draw(st.sampled_from(steps))
        if not isinstance(part[step], dict | list) or not part[step] or data.draw(st.integers(0, 4)) == 0:
            break
        part = part[step]
    match data.draw(st.sampled_from(["other", "gone", "wrapped", "more"])):
        case "other":
            part[step] = data.draw(SCALARS | st.sampled_from(words) | st.just([]) | st.just({}))
        case "gone":
            del part[step]
        case "wrapped":
            part[step] = data.draw(
                st.sampled_from([[part[step]], {data.draw(st.sampled_from(words)): part[step]}])
            )
        case "more" if isinstance(part, dict):
            part[data.draw(st.sampled_from(words))] = part[step]
        case "more":
            part.append(json.loads(json.dumps(part[step])))
    return value


def _words(value: Any) -> list[str]:
    """The words of a document, any of which may come to stand in a wrong place."""
    if isinstance(value, dict):
        return sorted({*value, *(word for child in value.values() for word in _words(child))})
    if isinstance(value, list):
        return sorted({word for child in value for word in _words(child)})
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "integer"}, [1, 1.0], [1.5, True, "1"]),
        ({"type": "number"}, [1, 1.5], [True, None]),
        ({"type": ["array", "null"]}, [[], None], [{}, False]),
        ({"enum": [1, "a", None]}, [1, 1.0, "a", None], [True, "b", [], {}]),
        ({"const": True}, [True], [1, "true"]),
        ({"uniqueItems": True}, [[1, True], [1, "1"], [], "aa", [[]]], [[1, 1.0], ["a", "a"]]),
        ({"maxLength": 1, "minLength": 1}, ["é", 5, []], ["", "ab"]),
        ({"minimum": 2}, [2, 2.5, "1", True], [1, -1.5]),
        ({"required": ["a"], "additionalProperties": False, "properties": {"a": {}}}, [{"a": 1}], [{}, {"b": 1}]),
        ({"additionalProperties": {"type": "string"}}, [{}, {"a": "b"}, 7], [{"a": 7}]),
        ({"propertyNames": {"pattern": "^a"}}, [{"ab": 1}], [{"ba": 1}]),
        ({"if": {"type": "string"}, "else": {"type": "null"}}, ["a", None], [1]),
        (NESTED, [[[[1]]]], [[[3]]]),
    ],
)  # fmt: skip
def test_keywords_mean_what_they_mean_in_json_schema(
    schema: dict[str, Any], right: list[object], wrong: list[object]
) -> None:
    assert all(agree(schema, value) for value in right)
    assert not any(agree(schema, value) for value in wrong)


def test_what_it_cannot_judge_is_not_accepted() -> None:
    lists = as_node([[1], [2]])
    assert not acceptor({"uniqueItems": True})(lists)
    assert not acceptor({"not": {"uniqueItems": True}})(lists)


@pytest.mark.parametrize(
    "schema",
    [
        {"format": "date"},
        {"items": {"multipleOf": 2}},
        {"enum": [[]]},
        {"$ref": "other.json"},
        {"$ref": "#/$defs/none"},
    ],
)
def test_a_schema_that_says_more_than_is_known_makes_no_acceptor(schema: dict[str, Any]) -> None:
    with pytest.raises(UnknownKeywordError):
        acceptor(schema)
