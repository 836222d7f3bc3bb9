"""What became of one event: which rules it was held against, what each made of it, or why it had no effect (P2, P6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from afterword.builtin import USER_EVENTS, is_built_in, is_reserved
from afterword.events import Event
from afterword.explain import SHOWN, gate_words, gates_at
from afterword.gates import Gate
from afterword.not_ended import NotEnded, in_other_cases, not_ended, nothing_open, waits_for
from afterword.program import Program
from afterword.report import Remark, shortened
from afterword.ruleset import Ruleset
from afterword.shown import Shown, show
from afterword.timeline.happening import Happening
from afterword.timeline.state import Advice, Cause, ScopeState
from afterword.timeline.turn import Held, Observer, Told, Turn
from afterword.wording import times

Fate = Literal["taken", "unknown type", "reserved type", "late", "duplicate", "not known"]

_FATES: dict[Fate, str] = {
    "taken": "taken",
    "unknown type": "the rules do not declare its type; it had no effect",
    "reserved type": "only the engine may use its type; it had no effect",
    "late": "it came too late, from before what is kept of the past; it had no effect",
    "duplicate": "it came again without effect; the first one is no longer kept",
    "not known": "no such event came, or it is not kept any more",
}

_NOTHING_TO_ANSWER = "no advice that it names was open, or it was as wanted already"


class Heard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one rule made of the event in one case, or (`case` none) for the subject."""

    rule: str
    case: str | None
    outcome: str
    """`said`, or what kept the rule quiet: `condition`, `count`, `while`, `unless`, `cooldown`, `inhibited` …"""
    why: str
    advice: str | None = None
    conditions: Shown | None = None
    """Each with the value that it saw; as text, `Engine.explain` and `afterword explain --rule` show them."""
    gates: tuple[Gate, ...] = ()


class Brought(msgspec.Struct, frozen=True):
    """A change of an advice that the event brought."""

    advice: str
    rule: str
    case: str | None
    state: str
    time: str


class EventExplanation(msgspec.Struct, frozen=True):
    """What became of one event. What is not known of it is `None`."""

    event: str
    fate: Fate
    type: str | None = None
    time: str | None = None
    subject: str | None = None
    case: str | None = None
    again: int = 0
    """How often it came again, without effect."""
    heard: tuple[Heard, ...] = ()
    brought: tuple[Brought, ...] = ()
    can_end: tuple[str, ...] = ()
    """The rules whose advice events of this type can fulfil or cancel."""
    not_ended: tuple[NotEnded, ...] = ()
    """The advice that it did not end, although its type is one that can."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    def __str__(self) -> str:
        if self.type is None:
            return f"{self.event}: {_FATES[self.fate]}"
        whose = f"subject {self.subject}" + (f", case {self.case}" if self.case is not None else "")
        lines = [f"{self.time}  {self.event} ({self.type}), {whose}: {_FATES[self.fate]}"]
        if self.again:
            lines.append(f"  it came again, without effect: {times(self.again)}")
        for each in self.brought:
            lines.append(f"  {each.state}  {each.rule}{_in(each.case)}, advice {each.advice}")
        for quiet in (heard for heard in self.heard if heard.outcome != "said"):
            lines.append(f"  quiet  {quiet.rule}{_in(quiet.case)}: {quiet.why}")
            lines += [line for gate in quiet.gates for line in gate.lines("    ")]
        lines += [f"  {line}" for each in self.not_ended[:SHOWN] for line in each.below_event()]
        if len(self.not_ended) > SHOWN:
            lines.append(f"  … and {len(self.not_ended) - SHOWN} more advices not ended")
        if self.fate == "taken" and not (self.heard or self.brought or self.not_ended):
            lines.append(f"  {self._nothing()}")
        return "\n".join(lines)

    def _nothing(self) -> str:
        """Why an event that was taken came to nothing."""
        if self.type in USER_EVENTS:
            return _NOTHING_TO_ANSWER
        if self.can_end:
            return f"no rule is triggered by {self.type} there, and nothing was open that it can end"
        return f"no rule listens to {self.type} there"


class EventWatcher(Observer):
    """Collects what the rules made of one event: an observer for the engine."""

    def __init__(self, event: str) -> None:
        self.event = event
        self.heard: list[Heard] = []
        self.brought: list[Brought] = []
        self.not_ended: list[NotEnded] = []

    def arrived(self, turn: Turn, scope: ScopeState, event: Happening) -> None:
        """Notes what the event does not end where it arrives."""
        if event.ref == self.event:
            self.not_ended += not_ended(turn, scope, event, lambda _: True)
            self.not_ended += in_other_cases(turn, scope, event, lambda _: True)
            self.not_ended += nothing_open(turn, scope, event)

    def considered(self, held: Held) -> None:
        """Notes what a rule made of the event."""
        turn, scope, event, rule, clause, outcome = held
        if event.ref != self.event:
            return
        where = rule.rule.when[clause].where
        quiet = outcome.kind in ("while", "unless")
        self.heard.append(
            Heard(
                rule=rule.rule.id,
                case=scope.case,
                outcome=outcome.kind,
                why=gate_words(outcome, scope),
                advice=outcome.advice,
                conditions=None if where is None else show(where, turn.scene(scope, event)),
                gates=gates_at(turn, scope, event, rule) if quiet else (),
            )
        )

    def told(self, told: Told) -> None:
        """Notes a change that goes back to the event alone."""
        turn, scope, rule, advice, state, cause = told
        made = advice.trigger == self.event and advice.anchor == turn.now and cause is None
        if made or (cause is not None and cause.event == self.event) or self._suppressed(advice, turn, cause):
            at = turn.days[advice.zone].local(turn.now).isoformat()
            self.brought.append(Brought(advice.id, rule.rule.id, scope.case, state, at))

    def _suppressed(self, advice: Advice, turn: Turn, cause: Cause | None) -> bool:
        return (
            cause is not None
            and cause.kind in ("cooldown", "inhibited")
            and (advice.trigger, advice.anchor) == (self.event, turn.now)
        )


def explain_event(
    name: str, event: Event | None, watcher: EventWatcher, program: Program, remarks: Iterable[Remark]
) -> EventExplanation:
    """What became of the event of this name, as far as it is known, watched, and remarked upon."""
    noticed = {remark.kind: remark.count for remark in remarks if remark.about == shortened(name)}
    again = noticed.get("duplicate", 0)
    if event is None:
        fate: Fate = "late" if "late" in noticed else "duplicate" if again else "not known"
        return EventExplanation(name, fate, again=again)
    return EventExplanation(
        event=name,
        fate=_fate(event.type, program.ruleset),
        type=event.type,
        time=event.time.isoformat(),
        subject=event.subject,
        case=event.case,
        again=again,
        heard=tuple(watcher.heard),
        brought=tuple(watcher.brought),
        can_end=tuple(each.id for each in program.rules if event.type in waits_for(each.rule)),
        not_ended=tuple(watcher.not_ended),
    )


def _fate(event_type: str, ruleset: Ruleset) -> Fate:
    """What becomes of every event of this type that comes in time and once."""
    if event_type in ruleset.events or is_built_in(event_type, ruleset):
        return "taken"
    return "reserved type" if is_reserved(event_type) else "unknown type"


def _in(case: str | None) -> str:
    return "" if case is None else f", case {case}"
