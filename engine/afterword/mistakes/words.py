"""How sentences call values and kinds of values."""

from __future__ import annotations

_LONG = 60

NO_TIME_OF_DAY = (
    "a date has no time of day: `time_of_day` asks for that of a `type: datetime`, or of `event.time`"
)

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "array": "a list",
    "object": "a mapping",
}
"""By the types of JSON Schema."""


def kind_of(value: object) -> str:
    """What a value is, in the words of a sentence: `this is a list`."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{shown(value)}`"
        case int() | float():
            return f"the number `{value}`"
        case str():
            return f"the text {quoted(value)}"
        case list():
            return "a list"
    return "a mapping"


def shown(value: object) -> str:
    """A value as a rule file writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {shown(part)}" for name, part in value.items()) + "}"
    return "null" if value is None else str(value)


def quoted(value: object) -> str:
    """The same in backticks, or its beginning when it is too long to stand in a sentence."""
    text = shown(value)
    return f"`{text}`" if len(text) <= _LONG else f"`{text[:_LONG]}…`"
