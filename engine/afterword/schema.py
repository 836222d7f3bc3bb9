"""A document against its JSON Schema: one problem per mistake, at the word itself, in words for people."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from afterword import resources
from afterword.accept import NodeCheck, UnknownKeywordError, acceptor
from afterword.mistakes.findings import findings_of
from afterword.mistakes.mistake import Finding
from afterword.problem import MOST, Problem, more_after
from afterword.respelling import as_meant
from afterword.source import Node

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_ROUNDS = 8
"""How often words are respelt; each time it can show that words below them are misspelt too."""


class SchemaReading(NamedTuple):
    """A document as it was meant, and what is wrong with it."""

    node: Node
    findings: list[Finding]

    @property
    def problems(self) -> set[Problem]:
        """What is wrong with it."""
        return {finding.problem for finding in self.findings}

    @property
    def refused(self) -> frozenset[int]:
        """The ids of the values that are to be left out when the document is read on."""
        return frozenset(id(each.refused) for each in self.findings if each.refused is not None)


def validate(node: Node, schema_name: str) -> list[Problem]:
    """Every way in which the document is not what the schema wants, sorted."""
    return sorted(read(node, schema_name).problems)


def read(node: Node, schema_name: str, part: str = "") -> SchemaReading:
    """The document with its misspelt words respelt, and every way in which it is not what the schema wants.

    `part` names a definition of the schema, for a value that stands inside a document.
    """
    told: list[Finding] = []
    for _ in range(_ROUNDS):
        found = _with_names(told, _once(findings(node, schema_name, part)))
        misspelt = [finding for finding in found if finding.meant is not None]
        if not misspelt or len(told) + len(found) > MOST:
            return SchemaReading(node, told + found)
        told += [Finding(finding.problem, None, None, finding.refused) for finding in misspelt]
        node = as_meant(node, [finding.meant for finding in misspelt if finding.meant is not None])
    return SchemaReading(node, told + _with_names(told, _once(findings(node, schema_name, part))))


def _with_names(told: list[Finding], found: Sequence[Finding]) -> list[Finding]:
    """A value that is wrong below a name that was wrong too is told with its name."""
    named = {id(each.named): number for number, each in enumerate(told) if each.named is not None}
    kept = list[Finding]()
    for finding in found:
        number = named.get(id(finding.refused))
        if number is None or finding.refused is None:
            kept.append(finding)
            continue
        first = told[number].problem
        mends = " ".join(mend for mend in (first.hint, finding.problem.hint) if mend)
        told[number] = Finding(replace(first, hint=mends), finding.refused)
    return kept


def _once(found: Sequence[Finding]) -> list[Finding]:
    """One problem for a value that cannot be used, whatever else is wrong with it and wherever aliases put it."""
    kept, seen = list[Finding](), set[int]()
    for finding in sorted(found, key=lambda finding: finding.problem):
        if finding.refused is None or id(finding.refused) not in seen:
            kept.append(finding)
        seen.add(id(finding.refused))
    return kept


def findings(node: Node, schema_name: str, part: str = "") -> list[Finding]:
    """Every way in which the document as it stands is not what the schema wants; misspelt words are refused."""
    accepts = _acceptor(schema_name, part)
    if accepts is not None and accepts(node):
        return []
    validator = _validator(schema_name, part)
    schema = validator.schema
    definitions = {**schema.get("$defs", {}), "": schema} if isinstance(schema, dict) else {}
    errors = validator.iter_errors(node.data())
    found = (finding for error in errors for finding in findings_of(error, node, definitions))
    few = list(itertools.islice(found, MOST + 1))
    if len(few) > MOST:  # what is wrong with the rest is not known, so none of it can be used
        few.append(Finding(more_after(max(each.problem for each in few)), node))
    return few


@functools.cache
def _acceptor(schema_name: str, part: str) -> NodeCheck | None:
    try:
        return acceptor(_schema(schema_name, part))
    except UnknownKeywordError:
        return None


@functools.cache
def _validator(schema_name: str, part: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs more than the rest of the engine

    return Draft202012Validator(_schema(schema_name, part))


def _schema(schema_name: str, part: str) -> dict[str, Any]:
    schema = resources.schema(schema_name)
    if "x-required-of-whole" in schema:  # one file need not have them: the files of a folder are one document
        schema["else"] = {**schema["else"], "required": schema["x-required-of-whole"]}
    return {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part else schema
