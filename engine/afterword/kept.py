"""Checked rulesets in a cache: one is reused only if nothing has changed that it was made of, or checked by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from afterword import resources
from afterword.bases import RefusedError, standing
from afterword.cache import Cache
from afterword.installed import Installed, RulesetSource
from afterword.paths import folder_of
from afterword.problem import RulesetError
from afterword.rule_files import fingerprint, read
from afterword.ruleset import Ruleset
from afterword.version import __version__

if TYPE_CHECKING:
    from afterword.layers import Layer

_FORMAT = 1
_JUDGES = ("holidays", "tzdata", "re2")
"""Packages that decide whether a calendar, a zone or a pattern exists."""


class Base(NamedTuple):
    """A ruleset that another extends: how that one names it, and the fingerprint of the files it was."""

    said: str
    fingerprint: bytes


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    ruleset: Ruleset
    bases: tuple[Base, ...]


def recall(cache: Cache, meant: RulesetSource, settings: Mapping[str, object]) -> Ruleset | None:
    """The ruleset that was kept for this, if everything is still as it was."""
    if not _can_be_known(meant, settings):
        return None
    try:
        texts = [("text", meant.encode())] if isinstance(meant, str) else read(_path(meant))
        content = cache.get(_name(meant, fingerprint(texts), settings))
        kept = msgspec.msgpack.decode(content, type=_Kept) if content is not None else None
        return kept.ruleset if kept is not None and _stand(kept.bases, _home(meant)) else None
    except (RulesetError, RefusedError, msgspec.DecodeError, ValueError, OverflowError, OSError):
        return None  # reading it again will show what is wrong


def keep(
    cache: Cache,
    meant: RulesetSource,
    settings: Mapping[str, object],
    layers: Sequence[Layer],
    ruleset: Ruleset,
) -> None:
    """Keeps a ruleset that was made of these layers, as they were when they were read."""
    if not _can_be_known(meant, settings):
        return
    bases = tuple(
        Base(str(upper.node.at(["extends"]).value), lower.fingerprint) for upper, lower in pairwise(layers)
    )
    try:
        name = _name(meant, layers[0].fingerprint, settings)
        content = msgspec.msgpack.encode(_Kept(ruleset, bases))
    except (ValueError, OverflowError, OSError):  # such as a number that has no other form
        return
    cache.put(name, content)


def _can_be_known(meant: RulesetSource, settings: Mapping[str, object]) -> bool:
    """Whether the texts can be read twice, which those of a pipe cannot, and each setting has one written form."""
    if not isinstance(meant, str) and not (_path(meant).is_file() or _path(meant).is_dir()):
        return False
    return all(isinstance(value, str | bool | int | float) for value in settings.values())


def _path(meant: Installed | Path) -> Path:
    return meant.path if isinstance(meant, Installed) else meant


def _home(meant: RulesetSource) -> Path | None:
    """The folder from which the paths of a document lead on."""
    if isinstance(meant, str):
        return None
    return folder_of(_path(meant))


def _stand(bases: Sequence[Base], home: Path | None) -> bool:
    """Whether each base is found where it was found, with the texts that it had."""
    for base in bases:
        meant = standing(base.said, home)
        if fingerprint(read(_path(meant))) != base.fingerprint:
            return False
        home = _home(meant)
    return True


def _name(meant: RulesetSource, texts: bytes, settings: Mapping[str, object]) -> bytes:
    """What an entry is kept under: all that a ruleset depends on but its bases."""
    kind = meant.name if isinstance(meant, Installed) else ""
    told = [_FORMAT, __version__, _workshop(), kind, texts, settings]
    return sha256(msgspec.msgpack.encode(told, order="deterministic")).digest()


# --- who made it


def _workshop() -> list[tuple[str, int, int]]:
    """The files that a ruleset is checked by, with size and time: of other code it might be judged otherwise."""
    package = Path(__file__).parent
    judges = [spec.origin for spec in map(find_spec, _JUDGES) if spec is not None and spec.origin]
    return sorted({*_files(package), *_files(resources.schema_folder()), *map(_stat_of, judges)})


def _files(folder: str | Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as found:
        for each in found:
            if each.name.endswith((".py", ".json")):
                yield _stat_of(each.path)
            elif each.is_dir() and each.name != "__pycache__":
                yield from _files(each.path)


def _stat_of(path: str) -> tuple[str, int, int]:
    found = os.stat(path)  # noqa: PTH116 - a path object for each file costs more than the rest
    return path, found.st_size, found.st_mtime_ns
