"""What rules share, before and after: params, lists, events, facts, patterns, cases, defaults, the ruleset itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from afterword import wording
from afterword.comparing.bumps import Bump
from afterword.comparing.changes import Change, Edition, SharedChange, bump_of
from afterword.comparing.keys import parts_change, text_change
from afterword.comparing.patterns import Parts, compare_lists, compare_names, compare_patterns, is_wider
from afterword.describe import clause_words
from afterword.document import text
from afterword.ruleset import Cases, Defaults, EventType, Fact, FieldType, Param, Pattern, Ruleset
from afterword.source import Node

Named = TypeVar("Named")


def compare_shared(old: Edition, new: Edition) -> Iterator[SharedChange]:
    """Everything but the rules, from the ruleset itself down to its patterns."""
    before, after = old.ruleset, new.ruleset
    yield from _whole("ruleset", _identity(old, new))
    yield from _whole("defaults", _defaults(before.defaults, after.defaults))
    yield from _whole("cases", _cases(before.cases, after.cases))
    params = _params(old.document, new.document)
    yield from _named("param", before.params, after.params, params, _param_words)
    yield from _named("list", before.lists, after.lists, _list, wording.value)
    yield from _named("event", before.events, after.events, _event, _event_words)
    yield from _named("fact", _facts(before), _facts(after), _fact, _fact_words)
    yield from _named("pattern", before.patterns, after.patterns, _pattern, _pattern_words)


def _whole(kind: str, changes: Iterable[Change]) -> Iterator[SharedChange]:
    found = tuple(changes)
    if found:
        yield SharedChange(kind, "", "changed", bump_of(found), changes=found)


def _named(
    kind: str,
    old: Mapping[str, Named],
    new: Mapping[str, Named],
    compare: Callable[[str, Named, Named], Iterable[Change]],
    words: Callable[[Named], str],
) -> Iterator[SharedChange]:
    """What of one kind came, went and changed, in the order of the files."""
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield SharedChange(kind, name, "removed", "major", words(old[name]))
        elif name not in old:
            yield SharedChange(kind, name, "added", "minor", words(new[name]))
        elif found := tuple(compare(name, old[name], new[name])):
            yield SharedChange(kind, name, "changed", bump_of(found), changes=found)


def _either(what: str, bump: Bump, was: object, now: object) -> Iterator[Change]:
    """A value told as a whole."""
    if was != now or type(was) is not type(now):
        yield Change(what, bump, _shown(was), _shown(now))


def _shown(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else wording.value(value)


def _came_and_went(what: str, parts: Parts, came: Bump) -> Iterator[Change]:
    """A list: what went takes something away, what came may only add."""
    if any(parts):
        yield Change(what, "major" if parts.gone else came, gone=parts.gone, came=parts.came)


# --- the ruleset as a whole


def _identity(old: Edition, new: Edition) -> Iterator[Change]:
    before, after = old.ruleset, new.ruleset
    if before.name != after.name:
        note = "every advice has another id: what users dismissed or snoozed is forgotten"
        yield Change("name", "major", before.name, after.name, note=note)
    for change in _of_itself(old, new):
        # Another ruleset, such as one that extends the old one, need not say about itself what that said.
        if before.name == after.name or change.now is not None:
            yield change
    if _order(before, after) != _order(after, before):
        note = "what is said at one instant comes in the order of the rules"
        yield Change("order", "patch", note=note)


def _of_itself(old: Edition, new: Edition) -> Iterator[Change]:
    """What a ruleset says about itself: for which engine and what it is, and whence."""
    before, after = old.ruleset, new.ruleset
    engines = (text(each.document, "requires_engine") or None for each in (old, new))
    yield from _either("requires_engine", "minor", *engines)
    yield from text_change("title", before.title, after.title)
    yield from text_change("description", before.description, after.description)
    yield from text_change("source", ", ".join(before.source.values()), ", ".join(after.source.values()))


def _order(ruleset: Ruleset, other: Ruleset) -> list[str]:
    shared = {rule.id for rule in other.rules}
    return [rule.id for rule in ruleset.rules if rule.id in shared]


def _defaults(old: Defaults, new: Defaults) -> Iterator[Change]:
    yield from _either("timezone", "major", old.timezone, new.timezone)
    yield from _either("days", "major", old.days, new.days)
    yield from _came_and_went("holidays", compare_names(old.holidays, new.holidays), "major")
    free = (wording.joined([wording.WEEK[day] for day in sorted(each.weekend)], "and") for each in (old, new))
    yield from _either("weekend", "major", *free)


def _cases(old: Cases | None, new: Cases | None) -> Iterator[Change]:
    if old is None or new is None:
        if old is not new:
            was, now = ("declared" if each else "opened by the first event" for each in (old, new))
            yield Change("cases", "major", was, now)
        return
    yield from _came_and_went(
        "opened_by", compare_names(sorted(old.opened_by), sorted(new.opened_by)), "major"
    )
    yield from _came_and_went(
        "closed_by", compare_names(sorted(old.closed_by), sorted(new.closed_by)), "major"
    )


# --- params and lists


def _params(old: Node, new: Node) -> Callable[[str, Param, Param], Iterator[Change]]:
    """Compares params; what values they may have stands only in the documents."""

    def compare(name: str, before: Param, after: Param) -> Iterator[Change]:
        yield from _either("type", "major", before.type, after.type)
        # What another default changes is told at the rules, and weighs as much as it changes there.
        yield from _either("default", "patch", str(before.default), str(after.default))
        for key, sign in (("minimum", 1), ("maximum", -1)):
            yield from _bound(key, _declared(old, name, key), _declared(new, name, key), sign)
        yield from _choices("enum", _declared(old, name, "enum"), _declared(new, name, "enum"))
        yield from text_change("title", before.title, after.title)
        yield from text_change("description", before.description, after.description)

    return compare


def _declared(root: Node, param: str, key: str) -> object:
    node = root.at(["params", param]).child(key)
    return None if node is None else node.data()


def _bound(what: str, was: object, now: object, sign: int) -> Iterator[Change]:
    """A tighter bound refuses values that users may have set."""
    looser = now is None or (
        isinstance(was, int | float) and isinstance(now, int | float) and sign * now < sign * was
    )
    yield from _either(what, "minor" if looser else "major", was, now)


def _choices(what: str, was: object, now: object) -> Iterator[Change]:
    """The values that are allowed; none told: any."""
    if isinstance(was, list | tuple) and isinstance(now, list | tuple):
        yield from _came_and_went(what, compare_lists(was, now), "minor")
    else:
        yield from _either(what, "minor" if now is None else "major", was, now)


def _list(_: str, old: tuple[object, ...], new: tuple[object, ...]) -> Iterator[Change]:
    # What a word weighs depends on what it is used for, and is told at the rules.
    parts = compare_lists(old, new)
    if any(parts):
        yield Change("items", "patch", gone=parts.gone, came=parts.came)


# --- the vocabulary


def _event(_: str, old: EventType, new: EventType) -> Iterator[Change]:
    yield from text_change("title", old.title, new.title)
    yield from text_change("description", old.description, new.description)
    yield from _fields("", old.fields, new.fields)


def _fields(path: str, old: Mapping[str, FieldType], new: Mapping[str, FieldType]) -> Iterator[Change]:
    gone = tuple(path + name for name in old if name not in new)
    came = tuple(path + name for name in new if name not in old)
    if gone or came:
        yield Change("fields", "major" if gone else "minor", gone=gone, came=came)
    for name in old:
        if name in new:
            yield from _field(path + name, old[name], new[name])


def _field(path: str, old: FieldType, new: FieldType) -> Iterator[Change]:
    yield from _either(f"{path}: type", "major", old.type, new.type)
    yield from _choices(f"{path}: enum", old.enum, new.enum)
    yield from text_change(f"{path}: title", old.title, new.title)
    yield from text_change(f"{path}: description", old.description, new.description)
    yield from _either(f"{path}: unknown", "patch", old.unknown, new.unknown)
    yield from _fields(f"{path}.", old.fields, new.fields)
    if old.items is not None and new.items is not None:
        yield from _field(f"{path}: items", old.items, new.items)
    elif old.items != new.items:
        was, now = (each.type if each is not None else None for each in (old.items, new.items))
        yield Change(f"{path}: items", "major", was, now)


def _facts(ruleset: Ruleset) -> dict[str, Fact]:
    """By name and scope: a fact of a case and one of a subject may have the same name."""
    return {f"{fact.per}.{fact.name}": fact for fact in ruleset.facts}


def _fact(_: str, old: Fact, new: Fact) -> Iterator[Change]:
    yield from _came_and_went("from", compare_names(old.sources, new.sources), "major")
    yield from _either("field", "major", ".".join(old.path), ".".join(new.path))
    yield from _either("type", "major", old.type.type, new.type.type)
    yield from _either("unknown", "patch", old.unknown, new.unknown)
    yield from text_change("title", old.title, new.title)


def _pattern(_: str, old: Pattern, new: Pattern) -> Iterator[Change]:
    # What it weighs depends on what it is used for, and is told at the rules.
    if not (is_wider(old, new) and is_wider(new, old)):
        yield parts_change("pattern", "patch", compare_patterns(old, new))


# --- what came or went, in a few words


def _param_words(param: Param) -> str:
    return f"{param.title or param.type}, {param.default} unless it is set"


def _event_words(event: EventType) -> str:
    fields = f"with {', '.join(event.fields)}" if event.fields else "without fields"
    return f"{event.title}, {fields}" if event.title else fields


def _fact_words(fact: Fact) -> str:
    return f"{'.'.join(fact.path)} of {wording.joined(fact.sources, 'or')}"


def _pattern_words(pattern: Pattern) -> str:
    return wording.joined([clause_words(clause) for clause in pattern], "or")
