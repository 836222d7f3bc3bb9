"""Which mistake an error of the library jsonschema is about, and what is reported of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from afterword.mistakes import keys, values
from afterword.mistakes.mistake import Finding, Mistake
from afterword.mistakes.placing import displaced
from afterword.source import Node

if TYPE_CHECKING:
    from jsonschema import ValidationError


def findings_of(error: ValidationError, root: Node, definitions: Mapping[str, Any]) -> Iterator[Finding]:
    """What is reported of one error; `definitions` are the parts of the whole schema, which itself is `""`."""
    path = tuple(error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    if tuple(error.absolute_schema_path) == ("else", "required"):
        schema = definitions[""]  # a document that extends no other needs more; its keys are named at the top
    keyword = "propertyNames" if "propertyNames" in error.absolute_schema_path else str(error.validator)
    mistake = Mistake(keyword, error.validator_value, schema, root, path, error.instance, definitions)
    moved = displaced(mistake)
    if moved is not None:
        yield moved
    else:
        yield from _BY_KEYWORD.get(keyword, values.out_of_range)(mistake)


_BY_KEYWORD: Mapping[str, Callable[[Mistake], Iterator[Finding]]] = {
    "propertyNames": keys.bad_name,
    "additionalProperties": keys.unknown_keys,
    "required": keys.missing_keys,
    "type": values.wrong_type,
    "enum": values.not_one_of,
    "const": values.not_one_of,
    "pattern": values.bad_format,
    "uniqueItems": values.twice,
    "not": values.misplaced,
    "maxProperties": values.not_together,
}
"""By JSON Schema keyword; those not named here set limits."""
