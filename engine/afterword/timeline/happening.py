"""What happens to a subject, whoever says so: an event of the log, the clock, or a transition of the engine's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from afterword.days import Days
from afterword.events import Event


class Happening:
    """An event as the timeline takes it.

    `time` is an instant in microseconds; `ref` names it in `because`; `zone` is the one that it states.
    """

    __slots__ = ("_identity", "case", "data", "id", "ref", "source", "subject", "time", "type", "zone")

    def __init__(
        self,
        type: str,
        time: int,
        subject: str,
        case: str | None,
        data: Mapping[str, Any],
        *,
        ref: str,
        identity: str | None = None,
        id: str | None = None,
        source: str | None = None,
        zone: str | None = None,
    ) -> None:
        self.type = type
        self.time = time
        self.subject = subject
        self.case = case
        self.data = data
        self.ref = ref
        self._identity = identity
        self.id = id
        self.source = source
        self.zone = zone

    @property
    def identity(self) -> str:
        """What the ids of the advice that it triggers are made from (S22); worked out when one is made."""
        if self._identity is None:
            if self.id is None:
                self._identity = f"content\0{self.type}\0{self.time}\0{content_digest(self.data)}"
            else:
                self._identity = f"id\0{self.source or ''}\0{self.id}"
        return self._identity

    @identity.setter
    def identity(self, identity: str) -> None:
        self._identity = identity

    def attributes(self) -> dict[str, Any]:
        """What `event.…` reads; an attribute that the event does not have has no key."""
        found: dict[str, Any] = {"type": self.type, "time": self.time, "subject": self.subject}
        for name, each in (("id", self.id), ("source", self.source), ("case", self.case)):
            if each is not None:
                found[name] = each
        return found


def from_event(event: Event, time: int) -> Happening:
    """An event of the log; `time` is its time as an instant."""
    ref = event.id or f"{event.type}@{event.time.isoformat()}"
    return Happening(
        event.type,
        time,
        event.subject,
        event.case,
        event.data,
        ref=ref,
        id=event.id,
        source=event.source,
        zone=event.timezone,
    )


def content_digest(data: Mapping[str, Any]) -> str:
    """A digest of a payload that does not depend on the order of its keys."""
    encoded = msgspec.json.encode(data, order="deterministic")
    return hashlib.blake2b(encoded, digest_size=12).hexdigest()


def clock(type: str, time: int, subject: str, case: str | None, date: str, days: Days) -> Happening:
    """`day.passed` or `FACT.passed`, raised by the clock at local midnight (S6)."""
    at = days.local(time).isoformat()
    return Happening(
        type, time, subject, case, {"date": date}, ref=f"{type}@{at}", identity=f"{type}\0{date}\0{time}"
    )


def transition(
    state: str, time: int, subject: str, case: str | None, data: Mapping[str, Any], number: int
) -> Happening:
    """A transition as an event of its own, `advice.STATE` (S23); `number` counts the transitions of its advice."""
    identity = f"advice.{state}:{data['advice']}\0{time}\0{number}"
    ref = f"advice.{state}:{data['rule']}:{data['advice']}"
    return Happening(f"advice.{state}", time, subject, case, data, ref=ref, identity=identity)
