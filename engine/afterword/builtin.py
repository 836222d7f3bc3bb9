"""Event types that no ruleset declares: those the clock and the engine raise, and those a user says (S6, S20, S23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from afterword.ruleset import EventType, Fact, FieldType

STATES: Final = (
    "scheduled",
    "rescheduled",
    "due",
    "fulfilled",
    "missed",
    "cancelled",
    "suppressed",
    "dismissed",
    "snoozed",
    "raised",
)
SEVERITIES: Final = ("info", "low", "medium", "high", "critical")

_TEXT = FieldType("string")
_ADVICE: Mapping[str, FieldType] = {
    "advice": FieldType("string", title="The id of the advice"),
    "kind": FieldType("string", enum=("recommendation", "warning")),
    "severity": FieldType("string", enum=SEVERITIES),
}
_SAID_BY_USER: Mapping[str, Mapping[str, FieldType]] = {
    "dismissed": {"reason": _TEXT},
    "snoozed": {"until": FieldType("datetime"), "reason": _TEXT},
    "reopened": {"reason": _TEXT},
}
_PASSED: Mapping[str, FieldType] = {"date": FieldType("date", title="The day that has passed")}


def built_in(facts: Iterable[Fact] = (), rule_ids: Iterable[str] = ()) -> dict[str, EventType]:
    """All of them by name; each remembered date `F` has its `F.passed`. The ids are those `rule` can have."""
    types = [EventType("day.passed", "A day has passed", fields=_PASSED)]
    rule = FieldType("string", title="The id of the rule", enum=tuple(sorted(rule_ids)) or None)
    for state in (*STATES, "reopened"):
        fields = {**_ADVICE, "rule": rule, **_SAID_BY_USER.get(state, {})}
        types.append(EventType(f"advice.{state}", f"An advice was {state}", fields=fields))
    for fact in facts:
        if fact.type.type == "date":
            types.append(EventType(f"{fact.name}.passed", f"The {fact.name} has passed", fields=_PASSED))
    return {event_type.name: event_type for event_type in types}
