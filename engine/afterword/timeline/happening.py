"""What happens to a subject, whatever its source: the log, the clock, or a transition of the engine itself."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from afterword.days import Days
from afterword.events import Event


class Happening(msgspec.Struct, gc=False):
    """An event as the timeline takes it.

    `time` is an instant in microseconds; `ref` names it in `because`; `zone` is the one that it states.
    `identity` is what the ids of the advice that it triggers are made from (S22).
    """

    type: str
    time: int
    subject: str
    case: str | None
    data: Mapping[str, Any]
    ref: str
    identity: str
    id: str | None = None
    source: str | None = None
    zone: str | None = None

    def attributes(self) -> dict[str, Any]:
        """What `event.…` reads; an attribute that the event does not have has no key."""
        found: dict[str, Any] = {"type": self.type, "time": self.time, "subject": self.subject}
        if self.id is not None:
            found["id"] = self.id
        if self.source is not None:
            found["source"] = self.source
        if self.case is not None:
            found["case"] = self.case
        return found


def from_event(event: Event, time: int) -> Happening:
    """An event of the log; `time` is its time as an instant."""
    return of_log(
        event.type,
        event.time,
        time,
        event.subject,
        event.case,
        event.data,
        event.id,
        event.source,
        event.timezone,
    )


def of_log(
    type: str,
    moment: dt.datetime,
    time: int,
    subject: str,
    case: str | None,
    data: Mapping[str, Any],
    id: str | None,
    source: str | None,
    zone: str | None,
) -> Happening:
    """The same from what the event holds; `moment` is its time as it is written."""
    if id is not None:
        return Happening(type, time, subject, case, data, id, f"id\0{source or ''}\0{id}", id, source, zone)
    identity = f"content\0{type}\0{time}\0{content_digest(data)}"
    ref = f"{type}@{moment.isoformat()}"
    return Happening(type, time, subject, case, data, ref, identity, None, source, zone)


def content_digest(data: Mapping[str, Any]) -> str:
    """A digest of a payload that does not depend on the order of its keys."""
    encoded = msgspec.json.encode(data, order="deterministic")
    return hashlib.blake2b(encoded, digest_size=12).hexdigest()


def clock(type: str, time: int, subject: str, case: str | None, date: str, days: Days) -> Happening:
    """`day.passed` or `FACT.passed`, raised by the clock at local midnight (S6)."""
    at = days.local(time).isoformat()
    return Happening(type, time, subject, case, {"date": date}, f"{type}@{at}", f"{type}\0{date}\0{time}")


def transition(
    state: str, time: int, subject: str, case: str | None, data: Mapping[str, Any], number: int
) -> Happening:
    """A transition as an event of its own, `advice.STATE` (S23); `number` counts the transitions of its advice."""
    identity = f"advice.{state}:{data['advice']}\0{time}\0{number}"
    ref = f"advice.{state}:{data['rule']}:{data['advice']}"
    return Happening(f"advice.{state}", time, subject, case, data, ref, identity)
