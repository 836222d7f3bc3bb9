"""A YAML reader's complaint as a sentence that a person who does not know YAML understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from afterword.problem import Problem
from afterword.yaml_lines import LINE_BREAK, block_above, first_slip

if TYPE_CHECKING:
    from yaml._yaml import Mark as FastMark
    from yaml.error import Mark as PlainMark

    Mark = FastMark | PlainMark

_QUOTE = "check the indentation, and put a text that begins with `{`, `[` or a quote wholly in quotes"
_SHALLOWER = "name parts of it in `patterns`"
_ESCAPE = "write `\\\\` for one `\\`, or use single quotes"

_DOES_NOT_FIT = "This line does not fit"
_SENTENCES = {
    "mapping values are not allowed": (
        "A second `: ` in this line.",
        "put a text with `: ` in quotes, and a mapping in braces",
    ),
    "comment or line break": (
        "A text that begins with `>` or `|` begins in the next line.",
        "put a value that begins with `>` or `|` in quotes",
    ),
    "alphabetic or numeric character": (
        "A value may not begin with this character.",
        "put a value that begins with `*` or `&` in quotes",
    ),
    "mapping keys are not allowed": ("A value may not begin with `? `.", "put the value in quotes"),
    "found unexpected ':'": ("A `:` without a space behind it.", "write `name: value`"),
    "could not find expected ':'": (
        "A name without a `:` after it.",
        "write `name: value`, or indent the line as part of the text above",
    ),
    "unexpected end of stream": (
        "The text that begins with a quote here never ends.",
        "add the closing quote",
    ),
    "cannot start any token": ("A value may not begin with this character.", "put the value in quotes"),
    "escape": ("Unknown `\\` sequence in a text in double quotes.", _ESCAPE),
    "hexdecimal": ("Unknown `\\` sequence in a text in double quotes.", _ESCAPE),
    "',' or ']'": (
        "The list that begins with `[` does not end as it should.",
        "add `]` or `,`; a text that begins with `[` needs quotes",
    ),
    "',' or '}'": (
        "The mapping that begins with `{` does not end as it should.",
        "add `}` or `,`; a text that begins with `{` needs quotes",
    ),
    "sequence entries are not allowed": (
        "A list may not begin here.",
        "begin the list on a line of its own",
    ),
    "<block end>": ("This line does not fit the lines above.", _QUOTE),
    "expected key": ("This line does not fit the lines above.", _QUOTE),
    "'-' indicator": (
        "This line does not fit the list above.",
        "begin each item with `- `, all at one indentation",
    ),
    "document start": ("This line does not fit the lines above.", "check the indentation"),
    "node content": (
        "A value is missing here.",
        "write the value; a text that begins with a sign needs quotes",
    ),
    "directive": (
        "A line that begins with `%` is an instruction to YAML readers.",
        "put the value in quotes",
    ),
}
"""By a part of what PyYAML says, in C or in Python."""

_AT_THE_BEGINNING = ("could not find expected ':'", "unexpected end of stream", "',' or ']'", "',' or '}'")


def syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    """The one problem that a text has which is not YAML."""
    said = error.problem or error.context or "it cannot be read"
    part = next((part for part in _SENTENCES if part in said), "")
    sentence, mend = _SENTENCES.get(part, (f"This is not YAML: {said}.", "check quotes and indentation"))
    mark = error.context_mark if part in _AT_THE_BEGINNING else None
    mark = mark or error.problem_mark or error.context_mark
    line, column = _within(text, mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "nesting depth" in said:  # some builds of the parser have a limit of their own, far above ours
        return Problem(file, line, column, "too-deep", "Values are nested too deep to be read.", _SHALLOWER)
    slip = first_slip(text, line)
    if slip is not None:
        return Problem(file, slip.line, slip.column, "yaml-syntax", slip.message, slip.hint)
    if sentence.startswith(_DOES_NOT_FIT):
        mend = _neighbour(text, line, column, error.context_mark) or mend
    return Problem(file, line, column, "yaml-syntax", sentence, mend)


def _within(text: str, line: int, column: int) -> tuple[int, int]:
    """The place, or that of the last character that is no space when it lies behind the end of the text."""
    lines = LINE_BREAK.split(text.rstrip())
    return (line, column) if line <= len(lines) else (len(lines), max(1, len(lines[-1])))


def _neighbour(text: str, line: int, column: int, begun: Mark | None) -> str:
    """Which line this one was most likely to be indented like."""
    found = [(begun.line + 1, begun.column + 1)] if begun else []
    above = block_above(text, line)
    found = [each for each in (above, *found) if each is not None and each[1] != column and each[0] < line]
    if not found:
        return ""
    other, there = min(found, key=lambda each: abs(each[1] - column))
    return f"it begins in column {column}, and what it seems to belong to in column {there} (line {other})"
