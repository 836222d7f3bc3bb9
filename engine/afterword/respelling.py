"""A misspelt or misplaced word read as it was surely meant, so that one mistake makes one problem."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from afterword.source import Node, Place

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Respelling:
    """The mapping at this path has this key instead of that one."""

    path: Path
    wrong: str
    right: str

    def mend(self, node: Node) -> Node:
        """The mapping as it was meant."""
        if self.right in node.keys:
            return node
        return _mapping(
            node,
            [(self.right if name == self.wrong else name, each, at) for name, each, at in _entries(node)],
        )


@dataclass(frozen=True, slots=True, order=True)
class Rewording:
    """The value at this path is this word."""

    path: Path
    word: str

    def mend(self, node: Node) -> Node:
        """The value as it was meant."""
        return replace(node, value=self.word)


@dataclass(frozen=True, slots=True, order=True)
class Deeper:
    """In the mapping at this path, these keys belong into the value of another one."""

    path: Path
    owner: str
    names: tuple[str, ...]

    def mend(self, node: Node) -> Node:
        """The mapping as it was meant."""
        entries = list(_entries(node))
        inner = [entry for entry in entries if entry[0] in self.names]
        if not inner:
            return node
        line, column, file = inner[0][2]
        owner = node.child(self.owner)
        value = _mapping(Node({}, file, line, column), inner)
        if owner is not None and isinstance(owner.value, dict):
            value = _mapping(owner, [*_entries(owner), *inner])
        outer = [entry for entry in entries if entry[0] not in self.names]
        return _mapping(
            node, [(name, value if name == self.owner else each, place) for name, each, place in outer]
        )


@dataclass(frozen=True, slots=True, order=True)
class Shallower:
    """In the mapping at this path, these keys of the value of one key belong beside that key.

    The keys in `inside` belong into the value of the first of them.
    """

    path: Path
    owner: str
    names: tuple[str, ...]
    inside: tuple[str, ...] = ()

    def mend(self, node: Node) -> Node:
        """The mapping as it was meant."""
        owner = node.child(self.owner)
        if owner is None or not isinstance(owner.value, dict):
            return node
        inner = list(_entries(owner))
        kept = _mapping(owner, [entry for entry in inner if entry[0] not in self.names])
        moved = [entry for entry in inner if entry[0] in self.names and entry[0] not in node.keys]
        outer = [(name, kept if name == self.owner else each, place) for name, each, place in _entries(node)]
        return Deeper((), self.names[0], self.inside).mend(_mapping(node, outer + moved))


Meant = Respelling | Rewording | Deeper | Shallower
_Entry = tuple[str, Node, Place]


def as_meant(root: Node, mends: Iterable[Meant]) -> Node:
    """The tree with all of these mended; each word stays at the place where it stands."""
    for each in sorted(set(mends), key=lambda each: (-len(each.path), repr(each))):  # a key leads to others
        before = root.at(each.path)
        root = _changed(root, each.path, each.mend)
        if isinstance(each, Deeper):
            filled, full = before.child(each.owner), root.at(each.path).child(each.owner)
        elif isinstance(each, Shallower):
            owner = before.child(each.owner)
            filled = owner.child(each.names[0]) if owner is not None else None
            full = root.at(each.path).child(each.names[0])
        else:
            continue
        if filled is not None and full is not None:
            root = _everywhere(root, filled, full)
    return root


def _everywhere(node: Node, old: Node, new: Node) -> Node:
    """The tree with a value changed wherever an alias has put it."""
    if node is old:
        return new
    if isinstance(node.value, dict):
        changed = {name: _everywhere(each, old, new) for name, each in node.value.items()}
        same = all(each is node.value[name] for name, each in changed.items())
        return node if same else replace(node, value=changed)
    if isinstance(node.value, tuple):
        items = tuple(_everywhere(each, old, new) for each in node.value)
        return node if all(map(operator.is_, items, node.value)) else replace(node, value=items)
    return node


def _changed(node: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    if not path:
        return change(node)
    step, *rest = path
    child = node.child(step)
    if child is None:
        return node
    new = _changed(child, tuple(rest), change)
    if isinstance(node.value, dict):
        return replace(node, value={name: new if name == step else each for name, each in node.value.items()})
    assert isinstance(node.value, tuple)
    return replace(node, value=tuple(new if n == step else each for n, each in enumerate(node.value)))


def _entries(node: Node) -> Iterable[_Entry]:
    if isinstance(node.value, dict):
        for name, each in node.value.items():
            yield name, each, node.keys[name]


def _mapping(node: Node, entries: Iterable[_Entry]) -> Node:
    entries = list(entries)
    return replace(
        node,
        value={name: each for name, each, _ in entries},
        keys={name: place for name, _, place in entries},
    )
