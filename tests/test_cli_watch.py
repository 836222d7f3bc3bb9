"""`afterword watch`: what is said as a log grows, under a clock that the test moves, and by real processes."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from afterword_cli.main import afterword
from on_disk import RULES, write

ROOT = Path(__file__).parents[1]
TWO_WEEKS = ROOT / "examples" / "two-weeks.jsonl"
LINES = TWO_WEEKS.read_bytes().splitlines(keepends=True)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)

Step = Callable[[], object]


class World:
    """The outside as a test wants it: each wait does the next step, and the last one is followed by SIGTERM."""

    def __init__(self, *steps: Step, now: dt.datetime = NOON, pieces: list[bytes] | None = None) -> None:
        self.stopped: int | None = None
        self.time = now
        self._seconds = 0.0
        self._steps = list(steps)
        self._pieces = pieces or []

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def now(self) -> dt.datetime:
        return self.time

    def elapsed(self) -> float:
        return self._seconds

    def wait(self, seconds: float) -> None:
        self._seconds += seconds
        self.time += dt.timedelta(seconds=seconds)
        if self._steps:
            self._steps.pop(0)()
        else:
            self.stopped = signal.SIGTERM

    def stream(self, path: str | None) -> Callable[[], bytes | None]:
        return lambda: self._pieces.pop(0) if self._pieces else b""

    def passes(self, **duration: float) -> Step:
        """The step in which so much time passes."""

        def step() -> None:
            self.time += dt.timedelta(**duration)
            self._seconds += dt.timedelta(**duration).total_seconds()

        return step


def watch(world: World, *arguments: object) -> Result:
    return CliRunner().invoke(afterword, ["watch", *map(str, arguments)], obj=world, catch_exceptions=False)


def said(result: Result) -> list[tuple[str, str]]:
    return [(each["rule"], each["state"]) for each in map(json.loads, result.stdout.splitlines())]


def event(type_: str, time: str, **more: Any) -> bytes:
    return json.dumps({"type": type_, "time": time, "case": "acme", **more}).encode() + b"\n"


ENDED = event("interview.ended", "2026-03-02T11:00:00Z")
THANKS = event("message.sent", "2026-03-03T11:00:00Z", data={"text": "thank you"})


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write(tmp_path / "small")


def add(path: Path, *lines: bytes) -> Step:
    def step() -> None:
        with path.open("ab") as file:
            file.write(b"".join(lines))

    return step


def nothing() -> None:
    """A step in which only a second passes."""


# --- following


def test_what_is_there_and_what_is_added_gives_what_evaluate_gives(log: Path) -> None:
    log.write_bytes(b"".join(LINES[:7]) + LINES[7][:20])
    world = World(add(log, LINES[7][20:], *LINES[8:20]), add(log, *LINES[20:]))
    told = watch(world, log, "--no-clock")
    evaluated = CliRunner().invoke(afterword, ["evaluate", str(log), "--format", "ndjson"])
    assert told.stdout == evaluated.stdout
    assert told.exit_code == 0


def test_a_log_that_is_not_there_yet_is_waited_for(log: Path, rules: Path) -> None:
    result = watch(World(nothing, add(log, ENDED)), log, "--rules", rules)
    assert said(result) == [("say-thanks", "due")]
    assert result.stderr.count("is not there yet") == 1


def test_a_rotated_log_is_read_to_its_end_and_then_the_new_one(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)

    def rotate() -> None:
        add(log, b"nonsense\n")()
        log.rename(log.with_name("log.jsonl.1"))
        add(log, b"\n", b"more nonsense\n", THANKS)()

    result = watch(World(rotate), log, "--rules", rules, "--no-clock", "-v")
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]
    assert f"{log}:2: " in result.stderr
    assert "was rotated" in result.stderr


def test_a_truncated_log_is_told_and_read_again(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    result = watch(World(lambda: log.write_bytes(THANKS[:-1] + b" \n")), log, "--rules", rules, "--no-clock")
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]
    assert "was truncated or written anew" in result.stderr


def test_p3_bad_lines_are_set_aside_and_remarks_are_told_at_the_end(
    log: Path, rules: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects"
    rejects.write_bytes(b"from before\n")
    log.write_bytes(ENDED + b"nonsense\n" + event("message.snet", "2026-03-02T11:30:00Z"))
    result = watch(World(nothing), log, "--rules", rules, "--rejects", rejects)
    assert f"{log}:2: " in result.stderr
    assert "unknown type: message.snet, once (did you mean `message.sent`?)" in result.stderr
    assert "2 events read, 1 transition printed" in result.stderr
    assert rejects.read_bytes() == b"from before\nnonsense\n"
    assert watch(World(), log, "--rules", rules, "-q").stderr == ""


def test_p2_remarks_are_told_as_they_appear_when_asked_for(log: Path, rules: Path) -> None:
    typo = event("message.snet", "2026-03-02T11:30:00Z")
    log.write_bytes(typo)
    result = watch(World(add(log, typo), add(log, b"nonsense\n")), log, "--rules", rules, "-v")
    lines = [line.split(" (")[0] for line in result.stderr.splitlines()]
    assert lines[:2] == ["unknown type: message.snet, once"] * 2
    assert "bad line" in lines[2]
    assert "unknown type: message.snet, 2 times" in lines


def test_standard_input_ends_the_watch_when_it_ends(rules: Path) -> None:
    world = World(pieces=[ENDED[:9], ENDED[9:] + THANKS[:-1]])
    result = watch(world, "-", "--rules", rules, "--no-clock")
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("log.jsonl.gz",), "gunzip -c"),
        (("log.csv",), "needs a mapping"),
        (("log.jsonl", "--state", "dew"), "there is no `dew`"),
        (("log.jsonl", "--rules", "nowhere"), "nowhere"),
        (("log.jsonl", "--state-file", "log.csv"), "damaged"),
        (("log.jsonl", "--state-file", "log.jsonl"), "written over"),
        ((".",), "folder"),
    ],
)
def test_what_cannot_be_watched_is_refused(
    arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("log.jsonl", "log.csv"):
        Path(name).write_bytes(b"a,b\n" * 300)
    result = watch(World(), *arguments)
    assert result.exit_code == 2
    assert told in result.stderr


def test_filters_choose(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED + THANKS)
    result = watch(World(), log, "--rules", rules, "--no-clock", "--state", "fulfilled")
    assert said(result) == [("say-thanks", "fulfilled")]
    assert watch(World(), log, "--rules", rules, "--no-clock", "--case", "other").stdout == ""


# --- the clock


def test_s7_a_window_closes_when_nothing_arrives(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    world = World()
    world._steps = [world.passes(days=6), world.passes(days=2)]
    result = watch(world, log, "--rules", rules)
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "missed")]


def test_the_clock_stays_as_far_behind_as_is_wanted(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    world = World()
    world._steps = [world.passes(days=7), nothing]
    assert said(watch(world, log, "--rules", rules, "--lag", 7200)) == [("say-thanks", "due")]


def test_an_old_log_that_is_replayed_does_not_come_to_today(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    replayed = World(add(log, THANKS), now=NOON.replace(year=2030))
    assert said(watch(replayed, log, "--rules", rules, "--no-clock"))[1:] == [("say-thanks", "fulfilled")]


def test_the_clock_does_not_move_before_the_first_event(log: Path, rules: Path) -> None:
    log.write_bytes(b"")
    world = World(nothing, add(log, ENDED, THANKS), now=NOON.replace(year=2030))
    assert said(watch(world, log, "--rules", rules)) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]


def test_s24_an_event_that_the_clock_has_overtaken_is_a_correction(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    world = World()
    world._steps = [world.passes(days=7, hours=1), nothing, add(log, THANKS)]
    result = watch(world, log, "--rules", rules)
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "missed"), ("say-thanks", "fulfilled")]
    assert json.loads(result.stdout.splitlines()[2])["replaces"] is not None


# --- state


def test_each_run_goes_on_where_the_last_one_stopped(log: Path, tmp_path: Path) -> None:
    options = ("--state-file", tmp_path / "state.db", "--no-clock", "--once")
    told = b""
    for end in (5, 5, 20, 33, len(LINES)):
        log.write_bytes(b"".join(LINES[:end]))
        told += watch(World(), log, *options).stdout_bytes
    assert told == watch(World(), log, "--no-clock", "--once").stdout_bytes


def test_once_lets_time_pass_until_now(log: Path, rules: Path, tmp_path: Path) -> None:
    log.write_bytes(ENDED)
    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once")
    assert said(watch(World(), log, *options)) == [("say-thanks", "due")]
    assert said(watch(World(), log, *options)) == []
    late = watch(World(now=NOON + dt.timedelta(days=8)), log, *options)
    assert said(late) == [("say-thanks", "missed")]


def test_once_leaves_a_line_without_end_for_the_next_time(log: Path, rules: Path, tmp_path: Path) -> None:
    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once")
    log.write_bytes(ENDED[:-5])
    first = watch(World(), log, *options)
    assert (first.stdout, "has no end yet" in first.stderr) == ("", True)
    log.write_bytes(ENDED)
    assert said(watch(World(), log, *options)) == [("say-thanks", "due")]


def test_a_bad_line_is_told_once_over_all_runs(log: Path, rules: Path, tmp_path: Path) -> None:
    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once")
    log.write_bytes(b"nonsense\n" + event("message.snet", "2026-03-02T11:30:00Z"))
    first, second = watch(World(), log, *options), watch(World(), log, *options)
    assert ("bad line" in first.stderr, "bad line" in second.stderr) == (True, False)
    assert ("snet" in first.stderr, "snet" in second.stderr) == (True, False)


@pytest.mark.parametrize("packed", [False, True])
def test_a_log_that_was_rotated_between_two_runs_is_read_to_its_end(
    packed: bool, log: Path, rules: Path, tmp_path: Path
) -> None:
    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once", "--no-clock")
    log.write_bytes(ENDED)
    watch(World(), log, *options)
    add(log, THANKS)()
    if packed:
        log.with_name("log.jsonl.1.gz").write_bytes(gzip.compress(log.read_bytes()))
        log.unlink()
    else:
        log.rename(log.with_name("log.jsonl.1"))
    add(log, event("interview.ended", "2026-03-04T11:00:00Z"))()
    assert said(watch(World(), log, *options)) == [("say-thanks", "fulfilled"), ("say-thanks", "due")]


def test_a_log_that_was_empty_is_known_again_when_it_was_rotated(
    log: Path, rules: Path, tmp_path: Path
) -> None:
    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once", "--no-clock")
    log.write_bytes(b"")
    watch(World(), log, *options)
    add(log, ENDED)()
    log.rename(log.with_name("log.jsonl.1"))
    add(log, THANKS)()
    assert said(watch(World(), log, *options)) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]


def test_a_state_file_that_is_open_already_is_refused(log: Path, tmp_path: Path) -> None:
    options = (log, "--state-file", tmp_path / "state.db")
    results = []
    watch(World(lambda: results.append(watch(World(), *options))), *options)
    assert [result.exit_code for result in results] == [2]
    assert "open already" in results[0].stderr


def test_what_was_committed_and_not_printed_is_printed_at_the_next_start(
    log: Path, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterword_cli import keeping  # noqa: PLC0415

    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once", "--no-clock")
    log.write_bytes(ENDED + THANKS)

    def broken(*_: object) -> None:
        raise BrokenPipeError

    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_with_line", broken)
        CliRunner().invoke(afterword, ["watch", str(log), *map(str, options)], obj=World())
    assert said(watch(World(), log, *options)) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]
    assert said(watch(World(), log, *options)) == []


# --- edited rules


def test_a_broken_edit_keeps_the_old_rules_and_a_good_one_is_taken(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    broken, good = RULES.replace("fulfilled_by", "fulfiled_by"), RULES.replace("$patience", "2 days")
    world = World()
    world._steps = [
        lambda: write(rules, rules=broken),
        nothing,
        nothing,
        lambda: write(rules, rules=good),
        nothing,
        nothing,
    ]
    result = watch(world, log, "--rules", rules)
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "rescheduled")]
    (changed,) = [json.loads(line) for line in result.stdout.splitlines()[1:]]
    assert changed["window"]["until"] == "2026-03-04T11:00:00+00:00"
    assert "error[unknown-key]" in result.stderr
    assert "rules/all.yaml:10:5" in result.stderr
    assert "did you mean `fulfilled_by`?" in result.stderr
    assert "The edit was not taken; small 1.0.0 stays in force." in result.stderr
    assert "The rules were edited; small 1.0.0 is in force." in result.stderr


def test_a_file_that_is_still_being_written_is_not_read(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    sizes = iter(range(10))

    def writing() -> None:
        write(rules, rules=RULES + "  #" + "x" * next(sizes))

    result = watch(World(*[writing] * 5), log, "--rules", rules)
    assert "edited" not in result.stderr


def test_a_file_of_rules_that_is_added_and_one_that_is_taken_away_are_edits(log: Path, rules: Path) -> None:
    more = rules / "rules" / "more.yaml"
    text = "rules:\n  - {id: more, kind: warning, title: More, when: {event: call.mad}, message: More.}\n"
    world = World(lambda: more.write_text(text), nothing, nothing, more.unlink, nothing, nothing)
    log.write_bytes(ENDED)
    result = watch(world, log, "--rules", rules)
    assert "more.yaml:2:" in result.stderr


def test_the_ruleset_may_not_become_another(log: Path, rules: Path) -> None:
    from on_disk import MANIFEST  # noqa: PLC0415

    log.write_bytes(ENDED)
    world = World(lambda: write(rules, manifest=MANIFEST.replace("ruleset: small", "ruleset: tiny")))
    world._steps += [nothing, nothing]
    assert "it makes small into tiny" in watch(world, log, "--rules", rules).stderr


def test_an_edit_between_two_runs_is_told_at_the_start(log: Path, rules: Path, tmp_path: Path) -> None:
    options = ("--rules", rules, "--state-file", tmp_path / "state.db", "--once", "--no-clock")
    log.write_bytes(ENDED)
    watch(World(), log, *options)
    write(rules, rules=RULES.replace("$patience", "2 days"))
    assert said(watch(World(), log, *options)) == [("say-thanks", "rescheduled")]


# --- real processes


class Process:
    """A watch in a process of its own; what it prints is read as it comes."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-c", "from afterword_cli.main import main; main()", "watch"]
        self._ran = subprocess.Popen(
            [*command, *map(str, arguments), "--poll", "0.02"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "COLUMNS": "100"},
        )
        assert self._ran.stdout is not None
        assert self._ran.stderr is not None
        self._out, self._err = self._ran.stdout, self._ran.stderr

    def lines(self, count: int) -> list[bytes]:
        """The next lines of standard output."""
        return [self._line(self._out) for _ in range(count)]

    def tells(self, text: str) -> None:
        """Waits until standard error says this."""
        while text.encode() not in self._line(self._err):
            pass

    def _line(self, stream: Any) -> bytes:
        ready, _, _ = select.select([stream], [], [], 20) if not stream.peek() else ([stream], [], [])
        assert ready, "nothing came"
        line: bytes = stream.readline()
        assert line, self._err.read()
        return line

    def write(self, data: bytes) -> None:
        assert self._ran.stdin is not None
        self._ran.stdin.write(data)
        self._ran.stdin.flush()

    def end(self, number: signal.Signals) -> tuple[int, bytes]:
        """Sends a signal; the exit status and what else was printed."""
        self._ran.send_signal(number)
        out = self._out.read()
        return self._ran.wait(20), out

    def stop_reading(self) -> int:
        self._out.close()
        self._err.read()
        return self._ran.wait(20)

    def done(self) -> None:
        if self._ran.poll() is None:
            self._ran.kill()
        self._ran.communicate()


@contextmanager
def process(*arguments: object) -> Iterator[Process]:
    started = Process(*arguments)
    try:
        yield started
    finally:
        started.done()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_with_all_of_its_state(
    number: signal.Signals, status: int, log: Path, tmp_path: Path
) -> None:
    expected = watch(World(), TWO_WEEKS, "--no-clock", "--once").stdout_bytes.splitlines(keepends=True)
    options = (log, "--no-clock", "--state-file", tmp_path / "state.db")
    log.write_bytes(b"".join(LINES[:20]))
    with process(*options) as first:
        told = first.lines(40)
        ended, rest = first.end(number)
    log.write_bytes(b"".join(LINES))
    again = watch(World(), *options, "--once").stdout_bytes.splitlines(keepends=True)
    assert told + rest.splitlines(keepends=True) + again == expected
    assert ended == status


def test_what_kill_9_interrupts_a_restart_makes_good(log: Path, tmp_path: Path) -> None:
    expected = watch(World(), TWO_WEEKS, "--no-clock", "--once").stdout_bytes.splitlines(keepends=True)
    options = (log, "--no-clock", "--state-file", tmp_path / "state.db")
    told: list[bytes] = []
    for round_ in range(0, len(LINES), 11):
        add(log, *LINES[round_ : round_ + 11])()
        with process(*options) as run:
            told += run.lines(1)
            _, rest = run.end(signal.SIGKILL)
            told += rest.splitlines(keepends=True)
    told += watch(World(), *options, "--once").stdout_bytes.splitlines(keepends=True)
    assert list(dict.fromkeys(told)) == expected


def test_a_real_file_is_followed_through_rotation_and_an_edit(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    with process(log, "--rules", rules, "--no-clock") as run:
        assert json.loads(run.lines(1)[0])["state"] == "due"
        write(rules, rules=RULES.replace("when:", "wenn:"))
        run.tells("The edit was not taken")
        log.rename(log.with_name("log.jsonl.1"))
        write(rules, rules=RULES.replace("$patience", "2 days"))
        assert json.loads(run.lines(1)[0])["state"] == "rescheduled"
        add(log, THANKS)()
        assert json.loads(run.lines(1)[0])["state"] == "fulfilled"


def test_standard_input_is_answered_line_by_line(rules: Path) -> None:
    with process("-", "--rules", rules, "--no-clock") as run:
        run.write(ENDED)
        assert json.loads(run.lines(1)[0])["state"] == "due"
        run.write(THANKS)
        assert json.loads(run.lines(1)[0])["state"] == "fulfilled"
        assert run.end(signal.SIGTERM)[0] == 0


def test_a_reader_that_goes_away_is_noticed_and_no_error(log: Path, rules: Path) -> None:
    log.write_bytes(ENDED)
    with process(log, "--rules", rules, "--no-clock") as run:
        run.lines(1)
        assert run.stop_reading() == 0


def test_the_help_of_all_commands_does_not_bring_watch_with_it() -> None:
    script = (
        "import sys, click.testing; from afterword_cli.main import afterword;"
        "click.testing.CliRunner().invoke(afterword, ['--help']);"
        "print([name for name in sys.modules if 'watch' in name or 'sqlite' in name])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


# --- pipes, misspelt names and early ends


def test_once_reads_a_stream_to_its_end(rules: Path) -> None:
    pieces: list[bytes | None] = [None, ENDED[:9], None, ENDED[9:], None, THANKS]
    world = World(*[nothing] * 9, pieces=pieces, now=NOON + dt.timedelta(days=30))
    result = watch(world, "-", "--rules", rules, "--once")
    # Had the clock moved while the pipe was still, the thanks would be late.
    assert said(result) == [("say-thanks", "due"), ("say-thanks", "fulfilled")]
    assert "2 events read" in result.stderr


def test_once_refuses_a_log_that_is_not_there(log: Path, rules: Path, tmp_path: Path) -> None:
    result = watch(World(), log, "--rules", rules, "--once")
    assert (result.exit_code, "There is no such file." in result.stderr) == (2, True)
    assert "waiting" not in result.stderr
    options = ("--rules", rules, "--once", "--state-file", tmp_path / "state.db")
    log.write_bytes(ENDED)
    watch(World(), log, *options)
    log.unlink()  # as between two files, when it is rotated
    late = watch(World(now=NOON + dt.timedelta(days=8)), log, *options)
    assert (late.exit_code, said(late)) == (0, [("say-thanks", "missed")])


@pytest.mark.parametrize("once", [(), ("--once",)])
@pytest.mark.parametrize(
    "content", [ENDED.decode().encode("utf-16"), json.dumps([json.loads(ENDED)], indent=2).encode()]
)
def test_of_a_log_that_cannot_be_followed_only_that_is_told(
    log: Path, rules: Path, content: bytes, once: tuple[str, ...]
) -> None:
    log.write_bytes(content)
    result = watch(World(), log, "--rules", rules, *once)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0].startswith("Usage:")


def test_a_watch_that_is_stopped_in_the_middle_says_so(log: Path, rules: Path) -> None:
    class Hasty(World):
        """Is asked to stop once it has printed something."""

        asked = 0

        def elapsed(self) -> float:
            self.asked += 1
            if self.asked > 1:
                self.stopped = signal.SIGTERM
            return 0.0

    log.write_bytes(ENDED + b" " * (1 << 18) + b"\n" + THANKS)
    result = watch(Hasty(), log, "--rules", rules, "--no-clock")
    assert "stopped before all of it was read" in result.stderr
    assert "has no end yet" not in result.stderr
