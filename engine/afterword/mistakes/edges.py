"""The edges of days and months as people call them, and the words that a moment has for them (S9)."""

from __future__ import annotations

import re

from afterword import resources


def phrase_for(text: str) -> str:
    """The alignment that is called so, such as `start of next month` for the first day of next month; else nothing."""
    synonyms = resources.schema("ruleset")["$defs"]["phrase"]["x-synonyms"]
    if (synonym := synonyms.get(_plain(text).replace(" ", "_"))) is not None:
        return str(synonym)
    found = _edge(text)
    if found is None or found["middle"] or found["last"] or not found["edge"]:
        return ""
    which = "next " if found["next"] else ""
    return f"{'start' if found['start'] else 'end'} of {which}{found['unit']}"


def edge_mend(text: str, key: object, others: frozenset[str], ends: bool) -> str:
    """What is possible instead of an edge that no alignment names: one that is past, or none at all.

    `key` is what it is written behind, `others` stand beside it, and `ends` says that it ends something.
    """
    if _plain(text) in _UNSAID:
        edge = _UNSAID[_plain(text)]
        return f"say of what: for that day of a month write `{edge}`"
    found = _edge(text)
    if found is None:
        return ""
    unit = found["unit"]
    if found["middle"]:
        return (
            f"no moment is the middle of a {unit}: `start of {unit}` and `end of {unit}` are its edges, and "
            "`{plus: …}` counts from an event"
        )
    if not found["last"]:
        return ""
    if ends and others.isdisjoint(("field", "plus")):
        return f"the last {unit} is over when this begins: `end of {unit}` is the end of this one"
    edges = ["start" if found["start"] else "end"] if found["edge"] else ["end", "start"]
    if key != "align":
        written = " or ".join(f"`{{minus: 1 {unit}, align: {edge} of {unit}}}`" for edge in edges)
        return f"write {written}"
    written = " or ".join(f"`align: {edge} of {unit}`" for edge in edges)
    if others.isdisjoint(("plus", "minus")):
        return f"write `minus: 1 {unit}` beside {written}"
    return f"write {written}, and count to one {unit} before in what stands beside it"


def _edge(text: str) -> re.Match[str] | None:
    plain = _plain(text)
    for name, meant in _DAYS.items():
        plain = re.sub(rf"\b{name}$", meant, plain)
    return _EDGE.fullmatch(plain)


def _plain(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.casefold().strip()))


_EDGE = re.compile(
    r"(?:(?:the )?(?P<edge>(?P<start>beginning|begin|start|first day|first)|(?P<end>end|last day)"
    r"|(?P<middle>middle|mid|half)) (?:of )?)?"
    r"(?:the )?(?:(?P<next>next|following|coming)|(?P<this>this|current|same)|(?P<last>last|previous|past))? ?"
    r"(?P<unit>day|month)"
)
_DAYS = {"today": "day", "tomorrow": "next day", "yesterday": "last day"}
_UNSAID = {"first day": "start of month", "last day": "end of month", "the last day": "end of month"}
