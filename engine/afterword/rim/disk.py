"""The files of a folder as `follow` sees them: looked at, opened and read; what was compressed is read through."""

from __future__ import annotations

import gzip
import os
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from afterword.rim.follow import FileId, FileState
from afterword.rim.opening import LogError, unreadable

_GZIP = b"\x1f\x8b"
_ROTATED = re.compile(r"[-._]?\d[\dTZ_.:-]*")


class DiskFile:
    """An open file."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._raw = path.open("rb", buffering=0)

    def look(self) -> FileState:
        """How it is now."""
        return _seen(os.fstat(self._raw.fileno()))

    def read(self, offset: int, size: int) -> bytes:
        """As many bytes from there, or as there are."""
        try:
            self._raw.seek(offset)
            return self._raw.read(size) or b""
        except OSError as error:
            raise unreadable(self.name, error) from None

    def close(self) -> None:
        """Lets it go."""
        self._raw.close()


class CompressedFile:
    """A rotated file that was compressed: it looks as large as what it holds, and does not grow."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._raw = path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._raw, mode="rb")
        seen = _seen(os.fstat(self._raw.fileno()))
        self._seen = seen._replace(size=_length(self._file))

    def look(self) -> FileState:
        """How it was when it was opened."""
        return self._seen

    def read(self, offset: int, size: int) -> bytes:
        """As many bytes from there, or as there are."""
        try:
            self._file.seek(offset)
            return self._file.read(min(size, self._seen.size - offset))
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(self.name, error) from None

    def close(self) -> None:
        """Lets it go."""
        self._file.close()
        self._raw.close()


class DiskName:
    """A name in a folder."""

    def __init__(self, path: str) -> None:
        self.name = path
        self._path = Path(path)
        suffix = self._path.suffix
        self._shape = re.compile(
            rf"{re.escape(self._path.stem)}(?:{_ROTATED.pattern}{re.escape(suffix)}"
            rf"|{re.escape(suffix)}{_ROTATED.pattern})(?:\.gz)?"
        )

    def look(self) -> FileState | None:
        """What stands under the name now, if anything does."""
        try:
            return _seen(self._path.stat())
        except OSError:
            return None

    def open(self) -> DiskFile | None:
        """The file under the name, if there is one."""
        try:
            return DiskFile(self._path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise unreadable(self.name, error) from None

    def siblings(self) -> Iterator[tuple[str, FileState]]:
        """The other files whose names begin like the log's."""
        own, stem = self._path.name, self._path.stem
        try:
            names = sorted(os.listdir(self._path.parent))  # noqa: PTH208 - names are all that is needed
        except OSError:
            return
        for name in names:
            if name.startswith(stem) and name != own:
                path = self._path.parent / name
                try:
                    found = path.stat()
                except OSError:
                    continue
                if stat.S_ISREG(found.st_mode):
                    yield str(path), _seen(found)

    def open_sibling(self, name: str) -> DiskFile | CompressedFile | None:
        """One of them, unless it cannot be read."""
        try:
            return CompressedFile(Path(name)) if name.endswith(".gz") else DiskFile(Path(name))
        except (OSError, EOFError, zlib.error):
            return None

    def is_rotation(self, name: str) -> bool:
        """Whether a sibling's name is the log's with a number or a date: `log.1`, `log-20260301.jsonl.gz`."""
        return self._shape.fullmatch(Path(name).name) is not None


def refuse_compressed(name: str, head: bytes = b"") -> None:
    """A compressed file does not grow line by line (LogError)."""
    if name.endswith(".gz") or head.startswith(_GZIP):
        reason = "A compressed file does not grow line by line, so it cannot be followed."
        raise LogError(name, reason, f"`gunzip -c {name} | afterword watch -`, or `afterword evaluate`")


def _seen(found: os.stat_result) -> FileState:
    identity: FileId = (found.st_dev, found.st_ino)
    return FileState(identity, found.st_size, found.st_mtime_ns)


def _length(file: BinaryIO | gzip.GzipFile) -> int:
    length = 0
    while piece := file.read(1 << 18):
        length += len(piece)
    return length
