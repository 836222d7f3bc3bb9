"""Measures what grows with the number of open cases, and what a second process gains.

    python bench/scale.py [--cases 1000000] [--growth 2000000] [--events 2000000]

A quiet day is one on which nothing is due, however many cases are open. Memory is what the process has more of after
the cases were opened, each with three windows ahead of it. Growth is what an event costs that ends one of the two
windows of a case, with so many open cases and with a hundredth of them. `--jobs 2` is the whole command against
itself with one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import hashlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import afterword
import works

RUN = "import sys; from afterword_cli.main import main; main()"
WINDOWS = """
schema: afterword/1
ruleset: windows
version: 1.0.0
events: {opened: , closed: }
cases: {opened_by: [opened], closed_by: [closed]}
rules:
"""
RULE = """
  - id: r{number}
    kind: recommendation
    title: T
    when: {{event: opened}}
    due: {{from: {{plus: {number}00 days}}, until: {{plus: 10 days}}}}
    message: M
"""


NOTES = 4_000
"""How many events growth is measured by at a time."""


def open_cases(cases: int) -> tuple[afterword.Engine, float]:
    """An engine with so many open cases, and the bytes that each takes."""
    rules = afterword.load(WINDOWS + "".join(RULE.format(number=number) for number in (1, 2, 3)))
    engine = afterword.Engine(rules, history="sorted")
    before = _resident()
    for number in range(cases):
        engine.feed(_event("opened", number, number))
    return engine, (_resident() - before) / cases


def _event(type_: str, case: int, millisecond: int) -> afterword.Event:
    time = works.BEGINNING + dt.timedelta(milliseconds=millisecond)
    return afterword.Event(type=type_, time=time, subject=f"s{case}", case=f"c{case}")


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


def quiet_day(engine: afterword.Engine) -> float:
    """Milliseconds for a day on which nothing is due."""
    assert engine.clock is not None
    spent = []
    for _ in range(20):
        tomorrow = engine.clock + dt.timedelta(days=1)
        began = time.perf_counter()
        assert not engine.advance(tomorrow)
        spent.append((time.perf_counter() - began) * 1_000)
    return sorted(spent)[len(spent) // 2]


def growth(cases: int, rounds: int = 5) -> str:
    """CPU time of an event with many open cases as a multiple of what it takes with a hundredth of them."""
    few, many = (_met(count) for count in (cases // 100, cases))
    ratios = []
    for number in range(rounds):
        spent = [_spent(each, number) for each in (few, many)]
        ratios.append(spent[1] / spent[0])
        print(f"{spent[0]:.2f} and {spent[1]:.2f} µs an event", flush=True)
    ratio = sorted(ratios)[rounds // 2]
    return f"an event costs {ratio:.2f} × as much with {cases:,} open cases as with {cases // 100:,}"


class _Met(NamedTuple):
    """An engine with many open cases, in each of which a note and a call are waited for; and these cases, shuffled."""

    engine: afterword.Engine
    cases: list[int]


def _met(cases: int) -> _Met:
    engine = afterword.Engine(works.timed(), history="sorted")
    for number in range(cases):
        assert len(engine.feed(_event("meeting.ended", number, 0))) == 2
    shuffled = list(range(cases))
    random.Random(works.SEED).shuffle(shuffled)
    return _Met(engine, shuffled)


def _spent(met: _Met, number: int) -> float:
    """Microseconds for each of some events, every one of which ends an advice of another case."""
    count = min(NOTES, max(1, len(met.cases) // 10))
    events = [_event("note.sent", case, 1) for case in met.cases[number * count : (number + 1) * count]]
    gc.collect()
    began = time.process_time()
    for event in events:
        assert len(met.engine.feed(event)) == 1
    return (time.process_time() - began) / count * 1e6


def jobs(events: int, folder: Path, rounds: int = 3) -> str:
    """The command with one process and with two in turn: seconds by the clock, and whether the bytes are the same."""
    log, rules = folder / "log.jsonl", folder / "rules.yaml"
    with log.open("wb") as file:
        file.writelines(line + b"\n" for line in works.log(events, works.TIMED))
    rules.write_text(works.timed_text(), encoding="utf-8")
    ratios, digests = [], set()
    for _ in range(rounds):
        took = []
        for count in ("1", "2"):
            seconds, digest = _evaluated(log, rules, count, folder / "out")
            took.append(seconds)
            digests.add(digest)
        ratios.append(took[0] / took[1])
        print(f"{took[0]:.1f} s with one process, {took[1]:.1f} s with two", flush=True)
    same = "the same bytes" if len(digests) == 1 else "OTHER BYTES"
    return f"--jobs 2 on {events:,} events: {sorted(ratios)[rounds // 2]:.2f} × faster by the clock than 1, {same}"


def _evaluated(log: Path, rules: Path, jobs: str, out: Path) -> tuple[float, str]:
    command = ["evaluate", str(log), "--rules", str(rules), "-q", "--format", "ndjson", "--jobs", jobs]
    began = time.perf_counter()
    with out.open("wb") as file:
        subprocess.run([sys.executable, "-c", RUN, *command], stdout=file, check=True)
    took = time.perf_counter() - began
    with out.open("rb") as file:
        return took, hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """Prints a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--growth", type=int, default=2_000_000)
    parser.add_argument("--events", type=int, default=2_000_000)
    chosen = parser.parse_args()
    gc.set_threshold(100_000, 50, 100)  # as the command does
    if chosen.cases:
        engine, each = open_cases(chosen.cases)
        print(
            f"{chosen.cases:,} open cases with three windows, each of another person: {each:,.0f} bytes each"
        )
        print(f"a quiet day: {quiet_day(engine):.3f} ms", flush=True)
        del engine
    with tempfile.TemporaryDirectory() as folder:
        if chosen.growth:
            print(growth(chosen.growth), flush=True)
        if chosen.events:
            print(jobs(chosen.events, Path(folder)))


if __name__ == "__main__":
    main()
