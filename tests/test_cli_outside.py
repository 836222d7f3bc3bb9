"""What lies around a command: the files it may not write over, streams that fail, signals, odd options."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from afterword.cache import user_cache
from afterword_cli import start, streams
from on_disk import call, write

ROOT = Path(__file__).parents[1]
LOG = (ROOT / "examples" / "two-weeks.jsonl").read_bytes()
PROGRAM = f"{sys.executable} -c 'from afterword_cli.start import main; main()'"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a command, in which `afterword` is ours."""
    ran = subprocess.run(
        ["bash", "-c", f'afterword() {{ {PROGRAM} "$@"; }}; {command}'],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "COLUMNS": "100", "AFTERWORD_CACHE": "off", **environment},
    )
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
    return ran


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log, a mapping, a ruleset and other names for the log."""
    monkeypatch.chdir(tmp_path)
    Path("log.jsonl").write_bytes(LOG)
    Path("link.jsonl").symlink_to("log.jsonl")
    Path("map.yaml").write_text("mapping: afterword/1\n", encoding="utf-8")
    write(Path("small"))
    extending = "schema: afterword/1\nruleset: mine\nversion: 1.0.0\nextends: ./small\n"
    Path("mine.yaml").write_text(extending, encoding="utf-8")
    return tmp_path


# --- files that are read are not written


@pytest.mark.parametrize(
    "arguments",
    [
        "evaluate log.jsonl --rejects log.jsonl",
        "evaluate log.jsonl --rejects ./small/../log.jsonl",
        "evaluate log.jsonl --rejects link.jsonl",
        "evaluate link.jsonl --rejects log.jsonl --jobs 2",
        "evaluate log.jsonl --map map.yaml --rejects map.yaml",
        "evaluate log.jsonl --rules small --rejects small/rules/all.yaml",
        "evaluate log.jsonl --rules small/ruleset.yaml --rejects small/ruleset.yaml",
        "evaluate log.jsonl --rules mine.yaml --rejects small/rules/all.yaml",
        "watch log.jsonl --once --rules mine.yaml --rejects small/ruleset.yaml",
        "agenda log.jsonl --as-of now --rejects link.jsonl",
        "explain log.jsonl --rule call-back --rejects log.jsonl",
        "watch log.jsonl --once --rejects log.jsonl",
        "watch new.jsonl --rejects ./new.jsonl",
        "watch log.jsonl --once --state-file log.jsonl",
        "watch log.jsonl --once --state-file state.db --rejects state.db",
        "test small --junit small/ruleset.yaml",
        "test small --junit small/tests/all.yaml",
        "test small/tests/all.yaml --junit small/rules/all.yaml",
    ],
)
def test_p2_what_is_read_is_never_written_over(here: Path, arguments: str) -> None:
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    result = call(*arguments.split())
    assert result.exit_code == 2
    assert "would be written over" in result.stderr
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_the_log_on_standard_input_is_not_written_over_either(here: Path) -> None:
    ran = shell("afterword evaluate - --rejects log.jsonl < log.jsonl")
    assert (ran.returncode, Path("log.jsonl").read_bytes()) == (2, LOG)
    assert "standard input" in ran.stderr


def test_a_device_and_a_name_that_a_ruleset_has_too_may_be_written(here: Path) -> None:
    assert call("evaluate", "/dev/null", "--rejects", "/dev/null").exit_code == 0
    assert call("evaluate", "log.jsonl", "-q", "--rejects", "after-interview").exit_code == 0


# --- standard streams


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "command",
    [
        "evaluate log.jsonl",
        "evaluate log.jsonl --jobs 2",
        "evaluate log.jsonl --format table",
        "agenda log.jsonl --as-of 2026-03-10",
        "watch log.jsonl --once --no-clock",
        "rules list",
        "--help",
    ],
)
def test_a_full_disk_is_told_as_that(here: Path, command: str) -> None:
    ran = shell(f"afterword {command} > /dev/full")
    assert ran.returncode == 2
    assert ran.stderr.endswith("Error: Standard output cannot be written: No space left on device.\n")
    assert "printed" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_under_the_rejects_is_told_as_that(here: Path) -> None:
    Path("bad.jsonl").write_bytes(b"nonsense\n" + LOG)
    for command in ("evaluate", "watch --once --no-clock"):
        ran = shell(f"afterword {command} bad.jsonl --rejects /dev/full")
        assert ran.returncode == 2
        assert "/dev/full cannot be written: No space left on device" in ran.stderr


def test_closed_streams_are_told_or_done_without(here: Path) -> None:
    ran = shell("afterword evaluate log.jsonl >&-")
    assert (ran.returncode, ran.stderr) == (2, "Error: Standard output cannot be written: It is closed.\n")
    ran = shell("afterword evaluate log.jsonl --rejects rejects 2>&-")
    assert (ran.returncode, ran.stdout) == (0, shell("afterword evaluate log.jsonl").stdout)
    for command in ("evaluate -", "agenda - --as-of now", "watch -", "watch - --once"):
        ran = shell(f"afterword {command} <&-")
        assert ran.returncode == 2
        assert "standard input: It is closed." in ran.stderr


def test_what_cannot_be_told_does_not_stop_the_work(here: Path) -> None:
    assert shell("afterword evaluate log.jsonl 2>/dev/full").returncode == 0


def test_a_working_folder_that_is_gone_is_told(here: Path) -> None:
    for command in (
        "check .",
        "test .",
        "evaluate --rules . ../log.jsonl",
        "watch ../log.jsonl --once --state-file x.db",
    ):
        ran = shell(f"mkdir gone; cd gone; rmdir ../gone; afterword {command}")
        assert ran.returncode == 2
        assert "The working folder is not there any more" in ran.stderr


def test_text_of_others_moves_no_cursor(here: Path) -> None:
    bad = '{"type":"message.sent","time":"\\u001b[31m\\u0007\\u202e"}\n\x1b[2J\n'
    good = (
        '{"type":"interview.ended\\u001b[31m","time":"2026-03-02T15:00:00Z","case":"c\\u202e"}\n'
        '{"type":"interview.ended","time":"2026-03-02T15:00:00Z","case":"c\\u202e\\r"}\n'
    )
    name = "l\x1b[31m.jsonl"
    Path(name).write_text(bad + good, encoding="utf-8")
    manifest = Path("small/rules/all.yaml")
    manifest.write_text(manifest.read_text().replace("title: Say thank you", 'title: "Say \\e[31mthank you"'))
    quoted = f"$'{name.replace(chr(27), chr(92) + 'e')}'"
    commands = (
        f"evaluate {quoted} --rules small --format table",
        f"agenda {quoted} --rules small --as-of 2026-03-03",
        f"explain {quoted} --rules small --case nobody",
        f"explain {quoted} --rules small --rule say-thanks",
        f"watch {quoted} --rules small --once --no-clock --state missed",
        f"evaluate {quoted}.gone",
        f"check {quoted}.gone",
        f"test small -k {quoted}",
    )
    for command in commands:
        ran = shell(f"afterword {command}")
        assert not {"\x1b", "\x07", "\u202e", "\r"} & set(ran.stdout + ran.stderr), command


# --- colours


def test_no_colour_reaches_standard_error_where_none_is_wanted(here: Path) -> None:
    pty = pytest.importorskip("pty")
    Path("bad.jsonl").write_bytes(b"nonsense\n" + LOG)

    def told(*more: str, **environment: str) -> bytes:
        ours, theirs = pty.openpty()
        subprocess.run(
            [
                sys.executable,
                "-c",
                "from afterword_cli.start import main; main()",
                "evaluate",
                "bad.jsonl",
                *more,
            ],
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            check=True,
            env={**os.environ, "TERM": "xterm", **environment},
        )
        os.close(theirs)
        said = os.read(ours, 1 << 16)
        os.close(ours)
        return bytes(said)

    assert b"\x1b[31mbad line" in told()
    assert b"\x1b[31m" not in told("--color", "never")
    assert b"\x1b[31m" not in told(NO_COLOR="1")


# --- signals


def test_an_interruption_while_the_program_is_loaded_is_told_in_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    statuses: list[int] = []
    monkeypatch.setitem(sys.modules, "afterword_cli.main", Interrupted())  # type: ignore[arg-type]
    monkeypatch.setattr(os, "_exit", statuses.append)
    start.main()
    assert (statuses, capsys.readouterr().err) == ([130], "Interrupted.\n")


def test_the_processes_of_jobs_end_in_silence_with_the_first(here: Path) -> None:
    from afterword_cli.shards import _ended_by_signals  # noqa: PLC0415

    with pytest.raises(SystemExit) as ended, _ended_by_signals():
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_process_of_jobs_that_nobody_waits_for_says_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from multiprocessing import Pipe  # noqa: PLC0415

    from afterword_cli.shards import Job, _work  # noqa: PLC0415
    from afterword_cli.wanted import Wanted  # noqa: PLC0415

    nobody: frozenset[str] = frozenset()
    job = Job(("log.jsonl",), None, "small", {}, None, None, False, Wanted(*[nobody] * 5))
    ours, theirs = Pipe()
    ours.close()
    before = signal.getsignal(signal.SIGINT)
    try:
        _work(theirs, job, 0, 1, "out")
    finally:
        signal.signal(signal.SIGINT, before)
    assert Path("out").exists()


# --- options


@pytest.mark.parametrize(
    "arguments",
    [
        "watch log.jsonl --once --lag nan",
        "watch log.jsonl --once --lag inf",
        "watch log.jsonl --once --lag 1e300",
        "watch log.jsonl --once --poll nan",
        "watch log.jsonl --once --poll inf",
        "watch log.jsonl --once --tick nan",
        "test small --fail-under nan",
        "evaluate log.jsonl --as-of 0001-01-01",
        "agenda log.jsonl --as-of 9999-12-31",
        "explain log.jsonl --rule call-back --at 0099-12-31T00:00:00Z",
    ],
)
def test_numbers_and_times_are_held_to_what_can_be_reckoned_with(here: Path, arguments: str) -> None:
    result = call(*arguments.split())
    assert result.exit_code == 2
    assert any(word in result.stderr for word in ("is not a number", "not in the range", "out of range"))


def test_a_home_that_is_no_absolute_path_gets_no_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AFTERWORD_CACHE", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "home")
    assert user_cache() is None


def test_streams_that_are_open_are_left_alone() -> None:
    taken = os.dup(0)
    os.close(taken)
    streams._fill_gaps()
    again = os.dup(0)
    os.close(again)
    assert taken == again


def test_no_file_is_opened_as_a_standard_stream() -> None:
    program = "from afterword_cli import streams; streams._fill_gaps(); print(open('/dev/null').fileno() > 2)"
    ran = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "{program}" <&-'], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "True\n"


# --- the wrong kind of file


LOOKS_LIKE_A_LOG = "This looks like an event log, not a rule file; `afterword evaluate` reads it."


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("check log.jsonl", 1),
        ("test log.jsonl", 1),
        ("test small --rules log.jsonl", 2),
        ("evaluate log.jsonl --rules log.jsonl", 2),
        ("watch log.jsonl --rules log.jsonl", 2),
        ("diff log.jsonl small", 2),
        ("rules list --rules log.jsonl", 2),
    ],
)
def test_a_log_in_the_place_of_rules_is_told_as_that(here: Path, arguments: str, status: int) -> None:
    result = call(*arguments.split())
    assert (result.exit_code, LOOKS_LIKE_A_LOG in result.stderr + result.stdout) == (status, True)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("small/ruleset.yaml", "This is a rule file; name it with --rules."),
        ("small", "This is a rule file; name it with --rules."),
        ("map.yaml", "This is a mapping file; name it with --map."),
        ("small/tests/all.yaml", "This is a file of tests; `afterword test` runs it."),
    ],
)
def test_a_file_of_rules_in_the_place_of_a_log_is_told_as_that(here: Path, name: str, told: str) -> None:
    for command in ("evaluate", "watch"):
        result = call(command, name)
        assert (result.exit_code, told in result.stderr, "bad line" in result.stderr) == (2, True, False)


def test_a_mapping_for_another_log_is_suspected(here: Path) -> None:
    Path("map.yaml").write_text(
        "mapping: afterword/1\nformat: json\ntype: {from: what}\ntime: {from: time}\n",
        encoding="utf-8",
    )
    result = call("evaluate", "log.jsonl", "--map", "map.yaml")
    assert result.exit_code == 2
    assert "perhaps the mapping is for another log" in result.stderr


def test_a_setting_that_no_param_has_is_answered_with_the_params(here: Path) -> None:
    for arguments in ("evaluate log.jsonl --rules small", "watch log.jsonl --rules small"):
        result = call(*arguments.split(), "--set", "zzzzzz=1")
        assert result.exit_code == 2
        assert "patience" in result.stderr
    assert "`research_time`" in call("evaluate", "log.jsonl", "--set", "x=1").stderr
