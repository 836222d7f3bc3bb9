"""Moments as callers name them: what is taken, and that an engine that stands there can be written down."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import afterword
from afterword import Engine, TimeError
from afterword.moments import Time
from killing import SMALL
from timeline import at, rules

THANKS = afterword.compile_ruleset(rules(SMALL), network="plain")
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


@given(st.datetimes(timezones=OFFSETS))
@example(dt.datetime(9800, 12, 31, 23, 59, tzinfo=dt.timezone(-dt.timedelta(hours=23))))
@example(dt.datetime(100, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=23))))
def test_s7_an_engine_that_takes_a_moment_can_be_saved_and_restored(to: dt.datetime) -> None:
    engine = Engine(THANKS)
    try:
        engine.advance(to)
    except TimeError:
        assert not 100 <= to.year <= 9800
        assert engine.clock is None
    else:
        again = Engine.restore(THANKS, engine.snapshot())
        assert again.clock == engine.clock == to
        assert again.advance(again.clock) == []


@pytest.mark.parametrize(
    "to",
    [
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        dt.datetime.max.replace(tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=5))),
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=5))),
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=5, seconds=3))),
    ],
)
def test_s7_a_moment_in_no_year_of_events_is_refused_and_nothing_has_happened(to: Time) -> None:
    engine = Engine(THANKS)
    engine.feed(at("03-02 15:00", "interview.ended"))
    before = engine.snapshot()
    for use in (engine.advance, lambda at: engine.agenda(at=at)):
        with pytest.raises(TimeError, match="out of range: 100 to 9800 can be used"):
            use(to)
    with pytest.raises(TimeError, match="out of range"):
        list(afterword.evaluate(THANKS, [at("03-02 15:00", "interview.ended")], as_of=to))
    assert engine.snapshot() == before


def test_s7_an_offset_past_the_last_event_may_not_lead_out_of_these_years_either() -> None:
    with pytest.raises(TimeError, match=r"The year of the last event \+90 years is out of range"):
        list(afterword.evaluate(THANKS, [at("9750-03-02T15:00:00Z", "interview.ended")], as_of="+90 years"))


class Moment(dt.datetime):
    """A time of somebody's own class, whose differences are of their own kind too, as those of pendulum."""

    def __sub__(self, _: object) -> object:  # type: ignore[override]
        return "a while"


def test_s7_a_moment_may_be_a_time_of_any_class() -> None:
    engine = Engine(THANKS)
    assert engine.advance(Moment(2026, 3, 2, tzinfo=dt.UTC)) == []
    assert engine.clock == dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
