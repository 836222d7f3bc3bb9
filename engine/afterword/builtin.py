"""Event types that no ruleset declares: those the clock and the engine raise, and those a user says (S6, S20, S23)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, get_args

from afterword.ruleset import EventType, Fact, FieldType, RuleKind, Ruleset, SeverityLevel
from afterword.timeline.state import State

STATES: Final[tuple[str, ...]] = tuple(state for state in get_args(State) if state != "withdrawn")
"""What an advice can be told to be; that a transition never was is said to who keeps them, not to rules."""

_TEXT = FieldType("string")
_ADVICE: Mapping[str, FieldType] = {
    "advice": FieldType("string", title="The id of the advice"),
    "kind": FieldType("string", enum=get_args(RuleKind)),
    "severity": FieldType("string", enum=get_args(SeverityLevel)),
}
_SAID_BY_USER: Mapping[str, Mapping[str, FieldType]] = {
    "dismissed": {"reason": _TEXT},
    "snoozed": {"until": FieldType("datetime"), "reason": _TEXT},
    "reopened": {"reason": _TEXT},
}
_PASSED: Mapping[str, FieldType] = {"date": FieldType("date", title="The day that has passed")}
_DAY: Final = "day.passed"

USER_EVENTS: Final = tuple(f"advice.{state}" for state in _SAID_BY_USER)
"""What a user says about an advice, as events (S20)."""

_OF_THE_ENGINE: Final = frozenset(f"advice.{state}" for state in STATES) - frozenset(USER_EVENTS)

_AS_ORDERED = {"until": FieldType("", title="A later date or time")}
"""What a user may write otherwise than rules read it; whether it can be done is told when it is carried out."""


def built_in(facts: Iterable[Fact] = (), rule_ids: Iterable[str] = ()) -> dict[str, EventType]:
    """All of them by name; each remembered date `F` has its `F.passed`. The ids are those `rule` can have."""
    types = [EventType(_DAY, "A day has passed", fields=_PASSED)]
    rule = FieldType("string", title="The id of the rule", enum=tuple(sorted(rule_ids)) or None)
    for state in dict.fromkeys((*STATES, *_SAID_BY_USER)):
        fields = {**_ADVICE, "rule": rule, **_SAID_BY_USER.get(state, {})}
        types.append(EventType(f"advice.{state}", f"An advice was {state}", fields=fields))
    for fact, name in _passings(facts):
        types.append(EventType(name, f"The {fact.name} has passed", fields=_PASSED))
    return {event_type.name: event_type for event_type in types}


def in_logs(facts: Iterable[Fact]) -> dict[str, Mapping[str, FieldType]]:
    """The fields of those that a log may bring, by name (S6, S20)."""
    types = built_in(facts)
    return {
        name: {field: _AS_ORDERED.get(field, type_) for field, type_ in each.fields.items()}
        for name, each in types.items()
        if not is_reserved(name)
    }


def is_built_in(event_type: str, ruleset: Ruleset) -> bool:
    """Whether a log may bring this type without the ruleset declaring it."""
    if event_type == _DAY or event_type in USER_EVENTS:
        return True
    return any(event_type == name for _, name in _passings(ruleset.facts))


def is_reserved(event_type: str) -> bool:
    """Whether only the engine may use this type: it says what became of an advice."""
    return event_type in _OF_THE_ENGINE


def _passings(facts: Iterable[Fact]) -> Iterator[tuple[Fact, str]]:
    """Each remembered date with the type of the event that says it has passed."""
    for fact in facts:
        if fact.type.type == "date":
            yield fact, f"{fact.name}.passed"
