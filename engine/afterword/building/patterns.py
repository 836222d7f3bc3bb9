"""Patterns: which events are meant, by type and conditions, written out or named."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from afterword.building.conditions import SCALARS, warn_of_impossible, where
from afterword.building.context import Context
from afterword.building.moments import duration, whole_number
from afterword.building.references import Reach
from afterword.conditions import refs_of
from afterword.document import items, key_place, section
from afterword.duration import Duration
from afterword.limits import MAX_DEPTH
from afterword.mistakes.edges import phrase_for
from afterword.ruleset import Alignment, Clause, Count, Pattern, Scope
from afterword.source import Node, Place
from afterword.suggest import hint

_MOST = 500
"""How many alternatives a pattern may have."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a pattern stands: what it can see, and whether it may count or is the end of a span."""

    scope: Scope | None = None
    trigger: tuple[str, ...] | None = None
    sees_trigger: bool = False
    counts: bool = False
    ends_span: bool = False


class Patterns:
    """The named patterns, each read when it is first used."""

    def __init__(self, root: Node, ctx: Context) -> None:
        self._ctx = ctx
        self._section = section(root, "patterns")
        for name, place in self._section.places.items():
            ctx.report.names.declare("pattern", name, place)
        self._read: dict[str, Pattern] = {}
        self._reading: list[str] = []
        self._used: set[str] = set()

    def all(self) -> dict[str, Pattern]:
        """Every named pattern, those too that nothing uses."""
        return {name: self._named(name) for name in self._section.values}

    def warn_of_unused(self) -> None:
        """A pattern that nothing uses is most often a misspelt use of another."""
        for name in self._section.values.keys() - self._used:
            message = f"Nothing uses the pattern `{name}`."
            self._ctx.report.warn(self._section.places[name], "unused-name", message, "name it, or remove it")

    def pattern(self, node: Node | None, around: Surroundings) -> Pattern:
        """The clauses that a pattern stands for; empty where there is none, or none that can be used."""
        if node is None:
            return ()
        match node.value:
            case str():
                return tuple(self._checked(node, around))
            case dict():
                return (self._clause(node, around),)
        clauses = (clause for item in items(node) for clause in self.pattern(item, around))
        few = tuple(itertools.islice(clauses, _MOST + 1))
        if len(few) > _MOST:
            message = f"These are more than {_MOST} alternatives, with those of the patterns named here."
            mend = "let one alternative mean several events: `{event: [a, b]}`, or `where: {x: {in: [c, d]}}`"
            self._ctx.report.error(node, "out-of-range", message, mend)
            return ()  # not even the first ones: a pattern that names this one would have too many as well
        return few

    def _clause(self, node: Node, around: Surroundings) -> Clause:
        types = self._ctx.vocabulary.event_types(node.child("event"))
        reach = Reach(types, around.scope, around.trigger, around.sees_trigger)
        condition = where(self._ctx, node.child("where"), reach)
        warn_of_impossible(self._ctx, condition, types or ())
        count = self._count(node.child("count"), reach)
        if (
            count is None and "count" in node.keys
        ):  # it cannot be read; that it is there is what others rely on
            count = Count(1, Duration(days=1))
        if count is not None and not around.counts:
            self._refuse_count(key_place(node, "count"))
        return Clause(types or (), condition, count)

    def _count(self, node: Node | None, reach: Reach) -> Count | None:
        if node is None:
            return None
        ctx = self._ctx
        distinct, ref = node.child("distinct"), None
        if distinct is not None:
            ref, type_ = ctx.references.resolve(distinct, reach)
            if type_.type and type_.type not in SCALARS:
                message = f"The values of `{ref}` cannot be told apart."
                ctx.report.error(
                    distinct, "wrong-operand", message, "name a field with a text, a number or a date"
                )
        return Count(whole_number(ctx, node.child("at_least")), duration(ctx, node.child("within")), ref)

    def _refuse_count(self, place: Place) -> None:
        message = "Only the `when` of a rule can count."
        self._ctx.report.error(place, "misplaced-count", message, "remove `count`, or move it into `when`")

    def _checked(self, node: Node, around: Surroundings) -> Iterator[Clause]:
        """The clauses of a named pattern, checked for the place that names it."""
        name = str(node.value)
        self._used.add(name)
        self._ctx.report.names.use("pattern", name)
        if self._section.lacks(name):
            mend = hint(name, self._section.names or ())
            event = self._ctx.vocabulary.type_like(name)
            if not self._ctx.vocabulary.lacks_type(name):
                mend = f"it is an event type: write `{{event: {name}}}`"
            elif not mend.startswith("did you mean") and event is not None:
                mend = f"did you mean `{{event: {event}}}`?"
            elif around.ends_span and (phrase := _phrase(name)):
                mend = f"did you mean `{phrase}`?"
            message = f"There is no pattern `{name}`."
            self._ctx.report.miss("pattern", name, node, "unknown-pattern", message, mend)
        elif name in self._reading:
            message = f"The pattern `{name}` is made of itself."
            self._ctx.report.error(node, "pattern-cycle", message, "take it out of its own definition")
        elif len(self._reading) > MAX_DEPTH:
            message = f"More than {MAX_DEPTH} patterns are made of each other."
            self._ctx.report.error(node, "too-deep", message, "write one of them out")
        else:
            for clause in self._named(name):
                yield self._fitted(clause, node, around)

    def _fitted(self, clause: Clause, node: Node, around: Surroundings) -> Clause:
        if clause.count is not None and not around.counts and not self._reading:
            self._refuse_count(node.place())
        case = next((ref for ref in refs_of(clause.where) if ref.root == "case"), None)
        if case is not None and around.scope == "subject":
            message = f"`{node.value}` looks at `{case}`, which a rule per subject cannot."
            self._ctx.report.error(node, "case-out-of-reach", message, "make the rule `per: case`")
        return clause

    def _named(self, name: str) -> Pattern:
        if name not in self._read and name in self._section.values:
            self._reading.append(name)
            self._read[name] = self.pattern(self._section.values[name], Surroundings(counts=True))
            self._reading.pop()
        return self._read.get(name, ())


def _phrase(name: str) -> str:
    """The alignment that a word is, in other letters or by another name."""
    plain = name.replace("_", " ").replace("-", " ").casefold()
    return plain if plain in get_args(Alignment) else phrase_for(name)


def trigger_types(pattern: Pattern) -> tuple[str, ...] | None:
    """The event types of a pattern; None when one of its clauses could not be read."""
    if not pattern or any(not clause.types for clause in pattern):
        return None
    return tuple(dict.fromkeys(name for clause in pattern for name in clause.types))
