"""Rulesets from the disk: by name, by path or as text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from afterword import layers
from afterword.installed import Installed, NotInstalledError, choose, installed, versions
from afterword.layers import Document
from afterword.problem import Problem, RulesetError
from afterword.rule_files import exists, missing, read
from afterword.ruleset import Ruleset

__all__ = ["Document", "RulesetError", "check", "document", "installed", "load", "locate", "read"]

_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(?:@(?P<range>[^/\\]*))?")


def load(what: str | os.PathLike[str], params: Mapping[str, object] | None = None) -> Ruleset:
    """The ruleset with this name (`after-interview`, `after-interview@^1`), path or text.

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
        return document(what).build(params or {})
    except RulesetError as error:
        return None, error.problems


def document(what: str | os.PathLike[str]) -> Document:
    """The document of a ruleset, for whoever builds it more than once or looks at what it was made of.

    Raises `RulesetError` for what is not there or cannot be read.
    """
    if isinstance(what, str) and "\n" in what:
        return layers.of_text(what)
    meant = _meant(what)
    return layers.of_installed(meant) if isinstance(meant, Installed) else layers.of_path(meant)


def locate(what: str | os.PathLike[str]) -> Path:
    """The file or folder that a name or a path means; raises `RulesetError` when there is none."""
    meant = _meant(what)
    return meant.path if isinstance(meant, Installed) else meant


def _meant(what: str | os.PathLike[str]) -> Installed | Path:
    name = _NAME.fullmatch(what) if isinstance(what, str) else None
    path = Path(what)
    if name is None:
        if not exists(path):
            raise RulesetError([missing(path)])
        return path
    if not versions(name["name"]) and exists(path):
        return path
    try:
        return choose(name["name"], name["range"])
    except NotInstalledError as error:
        message = error.message
        if not versions(name["name"]):
            message = f"{message.removesuffix('.')}, and there is no such file."
        raise RulesetError([Problem(str(what), 0, 0, error.code, message, error.hint)]) from None
