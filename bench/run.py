"""Measures evaluating a log as a multiple of decoding it, in one process and one run, so that noise hits both.

    python bench/run.py [--events 200000] [--rounds 5] [--network plain|durable] [--hiring FILE.jsonl.gz]

Decoding, the loop that one would write by hand, and afterword take turns; medians of the ratios of CPU time are shown.
The logs are made with a fixed seed (`works.py`). All three count the same transitions, or the run ends.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

import afterword
import by_hand
import works
from afterword.evaluation import replay_typed
from afterword.rim.logs import Log
from afterword.rim.mapping_files import read_mapping

MAPPING = Path(__file__).parents[1] / "examples" / "hiring.mapping.yaml"


class Row(NamedTuple):
    """One line of the table."""

    work: str
    transitions: int
    decode_ns: float
    by_hand: str
    afterword: float

    def __str__(self) -> str:
        return f"| {self.work} | {self.transitions:,} | {self.by_hand} | {self.afterword:.1f} |"


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one run."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def evaluated(program: afterword.Program, path: Path) -> int:
    """What `afterword evaluate` does with a native log, but for the writing."""
    engine = afterword.Engine(program, history="sorted")
    with Log(str(path)) as log:
        return sum(1 for _ in replay_typed(engine, log.blocks))  # type: ignore[arg-type]


def measured(
    work: str,
    program: afterword.Program,
    lines: list[bytes],
    hand: Callable[[], int],
    rounds: int,
    folder: Path,
) -> Row:
    """One work, by all three in turn."""
    path = folder / "log.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    said = evaluated(program, path)
    assert hand() == said, (work, hand(), said)
    ratios: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        decoding = seconds(lambda: decoded(lines))
        ratios.append(
            (decoding, seconds(hand) / decoding, seconds(lambda: evaluated(program, path)) / decoding)
        )
    decoding, by_hand_, ours = (statistics.median(each) for each in zip(*ratios, strict=True))
    return Row(work, said, decoding / len(lines) * 1e9, f"{by_hand_:.1f}", ours)


def decoded(lines: list[bytes]) -> None:
    """The limit: each line into a struct, and nothing else."""
    decode = by_hand.decode
    for line in lines:
        decode(line)


def native(events: int, rounds: int, network: str | None, folder: Path) -> Iterator[Row]:
    """The works whose logs are made here."""
    lines = list(works.log(events, works.CLASSIFIED))
    for count in (30, 300, 3_000):
        wanted = works.classified(count)
        program = afterword.compile_ruleset(works.classify(count), network=network)  # type: ignore[arg-type]
        hand = lambda wanted=wanted: by_hand.classify(lines, wanted)  # noqa: E731
        yield measured(f"classify, {count:,} rules", program, lines, hand, rounds, folder)
    lines = list(works.log(events, works.TIMED))
    program = afterword.compile_ruleset(works.timed(), network=network)  # type: ignore[arg-type]
    yield measured("timed, 3 rules", program, lines, lambda: by_hand.Timed().run(lines), rounds, folder)


class _HiringLine(msgspec.Struct, gc=False):
    id: str
    time: str
    case: str
    data: dict[str, object]


def hiring(path: Path, rounds: int, network: str | None) -> Iterator[str]:
    """The shipped ruleset on a log that is mapped, per transition; then the whole command, written to a file."""
    lines = gzip.decompress(path.read_bytes()).splitlines()
    decode = msgspec.json.Decoder(_HiringLine).decode
    mapping, _ = read_mapping(MAPPING.read_bytes(), str(MAPPING))
    program = afterword.compile_ruleset(afterword.load("after-interview"), network=network)  # type: ignore[arg-type]

    def evaluated() -> int:
        engine = afterword.Engine(program, history="sorted")
        with Log(str(path), mapping) as log:
            return sum(1 for _ in replay_typed(engine, log.blocks))  # type: ignore[arg-type]

    def decoding() -> None:
        for line in lines:
            decode(line)

    said = evaluated()
    ratios = []
    for _ in range(rounds):
        per_event = seconds(decoding) / len(lines)
        ratios.append((seconds(evaluated) / said / per_event, command(path) / said / per_event))
    engine, whole = (statistics.median(each) for each in zip(*ratios, strict=True))
    yield f"| after-interview on {len(lines):,} mapped events, per transition | {said:,} | – | {engine:.1f} |"
    yield f"| the same, whole command, NDJSON to a file, per transition | {said:,} | – | {whole:.1f} |"


def command(path: Path) -> float:
    """CPU time of `afterword evaluate` as a process of its own."""
    run = "import sys; from afterword_cli.main import main; main()"
    arguments = ["evaluate", str(path), "--map", str(MAPPING), "--format", "ndjson", "-q"]
    with tempfile.TemporaryFile() as out:
        watched = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
            "spent = resource.getrusage(resource.RUSAGE_CHILDREN); "
            "print(spent.ru_utime + spent.ru_stime, file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", watched, sys.executable, "-c", run, *arguments],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        )
    return float(done.stderr.splitlines()[-1])


def main() -> None:
    """Prints Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network", choices=["plain", "durable"])
    parser.add_argument("--hiring", type=Path)
    chosen = parser.parse_args()
    gc.set_threshold(100_000, 50, 100)  # as the command does, for all three alike
    print(f"| Work ({chosen.events:,} events) | transitions | by hand | afterword |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for row in native(chosen.events, chosen.rounds, chosen.network, Path(folder)):
            print(row, flush=True)
        if chosen.hiring is not None:
            for line in hiring(chosen.hiring, chosen.rounds, chosen.network):
                print(line, flush=True)


if __name__ == "__main__":
    main()
