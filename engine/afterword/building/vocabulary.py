"""The vocabulary of a ruleset: its event types with their fields, and the facts that are remembered of events (S4)."""

from __future__ import annotations

from collections.abc import Iterator

from afterword.building.problems import Problems
from afterword.building.references import OF_SCOPE, ROOTS, Reach, References, has_root
from afterword.building.values import ANY, mismatch
from afterword.builtin import STATES, built_in
from afterword.conditions import EVENT_TIME
from afterword.document import entries, items, scalars, section, text
from afterword.mistakes.words import shown
from afterword.ruleset import EventType, Fact, FieldType, Scope
from afterword.source import Node
from afterword.suggest import hint, is_slip

RESERVED = frozenset({*ROOTS, "all", "any", "not", "field", "due", "matched", "count", "within"})
"""Words that no field may be called, because conditions and messages use them."""


class Vocabulary:
    """Event types by name, declared and built in, and remembered facts."""

    def __init__(self, root: Node, rule_ids: frozenset[str], report: Problems) -> None:
        self._report = report
        self._rule_ids = rule_ids
        self._section = section(root, "events", required=True)
        self._remember = section(root, "remember")
        self._patterns = section(root, "patterns")
        for name, place in self._section.places.items():
            report.names.declare("event", name, place)
        for name, place in self._remember.places.items():
            report.names.declare("fact", name, place)
        self.declared = dict(self._events())
        self._types: dict[str, EventType] = {**built_in((), rule_ids), **self.declared}
        self.facts: tuple[Fact, ...] = ()
        """None yet: the events that tell them, and the fields, are looked up while they are read."""
        self.references = References(self._types, self._remember, report)
        self.facts = tuple(self._facts())
        self.references.learn(self.facts)
        self._types.update(built_in(self.facts, rule_ids))
        self._refuse_built_in()

    # --- event types

    def lacks_type(self, name: str) -> bool:
        """Whether there is certainly no such event type."""
        return self._section.lacks(name) and name not in self._types

    def type_like(self, name: str) -> str | None:
        """The event type that a word which names none is a slip of."""
        return next((each for each in sorted(self.declared) if is_slip(name, each)), None)

    def event_types(self, node: Node | None, *, declared_only: bool = False) -> tuple[str, ...] | None:
        """The types that a word or a list names; None when one of them cannot be known."""
        if node is None:
            return None
        known = [self._known_type(item, declared_only) for item in items(node) if isinstance(item.value, str)]
        names = tuple(dict.fromkeys(str(item.value) for item in items(node)))
        return names if names and all(known) else None

    def _known_type(self, node: Node, declared_only: bool) -> bool:
        """Whether the type exists and what it holds is known; what does not exist is reported."""
        name = str(node.value)
        if name in self.declared or (name in self._types and not declared_only):
            self._report.names.use("event", name)
            self._report.names.use("fact", name.removesuffix(".passed"))
            return True
        if self._remember.names is None and name.endswith(".passed"):
            return False
        told = {fact.name for fact in self.facts if fact.type != ANY}  # the others are reported already
        if any(name == f"{fact}.passed" and fact not in told for fact in self._remember.names or ()):
            return False
        if self._section.lacks(name):
            known = self.declared if declared_only else self._types
            message = f"There is no event type `{name}`."
            mend = hint(name, known)
            if name in self._patterns.values and declared_only:
                mend = f"`{name}` is a pattern; only event types can stand here"
            elif name in self._patterns.values:
                mend = f"`{name}` is a pattern: write its name alone, as in `when: {name}`"
            elif not declared_only and (advice := self._advice_of_rule(name)):
                mend = advice
            self._report.miss("event", name, node, "unknown-event", message, mend)
        return False

    def _advice_of_rule(self, name: str) -> str:
        """What to write for `thank-you.missed`, a rule and a state; nothing for a name that begins with no rule."""
        rule, _, state = name.rpartition(".")
        if rule not in self._rule_ids:
            return ""
        meant = state if state in STATES else next((each for each in STATES if is_slip(state, each)), None)
        meant = "due" if state == "reopened" else meant  # what follows, which rules see
        if meant is None:
            return f"what becomes of its advice is told by `advice.due`, `advice.missed` and so on: {_about('…', rule)}"
        return f"write `{_about(meant, rule)}`"

    def _events(self) -> Iterator[tuple[str, EventType]]:
        for name, node in self._section.values.items():
            if node.value is not None and "fields" in node.keys and node.child("fields") is None:
                continue  # refused by the schema: the type exists, its fields cannot be known
            fields = self._fields(node.child("fields"), f"{name}.")
            yield name, EventType(name, text(node, "title"), text(node, "description"), fields)

    def _fields(self, node: Node | None, kind: str = "") -> dict[str, FieldType]:
        if node is None:
            return {}
        for name, place in node.keys.items():
            self._report.names.declare(f"{kind}field", name, place)
        for name in RESERVED & node.keys.keys():
            message = f"A field cannot be called `{name}`; the word has a meaning of its own in rules."
            self._report.error(
                node.keys[name], "reserved-name", message, f"call it `{name}_` or something plainer"
            )
        known = dict(entries(node))
        return {name: self._field(known[name]) if name in known else ANY for name in node.keys}

    def _field(self, node: Node) -> FieldType:
        type_ = text(node, "type")
        if not type_:
            return ANY
        inner = node.child("items")
        field = FieldType(
            type=type_,
            title=text(node, "title"),
            description=text(node, "description"),
            enum=scalars(node.child("enum")) or None,
            items=self._field(inner) if inner is not None else None,
            fields=self._fields(node.child("fields")),
            unknown=text(node, "unknown") or None,
        )
        for item in items(node.child("enum")):
            self._report.names.declare("value", shown(item.value), item.place())
            problem = mismatch(item.value, FieldType(type_), "The field")
            if problem is not None:
                self._report.error(item, *problem)
        return field

    def _refuse_built_in(self) -> None:
        for name in self._section.names or ():
            if name.startswith("advice.") or name in built_in(self.facts):
                message = f"`{name}` is a type of the engine's own."
                self._report.error(
                    self._section.places[name], "reserved-name", message, "remove it: it needs no declaration"
                )

    # --- facts

    def _facts(self) -> Iterator[Fact]:
        for name, node in self._remember.values.items():
            scope: Scope = "subject" if text(node, "per") == "subject" else "case"
            if name in OF_SCOPE[scope]:
                message = f"`{scope}.{name}` has a meaning already."
                self._report.error(
                    self._remember.places[name], "reserved-name", message, "call the fact otherwise"
                )
            fact = self._fact(name, node, scope)
            if fact is not None:
                self._refuse_day(fact)
                yield fact

    def _refuse_day(self, fact: Fact) -> None:
        if fact.name == "day" and fact.type.type == "date":
            message = (
                "`day.passed` is said of every day, so a date that is remembered cannot be called `day`."
            )
            self._report.error(
                self._remember.places["day"], "reserved-name", message, "call the fact otherwise"
            )

    def _fact(self, name: str, node: Node, scope: Scope) -> Fact | None:
        types = self.event_types(node.child("from"))
        field = node.child("field")
        if field is None or types is None:
            return None
        if has_root(str(field.value)) and field.value != str(EVENT_TIME):
            message = f"A fact is told by a field of an event; `{field.value}` is none."
            mend = "name a field of the events in `from`, or `event.time`"
            self._report.error(field, "not-allowed", message, mend)
            return Fact(name, types, (), scope, ANY, text(node, "unknown"), text(node, "title"))
        ref, type_ = self.references.resolve(field, Reach(types))
        # When it happened is remembered as RFC 3339 text.
        path = ("event", "time") if ref == EVENT_TIME else ref.path
        unknown = text(node, "unknown") or type_.unknown
        return Fact(name, types, path, scope, type_, unknown, text(node, "title"))


def _about(state: str, rule: str) -> str:
    """The pattern of a rule's advice coming into a state."""
    return f"{{event: advice.{state}, where: {{rule: {rule}}}}}"
