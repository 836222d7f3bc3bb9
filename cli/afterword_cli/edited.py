"""The rules of a command that runs for long: whether their files were edited, and what they say then."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from afterword.loading import document
from afterword.paths import MANIFEST, YAML
from afterword.problem import Problem, RulesetError
from afterword.ruleset import Ruleset

Look = tuple[tuple[str, int, int, int], ...]
"""Each file with its number, its size and when it was written last."""


class RulesReading(NamedTuple):
    """What the files say: a ruleset, unless there are errors in them, and all problems."""

    rules: Ruleset | None
    problems: list[Problem]


class EditedRules:
    """A ruleset by name or path, read again when its files, or those of what it extends, have changed.

    A change counts when the files look the same twice in a row, so that nobody's rules are read while an
    editor writes the second of two files.
    """

    def __init__(self, name: str, settings: Mapping[str, str]) -> None:
        self._name, self._settings = name, settings
        self._files: frozenset[str] = frozenset()
        self.first = self._read()
        self._read_as = self._last = self._look()

    def poll(self) -> RulesReading | None:
        """What the files say now, if they were edited since they were read last."""
        look = self._look()
        settled, self._last = look == self._last, look
        if look == self._read_as or not settled:
            return None
        reading = self._read()
        self._read_as = self._last = self._look()
        return reading

    def _read(self) -> RulesReading:
        try:
            found = document(self._name)
        except RulesetError as error:
            return RulesReading(None, error.problems)
        # What is known of old is looked at further: an edit may have broken the way to it.
        self._files = self._files.union(*(layer.files for layer in found.layers))
        return RulesReading(*found.build(self._settings))

    def _look(self) -> Look:
        return tuple(sorted(_looks(self._files)))


def _looks(files: frozenset[str]) -> Iterator[tuple[str, int, int, int]]:
    paths = [Path(name) for name in files]
    folders = {path.parent / "rules" for path in paths if path.name == MANIFEST}
    folders |= {path.parent for path in paths if path.parent.name == "rules"}
    for folder in folders:  # a file may be added
        with contextlib.suppress(OSError):
            paths += [each for each in folder.iterdir() if each.suffix in YAML]
    for path in set(paths):
        yield from _look_at(path)


def _look_at(path: Path) -> Iterator[tuple[str, int, int, int]]:
    try:
        seen = path.stat()
    except OSError:
        return
    yield str(path), seen.st_ino, seen.st_size, seen.st_mtime_ns
