"""What the fuzz tests feed: files with slips of any kind, bytes, and structures that the schemas describe."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from afterword import resources
from mistakes import EVERYTHING, document, with_rule

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
LOANS = EXAMPLES / "library-loans"
MORE = int(os.environ.get("AFTERWORD_FUZZ", "1"))
"""How many times as many examples are tried as in a usual run."""


def _in_one_file(folder: Path) -> str:
    """The ruleset of a folder as one text."""
    parts = [path.read_text(encoding="utf-8") for path in sorted((folder / "rules").glob("*.yaml"))]
    rules = [part.partition("\nrules:\n")[2] for part in parts]
    return (folder / "ruleset.yaml").read_text(encoding="utf-8") + "\nrules:\n" + "".join(rules)


def _texts(paths: list[Path]) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(paths))


SEEDS: Mapping[str, tuple[str, ...]] = {
    "ruleset": (document(), with_rule(EVERYTHING), _in_one_file(LOANS)),
    "mapping": _texts(list(EXAMPLES.glob("*.mapping.yaml"))),
    "test": _texts(list((LOANS / "tests").glob("*.yaml"))),
}

# --- slips

_JUNK = (
    "", " ", "  ", "\t", "\n", ":", ": ", "- ", "? ", "#", '"', "'", "{", "}", "[", "]", ",", "&a ", "*a", "!x ",
    "|\n", ">\n", "<<: ", "$", "{{", "}}", "{x:y}", "\\", "\0", "\ufeff", "\u2028", "\x85", "é", "💥", "NO", "~",
    "null", "1e999", "-0.0", "9" * 30, "0x", "2026-02-30", "24:00", "P1D", "-1 days", "yes", "...", "---\n", "%",
)  # fmt: skip
_WORD = re.compile(r"[\w$.-]+")


@st.composite
def slips(draw: st.DrawFn, kind: str) -> str:
    """A sound file in which a few characters, words or lines are lost, doubled, moved or replaced."""
    text = draw(st.sampled_from(SEEDS[kind]))
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from([_characters, _word, _line]))(draw, text)
    return text


def _characters(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(0, len(text)))
    gone = draw(st.integers(0, 4))
    return text[:at] + draw(st.sampled_from(_JUNK)) + text[at + gone :]


def _word(draw: st.DrawFn, text: str) -> str:
    words = list(_WORD.finditer(text)) or [re.compile("").match(text)]
    one, other = (draw(st.sampled_from(words)) for _ in range(2))
    assert one is not None
    assert other is not None
    new = draw(
        st.sampled_from([other[0], "", one[0].upper(), one[0][:-1], f'"{one[0]}"', f"[{one[0]}]", "{}", "5"])
    )
    return text[: one.start()] + new + text[one.end() :]


def _line(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    at, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    change = draw(st.sampled_from(["lose", "double", "swap", "in", "out", "cut"]))
    if change == "lose":
        del lines[at]
    elif change == "double":
        lines.insert(other, lines[at])
    elif change == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif change == "in":
        lines[at] = "  " + lines[at]
    elif change == "out":
        lines[at] = lines[at].removeprefix("  ")
    else:
        lines = lines[: at + 1]
    return "\n".join(lines)


@st.composite
def noise(draw: st.DrawFn, kind: str) -> bytes:
    """Bytes, alone or somewhere in a sound file; or a file in an encoding that is not ours."""
    text = draw(st.sampled_from(SEEDS[kind]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-8-sig", "cp037", "utf-7"]))
    sound = text.encode(encoding, "replace")
    at = draw(st.integers(0, len(sound)))
    rest = draw(st.sampled_from([sound[at:], b""]))
    return draw(st.sampled_from([sound[:at], b""])) + draw(st.binary(max_size=60)) + rest


# --- structures

_TYPES = ["interview.ended", "message.drafted", "note.made", "offer.accepted", "day.passed", "advice.due"]
_PATHS = [
    "company", "medium", "decision_date", "starts_at", "interviewers", "panel", "place.city", "thanked", "size",
    "text", "purpose", "score", "event.time", "event.case", "case.company", "case.decision_date", "subject.mood",
    "trigger.company", "rule", "state", "date", "nothing",
]  # fmt: skip
_NAMES = ["$patience", "$limit", "$greeting", "$job_words", "$sizes", "$nothing"]
_SAID: Mapping[str, list[Any]] = {
    "path": _PATHS,
    "event_type": _TYPES,
    "event_types": [*_TYPES, _TYPES[:2], _TYPES[1:3]],
    "duration": [
        "7 days",
        "36 hours",
        "2 business days",
        "P1W",
        "1 month",
        "99 years",
        "1 microfortnight",
        *_NAMES,
    ],
    "clock": ["09:00", "00:00", "23:59", "24:00"],
    "pattern": ["accepted", "three_drafts", "nothing"],
    "time": [
        "2026-03-02T15:00:00Z",
        "2026-03-29T01:30:00+01:00",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
    ],
}
"""Words of the sample ruleset where the schema would let any word stand, so that much of what is made is sound."""

_DEEPEST = 4
_HOLE = "\N{HOLE} "
_WORDS_ONLY = frozenset({"description", "examples", "default", "title"})


@st.composite
def structures(draw: st.DrawFn, kind: str, part: str, depth: int = _DEEPEST) -> Any:
    """Whatever the schema allows for one of its definitions; the whole is the definition with no name.

    A definition that stands in another is made by itself and put in, so that they may contain themselves.
    """
    return _filled(draw, draw(_shape(kind, part)), kind, depth)


def _filled(draw: st.DrawFn, value: Any, kind: str, depth: int) -> Any:
    if isinstance(value, str) and value.startswith(_HOLE):
        if depth == 0:
            return draw(st.sampled_from(({}, [], "x", 1, None)))
        return draw(structures(kind, value.removeprefix(_HOLE), depth - 1))
    if isinstance(value, list):
        return [_filled(draw, each, kind, depth) for each in value]
    if isinstance(value, dict):
        return {key: _filled(draw, each, kind, depth) for key, each in value.items()}
    return value


@functools.cache
def _shape(kind: str, part: str) -> st.SearchStrategy[Any]:
    """A definition with holes where it uses others."""
    schema = resources.schema(kind)
    whole = {key: value for key, value in schema.items() if key in ("type", "properties", "required")}
    definition = functools.reduce(dict.__getitem__, part.split("/"), schema["$defs"]) if part else whole
    return from_schema(_with_holes(definition))


def _with_holes(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_holes(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if name:
        return {"enum": _SAID[name]} if name in _SAID else {"const": _HOLE + name}
    made = {
        key: value for key, value in schema.items() if key not in _WORDS_ONLY and not key.startswith("x-")
    }
    if "pattern" in made:
        made = {key: value for key, value in made.items() if key not in ("pattern", "minLength", "maxLength")}
        made["enum"] = [*_PATHS, *_NAMES, "1.2.3", "an-id", "2026-03-02", "end of day"]
    if "propertyNames" in made:
        made["propertyNames"] = {"enum": _PATHS}
    properties = {key: _with_holes(value) for key, value in made.pop("properties", {}).items()}
    rest = {key: _with_holes(value) for key, value in made.items()}
    return rest | ({"properties": properties} if properties else {})


def as_yaml(data: object) -> str:
    """Data as a text in one line that YAML reads as the same."""
    return json.dumps(data, ensure_ascii=True)
