"""Reads a file of tests: what can be run, and every mistake at its place (S30, P3)."""

from __future__ import annotations

from collections.abc import Mapping

from afterword import schema
from afterword.days import parse_instant
from afterword.document import entries, items, text, without
from afterword.events import BadEvent, Event, from_mapping
from afterword.fitting import OF_AN_ITEM
from afterword.problem import Problem, first
from afterword.report import Remark, Report
from afterword.ruleset import Rule, Ruleset
from afterword.source import Node, Place
from afterword.suggest import hint
from afterword.trials import SILENT, Expectation, Factory, Trial

_OF_ADVICE = ("from", "until", "severity", "message", "says", "matched", "cause", "times")
"""Keys of an expectation that say something of an advice."""

_OF_WARNINGS = ("raised", "suppressed", SILENT)
_REMARKS = {
    "unknown type": "unknown-event",
    "reserved type": "unknown-event",
    "unknown field": "unknown-field",
    "wrong type": "wrong-value",
}


def read_trials(node: Node, factory: Factory | None = None) -> tuple[list[Trial], list[Problem]]:
    """The trials of a file and all its problems; no trials when there is an error.

    Without a factory (the ruleset itself is broken, or absent) names of rules, params and events go unchecked.
    """
    reading = schema.read(node, "test")
    problems = reading.problems
    if id(reading.node) in reading.refused:
        return [], first(problems)
    reader = _Reader(factory)
    whole = without(reading.node, reading.refused)
    trials = [reader.trial(each) for each in items(whole.child("cases"))]
    problems |= set(reader.problems)
    if any(problem.severity == "error" for problem in problems):
        return [], first(problems)
    return trials, first(problems)


class _Reader:
    """Reads trials and collects what is wrong with them; tolerates what the schema has left out."""

    def __init__(self, factory: Factory | None) -> None:
        self.problems: list[Problem] = []
        self._factory = factory
        self._plain = factory({})[0] if factory else None
        self._names: dict[str, int] = {}

    def trial(self, node: Node) -> Trial:
        name = text(node, "name")
        if name in self._names:
            place = node.at(["name"]).place()
            self._add(place, "duplicate-test", f"Line {self._names[name]} has a test of this name already.")
        elif name:
            self._names[name] = node.line
        settings, ruleset = self._settings(node)
        events = [self._event(each, ruleset) for each in items(node.child("events"))]
        rule = self._rule(node, "rule", ruleset)
        expected = [self._expectation(each, rule, ruleset) for each in items(node.child("expect"))]
        return Trial(
            name,
            tuple(event for event in events if event is not None),
            tuple(each for each in expected if each is not None),
            settings,
            node.file,
            node.line,
        )

    # --- params

    def _settings(self, node: Node) -> tuple[Mapping[str, object], Ruleset | None]:
        given = node.child("set")
        settings = {name: each.value for name, each in entries(given)}
        if self._factory is None or self._plain is None or given is None or not settings:
            return settings, self._plain
        ruleset, problems = self._factory(settings)
        if ruleset is None:
            self._refuse_settings(self._factory, given, settings, problems)
        return settings, ruleset or self._plain

    def _refuse_settings(
        self, factory: Factory, given: Node, settings: Mapping[str, object], together: list[Problem]
    ) -> None:
        """Blames each param for what it alone makes wrong, or all of them for what they make wrong together."""
        alone = {name: factory({name: value}) for name, value in settings.items()}
        blamed = {name: problems for name, (ruleset, problems) in alone.items() if ruleset is None}
        for name, problems in blamed.items():
            unknown = any(problem.code == "unknown-param" for problem in problems)
            self._repeat(problems, given.keys[name] if unknown else given.at([name]).place())
        if not blamed:
            self._repeat(together, given.place())

    def _repeat(self, problems: list[Problem], place: Place) -> None:
        for problem in problems:
            if problem.severity == "error":
                self._add(place, problem.code, problem.message, problem.hint)

    # --- events

    def _event(self, node: Node, ruleset: Ruleset | None) -> Event | None:
        if not isinstance(node.value, dict) or not {"type", "time"} <= node.value.keys():
            return None  # the schema has said so
        event = from_mapping(node.data())
        if isinstance(event, BadEvent):
            self._add(_blamed(node, event).place(), "bad-event", event.reason, event.hint)
            return None
        if ruleset is not None:
            self._remark_on(node, event, ruleset)
        return event

    def _remark_on(self, node: Node, event: Event, ruleset: Ruleset) -> None:
        """What the engine would pass over with a remark is most likely not meant in a test."""
        report = Report(ruleset)
        report.check(event)
        for remark in report.remarks():
            code = _REMARKS.get(remark.kind)
            if code is not None:
                place, message = _placed(node, remark)
                self._add(place, code, message, remark.hint, warning=True)

    # --- expectations

    def _rule(self, node: Node, key: str, ruleset: Ruleset | None) -> str:
        name = text(node, key)
        known = [rule.id for rule in ruleset.rules] if ruleset else []
        if name and ruleset is not None and name not in known:
            self._add(
                node.at([key]).place(), "unknown-rule", f"There is no rule `{name}`.", hint(name, known)
            )
        return name

    def _expectation(self, node: Node, rule: str, ruleset: Ruleset | None) -> Expectation | None:
        own = self._rule(node, "rule", ruleset) or rule
        self._rule(node, "cause", ruleset)
        if not own and isinstance(node.value, dict) and "rule" not in node.keys:
            message = "It is not said which rule this is about."
            self._add(
                node.place(), "missing-key", message, "add `rule: …` here, or to the test for all of it"
            )
        for key in ("at", "from", "until"):
            self._check_time(node, key)
        at, state = text(node, "at"), text(node, "state")
        if not at or not state or not own:
            return None
        self._check_state(node, state, _find(own, ruleset))
        wanted = {name: each.data() for name, each in entries(node) if name in _OF_ADVICE}
        case, subject = text(node, "case") or None, text(node, "subject") or None
        return Expectation(at, own, state, wanted, case, subject, node.file, node.line, node.column)

    def _check_time(self, node: Node, key: str) -> None:
        written = text(node, key)
        if written and parse_instant(written) is None:
            message = f"`{written}` is no moment of the calendar."
            self._add(node.at([key]).place(), "bad-date", message)

    def _check_state(self, node: Node, state: str, rule: Rule | None) -> None:
        place = node.at(["state"]).place()
        if rule is not None and rule.kind == "warning" and state not in _OF_WARNINGS:
            message = f"`{rule.id}` is a warning; a warning is never {state}."
            self._add(place, "impossible-state", message, f"one of: {', '.join(_OF_WARNINGS)}")
        if rule is not None and rule.kind == "recommendation" and state == "raised":
            message = f"`{rule.id}` is a recommendation; only warnings are raised."
            self._add(place, "impossible-state", message, "write `due`, or the state that is meant")
        if state == SILENT:
            for name in node.keys:
                if name in _OF_ADVICE:
                    message = (
                        f"`{name}` says something of an advice, and `state: none` says that there is none."
                    )
                    self._add(node.keys[name], "not-allowed", message, "remove one of the two")

    def _add(self, place: Place, code: str, message: str, mend: str = "", *, warning: bool = False) -> None:
        line, column, file = place
        self.problems.append(
            Problem(file, line, column, code, message, mend, "warning" if warning else "error")
        )


def _blamed(node: Node, event: BadEvent) -> Node:
    """The part of an event that a reason quotes, or else names, or else the event."""
    for _, part in entries(node):
        if isinstance(part.value, str) and part.value and f"`{part.value}`" in event.reason:
            return part
    if parse_instant(text(node, "time")) is None:
        return node.at(["time"])
    return node.at(event.reason.split("`")[1:2])


def _find(rule: str, ruleset: Ruleset | None) -> Rule | None:
    return next((each for each in ruleset.rules if each.id == rule), None) if ruleset else None


def _placed(node: Node, remark: Remark) -> tuple[Place, str]:
    """Where a remark's word stands in the event, and the remark as a sentence."""
    if remark.kind == "unknown type":
        return node.at(["type"]).place(), f"The ruleset does not know the event type `{remark.about}`."
    if remark.kind == "reserved type":
        return node.at(["type"]).place(), f"Only the engine says `{remark.about}`; in a log it has no effect."
    event_type, _, name = remark.about.partition(": ")
    field, _, wanted = name.partition(" should be ")
    *way, last = ["data", *field.replace(OF_AN_ITEM, "").split(".")]
    if remark.kind == "unknown field":
        parent = node.at(way)
        return parent.keys.get(last, parent.place()), f"`{event_type}` has no field `{field}`."
    return node.at([*way, last]).place(), f"`{field}` should be {wanted}."
