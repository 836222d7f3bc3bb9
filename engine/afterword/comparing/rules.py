"""A rule before and after: what became of it, through what, and why that matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from afterword.comparing.bumps import BUMPS, Bump
from afterword.comparing.changes import Change, ChangeFate, Edition, RuleChange, bump_of
from afterword.comparing.keys import COMPARED
from afterword.comparing.patterns import compare_names
from afterword.conditions import Ref, refs_of
from afterword.days import Days
from afterword.describe import as_text, message_text
from afterword.document import items, text
from afterword.message import Slot
from afterword.names_used import names_used
from afterword.ruleset import Rule
from afterword.source import Node
from afterword.values import same

_WHY: Mapping[str, str] = {
    "kind": "of another kind",
    "severity": "of another severity",
    "title": "in other words",
    "description": "explained in other words",
    "per": "looking at something else",
    "when": "in other situations",
    "while": "at other times",
    "unless": "quiet for other reasons",
    "due": "due at another time",
    "repeat": "again at other times",
    "fulfilled_by": "done by other things",
    "cancelled_by": "moot for other reasons",
    "cooldown": "quiet for another while",
    "inhibits": "suppressing other rules",
    "again": "another way with a second trigger",
    "effective": "in force at other times",
    "message": "in other words",
    "source": "from another source",
    "tags": "with other tags",
    "renamed_from": "known by other earlier ids",
    "remember": "going by other facts",
    "suppressed_by": "suppressed by other rules",
}
"""What a change of a key makes of the advice of a rule."""

_MORE: Mapping[str, str] = dict.fromkeys(("when", "while", "unless", "effective"), "more often")
"""The same for a change that takes nothing away."""


@dataclass(frozen=True, slots=True)
class Side:
    """A rule where it stands: in its ruleset, and in the document with the names it uses."""

    rule: Rule
    edition: Edition

    def node(self, key: str) -> Node | None:
        """What the rule writes at a key."""
        return items(self.edition.document.child("rules"))[self.rule.index].child(key)

    @property
    def source(self) -> Mapping[str, str]:
        """The work that the ruleset is drawn from and the part of it: a rule that is extended bears both itself."""
        return {**self.edition.ruleset.source, **self.rule.source}

    def names(self, key: str) -> frozenset[str]:
        """The params, lists and patterns that it uses there."""
        node = self.node(key)
        return frozenset() if node is None else names_used(node, self.edition.document)


@dataclass(frozen=True, slots=True)
class RenewedFact:
    """A fact that is remembered differently, or (`words`) only printed differently while it is not known."""

    called: str
    bump: Bump
    words: tuple[str | None, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Renewed:
    """What of all that rules share changed: by name, with the words for it (`the param patience`)."""

    names: Mapping[str, str]
    facts: Mapping[tuple[str, str], RenewedFact]
    """By scope and name."""
    defaults: tuple[str, ...]
    """The words for the ruleset's defaults, if they changed."""


def came(side: Side, other: Edition, twin: str | None = None) -> RuleChange:
    """A rule that only the new ruleset has; `twin` is an old one that is the same but for its id."""
    others = {rule.id for rule in other.ruleset.rules}
    suppressed = [name for name in side.rule.inhibits if name in others]
    why = ["switched on" if _is_declared(side.rule, other) else "new"]
    if twin is not None:
        why[0] += f" (it was {twin})"
    if suppressed:
        why.append(f"suppressing {', '.join(suppressed)}")
    return _as_whole(side, "added", "major" if twin is not None or suppressed else "minor", why)


def went(side: Side, other: Edition, twin: str | None = None) -> RuleChange:
    """A rule that only the old ruleset has; `twin` is a new one that is the same but for its id."""
    why = "switched off" if _is_declared(side.rule, other) else "gone"
    return _as_whole(side, "removed", "major", [why if twin is None else f"{why} (it is {twin} now)"])


def _is_declared(rule: Rule, edition: Edition) -> bool:
    """Whether the document has the rule: a ruleset leaves out those that are switched off."""
    return any(text(node, "id") == rule.id for node in items(edition.document.child("rules")))


def _as_whole(side: Side, fate: ChangeFate, bump: Bump, why: list[str]) -> RuleChange:
    rule = side.rule
    days = Days(side.edition.ruleset.defaults.timezone)
    said = (*as_text(rule, days).split("\n"), f"Says: {message_text(rule.message)}")
    return RuleChange(
        id=rule.id,
        fate=fate,
        kind=rule.kind,
        severity=rule.severity,
        title=rule.title,
        bump="patch" if rule.status == "draft" else bump,
        why=tuple(why),
        said=said,
    )


def compare_rules(old: Side, new: Side, renewed: Renewed) -> RuleChange | None:
    """What became of a rule; None when nothing did."""
    changes = [
        _through(change, old, new, renewed)
        for compare in COMPARED
        for change in compare(old.rule, new.rule, new.edition.ruleset)
        if change.what != "source" or old.source != new.source
    ]
    changes += _printed(old, new, renewed)
    changes += _remembered(old, new, renewed)
    changes += _suppressed(old, new)
    changes += _suppresses_more(changes, old, new)
    if not changes:
        return None
    heard = [_as_heard(change, old.rule, new.rule) for change in changes]
    return RuleChange(
        id=new.rule.id,
        fate="changed",
        kind=new.rule.kind,
        severity=new.rule.severity,
        title=new.rule.title,
        bump=bump_of(heard),
        why=tuple(_why(heard)),
        changes=tuple(heard),
    )


def listens_to(rule: Rule) -> frozenset[str]:
    """Every event type that the rule speaks of."""
    return frozenset(name for clause in rule.clauses() for name in clause.types)


# --- what is changed by what


def _through(change: Change, old: Side, new: Side, renewed: Renewed) -> Change:
    """Says through which names a key changed, when the rule writes there what it wrote before."""
    before, after = old.node(change.what), new.node(change.what)
    if before is None or after is None or not same(before.data(), after.data()):
        return change
    used = old.names(change.what) | new.names(change.what)
    names = tuple(words for name, words in renewed.names.items() if name in used)
    return msgspec.structs.replace(change, through=names or renewed.defaults or ("the events",))


def _printed(old: Side, new: Side, renewed: Renewed) -> Iterator[Change]:
    """A message that stayed as it is and prints a param that did not."""
    used = old.names("message") & new.names("message")
    for name in sorted(used & renewed.names.keys() & new.edition.ruleset.params.keys()):
        before, after = old.edition.ruleset.params.get(name), new.edition.ruleset.params[name]
        if before is not None and before.value != after.value and old.rule.message == new.rule.message:
            note = f"it prints {after.value} where it printed {before.value}"
            yield Change("message", "patch", note=note, through=(renewed.names[name],))


def _remembered(old: Side, new: Side, renewed: Renewed) -> Iterator[Change]:
    """Facts that the rule goes by or prints, and that are remembered or printed differently."""
    printed = _printed_facts(old.rule) & _printed_facts(new.rule)
    used = (_facts_used(old.rule) & _facts_used(new.rule)) | printed
    for name in sorted(used & renewed.facts.keys()):
        fact = renewed.facts[name]
        if fact.words is None:
            note = f"it goes by {'.'.join(name)}"
            yield Change("remember", fact.bump, note=note, through=(fact.called,))
        elif name in printed:
            was, now = (words or f"(unknown {name[1]})" for words in fact.words)
            note = f"while {'.'.join(name)} is not known, it prints “{now}” where it printed “{was}”"
            yield Change("message", "patch", note=note, through=(fact.called,))


def _suppressed(old: Side, new: Side) -> Iterator[Change]:
    """Other rules that suppress this one; what that weighs is counted at the rule that does it."""
    before = [rule.id for rule in old.edition.ruleset.rules if old.rule.id in rule.inhibits]
    after = [rule.id for rule in new.edition.ruleset.rules if new.rule.id in rule.inhibits]
    gone, came = compare_names(before, after)
    if gone or came:
        through = tuple(f"the rule {name}" for name in (*gone, *came))
        yield Change("suppressed_by", "none", gone=gone, came=came, through=through)


def _suppresses_more(changes: list[Change], old: Side, new: Side) -> Iterator[Change]:
    """A rule that only adds advice takes away some of what it suppresses."""
    adding = [change for change in changes if _adds(change, old.rule)]
    others = {rule.id for rule in old.edition.ruleset.rules}
    names = [name for name in new.rule.inhibits if name in old.rule.inhibits and name in others]
    if adding and names:
        ways = [change.through for change in adding]
        through = tuple(dict.fromkeys(name for way in ways for name in way)) if all(ways) else ()
        yield Change("inhibits", "major", note=f"{', '.join(names)} more often", through=through)


def _adds(change: Change, old: Rule) -> bool:
    if change.what == "status":
        return old.status == "draft"
    return change.bump == "minor" and change.what in _MORE


def _as_heard(change: Change, old: Rule, new: Rule) -> Change:
    """Nobody hears a draft: what changes in one weighs little. One that is a draft no more adds, and may suppress."""
    most: Bump = "major"
    weighs = ("status", "inhibits") if new.inhibits else ("status",)
    if old.status == "draft" and new.status == "draft":
        most = "patch"
    elif old.status == "draft" and change.what not in weighs:
        most = "minor"
    bump = BUMPS[min(BUMPS.index(change.bump), BUMPS.index(most))]
    return msgspec.structs.replace(change, bump=bump)


def _why(changes: list[Change]) -> Iterator[str]:
    """What the weightiest changes do, each once."""
    bump = bump_of(changes)
    yield from dict.fromkeys(_why_of(change) for change in changes if change.bump == bump)


def _why_of(change: Change) -> str:
    if change.what == "status":
        return change.note
    words = _MORE[change.what] if change.bump == "minor" and change.what in _MORE else _WHY[change.what]
    return words + (f" (through {', '.join(change.through)})" if change.through else "")


# --- what a rule looks at


def _refs(rule: Rule) -> Iterator[Ref]:
    for clause in rule.clauses():
        yield from refs_of(clause.where)
        if clause.count is not None and clause.count.distinct is not None:
            yield clause.count.distinct
    ends = [moment for span in rule.spans() for moment in span.ends]
    for moment in (*rule.due.start, *(rule.due.end or ()), *ends):
        if moment.base is not None:
            yield moment.base


def _facts_used(rule: Rule) -> frozenset[tuple[str, str]]:
    """The facts that a rule goes by, as (scope, name); among them names that are no facts."""
    refs = {(str(ref.root), ref.path[0]) for ref in _refs(rule)}
    passed = {name.removesuffix(".passed") for name in listens_to(rule)}
    return frozenset(refs | {(scope, name) for scope in ("case", "subject") for name in passed})


def _printed_facts(rule: Rule) -> frozenset[tuple[str, str]]:
    """The facts that a rule's message prints, as (scope, name)."""
    paths = [part.path.split(".") for part in rule.message.parts if isinstance(part, Slot)]
    return frozenset((path[0], path[1]) for path in paths if len(path) > 1)
