"""What a rule file means, and every mistake that can be made in one: exactly one problem, at the very word."""

from __future__ import annotations

import pytest
from mistakes import HEAD, checked, document, marked, problems_of, with_rule

from afterword.codes import CODES, explanation
from afterword.problem import Problem

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
    ("when: {event: interview.ended, where: {company: {is: {field: «case.compny»}}}}", "unknown-fact", "`company`"),
    ("when: {event: interview.ended, where: {medium: «fone»}}", "unknown-value", "did you mean `phone`?"),
    ("when: {event: interview.ended, where: {medium: {in: [phone, «vidio»]}}}", "unknown-value", "`video`"),
    ("when: {event: advice.missed, where: {rule: «othr»}}", "unknown-value", "`other`"),
    ("when: «acepted»", "unknown-pattern", "did you mean `accepted`?"),
    ("when: [{event: interview.ended}, «offer»]", "unknown-pattern", ""),
    ("inhibits: [«othre»]", "unknown-rule", "`other`"),
    ("inhibits: [other, «sample»]", "inhibits-itself", "cooldown"),
    ("due: {until: {plus: «$patiense»}}", "unknown-name", "`patience`"),
    ("when: {event: message.drafted, where: {text: {mentions: «$job_word»}}}", "unknown-name", "`job_words`"),
    ("when: {event: message.drafted, where: {text: {mentions: [a, «$job_word»]}}}", "unknown-name", "`job_words`"),
    # S13: tests that do not fit the field
    ("when: {event: message.drafted, where: {text: {«gt»: 5}}}", "wrong-test", "`mentions`"),
    ("when: {event: message.drafted, where: {size: {«mentions»: x}}}", "wrong-test", "`gt`"),
    ("when: {event: interview.ended, where: {interviewers: «Ana»}}", "wrong-test", "write `has: Ana`"),
    ("when: {event: interview.ended, where: {place: {«is»: x}}}", "wrong-test", "`exists`"),
    ("when: {event: interview.ended, where: {thanked: {«before»: 2026-01-01}}}", "wrong-test", "`is`"),
    ("when: {event: interview.ended, where: {decision_date: {«gt»: 3}}}", "wrong-test", "`after`"),
    ("when: {event: interview.ended, where: {interviewers: {any: {«gt»: 3}}}}", "wrong-test", "`mentions`"),
    ("when: {event: interview.ended, where: {interviewers: {any: {«mention»: x}}}}", "unknown-key", "`mentions`"),
    ("when: {event: interview.ended, where: {panel: {any: {«nme»: x}}}}", "unknown-field", "`name`"),
    ("when: {event: interview.ended, where: {panel: {every: {age: {«contains»: x}}}}}", "wrong-test", "`gte`"),
    ("when: {event: interview.ended, where: {panel: {any: «Ana»}}}", "wrong-type", ""),
    # S14: nothing is converted
    ("when: {event: message.drafted, where: {purpose: «7»}}", "wrong-operand", 'in quotes: `"7"`'),
    ("when: {event: message.drafted, where: {purpose: «true»}}", "wrong-operand", "quotes"),
    ('when: {event: message.drafted, where: {size: «"7"»}}', "wrong-operand", "without quotes"),
    ("when: {event: message.drafted, where: {size: «7.5»}}", "wrong-operand", "a whole number"),
    ("when: {event: interview.ended, where: {thanked: «NO»}}", "wrong-operand", "without quotes"),
    ("when: {event: interview.ended, where: {decision_date: «2026-02-30»}}", "bad-date", "2026-03-02"),
    ("when: {event: interview.ended, where: {decision_date: {before: «soon»}}}", "bad-date", "offset"),
    ("when: {event: interview.ended, where: {starts_at: {is: «2026-03-02T09:00:00»}}}", "bad-date", "offset"),
    ("when: {event: message.drafted, where: {size: {between: «[9, 3]»}}}", "empty-range", "[3, 9]"),
    ("when: {event: message.drafted, where: {text: {length: {gt: «$greeting»}}}}", "wrong-operand", ""),
    ("when: {event: message.drafted, where: {size: {gt: «$patience»}}}", "wrong-operand", "duration"),
    ("when: {event: message.drafted, where: {purpose: «$job_words»}}", "wrong-operand", "`in: $job_words`"),
    ("when: {event: message.drafted, where: {purpose: {in: [«3»]}}}", "wrong-operand", "quotes"),
    ("when: {event: interview.ended, where: {interviewers: {has: «3»}}}", "wrong-operand", "quotes"),
    ("when: {event: interview.ended, where: {interviewers: {has_any: «$sizes»}}}", "wrong-operand", "quotes"),
    ("when: {event: message.drafted, where: {size: {gt: {field: «case.company»}}}}", "wrong-operand", ""),
    ("when: {event: interview.ended, where: {company: {in: {field: «medium»}}}}", "wrong-operand", ""),
    ("when: {event: message.drafted, where: {text: {matches: «'(a'»}}}", "bad-regex", ""),
    ("when: {event: message.drafted, where: {text: {matches: «'(?=a)'»}}}", "bad-regex", ""),
    ("when: {event: [message.drafted, note.made], where: {«size»: 3}}", "mixed-types", "one pattern for each"),
    # S15, S16: where a value and a count may stand
    ("when: {event: interview.ended, where: {«trigger.company»: x}}", "trigger-out-of-reach", "write `company`"),
    ("fulfilled_by: {event: message.drafted, where: {text: {contains: {field: «trigger.compny»}}}}", "unknown-field", "`company`"),
    ("per: subject\nwhen: {event: interview.ended, where: {«case.company»: x}}", "case-out-of-reach", "per: case"),
    ("fulfilled_by: {event: message.drafted, «count»: {at_least: 2, within: 1 day}}", "misplaced-count", "`when`"),
    ("cancelled_by: «three_drafts»", "misplaced-count", "`when`"),
    ("unless: «three_drafts»", "misplaced-count", "`when`"),
    ("while: {since: {event: interview.ended, «count»: {at_least: 2, within: 1 day}}}", "misplaced-count", ""),
    ("when: {event: message.drafted, count: {at_least: «$greeting», within: 1 day}}", "wrong-operand", "integer"),
    ("when: {event: message.drafted, count: {at_least: 2, within: «2 dys»}}", "bad-duration", ""),
    ("when: {event: interview.ended, count: {at_least: 2, within: 1 day, distinct: «panel»}}", "wrong-operand", ""),
    # S9, S11: moments and windows
    ("due: {until: {plus: «7»}}", "wrong-type", "`7 days`"),
    ("due: {until: {plus: «'7'»}}", "bad-duration", ""),
    ("due: {until: {plus: «-1 day»}}", "bad-duration", ""),
    ("due: {until: {plus: «$limit»}}", "wrong-operand", "type: duration"),
    ("due: {from: {field: «case.company»}}", "wrong-operand", "`date` or `datetime`"),
    ("due: {from: {first_known: [{field: «case.decison_date»}, event.time]}}", "unknown-fact", "`decision_date`"),
    ("due: {from: {plus: 3 days}, until: «event.time»}", "empty-window", "{plus: 2 days}"),
    ("due: {until: «start of day»}", "empty-window", ""),
    ("due: {from: end of day, until: «{minus: 2 hours}»}", "empty-window", ""),
    ("while: {since: {event: interview.ended}, until: «start of day»}", "empty-window", "`since`"),
    ("cooldown: «a while»", "bad-duration", ""),
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
    ("params", "a: {type: date, default: «2026-13-01»}", "bad-date", ""),
    ("params", "a: {type: integer, default: «3», minimum: 5}", "out-of-range", ""),
    ("params", "a: {type: string, default: «x», enum: [yes, no]}", "unknown-value", "it is one of: `no`, `yes`"),
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
    ("remember", "a: {from: interview.ended, field: «event.time»}", "not-allowed", "`from`"),
    ("remember", "«open»: {from: interview.ended, field: company}", "reserved-name", ""),
    ("patterns", "a: «a»", "pattern-cycle", "own definition"),
    ("patterns", "a: b\n  b: [accepted, «a»]", "pattern-cycle", ""),
    ("patterns", "a: «interview.ended»", "bad-format", "{event: type}"),
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
