"""A YAML file as a tree of values that know their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import field

from afterword.yaml_scalars import written_offsets

Place = tuple[int, int, str]
"""Line and column, both from 1, and file."""

Value = None | bool | int | float | str | tuple["Node", ...] | dict[str, "Node"]


class Node(msgspec.Struct, frozen=True, gc=False):  # a tree has no circles for it to look for
    """A value of a YAML file and where it stands.

    `text` is a scalar as it was written, with its quotes; it is empty for mappings and sequences.
    """

    value: Value
    file: str
    line: int
    column: int
    keys: dict[str, Place] = field(default_factory=dict)
    text: str = ""

    def data(self) -> object:
        """The same value in plain Python, without places."""
        match self.value:
            case dict():
                return {key: node.data() for key, node in self.value.items()}
            case tuple():
                return [node.data() for node in self.value]
        return self.value

    def at(self, path: Sequence[str | int]) -> Node:
        """The node at this path, or the deepest one on the way to it that exists."""
        node = self
        for step in path:
            child = node.child(step)
            if child is None:
                break
            node = child
        return node

    def child(self, step: str | int) -> Node | None:
        """The value of a key, or the item with a number; None when there is none."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, tuple) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def place(self, offset: int | None = None) -> Place:
        """Where the value begins; for a text, where its character with this number stands, whatever its style."""
        if offset is None or not isinstance(self.value, str):
            return self.line, self.column, self.file
        return next(self.places([offset]))

    def places(self, offsets: Sequence[int]) -> Iterator[Place]:
        """Where these characters of a text stand, from the first to the last."""
        for end in written_offsets(self.text, str(self.value), offsets):
            written = self.text[:end]
            breaks = written.count("\n")
            column = len(written) - written.rfind("\n") if breaks else self.column + len(written)
            yield self.line + breaks, column, self.file


def size(node: Node, enough: int) -> int:
    """How many values and names a tree holds, aliases written out; above `enough` it is not counted on."""
    count, waiting = 0, [node]
    while waiting and count <= enough:
        value = waiting.pop().value
        count += 1 + (len(value) if isinstance(value, dict) else 0)
        if isinstance(value, dict | tuple):
            waiting += value.values() if isinstance(value, dict) else value
    return count + len(waiting)
