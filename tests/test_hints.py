"""What people who know the language from its documentation alone write first, and what they are told to write."""

from __future__ import annotations

import pytest

from afterword.builtin import STATES
from afterword.conditions import FieldTest
from afterword.mistakes.days import days_in
from afterword.suggest import nearest
from mistakes import HEAD, checked, document, marked, with_rule

WARNINGS = [
    # a path that is taken for a text
    (
        "fulfilled_by: {event: message.drafted, where: {text: «trigger.company»}}",
        "path-as-text",
        "write `{field: trigger.company}`",
    ),
    (
        "when: {event: message.drafted, where: {text: {mentions: [a, «case.company»]}}}",
        "path-as-text",
        "instead of the list",
    ),
    (
        "when: {event: interview.ended, where: {interviewers: {has: «subject.mood»}}}",
        "path-as-text",
        "write `{field: subject.mood}`",
    ),
    (
        "when: {event: interview.ended, where: {company: {is_not: «event.source»}}}",
        "path-as-text",
        "write `{field: event.source}`",
    ),
]

ERRORS = [
    (
        "fulfilled_by: {event: message.drafted, where: {text: «$trigger.company»}}",
        "unknown-name",
        "write `{field: trigger.company}`",
    ),
    (
        "when: {event: message.drafted, where: {size: «subject.open_cases»}}",
        "wrong-operand",
        "write `{field: subject.open_cases}`",
    ),
    (
        "when: {event: day.passed, where: {date: «case.decision_date»}}",
        "bad-date",
        "write `{field: case.decision_date}`",
    ),
    (
        "when: {event: message.drafted, where: {size: {gt: «subject.open_cases»}}}",
        "bad-format",
        "{field: sub",
    ),
    # a text that begins with a brace
    ("message: «{»case.company:upper} is next", "yaml-syntax", 'write `"{case.company:upper} is next"`'),
    ("title: «[»a] b", "yaml-syntax", "stands in quotes"),
    ('message: «{»case.company} is "next"', "yaml-syntax", "put the whole text in quotes"),
    # a length of time where a moment belongs
    ("due: {until: «14 days»}", "not-allowed", "write `{plus: 14 days}`"),
    ("due: {until: «$patience»}", "not-allowed", "write `{plus: $patience}`"),
    ("due: {until: «patience»}", "not-allowed", "write `{plus: $patience}`"),
    ("due: {from: {first_known: [«2 weeks»]}}", "not-allowed", "write `{plus: 2 weeks}`"),
    ("due: {from: «case.decision_date»}", "not-allowed", "write `{field: case.decision_date}`"),
    ("due: {from: «09:00»}", "not-allowed", '{at: "09:00"}'),
    ("due: {from: «tomorow»}", "not-allowed", "write `event.time`, `end of day`, `end of month`, or"),
    ("while: {since: accepted, until: [accepted, «14 days»]}", "bad-format", "write `{plus: 14 days}`"),
    # a pattern where an event type belongs, and the other way round
    ("when: {event: «accepted»}", "unknown-event", "as in `when: accepted`"),
    ("unless: {event: [interview.ended, «accepted»]}", "unknown-event", "`accepted` is a pattern"),
    ("when: {«pattern»: accepted}", "unknown-key", "alone: `accepted`"),
    (
        "when: {«pattern»: accepted, count: {at_least: 2, within: 3 days}}",
        "unknown-key",
        "cannot be counted",
    ),
    ("unless: {«pattern»: accepted, within: 3 days}", "unknown-key", "nothing can be added"),
    # a span where an event that came before belongs, and the other way round
    (
        "unless: {event: interview.ended, «until»: end of day}",
        "not-allowed",
        "write `{since: {event: …}, until: …}`",
    ),
    ("unless: {since: accepted, «within»: 2 days}", "not-allowed", "write `until: {plus: 2 days}`"),
    ("unless: {since: accepted, «event»: interview.ended}", "not-allowed", "stands without one"),
    ("unless: {«from»: accepted, until: end of day}", "unknown-key", "did you mean `since`?"),
    ("unless: «{case: open, event: interview.ended}»", "not-allowed", "write a list of two"),
    # a name without its `$`
    ("due: {until: {plus: «patience»}}", "bad-duration", "did you mean `$patience`?"),
    ("cooldown: «patience»", "bad-duration", "did you mean `$patience`?"),
    (
        "when: {event: message.drafted, where: {purpose: {in: «job_words»}}}",
        "bad-format",
        "did you mean `$job_words`?",
    ),
    ("when: {event: message.drafted, where: {size: «limit»}}", "wrong-operand", "did you mean `$limit`?"),
    (
        "when: {event: message.drafted, count: {at_least: «limit», within: 1 day}}",
        "bad-format",
        "did you mean `$limit`?",
    ),
    # what the words mean that may stand here
    ("«if»: {text: x}", "unknown-key", "`where`"),
    ("kind: «advice»", "not-allowed", "`warning`: something to leave alone"),
    ("per: «person»", "not-allowed", "`subject`: for the person"),
    ("again: «always»", "not-allowed", "`each`: "),
]

MENDED = [
    # the word that is most like the one written would mean something else
    (
        "when: {event: message.drafted, count: {«more_than»: 2, within: 7 days}}",
        "write `at_least: 3`",
        "when: {event: message.drafted, count: {at_least: 3, within: 7 days}}",
    ),
    (
        "when: {event: message.drafted, where: {purpose: Meier, «or»: {score: 3}}}",
        "`any: [{purpose: Meier}, {score: 3}]`",
        "when: {event: message.drafted, where: {any: [{purpose: Meier}, {score: 3}]}}",
    ),
    (
        "when: {event: message.drafted, where: {purpose: Meier, «or»: [{text: a}, {score: 3, size: {gt: 2}}]}}",
        "`any: [{purpose: Meier}, {text: a}, {score: 3, size: …}]`",
        "when: {event: message.drafted, where: {any: [{purpose: Meier}, {text: a}, {score: 3, size: {gt: 2}}]}}",
    ),
    (
        "when: {event: message.drafted, where: {«or»: {purpose: a, score: 3}}}",
        "`any: [{purpose: a}, {score: 3}]`",
        "when: {event: message.drafted, where: {any: [{purpose: a}, {score: 3}]}}",
    ),
    (
        "when: {event: message.drafted, where: {purpose: a, «and»: {score: 3}}}",
        "write it without `and`",
        "when: {event: message.drafted, where: {purpose: a, score: 3}}",
    ),
    (
        "due: {until: «end of next business day»}",
        "write `{plus: 1 business day, align: end of day}`",
        "due: {until: {plus: 1 business day, align: end of day}}",
    ),
    (
        "due: {until: {align: «start of next working day»}}",
        "write `plus: 1 business day` beside `align: start of day`",
        "due: {until: {plus: 1 business day, align: start of day}}",
    ),
    (
        "when: {event: interview.ended, «weekday»: sun}",
        "`where: {event.time: {weekday: …}}`",
        "when: {event: interview.ended, where: {event.time: {weekday: sun}}}",
    ),
    (
        "when: {event: interview.ended, where: {any: [{company: a}], «or»: [{company: b}]}}",
        "move what stands in it into `any`",
        "when: {event: interview.ended, where: {any: [{company: a}, {company: b}]}}",
    ),
    (
        "when: {event: interview.ended, where: {any: [{company: a}], «either»: [{medium: phone}]}}",
        "`all: [{any: …}, {any: …}]`",
        "when: {event: interview.ended, where: {all: [{any: [{company: a}]}, {any: [{medium: phone}]}]}}",
    ),
    (
        "when: {event: interview.ended, where: {not: {company: a}, «none»: [{medium: phone}]}}",
        "`all: [{not: …}, {not: …}]`",
        "when: {event: interview.ended, where: {all: [{not: {company: a}}, {not: {medium: phone}}]}}",
    ),
    (
        "when: {event: interview.ended, where: {medium: phone, any: [{company: a}], «or»: [{company: b}]}}",
        "with what stands beside `or` as one of them",
        "when: {event: interview.ended, where: {any: [{medium: phone, any: [{company: a}]}, {company: b}]}}",
    ),
    # the edges of days and months
    ("due: {from: «beginning of month»}", "`start of month`", "due: {from: start of month}"),
    ("due: {from: «beginning of the month»}", "`start of month`", "due: {from: start of month}"),
    ("due: {from: «beginning of next month»}", "`start of next month`", "due: {from: start of next month}"),
    ("due: {from: {align: «beginning of day»}}", "`start of day`", "due: {from: {align: start of day}}"),
    ("due: {until: «last day of month»}", "`end of month`", "due: {until: end of month}"),
    ("due: {until: «first day of next month»}", "`start of next month`", "due: {until: start of next month}"),
    (
        "due: {from: «end of last month»}",
        "write `{minus: 1 month, align: end of month}`",
        "due: {from: {minus: 1 month, align: end of month}}",
    ),
    (
        "due: {from: «previous month»}",
        "or `{minus: 1 month, align: start of month}`",
        "due: {from: {minus: 1 month, align: start of month}}",
    ),
    (
        "due: {until: {field: starts_at, align: «end of previous month»}}",
        "write `minus: 1 month` beside `align: end of month`",
        "due: {until: {field: starts_at, minus: 1 month, align: end of month}}",
    ),
    (
        "due: {until: {plus: 2 days, align: «end of next business day»}}",
        "write `align: end of day`, and count to that day in business days",
        "due: {until: {plus: 2 business days, align: end of day}}",
    ),
    (
        "while: {since: {event: interview.ended}, until: «month»}",
        "did you mean `end of month`?",
        "while: {since: {event: interview.ended}, until: end of month}",
    ),
    (
        "while: {since: {event: interview.ended}, until: [«end of next business day», accepted]}",
        "write `{plus: 1 business day, align: end of day}`",
        "while: {since: {event: interview.ended}, until: [{plus: 1 business day, align: end of day}, accepted]}",
    ),
    ("due: {until: «starts_at»}", "write `{field: starts_at}`", "due: {until: {field: starts_at}}"),
    ("due: {until: {«date»: case.decision_date}}", "`field`", "due: {until: {field: case.decision_date}}"),
    ("due: {until: {plus: «{»weeks: 1}}}", "write `1 week`", "due: {until: {plus: 1 week}}"),
    ("due: {until: {«days»: 2}}", "write `plus: 2 days`", "due: {until: {plus: 2 days}}"),
    (
        "when: {event: interview.ended, where: {interviewers: «[»Ana, Bo]}}",
        "write `{has_any: [Ana, Bo]}`",
        "when: {event: interview.ended, where: {interviewers: {has_any: [Ana, Bo]}}}",
    ),
    (
        "when: {event: interview.ended, where: {thanked: «'true'»}}",
        "write the value without quotes",
        "when: {event: interview.ended, where: {thanked: true}}",
    ),
    ("message: '{«trigger.company»}'", "write `company`", "message: '{company}'"),
    (
        "when: {event: message.drafted}\nmessage: '{«trigger.company»}'",
        "write `case.company`",
        "when: {event: message.drafted}\nmessage: '{case.company}'",
    ),
]

CALENDAR = [
    # what excludes a day of the week excludes it in the mend, and several days are one list
    (
        "{decision_date: {is_not: «sun»}}",
        "write `not: {decision_date: {weekday: sun}}`",
        "{not: {decision_date: {weekday: sun}}}",
    ),
    (
        "{starts_at: {not_in: [«sat», sun]}}",
        "write `not: {starts_at: {weekday: [sat, sun]}}`",
        "{not: {starts_at: {weekday: [sat, sun]}}}",
    ),
    (
        "{decision_date: {between: [«mon», fri]}}",
        "write `weekday: [mon, tue, wed, thu, fri]`",
        "{decision_date: {weekday: [mon, tue, wed, thu, fri]}}",
    ),
    (
        "{decision_date: {in: [«friday», monday]}}",
        "write `weekday: [fri, mon]`",
        "{decision_date: {weekday: [fri, mon]}}",
    ),
    ("{starts_at: «Sunday»}", "write `{weekday: sun}`", "{starts_at: {weekday: sun}}"),
    ("{«starts_at.weekday»: sun}", "write `starts_at: {weekday: …}`", "{starts_at: {weekday: sun}}"),
    (
        "{«starts_at.time_of_day»: {from: '18:00'}}",
        "write `starts_at: {time_of_day: {…}}`",
        "{starts_at: {time_of_day: {from: '18:00'}}}",
    ),
    (
        "{«event.time_of_day»: {from: '18:00'}}",
        "write `event.time: {time_of_day: {…}}`",
        "{event.time: {time_of_day: {from: '18:00'}}}",
    ),
    (
        "{event.time: {weekday: «mon-fri»}}",
        "write a list of days: `[mon, tue, wed, thu, fri]`",
        "{event.time: {weekday: [mon, tue, wed, thu, fri]}}",
    ),
    (
        "{event.time: {weekday: «'mon,Tuesday'»}}",
        "write a list of days: `[mon, tue]`",
        "{event.time: {weekday: [mon, tue]}}",
    ),
    (
        "{event.time: {weekday: [sun, «mon-wed»]}}",
        "in the list: `mon, tue, wed`",
        "{event.time: {weekday: [sun, mon, tue, wed]}}",
    ),
    (
        "{event.time: {weekday: [«weekend», mon]}}",
        "write `sat, sun` in the list",
        "{event.time: {weekday: [sat, sun, mon]}}",
    ),
    ("{event.time: {weekday: [sun, «Sunday»]}}", "did you mean `sun`?", "{event.time: {weekday: [sun]}}"),
]

OF_LISTS = [
    ("[sat, «Sunday»]", "event.time: {weekday: $quiet}", "did you mean `sun`?"),
    ("[«Saturday», Sunday]", "event.time: {weekday: $quiet}", "did you mean `sat`?"),
    ("[sat, «mon-wed»]", "event.time: {weekday: [$quiet, fri]}", "`mon, tue, wed`"),
    ("[phone, «vidio»]", "medium: {in: $quiet}", "did you mean `video`?"),
]

INSTEAD = [
    ("when: {event: message.drafted, count: {«at_most»: 2, within: 7 days}}", "a count has no upper limit"),
    (
        "when: {event: message.drafted, count: {«max»: 2, within: 7 days, distinct: purpose}}",
        "suppress this one with `inhibits`",
    ),
    ("due: {from: «middle of month»}", "no moment is the middle of a month"),
    ("due: {until: «end of last month»}", "`end of month` is the end of this one"),
    ("due: {until: {align: «last day»}}", "say of what"),
    ("when: «month»", "known: `accepted`"),
    ("due: {until: {«date»: 2026-06-30}}", "a date cannot stand here"),
    ("due: {until: «2026-06-30»}", "a date cannot stand here"),
    ("due: {until: {at: «2026-06-30»}}", "a date cannot stand here"),
    ("unless: {event: interview.ended, «until»: {plus: 2 days}}", "write `{since: {event: …}, until: …}`"),
    ("when: {event: interview.ended, «until»: {plus: 2 days}}", "told by `while: {since: …"),
    ("when: {event: message.drafted}\nmessage: '{«trigger.medium»}'", "`remember: {medium: {from: …"),
    ("when: {event: «both.overdue»}", "`advice.missed` and so on"),
    (
        "when: {event: message.drafted, where: {purpose: Meier, «or»: ["
        + "{score: 3}, " * 20
        + "{size: 2}]}}",
        "below one `any`: `any: […]`",
    ),
]

DEFAULTS = [
    ("weekend: [«Sunday»]", "not-allowed", "An item of `weekend`"),
    ("weekend: [«Sunday»]", "not-allowed", "did you mean `sun`? the days are `mon`, `tue`"),
    ("weekend: [sat, «7»]", "not-allowed", "the days are `mon`, `tue`"),
    ("weekend: «sun»", "wrong-type", "`[fri, sat]`"),
    ("holidays: «true»", "wrong-type", "`[GB-SCT, 2026-12-24]`"),
    ("holidays: [AU-WA, «20261224»]", "wrong-type", "or a date, such as `2026-12-24`"),
    ("holidays: [AU-WA, «24.12.2026»]", "bad-date", "write year, month and day"),
    ("holidays: «2026-02-30»", "bad-date", "a day of the calendar"),
    ("holidays: [2026-12-24, «UK-SCT»]", "unknown-holidays", "did you mean `GB-SCT`?"),
    ("holidays: [2026-12-24, «2026-12-24»]", "duplicate-item", ""),
    ("holidays: [«Christmas»]", "unknown-holidays", "or a date, such as `2026-12-24`"),
]

WHEN = [
    ("{event.time: {weekday: «Sunday»}}", "not-allowed", "did you mean `sun`?"),
    ("{event.time: {weekday: [sat, «Thurs»]}}", "not-allowed", "did you mean `thu`?"),
    ("{event.time: {weekday: «7»}}", "wrong-type", "a list of days, such as `[sat, sun]`"),
    ("{event.time: {weekday: [sat, «7»]}}", "not-allowed", "the days are `mon`, `tue`"),
    (
        "{event.time: {weekday: «weekend»}}",
        "not-allowed",
        "write `[sat, sun]`, or the test `business_day: false`",
    ),
    ("{event.time: {weekday: sat, «sun»}}", "unknown-key", "write `weekday: [sat, sun]`"),
    ("{event.time: {«day»: sun}}", "unknown-key", "did you mean `weekday`?"),
    ("{event.time: {«day-of-week»: sun}}", "unknown-key", "did you mean `weekday`?"),
    ("{event.time: {«workday»: true}}", "unknown-key", "did you mean `business_day`?"),
    (
        "{event.time: {«weekend»: true}}",
        "unknown-key",
        "write `business_day: false` for weekends and holidays",
    ),
    (
        "{event.time: {«holiday»: true}}",
        "unknown-key",
        "write `business_day: false` for weekends and holidays",
    ),
    ("{event.time: {«hour»: {gt: 18}}}", "unknown-key", "write `time_of_day: {from: "),
    ("{event.time: {«time»: '18:00'}}", "unknown-key", "write `time_of_day: {from: "),
    ("{event.time: {business_day: «yes»}}", "wrong-type", "write `true`"),
    ("{event.time: {time_of_day: «'18:00'»}}", "wrong-type", "or one of the two"),
    ("{event.time: {time_of_day: {«after»: '18:00'}}}", "unknown-key", "did you mean `from`?"),
    ("{event.time: {time_of_day: {from: «6pm»}}}", "bad-format", "such as `09:00`"),
    ("{event.time: {time_of_day: {from: '18:00', until: «'24:00'»}}}", "bad-format", "leave `until` out"),
    ("{event.time: «sun»}", "bad-date", "write `{weekday: sun}`"),
    ("{decision_date: «mon-fri»}", "bad-date", "write `{weekday: [mon, tue, wed, thu, fri]}`"),
    ("{decision_date: {in: [«friday», Mon]}}", "bad-date", "write `weekday: [fri, mon]`"),
    ("{decision_date: {between: [«fri», mon]}}", "bad-date", "write `weekday: [fri, sat, sun, mon]`"),
    ("{decision_date: {is_not: «Sunday»}}", "bad-date", "write `not: {decision_date: {weekday: sun}}`"),
    ("{starts_at: {not_in: [«sat», sun]}}", "bad-date", "write `not: {starts_at: {weekday: [sat, sun]}}`"),
    ("{event.time: {is_not: «sun»}}", "bad-date", "write `not: {event.time: {weekday: sun}}`"),
    ("{decision_date: {after: «fri»}}", "bad-date", "name those that fit"),
    ("{decision_date: {in: [2026-03-02, «sun»]}}", "bad-date", "a test of their own, `weekday: sun`"),
    ("{event.time: {after: «'18:00'»}}", "bad-date", 'write `time_of_day: {from: "18:00"}`'),
    ("{event.time: {time_of_day: «{»from: '00:00'}}}", "empty-range", "all of a day"),
    ("{decision_date: {«at»: '18:00'}}", "unknown-key", "a date has no time of day"),
    ("{case.decision_date: {«clock»: '18:00'}}", "unknown-key", "a date has no time of day"),
    ("{decision_date: {«day»: sun}}", "unknown-key", "did you mean `weekday`?"),
    ("{company: {«at»: x}}", "unknown-key", "`company` holds neither"),
    ("{company: {«day»: mon}}", "unknown-key", "`company` holds neither"),
    ("{company: {«weekend»: true}}", "unknown-key", "`company` holds neither"),
    ("{«company.weekday»: mon}", "unknown-field", "`company` is text"),
    ("{«decision_date.time_of_day»: {from: '18:00'}}", "unknown-key", "a date has no time of day"),
    ("{event.time: {before: «'8:30'»}}", "bad-date", 'write `time_of_day: {until: "08:30"}`'),
    (
        "{starts_at: {between: [«'18:00'», '08:00']}}",
        "bad-date",
        'write `time_of_day: {from: "18:00", until: "08:00"}`',
    ),
    ("{starts_at: {before: «'00:00'»}}", "bad-date", "a time of day is a stretch"),
    ("{starts_at: {is_not: «'18:00'»}}", "bad-date", "a time of day is a stretch"),
    ("{decision_date: «'18:00'»}", "bad-date", "a date has no time of day"),
    ("{decision_date: {before: «'18:00'»}}", "bad-date", "a date has no time of day"),
    ("{«weekday»: sun}", "unknown-field", "write `event.time: {weekday: …}`"),
    ("{«event.weekday»: sun}", "unknown-field", "write `event.time: {weekday: …}`"),
    ("{«time_of_day»: {from: '18:00'}}", "unknown-key", "write `event.time: {time_of_day: {…}}`"),
]

TEXTS = ["case.kompany", "trigger.company", "case.", "event", "Case.company", "subject.mood.x.y z"]


@pytest.mark.parametrize(("fragment", "code", "hint"), WARNINGS)
def test_s15_what_is_most_likely_not_meant_is_one_warning(fragment: str, code: str, hint: str) -> None:
    text, line, column = marked(with_rule(fragment))
    ruleset, problems = checked(text)
    assert [(p.code, p.severity, p.line, p.column) for p in problems] == [(code, "warning", line, column)]
    assert hint in problems[0].hint
    assert ruleset is not None


@pytest.mark.parametrize("text", TEXTS)
def test_s15_a_text_that_is_no_known_path_is_a_text(text: str) -> None:
    _, problems = checked(with_rule(f"when: {{event: interview.ended, where: {{company: {text}}}}}"))
    assert not problems


@pytest.mark.parametrize(("fragment", "code", "hint"), ERRORS)
def test_s4_the_hint_says_what_to_write(fragment: str, code: str, hint: str) -> None:
    only_error(with_rule(fragment), code, hint)


@pytest.mark.parametrize(("fragment", "hint", "mended"), MENDED)
def test_s4_what_the_hint_says_to_write_is_accepted(fragment: str, hint: str, mended: str) -> None:
    text, line, column = marked(with_rule(fragment))
    found = checked(text)[1]
    assert [(p.line, p.column) for p in found] == [(line, column)], found
    assert hint in found[0].hint
    assert not checked(with_rule(mended))[1]


@pytest.mark.parametrize(("where", "hint", "mended"), CALENDAR)
def test_s13_what_the_hint_says_of_days_and_times_is_accepted(where: str, hint: str, mended: str) -> None:
    test_s4_what_the_hint_says_to_write_is_accepted(
        f"when: {{event: interview.ended, where: {where}}}",
        hint,
        f"when: {{event: interview.ended, where: {mended}}}",
    )


@pytest.mark.parametrize(("items", "test", "hint"), OF_LISTS)
def test_s13_the_item_of_a_list_that_is_no_such_value_is_told_where_it_stands(
    items: str, test: str, hint: str
) -> None:
    text = with_rule(f"when: {{event: interview.ended, where: {{{test}}}}}")
    only_error(text.replace("  job_words:", f"  quiet: {items}\n  job_words:"), "unknown-value", hint)


def test_s13_a_list_may_stand_among_days() -> None:
    text = with_rule("when: {event: interview.ended, where: {event.time: {weekday: [$quiet, mon, sun]}}}")
    ruleset, problems = checked(text.replace("  job_words:", "  quiet: [sat, sun]\n  job_words:"))
    assert not problems
    assert ruleset is not None
    test = ruleset.rules[-1].when[0].where
    assert isinstance(test, FieldTest)
    assert test.operand == ("sat", "sun", "mon")


@pytest.mark.parametrize(("fragment", "hint"), INSTEAD)
def test_s4_where_no_word_is_right_the_hint_says_what_can_be_done(fragment: str, hint: str) -> None:
    text, line, column = marked(with_rule(fragment))
    found = checked(text)[1]
    assert [(p.line, p.column) for p in found] == [(line, column)], found
    assert hint in found[0].hint
    assert "did you mean" not in found[0].hint


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("thanked: 'true'", "`thanked` is `true` or `false`, and the text `true` is not."),
        ("thanked: maybe", "`thanked` is `true` or `false`, and `maybe` is not."),
    ],
)
def test_s14_a_value_in_quotes_is_told_to_be_a_text(where: str, message: str) -> None:
    found = checked(with_rule(f"when: {{event: interview.ended, where: {{{where}}}}}"))[1]
    assert [p.message for p in found] == [message]


@pytest.mark.parametrize("state", [*STATES, "reopened"])
def test_s23_a_rule_with_a_state_is_no_event_and_the_hint_says_which_is(state: str) -> None:
    rule = "other" if state in ("raised", "suppressed") else "both"
    fragment = f"when: {{event: «{rule}.{state}»}}"
    meant = f"{{event: advice.{state if state != 'reopened' else 'due'}, where: {{rule: {rule}}}}}"
    only_error(with_rule(fragment), "unknown-event", f"write `{meant}`")
    assert not [p for p in checked(with_rule(f"when: {meant}"))[1] if p.severity == "error"]


@pytest.mark.parametrize(("fragment", "code", "hint"), DEFAULTS)
def test_s10_the_hint_says_which_days_there_are(fragment: str, code: str, hint: str) -> None:
    only_error(document(f"{HEAD}defaults: {{days: business, {fragment}}}\n"), code, hint)


@pytest.mark.parametrize(("where", "code", "hint"), WHEN)
def test_s13_the_hint_says_how_to_ask_when_something_happens(where: str, code: str, hint: str) -> None:
    only_error(with_rule(f"when: {{event: interview.ended, where: {where}}}"), code, hint)


@pytest.mark.parametrize("text", ["a: {b: 1} c: {d: 2}\n", "a: {x: 1,\n  b: {y}, c: 2,\n  d e}\nk: l: m\n"])
def test_s29_a_mapping_in_braces_is_not_taken_for_a_text(text: str) -> None:
    _, problems = checked(text)
    assert [p.code for p in problems] == ["yaml-syntax"]
    assert "stands in quotes" not in problems[0].message


def only_error(marked_text: str, code: str, hint: str) -> None:
    text, line, column = marked(marked_text)
    ruleset, problems = checked(text)
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)], problems
    assert hint in f"{problems[0].message} {problems[0].hint}", problems[0]
    assert ruleset is None


def test_p1_the_nearest_of_many_names_does_not_depend_on_their_order() -> None:
    names = [f"Australia/{chr(a)}{chr(b)}" for a in range(97, 123) for b in range(97, 123)]
    names = [f"Am{name}" for name in names] + names + ["Australia/Perth"]
    for order in (names, names[::-1], sorted(names, key=lambda name: name[::-1])):
        assert nearest("Australia/Pert", order) == "Australia/Perth"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Sundays", "sun"),
        ("Thurs.", "thu"),
        ("mon-wed", "mon tue wed"),
        ("Fri – Mon", "fri sat sun mon"),
        ("mon to wed, sat and sun", "mon tue wed sat sun"),
        ("sat sun", "sat sun"),
        ("[sat, sun]", "sat sun"),
        ("so", ""),
        ("sun and rain", ""),
        ("mon-tue-wed", ""),
        ("", ""),
    ],
)
def test_s13_days_are_read_as_people_write_them(text: str, days: str) -> None:
    assert days_in(text) == tuple(days.split())
