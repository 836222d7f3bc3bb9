"""Which params, lists and patterns a part of a document names, also through the patterns it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afterword.document import entries
from afterword.source import Node

_PARAM_IN_MESSAGE = re.compile(r"\{params\.([\w-]+)")


def params_used(node: Node, root: Node) -> tuple[str, ...]:
    """The params and lists that a rule's node names, also through the patterns it uses, in alphabetical order."""
    declared = {name for section in ("params", "lists") for name, _ in entries(root.child(section))}
    return tuple(sorted(names_used(node, root) & declared))


def names_used(node: Node, root: Node) -> frozenset[str]:
    """The params, lists and patterns that a node names, also through the patterns it uses."""
    patterns = dict(entries(root.child("patterns")))
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        for text in _texts(waiting.pop()):
            found |= {*_PARAM_IN_MESSAGE.findall(text)} | ({text[1:]} if text.startswith("$") else set())
            if text in patterns and text not in seen:
                seen.add(text)
                waiting.append(patterns[text])
    return frozenset(found | seen)


def _texts(node: Node) -> Iterator[str]:
    """Every text in a tree that is a value, not a name."""
    match node.value:
        case str():
            yield node.value
        case dict():
            for child in node.value.values():
                yield from _texts(child)
        case tuple():
            for child in node.value:
                yield from _texts(child)
