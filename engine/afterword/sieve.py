"""Tells of a typed event whether it can be passed over: when it triggers, counts, ends and remembers nothing.

In a large log that is true of most events, and the few fields that rules test show it. Passing over an event costs a
few look-ups; an event for which they do not settle it is left to the timeline. Passing over an event changes no answer,
as a differential test checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from msgspec import UnsetType
from msgspec.structs import astuple

from afterword.builtin import is_built_in
from afterword.days import instant
from afterword.events import DEFAULT_SUBJECT, Event
from afterword.field_atoms import needed
from afterword.plans import SCOPES, TypePlan, Uses
from afterword.program import Program
from afterword.ruleset import EventType
from afterword.stream import Stream
from afterword.timeline.state import ScopeState, SubjectState
from afterword.typed import Typed, TypedEvent, attribute

Known = set[str | tuple[str, str]]
"""The ids of a subject's events, as `known_as` has them (S3)."""


def known_as(id: str, source: str | None) -> str | tuple[str, str]:
    """Under what an event is known: its id, with its source where it has one."""
    return (source, id) if source else id


_WEIGHTLESS, _ENDS, _MATTERS = 0, 1, 2


class _Kind(NamedTuple):
    """What tells of the events of one type whether they can be passed over."""

    weigh: Callable[[Any], int] | None = None
    """What an event weighs; `None` when none of the type weighs anything."""
    gate: Callable[[Any], Any] | None = None
    """A field of the payload: an event that has none of `texts` there weighs nothing."""
    texts: frozenset[str] = frozenset()
    needs_case: bool = False
    """Whether there is something to remark when the event is in no case."""
    opens: bool = False
    unheard: str = ""
    """The type, if the ruleset does not declare it."""


class _Person(NamedTuple):
    """What there is to know of a subject to pass over their events."""

    ids: Known
    state: SubjectState
    open_cases: set[str]
    """Cases that are open for good; there may be more."""


class Sieve:
    """What can be passed over of one log under one program."""

    def __init__(self, program: Program, stream: Stream, known: Callable[[str], Known | None]) -> None:
        """`known` gives the ids of a subject, or `None` where these do not tell a duplicate."""
        self._program = program
        self._stream = stream
        self._known = known
        self._counts_days = "subject" in program.day_scopes
        """Whether the days of a subject are told from their first event on, which must not be passed over then."""
        self._classes: set[type] = set()
        self._kinds: dict[type, _Kind] = {}
        self._closes = any(plan.closes for plan in program.plans.values())
        self._people: dict[str | UnsetType | None, _Person] = {}
        self._unknown: Counter[str] = Counter()
        self._duplicates: Counter[str] = Counter()

    @property
    def noticed(self) -> list[tuple[str, str, int]]:
        """What there is to remark about the events that were passed over: kind, about what, how often."""
        found = {"unknown type": self._unknown, "duplicate": self._duplicates}
        return [(kind, about, n) for kind, counts in found.items() for about, n in counts.items()]

    @property
    def met(self) -> Iterator[SubjectState]:
        """Those of whom an event may have been passed over."""
        return (person.state for person in self._people.values())

    def left(self, events: Sequence[TypedEvent | Event], typed: Typed) -> Iterator[TypedEvent | Event]:
        """Those that cannot be passed over. Each has to be followed before the next one is asked for."""
        self._meet(typed)
        kinds, people, behind = self._kinds, self._people, self._stream.is_behind
        unknown: list[str] = []
        # One long loop: a call for each event would cost more than all that is looked at here.
        for event, values in zip(events, map(astuple, events), strict=True):
            kind = kinds.get(type(event))
            if kind is None:
                yield event
                continue
            weigh, gate, texts, needs_case, opens, unheard = kind
            time, id, subject, case, source, _, data = values
            if (
                weigh is not None
                and (gate is None or not data or gate(data) in texts or (needs_case and not case))
                and (weighs := weigh(event))
                and (weighs == _MATTERS or self._has_open_ends(event))
            ):
                yield event
                continue
            person = people.get(subject) or self._person(subject)
            if person is None:
                yield event
                continue
            ids, state, open_cases = person
            opened = opens and case and case not in open_cases and not self._is_open(person, case)
            if opened and behind(instant(time)):  # what is still to happen finds the case closed
                yield event
                continue
            if id:
                key = known_as(id, source) if source else id  # spares a call
                if key in ids:
                    self._duplicates[id] += 1
                    continue
                ids.add(key)
            if opened:
                _open(state, case, instant(time))
            elif unheard:
                unknown.append(unheard)
        self._unknown.update(unknown)

    def _meet(self, typed: Typed) -> None:
        """Settles for each type that is known by now what tells it, if anything of it can be passed over."""
        if len(typed.names) == len(self._classes):
            return
        for class_, name in typed.names.items():
            if class_ not in self._classes:
                self._classes.add(class_)
                kind = self._kind(name)
                if kind is not None:
                    self._kinds[class_] = kind

    def _kind(self, name: str) -> _Kind | None:
        declared = self._program.ruleset.events.get(name)
        return self._of_unheard(name) if declared is None else self._of(declared)

    def _of_unheard(self, name: str) -> _Kind | None:
        """Of a type that the ruleset does not declare: only to be counted, unless the engine itself knows it."""
        if name.startswith("advice.") or is_built_in(name, self._program.ruleset):
            return None
        return _Kind(unheard=name)

    def _of(self, declared: EventType) -> _Kind | None:
        plan = self._program.plans.get(declared.name)
        dated = any(field.type in ("date", "datetime") for field in declared.fields.values())
        if dated or declared.name.endswith(".passed"):
            return None  # whether a text is a date has to be looked at
        if plan is None:
            return _Kind()
        if self._says_more(plan, declared):
            return None
        if plan.case.idle and plan.subject.idle:
            return _Kind(opens=plan.opens)
        field, texts = needed(plan.patterns) or ("", frozenset())
        return _Kind(
            self._weight(plan, declared),
            attrgetter(attribute(declared, field)) if field else None,
            texts,
            needs_case=plan.case.uses.any(),
            opens=plan.opens,
        )

    def _says_more(self, plan: TypePlan, declared: EventType) -> bool:
        """Whether an event of the type changes what is remembered, or rules look at more of it than its fields."""
        if plan.closes or plan.case.facts or plan.subject.facts:
            return True
        # Of every open case the clock may have something to tell.
        if plan.opens and self._program.clocked["case"]:
            return True
        asked = {atoms.name for atoms in plan.by_field}
        return bool(plan.event_atoms) or plan.asks_more_than_fields() or not asked <= declared.fields.keys()

    def _weight(self, plan: TypePlan, declared: EventType) -> Callable[[Any], int]:
        """What an event of a type weighs of which rules ask no more than the values of some fields."""
        kept: dict[int, int] = {}
        needs_case = plan.case.uses.any()
        atoms = [(attrgetter(attribute(declared, each.name)), each.mask) for each in plan.by_field]

        def weight(event: TypedEvent) -> int:
            data = event.data
            if (needs_case and not event.case) or (atoms and not data):
                return _MATTERS
            mask = 0
            for get, mask_of in atoms:
                mask |= mask_of(get(data))
            found = kept.get(mask)
            if found is None:
                found = kept[mask] = max(_weighs(self._program.uses(plan, each, mask)) for each in SCOPES)
            return found

        return weight

    def _has_open_ends(self, event: TypedEvent | Event) -> bool:
        """Whether anything is open that an event could end, or may come to be by deadlines before it."""
        if self._stream.is_behind(instant(event.time)):
            return True
        state = self._stream.subjects.get(event.subject or DEFAULT_SUBJECT)
        if state is None:
            return False
        scope = state.cases.get(event.case) if event.case else None
        return _is_alive(state.own) or (scope is not None and _is_alive(scope))

    def _is_open(self, person: _Person, case: str) -> bool:
        scope = person.state.cases.get(case)
        is_open = scope is not None and scope.open
        if is_open and not self._closes:
            person.open_cases.add(case)
        return is_open

    def _person(self, subject: str | UnsetType | None) -> _Person | None:
        name = subject or DEFAULT_SUBJECT
        known = self._known(name)
        if known is None or (self._counts_days and name not in self._stream.subjects):
            return None
        person = self._people[subject] = _Person(known, self._stream.known(name), set())
        return person


def _weighs(uses: Uses) -> int:
    if uses.triggers or uses.counts or uses.opens_span or uses.looks:
        return _MATTERS
    return _ENDS if uses.any() else _WEIGHTLESS


def _is_alive(scope: ScopeState) -> bool:
    return bool(scope.advices or scope.missed or scope.series or scope.spans)


def _open(state: SubjectState, case: str, time: int) -> None:
    scope = state.cases.get(case)
    if scope is None:
        scope = state.cases[case] = ScopeState(case=case, open=False)
    scope.open, scope.opened = True, time
    state.open_cases += 1
