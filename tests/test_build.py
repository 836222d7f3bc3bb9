"""What a rule file means, and every mistake that can be made in one: exactly one problem, at the very word."""

from __future__ import annotations

import zoneinfo
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.build import build
from afterword.codes import CODES, explanation
from afterword.conditions import All, AnyOf, FieldTest, Not, Ref
from afterword.days import parse_instant
from afterword.duration import Duration
from afterword.problem import Problem
from afterword.ruleset import CaseOpen, Lookback, Moment, Rule, Ruleset, Span
from afterword.yaml_tree import parse
from mistakes import EVERYTHING, HEAD, checked, document, marked, paths, problems_of, replaced, with_rule

RULE_MISTAKES = [
    # S4: names of the vocabulary
    ("when: {event: «interview.endet»}", "unknown-event", "did you mean `interview.ended`?"),
    ("when: {event: [interview.ended, «offer.acepted»]}", "unknown-event", "`offer.accepted`"),
    ("fulfilled_by: {event: «message.draft»}", "unknown-event", "`message.drafted`"),
    ("when: {event: «decision.passed»}", "unknown-event", "`decision_date.passed`"),
    ("when: {event: «advice.mised»}", "unknown-event", "`advice.missed`"),
    ("when: {event: message.drafted, where: {«purpos»: x}}", "unknown-field", "did you mean `purpose`?"),
    ("when: {event: message.drafted, where: {«mood»: x}}", "unknown-field", "write `subject.mood`"),
    ("when: {event: message.drafted, where: {not: {any: [{«txt»: x}]}}}", "unknown-field", "`text`"),
    ("when: {event: interview.ended, where: {«place.town»: x}}", "unknown-field", "its fields: `city`"),
    ("when: {event: interview.ended, where: {«company.name»: x}}", "unknown-field", ""),
    ("when: {event: interview.ended, where: {«event.tme»: x}}", "unknown-field", "`time`"),
    ("when: {event: day.passed, where: {«day»: x}}", "unknown-field", "`date`"),
    ("when: {event: interview.ended, where: {«case.compny»: x}}", "unknown-fact", "`company`"),
    ("when: {event: interview.ended, where: {«case.mood»: x}}", "unknown-fact", "write `subject.mood`"),
    (
        "when: {event: interview.ended, where: {company: {is: {field: «case.compny»}}}}",
        "unknown-fact",
        "`company`",
    ),
    ("when: {event: interview.ended, where: {medium: «fone»}}", "unknown-value", "did you mean `phone`?"),
    ("when: {event: interview.ended, where: {medium: {in: [phone, «vidio»]}}}", "unknown-value", "`video`"),
    ("when: {event: advice.missed, where: {rule: «othr»}}", "unknown-value", "`other`"),
    ("when: «acepted»", "unknown-pattern", "did you mean `accepted`?"),
    ("when: [{event: interview.ended}, «offer»]", "unknown-pattern", ""),
    ("inhibits: [«othre»]", "unknown-rule", "`other`"),
    ("inhibits: [other, «sample»]", "inhibits-itself", "cooldown"),
    ("due: {until: {plus: «$patiense»}}", "unknown-name", "`patience`"),
    ("when: {event: message.drafted, where: {text: {mentions: «$job_word»}}}", "unknown-name", "`job_words`"),
    (
        "when: {event: message.drafted, where: {text: {mentions: [a, «$job_word»]}}}",
        "unknown-name",
        "`job_words`",
    ),
    # S13: tests that do not fit the field
    ("when: {event: message.drafted, where: {text: {«gt»: 5}}}", "wrong-test", "`mentions`"),
    ("when: {event: message.drafted, where: {size: {«mentions»: x}}}", "wrong-test", "`gt`"),
    ("when: {event: interview.ended, where: {interviewers: «Ana»}}", "wrong-test", "write `has: Ana`"),
    ("when: {event: interview.ended, where: {place: {«is»: x}}}", "wrong-test", "`exists`"),
    ("when: {event: interview.ended, where: {thanked: {«before»: 2026-01-01}}}", "wrong-test", "`is`"),
    ("when: {event: interview.ended, where: {decision_date: {«gt»: 3}}}", "wrong-test", "`after`"),
    ("when: {event: interview.ended, where: {interviewers: {any: {«gt»: 3}}}}", "wrong-test", "`mentions`"),
    (
        "when: {event: interview.ended, where: {interviewers: {any: {«mention»: x}}}}",
        "unknown-key",
        "`mentions`",
    ),
    ("when: {event: interview.ended, where: {panel: {any: {«nme»: x}}}}", "unknown-field", "`name`"),
    (
        "when: {event: interview.ended, where: {panel: {every: {age: {«contains»: x}}}}}",
        "wrong-test",
        "`gte`",
    ),
    ("when: {event: interview.ended, where: {panel: {any: «Ana»}}}", "wrong-type", ""),
    ("when: {event: message.drafted, where: {text: {contains: «''»}}}", "out-of-range", "`exists: true`"),
    ("when: {event: message.drafted, where: {text: {mentions: «''»}}}", "out-of-range", "`exists: true`"),
    ("when: {event: message.drafted, where: {text: {mentions: «'  '»}}}", "out-of-range", "`exists: true`"),
    ("when: {event: message.drafted, where: {text: {ends_with: [a, «''»]}}}", "out-of-range", "look for"),
    # S14: nothing is converted
    ("when: {event: message.drafted, where: {purpose: «7»}}", "wrong-operand", 'in quotes: `"7"`'),
    ("when: {event: message.drafted, where: {purpose: «true»}}", "wrong-operand", "quotes"),
    ('when: {event: message.drafted, where: {size: «"7"»}}', "wrong-operand", "without quotes"),
    ("when: {event: message.drafted, where: {size: «7.5»}}", "wrong-operand", "a whole number"),
    ("when: {event: interview.ended, where: {thanked: «NO»}}", "wrong-operand", "write `false`"),
    ("when: {event: interview.ended, where: {decision_date: «2026-02-30»}}", "bad-date", "2026-03-02"),
    ("when: {event: interview.ended, where: {decision_date: {before: «soon»}}}", "bad-date", "write a date"),
    ("when: {event: interview.ended, where: {decision_date: {after: «2026-02-30»}}}", "bad-date", "calendar"),
    (
        "when: {event: interview.ended, where: {starts_at: {is: «2026-02-30T09:00:00Z»}}}",
        "bad-date",
        "a day of",
    ),
    ("when: {event: interview.ended, where: {starts_at: {is: «2026-03-02T09:00:00»}}}", "bad-date", "offset"),
    ("when: {event: message.drafted, where: {size: {between: «[9, 3]»}}}", "empty-range", "[3, 9]"),
    ("when: {event: message.drafted, where: {text: {length: {gt: «$greeting»}}}}", "wrong-operand", ""),
    ("when: {event: message.drafted, where: {size: {gt: «$patience»}}}", "wrong-operand", "duration"),
    ("when: {event: message.drafted, where: {purpose: «$job_words»}}", "wrong-operand", "`{in: $job_words}`"),
    (
        "when: {event: message.drafted, where: {purpose: {is: «$job_words»}}}",
        "wrong-operand",
        "`in: $job_words`",
    ),
    (
        "when: {event: message.drafted, where: {purpose: {is_not: «$job_words»}}}",
        "wrong-operand",
        "`not_in: $job_words`",
    ),
    (
        "when: {event: interview.ended, where: {interviewers: {has: «$job_words»}}}",
        "wrong-operand",
        "`has_any: $job_words`",
    ),
    ("when: {event: message.drafted, where: {size: {gt: «$sizes»}}}", "wrong-operand", "holds a number"),
    (
        "when: {event: message.drafted, where: {purpose: «$limit»}}",
        "wrong-operand",
        "it comes from `$limit`; name one",
    ),
    ("when: {event: message.drafted, where: {size: «'>= 3'»}}", "wrong-operand", "write `{gte: 3}`"),
    ("when: {event: message.drafted, where: {size: «1_000»}}", "wrong-operand", "write `1000`"),
    ("when: {event: message.drafted, where: {size: «three»}}", "wrong-operand", "in digits"),
    ("when: {event: message.drafted, where: {purpose: {in: [«3»]}}}", "wrong-operand", "quotes"),
    ("when: {event: interview.ended, where: {interviewers: {has: «3»}}}", "wrong-operand", "quotes"),
    (
        "when: {event: interview.ended, where: {interviewers: {has_any: «$sizes»}}}",
        "wrong-operand",
        "name one",
    ),
    ("when: {event: message.drafted, where: {size: {gt: {field: «case.company»}}}}", "wrong-operand", ""),
    ("when: {event: interview.ended, where: {company: {in: {field: «medium»}}}}", "wrong-operand", ""),
    ("when: {event: message.drafted, where: {text: {matches: «'(a'»}}}", "bad-regex", ""),
    ("when: {event: message.drafted, where: {text: {matches: «'(?=a)'»}}}", "bad-regex", ""),
    (
        "when: {event: [message.drafted, note.made], where: {«size»: 3}}",
        "mixed-types",
        "one pattern for each",
    ),
    # S15, S16: where a value and a count may stand
    (
        "when: {event: interview.ended, where: {«trigger.company»: x}}",
        "trigger-out-of-reach",
        "write `company`",
    ),
    (
        "fulfilled_by: {event: message.drafted, where: {text: {contains: {field: «trigger.compny»}}}}",
        "unknown-field",
        "`company`",
    ),
    (
        "per: subject\nwhen: {event: interview.ended, where: {«case.company»: x}}",
        "case-out-of-reach",
        "per: case",
    ),
    (
        "fulfilled_by: {event: message.drafted, «count»: {at_least: 2, within: 1 day}}",
        "misplaced-count",
        "`when`",
    ),
    ("cancelled_by: «three_drafts»", "misplaced-count", "`when`"),
    ("unless: «three_drafts»", "misplaced-count", "`when`"),
    (
        "while: {since: {event: interview.ended, «count»: {at_least: 2, within: 1 day}}}",
        "misplaced-count",
        "",
    ),
    (
        "when: {event: message.drafted, count: {at_least: «$greeting», within: 1 day}}",
        "wrong-operand",
        "integer",
    ),
    ("when: {event: message.drafted, count: {at_least: 2, within: «2 dys»}}", "bad-duration", ""),
    ("unless: {since: {event: interview.ended}, until: «{minus: 2 days}»}", "empty-window", "counts from"),
    ("unless: {since: {event: interview.ended}, until: {event: «accpted»}}", "unknown-event", ""),
    ("unless: {since: {event: message.drafted, where: {«porpose»: x}}}", "unknown-field", "`purpose`"),
    (
        "when: {event: interview.ended, count: {at_least: 2, within: 1 day, distinct: «panel»}}",
        "wrong-operand",
        "",
    ),
    # S9, S11: moments and windows
    ("due: {until: {plus: «7»}}", "wrong-type", "`7 days`"),
    ("due: {until: {plus: «'7'»}}", "bad-duration", ""),
    ("due: {until: {plus: «-1 day»}}", "bad-duration", "write `minus: 1 day`"),
    ("due: {until: {minus: «P-3D»}}", "bad-duration", "write `plus: P3D`"),
    ("due: {until: {plus: «$limit»}}", "wrong-operand", "type: duration"),
    ("due: {from: {field: «case.company»}}", "wrong-operand", "`date` or `datetime`"),
    (
        "due: {from: {first_known: [{field: «case.decison_date»}, event.time]}}",
        "unknown-fact",
        "`decision_date`",
    ),
    ("due: {from: {plus: 3 days}, until: «event.time»}", "empty-window", "{plus: 2 days}"),
    ("due: {until: «start of day»}", "empty-window", ""),
    (
        "due: {from: start of next month, until: «{field: event.time, align: end of month}»}",
        "empty-window",
        "",
    ),
    ("due: {from: {plus: 31 days}, until: «{field: event.time, align: end of month}»}", "empty-window", ""),
    ("due: {from: end of day, until: «{minus: 2 hours}»}", "empty-window", ""),
    (
        "due: {from: {field: decision_date}, until: «{field: decision_date}»}",
        "empty-window",
        "both are counted from `decision_date`",
    ),
    (
        "due: {from: {field: starts_at, minus: 4 months}, until: «{field: starts_at, minus: 5 months}»}",
        "empty-window",
        "let `until` come after `from`",
    ),
    (
        "due: {from: {field: case.decision_date, at: '09:00'}, until: «{field: case.decision_date}»}",
        "empty-window",
        "both are counted from `case.decision_date`",
    ),
    ("due: {from: {field: case.decision_date}, until: «start of day»}", "empty-window", "{plus: 2 days}"),
    ("due: {from: {field: starts_at}, until: «{minus: 1 day}»}", "empty-window", "{plus: 2 days}"),
    ("while: {since: {event: interview.ended}, until: «start of day»}", "empty-window", "`since`"),
    ("cooldown: «a while»", "bad-duration", ""),
    ("cooldown: «-1 day»", "bad-duration", ""),
    ("repeat: {every: «200 years»}", "bad-duration", ""),
    ("effective: {from: 2026-02-01, «until»: 2026-01-01}", "empty-window", "after `from`"),
    ("effective: {from: «2026-02-31»}", "bad-date", ""),
    # S31: messages
    ("message: Thank «{case.company» now.", "bad-message", ""),
    ("message: Thank {«compny»} now.", "unknown-field", "`company`"),
    ("message: Thank {«case.compny»} now.", "unknown-fact", "`company`"),
    ("message: Wait {«params.patiense»}.", "unknown-param", "`patience`"),
    ("message: Wait {company:«uper»}.", "bad-message", ""),
    ("message: On {company:«date»}.", "wrong-filter", "`upper`"),
    ("message: Leave out {«matched»}.", "unknown-name", "`when` must look for text"),
    ("message: Seen {«count»} times.", "unknown-name", "`count`"),
    ("message: By {«due.till»}.", "unknown-name", "`due.until`"),
    ("kind: warning\nmessage: By {«due.until»}.", "unknown-name", "no window"),
    ("message: >-\n  Thank them\n  for {«tyme»} now.", "unknown-field", ""),
    ('message: "Say \\"thanks\\" to {«compny»}."', "unknown-field", "`company`"),
    # rules as a whole
    ("id: «other»", "duplicate-id", "another id"),
    ("kind: warning\n«due»: {until: {plus: 1 day}}", "recommendation-only", "recommendation"),
    ("kind: warning\n«repeat»: {every: 7 days}", "recommendation-only", "recommendation"),
    ("kind: warning\n«fulfilled_by»: accepted", "recommendation-only", "recommendation"),
    ("kind: warning\n«cancelled_by»: accepted", "recommendation-only", "recommendation"),
    ("kind: warning\n«again»: each", "recommendation-only", "recommendation"),
    # S23: cycles
    ("kind: warning\nwhen: {event: «advice.raised»}", "rule-cycle", "where: {rule"),
    ("when: {event: «advice.due», where: {kind: recommendation}}", "rule-cycle", "cooldown"),
]

SECTION_MISTAKES = [
    ("params", "a: {type: duration, default: «7 dys»}", "bad-duration", ""),
    ("params", "a: {type: duration, default: 1 day, enum: [1 day, «x»]}", "bad-duration", ""),
    ("params", "a: {type: date, default: «2026-13-01»}", "bad-date", ""),
    ("params", "a: {type: integer, default: «3», minimum: 5}", "out-of-range", ""),
    (
        "params",
        "a: {type: string, default: «x», enum: [yes, no]}",
        "unknown-value",
        "it is one of: `no`, `yes`",
    ),
    ("params", "a: {type: integer, default: 1, enum: [1, «two»]}", "wrong-operand", "without quotes"),
    ("lists", "«patience»: [x]", "duplicate-name", "rename"),
    ("events", "a.b: {fields: {«event»: {type: string}}}", "reserved-name", ""),
    ("events", "a.b: {fields: {«any»: {type: string}}}", "reserved-name", ""),
    ("events", "a.b: {fields: {x: {type: object, fields: {«field»: {type: string}}}}}", "reserved-name", ""),
    ("events", "a.b: {fields: {x: {type: integer, enum: [1, «b»]}}}", "wrong-operand", ""),
    ("events", "«advice.raised»: {}", "reserved-name", "remove it"),
    ("events", "«day.passed»: {}", "reserved-name", "remove it"),
    ("events", "«decision_date.passed»: {}", "reserved-name", "remove it"),
    ("remember", "a: {from: «interview.end», field: company}", "unknown-event", "`interview.ended`"),
    ("remember", "a: {from: interview.ended, field: «compny»}", "unknown-field", "`company`"),
    ("remember", "a: {from: interview.ended, field: «event.type»}", "not-allowed", "`from`"),
    ("remember", "a: {from: interview.ended, field: «case.compny»}", "not-allowed", "`from`"),
    ("remember", "«open»: {from: interview.ended, field: company}", "reserved-name", ""),
    ("remember", "«day»: {from: interview.ended, field: decision_date}", "reserved-name", ""),
    ("patterns", "a: «a»", "pattern-cycle", "own definition"),
    ("patterns", "a: b\n  b: [accepted, «a»]", "pattern-cycle", ""),
    ("patterns", "a: «interview.ended»", "bad-format", "{event: interview.ended}"),
    ("patterns", "a: {event: interview.ended, where: {«trigger.company»: x}}", "trigger-out-of-reach", ""),
]

DEFAULTS_MISTAKES = [
    ("defaults: {timezone: «Australia/Prth»}", "unknown-zone", "`Australia/Perth`"),
    ("defaults: {timezone: «AWST»}", "unknown-zone", ""),
    ("defaults: {days: business, holidays: «AU-XX»}", "unknown-holidays", "no such region"),
    ("defaults: {days: business, holidays: «Oz»}", "unknown-holidays", "AU-WA"),
    ('requires_engine: «">=99"»', "wrong-engine", "widen"),
    ('requires_engine: «">=0.1,<0.1.0"»', "wrong-engine", "widen"),
]


def only_mistake(marked_text: str, code: str, hint: str) -> None:
    text, line, column = marked(marked_text)
    ruleset, problems = checked(text)
    assert [(p.code, p.line, p.column) for p in problems] == [(code, line, column)], problems
    assert hint in problems[0].hint, problems[0]
    assert ruleset is None


def test_the_sample_has_no_problem() -> None:
    ruleset, problems = checked(document())
    assert not problems
    assert ruleset is not None


@pytest.mark.parametrize(("fragment", "code", "hint"), RULE_MISTAKES)
def test_s4_a_mistake_in_a_rule_is_one_problem_at_the_very_word(fragment: str, code: str, hint: str) -> None:
    only_mistake(with_rule(fragment), code, hint)


@pytest.mark.parametrize(("section", "entry", "code", "hint"), SECTION_MISTAKES)
def test_s4_a_mistake_in_a_declaration_is_one_problem(section: str, entry: str, code: str, hint: str) -> None:
    text = document()
    at = text.index(f"{section}:\n") + len(section) + 2
    only_mistake(f"{text[:at]}  {entry}\n{text[at:]}", code, hint)


@pytest.mark.parametrize(("line", "code", "hint"), DEFAULTS_MISTAKES)
def test_s9_a_mistake_in_the_head_is_one_problem(line: str, code: str, hint: str) -> None:
    only_mistake(document(f"{HEAD}{line}\n"), code, hint)


# --- one problem per mistake, all of them at once


def test_p1_a_zone_that_only_this_machine_knows_is_not_suggested(tmp_path: Path) -> None:
    (tmp_path / "Mars").mkdir()
    (tmp_path / "Mars" / "Phobos").write_bytes(b"TZif2")
    known = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([tmp_path])
    try:
        [problem] = problems_of(document(f"{HEAD}defaults: {{timezone: Mars/Phobo}}\n"))
    finally:
        zoneinfo.reset_tzpath(known)
    assert problem.code == "unknown-zone"
    assert problem.hint.startswith("write an IANA name, such as `Australia/Perth`")


@pytest.mark.parametrize("test", ["contains", "starts_with", "mentions"])
def test_s13_an_empty_text_in_a_list_is_refused_where_it_is_looked_for(test: str) -> None:
    rules = f"""
      - {{id: a, kind: warning, message: x, when: {{event: message.drafted, where: {{text: {{{test}: $words}}}}}}}}
      - {{id: b, kind: warning, message: y, when: {{event: message.drafted, where: {{text: {{{test}: $words}}}}}}}}
    """
    text, line, column = marked(document(lists="words: [a, «''»]", rules=rules, params=None, patterns=None))
    found = problems_of(text)
    assert [(p.code, p.line, p.column) for p in found] == [("out-of-range", line, column)], found
    assert found[0].hint == "remove it from the list"
    assert not problems_of(text.replace(f"{{{test}: $words}}", "{in: $words}"))


def test_s4_all_mistakes_are_told_at_once_and_in_order() -> None:
    text = with_rule("when: {event: interview.endet}\nseverty: high\ncooldown: soon\nmessage: '{compny}'")
    problems = problems_of(text.replace("version: 1.0.0", "version: one"))
    assert [p.code for p in problems] == ["bad-format", "unknown-event", "unknown-key", "bad-duration"]
    assert problems == sorted(problems)


@pytest.mark.parametrize("key", ["cooldown: -1 day", "repeat: {every: -1 day}"])
def test_s9_a_length_of_time_that_is_negative_is_not_told_of_a_key_that_is_not_there(key: str) -> None:
    (problem,) = problems_of(with_rule(key))
    assert "minus:" not in problem.message + problem.hint


@pytest.mark.parametrize(
    "fragment",
    [
        "when: {event: interview.ended, where: {decision_date: {before: 2026-02-30}}}",
        "when: {event: interview.ended, where: {starts_at: {between: [2026-02-30, 2026-03-30]}}}",
        "when: {event: interview.ended, where: {decision_date: 2026-02-30}}",
        "effective: {until: 2026-02-30}",
    ],
)
def test_s13_a_day_that_is_not_in_the_calendar_is_called_so(fragment: str) -> None:
    (problem,) = problems_of(with_rule(fragment))
    assert problem.message == "There is no day `2026-02-30`."
    assert "offset" not in problem.hint


@pytest.mark.parametrize(
    ("fragment", "hint"),
    [
        (
            "due: {from: {field: case.nope}}",
            "known: `decision_date`",
        ),  # `open` is like it, and a truth value
        ("due: {from: {field: case.compny}}", "known: `decision_date`"),
        ("due: {from: {field: compny}}", "its fields: `decision_date`, `place`, `starts_at`"),
        ("when: {event: interview.ended, where: {thanked: {is: {field: case.opn}}}}", "did you mean `open`?"),
        (
            "when: {event: interview.ended, where: {company: {is: {field: case.xyz}}}}",
            "known: `company`, `id`",
        ),
        ("kind: warning\nwhen: {event: advice.snoozed}\nmessage: '{untill}'", "did you mean `until`?"),
        ("kind: warning\nwhen: {event: advice.dismissed}\nmessage: '{until}'", "its fields: "),
        ("when: {event: interview.ended}\nmessage: '{until}'", "did you mean `due.until`?"),
    ],
)
def test_s15_a_name_is_suggested_only_where_what_it_names_can_stand(fragment: str, hint: str) -> None:
    (problem,) = problems_of(with_rule(fragment))
    assert problem.hint.startswith(hint)


def test_p3_two_rules_of_one_id_hide_no_rule_that_is_missing() -> None:
    text = with_rule(
        "id: other\ninhibits: [nope]\nwhen: {event: advice.missed, where: {rule: nowhere}}\nkind: warning"
    )
    assert [problem.code for problem in problems_of(text)] == [
        "duplicate-id",
        "unknown-rule",
        "unknown-value",
    ]


def test_s31_a_fault_in_a_message_hides_no_name_in_it() -> None:
    text = with_rule('message: "{company.x} {zzz} {compny:foo} {medium:bar} {a b} {tyme}"')
    column = text.splitlines()[-1].index
    found = [(problem.code, problem.column) for problem in problems_of(text)]
    assert found == [
        ("unknown-field", column("company.x") + 1),
        ("unknown-field", column("zzz") + 1),
        ("unknown-field", column("compny") + 1),
        ("bad-message", column("foo") + 1),
        ("bad-message", column("bar") + 1),
        ("bad-message", column("a b") + 1),
        ("unknown-field", column("tyme") + 1),
    ]


def test_s4_what_depends_on_a_broken_declaration_is_not_blamed() -> None:
    text = document(
        lists="job_words: nothing\nsizes: [1, 2]",
        params="patience: {type: duration, default: 7}\nlimit: 3\ngreeting: {type: strng, default: hello}",
        remember="company: {from: interview.ended, feild: company}",
        patterns="accepted: {evnt: offer.accepted}\nthree_drafts: 7",
    )
    problems = problems_of(text)
    assert {p.code for p in problems} == {"wrong-type", "not-allowed", "unknown-key"}
    assert len(problems) == 7


def test_s4_a_fact_that_is_told_by_a_fact_makes_no_other_unknown() -> None:
    remember = "company: {from: interview.ended, field: case.company}\nday_of: {from: interview.ended, field: company}"
    rule = "- {id: r, kind: warning, when: {event: interview.ended}, message: '{case.company}{case.day_of}'}"
    assert [p.code for p in problems_of(document(remember=remember, rules=rule))] == ["not-allowed"]


@pytest.mark.parametrize("section", ["params", "lists", "events", "remember", "patterns"])
def test_s4_a_section_that_cannot_be_read_makes_no_name_unknown(section: str) -> None:
    problems = problems_of(document(**{section: "- a"}))
    assert [p.code for p in problems] == ["wrong-type"]


def test_s4_an_event_type_whose_fields_cannot_be_read_accepts_every_field() -> None:
    text = document(events="interview.ended: {fields: 7}\nmessage.drafted: 3\noffer.accepted:\nnote.made:")
    assert [p.code for p in problems_of(text)] == ["wrong-type", "wrong-type"]


def test_s4_a_broken_rule_does_not_hide_the_others() -> None:
    text = with_rule("when: 7") + "  - {id: last, kind: warning, when: acepted, message: x}\n"
    assert [p.code for p in problems_of(text)] == ["wrong-type", "unknown-pattern"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n", "7", "null"])
def test_s26_a_text_that_is_no_mapping_is_one_problem(text: str) -> None:
    assert [p.code for p in problems_of(text)] == ["wrong-type"]


# --- warnings: a ruleset all the same


def test_s4_a_field_that_only_some_event_types_have_is_a_warning() -> None:
    text, line, column = marked(
        with_rule("when: {event: [interview.ended, offer.accepted], where: {«company»: Acme}}")
    )
    ruleset, problems = checked(text)
    assert ruleset is not None
    assert [(p.code, p.line, p.column, p.severity) for p in problems] == [
        ("field-not-everywhere", line, column, "warning")
    ]
    assert "`offer.accepted`" in problems[0].message


def test_s14_a_field_that_has_to_be_missing_may_be_none_of_an_event_type() -> None:
    text = with_rule("when: {event: [interview.ended, offer.accepted], where: {company: {exists: false}}}")
    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("section", "entry"),
    [
        ("params", "spare: {type: string, default: x}"),
        ("lists", "spare: [x]"),
        ("patterns", "spare: {event: interview.ended}"),
    ],
)
def test_s15_a_name_that_nothing_uses_is_a_warning(section: str, entry: str) -> None:
    text = document().replace(f"{section}:\n", f"{section}:\n  {entry}\n")
    ruleset, problems = checked(text)
    assert ruleset is not None
    assert [(p.code, p.severity) for p in problems] == [("unused-name", "warning")]


@pytest.mark.parametrize(
    ("when", "dead"),
    [
        ("{event: «advice.due», where: {rule: other}}", True),
        ("{event: «advice.raised», where: {kind: recommendation}}", True),
        ("{event: «advice.fulfilled», where: {rule: both}}", True),
        ("{event: «advice.suppressed», where: {rule: both}}", True),
        ("{event: «advice.missed», where: {rule: both}}", False),
        ("{event: «advice.dismissed», where: {rule: both}}", False),
        ("{event: «advice.dismissed», where: {rule: other}}", True),
        ("{event: «advice.reopened», where: {rule: both}}", True),
        ("{event: «advice.raised», where: {rule: other}}", False),
    ],
)
def test_s23_a_rule_that_listens_for_what_never_comes_is_a_warning(when: str, dead: bool) -> None:
    text, line, column = marked(with_rule(f"when: {when}"))
    ruleset, problems = checked(text)
    assert ruleset is not None
    assert [(p.code, p.line, p.column) for p in problems] == [("dead-rule", line, column)] * dead


# --- codes


def test_p3_a_problem_with_an_undeclared_code_is_impossible() -> None:
    with pytest.raises(ValueError, match="no-such-code"):
        Problem("a.yaml", 1, 1, "no-such-code", "x")


@pytest.mark.parametrize("code", CODES)
def test_p3_every_code_is_explained_in_a_paragraph(code: str) -> None:
    assert explanation(code).endswith(".")
    assert "\n" not in explanation(code)


# --- what is read


def rule_of(fragment: str) -> Rule:
    ruleset, problems = checked(with_rule(fragment))
    assert ruleset is not None, problems
    return ruleset.rules[-1]


def condition_of(where: str) -> object:
    return rule_of(f"when: {{event: [interview.ended, message.drafted], where: {where}}}").when[0].where


DATA = Ref("data", ("purpose",))


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("{purpose: x}", FieldTest(DATA, "is", "x", "string")),
        ("{purpose: null}", FieldTest(DATA, "is", None, "string")),
        ("{purpose: $greeting}", FieldTest(DATA, "is", "hello", "string")),
        ("{purpose: $$greeting}", FieldTest(DATA, "is", "$greeting", "string")),
        (
            "{purpose: {in: [a, $job_words]}}",
            FieldTest(DATA, "in", ("a", "interview", "interviewer"), "string"),
        ),
        ("{purpose: {field: case.company}}", FieldTest(DATA, "is", Ref("case", ("company",)), "string")),
        ("{purpose: {mentions: a}}", FieldTest(DATA, "mentions", "a", "string")),
        ("{purpose: {mentions: [a]}}", FieldTest(DATA, "mentions", ("a",), "string")),
        (
            "{purpose: {words: {gt: 1, lt: $limit}}}",
            FieldTest(
                DATA,
                "words",
                All((FieldTest(None, "gt", 1, "integer"), FieldTest(None, "lt", 150, "integer"))),
                "string",
            ),
        ),
        (
            "{interviewers: {any: Ana}}",
            FieldTest(Ref("data", ("interviewers",)), "any", FieldTest(None, "is", "Ana", "string"), "array"),
        ),
        (
            "{panel: {every: {age: {gt: 3}}}}",
            FieldTest(
                Ref("data", ("panel",)),
                "every",
                FieldTest(Ref("data", ("age",)), "gt", 3, "integer"),
                "array",
            ),
        ),
        (
            "{purpose: {is: a, exists: true}}",
            All((FieldTest(DATA, "is", "a", "string"), FieldTest(DATA, "exists", True, "string"))),
        ),
        (
            "{any: [{purpose: a}, {not: {place.city: b}}]}",
            AnyOf(
                (
                    FieldTest(DATA, "is", "a", "string"),
                    Not(FieldTest(Ref("data", ("place", "city")), "is", "b", "string")),
                )
            ),
        ),
    ],
)
def test_s13_a_where_is_read_as_a_condition_tree(where: str, condition: object) -> None:
    assert condition_of(where) == condition


def test_s9_plain_days_mean_what_the_defaults_say() -> None:
    ruleset, _ = checked(document(f"{HEAD}defaults: {{days: business, weekend: [fri, sat]}}\n"))
    assert ruleset is not None
    assert ruleset.defaults.weekend == {4, 5}
    assert ruleset.rules[1].due.end == (Moment(plus=Duration(business_days=7)),)


def test_s11_a_window_is_read_as_moments() -> None:
    due = rule_of(
        "due: {from: {first_known: [{field: case.decision_date, plus: 1 day}, {plus: $patience, at: '09:30'}]}, "
        "until: end of next day}"
    ).due
    assert due.start == (
        Moment(base=Ref("case", ("decision_date",)), plus=Duration(days=1)),
        Moment(plus=Duration(days=7), at=570),
    )
    assert due.end == (Moment(align="end of next day"),)


def test_s8_a_window_that_opens_on_some_days_of_a_month_is_no_mistake() -> None:
    for window in (
        "{from: {plus: 28 days}, until: {field: event.time, align: end of month}}",
        "{from: end of next day, until: {field: event.time, align: end of month}}",
        "{from: {minus: 3 days, align: end of month}}",
    ):
        assert not problems_of(with_rule(f"due: {window}")), window


@pytest.mark.parametrize(
    "window",
    [
        "{from: {field: starts_at, at: '09:00'}, until: {field: starts_at}}",
        "{from: {field: starts_at}, until: {field: decision_date}}",
        "{from: {field: starts_at}, until: event.time}",
        "{from: {first_known: [{field: case.decision_date}, event.time]}, until: {field: case.decision_date}}",
        "{from: {field: starts_at}, until: {first_known: [{field: decision_date}, {field: starts_at}]}}",
        "{from: {field: decision_date, minus: 1 year}, until: {field: decision_date, minus: 365 days}}",
        "{from: {field: decision_date, plus: 30 days}, until: {field: decision_date, plus: 1 month}}",
        "{from: {plus: 1 month}, until: {field: event.time, plus: 30 days}}",
        "{from: {field: decision_date}, until: end of day}",
        "{until: {at: '00:01'}}",
    ],
)
def test_s8_a_window_that_opens_for_some_value_is_no_mistake(window: str) -> None:
    assert not problems_of(with_rule(f"due: {window}"))


def test_s8_a_window_that_only_a_holiday_opens_is_no_mistake() -> None:
    due = "due: {from: {plus: 3 days}, until: {field: event.time, plus: 1 business day}}"
    assert problems_of(with_rule(due))
    assert not problems_of(with_rule(due).replace("params:", "defaults: {holidays: AU-WA}\nparams:", 1))


def test_s17_a_while_ends_at_a_pattern_or_a_moment() -> None:
    open_case, span = rule_of(
        "while: [{case: open}, {since: {event: interview.ended}, until: [accepted, end of day, {plus: 2 hours}]}]"
    ).while_
    assert isinstance(open_case, CaseOpen)
    assert isinstance(span, Span)
    assert [clause.types for clause in span.until] == [("offer.accepted",)]
    assert span.ends == (Moment(align="end of day"), Moment(plus=Duration(microseconds=2 * 3600 * 10**6)))


def test_s18_unless_is_any_of_its_lookbacks() -> None:
    within, ever = rule_of("unless: [{event: message.drafted, within: 2 days}, accepted]").unless
    assert isinstance(within, Lookback)
    assert isinstance(ever, Lookback)
    assert within.within == Duration(days=2)
    assert (ever.within, ever.pattern[0].types) == (None, ("offer.accepted",))


def test_s18_an_unless_may_also_hold_what_a_while_does() -> None:
    look, span, open_case = rule_of(
        "unless: [accepted, {since: {event: interview.ended}, until: [accepted, end of day]}, {case: open}]"
    ).unless
    assert isinstance(look, Lookback)
    assert (
        span == rule_of("while: {since: {event: interview.ended}, until: [accepted, end of day]}").while_[0]
    )
    assert isinstance(open_case, CaseOpen)


def test_s27_a_rule_that_is_switched_off_is_checked_and_left_out() -> None:
    ruleset, problems = checked(with_rule("enabled: false\ninhibits: [other]"))
    assert ruleset is not None
    assert problems == []
    assert [rule.id for rule in ruleset.rules] == ["other", "both"]
    only_mistake(with_rule("enabled: false\ninhibits: [«othr»]"), "unknown-rule", "`other`")


DRAFTED = "when: {event: message.drafted}\n"
DAILY = "due: {until: {plus: 1 hour}}\nrepeat: {every: 1 day}\n"


@pytest.mark.parametrize(
    ("rule", "code", "hint"),
    [
        # it never holds
        (DRAFTED + "unless: {since: «accepted»}", "no-effect", "make the rule `per: subject`"),
        (DRAFTED + "unless: {since: accepted}\nper: subject", "", ""),
        (
            DRAFTED + "unless: {since: {event: note.made}, until: «{event: message.drafted}»}",
            "no-effect",
            "end the span with another event",
        ),
        (
            DRAFTED + DAILY + "unless: {since: {event: note.made}, until: {event: message.drafted}}",
            "",
            "",
        ),
        ("when: accepted\nunless: «{case: open}»", "no-effect", "remove this `unless`"),
        # it always does
        ("when: {event: interview.ended}\nunless: «{case: open}»", "dead-rule", "always open here"),
        ("when: {event: interview.ended}\nper: subject\nunless: {case: open}", "", ""),
        (DRAFTED + "unless: {case: open}", "", ""),
        (DRAFTED + "unless: {since: «{event: message.drafted}»}", "dead-rule", "give the rule a `cooldown`"),
        (
            DRAFTED + "unless: {since: «{event: message.drafted}», until: [{plus: 2 days}, end of day]}",
            "dead-rule",
            "in every open case",
        ),
        (
            DRAFTED + "per: subject\nunless: {since: «{event: [message.drafted, note.made]}»}",
            "dead-rule",
            "each time",
        ),
        (DRAFTED + "unless: {since: {event: message.drafted}, until: {align: start of day}}", "", ""),
        (
            DRAFTED + "unless: {since: {event: message.drafted}, until: {field: case.decision_date}}",
            "",
            "",
        ),
        (DRAFTED + "unless: {since: {event: message.drafted, where: {purpose: x}}}", "", ""),
        (DRAFTED + "while: {since: {event: message.drafted}}", "", ""),
    ],
)
def test_s18_an_unless_that_never_or_always_holds_is_a_warning(rule: str, code: str, hint: str) -> None:
    text, line, column = marked(with_rule(rule)) if code else (with_rule(rule), 0, 0)
    problems = [problem for problem in problems_of(text) if problem.code in ("no-effect", "dead-rule")]
    assert [(each.code, each.line, each.column) for each in problems] == [(code, line, column)] * bool(code)
    assert all(hint in f"{each.message} {each.hint}" and each.severity == "warning" for each in problems)


def test_s18_in_a_ruleset_without_cases_a_case_is_open_from_its_first_event_on() -> None:
    text = with_rule(DRAFTED + "unless: {case: open}").replace(document(), document(cases=None))
    (problem,) = [each for each in problems_of(text) if each.code == "dead-rule"]
    assert "Its first event opens the case" in problem.message


def test_s27_a_rule_that_waits_only_for_one_that_is_switched_off_is_dead() -> None:
    off = document().replace("- id: other", "- id: other\n    enabled: «false»")
    waits = "  - {id: waits, kind: warning, when: {event: advice.raised, where: {rule: other}}, message: x}\n"
    text, line, column = marked(off + waits)
    (problem,) = problems_of(text)
    assert (problem.code, problem.severity) == ("dead-rule", "warning")
    assert (problem.line, problem.column) == (line, column)


def test_s28_an_effective_date_is_the_start_of_that_day_in_the_rulesets_zone() -> None:
    text = with_rule("effective: {from: 2026-03-02, until: '2026-03-03T00:00:00+00:00'}")
    ruleset, _ = checked(text.replace(HEAD, f"{HEAD}defaults: {{timezone: Australia/Perth}}\n"))
    assert ruleset is not None
    effective = ruleset.rules[-1].effective
    assert effective is not None
    assert (effective.start, effective.end) == (
        parse_instant("2026-03-02T00:00:00+08:00"),
        parse_instant("2026-03-03T00:00:00+00:00"),
    )


def test_a_rule_without_a_title_is_called_by_its_id() -> None:
    assert rule_of("id: forgot-to-mention").title == "Forgot to mention"


def test_s6_the_passing_of_a_remembered_date_is_an_event_without_declaration() -> None:
    rule = rule_of("when: {event: decision_date.passed, where: {date: {after: 2026-01-01}}}")
    assert rule.when[0].types == ("decision_date.passed",)


# --- S15: params


def setting(**values: object) -> tuple[Ruleset | None, list[Problem]]:
    return checked(document(), **values)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("patience", "3 days", Duration(days=3)),
        ("patience", Duration(days=3), Duration(days=3)),
        ("limit", "12", 12),
        ("limit", 12, 12),
        ("greeting", "12", "12"),
    ],
)
def test_s15_a_param_can_be_set_also_as_text(name: str, given: object, value: object) -> None:
    ruleset, problems = setting(**{name: given})
    assert not problems
    assert ruleset is not None
    assert ruleset.params[name].value == value
    assert ruleset.params[name].default != value


@pytest.mark.parametrize(
    ("name", "given", "code", "hint"),
    [
        ("patiense", "3 days", "unknown-param", "`patience`"),
        ("patience", "soon", "bad-duration", ""),
        ("limit", "many", "bad-setting", "a whole number"),
        ("limit", "1.5", "bad-setting", "a whole number"),
        ("greeting", 5, "bad-setting", "text"),
    ],
)
def test_s15_a_wrong_setting_is_a_problem(name: str, given: object, code: str, hint: str) -> None:
    ruleset, problems = setting(**{name: given})
    assert ruleset is None
    assert [p.code for p in problems] == [code]
    assert hint in problems[0].hint


def test_s21_the_digest_covers_the_document_and_the_params_and_not_its_layout() -> None:
    plain, again = setting()[0], checked("# a comment\n" + document())[0]
    changed, edited = setting(limit=3)[0], checked(document().replace("hello", "hullo"))[0]
    assert plain is not None and again is not None and changed is not None and edited is not None
    assert plain.digest == again.digest
    assert plain.digest.startswith("sha256:")
    assert len({plain.digest, changed.digest, edited.digest}) == 3


# --- S23: cycles


def two_rules(first: str, second: str) -> list[str]:
    text = document() + f"  - {{id: first, message: x, {first}}}\n  - {{id: second, message: x, {second}}}\n"
    return [p.code for p in problems_of(text)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "kind: warning, when: {event: advice.raised, where: {rule: second}}",
            "kind: warning, when: {event: advice.raised, where: {rule: first}}",
        ),
        (
            "kind: recommendation, when: {event: advice.due, where: {rule: {in: [second, other]}}}",
            "kind: recommendation, when: {event: advice.due, where: {not: {rule: {in: [other, both, second]}}}}",
        ),
        (
            "kind: recommendation, when: [accepted, {event: advice.fulfilled, where: {rule: first}}], "
            "fulfilled_by: {event: advice.raised, where: {rule: second}}",
            "kind: warning, when: {event: advice.due, where: {rule: first}}",
        ),
        (
            "kind: warning, cooldown: 1 day, when: {event: advice.suppressed, where: {rule: second}}",
            "kind: warning, cooldown: 1 day, when: {event: advice.suppressed, where: {rule: first}}",
        ),
        (  # a cooldown does not keep an advice that is open from being restarted
            "kind: recommendation, again: restart, cooldown: 1 day, when: [accepted, {event: advice.due}]",
            "kind: warning, when: accepted",
        ),
    ],
)
def test_s23_a_cycle_without_a_positive_delay_is_refused(first: str, second: str) -> None:
    assert two_rules(first, second) == ["rule-cycle"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (  # a day passes before it is due
            "kind: recommendation, when: [accepted, {event: advice.due, where: {rule: second}}], "
            "due: {from: {plus: 1 day}}",
            "kind: recommendation, when: {event: advice.due, where: {rule: first}}",
        ),
        (  # missed comes when the window closes
            "kind: recommendation, when: [accepted, {event: advice.missed, where: {rule: second}}], "
            "due: {until: end of day}",
            "kind: recommendation, when: {event: advice.missed, where: {rule: first}}, due: {until: end of day}",
        ),
        (  # silent for a day after it spoke
            "kind: warning, cooldown: 1 day, when: [accepted, {event: advice.raised, where: {rule: second}}]",
            "kind: warning, when: {event: advice.raised, where: {rule: first}}",
        ),
        (  # a chain, not a circle
            "kind: warning, when: {event: advice.raised, where: {rule: other}}",
            "kind: warning, when: {event: advice.raised, where: {rule: first}}",
        ),
        (  # each ends the other, and nothing makes them again
            "kind: recommendation, when: accepted, fulfilled_by: {event: advice.fulfilled, where: {rule: second}}",
            "kind: recommendation, when: accepted, fulfilled_by: {event: advice.fulfilled, where: {rule: first}}",
        ),
    ],
)
def test_s23_rules_may_listen_to_each_other_while_time_passes(first: str, second: str) -> None:
    assert two_rules(first, second) == []


# --- whatever is written, the answer is a ruleset or problems


JUNK = [
    None,
    True,
    -1,
    1.5,
    "",
    "$x",
    "$patience",
    "$job_words",
    "end of day",
    "accepted",
    [],
    ["a"],
    [[]],
    {},
]
JUNK += [
    {"a": 1},
    {"field": "case.company"},
    {"event": "interview.ended"},
    {"plus": "1 day"},
    {"any": []},
    "{a}",
]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_p3_no_mistake_makes_the_build_fail(data: st.DataObject) -> None:
    node, _ = parse(with_rule(EVERYTHING), "sample.yaml")
    assert node is not None
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(paths(node))))
        node = replaced(node, path, data.draw(st.sampled_from(JUNK)))
    ruleset, problems = build(node)
    assert (ruleset is None) == any(problem.severity == "error" for problem in problems)


def test_every_key_of_the_language_can_be_used_at_once() -> None:
    ruleset, problems = checked(with_rule(EVERYTHING))
    assert not problems
    assert ruleset is not None
