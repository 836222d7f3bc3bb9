"""Where in the texts of an event a condition holds: the stretches that a message and a client can show (S13, S21)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from afterword.conditions import TEXT_TESTS, All, AnyOf, Condition, FieldTest, Ref
from afterword.meaning import Scene, finder, holds, pattern_of, value
from afterword.text import MOST_SPANS, Match
from afterword.values import texts_of


def matches(condition: Condition, scene: Scene) -> list[tuple[str, Match]]:
    """The stretches of text for which the condition holds: with the path of the text, in order, each once.

    Only tests that say what is there have any: nothing under a `not`, nothing in the items of an array. A
    test tells at most `MOST_SPANS`: a text may hold the word a million times (P4).
    """
    found = {(str(ref), match) for ref, match in _matches(condition, scene) if match.text}
    return sorted(found)


def _matches(condition: Condition, scene: Scene) -> Iterator[tuple[Ref, Match]]:
    match condition:
        case All(parts) | AnyOf(parts):
            if holds(condition, scene):
                for part in parts:
                    yield from _matches(part, scene)
        case FieldTest(Ref() as ref, op, operand) if op in TEXT_TESTS:
            text = value(ref, scene)
            wanted = value(operand, scene) if isinstance(operand, Ref) else operand
            if isinstance(text, str):
                yield from ((ref, match) for match in islice(_FINDERS[op](text, wanted), MOST_SPANS))


def _contained(text: str, wanted: object) -> Iterator[Match]:
    for part in filter(None, texts_of(wanted)):
        start = text.find(part)
        while start >= 0:
            yield Match(start, start + len(part), part)
            start = text.find(part, start + len(part))


def _at_start(text: str, wanted: object) -> Iterator[Match]:
    return (Match(0, len(part), part) for part in texts_of(wanted) if text.startswith(part))


def _at_end(text: str, wanted: object) -> Iterator[Match]:
    return (Match(len(text) - len(part), len(text), part) for part in texts_of(wanted) if text.endswith(part))


def _matched(text: str, wanted: object) -> Iterable[Match]:
    pattern = pattern_of(wanted) if isinstance(wanted, str) else None
    return pattern.finditer(text) if pattern else ()


_FINDERS: Mapping[str, Callable[[str, object], Iterable[Match]]] = {
    "mentions": lambda text, wanted: finder(texts_of(wanted))(text),
    "contains": _contained,
    "starts_with": _at_start,
    "ends_with": _at_end,
    "matches": _matched,
}
