"""A document against its JSON Schema: one problem per mistake, at the word itself, in words for people."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from afterword import resources
from afterword.accept import Check, UnknownKeywordError, acceptor
from afterword.duration import DurationError
from afterword.duration import parse as parse_duration
from afterword.problem import MOST, Problem, more_after
from afterword.respelling import Deeper, Meant, Path, Respelling, Rewording, Shallower, as_meant
from afterword.source import Node, Place
from afterword.suggest import hint, is_like, is_slip, nearest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_LONG = 60
_ROUNDS = 8
"""How often words are respelt; each time it can show that words below them are misspelt too."""


class Finding(NamedTuple):
    """A problem, the value that cannot be used because of it, and how a misspelt word of it was meant.

    Nothing is refused when the rest of its mapping can be used. `named` is what stands below a misspelt name.
    """

    problem: Problem
    refused: Node | None
    meant: Meant | None = None
    named: Node | None = None


class Reading(NamedTuple):
    """A document as it was meant, and what is wrong with it."""

    node: Node
    findings: list[Finding]

    @property
    def problems(self) -> set[Problem]:
        """What is wrong with it."""
        return {finding.problem for finding in self.findings}

    @property
    def refused(self) -> frozenset[int]:
        """The ids of the values that are to be left out when the document is read on."""
        return frozenset(id(each.refused) for each in self.findings if each.refused is not None)


def validate(node: Node, schema_name: str) -> list[Problem]:
    """Every way in which the document is not what the schema wants, sorted."""
    return sorted(read(node, schema_name).problems)


def read(node: Node, schema_name: str, part: str = "") -> Reading:
    """The document with its misspelt words respelt, and every way in which it is not what the schema wants.

    `part` names a definition of the schema, for a value that stands inside a document.
    """
    told: list[Finding] = []
    for _ in range(_ROUNDS):
        found = _with_names(told, _once(findings(node, schema_name, part)))
        misspelt = [finding for finding in found if finding.meant is not None]
        if not misspelt or len(told) + len(found) > MOST:
            return Reading(node, told + found)
        told += [Finding(finding.problem, None, None, finding.refused) for finding in misspelt]
        node = as_meant(node, [finding.meant for finding in misspelt if finding.meant is not None])
    return Reading(node, told + _with_names(told, _once(findings(node, schema_name, part))))


def _with_names(told: list[Finding], found: Sequence[Finding]) -> list[Finding]:
    """A value that is wrong below a name that was wrong too is told with its name."""
    named = {id(each.named): number for number, each in enumerate(told) if each.named is not None}
    kept = list[Finding]()
    for finding in found:
        number = named.get(id(finding.refused))
        if number is None or finding.refused is None:
            kept.append(finding)
            continue
        first = told[number].problem
        mends = " ".join(mend for mend in (first.hint, finding.problem.hint) if mend)
        told[number] = Finding(replace(first, hint=mends), finding.refused)
    return kept


def _once(found: Sequence[Finding]) -> list[Finding]:
    """One problem for a value that cannot be used, whatever else is wrong with it and wherever aliases put it."""
    kept, seen = list[Finding](), set[int]()
    for finding in sorted(found, key=lambda finding: finding.problem):
        if finding.refused is None or id(finding.refused) not in seen:
            kept.append(finding)
        seen.add(id(finding.refused))
    return kept


def findings(node: Node, schema_name: str, part: str = "") -> list[Finding]:
    """Every way in which the document as it stands is not what the schema wants; misspelt words are refused."""
    accepts = _acceptor(schema_name, part)
    if accepts is not None and accepts(node):
        return []
    validator = _validator(schema_name, part)
    schema = validator.schema
    definitions = {**schema.get("$defs", {}), "": schema} if isinstance(schema, dict) else {}
    errors = validator.iter_errors(node.data())
    found = (finding for error in errors for finding in _findings(error, node, definitions))
    few = list(itertools.islice(found, MOST + 1))
    if len(few) > MOST:  # what is wrong with the rest is not known, so none of it can be used
        few.append(Finding(more_after(max(each.problem for each in few)), node))
    return few


@functools.cache
def _acceptor(schema_name: str, part: str) -> Check | None:
    try:
        return acceptor(_schema(schema_name, part))
    except UnknownKeywordError:
        return None


@functools.cache
def _validator(schema_name: str, part: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - costs more than the rest of the engine

    return Draft202012Validator(_schema(schema_name, part))


def _schema(schema_name: str, part: str) -> dict[str, Any]:
    schema = resources.schema(schema_name)
    if "x-required-of-whole" in schema:  # one file need not have them: the files of a folder are one document
        schema["else"] = {**schema["else"], "required": schema["x-required-of-whole"]}
    return {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]} if part else schema


class _Mistake(NamedTuple):
    """One broken keyword of the schema, the value that breaks it, and where in the document that is."""

    keyword: str
    wanted: Any
    schema: Mapping[str, Any]
    root: Node
    path: Path
    instance: Any
    definitions: Mapping[str, Any]

    def outer_keys(self) -> Mapping[str, Any]:
        """The keys of what the value stands in."""
        inside = self.schema.get("x-inside")
        if inside is None or not isinstance(self.name, str):
            return {}
        outer: Mapping[str, Any] = self.definitions.get(inside, {}).get("properties", {})
        return outer

    def parts_of(self, key: str) -> Mapping[str, Any]:
        """The keys of the value of a key of this mapping."""
        return self._resolved(self.schema.get("properties", {}).get(key, {}))

    def declaration_in(self, section: str) -> Mapping[str, Any]:
        """The keys of a declaration in this section of the document."""
        return self._resolved(self.definitions[""]["properties"][section].get("additionalProperties", {}))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        referred = self.definitions.get(str(schema.get("$ref", "#")).removeprefix("#/$defs/"), schema)
        keys: Mapping[str, Any] = referred.get("properties", {})
        return keys

    @property
    def node(self) -> Node:
        """The value that breaks it."""
        return self.root.at(self.path)

    @property
    def parent(self) -> Node:
        """What the value stands in."""
        return self.root.at(self.path[:-1])

    @property
    def name(self) -> str | int | None:
        """The key or the number below which the value stands."""
        return self.path[-1] if self.path else None

    def key_place(self) -> Place:
        if isinstance(self.name, str):
            return self.parent.keys[self.name]
        return self.node.place()

    def place(self) -> Place:
        """The value's place; an empty value is shown at its name."""
        return self.key_place() if self.node.value is None else self.node.place()

    def called(self) -> str:
        """How a sentence calls the value."""
        if isinstance(self.name, str):
            return f"`{self.name}`"
        if self.name is None:
            return "The document"
        owner = next((step for step in reversed(self.path) if isinstance(step, str)), None)
        return f"An item of `{owner}`" if owner is not None else "This item"

    def finding(self, code: str, message: str, mend: str = "", place: Place | None = None) -> Finding:
        """The value cannot be used."""
        line, column, file = place or self.place()
        return Finding(
            Problem(file, line, column, code, message, mend or self.schema.get("x-hint", "")), self.node
        )

    def remark(self, place: Place, code: str, message: str, mend: str) -> Finding:
        """Something in the value is wrong, but the rest of it can be read on."""
        line, column, file = place
        return Finding(Problem(file, line, column, code, message, mend), None)


def _findings(error: ValidationError, root: Node, definitions: Mapping[str, Any]) -> Iterator[Finding]:
    path = tuple(error.absolute_path)
    schema = error.schema if isinstance(error.schema, dict) else {}
    if tuple(error.absolute_schema_path) == ("else", "required"):
        schema = definitions[""]  # a document that extends no other needs more; its keys are named at the top
    keyword = "propertyNames" if "propertyNames" in error.absolute_schema_path else str(error.validator)
    mistake = _Mistake(keyword, error.validator_value, schema, root, path, error.instance, definitions)
    displaced = _displaced(mistake)
    if displaced is not None:
        yield displaced
    else:
        yield from _REPORTS.get(keyword, _out_of_range)(mistake)


def _displaced(mistake: _Mistake) -> Finding | None:
    """What stands among the names of a section by its indentation alone, and is blamed for being no such thing.

    That is the section after it (indented too far), or a part of the declaration above it (not far enough).
    """
    above = mistake.path[0] if len(mistake.path) > 1 else None
    if above not in _DECLARED_BY or above not in mistake.definitions.get("", {}).get("properties", {}):
        return None
    section = mistake.root.at([str(above)])
    names = list(section.keys)
    whole = mistake._replace(path=(str(above),), schema={**mistake.schema, "x-inside": ""})
    below = [name for name in names if name in whole.outer_keys() and section.at([name]).value is None]
    number = names.index(str(mistake.path[1]))
    if below and names.index(below[0]) <= number:
        return _too_deep(whole, below[0])
    if number and names[number] in mistake.declaration_in(str(above)):
        message = f"`{names[number]}` is no name here, but a part of `{names[number - 1]}`."
        mend = f"indent it further than `{names[number - 1]}`"
        finding = mistake.remark(section.keys[names[number]], "unknown-key", message, mend)
        moved = Deeper((str(above),), names[number - 1], (names[number],))
        return Finding(finding.problem, section.child(names[number]), moved)
    return None


def _unknown_keys(mistake: _Mistake) -> Iterator[Finding]:
    word = _meant_joint(mistake)
    if word is not None:
        yield word
        return
    if mistake.name == "count" and "x-words" in mistake.schema:  # no field is called that
        yield _beside(mistake, mistake.path[:-2], str(mistake.path[-2]), "count")
        return
    known = mistake.schema.get("properties", {})
    before: str | None = None
    for name in mistake.instance:
        if name in known:
            before = name
        elif (loose := _beside_its_list(mistake.node, name)) is not None:
            values = [mistake.node.at([key]) for key in mistake.node.keys]
            cut = next((each for each in values if each.place()[:2] == (loose.line, loose.column)), None)
            yield Finding(loose, cut or mistake.node.child(name))
        elif name in mistake.outer_keys() and not any(is_slip(name, word) for word in known):
            yield _too_deep(mistake, name)
            return
        elif before is not None and _belongs_above(mistake, before, name):
            yield _too_shallow(mistake, before, name)
            return
        elif _names_pattern(mistake, name):
            yield _pattern_as_key(mistake, name)
        elif (
            mistake.path[-2:-1] == ("fields",)
            and _is_field(mistake.instance[name])
            and not any(is_slip(name, word) for word in known)
        ):
            yield _beside(mistake, mistake.path[:-1], str(mistake.name), name)
        else:
            yield _misspelt(mistake, mistake.path, name, _meant(name, mistake.schema))


def _beside_its_list(node: Node, name: str) -> Problem | None:
    """`{in: a, b}` is a mapping with a key `b` that has no value; it stands for `{in: [a, b]}`."""
    keys = list(node.keys)
    loose = [each for each in keys if node.at([each]).value is None and not node.at([each]).text]
    owner = next((key for key in reversed(keys[: keys.index(name)]) if key not in loose), None)
    if name not in loose or owner is None:
        return None
    whole = node.at([owner]).value
    if isinstance(whole, int) and name[:1].isdigit() and node.keys[owner][0] == node.keys[name][0]:
        line, column, file = node.at([owner]).place()
        message = f"The comma in `{whole},{name}` ends the value of `{owner}`."
        return Problem(file, line, column, "unknown-key", message, f"write `{owner}: {whole}.{name}`")
    if not isinstance(whole, str):
        return None
    behind = list(itertools.takewhile(loose.__contains__, keys[keys.index(owner) + 1 :]))
    line, column, file = node.keys[behind[0]]
    message = f"`{behind[0]}` has no value; it seems to belong to `{owner}`."
    mend = f"write `{owner}: [{', '.join([node.at([owner]).text, *behind])}]`"
    same_line = node.keys[owner][0] == line
    return Problem(file, line, column, "unknown-key", message, mend) if same_line else None


def _names_pattern(mistake: _Mistake, name: str) -> bool:
    """Whether this is `{pattern: name}` where `{event: type}` belongs."""
    wanted = mistake.schema.get("required", ())
    return name == "pattern" and "event" in wanted and isinstance(mistake.instance[name], str)


def _pattern_as_key(mistake: _Mistake, name: str) -> Finding:
    """A pattern is named without a key, and nothing can be added to it where it is named."""
    named = mistake.instance[name]
    mend = f"write the name of the pattern alone: `{named}`"
    if "count" in mistake.instance:
        mend = f"a named pattern cannot be counted: write out what `{named}` is, with `event`"
    elif len(mistake.instance) > 1:
        mend = f"nothing can be added to a named pattern: write out what `{named}` is, with `event`"
    return mistake.remark(mistake.node.keys[name], "unknown-key", f"There is no key `{name}` here.", mend)


def _is_field(value: object) -> bool:
    return isinstance(value, dict) and "type" in value


def _beside(mistake: _Mistake, path: Path, owner: str, name: str) -> Finding:
    """A key in the value of one key that belongs beside that key."""
    node = mistake.root.at((*path, owner))
    message = f"`{name}` does not belong to `{owner}`."
    finding = mistake.remark(node.keys[name], "unknown-key", message, f"indent it like `{owner}`")
    return Finding(finding.problem, node.child(name), Shallower(path, owner, (name,)))


def _too_deep(mistake: _Mistake, name: str) -> Finding:
    """A key of what this mapping stands in: it and what follows it are indented too far."""
    keys, outer = list(mistake.node.keys), mistake.outer_keys()
    message = f"`{name}` does not belong to `{mistake.name}`."
    finding = mistake.remark(
        mistake.node.keys[name], "unknown-key", message, f"indent it like `{mistake.name}`"
    )
    moved = keys[keys.index(name) :]
    empty = mistake.node.at([name]).value is None
    inside = list(itertools.takewhile(lambda key: key not in outer, moved[1:])) if empty else []
    mend = Shallower(mistake.path[:-1], str(mistake.name), tuple(moved), tuple(inside))
    return Finding(finding.problem, mistake.node.child(name), mend)


def _belongs_above(mistake: _Mistake, above: str, name: str) -> bool:
    """Whether an unknown key is part of the value above it: that is empty, or holds what looks the same."""
    near = _meant(name, mistake.schema)
    if near is not None and is_like(name, near):
        return False
    if mistake.instance[above] is None or name in mistake.parts_of(above):
        return True
    kind, parts = _DECLARED_BY.get(above, (None, frozenset()))
    value = mistake.instance[name]
    if kind is dict and isinstance(value, list) and value:
        value = value[0]
    return kind is not None and isinstance(value, kind) and (not parts or not parts.isdisjoint(value))


_DECLARED_BY: Mapping[str, tuple[type[dict[str, Any] | list[Any]], frozenset[str]]] = {
    "params": (dict, frozenset({"type", "default"})),
    "lists": (list, frozenset()),
    "events": (dict, frozenset({"fields"})),
    "remember": (dict, frozenset({"from", "field"})),
    "patterns": (dict, frozenset({"event"})),
    "fields": (dict, frozenset({"type"})),
}
"""What a declaration in a section looks like."""


def _too_shallow(mistake: _Mistake, owner: str, name: str) -> Finding:
    """A key that is none here, below one that has no value: it and what follows it belong to that."""
    keys = list(mistake.instance)
    known = mistake.schema.get("properties", {})
    moved = list(itertools.takewhile(lambda key: key not in known, keys[keys.index(name) :]))
    message = f"There is no key `{name}` here."
    mend = f"indent it further than `{owner}`, if it belongs to that"
    finding = mistake.remark(mistake.node.keys[name], "unknown-key", message, mend)
    return Finding(finding.problem, mistake.node.child(name), Deeper(mistake.path, owner, tuple(moved)))


def _misspelt(mistake: _Mistake, path: Path, name: str, meant: str | None, joint: bool = False) -> Finding:
    """An unknown key; it is read as what it was meant to be unless that stands there too."""
    parent = mistake.root.at(path)
    known = mistake.schema.get("properties", {})
    if meant is None and not path:
        meant = _section_like(mistake, parent.at([name]))
        joint = meant is not None
    mend = f"did you mean `{meant}`?" if meant else hint(name, known) or _keys_of(known)
    if meant in parent.keys:
        mend = mistake.schema.get("x-instead", {}).get(name.casefold(), mend)
    owners = () if joint or is_slip(name, meant or "") else _owners(mistake, name)
    unfinished = _UNFINISHED.match(name)
    if unfinished is not None and unfinished[1] in known:
        rest = unfinished["value"] or f"{unfinished['begun']}…"
        wide = "：" in name or "﹕" in name
        colon = "with a plain colon and a space" if wide else "with a space after the colon"
        meant, mend = None, f"write `{unfinished[1]}: {rest}`, {colon}"
    elif meant is None and name in mistake.schema.get("x-instead", {}):
        mend = mistake.schema["x-instead"][name]
    elif owners:
        inside = next((owner for owner in owners if owner in parent.keys), None)
        meant, mend = None, f"write `{owners[0]}: {{{name}: …}}`"
        if inside is not None:
            mend = f"move it into `{inside}`, which it is a part of"
    elif _is_id_as_key(mistake, name):
        mend = f"write `id: {name}`"
    elif meant is None and "where" in known and "event" in parent.keys and "where" not in parent.keys:
        mend = f"what an event has to be stands in its `where`: `where: {{{name}: …}}`"
    elif "plus" in known and _UNIT.fullmatch(name):
        mend = f"write `plus: {parent.at([name]).text or '…'} {name}`"
    finding = mistake.remark(parent.keys[name], "unknown-key", f"There is no key `{name}` here.", mend)
    sure = joint or meant == _synonym(name, mistake.schema) or is_like(name, meant or "")
    if meant is not None and sure and meant not in parent.keys:
        return Finding(finding.problem, parent.child(name), Respelling(path, name, meant))
    return Finding(finding.problem, parent.child(name))


def _keys_of(known: Mapping[str, Any]) -> str:
    return "known: " + ", ".join(f"`{key}`" for key in known) if known else ""


def _is_id_as_key(mistake: _Mistake, name: str) -> bool:
    """Whether a rule begins with its id as a key: `- thank-you:` instead of `- id: thank-you`."""
    keys = mistake.node.keys
    if "id" not in mistake.schema.get("properties", {}) or "id" in keys:
        return False
    return next(iter(keys), None) == name and mistake.node.at([name]).value is None


def _section_like(mistake: _Mistake, node: Node) -> str | None:
    """The section that the document lacks and whose declarations look like what stands in this one."""
    values = node.value.values() if isinstance(node.value, dict) else ()
    for section, (kind, parts) in _DECLARED_BY.items():
        wanted = dict if kind is dict else tuple
        fits = values and all(
            isinstance(each.value, wanted) and (not parts or not parts.isdisjoint(each.keys))
            for each in values
        )
        if fits and section in mistake.schema.get("properties", {}) and section not in mistake.root.keys:
            return section
    return None


def _owners(mistake: _Mistake, name: str) -> list[str]:
    """The keys of this mapping whose values have a key of this name."""
    return [key for key in mistake.schema.get("properties", {}) if name in mistake.parts_of(key)]


def _meant(name: str, schema: Mapping[str, Any]) -> str | None:
    """The key that a word which is none was meant to be: another language's word for it, or one like it."""
    known = schema.get("properties", {})
    return _synonym(name, schema) or nearest(name, known)


def _synonym(name: str, schema: Mapping[str, Any]) -> str | None:
    word: str | None = schema.get("x-synonyms", {}).get(name.casefold().replace("-", "_").replace(" ", "_"))
    return word


_UNFINISHED = re.compile(r"([a-z_]+)(?:\s*[:=：﹕]?\s*(?P<begun>[{\[])|\s*[:=：﹕]\s*(?P<value>[^\s{\[].*))")
"""`when {event: …}`, `when:{event: …}` and `event:type`, which YAML reads as keys: `when {event` and the like."""


def _meant_joint(mistake: _Mistake) -> Finding | None:
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
        if isinstance(name, str) and meant in words and meant not in keys:
            return _misspelt(mistake, path, name, meant, joint=True)
    return None


_JOINTS = {"and": "all", "or": "any", "none": "not", "both": "all", "either": "any", "&&": "all", "||": "any"}
"""How other languages join conditions."""


def _missing_keys(mistake: _Mistake) -> Iterator[Finding]:
    properties = mistake.schema.get("properties", {})
    known = mistake.schema.get("x-keys", properties)
    unknown = [name for name in mistake.instance if name not in known]
    instead = len(mistake.node.keys) - len(mistake.instance) + len(unknown)
    if instead and mistake.path and instead == len(mistake.node.keys):
        return  # what stands here instead is the mistake
    misspelt = {_meant(name, mistake.schema) for name in unknown}
    misspelt |= {owner for name in unknown for owner in _owners(mistake, name)[:1]}
    misspelt |= {match[1] for match in map(_UNFINISHED.match, unknown) if match is not None}
    missing = [name for name in mistake.wanted if name not in mistake.node.keys and name not in misspelt]
    if len(missing) == len(unknown) == 1 and len(mistake.instance) <= len(mistake.wanted) <= 2:
        return  # what stands there is the mistake; which keys there are is told with it
    for name in mistake.wanted:
        named = name == "event" and "pattern" in mistake.instance
        named |= name == "id" and any(_is_id_as_key(mistake, each) for each in unknown)
        if name not in mistake.node.keys and name not in misspelt and not named:
            what = properties.get(name, {}).get("description", "")
            mend = f"add `{name}: …`. {what}".strip()
            yield mistake.remark(mistake.place(), "missing-key", f"The key `{name}` is missing.", mend)


def _wrong_type(mistake: _Mistake) -> Iterator[Finding]:
    word = _meant_joint(mistake) if _is_list_of_mappings(mistake.instance) else None
    if word is not None:
        yield word
        return
    wanted = [mistake.wanted] if isinstance(mistake.wanted, str) else mistake.wanted
    kinds = _listed([_KINDS[kind] for kind in wanted])
    message = f"{mistake.called()} must be {kinds}; this is {_kind(mistake.instance)}."
    mend = mistake.schema.get("x-hint", "")
    yield mistake.finding("wrong-type", message, _type_mend(mistake, wanted, mend))


def _is_list_of_mappings(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _not_one_of(mistake: _Mistake) -> Iterator[Finding]:
    values = mistake.wanted if mistake.keyword == "enum" else [mistake.wanted]
    written = _shown(mistake.instance)
    mend = _choice_mend(mistake, written, [_shown(value) for value in values])
    finding = mistake.finding("not-allowed", f"{mistake.called()} cannot be {_said(mistake.instance)}.", mend)
    near = nearest(written, [value for value in values if isinstance(value, str)])
    if near is None or not is_like(written, near):
        yield finding
    else:
        yield Finding(finding.problem, finding.refused, Rewording(mistake.path, near))


def _choice_mend(mistake: _Mistake, written: str, values: Sequence[str]) -> str:
    """The nearest of the words that may stand here, else all of them, with what they mean where that is told."""
    if "end of day" in values and (moment := _moment_mend(mistake)):
        return moment
    meanings, usual = mistake.schema.get("x-meanings", {}), mistake.schema.get("x-hint", "")
    near = nearest(written, values)
    if near is None and meanings:
        return "; ".join(f"`{value}`: {meaning}" for value, meaning in meanings.items())
    if (synonym := _synonym(written, mistake.schema)) is not None:
        return f"did you mean `{synonym}`?"
    told = hint(written, values, "one of") if near is not None or not usual else ""
    return f"{told} {usual}".strip()


def _bad_format(mistake: _Mistake) -> Iterator[Finding]:
    after = itertools.dropwhile(lambda key: key != mistake.name, mistake.parent.keys)
    following = next(itertools.islice(after, 1, None), None)
    loose = _beside_its_list(mistake.parent, following) if following is not None else None
    if loose is not None:
        yield Finding(loose, mistake.node)
        return
    value, phrases = mistake.instance, _PHRASES if "end of day" in mistake.wanted else ()
    mend = _moment_mend(mistake) if phrases else ""
    near = nearest(str(value), phrases)
    meant = Rewording(mistake.path, near) if near is not None and is_like(str(value), near) else None
    if meant is not None:
        mend = f"did you mean `{near}`?"
    if not mend and mistake.wanted.startswith(r"^\$") and isinstance(value, str):
        mend = _value_mend(mistake, value)
    mend = mend or _list_mend(mistake, str(value)) or _pattern_mend(mistake, str(value))
    finding = mistake.finding("bad-format", f"{mistake.called()} cannot be {_said(value)}.", mend)
    yield Finding(finding.problem, finding.refused, meant)


def _pattern_mend(mistake: _Mistake, value: str) -> str:
    """A type of event where a pattern belongs, or the name of a pattern in other letters."""
    if "event" not in mistake.schema.get("properties", {}):
        return ""
    if value in _declared(mistake.root, "events"):
        return f"write `{{event: {value}}}`"
    near = nearest(value, _declared(mistake.root, "patterns"))
    return f"did you mean `{near}`?" if near is not None and is_like(value, near) else ""


_PHRASES = ("start of day", "end of day", "start of next day", "end of next day")
_CURLY = str.maketrans("", "", "“”„‘’‚«»")


def _list_mend(mistake: _Mistake, value: str) -> str:
    """Several words where one belongs, without the signs of a list; or a word in quotes that YAML does not know."""
    words = re.split(r"\s*[,;|/]\s*|\s+(?:or|and|oder|und|ou|et)\s+|\s+(?=\S+\.)", value)
    if len(words) < 2 or not all(re.fullmatch(mistake.wanted, word) for word in words):
        plain = value.translate(_CURLY)
        return f"write `{plain}`, or use straight quotes" if re.fullmatch(mistake.wanted, plain) else ""
    if "array" in mistake.schema.get("type", ()):
        return f"write a list: `[{', '.join(words)}]`"
    return f"put a comma between: `{', '.join(words)}`" if isinstance(mistake.name, int) else ""


def _moment_mend(mistake: _Mistake) -> str:
    """A length of time, a clock, a date's path or the name of a duration where a moment belongs."""
    value = mistake.instance
    if not isinstance(value, str):
        return ""
    if is_slip(value, "event.time"):
        return "did you mean `event.time`?"
    if _CLOCK.fullmatch(value):
        return f'write `{{at: "{value}"}}`'
    if _PATH.fullmatch(value):
        return f"write `{{field: {value}}}`"
    name = value.removeprefix("$")
    if name in _declared(mistake.root, "params"):
        return f"write `{{plus: ${name}}}`"
    if value in _declared(mistake.root, "remember"):
        scope = mistake.root.at(["remember", value, "per"]).value
        return f"write `{{field: {'subject' if scope == 'subject' else 'case'}.{value}}}`"
    length = _LEAD.sub("", value)
    try:
        parse_duration(length)
    except DurationError:
        return ""
    return f"write `{{plus: {length}}}`"


_LEAD = re.compile(r"(?:in|after|within|for)\s+|\+\s*")


def _value_mend(mistake: _Mistake, value: str) -> str:
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


def _bad_name(mistake: _Mistake) -> Iterator[Finding]:
    name = str(mistake.instance)
    mend = mistake.schema.get("x-hint", "")
    unfinished = re.fullmatch(r"([\w.-]+)(?:\s*[:=]+\s*|\s+is\s+|\s+)(.+)", name)
    if unfinished is not None and mistake.node.at([name]).value is None:
        mend = f"write `{unfinished[1]}: {unfinished[2]}`"
    remark = mistake.remark(mistake.node.keys[name], "bad-format", f"`{name}` cannot be a name here.", mend)
    yield Finding(remark.problem, mistake.node.child(name))


def _out_of_range(mistake: _Mistake) -> Iterator[Finding]:
    limit = mistake.wanted
    if mistake.keyword == "minProperties" and mistake.node.keys:
        return  # what stands there could not be read, and that has been told
    sentence = (
        "may not be empty" if mistake.keyword == "minItems" and limit == 1 else _LIMITS[mistake.keyword]
    )
    sentence = sentence.format(limit=limit)
    # where a value can also be one word, the schema's hint is about how that is spelt
    mend = "name at least one" if mistake.keyword == "minItems" and "pattern" in mistake.schema else ""
    yield mistake.finding("out-of-range", f"{mistake.called()} {sentence}.", mend)


def _twice(mistake: _Mistake) -> Iterator[Finding]:
    seen: list[object] = []
    items = mistake.node.value if isinstance(mistake.node.value, tuple) else ()
    for item in items:
        value = (isinstance(item.value, bool), item.data())
        if value in seen:
            message = f"{_said(item.data())} stands twice in this list."
            yield mistake.remark(item.place(), "duplicate-item", message, "remove one of them")
        seen.append(value)


def _misplaced(mistake: _Mistake) -> Iterator[Finding]:
    code = mistake.schema.get("x-code", "not-allowed")
    yield mistake.finding(code, f"{mistake.called()} may not stand here.", place=mistake.key_place())


def _not_together(mistake: _Mistake) -> Iterator[Finding]:
    names = _listed([f"`{name}`" for name in mistake.node.keys], "and")
    yield mistake.finding("not-allowed", f"{names} exclude each other.")


_REPORTS: Mapping[str, Callable[[_Mistake], Iterator[Finding]]] = {
    "propertyNames": _bad_name,
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "type": _wrong_type,
    "enum": _not_one_of,
    "const": _not_one_of,
    "pattern": _bad_format,
    "uniqueItems": _twice,
    "not": _misplaced,
    "maxProperties": _not_together,
}
"""By JSON Schema keyword; those not named here set limits."""

_LIMITS = {
    "minimum": "must be at least {limit}",
    "maximum": "must be at most {limit}",
    "minLength": "may not be empty",
    "maxLength": "may be at most {limit} characters long",
    "minItems": "needs at least {limit} items",
    "maxItems": "may have at most {limit} items",
    "minProperties": "may not be empty",
}

# --- words

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "array": "a list",
    "object": "a mapping",
}


def _listed(words: Sequence[str], joint: str = "or") -> str:
    return f" {joint} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _kind(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{_shown(value)}`"
        case int() | float():
            return f"the number `{value}`"
        case str():
            return f"the text {_said(value)}"
        case list():
            return "a list"
    return "a mapping"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def _said(value: object) -> str:
    text = _shown(value)
    return f"`{text}`" if len(text) <= _LONG else f"`{text[:_LONG]}…`"


def _type_mend(mistake: _Mistake, wanted: Sequence[str], usual: str) -> str:
    """How to write a value of the wanted kind; `usual` is what the schema says of this place."""
    node, value = mistake.node, mistake.instance
    if mistake.schema.get("x-is") == "duration":
        return _duration_mend(value) or usual
    if "boolean" in wanted and isinstance(value, str) and value.casefold() in TRUTHS:
        return f"write `{TRUTHS[value.casefold()]}`"
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


TRUTHS = {
    **dict.fromkeys(("yes", "y", "on", "true", "ja", "oui", "si", "wahr"), "true"),
    **dict.fromkeys(("no", "n", "off", "false", "nein", "non", "falsch"), "false"),
}
"""What YAML 1.1 and people take for `true` and `false`."""

_UNIT = re.compile(r"(second|minute|hour|day|week|month|year)s?|business[ _]days?")


def _duration_mend(value: object) -> str:
    """A length of time out of a bare number or a mapping such as `{minutes: 5}`."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return f"write a number and a unit in words, such as `{value} days`"
    parts = value.items() if isinstance(value, dict) else ()
    if parts and all(_UNIT.fullmatch(unit) and isinstance(count, int) for unit, count in parts):
        return "write `" + " ".join(f"{count} {unit.replace('_', ' ')}" for unit, count in parts) + "`"
    return ""
