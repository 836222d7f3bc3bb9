"""A mapping file read and checked like a rule file (S2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afterword.days import zone_exists
from afterword.problem import Problem, first
from afterword.rim.foreign_time import ISO, TimeFormatError, check_format
from afterword.rim.mapping import (
    Column,
    ColumnTemplate,
    Constant,
    Extraction,
    LogMapping,
    Meaning,
    columns_of,
)
from afterword.schema import validate
from afterword.source import Node, Place
from afterword.suggest import hint
from afterword.yaml_tree import parse

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ATTRIBUTES = ("id", "case", "subject", "source", "sequence")
_SOURCES = ("from", "template", "constant")
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|([{}])")


def read_mapping(text: str | bytes, file: str) -> tuple[LogMapping | None, list[Problem]]:
    """The mapping that a text writes, and every problem found; no mapping when one of them is an error."""
    root, problems = parse(text, file)
    if root is None:
        return None, problems
    found = problems + validate(root, "mapping")
    found += _Checker(found).problems(root)
    if any(problem.severity == "error" for problem in found):
        return None, first(found)
    return _mapping(root), first(found)


# --- what a schema cannot say


class _Checker:
    """The checks beyond the shape; what the schema has complained about already is passed over."""

    def __init__(self, known: list[Problem]) -> None:
        self._known = {(problem.line, problem.column) for problem in known}

    def problems(self, root: Node) -> list[Problem]:
        """Every problem, in no order."""
        found = [*self._about_zone(root.child("timezone")), *self._about_ignored(root)]
        for name in ("type", "time", "timezone", *ATTRIBUTES):
            found += self._about_extraction(root.child(name), name)
        for fields in _field_mappings(root):
            for name, node in _items(fields):
                found += self._about_extraction(node, name)
        found += self._about_columns(root)
        return [problem for problem in found if (problem.line, problem.column) not in self._known]

    def _about_extraction(self, node: Node | None, name: str) -> Iterator[Problem]:
        if node is None or not isinstance(node.value, dict):
            return
        given = [key for key in _SOURCES if key in node.value]
        if not given:
            message = f"`{name}` does not say where its value comes from."
            yield _problem(node.place(), "missing-key", message, "add `from: column`")
        for extra in given[1:]:
            message = f"`{extra}` may not stand beside `{given[0]}`."
            yield _problem(node.keys[extra], "not-allowed", message, "remove one of the two")
        if given[:1] == ["constant"]:
            for key in ("values", "type", "format", "split", "decimal"):
                if key in node.value:
                    message = f"A constant is what it is; `{key}` does nothing here."
                    yield _problem(node.keys[key], "not-allowed", message, "remove it")
        else:
            yield from _format_problems(node, name)
            yield from _decimal_problems(node)
        template = node.child("template")
        if template is not None and isinstance(template.value, str):
            yield from _template_problems(template)

    def _about_zone(self, node: Node | None) -> Iterator[Problem]:
        if node is None:
            return
        values = node.child("values")
        named = [node] if isinstance(node.value, str) else [zone for _, zone in _items(values)]
        for zone in named:
            if isinstance(zone.value, str) and zone.value and not zone_exists(zone.value):
                mend = "write it like `Australia/Perth`; a column is `{from: …}`"
                message = f"There is no time zone `{zone.value}`."
                yield _problem(zone.place(), "unknown-zone", message, mend)

    def _about_ignored(self, root: Node) -> Iterator[Problem]:
        mapped = dict(_items(_child(root.child("type"), "values")))
        for item in _list(root, "ignore"):
            if _written(item) in mapped:
                message = f"`{_written(item)}` is both mapped and ignored."
                yield _problem(item.place(), "not-allowed", message, "remove it here or from `values`")

    def _about_columns(self, root: Node) -> Iterator[Problem]:
        known = [str(column.value) for column in _list(root.child("csv"), "columns")]
        for node, column in _columns_written(root):
            if known and column not in known:
                message = f"The mapping reads the column `{column}`, which `columns` does not name."
                yield _problem(node.place(), "unknown-column", message, hint(column, known, "columns"))


def _field_mappings(root: Node) -> Iterator[Node]:
    everywhere = root.child("fields")
    if everywhere is not None:
        yield everywhere
    for _, meaning in _items(_child(root.child("type"), "values")):
        fields = meaning.child("fields")
        if fields is not None:
            yield fields


def _columns_written(root: Node) -> Iterator[tuple[Node, str]]:
    nodes = [(name, root.child(name)) for name in ("type", "time", *ATTRIBUTES)]
    nodes += [item for fields in _field_mappings(root) for item in _items(fields)]
    nodes.append(("timezone", _child(root.child("timezone"), "from")))
    for _, node in nodes:
        for source in (node, _child(node, "from"), _child(node, "template")):
            if source is None or not isinstance(source.value, str | tuple):
                continue
            if source is _child(node, "template"):
                yield from ((source, column.name) for column in columns_of(ColumnTemplate(_parts(source))))
            else:
                yield source, _column(source).name


def _template_problems(node: Node) -> Iterator[Problem]:
    matches = list(_PLACEHOLDER.finditer(str(node.value)))
    alone = [match for match in matches if match[2]]
    for match in alone:
        message = f"This `{match[2]}` has no partner."
        mend = "write `{column}`; a brace itself is written twice"
        yield _problem(node.place(match.start()), "bad-template", message, mend)
    if not alone and not any(match[1] for match in matches):
        mend = "write it like `{Date} {Time}`, or use `constant:`"
        yield _problem(node.place(), "bad-template", "The template names no column.", mend)


def _format_problems(node: Node, name: str) -> Iterator[Problem]:
    written, made_into = node.child("format"), _child(node, "type")
    if written is None or not isinstance(written.value, str):
        return
    kind = made_into.value if made_into is not None else None
    if name != "time" and kind not in ("date", "datetime"):
        mend = "add `type: date` or `type: datetime`"
        yield _problem(node.keys["format"], "not-allowed", "`format` is for dates and times.", mend)
    try:
        check_format(written.value, clock=kind != "date")
    except TimeFormatError as error:
        yield _problem(written.place(), "bad-time-format", str(error), "")


def _decimal_problems(node: Node) -> Iterator[Problem]:
    if node.child("decimal") is not None and _text(node, "type") not in ("integer", "number"):
        mend = "remove it" if node.child("type") is not None else "add `type: number` or `type: integer`"
        yield _problem(node.keys["decimal"], "not-allowed", "`decimal` is for numbers.", mend)


def _problem(place: Place, code: str, message: str, mend: str) -> Problem:
    line, column, file = place
    return Problem(file, line, column, code, message, mend)


# --- the values


def _mapping(root: Node) -> LogMapping:
    table, zone = root.child("csv"), root.child("timezone")
    kind = _text(root, "format")
    return LogMapping(
        file=root.file,
        title=_text(root, "title") or "",
        format="csv" if kind == "csv" else "json" if kind == "json" else None,
        delimiter=DELIMITERS.get(_text(table, "delimiter") or ""),
        encoding=_text(table, "encoding") or "utf-8",
        columns=tuple(str(column.value) for column in _list(table, "columns")) or None,
        type=_extraction(root.at(["type"]), values=False),
        meanings={name: _meaning(node) for name, node in _items(_child(root.child("type"), "values"))},
        time=_extraction(root.at(["time"])),
        timezone=None if zone is None else zone.value if isinstance(zone.value, str) else _extraction(zone),
        attributes={name: _extraction(root.at([name])) for name in ATTRIBUTES if root.child(name)},
        fields=_fields(root),
        ignore=frozenset(_written(item) for item in _list(root, "ignore")),
    )


def _meaning(node: Node) -> Meaning:
    if isinstance(node.value, str):
        return Meaning(node.value)
    data = {name: value.data() for name, value in _items(node.child("data"))}
    return Meaning(_text(node, "type") or "", data, _fields(node))


def _fields(node: Node) -> dict[str, Extraction]:
    return {name: _extraction(value) for name, value in _items(node.child("fields"))}


def _extraction(node: Node, values: bool = True) -> Extraction:
    if not isinstance(node.value, dict):
        return Extraction(_column(node))
    constant, template = node.child("constant"), node.child("template")
    source: Column | ColumnTemplate | Constant
    if constant is not None:
        source = Constant(constant.data())
    elif template is not None:
        source = ColumnTemplate(_parts(template))
    else:
        source = _column(node.value["from"])
    renamed = {name: value.value for name, value in _items(node.child("values"))} if values else {}
    return Extraction(
        source,
        renamed,
        type=_text(node, "type"),
        format=_text(node, "format") or ISO,
        split=_text(node, "split"),
        decimal=_text(node, "decimal") or "point",
    )


def _column(node: Node) -> Column:
    if isinstance(node.value, tuple):
        path = tuple(str(step.value) for step in node.value)
        return Column(path, ".".join(path))
    return Column(tuple(str(node.value).split(".")), str(node.value))


def _parts(node: Node) -> tuple[str | Column, ...]:
    parts: list[str | Column] = []
    text, position = str(node.value), 0
    for match in _PLACEHOLDER.finditer(text):
        parts.append(text[position : match.start()])
        name = match[1]
        parts.append(match[0][0] if name is None else Column(tuple(name.split(".")), name))
        position = match.end()
    parts.append(text[position:])
    return tuple(part for part in parts if part)


def _items(node: Node | None) -> Iterator[tuple[str, Node]]:
    if node is not None and isinstance(node.value, dict):
        yield from node.value.items()


def _list(node: Node | None, name: str) -> tuple[Node, ...]:
    child = _child(node, name)
    return child.value if child is not None and isinstance(child.value, tuple) else ()


def _child(node: Node | None, name: str) -> Node | None:
    return None if node is None else node.child(name)


def _text(node: Node | None, name: str) -> str | None:
    child = _child(node, name)
    return child.value if child is not None and isinstance(child.value, str) else None


def _written(node: Node) -> str:
    return node.value if isinstance(node.value, str) else node.text
