"""One keyword of a JSON Schema that a value breaks, and what a problem needs to know about it.

Our schemas say some of that in keywords of their own, which other readers of JSON Schema pass over: `x-hint` (how
to mend a value when nothing better is known), `x-synonyms` (what other languages call a key or a value),
`x-instead` (what to write for a word that means something else), `x-meanings` (what each allowed word means),
`x-inside` (the definition of what the value stands in; empty for the document), `x-keys` (all keys that may stand
here, where `properties` has some of them), `x-words` (the words that join conditions, where a name would be that of
a field), `x-is` (what kind of text this is) and `x-code` (the code of the problem).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from afterword.problem import Problem
from afterword.respelling import Meant, Path
from afterword.source import Node, Place
from afterword.suggest import nearest


class Finding(NamedTuple):
    """A problem, the value that cannot be used because of it, and how a misspelt word of it was meant.

    Nothing is refused when the rest of its mapping can be used. `named` is what stands below a misspelt name.
    """

    problem: Problem
    refused: Node | None
    meant: Meant | None = None
    named: Node | None = None


class Mistake(NamedTuple):
    """One broken keyword of the schema, the value that breaks it, and where in the document that is."""

    keyword: str
    wanted: Any
    schema: Mapping[str, Any]
    root: Node
    path: Path
    instance: Any
    definitions: Mapping[str, Any]

    def outer_keys(self) -> Mapping[str, Any]:
        """The keys of what the value stands in."""
        inside = self.schema.get("x-inside")
        if inside is None or not isinstance(self.name, str):
            return {}
        outer: Mapping[str, Any] = self.definitions.get(inside, {}).get("properties", {})
        return outer

    def parts_of(self, key: str) -> Mapping[str, Any]:
        """The keys of the value of a key of this mapping."""
        return self._resolved(self.schema.get("properties", {}).get(key, {}))

    def declaration_in(self, section: str) -> Mapping[str, Any]:
        """The keys of a declaration in this section of the document."""
        return self._resolved(self.definitions[""]["properties"][section].get("additionalProperties", {}))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        referred = self.definitions.get(str(schema.get("$ref", "#")).removeprefix("#/$defs/"), schema)
        keys: Mapping[str, Any] = referred.get("properties", {})
        return keys

    def meant(self, name: str) -> str | None:
        """The key that a word which is none was meant to be: another language's word for it, or one like it.

        None is like a word that is known to mean something else.
        """
        if (synonym := self.synonym(name)) is not None or name.casefold() in self.schema.get("x-instead", {}):
            return synonym
        return nearest(name, self.schema.get("properties", {}))

    def synonym(self, word: str) -> str | None:
        """What another language calls by this word, as far as the schema says so."""
        plain = word.casefold().replace("-", "_").replace(" ", "_")
        known: str | None = self.schema.get("x-synonyms", {}).get(plain)
        return known

    @property
    def node(self) -> Node:
        """The value that breaks it."""
        return self.root.at(self.path)

    @property
    def parent(self) -> Node:
        """What the value stands in."""
        return self.root.at(self.path[:-1])

    @property
    def name(self) -> str | int | None:
        """The key or the number below which the value stands."""
        return self.path[-1] if self.path else None

    def key_place(self) -> Place:
        """The place of the name that the value stands behind; of an item, its own."""
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
        if self.name is None:
            return "The document"
        owner = next((step for step in reversed(self.path) if isinstance(step, str)), None)
        return f"An item of `{owner}`" if owner is not None else "This item"

    def finding(self, code: str, message: str, mend: str = "", place: Place | None = None) -> Finding:
        """The value cannot be used."""
        line, column, file = place or self.place()
        return Finding(
            Problem(file, line, column, code, message, mend or self.schema.get("x-hint", "")), self.node
        )

    def remark(self, place: Place, code: str, message: str, mend: str) -> Finding:
        """Something in the value is wrong, but the rest of it can be read on."""
        line, column, file = place
        return Finding(Problem(file, line, column, code, message, mend), None)
