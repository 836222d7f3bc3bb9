"""Rulesets from the disk: by name, by path or as text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from afterword.installed import Installed, NotInstalledError, RulesetSource, choose, installed, versions
from afterword.paths import exists
from afterword.problem import Problem, RulesetError
from afterword.rule_files import missing, read
from afterword.ruleset import Ruleset

if TYPE_CHECKING:
    from afterword.cache import Cache
    from afterword.layers import RulesetDocument

__all__ = ["RulesetError", "check", "document", "installed", "load", "locate", "read"]

_NAME = re.compile(r"(?P<name>[a-z][a-z0-9-]*)(?:@(?P<range>[^/\\]*))?")


def load(
    what: str | os.PathLike[str], params: Mapping[str, object] | None = None, *, cache: Cache | None = None
) -> Ruleset:
    """The ruleset with this name (`after-interview`, `after-interview@^1`), path or text (S26).

    A name of an installed ruleset goes before a file of that name; write `./NAME` for the file. Text is told
    by its line breaks. `params` sets params of the ruleset by their names (S15). A ruleset that a cache was
    given is had from it when nothing has changed. Raises `RulesetError` with every problem.
    """
    meant, settings = _meant(what), params or {}
    if cache is not None:
        from afterword import kept  # noqa: PLC0415 - only with a cache

        known = kept.recall(cache, meant, settings)
        if known is not None:
            return known
    found = _document(meant)
    ruleset, problems = found.build(settings)
    if ruleset is None:
        raise RulesetError([problem for problem in problems if problem.severity == "error"])
    if cache is not None:
        kept.keep(cache, meant, settings, found.layers, ruleset)
    return ruleset


def check(
    what: str | os.PathLike[str], params: Mapping[str, object] | None = None
) -> tuple[Ruleset | None, list[Problem]]:
    """The same without raising: the ruleset, if there is no error in it, and all problems, warnings too."""
    try:
        return document(what).build(params or {})
    except RulesetError as error:
        return None, error.problems


def document(what: str | os.PathLike[str]) -> RulesetDocument:
    """The document of a ruleset, for callers that build it more than once or look at what it was made of.

    Raises `RulesetError` for what is not there or cannot be read.
    """
    return _document(_meant(what))


def locate(what: str | os.PathLike[str]) -> Path:
    """The file or folder that a name or a path means; raises `RulesetError` when there is none."""
    meant = _standing(what)
    return meant.path if isinstance(meant, Installed) else meant


def hidden(what: str) -> Path | None:
    """The file or folder here that is not meant, because an installed ruleset has the same name (S26)."""
    here = Path(what)
    if _NAME.fullmatch(what) is None or not exists(here):
        return None
    known = versions(what)
    return None if not known or any(here.samefile(each.path) for each in known) else here


def _document(meant: RulesetSource) -> RulesetDocument:
    from afterword import layers  # noqa: PLC0415 - the readers of YAML and all checks: not for what a cache has

    if isinstance(meant, str):
        return layers.of_text(meant)
    return layers.of_installed(meant) if isinstance(meant, Installed) else layers.of_path(meant)


def _meant(what: str | os.PathLike[str]) -> RulesetSource:
    return what if isinstance(what, str) and "\n" in what else _standing(what)


def _standing(what: str | os.PathLike[str]) -> Installed | Path:
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
