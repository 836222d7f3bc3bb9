"""Standard input, output and error as a command can rely on them, however it was started (`>&-`, `>/dev/full`)."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO, TypeGuard, cast

from afterword_cli.clean import clean


class OutputError(Exception):
    """Standard output cannot be written; `str()` is a sentence that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Standard output cannot be written: {clean(reason)}.")


class _Output(io.FileIO):
    """Standard output: an error of it is told from those of other files."""

    def write(self, data: bytes, /) -> int | None:  # type: ignore[override]  # whatever has bytes in it
        """As any file, except that nobody takes its error for another's; that the reader is gone is none."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from None


class _Errors(io.FileIO):
    """Standard error: what cannot be told there can be told nowhere, which is no reason to stop."""

    def write(self, data: bytes, /) -> int | None:  # type: ignore[override]
        """As any file; what cannot be written is let go."""
        try:
            return super().write(data)
        except OSError:
            return len(memoryview(data).cast("B"))


def prepare() -> None:
    """Makes the standard streams ready; raises `OutputError` when there is no standard output."""
    _fill_gaps()
    if sys.stderr is None:
        sys.stderr = cast(TextIO, io.TextIOWrapper(io.BufferedWriter(_Errors(2, "wb", closefd=False))))
    elif _is_file(sys.stderr):
        sys.stderr = _over(_Errors(2, "wb", closefd=False), sys.stderr)
    if sys.stdout is None:
        sys.stdout = cast(TextIO, io.StringIO())
        raise OutputError("It is closed")
    if _is_file(sys.stdout):
        sys.stdout = _over(_Output(1, "wb", closefd=False), sys.stdout)
    # A log may hold any text; a terminal that cannot show it gets an escape, not a crash.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def let_go() -> None:
    """Points standard output to nowhere, so that the interpreter's last flush of it is quiet."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):  # no file behind it
        return
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def _is_file(stream: TextIO) -> TypeGuard[io.TextIOWrapper]:
    """Whether the interpreter made it over a plain file, and not over a console of Windows or what a test brings."""
    if not isinstance(stream, io.TextIOWrapper) or stream not in (sys.__stdout__, sys.__stderr__):
        return False
    return isinstance(getattr(stream.buffer, "raw", stream.buffer), io.FileIO)


def _over(raw: io.FileIO, text: io.TextIOWrapper) -> TextIO:
    """The same stream over other bytes."""
    text.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=text.encoding,
        errors=text.errors,
        line_buffering=text.line_buffering,
        write_through=text.write_through,
    )


def _fill_gaps() -> None:
    """Has the first three numbers taken, so that no file is opened as what others take for a standard stream."""
    number = os.open(os.devnull, os.O_RDWR)
    while number < 3:
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
