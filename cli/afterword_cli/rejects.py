"""The file of `--rejects`: the lines that could not be read, kept so that they can be corrected (P3)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click


class Rejects:
    """A file that is written; a usage error says why it cannot be."""

    def __init__(self, name: str, mode: Literal["wb", "ab"]) -> None:
        """`mode` `ab`: what is set aside is added to what an earlier run set aside."""
        self.name = name
        with self._faults_told():
            self._file = Path(name).open(mode)  # noqa: SIM115 - closed by `close`

    def write(self, line: bytes) -> None:
        """Keeps a line."""
        with self._faults_told():
            self._file.write(line + b"\n")

    def flush(self) -> None:
        """Has all lines written."""
        with self._faults_told():
            self._file.flush()

    def close(self) -> None:
        """Has all lines written, and lets the file go."""
        if not self._file.closed:
            with self._faults_told():
                self._file.close()

    @contextlib.contextmanager
    def _faults_told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            self._give_up()
            reason = getattr(error, "strerror", None) or error
            raise click.UsageError(f"{self.name} cannot be written: {reason}") from None

    def _give_up(self) -> None:
        """Lets the file go with what could not be written, so that closing it does not fail once more."""
        file = getattr(self, "_file", None)
        if file is not None:
            with contextlib.suppress(OSError, ValueError):
                file.close()
