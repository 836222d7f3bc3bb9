"""YAML text read as data with YAML 1.2 meanings into a tree of nodes, within the limits (S29)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import yaml
from msgspec import field

from afterword.limits import MAX_DEPTH, MAX_NODES, MAX_TEXT
from afterword.problem import MOST, Problem, more_after
from afterword.source import Node, Place, Value
from afterword.suggest import hint
from afterword.yaml_errors import syntax_problem
from afterword.yaml_scalars import scalar, too_big
from afterword.yaml_text import decoded, line_column, tabs

if TYPE_CHECKING:
    from yaml._yaml import Mark as FastMark
    from yaml.error import Mark as PlainMark
    from yaml.events import Event

    Mark = FastMark | PlainMark


def parse(text: str | bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file and every problem found; no tree when the text is not readable YAML."""
    whole, problem = decoded(text, file)
    if problem is not None:
        return None, [problem]
    refused = list(tabs(whole, file))
    if refused:
        return None, refused
    builder = _Builder(whole, file)
    try:
        for event in yaml.parse(whole, Loader=_loader()):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        wrong = syntax_problem(error, whole, file)
        before = [each for each in builder.problems if each.line < wrong.line]
        caused = bool(before) and before[-1].code == "duplicate-key" and before[-1].line == wrong.line - 1
        return None, before if caused else [*before, wrong]
    except _StopError as stop:
        return None, [*builder.problems, stop.problem]
    root = builder.root
    if root is None or (root.value is None and not root.text):  # nothing is there, wherever the parser ended
        root = Node(None, file, 1, 1)
    return root, builder.problems


def _loader() -> type[yaml.SafeLoader]:
    """The parser in C where PyYAML was built with it: the same events, twenty times as fast."""
    fast: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return fast


def _start(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _index(mark: Mark | None) -> int:
    return mark.index if mark else 0


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")


def _without_properties(written: str, line: int, column: int) -> tuple[str, int, int]:
    """A scalar behind its anchor and its tag, and where it begins."""
    before = _PROPERTIES.match(written)
    if before is None:
        return written, line, column
    breaks = before[0].count("\n")
    column = before.end() - before[0].rfind("\n") if breaks else column + before.end()
    return written[before.end() :], line + breaks, column


_COMMENT = re.compile(r" +(#\w\S{0,20})")
_DASH_BELOW = re.compile(r"\n *-(?= )")
_WORD = re.compile(r"[a-z][a-z0-9_.-]*")
"""What no line of running text begins with."""


def _is_fuller(node: Node, other: Node | None) -> bool:
    """Whether the second value of a name is the one that others rely on: the first is an empty mapping or less."""
    return node is not _UNREADABLE and bool(node.keys) and other is not None and not other.keys


def _is_empty_text(parent: _Open) -> bool:
    """Whether the latest value of a mapping is a text that begins with `>` or `|` and has no line."""
    latest = parent.entries.get(parent.key or "")
    return latest is not None and latest.value == "" and latest.text[:1] in ("|", ">")


class _StopError(Exception):
    """Reading on would only cost time, or make problems of what is none."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Measured(msgspec.Struct, gc=False):
    """A finished node, how many nodes it holds with aliases written out, and how deep it goes."""

    node: Node
    size: int
    height: int


class _Open(msgspec.Struct):
    """A mapping or sequence that has begun."""

    line: int
    column: int
    anchor: str | None
    mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    key: str | None = None
    expects_key: bool = True
    again: str | None = None
    size: int = 1
    height: int = 0


_UNREADABLE = Node(None, "", 0, 0)
"""Stands for a value that has been refused; it is left out, and a mapping still knows the name of its key."""


class _Builder:
    """Takes the parser's events one by one, so that no nesting costs stack, and stops at the limits."""

    def __init__(self, text: str, file: str) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._text = text
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, _Measured] = {}
        self._documents = 0
        self._errors = 0
        self._nodes = 0

    def take(self, event: Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._add(self._scalar_node(event), event.anchor)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._document(event)

    def _document(self, event: Event) -> None:
        self._documents += 1
        if self._documents > 1:
            message = "A second document begins here; a file holds one."
            raise _StopError(self._problem("yaml-documents", event, message, "remove the line `---`"))

    def _scalar_node(self, event: yaml.ScalarEvent) -> _Measured:
        self._refuse_tag(event)
        line, column = _start(event)
        written = self._text[_index(event.start_mark) : _index(event.end_mark)]
        if event.anchor is not None or event.tag is not None:
            written, line, column = _without_properties(written, line, column)
        value: Value = event.value if event.style else scalar(event.value)
        if not event.style:
            self._warn_of_comment(event)
        dash = _DASH_BELOW.search(written) if not event.style else None
        if dash is not None and self._open and not self._open[-1].mapping:
            return _Measured(self._item_in_text(line, written, dash), 1, 0)
        node = Node(value, self._file, line, column, {}, written)
        if too_big(value):
            message = f"`{written[:40]}` is not a number that can be counted with."
            self._report(
                "number-range", event, message, "write a finite number below 2^63, or put it in quotes"
            )
            node = _UNREADABLE
        elif len(event.value) > MAX_TEXT:
            message = (
                f"This text has {len(event.value):,} characters; a rule file needs none above {MAX_TEXT:,}."
            )
            self._report("out-of-range", event, message, "shorten it, or look for a quote that is missing")
            node = _UNREADABLE
        return _Measured(node, 1, 0)

    def _warn_of_comment(self, event: yaml.ScalarEvent) -> None:
        """`Answer ticket #5`: from the `#` on it is a comment, though somebody meant all of it as a text."""
        found = _COMMENT.match(self._text, _index(event.end_mark))
        warnings = len(self.problems) - self._errors
        if found is None or warnings > MOST:  # one more than are told, so that it is told that there are more
            return
        line, column = line_column(self._text[: found.start(1)])
        message = f"From `{found[1]}` on the rest of this line is a comment, and no part of the text."
        mend = "put the whole text in quotes; if it is a comment, write a space after the `#`"
        self.problems.append(Problem(self._file, line, column, "yaml-comment", message, mend, "warning"))

    def _item_in_text(self, line: int, written: str, dash: re.Match[str]) -> Node:
        """An item of a list that is indented so far that YAML takes it for more of the text above it."""
        breaks = written[: dash.end()].count("\n")
        where = Node(None, self._file, line + breaks, len(dash[0].rpartition("\n")[2]))
        mend = "begin all items in the same column, or put a text that goes on with `- ` in quotes"
        self._report("yaml-syntax", where, "This `-` is read as part of the text above it.", mend)
        return _UNREADABLE

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._refuse_tag(event)
        if len(self._open) >= MAX_DEPTH:
            raise self._too_deep(*_start(event))
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open(*_start(event), event.anchor, mapping))

    def _end(self) -> None:
        done = self._open.pop()
        value: Value = done.entries if done.mapping else tuple(done.items)
        node = Node(value, self._file, done.line, done.column, done.keys)
        self._add(_Measured(node, done.size, done.height + 1), done.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        known = self._anchors.get(name)
        if known is not None:
            self._add(known, None, event)
            return
        inside = any(frame.anchor == name for frame in self._open)
        message = f"`*{name}` stands inside what it names." if inside else f"Nothing is named `&{name}`."
        self._report("yaml-alias", event, message, "" if inside else hint(name, self._anchors))
        self._add(_Measured(_UNREADABLE, 1, 0), None, event)

    def _add(self, made: _Measured, anchor: str | None, alias: Event | None = None) -> None:
        node = made.node
        self._nodes += made.size if alias else 1
        if self._nodes > MAX_NODES:
            place = self._file, *(_start(alias) if alias else (node.line, node.column))
            written_out = ", with its aliases written out" if self._anchors else ""
            message = f"The file holds more than {MAX_NODES:,} values{written_out}."
            mend = "write it with fewer aliases" if self._anchors else "make several rulesets of it"
            raise _StopError(Problem(*place, "too-many-values", message, mend))
        if anchor is not None:
            self._anchors[anchor] = made
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if len(self._open) + made.height > MAX_DEPTH:
            raise self._too_deep(node.line, node.column)
        parent.size += made.size
        parent.height = max(parent.height, made.height)
        self._attach(parent, node, alias)

    def _attach(self, parent: _Open, node: Node, alias: Event | None) -> None:
        if not parent.mapping:
            parent.items += [node] if node is not _UNREADABLE else []
        elif parent.expects_key:
            parent.key = self._key(parent, node, alias)
            parent.expects_key = False
        else:
            parent.expects_key = True
            if parent.key is not None and node is not _UNREADABLE:
                parent.entries[parent.key] = node
            if parent.again is not None and _is_fuller(node, parent.entries.get(parent.again)):
                parent.entries[parent.again] = node
            parent.again = None

    def _key(self, parent: _Open, node: Node, alias: Event | None) -> str | None:
        """The name of a key, or None when its value is to be left out."""
        if node is _UNREADABLE:  # what is wrong with it has been told
            self._keep_place(parent, alias)
            return None
        if alias is not None or isinstance(node.value, dict | tuple):
            message = "A name must be a word; this is a list, a mapping or an alias."
            self._report(
                "yaml-key", alias or node, message, "put a text that begins with `{` or `[` in quotes"
            )
            self._keep_place(parent, alias or node)
            return None
        name = node.value if isinstance(node.value, str) else node.text
        if node.text == "<<":
            message = "`<<` (merging another mapping) is not read."
            self._report(
                "yaml-merge-key", node, message, "write the keys out, or name a pattern, a list or a param"
            )
            return None
        if _is_empty_text(parent) and not _WORD.fullmatch(name):
            message = f"This line belongs to the text of `{parent.key}` above."
            raise _StopError(
                self._problem("yaml-syntax", node, message, f"indent it further than `{parent.key}`")
            )
        if name in parent.keys:
            self._refuse_again(parent, node, name)
            return None
        parent.keys[name] = node.line, node.column, self._file
        return name

    def _refuse_again(self, parent: _Open, node: Node, name: str) -> None:
        """Reports a name that its mapping has already; stops where it shows that a line is indented wrongly."""
        message = f"`{name}` stands twice in this mapping; line {parent.keys[name][0]} has it already."
        above = parent.entries.get(parent.key or "")
        if above is not None and above.value is None:  # which of the lines is the wrong one is not known
            mend = f"indent it further if it belongs to `{parent.key}`, else remove one of them"
            raise _StopError(self._problem("duplicate-key", node, message, mend))
        if self._begins_item(parent, node, name):
            mend = "write `- ` before it if a new item begins here, else remove one of them"
            raise _StopError(self._problem("duplicate-key", node, message, mend))
        self._report("duplicate-key", node, message, "remove one of them")
        parent.again = name

    def _keep_place(self, parent: _Open, where: Event | Node | None) -> None:
        """Keeps the place of a key that has no name, so that its mapping is not called empty."""
        line, column = (where.line, where.column) if isinstance(where, Node) else (parent.line, parent.column)
        if where is not None and not isinstance(where, Node):
            line, column = _start(where)
        parent.keys.setdefault("…", (line, column, self._file))

    def _begins_item(self, parent: _Open, node: Node, name: str) -> bool:
        """Whether a name that came first in an item of a list comes again, several lines below."""
        first, listed = next(iter(parent.keys)), len(self._open) > 1 and not self._open[-2].mapping
        return listed and name == first and len(parent.keys) > 1 and node.line > parent.line + 1

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if event.tag is not None:
            message = f"`{event.tag}` is a YAML tag; a rule file is plain data."
            self._report(
                "yaml-tag", event, message, "remove it, or put a text that begins with `!` in quotes"
            )

    def _too_deep(self, line: int, column: int) -> _StopError:
        message = f"Values are nested more than {MAX_DEPTH} deep."
        return _StopError(
            Problem(self._file, line, column, "too-deep", message, "name parts of it in `patterns`")
        )

    def _problem(self, code: str, where: Event | Node, message: str, mend: str = "") -> Problem:
        if isinstance(where, Node):
            return Problem(self._file, where.line, where.column, code, message, mend)
        return Problem(self._file, *_start(where), code, message, mend)

    def _report(self, code: str, where: Event | Node, message: str, mend: str = "") -> None:
        problem = self._problem(code, where, message, mend)
        self.problems.append(problem)
        self._errors += 1
        if self._errors > MOST:
            raise _StopError(more_after(problem))
