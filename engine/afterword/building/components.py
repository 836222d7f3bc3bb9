"""The parts of a directed graph in which every node can be reached from every other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def components(graph: Mapping[Key, Sequence[Key]]) -> dict[Key, int]:
    """The number of each node's part: the same for two nodes that lie on a circle (Tarjan, without recursion)."""
    order: dict[Key, int] = {}
    lowest: dict[Key, int] = {}
    part: dict[Key, int] = {}
    waiting: list[Key] = []
    for root in graph:
        if root in order:
            continue
        order[root] = lowest[root] = len(order)
        waiting.append(root)
        path: list[tuple[Key, Iterator[Key]]] = [(root, iter(graph.get(root, ())))]
        while path:
            node, following = path[-1]
            step = next((each for each in following if each not in part), None)
            if step is None:
                path.pop()
                _close(node, order, lowest, part, waiting)
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
            elif step in order:
                lowest[node] = min(lowest[node], order[step])
            else:
                order[step] = lowest[step] = len(order)
                waiting.append(step)
                path.append((step, iter(graph.get(step, ()))))
    return part


def _close(
    node: Key, order: Mapping[Key, int], lowest: Mapping[Key, int], part: dict[Key, int], waiting: list[Key]
) -> None:
    """Makes a part of all that was met since the node, if nothing of it leads back before the node."""
    if lowest[node] == order[node]:
        number = order[node]
        while node not in part:
            part[waiting.pop()] = number
