"""A small language for tests of the timeline: events in, transitions out, one short text each."""

from __future__ import annotations

import datetime as dt
import textwrap
from typing import Any

import afterword
from afterword import Event, Ruleset, Transition

PRELUDE = """
schema: afterword/1
ruleset: office
version: 1.0.0
title: For tests
defaults: {timezone: UTC}
params:
  patience: {type: duration, default: 7 days, title: How long to wait}
events:
  interview.ended: &all
    title: Any event
    fields:
      company: {type: string, unknown: the company}
      purpose: {type: string}
      text: {type: string}
      decision_date: {type: date}
      starts_at: {type: datetime}
      who: {type: string}
      city: {type: string}
  interview.scheduled: *all
  message.drafted: *all
  message.sent: *all
  call.made: *all
  reply.received: *all
  date.stated: *all
  moved.house: *all
  rejection.received: *all
cases:
  opened_by: [interview.scheduled, interview.ended]
  closed_by: [rejection.received]
remember:
  company: {from: [interview.ended, interview.scheduled], field: company, unknown: the company}
  decision_date: {from: [interview.ended, date.stated], field: decision_date}
  city: {from: moved.house, field: city, per: subject}
"""


def rules(text: str, prelude: str = PRELUDE, **params: object) -> Ruleset:
    """The ruleset with these rules."""
    return afterword.load(
        prelude + "rules:\n" + textwrap.indent(textwrap.dedent(text).strip(), "  "), params=params
    )


def at(time: str, type: str, case: str | None = "acme", **data: Any) -> Event:
    """An event: `at("03-02 15:00", "call.made")` in March 2026 UTC; `id`, `zone`, `subject` may be named."""
    attributes = {name: data.pop(name) for name in ("id", "subject", "source", "sequence") if name in data}
    zone = data.pop("zone", None)
    when = dt.datetime.fromisoformat(moment(time))
    return Event(type=type, time=when, case=case, timezone=zone, data=data, **attributes)


def moment(time: str) -> str:
    """`03-02 15:00` as RFC 3339 text in 2026, UTC; a full text stays as it is."""
    if time[4:5] == "-" and "T" in time:
        return time
    day, _, clock = time.partition(" ")
    return f"2026-{day}T{clock or '00:00'}:00+00:00"


def told(transitions: list[Transition]) -> list[str]:
    """Each transition as `03-02 15:00 rule state`, with the case when it is not acme."""
    return [_told(transition) for transition in transitions]


def _told(transition: Transition) -> str:
    case = "" if transition.case == "acme" else f" {transition.case or '-'}"
    return f"{transition.time:%m-%d %H:%M} {transition.rule} {transition.state}{case}"


def play(ruleset: Ruleset, *events: Event, until: str | None = None, **options: Any) -> list[Transition]:
    """What the rules say of these events, by this time (default: the last event's)."""
    return list(afterword.evaluate(ruleset, events, None if until is None else moment(until), **options))
