"""Days, business days and wall-clock times, against plain slow references."""

import datetime as dt
import subprocess
import sys
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.business_days import business_days, holidays_exist
from afterword.dates import as_date
from afterword.days import EARLIEST, LATEST, Days, instant, parse_instant, zone_exists
from afterword.duration import DAY, HOUR, MINUTE, Duration, parse_duration
from afterword.ruleset import Alignment


def parse(text: str) -> Duration:
    found = parse_duration(text)
    assert isinstance(found, Duration)
    return found


ZONES = (
    "UTC",
    "Australia/Perth",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Havana",  # midnight does not exist in spring
    "Asia/Beirut",
    "Africa/Casablanca",  # back and forth within weeks
    "Pacific/Apia",  # 30 December 2011 does not exist
    "Europe/Dublin",  # negative summer time
    "Asia/Kathmandu",
    "Antarctica/Troll",  # two hours of summer time
)
UTC = dt.UTC
NO_ZONE_AT_ALL = dt.datetime(1970, 1, 1)


def at(text: str) -> int:
    read = parse_instant(text)
    assert read is not None
    return read


def shown(days: Days, us: int) -> str:
    return days.local(us).isoformat()


# The references: no caches, no int arithmetic on days, and no `fold`.


def zone_of(name: str) -> ZoneInfo:
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


REFERENCE_ZONES = {name: zone_of(name) for name in ZONES}


def naive_local(us: int, zone: str) -> dt.datetime:
    moment = dt.datetime(1970, 1, 1, tzinfo=UTC) + dt.timedelta(microseconds=us)
    return moment.astimezone(REFERENCE_ZONES[zone]).replace(tzinfo=None)


def first_instant(wall: dt.datetime, zone: str) -> int:
    """The first instant at which the clock shows this; in a gap, the one that it would have been before it."""
    as_utc = (wall - NO_ZONE_AT_ALL) // dt.timedelta(microseconds=1)
    around = range(as_utc - 2 * DAY, as_utc + 2 * DAY, HOUR)
    offsets = {
        (naive_local(us, zone) - naive_local(us, "UTC")) // dt.timedelta(microseconds=1) for us in around
    }
    candidates = [as_utc - offset for offset in offsets]
    return min((us for us in candidates if naive_local(us, zone) == wall), default=max(candidates))


def days_added(us: int, count: int, zone: str) -> int:
    return first_instant(naive_local(us, zone) + dt.timedelta(days=count), zone)


OWN = tuple(
    f"{year}-{month:02}-{day:02}" for year in range(1990, 2047) for month in (1, 7) for day in range(1, 9)
)


def business_days_added(us: int, count: int, days: Days) -> int:
    public = country_holidays("AU", subdiv="WA") if "AU-WA" in days.holidays else {}
    wall = naive_local(us, days.zone)
    step = dt.timedelta(days=1 if count > 0 else -1)
    while count:
        wall += step
        if (
            wall.weekday() not in days.weekend
            and wall.date() not in public
            and wall.date().isoformat() not in days.holidays
        ):
            count -= 1 if count > 0 else -1
    return first_instant(wall, days.zone)


def is_business_day(days: Days, date: dt.date) -> bool:
    day = date.toordinal()
    return business_days(days.weekend, days.holidays).after(day - 1, 1, 1) == day


zones = st.sampled_from(ZONES)
recent = st.integers(at("1990-01-01T00:00:00Z"), at("2045-01-01T00:00:00Z"))
# Times near changes of the clocks, where the mistakes live.
changes = st.sampled_from(
    [
        at("2026-03-29T01:00:00Z"),
        at("2026-10-25T01:00:00Z"),
        at("2026-03-08T07:00:00Z"),
        at("2026-11-01T06:00:00Z"),
        at("2026-03-08T05:00:00Z"),
        at("2026-10-03T15:30:00Z"),
        at("2011-12-30T10:00:00Z"),
        at("2026-02-15T02:00:00Z"),
    ]
)
near_changes = st.builds(
    lambda change, minutes: change + minutes * MINUTE, changes, st.integers(-3_000, 3_000)
)
moments = recent | near_changes
counts = st.integers(-800, 800)


def test_s9_a_day_added_over_a_dst_change_keeps_wall_clock_time() -> None:
    london = Days("Europe/London")
    assert (
        shown(london, london.add(at("2026-03-28T15:00:00Z"), parse("1 day"))) == "2026-03-29T15:00:00+01:00"
    )
    assert (
        shown(london, london.add(at("2026-10-24T15:00:00+01:00"), parse("1 day")))
        == "2026-10-25T15:00:00+00:00"
    )
    new_york = Days("America/New_York")
    assert (
        shown(new_york, new_york.add(at("2026-03-01T09:30:00-05:00"), parse("1 week")))
        == "2026-03-08T09:30:00-04:00"
    )


def test_s9_hours_are_absolute() -> None:
    london = Days("Europe/London")
    assert (
        shown(london, london.add(at("2026-03-28T15:00:00Z"), parse("24 hours")))
        == "2026-03-29T16:00:00+01:00"
    )
    assert (
        shown(london, london.add(at("2026-03-28T15:00:00Z"), parse("1 day 1 hour")))
        == "2026-03-29T16:00:00+01:00"
    )


def test_s9_a_time_that_does_not_exist_moves_on_by_the_gap() -> None:
    london = Days("Europe/London")
    assert (
        shown(london, london.add(at("2026-03-28T01:30:00Z"), parse("1 day"))) == "2026-03-29T02:30:00+01:00"
    )
    assert shown(london, london.at(at("2026-03-29T12:00:00Z"), 90)) == "2026-03-29T02:30:00+01:00"


def test_s9_of_two_equal_times_the_first_is_taken() -> None:
    london = Days("Europe/London")
    assert (
        shown(london, london.add(at("2026-10-24T01:30:00+01:00"), parse("1 day")))
        == "2026-10-25T01:30:00+01:00"
    )


def test_s9_a_day_whose_midnight_does_not_exist_starts_later() -> None:
    havana = Days("America/Havana")
    assert shown(havana, havana.start_of(dt.date(2026, 3, 8))) == "2026-03-08T01:00:00-04:00"
    assert havana.align(at("2026-03-07T12:00:00-05:00"), "end of day") == havana.start_of(dt.date(2026, 3, 8))


def test_s9_a_day_that_does_not_exist_is_skipped() -> None:
    apia = Days("Pacific/Apia")
    assert (
        shown(apia, apia.add(at("2011-12-29T12:00:00-10:00"), parse("1 day"))) == "2011-12-31T12:00:00+14:00"
    )


def test_s9_months_keep_the_day_or_end_with_the_month() -> None:
    days = Days()
    for start, duration, end in (
        ("2026-01-31", "1 month", "2026-02-28"),
        ("2028-01-31", "1 month", "2028-02-29"),
        ("2026-03-15", "10 months", "2027-01-15"),
        ("2026-11-30", "1 month", "2026-12-30"),
        ("2028-02-29", "1 year", "2029-02-28"),
    ):
        moved = days.add(at(f"{start}T10:00:00Z"), parse(duration))
        assert shown(days, moved) == f"{end}T10:00:00+00:00"
    assert days.date_of(days.add(at("2026-03-31T10:00:00Z"), parse("1 month"), -1)) == dt.date(2026, 2, 28)


def test_s9_alignments_are_local_midnights() -> None:
    perth = Days("Australia/Perth")
    moment = at("2026-03-02T15:00:00+08:00")
    expected: dict[Alignment, str] = {
        "start of day": "2026-03-02T00:00:00+08:00",
        "end of day": "2026-03-03T00:00:00+08:00",
        "start of next day": "2026-03-03T00:00:00+08:00",
        "end of next day": "2026-03-04T00:00:00+08:00",
        "start of month": "2026-03-01T00:00:00+08:00",
        "end of month": "2026-04-01T00:00:00+08:00",
        "start of next month": "2026-04-01T00:00:00+08:00",
        "end of next month": "2026-05-01T00:00:00+08:00",
    }
    for alignment, text in expected.items():
        assert shown(perth, perth.align(moment, alignment)) == text


def test_s9_a_month_ends_where_its_own_zone_says() -> None:
    eve = at("2026-01-31T20:00:00Z")
    assert shown(Days(), Days().align(eve, "end of month")) == "2026-02-01T00:00:00+00:00"
    perth = Days("Australia/Perth")
    assert shown(perth, perth.align(eve, "end of month")) == "2026-03-01T00:00:00+08:00"


def test_s9_midnight_belongs_to_the_day_that_it_starts() -> None:
    midnight = at("2026-03-02T00:00:00Z")
    assert Days().align(midnight, "start of day") == midnight
    assert Days().align(midnight, "end of day") == midnight + DAY


def test_s9_a_wall_clock_time_is_of_the_local_date() -> None:
    perth = Days("Australia/Perth")
    assert shown(perth, perth.at(at("2026-03-01T23:00:00Z"), 9 * 60)) == "2026-03-02T09:00:00+08:00"
    assert shown(perth, perth.at(at("2026-03-02T12:00:00Z"), 0)) == "2026-03-02T00:00:00+08:00"


def test_s9_an_hour_that_comes_twice_shows_the_same_time_twice() -> None:
    berlin = Days("Europe/Berlin")  # where at 03:00 on 25 October it was 02:00 again
    for moment in ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"):
        assert berlin.day_and_time(at(moment)) == (dt.date(2026, 10, 25).toordinal(), 2 * HOUR + 30 * MINUTE)


@given(zones, moments | st.sampled_from([EARLIEST - DAY, EARLIEST, LATEST, LATEST + DAY]))
@settings(max_examples=300)
def test_s9_the_day_and_the_time_are_those_that_a_clock_on_the_wall_shows(zone: str, moment: int) -> None:
    wall = naive_local(min(max(moment, EARLIEST), LATEST), zone)
    day, time = Days(zone).day_and_time(moment)
    assert dt.date.fromordinal(day) == wall.date()
    assert dt.timedelta(microseconds=time) == wall - dt.datetime.combine(wall.date(), dt.time())


@given(zones, moments, counts)
@settings(max_examples=400)
def test_s9_days_added_agree_with_the_clock_on_the_wall(zone: str, moment: int, count: int) -> None:
    moved = Days(zone).add(moment, Duration(days=abs(count)), 1 if count >= 0 else -1)
    assert moved == (days_added(moment, count, zone) if count else moment)


@given(zones, moments, st.integers(0, 1439))
@settings(max_examples=300)
def test_s9_alignments_and_times_agree_with_the_clock_on_the_wall(
    zone: str, moment: int, minutes: int
) -> None:
    days = Days(zone)
    midnight = dt.datetime.combine(naive_local(moment, zone).date(), dt.time())
    assert days.date_of(moment) == midnight.date()
    assert days.start_of(midnight.date()) == first_instant(midnight, zone)
    assert days.at(moment, minutes) == first_instant(midnight + dt.timedelta(minutes=minutes), zone)
    ends: dict[Alignment, int] = {
        "start of day": 0,
        "end of day": 1,
        "start of next day": 1,
        "end of next day": 2,
    }
    for alignment, later in ends.items():
        assert days.align(moment, alignment) == first_instant(midnight + dt.timedelta(days=later), zone)
    first = midnight.replace(day=1)
    of_months: dict[Alignment, int] = {
        "start of month": 0,
        "end of month": 1,
        "start of next month": 1,
        "end of next month": 2,
    }
    for alignment, later in of_months.items():
        year, month = divmod(first.year * 12 + first.month - 1 + later, 12)
        assert days.align(moment, alignment) == first_instant(first.replace(year, month + 1), zone)


@given(zones, moments, st.integers(0, 300 * HOUR), st.sampled_from((1, -1)))
def test_s9_hours_added_are_hours_gone(zone: str, moment: int, microseconds: int, sign: int) -> None:
    assert Days(zone).add(moment, Duration(microseconds=microseconds), sign) == moment + sign * microseconds


@given(zones, moments)
def test_s9_a_local_time_is_the_same_instant(zone: str, moment: int) -> None:
    local = Days(zone).local(moment)
    assert instant(local) == moment
    assert local.replace(tzinfo=None) == naive_local(moment, zone)


@given(zones, st.lists(st.tuples(moments, counts), max_size=20))
def test_s9_what_was_asked_before_changes_no_answer(zone: str, asked: list[tuple[int, int]]) -> None:
    forth = [Days(zone).add(moment, Duration(days=abs(count))) for moment, count in asked]
    back = [Days(zone).add(moment, Duration(days=abs(count))) for moment, count in reversed(asked)]
    assert forth == back[::-1]


def test_s10_business_days_skip_the_weekend() -> None:
    days = Days("Australia/Perth")
    friday = at("2026-03-06T15:00:00+08:00")
    assert shown(days, days.add(friday, parse("1 business day"))) == "2026-03-09T15:00:00+08:00"
    assert shown(days, days.add(friday, parse("2 business days"))) == "2026-03-10T15:00:00+08:00"
    assert shown(days, days.add(friday, parse("5 business days"), -1)) == "2026-02-27T15:00:00+08:00"


def test_s10_business_days_count_from_a_weekend_as_from_the_friday_before() -> None:
    days = Days()
    for day in ("2026-03-06", "2026-03-07", "2026-03-08"):
        assert days.date_of(days.add(at(f"{day}T15:00:00Z"), parse("1 business day"))) == dt.date(2026, 3, 9)


def test_s10_business_days_skip_the_holidays_of_the_named_calendar() -> None:
    friday = at("2026-02-27T15:00:00+08:00")  # Monday 2 March is Labour Day in Western Australia alone
    duration = parse("1 business day")
    western, southern = (Days("Australia/Perth", holidays=(code,)) for code in ("AU-WA", "AU-SA"))
    assert western.date_of(western.add(friday, duration)) == dt.date(2026, 3, 3)
    assert southern.date_of(southern.add(friday, duration)) == dt.date(2026, 3, 2)
    assert not is_business_day(western, dt.date(2026, 3, 2))
    assert is_business_day(southern, dt.date(2026, 3, 2))


def test_s10_days_of_your_own_are_no_business_days_either() -> None:
    days = Days("Australia/Perth", holidays=("AU-WA", "2026-03-03", "2026-03-07", "GB-SCT"))
    assert days.date_of(days.add(at("2026-02-27T15:00:00+08:00"), parse("1 business day"))) == dt.date(
        2026, 3, 4
    )
    assert days.date_of(days.add(at("2026-03-04T15:00:00+08:00"), parse("1 business day"), -1)) == dt.date(
        2026, 2, 27
    )
    assert is_business_day(days, dt.date(2027, 3, 3))
    assert not is_business_day(days, dt.date(2026, 1, 2))  # a holiday in Scotland alone
    assert is_business_day(Days(holidays=("2026-03-03",)), dt.date(2026, 3, 2))


def test_s10_the_weekend_is_a_setting() -> None:
    days = Days("Asia/Dubai", weekend=frozenset({4, 5}))
    assert is_business_day(days, dt.date(2026, 3, 8))
    assert not is_business_day(days, dt.date(2026, 3, 6))
    assert is_business_day(Days(weekend=frozenset()), dt.date(2026, 3, 7))


def test_s10_a_week_of_weekends_is_refused() -> None:
    for weekend in (frozenset(range(7)), frozenset({7}), frozenset({-1})):
        with pytest.raises(ValueError, match="weekend"):
            Days(weekend=weekend)


@given(
    zones,
    moments,
    st.integers(1, 300),
    st.sampled_from((1, -1)),
    st.sampled_from(((), ("AU-WA",), OWN, ("AU-WA", *OWN))),
    st.frozensets(st.integers(0, 6), max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_s10_business_days_agree_with_stepping_day_by_day(
    zone: str, moment: int, count: int, sign: int, holidays: tuple[str, ...], weekend: frozenset[int]
) -> None:
    days = Days(zone, weekend, holidays)
    moved = days.add(moment, Duration(business_days=count), sign)
    assert moved == business_days_added(moment, sign * count, days)


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2045, 1, 1)) | st.sampled_from([dt.date.min, dt.date.max]),
    st.sampled_from(((), ("AU-WA",), OWN, ("AU-WA", *OWN))),
    st.frozensets(st.integers(0, 6), max_size=6),
)
@settings(max_examples=300, deadline=None)
def test_s10_a_business_day_is_neither_on_the_weekend_nor_a_holiday(
    date: dt.date, holidays: tuple[str, ...], weekend: frozenset[int]
) -> None:
    own = date.isoformat() in holidays
    public = "AU-WA" in holidays and date in country_holidays("AU", subdiv="WA", years=date.year)
    is_one = Days("UTC", weekend, holidays).is_business_day(date.toordinal())
    assert is_one is not (own or public or date.weekday() in weekend)


@given(zones, st.integers(at("0100-01-01T00:00:00Z"), at("9800-12-31T00:00:00Z")), st.sampled_from((1, -1)))
@settings(max_examples=25, deadline=None)
def test_s9_no_time_between_the_years_100_and_9800_overflows(zone: str, moment: int, sign: int) -> None:
    days = Days(zone, holidays=("AU-WA",))
    for text in ("100 years", "36525 days", "26089 business days", "876600 hours"):
        moved = moment
        for _ in range(3):
            moved = days.align(days.add(moved, parse(text), sign), "end of next day")
            days.date_of(days.at(moved, 1439))
            days.local(moved)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("moment", [-(10**30), EARLIEST, LATEST, 10**30])
def test_s9_beyond_the_calendar_answers_stay_at_its_end(zone: str, moment: int) -> None:
    days = Days(zone)
    for duration in (
        Duration(months=1),
        Duration(days=1),
        Duration(business_days=3),
        Duration(microseconds=1),
    ):
        for sign in (1, -1):
            assert days.add(moment, duration, sign) + DAY >= EARLIEST
            assert days.add(moment, duration, sign) <= LATEST + DAY
    days.local(days.align(moment, "end of next day"))
    days.local(days.align(moment, "end of next month"))
    days.local(days.align(moment, "start of month"))
    days.local(days.at(moment, 1439))
    assert days.date_of(days.start_of(dt.date.max)).year == 9999
    assert days.date_of(days.start_of(dt.date.min)).year == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe/../Europe/London",
        "Europe//London",
        "Europe",
        "europe/london",
        "UTC\0",
        "zone.tab",
        "Mars/Olympus",
        "Europe/London\n",
        "\ud800",
        "A" * 1_000_000,
    ],
)
def test_s9_a_zone_that_is_none_does_not_exist(name: str) -> None:
    assert not zone_exists(name)
    with pytest.raises(ValueError, match="time zone"):
        Days(name)


def test_s9_every_zone_of_the_database_works() -> None:
    for name in files("tzdata").joinpath("zones").read_text().split():
        assert zone_exists(name)
        days = Days(name)
        assert instant(days.local(days.add(0, parse("1 day")))) == days.add(0, parse("1 day"))


def test_s10_holiday_calendars_are_countries_and_their_parts() -> None:
    for code in ("AU", "AU-WA", "DE-BY", "GB-ENG", "US-CA", "NZ"):
        assert holidays_exist(code)
    for code in (
        "",
        "-",
        "AU-",
        "AU-XX",
        "au",
        "Australia",
        "AUS",
        "AU-WA-",
        "HolidayBase",
        "AU\0",
        "A" * 100_000,
    ):
        assert not holidays_exist(code)
        with pytest.raises(ValueError, match="holiday calendar"):
            is_business_day(Days(holidays=(code,)), dt.date(2026, 3, 2))


def test_s10_a_calendar_that_knows_few_years_stays_quiet_about_the_others() -> None:
    assert not is_business_day(Days(holidays=("IN",)), dt.date(1990, 1, 26))


def test_s13_a_date_is_written_one_way() -> None:
    assert as_date("2028-02-29") == dt.date(2028, 2, 29)
    for text in (
        "2026-02-29",
        "2026-W10-1",
        "2026-061",
        "20260302",
        "2026-3-2",
        " 2026-03-2",
        "２０２６-03-02",
        "",
    ):
        assert as_date(text) is None
    for value in (None, 20260302, True, b"2026-03-02", dt.date(2026, 3, 2)):
        assert as_date(value) is None


def test_s1_an_instant_is_read_from_rfc_3339_with_an_offset() -> None:
    moment = at("2026-03-02T07:00:00Z")
    for text in (
        "2026-03-02T15:00:00+08:00",
        "2026-03-02t07:00:00z",
        "2026-03-02 07:00:00Z",
        "2026-03-02T07:00:00.000Z",
        "2026-03-02T07:00:00-00:00",
    ):
        assert parse_instant(text) == moment
    assert parse_instant("2026-03-02T07:00:00.5Z") == moment + 500_000
    assert parse_instant("2026-03-02T07:00:00.123456999Z") == moment + 123_456
    assert parse_instant("1969-12-31T23:59:59.999999Z") == -1
    assert parse_instant("2016-12-31T23:59:60Z") == at("2017-01-01T00:00:00Z")
    assert parse_instant("2017-01-01T07:59:60.9+08:00") == at("2017-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02",
        "2026-03-02T15:00:00",
        "2026-03-02T15:00Z",
        "2026-03-02T15:00:00+0800",
        "2026-03-02T15:00:00+08",
        "2026-03-02T15:00:00+24:00",
        "2026-03-02T15:00:00+08:60",
        "2026-02-30T15:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T15:00:60Z",
        "2026-03-02T15:00:61Z",
        "0000-01-01T00:00:00Z",
        "2026-W10-1T15:00:00Z",
        "20260302T150000Z",
        "2026-03-02T15:00:00,5Z",
        "2026-03-02T15:00:00.Z",
        "2026-03-02T15:00:00Z\n",
        " 2026-03-02T15:00:00Z",
        "２０２６-03-02T15:00:00Z",
    ],
)
def test_s1_what_is_no_rfc_3339_time_with_an_offset_is_no_instant(text: str) -> None:
    assert parse_instant(text) is None


@given(
    st.text()
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
)
def test_s1_any_text_is_an_instant_or_nothing(text: str) -> None:
    read = parse_instant(text)
    assert read is None or isinstance(read, int)


@given(st.datetimes(timezones=st.sampled_from([REFERENCE_ZONES[name] for name in ZONES])))
def test_s1_an_instant_counts_the_microseconds_since_1970(moment: dt.datetime) -> None:
    assert instant(moment) == (moment - dt.datetime(1970, 1, 1, tzinfo=UTC)) // dt.timedelta(microseconds=1)


def test_s1_a_time_without_a_zone_has_no_instant() -> None:
    with pytest.raises(ValueError, match="no zone"):
        instant(dt.datetime(2026, 3, 2))


def test_p5_calendars_are_read_only_when_a_business_day_is_asked_for() -> None:
    script = (
        "import sys; from afterword.days import Days; from afterword.duration import parse_duration; "
        "Days().add(0, parse_duration('2 business days')); "
        "Days(holidays=('AU-WA', '2026-12-24')).add(0, parse_duration('2 days')); "
        "assert 'holidays' not in sys.modules and 'zoneinfo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
