"""`afterword diff`: two rulesets on the disk, what it prints of them and of a log, and how it ends."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from on_disk import MANIFEST, RULES, call, write
from test_hiring import LOG, MAPPING, cases, thank_yous

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "rulesets" / "after-interview"
TWO_WEEKS = ROOT / "examples" / "two-weeks.jsonl"
EVENTS = """\
{"type": "interview.ended", "time": "2026-03-02T15:00:00Z", "id": "e1", "case": "acme", "data": {"company": "Acme"}}
{"type": "message.sent", "time": "2026-03-07T16:00:00Z", "id": "e2", "case": "acme", "data": {"text": "Thanks!"}}
{"type": "interview.ended", "time": "2026-03-20T15:00:00Z", "id": "e3", "subject": "ana", "data": {}, "case": "b"}
"""
NEW_MANIFEST = MANIFEST.replace("7 days", "4 days").replace("[thank, thanks]", "[thank, thanks, cheers]")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `old`, `new`, which differs in a param, a list and a message, and a log."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    write(tmp_path / "old")
    write(tmp_path / "new", NEW_MANIFEST, RULES.replace("Thank them within", "Do thank them within"))
    (tmp_path / "log.jsonl").write_text(EVENTS)
    return tmp_path


RULES_TOLD = """\
small 1.0.0
Rules: 1 changed, 1 as before.

What rules share
  ~ param patience
      default       7 days → 4 days
      affects say-thanks
  ~ list thanks
      items         + cheers
      affects say-thanks

Rules
  ~ say-thanks  Say thank you
      due           at once, until 7 days later → at once, until 4 days later
                    (through the param patience)
      done when     + where text mentions cheers
                    (through the list thanks)
      says          [Thank → Do thank] them within {params.patience}.
"""

VERSION_TOLD = """
The change asks for a major version, 2.0.0 or later; 1.0.0 is the same.
"""

LOG_TOLD = """
What it changes for log.jsonl (3 events, up to Friday 20 March 2026)
2 advices given before, as many now.

  rule        before  now  moved  ended differently
  say-thanks       2    2      1                  1

  say-thanks  Say thank you
      moved             ana/b, e3
                        was due Fri 20 Mar 15:00 until Fri 27 Mar 15:00, still open
                        now due Fri 20 Mar 15:00 until Tue 24 Mar 15:00, still open
      ended differently acme, e1
                        was due Mon 2 Mar 15:00 until Mon 9 Mar 15:00, fulfilled Sat 7 Mar 16:00
                        now due Mon 2 Mar 15:00 until Fri 6 Mar 15:00, missed
"""


def test_what_changed_is_told_in_plain_words(here: Path) -> None:
    result = call("diff", "old", "new")
    assert result.stdout == RULES_TOLD + VERSION_TOLD
    assert (result.stderr, result.exit_code) == ("", 0)


def test_with_a_log_it_is_told_what_becomes_of_the_advice(here: Path) -> None:
    result = call("diff", "old", "new", "log.jsonl")
    assert result.stdout == RULES_TOLD + LOG_TOLD + VERSION_TOLD
    assert result.exit_code == 0


def test_nothing_changed_is_said_so(here: Path) -> None:
    assert call("diff", "old", "old").stdout == "small 1.0.0\nNothing changed that makes a difference.\n"
    told = call("diff", "old", "old", "log.jsonl", "--semver").stdout
    assert "Nothing: 2 advices given before and after, the same at the same times." in told
    assert "No new version is needed." in told


def test_other_words_for_everyone_are_shown_once(here: Path) -> None:
    write(here / "new", rules=RULES.replace("Thank them within", "Do thank them within"))
    told = call("diff", "old", "new", "log.jsonl").stdout
    assert told.count("[Thank → Do thank] them within 7 days.") == 1
    assert "and 1 more reworded" in told


def test_a_changed_rule_that_the_log_does_not_show_is_named(here: Path) -> None:
    write(here / "new", rules=RULES.replace("at_least: 2", "at_least: 3"))
    told = call("diff", "old", "new", "log.jsonl").stdout
    assert "Nothing: 2 advices given before and after, the same at the same times." in told
    write(here / "new", NEW_MANIFEST, RULES.replace("at_least: 2", "at_least: 3"))
    told = call("diff", "old", "new", "log.jsonl").stdout
    assert "Changed, without a difference in this log: too-many." in told


def test_rules_that_came_and_went_are_told_in_plain_words(here: Path) -> None:
    write(here / "new", rules=RULES.replace("id: say-thanks", "id: be-polite").replace("high", "low"))
    told = call("diff", "old", "new").stdout
    assert "Rules: 1 added, 1 removed, 1 as before." in told
    assert (
        "  + be-polite  Say thank you  (low recommendation)\n      When interview ended, recommend:" in told
    )
    assert "  - say-thanks  Say thank you  (high recommendation)\n      Says: Thank them within" in told


def test_rules_that_changed_in_the_same_way_are_told_together(here: Path) -> None:
    again = RULES.replace("rules:", "").partition("- id: too-many")[0].replace("say-thanks", "be-polite")
    write(here / "old", rules=RULES + again)
    write(here / "new", MANIFEST.replace("7 days", "4 days"), RULES + again)
    told = call("diff", "old", "new").stdout
    assert "  ~ say-thanks, be-polite  (through the param patience)\n      due  " in told
    markdown = call("diff", "old", "new", "--format", "markdown").stdout
    assert "| changed | `say-thanks`, `be-polite` | (through the param patience)<br>**due**" in markdown


# --- the log


def test_both_rulesets_get_the_params_that_are_set(here: Path) -> None:
    told = call("diff", "old", "new", "log.jsonl", "--set", "patience=2 days").stdout
    assert "default       7 days → 4 days" in told
    assert "rule        before  now  reworded" in told


def test_a_param_of_neither_ruleset_is_refused_with_the_nearest(here: Path) -> None:
    result = call("diff", "old", "new", "log.jsonl", "--set", "patiense=2 days")
    assert result.exit_code == 2
    assert "did you mean `patience`?" in result.stderr
    assert call("diff", "old", "new", "log.jsonl", "--set", "patience=two").exit_code == 2


def test_the_log_ends_where_it_is_told_to(here: Path) -> None:
    told = call("diff", "old", "new", "log.jsonl", "--as-of", "2026-03-08").stdout
    assert "(2 events, up to Sunday 8 March 2026)" in told
    assert (
        "up to Sunday 29 March 2026" in call("diff", "old", "new", "log.jsonl", "--as-of", "+9 days").stdout
    )


@pytest.mark.parametrize("option", [("--set", "patience=2 days"), ("--as-of", "now"), ("--map", "m.yaml")])
def test_options_for_a_log_need_one(here: Path, option: tuple[str, str]) -> None:
    result = call("diff", "old", "new", *option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "are about a log, and none is named" in result.stderr


def test_drafts_take_part_when_asked_for(here: Path) -> None:
    write(here / "new", rules=RULES.replace("at_least: 2", "at_least: 1"))
    assert "too-many" in call("diff", "old", "new", "log.jsonl", "--drafts").stdout.partition("rule  ")[2]


def test_what_is_odd_in_the_log_is_said_once_on_standard_error(here: Path) -> None:
    odd = '{"type": "call.made", "time": "2026-03-02T15:00:00Z"}\nnot json\n'
    (here / "log.jsonl").write_text(odd + EVENTS)
    write(here / "new", MANIFEST.replace("events:", "events:\n      call.made: {}"))
    result = call("diff", "old", "new", "log.jsonl")
    assert result.exit_code == 0
    assert result.stderr.count("bad line") >= 1
    assert "under OLD only, unknown type: call.made" in result.stderr
    assert call("diff", "old", "new", "log.jsonl", "-q").stderr == ""


def test_a_log_can_come_from_standard_input(here: Path) -> None:
    result = call("diff", "old", "new", "-", stdin=EVENTS)
    assert "(3 events, up to Friday 20 March 2026)" in result.stdout


# --- the version


def test_semver_gives_the_reasons_and_fails_when_the_version_tells_less(here: Path) -> None:
    result = call("diff", "old", "new", "--semver")
    assert result.exit_code == 1
    assert result.stdout.endswith(
        "The change asks for a major version, 2.0.0 or later; 1.0.0 is the same.\n"
        "  major  due at another time (through the param patience); done by other things (through the list\n"
        "         thanks): say-thanks\n"
    )
    write(here / "new", NEW_MANIFEST.replace("1.0.0", "1.3.0"))
    assert "1.3.0 tells less" in call("diff", "old", "new", "--semver").stdout
    write(here / "new", NEW_MANIFEST.replace("1.0.0", "2.0.0"))
    result = call("diff", "old", "new", "--semver")
    assert (result.exit_code, "2.0.0 will do" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("name", "status"),
    [("rules", 1), ("advice", 1), ("ended", 1), ("moved", 1), ("gained", 0), ("lost", 0), ("reworded", 0)],
)
def test_fail_on_ends_with_status_1_when_it_is_found(here: Path, name: str, status: int) -> None:
    assert call("diff", "old", "new", "log.jsonl", "--fail-on", name).exit_code == status
    assert call("diff", "old", "old", "log.jsonl", "--fail-on", name).exit_code == 0


# --- what cannot be used


def test_the_problems_of_both_rulesets_are_printed(here: Path) -> None:
    write(here / "old", rules=RULES.replace("message.sent", "message.sen"))
    write(here / "new", rules=RULES.replace("kind: warning", "kind: warnin"))
    result = call("diff", "old", "new", "log.jsonl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "old/rules/all.yaml" in result.stderr
    assert "new/rules/all.yaml" in result.stderr


def test_a_ruleset_or_a_log_that_is_not_there_is_told(here: Path) -> None:
    assert "missing-file" in call("diff", "./nowhere", "new").stderr
    assert call("diff", "./nowhere", "new").exit_code == 2
    assert call("diff", "old", "new", "nowhere.jsonl").exit_code == 2


# --- other formats


def test_json_has_all_of_it(here: Path) -> None:
    told = json.loads(call("diff", "old", "new", "log.jsonl", "--format", "json").stdout)
    assert told["semver"]["asked"] == "major"
    assert (told["semver"]["needed"], told["semver"]["enough"]) == ("2.0.0", False)
    (rule,) = told["rules"]
    assert [change["what"] for change in rule["changes"]] == ["due", "fulfilled_by", "message"]
    assert rule["changes"][0] == {
        "what": "due",
        "bump": "major",
        "was": "at once, until 7 days later",
        "now": "at once, until 4 days later",
        "through": ["the param patience"],
    }
    assert [change["felt_by"] for change in told["shared"]] == [["say-thanks"], ["say-thanks"]]
    (effect,) = told["log"]["effects"]
    assert effect["counts"] == {"moved": 1, "ended": 1}
    assert effect["examples"][1]["now"]["state"] == "missed"
    assert json.loads(call("diff", "old", "old", "--format", "json").stdout)["log"] is None


def test_markdown_is_made_for_a_pull_request(here: Path) -> None:
    told = call("diff", "old", "new", "log.jsonl", "--format", "markdown").stdout.splitlines()
    assert told[0] == "## small 1.0.0"
    assert "**The change asks for a major version, 2.0.0 or later; 1.0.0 is the same.**" in told[2]
    assert "| changed | param `patience` | **default** ~~7~~ **4** days<br>affects `say-thanks` |" in told
    assert any("**says** ~~Thank~~ **Do thank** them within {params.patience}." in line for line in told)
    assert "| `say-thanks` | 2 | 2 | 1 | 1 |" in told
    rows = [line for line in told if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_markdown_takes_nothing_in_a_text_for_its_own(here: Path) -> None:
    write(here / "new", rules=RULES.replace("Thank them within", "<b>|*Thank*|</b> _them_ within"))
    told = call("diff", "old", "new", "--format", "markdown").stdout
    assert r"\<b\>\|\*Thank\*\|\</b\>" in told


def test_colour_comes_only_when_it_is_asked_for(here: Path) -> None:
    assert "\x1b[" not in call("diff", "old", "new", "log.jsonl").stdout
    told = call("diff", "old", "new", "log.jsonl", "--color", "always").stdout
    assert "\x1b[" in told
    assert "[Thank →" not in told


def test_nothing_of_a_log_or_a_ruleset_moves_the_cursor(here: Path) -> None:
    write(here / "new", NEW_MANIFEST, RULES.replace("Say thank you", '"Say \\e[2J thank you"'))
    (here / "log.jsonl").write_text(EVENTS.replace('"acme"', '"ac\\u001b[2Jme"'))
    assert "\x1b[2J" not in call("diff", "old", "new", "log.jsonl").stdout


# --- the shipped ruleset


def edited(folder: Path, *edits: tuple[str, str, str]) -> Path:
    """A copy of the shipped ruleset with some of its words replaced."""
    copy = shutil.copytree(SHIPPED, folder / "mine")
    for file, old, new in edits:
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


PATIENCE = (
    "ruleset.yaml",
    "patience:\n    type: duration\n    default: 1 week",
    "patience:\n    type: duration\n    default: 5 days",
)


def test_a_recruiter_who_shortens_the_patience_sees_what_it_does(tmp_path: Path) -> None:
    mine = edited(tmp_path, PATIENCE)
    told = json.loads(call("diff", "after-interview", mine, TWO_WEEKS, "--format", "json").stdout)
    assert {change["id"] for change in told["rules"]} == {
        "call-back",
        "call-back-next-round",
        "asking-too-early",
    }
    counts = {effect["rule"]: effect["counts"] for effect in told["log"]["effects"]}
    assert counts == {"call-back": {"gained": 1, "lost": 1}, "asking-too-early": {"lost": 1}}


@pytest.mark.hiring
@pytest.mark.skipif(LOG is None, reason="AFTERWORD_HIRING_LOG does not name the hiring log")
def test_a_rule_under_another_id_is_lost_and_gained_as_often_as_the_hiring_log_has_it(tmp_path: Path) -> None:
    mine = edited(tmp_path, ("rules/02-thank-you.yaml", "- id: thank-you-email\n", "- id: thank-them\n"))
    assert LOG is not None
    part = tmp_path / "part.jsonl"  # every eighth application: two engines on the whole take their time
    with gzip.open(LOG, "rb") as file:
        part.write_bytes(b"".join(line for line in file if int(json.loads(line)["case"]) % 8 == 0))
    arguments = ("diff", "after-interview", mine, str(part), "--map", MAPPING, "--format", "json", "-q")
    told = json.loads(call(*arguments).stdout)
    eighth = [events for case, events in cases().items() if int(case) % 8 == 0]
    said = sum(state == "due" for events in eighth for state, _ in thank_yous(events))
    assert said > 1_000
    counts = {effect["rule"]: effect["counts"] for effect in told["log"]["effects"]}
    assert counts == {"thank-them": {"gained": said}, "thank-you-email": {"lost": said}}
    assert told["log"]["before"] == told["log"]["after"]


def test_s27_a_ruleset_that_extends_another_differs_from_it_in_what_it_says_itself_only(here: Path) -> None:
    text = "schema: afterword/1\nruleset: mine\nversion: 1.0.0\nextends: ./old\n"
    (here / "mine.yaml").write_text(text + "override: {rules: {too-many: {cooldown: 2 days}}}\n")
    told = call("diff", "old", "mine.yaml").stdout
    assert "Rules: 1 changed, 1 as before." in told
    assert "A book" not in told, "what the old one says of itself need not be said again"


def test_s23_advice_made_by_advice_is_the_same_under_another_name_of_the_ruleset(here: Path) -> None:
    (here / "mine.yaml").write_text(
        "schema: afterword/1\nruleset: mine\nversion: 1.0.0\nextends: after-interview\n"
    )
    log = str(Path(__file__).parent.parent / "examples" / "two-weeks.jsonl")
    told = json.loads(call("diff", "after-interview", "mine.yaml", log, "--format", "json").stdout)
    assert told["log"]["before"] == told["log"]["after"] > 0
    assert told["log"]["effects"] == []


def test_a_type_that_one_of_two_rulesets_does_not_know_is_told_with_its_name(here: Path) -> None:
    manifest = here / "new" / "ruleset.yaml"
    manifest.write_text(
        manifest.read_text().replace("events:\n", "events:\n  call.made: {title: A call}\n", 1)
    )
    with (here / "log.jsonl").open("a") as log:
        for type_ in ("call.made", "call.mad"):
            log.write(json.dumps({"type": type_, "time": "2026-03-21T15:00:00Z"}) + "\n")
    for names, side in ((("old", "new"), "OLD"), (("new", "old"), "NEW")):
        told = call("diff", *names, "log.jsonl").stderr.splitlines()
        assert f"under {side} only, unknown type: call.made, once" in told
        assert sum("call.mad," in each for each in told) == 1
        assert not any(each.startswith("under") for each in told if "call.mad," in each)
