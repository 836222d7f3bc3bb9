"""Tells of a typed event whether it can be passed over: when it triggers, counts, ends and remembers nothing.

In a large log that holds for most events, and the few fields that rules test tell it. An event is passed over at the
price of a few look-ups, and what cannot be told so is left to the timeline. Passing over an event changes no answer: a
differential test holds the two together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from msgspec import UnsetType

from afterword.days import instant
from afterword.events import DEFAULT_SUBJECT
from afterword.field_atoms import needed
from afterword.program import SCOPES, Program, TypePlan, Uses
from afterword.report import is_built_in
from afterword.ruleset import EventType
from afterword.stream import Stream
from afterword.timeline.state import ScopeState, SubjectState
from afterword.typed import Typed, TypedEvent, attribute

Pass = Callable[[Any], bool]
"""Takes an event and tells whether it is done with; if not, nothing has happened yet."""

Known = set[str | tuple[str, str]]
"""The ids of a subject's events, with their sources where they have one (S3)."""

_NOTHING, _ENDS, _MATTERS = 0, 1, 2


class Sieve:
    """What can be passed over of one log under one program."""

    def __init__(self, program: Program, stream: Stream, known: Callable[[str], Known | None]) -> None:
        """`known` gives the ids of a subject, or `None` where these do not tell a duplicate."""
        self._program = program
        self._stream = stream
        self._known = known
        self._counts_days = "subject" in program.day_scopes
        """Whether the days of a subject are told from their first event on, which must not be passed over then."""
        self._passes: dict[str, Pass | None] = {}
        self._people: dict[str, tuple[Known, SubjectState] | None] = {}
        self._unknown: Counter[str] = Counter()
        self._duplicates: Counter[str] = Counter()

    def passes(self, typed: Typed) -> dict[type, Pass]:
        """For each type that is known by now: what tells it, if anything can be passed over."""
        events = self._program.ruleset.events
        for name in typed.classes.keys() - self._passes.keys():
            self._passes[name] = self._unheard(name) if name not in events else self._of(events[name])
        return {typed.classes[name]: pass_ for name, pass_ in self._passes.items() if pass_ is not None}

    @property
    def noticed(self) -> list[tuple[str, str, int]]:
        """What there is to remark about the events that were passed over: kind, about what, how often."""
        found = {"unknown type": self._unknown, "duplicate": self._duplicates}
        return [(kind, about, n) for kind, counts in found.items() for about, n in counts.items()]

    @property
    def met(self) -> Iterator[SubjectState]:
        """Those of whom an event may have been passed over."""
        return (person[1] for person in self._people.values() if person is not None)

    def _unheard(self, name: str) -> Pass | None:
        """Of a type that the ruleset does not declare: only to be counted, unless the engine itself knows it."""
        if name.startswith("advice.") or is_built_in(name, self._program.ruleset):
            return None
        return self._pass(unheard=name)

    def _of(self, declared: EventType) -> Pass | None:
        plan = self._program.plans.get(declared.name)
        dated = any(field.type in ("date", "datetime") for field in declared.fields.values())
        if dated or declared.name.endswith(".passed"):
            return None  # whether a text is a date has to be looked at
        if plan is None:
            return self._pass()
        if plan.closes or plan.event_atoms or plan.asks_more_than_fields():
            return None
        asked = {atoms.name for atoms in plan.by_field}
        if plan.case.facts or plan.subject.facts or not asked <= declared.fields.keys():
            return None
        if plan.opens and ("case" in self._program.day_scopes or self._program.passed_facts["case"]):
            return None  # the clock has something to tell of every open case
        if plan.case.idle and plan.subject.idle:
            return self._pass(opens=plan.opens)
        return self._pass(self._weight(plan, declared), opens=plan.opens)

    def _pass(
        self, weight: Callable[[Any], int] | None = None, *, opens: bool = False, unheard: str = ""
    ) -> Pass:
        people, duplicates, unknown = self._people, self._duplicates, self._unknown

        def pass_(event: TypedEvent) -> bool:
            if weight is not None:
                weighs = weight(event)
                if weighs and (weighs == _MATTERS or self._has_open_ends(event)):
                    return False
            subject = event.subject or DEFAULT_SUBJECT
            person = people.get(subject) or self._person(subject)
            if person is None:
                return False
            ids, state = person
            opened = _opened(state, event.case) if opens else None
            if opened is not None and self._stream.is_behind(instant(event.time)):
                return False  # what is still to happen finds the case closed
            if event.id:
                size = len(ids)
                ids.add((event.source, event.id) if event.source else event.id)
                if len(ids) == size:
                    duplicates[event.id] += 1
                    return True
            if opened is not None:
                _open(state, opened, instant(event.time))
            elif unheard:
                unknown[unheard] += 1
            return True

        return pass_

    def _weight(self, plan: TypePlan, declared: EventType) -> Callable[[Any], int]:
        """What an event of a type weighs of which rules ask no more than the values of some fields."""
        kept: dict[int, int] = {}
        needs_case = plan.case.uses.any()
        atoms = [(attrgetter(attribute(declared, each.name)), each.mask) for each in plan.by_field]
        field, texts = needed(plan.patterns) or ("", frozenset())
        gate = attrgetter(attribute(declared, field)) if field else None

        def weight(event: TypedEvent) -> int:
            if needs_case and not event.case:
                return _MATTERS
            mask = 0
            if atoms:
                data = event.data
                if not data:
                    return _MATTERS
                if gate is not None and gate(data) not in texts:
                    return _NOTHING
                for get, mask_of in atoms:
                    mask |= mask_of(get(data))
            found = kept.get(mask)
            if found is None:
                found = kept[mask] = max(_weighs(self._program.uses(plan, each, mask)) for each in SCOPES)
            return found

        return weight

    def _has_open_ends(self, event: TypedEvent) -> bool:
        """Whether anything is open that an event could end, or may come to be by deadlines before it."""
        if self._stream.is_behind(instant(event.time)):
            return True
        state = self._stream.subjects.get(event.subject or DEFAULT_SUBJECT)
        if state is None:
            return False
        scope = state.cases.get(event.case) if event.case else None
        return _is_alive(state.own) or (scope is not None and _is_alive(scope))

    def _person(self, subject: str) -> tuple[Known, SubjectState] | None:
        known = self._known(subject)
        if known is None or (self._counts_days and subject not in self._stream.subjects):
            return None
        person = self._people[subject] = (known, self._stream.known(subject))
        return person


def _weighs(uses: Uses) -> int:
    if uses.triggers or uses.counts or uses.opens_span or uses.looks:
        return _MATTERS
    return _ENDS if uses.any() else _NOTHING


def _is_alive(scope: ScopeState) -> bool:
    return bool(scope.advices or scope.missed or scope.series or scope.spans)


def _opened(state: SubjectState, case: str | UnsetType | None) -> str | None:
    """The case, if an event that opens cases opens this one."""
    if not isinstance(case, str):
        return None
    scope = state.cases.get(case)
    return None if scope is not None and scope.open else case


def _open(state: SubjectState, case: str, time: int) -> None:
    scope = state.cases.get(case)
    if scope is None:
        scope = state.cases[case] = ScopeState(case=case, open=False)
    scope.open, scope.opened = True, time
    state.open_cases += 1
