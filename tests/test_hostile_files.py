"""A file of any kind, however odd, is answered: soon, in little memory, and with problems in words (P3, P4)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from afterword.building.components import components
from afterword.limits import MAX_BYTES, MAX_NODES
from afterword.problem import MOST
from on_disk import call, write

HEAD = "schema: afterword/1\nruleset: odd\nversion: 1.0.0\n"
EVENTS = "events:\n  a.b: {fields: {x: {type: string}, n: {type: integer}}}\n"
SOUND = HEAD + EVENTS + "rules:\n  - {id: r, kind: warning, when: {event: a.b}, message: Go.}\n"


def when(condition: str) -> str:
    return SOUND.replace("event: a.b}, m", f"event: a.b, where: {{{condition}}}}}, m")


def rules(count: int, one: Callable[[int], str]) -> str:
    return (
        HEAD
        + EVENTS
        + "rules:\n"
        + "".join(f"  - {{id: r{n}, kind: warning, {one(n)}}}\n" for n in range(count))
    )


BOMB = "  l0: &l0 [x, x]\n" + "".join(f"  l{n}: &l{n} [*l{n - 1}, *l{n - 1}]\n" for n in range(1, 60))

WORDS = [f"v{number}" for number in range(15_000)]

TEXTS: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "unknown-document"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\xff", "not-text"),
    "a NUL": (HEAD + "title: a\0b\n", "not-text"),
    "a lone surrogate": ((HEAD + "title: a\ud800b\n").encode("utf-8", "surrogatepass"), "not-text"),
    "a lone surrogate, escaped": (HEAD + 'title: "a\\ud800b"\n', "yaml-syntax"),
    "UTF-16": (SOUND.encode("utf-16"), "not-text"),
    "Latin-1": ((HEAD + "title: Bücher\n").encode("latin-1"), "not-text"),
    "a bomb of aliases": (HEAD + "lists:\n" + BOMB, "too-many-values"),
    "a list in itself": (HEAD + "lists:\n  a: &a [*a]\n" + EVENTS, "yaml-alias"),
    "names that are unknown aliases": (HEAD + "lists: {" + "*a : b, " * 50_000 + "}", "yaml-alias"),
    "brackets": (HEAD + "lists: " + "[" * 500_000, "too-deep"),
    "mappings in one line": ("- " * 500_000, "too-deep"),
    "an endless number": (when("n: 1e999999"), "number-range"),
    "a number of a million digits": (when("n: " + "9" * 1_000_000), "number-range"),
    "a text of a million letters": (when("x: " + "x" * 1_000_000), "out-of-range"),
    "a duration of many digits": (
        SOUND.replace("message", f"cooldown: {'9' * 40_000} days, message"),
        "bad-duration",
    ),
    "an absurd duration": (SOUND.replace("}, m", ", count: {at_least: 2, within: 1e9 years}}, m"), "bad-duration"),
    "a regex of all repetitions": (when('x: {matches: "(a{1,1000}){1,1000}"}'), "bad-regex"),
    "a hundred thousand rules": (rules(100_000, lambda n: "x")[:MAX_BYTES], "too-many-values"),
    "as many values as it may hold": (HEAD + "lists:\n  a: [" + "b, " * MAX_NODES + "]\n", "too-many-values"),
    "a tag everywhere": (HEAD + "lists:\n  a: [" + "!x a, " * 100_000 + "]\n", "yaml-tag"),
    "the same key again and again": (HEAD + "lists:\n" + "  a: [b]\n" * 90_000, "duplicate-key"),
    "thousands of unknown types": (rules(3000, lambda n: f"when: {{event: c.d{n}}}, message: Go."), "unknown-event"),
    "thousands of rules that hear each other": (
        rules(3000, lambda n: "when: {event: advice.raised}, message: Go."),
        "rule-cycle",
    ),
    "thousands of items of a wrong kind": (HEAD + EVENTS + "rules:\n" + "  - 1\n" * 60_000, "wrong-type"),
    "patterns that are twice each other": (
        HEAD + EVENTS + "patterns:\n  p0: {event: a.b}\n"
        + "".join(f"  p{n}: [p{n - 1}, p{n - 1}]\n" for n in range(1, 30))
        + "rules:\n  - {id: r, kind: warning, when: p29, message: Go.}\n",
        "out-of-range",
    ),
    "patterns that stand for each other": (
        HEAD + EVENTS + "patterns:\n  p0: {event: a.b}\n"
        + "".join(f"  p{n}: p{n - 1}\n" for n in range(1, 2000))
        + "rules:\n  - {id: r, kind: warning, when: p1999, message: Go.}\n",
        "too-deep",
    ),
    "thousands of alternatives": (
        SOUND.replace("{event: a.b}", "[" + "{event: a.b, where: {x: y}}, " * 5000 + "]"),
        "out-of-range",
    ),
    "two endless lists that exclude each other": (
        when(f"all: [{{x: {{in: {WORDS}}}}}, {{x: {{not_in: {WORDS}}}}}], y: 1"),
        "unknown-field",
    ),
    "a path out of a zone": (HEAD + f"defaults: {{timezone: '{'../' * 300}etc/passwd'}}\n" + EVENTS, "unknown-zone"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_p4_a_hostile_text_gets_an_answer(name: str, tmp_path: Path) -> None:
    text, code = TEXTS[name]
    file = tmp_path / "odd.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = call("check", file)
    assert result.exit_code == 1
    assert f"[{code}]" in result.output
    assert len(result.output) < 100_000


def test_p4_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("\ufeff" + SOUND, encoding="utf-8")
    assert call("check", tmp_path / "odd.yaml").exit_code == 0


def test_p4_of_very_many_problems_the_first_ones_are_told(tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(rules(MOST + 5, lambda n: f"when: {{event: c.d{n}}}, message: Go."), encoding="utf-8")
    output = call("check", file, "--format", "github").output
    assert output.count("title=unknown-event") == MOST
    assert output.count("title=too-many-problems") == 1
    assert "line=8," in output  # the first rule


def test_p4_a_chain_of_rules_is_no_cycle_and_costs_what_it_is_long() -> None:
    long = {n: [n + 1] for n in range(100_000)}
    assert len(set(components(long).values())) == 100_001
    assert len(set(components(long | {100_000: [50_000]}).values())) == 50_001


# --- what a path leads to


def test_p4_a_pipe_that_nobody_writes_into_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    result = call("check", tmp_path / "pipe.yaml")
    assert result.exit_code == 2
    assert "nobody writes into it" in result.output


def test_p4_a_pipe_among_the_rules_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, rules="", tests="")
    (tmp_path / "rules").mkdir()
    os.mkfifo(tmp_path / "rules" / "pipe.yaml")
    result = call("check", tmp_path)
    assert result.exit_code == 2
    assert (
        "rules/pipe.yaml: error[unreadable-file]: This cannot be read: this is no ordinary file."
        in result.output
    )


def test_p4_a_pipe_that_a_shell_makes_is_read(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(SOUND, encoding="utf-8")
    command = f"{sys.executable} -c '{COMMAND}' check <(sleep 0.1; cat odd.yaml)"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_p4_links_that_lead_round_and_folders_that_are_called_like_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "round.yaml").symlink_to(tmp_path / "round.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("round.yaml", "folder.yaml"):
        result = call("check", tmp_path / name)
        assert result.exit_code == 2
        assert f"{name}: error[missing-file]" in result.output


def test_p4_a_folder_has_a_size_too(tmp_path: Path) -> None:
    write(tmp_path, rules="", tests="")
    (tmp_path / "rules").mkdir()
    for number in range(5):
        (tmp_path / "rules" / f"{number}.yaml").write_text("#" * (MAX_BYTES - 1), encoding="utf-8")
    assert "error[too-large]: The folder has more than" in call("check", tmp_path).output
    for number in range(5):
        text = "lists:\n" + "".join(f"  a{number}-{n}: [b]\n" for n in range(MAX_NODES // 14))
        (tmp_path / "rules" / f"{number}.yaml").write_text(text, encoding="utf-8")
    assert "error[too-many-values]: The files up to this one hold" in call("check", tmp_path).output


# --- measured

COMMAND = "from afterword_cli.main import main; main()"
MEASURED = f"""
import resource, subprocess, sys
done = subprocess.run([sys.executable, "-c", {COMMAND!r}, "check", *sys.argv[1:]], capture_output=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(done.returncode, round(used.ru_utime + used.ru_stime, 2), used.ru_maxrss // 1024, len(done.stderr))
"""


def test_p4_no_file_takes_long_or_much_memory(tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as huge:
        huge.truncate(100 << 20)
    (tmp_path / "bomb.yaml").write_text(HEAD + "lists:\n" + BOMB, encoding="utf-8")
    (tmp_path / "long.yaml").write_text(HEAD + "title: " + "a b " * 250_000, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("huge.yaml", "bomb.yaml", "long.yaml")]
    told = subprocess.run(
        [sys.executable, "-c", MEASURED, *files, "/dev/zero"], capture_output=True, text=True, check=True
    ).stdout.split()
    code, seconds, megabytes, noise = (float(each) for each in told)
    assert (code, noise) == (1, 0)
    assert seconds < 4, "four files; the time is the processor's, whatever else the machine does"
    assert megabytes < 200
