"""Prometheus metrics of engines: counts what goes in and comes out. Needs the extra `metrics`.

It counts what `feed` and `advance` return, and does not observe the engine (`Observer`): of the run that a late event
causes no observer is told, so that what was corrected would be counted as if it still stood.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter as Counted
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge

from afterword.builtin import is_built_in
from afterword.engine import Engine
from afterword.events import Event
from afterword.report import KINDS
from afterword.ruleset import Ruleset
from afterword.transition import Transition

OTHER = "(other)"
"""What events of all types are counted as that the rules do not know: a stranger cannot make a label."""


class Metrics:
    """The metrics of the engines of one process, in one registry.

    Every label has as many values as the ruleset has event types or rules, or the engine states or kinds of
    remark; a subject, a case or a text is never one. Calls may come from any thread; `look` reads the engine,
    and so belongs where the engine is fed.
    """

    def __init__(self, rules: Ruleset, registry: CollectorRegistry = REGISTRY) -> None:
        self._rules = rules
        self._noticed: Counted[str] | None = None
        self._events = Counter(
            "afterword_events", "Events that were taken, duplicates among them.", ["type"], registry=registry
        )
        self._refused = Counter(
            "afterword_events_refused", "What was given as an event and is none.", registry=registry
        )
        self._transitions = Counter(
            "afterword_transitions",
            "Transitions by rule and state; a correction counts as well.",
            ["rule", "state"],
            registry=registry,
        )
        self._corrections = Counter(
            "afterword_corrections", "Transitions that take the place of others.", registry=registry
        )
        self._remarks = Counter(
            "afterword_remarks", "What the engine noticed about events.", ["kind"], registry=registry
        )
        self._subjects = Gauge(
            "afterword_subjects", "People of whom something is remembered.", registry=registry
        )
        self._cases = Gauge("afterword_open_cases", "Cases that are open.", registry=registry)
        self._lag = Gauge(
            "afterword_lag_seconds", "How far the engine's clock is behind the world's.", registry=registry
        )
        for kind in KINDS:
            self._remarks.labels(kind)  # a series that begins at its first late event hides it from rate()

    def took(self, events: Iterable[Event | Mapping[str, Any]], said: Iterable[Transition]) -> None:
        """Events were fed, and this was said; without events, time has passed."""
        for event in events:
            type_ = event.type if isinstance(event, Event) else str(event.get("type"))
            known = type_ in self._rules.events or is_built_in(type_, self._rules)
            self._events.labels(type_ if known else OTHER).inc()
        for transition in said:
            self._transitions.labels(transition.rule, transition.state).inc()
            if transition.replaces is not None:
                self._corrections.inc()

    def refused(self, number: int = 1) -> None:
        """So many were no events (`EventError`, `BadEvent`)."""
        self._refused.inc(number)

    def look(self, now: dt.datetime, *engines: Engine) -> None:
        """How these engines, all there are in this process, stand now: remarks, open cases, lag of the slowest.

        Call it once at the start, from where remarks are counted on (a restored engine has old ones), and then
        before the metrics are read, or with each tick.
        """
        self._subjects.set(sum(len(engine.subjects) for engine in engines))
        self._cases.set(sum(engine.open_cases for engine in engines))
        clocks = [engine.clock for engine in engines if engine.clock is not None]
        if clocks:
            self._lag.set((now - min(clocks)).total_seconds())
        for engine in engines:
            self._rules = engine.ruleset  # they may have been edited
        self._count(engines)

    def _count(self, engines: Iterable[Engine]) -> None:
        noticed: Counted[str] = Counted()
        for engine in engines:
            for remark in engine.remarks():
                noticed[remark.kind] += remark.count
        if self._noticed is not None:
            for kind, count in (noticed - self._noticed).items():
                self._remarks.labels(kind).inc(count)
            noticed |= self._noticed  # a late event may take a remark back; a counter never goes down
        self._noticed = noticed
