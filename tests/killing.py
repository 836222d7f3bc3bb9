"""Feeds a log into a store by processes that are killed at random points, until it is all in: for `test_store.py`.

`python tests/killing.py FOLDER SEED KILLS`. A warm parent forks one process after the other; each opens the store,
goes on where it stands, hands out what there is, and dies: by itself, between or within two statements of SQLite
(`os._exit`, as abrupt as a kill, but as many a second as the disk allows), or by a SIGKILL of its parent's. When
the log is all in, what was handed out is held against an undisturbed run, and it begins again with another log.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import afterword
import afterword.store.file as store_file
from afterword import Event, Program
from afterword.events import decode
from afterword.store import SQLiteStore
from timeline import at, moment, rules

ROOT = Path(__file__).parent.parent

Step = Event | str | Program
"""An event, a time to advance to, or edited rules."""

SMALL = """
- id: thank-you
  kind: recommendation
  title: Say thank you
  when: {event: interview.ended}
  due: {until: end of next day}
  fulfilled_by: {event: message.sent}
  again: restart
  message: Thank {case.company}.
- id: keep-looking
  kind: recommendation
  title: Keep looking
  when: {event: interview.ended}
  repeat: {every: 1 day, at_most: 3}
  due: {until: {plus: 12 hours}}
  message: Keep looking.
- id: too-soon
  kind: warning
  title: Too soon
  when: {event: call.made, count: {at_least: 2, within: 2 days}}
  message: "{count} calls."
"""

EDITED = SMALL.replace("end of next day", "end of day").replace("at_least: 2", "at_least: 3")


def small_log(dice: random.Random) -> list[Step]:
    """Events without ids, some late, and time that passes: only the position tells what was taken."""
    days = sorted(dice.randint(2, 9) for _ in range(40))
    types = [
        "interview.ended",
        "interview.ended",
        "message.sent",
        "call.made",
        "call.made",
        "rejection.received",
    ]
    log: list[Step] = [
        at(
            f"03-{day:02} {number % 24:02}:00",
            dice.choice(types),
            dice.choice(["acme", "hooli"]),
            subject=dice.choice("abc"),
            company="Acme",
        )
        for number, day in enumerate(days)
    ]
    for _ in range(6):
        log.insert(dice.randrange(len(log)), log.pop(dice.randrange(len(log))))
    return [*log, moment("03-11 12:00"), moment("03-20 00:00")]


def shipped_log() -> list[Step]:
    """Two weeks of a search, with ids."""
    lines = (ROOT / "examples" / "two-weeks.jsonl").read_bytes().splitlines()
    events: list[Step] = []
    for line in lines:
        found = decode(line)
        assert isinstance(found, Event)
        events.append(found)
    return [*events, "2026-03-20T00:00:00Z", "2026-05-01T00:00:00Z"]


def undisturbed(program: Program, log: list[Step]) -> list[bytes]:
    """What an engine says that nothing ever happens to."""
    engine = afterword.Engine(program)
    out: list[afterword.Transition] = []
    for step in log:
        if isinstance(step, Event):
            out += engine.feed(step)
        else:
            out += engine.advance(step) if isinstance(step, str) else engine.reload(step)
    return [transition.as_json() for transition in out]


def live(
    path: Path,
    program: Program,
    log: list[Step],
    dice: random.Random,
    alive: Callable[[], None],
    history: str | None = None,
) -> None:
    """One process's life: it feeds what is left, by position and a little again by id, and hands out."""
    with SQLiteStore.open(path, program, history=history) as store:
        place = place_of(store)
        known = sum(1 for _ in itertools.takewhile(lambda step: getattr(step, "id", None), log[:place]))
        again = dice.randint(max(0, place - 3), place) if known == place else place
        hand_out(store, path)
        while place < len(log):
            step = log[place]
            if isinstance(step, Event):
                some = log[again : place + dice.choice([1, 1, 1, 4])]
                batch = [each for each in itertools.takewhile(is_event, some) if isinstance(each, Event)]
                place = again = again + len(batch)
                store.feed_all(batch, place)
            else:
                place = again = place + 1
                _ = store.advance(step, place) if isinstance(step, str) else store.reload(step, place)
            hand_out(store, path)
            alive()


def place_of(store: SQLiteStore) -> int:
    """How much of its log a store has taken."""
    place = store.position or 0
    assert isinstance(place, int)
    return place


def is_event(step: Step) -> bool:
    """Whether it can be fed."""
    return isinstance(step, Event)


def in_force(path: Path, program: Program, log: list[Step]) -> Program:
    """The rules that the store has come to: whoever reloads them keeps them at hand for the next start."""
    if not any(isinstance(step, Program) for step in log) or not path.exists():
        return program
    with contextlib.closing(sqlite3.connect(path)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        place = connection.execute("SELECT position FROM store").fetchone()[0] if known else None
    return [program, *(step for step in log[: place or 0] if isinstance(step, Program))][-1]


def hand_out(store: SQLiteStore, path: Path) -> None:
    """A consumer that writes to a place of its own, and then says that it did."""
    file = os.open(f"{path}.out", os.O_RDWR | os.O_APPEND | os.O_CREAT)
    written = os.pread(file, os.fstat(file).st_size, 0)
    os.ftruncate(file, written.rfind(b"\n") + 1)  # a kill may have come while a line was being written
    offset = 0
    for offset, line in store.transitions():
        os.write(file, b"%d %s\n" % (offset, line))
    os.close(file)
    if offset:
        store.acknowledge(offset)


def handed_out(path: Path) -> list[bytes]:
    """By offset, what the consumer got; the same offset again must bring the same."""
    got: dict[int, bytes] = {}
    for line in Path(f"{path}.out").read_bytes().splitlines():
        offset, _, text = line.partition(b" ")
        assert got.setdefault(int(offset), text) == text
    assert sorted(got) == list(range(1, len(got) + 1))
    return [got[offset] for offset in sorted(got)]


def dying(fuse: int) -> Callable[[str], sqlite3.Connection]:
    """A connection that ends its process when so many statements have begun or pieces of them have been done."""
    left = itertools.count(fuse, -1)

    def burn(*_: object) -> None:
        if next(left) <= 0:
            os._exit(9)

    def connect(path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.set_trace_callback(burn)
        connection.set_progress_handler(burn, 60)
        return connection

    return connect


def life(
    path: Path, program: Program, log: list[Step], dice: random.Random, history: str | None = None
) -> bool:
    """Forks off a process and lets it be killed; whether it came to the end before that."""
    by_itself, seed, steps = dice.random() < 0.7, dice.random(), dice.randint(0, 6)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if by_itself:
                store_file._connect = dying(dice.randint(1, 260))
            live(
                path,
                in_force(path, program, log),
                log,
                random.Random(seed),
                lambda: void(os.write(write, b".")),
                history,
            )
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(write)
    if not by_itself:
        while steps and os.read(read, 1):
            steps -= 1
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(read)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9, -signal.SIGKILL), code
    return code == 0


def void(_: object) -> None:
    """Nothing of it."""


def rounds(dice: random.Random) -> Iterator[tuple[Program, list[Step]]]:
    """The small rules with another log each time, and now and then the shipped ones."""
    small = afterword.compile_ruleset(rules(SMALL), network="plain")
    edited = afterword.compile_ruleset(rules(EDITED), network="plain")
    shipped = afterword.compile_ruleset(afterword.load("after-interview"), network="plain")
    while True:
        log = small_log(dice)
        for program in (edited, small):
            log.insert(dice.randrange(len(log)), program)
        yield small, log
        yield shipped, shipped_log()


def main(folder: Path, seed: int, kills: int) -> int:
    """Kills so many; the status is 1 when something is otherwise than in an undisturbed run."""
    dice, killed = random.Random(seed), 0
    for number, (program, log) in enumerate(rounds(dice)):
        path = folder / f"{number}.db"
        while not life(path, program, log, dice):
            killed += 1
        got, expected = handed_out(path), undisturbed(program, log)
        if got != expected:
            sys.stderr.write(f"round {number} of seed {seed}: {len(got)} transitions, not {len(expected)}\n")
            return 1
        if killed >= kills:
            sys.stdout.write(f"{killed} killed in {number + 1} rounds, {path.stat().st_size} bytes\n")
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
