"""A comparison of rulesets as text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from afterword.comparing.words import compare_words, is_alike, side
from afterword_cli import diff_words
from afterword_cli.clean import clean
from afterword_cli.diff_words import FATES, MARKS, DiffReport
from afterword_cli.render import text_width

if TYPE_CHECKING:
    from afterword.comparing.changes import Change, RuleChange, SharedChange
    from afterword.comparing.effects import Effect, Effects, Example
    from afterword.comparing.words import Segment

Style = Callable[..., str]

_COLOURS = {"+": "green", "-": "red", "~": "yellow"}
_LABEL = 13
_FATE = max(map(len, FATES.values()))
_SHORT = 60
_INDENT = 6
_GONE, _CAME = "\x01", "\x02"
"""Stand before a word that went or came until the lines are made: colours have no width."""

_MARKED = re.compile(f"([{_GONE}{_CAME}])(\\S+)")


def as_text(told: DiffReport, style: Style) -> Iterator[str]:
    """The whole comparison, line by line."""
    comparison = told.comparison
    yield style(clean(diff_words.versions(comparison)), bold=True)
    yield diff_words.summary(comparison)
    if comparison.shared:
        yield from ("", style("What rules share", bold=True))
        for shared in comparison.shared:
            yield from _shared(shared, style)
    if comparison.rules:
        yield from ("", style("Rules", bold=True))
        for group in diff_words.grouped(comparison.rules):
            yield from _rules(group, style)
    if told.effects is not None:
        yield ""
        yield from _log(told, told.effects, style)
    if comparison or told.reasons:
        yield ""
        yield from _version(told, style)


# --- rules


def _rules(group: Sequence[RuleChange], style: Style) -> Iterator[str]:
    """A rule, or several that changed in the same way."""
    change, *others = group
    mark = MARKS[change.fate]
    through = diff_words.through(change.through)
    told = [clean(change.title)] if not others else []
    told += [f"({change.severity} {change.kind})"] if change.fate != "changed" else []
    told += [through] if through else []
    names = ", ".join(each.id for each in group)
    first, *rest = _wrapped(f"{names}  {'  '.join(told)}", 4, _INDENT)
    # Wrapped first, coloured then: colours have no width.
    bold = first[4:].partition("  ")[0]
    yield f"  {style(mark, fg=_COLOURS[mark], bold=True)} {style(bold, bold=True)}{first[4 + len(bold) :]}"
    yield from rest
    for text in diff_words.said(change):
        yield from _wrapped(text, _INDENT, _INDENT + 2)
    for each in change.changes:
        yield from _change(each, style, with_through=not through)


def _shared(change: SharedChange, style: Style) -> Iterator[str]:
    mark = MARKS[change.fate]
    yield f"  {style(mark, fg=_COLOURS[mark], bold=True)} {style(diff_words.called(change), bold=True)}"
    if change.said:
        yield from _wrapped(change.said, _INDENT, _INDENT)
    for each in change.changes:
        yield from _change(each, style, of_rule=False)
    if change.felt_by:
        yield from _wrapped(diff_words.felt(change), _INDENT, _INDENT + 2)


def _change(
    change: Change, style: Style, *, of_rule: bool = True, with_through: bool = False
) -> Iterator[str]:
    """A change beside its label."""
    label = diff_words.label(change, of_rule=of_rule)
    lines = [line for text in _texts(change, style) for line in text]
    if change.through and with_through:
        lines += _lines(diff_words.through(change.through))
    for number, line in enumerate(lines):
        yield f"{'':{_INDENT}}{label if number == 0 else '':<{_LABEL}} {line}"


def _texts(change: Change, style: Style) -> Iterator[list[str]]:
    was, now = change.was, change.now
    if was is not None and now is not None and len(was) + len(now) < _SHORT:
        yield [f"{style(clean(was), fg='red')} → {style(clean(now), fg='green')}"]
    elif together := diff_words.together(change):
        yield from _words(together, style)
    elif was is not None or now is not None:
        yield from _below(was, now, style)
    else:
        for mark, parts in zip("-+", diff_words.parts(change), strict=True):
            for part in parts:
                yield _marked(mark, part, style)
    if change.note:
        yield _lines(clean(change.note))


def _below(was: str | None, now: str | None, style: Style) -> Iterator[list[str]]:
    """One below the other."""
    for lead, text, colour in (("was", was, "red"), ("now", now, "green")):
        lines = _lines(clean(text) if text is not None else "nothing", 4)
        yield [
            f"{lead if number == 0 else '':<4}{style(line, fg=colour)}" for number, line in enumerate(lines)
        ]


def _marked(mark: str, text: str, style: Style) -> list[str]:
    lines = _lines(clean(text), 2)
    return [
        style(f"{mark if number == 0 else ' '} {line}", fg=_COLOURS[mark])
        for number, line in enumerate(lines)
    ]


def _words(segments: Sequence[Segment], style: Style) -> Iterator[list[str]]:
    """A text with what went and what came in it, in colours or else in brackets; two, if they share little."""
    if not is_alike(segments):
        yield from _below(side(segments, without="came"), side(segments, without="gone"), style)
        return
    text = _coloured(segments) if style("x", fg="red") != "x" else bracketed(segments)
    colours = {_GONE: {"fg": "red", "strikethrough": True}, _CAME: {"fg": "green", "bold": True}}
    yield [_MARKED.sub(lambda found: style(found[2], **colours[found[1]]), line) for line in _lines(text)]


def _coloured(segments: Iterable[Segment]) -> str:
    marks = {"gone": _GONE, "came": _CAME, "same": ""}
    return " ".join(marks[each.fate] + word for each in segments for word in clean(each.text).split())


def bracketed(segments: Iterable[Segment]) -> str:
    """`a [short → warm] letter`, `[+ please]`, `[- now]`."""
    told: list[str] = []
    waiting: str | None = None
    for each in segments:
        if waiting is not None and each.fate != "came":
            told.append(f"[- {waiting}]")
            waiting = None
        match each.fate:
            case "gone":
                waiting = clean(each.text)
            case "came":
                told.append(
                    f"[+ {clean(each.text)}]" if waiting is None else f"[{waiting} → {clean(each.text)}]"
                )
                waiting = None
            case "same":
                told.append(clean(each.text))
    return " ".join(told if waiting is None else [*told, f"[- {waiting}]"])


# --- the log


def _log(told: DiffReport, effects: Effects, style: Style) -> Iterator[str]:
    yield style(clean(diff_words.log_heading(told)), bold=True)
    yield diff_words.log_summary(effects)
    if effects:
        yield ""
        yield from _table(effects, style)
        for effect in effects.effects:
            yield from _examples(effect, style)
    unseen = [change.id for change in diff_words.unseen(told)]
    if unseen and effects:
        yield ""
        yield from _wrapped(f"Changed, without a difference in this log: {', '.join(unseen)}.", 0, 2)


def _table(effects: Effects, style: Style) -> Iterator[str]:
    fates = [fate for fate in FATES if effects.total(fate)]
    heads = ["rule", "before", "now", *(FATES[fate] for fate in fates)]
    rows = [
        [effect.rule, str(effect.before), str(effect.after)]
        + [str(effect.counts.get(fate, "") or "·") for fate in fates]
        for effect in effects.effects
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for number, row in enumerate((heads, *rows)):
        cells = [f"{cell:<{widths[0]}}" if not at else f"{cell:>{widths[at]}}" for at, cell in enumerate(row)]
        line = "  " + "  ".join(cells)
        yield style(line, dim=True) if number == 0 else line


def _examples(effect: Effect, style: Style) -> Iterator[str]:
    if not effect.examples:
        return
    yield ""
    yield f"  {style(effect.rule, bold=True)}  {clean(effect.title)}"
    for fate, count in effect.counts.items():
        of_fate = [each for each in effect.examples if each.fate == fate]
        # Other words are the same for everyone: one example tells them.
        shown = of_fate[:1] if fate == "reworded" else of_fate
        for each in shown:
            yield from _example(each, effect.rule, style)
        if count > len(shown):
            most = diff_words.most_moved(effect) if fate == "moved" else ""
            yield style(f"{'':{_INDENT}}and {count - len(shown)} more {FATES[fate]}{most}", dim=True)


def _example(example: Example, rule: str, style: Style) -> Iterator[str]:
    colour = {"gained": "green", "lost": "red"}.get(example.fate, "yellow")
    lead = f"{FATES[example.fate]:<{_FATE}}"
    yield f"{'':{_INDENT}}{style(lead, fg=colour)} {clean(diff_words.about(example))}"
    for line in _sides(example, rule, style):
        yield f"{'':{_INDENT + _FATE + 1}}{line}"


def _sides(example: Example, rule: str, style: Style) -> Iterator[str]:
    was, now = example.was, example.now
    if example.fate == "reworded" and was is not None and now is not None and was.message != now.message:
        for lines in _words(compare_words(was.message or "", now.message or ""), style):
            yield from lines
        return
    for lead, found in (("was", was), ("now", now)):
        if found is not None:
            for number, line in enumerate(_lines(diff_words.outcome(found, rule), 4)):
                yield f"{lead if number == 0 else '':<4}{clean(line)}"


# --- the version


def _version(told: DiffReport, style: Style) -> Iterator[str]:
    colour = None if told.verdict.enough or not told.reasons else "red"
    yield style(diff_words.asked(told), fg=colour, bold=True)
    if told.reasons:
        for reason in told.comparison.reasons:
            yield from _wrapped(f"{reason.bump:<6} {diff_words.reason(reason)}", 2, 9)


# --- lines


def _lines(text: str, less: int = 0) -> list[str]:
    """The text in lines that fit beside their label."""
    width = text_width() - _INDENT - _LABEL - 3 - less
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _wrapped(text: str, first: int, rest: int) -> list[str]:
    # What a rule says is indented already where it is a part of the line above.
    own = len(text) - len(text.lstrip())
    return textwrap.wrap(
        clean(text.strip()),
        text_width(),
        initial_indent=" " * (first + own),
        subsequent_indent=" " * (rest + own),
        break_long_words=False,
        break_on_hyphens=False,
    )
