"""The message of a rule: every name in it must be known, and every filter must suit its value (S31)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from afterword.building.context import Context
from afterword.building.references import ROOTS, Reach
from afterword.building.values import ANY, NAMES
from afterword.conditions import TEXT_TESTS, tests_of
from afterword.message import FILTERS, Parsed, Slot, Template, parse
from afterword.ruleset import FieldType, Pattern, RuleKind
from afterword.source import Node, Place
from afterword.suggest import hint, nearest

_TEXTS = ("string", "integer", "number", "boolean", "date", "datetime", "duration", "array", "object")
_SUITS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "datetime", "array"),
    "time": ("datetime", "array"),
    "datetime": ("date", "datetime", "array"),
    "weekday": ("date", "datetime", "array"),
    "list": ("array",),
    "count": ("array",),
    "number": ("integer", "number", "array"),
    "upper": _TEXTS,
    "lower": _TEXTS,
}
_WORDS = {
    "matched": FieldType("string"),
    "count": FieldType("integer"),
    "within": FieldType("duration"),
    "due.from": FieldType("datetime"),
    "due.until": FieldType("datetime"),
}


def message(ctx: Context, node: Node | None, reach: Reach, when: Pattern, kind: RuleKind) -> Template:
    """The template of a rule's message."""
    if node is None or not isinstance(node.value, str):
        return Template(())
    parsed = parse(node.value)
    for fault in parsed.faults:
        mend = _meant(ctx, node.value, fault.offset)
        ctx.report.error(node.place(fault.offset), "bad-message", fault.reason, mend)
    if not parsed.faults:  # else what is printed as it stands may be what the fault is about
        _warn_of_literal_slots(ctx, node)
    for slot, place in _slots(parsed, node):
        type_ = _named(ctx, slot.path, place, reach, when, kind)
        _check_filter(ctx, slot, place, type_)
    return parsed.template


def _meant(ctx: Context, text: str, offset: int) -> str:
    """What to write for a name with spaces, a `$` or another language's sign for a filter, and for a filter."""
    word = text[offset:].partition("}")[0]
    if text[offset - 1] == ":":
        near = nearest(word, FILTERS)
        return f"did you mean `{near}`?" if near else ""
    name, _, filter_ = word.partition("|")
    plain = name.strip().removeprefix("$")
    if plain in ctx.settings.params:
        plain = f"params.{plain}"
    written = f"{plain}:{filter_.strip()}" if filter_.strip() in FILTERS else plain
    return f"write `{{{written}}}`" if written != word and _NAME.fullmatch(written) else ""


_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*(?::[a-z]+)?")
_LITERAL = re.compile(r"\{\{\s*([a-z]+\.[a-z_.]+(?::[a-z]+)?)\s*\}\}")


_FOREIGN = re.compile(r"<(\w[\w.]*)>|\[(\w[\w.]*)\]|%(\w[\w.]*)%|\$(\w[\w.]*)")
"""How other programs fill in a value."""


def _warn_of_literal_slots(ctx: Context, node: Node) -> None:
    """Two braces are one literal brace: what other languages put there for a value is printed as it stands."""
    for match in _FOREIGN.finditer(str(node.value)):
        word = next(filter(None, match.groups())).rstrip(".")
        path = _as_path(ctx, word)
        if path:
            message = f"`{match[0]}` is printed as it stands."
            place = node.place(match.start())
            ctx.report.warn(place, "path-as-text", message, f"for the value write `{{{path}}}`")
    for match in _LITERAL.finditer(str(node.value)):
        if match[1].partition(".")[0] in (*ROOTS, "due"):
            message = f"`{match[0]}` is printed as it stands: two braces are one that is meant as such."
            ctx.report.warn(
                node.place(match.start()), "path-as-text", message, f"for the value write `{{{match[1]}}}`"
            )


def _as_path(ctx: Context, word: str) -> str:
    """The path of a value that a word in a message names; nothing when it is just a word."""
    head, dot, _ = word.partition(".")
    if dot:
        return word if head in (*ROOTS, "due", "params") else ""
    if word in ctx.settings.params:
        return f"params.{word}"
    fact = next((fact for fact in ctx.vocabulary.facts if fact.name == word), None)
    return f"{fact.per}.{word}" if fact is not None else ""


def _slots(parsed: Parsed, node: Node) -> Iterator[tuple[Slot, Place]]:
    """The slots with the place of their first letter."""
    slots = [part for part in parsed.template.parts if isinstance(part, Slot)]
    yield from zip(slots, node.places(parsed.offsets), strict=True)


def _named(ctx: Context, path: str, place: Place, reach: Reach, when: Pattern, kind: RuleKind) -> FieldType:
    if path in _WORDS:
        reason = _unavailable(path, when, kind)
        if reason is not None:
            ctx.report.error(place, "unknown-name", f"There is no `{path}` here.", reason)
        return _WORDS[path]
    head, _, name = path.partition(".")
    if head == "due":
        ctx.report.error(
            place, "unknown-name", f"There is no `{path}`.", hint(path, ("due.from", "due.until"))
        )
        return ANY
    if head == "params" and name:
        return _param(ctx, name, place)
    usable = (word for word in _WORDS if _unavailable(word, when, kind) is None)
    words = (*usable, *([f"params.{path}"] if path in ctx.settings.params else []))
    return ctx.references.find(path, place, reach, quiet=True, words=words)[1]


def _unavailable(path: str, when: Pattern, kind: RuleKind) -> str | None:
    """Why one of the words means nothing in this rule."""
    if any(not clause.types for clause in when) or not when:
        return None
    if path.startswith("due."):
        return "a warning has no window" if kind == "warning" else None
    if path == "matched":
        finds = any(test.op in TEXT_TESTS for clause in when for test in tests_of(clause.where))
        return None if finds else "`when` must look for text, with `mentions`, `contains` or `matches`"
    counts = any(clause.count is not None for clause in when)
    return None if counts else "`when` must have a `count`"


def _param(ctx: Context, name: str, place: Place) -> FieldType:
    param = ctx.settings.param(name)
    if param is None and ctx.settings.lacks_param(name):
        message = f"There is no param `{name}`."
        ctx.report.miss("$", name, place, "unknown-param", message, hint(name, ctx.settings.params))
    return FieldType(param.type) if param is not None else ANY


def _check_filter(ctx: Context, slot: Slot, place: Place, type_: FieldType) -> None:
    if slot.filter is None or type_.type == "" or type_.type in _SUITS[slot.filter]:
        return
    line, column, file = place
    at_filter = line, column + len(slot.path) + 1, file
    said = f"`{slot.path}` is {NAMES[type_.type]}; the filter `{slot.filter}` does not fit that."
    usable = ", ".join(f"`{name}`" for name, types in _SUITS.items() if type_.type in types)
    ctx.report.error(at_filter, "wrong-filter", said, f"filters that fit: {usable}")
