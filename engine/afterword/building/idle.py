"""Rules that can never speak, and parts of rules that can never have an effect."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from afterword.conditions import Condition
from afterword.ruleset import CaseOpen, Cases, Clause, Lookback, Pattern, Rule, Span


class Idle(NamedTuple):
    """Which part of a rule it is, as a path into its text, and what is said of it."""

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str


def idle(rules: Sequence[Rule], cases: Cases | None) -> Iterator[tuple[Rule, Idle]]:
    """Every rule, or part of one, that does nothing, whatever happens."""
    by_id = {rule.id: rule for rule in rules}
    first: dict[object, Rule] = {}
    for rule in rules:
        yield from ((rule, part) for part in _parts(rule, by_id, cases))
        earlier = first.setdefault(_substance(rule), rule)
        if earlier is not rule:
            message = f"This rule does and says the same as `{earlier.id}`."
            yield rule, Idle(("id",), "same-rule", message, "remove one of the two")


def _parts(rule: Rule, by_id: Mapping[str, Rule], cases: Cases | None) -> Iterator[Idle]:
    closing = cases.closed_by if cases is not None and rule.per == "case" else frozenset[str]()
    yield from _while(rule, closing)
    for number, look in enumerate(rule.unless):
        if not isinstance(look, Lookback):
            continue
        if closing and look.pattern and _types(look.pattern) <= closing:
            message = "A case that closes forgets what happened, so this never keeps the rule quiet."
            path = _item("unless", number, len(rule.unless))
            yield Idle(path, "no-effect", message, "remove it, or write `while: {case: open}`")
    yield from _inclusions(rule)
    yield from _repeat(rule)
    yield from _inhibits(rule, by_id)


def _item(key: str, number: int, many: int) -> tuple[str | int, ...]:
    return (key, number) if many > 1 else (key,)


def _types(pattern: Pattern) -> frozenset[str]:
    return frozenset(name for clause in pattern for name in clause.types)


# --- while


def _while(rule: Rule, closing: frozenset[str]) -> Iterator[Idle]:
    triggers = _types(rule.when)
    for number, part in enumerate(rule.while_):
        path = _item("while", number, len(rule.while_))
        if isinstance(part, CaseOpen):
            if triggers and triggers <= closing:
                message = "The event of `when` closes the case, so the case is never open here."
                yield Idle(path, "dead-rule", message, "remove this `while`")
        elif closing and _types(part.since) and _types(part.since) <= closing:
            message = "What begins this span closes the case, and a closed case forgets its spans."
            yield Idle(
                (*path, "since"),
                "dead-rule",
                message,
                "make the rule `per: subject`, or begin the span before",
            )
        elif _ends_at_trigger(rule, part):
            message = "The event of `when` ends this span before the rule is asked."
            yield Idle(
                (*path, "until"), "dead-rule", message, "end the span with another event, or at a time"
            )


def _ends_at_trigger(rule: Rule, span: Span) -> bool:
    """Whether each event that triggers the rule has just ended the span, and does not begin it anew."""
    return bool(rule.when) and all(
        any(_includes(end, clause) for end in span.until)
        and not any(set(clause.types) & set(start.types) for start in span.since)
        for clause in rule.when
    )


def _includes(wide: Clause, narrow: Clause) -> bool:
    """Whether every event that the narrow clause means is meant by the wide one too."""
    if wide.count is not None or not narrow.types or not set(narrow.types) <= set(wide.types):
        return False
    return wide.where is None or wide.where == narrow.where


# --- alternatives that an earlier one includes


class _Before:
    """Clauses by what they ask and by type, so that each of very many is held against few others."""

    def __init__(self) -> None:
        self._clauses: dict[tuple[Condition | None, str], list[Clause]] = {}

    def add(self, clause: Clause) -> None:
        """One more that others may be included in."""
        for name in clause.types:
            self._clauses.setdefault((clause.where, name), []).append(clause)

    def includes(self, clause: Clause) -> bool:
        """Whether one of them means every event that this one means."""
        first = clause.types[0] if clause.types else ""
        wide = [*self._clauses.get((None, first), ()), *self._clauses.get((clause.where, first), ())]
        return any(_includes(each, clause) for each in wide)


def _inclusions(rule: Rule) -> Iterator[Idle]:
    for key, pattern in (
        ("when", rule.when),
        ("fulfilled_by", rule.fulfilled_by),
        ("cancelled_by", rule.cancelled_by),
    ):
        before = _Before()
        for number, clause in enumerate(pattern):
            if before.includes(clause):
                message = "An alternative before this one means these events already."
                yield Idle(_item(key, number, len(pattern)), "no-effect", message, "remove it")
            before.add(clause)
    fulfils = _Before()
    for clause in rule.fulfilled_by:
        fulfils.add(clause)
    for number, clause in enumerate(rule.cancelled_by if rule.repeat is None else ()):  # it ends a series
        if fulfils.includes(clause):
            message = "These events fulfil the advice (`fulfilled_by`), so they never cancel it."
            path = _item("cancelled_by", number, len(rule.cancelled_by))
            yield Idle(path, "no-effect", message, "remove it from one of the two")


# --- repeat


def _repeat(rule: Rule) -> Iterator[Idle]:
    """What stays open keeps the later occurrences back; a repeat that is fulfilled may well go on (a weekly task)."""
    if rule.repeat is None or rule.repeat.at_most == 1 or rule.due.end is not None or rule.again != "ignore":
        return
    message = (
        "Each advice of this rule stays open until it is done, and as long as one is open no other comes."
    )
    mend = (
        "let its window end (`due: {until: end of day}`), or write `again: restart` to say the open one again"
    )
    yield Idle(("repeat",), "silent-repeat", message, mend)


# --- inhibits


def _inhibits(rule: Rule, rules: Mapping[str, Rule]) -> Iterator[Idle]:
    others = [(number, rules[name]) for number, name in enumerate(rule.inhibits) if name in rules]
    for number, other in others:
        if rule.per == "case" and other.per == "subject":
            message = f"`{other.id}` is a rule per subject; a rule per case cannot suppress it."
            mend = "remove it, or give both rules the same `per`"
            yield Idle(("inhibits", number), "no-effect", message, mend)
    for number, other in others:
        if _always_suppresses(rule, other):
            message = f"`{other.id}` can never speak: whatever triggers it triggers `{rule.id}`, which suppresses it."
            mend = "remove it here, or let the two listen for different things"
            yield Idle(("inhibits", number), "endless-inhibition", message, mend)
    momentary = rule.kind == "warning" and rule.cooldown is None
    missed = [(number, other) for number, other in others if momentary and not _can_meet(rule, other)]
    if missed:
        names = ", ".join(f"`{other.id}`" for _, other in missed)
        message = f"Without a `cooldown` this holds for an instant only, and other events trigger {names}."
        mend = f"give `{rule.id}` a `cooldown`"
        yield Idle(("inhibits", missed[0][0]), "no-effect", message, mend)
    if others and rule.kind == "recommendation" and _is_endless(rule):
        message = f"Nothing ends the advice of `{rule.id}`: once it is due, what it inhibits is suppressed for good."
        mend = f"give `{rule.id}` a `due: {{until: …}}`, or a `fulfilled_by`"
        yield Idle(("inhibits", others[0][0]), "endless-inhibition", message, mend)


def _always_suppresses(rule: Rule, other: Rule) -> bool:
    """Whether a warning is raised at every event at which another would be; that one is never let go later."""
    always = not (rule.while_ or rule.unless or rule.effective) and (
        rule.status != "draft" or rule.status == other.status
    )
    same_place = rule.kind == other.kind == "warning" and rule.per == other.per
    return (
        same_place
        and always
        and all(any(_includes(wide, narrow) for wide in rule.when) for narrow in other.when)
    )


def _can_meet(rule: Rule, other: Rule) -> bool:
    """Whether the two may speak at one instant: by a common event, or one that the engine makes."""
    mine, others = _types(rule.when), _types(other.when)
    return bool(mine & others) or any(_is_made(name) for name in mine | others)


def _is_made(name: str) -> bool:
    return name.startswith("advice.") or name.endswith(".passed")


def _is_endless(rule: Rule) -> bool:
    return rule.due.end is None and not rule.fulfilled_by and not rule.cancelled_by


_OF_NO_WEIGHT = frozenset({
    "id", "index", "title", "description", "tags", "renamed_from", "file", "line",
})  # fmt: skip
"""What neither makes a rule speak otherwise nor is advice: how it is called, explained, found, and where it stands."""


def _substance(rule: Rule) -> Hashable:
    """All that makes a rule speak, and what it says; a key that the language gains counts until it is named above."""
    return tuple(
        tuple(sorted(rule.source.items())) if name == "source" else getattr(rule, name)
        for name in rule.__struct_fields__
        if name not in _OF_NO_WEIGHT
    )
