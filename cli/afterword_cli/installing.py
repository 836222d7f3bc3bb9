"""Installs a ruleset: what it is made of is copied into a folder for rulesets, all of it or nothing (S26)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from afterword.paths import MANIFEST, reason
from afterword_cli.documents import Shelf, find
from afterword_cli.trials import plan, run_all

if TYPE_CHECKING:
    from afterword.installed import Installed
    from afterword.problem import Problem
    from afterword.ruleset import Ruleset
    from afterword_cli.documents import Document
    from afterword_cli.trials import Planned, Result

_READ_BY_PEOPLE = ("README*", "LICENSE*", "CHANGELOG*")
"""What is copied from the folder of a ruleset besides what the engine reads."""


class InstallError(Exception):
    """Nothing was installed; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Package:
    """A ruleset that may be installed: where it stands, its files by the names that they get, and its tests."""

    path: str
    ruleset: Ruleset
    files: Mapping[str, bytes]
    tests: tuple[Planned, ...]

    @property
    def called(self) -> str:
        """The name of its folder."""
        return f"{self.ruleset.name}@{self.ruleset.version}"

    def failing(self) -> list[Result]:
        """The tests that do not pass."""
        return [result for result in run_all(self.tests, None) if result.failures]


def package(path: str) -> tuple[Package | None, list[Problem]]:
    """What stands at a path, unless there is an error in it or in its tests, and every problem.

    Raises `InstallError` for what is not one ruleset, and for a file of it that cannot be read.
    """
    documents, problems = find([path])
    shelf = Shelf()
    planned, found = plan(documents, shelf)
    problems += found
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    rulesets = [each for each in documents if each.kind == "ruleset"]
    if len(rulesets) != 1 or rulesets[0].home is None:
        raise InstallError(f"{path}: name the file or folder of one ruleset")
    (document,) = rulesets
    book = shelf.of(document)
    assert book is not None
    ruleset, _ = book.build({})
    assert ruleset is not None, "a ruleset without errors can be built"
    files = [Path(each) for each in book.files()] + [each.path for each in documents if each.kind == "tests"]
    return Package(path, ruleset, dict(_texts(document, files)), tuple(planned)), problems


def _texts(document: Document, files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """The files by the names that they get; those of installed rulesets stand elsewhere, and stay there."""
    alone = document.text is not None
    home = document.path.parent if alone else document.path
    told = [] if alone else [file for pattern in _READ_BY_PEOPLE for file in home.glob(pattern)]
    for file in sorted({*files, *filter(Path.is_file, told)}):
        if file.is_relative_to(home):
            name = MANIFEST if file == document.path else file.relative_to(home).as_posix()
            yield name, _read(file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InstallError(f"{file} cannot be read: {reason(error)}") from None


def install(package: Package, place: Path) -> tuple[Path, bool]:
    """The folder in which the ruleset is now installed, and whether it was there already.

    A version means one content for ever: raises `InstallError` if another one is installed in that version, and
    `OSError` for what cannot be written.
    """
    from afterword.installed import installed, standing_in  # noqa: PLC0415

    known = [*standing_in(place), *installed()]
    for each in known:
        if (each.name, each.version) == (package.ruleset.name, package.ruleset.version):
            return _as_it_is(package, each), True
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".installing-", dir=place) as beside:
        # One folder deeper than where installed rulesets are looked for, until it is complete.
        made = Path(beside) / package.called
        for name, text in package.files.items():
            file = made / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
        _check(made, package)
        target = place / package.called
        try:
            os.rename(made, target)  # noqa: PTH104 - never into a folder, as `shutil.move` would
        except OSError:
            if not target.exists():
                raise
            raise InstallError(f"{target} is there already; remove it first") from None
    return target, False


def _as_it_is(package: Package, known: Installed) -> Path:
    """The folder of the same version, if it is the same in all that the rules say and their tests ask."""
    same = all(_holds(known.path / name, text) for name, text in package.files.items())
    if not same:
        raise InstallError(
            f"{package.called} is installed already, in {known.path}, and is not the same; raise `version` "
            f"(`afterword diff {known.path} {package.path}` says to which)"
        )
    return known.path


def _holds(file: Path, text: bytes) -> bool:
    try:
        return file.read_bytes() == text
    except OSError:
        return False


def _check(made: Path, package: Package) -> None:
    """That the copy says the same as what was copied: a file may have changed meanwhile, or stand in for another."""
    from afterword.loading import check  # noqa: PLC0415

    ruleset, _ = check(made)
    if ruleset is None or ruleset.digest != package.ruleset.digest:
        raise InstallError(
            "a copy of it would not be the same ruleset; put it into a folder of its own, "
            f"as `{MANIFEST}` with what it extends beside it"
        )
