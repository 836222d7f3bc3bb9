"""What the plain reading of the rule language is made of: calendars, what was heard, what is remembered, advice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from afterword import Event, Ruleset
from afterword.conditions import FieldTest, Ref
from afterword.dates import as_date
from afterword.days import Days, days_of, instant
from afterword.duration import Duration
from afterword.meaning import Scene, parsed_moment, value
from afterword.ruleset import Defaults, FieldType, Moment, Rule

Time = dt.datetime
DAY = dt.timedelta(days=1)
FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)
INSTANT = dt.timedelta(microseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
USER_WORDS = ("advice.dismissed", "advice.snoozed", "advice.reopened")
ENDED = frozenset({"fulfilled", "missed", "cancelled", "raised", "kept quiet", "gone"})


class Told(NamedTuple):
    """One transition, without ids and texts; times as they are written in the zone of the advice (S21)."""

    state: str
    time: str
    window: tuple[str | None, str | None] | None
    because: tuple[str, ...]
    cause: tuple[tuple[str, str], ...]


Life = tuple[str, str, str, tuple[Told, ...]]
"""All that was told of one advice, after its rule, its subject and its case (empty: about the subject)."""


class Calendar:
    """Days where somebody is: wall-clock arithmetic, done anew each time (S9, S10)."""

    def __init__(self, zone: str, defaults: Defaults) -> None:
        self.zone, self.defaults = zone, defaults
        self.days: Days = days_of(defaults, zone)  # for the tests of single fields

    def wall(self, time: Time) -> dt.datetime:
        return time.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def time(self, wall: dt.datetime) -> Time:
        """In a gap the offset before it counts, which moves on by the gap; of two equal times the first."""
        return wall.replace(tzinfo=ZoneInfo(self.zone), fold=0).astimezone(dt.UTC)

    def written(self, time: Time | None) -> str | None:
        return None if time is None else time.astimezone(ZoneInfo(self.zone)).isoformat()

    def date(self, time: Time) -> dt.date:
        return self.wall(time).date()

    def start_of(self, date: dt.date) -> Time:
        return self.time(dt.datetime.combine(date, dt.time()))

    def at(self, time: Time, minutes: int) -> Time:
        return self.time(dt.datetime.combine(self.date(time), dt.time()) + dt.timedelta(minutes=minutes))

    def aligned(self, time: Time, how: str) -> Time:
        later = (how.startswith("end")) + ("next" in how)
        date = self.date(time)
        if how.endswith("day"):
            return self.start_of(date + later * DAY)
        for _ in range(later):
            date = date.replace(day=1) + 31 * DAY  # in the next month, whatever the length of this one
        return self.start_of(date.replace(day=1))

    def moved(self, time: Time, by: Duration, sign: int = 1) -> Time:
        """Months, then days, then business days, all on the wall clock; the rest as it passes."""
        if by.months or by.days or by.business_days:
            wall = _months_on(self.wall(time), sign * by.months) + sign * by.days * DAY
            for _ in range(by.business_days):
                wall += sign * DAY
                while not self.is_business_day(wall.date()):
                    wall += sign * DAY
            time = self.time(wall)
        return time + sign * dt.timedelta(microseconds=by.microseconds)

    def is_business_day(self, date: dt.date) -> bool:
        from holidays import country_holidays  # noqa: PLC0415 - slow to import

        if date.weekday() in self.defaults.weekend or date.isoformat() in self.defaults.holidays:
            return False
        codes = [code.partition("-") for code in self.defaults.holidays if as_date(code) is None]
        return not any(
            date in country_holidays(land, subdiv=part or None, years=date.year) for land, _, part in codes
        )

    def passes(self, test: FieldTest, tested: object) -> bool:
        """What `weekday`, `business_day` and `time_of_day` say of a date or a moment (S13)."""
        wall = self._shown(tested, test)
        if wall is None:
            return False
        if test.op == "weekday":
            wanted = [test.operand] if isinstance(test.operand, str) else test.operand
            return f"{wall:%a}".lower() in wanted
        if test.op == "business_day":
            return self.is_business_day(wall.date()) == test.operand
        hour = dt.timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)
        start, end = (dt.timedelta(hours=int(at[:2]), minutes=int(at[3:])) for at in test.operand)
        if end <= start:  # it is over on the day after
            end, hour = end + DAY, hour if start <= hour else hour + DAY
        return start <= hour < end

    def _shown(self, tested: object, test: FieldTest) -> dt.datetime | None:
        """What calendar and clock show at a date or a moment of the type that was declared."""
        if test.ref == Ref("event", ("time",)):
            return self.wall(EPOCH + tested * INSTANT)
        if not isinstance(tested, str):
            return None
        try:
            if test.type == "date":
                return dt.datetime.strptime(tested, "%Y-%m-%d")
            return self.wall(dt.datetime.strptime(tested, "%Y-%m-%dT%H:%M:%S%z"))
        except ValueError:
            return None


def _months_on(wall: dt.datetime, months: int) -> dt.datetime:
    """The same day of another month, or the last one of a shorter month."""
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    for day in range(wall.day, 27, -1):
        try:
            return wall.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return wall.replace(year=year, month=month + 1)


@dataclass(eq=False)
class Happening:
    """Something that happened: in a log, by the clock (S6), or because an advice changed its state (S23)."""

    type: str
    time: Time
    name: str
    case: str
    data: Mapping[str, object]
    attributes: Mapping[str, object]
    zone: str | None = None


@dataclass(eq=False)
class Heard:
    """A happening as one case heard it, with what was known at that moment."""

    happening: Happening
    scene: Scene
    calendar: Calendar


@dataclass(eq=False)
class Scope:
    """What is remembered of a case while it is open, or of the subject (its name is empty)."""

    name: str
    open: bool = False
    zone: str | None = None
    facts: dict[str, object] = field(default_factory=dict)
    stated: dict[str, Happening] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    passed: dict[str, str] = field(default_factory=dict)

    quiet_until: dict[str, Time] = field(default_factory=dict)

    def forget(self, but_facts: bool = False) -> None:
        self.heard, self.passed, self.quiet_until = [], {}, {}
        if not but_facts:
            self.zone, self.facts, self.stated = None, {}, {}


@dataclass(eq=False)
class Advice:
    """One advice and its life so far."""

    rule: Rule
    scope: Scope
    heard: Heard
    time: Time
    calendar: Calendar
    because: list[str]
    occurrence: int = 0
    start: Time | None = None
    end: Time | None = None
    state: str = ""
    snoozed_until: Time | None = None
    hushes_until: Time | None = None
    held_by: Advice | None = None
    held_until: Time | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED


@dataclass(eq=False)
class Series:
    """The repeats that one trigger began."""

    rule: Rule
    scope: Scope
    heard: Heard
    calendar: Calendar
    because: list[str]
    done: int = 1
    over: bool = False

    @property
    def kind(self) -> str:
        return self.heard.happening.type

    def next(self) -> Time | None:
        """Each comes `every` later than the trigger, at the wall-clock time if one is given."""
        repeat = self.rule.repeat
        if repeat is None or self.over or (repeat.at_most is not None and self.done >= repeat.at_most):
            return None
        time = self.calendar.moved(self.heard.happening.time, repeat.every.times(self.done))
        return time if repeat.at is None else self.calendar.at(time, repeat.at)


def resolved(moment: Moment, anchor: Time | None, scene: Scene, calendar: Calendar) -> Time | None:
    """A point in time: the field or the anchor, then plus, minus, alignment and wall-clock time (S9)."""
    time = anchor
    if moment.base is not None:
        time = as_time(parsed_moment(value(moment.base, scene), moment.base), calendar)
    if time is None:
        return None
    if moment.plus is not None:
        time = calendar.moved(time, moment.plus)
    if moment.minus is not None:
        time = calendar.moved(time, moment.minus, -1)
    if moment.align is not None:
        time = calendar.aligned(time, moment.align)
    return time if moment.at is None else calendar.at(time, moment.at)


def first_known(
    moments: Iterable[Moment], anchor: Time | None, scene: Scene, calendar: Calendar
) -> Time | None:
    """The first that can be told now (S11)."""
    times = (resolved(moment, anchor, scene, calendar) for moment in moments)
    return next((time for time in times if time is not None), None)


def as_time(parsed: dt.date | int | None, calendar: Calendar) -> Time | None:
    """A day counts as its beginning."""
    if isinstance(parsed, int):
        return EPOCH + dt.timedelta(microseconds=parsed)
    return None if parsed is None else calendar.start_of(parsed)


def facts_of(rule: Rule) -> list[Ref]:
    """The facts on which the window of a rule hangs."""
    bases = [moment.base for moment in (*rule.due.start, *(rule.due.end or ()))]
    return [base for base in bases if base is not None and base.root in ("case", "subject")]


def inhibitors_first(rules: Iterable[Rule]) -> list[Rule]:
    """In the order of the file, but a rule that inhibits comes before those it inhibits."""
    rules, found = list(rules), []

    def add(rule: Rule, above: frozenset[str]) -> None:
        for other in rules:
            if rule.id in other.inhibits and other.id not in above:
                add(other, above | {other.id})
        if rule not in found:
            found.append(rule)

    for rule in rules:
        add(rule, frozenset({rule.id}))
    return found


def is_passing(kind: str, ruleset: Ruleset) -> bool:
    names = {"day", *(fact.name for fact in ruleset.facts if fact.type.type == "date")}
    return kind not in ruleset.events and kind.removesuffix(".passed") in names and kind.endswith(".passed")


def as_happening(event: Event, ruleset: Ruleset) -> Happening:
    """What rules see of an event: only declared fields (S4)."""
    attributes: dict[str, object] = {
        "type": event.type,
        "time": instant(event.time),
        "subject": event.subject,
    }
    for name in ("id", "source", "case"):
        if getattr(event, name) is not None:
            attributes[name] = getattr(event, name)
    declared = ruleset.events.get(event.type)
    data = event.data if declared is None else visible(event.data, declared.fields)
    time = event.time.astimezone(dt.UTC)
    name = event.id or f"{event.type}@{event.time.isoformat()}"
    return Happening(event.type, time, name, event.case or "", data, attributes, event.timezone)


def visible(data: Mapping[str, Any], fields: Mapping[str, FieldType]) -> dict[str, Any]:
    return {name: seen(data[name], declared) for name, declared in fields.items() if name in data}


def seen(given: Any, declared: FieldType) -> Any:
    if isinstance(given, dict) and declared.type == "object":
        return visible(given, declared.fields)
    if isinstance(given, list) and declared.items is not None:
        return [seen(item, declared.items) for item in given]
    return given


def types_in(rules: Iterable[Rule]) -> set[str]:
    """The types of events that these rules listen for."""
    return {kind for rule in rules for clause in rule.clauses() for kind in clause.types}
