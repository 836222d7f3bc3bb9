"""Tests that compare a field with itself: most often the field of another event is meant (S15)."""

from __future__ import annotations

from afterword.building.context import Context
from afterword.building.references import Reach
from afterword.conditions import FieldTest, Ref
from afterword.source import Node

_NEVER = frozenset({"is_not", "gt", "lt", "before", "after"})
"""The tests that nothing passes when it is held against itself; all others pass whenever there is a value."""


def warn_of_itself(ctx: Context, node: Node, test: FieldTest, reach: Reach) -> None:
    """Tells of a test whose value, the `{field: …}` in `node`, is the very field that it tests."""
    if test.ref is None or test.operand != test.ref:
        return
    outcome = "never holds" if test.op in _NEVER else "holds whenever there is one"
    message = f"`{test.ref}` is compared with itself, so this {outcome}."
    ctx.report.warn(node.at(["field"]), "same-field", message, _mend(ctx, test.ref, reach))


def _mend(ctx: Context, ref: Ref, reach: Reach) -> str:
    """What else of the same name could be meant: a field of the trigger, or what is remembered."""
    others = [f"{root}.{ref}" for root in ("trigger", "case", "subject")] if ref.root == "data" else []
    known = (
        None if reach.item is not None else next((p for p in others if ctx.references.knows(p, reach)), None)
    )
    if known is None:
        return "compare it with something else, or write `{exists: true}` to ask whether it is there"
    return f"write `{{field: {known}}}`, if that is meant"
