"""What a document declares of a field, for mends that fit only some types (S13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from afterword.document import items
from afterword.mistakes.mistake import Mistake
from afterword.mistakes.words import NO_TIME_OF_DAY
from afterword.source import Node


def types_of_field(mistake: Mistake, path: str) -> Set[str]:
    """The types that a path can be of, by the events and facts of the document; empty where one cannot be known."""
    if path == "event.time":
        return {"datetime"}
    head, _, rest = path.partition(".")
    if head in ("case", "subject") and rest:
        found = list(_of_fact(mistake.root, rest))
    else:
        found = [each for event in _events(mistake) for each in _of_event(mistake.root, event, path)]
    return set(found) if all(found) else frozenset()


def _events(mistake: Mistake) -> Iterable[str]:
    """The events that are asked, or all of them where these are not declared."""
    declared = _below(mistake.root, "events")
    known = declared.keys if declared is not None else {}
    if "where" not in mistake.path:
        return ()
    pattern = mistake.root.at(mistake.path[: mistake.path.index("where")])
    named = [str(each.value) for each in items(pattern.child("event"))]
    return [each for each in named if each in known] or known


def _of_fact(root: Node, name: str) -> Iterator[str]:
    field = _below(root, "remember", name, "field")
    if field is None:
        return
    for event in items(_below(root, "remember", name, "from")):
        yield from _of_event(root, str(event.value), str(field.value))


def _of_event(root: Node, event: str, path: str) -> Iterator[str]:
    """The type of a field of this event, or of one in an object; nothing where it has none."""
    if path == "event.time":
        yield "datetime"
        return
    steps = [step for name in path.split(".") for step in ("fields", name)]
    field = _below(root, "events", event, *steps)
    if field is not None:
        type_ = field.child("type")
        yield str(type_.value) if type_ is not None else ""


def _below(node: Node | None, *steps: str) -> Node | None:
    for step in steps:
        node = node.child(step) if node is not None else None
    return node


def asks_no_time(field: str, test: str, types: Set[str]) -> str:
    """That the values of a field have no time, or no day, for a test to ask for."""
    if types == {"date"}:
        return NO_TIME_OF_DAY
    return f"`{test}` asks about dates and times; `{field}` holds neither"
