"""A document against its JSON Schema: one problem per mistake, at the word itself, in words for people."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from afterword import resources
from afterword.problem import Problem
from afterword.source import Node, Place
from afterword.suggest import hint, nearest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_LONG = 60


class Finding(NamedTuple):
    """A problem, and the value that cannot be used because of it (None when the rest of its mapping can)."""

    problem: Problem
    refused: Node | None


def validate(node: Node, schema_name: str) -> list[Problem]:
    """Every way in which the document is not what the schema wants, sorted."""
    return sorted({finding.problem for finding in findings(node, schema_name)})


def findings(node: Node, schema_name: str, part: str = "") -> list[Finding]:
    """The same with the values that are to be left out when the document is read on.

    `part` names a definition of the schema, for a value that stands inside a document.
    """
    errors = _validator(schema_name, part).iter_errors(node.data())
    return [finding for error in errors for finding in _findings(error, node)]


@functools.cache
def _validator(schema_name: str, part: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs more than the rest of the engine

    schema = resources.schema(schema_name)
    return Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part else schema)


class _Mistake(NamedTuple):
    """One broken keyword of the schema, the value that breaks it, and what the value stands in."""

    keyword: str
    wanted: Any
    schema: Mapping[str, Any]
    node: Node
    parent: Node
    name: str | int | None
    instance: Any

    def key_place(self) -> Place:
        if isinstance(self.name, str):
            return self.parent.keys[self.name]
        return self.node.place()

    def place(self) -> Place:
        """The value's place; an empty value is shown at its name."""
        return self.key_place() if self.node.value is None else self.node.place()

    def called(self) -> str:
        """How a sentence calls the value."""
        if isinstance(self.name, str):
            return f"`{self.name}`"
        return "This item" if self.name is not None else "The document"

    def finding(self, code: str, message: str, mend: str = "", place: Place | None = None) -> Finding:
        """The value cannot be used."""
        line, column, file = place or self.place()
        return Finding(Problem(file, line, column, code, message, self.schema.get("x-hint", mend)), self.node)

    def remark(self, place: Place, code: str, message: str, mend: str) -> Finding:
        """Something in the value is wrong, but the rest of it can be read on."""
        line, column, file = place
        return Finding(Problem(file, line, column, code, message, mend), None)


def _findings(error: ValidationError, root: Node) -> Iterator[Finding]:
    path = list(error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    name = path[-1] if path else None
    parent, node = root.at(path[:-1]), root.at(path)
    keyword = "propertyNames" if "propertyNames" in error.absolute_schema_path else str(error.validator)
    mistake = _Mistake(keyword, error.validator_value, schema, node, parent, name, error.instance)
    yield from _REPORTS.get(keyword, _out_of_range)(mistake)


def _unknown_keys(mistake: _Mistake) -> Iterator[Finding]:
    known = mistake.schema.get("properties", {})
    for name in mistake.instance:
        if name not in known:
            place = mistake.node.keys[name]
            remark = mistake.remark(
                place, "unknown-key", f"There is no key `{name}` here.", hint(name, known)
            )
            yield Finding(remark.problem, mistake.node.child(name))


def _missing_keys(mistake: _Mistake) -> Iterator[Finding]:
    properties = mistake.schema.get("properties", {})
    misspelt = {nearest(name, properties) for name in mistake.instance if name not in properties}
    for name in mistake.wanted:
        if name not in mistake.instance and name not in misspelt:
            what = properties.get(name, {}).get("description", "")
            mend = f"add `{name}: …`. {what}".strip()
            yield mistake.remark(mistake.place(), "missing-key", f"The key `{name}` is missing.", mend)


def _wrong_type(mistake: _Mistake) -> Iterator[Finding]:
    wanted = [mistake.wanted] if isinstance(mistake.wanted, str) else mistake.wanted
    kinds = _listed([_KINDS[kind] for kind in wanted])
    message = f"{mistake.called()} must be {kinds}; this is {_kind(mistake.instance)}."
    yield mistake.finding("wrong-type", message, _type_mend(mistake.node, wanted))


def _not_one_of(mistake: _Mistake) -> Iterator[Finding]:
    values = mistake.wanted if mistake.keyword == "enum" else [mistake.wanted]
    mend = hint(_shown(mistake.instance), [_shown(value) for value in values], "one of")
    yield mistake.finding("not-allowed", f"{mistake.called()} cannot be {_said(mistake.instance)}.", mend)


def _bad_format(mistake: _Mistake) -> Iterator[Finding]:
    yield mistake.finding("bad-format", f"{mistake.called()} cannot be {_said(mistake.instance)}.")


def _bad_name(mistake: _Mistake) -> Iterator[Finding]:
    name = str(mistake.instance)
    mend = mistake.schema.get("x-hint", "")
    remark = mistake.remark(mistake.node.keys[name], "bad-format", f"`{name}` cannot be a name here.", mend)
    yield Finding(remark.problem, mistake.node.child(name))


def _out_of_range(mistake: _Mistake) -> Iterator[Finding]:
    limit = mistake.wanted
    sentence = (
        "may not be empty" if mistake.keyword == "minItems" and limit == 1 else _LIMITS[mistake.keyword]
    )
    sentence = sentence.format(limit=limit)
    yield mistake.finding("out-of-range", f"{mistake.called()} {sentence}.")


def _twice(mistake: _Mistake) -> Iterator[Finding]:
    seen: list[object] = []
    items = mistake.node.value if isinstance(mistake.node.value, tuple) else ()
    for item in items:
        value = (isinstance(item.value, bool), item.data())
        if value in seen:
            message = f"{_said(item.data())} stands twice in this list."
            yield mistake.remark(item.place(), "duplicate-item", message, "remove one of them")
        seen.append(value)


def _misplaced(mistake: _Mistake) -> Iterator[Finding]:
    code = mistake.schema.get("x-code", "not-allowed")
    yield mistake.finding(code, f"{mistake.called()} may not stand here.", place=mistake.key_place())


def _not_together(mistake: _Mistake) -> Iterator[Finding]:
    names = _listed([f"`{name}`" for name in mistake.node.keys], "and")
    yield mistake.finding("not-allowed", f"{names} exclude each other.")


_REPORTS: Mapping[str, Callable[[_Mistake], Iterator[Finding]]] = {
    "propertyNames": _bad_name,
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_type,
    "enum": _not_one_of,
    "const": _not_one_of,
    "pattern": _bad_format,
    "uniqueItems": _twice,
    "not": _misplaced,
    "maxProperties": _not_together,
}
"""By JSON Schema keyword; those not named here set limits."""

_LIMITS = {
    "minimum": "must be at least {limit}",
    "maximum": "must be at most {limit}",
    "minLength": "may not be empty",
    "maxLength": "may be at most {limit} characters long",
    "minItems": "needs at least {limit} items",
    "maxItems": "may have at most {limit} items",
    "minProperties": "may not be empty",
}

# --- words

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "array": "a list",
    "object": "a mapping",
}


def _listed(words: Sequence[str], joint: str = "or") -> str:
    return f" {joint} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _kind(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{_shown(value)}`"
        case int() | float():
            return f"the number `{value}`"
        case str():
            return f"the text {_said(value)}"
        case list():
            return "a list"
    return "a mapping"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _said(value: object) -> str:
    text = _shown(value)
    return f"`{text}`" if len(text) <= _LONG else f"`{text[:_LONG]}…`"


def _type_mend(node: Node, wanted: Sequence[str]) -> str:
    if node.value is None:
        return "give it a value, or remove the key"
    if "array" in wanted and not isinstance(node.value, dict):
        return f"write a list: `[{node.text}]`"
    if "string" in wanted and isinstance(node.value, dict | tuple):
        return "put a text that begins with `{` or `[` in quotes"
    if "string" in wanted:
        return f'put it in quotes: `"{node.text}"`'
    if isinstance(node.value, str) and {"number", "integer", "boolean"} & set(wanted):
        return "write it without quotes"
    return ""
