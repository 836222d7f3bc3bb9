"""The text of a YAML file, before it is parsed: bytes that are no text, and characters that it may not hold (S29)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afterword.limits import MAX_BYTES
from afterword.problem import Problem
from afterword.yaml_lines import LINE_BREAK

_MAX_TABS_SHOWN = 20


def decoded(text: str | bytes, file: str) -> tuple[str, Problem | None]:
    """The text of a file, or why it has none that can be read."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES:,} bytes; it is not read."
        return "", Problem(file, 0, 0, "too-large", message, "split it into several files below `rules/`")
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        line, column = line_column(error.object[: error.start].decode("utf-8", "replace"))
        message = "The file is not text in UTF-8."
        return "", Problem(file, line, column, "not-text", message, "save it as UTF-8 text")
    text = text.removeprefix("\ufeff")
    odd = _UNPRINTABLE.search(text)
    if odd is not None:
        line, column = line_column(text[: odd.start()])
        message = f"The character U+{ord(odd.group()):04X} may not stand in a text file."
        return "", Problem(file, line, column, "not-text", message, "save the file as UTF-8 text")
    return text, None


_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]",
)


def tabs(text: str, file: str) -> Iterator[Problem]:
    """One problem for each line with a tab. YAML readers disagree about tabs, so none is let in."""
    if "\t" not in text:
        return
    message = "A tab stands here; YAML wants spaces."
    shown = 0
    for number, line in enumerate(LINE_BREAK.split(text), start=1):
        column = line.find("\t") + 1
        if column and shown < _MAX_TABS_SHOWN:
            shown += 1
            advice = 'use spaces; inside a text in double quotes write "\\t"'
            yield Problem(file, number, column, "yaml-tab", message, advice)


def line_column(before: str) -> tuple[int, int]:
    """The line and the column behind a text that begins a file, both from 1."""
    *above, last = LINE_BREAK.split(before)
    return len(above) + 1, len(last) + 1
