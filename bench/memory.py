"""Measures the memory that an engine takes while a million events of cases that open and close go through it.

    python bench/memory.py [--events 1000000] [--rules small|after-interview] [--history open-cases|"30 days"|sorted]

The cases of two hundred people open and close over years, forty events a day; every tenth event is late by up to two
days. `sorted` replays the log in the order of time, from a generator. Peak memory is shown at each tenth of the way.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import sys
from collections.abc import Iterator

import afterword
from afterword import Event

SEED = 20260302
PEOPLE = 200
PER_CASE = 10
SPACING = dt.timedelta(minutes=36)
BEGINNING = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
LATE = 0.1

SMALL = """
schema: afterword/1
ruleset: small
version: 1.0.0
events:
  interview.ended: {fields: {company: {type: string}}}
  message.sent: {fields: {purpose: {type: string}}}
  call.made:
  rejection.received:
cases: {opened_by: [interview.ended], closed_by: [rejection.received]}
remember: {company: {from: interview.ended, field: company}}
rules:
  - id: thank-you
    kind: recommendation
    title: Say thank you
    when: {event: interview.ended}
    due: {until: end of next day}
    fulfilled_by: {event: message.sent}
    message: Thank {case.company}.
  - id: too-soon
    kind: warning
    title: Too soon
    when: {event: call.made, count: {at_least: 2, within: 2 days}}
    message: "{count} calls."
"""


def events(count: int) -> Iterator[Event]:
    """In the order of time: an event of somebody's case, which opens with the first and closes with the last."""
    dice = random.Random(SEED)
    taken = [0] * PEOPLE
    for number in range(count):
        person = dice.randrange(PEOPLE)
        case, step = divmod(taken[person], PER_CASE)
        taken[person] += 1
        kinds = {0: "interview.ended", PER_CASE - 1: "rejection.received"}
        yield Event(
            type=kinds.get(step) or dice.choice(["message.sent", "call.made", "message.sent", "other.thing"]),
            time=BEGINNING + number * SPACING,
            id=f"e{number}",
            subject=f"p{person}",
            case=f"c{case}",
            data={"company": f"Company {case}"}
            if step == 0
            else {"purpose": "thank_you"}
            if step == 1
            else {},
        )


def some_late(ordered: Iterator[Event]) -> Iterator[Event]:
    """Holds every tenth back for up to eighty events, which is two days."""
    dice = random.Random(SEED)
    held: dict[int, list[Event]] = {}
    for number, event in enumerate(ordered):
        if dice.random() < LATE:
            held.setdefault(number + dice.randint(1, 80), []).append(event)
        else:
            yield event
        yield from held.pop(number, ())
    for events_held in held.values():
        yield from events_held


def peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def marked(fed: Iterator[Event], count: int, peaks: list[float]) -> Iterator[Event]:
    """The events; notes the peak at each tenth."""
    for number, event in enumerate(fed, 1):
        yield event
        if number % (count // 10) == 0:
            peaks.append(peak())
            sys.stderr.write(f"{number:,} events: {peaks[-1]:.0f} MB\n")


def main() -> None:
    """Prints a row of a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rules", choices=["small", "after-interview"], default="small")
    parser.add_argument("--history", default="open-cases")
    chosen = parser.parse_args()
    rules = afterword.load(SMALL if chosen.rules == "small" else chosen.rules)
    engine = afterword.Engine(rules, history=chosen.history)
    peaks = [peak()]
    told = 0
    if chosen.history == "sorted":
        told = sum(1 for _ in afterword.replay(engine, marked(events(chosen.events), chosen.events, peaks)))
    else:
        for event in marked(some_late(events(chosen.events)), chosen.events, peaks):
            told += len(engine.feed(event))
    row = " | ".join(f"{each:.0f}" for each in peaks)
    sys.stdout.write(f"| {chosen.rules}, {chosen.history} | {told:,} | {row} |\n")


if __name__ == "__main__":
    main()
