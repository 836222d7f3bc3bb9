"""The rule language read plainly: no schedule, no memo, no deltas. What the timeline says has to be what this says.

One person at a time. What was heard is kept whole, and every question (how many came in the window, is this `while`
open, is that advice kept back) is answered by going through all of it. Time moves by looking at everything that is
pending for the earliest moment. Only the tests of single fields (`meaning`) are shared with the engine, and of these
not the ones that ask a calendar or a clock.

Left out: ids and texts. An advice is the list of what was told of it; the answers are compared as such lives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from afterword import Event, Ruleset
from afterword.conditions import All, AnyOf, Condition, Not
from afterword.dates import as_date
from afterword.days import instant, zone_exists
from afterword.events import order_key
from afterword.meaning import Scene, holds, parsed_moment, value
from afterword.ruleset import CaseOpen, Clause, Lookback, Pattern, Rule, Span
from afterword.values import MISSING, dig, same
from plain_values import (
    DAY,
    EPOCH,
    FOREVER,
    INSTANT,
    USER_WORDS,
    Advice,
    Calendar,
    Happening,
    Heard,
    Life,
    Scope,
    Series,
    Time,
    Told,
    as_happening,
    as_time,
    facts_of,
    first_known,
    inhibitors_first,
    is_passing,
    resolved,
    types_in,
)


def lives(ruleset: Ruleset, events: Iterable[Event], until: Time) -> list[Life]:
    """The life of every advice that the log gives, sorted."""
    found: list[Life] = []
    by_subject: dict[str, list[Event]] = {}
    for event in sorted(events, key=order_key):
        if event.time <= until:
            by_subject.setdefault(event.subject, []).append(event)
    for subject, log in by_subject.items():
        found += Person(ruleset, subject).lived(log, until)
    return sorted(found, key=repr)


class Person:
    """One person's stream, from the first event on."""

    def __init__(self, ruleset: Ruleset, subject: str) -> None:
        self.ruleset, self.subject = ruleset, subject
        self.rules = [rule for rule in inhibitors_first(ruleset.rules) if rule.status != "draft"]
        self.own = Scope("")
        self.cases: dict[str, Scope] = {}
        self.advices: list[Advice] = []
        self.series: list[Series] = []
        self.queue: deque[Happening] = deque()
        self.now = EPOCH
        per_person = types_in(rule for rule in self.rules if rule.per == "subject")
        per_case = types_in(rule for rule in self.rules if rule.per == "case")
        self.asked = {True: per_person, False: per_case | (per_person - {"day.passed"})}
        """What types rules of the person, and of a case, listen for; what passes in a case, the person hears of."""

    # --- time

    def lived(self, log: Iterable[Event], until: Time) -> Iterator[Life]:
        seen: set[tuple[str | None, str]] = set()
        for event in log:
            self.pass_to(event.time)
            name = (event.source, event.id or "")
            if event.id is None or name not in seen:  # S3
                self.take_event(event)
            seen.add(name)
        self.pass_to(until)
        for advice in self.advices:
            yield advice.rule.id, self.subject, advice.scope.name, tuple(advice.told)

    def pass_to(self, time: Time) -> None:
        """A deadline at t falls before any event at t (S7, S8)."""
        while (first := min(self.pending(), default=None)) is not None and first <= time:
            passing = {
                scope.name: [(name, date) for name, date, at in self.passings(scope) if at == first]
                for scope in self.scopes()
            }
            self.now = first
            self.expire(passing)
        self.now = time

    def lives_on(self, scope: Scope) -> bool:
        return any(each.is_open and each.scope is scope for each in self.advices) or any(
            each.next() is not None and each.scope is scope for each in self.series
        )

    def scopes(self) -> list[Scope]:
        return [self.own, *(self.cases[name] for name in sorted(self.cases))]

    def pending(self) -> Iterator[Time]:
        """Every moment at which something will happen by itself."""
        for advice in self.advices:
            yield from self.pending_of(advice)
        for series in self.series:
            yield from filter(None, [series.next()])
        for scope in self.scopes():
            yield from (time for _, _, time in self.passings(scope))

    def pending_of(self, advice: Advice) -> Iterator[Time]:
        if not advice.is_open:
            return
        if advice.end is not None:
            yield advice.end
        if advice.state == "scheduled" and advice.start is not None:
            yield advice.start
        if advice.state == "snoozed" and advice.snoozed_until is not None:
            yield advice.snoozed_until
        if advice.state == "suppressed":
            yield from filter(None, [advice.held_until])

    def expire(self, passing: Mapping[str, list[tuple[str, str]]]) -> None:
        """All that is due now, scope by scope: windows, then repeats, then the passing of days and dates."""
        for scope in self.scopes():
            mine = [each for each in self.advices if each.scope is scope]
            mine.sort(key=lambda each: self.rules.index(each.rule))
            for advice in mine:
                self.end_window(advice)
            for advice in mine:
                self.begin_window(advice)
            coming = [each for each in self.series if each.scope is scope and each.next() == self.now]
            for series in sorted(coming, key=lambda each: (self.rules.index(each.rule), each.kind)):
                self.come_again(series)
            for name, date in passing[scope.name]:
                self.pass_date(scope, name, date)
            self.drain()

    def end_window(self, advice: Advice) -> None:
        """A deadline at t falls before whatever else is at t (S8)."""
        if advice.is_open and advice.end is not None and advice.end <= self.now:
            self.miss(advice)

    def begin_window(self, advice: Advice) -> None:
        """A snooze that is over, a window that opens, an inhibition that ends."""
        if advice.state == "snoozed" and advice.snoozed_until == self.now:
            self.place(advice, {"kind": "snooze over"})
        elif advice.state == "scheduled" and advice.start == self.now:
            self.place(advice, {})
        elif advice.state == "suppressed":
            self.weigh()

    # --- the passing of days and dates (S6)

    def passings(self, scope: Scope) -> Iterator[tuple[str, str, Time]]:
        """What the clock will raise in an open case, or for the subject, if a rule asks for it."""
        if not scope.open:
            return
        calendar = self.calendar(scope)
        asked = self.asked[scope is self.own]
        if "day.passed" in asked:
            yield "day", calendar.date(self.now).isoformat(), calendar.aligned(self.now, "end of day")
        for name, known in scope.facts.items():
            date = as_date(known) if isinstance(known, str) else None
            if f"{name}.passed" in asked and date is not None and scope.passed.get(name) != known:
                yield name, str(known), max(self.now, calendar.start_of(date + DAY))

    def pass_date(self, scope: Scope, name: str, date: str) -> None:
        kind = f"{name}.passed"
        told = f"{kind}@{self.calendar(scope).written(self.now)}"
        happening = self.raised(kind, scope.name, {"date": date}, told)
        reached = [scope] if name == "day" else self.reached(happening)
        self.take(happening, self.to_whom_it_is_news(happening, reached))

    def to_whom_it_is_news(self, happening: Happening, scopes: list[Scope]) -> list[Scope]:
        """Where its case knew of a passing already, the subject has not learned anything either."""
        news = [scope for scope in scopes if scope is not self.own and self.is_news(scope, happening)]
        if self.own in scopes and (news or not happening.case) and self.is_news(self.own, happening):
            news.append(self.own)
        return news

    def raised(self, kind: str, case: str, data: Mapping[str, object], name: str) -> Happening:
        """An event that no log brought."""
        attributes = {"type": kind, "time": instant(self.now), "subject": self.subject}
        if case:
            attributes["case"] = case
        return Happening(kind, self.now, name, case, data, attributes)

    # --- events

    def take_event(self, event: Event) -> None:
        self.own.open = True
        happening = as_happening(event, self.ruleset)
        reached = self.reached(happening)
        if is_passing(event.type, self.ruleset):
            reached = self.to_whom_it_is_news(happening, reached)
        self.hear_zone(happening, reached)
        if event.type in USER_WORDS:
            self.user(happening)
        elif event.type in self.ruleset.events or is_passing(event.type, self.ruleset):
            self.take(happening, reached)
        self.drain()

    def drain(self) -> None:
        """What advice became is taken after the event that made it so (S23)."""
        while self.queue:
            happening = self.queue.popleft()
            self.take(happening, self.reached(happening))
        for scope in self.cases.values():
            if not scope.open and not self.lives_on(scope):
                scope.forget()
                self.let_go(scope, self.now)

    def reached(self, happening: Happening) -> list[Scope]:
        """The subject, and the case; without one, every open case (S5)."""
        if happening.case:
            return [self.cases.setdefault(happening.case, Scope(happening.case)), self.own]
        return [*(scope for scope in self.scopes()[1:] if scope.open), self.own]

    def is_news(self, scope: Scope, happening: Happening) -> bool:
        """A passing that the clock has raised already has no effect, and one that comes first is not raised (S6)."""
        name = happening.type.removesuffix(".passed")
        date = happening.data.get("date")
        per = "subject" if scope is self.own else "case"
        mine = name == "day" or any((fact.name, fact.per) == (name, per) for fact in self.ruleset.facts)
        if not mine or not any(happening.type in asked for asked in self.asked.values()):
            return True
        if name == "day":
            if not isinstance(date, str) or as_date(date) is None:
                date = (self.calendar(scope, happening).date(happening.time) - DAY).isoformat()
            news = date > scope.passed.get(name, "")
        else:
            date = date or scope.facts.get(name)
            if not isinstance(date, str):
                return True
            news = date != scope.passed.get(name)
        if news:
            scope.passed[name] = date
        return news

    def hear_zone(self, happening: Happening, reached: list[Scope]) -> None:
        """The latest zone that an event named, of the case and of the subject (S9); a passing names none to others."""
        if happening.zone is not None and not is_passing(happening.type, self.ruleset):
            for scope in reached:
                scope.zone = happening.zone

    def calendar(self, scope: Scope, happening: Happening | None = None) -> Calendar:
        named = (happening.zone if happening else None, scope.zone, self.own.zone)
        remembered = self.own.facts.get("timezone")
        known = remembered if isinstance(remembered, str) and zone_exists(remembered) else None
        zone = next(filter(None, (*named, known)), self.ruleset.defaults.timezone)
        return Calendar(zone, self.ruleset.defaults)

    def take(self, happening: Happening, scopes: list[Scope]) -> None:
        for scope in scopes:
            if scope is not self.own and self.opens(happening) and not scope.open:
                scope.facts, scope.stated = {}, {}
                scope.open, scope.zone = True, happening.zone
        for scope in scopes:
            self.remember(scope, happening)
        for scope in scopes:
            self.take_in(scope, happening)

    def opens(self, happening: Happening) -> bool:
        cases = self.ruleset.cases
        opened_by = self.ruleset.events if cases is None else cases.opened_by
        return bool(happening.case) and happening.type in opened_by

    def closes(self, happening: Happening) -> bool:
        cases = self.ruleset.cases
        return cases is not None and happening.type in cases.closed_by

    def take_in(self, scope: Scope, happening: Happening) -> None:
        """What is open may end, then rules may speak, then the case may close."""
        calendar = self.calendar(scope, happening)
        closing = scope is not self.own and self.closes(happening)
        scope.open &= not closing
        heard = Heard(happening, self.scene(scope, happening, calendar), calendar)
        if scope.open or closing:
            scope.heard.append(heard)
        before = [advice for advice in self.advices if advice.scope is scope and advice.is_open]
        before.sort(key=lambda each: -self.rules.index(each.rule))
        for advice in before:
            self.end_by(advice, heard)
        series = [each for each in self.series if each.scope is scope]
        for each in series:
            each.over |= self.matching(each.rule.cancelled_by, heard, each.heard) is not None
        for rule in self.rules:
            if (rule.per == "subject") is (scope is self.own):
                self.trigger(rule, scope, heard)
        if closing:
            self.close(scope, before, series, happening)

    def close(self, scope: Scope, before: list[Advice], series: list[Series], by: Happening) -> None:
        """What is open is moot, but for what answers the closing itself; all else is forgotten (S5)."""
        for advice in before:
            if advice.state == "dismissed":
                advice.state = "gone"
            elif advice.is_open and (advice.time, advice.heard.happening.name) != (self.now, by.name):
                self.tell(advice, "cancelled", {"kind": "closed", "event": by.name}, by)
        for each in series:
            trigger = each.heard.happening
            each.over |= (trigger.time, trigger.name) != (self.now, by.name)
        scope.forget(but_facts=True)
        self.let_go(scope, self.now)
        self.weigh()

    # --- what is known

    def scene(self, scope: Scope, happening: Happening, calendar: Calendar) -> Scene:
        """What tests can see of a happening at this moment."""
        case = {} if scope is self.own else {**scope.facts, "id": scope.name, "open": scope.open}
        count = sum(each.open for each in self.cases.values())
        own = {**self.own.facts, "id": self.subject, "open_cases": count}
        return Scene(happening.data, happening.attributes, case, own, {}, calendar.days)

    def remember(self, scope: Scope, happening: Happening) -> None:
        """The latest value wins, null deletes, and windows that hang on a fact move (S11)."""
        changed = []
        for fact in self.ruleset.facts:
            if (fact.per == "subject") is not (scope is self.own) or happening.type not in fact.sources:
                continue
            if fact.path == ("event", "time"):
                known: object = self.calendar(scope, happening).written(happening.time)
            else:
                known = dig(happening.data, fact.path)
            if known is MISSING or same(known, scope.facts.get(fact.name)):
                continue
            scope.facts.pop(fact.name, None)
            if known is not None:
                scope.facts[fact.name] = known
            scope.stated[fact.name] = happening
            changed.append(f"{fact.per}.{fact.name}")
        for advice in list(self.advices):
            if advice.is_open and scope in (advice.scope, self.own):
                self.move(advice, changed, happening)

    # --- patterns

    def matching(self, pattern: Pattern, heard: Heard, trigger: Heard | None = None) -> Clause | None:
        """The first clause that holds, its count aside."""
        scene = heard.scene
        if trigger is not None:
            scene = replace(scene, trigger=trigger.happening.data)
        for clause in pattern:
            if heard.happening.type not in clause.types:
                continue
            if clause.where is None or self.fits(clause.where, scene, heard.calendar):
                return clause
        return None

    def fits(self, condition: Condition, scene: Scene, calendar: Calendar) -> bool:
        """Whether a condition holds (S13)."""
        match condition:
            case All(parts):
                return all(self.fits(part, scene, calendar) for part in parts)
            case AnyOf(parts):
                return any(self.fits(part, scene, calendar) for part in parts)
            case Not(part):
                return not self.fits(part, scene, calendar)
        if condition.op in ("weekday", "business_day", "time_of_day"):
            return calendar.passes(condition, value(condition.ref, scene))
        return holds(condition, scene)

    def counted(self, clause: Clause, scope: Scope, heard: Heard) -> list[Heard]:
        """The events in the window `(time - within, time]`, or nothing while they are too few (S16)."""
        if clause.count is None:
            return [heard]
        within = clause.count.within
        found = [
            each
            for each in (scope.heard if heard in scope.heard else [*scope.heard, heard])
            if heard.calendar.moved(each.happening.time, within) > self.now and self.matching((clause,), each)
        ]
        if clause.count.distinct is None:
            return found if len(found) >= clause.count.at_least else []
        distinct = clause.count.distinct
        found = [each for each in found if value(distinct, each.scene) is not MISSING]
        values: list[object] = []
        for each in found:
            if not any(same(value(distinct, each.scene), other) for other in values):
                values.append(value(distinct, each.scene))
        return found if len(values) >= clause.count.at_least else []

    def may_speak(self, rule: Rule, scope: Scope, heard: Heard) -> bool:
        """`effective` (S28), `while` (S17) and `unless` (S18)."""
        at, period = instant(self.now), rule.effective
        if period is not None and (
            (period.start is not None and at < period.start) or (period.end is not None and at >= period.end)
        ):
            return False
        return all(self.is_so(each, scope, heard) for each in rule.while_) and not any(
            self.is_so(each, scope, heard) for each in rule.unless
        )

    def is_so(self, asked: CaseOpen | Span | Lookback, scope: Scope, trigger: Heard) -> bool:
        match asked:
            case CaseOpen():
                return self.case_is_open(scope)
            case Span():
                return self.is_between(asked, scope)
            case Lookback():
                return self.came_before(asked, scope, trigger)

    def case_is_open(self, scope: Scope) -> bool:
        return any(each.open for each in self.cases.values()) if scope is self.own else scope.open

    def is_between(self, span: Span, scope: Scope) -> bool:
        opened: Heard | None = None
        for heard in scope.heard:
            if self.matching(span.until, heard):
                opened = None
            begins = scope is self.own or not self.closes(heard.happening)  # a closed case forgets its spans
            if begins and self.matching(span.since, heard):
                opened = heard
        if opened is None:
            return False
        calendar = self.calendar(scope)
        scene = self.scene(scope, opened.happening, calendar)
        ends = [resolved(each, opened.happening.time, scene, calendar) for each in span.ends]
        return all(end is None or self.now < end for end in ends)

    def came_before(self, look: Lookback, scope: Scope, trigger: Heard) -> bool:
        calendar = self.calendar(scope)
        return any(
            heard.happening is not trigger.happening
            and (look.within is None or calendar.moved(heard.happening.time, look.within) > self.now)
            and self.matching(look.pattern, heard) is not None
            for heard in scope.heard
        )

    # --- rules speak

    def trigger(self, rule: Rule, scope: Scope, heard: Heard) -> None:
        counted: list[Heard] = []
        for clause in rule.when:
            if not counted and self.matching((clause,), heard):
                counted = self.counted(clause, scope, heard)
        if not counted or not self.may_speak(rule, scope, heard):
            return
        because = [each.happening.name for each in counted]
        standing = self.standing(rule, scope, heard)
        running = [
            each
            for each in self.series
            if each.rule is rule and each.scope is scope and each.next() and each.kind == heard.happening.type
        ]
        if rule.again == "ignore" and (standing or running):
            return
        if rule.again == "restart" and (standing or running):
            for advice in standing:
                self.restart(advice, heard, because)
            if not (standing and standing[0].occurrence):
                for each in running:
                    because = [*each.because, *because]
                    each.over = True
                self.begin_series(rule, scope, heard, standing[0].because if standing else because)
            return
        if self.make(rule, scope, heard, because):
            for each in running:
                each.over = True
            self.begin_series(rule, scope, heard, because)

    def begin_series(self, rule: Rule, scope: Scope, heard: Heard, because: list[str]) -> None:
        if rule.repeat is not None:
            self.series.append(Series(rule, scope, heard, heard.calendar, list(because)))

    def standing(self, rule: Rule, scope: Scope, heard: Heard) -> list[Advice]:
        """What is open of this rule, case and trigger kind (S25)."""
        return [
            each
            for each in self.advices
            if each.rule is rule
            and each.scope is scope
            and each.is_open
            and each.heard.happening.type == heard.happening.type
        ]

    def come_again(self, series: Series) -> None:
        """The next occurrence, for which everything is asked anew."""
        series.done += 1
        rule, scope = series.rule, series.scope
        happening = replace(series.heard.happening, time=self.now)
        scene = replace(series.heard.scene, event={**happening.attributes, "time": instant(self.now)})
        heard = Heard(series.heard.happening, scene, series.calendar)
        if not self.may_speak(rule, scope, heard):
            return
        standing = self.standing(rule, scope, heard)
        if rule.again == "ignore" and standing:
            return
        if rule.again == "restart" and standing:
            self.restart(standing[0], heard, [])
            return
        self.make(rule, scope, heard, series.because, series.done - 1)

    def make(self, rule: Rule, scope: Scope, heard: Heard, because: list[str], occurrence: int = 0) -> bool:
        """A new advice, unless a cooldown or another rule keeps it back (S19)."""
        advice = Advice(rule, scope, heard, self.now, heard.calendar, list(because), occurrence)
        self.advices.append(advice)
        cause = {}
        until = scope.quiet_until.get(rule.id)
        if until is not None and self.now < until:
            cause = {"kind": "cooldown", "rule": rule.id, "until": advice.calendar.written(until) or ""}
        if rule.kind == "warning" and (hush := self.hush(advice)) is not None:
            cause = self.inhibited(advice, hush)
        if cause:
            self.tell(advice, "suppressed", cause)
            advice.state = "kept quiet"
            return False
        self.measure(advice)
        until = self.now + INSTANT
        if rule.cooldown is not None and (scope.open or scope is self.own):
            until = heard.calendar.moved(self.now, rule.cooldown)
        if rule.cooldown is not None:
            scope.quiet_until[rule.id] = until
        if rule.kind == "warning":
            advice.hushes_until = until
            self.tell(advice, "raised")
            self.weigh()
        else:
            self.place(advice)
        return True

    # --- windows

    def measure(self, advice: Advice) -> None:
        """The window from what is known now; each bound is the first of its moments that is known (S11)."""
        if advice.rule.kind == "warning":
            return
        calendar, due = advice.calendar, advice.rule.due
        now = self.scene(advice.scope, advice.heard.happening, calendar)
        scene = replace(now, event=advice.heard.scene.event)
        advice.start = first_known(due.start, advice.time, scene, calendar)
        advice.end = None
        if due.end is not None and advice.start is not None:
            advice.end = first_known(due.end, advice.start, scene, calendar)
        for ref in facts_of(advice.rule):
            stated = (self.own if ref.root == "subject" else advice.scope).stated.get(ref.path[0])
            if stated is not None:
                advice.because += [stated.name, str(ref)]

    def place(self, advice: Advice, cause: Mapping[str, str] | None = None, quiet: bool = False) -> None:
        """The state that the window and other rules give an open advice now, told unless it goes without saying."""
        start = advice.start
        if self.is_over(advice):
            self.miss(advice)
        elif start is None or self.now < start:
            advice.state = "scheduled"
            if not quiet:
                self.tell(advice, "scheduled", cause)
        elif (hush := self.hush(advice)) is not None:
            self.tell(advice, "suppressed", self.inhibited(advice, hush))
        else:
            self.tell(advice, "due", cause)
        self.weigh()

    def is_over(self, advice: Advice) -> bool:
        """Whether the window has closed, or never opens (S8)."""
        start, end = advice.start, advice.end
        return end is not None and (end <= self.now or (start is not None and end <= start))

    def miss(self, advice: Advice) -> None:
        """What was withheld or unwanted is not held against the user (S19)."""
        if advice.state in ("suppressed", "dismissed"):
            advice.state = "gone"
        else:
            self.tell(advice, "missed")
        self.weigh()

    def move(self, advice: Advice, changed: list[str], happening: Happening) -> None:
        """A window that hangs on a changed fact is measured again (S11)."""
        facts = [fact for fact in changed if fact in map(str, facts_of(advice.rule))]
        if not facts:
            return
        before = advice.start, advice.end
        self.measure(advice)
        if (advice.start, advice.end) == before:
            return
        state = advice.state
        if state != "dismissed":
            self.tell(advice, "rescheduled", {"kind": "fact", "fact": facts[0], "event": happening.name})
        advice.state = state
        if self.is_over(advice):
            self.miss(advice)
        elif state == "scheduled" or (state == "due" and (advice.start is None or advice.start > self.now)):
            self.place(advice, quiet=True)
        self.weigh()

    def restart(self, advice: Advice, heard: Heard, because: list[str]) -> None:
        """A new trigger measures the window anew, and brings back what was dismissed or snoozed (S20, S25)."""
        advice.heard, advice.time, advice.calendar = heard, self.now, heard.calendar
        advice.because += because
        self.measure(advice)
        self.tell(advice, "rescheduled", {"kind": "restarted", "event": heard.happening.name})
        self.place(advice, quiet=True)

    def hush(self, advice: Advice) -> Advice | None:
        """What keeps the advice back now: a warning until its cooldown ends, a recommendation while it is due.

        Of several, the one that lasts longest.
        """
        found = [
            other
            for other in self.advices
            if advice.rule.id in other.rule.inhibits
            and other.scope in (advice.scope, self.own)
            and (other.state == "due" or (other.hushes_until is not None and self.now < other.hushes_until))
        ]
        found.sort(key=lambda each: (each.rule.index, each.scope is self.own))
        return max(found, key=lambda each: each.hushes_until or FOREVER, default=None)

    def let_go(self, scope: Scope, until: Time) -> None:
        """What warnings of a case keep back is forgotten with it."""
        for advice in self.advices:
            if advice.scope is scope and advice.hushes_until is not None:
                advice.hushes_until = min(advice.hushes_until, until)

    def inhibited(self, advice: Advice, hush: Advice) -> dict[str, str]:
        advice.held_by, advice.held_until = hush, hush.hushes_until
        cause = {"kind": "inhibited", "rule": hush.rule.id}
        if hush.rule.kind == "warning":
            cause["until"] = advice.calendar.written(hush.hushes_until) or ""
        return cause

    def holds(self, advice: Advice, hush: Advice) -> bool:
        """Whether it still keeps back what it did, or another recommendation of its rule goes on with that."""
        if advice.held_until is not None:
            return self.now < advice.held_until
        return any(
            (each.rule, each.scope, each.state) == (hush.rule, hush.scope, "due") for each in self.advices
        )

    def lasts(self, hush: Advice) -> bool:
        """A warning without a cooldown keeps back what would come at its instant, and takes nothing back."""
        return hush.hushes_until is None or hush.hushes_until > self.now + INSTANT

    def weigh(self) -> None:
        """What is due and now kept back is suppressed; what is no longer kept back is due again."""
        for advice in [each for each in self.advices if each.state in ("due", "suppressed")]:
            hush = self.hush(advice)
            if advice.state == "due" and hush is not None and self.lasts(hush):
                self.tell(advice, "suppressed", self.inhibited(advice, hush))
                self.weigh()  # what it kept back is due again
            elif (
                advice.state == "suppressed"
                and (held_by := advice.held_by)
                and not self.holds(advice, held_by)
            ):
                by = {"rule": held_by.rule.id} if held_by.rule.kind == "recommendation" else {}
                self.place(advice, {"kind": "released", **by})

    # --- endings

    def end_by(self, advice: Advice, heard: Heard) -> None:
        """Done, in time or early; else moot (S19)."""
        for state, pattern in (
            ("fulfilled", advice.rule.fulfilled_by),
            ("cancelled", advice.rule.cancelled_by),
        ):
            if advice.is_open and self.matching(pattern, heard, advice.heard):
                if advice.state == "dismissed":
                    advice.state = "gone" if state == "cancelled" else "dismissed"
                else:
                    self.tell(
                        advice, state, {"kind": "event", "event": heard.happening.name}, heard.happening
                    )
        if not advice.is_open:
            self.weigh()

    def user(self, happening: Happening) -> None:
        """What the user says of an advice, named by its rule (S20)."""
        word = happening.type.removeprefix("advice.")
        cause = {"kind": "user" if word != "reopened" else "reopened", "event": happening.name}
        if isinstance(happening.data.get("reason"), str):
            cause["reason"] = str(happening.data["reason"])
        for advice in list(self.advices):
            mine = happening.case in ("", advice.scope.name) or advice.scope is self.own
            if mine and advice.is_open and advice.rule.id == happening.data.get("rule"):
                self.obey(advice, word, cause, happening)
        for series in self.series:
            mine = happening.case in ("", series.scope.name) or series.scope is self.own
            if word == "dismissed" and mine and series.rule.id == happening.data.get("rule"):
                series.over = True

    def obey(self, advice: Advice, word: str, cause: dict[str, str], happening: Happening) -> None:
        if word == "dismissed" and advice.state != "dismissed":
            self.tell(advice, "dismissed", cause, happening)
        elif word == "reopened" and advice.state in ("dismissed", "snoozed"):
            self.place(advice, cause)
        elif word == "snoozed":
            said = happening.data.get("until")
            parsed = parsed_moment(said) if isinstance(said, str) else None
            until = as_time(parsed, advice.calendar)
            if until is not None and until > self.now:
                advice.snoozed_until = until
                self.tell(
                    advice, "snoozed", {**cause, "until": advice.calendar.written(until) or ""}, happening
                )
        self.weigh()

    # --- telling

    def tell(
        self,
        advice: Advice,
        state: str,
        cause: Mapping[str, str] | None = None,
        by: Happening | None = None,
    ) -> None:
        """A transition (S21); the event that ends an advice is a reason of the end alone."""
        advice.state = state
        because = {*advice.because} | ({by.name} if by else set())
        calendar = advice.calendar
        window = None
        if advice.rule.kind == "recommendation":
            window = calendar.written(advice.start), calendar.written(advice.end)
        known = tuple(sorted(because)), tuple(sorted((cause or {}).items()))
        advice.told.append(Told(state, calendar.written(self.now) or "", window, *known))
        self.announce(advice, state, cause or {})

    def announce(self, advice: Advice, state: str, cause: Mapping[str, str]) -> None:
        """A transition is an event too (S23)."""
        number = self.advices.index(advice)
        data = {
            "advice": f"advice {number}",
            "rule": advice.rule.id,
            "kind": advice.rule.kind,
            "severity": advice.rule.severity,
        }
        data |= {key: cause[key] for key in ("reason", "until") if key in cause and cause["kind"] == "user"}
        name = f"advice.{state}:{advice.rule.id}"
        self.queue.append(self.raised(f"advice.{state}", advice.scope.name, data, name))
