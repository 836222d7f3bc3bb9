"""An event that could not be read, as a value: why, how to mend it, where it stood (P3)."""

from __future__ import annotations

import msgspec


class BadEvent(msgspec.Struct, frozen=True):
    """Why an event could not be read, how to mend it, and, from a log, where it stood and what stood there."""

    reason: str
    hint: str = ""
    log: str = ""
    line: int = 0
    raw: bytes = b""

    def __str__(self) -> str:
        """`log:line: reason (hint)`."""
        place = f"{self.log}:{self.line}: " if self.line else ""
        return place + self.reason + (f" ({self.hint})" if self.hint else "")


def short(text: str) -> str:
    """The text, or its beginning when it is too long to stand in a sentence."""
    return text if len(text) <= 40 else text[:39] + "…"


def kind(value: object) -> str:
    """What a value is, in the words of a sentence: `this is a number`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case dict():
            return "an object"
        case list() | tuple():
            return "a list"
    return f"a Python `{type(value).__name__}`"
