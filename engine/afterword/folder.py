"""The files of a ruleset's folder as one document (S26)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from afterword.limits import MAX_FILES, MAX_NODES
from afterword.problem import Problem
from afterword.source import Node, Place, size
from afterword.suggest import is_like, nearest
from afterword.yaml_tree import parse


def read_folder(files: Mapping[str, str | bytes], folder: str = "") -> tuple[Node | None, list[Problem]]:
    """One document: `ruleset.yaml`, then `rules/*.yaml` by name.

    `files` maps names relative to the folder to texts; `folder` is put before the names in problems. A file
    that cannot be read stops the whole: what it would have declared is unknown, and guessing would blame
    the other files.
    """
    prefix = "" if folder in ("", ".") else f"{folder.rstrip('/')}/"
    names = [name for name in sorted(files) if re.fullmatch(r"rules/[^/]+\.ya?ml", name)]
    if "ruleset.yaml" not in files:
        message = "A folder of rules needs a file `ruleset.yaml` that says what the ruleset is."
        return None, [
            Problem(folder or ".", 0, 0, "missing-file", message, "add `ruleset.yaml` to the folder")
        ]
    if len(names) > MAX_FILES:
        message = f"A ruleset has at most {MAX_FILES} files; this folder has {len(names)}."
        return None, [Problem(folder or ".", 0, 0, "too-large", message)]
    parsed, room = [], MAX_NODES
    for name in ["ruleset.yaml", *names]:
        node, problems = parse(files[name], prefix + name)
        parsed.append((node, problems))
        room -= size(node, room) if node is not None else 0
        if room < 0:
            message = f"The files up to this one hold more than {MAX_NODES:,} values."
            return None, [
                Problem(prefix + name, 1, 1, "too-many-values", message, "make several rulesets of it")
            ]
    return join(parsed)


def join(parsed: Sequence[tuple[Node | None, list[Problem]]]) -> tuple[Node | None, list[Problem]]:
    """The files of a folder, as `parse` reads them, as one document."""
    problems = [problem for _, found in parsed for problem in found]
    nodes = [node for node, _ in parsed if node is not None]
    if len(nodes) < len(parsed):
        return None, problems
    root, merging = _merge(nodes)
    return root, problems + merging


_EVERYWHERE = ("params", "lists", "events", "remember", "patterns", "rules")
_ONCE = (
    "schema", "ruleset", "version", "title", "description", "source", "defaults", "cases", "requires_engine",
    "extends", "override",
)  # fmt: skip


def _merge(nodes: Sequence[Node]) -> tuple[Node, list[Problem]]:
    first, problems = nodes[0], list[Problem]()
    if not isinstance(first.value, dict):
        return first, problems
    joined = dict(first.value)
    keys = dict(first.keys)
    for node in nodes[1:]:
        problems += _join_file(joined, keys, node)
    return Node(joined, first.file, first.line, first.column, keys), problems


def _join_file(joined: dict[str, Node], keys: dict[str, Place], node: Node) -> Iterator[Problem]:
    if node.value is None:
        return
    if not isinstance(node.value, dict):
        message = "A file of rules is a mapping."
        yield Problem(
            node.file, node.line, node.column, "wrong-type", message, "begin the file with `rules:`"
        )
        if isinstance(node.value, tuple):  # what they are is clear, and others may name them
            joined["rules"] = _join_part("rules", joined["rules"], node)[0] if "rules" in joined else node
        return
    for name, part in node.value.items():
        key, (line, column, file) = name, node.keys[name]
        if key not in (*_EVERYWHERE, *_ONCE):
            near = nearest(key, _EVERYWHERE)
            if near is not None and is_like(key, near) and near not in node.keys:
                message = f"There is no key `{key}` here."
                yield Problem(file, line, column, "unknown-key", message, f"did you mean `{near}`?")
                key = near
        if key in _ONCE:
            message = f"`{key}` is said once for the whole ruleset, in `ruleset.yaml`."
            yield Problem(file, line, column, "misplaced-key", message, "move it there, or remove it")
        elif key not in joined:
            joined[key], keys[key] = part, (line, column, file)
        elif key in _EVERYWHERE:
            joined[key], found = _join_part(key, joined[key], part)
            yield from found
        # An unknown key that several files share is one mistake; the schema names it at its first place.


def _join_part(key: str, left: Node, right: Node) -> tuple[Node, list[Problem]]:
    if left.value is None or right.value is None:
        return (right if left.value is None else left), []
    if isinstance(left.value, tuple) and isinstance(right.value, tuple):
        return Node(left.value + right.value, left.file, left.line, left.column), []
    if isinstance(left.value, dict) and isinstance(right.value, dict):
        return _join_mappings(left, right)
    wanted = "a list" if key == "rules" else "a mapping"
    wrong = right if isinstance(left.value, tuple if key == "rules" else dict) else left
    message = f"`{key}` must be {wanted}."
    problem = Problem(wrong.file, wrong.line, wrong.column, "wrong-type", message)
    return (left if wrong is right else right), [problem]


def _join_mappings(left: Node, right: Node) -> tuple[Node, list[Problem]]:
    assert isinstance(left.value, dict)
    assert isinstance(right.value, dict)
    problems = []
    for name in left.value.keys() & right.value.keys():
        line, column, file = right.keys[name]
        before = left.keys[name]
        message = f"`{name}` is declared twice; {before[2]}:{before[0]} has it already."
        problems.append(Problem(file, line, column, "duplicate-key", message, "remove one of them"))
    new = [name for name in right.value if name not in left.value]
    value = left.value | {name: right.value[name] for name in new}
    keys = left.keys | {name: right.keys[name] for name in new}
    return Node(value, left.file, left.line, left.column, keys), sorted(problems)
