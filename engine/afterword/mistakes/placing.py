"""Keys that stand in the wrong mapping: indented too far or not far enough, or cut off by a comma."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from afterword.mistakes.mistake import Finding, Mistake
from afterword.problem import Problem
from afterword.respelling import Deeper, Path, Shallower
from afterword.source import Node
from afterword.suggest import is_like


def displaced(mistake: Mistake) -> Finding | None:
    """What stands among the names of a section by its indentation alone, and is blamed for being no such thing.

    That is the section after it (indented too far), or a part of the declaration above it (not far enough).
    """
    above = mistake.path[0] if len(mistake.path) > 1 else None
    if above not in _DECLARED_BY or above not in mistake.definitions.get("", {}).get("properties", {}):
        return None
    section = mistake.root.at([str(above)])
    names = list(section.keys)
    whole = mistake._replace(path=(str(above),), schema={**mistake.schema, "x-inside": ""})
    below = [name for name in names if name in whole.outer_keys() and section.at([name]).value is None]
    number = names.index(str(mistake.path[1]))
    if below and names.index(below[0]) <= number:
        return too_deep(whole, below[0])
    if number and names[number] in mistake.declaration_in(str(above)):
        message = f"`{names[number]}` is no name here, but a part of `{names[number - 1]}`."
        mend = f"indent it further than `{names[number - 1]}`"
        finding = mistake.remark(section.keys[names[number]], "unknown-key", message, mend)
        moved = Deeper((str(above),), names[number - 1], (names[number],))
        return Finding(finding.problem, section.child(names[number]), moved)
    return None


def beside(mistake: Mistake, path: Path, owner: str, name: str) -> Finding:
    """A key in the value of one key that belongs beside that key."""
    node = mistake.root.at((*path, owner))
    message = f"`{name}` does not belong to `{owner}`."
    finding = mistake.remark(node.keys[name], "unknown-key", message, f"indent it like `{owner}`")
    return Finding(finding.problem, node.child(name), Shallower(path, owner, (name,)))


def too_deep(mistake: Mistake, name: str) -> Finding:
    """A key of what this mapping stands in: it and what follows it are indented too far."""
    keys, outer = list(mistake.node.keys), mistake.outer_keys()
    message = f"`{name}` does not belong to `{mistake.name}`."
    finding = mistake.remark(
        mistake.node.keys[name], "unknown-key", message, f"indent it like `{mistake.name}`"
    )
    moved = keys[keys.index(name) :]
    empty = mistake.node.at([name]).value is None
    inside = list(itertools.takewhile(lambda key: key not in outer, moved[1:])) if empty else []
    mend = Shallower(mistake.path[:-1], str(mistake.name), tuple(moved), tuple(inside))
    return Finding(finding.problem, mistake.node.child(name), mend)


def too_shallow(mistake: Mistake, owner: str, name: str) -> Finding:
    """A key that is none here, below one that has no value: it and what follows it belong to that."""
    keys = list(mistake.instance)
    known = mistake.schema.get("properties", {})
    moved = list(itertools.takewhile(lambda key: key not in known, keys[keys.index(name) :]))
    message = f"There is no key `{name}` here."
    mend = f"indent it further than `{owner}`, if it belongs to that"
    finding = mistake.remark(mistake.node.keys[name], "unknown-key", message, mend)
    return Finding(finding.problem, mistake.node.child(name), Deeper(mistake.path, owner, tuple(moved)))


def belongs_above(mistake: Mistake, above: str, name: str) -> bool:
    """Whether an unknown key is part of the value above it: that is empty, or holds what looks the same."""
    near = mistake.meant(name)
    if near is not None and is_like(name, near):
        return False
    if mistake.instance[above] is None or name in mistake.parts_of(above):
        return True
    kind, parts = _DECLARED_BY.get(above, (None, frozenset()))
    value = mistake.instance[name]
    if kind is dict and isinstance(value, list) and value:
        value = value[0]
    return kind is not None and isinstance(value, kind) and (not parts or not parts.isdisjoint(value))


def section_like(mistake: Mistake, node: Node) -> str | None:
    """The section that the document lacks and whose declarations look like what stands in this one."""
    values = node.value.values() if isinstance(node.value, dict) else ()
    for section, (kind, parts) in _DECLARED_BY.items():
        wanted = dict if kind is dict else tuple
        fits = values and all(
            isinstance(each.value, wanted) and (not parts or not parts.isdisjoint(each.keys))
            for each in values
        )
        if fits and section in mistake.schema.get("properties", {}) and section not in mistake.root.keys:
            return section
    return None


def is_field(value: object) -> bool:
    """Whether a value looks like the declaration of a field."""
    return isinstance(value, dict) and "type" in value


_DECLARED_BY: Mapping[str, tuple[type[dict[str, Any] | list[Any]], frozenset[str]]] = {
    "params": (dict, frozenset({"type", "default"})),
    "lists": (list, frozenset()),
    "events": (dict, frozenset({"fields"})),
    "remember": (dict, frozenset({"from", "field"})),
    "patterns": (dict, frozenset({"event"})),
    "fields": (dict, frozenset({"type"})),
}
"""What a declaration in a section looks like."""


def beside_its_list(node: Node, name: str) -> Problem | None:
    """`{in: a, b}` is a mapping with a key `b` that has no value; it stands for `{in: [a, b]}`."""
    keys = list(node.keys)
    loose = [each for each in keys if node.at([each]).value is None and not node.at([each]).text]
    owner = next((key for key in reversed(keys[: keys.index(name)]) if key not in loose), None)
    if name not in loose or owner is None:
        return None
    whole = node.at([owner]).value
    if isinstance(whole, int) and name[:1].isdigit() and node.keys[owner][0] == node.keys[name][0]:
        line, column, file = node.at([owner]).place()
        message = f"The comma in `{whole},{name}` ends the value of `{owner}`."
        return Problem(file, line, column, "unknown-key", message, f"write `{owner}: {whole}.{name}`")
    if not isinstance(whole, str):
        return None
    behind = list(itertools.takewhile(loose.__contains__, keys[keys.index(owner) + 1 :]))
    line, column, file = node.keys[behind[0]]
    message = f"`{behind[0]}` has no value; it seems to belong to `{owner}`."
    mend = f"write `{owner}: [{', '.join([node.at([owner]).text, *behind])}]`"
    same_line = node.keys[owner][0] == line
    return Problem(file, line, column, "unknown-key", message, mend) if same_line else None
