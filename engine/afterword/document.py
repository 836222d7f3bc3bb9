"""A document as a tree of nodes: without the parts that a schema refused, and tolerant of what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from afterword.conditions import Scalar
from afterword.source import Node, Place


def without(node: Node, refused: frozenset[int]) -> Node:
    """The tree without these nodes (by `id`). A mapping still knows the names of all its keys."""
    if not refused:
        return node
    match node.value:
        case dict():
            kept = {
                name: without(child, refused)
                for name, child in node.value.items()
                if id(child) not in refused
            }
            return Node(kept, node.file, node.line, node.column, node.keys)
        case tuple():
            items = tuple(without(child, refused) for child in node.value if id(child) not in refused)
            return Node(items, node.file, node.line, node.column)
    return node


def is_whole(node: Node) -> bool:
    """Whether nothing was left out of this mapping, on any level."""
    if isinstance(node.value, tuple):
        return all(map(is_whole, node.value))
    if not isinstance(node.value, dict):
        return True
    return node.value.keys() == node.keys.keys() and all(map(is_whole, node.value.values()))


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping of names to declarations.

    `names` are all that were declared, also those whose declaration cannot be used; None when the section
    as a whole cannot, so that nothing may be called unknown.
    """

    names: frozenset[str] | None
    values: Mapping[str, Node]
    places: Mapping[str, Place]

    def lacks(self, name: str) -> bool:
        """Whether the name is certainly not declared."""
        return self.names is not None and name not in self.names


def section(root: Node, name: str, required: bool = False) -> Section:
    """The section of this name; one that is required and missing has been reported and is not held against others."""
    node = root.child(name)
    if node is None:
        refused = name in root.keys or required
        return Section(None if refused else frozenset(), {}, {})
    return Section(frozenset(node.keys), dict(entries(node)), node.keys)


def entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    """The names and values of a mapping; nothing for anything else."""
    if node is not None and isinstance(node.value, dict):
        yield from node.value.items()


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; a single value is a list of one."""
    if node is None:
        return ()
    return node.value if isinstance(node.value, tuple) else (node,)


def leaves(node: Node | None) -> Iterator[Node]:
    """The items of a list, with those of the lists in it in their place."""
    for item in items(node):
        if isinstance(item.value, tuple):
            yield from leaves(item)
        else:
            yield item


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """The values of a list's items; a list or a mapping among them has been refused."""
    return tuple(item.value for item in items(node) if not isinstance(item.value, tuple | dict))


def text(node: Node | None, key: str, default: str = "") -> str:
    """The text at a key."""
    child = node.child(key) if node is not None else None
    return child.value if child is not None and isinstance(child.value, str) else default


def texts(node: Node | None) -> dict[str, str]:
    """A mapping of names to texts, such as `source`."""
    return {name: str(child.value) for name, child in entries(node)}


def key_place(node: Node, key: str) -> Place:
    """Where a key of a mapping stands."""
    return node.keys.get(key, node.place())
