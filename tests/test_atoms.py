"""What each test of a `where` means, and that the compiled tests mean the same."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afterword.atoms import predicate, roots
from afterword.calendar_tests import asks, cells
from afterword.conditions import All, AnyOf, FieldTest, Not, Ref
from afterword.dates import WEEKDAYS
from afterword.days import Days, parse_instant
from afterword.matches import matches
from afterword.meaning import Scene, holds, value
from afterword.values import MISSING

NOON = "2026-03-02T12:00:00+00:00"


def scene(data=None, *, time=NOON, case=None, subject=None, trigger=None, zone="UTC"):
    event = {"type": "message.sent", "time": parse_instant(time), "id": "e1"}
    return Scene(data or {}, event, case or {}, subject or {}, trigger or {}, Days(zone))


def ref(path, root="data"):
    return Ref(root, tuple(path.split(".")))


def passes(op, operand, *given, type=None, **about):
    """Whether the test holds for the value, or for a missing one: asked of both, which must agree."""
    test = FieldTest(ref("f"), op, operand, type)
    here = scene({"f": given[0]} if given else {}, **about)
    answer = holds(test, here)
    assert predicate(test)(here) is answer
    return answer


# -- S14: no coercion


@pytest.mark.parametrize(
    ("operand", "tested", "equal"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1.0, 1, True),
        (0.0, -0.0, True),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (True, True, True),
        (False, 0, False),
        (1, "1", False),
        ("1", 1, False),
        ("true", True, False),
        (None, None, True),
        (None, False, False),
        (None, 0, False),
        (None, "", False),
        ("", None, False),
        ("a", "a", True),
        ("a", "A", False),
        (2**53 + 1, float(2**53), False),
        (10**400, 1e300, False),
        (10**400, math.inf, False),
        (1, [1], False),
        ("a", ["a"], False),
        ("a", {"a": 1}, False),
    ],
)
def test_s14_values_are_equal_without_coercion(operand, tested, equal):
    assert passes("is", operand, tested) is equal
    assert passes("is_not", operand, tested) is not equal
    assert passes("in", (operand, "else"), tested) is equal
    assert passes("not_in", (operand, "else"), tested) is not equal
    assert passes("has", operand, [tested]) is equal


@pytest.mark.parametrize(
    ("op", "operand"),
    [
        ("is", None),
        ("is_not", 1),
        ("in", (1, None)),
        ("not_in", (1,)),
        ("gt", -1),
        ("gte", 0),
        ("lt", 1),
        ("lte", 0),
        ("between", (0, 1)),
        ("before", "2026-03-02"),
        ("after", "2026-03-02"),
        ("between", ("2026-03-02", "2026-03-03")),
        ("weekday", "mon"),
        ("business_day", True),
        ("business_day", False),
        ("time_of_day", ("00:00", "24:00")),
        ("exists", True),
        ("contains", ""),
        ("starts_with", ""),
        ("ends_with", ""),
        ("mentions", "a"),
        ("matches", ""),
        ("length", 0),
        ("length", FieldTest(None, "gte", 0)),
        ("words", FieldTest(None, "exists", False)),
        ("has", None),
        ("has_any", (None,)),
        ("has_all", ()),
        ("any", FieldTest(None, "exists", True)),
        ("every", FieldTest(None, "exists", True)),
        ("size", 0),
    ],
)
def test_s14_a_missing_field_fails_every_test_but_exists_false_and_those_under_not(op, operand):
    assert not passes(op, operand)
    assert holds(Not(FieldTest(ref("f"), op, operand)), scene())


def test_s14_exists_is_about_being_there_and_null_is_there():
    assert passes("exists", False)
    assert not passes("exists", False, None)
    assert passes("exists", True, None)
    assert passes("exists", True, 0)


def test_s14_nothing_is_found_inside_a_value_that_is_no_object():
    for outer in (None, 1, "text", [{"b": 1}], {"c": 1}):
        assert value(ref("a.b"), scene({"a": outer})) is MISSING
    assert value(ref("a.b"), scene({"a": {"b": None}})) is None
    assert value(ref("a.b"), scene({"a.b": 1})) is MISSING


@pytest.mark.parametrize("tested", [True, "5", None, [5], {"n": 5}, math.nan])
@pytest.mark.parametrize("op", ["gt", "gte", "lt", "lte"])
def test_s14_only_numbers_are_compared_with_numbers(op, tested):
    assert not passes(op, 5, tested)
    assert not passes(op, tested, 5)


# -- S13: the tests


def test_s13_numbers_are_compared_exactly_however_large():
    assert passes("gt", 1e308, 10**400)
    assert passes("lt", 10**400, 1e308)
    assert passes("gt", float(2**53), 2**53 + 1)
    assert passes("lte", math.inf, 10**400)
    assert passes("gte", 5, 5.0)
    assert not passes("gt", 5, 5.0)


def test_s13_between_includes_both_ends():
    assert [n for n in range(6) if passes("between", (2, 4), n)] == [2, 3, 4]
    assert passes("between", (2, 4), 2.5)
    assert not passes("between", (4, 2), 3)
    assert not passes("between", (0, 4), True)


def test_s13_several_parts_are_all_any_or_not():
    yes, no = FieldTest(ref("f"), "is", 1), FieldTest(ref("f"), "is", 2)
    here = scene({"f": 1})
    assert holds(All((yes, yes)), here)
    assert not holds(All((yes, no)), here)
    assert holds(All(()), here)
    assert holds(AnyOf((no, yes)), here)
    assert not holds(AnyOf(()), here)
    assert holds(Not(All((yes, Not(yes)))), here)


def test_s13_text_tests_see_the_case_and_take_one_or_many():
    assert passes("contains", "go", "forgotten")
    assert not passes("contains", "Go", "forgotten")
    assert passes("contains", ("x", "go"), "forgotten")
    assert passes("starts_with", ("x", "for"), "forgotten")
    assert not passes("starts_with", "ten", "forgotten")
    assert passes("ends_with", ("x", "ten"), "forgotten")
    assert not passes("contains", (), "forgotten")
    for op in ("contains", "starts_with", "ends_with", "mentions", "matches"):
        for tested in (5, None, True, ["go"], {"go": "go"}):
            assert not passes(op, "go", tested)


def test_s13_mentions_takes_whole_words_whatever_their_case():
    assert passes("mentions", "forgot to mention", "I Forgot\nto mention it")
    assert not passes("mentions", "interview", "interviewing")
    assert passes("mentions", ("x", "interviewing"), "INTERVIEWING!")


def test_s13_matches_searches_and_a_pattern_that_is_none_matches_nothing():
    assert passes("matches", "b+c", "abbbc")
    assert not passes("matches", "^b+c", "abbbc")
    assert not passes("matches", "(", "(")
    assert not passes("matches", 5, "5")


def test_s13_length_counts_code_points_and_words_counts_words():
    assert passes("length", 4, "é🙂ab")
    assert passes("length", FieldTest(None, "gt", 3), "é🙂ab")
    assert not passes("length", FieldTest(None, "gt", 3), "abc")
    assert passes("words", FieldTest(None, "between", (2, 3)), "two words")
    assert passes("words", All((FieldTest(None, "gte", 2), Not(FieldTest(None, "is", 3)))), "two words")
    assert not passes("length", FieldTest(None, "gte", 0), ["a"])
    assert not passes("words", FieldTest(None, "gte", 0), 5)


def test_s13_arrays_have_items_and_a_size():
    tags = ["a", 1, True, None]
    assert passes("has", "a", tags)
    assert passes("has", None, tags)
    assert not passes("has", 1, [True, "1"])
    assert passes("has_any", ("x", 1.0), tags)
    assert not passes("has_any", ("x", 0), tags)
    assert passes("has_all", ("a", True), tags)
    assert not passes("has_all", ("a", False), tags)
    assert passes("size", 4, tags)
    assert passes("size", FieldTest(None, "lt", 5), tags)
    for tested in ("a", {"a": 1}, 1, None):
        assert not passes("has", "a", tested)
        assert not passes("has_all", (), tested)
        assert not passes("size", FieldTest(None, "gte", 0), tested)


def test_s13_any_and_every_test_the_items():
    big = FieldTest(None, "gt", 3)
    assert passes("any", big, [1, 5])
    assert not passes("every", big, [1, 5])
    assert passes("every", big, [4, 5])
    assert not passes("any", big, [])
    assert passes("every", big, [])
    assert not passes("every", big, {"a": 4})
    assert not passes("any", big, "45")


def agreed(test, here):
    answer = holds(test, here)
    assert predicate(test)(here) is answer
    return answer


def test_s13_paths_inside_any_lead_into_an_item_that_is_an_object():
    of_acme = FieldTest(ref("people"), "any", FieldTest(ref("company"), "is", ref("company", "case")))
    case = {"company": "Acme"}
    assert agreed(of_acme, scene({"people": [{"name": "Jo"}, {"company": "Acme"}]}, case=case))
    assert not agreed(of_acme, scene({"people": [{"name": "Jo"}], "company": "Acme"}, case=case))
    assert not agreed(
        of_acme, scene({"people": [None, "company", 1, ["company"]], "company": "Acme"}, case=case)
    )
    of_case = FieldTest(ref("people"), "every", FieldTest(ref("company", "case"), "is", "Acme"))
    assert agreed(of_case, scene({"people": [1]}, case=case))


def test_s15_an_operand_is_read_where_its_test_stands():
    outgrown = FieldTest(ref("offers"), "any", FieldTest(ref("asked"), "gt", ref("offered")))
    assert agreed(outgrown, scene({"offers": [{"asked": 5, "offered": 4}], "offered": 9}))
    assert not agreed(outgrown, scene({"offers": [{"asked": 5}], "offered": 4}))
    named = FieldTest(ref("names"), "any", FieldTest(None, "is", ref("chief")))
    assert agreed(named, scene({"names": ["Ana", "Bo"], "chief": "Bo"}))
    in_teams = FieldTest(ref("teams"), "any", named)
    assert agreed(in_teams, scene({"teams": [{"names": ["Bo"], "chief": "Bo"}]}))
    assert not agreed(in_teams, scene({"teams": [{"names": ["Bo"]}], "chief": "Bo"}))
    longer = FieldTest(
        ref("texts"), "any", FieldTest(ref("text"), "length", FieldTest(None, "gt", ref("most")))
    )
    assert agreed(longer, scene({"texts": [{"text": "abc", "most": 2}], "most": 9}))


# -- S13: moments


def test_s13_a_date_is_before_and_after_other_dates():
    assert passes("before", "2026-03-02", "2026-03-01", type="date")
    assert not passes("before", "2026-03-02", "2026-03-02", type="date")
    assert not passes("after", "2026-03-02", "2026-03-02", type="date")
    assert passes("after", "2026-03-02", "2026-03-03", type="date")
    assert passes("after", "9999-12-30", "9999-12-31", type="date")
    assert passes("before", "0001-01-02", "0001-01-01", type="date")


def test_s13_a_date_is_a_whole_local_day_to_an_instant():
    evening_in_perth = "2026-03-02T15:30:00Z"  # 23:30 there; half an hour later it is the 3rd
    night_in_perth = "2026-03-02T16:00:00Z"
    about = {"type": "datetime", "zone": "Australia/Perth"}
    assert not passes("after", "2026-03-02", evening_in_perth, **about)
    assert passes("after", "2026-03-02", night_in_perth, **about)
    assert passes("before", "2026-03-03", evening_in_perth, **about)
    assert not passes("before", "2026-03-03", night_in_perth, **about)
    assert passes("between", ("2026-03-02", "2026-03-02"), evening_in_perth, **about)
    assert not passes("between", ("2026-03-02", "2026-03-02"), night_in_perth, **about)


def test_s13_a_date_counts_as_the_start_of_its_day():
    about = {"type": "date", "zone": "Australia/Perth"}
    assert passes("before", "2026-03-01T16:00:01Z", "2026-03-02", **about)
    assert not passes("before", "2026-03-01T16:00:00Z", "2026-03-02", **about)
    assert passes("after", "2026-03-01T15:59:59Z", "2026-03-02", **about)


def test_s13_instants_are_equal_however_they_are_written():
    same = "2026-03-02T20:00:00.000+08:00"
    assert passes("is", NOON, same, type="datetime")
    assert not passes("is", NOON, same, type="string")
    assert not passes("is_not", NOON, same, type="datetime")
    assert passes("in", ("soon", NOON), same, type="datetime")
    assert passes("not_in", (NOON,), "soon", type="datetime")
    assert passes("is", None, None, type="datetime")
    assert not passes("is", "2026-03-02", NOON, type="datetime")


def test_s13_the_time_of_the_event_is_an_instant_and_no_number_is():
    time = ref("time", "event")
    for op, operand, expected in (
        ("after", "2026-03-01", True),
        ("before", "2026-03-02T12:00:00.000001Z", True),
        ("is", "2026-03-02T13:00:00+01:00", True),
        ("between", (NOON, NOON), True),
        ("before", time, False),
        ("is", time, True),
    ):
        test = FieldTest(time, op, operand, "datetime")
        assert holds(test, scene()) is predicate(test)(scene()) is expected, op
    assert not passes("after", "1970-01-01", parse_instant(NOON), type="datetime")


@pytest.mark.parametrize(
    "tested",
    [
        "2026-02-30",
        "20260302",
        "2026-W10-1",
        "٢٠٢٦-03-02",
        "2026-03-02 ",
        "soon",
        "",
        20260302,
        None,
        ["x"],
        "9" * 99,
    ],
)
def test_s13_what_names_no_day_fails_every_comparison_of_moments(tested):
    for type in ("date", "datetime", None):
        for op in ("before", "after"):
            assert not passes(op, "2026-03-02", tested, type=type)
            assert not passes(op, tested, "2026-03-02", type=type)
        assert not passes("between", ("0001-01-01", "9999-12-31"), tested, type=type)
        assert not passes("between", (tested, "9999-12-31"), "2026-03-02", type=type)
        assert not passes("weekday", tuple(WEEKDAYS), tested, type=type)
        assert not passes("business_day", True, tested, type=type)
        assert not passes("business_day", False, tested, type=type)
        assert not passes("time_of_day", ("00:00", "24:00"), tested, type=type)


def test_s14_a_date_field_that_holds_an_instant_fails_and_the_reverse():
    assert not passes("after", "2026-03-01", NOON, type="date")
    assert not passes("after", "2026-03-01", "2026-03-02", type="datetime")
    assert passes("after", "2026-03-01", NOON)
    assert not passes("weekday", "mon", NOON, type="date")
    assert not passes("weekday", "mon", "2026-03-02", type="datetime")
    assert passes("weekday", "mon", NOON)
    assert passes("weekday", "mon", "2026-03-02")
    assert not passes("time_of_day", ("00:00", "24:00"), "2026-03-02")


# -- S13: calendars and clocks


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-03-02", "mon"),
        ("2026-03-03", "tue"),
        ("2026-03-04", "wed"),
        ("2026-03-05", "thu"),
        ("2026-03-06", "fri"),
        ("2026-03-07", "sat"),
        ("2026-03-08", "sun"),
        ("0001-01-01", "mon"),
        ("9999-12-31", "fri"),
    ],
)
def test_s13_a_date_is_on_its_day_of_the_week_and_on_no_other(day, name):
    assert [each for each in WEEKDAYS if passes("weekday", each, day, type="date")] == [name]
    assert passes("weekday", ("wed", name), day, type="date")
    assert not passes("weekday", tuple(each for each in WEEKDAYS if each != name), day, type="date")


def test_s13_a_moment_is_on_the_day_that_it_is_where_the_case_is():
    night_in_perth = (
        "2026-03-07T16:00:00Z"  # Saturday afternoon in Greenwich; the first instant of Sunday there
    )
    assert passes("weekday", "sat", night_in_perth, type="datetime")
    assert passes("weekday", "sun", night_in_perth, type="datetime", zone="Australia/Perth")
    assert passes("weekday", "sat", "2026-03-07T15:59:59Z", type="datetime", zone="Australia/Perth")
    monday = FieldTest(ref("time", "event"), "weekday", "mon", "datetime")
    for time, is_monday in (("2026-03-02T04:59:59Z", False), ("2026-03-02T05:00:00Z", True)):
        here = scene(time=time, zone="America/New_York")
        assert holds(monday, here) is predicate(monday)(here) is is_monday


def test_s13_s10_a_business_day_is_neither_on_the_weekend_nor_a_holiday():
    for days, free in (
        (Days(), {"2026-03-07", "2026-03-08"}),
        (Days("Asia/Dubai", frozenset({4, 5})), {"2026-03-06", "2026-03-07"}),
        (Days(holidays=("AU-WA", "2026-03-04")), {"2026-03-02", "2026-03-04", "2026-03-07", "2026-03-08"}),
    ):
        for day in (f"2026-03-0{number}" for number in range(2, 9)):
            here = Scene({"f": day}, {}, {}, {}, {}, days)
            for operand in (True, False):
                test = FieldTest(ref("f"), "business_day", operand, "date")
                assert holds(test, here) is predicate(test)(here) is ((day in free) is not operand), day


@pytest.mark.parametrize(
    ("hours", "within", "without"),
    [
        (("09:00", "17:00"), ["09:00:00", "12:00:00", "16:59:59.999999"], ["08:59:59.999999", "17:00:00"]),
        (("18:00", "08:00"), ["18:00:00", "23:59:59", "00:00:00", "07:59:59"], ["08:00:00", "17:59:59"]),
        (("18:00", "24:00"), ["18:00:00", "23:59:59.999999"], ["17:59:59.999999", "00:00:00"]),
        (("18:00", "00:00"), ["18:00:00", "23:59:59.999999"], ["17:59:59.999999", "00:00:00"]),
        (("00:00", "08:00"), ["00:00:00", "07:59:59.999999"], ["08:00:00", "23:59:59.999999"]),
        (("00:00", "24:00"), ["00:00:00", "23:59:59.999999"], []),
        (("08:30", "08:31"), ["08:30:00", "08:30:59.999999"], ["08:29:59.999999", "08:31:00"]),
    ],
)
def test_s13_s8_a_time_of_day_holds_its_beginning_and_not_its_end(hours, within, without):
    for clock in within + without:
        assert passes("time_of_day", hours, f"2026-03-02T{clock}Z", type="datetime") is (clock in within), (
            clock
        )


def test_s13_s9_the_time_of_day_is_what_the_clock_on_the_wall_shows():
    for moment in ("2026-03-28T08:30:00Z", "2026-03-29T07:30:00Z"):  # the night between, an hour is skipped
        assert passes("time_of_day", ("09:00", "10:00"), moment, type="datetime", zone="Europe/Berlin")
    twice = ("02:00", "03:00")
    for moment, shown in (
        ("2026-10-24T23:59:59Z", False),
        ("2026-10-25T00:00:00Z", True),
        ("2026-10-25T01:00:00Z", True),  # the clock shows 02:00 again
        ("2026-10-25T01:59:59Z", True),
        ("2026-10-25T02:00:00Z", False),
    ):
        assert passes("time_of_day", twice, moment, type="datetime", zone="Europe/Berlin") is shown, moment


# -- S15: values from elsewhere


def test_s15_an_operand_can_come_from_the_event_the_case_or_the_subject():
    here = scene(
        {"a": "Acme", "b": "Acme", "text": "At acme, they said"},
        case={"company": "Acme", "names": ["Best", "Acme"]},
        subject={"name": "Acme"},
        trigger={"a": "Acme"},
    )
    for root, path in (("data", "b"), ("case", "company"), ("subject", "name"), ("trigger", "a")):
        test = FieldTest(ref("a"), "is", ref(path, root))
        assert holds(test, here)
        assert predicate(test)(here)
    for test in (
        FieldTest(ref("text"), "mentions", ref("company", "case")),
        FieldTest(ref("text"), "mentions", ref("names", "case")),
        FieldTest(ref("a"), "in", ref("names", "case")),
        FieldTest(ref("text"), "length", ref("n", "case")),
    ):
        full = scene(here.data, case={**here.case, "n": 18})
        assert holds(test, full)
        assert predicate(test)(full)


@pytest.mark.parametrize("op", ["is", "is_not", "in", "not_in", "gt", "before", "mentions", "has", "has_all"])
def test_s15_an_operand_that_is_missing_fails_the_test(op):
    assert not passes(op, ref("nowhere", "case"), "a")
    assert not passes(op, ref("nowhere", "case"), ["a"])


# -- what a test depends on


def test_roots_are_where_the_values_come_from():
    assert roots(FieldTest(ref("f"), "is", 1)) == {"data"}
    assert roots(FieldTest(ref("time", "event"), "after", NOON, "datetime")) == {"event"}
    assert roots(FieldTest(ref("f"), "is", ref("a", "case"))) == {"data", "case"}
    assert roots(FieldTest(ref("f"), "length", FieldTest(None, "gt", ref("n", "trigger")))) == {
        "data",
        "trigger",
    }
    items = All((FieldTest(ref("x"), "is", ref("z")), Not(FieldTest(ref("y", "subject"), "is", 1))))
    assert roots(FieldTest(ref("list", "case"), "any", items)) == {"case", "subject"}
    assert roots(FieldTest(ref("list", "case"), "any", FieldTest(None, "is", ref("z")))) == {"case", "data"}


def test_s9_a_test_that_needs_local_days_depends_on_the_case_and_the_subject_whose_zone_they_are_in():
    local = {"data", "case", "subject"}
    assert roots(FieldTest(ref("f"), "after", "2026-03-02", "datetime")) == local
    assert roots(FieldTest(ref("f"), "after", NOON, "date")) == local
    assert roots(FieldTest(ref("f"), "after", "2026-03-02")) == local
    assert roots(FieldTest(ref("f"), "before", ref("g"), "date")) == local
    for op, operand in (("weekday", "sun"), ("business_day", True), ("time_of_day", ("18:00", "24:00"))):
        assert roots(FieldTest(ref("f"), op, operand, "datetime")) == local
        assert roots(FieldTest(ref("f"), "any", FieldTest(None, op, operand))) == local
        assert roots(FieldTest(ref("f"), "any", FieldTest(ref("at"), op, operand))) == local
    assert roots(FieldTest(ref("f"), "after", "2026-03-02", "date")) == {"data"}
    assert roots(FieldTest(ref("f"), "between", (NOON, NOON), "datetime")) == {"data"}
    assert roots(FieldTest(ref("f"), "between", (1, 2), "number")) == {"data"}


# -- S21: spans


def test_s21_spans_are_where_the_text_holds_what_the_rule_looks_for():
    text = "I forgot to mention: Forgot  to mention"
    condition = All(
        (
            FieldTest(ref("purpose"), "is", "thank_you"),
            AnyOf(
                (
                    FieldTest(ref("text"), "mentions", ("forgot to mention", "nothing")),
                    FieldTest(ref("text"), "contains", "mention"),
                    All((FieldTest(ref("text"), "starts_with", "I"), FieldTest(ref("purpose"), "is", "x"))),
                )
            ),
            Not(FieldTest(ref("text"), "contains", "goodbye")),
            FieldTest(ref("subject.line"), "matches", "[0-9]+"),
            FieldTest(ref("subject.line"), "ends_with", ("!", "")),
        )
    )
    here = scene({"text": text, "purpose": "thank_you", "subject": {"line": "é 12 and 7!"}})
    assert [(path, *match) for path, match in matches(condition, here)] == [
        ("subject.line", 2, 4, "12"),
        ("subject.line", 9, 10, "7"),
        ("subject.line", 10, 11, "!"),
        ("text", 2, 19, "forgot to mention"),
        ("text", 12, 19, "mention"),
        ("text", 21, 39, "Forgot  to mention"),
        ("text", 32, 39, "mention"),
    ]
    assert matches(condition, scene({**here.data, "purpose": "other"})) == []


def test_s21_spans_of_a_text_in_memory_carry_its_path():
    test = FieldTest(ref("note", "case"), "contains", ref("word"))
    found = matches(test, scene({"word": "an"}, case={"note": "banana"}))
    assert found == [("case.note", (1, 3, "an")), ("case.note", (3, 5, "an"))]


# -- the compiled tests mean the same

NUMBERS = [0.0, -0.0, 1.0, 2.5, 1e308, math.inf, math.nan, 2**53 + 1, float(2**53), 10**400, -(10**400)]
WORDS = ["", "a", "A", "1", "true", "null", "a b", "ß", "SS", "é", "e\u0301", "\u202e", "🙂", "\x00", "ａ"]
MOMENTS = [
    *("2026-03-01", "2026-03-02", "2026-02-30", "0001-01-01", "9999-12-31", NOON, "2026-03-02T25:00:00Z"),
    *("2026-03-02T23:00:00+11:00", "2026-03-01T16:00:00Z", "9999-12-31T23:59:60Z"),
    *("2026-03-07", "2026-03-07T16:00:00Z", "2026-03-08T06:59:59.999999Z", "2026-03-08T07:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-12:00"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS),
    st.sampled_from(MOMENTS),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
PAYLOADS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)
REFS = st.builds(
    Ref,
    st.sampled_from(["data", "data", "data", "event", "case", "subject", "trigger"]),
    st.sampled_from([("a",), ("b",), ("a", "b"), ("time",)]),
)
LISTS = st.lists(SCALARS, max_size=4).map(tuple)
CLOCKS = st.sampled_from(["00:00", "07:00", "11:59", "12:00", "12:01", "20:00", "23:59", "24:00"])
TYPES = st.sampled_from([None, "string", "number", "boolean", "date", "datetime", "array", "object"])
INNER = st.deferred(lambda: trees(st.one_of(SIMPLE_TESTS_OF_ITEMS, TESTS)))
SIMPLE = {
    **dict.fromkeys(("is", "is_not", "gt", "gte", "lt", "lte", "before", "after", "has"), SCALARS | REFS),
    **dict.fromkeys(("in", "not_in", "has_any", "has_all"), LISTS | REFS),
    **dict.fromkeys(("contains", "starts_with", "ends_with", "mentions"), SCALARS | LISTS | REFS),
    "between": st.tuples(SCALARS, SCALARS) | LISTS | REFS,
    **dict.fromkeys(("exists", "business_day"), st.booleans()),
    "weekday": st.sampled_from(WEEKDAYS) | st.lists(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
    "time_of_day": st.tuples(CLOCKS, CLOCKS),
    "matches": st.sampled_from(["", "a", "^a$", "[ab]+", "(", r"\d+", "(?i)É"]) | REFS,
}
INNER_TESTS = {
    **dict.fromkeys(
        ("length", "words", "size"), st.deferred(lambda: trees(NUMBER_TESTS)) | st.integers(0, 3) | REFS
    ),
    **dict.fromkeys(("any", "every"), INNER),
}


def field_tests(operands, tested):
    ops = st.sampled_from(sorted(operands))
    return ops.flatmap(lambda op: st.builds(FieldTest, tested, st.just(op), operands[op], TYPES))


def trees(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            st.builds(Not, inner),
        ),
        max_leaves=4,
    )


NUMBER_TESTS = st.builds(FieldTest, st.none(), st.sampled_from(["gt", "is", "lte"]), st.integers(0, 3) | REFS)
SIMPLE_TESTS_OF_ITEMS = st.deferred(lambda: field_tests(SIMPLE, st.none()))
TESTS = st.deferred(lambda: field_tests({**SIMPLE, **INNER_TESTS}, REFS))
CONDITIONS = st.deferred(lambda: trees(TESTS))
SCENES = st.builds(
    Scene,
    PAYLOADS,
    st.fixed_dictionaries({"time": st.sampled_from([0, parse_instant(NOON)])}),
    PAYLOADS,
    PAYLOADS,
    PAYLOADS,
    st.sampled_from(
        [
            Days(),
            Days("Australia/Perth", holidays=("AU-WA", "2026-03-03")),
            Days("America/New_York", frozenset({4, 5})),
        ]
    ),
)


@settings(max_examples=400, deadline=None)
@given(test=TESTS, here=st.lists(SCENES, min_size=1, max_size=3))
@example(FieldTest(ref("a"), "before", ("2026-03-02",), "date"), [scene({"a": "2026-03-01"})])
@example(FieldTest(ref("a"), "between", (), None), [scene({"a": 1})])
def test_s13_a_compiled_test_answers_what_the_definition_does_for_any_value(test, here):
    compiled = predicate(test)
    for each in here:
        assert compiled(each) is holds(test, each)


MINUTES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
CALENDAR_TESTS = st.sampled_from(["weekday", "business_day", "time_of_day"]).flatmap(
    lambda op: st.tuples(st.just(op), SIMPLE[op])
)


@settings(max_examples=150, deadline=None)
@given(CALENDAR_TESTS)
def test_s13_the_cells_of_a_calendar_test_are_what_it_holds_for(test):
    op, operand = test
    holds_for, days = asks(op, operand), Days()
    moments = {
        "weekday": [parse_instant(f"2026-03-0{number}T12:00:00Z") for number in range(2, 9)],
        "business_day": [parse_instant(f"2026-03-0{number}T12:00:00Z") for number in (7, 6)],
        "time_of_day": [parse_instant(f"2026-03-02T{clock}:59Z") for clock in MINUTES],
    }[op]
    assert cells(op, operand) == sum(holds_for(each, days) << bit for bit, each in enumerate(moments))


@settings(max_examples=150, deadline=None)
@given(test=TESTS, here=SCENES, other=SCENES)
def test_a_test_depends_on_nothing_but_its_roots(test, here, other):
    read = roots(test)
    named = {
        root: getattr(here if root in read else other, root)
        for root in ("data", "event", "case", "subject", "trigger")
    }
    days = here.days if {"case", "subject"} <= read else other.days
    assert holds(test, Scene(**named, days=days)) is holds(test, here)


@settings(max_examples=150, deadline=None)
@given(condition=CONDITIONS, here=SCENES)
def test_s21_spans_quote_the_text_that_they_mark(condition, here):
    for path, match in matches(condition, here):
        root, _, rest = path.partition(".")
        roots_by_name = {
            "event": here.event,
            "case": here.case,
            "subject": here.subject,
            "trigger": here.trigger,
        }
        within, keys = (roots_by_name[root], rest) if root in roots_by_name else (here.data, path)
        for key in keys.split("."):
            within = within[key]
        assert within[match.start : match.end] == match.text != ""
        assert holds(condition, here)
