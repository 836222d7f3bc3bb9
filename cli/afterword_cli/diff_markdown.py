"""A comparison of rulesets as Markdown, for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from afterword_cli import diff_words
from afterword_cli.clean import clean
from afterword_cli.diff_words import FATES, DiffReport

if TYPE_CHECKING:
    from afterword.comparing.changes import Change, RuleChange, SharedChange
    from afterword.comparing.effects import Effects, Example
    from afterword.comparing.words import Segment

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def as_markdown(told: DiffReport) -> Iterator[str]:
    """The whole comparison, line by line."""
    comparison = told.comparison
    yield f"## {_text(diff_words.versions(comparison))}"
    yield ""
    yield f"{diff_words.summary(comparison)} **{_text(diff_words.asked(told))}**"
    if told.reasons and comparison.reasons:
        yield ""
        for reason in comparison.reasons:
            yield f"- **{reason.bump}** {_text(diff_words.reason(reason))}"
    if comparison.shared:
        yield from _heading("What rules share")
        yield from _table(("", "", "Change"), map(_shared, comparison.shared))
    if comparison.rules:
        yield from _heading("Rules")
        yield from _table(("", "Rule", "Change"), map(_rules, diff_words.grouped(comparison.rules)))
    if told.effects is not None:
        yield from _log(told, told.effects)


# --- rules


def _shared(change: SharedChange) -> tuple[str, ...]:
    told = [_text(change.said)] if change.said else []
    told += [_change(each) for each in change.changes]
    if change.felt_by:
        told.append(f"affects {', '.join(map(_code, change.felt_by))}")
    kind, name = change.kind, f" {_code(change.name)}" if change.name else ""
    return change.fate, kind + name, "<br>".join(told)


def _rules(group: Sequence[RuleChange]) -> tuple[str, ...]:
    """A rule, or several that changed in the same way."""
    change, *others = group
    rank = "" if change.fate == "changed" else f" ({change.severity} {change.kind})"
    told = [_text(text.strip()) for text in diff_words.said(change)]
    if change.through:
        told.append(_text(diff_words.through(change.through)))
    told += [_change(each, with_through=not change.through) for each in change.changes]
    names = ", ".join(_code(each.id) for each in group)
    title = "" if others else f"<br>{_text(change.title)}"
    return change.fate, f"{names}{rank}{title}", "<br>".join(told)


def _change(change: Change, *, of_rule: bool = True, with_through: bool = False) -> str:
    together = diff_words.together(change)
    if together:
        told = [_words(together)]
    elif change.was is not None or change.now is not None:
        told = [_gone(change.was) if change.was is not None else _came(change.now or "")]
    else:
        gone, came = diff_words.parts(change)
        told = [*map(_gone, gone), *map(_came, came)]
    told.append(_text(change.note))
    if with_through:
        told.append(_text(diff_words.through(change.through)))
    return (
        f"**{_text(diff_words.label(change, of_rule=of_rule))}** {'; '.join(part for part in told if part)}"
    )


def _words(segments: Iterable[Segment]) -> str:
    marked = {"gone": _gone, "came": _came, "same": _text}
    return " ".join(marked[each.fate](each.text) for each in segments)


def _gone(text: str) -> str:
    return f"~~{_text(text)}~~"


def _came(text: str) -> str:
    return f"**{_text(text)}**"


# --- the log


def _log(told: DiffReport, effects: Effects) -> Iterator[str]:
    yield from _heading(_text(diff_words.log_heading(told)))
    yield diff_words.log_summary(effects)
    if not effects:
        return
    fates = [fate for fate in FATES if effects.total(fate)]
    heads = ("Rule", "Before", "Now", *(FATES[fate].capitalize() for fate in fates))
    rows = (
        (
            _code(effect.rule),
            str(effect.before),
            str(effect.after),
            *(str(effect.counts.get(fate, "")) for fate in fates),
        )
        for effect in effects.effects
    )
    yield ""
    yield from _table(heads, rows, numbers=True)
    if any(effect.examples for effect in effects.effects):
        yield from _examples(effects)
    unseen = [_code(change.id) for change in diff_words.unseen(told)]
    if unseen:
        yield ""
        yield f"Changed, without a difference in this log: {', '.join(unseen)}."


def _examples(effects: Effects) -> Iterator[str]:
    rows = (_example(effect.rule, each) for effect in effects.effects for each in effect.examples)
    yield from ("", "<details><summary>Examples</summary>", "")
    yield from _table(("Rule", "", "Whose", "Was", "Now"), rows)
    yield from ("", "</details>")


def _example(rule: str, example: Example) -> tuple[str, ...]:
    was, now = (_text(diff_words.outcome(side, rule)) for side in (example.was, example.now))
    if example.fate == "reworded" and example.was is not None and example.now is not None:
        was, now = _text(example.was.message or was), _text(example.now.message or now)
    return _code(rule), FATES[example.fate], _text(diff_words.about(example)), was, now


# --- Markdown


def _heading(text: str) -> tuple[str, ...]:
    return "", f"### {text}", ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False) -> Iterator[str]:
    yield _row(heads)
    yield _row(["--:" if numbers and column else "---" for column in range(len(heads))])
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(name: str) -> str:
    """A name as it is: names of rules, params and events hold nothing that code could not."""
    return f"`{clean(name)}`"


def _text(text: str) -> str:
    """Words of a ruleset or a log, with nothing in them that Markdown would take for its own."""
    return _SPECIAL.sub(r"\\\1", clean(text))
