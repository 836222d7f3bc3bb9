"""Messages: a closed set of slots and filters, and nothing else (S31)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.days import Days, parse_instant
from afterword.duration import Duration
from afterword.message import (
    FILTERS,
    LONGEST_TEMPLATE,
    LONGEST_VALUE,
    Instant,
    Slot,
    Template,
    Unknown,
    parse,
    render,
)

PERTH = Days("Australia/Perth")


def at(text: str, exclusive: bool = False) -> Instant:
    us = parse_instant(text)
    assert us is not None
    return Instant(us, exclusive)


def said(template: str, **values: object) -> str:
    return render(template_of(template), values.__getitem__, PERTH)


def template_of(text: str) -> Template:
    parsed = parse(text)
    assert not parsed.faults
    return parsed.template


def test_s31_a_message_is_text_and_slots() -> None:
    template = template_of("Thank {case.company} by {due.until:date}.")
    assert template == Template(("Thank ", Slot("case.company"), " by ", Slot("due.until", "date"), "."))


def test_s31_doubled_braces_are_braces() -> None:
    assert template_of("{{a}}") == Template(("{a}",))
    assert template_of("{{{a}}}") == Template(("{", Slot("a"), "}"))
    assert template_of("") == Template(())


@pytest.mark.parametrize(
    ("text", "offset", "why"),
    [
        ("{", 0, "not closed"),
        ("ab {c", 3, "not closed"),
        ("{a{b}}", 0, "not closed"),
        ("ab }", 3, "closes nothing"),
        ("ab {} c", 3, "name nothing"),
        ("{ a}", 1, "is no name"),
        ("{a b}", 1, "is no name"),
        ("{a.}", 1, "is no name"),
        ("{.a}", 1, "is no name"),
        ("{a!r}", 1, "is no name"),
        ("{a[0]}", 1, "is no name"),
        ("{a + b}", 1, "is no name"),
        ("{a:dat}", 3, "`dat` is no filter; the filters are date, time"),
        ("{a:}", 3, "is no filter"),
        ("{a:date:upper}", 3, "is no filter"),
        ("{a:>100}", 3, "is no filter"),
        ("x" * (LONGEST_TEMPLATE + 1), 0, "shorten"),
    ],
)
def test_s31_anything_else_in_braces_is_an_error_at_its_place(text: str, offset: int, why: str) -> None:
    (fault,) = parse(text).faults
    assert why in fault.reason
    assert fault.offset == offset


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("{a:dat} {b c} {}", [3, 9, 14]),
        ("{ {a} {b:x}", [0, 9]),
        ("} {", [0, 2]),
        ("{a {b} c} d", [0]),
        ("{a {b} c} d} {e", [0, 11, 13]),
    ],
)
def test_s31_everything_wrong_in_a_message_is_found(text: str, offsets: list[int]) -> None:
    assert [fault.offset for fault in parse(text).faults] == offsets


def test_s31_a_name_with_a_filter_that_is_none_is_found_where_it_stands() -> None:
    parsed = parse("x {{ {a.b:dat} {c}")
    assert parsed.template == Template(("x { ", Slot("a.b"), " ", Slot("c")))
    assert parsed.offsets == (6, 16)


def test_s31_dates_and_times_are_english_and_local() -> None:
    moment = at("2026-03-03T06:30:00Z")
    assert said("{m}", m=moment) == "Tuesday 3 March 2026 14:30"
    assert said("{m:datetime}", m=moment) == "Tuesday 3 March 2026 14:30"
    assert said("{m:date}", m=moment) == "Tuesday 3 March 2026"
    assert said("{m:time}", m=moment) == "14:30"
    assert said("{m:weekday}", m=moment) == "Tuesday"


def test_s31_an_end_at_midnight_belongs_to_the_day_before() -> None:
    end = at("2026-03-04T00:00:00+08:00", exclusive=True)
    assert said("by {m:date}", m=end) == "by Tuesday 3 March 2026"
    assert said("{m:weekday}", m=end) == "Tuesday"
    assert said("until {m}", m=end) == "until the end of Tuesday 3 March 2026"
    assert said("{m:date} {m:time}", m=end) == "Tuesday 3 March 2026 24:00"


def test_s31_an_end_within_a_day_and_a_start_at_midnight_are_what_they_are() -> None:
    assert said("{m}", m=at("2026-03-04T17:00:00+08:00", exclusive=True)) == "Wednesday 4 March 2026 17:00"
    assert said("{m}", m=at("2026-03-04T00:00:00+08:00")) == "Wednesday 4 March 2026 00:00"


def test_s31_an_end_at_a_midnight_that_does_not_exist_belongs_to_the_day_before() -> None:
    havana = Days("America/Havana")
    end = Instant(havana.start_of(dt.date(2026, 3, 8)), exclusive=True)
    assert render(template_of("{m}"), {"m": end}.__getitem__, havana) == "the end of Saturday 7 March 2026"


def test_s31_a_date_is_printed_as_a_date() -> None:
    date = dt.date(2026, 3, 3)
    assert (
        said("{d}", d=date)
        == said("{d:date}", d=date)
        == said("{d:datetime}", d=date)
        == "Tuesday 3 March 2026"
    )
    assert said("{d:weekday}", d=date) == "Tuesday"


def test_s31_a_text_that_writes_a_time_is_printed_as_one_when_a_filter_asks() -> None:
    assert said("{d}", d="2026-03-03") == "2026-03-03"
    assert said("{d:date}", d="2026-03-03") == "Tuesday 3 March 2026"
    assert said("{d:time}", d="2026-03-03T06:30:00Z") == "14:30"
    assert said("{d:date}", d="2026-02-30") == "2026-02-30"
    assert said("{d:date}", d="soon") == "soon"


def test_s31_values_have_a_plain_form() -> None:
    assert said("{v}", v="Acme {x}") == "Acme {x}"
    assert said("{v}", v=12345) == "12345"
    assert said("{v}", v=1.0) == "1"
    assert said("{v}", v=0.1) == "0.1"
    assert said("{v}", v=1e-7) == "0.0000001"
    assert said("{v}", v=1e21) == "1000000000000000000000"
    assert said("{v} {w}", v=True, w=False) == "yes no"
    assert said("{v}", v=None) == "none"
    assert said("{v}", v=Duration(days=7)) == "7 days"
    assert said("{v}", v={"name": "Ana", "age": 30}) == "name: Ana and age: 30"


def test_s31_lists_read_as_a_sentence() -> None:
    assert said("{v}", v=[]) == "none"
    assert said("{v}", v=["a"]) == "a"
    assert said("{v}", v=["a", "b"]) == "a and b"
    assert said("{v:list}", v=("a", "b", "c")) == "a, b and c"
    assert said("{v:list}", v="a") == "a"
    assert (
        said("{v:date}", v=["2026-03-03", "2026-03-04"]) == "Tuesday 3 March 2026 and Wednesday 4 March 2026"
    )
    assert said("{v}", v=list(range(1000))).endswith("198, 199 and 800 more")


def test_s31_filters_change_the_look_and_nothing_else() -> None:
    assert said("{v:upper} {v:lower}", v="Straße") == "STRASSE straße"
    assert said("{v:upper}", v=["a", "b"]) == "A AND B"
    assert said("{v:number}", v=1234567.5) == "1,234,567.5"
    assert said("{v:number}", v=-1234) == "-1,234"
    assert said("{v:number}", v="many") == "many"
    assert said("{v:count}", v=["a", "b"]) == "2"
    assert said("{v:count}", v=[]) == "0"
    assert said("{v:count}", v="a") == "1"


@pytest.mark.parametrize("name", ["", *(f":{name}" for name in FILTERS)])
def test_s31_what_is_not_known_is_printed_as_its_declaration_says(name: str) -> None:
    assert said(f"Thank {{v{name}}}.", v=Unknown("the company")) == "Thank the company."
    if name != ":count":
        assert "the company" in said(f"{{v{name}}}", v=["Acme", Unknown("the company")]).lower()


def test_s31_a_long_value_is_cut_and_says_so() -> None:
    message = said("{v}{v}", v="x" * 1_000_000)
    assert len(message) == 2 * LONGEST_VALUE
    assert message.endswith("x…")


def test_s31_a_list_that_holds_itself_ends() -> None:
    endless: list[object] = ["a"]
    endless.append(endless)
    assert said("{v}", v=endless).endswith("…")


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**5000), 10**5000)
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(dt.UTC))
    | st.builds(Instant, st.integers(-(10**20), 10**20), st.booleans())
    | st.builds(Unknown, st.text())
    | st.builds(Duration, days=st.integers(0, 10))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)
zones = st.sampled_from(["UTC", "Australia/Perth", "America/Havana"])


@given(values, st.sampled_from([None, *FILTERS]), zones)
def test_s31_rendering_never_fails(value: object, name: str | None, zone: str) -> None:
    message = render(Template((Slot("v", name),)), lambda _: value, Days(zone))
    assert len(message) <= LONGEST_VALUE


@given(st.text() | st.text(alphabet="{}:.a date", max_size=30))
def test_s31_any_text_is_a_message_or_an_error_within_it(text: str) -> None:
    for fault in parse(text).faults:
        assert 0 <= fault.offset < len(text)
        assert fault.reason.endswith(".")


@given(st.text())
def test_s31_text_with_its_braces_doubled_is_printed_as_it_was(text: str) -> None:
    assert said(text.replace("{", "{{").replace("}", "}}")) == text


@given(st.lists(st.text(alphabet="ab.{}", max_size=5) | st.builds(Slot, st.sampled_from(["a", "b.c"]))))
def test_s31_slots_are_found_among_any_text(parts: list[str | Slot]) -> None:
    written = "".join(
        part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part.path}}}"
        for part in parts
    )
    rendered = "".join(part if isinstance(part, str) else f"<{part.path}>" for part in parts)
    assert render(template_of(written), lambda path: f"<{path}>", PERTH) == rendered
