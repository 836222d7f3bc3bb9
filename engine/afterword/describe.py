"""A rule in plain English, for people who decide whether to follow it and not how it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from afterword.conditions import All, AnyOf, Condition, Not
from afterword.days import Days
from afterword.message import Slot, Template
from afterword.ruleset import (
    CaseOpen,
    Clause,
    Effective,
    GateWord,
    Lookback,
    Moment,
    Pattern,
    Repeat,
    Rule,
    Span,
    Unless,
    While,
    Window,
)
from afterword.wording import condition, joined

_LONG = 110
"""A sentence longer than this is broken up where its conditions allow."""

_EVENT = "the event"
_VERBS = {"recommendation": "recommend", "warning": "warn"}
_STATUS = {
    "draft": "A draft: evaluated only when asked for.",
    "deprecated": "Deprecated: it will go.",
    "stable": "",
}
_AGAIN = {
    "restart": "If it happens again while one is open, the time is counted anew.",
    "each": "If it happens again while one is open, there is one for each.",
    "ignore": "",
}


class Said(NamedTuple):
    """A sentence, or the beginning of one that goes on in its parts, each of them a line of its own."""

    text: str
    parts: tuple[Said, ...] = ()

    def lines(self, indent: str = "") -> Iterator[str]:
        """The sentence as lines of text, the parts as a list below it."""
        yield indent + self.text
        for part in self.parts:
            yield from part._replace(text=f"- {part.text}").lines(indent + "  ")


def describe(rule: Rule, days: Days | None = None) -> tuple[Said, ...]:
    """What the rule does: when it speaks and when not, until when, and what ends it; times in the zone of `days`."""
    title = rule.title if rule.title.endswith(("?", "!")) else rule.title.rstrip(".") + "."
    verb = f"{_VERBS[rule.kind]}: {title}"
    told = [
        Said(_STATUS[rule.status]),
        *_pattern("When ", rule.when, f", {verb}"),
        Said("It looks at the person, with all their cases together." if rule.per == "subject" else ""),
        *_each(_gate(gate.word, gate.item) for gate in rule.gates()),
        Said(_effective(rule.effective, days or Days()) if rule.effective else ""),
        *(_recommended(rule) if rule.kind == "recommendation" else ()),
        Said(f"Then quiet for {rule.cooldown}." if rule.cooldown else ""),
        Said(_inhibits(rule)),
    ]
    return tuple(said for said in told if said.text)


def as_text(rule: Rule, days: Days | None = None) -> str:
    """The description as lines of text."""
    return "\n".join(line for said in describe(rule, days) for line in said.lines())


def message_text(template: Template) -> str:
    """A message as the rule file writes it."""
    return "".join(
        _slot(part) if isinstance(part, Slot) else part.replace("{", "{{").replace("}", "}}")
        for part in template.parts
    )


def clause_words(clause: Clause) -> str:
    """One way for a pattern to hold, in one phrase."""
    where = f" (where {condition(clause.where)})" if clause.where is not None else ""
    return _happening(clause, where)


def gate_sentence(word: GateWord, item: While | Unless) -> str:
    """An item of a `while` or an `unless`, in one line."""
    return " ".join(line.strip() for said in _gate(word, item) for line in said.lines())


def looks_for(word: GateWord, item: While | Unless) -> str:
    """What it looks for: `a case is open`, `after call made`, `reply received in the 2 days before`."""
    if isinstance(item, CaseOpen):
        return "a case is open"
    lead = "Not if " if isinstance(item, Lookback) else f"{_LEADS[word]} "
    return gate_sentence(word, item).removeprefix(lead).rstrip(".")


def due_words(window: Window) -> str:
    """From when until when: `at once, until the end of the next day`."""
    start = _first_known(window.start, _EVENT)
    begin = "at once" if start == _EVENT else f"from {start}"
    return begin + (" and from then on" if window.end is None else f", until {_first_known(window.end)}")


def repeat_words(repeat: Repeat) -> str:
    """How often it comes again: `every 7 days at 09:00, 12 times in all`."""
    at = f" at {repeat.at // 60:02}:{repeat.at % 60:02}" if repeat.at is not None else ""
    times = f", {repeat.at_most} times in all" if repeat.at_most is not None else ""
    return f"every {repeat.every}{at}{times}"


def moment_words(moment: Moment, anchor: str | None = None) -> str:
    """A point in time; without an anchor it counts from what the sentence spoke of last."""
    base = anchor if moment.base is None else _EVENT if str(moment.base) == "event.time" else str(moment.base)
    told = base or "then"
    shift = moment.plus or moment.minus
    if shift is not None:
        word = "after" if moment.plus else "before"
        told = f"{shift} {word} {base}" if base else f"{shift} {'later' if moment.plus else 'earlier'}"
    if moment.plus and moment.minus:
        told += f" minus {moment.minus}"
    if moment.align is not None:
        told = _aligned(moment, told)
    return told if moment.at is None else f"{told} at {moment.at // 60:02}:{moment.at % 60:02}"


def event_words(name: str) -> str:
    """An event type as words: `message.sent` is `message sent`."""
    return name.replace(".", " ").replace("_", " ")


def _slot(slot: Slot) -> str:
    return "{" + slot.path + (f":{slot.filter}" if slot.filter else "") + "}"


def _each(told: Iterable[tuple[Said, ...]]) -> Iterator[Said]:
    for sentences in told:
        yield from sentences


# --- patterns


def _pattern(before: str, clauses: Pattern, after: str) -> tuple[Said, ...]:
    """A sentence with a pattern in it; a long one becomes a list, with the end of the sentence below."""
    whole = before + joined([clause_words(clause) for clause in clauses], "or") + after
    if len(whole) <= _LONG or not any(clause.where for clause in clauses):
        return (Said(whole),)
    rest = after.removeprefix(", ")
    end = (Said(rest[0].upper() + rest[1:]),) if rest.strip(".") else ()
    if len(clauses) == 1:
        said = _clause(clauses[0])
        return (Said(before + said.text, said.parts), *end)
    return (Said(f"{before}one of these happens:", tuple(_clause(clause) for clause in clauses)), *end)


def _clause(clause: Clause) -> Said:
    """A clause as a line of its own, its conditions below if they are many."""
    inline = clause_words(clause)
    if clause.where is None or len(inline) <= _LONG:
        return Said(inline)
    parts = _parts(_flat(clause.where))
    return Said(_happening(clause, "") + (", with all of:" if len(parts) > 1 else ", where:"), parts)


def _happening(clause: Clause, where: str) -> str:
    types = [event_words(name) for name in clause.types]
    count = clause.count
    if count is None:
        return joined(types, "or") + where
    different = f" with different {count.distinct}" if count.distinct else ""
    return f"{count.at_least} or more of {', '.join(types)}{where}{different} happen within {count.within}"


def _condition(tree: Condition) -> Said:
    inline = condition(tree)
    if len(inline) <= _LONG:
        return Said(inline)
    match tree:
        case All():
            return Said("all of:", _parts(_flat(tree)))
        case AnyOf(parts):
            return Said("one of:", _parts(parts))
        case Not(AnyOf(parts)):
            return Said("none of:", _parts(parts))
        case Not(All() as inner):
            return Said("not all of:", _parts(_flat(inner)))
    return Said(inline)


def _flat(tree: Condition) -> Iterator[Condition]:
    """The parts that all have to hold; two tests of one field are as good as two fields with one."""
    if isinstance(tree, All):
        for part in tree.parts:
            yield from _flat(part)
    else:
        yield tree


def _parts(trees: Iterable[Condition]) -> tuple[Said, ...]:
    return tuple(_condition(tree) for tree in trees)


# --- when it does not speak


_LEADS = {"while": "Only", "unless": "Not"}
_ENDINGS = {"while": "And only until", "unless": "It keeps quiet until"}


def _gate(word: GateWord, item: While | Unless) -> tuple[Said, ...]:
    match item:
        case CaseOpen():
            return (Said(f"{_LEADS[word]} while a case is open."),)
        case Span():
            return _span(word, item)
        case Lookback(pattern, within):
            return _pattern("Not if ", pattern, f" in the {within} before." if within else " before.")


def _span(word: GateWord, span: Span) -> tuple[Said, ...]:
    lead = f"{_LEADS[word]} after "
    ends = " or ".join(moment_words(moment) for moment in span.ends)
    if not span.until:
        return _pattern(lead, span.since, f", until {ends}." if ends else ".")
    or_ends = f", or {ends}" if ends else ""
    if len(span.since) == len(span.until) == 1:
        whole = f"{lead}{clause_words(span.since[0])}, until {clause_words(span.until[0])}{or_ends}."
        if len(whole) <= _LONG:
            return (Said(whole),)
    before = f"{_ENDINGS[word]} {ends}, or until " if ends else f"{_ENDINGS[word]} "
    return (*_pattern(lead, span.since, "."), *_pattern(before, span.until, "."))


def _effective(effective: Effective, days: Days) -> str:
    bounds = [("from", effective.start), ("until", effective.end)]
    told = [f"{word} {days.local(at).isoformat()}" for word, at in bounds if at is not None]
    return f"In force {' '.join(told)}."


# --- recommendations


def _recommended(rule: Rule) -> Iterator[Said]:
    yield Said(f"Due {due_words(rule.due)}.")
    yield Said(f"It comes again {repeat_words(rule.repeat)}." if rule.repeat else "")
    yield from _pattern("Done when ", rule.fulfilled_by, ".") if rule.fulfilled_by else ()
    yield from _pattern("No longer needed when ", rule.cancelled_by, ".") if rule.cancelled_by else ()
    yield Said(_AGAIN[rule.again])


def _first_known(moments: Sequence[Moment], anchor: str | None = None) -> str:
    first, *others = (moment_words(moment, anchor) for moment in moments)
    return first + "".join(f" (while that is not known: {other}" for other in others) + ")" * len(others)


def _aligned(moment: Moment, told: str) -> str:
    edge, day = str(moment.align).split(" of ")
    unit = day.removeprefix("next ")
    if moment.base is None and moment.plus is None and moment.minus is None:
        return f"the {edge} of {'that' if day == unit else 'the next'} {unit}"
    if day == unit:
        return f"the {edge} of the {unit} of {told}"
    return f"the {edge} of the {unit} after {'that of ' if unit == 'month' else ''}{told}"


def _inhibits(rule: Rule) -> str:
    if not rule.inhibits:
        return ""
    when = "While it is due" if rule.kind == "recommendation" else "Meanwhile" if rule.cooldown else "With it"
    verb = "is" if len(rule.inhibits) == 1 else "are"
    return f"{when}, {joined(rule.inhibits, 'and')} {verb} suppressed."
