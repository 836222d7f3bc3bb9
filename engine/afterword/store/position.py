"""What a caller says of places: how far an input was read, and which rows are asked for."""

from __future__ import annotations

from operator import index

from afterword.strict_json import MAX_INT, MIN_INT

Position = bytes | str | int
"""How far an input was read, in whatever way it counts."""


def check_position(position: object) -> None:
    """Refuses what could not be kept, or not come back as it was: `TypeError` and `ValueError`."""
    if position is None or isinstance(position, bytes):
        return
    if isinstance(position, str):
        _check_text(position)
    elif isinstance(position, int) and not isinstance(position, bool):
        _check_size(position)
    else:
        told = type(position).__name__
        raise TypeError(f"A position is bytes, text or a whole number; this is a Python `{told}`.")


def _check_text(position: str) -> None:
    try:
        position.encode()
    except UnicodeEncodeError:
        raise ValueError(
            "The position holds half of a character (a lone surrogate); give it as bytes."
        ) from None


def _check_size(position: int) -> None:
    if not MIN_INT <= position <= MAX_INT:
        raise ValueError("The position is a number of more than 63 bits; give it as text.")


def row_number(number: int) -> int:
    """The number, or the one next to it that a row could have; `TypeError` for what is no whole number."""
    return min(max(index(number), MIN_INT), MAX_INT)
