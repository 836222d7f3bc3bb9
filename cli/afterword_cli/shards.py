"""`--jobs`: the people of a log shared out among processes, for a person's stream needs no other's (P1)."""

from __future__ import annotations

import heapq
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import msgspec

from afterword.events import Event
from afterword.report import Remark

if TYPE_CHECKING:
    import datetime as dt

    from afterword.transition import Transition

BATCH = 1_000
"""How many events are sent at a time."""


class Job(NamedTuple):
    """What every process is told; plain values, so that it can be sent to it."""

    rules_name: str
    settings: dict[str, str]
    until: dt.datetime | str | None
    network: str | None
    drafts: bool


class Piece(msgspec.Struct, array_like=True):
    """A transition on its way to the others: where it stands, what the filters ask, and its line."""

    order: tuple[int, str, str, int, str]
    state: str
    kind: str
    rule: str
    subject: str
    case: str | None
    line: msgspec.Raw

    def as_json(self) -> bytes:
        """The line, as the transition itself would have given it."""
        return bytes(self.line)


class ShardError(RuntimeError):
    """A process ended before its work was done."""


class Shards:
    """Processes that evaluate a part of the people each. `evaluate` may be called once; then `remarks` is known."""

    def __init__(self, job: Job, count: int) -> None:
        self._job = job
        self._count = count
        self.remarks: list[Remark] = []

    def evaluate(self, events: Iterable[Event]) -> Iterator[Piece]:
        """The transitions of all shards in their order; the events must be in the order of time."""
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="afterword-"))
            files = [str(Path(folder) / str(number)) for number in range(self._count)]
            lines = [stack.enter_context(_process(self._job, file)) for file in files]
            self._share_out(events, lines)
            self.remarks = _together([_received(line) for line in lines])
            opened = [stack.enter_context(Path(file).open("rb")) for file in files]
            yield from heapq.merge(*(_pieces(file) for file in opened), key=lambda piece: piece.order)

    def _share_out(self, events: Iterable[Event], lines: list[Connection]) -> None:
        batches: list[list[Event]] = [[] for _ in lines]
        last = None
        for event in events:
            last = event
            batch = batches[shard_of(event.subject, len(lines))]
            batch.append(event)
            if len(batch) == BATCH:
                _send(lines[shard_of(event.subject, len(lines))], batch)
                batch.clear()
        for line, batch in zip(lines, batches, strict=True):
            _send(line, batch)
            # The last event of all ends the time of every shard, whoever it is about.
            _send(line, [] if last is None else [last])
            line.send_bytes(b"")


def shard_of(subject: str, shards: int) -> int:
    """Which shard a person belongs to; the same on every machine and under every hash seed."""
    return zlib.crc32(subject.encode()) % shards


class _process:  # noqa: N801 - reads as the function that it is
    """A worker for as long as the block lasts; gives the line to it."""

    def __init__(self, job: Job, file: str) -> None:
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, job, file), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Connection:
        return self._line

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._process.terminate()
        self._process.join()


def _send(line: Connection, events: list[Event]) -> None:
    try:
        line.send_bytes(msgspec.json.encode(events))
    except OSError:
        raise ShardError("one of the processes of --jobs ended before its work was done") from None


def _received(line: Connection) -> list[Remark]:
    try:
        return msgspec.json.decode(line.recv_bytes(), type=list[Remark])
    except (EOFError, OSError):
        raise ShardError("one of the processes of --jobs ended before its work was done") from None


def _work(line: Connection, job: Job, file: str) -> None:
    """The worker: replays what it is sent into a file, then says what it noticed."""
    from afterword.cache import user_cache  # noqa: PLC0415 - only the workers evaluate
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.evaluation import replay  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415
    from afterword.loading import load  # noqa: PLC0415

    rules = load(job.rules_name, job.settings, cache=user_cache())
    engine = Engine(rules, network=job.network, drafts=job.drafts, history=SORTED)  # type: ignore[arg-type]
    inbox = _Inbox(line)
    fixed = None if isinstance(job.until, str) else job.until
    with Path(file).open("wb") as out:
        for transition in replay(engine, inbox, fixed):
            _write(out, transition)
        for transition in _to_the_end(engine, inbox.last, job.until):
            _write(out, transition)
    line.send_bytes(msgspec.json.encode(engine.remarks()))


class _Inbox:
    """The events that the worker is sent, and the last event of the whole log."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.last: Event | None = None

    def __iter__(self) -> Iterator[Event]:
        decode = msgspec.json.Decoder(list[Event]).decode
        batch: list[Event] = []
        while (message := self._line.recv_bytes()) != b"":
            yield from batch
            batch = decode(message)
        self.last = batch[0] if batch else None  # what came last of all is told, not taken


def _to_the_end(engine: object, last: Event | None, until: dt.datetime | str | None) -> Iterator[Transition]:
    """Lets time pass to where the whole log ends."""
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.moments import horizon  # noqa: PLC0415

    assert isinstance(engine, Engine)
    end = horizon(until, last.time if last is not None else None, engine.ruleset)
    if end is not None and (engine.clock is None or end > engine.clock):
        yield from engine.advance(end)


def _write(out: BinaryIO, transition: Transition) -> None:
    piece = Piece(
        transition.order,
        transition.state,
        transition.kind,
        transition.rule,
        transition.subject,
        transition.case,
        msgspec.Raw(transition.as_json()),
    )
    out.write(msgspec.json.encode(piece) + b"\n")


def _pieces(file: BinaryIO) -> Iterator[Piece]:
    decode = msgspec.json.Decoder(Piece).decode
    for line in file:
        yield decode(line)


def _together(remarks: list[list[Remark]]) -> list[Remark]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for each in remarks:
        for remark in each:
            counts[remark.kind, remark.about, remark.hint] += remark.count
    return [Remark(kind, about, count, hint) for (kind, about, hint), count in sorted(counts.items())]
