"""Which installed ruleset a name means: those that ship, and those in folders that the environment names (S26)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from afterword import resources
from afterword.limits import MAX_BYTES
from afterword.paths import MANIFEST, is_file, is_folder
from afterword.suggest import hint
from afterword.versions import NoRange, Point, Version, parse_range, parse_version

PLACES = "AFTERWORD_RULESETS"
"""The variable of the environment with more folders of rulesets, joined like those of PATH."""


class Installed(NamedTuple):
    """A ruleset that ships with the package, or that was put into one of the other places."""

    name: str
    version: str
    path: Path


RulesetSource = Installed | Path | str
"""A ruleset that is installed, one at a path, or the text of one."""


class NotInstalledError(Exception):
    """No installed ruleset is meant; `code`, `message` and `hint` are those of the problem to report."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def installed() -> list[Installed]:
    """Every installed ruleset, by name and then by version, the newest last.

    Of a version that stands in two places only the first counts: what the environment names goes before what
    ships.
    """
    found: dict[tuple[str, str], Installed] = {}
    for place in places():
        for each in standing_in(place):
            found.setdefault((each.name, each.version), each)
    return sorted(found.values(), key=lambda each: (each.name, _age(each.version), each.version))


def versions(name: str) -> list[Installed]:
    """The installed versions of a ruleset, the newest last."""
    return [each for each in installed() if each.name == name]


def choose(name: str, wanted: str | None = None) -> Installed:
    """The newest installed version that fits a range (`^1`); without one the newest that is no pre-release.

    Raises `NotInstalledError` when there is none, or when the range is none.
    """
    known = versions(name)
    if not known:
        raise _unknown(name)
    if wanted is None:
        return newest(known)
    exact = [each for each in known if each.version == wanted.strip()]
    return exact[0] if exact else _newest_that_fits(known, wanted)


def newest(known: Sequence[Installed]) -> Installed:
    """The newest of these that is no pre-release; if all are, the newest."""
    releases = [each for each in known if not _version(each.version).pre]
    return (releases or known)[-1]


def _newest_that_fits(known: Sequence[Installed], wanted: str) -> Installed:
    range_ = parse_range(wanted)
    if isinstance(range_, NoRange):
        raise NotInstalledError("bad-version", range_.reason)
    fitting = [each for each in known if _is_version(each.version) and range_.fits(_version(each.version))]
    if fitting:
        return fitting[-1]
    name = known[0].name
    message = f"No installed version of `{name}` fits `{wanted.strip()}`."
    if parse_version(wanted.strip()) is not None:
        message = f"Version {wanted.strip()} of `{name}` is not installed."
    listed = ", ".join(f"`{name}@{each.version}`" for each in known)
    raise NotInstalledError("unknown-ruleset", message, f"installed: {listed}")


def _unknown(name: str) -> NotInstalledError:
    known = {each.name for each in installed()}
    missing = [place for place in places() if not is_folder(place)]
    told = [hint(name, known, "installed")]
    told += [f"`{place}`, which {PLACES} names, is no folder" for place in missing]
    message = f"No ruleset `{name}` is installed."
    return NotInstalledError("unknown-ruleset", message, "; ".join(filter(None, told)))


# --- places


def places() -> list[Path]:
    """The folders in which rulesets stand, those first that go before the others; the last one ships."""
    named = os.environ.get(PLACES, "").split(os.pathsep)
    return [*(Path(each) for each in named if each.strip()), resources.ruleset_folders()]


def standing_in(place: Path) -> Iterator[Installed]:
    """The folders `NAME` and `NAME@VERSION` of a place; nothing when it cannot be looked at."""
    try:
        folders = sorted(place.iterdir())
    except (OSError, ValueError):
        return
    for folder in folders:
        manifest = folder / MANIFEST
        if is_file(manifest):
            name, _, version = folder.name.partition("@")
            yield Installed(name, version or _version_in(manifest), folder)


def _version_in(manifest: Path) -> str:
    """The version that a manifest tells; most often one look at its lines is enough."""
    try:
        with manifest.open("rb") as handle:
            text = handle.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    match = re.search(r"^version:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    if match is not None:
        return match[1]
    return _version_parsed(text, manifest.as_posix())


def _version_parsed(text: str, name: str) -> str:
    from afterword.document import text as text_at  # noqa: PLC0415 - hardly any manifest needs the YAML parser here
    from afterword.yaml_tree import parse  # noqa: PLC0415

    node, _ = parse(text, name)
    return text_at(node, "version")


# --- versions


def _is_version(text: str) -> bool:
    return parse_version(text) is not None


def _version(text: str) -> Version:
    """The version; what is none stands before all that are, and is a release, so that a name alone finds it."""
    return parse_version(text) or Version((-1, 0, 0))


def _age(text: str) -> Point:
    return _version(text).point
