"""`afterword rules` and `afterword schema`: what is installed, one rule in plain words, the JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from jsonschema import Draft202012Validator

import afterword
from afterword import resources
from afterword.folder import read_folder
from afterword.yaml_tree import parse
from on_disk import MANIFEST, RULES, call, write
from timeline import at, moment, rules


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_every_rule_of_the_installed_rulesets_is_listed() -> None:
    output = call("rules", "list").stdout
    shipped = afterword.load("after-interview")
    assert output.startswith(f"after-interview {shipped.version}")
    words = set(output.split())
    assert {rule.id for rule in shipped.rules} <= words


def test_rules_are_listed_with_what_they_are(here: Path) -> None:
    write(here / "small")
    assert call("rules", "list", "--rules", "small").stdout.splitlines() == [
        "small 1.0.0  A small ruleset",
        "2 rules, small",
        "",
        "ID          KIND            SEVERITY  STATUS  TITLE          SECTION",
        "say-thanks  recommendation  high      stable  Say thank you  Manners",
        "too-many    warning         medium    draft   Write less",
    ]


def test_rules_are_listed_as_json(here: Path) -> None:
    write(here / "small")
    (listed,) = json.loads(call("rules", "list", "--rules", "small", "--format", "json").stdout)
    assert (listed["name"], listed["version"], listed["path"]) == ("small", "1.0.0", "small")
    assert listed["rules"][1] == {
        "id": "too-many",
        "kind": "warning",
        "severity": "medium",
        "status": "draft",
        "title": "Write less",
        "section": "",
    }


def test_a_ruleset_that_cannot_be_used_is_told_with_its_problems(here: Path) -> None:
    write(here / "small", rules=RULES.replace("message.sent", "message.sen", 1))
    for arguments in (("list", "--rules", "small"), ("show", "too-many", "--rules", "small")):
        result = call("rules", *arguments)
        assert "error[unknown-event]" in result.stderr
        assert result.exit_code == 2
    assert call("rules", "list", "--rules", "nowhere").exit_code == 2


def test_one_rule_is_shown_in_plain_words_with_its_source_and_its_text(here: Path) -> None:
    write(here / "small")
    result = call("rules", "show", "say-thanks", "--rules", "small", "--set", "patience=3 days")
    assert result.stdout.splitlines() == [
        "Say thank you  [say-thanks]",
        "high recommendation, stable, of small 1.0.0",
        "",
        "When interview ended, recommend: Say thank you.",
        "Due at once, until 3 days later.",
        "Done when message sent (where text mentions thank or thanks).",
        "",
        "Says:    Thank them within {params.patience}.",
        "Why:     It is only polite.",
        "Source:  Manners, in: A book, Ann Author",
        "Params:  patience = 3 days (--set; default 7 days)  How long to wait",
        "         thanks: a list of 2",
        "Events:  interview.ended  An interview is over",
        "         message.sent  You sent a message",
        "File:    small/rules/all.yaml:3",
        "",
        "    id: say-thanks",
        "    kind: recommendation",
        "    severity: high",
        "    title: Say thank you",
        "    description: It is only polite.",
        "    when: {event: interview.ended}",
        "    due: {from: event.time, until: {plus: $patience}}",
        "    fulfilled_by: {event: message.sent, where: {text: {mentions: $thanks}}}",
        "    message: Thank them within {params.patience}.",
        "    source: {section: Manners}",
    ]


def test_every_rule_of_the_shipped_ruleset_can_be_shown() -> None:
    for rule in afterword.load("after-interview").rules:
        result = call("rules", "show", rule.id)
        assert result.exit_code == 0
        assert f"    id: {rule.id}\n" in result.stdout


EXTENDING = """
    schema: afterword/1
    ruleset: mine
    version: 3.0.0
    extends: ./small
    source: {author: Me}
    override:
      params: {patience: 5 days}
      lists: {thanks: {add: [cheers]}}
      rules:
        too-many: {enabled: false}
        say-thanks:
          severity: low
          description: null
    rules:
      - {id: rest, kind: warning, when: {event: message.sent}, message: Rest.}
"""


def test_s27_a_rule_is_shown_with_where_each_of_its_values_comes_from(here: Path) -> None:
    write(here / "small")
    (here / "mine.yaml").write_text(dedent(EXTENDING))
    result = call("rules", "show", "say-thanks", "--rules", "mine.yaml", "--set", "patience=3 days")
    lines = result.stdout.splitlines()
    assert lines[1] == "low recommendation, stable, of mine 3.0.0"
    assert " ".join(line.strip() for line in lines[7 : lines.index("    id: say-thanks")]) == (
        "Says:    Thank them within {params.patience}. "
        "Source:  Manners, in: A book, Ann Author "
        "Params:  patience = 3 days (--set; default 5 days, mine.yaml:8; default 7 days, "
        "small/ruleset.yaml:7 of small@1.0.0)  How long to wait "
        "thanks: a list of 3 (mine.yaml:9; small/ruleset.yaml:9 of small@1.0.0) "
        "Events:  interview.ended  An interview is over message.sent  You sent a message "
        "File:    small/rules/all.yaml:3 of small@1.0.0 "
        "Changed: severity, mine.yaml:13 description taken away, mine.yaml:14 "
    )
    assert lines[-4:] == [
        "",
        "    # changed in mine.yaml:13",
        "    severity: low",
        "    description: null",
    ]


def test_s27_a_value_that_nobody_changed_says_which_ruleset_it_is_of(here: Path) -> None:
    write(here / "small")
    (here / "mine.yaml").write_text(dedent(EXTENDING).replace("  params: {patience: 5 days}\n", ""))
    shown = " ".join(call("rules", "show", "say-thanks", "--rules", "mine.yaml").stdout.split())
    assert "patience = 7 days (small/ruleset.yaml:7 of small@1.0.0) How long to wait" in shown
    own = call("rules", "show", "rest", "--rules", "mine.yaml").stdout
    assert "Source:  Me\n" in own
    assert "File:    mine.yaml:15\n" in own
    assert "Changed" not in own


def test_s27_a_rule_that_is_switched_off_is_told_with_where(here: Path) -> None:
    write(here / "small")
    (here / "mine.yaml").write_text(dedent(EXTENDING))
    result = call("rules", "show", "too-many", "--rules", "mine.yaml")
    assert result.exit_code == 2
    assert "mine has the rule 'too-many' switched off, in mine.yaml:11" in result.stderr
    misspelt = call("rules", "show", "too-mny", "--rules", "mine.yaml")
    assert "mine has no rule 'too-mny'; did you mean `too-many`?" in misspelt.stderr


def test_s26_the_newest_version_is_listed_and_the_others_are_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1"):
        write(here / "shelf" / f"small@{version}", MANIFEST.replace("version: 1.0.0", f"version: {version}"))
    monkeypatch.setenv("AFTERWORD_RULESETS", "shelf")
    listed = call("rules", "list").stdout
    assert (
        "\nsmall 1.10.0  A small ruleset\n2 rules, shelf/small@1.10.0; also installed: 2.0.0-rc.1, 1.2.0, 1.0.0\n"
        in listed
    )
    assert listed.count("say-thanks") == 1
    assert listed.startswith("after-interview ")
    (one,) = json.loads(call("rules", "list", "--rules", "small@~1.2", "--format", "json").stdout)
    assert (one["version"], one["installed"]) == ("1.2.0", ["1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1"])


def test_s26_an_installed_ruleset_that_cannot_be_used_does_not_hide_the_others(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here / "shelf" / "other")
    monkeypatch.setenv("AFTERWORD_RULESETS", "shelf")
    result = call("rules", "list")
    assert "error[misnamed-folder]" in result.stderr
    assert result.stdout.startswith("after-interview ")
    assert result.exit_code == 1


def test_an_unknown_rule_is_told_with_the_nearest_one(here: Path) -> None:
    write(here / "small")
    result = call("rules", "show", "say-thank", "--rules", "small")
    assert result.exit_code == 2
    assert "did you mean `say-thanks`?" in result.stderr


def test_colour_comes_only_when_it_is_asked_for(here: Path) -> None:
    write(here / "small")
    for arguments in (("list",), ("show", "say-thanks")):
        assert "\x1b[" not in call("rules", *arguments, "--rules", "small").stdout
        assert "\x1b[" in call("rules", *arguments, "--rules", "small", "--color", "always").stdout


# --- schemas


@pytest.mark.parametrize("name", ["ruleset", "rules", "mapping", "test", "event", "transition", "problems"])
def test_each_schema_is_printed_and_is_a_schema(name: str) -> None:
    schema = json.loads(call("schema", name).stdout)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/{name}.schema.json")


def test_there_is_no_other_schema() -> None:
    assert call("schema", "nothing").exit_code == 2


def test_s26_the_schema_of_a_part_is_that_of_the_ruleset_without_what_is_said_once() -> None:
    part, whole = (json.loads(call("schema", name).stdout) for name in ("rules", "ruleset"))
    for key, schema in whole["properties"].items():
        _, problems = read_folder({"ruleset.yaml": "{}", "rules/a.yaml": f"{key}: {{}}"})
        once = "misplaced-key" in {problem.code for problem in problems}
        assert part["properties"].get(key) == (None if once else schema)
    assert part["$defs"] == whole["$defs"]


def test_s26_the_shipped_parts_are_as_their_schema_says() -> None:
    part = Draft202012Validator(json.loads(call("schema", "rules").stdout))
    for file in resources.ruleset_folders().glob("*/rules/*.yaml"):
        root, _ = parse(file.read_bytes(), file.name)
        assert root is not None
        assert not list(part.iter_errors(root.data()))
    assert not part.is_valid({"version": "1.0.0"})
    assert not part.is_valid({"rules": [{"id": "a"}]})


def test_s26_the_file_of_the_schema_of_a_part_refers_to_the_ruleset_beside_it() -> None:
    for key, schema in resources.schema("rules")["properties"].items():
        assert schema == {"$ref": f"ruleset.schema.json#/properties/{key}"}


LIVES = """
- id: call
  kind: recommendation
  when: {event: interview.ended}
  again: restart
  due:
    from: {first_known: [{field: case.decision_date, plus: 1 day}, {field: event.time, plus: $patience}]}
    until: {plus: 3 days}
  fulfilled_by: {event: call.made}
  cancelled_by: {event: reply.received}
  message: Call {case.company}.
  source: {section: Calls, url: "https://example.org"}
- id: open
  kind: recommendation
  when: {event: interview.scheduled}
  due: {from: {field: case.decision_date}}
  message: x
- id: quiet
  kind: warning
  when: {event: message.drafted, where: {text: {mentions: forgot}}}
  cooldown: 1 day
  inhibits: [call]
  message: "{matched}"
"""
DRAFT = {"type": "message.drafted", "text": "I forgot"}
LOGS = {
    "met": [("03-02 15:00", {"type": "interview.ended", "id": "e1"}), ("03-10 15:00", {"type": "call.made"})],
    "moot": [("03-02 15:00", {"type": "interview.ended"}), ("03-03 15:00", {"type": "reply.received"})],
    "closed": [("03-02 15:00", {"type": "interview.ended"}), ("03-03 15:00", {"type": "rejection.received"})],
    "moved": [
        ("03-02 15:00", {"type": "interview.scheduled", "zone": "Asia/Kolkata"}),
        ("03-02 15:00", {"type": "interview.ended"}),
        ("03-03 15:00", {"type": "date.stated", "decision_date": "2026-03-20"}),
        ("03-04 15:00", {"type": "interview.ended"}),
    ],
    "suppressed": [
        ("03-02 15:00", {"type": "interview.ended"}),
        ("03-09 14:00", DRAFT),
        ("03-09 14:30", DRAFT),
    ],
    "user": [
        ("03-02 15:00", {"type": "interview.ended"}),
        ("03-09 16:00", {"type": "advice.snoozed", "id": "u1", "rule": "call", "until": "2026-03-10"}),
        ("03-10 16:00", {"type": "advice.dismissed", "rule": "call", "reason": "no time"}),
        ("03-10 17:00", {"type": "advice.reopened", "rule": "call"}),
    ],
}


def test_s21_every_transition_is_as_its_schema_says() -> None:
    validator = Draft202012Validator(afterword_schema())
    ruleset = rules(LIVES)
    said = {"corrected": corrected_and_edited(ruleset)}
    for name, log in LOGS.items():
        events = [at(time, **dict(event)) for time, event in log]  # type: ignore[arg-type]
        said[name] = list(afterword.evaluate(ruleset, events, moment("04-30 00:00")))
    states = set()
    causes = set()
    for name, transitions in said.items():
        for transition in transitions:
            told = json.loads(transition.as_json())
            assert not list(validator.iter_errors(told)), (name, told)
            states.add(told["state"])
            causes.add((told["cause"] or {}).get("kind"))
    schema = afterword_schema()
    assert states == set(schema["properties"]["state"]["enum"])
    assert causes - {None} == set(schema["$defs"]["cause"]["properties"]["kind"]["enum"])


def corrected_and_edited(ruleset: afterword.Ruleset) -> list[afterword.Transition]:
    """What only an engine says that is fed late events and edited rules."""
    engine = afterword.Engine(ruleset)
    engine.feed(at("03-02 15:00", "interview.ended"))
    engine.advance(moment("03-20 00:00"))
    out = engine.feed(at("03-03 15:00", "call.made"))
    engine.feed(at("03-21 15:00", "interview.ended"))
    return out + engine.reload(rules(LIVES.replace("id: call\n", "id: ring\n").replace("[call]", "[ring]")))


def afterword_schema() -> dict:  # type: ignore[type-arg]
    return json.loads(call("schema", "transition").stdout)  # type: ignore[no-any-return]


def test_s21_a_schema_that_is_closed_refuses_other_keys_and_windows_of_warnings() -> None:
    validator = Draft202012Validator(afterword_schema())
    (first, *_) = afterword.evaluate(rules(LIVES), [at("03-02 15:00", "interview.ended")])
    told = json.loads(first.as_json())
    assert validator.is_valid(told)
    assert not validator.is_valid(told | {"more": 1})
    assert not validator.is_valid(told | {"kind": "warning", "state": "raised"})
    assert not validator.is_valid(told | {"state": "raised"})
    assert not validator.is_valid({key: value for key, value in told.items() if key != "replaces"})
