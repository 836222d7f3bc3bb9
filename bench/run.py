"""Measures evaluating a log as a multiple of decoding it, in one process and one run, so that noise hits both.

    python bench/run.py [--events 50000] [--rounds 5] [--network plain|durable]

Each work is measured in turn with the decoding of the same lines, `--rounds` times; medians of CPU time are shown.
The log is made with a fixed seed: 10 events a case, 30 % of types that no rule names.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable

import msgspec

import afterword
from afterword.events import decode

SEED = 20260302


class Line(msgspec.Struct):
    """What merely decoding a line means."""

    type: str
    time: str
    id: str
    case: str
    subject: str
    data: dict[str, object]


def log(events: int, kinds: int) -> list[bytes]:
    """Lines in the order of time."""
    dice = random.Random(SEED)
    lines = []
    for number in range(events):
        kind = dice.randrange(kinds) if dice.random() > 0.3 else -1
        minute = number * 20 * 60 // max(1, events // 1000)
        event = {
            "type": f"kind.k{kind}" if kind >= 0 else f"other.o{dice.randrange(20)}",
            "time": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(1_770_000_000 + minute)),
            "id": f"e{number}",
            "case": f"c{number // 10 if dice.random() < 0.5 else dice.randrange(max(1, events // 10))}",
            "subject": f"s{number % 97}",
            "data": {"purpose": f"p{dice.randrange(8)}", "size": dice.randrange(100)},
        }
        lines.append(json.dumps(event).encode())
    return lines


def ruleset(rules: list[dict[str, object]], kinds: int) -> afterword.Ruleset:
    """A ruleset of these rules."""
    fields = {"purpose": {"type": "string"}, "size": {"type": "integer"}}
    return afterword.load(
        "schema: afterword/1\nruleset: bench\nversion: 1.0.0\n"
        + "events: "
        + json.dumps({f"kind.k{n}": {"fields": fields} for n in range(kinds)})
        + "\nrules: "
        + json.dumps(rules)
    )


def classify(count: int, kinds: int) -> afterword.Ruleset:
    """Single-event rules: a type and one or two tests of fields."""
    return ruleset(
        [
            {
                "id": f"r{n}",
                "kind": "warning",
                "title": "T",
                "when": {
                    "event": f"kind.k{n % kinds}",
                    "where": {"purpose": f"p{n % 8}", "size": {"gt": n % 97}},
                },
                "message": "M",
            }
            for n in range(count)
        ],
        kinds,
    )


def timed(kinds: int) -> afterword.Ruleset:
    """A window to the end of the next day, a window after a week that a reply cancels, and a sliding count."""
    return ruleset(
        [
            {
                "id": "window",
                "kind": "recommendation",
                "title": "T",
                "when": {"event": "kind.k0"},
                "due": {"until": "end of next day"},
                "fulfilled_by": {"event": "kind.k1"},
                "message": "M",
            },
            {
                "id": "week",
                "kind": "recommendation",
                "title": "T",
                "when": {"event": "kind.k2"},
                "due": {"from": {"plus": "7 days"}, "until": {"plus": "3 days"}},
                "cancelled_by": {"event": "kind.k3"},
                "message": "M",
            },
            {
                "id": "count",
                "kind": "warning",
                "title": "T",
                "when": {"event": "kind.k4", "count": {"at_least": 3, "within": "7 days"}},
                "message": "M",
            },
        ],
        kinds,
    )


def seconds(work: Callable[[], object]) -> float:
    """CPU time of one run."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--network", choices=["plain", "durable"])
    chosen = parser.parse_args()
    kinds = 20
    lines = log(chosen.events, kinds)
    decoder = msgspec.json.Decoder(Line)
    works = {f"classify, {count} rules": classify(count, kinds) for count in (30, 300)} | {
        "timed": timed(kinds)
    }

    def evaluate(rules: afterword.Ruleset) -> int:
        engine = afterword.Engine(rules, network=chosen.network, history="sorted")
        events = (event for event in map(decode, lines) if isinstance(event, afterword.Event))
        return sum(1 for _ in afterword.replay(engine, events))

    print(f"| Work ({chosen.events:,} events) | transitions | × decoding |\n|---|---|---|")
    for name, rules in works.items():
        told = evaluate(rules)
        ratios = [
            seconds(lambda rules=rules: evaluate(rules))
            / seconds(lambda: [decoder.decode(line) for line in lines])  # type: ignore[misc]
            for _ in range(chosen.rounds)
        ]
        print(f"| {name} | {told:,} | {statistics.median(ratios):.1f} |")


if __name__ == "__main__":
    main()
