"""What a change of rules changes for a log: both rulesets evaluate it in step, advice by advice."""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

import msgspec

from afterword.comparing.lives import FATES, AdviceFate, Life, Pair
from afterword.days import Days, days_of, instant
from afterword.duration import SECOND
from afterword.engine import Engine
from afterword.evaluation import replay_well_made
from afterword.events import Event
from afterword.message import Slot
from afterword.moments import Time, moment
from afterword.ruleset import Rule, Ruleset
from afterword.timeline.state import Advice
from afterword.transition import Transition

_STRETCH = 2_000
"""So many events both rulesets take in turn; only what they say of these is held at once."""

_EVENTFUL_SLOTS = ("matched", "count", "within")


class AdviceSide(msgspec.Struct, frozen=True, omit_defaults=True):
    """One side of an advice: when it was first heard, its window, and where it stood at last. RFC 3339 text."""

    state: str
    time: str
    heard: str | None = None
    start: str | None = None
    end: str | None = None
    by: str | None = None
    """The rule that suppressed it."""
    message: str | None = None


class Example(msgspec.Struct, frozen=True):
    """One advice of which something became. `trigger` is the id of the event that made it, or its type."""

    fate: AdviceFate
    trigger: str
    subject: str
    case: str | None
    was: AdviceSide | None
    now: AdviceSide | None


class Shift(msgspec.Struct, frozen=True):
    """By how much advice moved most often, in seconds: when it is heard, and when its window closes."""

    heard: float
    end: float | None
    count: int


class Effect(msgspec.Struct, frozen=True):
    """What became of the advice of one rule: how many were heard before and after, and how many changed how."""

    rule: str
    title: str
    before: int
    after: int
    counts: dict[AdviceFate, int]
    shift: Shift | None
    examples: tuple[Example, ...]


class Effects(msgspec.Struct, frozen=True):
    """What became of all advice. `effects` are the rules with a change, in the order of the rules."""

    events: int
    until: str | None
    before: int
    after: int
    effects: tuple[Effect, ...]

    def total(self, fate: AdviceFate) -> int:
        """How many of this fate there are, of all rules."""
        return sum(effect.counts.get(fate, 0) for effect in self.effects)

    def __bool__(self) -> bool:
        return bool(self.effects)


def compare_on(
    old: Engine, new: Engine, events: Iterable[Event], as_of: Time | None = None, examples: int = 3
) -> Effects:
    """Evaluates the events, which are in the order of time, under both rulesets and compares what is said.

    Takes new engines. Of advice that is over and the same in both nothing is kept.
    """
    contrast = _Contrast(old.ruleset, new.ruleset, examples)
    counted = _Counted(_until(events, as_of))
    for before, after in _in_step(old, new, counted, as_of):
        contrast.take(before, after)
    return contrast.effects(counted.count, new.clock)


class _Counted:
    """Counts what passes through."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = events
        self.count = 0

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            self.count += 1
            yield event


def _until(events: Iterable[Event], as_of: Time | None) -> Iterator[Event]:
    """The events up to a moment; all of them, when the moment hangs on the last one."""
    if as_of is None or (isinstance(as_of, str) and as_of.startswith("+")):
        return iter(events)
    limit = moment(as_of)
    return takewhile(lambda event: instant(event.time) <= limit, events)


def _in_step(
    old: Engine, new: Engine, events: Iterable[Event], as_of: Time | None
) -> Iterator[tuple[Iterator[Transition], Iterator[Transition]]]:
    """What both say, stretch of time by stretch of time."""
    for stretch in _stretches(iter(events)):
        yield replay_well_made(old, stretch), replay_well_made(new, stretch)
    yield replay_well_made(old, (), as_of), replay_well_made(new, (), as_of)


def _stretches(events: Iterator[Event]) -> Iterator[list[Event]]:
    """Pieces of the log that end between two instants: `replay_well_made` orders the events of one instant itself."""
    stretch: list[Event] = []
    while more := list(islice(events, _STRETCH)):
        stretch += more
        cut = len(stretch) - 1
        while cut and stretch[cut - 1].time == stretch[-1].time:
            cut -= 1
        if cut:
            yield stretch[:cut]
            stretch = stretch[cut:]
    if stretch:
        yield stretch


_Kept = tuple[tuple[int, str, str], AdviceFate, Pair]
"""An example: when and whose it is, what became of it, and the advice."""


class _Contrast:
    """Takes what both rulesets say and keeps what differs."""

    def __init__(self, old: Ruleset, new: Ruleset, examples: int) -> None:
        self._old, self._new = old, new
        self._examples = examples
        self._is_renamed = old.name != new.name
        self._same_words = frozenset(_rules_of_same_words(old, new))
        self._pairs: dict[object, Pair] = {}
        self._keys: dict[str, object] = {}
        """What each advice is known by, by its id; kept, for a new trigger changes what an open advice is made by."""
        self._heard: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def take(self, old: Iterable[Transition], new: Iterable[Transition]) -> None:
        """What both said of one stretch of time."""
        touched: dict[object, Pair] = {}
        for side, transitions in enumerate((old, new)):
            for transition in transitions:
                key = self._key(transition)
                pair = self._pairs.get(key)
                if pair is None:
                    pair = self._pairs[key] = Pair(transition)
                touched[key] = pair
                if pair.life(side).take(transition):
                    pair.said[side] = transition
        for key, pair in touched.items():
            self._compare_words(pair)
            if pair.is_settled:
                self._count(self._pairs.pop(key))
                self._forget(pair)

    def effects(self, events: int, until: dt.datetime | None) -> Effects:
        """What became of it all."""
        changed: dict[str, list[_Kept]] = {}
        counts: Counter[tuple[str, AdviceFate]] = Counter()
        shifts: dict[str, Counter[tuple[int, int | None]]] = {}
        for pair in self._pairs.values():
            self._count(pair)
            fate = pair.fate
            if fate is not None:
                counts[pair.rule, fate] += 1
                self._keep(changed.setdefault(pair.rule, []), fate, pair)
            if fate == "moved":
                shifts.setdefault(pair.rule, Counter())[pair.shift] += 1
        order = [rule for rule in self._rules() if rule.id in changed]
        return Effects(
            events=events,
            until=None if until is None else until.isoformat(),
            before=self._heard[0].total(),
            after=self._heard[1].total(),
            effects=tuple(
                self._effect(rule, counts, _most(shifts.get(rule.id)), changed[rule.id]) for rule in order
            ),
        )

    def _key(self, transition: Transition) -> object:
        """What an advice is known by on both sides; another name of the ruleset gives it another id (S22)."""
        if not self._is_renamed:
            return transition.advice
        key = self._keys.get(transition.advice)
        if key is None:
            record = transition.record
            whose = transition.rule, transition.subject, transition.case
            key = self._keys[transition.advice] = (*whose, _made_by(record), record.occurrence)
        return key

    def _forget(self, pair: Pair) -> None:
        for life in (pair.old, pair.new):
            if life is not None:
                self._keys.pop(life.advice, None)

    def _compare_words(self, pair: Pair) -> None:
        """Renders messages only where they can differ."""
        old, new = pair.said
        pair.said = [None, None]
        if old is None or new is None or old.instant != new.instant or pair.rule in self._same_words:
            return
        before, after = (f"{each.title}\n{each.message}" for each in (old, new))
        if before != after:
            pair.words = (old.message, new.message)

    def _count(self, pair: Pair) -> None:
        for heard, life in zip(self._heard, (pair.old, pair.new), strict=True):
            heard[pair.rule] += life is not None and life.is_heard

    def _keep(self, kept: list[_Kept], fate: AdviceFate, pair: Pair) -> None:
        """Keeps the first few of each fate."""
        life = pair.new or pair.old
        assert life is not None
        order = (life.moment, pair.subject, pair.case or "")
        of_fate = [each for each in kept if each[1] == fate]
        if len(of_fate) >= self._examples:
            if not of_fate or order >= of_fate[-1][0]:
                return
            kept.remove(of_fate[-1])
        insort(kept, (order, fate, pair), key=lambda each: each[0])

    def _rules(self) -> Iterator[Rule]:
        """The rules of the new ruleset, then those that only the old one has."""
        yield from self._new.rules
        known = {rule.id for rule in self._new.rules}
        yield from (rule for rule in self._old.rules if rule.id not in known)

    def _effect(
        self,
        rule: Rule,
        counts: Counter[tuple[str, AdviceFate]],
        shift: Shift | None,
        kept: Sequence[_Kept],
    ) -> Effect:
        return Effect(
            rule=rule.id,
            title=rule.title,
            before=self._heard[0][rule.id],
            after=self._heard[1][rule.id],
            counts={fate: counts[rule.id, fate] for fate in FATES if counts[rule.id, fate]},
            shift=shift,
            examples=tuple(
                self._example(fate, pair) for fate in FATES for _, each, pair in kept if each == fate
            ),
        )

    def _example(self, fate: AdviceFate, pair: Pair) -> Example:
        was, now = pair.words or (None, None)
        return Example(
            fate=fate,
            trigger=pair.trigger,
            subject=pair.subject,
            case=pair.case,
            was=_outcome(pair.old, days_of(self._old.defaults, pair.zone), was),
            now=_outcome(pair.new, days_of(self._new.defaults, pair.zone), now),
        )


def _made_by(advice: Advice) -> object:
    """The event that made an advice. A transition is named after its advice (S23), whose id is another one here."""
    transition, _, _ = advice.trigger.rpartition(":")
    if transition.startswith(f"{advice.trigger_type}:"):
        return transition, advice.anchor
    return advice.trigger


def _most(shifts: Counter[tuple[int, int | None]] | None) -> Shift | None:
    """The most frequent one; of several that are as frequent, the smallest."""
    if not shifts:
        return None
    (heard, end), count = min(shifts.items(), key=lambda each: (-each[1], abs(each[0][0]), str(each[0])))
    return Shift(heard / SECOND, None if end is None else end / SECOND, count)


def _outcome(life: Life | None, days: Days, message: str | None) -> AdviceSide | None:
    if life is None:
        return None
    heard, start, end = (
        None if at is None else days.local(at).isoformat() for at in (life.heard, life.start, life.end)
    )
    time = days.local(life.time).isoformat()
    return AdviceSide(life.end_state, time, heard, start, end, life.by, message)


def _rules_of_same_words(old: Ruleset, new: Ruleset) -> Iterator[str]:
    """The rules that say the same of the same advice, whatever the log; of others the messages are compared."""
    before = {rule.id: rule for rule in old.rules}
    shared = (old.facts, old.cases, old.events) == (new.facts, new.cases, new.events)
    for rule in new.rules:
        was = before.get(rule.id)
        if was is not None and shared and _source_of_words(old, was) == _source_of_words(new, rule):
            yield rule.id


def _source_of_words(ruleset: Ruleset, rule: Rule) -> object:
    """All that the words of a rule's advice are made from, beside the log and the moment."""
    slots = [part.path for part in rule.message.parts if isinstance(part, Slot)]
    params = {path: ruleset.params.get(path.removeprefix("params.")) for path in slots}
    when = rule.when if any(path in _EVENTFUL_SLOTS for path in slots) else None
    return rule.title, rule.message, {path: param and param.value for path, param in params.items()}, when
