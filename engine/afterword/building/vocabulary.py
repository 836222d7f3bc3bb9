"""The events of a ruleset, what is remembered of them, and what a path such as `case.company` means there (S4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from afterword.building.report import Report, Where, problem_at
from afterword.building.values import ANY, NAMES, mismatch, same_kind
from afterword.builtin import built_in
from afterword.conditions import EVENT_TIME, Ref, Root
from afterword.document import entries, items, scalars, section, text
from afterword.mistakes.words import shown
from afterword.ruleset import EventType, Fact, FieldType, Scope
from afterword.source import Node
from afterword.suggest import hint, is_slip, nearest

ROOTS = ("event", "case", "subject", "trigger", "params")
RESERVED = frozenset({*ROOTS, "all", "any", "not", "field", "due", "matched", "count", "within"})
"""Words that no field may be called, because conditions and messages use them."""

_EVENT = {
    "type": FieldType("string"),
    "time": FieldType("datetime"),
    "id": FieldType("string"),
    "source": FieldType("string"),
    "subject": FieldType("string"),
    "case": FieldType("string"),
}
_OF_SCOPE: Mapping[Scope, Mapping[str, FieldType]] = {
    "case": {"id": FieldType("string"), "open": FieldType("boolean")},
    "subject": {"id": FieldType("string"), "open_cases": FieldType("integer")},
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a condition can see where it stands.

    `types` are the event types it is asked of (None: they cannot be known); `scope` is that of its rule (None
    in a named pattern, which either may use); `trigger` the types that make the advice, where they can be
    looked at; `item` the fields of an array's items, inside `any` and `every`. `wanted` are the types of what can
    be read there (empty: any), so that no other is suggested.
    """

    types: tuple[str, ...] | None
    scope: Scope | None = None
    trigger: tuple[str, ...] | None = None
    sees_trigger: bool = False
    item: Mapping[str, FieldType] | None = None
    wanted: tuple[str, ...] = ()

    def suggested(self, fields: Mapping[str, FieldType]) -> Mapping[str, FieldType]:
        """The fields that may be meant by a name that is none; an object for what is in it."""
        if not self.wanted:
            return fields
        kinds = ("object", *self.wanted)
        return {
            name: each for name, each in fields.items() if any(same_kind(each.type, kind) for kind in kinds)
        }


class Vocabulary:
    """Event types by name, declared and built in, and remembered facts."""

    def __init__(self, root: Node, rule_ids: frozenset[str], report: Report) -> None:
        self._report = report
        self._mixed: set[tuple[str, str]] = set()
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
        self._of_scope: dict[Scope, dict[str, FieldType]] = {}
        self.facts = tuple(self._facts())
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
            self._report.miss("event", name, node, "unknown-event", message, mend)
        return False

    def _known_facts(self) -> frozenset[str]:
        return frozenset(fact.name for fact in self.facts)

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
            if name in _OF_SCOPE[scope]:
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
        if _has_root(str(field.value)) and field.value != str(EVENT_TIME):
            message = f"A fact is told by a field of an event; `{field.value}` is none."
            mend = "name a field of the events in `from`, or `event.time`"
            self._report.error(field, "not-allowed", message, mend)
            return Fact(name, types, (), scope, ANY, text(node, "unknown"), text(node, "title"))
        ref, type_ = self.resolve(field, Reach(types))
        # When it happened is remembered as RFC 3339 text.
        path = ("event", "time") if ref == EVENT_TIME else ref.path
        unknown = text(node, "unknown") or type_.unknown
        return Fact(name, types, path, scope, type_, unknown, text(node, "title"))

    # --- paths

    def resolve(self, node: Node, reach: Reach, *, quiet: bool = False) -> tuple[Ref, FieldType]:
        """What a path written here means; a path that means nothing is reported and is of any type."""
        return self.find(str(node.value), node, reach, quiet=quiet)

    def find(
        self, path: str, where: Where, reach: Reach, *, quiet: bool = False, words: Iterable[str] = ()
    ) -> tuple[Ref, FieldType]:
        """The same for a path that stands at `where`; `quiet` does not warn of types that lack the field.

        `words` are what could be written there besides a path, for the hint.
        """
        head, _, rest = path.partition(".")
        names = tuple(rest.split("."))
        if _has_root(path):
            return self._rooted(head, names, where, reach)  # type: ignore[arg-type]
        ref = Ref("data", (head, *names) if rest else (head,))
        if reach.item is not None:
            return ref, self._walk(reach.item, ref, where, "an item", reach)
        words = (
            *words,
            *(f"{root}.{rest}" for root in ROOTS if rest and self.knows(f"{root}.{rest}", reach)),
        )
        return ref, self._data(ref, where, reach.types, reach, quiet, words)

    def knows(self, path: str, reach: Reach) -> bool:
        """Whether a text is exactly the path of an attribute, of a fact, or of a field of the trigger."""
        head, _, rest = path.partition(".")
        if any(letter.isspace() for letter in rest):
            return False
        name = rest.partition(".")[0]
        if head == "event":
            return rest in _EVENT
        if head == "trigger":
            return reach.sees_trigger and any(
                name in self._types[each].fields for each in reach.trigger or ()
            )
        facts = {fact.name for fact in self.facts if fact.per == head}
        if head == "subject" or (head == "case" and reach.scope != "subject"):
            return name in facts or rest in _OF_SCOPE[head]  # type: ignore[index]  # both are scopes
        return False

    def _rooted(
        self, root: Root, names: tuple[str, ...], where: Where, reach: Reach
    ) -> tuple[Ref, FieldType]:
        ref = Ref(root, names)
        match root:
            case "event":
                return ref, self._walk(_EVENT, ref, where, "an event", reach)
            case "trigger":
                return ref, self._trigger(ref, where, reach)
            case "case" if reach.scope == "subject":
                message = f"`{ref}` cannot be read in a rule per subject: it has all the cases before it."
                self._report.error(where, "case-out-of-reach", message, "make the rule `per: case`")
                return ref, ANY
        return ref, self._fact_type(ref, where, reach)

    def _fact_type(self, ref: Ref, where: Where, reach: Reach) -> FieldType:
        scope: Scope = "case" if ref.root == "case" else "subject"
        if scope not in self._of_scope:
            facts = {fact.name: fact.type for fact in self.facts if fact.per == scope}
            self._of_scope[scope] = facts | dict(_OF_SCOPE[scope])
        known = self._of_scope[scope]
        name = ref.path[0]
        if name in known:
            self._report.names.use("fact", name)
            return self._walk(known, ref, where, f"a {scope}", reach)
        if not self._remember.lacks(name) and name not in self._known_facts():
            return ANY
        elsewhere = [fact for fact in self.facts if fact.name == name]
        mend = (
            f"it is remembered of the {elsewhere[0].per}: write `{elsewhere[0].per}.{name}`"
            if elsewhere
            else ""
        )
        message = f"Nothing called `{name}` is remembered of a {scope}."
        if (
            elsewhere
            and "per" in self._remember.values[name].keys
            and not text(self._remember.values[name], "per")
        ):
            return ANY  # whose fact it is has been refused
        self._report.miss(
            "fact", name, where, "unknown-fact", message, mend or hint(name, reach.suggested(known))
        )
        return ANY

    def _trigger(self, ref: Ref, where: Where, reach: Reach) -> FieldType:
        if not reach.sees_trigger:
            message = "`trigger.…` can be read in `fulfilled_by` and `cancelled_by` of a rule only."
            self._report.error(
                where, "trigger-out-of-reach", message, f"for the event itself write `{'.'.join(ref.path)}`"
            )
            return ANY
        return self._data(ref, where, reach.trigger, reach, quiet=True)

    def _data(
        self,
        ref: Ref,
        where: Where,
        types: Sequence[str] | None,
        reach: Reach,
        quiet: bool,
        words: Iterable[str] = (),
    ) -> FieldType:
        """The type of a field that at least one of the event types has."""
        if types is None:
            return ANY
        name = ref.path[0]
        having = [self._types[each] for each in types if name in self._types[each].fields]
        if not having:
            self._unknown_field(ref, where, types, reach, words)
            return ANY
        for each in having:
            self._report.names.use(f"{each.name}.field", name)
        lacking = [each for each in types if name not in self._types[each].fields]
        if lacking and not quiet:
            message = f"`{name}` is no field of {_listed(lacking)}; there the test always fails."
            mend = "declare it there, or write one pattern each"
            problem = problem_at(where, "field-not-everywhere", message, mend, "warning")
            self._report.names.miss([f"{each}.field" for each in lacking], name, problem)
        found = [self._walk(each.fields, ref, where, f"`{each.name}`", reach) for each in having]
        return self._merged(name, found, where)

    def _unknown_field(
        self, ref: Ref, where: Where, types: Sequence[str], reach: Reach, words: Iterable[str]
    ) -> None:
        name = ref.path[0]
        known = {field for each in types for field in reach.suggested(self._types[each].fields)}
        fact = next(
            (fact for fact in self.facts if reach.suggested({fact.name: fact.type}).keys() == {name}), None
        )
        mend = hint(name, known, "its fields")
        near = nearest(str(ref), words)
        if len(ref.path) > 1 and ref.path[1] in known:
            mend = f"write `{'.'.join(ref.path[1:])}`"
        if fact is not None:
            mend = f"for what is remembered write `{fact.per}.{name}`"
        elif near is not None and (nearest(name, known) is None or is_slip(str(ref), near)):
            mend = f"did you mean `{near}`?"
        message = f"`{name}` is no field of {_listed(types)}."
        kinds = [f"{each}.field" for each in types]
        self._report.miss(kinds, name, where, "unknown-field", message, mend)

    def _walk(
        self, fields: Mapping[str, FieldType], ref: Ref, where: Where, owner: str, reach: Reach
    ) -> FieldType:
        """Down the path through nested objects."""
        type_ = ANY
        for depth, name in enumerate(ref.path):
            found = fields.get(name)
            if found is None:
                owner = f"`{'.'.join(ref.path[:depth])}`" if depth else owner
                message = f"`{name}` is no field of {owner}."
                self._report.error(
                    where, "unknown-field", message, hint(name, reach.suggested(fields), "its fields")
                )
                return ANY
            if found.type == "" or (
                found.type == "object" and not found.fields and depth + 1 < len(ref.path)
            ):
                return ANY
            type_, fields = found, found.fields
        return type_

    def _merged(self, name: str, found: Sequence[FieldType], where: Where) -> FieldType:
        kinds = sorted({each.type for each in found})
        if "" in kinds:
            return ANY
        if len(kinds) > 1:
            kinds_said = " and ".join(NAMES[kind] for kind in kinds)
            message = f"`{name}` is {kinds_said} in different event types."
            if (name, kinds_said) not in self._mixed:  # told once: the mistake may be in the declaration
                self._report.error(where, "mixed-types", message, "write one pattern for each event type")
            self._mixed.add((name, kinds_said))
            return ANY
        first = found[0]
        if all(each is first for each in found):
            return first  # such as the id of a rule, which can be any of thousands
        enums = [each.enum for each in found]
        enum = (
            None if None in enums else tuple(dict.fromkeys(value for each in enums for value in each or ()))
        )
        fields = {key: value for each in found for key, value in each.fields.items()}
        unknown = next((each.unknown for each in found if each.unknown), None)
        return FieldType(first.type, first.title, first.description, enum, first.items, fields, unknown)


def _has_root(path: str) -> bool:
    """Whether a path is one of those that begin with what they are read from, such as `case.company`."""
    head, _, rest = path.partition(".")
    return bool(rest) and head in ROOTS and head != "params"


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
