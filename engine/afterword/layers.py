"""The document of a ruleset with the documents that it extends, each read from where it says (S26, S27)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from afterword import resources
from afterword.bases import RefusedError, standing
from afterword.build import build
from afterword.building.identity import check_engine
from afterword.building.problems import FullError, Problems
from afterword.document import text, without
from afterword.extending import attributed, extend
from afterword.folder import read_folder
from afterword.installed import Installed
from afterword.paths import MANIFEST, folder_of
from afterword.problem import Problem, RulesetError, first
from afterword.rule_files import fingerprint, read
from afterword.ruleset import Ruleset
from afterword.schema import SchemaReading
from afterword.schema import read as read_by_schema
from afterword.source import Node
from afterword.yaml_tree import parse

MAX_BASES = 8
"""How many rulesets may stand below one, each extending the next."""

_NOTHING: Mapping[str, object] = MappingProxyType({})
_OF_ITSELF = frozenset({"unused-name", "field-not-everywhere"})
"""Warnings that a base gets when it is checked by itself; a ruleset that extends it cannot mend them."""
_LEFT_OUT = frozenset({"unused-name", "dead-rule"})
"""Warnings that may come only of a part that was left out because of a mistake."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the documents that make up a ruleset, as it was written, and the files that it stands in.

    `fingerprint` is that of the very texts that it was read from.
    """

    node: Node
    files: frozenset[str]
    fingerprint: bytes

    @property
    def called(self) -> str:
        """`NAME@VERSION`, as far as it says so."""
        name, version = text(self.node, "ruleset"), text(self.node, "version")
        return f"{name}@{version}" if name and version else name or self.node.file


@dataclass(frozen=True, slots=True)
class RulesetDocument:
    """A ruleset as one tree, what is wrong with its texts and with how they fit together, and what it is made of.

    The first layer is the ruleset itself; each further one is extended by the one before. There is no tree when
    one of them cannot be had: what it would have declared is unknown.
    """

    root: Node | None
    problems: tuple[Problem, ...]
    layers: tuple[Layer, ...] = ()

    def build(self, settings: Mapping[str, object] = _NOTHING) -> tuple[Ruleset | None, list[Problem]]:
        """The ruleset, unless something is wrong with it, and everything that is."""
        if self.root is None:
            return None, first(self.problems)
        ruleset, found = build(self.root, settings)
        everything = first(_once((*self.problems, *filter(self._matters, found))))
        return (None if any(each.severity == "error" for each in everything) else ruleset), everything

    def layer(self, file: str) -> Layer | None:
        """The layer that a file belongs to."""
        return next((layer for layer in self.layers if file in layer.files), None)

    def _matters(self, problem: Problem) -> bool:
        """Whether a problem of the whole is one here: not if a base has it by itself, or what is left out makes it."""
        if problem.code in _LEFT_OUT and any(each.severity == "error" for each in self.problems):
            return False
        return problem.code not in _OF_ITSELF or all(
            problem.file not in base.files for base in self.layers[1:]
        )


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Each mistake once, though part and whole may mend it differently: what comes later knows of more names."""
    return list({replace(each, hint=""): each for each in problems}.values())


def of_text(text: str | bytes, name: str = "text", home: Path | None = None) -> RulesetDocument:
    """The document in a text. `home` is the folder from which a path in `extends` leads on, if it stands in one."""
    node, problems = parse(text, name)
    written = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    layer = Layer(node, frozenset({name}), fingerprint([(name, written)])) if node is not None else None
    return _whole(layer, problems, _Way(home, (_step(Path(name), layer),)))


def of_path(path: Path) -> RulesetDocument:
    """The document in a file or a folder. Raises `RulesetError` for what is not there or cannot be read."""
    return _of_path(path, _Way(None))


def of_installed(ruleset: Installed) -> RulesetDocument:
    """The document of an installed ruleset, which has to be what its folder is called."""
    return _of_installed(ruleset, _Way(None))


# --- what is extended


class _Step(NamedTuple):
    """A document on the way down: where it stands, with every link followed, and what it is called."""

    place: Path
    called: str


class _Way(NamedTuple):
    """How a document was come to: the folder that its paths lead on from, and those that extend it."""

    home: Path | None
    steps: tuple[_Step, ...] = ()


def _of_path(path: Path, way: _Way) -> RulesetDocument:
    texts = read(path)
    node, problems = _tree(path, texts)
    files = frozenset(name for name, _ in texts)
    layer = Layer(node, files, fingerprint(texts)) if node is not None else None
    return _whole(layer, problems, _Way(folder_of(path), (*way.steps, _step(path, layer))))


def _tree(path: Path, texts: Sequence[tuple[str, bytes]]) -> tuple[Node | None, list[Problem]]:
    if not path.is_dir():
        (name, text), *_ = texts
        return parse(text, name)
    folder = path.as_posix()
    return read_folder({name.removeprefix(f"{folder}/"): text for name, text in texts}, folder)


def _step(path: Path, layer: Layer | None) -> _Step:
    return _Step(_place(path), layer.called if layer is not None else path.as_posix())


def _of_installed(ruleset: Installed, way: _Way) -> RulesetDocument:
    document = _of_path(ruleset.path, way)
    return RulesetDocument(
        document.root, (*document.problems, *_misnamed(ruleset, document.layers)), document.layers
    )


def _misnamed(ruleset: Installed, layers: tuple[Layer, ...]) -> list[Problem]:
    """Whether a manifest says otherwise than the folder it stands in."""
    report = Problems()
    folder, said = ruleset.path.name, layers[0].node if layers else None
    for key, wanted in (("ruleset", ruleset.name), ("version", folder.partition("@")[2])):
        node = said.child(key) if said is not None and wanted else None
        if node is not None and isinstance(node.value, str) and node.value != wanted:
            message = f"The folder is called `{folder}`, and `{key}` is `{node.value}`."
            report.error(node, "misnamed-folder", message, "rename the folder, or correct what it says")
    return report.sorted()


def _whole(layer: Layer | None, problems: list[Problem], way: _Way) -> RulesetDocument:
    """The document with what it extends worked in."""
    if layer is None:
        return RulesetDocument(None, tuple(problems))
    if not way.steps[1:] and not _may_extend(layer.node):
        return RulesetDocument(layer.node, tuple(problems), (layer,))
    reading = read_by_schema(layer.node, "ruleset")
    report = Problems()
    try:
        for problem in sorted({*problems, *reading.problems}):
            report.add(problem)
        return _with_bases(layer, reading, way, report)
    except FullError:
        return RulesetDocument(None, tuple(report.sorted()), (layer,))


def _with_bases(layer: Layer, reading: SchemaReading, way: _Way, report: Problems) -> RulesetDocument:
    if way.steps[1:]:
        check_engine(reading.node, report)  # nobody else asks: the whole has the extending one's requirement
    if "extends" not in reading.node.keys:
        return RulesetDocument(attributed(reading.node), tuple(report.sorted()), (layer,))
    base = _base(reading, way, report)
    if base is None:
        return RulesetDocument(None, tuple(report.sorted()), (layer,))
    root, merging = None, list[Problem]()
    if base.root is not None and id(reading.node) not in reading.refused:
        root, merging = extend(attributed(reading.node), _override(reading), base.root)
    return RulesetDocument(root, (*report.sorted(), *base.problems, *merging), (layer, *base.layers))


def _may_extend(node: Node) -> bool:
    """Whether a document extends another, or has a key at the top that may be a misspelt `extends`."""
    return "extends" in node.keys or not node.keys.keys() <= resources.schema("ruleset")["properties"].keys()


def _override(reading: SchemaReading) -> Node | None:
    """`override` without what is not of the right shape."""
    override = reading.node.child("override")
    if override is None or id(override) in reading.refused:
        return None
    return without(override, reading.refused)


def _base(reading: SchemaReading, way: _Way, report: Problems) -> RulesetDocument | None:
    """What a document extends; none when that cannot be had, which is reported at the word itself."""
    extends = reading.node.child("extends")
    if extends is None or id(extends) in reading.refused or not isinstance(extends.value, str):
        return None
    line, column, file = extends.place()
    try:
        return _extended(extends.value, way)
    except RefusedError as error:
        report.add(replace(error.problem, file=file, line=line, column=column))
    except RulesetError as error:
        for problem in error.problems:
            report.add(problem)
    return None


def _extended(said: str, way: _Way) -> RulesetDocument:
    meant = standing(said, way.home)
    if isinstance(meant, Installed):
        _checked(meant.path, way)
        return _of_installed(meant, way)
    return _of_path(_checked(meant, way), way)


def _checked(path: Path, way: _Way) -> Path:
    """The path, unless the way down would come to it twice or become too long."""
    place = _place(path)
    places = [step.place for step in way.steps]
    if place in places:
        names = [step.called for step in way.steps[places.index(place) :]]
        message = f"The ruleset extends itself: {' → '.join(f'`{name}`' for name in [*names, names[0]])}."
        raise RefusedError("extends-cycle", message, "let one of them stand by itself")
    if len(way.steps) > MAX_BASES:
        message = f"More than {MAX_BASES} rulesets stand below each other."
        raise RefusedError("extends-too-deep", message, "extend one that stands further down")
    return path


def _place(path: Path) -> Path:
    """A folder and the manifest in it are one place."""
    return (path / MANIFEST if path.is_dir() else path).resolve()
