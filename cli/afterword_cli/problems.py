"""Problems as text that shows the offending line, and as JSON, SARIF and GitHub annotations for programs."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from afterword_cli.clean import clean, clean_lines
from afterword_cli.counting import number_of

if TYPE_CHECKING:
    from afterword.problem import Problem

FORMATS = ("text", "json", "sarif", "github")

_COLOURS = {"error": "red", "warning": "yellow"}
_WIDEST = 160
_ELSEWHERE = frozenset(" ,:{}[]\"'")
"""What a word ends at when it is underlined."""

_SENTENCE_END = re.compile(r"(?<=\.)\s+")
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def show_problems(
    problems: Iterable[Problem],
    texts: Mapping[str, str] | None = None,
    *,
    err: bool = True,
    color: bool | None = None,
) -> None:
    """Prints problems for people, each with its line, and how many there are.

    `texts` has what was read already, by the name that the problems give it. `color` none: as the command was
    asked for it, else only on a terminal.
    """
    lines = _Lines(texts or {})
    shown = sorted(set(problems))
    for problem in shown:
        click.echo(_as_text(problem, lines), err=err, color=color)
    if shown:
        click.echo(click.style(counted(shown), bold=True), err=err, color=color)


def counted(problems: Sequence[Problem]) -> str:
    """`2 errors and 1 warning in 1 file`; `1 error` if it is in none."""
    from afterword.problem import SETTINGS  # noqa: PLC0415 - `afterword --help` does without it

    errors = sum(problem.severity == "error" for problem in problems)
    kinds = [number_of(errors, "error"), number_of(len(problems) - errors, "warning")]
    told = " and ".join(kind for kind in kinds if not kind.startswith("0 ")) or "no problems"
    files = {problem.file for problem in problems} - {SETTINGS}
    return f"{told} in {number_of(len(files), 'file')}" if files or not problems else told


def as_json(problems: Sequence[Problem]) -> str:
    """A JSON array with one object per problem."""
    from msgspec import to_builtins  # noqa: PLC0415 - `afterword --help` does without it

    rows = [to_builtins(problem) for problem in problems]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def as_github(problems: Sequence[Problem]) -> str:
    """One workflow command a line; GitHub shows them beside the lines of a pull request."""
    return "\n".join(_annotation(problem) for problem in problems)


def as_sarif(problems: Sequence[Problem]) -> str:
    """A SARIF 2.1.0 log with one run, with what GitHub's code scanning asks for besides."""
    from afterword.version import __version__  # noqa: PLC0415

    codes = sorted({problem.code for problem in problems})
    driver = {
        "name": "afterword",
        "semanticVersion": __version__,
        "rules": [_sarif_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(problem, codes.index(problem.code)) for problem in problems],
    }
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


RENDERERS: Mapping[str, Callable[[Sequence[Problem]], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
"""The formats for programs."""


# --- text


class _Lines:
    """The lines of the files that problems are in; each file is read once."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._read = {file: _split(text) for file, text in texts.items()}

    def line(self, file: str, number: int) -> str | None:
        if number < 1:
            return None
        if file not in self._read:
            self._read[file] = _lines_of(file)
        lines = self._read[file]
        return lines[number - 1] if number <= len(lines) else None


def _lines_of(file: str) -> list[str]:
    from afterword.limits import MAX_BYTES  # noqa: PLC0415

    path = Path(file)
    try:
        if not path.is_file():
            return []
        with path.open("rb") as stream:
            text = stream.read(MAX_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return []  # the problem itself says what there is to say
    return _split(text)


def _split(text: str) -> list[str]:
    """The lines as YAML counts them; `splitlines` knows line breaks that YAML does not."""
    from afterword.yaml_lines import LINE_BREAK  # noqa: PLC0415

    return LINE_BREAK.split(text.removeprefix("\ufeff"))


def _as_text(problem: Problem, lines: _Lines) -> str:
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    kind = click.style(f"{problem.severity}[{problem.code}]", fg=_COLOURS[problem.severity], bold=True)
    told = [f"{click.style(clean(place), bold=True)}: {kind}: {clean(problem.message)}"]
    line = lines.line(problem.file, problem.line)
    if line is not None and line.strip():
        told += _pointed(line, problem)
    if problem.hint:
        told.append(f"  {click.style('help', fg='cyan', bold=True)}: {clean(problem.hint)}")
    return "\n".join(told) + "\n"


def _pointed(line: str, problem: Problem) -> list[str]:
    """The line with its number and a caret below the word; of a long line, the part around it."""
    start = max(0, min(problem.column - 1, len(line)))
    length = _word(line, start)
    cut = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    length = max(1, min(length, cut + len(shown) - start))
    head, tail = "…" if cut else "", "…" if cut + len(shown) < len(line) else ""
    margin = f"  {problem.line} | "
    pad = " " * (_cells(margin) + _cells(head) + _cells(clean(line[cut:start])))
    carets = "^" * max(1, _cells(clean(line[start : start + length])))
    pointer = click.style(carets, fg=_COLOURS[problem.severity], bold=True)
    return [f"{margin}{head}{clean(shown)}{tail}", f"{pad}{pointer}"]


def _word(line: str, start: int) -> int:
    """How long the word is that begins here; a text in quotes counts as one."""
    quote_mark = line[start : start + 1]
    if quote_mark in ("'", '"'):
        end = line.find(quote_mark, start + 1)
        return (end if end >= 0 else len(line) - 1) - start + 1
    end = start
    while end < len(line) and line[end] not in _ELSEWHERE:
        end += 1
    return max(1, end - start)


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


# --- for programs


def _annotation(problem: Problem) -> str:
    place = {"file": problem.file, "title": problem.code}
    if problem.line:
        place |= {"line": str(problem.line), "col": str(problem.column)}
    named = ",".join(f"{name}={_escaped(value, property_=True)}" for name, value in place.items())
    said = problem.message + (f"\nhelp: {problem.hint}" if problem.hint else "")
    return f"::{problem.severity} {named}::{_escaped(said)}"


def _escaped(text: str, *, property_: bool = False) -> str:
    text = clean_lines(text)
    escapes = {"%": "%25", "\n": "%0A"} | ({":": "%3A", ",": "%2C"} if property_ else {})
    return "".join(escapes.get(char, char) for char in text)


def _sarif_rule(code: str) -> dict[str, Any]:
    from afterword.codes import explanation, mend  # noqa: PLC0415

    told = explanation(code)
    return {
        "id": code,
        "shortDescription": {"text": _SENTENCE_END.split(told, maxsplit=1)[0]},
        "fullDescription": {"text": told},
        "help": {"text": mend(code)},
    }


def _sarif_result(problem: Problem, rule_index: int) -> dict[str, Any]:
    # A problem with the whole file stands at its first line: code scanning wants a line for everything.
    region = {"startLine": problem.line, "startColumn": problem.column} if problem.line else {"startLine": 1}
    place = {"artifactLocation": {"uri": _uri(problem.file)}, "region": region}
    said = problem.message + (f" Help: {problem.hint}" if problem.hint else "")
    return {
        "ruleId": problem.code,
        "ruleIndex": rule_index,
        "level": problem.severity,
        "message": {"text": said},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    path = Path(file)
    encoded = quote(path.as_posix(), errors="replace")
    return f"file://{encoded}" if path.is_absolute() else encoded
