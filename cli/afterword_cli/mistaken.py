"""A file that was named where another kind of file belongs: what it is, and what reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from afterword.paths import MANIFEST, YAML, is_folder
from afterword.rim.names import is_table
from afterword_cli.clean import clean

_HEAD = 1 << 16
_OURS = {
    "ruleset": "This is a rule file; name it with --rules.",
    "mapping": "This is a mapping file; name it with --map.",
    "tests": "This is a file of tests; `afterword test` runs it.",
}
A_LOG = "This looks like an event log, not a rule file; `afterword evaluate` reads it."


def refuse_rule_files(logs: Iterable[str]) -> None:
    """A usage error when one of the logs is a file of rules, and not a log."""
    for log in logs:
        kind = _kind_of_ours(Path(log))
        if kind is not None:
            raise click.UsageError(f"{log}: {_OURS[kind]}")


def _kind_of_ours(path: Path) -> str | None:
    if is_folder(path):
        return "ruleset" if _head(path / MANIFEST) else None
    if path.suffix not in YAML:
        return None
    from afterword_cli.documents import kind_of  # noqa: PLC0415 - only to look at what may be one

    return kind_of(_head(path))


def look_at_rules(*rules: str | None) -> None:
    """A usage error when what is named as a ruleset is an event log; a note when an installed one hides a file here."""
    for name in rules:
        if name is not None:
            refuse_log(name)
            _tell_hidden(name)


def refuse_log(path: str) -> None:
    """A usage error when there is an event log in the place of a ruleset."""
    if looks_like_log(path, _head(Path(path))):
        raise click.UsageError(f"{path}: {A_LOG}")


def _tell_hidden(name: str) -> None:
    """What is edited here may not be what a command uses (S26)."""
    from afterword.loading import hidden, locate  # noqa: PLC0415 - only with rules

    here = hidden(name)
    if here is not None and not click.get_current_context().params.get("quiet"):
        told = f"{name} is the installed ruleset {clean(locate(name).name)}; write ./{name} for what stands here."
        click.echo(told, err=True)


def looks_like_log(name: str, text: bytes) -> bool:
    """Whether a file with these bytes at its beginning is a table, or has objects of JSON that are no rules."""
    if text and is_table(name):
        return True
    first, second = [*_lines(text), b"", b""][:2]
    found = _object(first)
    if found is None or found.keys() & {"schema", "mapping", "tests"}:
        return False
    return "type" in found or _object(second) is not None


def _lines(text: bytes) -> list[bytes]:
    return [line for line in text[:_HEAD].splitlines() if line.strip()]


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():  # to open a pipe might wait for ever, or take what is in it
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""
