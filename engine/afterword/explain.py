"""Why an advice was said, suppressed, or not said: data first, text second (P6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from afterword.compiled_rules import CompiledRule, compiled_rule
from afterword.days import Days
from afterword.gates import Gate, Named, gates
from afterword.meaning import Scene
from afterword.not_ended import NotEnded, in_other_cases, not_ended, waits_for
from afterword.shown import Shown, event_name, local_text, named, show
from afterword.timeline.gating import is_case_open, stamp_of
from afterword.timeline.happening import Happening
from afterword.timeline.state import Advice, Cause, ScopeState
from afterword.timeline.turn import Held, Observer, Outcome, Turn
from afterword.transition import Transition, calendar_of, voice_of
from afterword.values import plant

SHOWN = 20
"""So many of the events that did not end an advice are told one by one in its text; its data has all."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change in the advice's life. `time` is RFC 3339 text."""

    state: str
    time: str
    cause: Cause | None = None


class Explanation(msgspec.Struct, frozen=True):
    """Why one advice was said or suppressed, and what became of it."""

    advice: str
    rule: str
    title: str
    kind: str
    severity: str
    subject: str
    case: str | None
    state: str
    trigger: str
    because: tuple[str, ...]
    conditions: Shown | None
    gates: tuple[Gate, ...]
    count: int | None
    window: Mapping[str, str | None] | None
    history: tuple[Step, ...]
    source: Mapping[str, str]
    waits_for: tuple[str, ...] = ()
    """The types of the events that can fulfil or cancel it."""
    not_ended_by: tuple[NotEnded, ...] | None = None
    """The events of these types that came while it was open or overdue and did not end it; `None`: nobody watched."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    def __str__(self) -> str:
        whose = f"subject {self.subject}" + (f", case {self.case}" if self.case is not None else "")
        lines = [f"{self.title}  [{self.rule}, {self.severity} {self.kind}, {whose}]"]
        lines.append(f"  advice {self.advice}: {self.state}")
        lines.append(f"  made by {event_name(self.trigger)}" + _also(self.because, self.trigger))
        if self.count is not None:
            lines.append(f"  counted {self.count} such events in the window")
        if self.conditions is not None:
            lines += self.conditions.lines("  ")
        lines += [line for gate in self.gates for line in gate.lines("  ")]
        if self.window is not None:
            lines.append(
                f"  due from {self.window['from'] or '(not known)'} until {self.window['until'] or '(open)'}"
            )
        lines += [f"  {step.time}  {step.state}{_why(step.cause)}" for step in self.history]
        lines += self._not_ended()
        if self.source.get("section"):
            lines.append(f"  source: {self.source['section']}")
        return "\n".join(lines)

    def _not_ended(self) -> list[str]:
        """What came and did not end it; that nothing came, of what would be waited for."""
        events = self.not_ended_by
        if events:
            lines = [f"    {line}" for event in events[:SHOWN] for line in event.below_advice()]
            more = [f"    … and {len(events) - SHOWN} more events"] if len(events) > SHOWN else []
            return ["  not ended by:", *lines, *more]
        if events is None or not self.waits_for or self.state in ("fulfilled", "cancelled", "withdrawn"):
            return []
        return [f"  while it was open, no event came that can end it ({', '.join(self.waits_for)})"]


class Considered(msgspec.Struct, frozen=True):
    """One event that a rule was held against and that it did not speak for, with the gate that stayed shut."""

    event: str
    type: str
    time: str
    subject: str
    case: str | None
    outcome: str
    why: str
    conditions: Shown | None
    gates: tuple[Gate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]

    def __str__(self) -> str:
        lines = [f"{self.time}  {named(self.event, self.type)}: {self.why}"]
        lines += [line for gate in self.gates for line in gate.lines("  ")]
        if self.outcome == "condition" and self.conditions is not None:
            lines += self.conditions.lines("  ")
        return "\n".join(lines)


def explain_transition(transition: Transition) -> Explanation:
    """The explanation of the advice of a transition, under the rule as it was then."""
    found = explain(
        compiled_rule(voice_of(transition), 0),
        transition.subject,
        transition.case,
        transition.record,
        calendar_of(transition),
    )
    if transition.state != "withdrawn":
        return found
    step = Step("withdrawn", transition.time.isoformat(), transition.cause)
    return msgspec.structs.replace(found, state="withdrawn", history=(*found.history, step))


def explain(
    compiled: CompiledRule, subject: str, case: str | None, advice: Advice, days: Days
) -> Explanation:
    """The explanation of one advice from what it kept of its trigger."""
    rule = compiled.rule
    clause = rule.when[advice.clause] if advice.clause < len(rule.when) else None  # the rule may be gone
    where = None if clause is None else clause.where
    return Explanation(
        advice=advice.id,
        rule=rule.id,
        title=rule.title,
        kind=rule.kind,
        severity=rule.severity,
        subject=subject,
        case=case,
        state=advice.history[-1].state if advice.history else advice.state,
        trigger=advice.trigger,
        because=advice.because,
        conditions=None if where is None else show(where, _scene(advice.seen, days)),
        gates=tuple(
            gates(compiled, advice.anchor, advice.gates, lambda ref: advice.seen.get(str(ref)), days)
        ),
        count=advice.count,
        window=None
        if rule.kind == "warning"
        else {"from": local_text(advice.start, days), "until": local_text(advice.end, days)},
        history=tuple(
            Step(past.state, days.local(past.time).isoformat(), past.cause) for past in advice.history
        ),
        source=rule.source,
        waits_for=waits_for(rule),
    )


class Watcher(Observer):
    """Collects what one rule was held against while a log is replayed: an observer for the engine."""

    def __init__(self, rule: str, subject: str | None = None, case: str | None = None) -> None:
        self.rule = rule
        self.subject = subject
        self.case = case
        self.considered_events: list[Considered] = []
        self.gates: dict[str, tuple[Gate, ...]] = {}
        """Of each advice that was said: its gates with the events that opened them."""
        self.not_ended: dict[str, list[NotEnded]] = {}
        """Of each advice: the events that did not end it."""
        self._memory: dict[tuple[str, str | None], _Memory] = {}

    def arrived(self, turn: Turn, scope: ScopeState, event: Happening) -> None:
        """Notes what the event does not end, and whether it opened or closed what the rule's gates look at."""
        rule = turn.program.by_id.get(self.rule)
        if rule is None:
            return
        if event.type in waits_for(rule.rule) and self.subject in (None, turn.subject.subject):
            for each in not_ended(turn, scope, event, lambda advice: advice.rule == self.rule):
                if each.advice is not None and self.case in (None, each.case):
                    self.not_ended.setdefault(each.advice, []).append(each)
            # What an event of another case would have ended is told of one advice or of one event only: of all
            # advices of a rule it would be each of them with each of the events.
        if not rule.gates:
            return
        memory = self._memory.setdefault((turn.subject.subject, scope.case), _Memory())
        memory.look(rule, scope)
        memory.event = Named(event.time, named(event.ref, event.type))

    def considered(self, held: Held) -> None:
        """Notes an event for which the watched rule did not speak."""
        turn, scope, event, rule, clause, outcome = held
        if rule.rule.id != self.rule:
            return
        if outcome.advice is not None and outcome.kind != "ignored":
            self.gates[outcome.advice] = self._gates(turn, scope, event, rule)
            return  # said or suppressed: there is an advice, which explains itself
        if self.subject not in (None, turn.subject.subject) or self.case not in (
            None,
            scope.case,
            event.case,
        ):
            return
        scene = turn.scene(scope, event)
        where = rule.rule.when[clause].where
        self.considered_events.append(
            Considered(
                event=event.ref,
                type=event.type,
                time=scene.days.local(event.time).isoformat(),
                subject=turn.subject.subject,
                case=scope.case,
                outcome=outcome.kind,
                why=gate_words(outcome, scope),
                conditions=None if where is None else show(where, scene),
                gates=self._gates(turn, scope, event, rule) if outcome.kind in ("while", "unless") else (),
            )
        )

    def named(self, explanation: Explanation) -> Explanation:
        """The same explanation with the events that opened its gates and those that did not end it."""
        gates = self.gates.get(explanation.advice, explanation.gates)
        not_ended_by = tuple(self.not_ended.get(explanation.advice, ()))
        return msgspec.structs.replace(explanation, gates=gates, not_ended_by=not_ended_by)

    def _gates(self, turn: Turn, scope: ScopeState, event: Happening, rule: CompiledRule) -> tuple[Gate, ...]:
        memory = self._memory.get((turn.subject.subject, scope.case), _Memory())
        memory.look(rule, scope)
        return gates_at(turn, scope, event, rule, memory.named, memory.closed)


class AdviceWatcher(Observer):
    """Collects the events that did not end one advice: an observer for the engine."""

    def __init__(self, advice: str) -> None:
        self.advice = advice
        self.not_ended: list[NotEnded] = []

    def arrived(self, turn: Turn, scope: ScopeState, event: Happening) -> None:
        """Notes an event that does not end the advice."""
        self.not_ended += not_ended(turn, scope, event, self._is_asked_about)
        self.not_ended += in_other_cases(turn, scope, event, self._is_asked_about)

    def _is_asked_about(self, advice: Advice) -> bool:
        return advice.id == self.advice

    def named(self, explanation: Explanation) -> Explanation:
        """The same explanation with these events."""
        return msgspec.structs.replace(explanation, not_ended_by=tuple(self.not_ended))


class _Memory:
    """By which event the spans and lookbacks of the watched rule came to stand as they stand, in one scope."""

    def __init__(self) -> None:
        self.event: Named | None = None
        """The last event that came: what has changed since it came is its doing."""
        self.named: dict[str, Named] = {}
        self.closed: dict[str, Named] = {}

    def look(self, rule: CompiledRule, scope: ScopeState) -> None:
        """Puts down to the last event what it has changed."""
        if self.event is None:
            return
        for gate in rule.gates:
            key, at = gate.key, stamp_of(scope, gate)
            known = self.named.get(key)
            if at is None and known is not None:
                self.closed[key] = Named(self.event.at, self.event.event)
                del self.named[key]
            elif at is not None and (known is None or known.at != at):
                self.named[key] = Named(at, self.event.event)
                self.closed.pop(key, None)


def gates_at(
    turn: Turn,
    scope: ScopeState,
    event: Happening,
    rule: CompiledRule,
    named: Mapping[str, Named] | None = None,
    closed: Mapping[str, Named] | None = None,
) -> tuple[Gate, ...]:
    """The gates of a rule as an event finds them; `named` and `closed` as `gates` takes them."""
    found = gates(
        rule,
        event.time,
        {**scope.spans, **scope.last},
        turn.facts_reader(scope),
        turn.days[turn.zone(scope)],
        case_open=is_case_open(turn, scope),
        named=named,
        closed=closed,
    )
    return tuple(found)


def gate_words(outcome: Outcome, scope: ScopeState) -> str:
    """What became of a rule that an event could have triggered in a scope, in words."""
    detail = outcome.detail
    match outcome.kind:
        case "condition":
            return "its conditions did not hold"
        case "count":
            forgets = not (detail["count"] or scope.remembers)
            why = "; the case is not open, and nothing of it is counted" if forgets else ""
            return f"only {detail['count']} of {detail['at_least']} so far in the window{why}"
        case "effective":
            return "the rule was not in force at that time (`effective`)"
        case "while":
            return "its `while` did not hold"
        case "unless":
            return "its `unless` held"
        case "ignored":
            return f"the advice {detail['open']} of this rule was open already ({detail['state']})"
        case "cooldown":
            return f"it spoke not long ago, and keeps quiet until {detail['until']}"
        case "inhibited":
            until = f" until {detail['until']}" if detail["until"] else ""
            return f"{detail['rule']} holds it back{until}"
    return outcome.kind


def _scene(seen: Mapping[str, Any], days: Days) -> Scene:
    """The scene of a trigger as far as its advice kept it."""
    roots: dict[str, dict[str, Any]] = {"data": {}, "event": {}, "case": {}, "subject": {}}
    for path, value in seen.items():
        head, *rest = path.split(".")
        place, names = (roots[head], rest) if rest and head in roots else (roots["data"], [head, *rest])
        plant(place, names, value)
    return Scene(roots["data"], roots["event"], roots["case"], roots["subject"], {}, days)


def _also(because: tuple[str, ...], trigger: str) -> str:
    others = [each for each in because if each != trigger]
    return f", with {', '.join(map(event_name, others))}" if others else ""


def _why(cause: Cause | None) -> str:
    """A cause in words."""
    if cause is None:
        return ""
    until = f" until {cause.until}" if cause.until else ""
    event = event_name(cause.event or "")
    said = {
        "event": f"by {event}",
        "closed": f"{event} closed the case",
        "cooldown": f"quiet{until}, after advice {cause.advice}",
        "inhibited": f"held back by {cause.rule}{until}, advice {cause.advice}",
        "released": f"{cause.rule} no longer holds it back"
        if cause.rule
        else "nothing holds it back any more",
        "restarted": f"{event} started it anew",
        "fact": f"{event} changed {cause.fact}",
        "snooze over": "the snooze is over",
        "reopened": f"{event} took the dismissal or snooze back",
        "user": f"{event}{until}" + (f": {cause.reason}" if cause.reason else ""),
        "late event": f"{event} came late, and shows that this never was",
        "rules changed": "the rules were edited",
    }
    return f"  ({said[cause.kind]})"
