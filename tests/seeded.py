"""Mistakes seeded into the shipped ruleset, one at a time: made by rule at every place there is, and by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from afterword import resources
from afterword.build import build
from afterword.folder import join
from afterword.problem import Problem
from afterword.source import Node
from afterword.yaml_tree import parse
from seeded_by_hand import EDITS, THANKED

HOME = resources.ruleset_folders() / "after-interview"
FILES: Mapping[str, str] = {
    path.relative_to(HOME).as_posix(): path.read_text(encoding="utf-8")
    for path in (HOME / "ruleset.yaml", *sorted((HOME / "rules").glob("*.yaml")))
}
PARSED = {name: parse(text, name) for name, text in FILES.items()}
TREES: Mapping[str, Node] = {name: node for name, (node, _) in PARSED.items() if node is not None}

EVERYWHERE = "AFTERWORD_FUZZ" in os.environ
"""Whether to make mistakes at every place; otherwise some of each kind, so that a run takes half a minute."""

MOST = int(os.environ.get("AFTERWORD_FUZZ", "8"))
"""How many mistakes of one kind are made by rule."""

WARNINGS = frozenset({
    "never-true", "no-effect", "dead-rule", "unused-name", "same-rule", "endless-inhibition", "field-not-everywhere",
    "yaml-comment",
    "path-as-text", "same-field", "silent-repeat",
})  # fmt: skip


class Seed(NamedTuple):
    """The text of one file with one mistake, and the one problem that it must make.

    `column` none: anywhere in the line; `lines` none: anywhere in the file.
    """

    name: str
    file: str
    text: str
    codes: frozenset[str]
    says: str
    lines: range | None = None
    column: int | None = None
    severity: Literal["error", "warning"] = "error"


def problems_with(seed: Seed) -> list[Problem]:
    """Every problem of the ruleset with this mistake; the files without one are parsed once."""
    root, problems = join([parse(seed.text, name) if name == seed.file else PARSED[name] for name in FILES])
    return sorted({*problems, *(build(root)[1] if root is not None else ())})


# --- by hand


def by_hand() -> Iterator[Seed]:
    """The edits of `seeded_by_hand`."""
    for file, after, text, edits in EDITS:
        for edit in edits:
            new, code, says = edit[:3]
            warning = len(edit) == 4 or code in WARNINGS
            yield _edited(file, after, text, new, code, says, "warning" if warning else "error")
    for new, code, says in (
        ('where: {text: {matches: «"' + "a" * 2000 + '"»}}', "bad-regex", "longer than 1000"),
        ("where: " + "{not: " * 39 + "{purpose: x}" + "}" * 39, "too-deep", "`patterns`"),
    ):
        yield _edited("rules/02-thank-you.yaml", "id: thank-you-email", THANKED, new, code, says)


def _edited(
    file: str,
    after: str,
    old: str,
    new: str,
    code: str,
    says: str,
    severity: Literal["error", "warning"] = "error",
) -> Seed:
    whole = FILES[file]
    start = whole.find(after)
    at = whole.find(old, start)
    assert start >= 0, f"{after!r} no longer stands in {file}"
    assert at >= 0, f"{old!r} no longer stands in {file}"
    if old == THANKED:
        new = f"[{THANKED}, {{event: message.sent, {new}}}]"
    text = whole[:at] + new + whole[at + len(old) :]
    lines, column = None, None
    if "«" in new:
        before = text[: text.index("«")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        lines = range(line, line + 1)
        text = text.replace("«", "").replace("»", "")
    return Seed(f"{old} → {new}"[:100], file, text, frozenset({code}), says, lines, column, severity)


# --- by rule


def by_rule() -> Iterator[Seed]:
    """Misspelt words of every kind, lines laid out wrongly, and lines left out."""
    kinds = (
        keys(), event_types(), names(), paths(), values(), words(), slots(), filters(),
        declarations(), removals(),
    )  # fmt: skip
    for kind in kinds:
        yield from some(list(kind), MOST)
    laid_out = some(list(layouts()), MOST * 3)
    yield from (seed for seed in laid_out if _means_something_else(seed.file, seed.text))


def some(seeds: list[Seed], most: int) -> list[Seed]:
    """All of them, or as many as a short run has time for, from the first to the last."""
    if len(seeds) <= most:
        return seeds
    return [seeds[number * len(seeds) // most] for number in range(most)]


def misspelt(word: str) -> str:
    """The word with two neighbouring letters swapped, or its last one doubled where it is short."""
    if len(word) <= 3:
        return word + word[-1]
    at = len(word) // 2
    while word[at] == word[at - 1] or not (word[at] + word[at - 1]).isalpha():
        at -= 1
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _wrong_word(
    kind: str, file: str, line: int, column: int, word: str, codes: Iterable[str], offset: int = 0
) -> Seed:
    """A word misspelt where it stands; the hint must name the right one."""
    wrong = misspelt(word)
    text = _with(file, line, column + offset, word, wrong)
    return Seed(
        f"{kind}: {wrong}", file, text, frozenset(codes), f"`{word}`", range(line, line + 1), column + offset
    )


def _with(file: str, line: int, column: int, old: str, new: str) -> str:
    lines = FILES[file].split("\n")
    before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
    assert after.startswith(old), (file, line, column, old)
    lines[line - 1] = before + new + after[len(old) :]
    return "\n".join(lines)


Path = tuple[str | int, ...]


def _nodes(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    yield path, node
    if isinstance(node.value, dict):
        for name, child in node.value.items():
            yield from _nodes(child, (*path, name))
    elif isinstance(node.value, tuple):
        for number, child in enumerate(node.value):
            yield from _nodes(child, (*path, number))


def _everywhere() -> Iterator[tuple[str, Path, Node]]:
    """Every value of every file once, also where aliases repeat it."""
    for file, tree in TREES.items():
        seen = set()
        for path, node in _nodes(tree):
            if id(node) not in seen:
                seen.add(id(node))
                yield file, path, node


def _written(node: Node, word: str) -> bool:
    return node.text == word


_SECTIONS = ("params", "lists", "events", "remember", "patterns")


def _names_are_free(path: Path) -> bool:
    """Whether the keys of the mapping at this path are names that people choose."""
    words = [step for step in path if isinstance(step, str)]
    last = words[-1] if words else ""
    if len(path) == 1 and last in _SECTIONS:
        return True
    in_list = bool(path) and isinstance(path[-1], int)
    return "fields" in words[-1:] or last in ("where", "not") or (last in ("all", "any") and in_list)


def keys() -> Iterator[Seed]:
    """Every key of the language that the ruleset uses, once for each place where the language has it."""
    told = set()
    for file, path, node in _everywhere():
        for key, (line, column, _) in node.keys.items():
            free = _names_are_free(path)
            if free and key not in ("all", "any", "not"):
                continue
            owner = "where" if free else next((step for step in reversed(path) if isinstance(step, str)), "")
            if (owner, key) not in told and (EVERYWHERE or key not in ("title", "description")):
                told.add((owner, key))
                yield _wrong_word("key", file, line, column, key, ["unknown-key"])


def event_types() -> Iterator[Seed]:
    """Every event type where something is said of it first."""
    types = TREES["ruleset.yaml"].at(["events"]).keys
    told = set()
    for file, path, node in _everywhere():
        words = [step for step in path if isinstance(step, str)]
        if (
            words
            and words[-1] in ("event", "from", "opened_by", "closed_by")
            and isinstance(node.value, str)
            and node.value in types
        ):
            word = str(node.value)
            if (EVERYWHERE or word not in told) and _written(node, word):
                told.add(word)
                yield _wrong_word("event", file, node.line, node.column, word, ["unknown-event"])


def names() -> Iterator[Seed]:
    """Every `$name`, every name of a pattern and of a rule, where it is first used."""
    told = set()
    patterns = TREES["ruleset.yaml"].at(["patterns"]).keys
    for file, path, node in _everywhere():
        word = node.value if isinstance(node.value, str) else ""
        if not word or not _written(node, word) or (word in told and not EVERYWHERE):
            continue
        if word.startswith("$"):
            yield _dollar(file, node)
        elif word in patterns:
            yield _wrong_word("pattern", file, node.line, node.column, word, ["unknown-pattern"])
        elif "inhibits" in path:
            yield _wrong_word("rule", file, node.line, node.column, word, ["unknown-rule"])
        else:
            continue
        told.add(word)


def _dollar(file: str, node: Node) -> Seed:
    seed = _wrong_word("name", file, node.line, node.column, str(node.value)[1:], ["unknown-name"], offset=1)
    return seed._replace(column=node.column)


def paths() -> Iterator[Seed]:
    """Every path of a condition, a moment or a remembered fact, where it stands first."""
    told = set()
    codes = ["unknown-field", "unknown-fact"]
    for file, path, node in _everywhere():
        if path[-1:] == ("field",) and isinstance(node.value, str):
            found = [(node.value, node.line, node.column)]
        elif _names_are_free(path) and path[-1] != "fields" and len(path) > 1:
            found = [
                (key, *place[:2]) for key, place in node.keys.items() if key not in ("all", "any", "not")
            ]
        else:
            continue
        for word, line, column in found:
            head, dot, last = word.rpartition(".")
            if EVERYWHERE or word not in told:
                told.add(word)
                seed = _wrong_word("path", file, line, column, last, codes, len(head + dot))
                yield seed._replace(column=column)


def values() -> Iterator[Seed]:
    """Every value that a condition compares with, where its field has an `enum`."""
    told = set()
    enums = {
        str(item.value)
        for _, path, node in _everywhere()
        if path[-1:] == ("enum",) and isinstance(node.value, tuple)
        for item in node.value
    }
    for file, path, node in _everywhere():
        word = str(node.value)
        steps = [step for step in path if isinstance(step, str)]
        compared = {"where", "not"} & set(steps) and steps[-1] not in ("mentions", "field", "event")
        if compared and word in enums and _written(node, word) and (EVERYWHERE or word not in told):
            told.add(word)
            yield _wrong_word("value", file, node.line, node.column, word, ["unknown-value"])


def words() -> Iterator[Seed]:
    """Every word of a closed set."""
    told = set()
    patterns = TREES["ruleset.yaml"].at(["patterns"]).keys
    closed = ("kind", "severity", "again", "per", "type", "days", "case", "align", "until", "from")
    for file, path, node in _everywhere():
        key, word = (path[-1] if path else ""), str(node.value)
        free = len(path) > 1 and (_names_are_free(path[:-1]) or path[-2] in ("cases", "remember"))
        if (
            key not in closed
            or word in patterns
            or free
            or not _written(node, word)
            or (path[0] == "remember" and key == "from")
        ):
            continue
        if EVERYWHERE or (key, word) not in told:
            told.add((key, word))
            yield _wrong_word("word", file, node.line, node.column, word, ["not-allowed"])


_SLOT = re.compile(r"\{([a-z_.]+)(?::([a-z]+))?\}")


def _messages() -> Iterator[tuple[str, int, re.Match[str]]]:
    for file in FILES:
        if file != "ruleset.yaml":
            for number, line in enumerate(FILES[file].split("\n"), start=1):
                if ":" not in line.partition("{")[0] or "message" in line:
                    yield from ((file, number, match) for match in _SLOT.finditer(line))


def slots() -> Iterator[Seed]:
    """Every name in a message, where it is said first."""
    told = set()
    codes = ["unknown-field", "unknown-fact", "unknown-param", "unknown-name"]
    for file, line, match in _messages():
        head, dot, last = match[1].rpartition(".")
        if EVERYWHERE or match[1] not in told:
            told.add(match[1])
            seed = _wrong_word("slot", file, line, match.start(1) + 1, last, codes, len(head + dot))
            right = match[1] if head == "due" or not head else last
            yield seed._replace(column=match.start(1) + 1, says=f"`{right}`")


def filters() -> Iterator[Seed]:
    """Every filter in a message."""
    told = set()
    for file, line, match in _messages():
        if match[2] and (EVERYWHERE or match[2] not in told):
            told.add(match[2])
            yield _wrong_word("filter", file, line, match.start(2) + 1, match[2], ["bad-message"])


def declarations() -> Iterator[Seed]:
    """Every declared name that is used in several places: the declaration is what is misspelt."""
    root = TREES["ruleset.yaml"]
    everything = "\n".join(FILES.values())
    uses = {
        "params": r"\$NAME\b|\{params\.NAME\b",
        "lists": r"\$NAME\b",
        "events": r"(?:event|from|opened_by|closed_by):.*[\[ ]NAME(?=[\],}\s])",
        "remember": r"\bcase\.NAME\b",
        "patterns": r"(?::|-|\[) ?NAME(?=[\],}\s])(?!:)",
    }
    for section, use in uses.items():
        for name, (line, column, _) in root.at([section]).keys.items():
            count = len(set(re.findall(rf".*(?:{use.replace('NAME', re.escape(name))})", everything)))
            if count > 1:
                seed = _wrong_word("declaration", "ruleset.yaml", line, column, name, ["misspelt-name"])
                yield seed._replace(severity="error")


def removals() -> Iterator[Seed]:
    """Every key that must be there, left out where it stands alone in its line."""
    wanted = {
        "rules": ("id", "kind", "when", "message"),
        "params": ("type", "default"),
        "remember": ("from", "field"),
    }
    for file, path, node in _everywhere():
        section = str(path[0]) if len(path) == 2 else ""
        for key in wanted.get(section, ()):
            place = node.keys.get(key)
            if place is None or node.at([key]).line != place[0] or isinstance(node.at([key]).value, dict):
                continue
            lines = FILES[file].split("\n")
            if key == "id":  # the dash of the list stays
                lines[place[0] - 1 : place[0] + 1] = ["  - " + lines[place[0]].lstrip()]
            elif lines[place[0] - 1].rstrip().endswith(("[", ":")) or ": &" in lines[place[0] - 1]:
                continue
            else:
                first = lines.pop(place[0] - 1)
                while first.endswith(">-") and lines[place[0] - 1].startswith("      "):
                    del lines[place[0] - 1]
            codes = frozenset({"missing-key"})
            yield Seed(
                f"no {key}", file, "\n".join(lines), codes, f"add `{key}: …`", range(node.line, node.line + 1)
            )


def layouts() -> Iterator[Seed]:
    """Lines with a sign left out, or indented otherwise than their neighbours."""
    for file, text in FILES.items():
        lines = text.split("\n")
        for number, line in enumerate(lines, start=1):
            if not _KEY_LINE.match(line) or _is_running_text(lines, number):
                continue
            for name, wrong in _laid_out_wrongly(line):
                changed = "\n".join([*lines[: number - 1], wrong, *lines[number:]])
                reach = range(number - 1, number + 2)
                yield Seed(f"{name}: {wrong.strip()}"[:80], file, changed, frozenset(), "", reach)


_KEY_LINE = re.compile(r"^ *(- )?[a-z_.]+:( |$)")


def _is_running_text(lines: list[str], number: int) -> bool:
    """Whether the line above could take this one for a part of its text."""
    above = lines[number - 2] if number > 1 else ""
    return (
        bool(above.strip()) and not _KEY_LINE.match(above) and not above.lstrip().startswith(("#", "- ", "{"))
    )


def _laid_out_wrongly(line: str) -> Iterator[tuple[str, str]]:
    name, _, value = line.partition(":")
    yield "a tab", line.replace(" ", "\t", 1) if " " in line else f"\t{line}"
    yield "no colon", f"{name}{value}"
    if value.strip():
        yield "no space", f"{name}:{value[1:]}"
        yield "an equals sign", f"{name} ={value}"
        if value.strip()[0] not in "\"'&*>|" and "#" not in value:
            yield "an open quote", f'{name}: "{value.strip()}'
    if line.lstrip().startswith("- "):
        yield "no space after the dash", line.replace("- ", "-", 1)
    for sign in "}])":
        if line.endswith(sign):
            yield f"no {sign}", line[:-1]
    if line.startswith("    ") and not value.strip():
        return  # what stands below would go along, and the neighbours be blamed: told where it is noticed
    for indent in (" ", "  "):
        yield "too deep", indent + line
        if line.startswith(f"{indent} "):
            yield "not deep enough", line.removeprefix(indent)


def _means_something_else(file: str, text: str) -> bool:
    tree, problems = parse(text, file)
    return tree is None or bool(problems) or tree.data() != TREES[file].data()
