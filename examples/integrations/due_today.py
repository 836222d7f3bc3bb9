"""A script for cron: reads what was added to a log since the last time, and prints what is due today.

    0 7 * * *  python due_today.py ~/jobs.jsonl

Cron mails what a job prints, and nothing when it prints nothing. The state stands in one file, which is replaced
as a whole, so that a run that is killed changed nothing; one that is repeated prints the same again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import afterword


def main(arguments: list[str] | None = None, now: dt.datetime | None = None) -> int:
    """The script; `now` is for tests."""
    parser = argparse.ArgumentParser(description="Prints what is due today.")
    parser.add_argument("log", type=Path, help="events, one JSON object a line")
    parser.add_argument("--state", type=Path, help="where to go on (default: beside the log)")
    parser.add_argument("--rules", default="after-interview")
    given = parser.parse_args(arguments)
    state = given.state or given.log.with_suffix(".state")
    now = now or dt.datetime.now().astimezone()

    try:
        engine, offset = resume(state, afterword.load(given.rules))
    except (afterword.RulesetError, afterword.SnapshotError) as error:
        print(error, file=sys.stderr)
        return 1
    if not given.log.exists():
        print(f"{given.log} is not there", file=sys.stderr)
        return 1
    if given.log.stat().st_size < offset:
        print(f"{given.log} is shorter than it was; remove {state} to begin anew", file=sys.stderr)
        return 1
    with given.log.open("rb") as log:
        log.seek(offset)
        for event, end in read(log.read(), offset):
            if isinstance(event, afterword.BadEvent):
                print(f"{given.log}, before byte {end}: {event}", file=sys.stderr)
            else:
                engine.feed(event)
            offset = end
    save(state, engine, offset)
    for item in today(engine, now):
        print(f"{item.status:<8} {item.case or '-'}: {item.message}")
    return 0


def read(text: bytes, offset: int) -> Iterator[tuple[afterword.Event | afterword.BadEvent, int]]:
    """The events of the lines that have an end, each with where the next line begins in the log."""
    for line in text.split(b"\n")[:-1]:  # what has no end yet is being written: it is read the next time
        offset += len(line) + 1
        if line.strip():
            found = afterword.decode(line)
            for event in found if isinstance(found, list) else [found]:
                yield event, offset


def today(engine: afterword.Engine, now: dt.datetime) -> Iterator[afterword.AgendaItem]:
    """What is overdue since yesterday, due, or begins before the day is over. The engine stays as it is."""
    if engine.clock is None:
        return
    at = max(now, engine.clock)
    for item in engine.agenda(at=at, days=1):
        begins_today = item.start is None or item.start.astimezone(at.tzinfo).date() <= at.date()
        if item.status != "coming" or begins_today:
            yield item


def resume(state: Path, rules: afterword.Ruleset) -> tuple[afterword.Engine, int]:
    """The engine and the offset as the last run left them. The rules may have been edited since."""
    if not state.exists():
        return afterword.Engine(rules), 0
    offset, snapshot = state.read_bytes().split(b"\n", 1)
    return afterword.Engine.restore(rules, snapshot), int(offset)


def save(state: Path, engine: afterword.Engine, offset: int) -> None:
    """Writes both or neither."""
    new = state.with_name(state.name + ".new")
    with new.open("wb") as file:
        file.write(b"%d\n" % offset + engine.snapshot())
        file.flush()
        os.fsync(file.fileno())
    new.replace(state)


if __name__ == "__main__":
    sys.exit(main())
