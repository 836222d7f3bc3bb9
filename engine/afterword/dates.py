"""Calendar dates as rules and events write them."""

from __future__ import annotations

import datetime as dt

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of the week as rules write them, in the order of `datetime.date.weekday`."""


def as_date(value: object) -> dt.date | None:
    """A calendar date written `YYYY-MM-DD`, or `None`."""
    # `fromisoformat` takes other forms besides, such as `2026-W10-1`.
    if not isinstance(value, str) or len(value) != 10 or not value[4] == value[7] == "-":
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None
