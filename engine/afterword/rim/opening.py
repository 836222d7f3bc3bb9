"""The bytes of a log: a path, a pipe or standard input, compressed or not, and readable more than once."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import sys
import tempfile
import zlib
from pathlib import Path
from typing import BinaryIO

from afterword.rim.names import STDIN, called

_GZIP = b"\x1f\x8b"
_IN_MEMORY = 1 << 20
_BUFFER = 1 << 18

Raw = io.BufferedReader | tempfile.SpooledTemporaryFile[bytes]


class LogError(Exception):
    """The input cannot be read at all; `str()` is a sentence that names it, `hint` says what to do."""

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason, self.hint = name, reason, hint


class Input:
    """One input that can be opened again and again; what comes only once is copied to a temporary file."""

    def __init__(self, path: str, stdin: BinaryIO | None = None) -> None:
        self.path = path
        self.name = called(path)
        self._stdin = stdin
        self._copy: tempfile.SpooledTemporaryFile[bytes] | None = None

    def open(self) -> Opened:
        """The uncompressed bytes from the start (LogError)."""
        try:
            raw = self._raw()
            start = raw.read(2)
            raw.seek(0)
        except (OSError, ValueError) as error:
            raise unreadable(self.name, error) from None
        if start and start != _GZIP and self.path.endswith(".gz"):
            raw.close()
            reason = "It is called .gz and is not compressed by gzip."
            raise LogError(self.name, reason, "rename or compress it")
        source = gzip.GzipFile(fileobj=raw, mode="rb") if start == _GZIP else raw
        return Opened(source, raw, keep=raw is self._copy)

    def close(self) -> None:
        """Forgets the copy, if one was made."""
        if self._copy is not None:
            self._copy.close()
            self._copy = None

    @property
    def comes_once(self) -> bool:
        """Whether it is standard input, a pipe or a device; LogError when there is no such file."""
        path = Path(self.path)
        try:
            return self.path == STDIN or stat.S_ISFIFO(path.stat().st_mode) or path.is_char_device()
        except OSError as error:
            raise unreadable(self.name, error) from None

    def _raw(self) -> Raw:
        path = Path(self.path)
        if not self.comes_once:
            return path.open("rb")
        if self._copy is None:
            self._copy = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - lives as long as the input
            if self.path == STDIN:
                shutil.copyfileobj(self._stdin or _stdin(), self._copy)
            else:
                with path.open("rb") as pipe:
                    shutil.copyfileobj(pipe, self._copy)
        self._copy.seek(0)
        return self._copy


class Opened(io.RawIOBase):
    """Bytes that end where they can no longer be read; `damage` then says why.

    So the line that was being read is still seen, and what was read before it counts.
    """

    def __init__(self, source: Raw | gzip.GzipFile, raw: Raw, keep: bool) -> None:
        self._source, self._raw, self._keep = source, raw, keep
        self.damage: tuple[str, str] | None = None

    def buffered(self) -> io.BufferedReader:
        """The same, read in large pieces."""
        return io.BufferedReader(self, _BUFFER)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fills the buffer as far as the source can be read."""
        try:
            # One read at a time: a longer one would lose what came before the damage.
            piece = self._source.read1(len(buffer)) if self.damage is None else b""
        except EOFError:
            self.damage = ("The compressed file ends in the middle.", "it was cut off; get the whole file")
            return 0
        except (OSError, zlib.error) as error:
            self.damage = (f"The file cannot be read on from here: {_said(error)}.", "get an undamaged copy")
            return 0
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Closes the file, unless it is the only copy of its input."""
        if not self._keep:
            self._raw.close()
        super().close()


def _said(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise closed()
    return sys.stdin.buffer


def closed() -> LogError:
    """Why standard input cannot be read when the program was started without one."""
    return LogError(called(STDIN), "It is closed.", "name a file, or write the log into a pipe")


def unreadable(name: str, error: Exception) -> LogError:
    """Why an input cannot be opened, in plain words."""
    match error:
        case FileNotFoundError():
            return LogError(name, "There is no such file.", "check the spelling and the folder")
        case IsADirectoryError():
            return LogError(name, "This is a folder.", "name the files in it")
        case PermissionError():
            return LogError(name, "You are not allowed to read this file.", "ask for permission to read it")
        case ValueError():
            return LogError(name, "No file can have this name.", "check the spelling")
    return LogError(name, f"This cannot be read: {_said(error)}.")
