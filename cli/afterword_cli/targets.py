"""Refuses to write a file that the command also reads, since that would destroy it."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from afterword.rim.names import STDIN, called


def refuse_inputs(option: str, target: str | None, inputs: Iterable[str | None]) -> None:
    """A usage error when the file that an option names is one of the inputs, whatever both are called.

    To be asked before anything is opened: opening a file to write it empties it. What the inputs are is not asked
    when there is no such file.
    """
    if target is None:
        return
    for each in inputs:
        if each is not None and _is_same(target, each):
            told = f"this file is read too, as {called(each)}, and would be written over; name another one"
            raise click.UsageError(f"{option} {target}: {told}")


def of_rules(name: str | None) -> Iterator[str]:
    """The files of a ruleset and of those that it extends, and its tests."""
    if name is None:
        return
    from afterword.loading import document  # noqa: PLC0415 - only where a file is to be written
    from afterword.problem import RulesetError  # noqa: PLC0415

    with contextlib.suppress(RulesetError):
        for layer in document(name).layers:
            yield from layer.files
    path = Path(name)
    with contextlib.suppress(OSError, ValueError):
        if path.is_file():
            yield name
        for folder in (path, path / "rules", path / "tests"):
            yield from (str(each) for each in folder.glob("*.y*ml"))


def _is_same(target: str, each: str) -> bool:
    if each == STDIN:
        return _is_stdin(target)
    try:
        if os.path.samefile(target, each):  # noqa: PTH121 - of names, which need not be paths
            return not _is_device(target)
    except (OSError, ValueError):  # one of them is not there yet, and may be the other one all the same
        with contextlib.suppress(OSError, ValueError):
            return os.path.realpath(target) == os.path.realpath(each)
    return False


def _is_stdin(target: str) -> bool:
    try:
        found = os.fstat(sys.stdin.fileno())
        return os.path.samestat(found, Path(target).stat()) and not _is_device(target)
    except (AttributeError, OSError, ValueError):  # it is closed, or no file stands behind it
        return False


def _is_device(target: str) -> bool:
    """Such as a terminal or `/dev/null`, which holds nothing that could be destroyed."""
    return stat.S_ISCHR(Path(target).stat().st_mode)
