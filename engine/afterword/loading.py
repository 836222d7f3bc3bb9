"""Rulesets from the disk: by name, by path or as text. Nothing else in the engine reads files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from afterword import resources
from afterword.build import build
from afterword.folder import read_folder
from afterword.problem import Problem
from afterword.ruleset import Ruleset
from afterword.source import MAX_BYTES, Node, parse
from afterword.suggest import hint, nearest

_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(@(?P<version>[0-9A-Za-z.+-]+))?")
_MANIFEST = "ruleset.yaml"


class RulesetError(Exception):
    """A ruleset cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Installed(NamedTuple):
    """A ruleset that ships with the package or was put beside those that do."""

    name: str
    version: str
    path: Path


def load(what: str | os.PathLike[str], params: Mapping[str, object] | None = None) -> Ruleset:
    """The ruleset with this name (`after-interview`, `after-interview@1.0.0`), path or text.

    A name of an installed ruleset goes before a file of that name; write `./NAME` for the file. Text is told
    by its line breaks. Raises `RulesetError` with every problem.
    """
    ruleset, problems = check(what, params)
    if ruleset is None:
        raise RulesetError([problem for problem in problems if problem.severity == "error"])
    return ruleset


def check(
    what: str | os.PathLike[str], params: Mapping[str, object] | None = None
) -> tuple[Ruleset | None, list[Problem]]:
    """The same without raising: the ruleset, if there is no error in it, and all problems, warnings too."""
    try:
        node, problems = document(what)
    except RulesetError as error:
        return None, error.problems
    if node is None:
        return None, sorted(problems)
    ruleset, found = build(node, params or {})
    everything = sorted({*problems, *found})
    return (None if any(each.severity == "error" for each in problems) else ruleset), everything


def document(what: str | os.PathLike[str]) -> tuple[Node | None, list[Problem]]:
    """The document of a ruleset as a tree, for whoever builds it more than once, and what is wrong with its text.

    Raises `RulesetError` for what is not there or cannot be read.
    """
    if isinstance(what, str) and "\n" in what:
        return parse(what, "text")
    path = locate(what)
    texts = read(path)
    if not path.is_dir():
        (name, text), *_ = texts
        return parse(text, name)
    folder = path.as_posix()
    return read_folder({name.removeprefix(f"{folder}/"): text for name, text in texts}, folder)


def read(path: str | os.PathLike[str]) -> list[tuple[str, bytes]]:
    """The files of a ruleset as (name, text): the one file, or those of a folder that make up the document.

    At most one byte more than a rule file may have is read of each. Raises `RulesetError` for what is not
    there or cannot be read.
    """
    found, problems = list[tuple[str, bytes]](), list[Problem]()
    for file in _files(Path(path)):
        try:
            with file.open("rb") as handle:
                found.append((file.as_posix(), handle.read(MAX_BYTES + 1)))
        except OSError as error:
            problems.append(_unreadable(file, error))
    if problems:
        raise RulesetError(problems)
    return found


def installed() -> list[Installed]:
    """Every installed ruleset, by name and then by version, the newest last."""
    folders = resources.ruleset_folders()
    if not folders.is_dir():
        return []
    found = [_installed(folder) for folder in folders.iterdir() if (folder / _MANIFEST).is_file()]
    return sorted(found, key=lambda each: (each.name, _precedence(each.version), each.path.name))


def locate(what: str | os.PathLike[str]) -> Path:
    """The file or folder that a name or a path means; raises `RulesetError` when there is none."""
    name = _NAME.fullmatch(what) if isinstance(what, str) else None
    if name is not None:
        of_name = [each for each in installed() if each.name == name["name"]]
        versions = [each for each in of_name if name["version"] in (None, each.version)]
        if versions:
            return versions[-1].path
        if of_name:
            raise RulesetError([_unknown_version(name["name"], name["version"], of_name)])
    path = Path(what)
    if _exists(path):
        return path
    raise RulesetError([_unknown_name(str(what)) if name is not None else _missing(path)])


# --- files


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or those of a folder that are read."""
    if not path.is_dir():
        yield path
        return
    home = path.resolve()
    manifest = path / _MANIFEST
    rules = [each for each in _inside(path / "rules") if each.suffix in (".yaml", ".yml")]
    for file in (manifest, *rules):
        if not _is_within(file, home):
            message = "The file is a link that leads out of its folder; it is not read."
            raise RulesetError(
                [Problem(file.as_posix(), 0, 0, "unreadable-file", message, "put the file itself there")]
            )
        if file is not manifest or _exists(file):
            yield file


def _inside(folder: Path) -> list[Path]:
    """What stands in a folder, by name; nothing when there is no such folder."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise RulesetError([_unreadable(folder, error)]) from None


def _is_within(file: Path, home: Path) -> bool:
    try:
        return file.resolve().is_relative_to(home)
    except (OSError, RuntimeError):  # a link to itself
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _unreadable(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return _missing(path)
    reason = (error.strerror or type(error).__name__).lower()
    return Problem(path.as_posix(), 0, 0, "unreadable-file", f"This cannot be read: {reason}.")


def _missing(path: Path) -> Problem:
    try:
        siblings = _inside(path.parent)
    except (RulesetError, ValueError):  # no permission to look, or a name that no folder can have
        siblings = []
    near = nearest(path.name, [each.name for each in siblings])
    mend = f"did you mean `{(path.parent / near).as_posix()}`?" if near else ""
    return Problem(path.as_posix(), 0, 0, "missing-file", "There is no such file or folder.", mend)


# --- names


def _installed(folder: Path) -> Installed:
    """A folder `NAME`, or `NAME@VERSION` where several versions stand side by side (S26)."""
    name, _, version = folder.name.partition("@")
    return Installed(name, version or _version(folder / _MANIFEST), folder)


def _version(manifest: Path) -> str:
    """The version that a manifest tells, without reading more of it than that."""
    try:
        with manifest.open("rb") as handle:
            text = handle.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    match = re.search(r"^version:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    return match[1] if match else ""


def _precedence(version: str) -> tuple[list[int], bool, str]:
    """Semantic versioning's order: a pre-release comes before its release."""
    numbers, _, pre = version.partition("+")[0].partition("-")
    return [int(number) for number in re.findall(r"[0-9]+", numbers)], not pre, pre


def _unknown_name(name: str) -> Problem:
    known = {each.name for each in installed()}
    message = f"No ruleset `{name}` is installed, and there is no such file."
    return Problem(name, 0, 0, "unknown-ruleset", message, hint(name.partition("@")[0], known, "installed"))


def _unknown_version(name: str, version: str, of_name: list[Installed]) -> Problem:
    message = f"Version {version} of `{name}` is not installed."
    versions = ", ".join(f"`{name}@{each.version}`" for each in of_name)
    return Problem(f"{name}@{version}", 0, 0, "unknown-ruleset", message, f"installed: {versions}")
