"""What the rules of a ruleset say: the names in a message are looked up once, and then only read (S31).

`message.render` says what a message is; a property test holds the messages made here to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


class Edition(msgspec.Struct, gc=False):
    """Which ruleset said it."""

    name: str
    version: str
    digest: str


class Phrases:
    """The messages of one ruleset, each made ready when it is first said."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._say: dict[str, tuple[Rule, Say]] = {}
        """With the rule that it is for: of a rule that is gone, another may stand in."""
        self.edition = Edition(ruleset.name, ruleset.version, ruleset.digest)

    def __reduce__(self) -> tuple[type[Phrases], tuple[Ruleset]]:
        """A copy makes its messages ready itself."""
        return Phrases, (self._ruleset,)

    def message(self, rule: Rule) -> Say:
        """What gives the message of a transition of this rule."""
        known = self._say.get(rule.id)
        if known is None or known[0] is not rule:
            parts = [part if isinstance(part, str) else self._slot(part, rule) for part in rule.message.parts]
            known = self._say[rule.id] = rule, _joined(parts)
        return known[1]

    def _slot(self, slot: Slot, rule: Rule) -> Say:
        match slot.path:
            case "due.from":
                return _moment(attrgetter("_start"), slot.filter, exclusive=False)
            case "due.until":
                return _moment(attrgetter("_end"), slot.filter, exclusive=True)
            case "event.time":
                return _moment(attrgetter("record.anchor"), slot.filter, exclusive=False)
        read, otherwise = self._reader(slot.path), self._unknown(slot.path)
        special = self._special(slot.path, rule)
        return _filled(read if special is None else _first(special, read), slot.filter, otherwise)

    def _special(self, path: str, rule: Rule) -> Read | None:
        """What reads a name that stands for no field and no fact."""
        match path:
            case "matched":
                return _matched
            case "count":
                return attrgetter("record.count")
            case "within":
                within = [None if clause.count is None else str(clause.count.within) for clause in rule.when]
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
