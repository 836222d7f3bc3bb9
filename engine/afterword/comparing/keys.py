"""A rule before and after, key by key: what each change is in plain words, and what it weighs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from afterword.comparing.bumps import Bump
from afterword.comparing.changes import Change
from afterword.comparing.patterns import (
    NOTHING,
    Parts,
    Statement,
    compare_names,
    compare_patterns,
    compare_statements,
    is_wider,
)
from afterword.comparing.words import compare_words
from afterword.days import Days
from afterword.describe import due_words, gate_sentence, message_text, moment_words, repeat_words
from afterword.ruleset import CaseOpen, Effective, Lookback, Pattern, Rule, Ruleset, Span, Unless, While

Part = TypeVar("Part", While, Unless)

_AGAIN = {
    "restart": "the time is counted anew",
    "ignore": "it is ignored",
    "each": "there is one for each",
}
_PER = {"case": "each case by itself", "subject": "the person, with all their cases together"}
_STATUS: Mapping[tuple[str, str], tuple[Bump, str]] = {
    ("draft", "stable"): ("minor", "heard from now on"),
    ("draft", "deprecated"): ("minor", "heard from now on"),
    ("stable", "draft"): ("major", "no longer heard"),
    ("deprecated", "draft"): ("major", "no longer heard"),
    ("stable", "deprecated"): ("minor", "heard as before; it will go"),
    ("deprecated", "stable"): ("minor", "it stays"),
}


Compared = Callable[[Rule, Rule, Ruleset], Iterable[Change]]


def _value(what: str, bump: Bump, words: Callable[[Rule], str | None]) -> Compared:
    """A key that is told as a whole."""

    def compare(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
        was, now = words(old), words(new)
        if was != now:
            yield Change(what, bump, was=was, now=now)

    return compare


def _text(what: str, words: Callable[[Rule], str]) -> Compared:
    """A key that is told word by word; in other words is the same advice."""

    def compare(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
        yield from text_change(what, words(old), words(new))

    return compare


def text_change(what: str, old: str, new: str) -> Iterator[Change]:
    """Two texts word by word; one that was or is empty as a whole."""
    if old != new:
        if old and new:
            yield Change(what, "patch", words=compare_words(old, new))
        else:
            yield Change(what, "patch", was=old or None, now=new or None)


def _list(what: str, bump: Bump, read: Callable[[Rule], tuple[str, ...]]) -> Compared:
    def compare(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
        gone, came = compare_names(read(old), read(new))
        if gone or came:
            yield Change(what, bump, gone=gone, came=came)

    return compare


def _pattern(what: str, read: Callable[[Rule], Pattern], adds: bool = False) -> Compared:
    """A pattern; where a wider one only adds advice, it weighs less."""

    def compare(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
        before, after = read(old), read(new)
        wider, narrower = is_wider(before, after), is_wider(after, before)
        if not (wider and narrower):
            bump: Bump = "minor" if adds and wider else "major"
            yield parts_change(what, bump, compare_patterns(before, after))

    return compare


def parts_change(what: str, bump: Bump, parts: Parts) -> Change:
    """What came and went; where nothing did, the same is joined in another way."""
    note = "" if any(parts) else "the same tests, joined in another way"
    return Change(what, bump, gone=parts.gone, came=parts.came, note=note)


def _status(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
    if old.status != new.status:
        bump, note = _STATUS[old.status, new.status]
        yield Change("status", bump, was=old.status, now=new.status, note=note)


def _while(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
    gone, came = _differing(old.while_, new.while_)
    if not gone and not came:
        return
    match gone, came:
        case [Span() as before], [Span() as after]:
            parts = _span_parts(before, after)
        case _:
            was, now = (tuple(gate_sentence("while", each) for each in some) for some in (gone, came))
            parts = Parts(was, now)
    yield parts_change("while", "major" if came else "minor", parts)


def _span_parts(old: Span, new: Span) -> Parts:
    since = compare_patterns(old.since, new.since).after("after ")
    until = compare_patterns(old.until, new.until) + compare_statements(_ends(old), _ends(new))
    return since + until.after("until ")


def _ends(span: Span) -> Iterator[Statement]:
    for moment in span.ends:
        yield Statement(moment_words(moment))


def _unless(old: Rule, new: Rule, _: Ruleset) -> Iterator[Change]:
    gone, came = _differing(old.unless, new.unless)
    if not gone and not came:
        return
    match gone, came:
        case [Span() as before], [Span() as after]:
            parts = _span_parts(before, after)
        case [Lookback() as before], [Lookback() as after]:
            parts = _lookback_parts(before, after)
        case _:
            parts = NOTHING
            for each in gone:
                parts += _refused_parts(each, gone=True)
            for each in came:
                parts += _refused_parts(each, gone=False)
    yield parts_change("unless", "major" if came else "minor", parts)


def _refused_parts(item: Unless, *, gone: bool) -> Parts:
    """An item of an `unless` that came or went as a whole."""
    match item:
        case CaseOpen():
            words = ("while a case is open",)
            return Parts(words, ()) if gone else Parts((), words)
        case Span():
            return _span_parts(item, Span(())) if gone else _span_parts(Span(()), item)
        case Lookback():
            return _lookback_parts(item, None) if gone else _lookback_parts(None, item)


def _lookback_parts(old: Lookback | None, new: Lookback | None) -> Parts:
    parts = compare_patterns(old.pattern if old else (), new.pattern if new else ())
    return parts + compare_statements(_within(old), _within(new))


def _within(look: Lookback | None) -> Iterator[Statement]:
    if look is not None:
        yield Statement(f"in the {look.within} before" if look.within else "ever before")


def _differing(old: tuple[Part, ...], new: tuple[Part, ...]) -> tuple[list[Part], list[Part]]:
    return [each for each in old if each not in new], [each for each in new if each not in old]


def _effective(old: Rule, new: Rule, ruleset: Ruleset) -> Iterator[Change]:
    if old.effective == new.effective:
        return
    days = Days(ruleset.defaults.timezone)
    before, after = old.effective or Effective(), new.effective or Effective()
    starts = (_low(before), _low(after))
    ends = (_high(before), _high(after))
    notes = []
    if starts[0] != starts[1]:
        verb = "no longer speaks" if starts[1] > starts[0] else "speaks also"
        notes.append(f"{verb} of {_stretch(min(starts), max(starts), days)}")
    if ends[0] != ends[1]:
        verb = "no longer speaks" if ends[1] < ends[0] else "speaks also"
        notes.append(f"{verb} of {_stretch(min(ends), max(ends), days)}")
    bump: Bump = "minor" if starts[1] <= starts[0] and ends[1] >= ends[0] else "major"
    was, now = (_in_force(each, days) for each in (before, after))
    yield Change("effective", bump, was=was, now=now, note="; ".join(notes))


_EVER = 1 << 62


def _low(effective: Effective) -> int:
    return -_EVER if effective.start is None else effective.start


def _high(effective: Effective) -> int:
    return _EVER if effective.end is None else effective.end


def _stretch(start: int, end: int, days: Days) -> str:
    bounds = [("from", start), ("before", end)]
    told = [f"{word} {day_words(at, days)}" for word, at in bounds if abs(at) != _EVER]
    return f"what happens {' and '.join(told)}" if told else "anything"


def _in_force(effective: Effective, days: Days) -> str:
    bounds = [("from", effective.start), ("until", effective.end)]
    told = [f"{word} {day_words(at, days)}" for word, at in bounds if at is not None]
    return " ".join(told) or "always"


def day_words(at: int, days: Days) -> str:
    """An instant as its date, with the time of day unless it is midnight there."""
    local = days.local(at)
    day = f"{local.day} {local:%B %Y}"
    return day if days.start_of(local.date()) == at else f"{day} {local:%H:%M}"


COMPARED: tuple[Compared, ...] = (
    _status,
    _value("kind", "major", lambda rule: rule.kind),
    _value("severity", "minor", lambda rule: rule.severity),
    _text("title", lambda rule: rule.title),
    _value("per", "major", lambda rule: _PER[rule.per]),
    _effective,
    _pattern("when", lambda rule: rule.when, adds=True),
    _while,
    _unless,
    _value("due", "major", lambda rule: due_words(rule.due) if rule.kind == "recommendation" else None),
    _value("repeat", "major", lambda rule: repeat_words(rule.repeat) if rule.repeat else None),
    _pattern("fulfilled_by", lambda rule: rule.fulfilled_by),
    _pattern("cancelled_by", lambda rule: rule.cancelled_by),
    _value("again", "major", lambda rule: _AGAIN[rule.again]),
    _value("cooldown", "major", lambda rule: str(rule.cooldown) if rule.cooldown else None),
    _list("inhibits", "major", lambda rule: rule.inhibits),
    _text("message", lambda rule: message_text(rule.message)),
    _text("description", lambda rule: rule.description),
    _text("source", lambda rule: ", ".join(rule.source.values())),
    _list("tags", "patch", lambda rule: rule.tags),
    _list("renamed_from", "patch", lambda rule: rule.renamed_from),
)
"""Every key of a rule, in the order of reading."""
