"""Durations as people write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.duration import DAY, HOUR, MINUTE, SECOND, Duration, NoDuration, parse_duration

WRITTEN = {
    "36 hours": Duration(microseconds=36 * HOUR),
    "90 minutes": Duration(microseconds=90 * MINUTE),
    "45 seconds": Duration(microseconds=45 * SECOND),
    "1 second": Duration(microseconds=SECOND),
    "1.5 hours": Duration(microseconds=90 * MINUTE),
    "0.25 seconds": Duration(microseconds=250_000),
    "7 days": Duration(days=7),
    "1 day": Duration(days=1),
    "7 calendar days": Duration(days=7),
    "1 week": Duration(days=7),
    "2 business days": Duration(business_days=2),
    "1 Business  Day": Duration(business_days=1),
    "6 months": Duration(months=6),
    "1 year": Duration(months=12),
    "100 years": Duration(months=1200),
    "1 day 12 hours": Duration(days=1, microseconds=12 * HOUR),
    "1 day and 12 hours": Duration(days=1, microseconds=12 * HOUR),
    "1 day, 2 hours, and 5 minutes": Duration(days=1, microseconds=2 * HOUR + 5 * MINUTE),
    "1 week 2 days": Duration(days=9),
    " 7 days ": Duration(days=7),
    "2 days 0 hours": Duration(days=2),
    "P7D": Duration(days=7),
    "P2W": Duration(days=14),
    "P1M": Duration(months=1),
    "PT1M": Duration(microseconds=MINUTE),
    "P1Y2M": Duration(months=14),
    "PT36H": Duration(microseconds=36 * HOUR),
    "PT1.5H": Duration(microseconds=90 * MINUTE),
    "PT1,5H": Duration(microseconds=90 * MINUTE),
    "P1DT12H": Duration(days=1, microseconds=12 * HOUR),
}

REFUSED = {
    "": "is missing",
    "7": "`7` has no unit after 7; write for example `7 days`",
    "1 day 7": "no unit after 7",
    "days": "write a number and a unit",
    "a week": "write `1 week`",
    "7 days and": "write a number and a unit",
    "1,5 hours": "no unit of time|write a number and a unit",
    "½ hour": "write a number and a unit",
    "٧ days": "write a number and a unit",
    "-3 days": "negative",
    "P-3D": "negative",
    "0 days": "above zero",
    "PT0S": "above zero",
    "1.5 days": "a part of a day",
    "0.5 months": "a part of a month",
    "P0.5D": "ISO 8601",
    "P": "write a number and a unit",
    "PT": "ISO 8601",
    "P1DT": "ISO 8601",
    "P1H": "ISO 8601",
    "5m": "write `5 minutes`",
    "5 mo": "write `5 months`",
    "36h": "write `36 hours`",
    "1 fortnight": "multiple of `14 days`",
    "2 working days": "write `2 business days`",
    "3 bananas": "the units are seconds, minutes",
    "2 business hours": "no unit of time",
    "1 day 2 days": "twice",
    "101 years": "longer than a hundred years",
    "100 years 1 second": "longer than a hundred years",
    "36526 days": "longer than a hundred years",
    "26090 business days": "longer than a hundred years",
    "9" * 100 + " days": "longer than a hundred years",
    "P" + "9" * 100 + "D": "longer than a hundred years",
    "1 day " * 100: "too long",
    "0.0000001 seconds": "finer than a microsecond",
}


@pytest.mark.parametrize(("text", "meant"), WRITTEN.items())
def test_s9_a_duration_is_read_as_written(text: str, meant: Duration) -> None:
    assert parse_duration(text) == meant


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_s9_what_is_no_duration_is_refused_with_a_mend(text: str, why: str) -> None:
    found = parse_duration(text)
    assert isinstance(found, NoDuration)
    assert re.search(why, found.reason)


def test_s9_a_plain_day_is_a_business_day_where_the_ruleset_says_so() -> None:
    assert parse_duration("2 days", "business") == Duration(business_days=2)
    assert parse_duration("2 calendar days", "business") == Duration(days=2)
    assert parse_duration("1 day 12 hours", "business") == Duration(business_days=1, microseconds=12 * HOUR)


def test_s9_weeks_and_iso_days_are_of_the_calendar_whatever_the_ruleset_says() -> None:
    assert parse_duration("1 week", "business") == parse_duration("P7D", "business") == Duration(days=7)
    assert parse_duration("1 week 2 days", "business") == Duration(days=7, business_days=2)


def test_s9_a_duration_is_printed_in_canonical_words() -> None:
    assert str(parse_duration("P7D")) == "7 days"
    assert str(parse_duration("1 week")) == "7 days"
    assert str(parse_duration("P1DT12H")) == "1 day 12 hours"
    assert str(parse_duration("36 hours")) == "36 hours"
    assert str(parse_duration("14 months")) == "1 year 2 months"
    assert str(parse_duration("1 business day")) == "1 business day"
    assert str(parse_duration("90.5 seconds")) == "1 minute 30.5 seconds"
    assert str(Duration(microseconds=1)) == "0.000001 seconds"
    assert str(Duration()) == "0 seconds"


durations = st.builds(
    Duration,
    months=st.integers(0, 300),
    days=st.integers(0, 9_000),
    business_days=st.integers(0, 6_000),
    microseconds=st.integers(0, 9_000 * DAY),
).filter(lambda duration: duration != Duration())


@given(durations)
def test_s9_canonical_words_read_back_as_the_same_duration(duration: Duration) -> None:
    assert parse_duration(str(duration)) == duration


@given(st.text() | st.from_regex(r"[-pP0-9.,a-z ]{0,30}") | st.from_regex(r"P[0-9YMWDTHS.,]{0,12}"))
def test_s9_any_text_is_a_duration_or_a_sentence(text: str) -> None:
    found = parse_duration(text)
    if isinstance(found, NoDuration):
        assert found.reason.endswith(".")
        assert ";" in found.reason
    else:
        assert parse_duration(str(found)) == found
