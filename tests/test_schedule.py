"""Deadlines come up in their order, however many wait for the same instant."""

from __future__ import annotations

from heapq import heappop, heappush

from hypothesis import given
from hypothesis import strategies as st

from afterword.schedule import NEVER, Schedule, ScopeKey

PLACES = st.tuples(st.sampled_from("ab"), st.booleans(), st.sampled_from(["", "c1", "c2"]))
PUTS = st.tuples(st.integers(0, 3), PLACES)


@given(st.lists(PUTS | st.none(), max_size=60))
def test_s7_places_come_up_as_a_heap_of_all_of_them_would_have_it(
    steps: list[tuple[int, ScopeKey] | None],
) -> None:
    schedule, plain = Schedule(), list[tuple[int, ScopeKey]]()
    for step in steps:
        if step is not None:
            schedule.put(*step)
            heappush(plain, step)
        elif plain:
            assert schedule.pop() == heappop(plain)
        assert schedule.size == len(plain)
        assert schedule.next == (plain[0][0] if plain else NEVER)
    while plain:
        assert schedule.pop() == heappop(plain)
    assert schedule.next == NEVER
