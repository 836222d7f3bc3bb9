"""What is measured: logs with a fixed seed, and the rules that are held against them."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator

import afterword

SEED = 20260302
KINDS = 20
"""How many event types rules name."""
UNNAMED = 0.3
"""The share of events of types that no rule names."""
EVENTS_PER_CASE = 10
CASES_PER_SUBJECT = 5
OPEN_AT_ONCE = 2_000
"""How many cases are under way at any time, unless a log is made otherwise."""
PURPOSES = 1_000
SPACING = dt.timedelta(seconds=40)
BEGINNING = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)

CLASSIFIED = [f"kind.k{number}" for number in range(KINDS)]
TIMED = ["meeting.ended", "note.sent", "day.stated", "reply.received", "call.made"]
UNHEARD = [f"other.o{number}" for number in range(20)]


def log(events: int, types: list[str], open_at_once: int = OPEN_AT_ONCE) -> Iterator[bytes]:
    """Lines in the order of time: ten events a case, a few thousand cases under way at once."""
    dice = random.Random(SEED)
    under_way = [[number, 0] for number in range(min(open_at_once, max(1, events // EVENTS_PER_CASE)))]
    begun = len(under_way)
    for number in range(events):
        place = dice.randrange(len(under_way))
        case, taken = under_way[place]
        kind = dice.choice(UNHEARD) if dice.random() < UNNAMED else dice.choice(types)
        data: dict[str, object] = {"purpose": f"p{dice.randrange(PURPOSES)}", "size": dice.randrange(100)}
        time = BEGINNING + number * SPACING
        if kind == "day.stated":
            data["day"] = (time + dt.timedelta(days=dice.randrange(1, 10))).date().isoformat()
        yield json.dumps(
            {
                "type": kind,
                "time": time.isoformat(),
                "id": f"e{number}",
                "subject": f"s{case // CASES_PER_SUBJECT}",
                "case": f"c{case}",
                "data": data,
            }
        ).encode()
        under_way[place][1] = taken + 1
        if taken + 1 == EVENTS_PER_CASE:
            under_way[place] = [begun, 0]
            begun += 1


def classified(count: int) -> list[tuple[str, str, int | None]]:
    """Rules about one event each: a type, a purpose and, for every other rule, what `size` must be above."""
    return [
        (CLASSIFIED[number % KINDS], f"p{number * 7 % PURPOSES}", number % 97 if number % 2 else None)
        for number in range(count)
    ]


def classify(count: int) -> afterword.Ruleset:
    """The same as a ruleset."""
    rules = []
    for number, (type_, purpose, above) in enumerate(classified(count)):
        where: dict[str, object] = {"purpose": purpose}
        if above is not None:
            where["size"] = {"gt": above}
        rules.append(
            {
                "id": f"r{number}",
                "kind": "warning",
                "title": "T",
                "when": {"event": type_, "where": where},
                "message": "M",
            }
        )
    return afterword.load(_text(CLASSIFIED, rules))


def timed() -> afterword.Ruleset:
    """The rules of `timed_text`."""
    return afterword.load(timed_text())


def timed_text() -> str:
    """A window to the end of the next day with fulfilment, one from a stated day or after 7 days that a reply
    cancels, and a count of 3 in a sliding week."""
    rules = [
        {
            "id": "note",
            "kind": "recommendation",
            "title": "T",
            "when": {"event": "meeting.ended"},
            "due": {"until": "end of next day"},
            "fulfilled_by": {"event": "note.sent"},
            "message": "M",
        },
        {
            "id": "call",
            "kind": "recommendation",
            "title": "T",
            "when": {"event": "meeting.ended"},
            "due": {
                "from": {"first_known": [{"field": "case.stated_day", "plus": "1 day"}, {"plus": "7 days"}]},
                "until": {"plus": "3 days"},
            },
            "cancelled_by": {"event": "reply.received"},
            "message": "M",
        },
        {
            "id": "badgering",
            "kind": "warning",
            "title": "T",
            "when": {"event": "call.made", "count": {"at_least": 3, "within": "7 days"}},
            "message": "M",
        },
    ]
    return _text(TIMED, rules, "remember: {stated_day: {from: day.stated, field: day}}\n")


def _text(types: list[str], rules: list[dict[str, object]], more: str = "") -> str:
    fields = {"purpose": {"type": "string"}, "size": {"type": "integer"}, "day": {"type": "date"}}
    events = {name: {"fields": fields if name == "day.stated" else _plain(fields)} for name in types}
    return (
        "schema: afterword/1\nruleset: bench\nversion: 1.0.0\n"
        f"events: {json.dumps(events)}\n{more}rules: {json.dumps(rules)}"
    )


def _plain(fields: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {name: field for name, field in fields.items() if name != "day"}
