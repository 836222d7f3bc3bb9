"""Measures how long it takes until the first rule can be asked: starting the command, and loading rulesets.

    python bench/startup.py [--rounds 15] [--rules 3000]

Commands are measured as whole processes, in turn with `python -c "import click"`, and shown as multiples of it:
medians of the ratios of neighbours, of wall-clock time and of CPU time, so that a machine that slows down slows both.
Loading is CPU time inside a fresh process each, with all that it imports. Byte code is written first, as pip does.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import afterword
import afterword_cli

KINDS = 20
PER_FILE = 100

RUN = "import sys; from afterword_cli.main import main; main()"
LOAD = (
    "import sys, time; began = time.process_time(); "
    "from afterword.cache import user_cache; from afterword.loading import load; "
    "found = load(sys.argv[1], cache=user_cache()); print(time.process_time() - began)"
)


class Spent(NamedTuple):
    """What one process took, in seconds."""

    wall: float
    cpu: float


def process(code: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Spent:
    """One run of a program, and what the operating system says that it took."""
    began = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    _, status, used = os.wait4(running.pid, 0)
    wall = time.perf_counter() - began
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, arguments
    return Spent(wall, used.ru_utime + used.ru_stime)


def ruleset(folder: Path, count: int) -> None:
    """A ruleset of single-event rules, a hundred in a file."""
    fields = {"purpose": {"type": "string"}, "size": {"type": "integer"}}
    events = {f"kind.k{number}": {"fields": fields} for number in range(KINDS)}
    (folder / "rules").mkdir(parents=True)
    head = "schema: afterword/1\nruleset: bench\nversion: 1.0.0\n"
    (folder / "ruleset.yaml").write_text(f"{head}events: {json.dumps(events)}\n")
    for start in range(0, count, PER_FILE):
        rules = "".join(rule(number) for number in range(start, min(count, start + PER_FILE)))
        (folder / "rules" / f"{start:05}.yaml").write_text(f"rules:\n{rules}")


def rule(number: int) -> str:
    """A type and two tests of fields, written as people write them."""
    return f"""\
  - id: r{number}
    kind: warning
    title: The rule {number}
    when:
      event: kind.k{number % KINDS}
      where:
        purpose: p{number % 8}
        size: {{gt: {number % 97}}}
    message: Size {{size}} is large.
"""


def log(file: Path) -> None:
    """Ten events of one case."""
    lines = (
        {
            "type": "interview.ended" if number == 0 else "message.sent",
            "time": f"2026-03-{number + 2:02}T15:00:00+08:00",
            "id": f"e{number}",
            "case": "acme",
            "data": {"company": "Acme"} if number == 0 else {"purpose": "other", "recipient": "company"},
        }
        for number in range(10)
    )
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


def commands(home: Path, rounds: int) -> None:
    """Prints what starting costs, as a multiple of importing click."""
    kept, off = cache(home), {"AFTERWORD_CACHE": "off"}
    log(home / "log.jsonl")
    works: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {
        "--version": (["--version"], kept),
        "--help": (["--help"], kept),
        "evaluate, ten events": (["evaluate", str(home / "log.jsonl")], kept),
        "the same without a cache": (["evaluate", str(home / "log.jsonl")], off),
    }
    print('| Command | × `python -c "import click"`, wall | CPU |\n|---|---|---|')
    for name, (arguments, environment) in works.items():
        process(RUN, arguments, environment)  # fills the cache, and the machine's own
        pairs = [
            (process(RUN, arguments, environment), process("import click", (), {})) for _ in range(rounds)
        ]
        wall = statistics.median(ours.wall / theirs.wall for ours, theirs in pairs)
        cpu = statistics.median(ours.cpu / theirs.cpu for ours, theirs in pairs)
        print(f"| {name} | {wall:.1f} | {cpu:.1f} |")


def loading(home: Path, rounds: int, count: int) -> None:
    """Prints what loading costs, the first time and later."""
    ruleset(home / "many", count)
    print("\n| Ruleset | first, CPU s | from the cache, CPU s |\n|---|---|---|")
    for name, what in ((f"{count:,} rules", str(home / "many")), ("after-interview", "after-interview")):
        first, later = list[float](), list[float]()
        for _ in range(rounds):
            shutil.rmtree(home / "cache", ignore_errors=True)
            first.append(load(what, cache(home)))
            later.append(load(what, cache(home)))
        print(f"| {name} | {statistics.median(first):.3f} | {statistics.median(later):.3f} |")


def cache(home: Path) -> Mapping[str, str]:
    """The environment that puts the cache into this folder."""
    return {"AFTERWORD_CACHE": str(home / "cache"), "XDG_STATE_HOME": str(home / "state")}


def load(what: str, environment: Mapping[str, str]) -> float:
    """The CPU time of loading this in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, what],
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
    )
    return float(done.stdout)


def main() -> None:
    """Prints two Markdown tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rules", type=int, default=3_000)
    chosen = parser.parse_args()
    for package in (afterword, afterword_cli):
        compileall.compile_dir(Path(str(package.__file__)).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        commands(Path(folder), chosen.rounds)
        loading(Path(folder), max(1, chosen.rounds // 3), chosen.rules)


if __name__ == "__main__":
    main()
