"""What the paths given to `check` and `test` mean: rulesets, mappings and files of tests, and what belongs together."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from afterword.paths import MANIFEST, YAML, exists, is_file, is_folder, reason
from afterword.rim.names import STDIN, called

if TYPE_CHECKING:
    from afterword.layers import RulesetDocument
    from afterword.problem import Problem
    from afterword.ruleset import Ruleset

DocumentKind = Literal["ruleset", "mapping", "tests"]

UNREADABLE = frozenset({"missing-file", "unreadable-file", "unknown-ruleset"})
"""Codes of problems with the input as such, not with what stands in it."""

_KINDS: Mapping[str, DocumentKind] = {"schema": "ruleset", "mapping": "mapping", "tests": "tests"}
_KEY = re.compile(r"[\"']?(\w+)[\"']?[ \t]*:[ \t]*[\"']?")
_ANY_KEY = re.compile(r"^[\"']?(schema|mapping|tests)[\"']?[ \t]*:", re.MULTILINE)
_OUR_KEY = re.compile(rb"^[\"']?(schema|mapping|tests)[\"']?[ \t]*:[ \t]*[\"']?afterword/", re.MULTILINE)
_MANIFEST_KEY = re.compile(rb"^[\"']?(schema|ruleset)[\"']?[ \t]*:", re.MULTILINE)
"""Other tools have files called `ruleset.yaml` too; in ours one of these keys stands, even with mistakes."""


@dataclass(frozen=True, slots=True)
class Document:
    """Something that can be checked. `text` is that of a file; a ruleset may be a folder, which has none."""

    kind: DocumentKind
    path: Path
    text: bytes | None = None

    @property
    def name(self) -> str:
        """What problems call it."""
        return called(self.path.as_posix())

    @property
    def home(self) -> Path | None:
        """The folder that a file stands in."""
        return None if str(self.path) == STDIN else self.path.parent


def find(paths: Iterable[str], *, ignore_unknown: bool = False) -> tuple[list[Document], list[Problem]]:
    """The documents that the paths name, each once, and what is wrong with the paths themselves.

    A file of a ruleset's folder means the whole ruleset with its tests. A folder that is no ruleset is
    searched for what can be checked. `ignore_unknown` passes over files that do not say that they are ours.
    """
    documents: dict[tuple[DocumentKind, Path], Document] = {}
    problems: list[Problem] = []
    for path in paths:
        if ignore_unknown and is_file(Path(path)) and not _is_ours(Path(path)):
            continue
        for found in _named(path):
            if isinstance(found, Document):
                documents.setdefault((found.kind, found.path), found)
            else:
                problems.append(found)
    return list(documents.values()), problems


# --- rulesets


class Rulebook:
    """A ruleset that is read once and built with as many settings of its params as are asked for."""

    def __init__(self, document: RulesetDocument) -> None:
        self._document = document
        self._built: dict[str, tuple[Ruleset | None, list[Problem]]] = {}
        ruleset, self.problems = self.build({})
        self.usable = ruleset is not None

    def build(self, settings: Mapping[str, object]) -> tuple[Ruleset | None, list[Problem]]:
        """The ruleset with these params."""
        key = repr(sorted(settings.items()))
        if key not in self._built:
            self._built[key] = self._document.build(settings)
        return self._built[key]

    def files(self) -> Iterator[str]:
        """The files that it is made of, those of what it extends among them."""
        for layer in self._document.layers:
            yield from layer.files

    def own_rules(self) -> frozenset[str]:
        """The rules that it adds or makes to do something else, of all that it has with what it extends."""
        from afterword.origins import own_rules  # noqa: PLC0415

        ruleset, _ = self.build({})
        return frozenset() if ruleset is None else own_rules(self._document, ruleset)


class Shelf:
    """The rulebooks that are needed, each opened once. `default` is for tests that stand beside no ruleset."""

    def __init__(self, default: str | None = None) -> None:
        self._default = default
        self._open: dict[str, Rulebook] = {}

    def of(self, document: Document) -> Rulebook | None:
        """The rulebook of a ruleset, or the one that a file of tests is about."""
        if document.kind == "ruleset":
            return self._opened(document.path, document)
        home = _beside(document.path) or self._default
        return None if home is None else self._opened(home)

    def files(self) -> Iterator[str]:
        """The files of all rulebooks that were opened."""
        for book in self._open.values():
            yield from book.files()

    def _opened(self, what: Path | str, document: Document | None = None) -> Rulebook:
        key = str(what)
        if key not in self._open:
            self._open[key] = _rulebook(what, document)
        return self._open[key]


def _rulebook(what: Path | str, document: Document | None) -> Rulebook:
    from afterword.layers import RulesetDocument, of_text  # noqa: PLC0415
    from afterword.loading import RulesetError  # noqa: PLC0415
    from afterword.loading import document as read_document  # noqa: PLC0415

    if document is not None and document.text is not None:
        return Rulebook(of_text(document.text, document.name, document.home))
    try:
        return Rulebook(read_document(what))
    except RulesetError as error:
        return Rulebook(RulesetDocument(None, tuple(error.problems)))


def _beside(path: Path) -> Path | None:
    """The ruleset that a file of tests belongs to: of the folder above `tests`, or of the file's own folder."""
    for home in [_above(path)] * (_folder_name(path) == "tests") + [path.parent]:
        if is_file(home / MANIFEST):
            return home
        files, _ = _files(home)
        alone = [file for file in files if _kind(_text(file)) == "ruleset"]
        if len(alone) == 1:
            return alone[0]
    return None


# --- what a path means


def _named(path: str) -> Iterator[Document | Problem]:
    from afterword.limits import MAX_BYTES  # noqa: PLC0415
    from afterword.loading import RulesetError, locate  # noqa: PLC0415

    if path == STDIN:
        yield _of_text(Path(path), sys.stdin.buffer.read(MAX_BYTES + 1) if sys.stdin else b"")
        return
    if not path:
        yield _problem("(empty)", "missing-file", "A path is empty.", "write `.` for this folder")
        return
    try:
        place = Path(path) if exists(Path(path)) else locate(path)
    except RulesetError as error:
        yield from error.problems
        return
    if not is_folder(place):
        yield from _of_file(place)
        return
    found = list(_in_folder(place))
    yield from found or [_problem(path, "missing-file", "This folder holds no ruleset, mapping or tests.")]


def _of_file(path: Path) -> Iterator[Document | Problem]:
    """The ruleset that the file is a part of, or else what the file is by itself."""
    from afterword.loading import RulesetError, read  # noqa: PLC0415

    if path.name == MANIFEST:
        yield from _in_folder(path.parent)
    elif _folder_name(path) == "rules" and is_file(_above(path) / MANIFEST):
        yield from _in_folder(_above(path))
    else:
        try:
            found = _of_text(path, read(path)[0][1])
        except RulesetError as error:
            yield from error.problems
            return
        yield found
        if isinstance(found, Document) and found.kind == "ruleset":
            yield from _tests_of_file(path)


def _tests_of_file(path: Path) -> Iterator[Document]:
    """The tests of a ruleset of one file: those in the folder `tests` beside it, if it is the only one there."""
    folder = path.parent / "tests"
    if is_folder(folder) and _beside(folder / "any") == path:
        for file in _files(folder)[0]:
            text = _text(file)
            if _kind(text, surely=True) == "tests":
                yield Document("tests", file, text)


def _of_text(path: Path, text: bytes) -> Document | Problem:
    kind = _kind(text) or _kind(text, anywhere=True)
    if kind is not None:
        return Document(kind, path, text)
    return _unknown(Document("ruleset", path, text))


def kind_of(text: bytes) -> DocumentKind | None:
    """What the beginning of a file says that it is, with our format as the value of its first key."""
    return _kind(text, surely=True)


def _unknown(document: Document) -> Problem:
    """Why a file cannot be checked: it is a log, or no YAML at all, or none of ours."""
    from afterword.yaml_tree import parse  # noqa: PLC0415
    from afterword_cli.mistaken import A_LOG, looks_like_log  # noqa: PLC0415

    if looks_like_log(document.name, document.text or b""):
        return _problem(document.name, "unknown-document", A_LOG)
    _, problems = parse(document.text or b"", document.name)
    if problems:
        return problems[0]
    message = "This is no ruleset, no mapping and no file of tests."
    mend = "begin it with `schema: afterword/1`, `mapping: afterword/1` or `tests: afterword/1`"
    return _problem(document.name, "unknown-document", message, mend, 1)


def _in_folder(folder: Path) -> Iterator[Document | Problem]:
    if is_file(folder / MANIFEST):
        yield Document("ruleset", folder)
        if exists(folder / "tests"):
            yield from _all_tests(folder / "tests")
    elif _folder_name(folder / "any") in ("rules", "tests") and is_file(_above(folder / "any") / MANIFEST):
        yield from _in_folder(_above(folder / "any"))
    else:
        yield from _searched(folder)


def _all_tests(folder: Path) -> Iterator[Document | Problem]:
    from afterword.loading import RulesetError, read  # noqa: PLC0415

    files, problems = _files(folder)
    yield from problems
    for file in files:
        try:
            yield Document("tests", file, read(file)[0][1])
        except RulesetError as error:
            yield from error.problems


def _searched(folder: Path) -> Iterator[Document | Problem]:
    """What there is in a folder of other things: files that say what they are, and rulesets below it."""
    files, problems = _files(folder)
    yield from problems
    for file in files:
        text = _text(file)
        kind = _kind(text, surely=True)
        if kind is not None:
            yield Document(kind, file, text)
    for inner in sorted(folder.iterdir()) if not problems else ():
        if not inner.name.startswith(".") and not inner.is_symlink() and is_folder(inner):
            yield from _in_folder(inner)


def _kind(text: bytes, *, anywhere: bool = False, surely: bool = False) -> DocumentKind | None:
    """What a text is by its first key; `surely`: with our format as its value; `anywhere`: by any key."""
    decoded = text.decode("utf-8", "replace").removeprefix("\ufeff")
    if anywhere:
        found = _ANY_KEY.search(decoded)
        return _KINDS[found[1]] if found else None
    for line in decoded.splitlines():
        first = line.strip().lstrip("{").strip()
        if first and not first.startswith(("#", "---", "%")):
            key = _KEY.match(first)
            ours = key is not None and (not surely or first.startswith("afterword/", key.end()))
            return _KINDS.get(key[1]) if key is not None and ours else None
    return None


def _is_ours(path: Path) -> bool:
    """Whether a file says that it is one of ours, or belongs to a ruleset that says so."""
    from afterword.loading import RulesetError, read  # noqa: PLC0415

    try:
        text = read(path)[0][1]
    except RulesetError:
        return True  # who knows? what is wrong with it has to be told
    if _kind(text, surely=True) is not None or _OUR_KEY.search(text):
        return True
    if path.name == MANIFEST:
        return _MANIFEST_KEY.search(text) is not None
    manifest = _above(path) / MANIFEST
    return _folder_name(path) in ("rules", "tests") and is_file(manifest) and _is_ours(manifest)


# --- the disk


def _files(folder: Path) -> tuple[list[Path], list[Problem]]:
    """The YAML files that stand in a folder, by name."""
    try:
        return sorted(each for each in folder.iterdir() if each.suffix in YAML and is_file(each)), []
    except OSError as error:
        told = f"This cannot be read: {reason(error)}."
        return [], [_problem(folder.as_posix(), "unreadable-file", told)]


def _text(path: Path) -> bytes:
    """A file that is only looked at; nothing when it cannot be read."""
    from afterword.loading import RulesetError, read  # noqa: PLC0415

    try:
        return read(path)[0][1]
    except RulesetError:
        return b""


def _folder_name(path: Path) -> str:
    """The name of the folder that a file stands in, also when the path does not say it."""
    return path.parent.name if path.parent.name not in ("", "..") else path.parent.absolute().resolve().name


def _above(path: Path) -> Path:
    """The folder above the one that the file stands in, relative if the path is."""
    return path.parent.parent if path.parent.name not in ("", "..") else path.parent / ".."


def _problem(file: str, code: str, message: str, mend: str = "", line: int = 0) -> Problem:
    from afterword.problem import Problem  # noqa: PLC0415

    return Problem(file, line, line, code, message, mend)
