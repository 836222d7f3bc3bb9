"""A folder of the user's for what took long to compute: never required, and trusted only if this user wrote it.

An entry is a file whose content is sealed with a key that only this user can read and that lies elsewhere. What
cannot be read, is not sealed or is not ours is passed over as if it were not there, and what cannot be written is
not written: nothing here ever raises. Entries are written whole under another name and then renamed, so
a concurrent reader finds the old one or the new one.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterable
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path

VARIABLE = "AFTERWORD_CACHE"
"""The variable of the environment that names another folder, or says `off`."""

MOST_ENTRIES = 64
MOST_BYTES = 64 << 20
_KEY_BYTES = 32
_SEAL_BYTES = 32
_SUFFIX = ".afterword"


class Cache:
    """Entries in a folder, sealed with the key in a file; both are made when first needed."""

    def __init__(self, folder: str | os.PathLike[str], key_file: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._key_file = Path(key_file)

    def get(self, name: bytes) -> bytes | None:
        """What was put under this name, if it is there and sealed by us."""
        key = self._known_key()
        if key is None or not _is_ours(self._folder):
            return None
        sealed = _read_own(self._path(name, key), MOST_BYTES)
        if sealed is None:
            return None
        seal, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        return content if compare_digest(seal, _seal(name, content, key)) else None

    def put(self, name: bytes, content: bytes) -> None:
        """Keeps this under this name; the oldest entries make room for it."""
        if len(content) > MOST_BYTES // 4:
            return
        with contextlib.suppress(OSError, ValueError):
            key = self._key()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours(self._folder):
                _write(self._path(name, key), _seal(name, content, key) + content)
                self._make_room()

    def _path(self, name: bytes, key: bytes) -> Path:
        # Named with the key, so that users who share a folder do not write over each other's.
        return self._folder / (blake2b(name, key=key, digest_size=20).hexdigest() + _SUFFIX)

    def _known_key(self) -> bytes | None:
        key = _read_own(self._key_file, _KEY_BYTES, secret=True)
        return key if key is not None and len(key) == _KEY_BYTES else None

    def _key(self) -> bytes:
        """The key; a new one if there is none. When two processes make one at once, the last stays."""
        key = self._known_key()
        if key is None:
            if self._key_file.exists() and self._key_file.stat().st_size != _KEY_BYTES:
                raise FileExistsError  # whatever that is, it is no key of ours
            key = os.urandom(_KEY_BYTES)
            self._key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._key_file, key)
        return key

    def _make_room(self) -> None:
        together = 0
        for number, (_, path, size) in enumerate(sorted(_entries(self._folder), reverse=True)):
            together += size
            if number >= MOST_ENTRIES or together > MOST_BYTES:
                path.unlink(missing_ok=True)


def user_cache() -> Cache | None:
    """The cache of the current user: where the environment says, else in the usual folder; None when there is none."""
    said = os.environ.get(VARIABLE, "").strip()
    if said.lower() == "off":
        return None
    try:
        home = _home("XDG_CACHE_HOME", ".cache")
        return Cache(said or home, _home("XDG_STATE_HOME", ".local/state") / "cache.key")
    except RuntimeError:  # nobody knows where the user's home is
        return None


def _home(variable: str, usual: str) -> Path:
    if sys.platform == "win32" and "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"]) / "afterword" / usual.rpartition("/")[2].lstrip(".")
    named = Path(os.environ.get(variable, ""))
    # A path that is not absolute is to be passed over, as the XDG Base Directory Specification says.
    home = named if named.is_absolute() else Path.home() / usual
    if not home.is_absolute():  # it would be another folder wherever one is working
        raise RuntimeError("the user's home is not told by an absolute path")
    return home / "afterword"


# --- files that are ours


def _read_own(path: Path, most: int, *, secret: bool = False) -> bytes | None:
    """The content of a file that belongs to us and that nobody else can write, or read if it is secret."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _is_own(found, secret) or found.st_size > most:
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.stat()
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(found.st_mode) and _is_own(found)


def _is_own(found: os.stat_result, secret: bool = False) -> bool:
    if sys.platform == "win32":  # where others cannot write to a user's folders, and modes say nothing
        return True
    return found.st_uid == os.getuid() and not found.st_mode & (0o077 if secret else 0o022)


def _write(path: Path, content: bytes) -> None:
    """Writes a file, whole or not at all, also while others write it; only this user can read it."""
    new = path.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(content)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _entries(folder: Path) -> Iterable[tuple[float, Path, int]]:
    """When each entry was written, where it is and how large; also what a process that was ended left half-written."""
    with os.scandir(folder) as found:
        for each in found:
            if each.name.endswith((_SUFFIX, ".tmp")) and each.is_file(follow_symlinks=False):
                told = each.stat(follow_symlinks=False)
                yield told.st_mtime, Path(each.path), told.st_size


def _seal(name: bytes, content: bytes, key: bytes) -> bytes:
    return blake2b(name + content, key=key, digest_size=_SEAL_BYTES).digest()
