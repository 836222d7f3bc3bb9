"""Numbers of things in sentences."""

from __future__ import annotations


def number_of(count: int, thing: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
