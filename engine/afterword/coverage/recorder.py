"""Watches an engine and notes which branches of the rules it goes through (S30)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from afterword.compiled_rules import CompiledGate, CompiledRule, count_key
from afterword.coverage.branches import Asked, Branch, Probe, asked, gate_place, numbered, probes, truth
from afterword.meaning import Scene, holds
from afterword.program import Program
from afterword.ruleset import Lookback, Rule, Scope
from afterword.timeline.endings import payload
from afterword.timeline.gating import stamp_of
from afterword.timeline.happening import Happening
from afterword.timeline.state import Advice, Cause, ScopeState
from afterword.timeline.turn import Held, Observer, Outcome, Told, Turn
from afterword.windows import locate

_MEASURED = frozenset({"scheduled", "rescheduled", "due", "missed"})
"""States in which the window is what it was last measured to be."""
_AGAIN = {"ignored": "ignore", "restarted": "restart"}


class Recorder(Observer):
    """Adds to `seen` what engines on one program do. It evaluates every test by itself, the slow and sure way."""

    def __init__(self, program: Program, seen: set[Branch]) -> None:
        self.seen = seen
        self._probes: dict[tuple[str, Scope], list[tuple[Probe, tuple[Asked, ...]]]] = {}
        for compiled in program.rules:
            for probe in probes(compiled.rule):
                for name in probe.clause.types:
                    asks = self._probes.setdefault((name, probe.rule.per), [])
                    asks.append((probe, tuple(asked(probe))))
        self._rested: set[str] = set()

    def arrived(self, turn: Turn, scope: ScopeState, event: Happening) -> None:
        """Holds the event against every clause that the engine will hold it against in this scope."""
        quiet = scope.cooldowns.items()
        self._rested = {rule for rule, each in quiet if each.until is not None and each.until <= turn.now}
        for probe, tests in self._probes.get((event.type, scope.kind), ()):
            for scene in _scenes(turn, scope, event, probe):
                self._look(probe, tests, scene)
                if _counts(probe, scene):
                    self._look_back(turn, scope, event, probe)

    def considered(self, held: Held) -> None:
        """Notes which gates the rule met, and what became of its advice."""
        turn, scope, event, rule, clause, outcome = held
        if outcome.kind == "condition":
            return
        if rule.rule.when[clause].count is not None:
            self._counted(scope, rule, clause, outcome)
        if outcome.kind == "count":
            return
        self._gates(turn, scope, rule, event.time, outcome)
        if outcome.kind in _AGAIN:
            self._note(rule, "again", _AGAIN[outcome.kind])
        if outcome.kind == "said":
            self._said(scope, rule, outcome, event)

    def recurred(self, turn: Turn, scope: ScopeState, rule: CompiledRule, outcome: Outcome) -> None:
        """Notes which gates the occurrence met."""
        self._gates(turn, scope, rule, turn.now, outcome)

    def told(self, told: Told) -> None:
        """Notes how the advice goes on or ends, and how its window was measured."""
        turn, scope, rule, advice, state, cause = told
        if state == "suppressed":
            self._suppressed(rule, cause)
            return
        self._note(rule, "", "said")
        if state in ("fulfilled", "missed"):
            self._note(rule, "", state)
        if state == "cancelled" and cause is not None:
            self._note(rule, "", "closed" if cause.kind == "closed" else "cancelled")
        if state in _MEASURED and rule.rule.kind == "recommendation":
            self._measured(turn, scope, rule.rule, advice)
        if advice.occurrence and rule.rule.repeat is not None:
            self._note(rule, "repeat", "again")
            if advice.occurrence + 1 == rule.rule.repeat.at_most:
                self._note(rule, "repeat.at_most", "reached")

    # --- what was seen of the patterns

    def _look(self, probe: Probe, tests: Iterable[Asked], scene: Scene) -> None:
        rule = probe.rule.id
        if probe.clause.where is None:
            self.seen.add(Branch(rule, probe.place, "came"))
        for place, condition, _ in tests:
            self.seen.add(Branch(rule, place, truth(holds(condition, scene))))

    def _look_back(self, turn: Turn, scope: ScopeState, event: Happening, probe: Probe) -> None:
        """Notes whether something that was counted has left the window; it is about to be forgotten."""
        count, counted = probe.clause.count, scope.counts.get(probe.key)
        days = turn.days[turn.zone(scope, event.zone)]
        if count is not None and counted and days.add(counted[0].time, count.within) <= turn.now:
            self.seen.add(Branch(probe.rule.id, f"{probe.place}.count", "lapsed"))

    def _counted(self, scope: ScopeState, rule: CompiledRule, clause: int, outcome: Outcome) -> None:
        place = f"{numbered('when', clause, rule.rule.when)}.count"
        self._note(rule, place, "shut" if outcome.kind == "count" else "open")
        values = [each.value for each in scope.counts.get(count_key(rule.rule, clause), ())]
        if len(set(values)) < len(values):
            self._note(rule, place, "repeated")

    # --- what was seen of the gates

    def _gates(self, turn: Turn, scope: ScopeState, rule: CompiledRule, at: int, outcome: Outcome) -> None:
        """The gates stand one behind the other: those before the one that stayed shut were open."""
        if rule.rule.effective is not None:
            self._effective(rule, at, outcome)
        if outcome.kind == "effective":
            return
        shut = outcome.detail["gate"] if outcome.kind in ("while", "unless") else None
        for gate in rule.gates[:shut]:
            self._gate(turn, scope, rule, gate, at, is_so=not gate.shuts_if)
        if shut is not None:
            gate = rule.gates[shut]
            self._gate(turn, scope, rule, gate, at, is_so=gate.shuts_if)

    def _effective(self, rule: CompiledRule, at: int, outcome: Outcome) -> None:
        if outcome.kind != "effective":
            self._note(rule, "effective", "open")
            return
        start = rule.rule.effective.start if rule.rule.effective is not None else None
        place = "from" if start is not None and at < start else "until"
        self._note(rule, f"effective.{place}", "shut")

    def _gate(
        self, turn: Turn, scope: ScopeState, rule: CompiledRule, gate: CompiledGate, at: int, *, is_so: bool
    ) -> None:
        """Notes whether what a gate asks is so; and if it is so no longer because time has passed, that too."""
        place = gate_place(rule.rule, gate)
        self._note(rule, place, "shut" if is_so is gate.shuts_if else "open")
        stamp = stamp_of(scope, gate)
        if is_so or stamp is None:
            return
        if isinstance(gate.item, Lookback) and gate.item.within is not None:
            self._note(rule, f"{place}.within", "passed")
        read, days = turn.facts_reader(scope), turn.days[turn.zone(scope)]
        for n, end_of in enumerate(gate.ends):
            end = end_of(stamp, read, days)
            if end is not None and at >= end:
                self._note(rule, numbered(f"{place}.until", n, gate.ends), "passed")

    def _suppressed(self, rule: CompiledRule, cause: Cause | None) -> None:
        if cause is not None and cause.kind == "cooldown":
            self._note(rule, "cooldown", "shut")
        if cause is not None and cause.kind == "inhibited" and cause.rule is not None:
            self.seen.add(Branch(cause.rule, "inhibits", rule.rule.id))

    # --- what was seen of the advice

    def _said(self, scope: ScopeState, rule: CompiledRule, outcome: Outcome, event: Happening) -> None:
        if rule.rule.id in self._rested:
            self._note(rule, "cooldown", "open")
        others = (each for each in scope.advices.values() if each.id != outcome.advice)
        if any(each.rule == rule.rule.id and each.trigger_type == event.type for each in others):
            self._note(rule, "again", "each")

    def _measured(self, turn: Turn, scope: ScopeState, rule: Rule, advice: Advice) -> None:
        """Notes, where a bound of the window has several moments, which was the first that was known."""
        read, days = turn.reader(scope, advice), turn.days[advice.zone]
        bounds = (
            ("due.from", rule.due.start, advice.anchor),
            ("due.until", rule.due.end or (), advice.start),
        )
        for place, moments, anchor in bounds:
            if anchor is None or len(moments) < 2:
                continue
            known = (n for n, each in enumerate(moments) if locate(each)(anchor, read, days) is not None)
            first = next(known, None)
            if first is not None:
                self.seen.add(Branch(rule.id, numbered(place, first, moments), "taken"))

    def _note(self, rule: CompiledRule, place: str, outcome: str) -> None:
        self.seen.add(Branch(rule.rule.id, place, outcome))


def _scenes(turn: Turn, scope: ScopeState, event: Happening, probe: Probe) -> Iterator[Scene]:
    """What the clause sees, once for each time that it is held against the event; nothing when it is not."""
    if probe.role in ("fulfilled_by", "cancelled_by"):
        for seen in _triggers(scope, probe):
            yield turn.scene(scope, event, payload(seen))
    elif probe.role == "when" or _is_looked_at(scope, probe):
        yield turn.scene(scope, event)


def _is_looked_at(scope: ScopeState, probe: Probe) -> bool:
    """Whether there is an open span for an `until` to close, or a memory for the others to go into."""
    return probe.key in scope.spans if probe.role == "until" else scope.remembers


def _triggers(scope: ScopeState, probe: Probe) -> Iterator[dict[str, object]]:
    """What the open advices of the rule saw, which the clause can end; a running repeat is one."""
    for advice in scope.advices.values():
        if advice.rule == probe.rule.id and (probe.role == "cancelled_by" or advice.state != "dismissed"):
            yield advice.seen
    for series in scope.series.values():
        if probe.role == "cancelled_by" and series.rule == probe.rule.id:
            yield series.trigger.seen


def _counts(probe: Probe, scene: Scene) -> bool:
    """Whether the event is one that the clause counts."""
    where = probe.clause.where
    return probe.clause.count is not None and (where is None or holds(where, scene))
