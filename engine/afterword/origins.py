"""Where the values of a ruleset come from when it extends another: which document says them, and where (S27)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from afterword.document import key_place
from afterword.layers import Layer, RulesetDocument
from afterword.ruleset import Ruleset
from afterword.source import Node, Place

_WORDS = frozenset({"title", "description", "severity", "message", "source", "tags"})
"""Keys of a rule that change how it says something, not what it does."""


class Origin(NamedTuple):
    """A value that a document gives to something: `null` where it takes it away."""

    name: str
    node: Node
    place: Place
    layer: Layer


def of_rule(document: RulesetDocument, rule_id: str) -> list[Origin]:
    """What was changed in a rule, key by key: for each what counts."""
    changed: dict[str, Origin] = {}
    for patch in patches(document, rule_id):
        for name in patch.node.keys:
            for origin in _named(patch.node, name, patch.layer):
                changed.setdefault(name, origin)
    return list(changed.values())


def patches(document: RulesetDocument, rule_id: str) -> list[Origin]:
    """All that was changed in a rule, by the rulesets above its own; the topmost first."""
    return [
        origin
        for layer in document.layers
        for origin in _named(_down(layer.node, "override", "rules"), rule_id, layer)
    ]


def own_rules(document: RulesetDocument, ruleset: Ruleset) -> frozenset[str]:
    """The rules that the topmost ruleset adds, or makes to do something else than in the one that it extends."""
    own = document.layers[0]
    return frozenset(
        rule.id
        for rule in ruleset.rules
        if rule.file in own.files
        or any(patch.layer is own and patch.node.keys.keys() - _WORDS for patch in patches(document, rule.id))
    )


def of_param(document: RulesetDocument, name: str) -> list[Origin]:
    """Every default that a param was given; the first counts, the last is that of its declaration."""
    return [
        origin
        for layer in document.layers
        for origin in (
            *_named(_down(layer.node, "override", "params"), name, layer),
            *_named(_down(layer.node, "params", name), "default", layer),
        )
    ]


def of_list(document: RulesetDocument, name: str) -> list[Origin]:
    """Every place that a list was changed or declared at; the first counts, the last is its declaration."""
    return [
        origin
        for layer in document.layers
        for origin in (
            *_named(_down(layer.node, "override", "lists"), name, layer),
            *_named(_down(layer.node, "lists"), name, layer),
        )
    ]


def _down(node: Node | None, *path: str) -> Node | None:
    """The node at exactly this path."""
    for step in path:
        node = node.child(step) if node is not None else None
    return node


def _named(node: Node | None, name: str, layer: Layer) -> Iterator[Origin]:
    """The value of a key, where the key stands."""
    value = node.child(name) if node is not None else None
    if node is not None and value is not None:
        yield Origin(name, value, key_place(node, name), layer)
