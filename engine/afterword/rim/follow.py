"""Follows a file that grows, through rotation and truncation: from looks at it and its bytes to whole lines.

Nothing here touches a disk, sleeps or reads a clock: what a name stands for and what a file holds is asked of
a `FollowedName`, and each `poll` is one look. How a file is known again is not by its name or number alone but by
what it holds: a `Mark` has digests of its beginning and of what was read last. So a copy, a file that was
compressed when it was rotated, and one that was written anew under the old number are all told for what
they are, after a restart as well.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

import msgspec

from afterword.rim.lines import LONGEST
from afterword.rim.opening import LogError

CHUNK = 1 << 18
"""How many bytes are read at a time."""

WINDOW = 1 << 10
"""How many bytes of the beginning, and before a place, tell whether a file is the one that was read."""

MOST_LINES = 100
"""A row of a table that goes over more lines than this is let go, to be told as one whose quote never closes."""

FileId = tuple[int, int]
"""The number of a device, and that of a file on it."""

Lines = list[tuple[int, bytes]]
"""Lines with their numbers and their ends."""

RowEnds = Callable[[list[bytes]], bool]
"""Whether these lines are whole rows; if not, the last row goes on in the next line."""


class Mark(msgspec.Struct, frozen=True):
    """How far a file was read: `offset` bytes with `line` lines, and what tells the file from others.

    `inside`: a line that is longer than any may be was given cut off, and its rest is passed over. `since`: when
    the file was last written, when it was last looked at.
    """

    file: FileId | None = None
    since: int = 0
    offset: int = 0
    line: int = 0
    inside: bool = False
    head: str = ""
    tail: str = ""


class FileState(NamedTuple):
    """What a look at a file shows. `modified` is when it was last written, in whatever unit."""

    identity: FileId
    size: int
    modified: int


class File(Protocol):
    """An open file, which stays the same whatever becomes of its name."""

    @property
    def name(self) -> str:
        """What it was called when it was opened."""

    def look(self) -> FileState:
        """How it is now."""

    def read(self, offset: int, size: int) -> bytes:
        """As many bytes from there, or as there are."""

    def close(self) -> None:
        """Lets it go."""


class FollowedName(Protocol):
    """The name that is followed, and the names beside it under which a rotated file may be found."""

    name: str

    def look(self) -> FileState | None:
        """What stands under the name now, if anything does."""

    def open(self) -> File | None:
        """The file under the name, if there is one; `LogError` if it cannot be read."""

    def siblings(self) -> Iterable[tuple[str, FileState]]:
        """The other files whose names begin like the log's."""

    def open_sibling(self, name: str) -> File | None:
        """One of them, unless it cannot be read; if it was compressed, it looks as large as what it holds."""

    def is_rotation(self, name: str) -> bool:
        """Whether a sibling's name is the log's with a number or a date."""


class Chunk(NamedTuple):
    """Lines of one file that have become whole."""

    name: str
    lines: Lines


class Notice(NamedTuple):
    """What happened to the file. `grave`: lines may have been lost, or nothing can be read for now."""

    text: str
    grave: bool


class Splitter:
    """Bytes to lines, whatever pieces they come in; no line is given before its end has come."""

    def __init__(
        self, mark: Mark | None = None, *, head: bytes = b"", tail: bytes = b"", ends: RowEnds | None = None
    ) -> None:
        """Begins at a mark; `head` and `tail` are the bytes that its digests are of."""
        mark = mark or Mark()
        self._offset, self._line, self._inside = mark.offset, mark.line, mark.inside
        self._head, self._tail = head, tail
        self._ends = ends
        self._held: list[bytes] = []
        self._partial = bytearray()

    @property
    def taken(self) -> int:
        """How many bytes of the file were taken, those of a line that is not whole yet among them."""
        return self._offset + sum(map(len, self._held)) + len(self._partial)

    @property
    def unfinished(self) -> bool:
        """Whether there is a line that is not whole yet."""
        return bool(self._held or self._partial)

    @property
    def recent(self) -> bytes:
        """The last bytes that were taken."""
        return (self._tail + b"".join(self._held) + bytes(self._partial[-WINDOW:]))[-WINDOW:]

    @property
    def head(self) -> bytes:
        """The first bytes that were taken."""
        return (self._head + b"".join(self._held) + bytes(self._partial[:WINDOW]))[:WINDOW]

    def mark(self, file: FileId, since: int = 0) -> Mark:
        """Where to go on: behind the last line that was given."""
        head, tail = digest(self._head), digest(self._tail)
        return Mark(file, since, self._offset, self._line, self._inside, head, tail)

    def again(self) -> Splitter:
        """The same without what is not whole yet, for a file that has it too."""
        mark = self.mark((0, 0))
        return Splitter(mark, head=self._head, tail=self._tail, ends=self._ends)

    def feed(self, data: bytes) -> Lines:
        """The lines that are whole now."""
        if self._inside:
            data = self._pass_over(data)
        whole, newline, rest = data.rpartition(b"\n")
        found: list[bytes] = []
        if newline:
            found = io.BytesIO(bytes(self._partial) + whole + newline).readlines()
            self._partial.clear()
        self._partial += rest
        out = self._given(self._whole_rows(found))
        if len(self._partial) > LONGEST:
            out += self.flush()
            self._inside = True
        return out

    def flush(self) -> Lines:
        """What is left as lines: nothing will be added to it."""
        last = [bytes(self._partial)] if self._partial else []
        self._partial.clear()
        held, self._held = self._held, []
        return self._given(held + last)

    def _pass_over(self, data: bytes) -> bytes:
        """What follows the end of a line that was given already."""
        rest, newline, after = data.partition(b"\n")
        self._consume(rest + newline)
        self._inside = not newline
        return after

    def _whole_rows(self, found: list[bytes]) -> list[bytes]:
        if self._ends is None:
            return found
        whole: list[bytes] = []
        for line in found:
            self._held.append(line)
            if self._ends(self._held) or len(self._held) >= MOST_LINES:
                whole += self._held
                self._held = []
        return whole

    def _given(self, lines: list[bytes]) -> Lines:
        out = []
        for line in lines:
            self._line += 1
            given = line[: LONGEST + 1]
            out.append((self._line, given.removeprefix(codecs.BOM_UTF8) if self._line == 1 else given))
        self._consume(b"".join(lines))
        return out

    def _consume(self, data: bytes) -> None:
        self._offset += len(data)
        self._head += data[: WINDOW - len(self._head)]
        self._tail = (self._tail + data[-WINDOW:])[-WINDOW:]


def digest(data: bytes) -> str:
    """Tells bytes from others."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


class Following:
    """One name in the course of time. `poll` gives what was added since; `mark` is where a later one goes on.

    Nothing is lost and nothing read twice when the file is rotated by renaming it, as long as its writer has
    left the old file before it writes to the new one; by copying and truncating it, as far as the copy has
    what was written; or more than once between two looks, as far as the names of the older files are the
    log's with a number or a date. `notices` tells what happened.
    """

    def __init__(
        self, followed: FollowedName, mark: Mark | None = None, *, ends: RowEnds | None = None
    ) -> None:
        self._followed = followed
        self._begun = mark
        self._ends = ends
        self._file: File | None = None
        self._lines = Splitter(ends=ends)
        self._since = 0
        self._checked: FileState | None = None
        self._noticed: str | None = None
        self.notices: list[Notice] = []

    @property
    def mark(self) -> Mark | None:
        """Behind the last line that was given; none while the file has never been there."""
        if self._file is None:
            return self._begun
        return self._lines.mark(self._file.look().identity, self._since)

    @property
    def unfinished(self) -> bool:
        """Whether the last line has no end yet."""
        return self._lines.unfinished

    def close(self) -> None:
        """Lets the file go."""
        if self._file is not None:
            self._begun = self.mark
            self._file.close()
            self._file = None

    def poll(self) -> Chunk | None:
        """One look: lines, perhaps none yet, when there was something new; `None` when all has been read."""
        if self._file is None:
            self._begin()
        file = self._file
        if file is None:
            return None
        seen = file.look()
        if not self._goes_on(file, seen):
            return self._begin_again(file)
        if self._lines.taken == 0 and seen.modified != self._since and self._go_back(seen):
            return Chunk(file.name, [])
        if seen.size > self._lines.taken:
            data = file.read(self._lines.taken, CHUNK)
            if data:
                return Chunk(file.name, self._lines.feed(data))
        return self._turn_over(file)

    # --- which file

    def _begin(self) -> None:
        file, mark = self._followed.open(), self._begun
        if mark is None:
            if file is None:
                self._notice(f"{self._followed.name} is not there yet; waiting for it", grave=True)
            else:
                self._switch(file)
            return
        lines = None if file is None else _resumed(file, mark, self._ends)
        found = None if lines is not None else self._find(mark)
        if file is not None and lines is not None:
            self._switch(file, lines)
        elif found is not None:
            self._notice(f"{self._followed.name} was rotated; going on in {found[0].name}")
            self._switch(*found)
            _close(file)
        elif file is not None:
            self._notice(
                f"{self._followed.name} is another file than the one that was read up to byte {mark.offset}, which "
                "is gone; what was added to that is not known. Reading from the beginning",
                grave=True,
            )
            self._switch(file)
            self._since = mark.since
        else:
            self._notice(f"{self._followed.name} is gone; waiting for it", grave=True)

    def _begin_again(self, file: File) -> Chunk:
        """The file holds something else than what was read of it: its old content may have been copied."""
        for copy in self._siblings():
            if _holds(copy, self._lines.taken, digest(self._lines.head), digest(self._lines.recent)):
                self._notice(f"{file.name} was truncated; what was added before stands in {copy.name}")
                self._switch(copy, self._lines.again())
                return Chunk(copy.name, [])
            copy.close()
        self._notice(
            f"{file.name} was truncated or written anew at byte {self._lines.taken}, and there is no copy of what "
            "it held; reading from the beginning",
            grave=True,
        )
        last = self._lines.flush()
        self._lines, self._checked = Splitter(ends=self._ends), None
        return Chunk(file.name, last)

    def _go_back(self, seen: FileState) -> bool:
        """Whether what was there since the last look was rotated away, and the oldest of that was gone over to."""
        named = self._followed.look()
        kept = named is not None and named.identity == seen.identity
        # The copy is older than what was written after it, or of the same age as the truncated file.
        copy = self._newer(self._since, [seen], until=seen.modified + kept)
        if copy is not None:
            self._notice(f"{self._followed.name} was truncated; what was added before stands in {copy.name}")
            self._switch(copy)
        return copy is not None

    def _turn_over(self, file: File) -> Chunk | None:
        """All of the file was read: goes over to the one that took its place, if one has."""
        named, seen = self._followed.look(), file.look()
        if named is None or named.identity == seen.identity:
            return None
        following = self._next(seen, named)
        if following is None:
            return None
        if file.look().size > self._lines.taken:  # written while the new one was opened; that comes first
            following.close()
            return Chunk(file.name, [])
        self._notice(f"{self._followed.name} was rotated; going on in {following.name}")
        last = self._lines.flush()
        self._switch(following)
        return Chunk(file.name, last)

    def _next(self, seen: FileState, named: FileState) -> File | None:
        """The oldest rotated file that is newer than the one that was read, else the file under the name.

        An empty one is not taken yet: its writer may still be writing to the old one.
        """
        newer = self._newer(seen.modified, [seen, named])
        if newer is not None:
            return newer
        return self._opened() if named.size > 0 else None

    def _newer(self, than: int, known: list[FileState], until: float = math.inf) -> File | None:
        """The oldest rotated file last written between two moments that is none of those that are known."""
        identities = [each.identity for each in known]
        newer = sorted(
            (other.modified, name)
            for name, other in self._followed.siblings()
            if than < other.modified < until
            and other.identity not in identities
            and self._followed.is_rotation(name)
        )
        opened = (self._followed.open_sibling(name) for _, name in newer)
        return next((file for file in opened if file is not None), None)

    def _opened(self) -> File | None:
        try:
            return self._followed.open()
        except LogError as error:  # it may become readable; until then the old one is kept
            self._notice(str(error), grave=True)
            return None

    def _find(self, mark: Mark) -> tuple[File, Splitter] | None:
        """The sibling that holds what was read, up to the mark."""
        for file in self._siblings():
            lines = _resumed(file, mark, self._ends)
            if lines is not None:
                return file, lines
            file.close()
        return None

    def _siblings(self) -> Iterator[File]:
        """The siblings, each opened; who is given one closes it."""
        for name, _ in self._followed.siblings():
            file = self._followed.open_sibling(name)
            if file is not None:
                yield file

    def _switch(self, file: File, lines: Splitter | None = None) -> None:
        since = self._begun.since if self._begun is not None and lines is not None else file.look().modified
        _close(self._file)
        self._file, self._lines = file, lines or Splitter(ends=self._ends)
        self._since, self._begun = since, None
        self._checked = self._noticed = None

    def _goes_on(self, file: File, seen: FileState) -> bool:
        """Whether what was read still stands in the file; looked at again whenever the file has changed."""
        if seen == self._checked:
            return True
        head, recent = self._lines.head, self._lines.recent
        if seen.size < self._lines.taken or file.read(0, len(head)) != head:
            return False
        if file.read(self._lines.taken - len(recent), len(recent)) != recent:
            return False
        self._checked = seen
        if self._lines.taken > 0:
            self._since = seen.modified
        return True

    def _notice(self, text: str, *, grave: bool = False) -> None:
        if text != self._noticed:
            self._noticed = text
            self.notices.append(Notice(f"{text}.", grave))


def _resumed(file: File, mark: Mark, ends: RowEnds | None) -> Splitter | None:
    """Where the mark is in this file; nothing if the file is not the one that was marked."""
    if mark.offset == 0:  # nothing was read that could be told again
        return Splitter(mark, ends=ends) if mark.file == file.look().identity else None
    if not _holds(file, mark.offset, mark.head, mark.tail):
        return None
    width = min(WINDOW, mark.offset)
    head, tail = file.read(0, width), file.read(mark.offset - width, width)
    return Splitter(mark, head=head, tail=tail, ends=ends)


def _holds(file: File, taken: int, head: str, tail: str) -> bool:
    """Whether a file has what these digests are of, at its beginning and before a place."""
    width = min(WINDOW, taken)
    if taken == 0 or file.look().size < taken:
        return False
    return digest(file.read(0, width)) == head and digest(file.read(taken - width, width)) == tail


def _close(file: File | None) -> None:
    if file is not None:
        file.close()
