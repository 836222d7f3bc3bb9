"""What the engine has to say about the events themselves: nothing is passed over in silence (P2, S3, S4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from afterword.builtin import in_logs, is_reserved
from afterword.events import Event
from afterword.fitting import beside, deviations, fits
from afterword.ruleset import FieldType, Ruleset
from afterword.suggest import nearest

KINDS = {
    "unknown type": "an event type that the ruleset does not know; it had no effect",
    "unknown field": "a field that the ruleset does not declare for this type; no rule can see it",
    "wrong type": "a field whose value is not of its declared type; tests of it fail",
    "unknown attribute": "an attribute beside `data` that has no meaning; it was ignored",
    "reserved type": "a type that only the engine may use; it had no effect",
    "duplicate": "the same source and id came before; it had no effect",
    "doubled": "the passing of a day or date that the clock had told already; it had no effect",
    "late": "an event from before what is kept of the past; it had no effect",
    "no such advice": "a dismissal, snooze or reopening of an advice that is not open",
    "no change": "a dismissal of an advice that was dismissed already, or a reopening of one that was open",
    "repeats ended": "a dismissal of a rule between two of its repeats; there are no more of them",
    "no open case": "an event without a case while no case of its subject was open; no rule of a case saw it",
    "runaway": "rules that kept triggering each other at one instant were stopped",
}
"""Each kind of remark with its meaning."""


OF_EVENTS = ("unknown type", "unknown field", "wrong type", "unknown attribute", "reserved type")
"""Kinds of remarks that an event makes by itself, whatever came before it."""


class Remark(msgspec.Struct, frozen=True):
    """One thing noticed about the log: its kind, what it is about, how often, and the nearest known name."""

    kind: str
    about: str
    count: int
    hint: str = ""


NAMED = 1_000
"""How many things of one kind an engine names that keeps its past and so may run for months."""

HINTED = 1_000
"""For how many things of one kind the nearest known name is looked for: where every event has names of its own
(an id as the name of a field), to compare each with all known ones would take longer than to evaluate the log (P4)."""

LONGEST = 300
"""Of what a remark is about, so much is kept: remarks are a part of the state, and names come from the log (P4)."""

OTHERS = "(others)"
"""What all things beyond are counted as."""


def shortened(about: str) -> str:
    """What a remark says it is about; of a longer name, the beginning and how long it is."""
    return about if len(about) <= LONGEST else f"{about[:LONGEST]}… ({len(about):,} characters)"


class Report:
    """Counts what was noticed; each distinct thing once, with a count (S4), up to `most` of a kind."""

    def __init__(self, ruleset: Ruleset, most: int | None = None) -> None:
        self._most = most
        self._counts: Counter[tuple[str, str]] = Counter()
        self._named: Counter[str] = Counter()
        declared = {name: each.fields for name, each in ruleset.events.items()}
        self._fields: Mapping[str, Mapping[str, FieldType]] = {**in_logs(ruleset.facts), **declared}
        self._rules = frozenset(rule.id for rule in ruleset.rules)
        self._dated = {name: dates for name, fields in declared.items() if (dates := _dates(fields))}

    def note(self, kind: str, about: str, times: int = 1) -> None:
        """Notices one thing; below zero times takes that back."""
        about = shortened(about)
        if (kind, about) not in self._counts:
            if times < 0 or (self._most is not None and self._named[kind] >= self._most):
                about = OTHERS
            else:
                self._named[kind] += 1
        count = self._counts.get((kind, about), 0) + times
        if count > 0:
            self._counts[kind, about] = count
        elif self._counts.pop((kind, about), None) is not None and about != OTHERS:
            self._named[kind] -= 1

    def correct(self, before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> None:
        """Notices what was noticed only when a subject was evaluated again, and takes back what no longer holds."""
        for kind, about in {**before, **after}:
            times = after[kind, about] - before[kind, about]
            if times:
                self.note(kind, about, times)

    def check_dates(self, event_type: str, data: Mapping[str, Any]) -> None:
        """`check` for an event of which all but its dates and times is known to be as declared."""
        for name, field in self._dated.get(event_type, _NO_FIELDS).items():
            self._check_value(event_type, name, data.get(name), field)

    def check(self, event: Event, times: int = 1) -> None:
        """Notices a type, a field or a part of one that is unknown, or of another type (S4); -1 takes that back."""
        for attribute in event.ignored:
            self.note("unknown attribute", attribute, times)
        declared = self._fields.get(event.type)
        if declared is None:
            self.note("reserved type" if is_reserved(event.type) else "unknown type", event.type, times)
            return
        for name, value in event.data.items():
            field = declared.get(name)
            if field is None:
                self.note("unknown field", f"{event.type}: {name}", times)
            else:
                self._check_value(event.type, name, value, field, times)

    def _check_value(
        self, event_type: str, name: str, value: object, field: FieldType, times: int = 1
    ) -> None:
        if fits(value, field):  # as nearly all do; only of the others it is asked what is wrong
            return
        for deviation in deviations(name, value, field):
            wanted = f" should be {deviation.wanted}" if deviation.wanted else ""
            self.note(deviation.kind, f"{event_type}: {deviation.path}{wanted}", times)

    def remarks(self) -> list[Remark]:
        """All that was noticed so far, sorted; of each kind, the first `HINTED` have a hint."""
        told: Counter[str] = Counter()
        found = []
        for (kind, about), count in sorted(self._counts.items()):
            told[kind] += 1
            found.append(Remark(kind, about, count, self._hint(kind, about) if told[kind] <= HINTED else ""))
        return found

    def total(self, kind: str) -> int:
        """How often this kind of thing was noticed."""
        return sum(count for (each, _), count in self._counts.items() if each == kind)

    def _hint(self, kind: str, about: str) -> str:
        if kind == "unknown type":
            near = nearest(about, self._fields)
            return f"did you mean `{near}`?" if near else ""
        if kind == "unknown field":
            event_type, _, name = about.partition(": ")
            last, known = beside(name, self._fields.get(event_type, _NO_FIELDS))
            if last in known:  # it was written as one name, with the point in it
                return f"write `{last}` inside `{name.removesuffix(last)[:-1]}`"
            near = nearest(last, known)
            return f"did you mean `{near}`?" if near else ""
        if kind == "no such advice":
            named = about.partition(" ")[2]
            near = nearest(named, self._rules) if named not in self._rules else None
            return f"did you mean `{near}`?" if near else ""
        return ""

    def state(self) -> list[tuple[str, str, int]]:
        """For a snapshot."""
        return [(kind, about, count) for (kind, about), count in sorted(self._counts.items())]

    def restore(self, state: list[tuple[str, str, int]]) -> None:
        """From a snapshot."""
        self._counts = Counter({(kind, about): count for kind, about, count in state})
        self._named = Counter(kind for kind, about in self._counts if about != OTHERS)


_NO_FIELDS: Mapping[str, FieldType] = {}


def _dates(fields: Mapping[str, FieldType]) -> dict[str, FieldType]:
    return {name: field for name, field in fields.items() if field.type in ("date", "datetime")}
