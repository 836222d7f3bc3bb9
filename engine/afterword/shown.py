"""Conditions with the values that they saw, events and instants, as explanations show them (P6)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import msgspec

from afterword import meaning, wording
from afterword.calendar_tests import CALENDAR_TESTS
from afterword.conditions import EVENT_TIME, All, AnyOf, Condition, FieldTest, Not, Ref
from afterword.days import Days
from afterword.meaning import Scene, moment_tested
from afterword.values import MISSING

_SHOWN_TEXT = 200
_TRANSITION = re.compile(r"(advice\.[a-z]+):([^:]+):[0-9a-f]+")


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """One condition with the value that it saw. `all`, `any` and `not` hold further parts."""

    what: str
    holds: bool
    test: str = ""
    saw: Any = msgspec.UNSET
    """The value; absent when there was none."""
    parts: tuple[Shown, ...] = ()
    local: str = ""
    """What the calendar or the clock of the case shows for it, where the test asks that: `a Sunday`, `at 18:30`."""

    def lines(self, indent: str = "") -> list[str]:
        """The condition as indented text."""
        mark = "yes" if self.holds else "no "
        if self.test:
            saw = "it is missing" if self.saw is msgspec.UNSET else f"it is {_short(self.saw)}"
            saw += f", {self.local}" if self.local else ""
            return [f"{indent}{mark}  {self.what} {self.test}: {saw}"]
        inner = [line for part in self.parts for line in part.lines(indent + "  ")]
        return [f"{indent}{mark}  {self.what} of:", *inner]


def show(condition: Condition, scene: Scene) -> Shown:
    """A condition tree with what each test saw."""
    holds = meaning.holds(condition, scene)
    match condition:
        case FieldTest(ref):
            saw = MISSING if ref is None else meaning.value(ref, scene)
            local = _local(condition, saw, scene.days)
            if ref == EVENT_TIME and isinstance(saw, int):
                saw = local_text(saw, scene.days)
            test = wording.test(condition)
            if isinstance(condition.operand, Ref):
                found = meaning.value(condition.operand, scene)
                test += " (missing)" if found is MISSING else f" ({_short(found)})"
            given = msgspec.UNSET if saw is MISSING else saw
            return Shown(wording.subject(condition), holds, test, given, local=local)
        case All(parts):
            return Shown("all", holds, parts=tuple(show(part, scene) for part in parts))
        case AnyOf(parts):
            return Shown("any", holds, parts=tuple(show(part, scene) for part in parts))
        case Not(part):
            return Shown("none", holds, parts=(show(part, scene),))


def event_name(ref: str) -> str:
    """An event as people call it; a transition by its rule and state, not by the digest of its advice."""
    own = _TRANSITION.fullmatch(ref)
    return f"{own[1]} of {own[2]}" if own is not None else ref


def named(ref: str, event_type: str) -> str:
    """The same with its type, which is the name of an event that has no id."""
    name = event_name(ref)
    if ref.startswith(f"{event_type}@"):
        return event_type
    return name if name.startswith(f"{event_type} of ") else f"{name} ({event_type})"


def local_text(instant: int | None, days: Days) -> str | None:
    """An instant as RFC 3339 text."""
    return None if instant is None else days.local(instant).isoformat()


def _local(test: FieldTest, saw: object, days: Days) -> str:
    """What a date or an instant is for a test of calendars and clocks; nothing for another test."""
    moment = moment_tested(test, saw) if test.op in CALENDAR_TESTS else None
    if moment is None:
        return ""
    if test.op == "time_of_day":
        return f"at {days.local(moment):%H:%M}" if isinstance(moment, int) else ""
    date = moment if isinstance(moment, dt.date) else days.local(moment).date()
    is_free = test.op == "business_day" and not days.is_business_day(date.toordinal())
    return (
        "a holiday" if is_free and date.weekday() not in days.weekend else f"a {wording.WEEK[date.weekday()]}"
    )


def _short(value: object) -> str:
    text = wording.value(value)
    return text if len(text) <= _SHOWN_TEXT else text[: _SHOWN_TEXT - 1] + "…"
