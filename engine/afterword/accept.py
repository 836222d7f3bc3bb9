"""Decides quickly whether a document satisfies its JSON Schema; what is wrong, and where, jsonschema finds out.

Nearly every document satisfies its schema, and jsonschema costs more than all the rest of reading it. Here a
schema is compiled into plain functions that look at the nodes themselves and answer yes or no. Only the keywords
that our own schemas use are supported: a schema with any other is not compiled, and a value that cannot be judged
here is not accepted, so that jsonschema decides. A test checks that the two agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import NoneType
from typing import Any

from afterword.source import Node

NodeCheck = Callable[[Node], bool]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (NoneType,),
    "array": (tuple,),
    "object": (dict,),
}
_SCALARS = frozenset({str, int, float, bool, NoneType})
_SAY_NOTHING = frozenset({"$schema", "$id", "$defs", "title", "description", "default", "examples"})
_OF_OTHERS = frozenset({"additionalProperties", "then", "else"})
"""Keywords that are read with another, which may be missing."""


class UnknownKeywordError(ValueError):
    """The schema uses a keyword that this module does not support."""


class _UnsureError(Exception):
    """Only jsonschema can judge this value."""


def acceptor(schema: Mapping[str, Any]) -> NodeCheck:
    """A function that tells whether a document satisfies the schema. Raises `UnknownKeywordError`.

    A `$ref` leads to another part of the same schema.
    """
    check = _Compiler(schema).check(schema)

    def accepts(node: Node) -> bool:
        try:
            return check(node)
        except _UnsureError:
            return False

    return accepts


class _Compiler:
    """Turns the parts of one schema into functions."""

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = whole
        self._checks: dict[str, NodeCheck] = {}

    def check(self, schema: Mapping[str, Any]) -> NodeCheck:
        """The check that a value satisfies this part of the schema."""
        tests = [
            make(self, schema)
            for keyword, make in _KEYWORDS.items()
            if keyword in schema or (keyword == "properties" and "additionalProperties" in schema)
        ]
        odd = schema.keys() - _KEYWORDS.keys() - _SAY_NOTHING - _OF_OTHERS
        if any(not keyword.startswith("x-") for keyword in odd):
            raise UnknownKeywordError(", ".join(sorted(odd)))
        if len(tests) == 1:
            return tests[0]

        def check(node: Node) -> bool:
            for test in tests:  # noqa: SIM110 - costs half of what `all` with a generator does
                if not test(node):
                    return False
            return True

        return check

    def reference(self, schema: Mapping[str, Any]) -> NodeCheck:
        """The check of another part; each is compiled once, since parts refer to one another in cycles."""
        way, checks = schema["$ref"], self._checks

        def check(node: Node) -> bool:
            return checks[way](node)

        if way not in checks:
            checks[way] = check
            checks[way] = self.check(self._part(way))
        return check

    def _part(self, way: str) -> Mapping[str, Any]:
        root, *steps = way.split("/")
        part = self._whole
        for step in steps:
            part = part.get(step, {})
        if root != "#" or not part:
            raise UnknownKeywordError(way)
        return part


# --- any value


def _type(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    wanted = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    types = frozenset(type_ for name in wanted for type_ in _TYPES[name])
    if "integer" in wanted and float not in types:
        return lambda node: type(node.value) in types or _is_whole(node.value)
    return lambda node: type(node.value) in types


def _is_whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


def _enum(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    return _one_of(schema["enum"])


def _const(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    return _one_of([schema["const"]])


def _one_of(choices: Sequence[Any]) -> NodeCheck:
    if any(type(choice) not in _SCALARS for choice in choices):
        raise UnknownKeywordError("a choice of lists or mappings")
    wanted = frozenset(map(_distinct, choices))
    return lambda node: type(node.value) in _SCALARS and _distinct(node.value) in wanted


def _distinct(value: object) -> tuple[bool, object]:
    """What tells values apart as JSON Schema does: `1` and `1.0` are one, `1` and `true` are two."""
    return isinstance(value, bool), value


def _all_of(compiler: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    checks = [compiler.check(part) for part in schema["allOf"]]
    return lambda node: all(check(node) for check in checks)


def _not(compiler: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    refused = compiler.check(schema["not"])
    return lambda node: not refused(node)


def _if(compiler: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    asked = compiler.check(schema["if"])
    then, other = compiler.check(schema.get("then", {})), compiler.check(schema.get("else", {}))
    return lambda node: then(node) if asked(node) else other(node)


# --- mappings


def _properties(compiler: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    known = {name: compiler.check(part) for name, part in schema.get("properties", {}).items()}
    more = schema.get("additionalProperties", True)
    others = compiler.check(more) if isinstance(more, dict) else None

    def check(node: Node) -> bool:
        if type(node.value) is not dict:
            return True
        for name, child in node.value.items():
            test = known.get(name, others)
            if test is None:
                if more is False:
                    return False
            elif not test(child):
                return False
        return True

    return check


def _required(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    wanted = frozenset(schema["required"])
    return lambda node: type(node.value) is not dict or wanted <= node.value.keys()


def _property_names(compiler: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    check = compiler.check(schema["propertyNames"])
    return lambda node: (
        type(node.value) is not dict or all(check(Node(name, "", 0, 0)) for name in node.value)
    )


# --- lists


def _items(compiler: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    check = compiler.check(schema["items"])
    return lambda node: type(node.value) is not tuple or all(check(item) for item in node.value)


def _unique(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    def check(node: Node) -> bool:
        if type(node.value) is not tuple or len(node.value) < 2 or not schema["uniqueItems"]:
            return True
        if any(type(item.value) not in _SCALARS for item in node.value):
            raise _UnsureError
        return len({_distinct(item.value) for item in node.value}) == len(node.value)

    return check


# --- texts and limits


def _pattern(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    # Compiled when first asked: most documents need few of them.
    find = cache(lambda: re.compile(schema["pattern"]).search)
    return lambda node: not isinstance(node.value, str) or find()(node.value) is not None


def _limit(keyword: str, kind: type, sign: int) -> Callable[[_Compiler, Mapping[str, Any]], NodeCheck]:
    """A limit to how many parts a value has; `sign` is 1 for the least and -1 for the most."""

    def make(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
        limit = sign * schema[keyword]
        return lambda node: type(node.value) is not kind or sign * len(node.value) >= limit  # type: ignore[arg-type]

    return make


def _minimum(_: _Compiler, schema: Mapping[str, Any]) -> NodeCheck:
    least = schema["minimum"]
    return lambda node: type(node.value) not in (int, float) or node.value >= least


_KEYWORDS: Mapping[str, Callable[[_Compiler, Mapping[str, Any]], NodeCheck]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "minProperties": _limit("minProperties", dict, 1),
    "maxProperties": _limit("maxProperties", dict, -1),
    "minItems": _limit("minItems", tuple, 1),
    "maxItems": _limit("maxItems", tuple, -1),
    "minLength": _limit("minLength", str, 1),
    "maxLength": _limit("maxLength", str, -1),
    "minimum": _minimum,
    "pattern": _pattern,
    "uniqueItems": _unique,
    "$ref": _Compiler.reference,
    "propertyNames": _property_names,
    "properties": _properties,
    "items": _items,
    "if": _if,
    "not": _not,
    "allOf": _all_of,
}
"""What each keyword makes of a schema; the cheap ones come first."""
