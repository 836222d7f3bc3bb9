"""The world of a command that runs for long: its clock, its signals, its waiting, and what comes on a stream."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from afterword.rim.names import STDIN, called
from afterword.rim.opening import LogError, closed, unreadable

PIECE = 1 << 16
AHEAD = 8
"""How many pieces of a stream are read before they are taken."""


class Outside:
    """The real one. Within its block a first SIGINT or SIGTERM only sets `stopped`; a second one ends the process."""

    def __init__(self) -> None:
        self.stopped: int | None = None
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()  # may be rung within a signal's handler
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Outside:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def now(self) -> dt.datetime:
        """The time of day."""
        return dt.datetime.now(dt.UTC)

    def elapsed(self) -> float:
        """Seconds on a clock that is never set back."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Waits so long, or until it is rung for; `BrokenPipeError` when nobody reads standard output any more."""
        if _reader_is_gone():
            raise BrokenPipeError
        with contextlib.suppress(queue.Empty):
            self._bell.get(timeout=seconds)
            while True:
                self._bell.get_nowait()

    def stream(self, path: str | None) -> Callable[[], bytes | None]:
        """What comes on standard input, or from a pipe by its path, in pieces: `None` for now, `b""` at the end."""
        pieces: queue.SimpleQueue[bytes | LogError] = queue.SimpleQueue()
        room = threading.BoundedSemaphore(AHEAD)
        if path is None and sys.stdin is None:
            raise closed()

        def opened() -> int:
            return sys.stdin.fileno() if path is None else os.open(path, os.O_RDONLY)

        def read() -> None:
            try:
                number = opened()
                piece = b"-"
                while piece and self.stopped is None:
                    room.acquire()
                    piece = os.read(number, PIECE)
                    pieces.put(piece)
                    self._bell.put(None)
            except (OSError, ValueError) as error:
                pieces.put(unreadable(path or called(STDIN), error))
                self._bell.put(None)

        def take() -> bytes | None:
            try:
                piece = pieces.get_nowait()
            except queue.Empty:
                return None
            if isinstance(piece, LogError):
                raise piece
            room.release()
            return piece

        threading.Thread(target=read, daemon=True, name="afterword-input").start()
        return take

    def _stop(self, number: int, _: FrameType | None) -> None:
        self.stopped = number
        self._restore()
        self._bell.put(None)

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}


def _reader_is_gone() -> bool:
    if not hasattr(select, "poll"):
        return False
    try:
        waiting = select.poll()
        waiting.register(sys.stdout.fileno(), 0)
        return any(event & select.POLLERR for _, event in waiting.poll(0))
    except (OSError, ValueError):  # no file behind it
        return False
