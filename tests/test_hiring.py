"""The shipped ruleset on a real hiring log of 63,869 events, held to an independent few lines of Python.

The log is not part of the project: `AFTERWORD_HIRING_LOG` names it, and without it these tests are skipped.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

LOG = os.environ.get("AFTERWORD_HIRING_LOG")
MAPPING = Path(__file__).parents[1] / "examples" / "hiring.mapping.yaml"

pytestmark = [
    pytest.mark.hiring,
    pytest.mark.xdist_group("hiring"),  # one worker, one run of the log for all of them
    pytest.mark.skipif(LOG is None, reason="AFTERWORD_HIRING_LOG does not name the hiring log"),
]

EVALUATE = "import sys; from afterword_cli.main import main; sys.argv[0] = 'afterword'; main()"


def evaluate(log: str | Path, out: Path, **environment: str) -> subprocess.Popen[bytes]:
    """The whole command in a process of its own, its output in a file."""
    command = [
        sys.executable,
        "-c",
        EVALUATE,
        "evaluate",
        str(log),
        "--map",
        str(MAPPING),
        "--as-of",
        "+30 days",
        "-q",
    ]
    with out.open("wb") as file:
        return subprocess.Popen(command, stdout=file, env={**os.environ, **environment})


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same log twice: as it is, and with its lines shuffled, another hash seed and another time zone."""
    assert LOG is not None
    folder = tmp_path_factory.mktemp("hiring")
    with gzip.open(LOG, "rb") as file:
        lines = file.readlines()
    random.Random(7).shuffle(lines)
    shuffled = folder / "shuffled.jsonl"
    shuffled.write_bytes(b"".join(lines))
    one, other = folder / "one.ndjson", folder / "other.ndjson"
    runs = [
        evaluate(LOG, one, PYTHONHASHSEED="1", TZ="UTC"),
        evaluate(shuffled, other, PYTHONHASHSEED="2", TZ="Australia/Perth"),
    ]
    assert [run.wait() for run in runs] == [0, 0]
    return one, other


@pytest.fixture(scope="module")
def transitions(outputs: tuple[Path, Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in outputs[0].read_bytes().splitlines()]


def test_p1_shuffled_lines_another_hash_seed_and_another_zone_give_the_same_bytes(
    outputs: tuple[Path, Path],
) -> None:
    one, other = (path.read_bytes() for path in outputs)
    assert len(one) > 1_000_000
    assert one == other


Event = tuple[dt.datetime, str]
END = dt.datetime(2015, 1, 12, 12, 39, 58, tzinfo=dt.UTC) + dt.timedelta(days=30)


def cases() -> dict[str, list[Event]]:
    """Each application's activities in order, read without afterword."""
    assert LOG is not None
    found: dict[str, list[tuple[dt.datetime, int, str]]] = defaultdict(list)
    with gzip.open(LOG, "rt") as file:
        for line in file:
            event = json.loads(line)
            number = int(event["id"].rpartition("-")[2])
            found[event["case"]].append(
                (dt.datetime.fromisoformat(event["time"]), number, event["data"]["activity"])
            )
    return {
        case: [(time, activity) for time, _, activity in sorted(events)] for case, events in found.items()
    }


def is_interview(activity: str) -> bool:
    return activity.endswith("Interview") or activity == "Telephonic Screening"


def thank_yous(events: list[Event]) -> list[tuple[str, dt.datetime]]:
    """When the thank-you is due (not within 8 hours of another talk), and how each ends: nobody sends one here."""
    said: list[tuple[str, dt.datetime]] = []
    open_until: list[dt.datetime] = []
    last: dt.datetime | None = None
    for time, activity in [*events, (END, "")]:
        said += [("missed", end) for end in open_until if end <= time]
        open_until = [end for end in open_until if end > time]
        if is_interview(activity):
            if last is None or time - last >= dt.timedelta(hours=8):
                said.append(("due", time))
                midnight = time.replace(hour=0, minute=0, second=0)
                open_until.append(midnight + dt.timedelta(days=2))
            last = time
        elif activity == "Application Rejected":
            said += [("cancelled", time) for _ in open_until]
            open_until, last = [], None
    return said


def working_days_after(time: dt.datetime, days: int) -> dt.datetime:
    """The same time so many days later, of which Saturdays and Sundays are none."""
    while days:
        time += dt.timedelta(days=1)
        days -= time.weekday() < 5
    return time


def calls(events: list[Event]) -> list[tuple[str, dt.datetime]]:
    """The call a week after the last interview: counted anew by each, moot with an offer or a rejection."""
    said: list[tuple[str, dt.datetime]] = []
    since: dt.datetime | None = None
    for time, activity in [*events, (END, "")]:
        if since is not None:
            due = since + dt.timedelta(days=7)
            missed = working_days_after(due, 3)
            said += [("due", due)] if due <= time else []
            said += [("missed", missed)] if missed <= time else []
            since = None if missed <= time else since
        if is_interview(activity):
            said.append(("scheduled" if since is None else "rescheduled", time))
            since = time
        elif activity in ("Application Rejected", "Make Job Offer") and since is not None:
            said.append(("cancelled", time))
            since = None
    return said


@pytest.mark.parametrize(("rule", "expected"), [("thank-you-email", thank_yous), ("call-back", calls)])
def test_the_answers_are_those_of_a_few_independent_lines(
    transitions: list[dict[str, Any]], rule: str, expected: Any
) -> None:
    said: dict[str, list[tuple[str, dt.datetime]]] = defaultdict(list)
    for each in transitions:
        if each["rule"] == rule:
            assert each["subject"] == each["case"]
            said[each["case"]].append((each["state"], dt.datetime.fromisoformat(each["time"])))
    assert sum(map(len, said.values())) > 20_000
    for case, events in cases().items():
        assert sorted(said[case]) == sorted(expected(events)), case


def test_every_transition_stands_in_the_order_of_time(transitions: list[dict[str, Any]]) -> None:
    order = [(each["time"], each["subject"], each["case"] or "") for each in transitions]
    assert order == sorted(order)
