"""The values of a JSON document that is too large to hold: an array's items, or objects one after another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK = 1 << 16
_STRING = rb'"(?:[^"\\\n]|\\.)*+"'
_BETWEEN = re.compile(_STRING + rb'|["{}\[\],]')
_INSIDE = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb')*+(["{}\[\]])')


class EndlessError(Exception):
    """A value goes on beyond the limit, because of a missing bracket most likely; says where it starts."""

    def __init__(self, line: int, start: bytes) -> None:
        super().__init__(f"line {line}")
        self.line, self.start = line, start


def values(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes]]:
    """Each value with the number of the line it starts in (EndlessError).

    Only strings and brackets are looked at. So a value with a mistake inside of it still ends where it
    should, and the next one can be read; and a file that is cut off gives the beginning of its last value.
    """
    scanner = _Scanner()
    while chunk := stream.read(max(_CHUNK, len(scanner.buffer))):
        scanner.buffer += chunk
        yield from scanner.values()
        if len(scanner.buffer) > longest:
            raise EndlessError(scanner.line(), scanner.buffer[:longest])
    yield from scanner.leftover()


class _Scanner:
    """What has been read and is not yet a whole value, and how deep inside of it the scan stands."""

    def __init__(self) -> None:
        self.buffer = b""
        self._line = 1
        """The line of the place that `_from` is."""
        self._at = 0
        """Up to here the buffer has been scanned."""
        self._from = 0
        """Here the value begins that the scan is inside of, or else what stands between two values."""
        self._depth = 0
        self._base = 0
        """One inside of the array that holds the values, else zero."""

    def values(self) -> Iterator[tuple[int, bytes]]:
        """The values that end within the buffer; after them, it begins where they end."""
        while True:
            inside = self._depth > self._base
            token = (_INSIDE.match if inside else _BETWEEN.search)(self.buffer, self._at)
            if token is None:
                break
            self._at = token.end()
            word = token[1] if inside else token[0]
            if word == b'"':
                if not self._skip_line(token.end() - 1):
                    break
            elif not inside:
                yield from self._between(word, token.start())
            elif self._ends(word):
                yield self._cut(token.end())
        self.buffer = self.buffer[self._from :]
        self._at, self._from = self._at - self._from, 0

    def leftover(self) -> Iterator[tuple[int, bytes]]:
        """What the end of the file cut off."""
        if self.buffer.strip():
            yield self._cut(len(self.buffer))
        elif self._base:
            yield self.line(), b"["

    def line(self, text: bytes | None = None) -> int:
        """The line in which the text that comes next begins."""
        text = self.buffer if text is None else text
        return self._line + text[: len(text) - len(text.lstrip())].count(b"\n")

    def _skip_line(self, quote: int) -> bool:
        """A string that does not end in its line is a mistake: go on behind the line, if all of it is there."""
        newline = self.buffer.find(b"\n", quote)
        self._at = quote if newline < 0 else newline
        return newline >= 0

    def _ends(self, bracket: bytes) -> bool:
        """Whether this bracket ends the value that the scan is inside of."""
        self._depth += 1 if bracket in b"{[" else -1
        return self._depth == self._base

    def _between(self, word: bytes, start: int) -> Iterator[tuple[int, bytes]]:
        """Begins a value, or enters or leaves the array; anything but commas here is a value of its own."""
        if self.buffer[self._from : start].strip():
            yield self._cut(start)
        self._move(start)
        if word == b"{" or (word == b"[" and self._base):
            self._depth += 1
        elif word in (b"[", b"]") and self._base == (word == b"]"):
            self._base = self._depth = 1 - self._base
            self._move(self._at)
        elif word == b",":
            self._move(self._at)
        else:
            yield self._cut(self._at)

    def _cut(self, end: int) -> tuple[int, bytes]:
        text = self.buffer[self._from : end]
        line = self.line(text)
        self._move(end)
        return line, text.strip()

    def _move(self, to: int) -> None:
        self._line += self.buffer.count(b"\n", self._from, to)
        self._from = to
