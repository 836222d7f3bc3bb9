"""A ruleset that extends another: what it changes, what it adds, and every mistake at the very word (S27)."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import afterword
from afterword import resources
from afterword.codes import CODES
from afterword.layers import MAX_BASES, of_text
from afterword.loading import check, load
from afterword.loading import document as open_document
from afterword.origins import of_list, of_param, of_rule
from afterword.problem import Problem
from afterword.ruleset import Ruleset
from mistakes import document, marked, paths, replaced
from timeline import at, play, told

HEAD = "schema: afterword/1\nruleset: mine\nversion: 2.0.0\nextends: ./base.yaml\n"

OVERRIDE = """
params: {patience: 5 days, limit: 3}
lists: {job_words: {add: [gig], remove: [interview]}, sizes: [7]}
patterns: {accepted: [{event: offer.accepted}, {event: note.made}]}
cases: {opened_by: {add: [note.made]}, closed_by: [offer.accepted, offer.lost]}
rules:
  other: {enabled: false}
  both:
    severity: high
    title: Answer them
    unless: accepted
    cancelled_by: null
"""
WHOLE = """
events:
  offer.lost:
  interview.ended: {title: An interview is over, fields: {mood: {type: string}}}
params: {spell: {type: duration, default: 1 day}}
lists: {moods: [low, high]}
remember: {feeling: {from: interview.ended, field: mood}}
patterns: {low: {event: interview.ended, where: {mood: {in: $moods}}}}
defaults: {timezone: Australia/Perth}
rules:
  - {id: rest, kind: warning, when: low, cooldown: $spell, message: "{case.feeling}"}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a base in it, and nothing installed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(resources, "ruleset_folders", lambda: tmp_path / "shipped")
    (tmp_path / "base.yaml").write_text(document())
    return tmp_path


def written(override: str = "", rest: str = "", head: str = HEAD) -> str:
    """An extending ruleset; what it overrides is written in one line or as a block."""
    block = "\n" + indent(override, "  ") if "\n" in override else f" {override}\n"
    return head + (f"override:{block}" if override else "") + rest


def checked(text: str, file: str = "mine.yaml") -> tuple[Ruleset | None, list[Problem]]:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text)
    return check(file if "/" in file else f"./{file}")


def extended(override: str = "", rest: str = "", head: str = HEAD) -> Ruleset:
    ruleset, problems = checked(written(override, rest, head))
    assert ruleset is not None, problems
    assert problems == []
    return ruleset


# --- what is changed, and what is added


def test_s27_a_ruleset_that_changes_nothing_says_what_its_base_says(here: Path) -> None:
    base, mine = load("./base.yaml"), extended()
    assert (mine.name, mine.version) == ("mine", "2.0.0")
    assert (mine.rules, mine.params, mine.lists, mine.events, mine.facts, mine.patterns, mine.cases, mine.defaults) == (
        base.rules, base.params, base.lists, base.events, base.facts, base.patterns, base.cases, base.defaults,
    )  # fmt: skip
    assert mine.digest != base.digest


def test_s27_params_lists_patterns_and_cases_are_changed(here: Path) -> None:
    mine = extended(OVERRIDE, WHOLE)
    assert {name: str(param.value) for name, param in mine.params.items()} == {
        "patience": "5 days",
        "limit": "3",
        "greeting": "hello",
        "spell": "1 day",
    }
    assert mine.lists == {"job_words": ("interviewer", "gig"), "sizes": (7,), "moods": ("low", "high")}
    assert mine.cases is not None
    assert mine.cases.opened_by == {"interview.ended", "note.made"}
    assert mine.cases.closed_by == {"offer.accepted", "offer.lost"}
    assert [clause.types for clause in mine.patterns["accepted"]] == [("offer.accepted",), ("note.made",)]


def test_s27_a_rule_is_patched_field_by_field_and_null_takes_a_field_away(here: Path) -> None:
    base, mine = load("./base.yaml").rule("both"), extended(OVERRIDE, WHOLE).rule("both")
    assert (mine.severity, mine.title) == ("high", "Answer them")
    assert [clause.types for clause in mine.unless[0].pattern] == [("offer.accepted",), ("note.made",)]
    assert (base.cancelled_by != (), mine.cancelled_by) == (True, ())
    assert (mine.when, mine.kind, mine.message) == (base.when, base.kind, base.message)
    assert mine.due != base.due, "patience is another one"


def test_s27_a_rule_that_is_switched_off_is_gone_and_may_still_be_named(here: Path) -> None:
    base = document().replace("cancelled_by: accepted", "inhibits: [other]\n    cancelled_by: accepted")
    waits = (
        "  - {id: waits, kind: warning, when: {event: advice.raised, where: {rule: [other]}}, message: x}\n"
    )
    (here / "base.yaml").write_text(
        base
        + waits.replace("[other]", "{in: [other, waits-too]}")
        + waits.replace("waits", "waits-too", 1).replace("advice.raised, where: {rule: [other]}", "note.made")
    )
    mine = extended("{rules: {other: {enabled: false}}}")
    assert [rule.id for rule in mine.rules] == ["both", "waits", "waits-too"]


def test_s27_a_rule_that_waits_for_one_that_is_switched_off_is_told_at_the_switch(here: Path) -> None:
    waits = "  - {id: waits, kind: warning, when: {event: advice.raised, where: {rule: other}}, message: x}\n"
    (here / "base.yaml").write_text(document() + waits)
    text, line, column = marked(written("{rules: {other: {enabled: «false»}}}"))
    ruleset, (problem,) = checked(text)
    assert ruleset is not None
    assert (problem.code, problem.severity, problem.line, problem.column) == (
        "dead-rule",
        "warning",
        line,
        column,
    )
    assert "`waits`" in problem.message


def test_s27_what_was_switched_off_can_be_switched_on_again(here: Path) -> None:
    (here / "base.yaml").write_text(document().replace("- id: both", "- id: both\n    enabled: false"))
    assert [rule.id for rule in load("./base.yaml").rules] == ["other"]
    assert [rule.id for rule in extended("{rules: {both: {enabled: true}}}").rules] == ["other", "both"]


def test_s27_what_is_added_can_use_what_is_there(here: Path) -> None:
    mine = extended(rest=WHOLE)
    assert [rule.id for rule in mine.rules] == ["other", "both", "rest"]
    assert mine.events["interview.ended"].title == "An interview is over"
    assert {"company", "mood"} <= mine.events["interview.ended"].fields.keys()
    assert mine.defaults.timezone == "Australia/Perth"
    assert [rule.index for rule in mine.rules] == [0, 1, 2]


def test_s27_defaults_are_joined_key_by_key(here: Path) -> None:
    (here / "base.yaml").write_text(
        document().replace("params:\n", "defaults: {days: business, timezone: UTC}\nparams:\n", 1)
    )
    mine = extended(rest="defaults: {timezone: Australia/Perth}")
    assert (mine.defaults.timezone, mine.defaults.days) == ("Australia/Perth", "business")


def test_s27_settings_go_before_what_is_overridden(here: Path) -> None:
    (here / "mine.yaml").write_text(written(OVERRIDE, WHOLE))
    assert str(load("./mine.yaml", {"patience": "2 days"}).params["patience"].value) == "2 days"


def test_s27_advice_keeps_its_source_whoever_extends_it(here: Path) -> None:
    source = "source: {title: A book, author: Ann Author}\n"
    (here / "base.yaml").write_text(
        source + document().replace("- id: both", "- id: both\n    source: {section: Two}")
    )
    mine = extended("{rules: {other: {source: {section: One}}}}", "source: {author: Me}\n" + WHOLE)
    assert mine.source == {"author": "Me"}
    assert {rule.id: dict(rule.source) for rule in mine.rules} == {
        "other": {"section": "One"},
        "both": {"section": "Two", "title": "A book", "author": "Ann Author"},
        "rest": {"author": "Me"},
    }


def test_s27_the_digest_is_that_of_the_whole(here: Path) -> None:
    digests = {extended().digest, extended(OVERRIDE, WHOLE).digest}
    (here / "base.yaml").write_text(document().replace("hello", "hullo"))
    digests.add(extended().digest)
    assert len(digests) == 3


def test_s27_an_extended_ruleset_advises_as_it_says(here: Path) -> None:
    mine = extended(OVERRIDE, WHOLE)
    out = play(
        mine,
        at("03-01", "interview.ended"),
        *(at(f"03-0{day}", "message.drafted", text="interview") for day in (2, 3, 4)),
        until="03-31",
    )
    assert told(out) == ["03-04 08:00 both due", "03-09 08:00 both missed"]
    assert {transition.as_dict()["ruleset"]["name"] for transition in out} == {"mine"}


# --- where the base is


def test_s27_a_base_is_a_file_or_a_folder_beside_or_below_the_file(here: Path) -> None:
    (here / "base" / "rules").mkdir(parents=True)
    head, _, rules = document().partition("rules:\n")
    (here / "base" / "ruleset.yaml").write_text(head)
    (here / "base" / "rules" / "all.yaml").write_text(f"rules:\n{rules}")
    for path in ("./base", "./base/", "././base/.", "./base.yaml"):
        assert [rule.id for rule in extended(head=HEAD.replace("./base.yaml", path)).rules] == [
            "other",
            "both",
        ]


@pytest.mark.parametrize("said", ["base", "base@^1"])
def test_s27_a_base_that_stands_beside_the_file_is_named_by_its_path(here: Path, said: str) -> None:
    for beside in ("./base.yaml", "./base"):
        if beside == "./base":
            (here / "base").mkdir()
        _, problems = checked(written(head=HEAD.replace("./base.yaml", said)))
        assert [p.code for p in problems] == ["unknown-ruleset"]
        assert problems[0].hint == f"to extend what stands beside this file, write `extends: {beside}`"


def test_s27_a_folder_extends_what_is_in_it(here: Path) -> None:
    (here / "mine" / "rules").mkdir(parents=True)
    (here / "mine" / "base.yaml").write_text(document())
    (here / "mine" / "ruleset.yaml").write_text(written(OVERRIDE))
    (here / "mine" / "rules" / "more.yaml").write_text(
        WHOLE.replace("defaults: {timezone: Australia/Perth}\n", "")
    )
    assert [rule.id for rule in load("mine").rules] == ["both", "rest"]


def test_s27_what_a_folder_extends_is_said_in_its_manifest(here: Path) -> None:
    (here / "mine" / "rules").mkdir(parents=True)
    (here / "mine" / "ruleset.yaml").write_text(document())
    (here / "mine" / "rules" / "more.yaml").write_text("extends: ./base.yaml\noverride: {}\n")
    assert [problem.code for problem in check("mine")[1]] == ["misplaced-key", "misplaced-key"]


def install(here: Path, folder: str, text: str) -> None:
    (here / "shipped" / folder).mkdir(parents=True)
    (here / "shipped" / folder / "ruleset.yaml").write_text(text)


def test_s27_an_installed_ruleset_is_extended_by_name_also_by_a_text(here: Path) -> None:
    for version in ("1.0.0", "1.4.0", "2.0.0"):
        install(here, f"sample@{version}", document().replace("version: 1.0.0", f"version: {version}"))
    text = written(OVERRIDE, WHOLE, HEAD.replace("./base.yaml", "sample@^1"))
    assert [rule.id for rule in load(text).rules] == ["both", "rest"]
    assert [layer.called for layer in of_text(text).layers] == ["mine@2.0.0", "sample@1.4.0"]
    assert load(text).digest == extended(OVERRIDE, WHOLE).digest, "the versions say the same"


def test_s27_the_shipped_ruleset_can_be_extended() -> None:
    head = HEAD.replace("./base.yaml", "after-interview@^1")
    mine = afterword.load(
        written("{params: {patience: 5 days}, rules: {badgering: {enabled: false}}}", head=head)
    )
    base = afterword.load("after-interview")
    assert {rule.id for rule in base.rules} - {rule.id for rule in mine.rules} == {"badgering"}
    assert str(mine.params["patience"].value) == "5 days"


def test_s27_a_chain_is_worked_in_from_below(here: Path) -> None:
    middle = (
        HEAD.replace("mine", "middle")
        + "override: {params: {patience: 5 days, limit: 2}, rules: {both: {severity: low}}}\n"
    )
    (here / "middle.yaml").write_text(middle)
    mine = extended(
        "{params: {patience: 4 days}, rules: {both: {title: Answer}, other: {enabled: false}}}",
        head=HEAD.replace("base", "middle"),
    )
    (both,) = mine.rules
    assert (both.severity, both.title) == ("low", "Answer")
    assert [str(param.value) for param in mine.params.values()] == ["4 days", "2", "hello"]


# --- mistakes

OVERRIDE_MISTAKES = [
    # names that the base does not have
    ("{rules: {«bth»: {severity: low}}}", "unknown-rule", "did you mean `both`?"),
    ("{rules: {«mine»: {severity: low}}}", "unknown-rule", "known: `both`, `other`"),
    ("{params: {«patiense»: 3 days}}", "unknown-param", "did you mean `patience`?"),
    ("{lists: {«job_word»: [a]}}", "unknown-name", "did you mean `job_words`?"),
    ("{patterns: {«acepted»: {event: note.made}}}", "unknown-pattern", "did you mean `accepted`?"),
    ("{lists: {job_words: {remove: [«interviews»]}}}", "unknown-value", "`interview`"),
    ("{lists: {sizes: {remove: [«'1'»]}}}", "unknown-value", ""),
    ("{cases: {closed_by: {remove: [«note.made»]}}}", "unknown-value", "`offer.accepted`"),
    # shapes
    ("{«rule»: {both: {severity: low}}}", "unknown-key", "did you mean `rules`?"),
    ("{rules: {both: {«severty»: low}}}", "unknown-key", "did you mean `severity`?"),
    ("{rules: {both: {severity: «hihg»}}}", "not-allowed", "did you mean `high`?"),
    ("{rules: {both: {«kind»: warning}}}", "not-allowed", "write your own below `rules`"),
    ("{rules: {both: {«id»: two}}}", "not-allowed", "switch it off"),
    ("{rules: {both: {enabled: «NO»}}}", "wrong-type", "`false`"),
    ("{rules: {both: «off»}}", "wrong-type", ""),
    ("{rules: {both: {«message»: null}}}", "wrong-type", "give it a value"),
    ("{rules: {both: {«cooldown»: }}}", "wrong-type", "write `cooldown: null` to take it away"),
    ("{rules: {both: «{»}}}", "out-of-range", ""),
    ("{rules: {both: «off»}}", "wrong-type", "`{enabled: false}`"),
    ("{rules: «[»{id: both}]}", "wrong-type", "each rule under its id"),
    ("{params: {patience: «[»3 days]}}", "wrong-type", "the new default alone"),
    ("{params: {patience: «{»default: 3 days}}}", "wrong-type", "the new default alone"),
    ("{«events»: {note.made: {}}}", "unknown-key", "stands beside `override`"),
    ("{«defaults»: {timezone: UTC}}", "unknown-key", "stands beside `override`"),
    ("{lists: {job_words: {add: [gig], «drp»: [a]}}}", "unknown-key", "`add`"),
    ("{lists: {job_words: «gig»}}", "wrong-type", "write `{add: […], remove: […]}`"),
    ("{cases: {closed_by: {add: «[»]}}}", "out-of-range", ""),
    ("«5»", "wrong-type", ""),
    # what the base would have been told too, had it said so
    ("{params: {patience: «soon»}}", "bad-duration", "`7 days`"),
    ("{params: {patience: «7»}}", "wrong-type", "`7 days`"),
    ("{params: {limit: «many»}}", "wrong-type", "without quotes"),
    ("{lists: {job_words: {add: [«interview»]}}}", "duplicate-item", "remove one of them"),
    ("{lists: {sizes: «{»remove: [1, 2]}}}", "out-of-range", "put another in its place: `{add: […]"),
    ("{cases: {closed_by: «{»remove: [offer.accepted]}}}", "out-of-range", "let one item stay"),
    ("{cases: {closed_by: «[»]}}", "out-of-range", "name at least one"),
    ("{lists: {job_words: [«3»]}}", "wrong-operand", 'quotes: `"3"`'),
    ("{lists: {sizes: {add: [«'3'»]}}}", "wrong-operand", "The list holds numbers"),
    ("{cases: {closed_by: {add: [«interview.ended»]}}}", "case-opens-and-closes", ""),
    ("{cases: {opened_by: {add: [«offer.accepted»]}}}", "case-opens-and-closes", ""),
    ("{cases: {closed_by: {add: [«offer.lst»]}}}", "unknown-event", ""),
    ("{patterns: {accepted: {event: «offer.acepted»}}}", "unknown-event", "`offer.accepted`"),
    ("{patterns: {accepted: «accepted»}}", "pattern-cycle", ""),
    ("{rules: {both: {when: {event: «interview.endet»}}}}", "unknown-event", "`interview.ended`"),
    ("{rules: {both: {unless: «acepted»}}}", "unknown-pattern", "`accepted`"),
    ("{rules: {both: {message: 'for {«case.compny»}'}}}", "unknown-fact", "`company`"),
    ("{rules: {both: {cooldown: «$patiense»}}}", "unknown-name", "`patience`"),
    ("{rules: {both: {inhibits: [«othr»]}}}", "unknown-rule", "`other`"),
    ("{rules: {other: {«due»: {until: end of day}}}}", "recommendation-only", "remove `due`"),
    ("{rules: {both: {due: {until: «{»minus: 1 day}}}}}", "empty-window", ""),
]

REST_MISTAKES = [
    (
        "params: {«patience»: {type: duration, default: 1 day}}",
        "redefined",
        "override: {params: {patience: …}}",
    ),
    ("lists: {«sizes»: [1]}", "redefined", "override: {lists: {sizes: {add: […], remove: […]}}}"),
    ("patterns: {«accepted»: {event: note.made}}", "redefined", "override: {patterns: {accepted: …}}"),
    (
        "rules: [{id: «both», kind: warning, when: accepted, message: x}]",
        "redefined",
        "override: {rules: {both: …}}",
    ),
    ("«cases»: {opened_by: note.made}", "redefined", "override: {cases:"),
    ("remember: {«mood»: {from: message.drafted, field: purpose}}", "redefined", "give yours another name"),
    ("events: {interview.ended: {fields: {«company»: {type: date}}}}", "redefined", "leave it out"),
    ("events: {interview.ended: {fields: {mood: {type: «text»}}}}", "not-allowed", "`string`"),
    ("rules: [{id: rest, kind: warning, when: «acepted», message: x}]", "unknown-pattern", "`accepted`"),
    ("rules: [{id: rest, kind: warning, when: «interview.ended», message: x}]", "bad-format", "`{event: int"),
    ("rules: [«{»id: rest, kind: warning, when: accepted}]", "missing-key", "`message: …`"),
    ("rules: «{»rest: {kind: warning}}", "wrong-type", ""),
    ("«titel»: x", "unknown-key", "`title`"),
    ("params: «5»", "wrong-type", ""),
    ("title: «[»x]", "wrong-type", "in quotes"),
]

EXTENDS_MISTAKES = [
    ("extends: «./bas.yaml»", "missing-file", "base.yaml"),
    ("extends: «./nowhere/base.yaml»", "missing-file", ""),
    ("extends: «./empty»", "missing-file", "a folder with that file in it"),
    ("extends: «./../base.yaml»", "extends-outside", "AFTERWORD_RULESETS"),
    ("extends: «./empty/../../base.yaml»", "extends-outside", ""),
    ("extends: «../base.yaml»", "bad-format", "begins with `./`"),
    ("extends: «/etc/passwd»", "bad-format", "begins with `./`"),
    ("extends: «base.yaml»", "bad-format", "begins with `./`"),
    ("extends: «~/base.yaml»", "bad-format", "begins with `./`"),
    ('extends: «"./base\\0.yaml"»', "extends-outside", ""),
    ("extends: «./mine.yaml»", "extends-cycle", "stand by itself"),
    ("extends: «./link.yaml»", "extends-outside", ""),
    ("extends: «./away/passwd»", "extends-outside", ""),
    ("extends: «./away/passwdx»", "extends-outside", ""),
    ("extends: «./loop»", "extends-outside", ""),
    ("extends: «./pipe»", "unreadable-file", "neither a file nor a folder"),
    ("extends: «sampel»", "unknown-ruleset", "did you mean `sample`?"),
    ("extends: «sample@^3»", "unknown-ruleset", "installed: `sample@1.0.0`"),
    ("extends: «sample@new»", "bad-version", "no range of versions"),
    ("extends: «[»sample]", "wrong-type", ""),
    ("«extends»:", "wrong-type", "begins with `./`"),
    ("extends: «" + "a" * 500 + "»", "out-of-range", ""),
    ("extends: «./" + "a/" * 140 + "»", "missing-file", ""),
    ("«extnds»: ./base.yaml", "unknown-key", "did you mean `extends`?"),
]


def only_mistake(text: str, code: str, hint: str) -> None:
    text, line, column = marked(text)
    ruleset, problems = checked(text)
    assert ruleset is None
    assert [(p.code, p.file, p.line, p.column) for p in problems] == [(code, "mine.yaml", line, column)], (
        problems
    )
    assert hint in problems[0].hint + problems[0].message


@pytest.mark.parametrize(("override", "code", "hint"), OVERRIDE_MISTAKES)
def test_s27_a_mistake_in_what_is_overridden_is_one_problem_at_the_very_word(
    here: Path, override: str, code: str, hint: str
) -> None:
    only_mistake(f"{HEAD}override: {override}\n", code, hint)


@pytest.mark.parametrize(("rest", "code", "hint"), REST_MISTAKES)
def test_s27_a_mistake_in_what_is_added_is_one_problem_at_the_very_word(
    here: Path, rest: str, code: str, hint: str
) -> None:
    only_mistake(HEAD + rest + "\n", code, hint)


@pytest.mark.parametrize(("extends", "code", "hint"), EXTENDS_MISTAKES)
def test_s27_a_base_that_cannot_be_had_is_one_problem_at_the_very_word(
    here: Path, extends: str, code: str, hint: str
) -> None:
    install(here, "sample", document())
    (here / "empty").mkdir()
    (here / "link.yaml").symlink_to("/etc/hostname")
    (here / "away").symlink_to("/etc")
    (here / "loop").symlink_to("loop")
    os.mkfifo(here / "pipe")
    (here / "inner").mkdir()
    os.chdir(here / "inner")
    for each in here.iterdir():
        if each.name not in ("inner", "shipped"):
            each.rename(here / "inner" / each.name)
    (here / "base.yaml").write_text(document())
    only_mistake(HEAD.replace("extends: ./base.yaml", extends), code, hint)


def test_s27_a_path_in_a_text_has_nowhere_to_begin(here: Path) -> None:
    (problem,) = check(HEAD)[1]
    assert (problem.code, problem.line, problem.column) == ("extends-outside", 4, 10)


def test_s27_override_needs_something_to_override(here: Path) -> None:
    only_mistake(document() + "«override»: {params: {patience: 3 days}}\n", "not-allowed", "`extends`")


def test_s27_cases_that_a_base_does_not_have_are_declared(here: Path) -> None:
    (here / "base.yaml").write_text(document(cases=None))
    assert extended(rest="cases: {opened_by: note.made}").cases is not None
    only_mistake(
        f"{HEAD}override: {{cases: {{«opened_by»: [note.made]}}}}\n", "unknown-name", "declare `cases`"
    )


def test_s27_an_event_may_close_cases_that_nothing_closed_so_far(here: Path) -> None:
    (here / "base.yaml").write_text(document(cases="opened_by: interview.ended"))
    cases = extended("{cases: {closed_by: {add: [offer.accepted]}}}").cases
    assert cases is not None
    assert cases.closed_by == {"offer.accepted"}


def test_s27_rulesets_that_extend_each_other_are_told_with_the_whole_circle(here: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        install(here, name, f"schema: afterword/1\nruleset: {name}\nversion: 1.0.0\nextends: {other}\n")
    (problem,) = check("one")[1]
    assert problem.code == "extends-cycle"
    assert problem.file.endswith("two/ruleset.yaml")
    assert "`one@1.0.0` → `two@1.0.0` → `one@1.0.0`" in problem.message


@pytest.mark.parametrize("spelling", ["./ruleset.yaml", "./again"])
def test_s27_another_way_to_the_same_file_is_the_same_circle(here: Path, spelling: str) -> None:
    (here / "round").mkdir()
    (here / "round" / "again").symlink_to(".")
    (here / "round" / "ruleset.yaml").write_text(HEAD.replace("./base.yaml", spelling))
    assert [problem.code for problem in check("round")[1]] == ["extends-cycle"]


@pytest.mark.parametrize("bases", [MAX_BASES, MAX_BASES + 1])
def test_s27_a_chain_may_be_eight_deep(here: Path, bases: int) -> None:
    (here / "r0.yaml").write_text(document())
    for number in range(1, bases + 1):
        (here / f"r{number}.yaml").write_text(HEAD.replace("base", f"r{number - 1}"))
    ruleset, problems = check(f"./r{bases}.yaml")
    if bases == MAX_BASES:
        assert ruleset is not None
    else:
        assert [(problem.code, problem.file) for problem in problems] == [("extends-too-deep", "r1.yaml")]


# --- mistakes of the base


def test_s27_a_mistake_of_the_base_is_told_where_it_stands(here: Path) -> None:
    text, line, column = marked(document().replace("cancelled_by: accepted", "cancelled_by: «acepted»"))
    (here / "base.yaml").write_text(text)
    _, (problem,) = checked(written("{rules: {both: {severity: low}}}"))
    assert (problem.file, problem.line, problem.column) == ("base.yaml", line, column)


def test_s27_a_patch_mends_what_it_stands_in_the_place_of(here: Path) -> None:
    (here / "base.yaml").write_text(document().replace("cancelled_by: accepted", "cancelled_by: nothing"))
    assert extended("{rules: {both: {cancelled_by: accepted}}}").name == "mine"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("schema: afterword/1", "schema: «afterword/9»", "not-allowed"),
        ("version: 1.0.0", "version: 1.0.0\n«titel»: x", "unknown-key"),
        ("version: 1.0.0", "version: 1.0.0\nrequires_engine: «'>=999'»", "wrong-engine"),
        ("- id: both", "- id: both\n    severity: «hihg»", "not-allowed"),
        ("- id: both", "- id: «other»", "duplicate-id"),
        ("opened_by: interview.ended", "opened_by: «interview.endet»", "unknown-event"),
    ],
)
def test_s27_what_the_base_says_of_itself_is_checked_too(
    here: Path, before: str, after: str, code: str
) -> None:
    text, line, column = marked(document().replace(before, after))
    (here / "base.yaml").write_text(text)
    ruleset, (problem,) = checked(HEAD)
    assert ruleset is None
    assert (problem.code, problem.file, problem.line, problem.column) == (code, "base.yaml", line, column)


@pytest.mark.parametrize("text", ["", "- 1\n", "5\n", "a: [", "\0", "x" * (1 << 21), "schema: afterword/1\n"])
def test_p4_a_base_that_is_no_ruleset_is_a_problem_of_its_file(here: Path, text: str) -> None:
    (here / "base.yaml").write_text(text)
    ruleset, problems = checked(written(OVERRIDE, WHOLE))
    assert ruleset is None
    assert {problem.file for problem in problems} >= {"base.yaml"}


def test_s27_warnings_that_the_base_has_by_itself_are_not_those_of_who_extends_it(here: Path) -> None:
    (here / "base.yaml").write_text(document().replace("lists:\n", "lists:\n  spare: [x]\n"))
    assert [problem.code for problem in check("./base.yaml")[1]] == ["unused-name"]
    assert extended("{rules: {both: {due: {until: {plus: 1 day}}}}}").name == "mine"
    _, (problem,) = checked(written("{lists: {spare: [y]}}"))
    assert (problem.code, problem.file) == ("unused-name", "mine.yaml")


def test_s27_a_part_that_is_left_out_leaves_nothing_unused(here: Path) -> None:
    rest = "params: {spell: {type: duration, default: 1 day}}\n"
    only_mistake(
        f"{HEAD}override: {{rules: {{both: {{cooldown: $spell, severity: «7»}}}}}}\n{rest}", "not-allowed", ""
    )
    only_mistake(f"{HEAD}override: {{rules: {{«bth»: {{cooldown: $spell}}}}}}\n{rest}", "unknown-rule", "")


# --- any document at all

JUNK = [None, 5, True, "x", [], {}, [1], {"a": 1}, [[]], {"both": {}}, {"add": [{}]}]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_p4_whatever_is_written_in_either_makes_problems_and_never_a_crash(
    here: Path, data: st.DataObject
) -> None:
    from afterword.extending import attributed, extend  # noqa: PLC0415
    from afterword.yaml_tree import parse  # noqa: PLC0415

    own, _ = parse(written(OVERRIDE, WHOLE), "mine.yaml")
    base, _ = parse(document(), "base.yaml")
    assert own is not None
    assert base is not None
    if data.draw(st.booleans()):
        own = replaced(own, data.draw(st.sampled_from(list(paths(own)))), data.draw(st.sampled_from(JUNK)))
    else:
        base = replaced(base, data.draw(st.sampled_from(list(paths(base)))), data.draw(st.sampled_from(JUNK)))
    import msgspec  # noqa: PLC0415

    for name, node in (("mine.yaml", own), ("base.yaml", base)):
        (here / name).write_bytes(msgspec.json.encode(node.data()))
    ruleset, problems = check("./mine.yaml")
    assert ruleset is not None or problems
    assert {problem.code for problem in problems} <= CODES.keys()
    extend(attributed(own), None, attributed(base))


# --- where a value comes from


def test_s27_every_value_knows_where_it_comes_from(here: Path) -> None:
    (here / "middle.yaml").write_text(
        HEAD.replace("mine", "middle") + "override: {params: {patience: 5 days}}\n"
    )
    (here / "mine.yaml").write_text(written(OVERRIDE, WHOLE, HEAD.replace("base", "middle")))
    opened = open_document("./mine.yaml")
    assert [(str(each.node.value), each.layer.called) for each in of_param(opened, "patience")] == [
        ("5 days", "mine@2.0.0"),
        ("5 days", "middle@2.0.0"),
        ("7 days", "sample@1.0.0"),
    ]
    assert [(each.name, each.node.value is None) for each in of_rule(opened, "both")] == [
        ("severity", False),
        ("title", False),
        ("unless", False),
        ("cancelled_by", True),
    ]
    assert [each.place[2] for each in of_list(opened, "job_words")] == ["mine.yaml", "base.yaml"]
    assert (of_rule(opened, "events"), of_param(opened, "nothing")) == ([], [])
