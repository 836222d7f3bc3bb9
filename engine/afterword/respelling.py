"""A misspelt word read as it was surely meant, so that one mistake makes one problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from afterword.source import Node

Path = tuple[str | int, ...]


class Respelling(NamedTuple):
    """A word to be read otherwise: a key of the mapping at this path or, with no `key`, the value there."""

    path: Path
    key: str | None
    right: str


def respelt(root: Node, respellings: Iterable[Respelling]) -> Node:
    """The tree with every one of these words as it was meant; each stays at the place where it stands."""
    for each in sorted(set(respellings), key=lambda each: -len(each.path)):  # a key may stand on the way
        change = _value(each.right) if each.key is None else _key(each.key, each.right)
        root = _changed(root, each.path, change)
    return root


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


def _key(wrong: str, right: str) -> Callable[[Node], Node]:
    def change(node: Node) -> Node:
        if not isinstance(node.value, dict) or wrong not in node.value or right in node.keys:
            return node
        names = {name: right if name == wrong else name for name in node.keys}
        return replace(
            node,
            value={names[name]: each for name, each in node.value.items()},
            keys={names[name]: place for name, place in node.keys.items()},
        )

    return change


def _value(right: str) -> Callable[[Node], Node]:
    return lambda node: replace(node, value=right)
