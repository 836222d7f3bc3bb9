"""What a comparison of rulesets is told in, whatever it is written as: labels, sentences, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.comparing.words import compare_words, is_alike
from afterword_cli.counting import number_of
from afterword_cli.render import last_day, when

if TYPE_CHECKING:
    from afterword.comparing.bumps import Verdict
    from afterword.comparing.changes import Change, Comparison, Reason, RuleChange, SharedChange
    from afterword.comparing.effects import AdviceSide, Effect, Effects, Example
    from afterword.comparing.lives import AdviceFate
    from afterword.comparing.words import Segment

LABELS: Mapping[str, str] = {
    "title": "title",
    "message": "says",
    "description": "why",
    "per": "looks at",
    "effective": "in force",
    "repeat": "repeats",
    "fulfilled_by": "done when",
    "cancelled_by": "moot when",
    "again": "if it recurs",
    "cooldown": "then quiet",
    "inhibits": "suppresses",
    "suppressed_by": "suppressed by",
    "remember": "facts",
}
"""What a key of a rule is called for people; the others are words already."""

FATES: Mapping[AdviceFate, str] = {
    "gained": "gained",
    "lost": "lost",
    "moved": "moved",
    "ended": "ended differently",
    "reworded": "reworded",
}
"""What became of an advice, as it heads a column."""

STATEMENTS = frozenset({"when", "while", "unless", "fulfilled_by", "cancelled_by", "pattern"})
"""Keys whose parts are sentences; those of the others are names or words, and fit on one line."""

MARKS = {"added": "+", "removed": "-", "changed": "~"}


@dataclass(frozen=True, slots=True)
class DiffReport:
    """All that there is to tell. No `effects`: no log was named. `reasons`: whether to say why."""

    comparison: Comparison
    verdict: Verdict
    effects: Effects | None
    logs: tuple[str, ...]
    reasons: bool


def label(change: Change, *, of_rule: bool) -> str:
    """What to call the part that changed."""
    return LABELS.get(change.what, change.what) if of_rule else change.what.replace("_", " ")


def together(change: Change) -> tuple[Segment, ...]:
    """The change as one text with what went and what came in it; nothing where it is best told in another way."""
    if change.words:
        return change.words
    if change.was is not None and change.now is not None:
        return compare_words(change.was, change.now)
    if len(change.gone) == len(change.came) == 1:
        both = compare_words(*change.gone, *change.came)
        return both if is_alike(both) else ()
    return ()


def parts(change: Change) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What went and what came, as it is to be told: sentences by themselves, names together."""
    if change.what in STATEMENTS:
        return change.gone, change.came
    gone, came = ((", ".join(each),) if each else () for each in (change.gone, change.came))
    return gone, came


def said(change: RuleChange) -> tuple[str, ...]:
    """What to tell of a rule that came or went: all of a new one, of one that is gone what it said."""
    return change.said if change.fate == "added" else change.said[-1:]


def grouped(rules: Iterable[RuleChange]) -> list[list[RuleChange]]:
    """The changed rules; those that changed in the same way, through what they share, together."""
    groups: dict[object, list[RuleChange]] = {}
    for rule in rules:
        key = rule.changes if rule.changes and rule.through else rule.id
        groups.setdefault(key, []).append(rule)
    return list(groups.values())


def reason(found: Reason) -> str:
    """`due at another time: call-back, alert-referee`."""
    return f"{found.why}: {', '.join(found.what)}"


def summary(comparison: Comparison) -> str:
    """`1 rule added, 7 changed, 33 as before`."""
    if not comparison:
        return "Nothing changed that makes a difference."
    fates = [change.fate for change in comparison.rules]
    counts = [(fates.count(fate), fate) for fate in ("added", "removed", "changed")]
    told = [f"{count} {fate}" for count, fate in counts if count]
    told.append(f"{comparison.unchanged} as before")
    return f"Rules: {', '.join(told)}."


def versions(comparison: Comparison) -> str:
    """`after-interview 1.0.0 → 1.1.0`."""
    old, new = comparison.old, comparison.new
    name = old.name if old.name == new.name else f"{old.name} → {new.name}"
    version = old.version if old.version == new.version else f"{old.version} → {new.version}"
    return f"{name} {version}"


def asked(told: DiffReport) -> str:
    """Which version the change asks for, and whether the new one tells it."""
    verdict, new = told.verdict, told.comparison.new.version
    if told.comparison.old.name != told.comparison.new.name:
        return "These are two rulesets: the version of one says nothing about the other."
    if verdict.asked == "none":
        sentence = "No new version is needed."
        return sentence if verdict.enough else f"{sentence} {new} is before {told.comparison.old.version}."
    sentence = f"The change asks for a {verdict.asked} version, {verdict.needed} or later"
    if verdict.enough:
        return f"{sentence}; {new} will do."
    what = "tells less"
    if verdict.told == "none":
        what = "is the same" if new == told.comparison.old.version else "is earlier"
    return f"{sentence}; {new} {what}."


def through(names: Iterable[str]) -> str:
    """`(through the param patience)`, or nothing."""
    listed = " and ".join(names)
    return f"(through {listed})" if listed else ""


def felt(change: SharedChange) -> str:
    """Which rules it affects."""
    return f"affects {', '.join(change.felt_by)}" if change.felt_by else ""


def called(change: SharedChange) -> str:
    """`param patience`, `defaults`."""
    return f"{change.kind} {change.name}".rstrip()


def outcome(found: AdviceSide | None, rule: str) -> str:
    """One side of an advice in a sentence; times are those of the person's own zone."""
    if found is None:
        return "nothing"
    time = _time(found.time)
    if found.state == "raised":
        return f"raised {when(time)}"
    if found.heard is None:
        return _unheard(found, time, rule)
    until = f" until {last_day(_time(found.end))}" if found.end else ""
    return f"due {when(_time(found.heard))}{until}, {_ended(found, time)}"


def _unheard(found: AdviceSide, time: dt.datetime, rule: str) -> str:
    match found.state:
        case "scheduled":
            start = f" from {when(_time(found.start))}" if found.start else ", no date known yet"
            until = f" until {last_day(_time(found.end))}" if found.start and found.end else ""
            return f"still to come{start}{until}"
        case "suppressed":
            by = f"by {found.by}" if found.by not in (None, rule) else "so soon after the last one"
            return f"suppressed {by}"
        case "missed":
            return f"missed {when(time)}, never due"
    return f"{found.state} {when(time)}, before it was due"


def _ended(found: AdviceSide, time: dt.datetime) -> str:
    if found.state in ("due", "scheduled"):
        return "still open"
    return found.state if found.time == found.end else f"{found.state} {when(time)}"


def _time(text: str | None) -> dt.datetime:
    assert text is not None
    return dt.datetime.fromisoformat(text)


def whose(subject: str, case: str | None) -> str:
    """`ana/acme`; the one name where person and case have the same, or the log knows no persons."""
    if case is None:
        return "-" if subject == "me" else subject
    return case if subject in ("me", case) else f"{subject}/{case}"


def about(example: Example) -> str:
    """Whose advice it is, and which event made it: its id, or its type if it has none."""
    return f"{whose(example.subject, example.case)}, {example.trigger.partition(':')[0]}"


def most_moved(effect: Effect) -> str:
    """`, most often due 2 days earlier (9 of 12)`."""
    shift = effect.shift
    if shift is None or not (shift.heard or shift.end):
        return ""
    told = [f"due {_by(shift.heard)}"] if shift.heard else []
    told += [f"closing {_by(shift.end)}"] if shift.end and shift.end != shift.heard else []
    return f", most often {' and '.join(told)} ({shift.count} of {effect.counts['moved']})"


def _by(seconds: float) -> str:
    from afterword.duration import DAY, SECOND, Duration  # noqa: PLC0415

    days, rest = divmod(round(abs(seconds)) * SECOND, DAY)
    return f"{Duration(days=days, microseconds=rest)} {'later' if seconds > 0 else 'earlier'}"


def log_heading(told: DiffReport) -> str:
    """What the log is and how far it goes."""
    effects = told.effects
    assert effects is not None
    events = number_of(effects.events, "event")
    until = ""
    if effects.until is not None:
        last = _time(effects.until)
        until = f", up to {last:%A} {last.day} {last:%B %Y}"
    return f"What it changes for {', '.join(told.logs)} ({events}{until})"


def log_summary(effects: Effects) -> str:
    """How much was said before and is said now."""
    if not effects:
        return f"Nothing: {number_of(effects.before, 'advice')} given before and after, the same at the same times."
    if effects.before == effects.after:
        return f"{number_of(effects.before, 'advice')} given before, as many now."
    return f"{number_of(effects.before, 'advice')} given before, {effects.after} now."


def unseen(told: DiffReport) -> list[RuleChange]:
    """Rules that changed while the log shows no difference."""
    effects = told.effects
    seen = {effect.rule for effect in effects.effects} if effects is not None else set()
    return [change for change in told.comparison.rules if change.id not in seen]
