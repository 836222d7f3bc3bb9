"""Rule files on the disk; what is not there or cannot be read is a problem (P3)."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from afterword.limits import MAX_BYTES, MAX_FILES, MAX_FOLDER_BYTES
from afterword.paths import MANIFEST, YAML, exists, reason
from afterword.problem import Problem, RulesetError
from afterword.suggest import nearest


def read(path: str | os.PathLike[str]) -> list[tuple[str, bytes]]:
    """The files of a ruleset as (name, text): the one file, or those of a folder that make up the document.

    At most one byte more than a rule file may have is read of each. Raises `RulesetError` for what is not
    there or cannot be read.
    """
    found, problems, size = list[tuple[str, bytes]](), list[Problem](), 0
    for file in _files(Path(path)):
        try:
            text = _text(file, named=file == path)
        except OSError as error:
            problems.append(_unreadable(file, error))
            continue
        found.append((file.as_posix(), text))
        size += len(text)
        if size > MAX_FOLDER_BYTES:
            raise RulesetError([_too_large(Path(path), f"more than {MAX_FOLDER_BYTES:,} bytes")])
    if problems:
        raise RulesetError(problems)
    return found


def _text(file: Path, *, named: bool) -> bytes:
    """The bytes of a file; a pipe is read when it was named itself (`<(…)` of a shell), and somebody writes into it."""
    with open(file, "rb", opener=_without_waiting) as handle:
        mode = os.fstat(handle.fileno()).st_mode
        if stat.S_ISFIFO(mode) and named:
            return _piped(handle)
        if not named and not stat.S_ISREG(mode):
            raise OSError(None, "this is no ordinary file")
        return handle.read(MAX_BYTES + 1)


def _without_waiting(path: str, flags: int) -> int:
    """Opening a pipe that nobody writes into would wait for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _piped(handle: BinaryIO) -> bytes:
    try:
        begun = os.read(handle.fileno(), 1)
    except BlockingIOError:
        begun = None  # the writer has not begun
    if begun == b"":
        raise OSError(None, "this is a pipe, and nobody writes into it")
    os.set_blocking(handle.fileno(), True)
    return (begun or b"") + handle.read(MAX_BYTES)


def fingerprint(texts: Iterable[tuple[str, bytes]]) -> bytes:
    """What these texts under these names are known by."""
    found = hashlib.sha256()
    for name, text in texts:
        for part in (name.encode("utf-8", "surrogateescape"), text):
            found.update(len(part).to_bytes(8))
            found.update(part)
    return found.digest()


def is_within(file: Path, home: Path) -> bool:
    """Whether a file really stands in a folder, whatever links there are on the way."""
    try:
        # A link to itself is an error when it is followed strictly; otherwise that depends on the Python.
        real = file.resolve(strict=True) if file.is_symlink() and not file.exists() else file.resolve()
        return real.is_relative_to(home.resolve())
    except FileNotFoundError:  # a link that leads nowhere
        return file.resolve().is_relative_to(home.resolve())
    except (OSError, RuntimeError, ValueError):  # a link to itself, or a name that no file can have
        return False


def missing(path: Path) -> Problem:
    """That there is no such file or folder, with the nearest name that there is."""
    try:
        siblings = _inside(path.parent)
    except (RulesetError, ValueError):  # no permission to look, or a name that no folder can have
        siblings = []
    near = nearest(path.name, [each.name for each in siblings])
    mend = f"did you mean `{(path.parent / near).as_posix()}`?" if near else ""
    return Problem(path.as_posix(), 0, 0, "missing-file", "There is no such file or folder.", mend)


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or those of a folder that are read."""
    if not path.is_dir():
        yield path
        return
    manifest = path / MANIFEST
    rules = [each for each in _inside(path / "rules") if each.suffix in YAML]
    if len(rules) > MAX_FILES:
        raise RulesetError([_too_large(path, f"{len(rules)} files, and a ruleset at most {MAX_FILES}")])
    for file in (manifest, *rules):
        if not is_within(file, path):
            message = "The file is a link that leads out of its folder; it is not read."
            raise RulesetError(
                [Problem(file.as_posix(), 0, 0, "unreadable-file", message, "put the file itself there")]
            )
        if file is not manifest or exists(file):
            yield file


def _inside(folder: Path) -> list[Path]:
    """What stands in a folder, by name; nothing when there is no such folder."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise RulesetError([_unreadable(folder, error)]) from None


def _too_large(folder: Path, has: str) -> Problem:
    message = f"The folder has {has}; it is not read."
    return Problem(folder.as_posix(), 0, 0, "too-large", message, "make several rulesets of it")


def _unreadable(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return missing(path)
    return Problem(path.as_posix(), 0, 0, "unreadable-file", f"This cannot be read: {reason(error)}.")
