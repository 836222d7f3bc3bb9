"""What a path such as `case.company` means where it stands: what is read, and of which type that is (S15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from afterword.building.problems import Problems, Where, problem_at
from afterword.building.values import ANY, NAMES, same_kind
from afterword.calendar_tests import CALENDAR_TESTS
from afterword.conditions import Ref, Root
from afterword.document import Section, text
from afterword.ruleset import EventType, Fact, FieldType, Scope
from afterword.source import Node
from afterword.suggest import hint, is_slip, nearest

ROOTS = ("event", "case", "subject", "trigger", "params")

OF_EVENT: Mapping[str, FieldType] = {
    "type": FieldType("string"),
    "time": FieldType("datetime"),
    "id": FieldType("string"),
    "source": FieldType("string"),
    "subject": FieldType("string"),
    "case": FieldType("string"),
}
"""What can be read of an event besides its fields."""

OF_SCOPE: Mapping[Scope, Mapping[str, FieldType]] = {
    "case": {"id": FieldType("string"), "open": FieldType("boolean")},
    "subject": {"id": FieldType("string"), "open_cases": FieldType("integer")},
}
"""What can be read of a case and of a subject besides the facts."""


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


class References:
    """The paths that can be read under one vocabulary."""

    def __init__(self, types: Mapping[str, EventType], remember: Section, report: Problems) -> None:
        """`types` are the event types by name; `remember` is the section that declares the facts."""
        self._types = types
        self._remember = remember
        self._report = report
        self._facts: tuple[Fact, ...] = ()
        self._of_scope: dict[Scope, dict[str, FieldType]] = {}
        self._mixed: set[tuple[str, str]] = set()

    def learn(self, facts: tuple[Fact, ...]) -> None:
        """Knows these facts from now on; until then, the fields that they are told by can be resolved."""
        self._facts = facts

    def resolve(self, node: Node, reach: Reach) -> tuple[Ref, FieldType]:
        """What a path written here means; a path that means nothing is reported and is of any type."""
        return self.find(str(node.value), node, reach)

    def find(
        self, path: str, where: Where, reach: Reach, *, quiet: bool = False, words: Iterable[str] = ()
    ) -> tuple[Ref, FieldType]:
        """The same for a path that stands at `where`; `quiet` does not warn of types that lack the field.

        `words` are what could be written there besides a path, for the hint.
        """
        head, _, rest = path.partition(".")
        names = tuple(rest.split("."))
        if has_root(path):
            return self._rooted(head, names, where, reach)  # type: ignore[arg-type]
        ref = Ref("data", (head, *names) if rest else (head,))
        if reach.item is not None:
            return ref, self._walk(reach.item, ref, where, "an item", reach)
        words = (
            *words,
            *(f"{root}.{rest}" for root in ROOTS if rest and self.knows(f"{root}.{rest}", reach)),
        )
        return ref, self._data(ref, where, reach, quiet, words)

    def knows(self, path: str, reach: Reach) -> bool:
        """Whether a text is exactly the path of an attribute, of a fact, or of a field of the trigger."""
        head, _, rest = path.partition(".")
        if any(letter.isspace() for letter in rest):
            return False
        name = rest.partition(".")[0]
        if head == "event":
            return rest in OF_EVENT
        if head == "trigger":
            return reach.sees_trigger and any(
                name in self._types[each].fields for each in reach.trigger or ()
            )
        facts = {fact.name for fact in self._facts if fact.per == head}
        if head == "subject" or (head == "case" and reach.scope != "subject"):
            return name in facts or rest in OF_SCOPE[head]  # type: ignore[index]  # both are scopes
        return False

    def _rooted(
        self, root: Root, names: tuple[str, ...], where: Where, reach: Reach
    ) -> tuple[Ref, FieldType]:
        ref = Ref(root, names)
        match root:
            case "event":
                return ref, self._walk(OF_EVENT, ref, where, "an event", reach)
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
            facts = {fact.name: fact.type for fact in self._facts if fact.per == scope}
            self._of_scope[scope] = facts | dict(OF_SCOPE[scope])
        known = self._of_scope[scope]
        name = ref.path[0]
        if name in known:
            self._report.names.use("fact", name)
            return self._walk(known, ref, where, f"a {scope}", reach)
        elsewhere = next((fact for fact in self._facts if fact.name == name), None)
        if elsewhere is None and not self._remember.lacks(name):
            return ANY  # its declaration has been refused
        if elsewhere is not None and self._is_scope_refused(name):
            return ANY
        message = f"Nothing called `{name}` is remembered of a {scope}."
        mend = hint(name, reach.suggested(known))
        if elsewhere is not None:
            mend = f"it is remembered of the {elsewhere.per}: write `{elsewhere.per}.{name}`"
        self._report.miss("fact", name, where, "unknown-fact", message, mend)
        return ANY

    def _is_scope_refused(self, fact: str) -> bool:
        """Whether a fact says whose it is in a word that has been refused, so that it counts as a case's."""
        declared = self._remember.values[fact]
        return "per" in declared.keys and not text(declared, "per")

    def _trigger(self, ref: Ref, where: Where, reach: Reach) -> FieldType:
        if not reach.sees_trigger:
            message = "`trigger.…` can be read in `fulfilled_by` and `cancelled_by` of a rule only."
            self._report.error(where, "trigger-out-of-reach", message, self._instead_of_trigger(ref, reach))
            return ANY
        return self._data(ref, where, replace(reach, types=reach.trigger), quiet=True)

    def _instead_of_trigger(self, ref: Ref, reach: Reach) -> str:
        """How to read a value where no trigger is: from the event itself if it has one, else what is remembered."""
        path = ".".join(ref.path)
        if reach.types is None or any(ref.path[0] in self._types[each].fields for each in reach.types):
            return f"for the event itself write `{path}`"
        known = next(
            (f"{root}.{path}" for root in ("case", "subject") if self.knows(f"{root}.{path}", reach)), ""
        )
        if known:
            return f"write `{known}`, which is remembered"
        name = ref.path[0]
        return (
            f"the event has no `{name}`; remember that of an earlier one, "
            f"`remember: {{{name}: {{from: …, field: {name}}}}}`, and write `case.{path}`"
        )

    def _data(
        self, ref: Ref, where: Where, reach: Reach, quiet: bool, words: Iterable[str] = ()
    ) -> FieldType:
        """The type of a field that at least one of the event types has."""
        types = reach.types
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
            (fact for fact in self._facts if reach.suggested({fact.name: fact.type}).keys() == {name}), None
        )
        mend = hint(name, known, "its fields")
        near = nearest(str(ref), words)
        if name in CALENDAR_TESTS:
            mend = _of_time(name)
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
                known = reach.suggested(fields)
                mend = hint(name, known, "its fields")
                if name in CALENDAR_TESTS:
                    mend = _of_part(Ref(ref.root, ref.path[:depth]), type_, name) if depth else _of_time(name)
                self._report.error(where, "unknown-field", message, mend)
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


def has_root(path: str) -> bool:
    """Whether a path is one of those that begin with what they are read from, such as `case.company`."""
    head, _, rest = path.partition(".")
    return bool(rest) and head in ROOTS and head != "params"


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def _of_part(ref: Ref, type_: FieldType, test: str) -> str:
    """The same for a test behind a dot, which the value before that may be able to pass."""
    if type_.type == "datetime" or (type_.type == "date" and test != "time_of_day"):
        return f"`{test}` is a test: write `{ref}: {{{test}: …}}`"
    return f"`{test}` is a test of dates and times; `{ref}` is {NAMES.get(type_.type, 'another value')}"


def _of_time(test: str) -> str:
    """How to write a test of a date or time that stands in the place of one."""
    return f"`{test}` is a test: write `event.time: {{{test}: …}}`"
