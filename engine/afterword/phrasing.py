"""What a rule says: what never changes of it is written once, and the names in its message are looked up once (S31).

`message.render` says what a message is; a property test holds the messages made here to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from afterword.message import Slot, instant_texts, shortened, written

if TYPE_CHECKING:
    from afterword.ruleset import Rule, Ruleset
    from afterword.transition import Transition

Say = Callable[["Transition"], str]
"""Gives the text of a transition: its message, or what fills one slot of it."""

Read = Callable[["Transition"], object]
"""Gives a value of a transition; None when nobody has told it."""


class Voice:
    """What all transitions of a rule have in common, made ready when the rule first speaks."""

    def __init__(self, ruleset: Ruleset, rule: Rule) -> None:
        self._ruleset = ruleset
        self.rule = rule
        self.index = rule.index

    def __reduce__(self) -> tuple[type[Voice], tuple[Ruleset, Rule]]:
        """A copy makes itself ready."""
        return Voice, (self._ruleset, self.rule)

    @cached_property
    def message(self) -> Say:
        """Gives the message of a transition."""
        return _joined([p if isinstance(p, str) else self._slot(p) for p in self.rule.message.parts])

    @cached_property
    def source(self) -> msgspec.Raw:
        """Where the advice comes from, as JSON."""
        return msgspec.Raw(msgspec.json.encode(self.rule.source))

    @cached_property
    def edition(self) -> msgspec.Raw:
        """Which ruleset says it, as JSON."""
        ruleset = self._ruleset
        return msgspec.Raw(
            msgspec.json.encode({"name": ruleset.name, "version": ruleset.version, "digest": ruleset.digest})
        )

    def _slot(self, slot: Slot) -> Say:
        match slot.path:
            case "due.from":
                return _moment(attrgetter("_start"), slot.filter, exclusive=False)
            case "due.until":
                return _moment(attrgetter("_end"), slot.filter, exclusive=True)
            case "event.time":
                return _moment(attrgetter("record.anchor"), slot.filter, exclusive=False)
        read, otherwise = self._reader(slot.path), self._unknown(slot.path)
        special = self._special(slot.path)
        return _filled(read if special is None else _first(special, read), slot.filter, otherwise)

    def _special(self, path: str) -> Read | None:
        """What reads a name that stands for no field and no fact."""
        match path:
            case "matched":
                return _matched
            case "count":
                return attrgetter("record.count")
            case "within":
                within = [
                    None if clause.count is None else str(clause.count.within) for clause in self.rule.when
                ]
                return lambda transition: within[transition.record.clause]
            case "case.id":
                return attrgetter("case")
            case "subject.id":
                return attrgetter("subject")
        head, _, name = path.partition(".")
        if head != "params" or name not in self._ruleset.params:
            return None
        value = self._ruleset.params[name].value
        plain = value if isinstance(value, str | int | float | bool) else str(value)
        return lambda _: plain

    def _reader(self, path: str) -> Read:
        """What reads a fact, or a value that the trigger brought."""
        head, *rest = path.split(".")
        if not rest or head not in ("case", "subject") or path in _COUNTED:
            return lambda transition: transition.record.seen.get(path)
        return _digger(attrgetter("_facts" if head == "case" else "_known"), rest)

    def _unknown(self, path: str) -> Say:
        """What is printed in place of a value that nobody has told."""
        head, *rest = path.split(".")
        if path in _COUNTED:
            return lambda _: ""
        if rest and head in ("case", "subject"):
            text = shortened(self._unknown_fact(head, rest[0]))
            return lambda _: text
        by_trigger: dict[str, str] = {}

        def of_field(transition: Transition) -> str:
            trigger = transition.record.trigger_type
            if trigger not in by_trigger:
                by_trigger[trigger] = shortened(self._unknown_field(trigger, path))
            return by_trigger[trigger]

        return of_field

    def _unknown_fact(self, scope: str, name: str) -> str:
        for fact in self._ruleset.facts:
            if fact.name == name and fact.per == scope and fact.unknown is not None:
                return fact.unknown
        return f"(unknown {name.replace('_', ' ')})"

    def _unknown_field(self, trigger_type: str, path: str) -> str:
        declared = self._ruleset.events.get(trigger_type)
        name, *rest = path.split(".")
        field = declared.fields.get(name) if declared else None
        if field is not None and not rest and field.unknown is not None:
            return field.unknown
        return f"(unknown {path.rpartition('.')[2].replace('_', ' ')})"


_COUNTED = frozenset({"case.open", "subject.open_cases"})
"""Names that look like facts; what they stood for is kept with the trigger."""


def _joined(parts: Sequence[str | Say]) -> Say:
    if all(isinstance(part, str) for part in parts):
        text = "".join(map(str, parts))
        return lambda _: text
    pattern = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
    slots = [part for part in parts if not isinstance(part, str)]
    if len(slots) == 1:
        (only,) = slots
        return lambda transition: pattern % only(transition)
    if len(slots) == 2:  # to go through a list would take as long as to fill a slot
        one, two = slots
        return lambda transition: pattern % (one(transition), two(transition))
    return lambda transition: pattern % tuple([slot(transition) for slot in slots])


def _moment(read: Callable[[Transition], int | None], name: str | None, *, exclusive: bool) -> Say:
    def say(transition: Transition) -> str:
        at = read(transition)
        if at is None:
            return "an open date"
        return instant_texts(exclusive, name, transition._days.zone)[at]

    return say


def _filled(read: Read, name: str | None, otherwise: Say) -> Say:
    def say(transition: Transition) -> str:
        value = read(transition)
        return otherwise(transition) if value is None else written(value, name, transition._days)

    return say


def _first(special: Read, read: Read) -> Read:
    def first(transition: Transition) -> object:
        value = special(transition)
        return read(transition) if value is None else value

    return first


def _matched(transition: Transition) -> str:
    return ", ".join(dict.fromkeys(spot.text for spot in transition.record.matched))


def _digger(root: Callable[[Transition], Mapping[str, Any]], path: Sequence[str]) -> Read:
    if len(path) == 1:
        (first,) = path
        return lambda transition: root(transition).get(first)

    def dig(transition: Transition) -> object:
        value: object = root(transition)
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    return dig
