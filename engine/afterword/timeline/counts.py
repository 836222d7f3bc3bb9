"""Which events a count has seen, and how many of them are in its window (S16)."""

from __future__ import annotations

from collections.abc import Iterable

from afterword.meaning import Scene, value
from afterword.plans import Use
from afterword.ruleset import Count
from afterword.timeline.happening import Happening, content_digest
from afterword.timeline.state import Counted, ScopeState
from afterword.timeline.turn import Turn
from afterword.values import MISSING, canonical


def note_counts(scope: ScopeState, event: Happening, uses: Iterable[Use], scene: Scene) -> None:
    """Adds the event to what these clauses have counted."""
    for use in uses:
        assert use.quota is not None, use.key
        value_text = None
        if use.quota.distinct is not None:
            found = value(use.quota.distinct, scene)
            if found is MISSING:
                continue
            value_text = content_digest({"value": canonical(found)})
        scope.counts = scope.counts or {}
        counted = scope.counts.setdefault(use.key, [])
        counted.append(Counted(event.time, event.ref, value_text))


def in_window(turn: Turn, scope: ScopeState, key: str, count: Count, zone: str) -> list[Counted]:
    """The events still in the sliding window; those that it has passed are forgotten (S16)."""
    counted = scope.counts.get(key, [])
    days = turn.days[zone]
    while counted and days.add(counted[0].time, count.within) <= turn.now:
        counted.pop(0)
    if count.within.months or count.within.business_days:  # a later event may be over before an earlier one
        counted[:] = [each for each in counted if days.add(each.time, count.within) > turn.now]
    return counted


def size(counted: list[Counted], count: Count) -> int:
    """How many events these are; of those that tell nothing apart, one."""
    return len(counted) if count.distinct is None else len({each.value for each in counted})
