"""Mapping files: what a recruiter can write, what is wrong with it, and what becomes of a row."""

import datetime as dt
import re
import textwrap
import zoneinfo
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword import resources
from afterword.events import BadEvent, Event
from afterword.problem import Problem
from afterword.rim.foreign_time import TimeFormatError, check_format, date_reader, time_reader
from afterword.rim.logs import Log
from afterword.rim.mapping import LogMapping
from afterword.rim.mapping_files import read_mapping
from afterword.rim.rows import ColumnError, Ignored, RowReader

EXAMPLES = Path(__file__).parent.parent / "examples"
HEAD = "mapping: afterword/1\n"
PERTH = dt.timezone(dt.timedelta(hours=8))


def mapping(text: str) -> LogMapping:
    found, problems = read_mapping(HEAD + textwrap.dedent(text), "m.yaml")
    assert found is not None, [str(problem) for problem in problems]
    assert problems == []
    return found


def problems(text: str) -> list[Problem]:
    found, complaints = read_mapping(HEAD + textwrap.dedent(text), "m.yaml")
    assert found is None
    return complaints


def problem(text: str) -> Problem:
    (found,) = problems(text)
    return found


def row(text: str, **cells: str) -> Event | BadEvent | Ignored:
    """What becomes of one row of a table with these cells."""
    return RowReader(mapping(text), list(cells))(list(cells.values()))


def entry(text: str, value: dict[str, Any]) -> Event | BadEvent | Ignored:
    """What becomes of one JSON object."""
    return RowReader(mapping(text))(value)


def event(found: Event | BadEvent | Ignored) -> Event:
    assert isinstance(found, Event), found
    return found


def data(fields: str, value: dict[str, Any]) -> object:
    """The data of an event that is made with these fields."""
    text = "type: {constant: a}\ntime: t\ntimezone: Australia/Perth\nfields:\n" + textwrap.indent(
        textwrap.dedent(fields), "  "
    )
    found = entry(text, {"t": "2026-03-02T15:00:00Z"} | value)
    return found.data if isinstance(found, Event) else found


# --- S2: type, time and attributes


def test_s2_a_column_is_named_and_its_values_renamed() -> None:
    text = """
        type: {from: What, values: {Interview over: interview.ended}}
        time: When
        id: No
        case: Job
        subject: Who
        source: {constant: sheet}
        fields: {company: Firm}
    """
    cells = {
        "What": "Interview over",
        "When": "2026-03-02T15:00:00+08:00",
        "No": "7",
        "Job": "acme",
        "Who": "ana",
        "Firm": "Acme",
    }
    assert row(text, **cells) == Event(
        type="interview.ended",
        time=dt.datetime(2026, 3, 2, 15, tzinfo=PERTH),
        id="7",
        case="acme",
        subject="ana",
        source="sheet",
        data={"company": "Acme"},
    )


def test_s2_a_json_object_is_read_by_paths() -> None:
    text = """
        type: body.kind
        time: body.at
        case: {from: [odd.key, deep]}
        fields: {company: body.firm.name, none: body.kind.deeper}
    """
    found = entry(
        text,
        {
            "body": {"kind": "a", "at": "2026-03-02T15:00:00Z", "firm": {"name": "Acme"}},
            "odd.key": {"deep": 7},
        },
    )
    assert event(found).data == {"company": "Acme"}
    assert event(found).case == "7"


def test_s2_a_value_may_bring_fields_of_its_own() -> None:
    text = """
        type:
          from: What
          values:
            Phone call: {type: interview.ended, data: {medium: phone, tags: [a, 2]}, fields: {company: Firm}}
        time: When
    """
    found = event(row(text, What="Phone call", When="2026-03-02T15:00:00Z", Firm="Acme"))
    assert found.type == "interview.ended"
    assert found.data == {"medium": "phone", "tags": ["a", 2], "company": "Acme"}


def test_s2_a_foreign_type_that_is_not_in_the_mapping_stays_as_it_is() -> None:
    found = row("type: {from: What, values: {A: a}}\ntime: When", What="Lunch", When="2026-03-02T15:00:00Z")
    assert event(found).type == "Lunch"


def test_s2_a_foreign_type_is_left_out_only_when_the_mapping_says_so() -> None:
    text = "type: What\ntime: When\nignore: [Lunch, 17]"
    assert row(text, What="Lunch", When="") == Ignored("Lunch")
    assert entry(text, {"What": 17}) == Ignored("17")


def test_s2_a_template_puts_columns_together() -> None:
    text = """
        type: {constant: a}
        time: {template: "{Day} {Clock}", format: "%d.%m.%Y %H:%M"}
        timezone: UTC
        id: {template: "{{{Day}/{No}}}"}
    """
    found = event(row(text, Day="02.03.2026", Clock="15:00", No="7"))
    assert (found.id, found.time) == ("{02.03.2026/7}", dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC))
    assert event(row(text, Day="02.03.2026", Clock="15:00", No="")).id is None


def test_s2_attributes_are_renamed_and_an_empty_cell_is_none() -> None:
    text = """
        type: {constant: a}
        time: When
        case: {from: Job, values: {J1: acme}}
        sequence: {from: Step}
    """
    cells = {"When": "2026-03-02T15:00:00Z", "Job": "J1", "Step": "12"}
    assert event(row(text, **cells)).case == "acme"
    assert event(row(text, **cells)).sequence == 12
    assert event(row(text, **cells | {"Job": "J2"})).case == "J2"
    empty = event(row(text, **cells | {"Job": "", "Step": ""}))
    assert (empty.case, empty.sequence, empty.subject) == (None, None, "me")


# --- S2: times and zones


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("iso", "2026-03-02T15:00:00+08:00", "2026-03-02T15:00:00+08:00"),
        ("iso", "2026-03-02 15:00", "2026-03-02T15:00:00+08:00"),
        ("iso", "2026-03-02T15:00:30.25", "2026-03-02T15:00:30.250000+08:00"),
        ("iso", "2026-03-02T15:00:30,1234567Z", "2026-03-02T15:00:30.123456+00:00"),
        ("iso", "2026-03-02 15:00:00 +0530", "2026-03-02T15:00:00+05:30"),
        ("iso", "2026-03-02", "2026-03-02T00:00:00+08:00"),
        ("%d/%m/%Y %H:%M", "02/03/2026 15:00", "2026-03-02T15:00:00+08:00"),
        ("%d/%m/%Y %H:%M", "2/3/2026   9:05", "2026-03-02T09:05:00+08:00"),
        ("%m/%d/%y %I:%M %p", "3/2/26 3:00 pm", "2026-03-02T15:00:00+08:00"),
        ("%m/%d/%y %I:%M%p", "3/2/69 12:00AM", "1969-03-02T00:00:00+08:00"),
        ("%a %d %b %Y", "Mon 2 Mar 2026", "2026-03-02T00:00:00+08:00"),
        ("%A, %B %d, %Y", "monday, MARCH 2, 2026", "2026-03-02T00:00:00+08:00"),
        ("%Y%m%dT%H%M%S%z", "20260302T150000-0330", "2026-03-02T15:00:00-03:30"),
        ("%d.%m.%Y %H:%M:%S.%f", "02.03.2026 15:00:01.5", "2026-03-02T15:00:01.500000+08:00"),
        ("100%% %d-%m-%Y", "100% 02-03-2026", "2026-03-02T00:00:00+08:00"),
        ("epoch_seconds", "1772434800", "2026-03-02T07:00:00+00:00"),
        ("epoch_seconds", "1772434800.25", "2026-03-02T07:00:00.250000+00:00"),
        ("epoch_seconds", "-1.5", "1969-12-31T23:59:58.500000+00:00"),
        ("epoch_milliseconds", "1772434800123", "2026-03-02T07:00:00.123000+00:00"),
    ],
)
def test_s2_a_time_is_read_as_it_is_written(pattern: str, text: str, expected: str) -> None:
    check_format(pattern)
    found = time_reader(pattern)(text, "Australia/Perth")
    assert isinstance(found, dt.datetime)
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    ("pattern", "text", "reason"),
    [
        ("iso", "02/03/2026", "is not written like `2026-03-02 15:00`"),
        ("iso", "2026-W10-1", "is not written like"),
        ("iso", "2026-02-30 10:00", "There is no such time"),
        ("iso", "2026-03-02 25:00", "There is no such time"),
        ("iso", "2026-03-02T10:00:00+08:60", "is not written like"),
        ("iso", "9999-03-02T10:00:00Z", "out of range"),
        ("%d/%m/%Y", "31/02/2026", "There is no such time"),
        ("%d/%m/%Y", "2026-03-02", "is not written like `%d/%m/%Y`"),
        ("%d/%m/%Y %I:%M %p", "02/03/2026 13:00 pm", "There is no such time"),
        ("%d/%m/%Y", "٠٢/٠٣/٢٠٢٦", "is not written like"),
        ("epoch_seconds", "yesterday", "is not a count"),
        ("epoch_seconds", "1772434800000", "no time that can be used"),
        ("epoch_seconds", "999999999999999", "no time that can be used"),
        ("iso", "2" * 100_000, "is not written like"),
    ],
)
def test_s2_a_time_that_is_not_written_so_is_told(pattern: str, text: str, reason: str) -> None:
    found = time_reader(pattern)(text, "UTC")
    assert isinstance(found, BadEvent)
    assert reason in found.reason
    assert len(found.reason) < 150


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("11.01.2026 09:00", ["%d.%m.%Y %H:%M"]),
        ("1.2.26", ["%d.%m.%y"]),
        ("13/02/2026 9:00:01", ["%d/%m/%Y %H:%M:%S"]),
        ("02/13/2026 9:00 PM", ["%m/%d/%Y %I:%M %p"]),
        ("01/02/2026", ["%d/%m/%Y", "%m/%d/%Y"]),
        ("1-2-2026, 9:00am", ["%d-%m-%Y, %I:%M%p", "%m-%d-%Y, %I:%M%p"]),
        ("2026/03/02 15:00", ["%Y/%m/%d %H:%M"]),
    ],
)
def test_s2_the_format_of_a_time_is_read_off_it_as_far_as_it_is_sure(text: str, formats: list[str]) -> None:
    found = time_reader("iso")(text, "UTC")
    assert isinstance(found, BadEvent)
    assert re.findall('`format: "([^"]+)"`', found.hint) == formats
    for each in formats:
        check_format(each)
        assert isinstance(time_reader(each)(text, "UTC"), dt.datetime)


def test_s2_a_local_time_without_a_zone_is_told_how_to_name_it() -> None:
    found = row("type: {constant: a}\ntime: When", When="2026-03-02 15:00")
    assert isinstance(found, BadEvent)
    assert found.reason == "Column `When`: `2026-03-02 15:00` does not say how far from UTC its clock is."
    assert "timezone: Australia/Perth" in found.hint


def test_p1_time_zones_are_those_of_the_package_and_not_of_the_machine(tmp_path: Path) -> None:
    """On a machine that takes Eucla, which is 8 hours and 45 minutes before UTC, for a place in Greenwich."""
    (tmp_path / "Australia").mkdir()
    greenwich = (files("tzdata") / "zoneinfo" / "UTC").read_bytes()
    (tmp_path / "Australia" / "Eucla").write_bytes(greenwich)
    known = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([tmp_path])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        assert zoneinfo.ZoneInfo("Australia/Eucla").utcoffset(dt.datetime(2026, 3, 2)) == dt.timedelta()
        mapped = "type: {constant: a}\ntime: When\ntimezone: Australia/Eucla"
        found = event(row(mapped, When="2026-03-02 15:00"))
    finally:
        zoneinfo.reset_tzpath(known)
        zoneinfo.ZoneInfo.clear_cache()
    assert found.time.isoformat() == "2026-03-02T15:00:00+08:45"


def test_s2_the_zone_of_the_mapping_reads_the_clock_and_counts_the_days() -> None:
    found = event(row("type: {constant: a}\ntime: When\ntimezone: Australia/Perth", When="2026-03-02 15:00"))
    assert (found.time, found.timezone) == (dt.datetime(2026, 3, 2, 15, tzinfo=PERTH), "Australia/Perth")


def test_s2_each_row_may_name_its_own_zone() -> None:
    text = "type: {constant: a}\ntime: When\ntimezone: {from: Office, values: {Perth: Australia/Perth}}"
    assert event(row(text, When="2026-03-02 15:00", Office="Perth")).timezone == "Australia/Perth"
    assert event(row(text, When="2026-03-02 15:00", Office="UTC")).time.utcoffset() == dt.timedelta()
    nowhere = row(text, When="2026-03-02 15:00", Office="Atlantis")
    assert isinstance(nowhere, BadEvent) and "Column `Office`" in nowhere.reason
    assert event(row(text, When="2026-03-02T15:00Z", Office="")).timezone is None


def test_s2_a_clock_that_shows_a_time_twice_means_the_first_and_one_that_skips_it_means_the_later() -> None:
    read = time_reader()
    twice, skipped = read("2026-10-25 02:30", "Europe/Berlin"), read("2026-03-29 02:30", "Europe/Berlin")
    assert isinstance(twice, dt.datetime) and isinstance(skipped, dt.datetime)
    assert twice.astimezone(dt.UTC) == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    assert skipped.astimezone(dt.UTC) == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)  # 03:30 on the wall


@given(st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9000, 1, 1)))
def test_s2_what_python_writes_with_a_format_is_read_back(moment: dt.datetime) -> None:
    moment = moment.replace(tzinfo=PERTH)
    pattern = "%d %B %Y, %I:%M:%S.%f %p %z"
    assert time_reader(pattern)(moment.strftime(pattern), None) == moment
    assert time_reader()(moment.isoformat(), None) == moment
    day = date_reader("%A %d/%m/%Y")(moment.strftime("%A %d/%m/%Y"))
    assert day == moment.date()


@pytest.mark.parametrize(
    ("pattern", "clock", "reason"),
    [
        ("%d/%m", True, "needs a year, a month and a day"),
        ("%H:%M", True, "needs a year, a month and a day"),
        ("%Q", True, "`%Q` means nothing"),
        ("%d/%m/%Y %", True, "`%` means nothing"),
        ("%d/%d/%Y", True, "`%d` stands twice"),
        ("%d/%m/%Y %I:%M", True, "needs `%p`"),
        ("epoch_seconds", False, "needs a year"),
        ("DD/MM/YYYY", True, "needs a year"),
    ],
)
def test_s2_a_format_that_cannot_be_read_is_told(pattern: str, clock: bool, reason: str) -> None:
    with pytest.raises(TimeFormatError, match=reason):
        check_format(pattern, clock)


# --- S2: fields


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("x: f", "text", "text"),
        ("x: f", 7, 7),
        ("x: f", [1, 2], [1, 2]),
        ("x: f", {"a": 1}, {"a": 1}),
        ("x: f", False, False),
        ("x: {from: f, values: {ja: true, nein: false}}", "ja", True),
        ("x: {from: f, values: {ja: true}}", "vielleicht", "vielleicht"),
        ("x: {from: f, values: {1: one, true: yes}}", 1, "one"),
        ("x: {from: f, values: {1: one, true: sure}}", True, "sure"),
        ("x: {from: f, type: string}", 7, "7"),
        ("x: {from: f, type: integer}", "-12", -12),
        ("x: {from: f, type: integer}", 3.0, 3),
        ("x: {from: f, type: number}", "1.50", 1.5),
        ("x: {from: f, type: number}", "12", 12),
        ("x: {from: f, type: number, decimal: comma}", "1,50", 1.5),
        ("x: {from: f, type: number, decimal: comma}", "-1.234.567,5", -1234567.5),
        ("x: {from: f, type: number, decimal: comma}", "1\u202f234", 1234),
        ("x: {from: f, type: number, decimal: comma}", "1234", 1234),
        ("x: {from: f, type: number, decimal: comma}", 2.5, 2.5),
        ("x: {from: f, type: number, decimal: point}", "2.5", 2.5),
        ("x: {from: f, type: integer, decimal: comma}", "12.345", 12345),
        ("x: {from: f, type: number, decimal: comma, split: ;}", "1,5; 2", [1.5, 2]),
        ("x: {from: f, type: boolean}", "Yes", True),
        ("x: {from: f, type: boolean}", 0, False),
        ("x: {from: f, type: date}", "2026-03-02", "2026-03-02"),
        ("x: {from: f, type: date}", "2026-03-02 15:00", "2026-03-02"),
        ('x: {from: f, type: date, format: "%d/%m/%Y"}', "02/03/2026", "2026-03-02"),
        ("x: {from: f, type: datetime}", "2026-03-02 15:00", "2026-03-02T15:00:00+08:00"),
        ("x: {from: f, type: datetime, format: epoch_seconds}", 1772434800, "2026-03-02T07:00:00+00:00"),
        ("x: {from: f, split: ;}", "Ruth; Sam;;", ["Ruth", "Sam"]),
        ("x: {from: f, split: ;}", "Ruth", ["Ruth"]),
        ("x: {from: f, split: ;}", "a;" * 999 + "a", ["a"] * 1_000),
        ("x: {template: '{f}{f}'}", "a" * 25_000, "a" * 50_000),
        ('x: {from: f, split: ",", type: integer}', "1, 2", [1, 2]),
        ("x: {from: f, values: {R: Ruth}}", ["R", "Sam"], ["Ruth", "Sam"]),
        ("x: {template: '{f}!'}", "Hi", "Hi!"),
        ("x: {constant: [a, 1]}", None, ["a", 1]),
    ],
)
def test_s2_a_field_becomes_what_the_mapping_asks_for(field: str, value: object, expected: object) -> None:
    found = data(field, {"f": value})
    assert found == {"x": expected}
    assert isinstance(found, dict) and type(found["x"]) is type(expected)


@pytest.mark.parametrize("value", [None, ""])
def test_s2_an_empty_value_gives_no_field(value: object) -> None:
    assert data("x: f\ny: {from: f, type: date}\nz: {from: f, split: ;}\nw: missing", {"f": value}) == {}
    assert data("z: {from: f, split: ;}", {"f": " ; "}) == {}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("x: {from: f, type: integer}", "1.5", "`f`: `1.5` is not a whole number."),
        ("x: {from: f, type: integer}", True, "`f`: `true` is not a whole number."),
        ("x: {from: f, type: integer}", "9" * 30, "is not a whole number."),
        ("x: {from: f, type: number}", "1,5", "`f`: `1,5` is not a number."),
        ("x: {from: f, type: number, decimal: comma}", "2.5", "`2.5` is not a number with a decimal comma."),
        ("x: {from: f, type: number, decimal: comma}", "0.500", "is not a number with a decimal comma."),
        ("x: {from: f, type: number, decimal: comma}", "1.234 567", "is not a number with a decimal comma."),
        ("x: {from: f, type: number, decimal: comma}", "1,234,567", "is not a number with a decimal comma."),
        ("x: {from: f, type: integer, decimal: comma}", "1,5", "`f`: `1,5` is not a whole number."),
        ("x: {from: f, type: boolean}", "maybe", "`f`: `maybe` is not a clear yes or no."),
        ("x: {from: f, type: date}", "soon", "`f`: `soon` is not written like"),
        ("x: {from: f, type: date}", "2026-02-30", "`f`: There is no day `2026-02-30`."),
        ("x: {from: f, type: datetime}", "2026-03-02 26:00", "`f`: There is no such time"),
        ("x: {from: f, type: string}", {"a": 1}, "`f`: This is an object where a single value belongs."),
        ("x: {template: '{f}!'}", [1], "`f`: This is a list where a single value belongs."),
        (
            "x: {template: '{f}{f}'}",
            "a" * 25_001,
            "`{f}{f}`: The text would have more than 50,000 characters.",
        ),
        ("x: {from: f, split: ;}", ";" * 1_000, "`f`: It has more than 1,000 parts."),
    ],
)
def test_p3_a_value_that_cannot_be_made_so_is_told_with_its_column(
    field: str, value: object, reason: str
) -> None:
    found = data(field, {"f": value})
    assert isinstance(found, BadEvent)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("38,0", "add `decimal: comma` to the field"),
        ("1,234", "otherwise remove it"),
        ("-1.234,5", "add `decimal: comma` to the field"),
        ("1,234.5", "write nothing between thousands"),
    ],
)
def test_p3_a_comma_in_a_number_is_told_as_that(value: str, hint: str) -> None:
    found = data("x: {from: f, type: number}", {"f": value})
    assert isinstance(found, BadEvent)
    assert hint in found.hint


@pytest.mark.parametrize("cells", [{"What": "", "When": "2026-03-02T15:00:00Z"}, {"What": "A", "When": ""}])
def test_p3_a_row_without_type_or_time_is_told(cells: dict[str, str]) -> None:
    assert isinstance(row("type: What\ntime: When", **cells), BadEvent)


def test_p2_what_the_mapping_reads_and_never_finds_is_told() -> None:
    reader = RowReader(
        mapping("""
        type: {from: What, values: {A: {type: a, fields: {deep: data.deeep}}, B: b, C: {type: c, fields: {e: f}}}}
        time: When
        case: csae
        fields: {x: data.x, y: data.yy}
    """)
    )
    for kind in ("A", "B"):
        assert isinstance(reader({"What": kind, "When": "2026-03-02T15:00:00Z", "data": {"x": 1}}), Event)
    assert reader.never_seen == ["A: deep", "case", "y"]


def test_p3_a_column_that_the_table_lacks_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ColumnError, match="no column `Wen`") as error:
        RowReader(mapping("type: What\ntime: Wen"), ["What", "When"])
    assert error.value.hint == "did you mean `When`?"
    with pytest.raises(ColumnError, match="2 columns that are called `When`"):
        RowReader(mapping("type: What\ntime: When"), ["What", "When", "When"])


# --- P3: what is wrong with a mapping file


@pytest.mark.parametrize(
    ("text", "place", "code", "said"),
    [
        ("type: a\ntime: t\ncsae: c", (4, 1), "unknown-key", "did you mean `case`?"),
        ("type: a", (1, 1), "missing-key", "`time` is missing"),
        ("type: a\ntime: t\nformat: xml", (4, 9), "not-allowed", "`format` cannot be `xml`"),
        ("type: a\ntime: t\ntimezone: Perth", (4, 11), "unknown-zone", "no time zone `Perth`"),
        ("type: a\ntime: t\ntimezone: {from: z, values: {P: Perth}}", (4, 33), "unknown-zone", "`Perth`"),
        ("type: a\ntime: {format: iso}", (3, 7), "missing-key", "add `from: column`"),
        (
            "type: a\ntime: {from: t, template: '{t}'}",
            (3, 17),
            "not-allowed",
            "`template` may not stand beside `from`",
        ),
        ("type: a\ntime: {from: t, format: '%Q'}", (3, 25), "bad-time-format", "`%Q` means nothing"),
        ("type: a\ntime: {template: 'x {t'}", (3, 21), "bad-template", "This `{` has no partner"),
        ("type: a\ntime: {template: 'x'}", (3, 18), "bad-template", "names no column"),
        ("type: a\ntime: t\nfields: {x: {from: f, format: iso}}", (4, 23), "not-allowed", "add `type: date`"),
        (
            "type: a\ntime: t\nfields: {x: {from: f, decimal: comma}}",
            (4, 23),
            "not-allowed",
            "add `type: number`",
        ),
        (
            "type: a\ntime: t\nfields: {x: {from: f, type: date, decimal: comma}}",
            (4, 35),
            "not-allowed",
            "remove it",
        ),
        (
            "type: a\ntime: t\nfields: {x: {constant: 1, decimal: comma}}",
            (4, 27),
            "not-allowed",
            "A constant is",
        ),
        (
            "type: a\ntime: t\nfields: {x: {constant: 1, format: iso}}",
            (4, 27),
            "not-allowed",
            "A constant is",
        ),
        (
            "type: a\ntime: t\nfields: {x: {from: f, type: day}}",
            (4, 29),
            "not-allowed",
            "`type` cannot be `day`",
        ),
        (
            "type: a\ntime: t\nid: {constant: a, values: {b: c}}",
            (4, 19),
            "not-allowed",
            "`values` does nothing here",
        ),
        (
            "type: {from: a, values: {L: lunch}}\ntime: t\nignore: [L]",
            (4, 10),
            "not-allowed",
            "both mapped and ignored",
        ),
        ("type: a\ntime: t\nid: 7", (4, 5), "wrong-type", "must be text or a mapping"),
        ("type: a\ntime: t\ncsv: {columns: [a, tt]}", (3, 7), "unknown-column", "did you mean `tt`?"),
        ("type: a\ntime: t\ntime: u", (4, 1), "duplicate-key", "stands twice"),
        ("type: {from: a, values: {B: {typ: b}}}\ntime: t", (2, 30), "unknown-key", "`type`"),
    ],
)
def test_p3_a_mistake_in_a_mapping_is_found_at_the_word_itself(
    text: str, place: tuple[int, int], code: str, said: str
) -> None:
    found = problem(text)
    assert (found.line, found.column, found.code) == (*place, code)
    assert said in f"{found.message} {found.hint}"


def test_p3_all_mistakes_are_told_at_once_and_each_once() -> None:
    found = problems("""
        type: {from: a, values: {B: {type: b, fields: {x: {template: "}"}}}}}
        time: {format: "%d"}
        timezone: Nowhere
        fileds: {x: a}
    """)
    assert [(one.line, one.code) for one in found] == [
        (3, "bad-template"),
        (4, "missing-key"),
        (4, "bad-time-format"),
        (5, "unknown-zone"),
        (6, "unknown-key"),
    ]


def test_p3_a_mapping_of_another_version_is_refused() -> None:
    found, complaints = read_mapping("mapping: afterword/2\ntype: a\ntime: t", "m.yaml")
    assert found is None and complaints[0].code == "not-allowed"


@pytest.mark.parametrize("text", [b"", b"- a", b"\xff\xfe\x00", b"{", b"a: &a [*a]", b"mapping: [" * 5000])
def test_p4_no_text_makes_reading_a_mapping_fail(text: bytes) -> None:
    found, complaints = read_mapping(text, "m.yaml")
    assert found is None and complaints


@given(st.text(alphabet="%dmYHMSfIpzbBaAy{}: /\\", max_size=40))
def test_p4_any_format_is_answered(pattern: str) -> None:
    try:
        check_format(pattern)
    except TimeFormatError:
        return
    assert time_reader(pattern)("x" * 80, None)
    assert time_reader(pattern)(" " * 40 + "1" * 40, None)


# --- examples and editor help


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.mapping.yaml")), ids=lambda path: path.name)
def test_s2_the_mappings_of_the_examples_have_no_problem(path: Path) -> None:
    found, complaints = read_mapping(path.read_bytes(), path.name)
    assert found is not None and complaints == []


def test_s2_the_table_of_the_example_gives_the_events_of_the_example() -> None:
    found, _ = read_mapping((EXAMPLES / "two-weeks.mapping.yaml").read_bytes(), "two-weeks.mapping.yaml")
    with (
        Log(str(EXAMPLES / "two-weeks.csv"), found) as table,
        Log(str(EXAMPLES / "two-weeks.jsonl")) as native,
    ):
        assert [one for _, one in table] == [one for _, one in native]
        assert table.tally.events == 44
        assert table.tally.bad == 0
        assert table.tally.unread_columns == table.tally.never_seen == []
        assert table.is_sorted() and native.is_sorted()


def described(schema: Any, path: str) -> list[str]:
    """Every property below this schema that an editor could not explain."""
    missing = []
    for name, value in schema.get("properties", {}).items():
        if "$ref" in value and {"title", "description"} <= value.keys():
            continue
        target = (
            value
            if "$ref" not in value
            else resources.schema("mapping")["$defs"][value["$ref"].split("/")[-1]]
        )
        if not {"title", "description"} <= target.keys():
            missing.append(f"{path}.{name}")
        missing += described(value, f"{path}.{name}")
    for name, value in schema.get("$defs", {}).items():
        missing += described(value, name)
    return missing


def test_s2_an_editor_can_explain_every_key_of_a_mapping() -> None:
    assert described(resources.schema("mapping"), "mapping") == []
