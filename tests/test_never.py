"""What is called impossible is: every value that the tests could tell apart is tried (S13, S14)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.building.never import clashes
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.days import Days
from afterword.meaning import Scene, holds
from mistakes import checked, marked, with_rule

TEXT, SIZE, DAY, TIME = (Ref("data", (name,)) for name in ("text", "size", "day", "time"))
TEXTS = ["", "a", "b", "ab", "a b c", "ba"]
NUMBERS = [-1, 0, 1, 2, 2.5, 3, 4]
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]
WEEKEND = ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"]
FROM, UNTIL = ["00:00", "06:00", "12:00", "18:00"], ["06:00", "12:00", "18:00", "24:00"]
MOMENTS = [f"2026-03-0{day}T{hour:02}:00:00Z" for day in (6, 7, 8, 9) for hour in (0, 6, 12, 18)]


def numeric(ref: Ref | None, kind: str) -> st.SearchStrategy[FieldTest]:
    number = st.sampled_from(NUMBERS if kind == "number" else [0, 1, 2, 3])
    one = st.tuples(st.sampled_from(["is", "is_not", "gt", "gte", "lt", "lte"]), number)
    several = st.lists(number, min_size=1, max_size=3).map(tuple)
    many = st.tuples(st.sampled_from(["in", "not_in"]), several)
    pair = st.tuples(st.just("between"), st.tuples(number, number).map(lambda two: tuple(sorted(two))))
    return st.one_of(one, many, pair).map(lambda each: FieldTest(ref, each[0], each[1], kind))


def measured(op: str) -> st.SearchStrategy[FieldTest]:
    inner = numeric(None, "integer")
    both = st.one_of(inner, st.tuples(inner, inner).map(All))
    return both.map(lambda operand: FieldTest(TEXT, op, operand, "string"))


TESTS = st.one_of(
    numeric(SIZE, "number"),
    measured("words"),
    measured("length"),
    st.tuples(
        st.sampled_from(["is", "is_not", "contains", "starts_with", "ends_with", "mentions"]),
        st.sampled_from(TEXTS[1:]),
    ).map(lambda each: FieldTest(TEXT, *each, "string")),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(
        lambda texts: FieldTest(TEXT, "in", tuple(texts), "string")
    ),
    st.tuples(st.sampled_from(["before", "after", "is"]), st.sampled_from(DAYS)).map(
        lambda each: FieldTest(DAY, *each, "date")
    ),
    st.tuples(st.sampled_from([TEXT, SIZE, DAY]), st.booleans()).map(
        lambda each: FieldTest(each[0], "exists", each[1])
    ),
)


def trees(tests: st.SearchStrategy[FieldTest]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        tests,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


MISSING = [{}]
SCENES = [
    Scene({**text, **size, **day}, {}, {}, {}, {}, Days())
    for text, size, day in itertools.product(
        MISSING + [{"text": each} for each in TEXTS],
        MISSING + [{"size": each} for each in [*NUMBERS, -5, 2.2, 9]],
        MISSING + [{"day": each} for each in [*DAYS, "2025-01-01", "2027-01-01"]],
    )
]


def on_calendar(ref: Ref, kind: str) -> st.SearchStrategy[FieldTest]:
    names = st.lists(st.sampled_from(["fri", "sat", "sun", "mon"]), min_size=1, max_size=3).map(tuple)
    hours = st.tuples(st.sampled_from(FROM), st.sampled_from(UNTIL)).filter(lambda two: two[0] != two[1])
    tests = [
        st.tuples(st.just("weekday"), names),
        st.tuples(st.just("business_day"), st.booleans()),
        *([st.tuples(st.just("time_of_day"), hours)] if kind == "datetime" else []),
    ]
    return st.one_of(tests).map(lambda each: FieldTest(ref, each[0], each[1], kind))


ON_CALENDAR = st.one_of(
    on_calendar(DAY, "date"),
    on_calendar(TIME, "datetime"),
    st.sampled_from(WEEKEND).map(lambda day: FieldTest(DAY, "is", day, "date")),
    st.sampled_from(MOMENTS).map(lambda moment: FieldTest(TIME, "is", moment, "datetime")),
)
SCENES_ON_CALENDAR = [
    Scene({**day, **time}, {}, {}, {}, {}, Days(zone, holidays=holidays))
    for zone, holidays, day, time in itertools.product(
        ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"],
        [(), ("2026-03-06", "2026-03-09")],
        MISSING + [{"day": each} for each in WEEKEND],
        MISSING + [{"time": each} for each in MOMENTS],
    )
]


@given(trees(TESTS))
def test_s13_a_condition_all_of_whose_parts_can_hold_is_never_called_impossible(condition: Condition) -> None:
    if clashes(condition):
        assert not all(any(holds(part, scene) for scene in SCENES) for part in contexts(condition))


@given(trees(ON_CALENDAR))
def test_s13_what_a_calendar_lets_hold_is_never_called_impossible(condition: Condition) -> None:
    if clashes(condition, weekend=Days().weekend):
        assert not all(
            any(holds(part, scene) for scene in SCENES_ON_CALENDAR) for part in contexts(condition)
        )


def contexts(condition: Condition) -> list[Condition]:
    """The whole, each alternative of its choices together with what holds around it, and what stands under `not`."""
    found: list[Condition] = [condition]

    def walk(around: list[Condition], part: Condition) -> None:
        together = [*around, part]
        found.append(All(tuple(together)))
        match part:
            case All(parts):
                for number, each in enumerate(parts):
                    walk([*around, *parts[:number], *parts[number + 1 :]], each)
            case AnyOf(parts):
                for each in parts:
                    walk(around, each)
            case Not(inner):
                found.append(inner)
                match inner:
                    case Not(again):
                        walk(around, again)
                    case AnyOf(parts):
                        walk(around, All(tuple(map(Not, parts))))
                    case All(parts):
                        for each in parts:
                            walk(around, Not(each))

    walk([], condition)
    return found


@pytest.mark.parametrize(
    "where",
    [
        "{size: {gt: 5, «lt»: 3}}",
        "{size: {gt: 4, «lt»: 5}}",
        "{text: {words: {gt: 5, «lte»: 5}}}",
        "{text: {words: {«lt»: 0}}}",
        "{text: {starts_with: Dear, «is»: hello}}",
        "{text: {starts_with: Dear}, all: [{text: {«starts_with»: Hello}}]}",
        "{purpose: a, all: [{purpose: «b»}]}",
        "{purpose: a, any: [{purpose: «b»}, {text: {mentions: x}}]}",
        "{purpose: {in: [a, b], is_not: a, «not_in»: [b]}}",
        "{purpose: {in: [a, b], «not_in»: [a, b, c]}}",
        "{purpose: {exists: false, «is»: a}}",
        "{purpose: a, not: {purpose: {«in»: [a, b]}}}",
        "{size: {gt: 5}, not: {size: {«gt»: 3}}}",
        "{not: {all: [{size: 1}, {size: «2»}]}}",
        "{event.type: «interview.ended»}",
        "{subject.mood: glad, all: [{subject.mood: «sad»}]}",
        "{event.time: {weekday: sat}, all: [{event.time: {«weekday»: [sun, mon]}}]}",
        "{event.time: {weekday: sat}, not: {event.time: {«weekday»: [sat, sun]}}}",
        "{case.decision_date: {is: 2026-03-02, «weekday»: [sat, sun]}}",
        "{event.time: {business_day: true}, all: [{event.time: {«business_day»: false}}]}",
        "{event.time: {weekday: sat, «business_day»: true}}",
        "{event.time: {weekday: [sat, sun]}, not: {event.time: {«business_day»: false}}}",
        "{event.time: {business_day: true}, any: [{event.time: {«weekday»: sun}}, {size: 3}]}",
        "{case.decision_date: {is: 2026-03-07, «business_day»: true}}",
        "{event.time: {time_of_day: {from: '18:00'}}, all: [{event.time: {«time_of_day»: {until: '18:00'}}}]}",
        "{event.time: {time_of_day: {from: '22:00', until: '06:00'}}, not: {event.time: {«time_of_day»: "
        "{from: '18:00', until: '08:00'}}}}",
    ],
)
def test_s13_tests_that_exclude_each_other_are_a_warning_at_the_second(where: str) -> None:
    text, line, column = marked(with_rule(f"when: {{event: message.drafted, where: {where}}}"))
    ruleset, problems = checked(text)
    assert ruleset is not None
    assert [(p.code, p.line, p.column) for p in problems] == [("never-true", line, column)], problems


@pytest.mark.parametrize(
    "where",
    [
        "{size: {gte: 5, lte: 5}}",
        "{score: {gt: 4, lt: 5}}",
        "{purpose: {in: [a, b], is_not: a}}",
        "{purpose: {in: [a, b], not_in: [c, a]}}",
        "{purpose: a, not: {purpose: b}}",
        "{not: {purpose: a}, any: [{not: {purpose: b}}, {purpose: {exists: false}}]}",
        "{text: {starts_with: De}, all: [{text: {starts_with: Dear}}]}",
        "{any: [{purpose: a}, {purpose: b}]}",
        "{size: {gt: $limit}, score: {lt: 3}}",
        "{subject.mood: {field: purpose}, purpose: {field: subject.mood}}",
        "{event.time: {weekday: [sat, sun]}, all: [{event.time: {weekday: [sun, mon]}}]}",
        "{event.time: {weekday: [sat, sun]}, not: {event.time: {weekday: sat}}}",
        "{event.time: {business_day: false, weekday: mon}}",
        "{event.time: {business_day: true, weekday: [fri, sat]}}",
        "{event.time: {weekday: sat}, not: {event.time: {business_day: true}}}",
        "{event.time: {time_of_day: {from: '18:00'}}, all: [{event.time: {time_of_day: {until: '18:01'}}}]}",
        "{event.time: {is: 2026-03-08T00:30:00Z, weekday: sat, time_of_day: {from: '18:00'}}}",
    ],
)
def test_s13_tests_that_can_hold_together_are_no_warning(where: str) -> None:
    _, problems = checked(with_rule(f"when: {{event: message.drafted, where: {where}}}"))
    assert not problems


@pytest.mark.parametrize(
    "where",
    [
        "{decision_date: {is: 2026-03-02, before: 2026-03-01T23:30:00Z}}",
        "{decision_date: {in: [2026-03-02], after: 2026-03-02T00:00:00Z}}",
        "{starts_at: {is: 2026-03-01T23:30:00Z, after: 2026-03-01}}",
        "{starts_at: 2026-03-02T00:00:00Z, not: {starts_at: {between: [2026-03-02, 2026-03-03]}}}",
    ],
)
def test_s13_a_day_and_an_instant_that_fit_in_some_time_zone_are_no_warning(where: str) -> None:
    _, problems = checked(with_rule(f"when: {{event: interview.ended, where: {where}}}"))
    assert not problems


def test_s13_a_weekend_is_that_of_the_ruleset_and_a_single_day_is_quoted_as_it_is_written() -> None:
    text = with_rule(
        "when: {event: message.drafted, where: {event.time: {weekday: fri, business_day: true}}}"
    )
    assert not checked(text)[1]
    with_weekend = text.replace("lists:", "defaults: {weekend: [fri, sat]}\nlists:", 1)
    told = "`event.time: {business_day: true}` excludes `event.time: {weekday: fri}` in line "
    assert [told in problem.message for problem in checked(with_weekend)[1]] == [True]
