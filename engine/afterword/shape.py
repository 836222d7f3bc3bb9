"""What all events of one type have in common in a log whose writer gives them all the same keys and kinds of values.

Of an event whose shape is known it is known how many quotes its line has, without writing the line again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

ATTRIBUTES = ("id", "subject", "case", "source", "sequence")
"""What an event may have beside its type, its time and its payload."""

_QUOTES_OF_KEY, _QUOTES_OF_TEXT = 2, 2


class Shape(NamedTuple):
    """The attributes and the fields that each of some events has, and none has another."""

    attributes: frozenset[str]
    fields: frozenset[tuple[str, bool]] | None
    """The fields of the payload, and whether there is a text in it; `None` without a payload."""

    @property
    def quotes(self) -> int:
        """How many quotes a line of this shape has, but for those inside of texts, which a backslash escapes."""
        texts = 2 + len(self.attributes - {"sequence"})
        keys = 2 + len(self.attributes)
        if self.fields is not None:
            texts += sum(is_text for _, is_text in self.fields)
            keys += 1 + len(self.fields)
        return keys * _QUOTES_OF_KEY + texts * _QUOTES_OF_TEXT


def shape_of(events: Iterable[tuple[Any, Mapping[str, Any]]]) -> Shape | None:
    """What these events, given with their payloads, have in common; `None` if they are not all of one shape."""
    shapes = {_shape(event, payload) for event, payload in events}
    return shapes.pop() if len(shapes) == 1 else None


def _shape(event: Any, payload: Mapping[str, Any]) -> Shape | None:
    values = {name: getattr(event, name) for name in ATTRIBUTES}
    if None in (event.data, *values.values(), *payload.values()):
        return None  # what is left open may as well be said another time
    if not all(map(_is_plain, payload)) or any(isinstance(value, list) for value in payload.values()):
        return None
    return Shape(
        frozenset(name for name, value in values.items() if value is not UNSET),
        None
        if event.data is UNSET
        else frozenset((name, isinstance(value, str)) for name, value in payload.items()),
    )


def _is_plain(name: str) -> bool:
    return name.isprintable() and '"' not in name and "\\" not in name
