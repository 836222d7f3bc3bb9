"""How to write a value so that it can be used: what the hint of a problem says."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import get_args

from afterword.dates import WEEKDAYS, as_date
from afterword.document import entries, items
from afterword.duration import NoDuration, parse_duration
from afterword.mistakes.days import days_in
from afterword.mistakes.days import written as written_days
from afterword.mistakes.edges import edge_mend, phrase_for
from afterword.mistakes.mistake import Mistake
from afterword.ruleset import Alignment
from afterword.source import Node
from afterword.suggest import hint, is_like, is_slip, nearest


def choice_mend(mistake: Mistake, written: str, values: Sequence[str]) -> str:
    """The nearest of the words that may stand here, else all of them, with what they mean where that is told."""
    if "end of day" in values and (moment := moment_mend(mistake)):
        return moment
    if _is_of_days(values) and (days := _days_mend(mistake, written)):
        return days
    meanings, usual = mistake.schema.get("x-meanings", {}), mistake.schema.get("x-hint", "")
    if (instead := mistake.schema.get("x-instead", {}).get(written.casefold())) is not None:
        return str(instead)
    near, meant = nearest(written, values), word_meant(mistake, written, values)
    if near is None and meant is None and meanings:
        return "; ".join(f"`{value}`: {meaning}" for value, meaning in meanings.items())
    if meant is not None:
        told = usual if _is_of_days(values) and not is_like(written, meant) else ""
        return f"did you mean `{meant}`? {told}".strip()
    told = hint(written, values, "one of") if near is not None or not usual else ""
    return f"{told} {usual}".strip()


def word_meant(mistake: Mistake, written: str, values: Sequence[str]) -> str | None:
    """The word that was surely meant by one that may not stand here; None where that is another one, or none."""
    if written.casefold() in mistake.schema.get("x-instead", {}):
        return None
    if (synonym := mistake.synonym(written)) is not None:
        return synonym
    if "end of day" in values:
        if moment_mend(mistake):
            return None
        if phrase := phrase_for(written):
            return phrase
    if _is_of_days(values) and len(days_in(written)) > 1:
        return None
    near = nearest(written, values)
    return near if near is not None and is_like(written, near) else None


def _is_of_days(values: Sequence[str]) -> bool:
    return tuple(values) == WEEKDAYS


def _days_mend(mistake: Mistake, written: str) -> str:
    """Several days of the week in one word, or the name of such days where each has to be written out."""
    days = days_in(written)
    if len(days) < 2:
        return ""
    if isinstance(mistake.name, int):
        return f"write each day by itself, in the list: `{', '.join(days)}`"
    return f"write a list of days: `{written_days(days)}`"


def pattern_mend(mistake: Mistake, value: str) -> str:
    """A type of event where a pattern belongs, or the name of a pattern in other letters."""
    if "event" not in mistake.schema.get("properties", {}):
        return ""
    if value in _declared(mistake.root, "events"):
        return f"write `{{event: {value}}}`"
    near = nearest(value, _declared(mistake.root, "patterns"))
    return f"did you mean `{near}`?" if near is not None and is_like(value, near) else ""


PHRASES: Sequence[str] = get_args(Alignment)
_CURLY = str.maketrans("", "", "“”„‘’‚«»")


def list_mend(mistake: Mistake, value: str) -> str:
    """Several words where one belongs, without the signs of a list; or a word in quotes that YAML does not know."""
    words = re.split(r"\s*[,;|/]\s*|\s+(?:or|and|oder|und|ou|et)\s+|\s+(?=\S+\.)", value)
    if len(words) < 2 or not all(re.fullmatch(mistake.wanted, word) for word in words):
        plain = value.translate(_CURLY)
        return f"write `{plain}`, or use straight quotes" if re.fullmatch(mistake.wanted, plain) else ""
    if "array" in mistake.schema.get("type", ()):
        return f"write a list: `[{', '.join(words)}]`"
    return f"put a comma between: `{', '.join(words)}`" if isinstance(mistake.name, int) else ""


def moment_mend(mistake: Mistake) -> str:
    """A length of time, a clock, a date's path or the name of a duration where a moment belongs."""
    value = mistake.instance
    if not isinstance(value, str):
        return ""
    if is_slip(value, "event.time"):
        return "did you mean `event.time`?"
    if is_fixed_date(value):
        return NO_FIXED_DATE
    if _CLOCK.fullmatch(value):
        return f'write `{{at: "{value}"}}`'
    if _PATH.fullmatch(value):
        return f"write `{{field: {value}}}`"
    name = value.removeprefix("$")
    if name in _declared(mistake.root, "params"):
        fits = mistake.root.at(["params", name, "type"]).value in ("duration", None)
        return f"write `{{plus: ${name}}}`" if fits else _ONLY_DURATIONS
    if value in _declared(mistake.root, "remember"):
        scope = mistake.root.at(["remember", value, "per"]).value
        return f"write `{{field: {'subject' if scope == 'subject' else 'case'}.{value}}}`"
    if value in _moments_of_events(mistake):
        return f"write `{{field: {value}}}`"
    if (edge := _edge_mend(mistake, value)) or phrase_for(value):
        return edge
    length = _LEAD.sub("", value)
    if isinstance(parse_duration(length), NoDuration):
        return _ONLY_DAYS_AND_MONTHS if _OTHER_THAN_THESE.search(value.casefold()) else ""
    return f"write `{{plus: {length}}}`"


def _edge_mend(mistake: Mistake, value: str) -> str:
    """The edge of a day or a month that no alignment names, but a moment can be counted to."""
    if (edge := _BUSINESS_DAY.fullmatch(value.casefold())) is not None:
        align = f"{edge[1] or 'end'} of day"
        if mistake.name != "align":
            return f"write `{{plus: 1 business day, align: {align}}}`"
        if not {"plus", "minus"}.isdisjoint(mistake.parent.keys):
            return f"write `align: {align}`, and count to that day in business days beside it: `plus: 2 business days`"
        return f"write `plus: 1 business day` beside `align: {align}`"
    beside = frozenset(mistake.parent.keys) if mistake.name == "align" else frozenset[str]()
    return edge_mend(value, mistake.name, beside, "until" in mistake.path)


NO_FIXED_DATE = (
    "a moment is counted from an event, so a date cannot stand here: take it from a field of `type: date`, as in "
    "`{field: case.answer_by}`; a rule that is in force until a certain date has `effective: {until: …}`"
)
_ONLY_DURATIONS = "a moment takes no other params than those of `type: duration`, in `{plus: $name}`"
_ONLY_DAYS_AND_MONTHS = (
    "only days and months have names here, such as `end of next day` and `end of month`; count to another one, "
    "as in `{plus: 1 week}`, or take it from a field of `type: date`"
)
_OTHER_THAN_THESE = re.compile(
    r"\b(?:week(?:end|day)?|quarter|year|business|working"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?\b"
)
"""What no phrase can name: the word most like it, such as `end of next day`, would be something else."""


_BUSINESS_DAY = re.compile(r"(?:(?:the )?(start|end) of )?(?:the )?next (?:business|working) ?day")


def is_fixed_date(value: object) -> bool:
    """Whether a value is a date, or a time of a date."""
    return isinstance(value, str) and as_date(value[:10]) is not None


def _moments_of_events(mistake: Mistake) -> Set[str]:
    """The fields of dates and times of the events that trigger the rule; of all events where these are not named."""
    events = mistake.root.at(["events"])
    named = {str(each.value) for each in items(mistake.root.at([*mistake.path[:2], "when", "event"]))}
    types = named & events.keys.keys() or events.keys.keys()
    return {
        name
        for each in types
        for name, field in entries(events.at([each, "fields"]))
        if field.at(["type"]).value in ("date", "datetime")
    }


_LEAD = re.compile(r"(?:in|after|within|for)\s+|\+\s*")


def value_mend(mistake: Mistake, value: str) -> str:
    """A path without `{field: …}`, or a name without `$`, where one of the two belongs."""
    name = value.removeprefix("$")
    if _PATH.fullmatch(name) and "field" in mistake.schema.get("properties", {}):
        return f"write `{{field: {name}}}`"
    known = _declared(mistake.root, "params") | _declared(mistake.root, "lists")
    return f"did you mean `${name}`?" if name in known else ""


def _declared(root: Node, section: str) -> Set[str]:
    """The names that a section of the document declares."""
    declared = root.child(section)
    return declared.keys.keys() if declared is not None else frozenset()


_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")
_PATH = re.compile(r"(?:event|case|subject|trigger)\.[A-Za-z_][\w.-]*")


def type_mend(mistake: Mistake, wanted: Sequence[str], usual: str) -> str:
    """How to write a value of the wanted kind; `usual` is what the schema says of this place."""
    node, value = mistake.node, mistake.instance
    if mistake.schema.get("x-is") == "duration":
        return _duration_mend(value) or usual
    if "boolean" in wanted and isinstance(value, str) and value.casefold() in TRUTHS:
        return f"write `{TRUTHS[value.casefold()]}`"
    if mistake.path and isinstance(node.value, tuple) and (of_items := _items_mend(mistake)):
        return of_items
    if usual or node.value is None:
        return usual or "give it a value, or remove the key"
    if "array" in wanted:
        in_lines = isinstance(value, dict) or "\n" in node.text
        return "begin each item with `- `" if in_lines else f"write a list: `[{node.text}]`"
    if mistake.name in ("is", "is_not") and isinstance(node.value, tuple):
        return f"write `{'in' if mistake.name == 'is' else 'not_in'}: […]` for one of several values"
    if "string" in wanted and isinstance(node.value, dict | tuple):
        return "put a text that begins with `{` or `[` in quotes"
    if "string" in wanted:
        return f'put it in quotes: `"{node.text}"`'
    if isinstance(node.value, str) and node.text[:1] in ("'", '"'):
        return "write it without quotes"
    return "write `true` or `false`" if "boolean" in wanted else ""


def _items_mend(mistake: Mistake) -> str:
    """Several values for a field that holds a list itself: what is asked is whether it has them."""
    fields = [
        field
        for each in mistake.root.at(["events"]).keys
        for name, field in entries(mistake.root.at(["events", each, "fields"]))
        if name == mistake.name
    ]
    if "has_any" not in mistake.schema.get("properties", {}) or not fields:
        return ""
    if any(field.at(["type"]).value != "array" for field in fields):
        return ""
    return f"write `{{has_any: {_listed(mistake.node)}}}` for a field that holds a list, or `has_all`"


def _listed(node: Node) -> str:
    """A short list as it is written."""
    texts = [each.text for each in items(node)]
    return f"[{', '.join(texts)}]" if all(texts) and sum(map(len, texts)) <= _SHORT else "[…]"


_SHORT = 60

TRUTHS = {
    **dict.fromkeys(("yes", "y", "on", "true", "ja", "oui", "si", "wahr"), "true"),
    **dict.fromkeys(("no", "n", "off", "false", "nein", "non", "falsch"), "false"),
}
"""What YAML 1.1 and people take for `true` and `false`."""

UNIT = re.compile(r"(second|minute|hour|day|week|month|year)s?|business[ _]days?")


def _duration_mend(value: object) -> str:
    """A length of time out of a bare number or a mapping such as `{minutes: 5}`."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f"write a number and a unit in words, such as `{value} days`"
    parts = value.items() if isinstance(value, dict) else ()
    if parts and all(UNIT.fullmatch(unit) and isinstance(count, int) for unit, count in parts):
        return "write `" + " ".join(of_unit(str(count), unit) for unit, count in parts) + "`"
    return ""


def of_unit(count: str, unit: str) -> str:
    """So many of a unit: `1 week`, `2 weeks`."""
    singular = unit.replace("_", " ").removesuffix("s")
    return f"{count} {singular}" if count == "1" else f"{count} {singular}s"
