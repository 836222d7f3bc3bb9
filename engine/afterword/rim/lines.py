"""The lines of a log with their numbers, none of them longer than memory allows."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import NamedTuple

LONGEST = 1 << 24
"""16 MiB: a longer line is no event, but a file without line ends."""


BLOCK = 1 << 17
"""128 KiB: as much is read at once where lines are taken many at a time."""


def lines(stream: io.BufferedReader, first: int = 1) -> Iterator[tuple[int, bytes]]:
    """Each line with its end; one that is too long comes as its first `LONGEST` + 1 bytes."""
    number = first - 1
    while line := stream.readline(LONGEST + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield number, line
        if len(line) > LONGEST:
            while line and not line.endswith(b"\n"):
                line = stream.readline(LONGEST)


class Block(NamedTuple):
    """Whole lines, with the numbers of the first and the last."""

    first: int
    last: int
    content: bytes

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each of them, as `lines` gives it."""
        return lines(io.BufferedReader(io.BytesIO(self.content)), self.first)


def line_blocks(stream: io.BufferedReader) -> Iterator[Block]:
    """Many whole lines at a time; `lines` tells them apart the same as before."""
    last = 0
    while block := stream.read(BLOCK):
        if not block.endswith(b"\n"):
            rest = stream.readline(LONGEST + 1)
            block += rest
            while len(rest) >= LONGEST and not rest.endswith(b"\n"):
                rest = stream.readline(LONGEST)
        ends = len(block) - len(block.replace(b"\n", b""))  # which counts what is rare quicker than `count`
        first, last = last + 1, last + ends + (not block.endswith(b"\n"))
        yield Block(first, last, block)


def utf16_lines(stream: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """The same for UTF-16, made into UTF-8; a damaged character becomes a byte that is none in UTF-8."""
    text = io.TextIOWrapper(stream, encoding="utf-16", errors="replace", newline="")
    number = 0
    while line := text.readline(LONGEST):
        number += 1
        yield number, line.replace("\ufffd", "\udcff").encode("utf-8", "surrogateescape")
