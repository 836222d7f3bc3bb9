"""Keys that are unknown, misspelt or missing, and names that cannot be names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from afterword.calendar_tests import CALENDAR_TESTS
from afterword.mistakes.fields import asks_no_time, types_of_field
from afterword.mistakes.mends import NO_FIXED_DATE, UNIT, is_fixed_date, of_unit
from afterword.mistakes.mistake import Finding, Mistake
from afterword.mistakes.placing import (
    belongs_above,
    beside,
    beside_its_list,
    is_field,
    section_like,
    too_deep,
    too_shallow,
)
from afterword.respelling import Path, Respelling
from afterword.source import Node
from afterword.suggest import hint, is_like, is_slip


def unknown_keys(mistake: Mistake) -> Iterator[Finding]:
    """Keys that the schema does not know in this mapping."""
    word = meant_joint(mistake)
    if word is not None:
        yield word
        return
    if mistake.name == "count" and "x-words" in mistake.schema:  # no field is called that
        yield beside(mistake, mistake.path[:-2], str(mistake.path[-2]), "count")
        return
    if _is_test_without_field(mistake):
        yield _time_without_field(mistake)
        return
    known = mistake.schema.get("properties", {})
    before: str | None = None
    for name in mistake.instance:
        if name in known:
            before = name
        elif (loose := beside_its_list(mistake.node, name)) is not None:
            values = [mistake.node.at([key]) for key in mistake.node.keys]
            cut = next((each for each in values if each.place()[:2] == (loose.line, loose.column)), None)
            yield Finding(loose, cut or mistake.node.child(name))
        elif name in mistake.outer_keys() and not any(is_slip(name, word) for word in known):
            yield too_deep(mistake, name)
            return
        elif before is not None and belongs_above(mistake, before, name):
            yield too_shallow(mistake, before, name)
            return
        elif _names_pattern(mistake, name):
            yield _pattern_as_key(mistake, name)
        elif _is_next_field(mistake, name):
            yield beside(mistake, mistake.path[:-1], str(mistake.name), name)
        else:
            yield _misspelt(mistake, mistake.path, name, mistake.meant(name))


def _is_test_without_field(mistake: Mistake) -> bool:
    """Whether this is `time_of_day: {from: …}` in the place of a field whose time is meant."""
    return (
        str(mistake.name).rpartition(".")[2] == "time_of_day"
        and "x-words" in mistake.schema
        and set(mistake.instance) <= {"from", "until"}
    )


def _time_without_field(mistake: Mistake) -> Finding:
    """What to write for it: the test of what stands before the dot, or of the event's time."""
    owner = str(mistake.name).rpartition(".")[0]
    field = owner if owner not in ("", "event") else "event.time"
    mend = f"write `{field}: {{time_of_day: {{…}}}}`"
    if (types := types_of_field(mistake, field)) and "datetime" not in types:
        mend = asks_no_time(field, "time_of_day", types)
    message = f"`{mistake.name}` is no field, but a test."
    return mistake.finding("unknown-key", message, mend, mistake.key_place())


def _is_next_field(mistake: Mistake, name: str) -> bool:
    """Whether this is a field that stands in the declaration of the one above it."""
    if mistake.path[-2:-1] != ("fields",) or not is_field(mistake.instance[name]):
        return False
    return not any(is_slip(name, word) for word in mistake.schema.get("properties", {}))


def _names_pattern(mistake: Mistake, name: str) -> bool:
    """Whether this is `{pattern: name}` where `{event: type}` belongs."""
    is_pattern = {"event", "where"} <= mistake.schema.get("properties", {}).keys()
    return name == "pattern" and is_pattern and isinstance(mistake.instance[name], str)


def _pattern_as_key(mistake: Mistake, name: str) -> Finding:
    """A pattern is named without a key, and nothing can be added to it where it is named."""
    named = mistake.instance[name]
    mend = f"write the name of the pattern alone: `{named}`"
    if "count" in mistake.instance:
        mend = f"a named pattern cannot be counted: write out what `{named}` is, with `event`"
    elif len(mistake.instance) > 1:
        mend = f"nothing can be added to a named pattern: write out what `{named}` is, with `event`"
    return mistake.remark(mistake.node.keys[name], "unknown-key", f"There is no key `{name}` here.", mend)


def _misspelt(mistake: Mistake, path: Path, name: str, meant: str | None, joint: bool = False) -> Finding:
    """An unknown key; it is read as what it was meant to be unless that stands there too."""
    parent = mistake.root.at(path)
    if meant is None and not path:
        meant = section_like(mistake, parent.at([name]))
        joint = meant is not None
    owners = [] if joint or is_slip(name, meant or "") else _owners(mistake, name)
    instead = _unfinished_mend(mistake, name) or _of_no_time(mistake, path, name, meant)
    instead = instead or _instead(mistake, parent, name)
    mend = instead or _mend(mistake, parent, name, meant, owners)
    finding = mistake.remark(parent.keys[name], "unknown-key", f"There is no key `{name}` here.", mend)
    if meant is None or instead or owners or meant in parent.keys:
        return Finding(finding.problem, parent.child(name))
    sure = joint or meant == mistake.synonym(name) or is_like(name, meant)
    return Finding(finding.problem, parent.child(name), Respelling(path, name, meant) if sure else None)


def _unfinished_mend(mistake: Mistake, name: str) -> str:
    """How to write a key that YAML reads as one word with its value; nothing when it is none."""
    unfinished = _UNFINISHED.match(name)
    if unfinished is None or unfinished[1] not in mistake.schema.get("properties", {}):
        return ""
    rest = unfinished["value"] or f"{unfinished['begun']}…"
    wide = "：" in name or "﹕" in name
    colon = "with a plain colon and a space" if wide else "with a space after the colon"
    return f"write `{unfinished[1]}: {rest}`, {colon}"


_UNFINISHED = re.compile(r"([a-z_]+)(?:\s*[:=：﹕]?\s*(?P<begun>[{\[])|\s*[:=：﹕]\s*(?P<value>[^\s{\[].*))")
"""`when {event: …}`, `when:{event: …}` and `event:type`, which YAML reads as keys: `when {event` and the like."""


def _of_no_time(mistake: Mistake, path: Path, name: str, meant: str | None) -> str:
    """That a field has no day or no time that could be asked for; nothing where it has, or none is asked for."""
    told = str(mistake.schema.get("x-instead", {}).get(name.casefold(), ""))
    test = meant if meant in CALENDAR_TESTS else next((each for each in CALENDAR_TESTS if each in told), None)
    if test is None or "x-words" not in mistake.schema or not path:
        return ""
    types = types_of_field(mistake, str(path[-1]))
    fits = {"datetime"} if test == "time_of_day" else {"date", "datetime"}
    return asks_no_time(str(path[-1]), test, types) if types and types.isdisjoint(fits) else ""


def _instead(mistake: Mistake, parent: Node, name: str) -> str:
    """What to write for a word that means something which no key of this mapping means, however like one it is."""
    known, value = mistake.schema.get("properties", {}), parent.at([name]).value
    if "plus" in known and is_fixed_date(value):
        return NO_FIXED_DATE
    if "at_least" in known and name.casefold() in _MORE_THAN and isinstance(value, int):
        return f"write `at_least: {value + 1}`"
    if mistake.synonym(name) is not None:
        return ""
    return str(mistake.schema.get("x-instead", {}).get(name.casefold(), ""))


_MORE_THAN = frozenset({"more_than", "exceeds", "above", "over", "greater_than", "gt", ">"})


def _mend(mistake: Mistake, parent: Node, name: str, meant: str | None, owners: Sequence[str]) -> str:
    """What to do about an unknown key, by what it looks like."""
    known, instead = mistake.schema.get("properties", {}), mistake.schema.get("x-instead", {})
    if name in instead and (meant is None or owners):
        return str(instead[name])
    if owners:
        there = [owner for owner in owners if owner in parent.keys]
        # What names an event takes no part of a span.
        takes = [owner for owner in there if "event" not in parent.at([owner]).keys]
        if there:
            return f"move it into `{(takes or there)[0]}`, which it is a part of"
        return f"write `{owners[0]}: {{{name}: …}}`"
    if _is_id_as_key(mistake, name):
        return f"write `id: {name}`"
    of_event = "where" in known and "event" in parent.keys and "where" not in parent.keys
    if meant is None and of_event and name not in mistake.outer_keys():
        if name in CALENDAR_TESTS:
            return f"when it happens stands in its `where`: `where: {{event.time: {{{name}: …}}}}`"
        return f"what an event has to be stands in its `where`: `where: {{{name}: …}}`"
    if meant is None and {"type", "time", "data"} <= known.keys():
        return f"the fields of an event stand in its `data`: `data: {{{name}: …}}`"
    if "plus" in known and UNIT.fullmatch(name):
        return f"write `plus: {of_unit(parent.at([name]).text or '…', name)}`"
    if meant in parent.keys and name.casefold() in instead:
        return str(instead[name.casefold()])
    return f"did you mean `{meant}`?" if meant else hint(name, known) or _keys_of(known)


def _keys_of(known: Mapping[str, Any]) -> str:
    return "known: " + ", ".join(f"`{key}`" for key in known) if known else ""


def _is_id_as_key(mistake: Mistake, name: str) -> bool:
    """Whether a rule begins with its id as a key: `- thank-you:` instead of `- id: thank-you`."""
    keys = mistake.node.keys
    if "id" not in mistake.schema.get("properties", {}) or "id" in keys:
        return False
    return next(iter(keys), None) == name and mistake.node.at([name]).value is None


def _owners(mistake: Mistake, name: str) -> list[str]:
    """The keys of this mapping whose values have a key of this name."""
    return [key for key in mistake.schema.get("properties", {}) if name in mistake.parts_of(key)]


def meant_joint(mistake: Mistake) -> Finding | None:
    """A misspelt `all`, `any` or `not`, or another language's word for it, that was read as the name of a field.

    The complaint is about what stands below it: a list where a test belongs, a field where a test belongs,
    or the list of an `any` that was read as the test of that name.
    """
    words: Sequence[str] = mistake.schema.get("x-words", ())
    steps = list(enumerate(mistake.path))
    for number, name in steps[-2:] if mistake.name == "any" else steps[-1:]:
        path = mistake.path[:number]
        keys = mistake.root.at(path).keys
        near = next((word for word in words if is_slip(str(name), word)), None)
        meant = _JOINTS.get(str(name).casefold(), near)
        if isinstance(name, str) and meant in words and meant in keys and name.casefold() in _JOINTS:
            node = mistake.root.at(path)
            mend = _second_joint_mend(node, name, str(meant))
            finding = mistake.remark(node.keys[name], "unknown-key", f"There is no key `{name}` here.", mend)
            return Finding(finding.problem, node.child(name))
        if isinstance(name, str) and meant in words and meant not in keys:
            mend = _joint_mend(mistake.root.at(path), name) if name.casefold() in _JOINTS else ""
            if not mend:
                return _misspelt(mistake, path, name, meant, joint=True)
            node = mistake.root.at(path)
            finding = mistake.remark(node.keys[name], "unknown-key", f"There is no key `{name}` here.", mend)
            return Finding(finding.problem, node.child(name))
    return None


def _second_joint_mend(node: Node, name: str, meant: str) -> str:
    """What to do with another language's word for a joint that stands there already."""
    if meant == "not":
        return "put both below `all`, each below a `not` of its own: `all: [{not: …}, {not: …}]`"
    if name.casefold() == "either":  # unlike `or`, it joins nothing to what it stands beside
        return "put both below `all`: `all: [{any: …}, {any: …}]`"
    if meant == "all" or set(node.keys) == {name, meant}:
        return f"move what stands in it into `{meant}`"
    return f"put the alternatives below one `any`, with what stands beside `{name}` as one of them"


def _joint_mend(node: Node, name: str) -> str:
    """How conditions are joined that another language joins by a word between them; nothing where ours does the same.

    All that stands in one mapping has to hold, so what an `or` stands beside is an alternative too.
    """
    written = node.at([name])
    parts = written.value if isinstance(written.value, tuple) else (written,)
    beside = [key for key in node.keys if key != name]
    if _JOINTS[name.casefold()] == "all" and isinstance(written.value, dict):
        return f"what stands in one mapping has to hold together: write it without `{name}`"
    if name.casefold() not in ("or", "||") or (len(parts) > 1 and not beside):
        return ""
    alternatives = [_brief(node, beside)] if beside else []
    for part in parts:
        alternatives += (
            [_brief(part, list(part.keys))] if beside else [_brief(part, [key]) for key in part.keys]
        )
    written_out = ", ".join(alternatives)
    if len(written_out) > _LONGEST:
        written_out = "…"
    return f"put the alternatives below one `any`: `any: [{written_out}]`"


_LONGEST = 120
"""A longer list of alternatives is not written out in a hint."""


def _brief(node: Node, keys: Sequence[str]) -> str:
    """A condition as one item of a list; what is long or nested is left out."""
    texts = [(key, node.at([key])) for key in keys]
    plain = [(key, each.text if isinstance(each.value, str | int | float) else "") for key, each in texts]
    return "{" + ", ".join(f"{key}: {text if _PLAIN.fullmatch(text) else '…'}" for key, text in plain) + "}"


_PLAIN = re.compile(r"""[\w$.-]{1,30}|"[^"]{1,30}"|'[^']{1,30}'""")


_JOINTS = {"and": "all", "or": "any", "none": "not", "both": "all", "either": "any", "&&": "all", "||": "any"}
"""How other languages join conditions."""


def missing_keys(mistake: Mistake) -> Iterator[Finding]:
    """Keys that the schema wants in this mapping."""
    properties = mistake.schema.get("properties", {})
    known = mistake.schema.get("x-keys", properties)
    unknown = [name for name in mistake.instance if name not in known]
    instead = len(mistake.node.keys) - len(mistake.instance) + len(unknown)
    if instead and mistake.path and instead == len(mistake.node.keys):
        return  # what stands here instead is the mistake
    misspelt = {mistake.meant(name) for name in unknown}
    misspelt |= {owner for name in unknown for owner in _owners(mistake, name)[:1]}
    misspelt |= {match[1] for match in map(_UNFINISHED.match, unknown) if match is not None}
    missing = [name for name in mistake.wanted if name not in mistake.node.keys and name not in misspelt]
    if len(missing) == len(unknown) == 1 and len(mistake.instance) <= len(mistake.wanted) <= 2:
        return  # what stands there is the mistake; which keys there are is told with it
    if unknown and all(_instead(mistake, mistake.node, name) for name in unknown):
        return  # what is told of these says which keys there are
    for name in missing:
        if not _is_there_otherwise(mistake, name, unknown):
            what = properties.get(name, {}).get("description", "")
            mend = f"add `{name}: …`. {what}".strip()
            yield mistake.remark(mistake.place(), "missing-key", f"The key `{name}` is missing.", mend)


def _is_there_otherwise(mistake: Mistake, name: str, unknown: Sequence[str]) -> bool:
    """Whether an unknown key stands for a missing one, and is told: a pattern for its event, a rule's id as a key."""
    if name == "event":
        return "pattern" in mistake.instance
    return name == "id" and any(_is_id_as_key(mistake, each) for each in unknown)


def bad_name(mistake: Mistake) -> Iterator[Finding]:
    """A name that cannot be one, such as a key and its value that YAML reads as one word."""
    name = str(mistake.instance)
    mend = mistake.schema.get("x-hint", "")
    unfinished = re.fullmatch(r"([\w.-]+)(?:\s*[:=]+\s*|\s+is\s+|\s+)(.+)", name)
    if unfinished is not None and mistake.node.at([name]).value is None:
        mend = f"write `{unfinished[1]}: {unfinished[2]}`"
    remark = mistake.remark(mistake.node.keys[name], "bad-format", f"`{name}` cannot be a name here.", mend)
    yield Finding(remark.problem, mistake.node.child(name))
