"""The loops that one would write by hand instead: they count what the rules say, and nothing else.

No duplicate is noticed, no line is doubted, nothing is explained and nothing can be asked afterwards.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Line(msgspec.Struct, gc=False):
    """What merely decoding a line means."""

    type: str
    time: datetime
    id: str
    subject: str
    case: str
    data: dict[str, Any]


decode = msgspec.json.Decoder(Line).decode


def classify(lines: Iterable[bytes], rules: list[tuple[str, str, int | None]]) -> int:
    """`rules` are a type, a purpose, and what `size` must be above."""
    by_type: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    for type_, purpose, above in rules:
        by_type[type_].append((purpose, above))
    said = 0
    for line in lines:
        event = decode(line)
        wanted = by_type.get(event.type)
        if wanted is None:
            continue
        purpose, size = event.data.get("purpose"), event.data.get("size")
        for each, above in wanted:
            if purpose == each and (above is None or (size is not None and size > above)):
                said += 1
    return said


@dataclass(slots=True)
class Case:
    """What has to be kept of one case."""

    note: datetime | None = None
    call: tuple[datetime, datetime] | None = None
    met: datetime | None = None
    due: bool = False
    day: str | None = None
    calls: deque[datetime] | None = None


class Timed:
    """The three rules about meetings, by hand."""

    def __init__(self) -> None:
        self.said = 0
        self._cases: dict[str, Case] = {}
        self._heap: list[tuple[datetime, str]] = []

    def run(self, lines: Iterable[bytes]) -> int:
        """How many transitions there are by the last event."""
        heap, cases = self._heap, self._cases
        for line in lines:
            event = decode(line)
            while heap and heap[0][0] <= event.time:
                time, name = heapq.heappop(heap)
                self._expire(cases[name], name, time)
            handler = _HANDLERS.get(event.type)
            if handler is not None:
                case = cases.get(event.case)
                if case is None:
                    case = cases[event.case] = Case()
                handler(self, case, event)
        return self.said

    def _wake(self, name: str, time: datetime) -> None:
        heapq.heappush(self._heap, (time, name))

    def _expire(self, case: Case, name: str, now: datetime) -> None:
        if case.note is not None and case.note <= now:
            case.note = None
            self.said += 1
        if case.call is None:
            return
        start, end = case.call
        if end <= now:
            case.call = None
            self.said += 1
        elif not case.due and start <= now:
            case.due = True
            self.said += 1
            self._wake(name, end)

    def met(self, case: Case, event: Line) -> None:
        """A meeting ended."""
        now = event.time
        if case.note is None:
            case.note = now.replace(hour=0, minute=0, second=0, microsecond=0) + 2 * DAY
            self.said += 1
            self._wake(event.case, case.note)
        if case.call is None:
            case.met, case.due = now, False
            case.call = start, end = self._window(case)
            if end <= now:
                case.call = None
            else:
                case.due = start <= now
                self._wake(event.case, end if case.due else start)
            self.said += 1

    def _window(self, case: Case) -> tuple[datetime, datetime]:
        assert case.met is not None
        start = case.met + WEEK
        if case.day is not None:
            start = datetime.fromisoformat(case.day).replace(tzinfo=case.met.tzinfo) + DAY
        return start, start + 3 * DAY

    def sent(self, case: Case, _: Line) -> None:
        """A note was sent."""
        if case.note is not None:
            case.note = None
            self.said += 1

    def stated(self, case: Case, event: Line) -> None:
        """A day was stated, or another one."""
        case.day = event.data["day"]
        if case.call is None:
            return
        before, case.call = case.call, self._window(case)
        if case.call == before:
            return
        self.said += 1
        start, end = case.call
        if case.due and start > event.time:
            case.due = False
        if end <= event.time:
            case.call = None
            self.said += 1
        elif not case.due and start <= event.time:
            case.due = True
            self.said += 1
        if case.call is not None:
            self._wake(event.case, end if case.due else start)

    def replied(self, case: Case, _: Line) -> None:
        """They replied."""
        if case.call is not None:
            case.call = None
            self.said += 1

    def called(self, case: Case, event: Line) -> None:
        """A call was made."""
        calls = case.calls
        if calls is None:
            calls = case.calls = deque()
        calls.append(event.time)
        while calls[0] + WEEK <= event.time:
            calls.popleft()
        if len(calls) >= 3:
            self.said += 1


_HANDLERS = {
    "meeting.ended": Timed.met,
    "note.sent": Timed.sent,
    "day.stated": Timed.stated,
    "reply.received": Timed.replied,
    "call.made": Timed.called,
}
