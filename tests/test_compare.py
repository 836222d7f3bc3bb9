"""Two rulesets compared: each difference in plain words, what it does to the rules, and the version it asks for."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword import Engine, Event, Ruleset
from afterword.build import build
from afterword.compare import Change, Comparison, Edition, compare, judge
from afterword.comparing.bumps import Bump, verdict
from afterword.comparing.effects import Effects, compare_on
from afterword.comparing.patterns import implies
from afterword.comparing.words import compare_words, is_alike, side
from afterword.conditions import All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.days import Days
from afterword.meaning import Scene, holds
from afterword.yaml_tree import parse
from afterword_cli.diff_text import bracketed
from timeline import PRELUDE, at, moment

LISTS = """
lists:
  thanks: [thanks, thank you]
patterns:
  they_replied: {event: reply.received}
"""


def edition(rules: str, prelude: str = PRELUDE + LISTS) -> Edition:
    """A ruleset with these rules."""
    text = prelude + "rules:\n" + textwrap.indent(textwrap.dedent(rules).strip(), "  ") + "\n"
    root, problems = parse(text, "test.yaml")
    assert root is not None
    ruleset, found = build(root)
    assert ruleset is not None, [str(each) for each in (*problems, *found)]
    return Edition(ruleset, root)


WARNING = "id: r, kind: warning, title: Beware, message: Beware."
CALL = "id: r, kind: recommendation, title: Call, message: Call., when: {event: interview.ended}"


def one(*keys: str, base: str = CALL) -> str:
    """A rule in one line."""
    return f"- {{{', '.join((base, *filter(None, keys)))}}}"


def compared(old: str, new: str, before: str = PRELUDE + LISTS, after: str | None = None) -> Comparison:
    return compare(edition(old, before), edition(new, before if after is None else after))


def told(change: Change) -> str:
    """A change in one line: `due: was → now`, `when: -gone +came`, `message: [a → b]`."""
    parts = [f"{change.was} → {change.now}"] if (change.was, change.now) != (None, None) else []
    parts += [bracketed(change.words)] if change.words else []
    parts += [f"-{each}" for each in change.gone] + [f"+{each}" for each in change.came]
    parts += [f"({change.note})"] if change.note else []
    parts += [f"<{name}>" for name in change.through]
    return f"{change.what}: {' '.join(parts)}"


def changes_of(comparison: Comparison, rule: str = "r") -> list[str]:
    (found,) = (change for change in comparison.rules if change.id == rule)
    return [told(change) for change in found.changes]


# --- a rule, key by key


CHANGED: list[tuple[str, str, str, Bump]] = [
    ("title: Ring", "title: Ring them", "title: Ring [+ them]", "patch"),
    ("message: Call them now.", "message: Ring them now.", "message: [Call → Ring] them now.", "patch"),
    ("", "description: It is polite.", "description: None → It is polite.", "patch"),
    ("source: {section: A}", "source: {section: B}", "source: [A → B]", "patch"),
    ("tags: [a, b]", "tags: [b, c]", "tags: -a +c", "patch"),
    ("", "severity: high", "severity: medium → high", "minor"),
    ("", "status: deprecated", "status: stable → deprecated (heard as before; it will go)", "minor"),
    ("status: draft", "", "status: draft → stable (heard from now on)", "minor"),
    ("", "status: draft", "status: stable → draft (no longer heard)", "major"),
    (
        "due: {from: event.time, until: end of next day}",
        "due: {from: event.time, until: {plus: 2 days}}",
        "due: at once, until the end of the next day → at once, until 2 days later",
        "major",
    ),
    (
        "due: {from: {plus: 3 weeks, minus: 2 days}}",
        "due: {from: {plus: 3 weeks, minus: 1 day}}",
        "due: from 21 days after the event minus 2 days and from then on"
        " → from 21 days after the event minus 1 day and from then on",
        "major",
    ),
    ("", "repeat: {every: 7 days}", "repeat: None → every 7 days", "major"),
    ("cooldown: 1 day", "cooldown: 2 days", "cooldown: 1 day → 2 days", "major"),
    ("again: each", "", "again: there is one for each → it is ignored", "major"),
    ("", "per: subject", "per: each case by itself → the person, with all their cases together", "major"),
    ("fulfilled_by: {event: call.made}", "", "fulfilled_by: -call made", "major"),
    ("", "cancelled_by: {event: reply.received}", "cancelled_by: +reply received", "major"),
    ("while: {case: open}", "", "while: -Only while a case is open.", "minor"),
    ("", "while: {case: open}", "while: +Only while a case is open.", "major"),
    (
        "while: {since: {event: call.made}, until: {plus: 3 hours}}",
        "while: {since: {event: call.made}, until: [{event: message.sent}, {plus: 5 hours}]}",
        "while: -until 3 hours later +until message sent +until 5 hours later",
        "major",
    ),
    (
        "unless: {event: call.made, within: 2 days}",
        "unless: {event: call.made, within: 3 days}",
        "unless: -in the 2 days before +in the 3 days before",
        "major",
    ),
    ("unless: {event: call.made}", "", "unless: -call made -ever before", "minor"),
    (
        "unless: {since: {event: call.made}, until: {plus: 3 hours}}",
        "unless: {since: {event: call.made}, until: [{event: message.sent}, {plus: 3 hours}]}",
        "unless: +until message sent",
        "major",
    ),
    (
        "unless: {since: {event: call.made}, until: {plus: 3 hours}}",
        "",
        "unless: -after call made -until 3 hours later",
        "minor",
    ),
    (
        "unless: {event: call.made}",
        "unless: [{since: {event: call.made}}, {case: open}]",
        "unless: -call made -ever before +after call made +while a case is open",
        "major",
    ),
]


@pytest.mark.parametrize(("old", "new", "words", "bump"), CHANGED)
def test_each_key_that_changed_is_told_in_plain_words(old: str, new: str, words: str, bump: Bump) -> None:
    names = {part.partition(":")[0] for part in (old, new)}
    kept = ", ".join(part for part in CALL.split(", ") if part.partition(":")[0] not in names)
    missing = [part for part in CALL.split(", ") if part.partition(":")[0] in names]
    comparison = compared(
        one(old, *(() if old else missing), base=kept), one(new, *(() if new else missing), base=kept)
    )
    assert changes_of(comparison) == [words]
    assert comparison.bump == bump


TRIGGERS: list[tuple[str, str, str, Bump]] = [
    ("{event: call.made}", "{event: [call.made, message.sent]}", "+message sent", "minor"),
    ("{event: [call.made, message.sent]}", "{event: call.made}", "-message sent", "major"),
    ("{event: call.made}", "{event: message.sent}", "-call made +message sent", "major"),
    (
        "{event: call.made, where: {purpose: x}}",
        "{event: call.made, where: {purpose: {in: [x, y]}}}",
        "+where purpose is y",
        "minor",
    ),
    (
        "{event: call.made, where: {purpose: x, who: y}}",
        "{event: call.made, where: {purpose: x}}",
        "-where who is y",
        "minor",
    ),
    (
        "{event: call.made, where: {text: {mentions: [a b, c]}}}",
        "{event: call.made, where: {text: {mentions: [a b, d]}}}",
        "-where text mentions c +where text mentions d",
        "major",
    ),
    (
        "{event: call.made, where: {not: {purpose: {in: [x, y]}}}}",
        "{event: call.made, where: {not: {purpose: {in: [x, y, z]}}}}",
        "+but not where purpose is z",
        "major",
    ),
    (
        "{event: call.made, where: {any: [{purpose: x}, {who: y}]}}",
        "{event: call.made, where: {any: [{purpose: x}, {who: y}, {city: z}]}}",
        "+or where city is z",
        "minor",
    ),
    (
        "{event: call.made, where: {text: {words: {gt: 120}}}}",
        "{event: call.made, where: {text: {words: {gt: 100}}}}",
        "-where text has more than 120 words +where text has more than 100 words",
        "minor",
    ),
    (
        "{event: call.made, where: {event.time: {weekday: sun}}}",
        "{event: call.made, where: {event.time: {weekday: [sat, sun]}}}",
        "+where event.time is on Saturday",
        "minor",
    ),
    (
        "{event: call.made, where: {event.time: {time_of_day: {from: '18:00', until: '22:00'}}}}",
        "{event: call.made, where: {event.time: {time_of_day: {from: '18:00', until: '08:00'}}}}",
        "-where event.time is at a time from 18:00 until 22:00 +where event.time is at a time from 18:00 until 08:00",
        "minor",
    ),
    (
        "{event: call.made, where: {event.time: {time_of_day: {from: '18:00'}}}}",
        "{event: call.made, where: {event.time: {time_of_day: {from: '18:30'}}}}",
        "-where event.time is at 18:00 or later +where event.time is at 18:30 or later",
        "major",
    ),
    (
        "{event: call.made, where: {event.time: {business_day: true}}}",
        "{event: call.made, where: {event.time: {business_day: false}}}",
        "-where event.time is on a business day +where event.time is on no business day",
        "major",
    ),
    (
        "{event: call.made, where: {any: [{purpose: x}, {who: y}]}}",
        "{event: call.made, where: {purpose: x, who: y}}",
        "-or where purpose is x -or where who is y +where purpose is x +where who is y",
        "major",
    ),
    (
        "{event: call.made, where: {any: [{purpose: x, who: y}, {city: z}]}}",
        "{event: call.made, where: {any: [{purpose: x}, {who: y, city: z}]}}",
        "(the same tests, joined in another way)",
        "major",
    ),
    (
        "{event: call.made, count: {at_least: 3, within: 7 days}}",
        "{event: call.made, count: {at_least: 2, within: 7 days}}",
        "-3 or more within 7 days +2 or more within 7 days",
        "minor",
    ),
    (
        "{event: call.made, count: {at_least: 3, within: 7 days}}",
        "{event: call.made, count: {at_least: 3, within: 7 days, distinct: who}}",
        "-3 or more within 7 days +3 or more with different who within 7 days",
        "major",
    ),
    (
        "[{event: call.made, where: {purpose: x}}, {event: message.sent}]",
        "[{event: message.sent, where: {who: z}}, {event: call.made, where: {purpose: y}}]",
        "-call made: where purpose is x +call made: where purpose is y +message sent: where who is z",
        "major",
    ),
    (
        "{event: call.made}",
        "[{event: call.made}, {event: message.sent, where: {purpose: x}}]",
        "+message sent (where purpose is x)",
        "minor",
    ),
]


@pytest.mark.parametrize(("old", "new", "words", "bump"), TRIGGERS)
def test_of_a_condition_the_tests_are_told_that_came_or_went(
    old: str, new: str, words: str, bump: Bump
) -> None:
    comparison = compared(one(f"when: {old}", base=WARNING), one(f"when: {new}", base=WARNING))
    assert changes_of(comparison) == [f"when: {words}"]
    assert comparison.bump == bump


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{event: [call.made, message.sent]}", "{event: [message.sent, call.made]}"),
        (
            "{event: call.made, where: {purpose: x, who: y}}",
            "{event: call.made, where: {who: y, purpose: x}}",
        ),
        ("{event: call.made, where: {purpose: x}}", "{event: call.made, where: {purpose: {in: [x]}}}"),
        ("[{event: call.made}, {event: message.sent}]", "{event: [call.made, message.sent]}"),
        (
            "{event: call.made, where: {event.time: {weekday: [sun, sat]}}}",
            "{event: call.made, where: {event.time: {weekday: [sat, sun]}}}",
        ),
        (
            "{event: call.made, where: {event.time: {time_of_day: {until: '08:00'}}}}",
            "{event: call.made, where: {event.time: {time_of_day: {from: '00:00', until: '08:00'}}}}",
        ),
    ],
)
def test_the_same_condition_in_another_spelling_is_no_change(old: str, new: str) -> None:
    assert not compared(one(f"when: {old}", base=WARNING), one(f"when: {new}", base=WARNING))


def test_nothing_changed_between_a_ruleset_and_itself() -> None:
    comparison = compared(one(), one())
    assert not comparison
    assert (comparison.bump, comparison.unchanged, comparison.reasons) == ("none", 1, ())


EFFECTIVE: list[tuple[str, str, str, Bump]] = [
    (
        "",
        "effective: {from: 2026-07-01}",
        "always → from 1 July 2026 (no longer speaks of what happens before 1 July 2026)",
        "major",
    ),
    (
        "",
        "effective: {until: 2026-07-01}",
        "always → until 1 July 2026 (no longer speaks of what happens from 1 July 2026)",
        "major",
    ),
    (
        "effective: {from: 2026-07-01}",
        "",
        "from 1 July 2026 → always (speaks also of what happens before 1 July 2026)",
        "minor",
    ),
    (
        "effective: {from: 2026-03-01, until: 2026-07-01}",
        "effective: {from: 2026-02-01, until: 2026-06-01}",
        "from 1 March 2026 until 1 July 2026 → from 1 February 2026 until 1 June 2026 "
        "(speaks also of what happens from 1 February 2026 and before 1 March 2026; "
        "no longer speaks of what happens from 1 June 2026 and before 1 July 2026)",
        "major",
    ),
]


@pytest.mark.parametrize(("old", "new", "words", "bump"), EFFECTIVE)
def test_s28_other_effective_dates_are_told_with_what_follows(
    old: str, new: str, words: str, bump: Bump
) -> None:
    comparison = compared(one(old), one(new))
    assert changes_of(comparison) == [f"effective: {words}"]
    assert comparison.bump == bump


# --- rules that came and went


def test_a_new_rule_is_told_as_a_whole_and_adds() -> None:
    other = one("when: {event: call.made}", base=WARNING.replace("id: r", "id: new"))
    comparison = compared(one(), f"{one()}\n{other}")
    (change,) = comparison.rules
    assert (change.id, change.fate, change.kind, change.bump) == ("new", "added", "warning", "minor")
    assert change.said == ("When call made, warn: Beware.", "Says: Beware.")
    assert comparison.unchanged == 1


def test_a_new_rule_that_suppresses_another_takes_advice_away() -> None:
    other = one("when: {event: call.made}", "inhibits: [r]", base=WARNING.replace("id: r", "id: new"))
    comparison = compared(one(), f"{one()}\n{other}")
    by_id = {change.id: change for change in comparison.rules}
    assert by_id["new"].bump == "major"
    assert changes_of(comparison) == ["suppressed_by: +new <the rule new>"]
    assert by_id["r"].bump == "none"
    assert [reason.why for reason in comparison.reasons] == ["new; suppressing r"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when: {event: call.made}", "when: {event: [call.made, reply.received]}"),
        ("when: {event: call.made}, unless: {event: reply.received}", "when: {event: call.made}"),
        ("when: {event: call.made}, while: {case: open}", "when: {event: call.made}"),
        ("when: {event: call.made}, effective: {until: 2026-03-01}", "when: {event: call.made}"),
        ("when: {event: call.made}, status: draft", "when: {event: call.made}"),
    ],
)
def test_a_rule_that_speaks_more_often_takes_away_advice_that_it_suppresses(old: str, new: str) -> None:
    suppresses = WARNING.replace("id: r", "id: s") + ", inhibits: [r]"
    comparison = compared(*(f"{one()}\n{one(each, base=suppresses)}" for each in (old, new)))
    assert comparison.bump == "major"
    assert changes_of(comparison, "s")[-1] == "inhibits: (r more often)"
    assert comparison.reasons[0].why == "suppressing other rules"


def test_a_draft_that_is_none_any_more_takes_away_advice_that_it_suppresses_now() -> None:
    draft, heard = "when: {event: call.made}, status: draft", "when: {event: call.made}, inhibits: [r]"
    other = WARNING.replace("id: r", "id: s")
    assert compared(*(f"{one()}\n{one(each, base=other)}" for each in (draft, heard))).bump == "major"


def test_a_rule_that_is_gone_takes_advice_away_unless_it_was_a_draft() -> None:
    other = one(base=CALL.replace("id: r", "id: old"))
    assert compared(f"{one()}\n{other}", one()).bump == "major"
    draft = one("status: draft", base=CALL.replace("id: r", "id: old"))
    assert compared(f"{one()}\n{draft}", one()).bump == "patch"


def test_s22_a_rule_under_another_id_is_known_again_and_its_advice_is_not() -> None:
    comparison = compared(one(), one(base=CALL.replace("id: r", "id: ring")))
    assert [(change.id, change.why) for change in comparison.rules] == [
        ("ring", ("new (it was r)",)),
        ("r", ("gone (it is ring now)",)),
    ]
    assert comparison.bump == "major"


def test_s27_a_rule_that_is_switched_off_or_on_is_told_as_that() -> None:
    on, off = one(), one("enabled: false")
    other = one(base=CALL.replace("id: r", "id: s"))
    assert [change.why for change in compared(f"{on}\n{other}", f"{off}\n{other}").rules] == [
        ("switched off",)
    ]
    assert [change.why for change in compared(f"{off}\n{other}", f"{on}\n{other}").rules] == [
        ("switched on",)
    ]


def test_what_changes_in_a_draft_weighs_little() -> None:
    cooldowns = ("cooldown: 1 day", "cooldown: 2 days")
    assert compared(*(one("status: draft", each) for each in cooldowns)).bump == "patch"
    assert compared(one("status: draft", cooldowns[0]), one(cooldowns[1])).bump == "minor"


# --- what rules share, and the rules that feel it


def shared_of(comparison: Comparison) -> list[str]:
    return [
        f"{change.kind} {change.name} {change.fate}: {'; '.join(map(told, change.changes)) or change.said}"
        for change in comparison.shared
    ]


def with_other(old: str, new: str) -> tuple[str, str]:
    """The prelude before and after a replacement."""
    whole = PRELUDE + LISTS
    assert old in whole
    return whole, whole.replace(old, new)


def test_a_rule_feels_a_param_that_it_uses() -> None:
    rule = one(
        "due: {from: {plus: $patience}}",
        "message: 'After {params.patience}.'",
        base=CALL.replace(" message: Call.,", ""),
    )
    comparison = compared(rule, rule, *with_other("default: 7 days", "default: 5 days"))
    assert shared_of(comparison) == ["param patience changed: default: 7 days → 5 days"]
    assert comparison.shared[0].felt_by == ("r",)
    assert changes_of(comparison) == [
        "due: from 7 days after the event and from then on → from 5 days after the event and from then on "
        "<the param patience>",
        "message: (it prints 5 days where it printed 7 days) <the param patience>",
    ]
    assert comparison.rules[0].through == ("the param patience",)
    assert [reason.what for reason in comparison.reasons] == [("r",)]
    assert comparison.bump == "major"


@pytest.mark.parametrize(
    ("where", "bump"),
    [("{text: {mentions: $thanks}}", "minor"), ("{purpose: x, not: {text: {mentions: $thanks}}}", "major")],
)
def test_what_a_new_word_of_a_list_weighs_depends_on_what_it_is_used_for(where: str, bump: Bump) -> None:
    rule = one(f"when: {{event: message.sent, where: {where}}}", base=WARNING)
    comparison = compared(rule, rule, *with_other("thank you]", "thank you, much obliged]"))
    assert shared_of(comparison) == ['list thanks changed: items: +"much obliged"']
    (line,) = changes_of(comparison)
    assert line.endswith('where text mentions "much obliged" <the list thanks>')
    assert comparison.bump == bump


def test_a_rule_feels_a_pattern_through_its_name() -> None:
    rule = one("cancelled_by: they_replied")
    comparison = compared(
        rule,
        rule,
        *with_other(
            "they_replied: {event: reply.received}", "they_replied: {event: [reply.received, call.made]}"
        ),
    )
    assert shared_of(comparison) == ["pattern they_replied changed: pattern: +call made"]
    assert changes_of(comparison) == ["cancelled_by: +call made <the pattern they_replied>"]


def test_a_rule_feels_a_fact_that_it_goes_by() -> None:
    rule = one("due: {from: {field: case.decision_date}}")
    comparison = compared(
        rule, rule, *with_other("from: [interview.ended, date.stated]", "from: date.stated")
    )
    assert shared_of(comparison) == ["fact case.decision_date changed: from: -interview.ended"]
    assert changes_of(comparison) == [
        "remember: (it goes by case.decision_date) <the fact case.decision_date>"
    ]
    assert comparison.bump == "major"


def test_a_rule_that_prints_a_fact_feels_what_stands_for_an_unknown_one() -> None:
    rule = one("message: 'Call {case.company}.'", base=CALL.replace(" message: Call.,", ""))
    old, new = "field: company, unknown: the company}", "field: company, unknown: them}"
    comparison = compared(
        f"{rule}\n{one(base=CALL.replace('id: r', 'id: s'))}",
        f"{rule}\n{one(base=CALL.replace('id: r', 'id: s'))}",
        *with_other(old, new),
    )
    assert [change.id for change in comparison.rules] == ["r"]
    assert changes_of(comparison) == [
        "message: (while case.company is not known, it prints “them” where it printed “the company”) "
        "<the fact case.company>"
    ]
    assert comparison.bump == "patch"


def test_a_rule_feels_what_a_day_is() -> None:
    rule = one("due: {from: {plus: 2 days}}")
    comparison = compared(rule, rule, *with_other("timezone: UTC", "timezone: UTC, days: business"))
    assert shared_of(comparison) == [
        "defaults  changed: days: calendar → business",
        "param patience changed: default: 7 days → 7 business days",
    ]
    assert changes_of(comparison) == [
        "due: from 2 days after the event and from then on → from 2 business days after the event and from "
        "then on <the defaults>"
    ]


def test_a_rule_whose_own_words_changed_did_not_change_through_others() -> None:
    before, after = with_other("default: 7 days", "default: 5 days")
    old, new = (one(f"due: {{from: {{plus: $patience}}, until: {{plus: {days} days}}}}") for days in (1, 2))
    (change,) = compared(old, new, before, after).rules
    assert change.through == ()


SHARED: list[tuple[str, str, str, Bump]] = [
    ("title: How long to wait", "title: How long", "param patience changed: title: How long [- to wait]", "patch"),
    ("      city: {type: string}", "      city: {type: string}\n      zip: {type: string}", "+zip", "minor"),
    ("      who: {type: string}\n", "", "-who", "major"),
    ("purpose: {type: string}", "purpose: {type: string, enum: [x]}", "purpose: enum: None → x", "major"),
    ("starts_at: {type: datetime}", "starts_at: {type: date}", "starts_at: type: datetime → date", "major"),
    ("unknown: the company}\n", "unknown: them}\n", "company: unknown: the company → them", "patch"),
    ("  moved.house: *all\n", "  moved.house: *all\n  letter.sent: *all\n", "letter.sent added: Any event", "minor"),
    ("closed_by: [rejection.received]", "closed_by: [reply.received]", "-rejection.received +reply.received", "major"),
    ("thanks: [thanks, thank you]", "thanks: [thanks, thank you]\n  more: [a]", "list more added: a", "minor"),
    ("ruleset: office", "ruleset: bureau", "name: office → bureau (every advice has another id", "major"),
    ("title: For tests", "title: For all tests", "title: For [+ all] tests", "patch"),
    ("title: For tests", "title: For tests\nrequires_engine: '>=0.1'", "requires_engine: None → >=0.1", "minor"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words", "bump"), SHARED)
def test_what_rules_share_is_compared(old: str, new: str, words: str, bump: Bump) -> None:
    comparison = compared(one(), one(), *with_other(old, new))
    assert words in " | ".join(shared_of(comparison))
    assert comparison.bump == bump


PARAM = "  few: {type: integer, default: 3, minimum: 2, maximum: 9, title: Few}\n"


@pytest.mark.parametrize(
    ("old", "new", "words", "bump"),
    [
        ("minimum: 2", "minimum: 1", "minimum: 2 → 1", "minor"),
        ("minimum: 2", "minimum: 3", "minimum: 2 → 3", "major"),
        (", maximum: 9", "", "maximum: 9 → None", "minor"),
        ("maximum: 9", "maximum: 8", "maximum: 9 → 8", "major"),
        ("type: integer", "type: number", "type: integer → number", "major"),
        (PARAM, "", "Few, 3 unless it is set", "major"),
    ],
)
def test_a_param_that_takes_fewer_values_takes_something_away(
    old: str, new: str, words: str, bump: Bump
) -> None:
    prelude = PRELUDE.replace("events:", f"{PARAM}events:", 1) + LISTS
    comparison = compared(one(), one(), prelude, prelude.replace(old, new))
    (change,) = shared_of(comparison)
    assert change.partition(": ")[2] == words
    assert comparison.bump == bump


def test_rules_in_another_order_say_the_same() -> None:
    other = one(base=CALL.replace("id: r", "id: s"))
    comparison = compared(f"{one()}\n{other}", f"{other}\n{one()}")
    assert not comparison.rules
    assert comparison.bump == "patch"


# --- words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a b c", "a b c", "a b c"),
        ("a b c", "a x c", "a [b → x] c"),
        ("a b c d e f", "x b y d e f", "[a b c → x b y] d e f"),
        ("a b", "a b c", "a b [+ c]"),
        ("a b c", "b c", "[- a] b c"),
        ("", "a", "[+ a]"),
    ],
)
def test_texts_are_compared_word_by_word(old: str, new: str, words: str) -> None:
    segments = compare_words(old, new)
    assert bracketed(segments) == words
    assert (side(segments, without="came"), side(segments, without="gone")) == (old, new)


def test_texts_that_share_little_are_not_alike() -> None:
    assert is_alike(compare_words("wait for 7 days", "wait for 5 days"))
    assert not is_alike(compare_words("wait for 7 days", "call them at once"))


# --- what follows from what


def where(text: str) -> Any:
    return (
        edition(one(f"when: {{event: call.made, where: {text}}}", base=WARNING))
        .ruleset.rules[0]
        .when[0]
        .where
    )


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("{purpose: x}", "{purpose: {in: [x, y]}}"),
        ("{purpose: {not_in: [x, y]}}", "{purpose: {is_not: x}}"),
        ("{purpose: x, who: y}", "{who: y}"),
        ("{purpose: x}", "{any: [{purpose: x}, {who: y}]}"),
        ("{not: {any: [{purpose: x}, {who: y}]}}", "{not: {purpose: x}}"),
        ("{text: {words: {lt: 10}}}", "{text: {words: {lt: 12}}}"),
        ("{starts_at: {weekday: sun}}", "{starts_at: {weekday: [sat, sun]}}"),
        (
            "{starts_at: {time_of_day: {from: '22:00', until: '06:00'}}}",
            "{starts_at: {time_of_day: {from: '18:00', until: '08:00'}}}",
        ),
        ("{any: [{purpose: x, who: y}, {who: y, city: z}]}", "{who: y}"),
    ],
)
def test_a_condition_implies_a_wider_one_and_not_the_other_way_round(narrow: str, wide: str) -> None:
    assert implies(where(narrow), where(wide))
    assert not implies(where(wide), where(narrow))
    assert implies(where(narrow), None)
    assert not implies(None, where(narrow))


FIELDS = {
    "purpose": ("is", "is_not", "in", "not_in", "mentions", "contains", "starts_with", "exists"),
    "n": ("is", "is_not", "in", "not_in", "gt", "gte", "lt", "lte", "exists"),
    "at": ("weekday", "business_day", "time_of_day", "exists"),
    "tags": ("has", "has_any", "has_all", "size", "any", "every", "exists"),
}
ITEMS = {
    "purpose": st.sampled_from(["a", "b", "a b", ""]),
    "n": st.integers(0, 3),
    "at": st.sampled_from(
        ["2026-03-06", "2026-03-07", *(f"2026-03-08T{hour:02}:00:00Z" for hour in (0, 6, 12, 18))]
    ),
    "tags": st.sampled_from("abc"),
}
CLOCKS = st.sampled_from(["00:00", "06:00", "12:00", "18:00"])


@st.composite
def field_tests(draw: st.DrawFn) -> FieldTest:
    """One test of a field with operands of its type."""
    name = draw(st.sampled_from(sorted(FIELDS)))
    op, item = draw(st.sampled_from(FIELDS[name])), ITEMS[name]
    operand: Any = draw(item)
    if op == "weekday":
        operand = tuple(draw(st.lists(st.sampled_from(["fri", "sat", "sun"]), min_size=1, max_size=3)))
    elif op == "time_of_day":
        operand = (draw(CLOCKS), draw(CLOCKS))
    elif op in ("exists", "business_day"):
        operand = draw(st.booleans())
    elif op in ("in", "not_in", "has_any", "has_all") or (op == "mentions" and draw(st.booleans())):
        operand = tuple(draw(st.lists(item, max_size=3)))
    elif op == "size":
        operand = FieldTest(None, draw(st.sampled_from(["gt", "lt", "is"])), draw(st.integers(0, 3)))
    elif op in ("any", "every"):
        operand = FieldTest(None, "in", tuple(draw(st.lists(item, max_size=2))))
    return FieldTest(Ref("data", (name,)), op, operand)


CONDITIONS = st.recursive(
    field_tests(),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "purpose": ITEMS["purpose"],
        "n": ITEMS["n"],
        "at": ITEMS["at"],
        "tags": st.lists(ITEMS["tags"], max_size=3),
    },
)


@settings(max_examples=1_000, deadline=None)
@given(CONDITIONS, CONDITIONS, PAYLOADS)
def test_what_is_called_wider_holds_wherever_the_narrower_did(
    condition: Condition, other: Condition, payload: dict[str, Any]
) -> None:
    scene = Scene(payload, {}, {}, {}, {}, Days())
    for one_side, other_side in ((condition, other), (condition, AnyOf((condition, other))), (other, other)):
        if implies(one_side, other_side) and holds(one_side, scene):
            assert holds(other_side, scene)


# --- versions


@pytest.mark.parametrize(
    ("old", "new", "asked", "needed", "enough"),
    [
        ("1.0.0", "1.0.0", "none", "1.0.0", True),
        ("1.0.0", "0.9.0", "none", "1.0.0", False),
        ("1.0.0", "1.0.0", "patch", "1.0.1", False),
        ("1.0.0", "1.0.1", "patch", "1.0.1", True),
        ("1.0.0", "1.0.1", "minor", "1.1.0", False),
        ("1.0.0", "1.1.0", "minor", "1.1.0", True),
        ("1.9.9", "1.10.0", "minor", "1.10.0", True),
        ("1.0.0", "1.1.0", "major", "2.0.0", False),
        ("1.0.0", "2.0.0-rc.1", "major", "2.0.0", True),
        ("2.0.0", "1.9.0", "patch", "2.0.1", False),
        ("0.3.0", "0.4.0", "major", "0.4.0", True),
        ("0.3.0", "0.3.1", "major", "0.4.0", False),
        ("0.3.0", "0.3.1", "minor", "0.3.1", True),
        ("2.0.0-rc.2", "2.0.0-rc.10", "major", "2.0.0", True),
        ("2.0.0-rc.2", "2.0.0-rc.1", "major", "2.0.0", False),
        ("2.0.0-rc.2", "2.0.0", "major", "2.0.0", True),
        ("1.0.0", f"{10**20}.0.0", "major", "2.0.0", True),
        ("1.0.0+one", "1.0.0+two", "patch", "1.0.1", False),
    ],
)
def test_the_version_has_to_tell_as_much_as_the_change_weighs(
    old: str, new: str, asked: Bump, needed: str, enough: bool
) -> None:
    found = verdict(old, new, asked)
    assert (found.needed, found.enough) == (needed, enough)


def test_the_weightiest_change_decides_and_is_the_first_reason() -> None:
    prelude = PRELUDE + LISTS
    new = prelude.replace("version: 1.0.0", "version: 1.1.0")
    comparison = compared(one(), one("cooldown: 1 day", "severity: high"), prelude, new)
    assert [(reason.bump, reason.what, reason.why) for reason in comparison.reasons] == [
        ("major", ("r",), "quiet for another while")
    ]
    assert not judge(comparison).enough


# --- a log


def on_log(
    old: str | Ruleset, new: str | Ruleset, *events: Event, until: str | None = None, examples: int = 3
) -> Effects:
    engines = (
        Engine(
            each if isinstance(each, Ruleset) else edition(each).ruleset, network="plain", history="sorted"
        )
        for each in (old, new)
    )
    return compare_on(*engines, events, None if until is None else moment(until), examples)


def fates(effects: Effects) -> dict[str, dict[str, int]]:
    return {effect.rule: dict(effect.counts) for effect in effects.effects}


ENDED = at("03-02 15:00", "interview.ended", id="e1")
PLAIN = one("due: {from: event.time, until: {plus: 2 days}}", "fulfilled_by: {event: call.made}")
WAITS = "due: {{from: {{plus: {} days}}, until: {{plus: 3 days}}}}"


def test_the_same_rules_say_the_same() -> None:
    effects = on_log(PLAIN, PLAIN, ENDED, until="03-10")
    assert not effects
    assert (effects.before, effects.after, effects.events) == (1, 1, 1)
    assert effects.until == "2026-03-10T00:00:00+00:00"


def test_advice_is_lost_with_its_rule_and_gained_with_another() -> None:
    other = PLAIN.replace("id: r", "id: s")
    assert fates(on_log(PLAIN, other, ENDED)) == {"s": {"gained": 1}, "r": {"lost": 1}}


def test_advice_moves_with_its_window() -> None:
    effects = on_log(one(WAITS.format(7)), one(WAITS.format(5)), ENDED, until="03-20")
    (effect,) = effects.effects
    assert effect.counts == {"moved": 1}
    (example,) = effect.examples
    assert example.was is not None
    assert example.now is not None
    assert (example.case, example.trigger) == ("acme", "e1")
    assert (example.was.heard, example.now.heard) == (
        "2026-03-09T15:00:00+00:00",
        "2026-03-07T15:00:00+00:00",
    )
    assert effect.shift is not None
    assert (effect.shift.heard, effect.shift.end, effect.shift.count) == (-172_800, -172_800, 1)


def test_advice_that_moves_to_another_end_has_ended_otherwise() -> None:
    old, new = (PLAIN.replace("2 days", days) for days in ("2 days", "5 days"))
    effects = on_log(old, new, ENDED, at("03-06 09:00", "call.made"))
    assert fates(effects) == {"r": {"ended": 1}}
    (example,) = effects.effects[0].examples
    assert (example.was and example.was.state, example.now and example.now.state) == ("missed", "fulfilled")


def test_s11_advice_that_is_due_and_whose_window_moves_is_still_due() -> None:
    due = "due: {{from: {}, until: {{plus: 9 days}}}}"
    hangs = "{first_known: [{field: case.decision_date}, {field: event.time}]}"
    old, new = (one(due.format(start)) for start in ("event.time", hangs))
    stated = at("03-04 09:00", "date.stated", decision_date="2026-03-03")
    effects = on_log(old, new, ENDED, stated)
    assert fates(effects) == {"r": {"moved": 1}}
    (example,) = effects.effects[0].examples
    assert [side and side.state for side in (example.was, example.now)] == ["due", "due"]


def test_s11_advice_that_is_suppressed_is_not_heard_because_its_window_moves() -> None:
    hangs = "due: {from: {first_known: [{field: case.decision_date}, {field: event.time}]}, until: {plus: 9 days}}"
    keys = ("when: {event: interview.ended}", "cooldown: 20 days")
    base = WARNING.replace("id: r", "id: w")
    old, new = (f"{one(hangs)}\n{one(*keys, more, base=base)}" for more in ("tags: [x]", "inhibits: [r]"))
    stated = at("03-04 09:00", "date.stated", decision_date="2026-03-03")
    effects = on_log(old, new, ENDED, stated)
    assert fates(effects) == {"r": {"lost": 1}}
    (example,) = effects.effects[0].examples
    assert example.now is not None
    assert (example.now.state, example.now.by) == ("suppressed", "w")


def test_advice_that_never_came_due_was_not_heard() -> None:
    closed = at("03-08 15:00", "rejection.received")
    effects = on_log(one(WAITS.format(7)), one(WAITS.format(5)), ENDED, closed, until="03-20")
    assert fates(effects) == {"r": {"gained": 1}}
    (example,) = effects.effects[0].examples
    assert example.was is not None
    assert (example.was.state, example.was.heard) == ("cancelled", None)
    assert not on_log(one(WAITS.format(9)), one(WAITS.format(8)), ENDED, closed, until="03-20")


def test_advice_that_is_still_to_come_counts() -> None:
    assert fates(on_log(one(WAITS.format(7)), one(WAITS.format(5)), ENDED)) == {"r": {"moved": 1}}


def test_advice_that_is_suppressed_now_is_lost_and_names_what_suppresses_it() -> None:
    keys = ("when: {event: interview.ended}", "cooldown: 1 day")
    base = WARNING.replace("id: r", "id: w")
    old, new = (f"{PLAIN}\n{one(*keys, more, base=base)}" for more in ("tags: [x]", "inhibits: [r]"))
    effects = on_log(old, new, ENDED, until="03-02 16:00")
    assert fates(effects) == {"r": {"lost": 1}}
    (example,) = effects.effects[0].examples
    assert example.now is not None
    assert (example.now.state, example.now.by) == ("suppressed", "w")


def test_advice_is_reworded_by_its_message_its_title_or_a_param() -> None:
    for old, new in (("title: Call", "title: Ring"), ("message: Call.", "message: Ring.")):
        assert fates(on_log(PLAIN, PLAIN.replace(old, new), ENDED)) == {"r": {"reworded": 1}}
    rule = PLAIN.replace("message: Call.", "message: 'Within {params.patience}.'")
    before, after = (edition(rule, text).ruleset for text in with_other("default: 7 days", "default: 5 days"))
    effects = on_log(before, after, ENDED)
    (example,) = effects.effects[0].examples
    assert example.was is not None
    assert example.now is not None
    assert (example.was.message, example.now.message) == ("Within 7 days.", "Within 5 days.")


def test_a_message_that_prints_what_matched_is_reworded_by_another_word() -> None:
    old, new = (
        one(
            f"when: {{event: message.sent, where: {{text: {{mentions: {words}}}}}}}",
            base=WARNING.replace("message: Beware.", "message: 'Not {matched}.'"),
        )
        for words in ("[a b]", "[a b, c d]")
    )
    sent = at("03-02 15:00", "message.sent", text="a b and c d")
    assert fates(on_log(old, new, sent)) == {"r": {"reworded": 1}}


def test_another_message_with_the_same_words_is_no_difference() -> None:
    rule = PLAIN.replace("message: Call.", "message: 'Call {case.company}.'")
    other = rule.replace("{case.company}", "{company}")
    ended = at("03-02 15:00", "interview.ended", company="Acme")
    assert not on_log(rule, other, ended)


def test_s22_under_another_name_of_the_ruleset_advice_is_matched_by_what_made_it() -> None:
    before, after = (
        edition(PLAIN, text).ruleset for text in with_other("ruleset: office", "ruleset: bureau")
    )
    assert not on_log(before, after, ENDED, until="03-10")


def test_s22_under_another_name_of_the_ruleset_advice_that_was_restarted_is_still_one() -> None:
    rule = one("again: restart", "due: {from: event.time, until: {plus: 2 days}}")
    before, after = (edition(rule, text).ruleset for text in with_other("ruleset: office", "ruleset: bureau"))
    again = at("03-03 15:00", "interview.ended", id="e2")
    effects = on_log(before, after, ENDED, again, until="03-10")
    assert not effects
    assert (effects.before, effects.after) == (1, 1)


def test_the_first_examples_of_each_fate_are_kept() -> None:
    events = [at(f"03-02 {hour:02}:00", "interview.ended", f"case{hour}") for hour in range(10)]
    (effect,) = on_log(PLAIN, PLAIN.replace("2 days", "3 days"), *events, until="03-20", examples=2).effects
    assert effect.counts == {"moved": 10}
    assert [example.case for example in effect.examples] == ["case0", "case1"]
    (effect,) = on_log(PLAIN, PLAIN.replace("2 days", "3 days"), *events, until="03-20", examples=0).effects
    assert (effect.counts, effect.examples) == ({"moved": 10}, ())


def test_events_after_the_moment_are_left_out() -> None:
    later = at("03-05 15:00", "interview.ended", "other")
    effects = on_log(PLAIN, PLAIN.replace("2 days", "3 days"), ENDED, later, until="03-04")
    assert (effects.events, fates(effects)) == (1, {"r": {"moved": 1}})


def test_a_long_log_is_taken_stretch_by_stretch_with_the_same_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days = [f"03-{day:02} {hour:02}:00" for day in range(2, 12) for hour in (9, 9, 17)]
    events = [
        at(
            time,
            ("interview.ended", "call.made", "rejection.received")[number % 3],
            f"case{number % 4}",
            id=f"e{number}",
        )
        for number, time in enumerate(days)
    ]
    old, new = PLAIN, PLAIN.replace("2 days", "3 days").replace("message: Call.", "message: Ring.")
    whole = on_log(old, new, *events, until="03-20")
    assert whole
    for size in (1, 2, 7):
        monkeypatch.setattr("afterword.comparing.effects._STRETCH", size)
        assert on_log(old, new, *events, until="03-20") == whole


def test_rulesets_of_two_names_ask_for_no_version() -> None:
    rule = "- {id: r, kind: warning, title: T, message: %s, when: {event: message.sent}}"
    old = edition(rule % "one")
    new = edition(rule % "other", (PRELUDE + LISTS).replace("ruleset: ", "ruleset: not-"))
    assert compare(old, new).bump != "none"
    assert judge(compare(old, new)).enough
