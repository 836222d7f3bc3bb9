"""Rules that can never speak, and parts of rules that can never have an effect."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from afterword.conditions import Condition
from afterword.ruleset import CaseOpen, Cases, Clause, Lookback, Moment, Pattern, Rule, RuleGate, Span


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
    yield from _gates(rule, cases)
    yield from _inclusions(rule)
    yield from _repeat(rule)
    yield from _inhibits(rule, by_id)


def _item(key: str, number: int, many: int) -> tuple[str | int, ...]:
    return (key, number) if many > 1 else (key,)


def _types(pattern: Pattern) -> frozenset[str]:
    return frozenset(name for clause in pattern for name in clause.types)


# --- while and unless


def _gates(rule: Rule, cases: Cases | None) -> Iterator[Idle]:
    closing = cases.closed_by if cases is not None and rule.per == "case" else frozenset[str]()
    for gate in rule.gates():
        path = _item(gate.word, gate.number, len(rule.while_ if gate.word == "while" else rule.unless))
        match gate.item:
            case CaseOpen():
                yield from _case_open(rule, gate, path, cases)
            case Span():
                yield from _span(rule, gate, gate.item, path, closing)
                yield from _begun_at_trigger(rule, gate, gate.item, path, cases)
            case Lookback(pattern) if closing and pattern and _types(pattern) <= closing:
                message = "A case that closes forgets what happened, so this never keeps the rule quiet."
                yield Idle(path, "no-effect", message, "remove it, or write `while: {case: open}`")


def _never(gate: RuleGate) -> str:
    """What it is if what a gate asks is never so: a `while` never lets its rule speak, an `unless` always does."""
    return "dead-rule" if gate.word == "while" else "no-effect"


def _case_open(
    rule: Rule, gate: RuleGate, path: tuple[str | int, ...], cases: Cases | None
) -> Iterator[Idle]:
    if rule.per == "subject":
        return
    triggers = _types(rule.when)
    if cases is not None and triggers and triggers <= cases.closed_by and _is_asked_once(rule, gate):
        message = "The event of `when` closes the case, so the case is never open here."
        yield Idle(path, _never(gate), message, f"remove this `{gate.word}`")
    elif gate.word == "unless" and (cases is None or (triggers and triggers <= cases.opened_by)):
        whence = "Its first event" if cases is None else "The event of `when`"
        message = f"{whence} opens the case, so the case is always open here."
        yield Idle(path, "dead-rule", message, "remove this `unless`")


def _span(
    rule: Rule, gate: RuleGate, span: Span, path: tuple[str | int, ...], closing: frozenset[str]
) -> Iterator[Idle]:
    if closing and _types(span.since) and _types(span.since) <= closing:
        message = "What begins this span closes the case, and a closed case forgets its spans."
        mend = "make the rule `per: subject`, or begin the span before"
        yield Idle((*path, "since"), _never(gate), message, mend)
    elif _ends_at_trigger(rule, span) and _is_asked_once(rule, gate):
        message = "The event of `when` ends this span before the rule is asked."
        yield Idle((*path, "until"), _never(gate), message, "end the span with another event, or at a time")


def _is_asked_once(rule: Rule, gate: RuleGate) -> bool:
    """Whether all hangs on what is so at the trigger: later occurrences of a repeat may meet an `unless` that holds."""
    return gate.word == "while" or rule.repeat is None


def _begun_at_trigger(
    rule: Rule, gate: RuleGate, span: Span, path: tuple[str | int, ...], cases: Cases | None
) -> Iterator[Idle]:
    """A span that the trigger itself begins keeps the rule quiet at once; a cooldown was meant."""
    begins = bool(rule.when) and all(
        any(_includes(start, clause) for start in span.since) for clause in rule.when
    )
    if gate.word == "unless" and begins and all(map(_comes_later, span.ends)):
        always = "in every open case" if cases is not None and rule.per == "case" else "each time"
        message = (
            f"The event of `when` begins this span before the rule is asked, and keeps it quiet {always}."
        )
        mend = "to keep quiet after speaking, give the rule a `cooldown`"
        yield Idle((*path, "since"), "dead-rule", message, mend)


def _comes_later(end: Moment) -> bool:
    """Whether the moment surely lies after the one that it counts from."""
    is_counted = end.base is None and end.minus is None and end.at is None
    return is_counted and end.align not in ("start of day", "start of month")


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
