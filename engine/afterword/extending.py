"""Merges a ruleset and the one that it extends into one document, in which it replaces what it overrides (S27).

Works on trees and keeps the place of every word, so that later problems name the file in which a word stands, and
no later step needs to know that there were two documents.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from afterword.building.problems import FullError, Problems
from afterword.document import entries, items, text
from afterword.problem import Problem
from afterword.source import Node, Place
from afterword.suggest import hint

IDENTITY: Final = frozenset(
    {
        "schema",
        "ruleset",
        "version",
        "requires_engine",
        "title",
        "description",
        "source",
        "extends",
        "override",
    }
)
"""What every ruleset says of itself and does not take from another."""

_LONGEST = 60


def extend(own: Node, override: Node | None, base: Node) -> tuple[Node, list[Problem]]:
    """The document that both make, and what `own` says about the other that is not so.

    `base` is whole: if it extends a third, that has been worked in already. `override` is that of `own`, as
    far as it is of the right shape.
    """
    merging = _Merging(own, base)
    with contextlib.suppress(
        FullError
    ):  # the rest is not worked in; with so many errors nothing is made of it
        merging.override(override)
        merging.add()
    return merging.root(), merging.report.sorted()


def attributed(node: Node) -> Node:
    """The document with its `source` written into each of its rules, since rules outlive the document they are in."""
    source = node.child("source")
    rules = node.child("rules")
    if source is None or not isinstance(source.value, dict) or rules is None:
        return node
    if not isinstance(rules.value, tuple):
        return node
    said = Node(tuple(_with_source(rule, source) for rule in rules.value), *_at(rules))
    return _with(node, "rules", said, node.keys["rules"])


def _with_source(rule: Node, source: Node) -> Node:
    own = rule.child("source")
    if not isinstance(rule.value, dict) or (own is not None and not isinstance(own.value, dict)):
        return rule
    if own is None:
        return _with(rule, "source", source, source.place())
    assert isinstance(own.value, dict)
    assert isinstance(source.value, dict)
    both = Node(source.value | own.value, *_at(own), source.keys | own.keys)
    return _with(rule, "source", both, rule.keys["source"])


class _Merging:
    """A document that begins as the base and becomes the whole."""

    def __init__(self, own: Node, base: Node) -> None:
        self.report = Problems()
        self._own = own
        self._parts = {name: part for name, part in entries(base) if name not in IDENTITY}
        self._keys = {name: place for name, place in base.keys.items() if name in self._parts}
        for name, part in entries(own):
            if name in IDENTITY - {"extends", "override"}:
                self._put(name, part, own.keys[name])

    def root(self) -> Node:
        """The whole; what is wrong with it as a whole is wrong with the extending document."""
        return Node(self._parts, *_at(self._own), self._keys)

    def _put(self, name: str, part: Node, place: Place) -> None:
        self._parts[name] = part
        self._keys[name] = place

    # --- what is changed

    def override(self, override: Node | None) -> None:
        """Works in `override`, section by section."""
        changes: Mapping[str, _Change] = {
            "params": _with_default,
            "lists": self._edited,
            "patterns": _replaced,
            "cases": self._edited,
        }
        if override is not None:
            for name, change in changes.items():
                self._change(name, override.child(name), change)
            self._change_rules(override.child("rules"))

    def _change(self, section: str, wanted: Node | None, change: _Change) -> None:
        """Replaces the declarations of a section that `wanted` names; their names stand where that was said."""
        for name, value in entries(wanted):
            assert wanted is not None
            part, place = self._section(section), wanted.keys[name]
            before = part.child(name)
            if before is None and section == "cases" and part.keys:
                before = Node((), *_at(part))  # no event closed a case so far
            if before is not None:
                self._parts[section] = _with(part, name, change(before, value, place), place)
            elif name not in part.keys:
                self._unknown(section, name, place, part.keys)

    def _section(self, name: str) -> Node:
        """A section as it is so far; an empty one when there is none that can be read."""
        part = self._parts.get(name)
        return part if part is not None and isinstance(part.value, dict) else Node({}, *_at(self._own))

    def _unknown(self, section: str, name: str, place: Place, known: Iterable[str]) -> None:
        code, called = _CALLED[section]
        mend = hint(name, known)
        if name in self._own_names(section):
            mend = f"this ruleset declares it itself: change it below `{section}`"
        elif section == "cases":
            mend = "declare `cases` beside `override`"
        message = f"The ruleset that is extended has no {called} `{_short(name)}`."
        self.report.error(place, code, message, mend)

    def _own_names(self, section: str) -> frozenset[str]:
        part = self._own.child(section)
        if section == "rules":
            return frozenset(text(rule, "id") for rule in items(part))
        return frozenset(part.keys) if part is not None else frozenset()

    def _edited(self, before: Node, change: Node, _: Place) -> Node:
        """A list in the place of another, or the other with some items more and some fewer."""
        if not isinstance(change.value, dict):
            fitting = tuple(self._fitting(before, change))
            return Node(fitting, *_at(change)) if fitting or not items(change) else before
        had = {_same(item): item for item in items(before)}
        known = [str(item.value) for item in had.values()]
        for item in items(change.child("remove")):
            if had.pop(_same(item), None) is None:
                message = f"`{_short(item.value)}` is not in the list."
                self.report.error(item, "unknown-value", message, hint(str(item.value), known))
        more = change.child("add")
        if not had and not items(more):
            message = "This leaves nothing of the list."
            mend = "let one item stay, or put another in its place: `{add: […], remove: […]}`"
            self.report.error(change, "out-of-range", message, mend)
            return before
        return Node((*had.values(), *self._fitting(before, more)), *_at(change))

    def _fitting(self, before: Node, more: Node | None) -> Iterator[Node]:
        """The items that are of a kind with those that the list had: its uses were written for these."""
        kinds = {_kind(item) for item in items(before)}
        for item in items(more):
            if _kind(item) in kinds or not kinds:
                yield item
            else:
                message = (
                    f"The list holds {' and '.join(sorted(kinds))}, and `{_short(item.data())}` is none."
                )
                mend = f'put it in quotes: `"{_short(item.text)}"`' if kinds == {"texts"} else ""
                self.report.error(item, "wrong-operand", message, mend)

    # --- rules

    def _change_rules(self, patches: Node | None) -> None:
        rules = self._parts.get("rules")
        if patches is None or rules is None or not isinstance(rules.value, tuple):
            return
        known = [text(rule, "id") for rule in rules.value]
        for name in patches.keys:
            if name not in known:
                self._unknown("rules", name, patches.keys[name], known)
        changed = tuple(self._patched(rule, patches.child(text(rule, "id"))) for rule in rules.value)
        self._parts["rules"] = Node(changed, *_at(rules))

    def _patched(self, rule: Node, patch: Node | None) -> Node:
        """The rule with the keys of the patch in the place of its own; a key that is `null` is taken away."""
        for key, value in entries(patch):
            assert patch is not None
            if value.value is None and not value.text:
                message = f"`{key}` is empty."
                mend = f"give it a value, or write `{key}: null` to take it away from the rule"
                self.report.error(patch.keys[key], "wrong-type", message, mend)
            elif value.value is None:
                rule = _lacking(rule, key)
            else:
                rule = _with(rule, key, value, patch.keys[key])
        return rule

    # --- what is added

    def add(self) -> None:
        """Works in what the extending document declares itself."""
        for name, part in entries(self._own):
            if name in IDENTITY or part.value is None:
                continue
            before, place = self._parts.get(name), self._own.keys[name]
            if before is None or before.value is None:
                self._put(name, part, place)
            elif name == "rules":
                self._parts[name] = self._more_rules(before, part)
            elif name == "defaults":
                self._parts[name] = _joined(before, part)
            elif name == "cases":
                self._redefined("cases", "cases", place)
            elif name in _MORE:
                self._parts[name] = self._more(name, before, part)

    def _more_rules(self, before: Node, rules: Node) -> Node:
        if not isinstance(before.value, tuple) or not isinstance(rules.value, tuple):
            return before
        known = {text(rule, "id") for rule in before.value} - {""}
        for rule in rules.value:
            if text(rule, "id") in known:
                self._redefined("rules", text(rule, "id"), rule.at(["id"]).place())
        new = [rule for rule in rules.value if text(rule, "id") not in known]
        return Node((*before.value, *new), *_at(before))

    def _more(self, section: str, before: Node, more: Node) -> Node:
        """The declarations of both; an event type may get more fields."""
        if not isinstance(before.value, dict):
            return more
        for name, declared in entries(more):
            if name not in before.keys:
                before = _with(before, name, declared, more.keys[name])
            elif section == "events":
                known = before.child(name)
                if known is not None:
                    before = _with(before, name, self._more_of_event(known, declared), before.keys[name])
            else:
                self._redefined(section, name, more.keys[name])
        return before

    def _more_of_event(self, known: Node, event: Node) -> Node:
        """An event type with the fields of another; nothing that it has already may be said again."""
        for key, value in entries(event):
            had = known.child(key)
            if key == "fields" and had is not None and isinstance(had.value, dict):
                for name in event.at(["fields"]).keys:
                    if name in had.keys:
                        self._redefined("events", name, value.keys[name])
                known = _joined(known, Node({key: _joined(value, had)}, *_at(known), {key: known.keys[key]}))
            elif key in known.keys:
                self._redefined("events", key, event.keys[key])
            else:
                known = _joined(known, Node({key: value}, *_at(event), {key: event.keys[key]}))
        return known

    def _redefined(self, section: str, name: str, place: Place) -> None:
        message = f"`{_short(name)}` is declared in the ruleset that is extended."
        self.report.error(place, "redefined", message, _INSTEAD[section].format(name=_short(name)))


_Change = Callable[[Node, Node, Place], Node]
"""What becomes of a declaration by what `override` says of it, and where that stands."""

_CALLED = {
    "params": ("unknown-param", "param"),
    "lists": ("unknown-name", "list"),
    "patterns": ("unknown-pattern", "pattern"),
    "cases": ("unknown-name", "key in `cases`"),
    "rules": ("unknown-rule", "rule"),
}
_MORE = ("params", "lists", "events", "remember", "patterns")
_INSTEAD = {
    "params": "to change its default, write `override: {{params: {{{name}: …}}}}`",
    "lists": "to change it, write `override: {{lists: {{{name}: {{add: […], remove: […]}}}}}}`",
    "patterns": "to change it, write `override: {{patterns: {{{name}: …}}}}`",
    "rules": "to change it, write `override: {{rules: {{{name}: …}}}}`",
    "cases": "to change them, write `override: {{cases: {{closed_by: {{add: […]}}}}}}`",
    "events": "leave it out; only new fields can be given to an event type",
    "remember": "leave it out, or give yours another name",
}


# --- trees


def _with_default(param: Node, default: Node, place: Place) -> Node:
    return _with(param, "default", default, place) if isinstance(param.value, dict) else param


def _replaced(_: Node, pattern: Node, place: Place) -> Node:  # noqa: ARG001
    return pattern


def _at(node: Node) -> tuple[str, int, int]:
    return node.file, node.line, node.column


def _with(node: Node, name: str, value: Node, place: Place) -> Node:
    """The mapping with this value at a key that stands there."""
    assert isinstance(node.value, dict)
    return Node({**node.value, name: value}, *_at(node), {**node.keys, name: place})


def _lacking(node: Node, name: str) -> Node:
    assert isinstance(node.value, dict)
    value = {key: child for key, child in node.value.items() if key != name}
    return Node(value, *_at(node), {key: place for key, place in node.keys.items() if key != name})


def _joined(*nodes: Node) -> Node:
    """The entries of all mappings, the later ones in the place of the earlier; it stands where the first does."""
    value: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    for node in nodes:
        value |= dict(entries(node))
        keys |= node.keys
    return Node(value, *_at(nodes[0]), keys)


def _same(item: Node) -> tuple[bool, object]:
    """What tells items apart: 1 and 1.0 are one, 1 and true are not (S14)."""
    value = item.value
    return isinstance(value, bool), id(item) if isinstance(value, dict | tuple) else value


def _kind(item: Node) -> str:
    match item.value:
        case str():
            return "texts"
        case bool():
            return "truth values"
        case int() | float():
            return "numbers"
    return "lists"


def _short(value: object) -> str:
    said = str(value)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
