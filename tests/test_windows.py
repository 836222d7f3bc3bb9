"""Windows as the engine works them out, against a plain reading of what they mean (S8, S9, S11)."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from afterword.conditions import EVENT_TIME, Ref
from afterword.days import Days
from afterword.duration import DAY, HOUR, Duration
from afterword.ruleset import Alignment, Moment, Window
from afterword.windows import InstantBounds, Reader, as_instant, measure, reads

# The reference: each moment read anew, one step after the other.


def moment(moment: Moment, anchor: int, read: Reader, days: Days) -> int | None:
    instant: int | None = anchor
    if moment.base is not None:
        instant = as_instant(read(moment.base), days)
    if instant is None:
        return None
    if moment.plus is not None:
        instant = days.add(instant, moment.plus)
    if moment.minus is not None:
        instant = days.add(instant, moment.minus, -1)
    if moment.align is not None:
        instant = days.align(instant, moment.align)
    if moment.at is not None:
        instant = days.at(instant, moment.at)
    return instant


def first_known(moments: tuple[Moment, ...], anchor: int, read: Reader, days: Days) -> int | None:
    known = (moment(each, anchor, read, days) for each in moments)
    return next((instant for instant in known if instant is not None), None)


def window(shape: Window, anchor: int, read: Reader, days: Days) -> InstantBounds:
    start = first_known(shape.start, anchor, read, days)
    if start is None or shape.end is None:
        return start, None
    return start, first_known(shape.end, start, read, days)


START = 1_772_434_800_000_000
FACTS = (Ref("case", ("interview_date",)), Ref("subject", ("since",)), Ref("data", ("day",)))
durations = st.builds(
    Duration, st.integers(0, 2), st.integers(0, 40), st.integers(0, 9), st.integers(0, 2 * DAY)
)
moments = st.builds(
    Moment,
    st.none() | st.sampled_from((EVENT_TIME, *FACTS)),
    st.none() | durations,
    st.none() | durations,
    st.none() | st.sampled_from(get_args(Alignment)),
    st.none() | st.integers(0, 1439),
)
several = st.lists(moments, min_size=1, max_size=3).map(tuple)
values = st.sampled_from((None, "2026-03-29", "2026-03-28T23:30:00+11:00", START, True, "soon", 1.5))


@given(
    st.builds(Window, several, st.none() | several),
    st.integers(-200 * DAY, 200 * DAY).map(lambda gone: START + gone),
    st.tuples(values, values, values),
    st.sampled_from((Days(), Days("Europe/London"), Days("Australia/Lord_Howe"))),
)
def test_s8_a_compiled_window_is_what_it_says(
    shape: Window, anchor: int, told: tuple[object, ...], days: Days
) -> None:
    known = {EVENT_TIME: anchor, **dict(zip(FACTS, told, strict=True))}
    expected = window(shape, anchor, known.get, days)
    assert measure(shape)(anchor, known.get, days) == expected
    if not reads(shape):
        assert measure(shape)(anchor, lambda _: None, days) == expected


def test_s11_the_first_moment_that_is_known_counts() -> None:
    shape = Window(
        (Moment(base=FACTS[0]), Moment(plus=Duration(microseconds=HOUR))), (Moment(plus=Duration(days=1)),)
    )
    found = measure(shape)
    assert found(START, {FACTS[0]: START + DAY}.get, Days()) == (START + DAY, START + 2 * DAY)
    assert found(START, {}.get, Days()) == (START + HOUR, START + HOUR + DAY)
