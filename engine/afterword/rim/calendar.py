"""An agenda as an iCalendar file, for calendars to subscribe to or import. Needs the extra `ics`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from icalendar import Calendar, Event

from afterword.agenda import AgendaItem
from afterword.days import Days
from afterword.moments import Time, moment
from afterword.ruleset import Ruleset

MEDIA_TYPE = "text/calendar"
"""What HTTP and mail call it."""

_UNBOUNDED = dt.timedelta(hours=1)
"""How long an entry is shown that has no end."""


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""What no text of a calendar may hold (RFC 5545, section 3.3.11), and names in a log may."""


def ics(items: Iterable[AgendaItem], rules: Ruleset, now: Time | None = None) -> bytes:
    """One entry per window, marked as free time; its uid is the advice id, so that an update replaces it.

    `now` is when this was true (default: when each window opens). An item whose window has no beginning is
    left out: there is no day to put it on. Raises `TimeError` for a `now` without an offset, or no time at all.
    """
    stamp = None if now is None else Days().local(moment(now))
    calendar = Calendar()
    calendar.add("prodid", f"-//afterword//{rules.name} {rules.version}//EN")
    calendar.add("version", "2.0")
    for item in items:
        if item.start is not None:
            calendar.add_component(_entry(item, item.start, stamp or item.start))
    return bytes(calendar.to_ical())


def _entry(item: AgendaItem, start: dt.datetime, now: dt.datetime) -> Event:
    entry = Event()
    entry.add("uid", f"{item.advice}@afterword")
    entry.add("dtstamp", now.astimezone(dt.UTC))
    entry.add("dtstart", start.astimezone(dt.UTC))
    entry.add("dtend", (item.until or start + _UNBOUNDED).astimezone(dt.UTC))
    entry.add("summary", _text(item.title if item.case is None else f"{item.title} ({item.case})"))
    entry.add("description", _text(item.message))
    entry.add("categories", [item.status, item.severity])
    entry.add("transp", "TRANSPARENT")
    return entry


def _text(text: str) -> str:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
