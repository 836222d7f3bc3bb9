"""The commands evaluate, agenda and explain, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import chain
from multiprocessing import Pipe
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

import afterword.network as networks
from afterword.typed import Typed
from afterword_cli.noticing import SHOWN
from afterword_cli.reading import HELD, Reading
from afterword_cli.shards import ShardError, _merged, _received, shard, sortable
from on_disk import call

ROOT = Path(__file__).parents[1]
LOG = str(ROOT / "examples" / "two-weeks.jsonl")
TABLE = str(ROOT / "examples" / "two-weeks.csv")
MAPPING = str(ROOT / "examples" / "two-weeks.mapping.yaml")
COMMAND = [sys.executable, "-c", "from afterword_cli.main import main; main()"]


def run(*args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [*COMMAND, *args],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )
    assert "Traceback" not in ran.stderr
    return ran


BAD = """\
{"type":"interview.ended","time":"2026-03-02T15:00:00+08:00","id":"e1","case":"acme","timezone":"Australia/Perth"}
{"type":"message.sent","time":"2026-03-02T16:0
{"type":"message.sent","time":"yesterday","id":"e3","case":"acme"}
{"type":"message.sent","time":"2026-03-02T17:00:00+08:00","data":{"n":123456789012345678901234567890}}
{"type":"message.snet","time":"2026-03-02T18:00:00+08:00","id":"e5","case":"acme"}
\udcff\udcfe\x00 binary
{"type":"message.sent","time":"2026-03-03T09:00:00+08:00","id":"e6","case":"acme","data":{"purpose":"thank_you"}}
"""


def test_p3_five_bad_things_give_five_reports_and_the_right_advice_for_the_rest(tmp_path: Path) -> None:
    log, rejects = tmp_path / "log.jsonl", tmp_path / "rejects.jsonl"
    log.write_bytes(BAD.encode(errors="surrogateescape"))
    ran = run("evaluate", str(log), "--rule", "thank-you-email", "--rejects", str(rejects))
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(each["state"], each["time"]) for each in told] == [
        ("due", "2026-03-02T15:00:00+08:00"),
        ("fulfilled", "2026-03-03T09:00:00+08:00"),
    ]
    reports = ran.stderr.splitlines()
    assert [
        f"log.jsonl:{number}:" in report for number, report in zip((2, 3, 4, 6), reports, strict=False)
    ] == [True] * 4
    assert "unknown type: message.snet, once, in line 5 (did you mean `message.sent`?)" in reports
    assert rejects.read_bytes().splitlines() == [log.read_bytes().splitlines()[n] for n in (1, 2, 3, 5)]
    assert (ran.returncode, run("evaluate", str(log), "--strict").returncode) == (0, 1)


def test_the_same_log_as_a_table_and_through_other_processes_gives_the_same_bytes() -> None:
    alone = run("evaluate", LOG, "--as-of", "+30 days", "-q")
    assert alone.stdout.count("\n") > 80
    assert run("evaluate", TABLE, "--map", MAPPING, "--as-of", "+30 days", "-q").stdout == alone.stdout
    assert run("evaluate", LOG, "--as-of", "+30 days", "-q", "--jobs", "2").stdout == alone.stdout
    assert (
        run("evaluate", "-", "--as-of", "+30 days", "-q", stdin=Path(LOG).read_text()).stdout == alone.stdout
    )


def test_a_log_out_of_order_is_sorted_and_that_is_said(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(reversed(Path(LOG).read_text().splitlines(keepends=True))))
    ran = run("evaluate", str(log))
    assert "not in the order of time" in ran.stderr
    assert ran.stdout == run("evaluate", LOG).stdout


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (("--fail-on", "warning"), 1),
        (("--fail-on", "missed", "--as-of", "2026-03-02"), 0),
        (("--as-of", "soon"), 2),
        (("--as-of", "+7 dayz"), 2),
        (("--as-of", "2026-02-30"), 2),
        (("--as-of", "2016-12-31T23:59:60Z"), 0),
        (("--state", "dew"), 2),
        (("--state", "finished"), 2),
        (("--rule", "thank-you"), 2),
        (("--set", "patience"), 2),
        (("--set", "patience=soon"), 2),
        (("--rules", "after-intervew"), 2),
        (("--jobs", "2", "--format", "table"), 2),
    ],
)
def test_exit_status(args: tuple[str, ...], status: int) -> None:
    assert run("evaluate", LOG, *args).returncode == status


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_log_without_a_single_event_is_wrong_input(tmp_path: Path, jobs: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("a\nb\n")
    ran = run("evaluate", str(log), "--jobs", jobs, "--format", "ndjson")
    assert ran.returncode == 2
    assert f"{log}: no line could be read as an event" in ran.stderr
    log.write_text("")
    assert run("evaluate", str(log), "--jobs", jobs, "--format", "ndjson").returncode == 0


def test_p3_a_name_that_no_file_can_have_is_wrong_usage() -> None:
    for command in (("evaluate",), ("agenda", "--as-of", "now"), ("watch", "--once")):
        ran = call(*command, "a" * 300)
        assert ran.exit_code == 2
        assert "This cannot be read: File name too long." in ran.stderr


def test_an_agenda_asks_for_its_moment() -> None:
    ran = run("agenda", LOG)
    assert ran.returncode == 2
    assert "write `--as-of now`, or a moment such as `--as-of 2026-03-10`" in ran.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_log_that_is_not_there_is_wrong_usage_with_any_number_of_processes(jobs: str) -> None:
    ran = run("evaluate", "missing.jsonl", "--jobs", jobs, "--format", "ndjson")
    assert ran.returncode == 2
    assert "missing.jsonl: There is no such file." in ran.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", LOG),
        ("agenda", LOG, "--as-of", "now"),
        ("explain", LOG, "--rule", "call-back"),
        ("diff", "after-interview", "after-interview", LOG),
        ("test", str(ROOT / "examples" / "library-loans")),
        ("watch", LOG, "--once"),
    ],
)
def test_a_network_that_is_not_installed_is_wrong_usage(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "available", lambda: False)
    ran = call(*command, "--network", "durable")
    assert ran.exit_code == 2
    assert "pip install 'durable-rules" in ran.stderr


@pytest.mark.parametrize("option", ["--as-of", "--at"])
def test_explain_takes_a_moment_as_the_other_commands_do(option: str) -> None:
    ran = run("explain", LOG, "--rule", "call-back", option, "soon")
    assert ran.returncode == 2
    assert "Invalid value for --as-of: 'soon' is not a time" in ran.stderr


def test_filters_choose_and_a_param_changes_the_advice() -> None:
    ran = run(
        "evaluate",
        LOG,
        "--rule",
        "call-back",
        "--state",
        "scheduled",
        "--case",
        "mirabel",
        "--set",
        "patience=3 days",
    )
    (told,) = [json.loads(line) for line in ran.stdout.splitlines()]
    assert told["window"]["from"] == "2026-03-06T15:05:00+08:00"


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = f"{' '.join(map(repr, COMMAND))} evaluate {LOG} | head -n 1; exit ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 1)
    assert "Error" not in ran.stderr


def test_the_agenda_as_json_and_as_a_calendar() -> None:
    moment = ("--as-of", "2026-03-10T09:00:00+08:00", "--days", "3")
    items = json.loads(run("agenda", LOG, *moment, "--format", "json").stdout)
    assert {item["status"] for item in items} == {"overdue", "due", "coming"}
    icalendar = pytest.importorskip("icalendar")
    calendar = icalendar.Calendar.from_ical(run("agenda", LOG, *moment, "--format", "ics").stdout)
    events = [part for part in calendar.walk() if part.name == "VEVENT"]
    assert {str(event["uid"]).removesuffix("@afterword") for event in events} == {
        item["advice"] for item in items
    }


def test_p6_explain_tells_what_was_said_and_what_was_not() -> None:
    told = json.loads(run("explain", LOG, "--rule", "badgering", "--case", "tern", "--format", "json").stdout)
    (said,) = told["said"]
    assert (said["state"], said["count"]) == ("raised", 3)
    assert [each["outcome"] for each in told["not_said"]] == ["condition", "count", "count"]
    one = run("explain", LOG, "--advice", said["advice"])
    assert "counted 3 such events" in one.stdout
    assert run("explain", LOG, "--rule", "badgerin").returncode == 2
    assert run("explain", LOG, "--advice", "nope").returncode == 2


def test_p6_explain_shows_in_colour_which_conditions_held() -> None:
    plain = run("explain", LOG, "--rule", "badgering", "--case", "tern").stdout
    colored = run("explain", LOG, "--rule", "badgering", "--case", "tern", "--color", "always").stdout
    assert "\x1b[32myes\x1b[0m  " in colored
    assert "\x1b[31mno \x1b[0m  " in colored
    assert click.unstyle(colored) == plain
    assert run("explain", LOG, "--event", "d36", "--color", "always").stdout.startswith("\x1b[1m2026-03-12")


def test_p6_explain_tells_what_became_of_one_event() -> None:
    said = run("explain", LOG, "--event", "d34").stdout
    assert said.startswith("2026-03-11T14:00:00+08:00  d34 (message.sent), subject ana, case tern: taken\n")
    assert "quiet  badgering, case tern: only 1 of 3 so far in the window" in said
    told = json.loads(run("explain", LOG, "--event", "d36", "--format", "json").stdout)
    assert (told["fate"], [each["rule"] for each in told["brought"]]) == ("taken", ["badgering"])
    unknown = run("explain", LOG, "--event", "d99")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "no event d99 in these logs up to that time" in unknown.stderr
    assert run("explain", LOG, "--event", "d36", "--rule", "badgering").returncode == 2


@pytest.mark.parametrize("tail", [0, 3], ids=["in order", "not in order"])
@pytest.mark.parametrize("jobs", ["2", "3"])
def test_p1_the_number_of_processes_does_not_matter(tmp_path: Path, jobs: str, tail: int) -> None:
    lines = Path(LOG).read_text(encoding="utf-8").splitlines()
    people = [line.replace('"ana"', f'"ana{number}"') for line in lines for number in range(5)]
    log, rejects = tmp_path / "log.jsonl", tmp_path / "rejects"
    log.write_text("\n".join([*people, '{"type": "broken"', *lines[:tail]]), encoding="utf-8")
    command = ["evaluate", str(log), "--as-of", "+30 days", "--rejects", str(rejects)]
    one, many = run(*command), run(*command, "--jobs", jobs)
    assert one.stdout == many.stdout
    assert one.stderr == many.stderr
    assert "bad line" in many.stderr
    assert rejects.read_text(encoding="utf-8") == '{"type": "broken"\n'


@pytest.mark.parametrize("tail", [0, 3], ids=["in order", "not in order"])
@pytest.mark.parametrize("bad", [HELD - 1, HELD, SHOWN + 2])
def test_p2_bad_lines_are_told_once_though_it_shows_late_that_a_log_is_not_in_order(
    tmp_path: Path, bad: int, tail: int
) -> None:
    lines = Path(LOG).read_text(encoding="utf-8").splitlines()
    log, rejects = tmp_path / "log.jsonl", tmp_path / "rejects"
    broken = [f'{{"type": "broken {number}"' for number in range(bad)]
    log.write_text("\n".join([lines[0], *broken, *lines[1:], *lines[:tail]]), encoding="utf-8")
    command = ["evaluate", str(log), "--rejects", str(rejects)]
    one, set_aside = run(*command), rejects.read_text(encoding="utf-8")
    two = run(*command, "--jobs", "2")
    assert (two.stdout, two.stderr) == (one.stdout, one.stderr)
    assert ("not in the order of time" in two.stderr) == bool(tail)
    assert rejects.read_text(encoding="utf-8") == set_aside == "\n".join(broken) + "\n"


@pytest.mark.parametrize("bad", [HELD - 1, HELD])
def test_no_more_than_a_few_bad_lines_are_kept_back(
    tmp_path: Path, bad: int, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("{\n" * bad + Path(LOG).read_text(encoding="utf-8"), encoding="utf-8")
    with Reading((str(log),)) as reading:
        reading.presume_order()
        next(reading.blocks(Typed({})))
        assert ("bad line" in capsys.readouterr().err) == (bad == HELD)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_whoever_is_asked_for_and_is_not_in_the_log_is_told(jobs: str) -> None:
    wanted = ("--case", "tern", "--case", "tarn", "--subject", "anna", "--subject", "ana")
    ran = run("evaluate", LOG, "--format", "ndjson", "--jobs", jobs, *wanted)
    assert ran.stdout
    assert ran.stderr.splitlines()[-2:] == [
        "No event of these logs has the case 'tarn'. did you mean `tern`?",
        "No event of these logs has the subject 'anna'. did you mean `ana`?",
    ]
    assert run("evaluate", LOG, "-q", "--case", "tarn", "--jobs", jobs).stderr == ""


def test_an_agenda_is_narrowed_like_transitions() -> None:
    shown = ("agenda", LOG, "--as-of", "2026-03-10", "--format", "json")
    every = json.loads(run(*shown).stdout)
    narrowed = json.loads(run(*shown, "--case", "tern", "--case", "mirabel", "--rule", "reflect").stdout)
    assert narrowed == [item for item in every if item["case"] != "foxglove" and item["rule"] == "reflect"]
    assert 0 < len(narrowed) < len(every)
    assert json.loads(run(*shown, "--subject", "ana", "--subject", "bob").stdout) == every


@pytest.mark.parametrize("count", [1, 2], ids=["one log", "two logs"])
def test_a_log_whose_people_are_each_in_order_is_not_in_order_for_that(tmp_path: Path, count: int) -> None:
    logs = [tmp_path / f"{number}.jsonl" for number in range(count)]
    for number, log in enumerate(logs):
        log.write_text(
            f'{{"type": "interview.ended", "time": "2026-03-04T15:00:00Z", "case": "a{number}", "subject": "s4"}}\n'
            f'{{"type": "interview.ended", "time": "2026-03-03T15:00:00Z", "case": "b{number}", "subject": "s0"}}\n',
            encoding="utf-8",
        )
    assert [shard(1, 2)("s4"), shard(0, 2)("s0")] == [True, True]
    one, two = (run("evaluate", *map(str, logs), "--jobs", jobs) for jobs in "12")
    assert (two.stdout, two.stderr) == (one.stdout, one.stderr)
    assert "not in the order of time" in two.stderr


@pytest.mark.parametrize(
    "chosen",
    [
        ("--state", "due,raised"),
        ("--kind", "warning", "--format", "json"),
        ("--rule", "thank-you-email", "--case", "tern", "--format", "json"),
        ("--subject", "ana1"),
    ],
    ids=str,
)
def test_p1_what_is_wanted_is_the_same_with_two_processes(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    lines = Path(LOG).read_text(encoding="utf-8").splitlines()
    log = tmp_path / "log.jsonl"
    people = [line.replace('"ana"', f'"ana{number}"') for line in lines for number in range(3)]
    log.write_text("\n".join(people), encoding="utf-8")
    one, two = (run("evaluate", str(log), *chosen, "--jobs", jobs) for jobs in "12")
    assert (one.stdout, one.stderr) == (two.stdout, two.stderr)
    assert len(one.stdout) > 3
    assert " of " in one.stderr


def test_states_that_are_as_frequent_are_told_in_the_same_order_with_two_processes(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"type": "interview.ended", "time": "2026-03-02T15:00:00Z", "case": "a", "subject": "s4"}\n'
        '{"type": "b", "time": "2026-03-03T15:00:00Z", "case": "a", "subject": "s0"}\n',
        encoding="utf-8",
    )
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "schema: afterword/1\nruleset: two\nversion: 1.0.0\nevents: {interview.ended: , b: }\nrules:\n"
        "- {id: x, kind: recommendation, title: X, when: {event: interview.ended}, message: M}\n"
        "- {id: y, kind: warning, title: Y, when: {event: b}, message: M}\n",
        encoding="utf-8",
    )
    assert [shard(1, 2)("s4"), shard(0, 2)("s0")] == [True, True]
    one, two = (run("evaluate", str(log), "--rules", str(rules), "--jobs", jobs).stderr for jobs in "12")
    assert one == two
    assert one.startswith("2 transitions: 1 due, 1 raised")


def test_a_batch_of_which_nothing_is_wanted_is_not_the_end_of_a_shard() -> None:
    first = [(b"1", b"a\n"), (b"4", b"d\n")]
    assert list(chain(*_merged([iter([first, [], [(b"6", b"f\n")]]), iter([[], [(b"5", b"e\n")], []])]))) == [
        b"a\n",
        b"d\n",
        b"e\n",
        b"f\n",
    ]


def test_a_process_that_ends_before_its_work_is_done_is_told() -> None:
    ours, theirs = Pipe()
    theirs.close()
    with pytest.raises(ShardError, match="ended before its work was done"):
        _received(ours)


def test_p1_everybody_belongs_to_one_shard() -> None:
    for count in (2, 3, 8, 20):
        shards = [shard(number, count) for number in range(count)]
        assert {sum(belongs(f"s{n}") for belongs in shards) for n in range(1_000)} == {1}
        assert all(any(map(belongs, map(str, range(1_000)))) for belongs in shards)


NUMBERS = st.integers(-3, 3) | st.integers(-(2**62), 2**62)
TEXTS = st.text(st.sampled_from("\0\1aé\uffff😀"), max_size=3)


@given(st.lists(st.tuples(NUMBERS, TEXTS), max_size=9))
def test_p1_transitions_that_were_sent_are_in_the_order_of_those_that_were_not(
    orders: list[tuple[int, str]],
) -> None:
    assert sorted(orders, key=lambda each: sortable(*each)) == sorted(orders)


def test_standard_input_is_evaluated_by_one_process() -> None:
    text = Path(LOG).read_text(encoding="utf-8")
    assert run("evaluate", "-", "-q", "--jobs", "2", stdin=text).stdout == run("evaluate", LOG, "-q").stdout


def test_p6_an_event_that_had_no_effect_is_no_wrong_usage(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"type": "unheard.of", "time": "2026-03-02T15:00:00Z", "id": "u1"}\n', encoding="utf-8")
    told = run("explain", str(log), "--event", "u1")
    assert told.returncode == 0
    assert told.stdout.startswith("2026-03-02T15:00:00+00:00  u1 (unheard.of), subject me: ")


def test_p6_an_event_that_has_not_come_yet_is_not_explained(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    line = '{{"type": "interview.ended", "time": "2026-03-0{0}T15:00:00Z", "id": "e{0}", "case": "a"}}\n'
    log.write_text(line.format(2) + line.format(4), encoding="utf-8")
    found, later = (
        run("explain", str(log), "--event", each, "--at", "2026-03-03T00:00:00Z") for each in ("e2", "e4")
    )
    assert (found.returncode, later.returncode, later.stdout) == (0, 2, "")


# --- what is said of a log


def line(type_: str, time: str = "2026-03-02T15:00:00Z", **data: object) -> str:
    return json.dumps({"type": type_, "time": time, "case": "acme", "data": data}) + "\n"


def test_a_few_remarks_of_a_kind_are_told_and_the_rest_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        "".join(line("message.sent", **{f"field{n}": 1}) for n in range(30)) + line("message.snet")
    )
    told = call("evaluate", log).stderr.splitlines()
    assert sum(each.startswith("unknown field: ") for each in told) == 20
    assert "… and 10 more of the kind `unknown field`; -v shows them all." in told
    assert "unknown type: message.snet, once, in line 31 (did you mean `message.sent`?)" in told
    verbose = call("evaluate", log, "-v").stderr.splitlines()
    assert sum(each.startswith("unknown field: ") for each in verbose) == 30


def test_what_was_noticed_is_not_gone_through_with_every_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterword.report import Report  # noqa: PLC0415

    gone_through: list[int] = []
    state = Report.state

    def counted(self: Report) -> list[tuple[str, str, int]]:
        found = state(self)
        gone_through.append(len(found))
        return found

    monkeypatch.setattr(Report, "state", counted)
    log = tmp_path / "log.jsonl"
    log.write_text("".join(line("message.sent", **{f"field{n}": 1}) for n in range(200)))
    assert "in line 200" in call("evaluate", log, "-v").stderr
    assert max(gone_through) == 1


def test_p3_a_line_that_is_too_long_is_set_aside_in_part_and_that_is_said(tmp_path: Path) -> None:
    from afterword.rim.lines import LONGEST  # noqa: PLC0415

    log, rejects = tmp_path / "log.jsonl", tmp_path / "rejects"
    log.write_bytes(b"x" * (LONGEST + 99) + b"\n" + line("message.sent").encode())
    told = call("evaluate", log, "--rejects", rejects).stderr
    assert f"log.jsonl:1: only the first {LONGEST + 1:,} bytes of the line were set aside." in told
    assert rejects.stat().st_size == LONGEST + 2


@pytest.mark.parametrize(
    "more", [("evaluate",), ("evaluate", "--jobs", "2"), ("agenda",), ("explain", "--case", "tern")]
)
def test_p2_later_events_are_counted(more: tuple[str, ...]) -> None:
    option = "--at" if more[0] == "explain" else "--as-of"
    command = (*more, LOG, option, "2026-03-10")
    assert "17 events come after that time and were left out." in call(*command).stderr
    assert "come after" not in call(*command, "-q").stderr
    assert "1 event comes after that time and was" in call(*more, LOG, option, "2026-03-15T03:00:00Z").stderr
    assert "come" not in call(*more, LOG, option, "2026-03-20").stderr


# --- who is asked about


def test_an_agenda_for_nobody_says_who_is_known() -> None:
    result = call("agenda", LOG, "--as-of", "2026-03-10", "--subject", "nobody")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Nothing to do.")
    assert "No event of these logs has the subject 'nobody'. known: `ana`" in result.stderr


def test_an_agenda_says_when_its_times_are_of_another_zone(tmp_path: Path) -> None:
    told = "The times below are in each person's own time zone."
    assert told in call("agenda", LOG, "--as-of", "2026-03-10").stdout
    log = tmp_path / "log.jsonl"
    log.write_text(line("interview.ended"))
    assert told not in call("agenda", log, "--as-of", "2026-03-03").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--event", "d05", "--case", "tern"), "--case and --subject go with --rule or stand alone"),
        (("--advice", "x", "--subject", "ana"), "--case and --subject go with --rule or stand alone"),
        (("--case", "nope"), "No event of these logs has the case 'nope'"),
        (("--rule", "call-back", "--case", "nope"), "No event of these logs has the case 'nope'"),
        (("--subject", "nope"), "No event of these logs has the subject 'nope'. known: `ana`"),
        ((), "or a --case or --subject alone"),
    ],
)
def test_explain_refuses_what_it_cannot_answer(arguments: tuple[str, ...], told: str) -> None:
    result = call("explain", LOG, *arguments)
    assert (result.exit_code, told in result.stderr) == (2, True)


def test_explain_lists_which_rules_spoke_for_a_case() -> None:
    rows = call("explain", LOG, "--case", "tern").stdout.splitlines()
    evaluated = call("evaluate", LOG, "--case", "tern", "--drafts", "--format", "ndjson").stdout.splitlines()
    assert {row.split()[3] for row in rows[:-1]} == {json.loads(each)["advice"] for each in evaluated}
    assert rows[-1] == "--advice with one of these ids tells why."
    told = json.loads(call("explain", LOG, "--case", "tern", "--format", "json").stdout)
    assert [each["rule"] for each in told["said"]] == [row.split()[0] for row in rows[:-1]]
