"""Finds the ruleset that another extends (S27): installed under a name, or at a path beside the other."""

from __future__ import annotations

import re
from pathlib import Path

from afterword.installed import Installed, NotInstalledError, choose
from afterword.paths import MANIFEST, exists
from afterword.problem import Problem
from afterword.rule_files import is_within, missing

_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(?:@(?P<range>.*))?", re.DOTALL)


class RefusedError(Exception):
    """The ruleset that is extended cannot be had."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem("", 0, 0, code, message, hint)


def standing(said: str, home: Path | None) -> Installed | Path:
    """What `extends` means in a file that stands in the folder `home`, if it stands in one (RefusedError)."""
    name = _NAME.fullmatch(said)
    if name is None:
        return _path(said, home)
    try:
        return choose(name["name"], name["range"])
    except NotInstalledError as error:
        beside = _beside(said, home)
        mend = f"to extend what stands beside this file, write `extends: {beside}`" if beside else error.hint
        raise RefusedError(error.code, error.message, mend) from None


def _beside(said: str, home: Path | None) -> str:
    """The path of a ruleset beside the file, whose name was written as that of an installed one; else nothing."""
    name = said.partition("@")[0]
    found = (
        each for each in (name, f"{name}.yaml", f"{name}.yml") if home is not None and exists(home / each)
    )
    return next((f"./{each}" for each in found), "")


def _path(said: str, home: Path | None) -> Path:
    """The file or folder that a path such as `./base` means; it lies in the folder that the file itself stands in."""
    if home is None:
        message = "A text that was read from no file has no folder for a path to begin in."
        raise RefusedError("extends-outside", message, "extend an installed ruleset by its name")
    path = home / said
    if ".." in path.relative_to(home).parts or not is_within(path, home):
        raise _outside()
    if not exists(path):
        problem = missing(path)
        raise RefusedError(problem.code, f"There is no file or folder `{path.as_posix()}`.", problem.hint)
    if path.is_dir() and not (path / MANIFEST).is_file():
        message = f"The folder `{path.as_posix()}` has no file `{MANIFEST}`."
        raise RefusedError("missing-file", message, "a ruleset is a file, or a folder with that file in it")
    if not path.is_dir() and not path.is_file():
        raise RefusedError("unreadable-file", f"`{path.as_posix()}` is neither a file nor a folder.")
    return path


def _outside() -> RefusedError:
    message = "The path leads out of the folder that this file stands in."
    mend = "for a ruleset that stands elsewhere, name its folder's folder in AFTERWORD_RULESETS and extend it by name"
    return RefusedError("extends-outside", message, mend)
