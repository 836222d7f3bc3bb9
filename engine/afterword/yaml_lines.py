"""Where a text that is not YAML went wrong, as a person sees it: a parser reports only where it is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Slip(NamedTuple):
    """A place, what is wrong there, and the mend."""

    line: int
    column: int
    message: str
    hint: str


class _Line(NamedTuple):
    """A line that is no comment and not empty: `column` is where its text begins, behind the dashes of lists."""

    number: int
    indent: int
    column: int
    text: str


LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What the parser counts as the end of a line."""

_KEY = re.compile(r"""(?:[A-Za-z_][\w.-]*|"[^"]*"|'[^']*')\s*:(?:\s+(?P<value>.*))?$""")
_BULLET = re.compile(r"([–—‒−•·*])\s+[A-Za-z_][\w.-]*:(?:\s|$)")
"""What a word processor makes of the dash of a list, and other signs for one."""

_EQUALS = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)\s*=(?=[\s{\[]|$)")
_CLOSE_COLON = re.compile(r"(?P<name>[A-Za-z_][\w.-]*):(?=[^\s/:])")
_NO_COLON = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)\s*(?P<rest>\s.+|[|>{\[].*)?$")
_LONG = 60
_BLOCK = re.compile(r"(?:[&!]\S+\s+)*[|>][-+0-9]*\s*(?:#.*)?$|(?:[&!]\S+\s*)+$")
_QUOTED = re.compile(r"""(?:[&!]\S+\s+)*(?P<quote>["'])""")
_CLOSED = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'(?:[^']|'')*'")}


def first_slip(text: str, until: int) -> Slip | None:
    """The first line up to number `until` that YAML cannot read as it was surely meant; None when none is seen."""
    lines = list(_lines(text))
    passed = 0
    for at, line in enumerate(lines):
        if line.number > until:
            return None
        if at < passed:
            continue
        slip = _slip(lines, at)
        if slip is not None:
            return slip
        passed = _behind_text(lines, at)
    return None


def block_above(text: str, number: int) -> tuple[int, int] | None:
    """Line and column where the lines right above that are indented further than this one begin."""
    lines = [line for line in _lines(text) if line.number <= number]
    first = None
    for line in reversed(lines[:-1]):
        if line.indent <= lines[-1].indent:
            break
        first = line.number, line.indent + 1
    return first


def _lines(whole: str) -> Iterator[_Line]:
    for number, line in enumerate(LINE_BREAK.split(whole), start=1):
        content = line.lstrip(" ")
        indent = len(line) - len(content)
        if not content.strip() or content.startswith("#"):
            continue
        behind = re.match(r"(?:-\s+)*", content)
        dashes = behind.end() if behind else 0
        text = content[dashes:]
        if not re.search("[\"']", text.partition("#")[0]):
            text = re.sub(r"(^|\s)#.*", "", text)
        yield _Line(number, indent, indent + dashes + 1, text.rstrip())


def _slip(lines: Sequence[_Line], at: int) -> Slip | None:
    line = lines[at]
    if line.text[:1].isspace():
        message = (
            f"This line begins with the character U+{ord(line.text[0]):04X}, which is no space for YAML."
        )
        return Slip(line.number, line.column, message, "replace it by a plain space")
    bullet = _BULLET.match(line.text)
    if bullet is not None:
        message = f"`{bullet[1]}` stands where the `-` of a list belongs."
        return Slip(line.number, line.column, message, "write `- ` before each item")
    deeper = _indented_too_far(lines, at)
    if deeper is not None:
        return deeper
    key = _KEY.match(line.text)
    if key is not None:
        return _slip_of_value(lines, at, key["value"] or "", line.column + key.start("value"))
    if _continues(lines, at):
        return None
    if line.column > line.indent + 1 and (begun := _text_in_braces(line, line.text, line.column)):
        return begun
    if re.match(r"-[A-Za-z_\"'{\[*&]", line.text) and line.column == line.indent + 1:
        return Slip(
            line.number, line.column, "A space is missing after the `-`.", "write `- ` before each item"
        )
    if _goes_on_as_text(lines, at):
        message = "This line is indented further than the item of the list above it."
        return Slip(
            lines[at + 1].number, lines[at + 1].indent + 1, message, "begin all items in the same column"
        )
    return _slip_of_name(lines, at)


def _slip_of_name(lines: Sequence[_Line], at: int) -> Slip | None:
    """A name that is not followed by a colon and a space."""
    line = lines[at]
    for pattern, said in (
        (_EQUALS, "`=` stands where `:` belongs."),
        (_CLOSE_COLON, "A space is missing after `:`."),
    ):
        found = pattern.match(line.text)
        if found is not None:
            return Slip(line.number, line.column, said, f"write `{found['name']}: …`")
    name = _NO_COLON.match(line.text)
    is_item = line.column > line.indent + 1
    if name is not None and (_has_more_below(lines, at) if is_item or not name["rest"] else True):
        message = f"`:` is missing after `{name['name']}`."
        return Slip(line.number, line.column + len(name["name"]), message, f"write `{name['name']}: …`")
    return None


def _indented_too_far(lines: Sequence[_Line], at: int) -> Slip | None:
    """A name below one that has a value already, a little further to the right: YAML reads it as more of the value."""
    line, above = lines[at], lines[at - 1] if at else None
    mine, other = _KEY.match(line.text), _KEY.match(above.text) if above is not None else None
    if above is None or mine is None or other is None or line.column != line.indent + 1:
        return None
    value = other["value"] or ""
    if not 0 < line.column - above.column <= 2 or not _PLAIN.match(value):
        return None
    message = (
        f"This line is indented further than `{above.text.partition(':')[0]}` above it, which has a value."
    )
    mend = f"begin it in column {above.column}, as line {above.number} does"
    return Slip(line.number, line.column, message, mend)


_PLAIN = re.compile(r"[^\s\[{|>&!#\"']")


def _slip_of_value(lines: Sequence[_Line], at: int, value: str, column: int) -> Slip | None:
    line = lines[at]
    begun = _text_in_braces(line, value, column)
    if begun is not None:
        return begun
    following = lines[at + 1] if at + 1 < len(lines) else None
    if _BLOCK.match(value) and following is not None and following.indent < line.column:
        if not _KEY.match(following.text) or " " in following.text.partition(":")[0]:
            message = f"This line belongs to the text that begins in line {line.number}."
            return Slip(
                following.number, following.indent + 1, message, "indent it further than the name of the text"
            )
        return None
    bracket = _closes_too_much(value)
    if bracket is not None:
        message = f"This `{value[bracket]}` closes nothing."
        return Slip(line.number, column + bracket, message, "remove it")
    quote = _QUOTED.match(value)
    return None if quote is None else _slip_of_quote(lines, at, quote, column)


def _slip_of_quote(lines: Sequence[_Line], at: int, quote: re.Match[str], column: int) -> Slip | None:
    """A text in quotes that ends before its line does, or that does not end before the next name."""
    line, value = lines[at], quote.string
    closed = _CLOSED[quote["quote"]].match(value, quote.start("quote"))
    if closed is not None:
        rest = value[closed.end() :].strip()
        if not rest or rest[0] in "#:,]}":
            return None
        mend = "put the whole text in quotes, and `\\` before a quote in it"
        if quote["quote"] == "'":
            mend = "write `''` for an apostrophe in it, or put the whole text in double quotes"
        message = "The text in quotes ends here, and the line goes on."
        return Slip(line.number, column + closed.end() - 1, message, mend)
    for later in lines[at + 1 :]:
        if _KEY.match(later.text):
            message = "The text that begins with a quote here does not end before the next name."
            return Slip(line.number, column + quote.start("quote"), message, "add the closing quote")
        if quote["quote"] in later.text:
            break
    return None


def _closes_too_much(value: str) -> int | None:
    """Where a mapping or a list in one line is closed once more than it was begun; None where it is not."""
    depth = 0
    for at, letter in enumerate(value if value[:1] in ("{", "[") else ""):
        if letter in "\"'#":
            return None
        depth += (letter in "{[") - (letter in "}]")
        if depth < 0:
            return at
    return None


def _text_in_braces(line: _Line, value: str, column: int) -> Slip | None:
    """A text that begins with `{` or `[`, which YAML reads as a mapping or a list with something behind it."""
    depth = 0
    for at, letter in enumerate(value if value[:1] in ("{", "[") else ""):
        if letter in "\"'":
            return None
        depth += (letter in "{[") - (letter in "}]")
        if depth == 0:
            rest = value[at + 1 :].strip()
            is_mapping = ": " in value[: at + 1] or re.match(r"[A-Za-z_]\w*\s*:", rest)
            if not rest or rest[0] in ",]}:#" or is_mapping:
                return None
            message = f"A text that begins with `{value[0]}` stands in quotes."
            usable = len(value) <= _LONG and not re.search(r"[\"\\]", value)
            mend = f'write `"{value}"`' if usable else "put the whole text in quotes"
            return Slip(line.number, column, message, mend)
    return None


def _continues(lines: Sequence[_Line], at: int) -> bool:
    """Whether a line goes on with the plain text of the line above it."""
    if at == 0:
        return False
    above, line = lines[at - 1], lines[at]
    key = _KEY.match(above.text)
    if key is not None:
        return bool(key["value"]) and line.indent >= above.column
    return line.indent >= above.column and line.column == line.indent + 1


def _goes_on_as_text(lines: Sequence[_Line], at: int) -> bool:
    """Whether the item below is indented so far that it is part of the text of this one."""
    if at + 1 == len(lines):
        return False
    line, below = lines[at], lines[at + 1]
    are_items = line.column > line.indent + 1 and below.column > below.indent + 1
    return are_items and below.indent > line.indent and line.text[:1] not in "\"'|>{[&*!"


def _has_more_below(lines: Sequence[_Line], at: int) -> bool:
    """Whether the next line is indented as part of this one, or is a name beside it."""
    if at + 1 == len(lines):
        return False
    line, following = lines[at], lines[at + 1]
    if line.column > line.indent + 1:  # a list of words is no list of names
        return following.indent >= line.column - 1 and _KEY.match(following.text) is not None
    return following.indent > line.indent or _KEY.match(following.text) is not None


def _behind_text(lines: Sequence[_Line], at: int) -> int:
    """The number of the first line behind a text in several lines that begins in this one."""
    line, behind = lines[at], at + 1
    key = _KEY.match(line.text)
    value = (key["value"] or "") if key is not None else line.text
    if key is not None and value and not _QUOTED.match(value) and not _BLOCK.match(value):
        while (
            behind < len(lines) and lines[behind].indent >= line.column and not _KEY.match(lines[behind].text)
        ):
            behind += 1
        return behind
    if _BLOCK.match(value):
        while behind < len(lines) and lines[behind].indent >= line.column:
            behind += 1
        return behind
    quote = _QUOTED.match(value)
    if quote is not None and not _CLOSED[quote["quote"]].match(value, quote.start("quote")):
        while behind < len(lines) and quote["quote"] not in lines[behind].text:
            behind += 1
        return behind + 1
    return behind
