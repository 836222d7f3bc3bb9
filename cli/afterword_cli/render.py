"""Transitions as lines to read at a terminal or for a program: table, ndjson, json."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import click

from afterword_cli.clean import clean, clean_lines

if TYPE_CHECKING:
    from afterword.transition import Transition

STATE_COLOURS = {
    "due": "green",
    "fulfilled": "blue",
    "missed": "red",
    "raised": "yellow",
    "scheduled": "cyan",
    "rescheduled": "cyan",
}
_STATE_WIDTH = 11
_WHERE_WIDTH = 14
_INDENT = 18


class Line(Protocol):
    """A transition, or what a store kept of one: enough to choose it and to print it as JSON."""

    @property
    def state(self) -> str:
        """Of the transition."""

    @property
    def kind(self) -> str:
        """Of its rule."""

    @property
    def rule(self) -> str:
        """The rule's id."""

    @property
    def subject(self) -> str:
        """Whose it is."""

    @property
    def case(self) -> str | None:
        """In which case, if in one."""

    def as_json(self) -> bytes:
        """The whole of it on one line."""


def json_array(lines: Iterable[bytes]) -> Iterator[bytes]:
    """One JSON array, an object a line, written as it comes."""
    opened = False
    for line in lines:
        yield (b",\n" if opened else b"[\n") + line
        opened = True
    yield b"\n]\n" if opened else b"[]\n"


def table(transitions: Iterable[Transition], style: Callable[..., str]) -> Iterator[bytes]:
    """Aligned lines under a heading for each day; the message below what is due or raised."""
    day: dt.date | None = None
    for transition in transitions:
        time = transition.time
        if time.date() != day:
            heading = f"{time:%A} {time.day} {time:%B %Y}"
            yield (("\n" if day else "") + style(heading, bold=True) + "\n").encode(errors="replace")
            day = time.date()
        yield "".join(f"{line}\n" for line in _lines(transition, style)).encode(errors="replace")


def _lines(transition: Transition, style: Callable[..., str]) -> Iterator[str]:
    state = style(f"{transition.state:<{_STATE_WIDTH}}", fg=STATE_COLOURS.get(transition.state))
    title = style(clean(transition.title), bold=transition.state in ("due", "raised"))
    whose = where(transition.subject, transition.case)
    yield f"{transition.time:%H:%M} {state} {whose} {title}  [{clean(transition.rule)}]{_note(transition)}"
    if transition.state in ("due", "raised"):
        yield from wrapped(transition.message, _INDENT)


def where(subject: str, case: str | None) -> str:
    """Whose it is, in a column: `ana/acme`, or `acme` for the one person of a log without subjects."""
    text = case if case is not None else "-"
    text = clean(text if subject == "me" else f"{subject}/{text}")
    return f"{text:<{_WHERE_WIDTH}}" if len(text) <= _WHERE_WIDTH else text[: _WHERE_WIDTH - 1] + "…"


def text_width() -> int:
    """How many columns running text takes: those of the terminal, within what can be read with ease."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))


def wrapped(text: str, indent: int) -> list[str]:
    """A message as indented lines that fit the terminal."""
    return textwrap.wrap(
        clean(text), text_width(), initial_indent=" " * indent, subsequent_indent=" " * indent
    )


def _note(transition: Transition) -> str:
    """What else there is to say on the line: until when, from when, or why."""
    window, cause = transition.window, transition.cause
    if transition.state == "due" and window and window.end:
        return f"  (by {last_day(window.end)})"
    if transition.state == "rescheduled" and window and window.start and window.start <= transition.time:
        return f"  (by {last_day(window.end)})" if window.end else "  (open)"
    if transition.state in ("scheduled", "rescheduled") and window:
        return f"  (due {when(window.start)})" if window.start else "  (no date known yet)"
    if cause is not None and cause.kind == "user":
        until = f"until {when(dt.datetime.fromisoformat(cause.until))}" if cause.until else ""
        told = ", ".join(filter(None, (until, clean(cause.reason or ""))))
        return f"  ({told})" if told else ""
    if cause is not None and cause.kind in ("cooldown", "inhibited") and cause.rule:
        return f"  ({cause.kind}, {cause.rule})"
    if cause is not None and cause.kind == "closed":
        return "  (the case closed)"
    return ""


_MARKS = {"yes": "green", "no ": "red"}
_MARKED = re.compile(r"^( *)(yes|no )(?=  )")


def explained(text: str, style: Callable[..., str]) -> str:
    """An explanation: its first line stands out, and so does whether each condition held."""
    first, *rest = clean_lines(text).split("\n")
    marked = (_MARKED.sub(lambda mark: mark[1] + style(mark[2], fg=_MARKS[mark[2]]), line) for line in rest)
    return "\n".join([style(first, bold=True), *marked])


def when(time: dt.datetime) -> str:
    """`Tue 3 Mar`, with the time of day unless it is midnight."""
    text = f"{time:%a} {time.day} {time:%b}"
    return text if (time.hour, time.minute) == (0, 0) else f"{text} {time:%H:%M}"


def last_day(end: dt.datetime) -> str:
    """An exclusive end as people say it: midnight is the end of the day before (S8)."""
    if (end.hour, end.minute, end.second) == (0, 0, 0):
        return when(end - dt.timedelta(days=1))
    return when(end)


def pretty_json(value: Any) -> str:
    """JSON for people and programs alike."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def styler(color: bool) -> Callable[..., str]:
    """`click.style`, or nothing at all when there is to be no colour."""
    return click.style if color else lambda text, **_: str(text)
