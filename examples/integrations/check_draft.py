"""A mail client's "check my draft": what to think over before sending, with the words to underline.

The engine is asked and not fed (`preview`): a draft that is checked ten times was not written ten times, and one
that is never sent leaves no trace. What is sent is fed, as `message.sent`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any, NamedTuple

import afterword


class Underline(NamedTuple):
    """A stretch of the text, `[start, end)`, counted in UTF-16 units as JavaScript and Windows do."""

    start: int
    end: int


class Note(NamedTuple):
    """One thing to think over; without underlines it concerns the whole message."""

    title: str
    message: str
    severity: str
    underlines: tuple[Underline, ...]


def check_draft(
    engine: afterword.Engine,
    draft: EmailMessage,
    *,
    subject: str,
    now: dt.datetime,
    case: str | None = None,
    **known: str,
) -> list[Note]:
    """What the rules would say of the draft if it were sent as it is. The engine stays as it was.

    `known` is what the client knows besides the text: its `purpose`, its `recipient`.
    """
    event = as_event(
        "message.drafted", draft, subject=subject, now=_not_before(engine, now), case=case, **known
    )
    text = event["data"]["text"]
    return [
        Note(each.title, each.message, each.severity, tuple(underlines(text, each)))
        for each in engine.preview(event)
        if each.kind == "warning" and each.state == "raised"  # and not what time alone brings
    ]


def as_event(
    type_: str, mail: EmailMessage, *, subject: str, now: dt.datetime, case: str | None, **known: str
) -> dict[str, Any]:
    """A mail as an event: a draft, or, with its Message-ID to tell doubles, one that was sent."""
    body = mail.get_body(("plain",))
    to = [address.addr_spec for address in getattr(mail["to"], "addresses", ())]
    return {
        "type": type_,
        "time": now,
        "id": str(mail["message-id"]) if mail["message-id"] else None,
        "subject": subject,
        "case": case,
        "data": {"text": body.get_content() if body else "", "to": to, "medium": "email", **known},
    }


def underlines(text: str, warning: afterword.Transition) -> Iterator[Underline]:
    """Where to underline. The engine counts code points; an emoji before the place makes a difference."""
    for spot in warning.matched:
        if spot.field == "text":
            yield Underline(_units(text[: spot.start]), _units(text[: spot.end]))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _not_before(engine: afterword.Engine, now: dt.datetime) -> dt.datetime:
    return now if engine.clock is None else max(now, engine.clock)
