"""One turn of one subject: the moment, the memory it works on, and what comes out of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from afterword.compiled_rules import CompiledRule, WantedValue
from afterword.conditions import EVENT_TIME, Ref
from afterword.days import Calendars, zone_exists
from afterword.meaning import Scene
from afterword.program import Program
from afterword.timeline import happening
from afterword.timeline.happening import Happening
from afterword.timeline.state import (
    NOTHING,
    TOLD,
    Advice,
    Cause,
    HistoryEntry,
    ScopeState,
    State,
    SubjectState,
)
from afterword.transition import Transition
from afterword.values import MISSING, dig
from afterword.windows import Reader


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a rule that an event could have triggered: `said`, or which gate it did not pass."""

    kind: str
    detail: Mapping[str, Any] = NOTHING
    advice: str | None = None


class Held(NamedTuple):
    """A rule's clause was checked against an event in a scope, with this outcome."""

    turn: Turn
    scope: ScopeState
    event: Happening
    rule: CompiledRule
    clause: int
    outcome: Outcome


class Told(NamedTuple):
    """An advice changed its state."""

    turn: Turn
    scope: ScopeState
    rule: CompiledRule
    advice: Advice
    state: State
    cause: Cause | None


class Observer:
    """Is told of what the answers do not show; a subclass overrides the methods that it needs (P6, S30).

    It must change nothing: the same transitions come out with it and without it.
    """

    def arrived(self, turn: Turn, scope: ScopeState, event: Happening) -> None:
        """The event came to this scope: the facts are up to date, and nothing else has happened yet."""

    def considered(self, held: Held) -> None:
        """A rule that the event could have triggered was checked against it."""

    def recurred(self, turn: Turn, scope: ScopeState, rule: CompiledRule, outcome: Outcome) -> None:
        """The time of a repeating rule's next occurrence came, with this outcome."""

    def told(self, told: Told) -> None:
        """An advice changed its state."""


class Turn:
    """What the steps of the timeline read and write while one subject takes an event or a deadline."""

    __slots__ = (
        "_alike",
        "days",
        "note",
        "now",
        "observer",
        "out",
        "program",
        "queue",
        "subject",
        "touched",
    )

    def __init__(
        self,
        program: Program,
        subject: SubjectState,
        now: int,
        note: Callable[[str, str], None],
        observer: Observer | None = None,
    ) -> None:
        self.program = program
        self.subject = subject
        self.now = now
        self.note = note
        self.days = Calendars(program.ruleset.defaults)
        """The calendar of each zone."""
        self.observer = observer
        self.out: list[Transition] = []
        self.queue: list[Happening] = []
        self.touched: dict[str | None, ScopeState] = {}
        self._alike = (HistoryEntry("scheduled", now),)
        """The latest change without a cause: an event often makes several advices, whose histories begin alike."""

    def touch(self, scope: ScopeState) -> None:
        """Notes that this scope may have a new deadline, or nothing left in it."""
        self.touched[scope.case] = scope

    def zone(self, scope: ScopeState, stated: str | None = None) -> str:
        """The time zone in force: the event's, the case's, the subject's, the ruleset's (S9)."""
        own = self.subject.own
        told = stated or scope.zone or own.zone
        if told is not None:
            return told
        fact = own.facts.get("timezone") if own.facts else None
        if isinstance(fact, str) and zone_exists(fact):
            return fact
        return self.program.ruleset.defaults.timezone

    def scene(self, scope: ScopeState, event: Happening, trigger: Mapping[str, Any] = NOTHING) -> LiveScene:
        """What conditions see of an event in a scope."""
        return LiveScene(self, scope, event, trigger)

    def reader(self, scope: ScopeState, advice: Advice) -> Reader:
        """Reads what a window is measured from: facts as they are now, the trigger's fields as they were."""

        def read(ref: Ref) -> object:
            if ref.root == "case":
                return dig(scope.facts, ref.path)
            if ref.root == "subject":
                return dig(self.subject.own.facts, ref.path)
            if ref == EVENT_TIME:
                return advice.anchor
            return advice.seen.get(str(ref))

        return read

    def facts_reader(self, scope: ScopeState) -> Reader:
        """Reads what a `while` ends by: facts as they are now."""

        def read(ref: Ref) -> object:
            if ref.root == "case":
                return dig(scope.facts, ref.path)
            return dig(self.subject.own.facts, ref.path) if ref.root == "subject" else None

        return read

    def tell(
        self,
        scope: ScopeState,
        rule: CompiledRule,
        advice: Advice,
        state: State,
        cause: Cause | None = None,
        because: tuple[str, ...] = (),
    ) -> None:
        """Records a transition of this advice, hands it out, and queues it as an event if a rule asks (S23)."""
        history, past = advice.history, self._alike
        if cause is not None:
            past = (HistoryEntry(state, self.now, cause),)
        elif past[0].time != self.now or past[0].state != state:
            past = self._alike = (HistoryEntry(state, self.now),)
        number = advice.told = (advice.told or len(history)) + 1
        advice.history = history + past if number <= TOLD else history[1 - TOLD :] + past
        subject, case = self.subject.subject, scope.case
        self.out.append(
            Transition(
                rule.voice,
                advice,
                state,
                self.now,
                subject,
                case or "",
                tuple(dict.fromkeys((*advice.because, *because))) if because else advice.because,
                cause,
                scope.facts if case is not None else NOTHING,
                self.subject.own.facts,
                self.days[advice.zone],
                number,
                advice.start,
                advice.end,
            )
        )
        if self.observer is not None:
            self.observer.told(Told(self, scope, rule, advice, state, cause))
        if state in self.program.heard:
            self._tell_rules(scope, rule, advice, state, cause)
        self.touched[case] = scope

    def _tell_rules(
        self, scope: ScopeState, rule: CompiledRule, advice: Advice, state: State, cause: Cause | None
    ) -> None:
        heard = self.program.heard[state]
        if heard is not None and rule.id not in heard:
            return
        data = {
            "advice": advice.id,
            "rule": rule.id,
            "kind": rule.rule.kind,
            "severity": rule.rule.severity,
        }
        if cause is not None and cause.kind == "user":
            said = {"until": cause.until, "reason": cause.reason}
            data.update((name, each) for name, each in said.items() if each is not None)
        self.queue.append(
            happening.transition(state, self.now, self.subject.subject, scope.case, data, advice.told)
        )

    def local_text(self, instant: int | None, zone: str) -> str | None:
        """An instant as RFC 3339 text in a zone."""
        return None if instant is None else self.days[zone].local(instant).isoformat()


class LiveScene(Scene):
    """A scene of a turn: what is seldom read is put together when it is read."""

    __slots__ = ("_event", "_kept", "_scope", "_turn")

    def __init__(self, turn: Turn, scope: ScopeState, event: Happening, trigger: Mapping[str, Any]) -> None:
        self._turn = turn
        self._scope = scope
        self._event = event
        self._kept: dict[int, dict[str, Any]] = {}
        self.data = event.data
        self.trigger = trigger

    def seen(self, wanted: tuple[WantedValue, ...]) -> dict[str, Any]:
        """The values that are found here, by their paths; advices that keep the same ones share them."""
        seen = self._kept.get(id(wanted))
        if seen is None:
            seen = {}
            for path, mapping_of, name in wanted:
                found = mapping_of(self).get(name, MISSING)
                if found is not MISSING:
                    seen[path] = found
            self._kept[id(wanted)] = seen = seen or NOTHING
        return seen

    def __getattr__(self, name: str) -> Any:
        made: object
        match name:
            case "event":
                made = self._event.attributes()
            case "case":
                scope = self._scope
                made = {**scope.facts, "id": scope.case, "open": scope.open} if scope.case is not None else {}
            case "subject":
                subject = self._turn.subject
                made = {**subject.own.facts, "id": subject.subject, "open_cases": subject.open_cases}
            case "days":
                made = self._turn.days[self._turn.zone(self._scope, self._event.zone)]
            case _:
                raise AttributeError(name)
        setattr(self, name, made)
        return made


def advice_id(turn: Turn, rule: str, case: str | None, identity: str, occurrence: int) -> str:
    """A digest of what made the advice; the same log gives the same ids (S22)."""
    made_of = [turn.program.ruleset.name, rule, turn.subject.subject, case, identity, occurrence]
    digest = _DIGEST.copy()
    digest.update(msgspec.json.encode(made_of))
    return digest.hexdigest()


_DIGEST = hashlib.blake2b(digest_size=10)
"""Of nothing yet: copying it is quicker than making another one."""
