"""Attacks the engine at random until the time is up: nothing that happens on the way may change what is said.

`python tests/attack.py --minutes 10 --seed 1 [--network durable]`. Each round throws a ruleset and a *story*: events
out of order, some of them twice, time that passes in between, rules that are reloaded, the same or edited. The story is
told to an engine that nothing happens to, and again to one that is restored from snapshots, from checkpoints and from
damaged bytes, and through a store whose processes are killed. All have to say the same, step by step. When no rule was
edited and all of the past is kept, what stands after the corrections has to be what the sorted log gives, to the byte.

A round that fails names its seed: `--seed N --rounds 1` is that round again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import afterword
from afterword import Engine, Event, Program, SnapshotError, Transition, corrected
from afterword.evaluation import replay_typed
from afterword.events import from_mapping, order_key
from afterword.history import SORTED
from afterword.typed import Typed
from killing import Step, handed_out, life
from throws import AS_OF, Dice, a_pattern, a_window, an_event, ruleset_of, some_rules

NetworkKind = Literal["durable", "plain"]

END = dt.datetime.fromisoformat(AS_OF)
HISTORIES = ["all", "all", "all", "open-cases", "1 day", "3 days", "sorted"]


class DifferenceError(AssertionError):
    """Something came out otherwise than it should."""


def same(got: object, expected: object, what: str) -> None:
    """Raises `DifferenceError`, which shows the first place where the two part."""
    if got == expected:
        return
    detail = f"{got!r}\n  instead of {expected!r}"
    if isinstance(got, list) and isinstance(expected, list):
        pairs = zip([*got, "(nothing)"], [*expected, "(nothing)"], strict=False)
        detail = next((f"{a!r}\n  instead of {b!r}" for a, b in pairs if a != b), detail)
    raise DifferenceError(f"{what}: {detail}")


# --- what is told


class Story:
    """What happens to an engine from its first event to the end, and the rules that it begins with."""

    def __init__(self, dice: Dice, network: NetworkKind) -> None:
        self.network = network
        self.rules, first = some_ruleset(dice)
        self.program = afterword.compile_ruleset(first, network=network)
        self.history = dice.choice(HISTORIES)
        self.log = list(some_events(dice))
        self.edits = 0
        self.steps = list(self._steps(dice))

    def _steps(self, dice: Dice) -> Iterator[Step]:
        """The log as it arrives, and what comes between."""
        arriving = arrival(dice, self.log)
        clock = dt.datetime(2026, 2, 27, tzinfo=dt.UTC)
        edited = dice.random() < 0.4
        for event in arriving:
            if dice.random() < 0.1:
                clock = min(clock + dt.timedelta(hours=dice.randint(0, 60)), END)
                yield clock.isoformat()
            clock = max(clock, event.time)
            yield event
            if edited and dice.random() < 0.08:
                yield self._edited(dice)
        yield AS_OF

    def _edited(self, dice: Dice) -> Program:
        rules = [dict(each) for each in self.rules]
        for _ in range(dice.randint(0, 3)):
            edit(dice, rules)
        try:
            ruleset = ruleset_of(rules)
        except afterword.RulesetError:
            return self._edited(dice)
        self.edits += ruleset.digest != self.program.ruleset.digest
        self.rules = rules
        return afterword.compile_ruleset(ruleset, network=self.network)


def some_ruleset(dice: Dice) -> tuple[list[dict[str, Any]], afterword.Ruleset]:
    """Rules as they are written, and as they are loaded."""
    while True:
        rules = some_rules(dice)
        try:
            return rules, ruleset_of(rules)
        except afterword.RulesetError as error:
            same({problem.code for problem in error.problems}, {"rule-cycle"}, "random rules")


def edit(dice: Dice, rules: list[dict[str, Any]]) -> None:
    """One edit as somebody might make it."""
    rule = dice.choice(rules)
    what = dice.choice(["window", "gone", "renamed", "pattern", "cooldown", "repeat", "kind", "order"])
    match what:
        case "window" if rule["kind"] == "recommendation":
            rule["due"] = a_window(dice)["due"]
        case "gone" if len(rules) > 1:
            rules.remove(rule)
        case "renamed":
            rule["renamed_from"] = sorted({*rule.get("renamed_from", []), rule["id"]})
            rule["id"] = f"n{dice.randrange(1000)}"
        case "pattern":
            rule["when"] = a_pattern(dice)
        case "cooldown":
            rule.pop("cooldown", None)
        case "repeat":
            rule.pop("repeat", None)
        case "kind" if rule["kind"] == "recommendation":
            rule["kind"] = "warning"
            for name in ("due", "again", "fulfilled_by", "cancelled_by", "repeat"):
                rule.pop(name, None)
        case _:
            dice.shuffle(rules)


def some_events(dice: Dice) -> Iterator[Event]:
    """A log, in no order."""
    for number in range(dice.choice([5, 15, 30, 60])):
        read = from_mapping(an_event(dice, number))
        if isinstance(read, Event):
            yield read


def arrival(dice: Dice, log: list[Event]) -> list[Event]:
    """The events as they come: in order, a little late, or shuffled; those that have an id more than once."""
    how = dice.choice(["in order", "late", "late", "shuffled"])
    found = sorted(log, key=order_key)
    if how == "shuffled":
        dice.shuffle(found)
    elif how == "late":
        for _ in range(len(found) // 3):
            event = found.pop(dice.randrange(len(found)))
            found.insert(min(len(found), dice.randrange(len(found) + 1) + dice.randint(0, 8)), event)
    for event in [each for each in log if each.id is not None and dice.random() < 0.3]:
        found.insert(dice.randint(found.index(event), len(found)), event)
    return found


# --- how it is told


def plainly(story: Story) -> list[list[Transition]]:
    """What an engine says, step by step, that nothing else happens to."""
    engine = Engine(story.program, history=story.history)
    return [taken(engine, step) for step in story.steps]


def taken(engine: Engine, step: Step) -> list[Transition]:
    """What a step brings."""
    if isinstance(step, Event):
        return engine.feed(step)
    return engine.advance(step) if isinstance(step, str) else engine.reload(step)


class Victim:
    """An engine that dies between any two steps, and goes on from what was kept of it."""

    def __init__(self, story: Story, dice: Dice) -> None:
        self.dice = dice
        self.program = story.program
        self.engine = Engine(story.program, history=story.history)
        self.head = b""
        self.rows: dict[str, bytes] = {}
        self.done: Counter[str] = Counter()

    def take(self, step: Step) -> list[Transition]:
        """Takes a step, after whatever happens before it."""
        self.keep()
        happens = self.dice.choice(["snapshot", "parts", "reload", "damage", "asked", *["nothing"] * 5])
        self.done[happens] += 1
        match happens:
            case "snapshot":
                self.engine = Engine.restore(self.program, self.engine.snapshot())
            case "parts":
                self.engine = Engine.from_parts(self.program, self.head, self.rows.values())
            case "reload":
                self.reload_the_same()
            case "damage":
                self.refuse_damaged()
            case "asked":
                self.ask(step)
        if isinstance(step, Program):
            return self.edit(step)
        return taken(self.engine, step)

    def keep(self) -> None:
        """Keeps what a checkpoint gives, as a store does."""
        self.head, changed = self.engine.checkpoint()
        for subject, entry in changed.items():
            if entry is None:
                self.rows.pop(subject, None)
            else:
                self.rows[subject] = entry

    def reload_the_same(self) -> None:
        """Rules that are not edited change nothing."""
        same(self.engine.reload(self.program), [], "reload of the same rules")

    def edit(self, program: Program) -> list[Transition]:
        """Edited rules are reloaded, or found by a process that starts: the same comes of it."""
        self.program = program
        how = self.dice.choice(["reload", "snapshot", "parts"])
        if how == "reload" or self.engine.clock is None:
            return self.engine.reload(program)
        if how == "snapshot":
            self.engine = Engine.restore(program, self.engine.snapshot())
        else:
            self.engine = Engine.from_parts(program, self.head, self.rows.values())
        for _ in range(self.dice.randrange(3)):  # and dies again before anything happens
            self.keep()
            self.engine = Engine.restore(program, self.engine.snapshot())
        assert self.engine.clock is not None
        return self.engine.advance(self.engine.clock)

    def refuse_damaged(self) -> None:
        """Bytes that were cut short or changed are refused, whole snapshots and checkpoints alike."""
        good = self.engine.snapshot()
        for bad in (damaged(self.dice, good), damaged(self.dice, good), b"", good[:-1], good + b"\0"):
            refused(lambda bad=bad: Engine.restore(self.program, bad))  # type: ignore[misc]
        refused(lambda: Engine.from_parts(self.program, damaged(self.dice, self.head), self.rows.values()))
        self.engine = Engine.restore(self.program, good)

    def ask(self, step: Step) -> None:
        """Questions change nothing."""
        before = self.engine.snapshot()
        for item in self.engine.agenda():
            if item.status != "coming":
                self.engine.explain(item.advice)
        if isinstance(step, Event):
            expected = Engine.restore(self.program, before).feed(step)
            said = self.engine.preview(step)
            same(said, [each for each in expected if each.subject == step.subject], "preview")
            if step.id is not None:
                self.engine.explain_event(step.id)
        same(self.engine.snapshot(), before, "the state after questions")


def damaged(dice: Dice, good: bytes) -> bytes:
    """Cut short, with a bit turned, or with a piece that stands twice."""
    place = dice.randrange(len(good))
    match dice.choice(["cut", "bit", "twice"]):
        case "cut":
            return good[:place]
        case "bit":
            return good[:place] + bytes([good[place] ^ (1 << dice.randrange(8))]) + good[place + 1 :]
        case _:
            return good[: place + 1] + good[dice.randrange(place + 1) :]


def refused(work: Any) -> None:
    """Raises `DifferenceError` unless the work ends in a `SnapshotError`."""
    try:
        work()
    except SnapshotError:
        return
    raise DifferenceError("damaged bytes were taken")


def killed(folder: Path, story: Story, dice: Dice) -> tuple[list[bytes], int]:
    """What comes out of a store whose processes are killed until the story is told, and how many were."""
    path, number = folder / "killed.db", 0
    while not life(path, story.program, story.steps, dice, story.history):
        number += 1
    return handed_out(path), number


def in_blocks(story: Story, dice: Dice) -> list[bytes]:
    """The sorted log, read in blocks, in which what can change nothing is passed over."""
    engine = Engine(story.program, history=SORTED)
    log, size = sorted(story.log, key=order_key), dice.randint(1, 20)

    def blocks(typed: Typed) -> Iterator[list[Any]]:
        for at in range(0, len(log), size):
            some = log[at : at + size]
            lines = b"".join(line(event) + b"\n" for event in some)
            found = typed.block(lines)
            if found is None:
                typed.learn(event.type for event in some)
            yield some if found is None else found

    return [each.as_json() for each in replay_typed(engine, blocks, AS_OF)]


def line(event: Event) -> bytes:
    """An event as a line of a log."""
    names = ("id", "subject", "case", "source", "sequence", "timezone", "data")
    told = {name: value for name in names if (value := getattr(event, name)) is not None}
    return json.dumps({"type": event.type, "time": event.time.isoformat(), **told}).encode()


# --- rounds


def attack(seed: int, network: NetworkKind, folder: Path, kill: float = 0.1) -> Counter[str]:
    """One round; raises `DifferenceError`. What was done, counted."""
    dice = random.Random(seed)
    story = Story(dice, network)
    expected = plainly(story)
    victim = Victim(story, dice)
    for number, step in enumerate(story.steps):
        same(victim.take(step), expected[number], f"step {number}, {step!r}")
    said = [each for step in expected for each in step]
    done = Counter(rounds=1, steps=len(story.steps), edits=story.edits) + victim.done
    if story.history == "all" and not story.edits:
        done["held against the sorted log"] += 1
        sorted_log = afterword.evaluate(story.program, story.log, AS_OF)
        same([*map(standing, corrected(said))], [*map(standing, sorted_log)], "corrections")
    alone = [each.as_json() for each in afterword.evaluate(story.program, story.log, AS_OF)]
    same(in_blocks(story, dice), alone, "blocks")
    if dice.random() < kill:
        out, kills = killed(folder, story, dice)
        same(out, [each.as_json() for each in said], "store")
        done["kills"] += kills
    return done


def standing(transition: Transition) -> bytes:
    """As it would have been said if nothing had come late."""
    return json.dumps({**transition.as_dict(), "replaces": None}).encode()


def seeds(first: int, rounds: int | None, until: float) -> Iterator[int]:
    """One after the other, until there were so many or the time is up."""
    number = first
    while time.monotonic() < until and (rounds is None or number < first + rounds):
        yield number
        number += 1


def main() -> int:
    """Attacks; the status is 1 when something was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--network", choices=["plain", "durable"], default="plain")
    parser.add_argument(
        "--kill", type=float, default=0.1, help="the share of rounds with processes that are killed"
    )
    chosen = parser.parse_args()
    done: Counter[str] = Counter()
    found = 0
    for seed in seeds(chosen.seed, chosen.rounds, time.monotonic() + 60 * chosen.minutes):
        with tempfile.TemporaryDirectory() as folder:
            try:
                done += attack(seed, chosen.network, Path(folder), chosen.kill)
            except Exception as error:
                found += 1
                sys.stdout.write(f"seed {seed}: {type(error).__name__}: {error}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{found} found; " + ", ".join(f"{n:,} {what}" for what, n in done.items()) + "\n")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
