"""`--jobs`: the people of a log shared out among processes, for a person's stream needs no other's (P1).

Every process reads the whole log, which costs little, and evaluates the events of its own people. The first is this
one: it also tells of bad lines, and brings what they say together again in the order of transitions.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from operator import attrgetter
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec
from msgspec import UnsetType

from afterword.events import DEFAULT_SUBJECT
from afterword.report import Remark

if TYPE_CHECKING:
    import datetime as dt

    from afterword.engine import Engine
    from afterword.ruleset import Ruleset
    from afterword.transition import Transition
    from afterword_cli.reading import Reading

BATCH = 1_000
"""How many transitions are sent at a time."""

AHEAD = 64
"""How many batches a process may be ahead of what the first has come to."""

MERGING = 0.1
"""What it takes to bring a transition together with the others, as a part of what it takes to come to it."""

_PARTS = 10_000


class Job(NamedTuple):
    """What every process is told; plain values, so that it can be sent to it."""

    logs: tuple[str, ...]
    mapping: str | None
    rules_name: str
    settings: dict[str, str]
    until: dt.datetime | str | None
    network: str | None
    drafts: bool
    in_order: bool = False
    """Whether the logs are taken to be in the order of time."""


class Piece(msgspec.Struct, array_like=True, gc=False):
    """A transition on its way to the others: where it stands, what the filters ask, and its line."""

    order: bytes
    """Its time and subject. No two shards have the same, and what a shard itself says is in order already."""
    state: str
    kind: str
    rule: str
    subject: str
    case: str | None
    line: bytes

    def as_json(self) -> bytes:
        """The line, as the transition itself would have given it."""
        return self.line


class ShardError(click.ClickException):
    """A process ended before its work was done."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("one of the processes of --jobs ended before its work was done; try fewer of them")


class Shards:
    """Processes that evaluate a part of the people each. `evaluate` may be called once; then `remarks` is known."""

    def __init__(self, job: Job, rules: Ruleset, count: int) -> None:
        self._job = job
        self._rules = rules
        self._count = count
        self._noticed: list[list[Remark]] = []

    @property
    def remarks(self) -> list[Remark]:
        """What all of them noticed about the events."""
        return _together(self._noticed)

    def evaluate(self, reading: Reading) -> Iterator[Piece]:
        """The transitions of all shards in their order, as soon as that is certain."""
        with ExitStack() as stack:
            # The others begin while this one looks whether the logs are in order. They seldom have to begin again.
            lines = stack.enter_context(self._workers(in_order=True))
            if reading.unsorted():
                stack.close()
                lines = stack.enter_context(self._workers(in_order=False))
            reading.share(shard(0, self._count))
            yield from _merged([self._own(reading), *map(self._received, lines)])

    @contextmanager
    def _workers(self, *, in_order: bool) -> Iterator[list[Connection]]:
        job = self._job._replace(in_order=in_order)
        with ExitStack() as stack:
            yield [
                stack.enter_context(_process(job, number, self._count)) for number in range(1, self._count)
            ]

    def _own(self, reading: Reading) -> Iterator[list[Piece]]:
        """What the rules say of this process's people."""
        engine = _engine(self._rules, self._job)
        yield from _pieces(_transitions(engine, reading, self._job))
        self._noticed.append(engine.remarks())

    def _received(self, line: Connection) -> Iterator[list[Piece]]:
        """What another process says."""
        pieces = msgspec.msgpack.Decoder(list[Piece]).decode
        messages = _messages(line)
        for message in messages:
            batch = pieces(message)
            if not batch:
                break
            yield batch
        for message in messages:
            self._noticed.append(msgspec.json.decode(message, type=list[Remark]))
            return
        raise ShardError


def _messages(line: Connection) -> Iterator[bytes]:
    """What comes through a line, until it ends. A thread takes it in, so that nobody waits to be heard."""
    waiting: Queue[bytes | None] = Queue(AHEAD)

    def listen() -> None:
        with suppress(EOFError, OSError):
            while True:
                waiting.put(line.recv_bytes())
        waiting.put(None)

    Thread(target=listen, daemon=True).start()
    while (message := waiting.get()) is not None:
        yield message


def shard(number: int, count: int) -> Callable[[str | UnsetType | None], bool]:
    """Tells who belongs to a shard; the same on every machine and under every hash seed.

    The first has fewer people, for it brings together what all say.
    """
    others = count - 1
    first = int(_PARTS * max(0.0, (1 / others - MERGING) / (1 / others - MERGING + 1)))

    @cache
    def belongs(subject: str | UnsetType | None) -> bool:
        digest = zlib.crc32((subject or DEFAULT_SUBJECT).encode())
        place, rest = digest % _PARTS, digest // _PARTS
        return number == 0 if place < first else number == 1 + rest % others

    return belongs


class _process:  # noqa: N801 - reads as the function that it is
    """A worker for as long as the block lasts; gives the line to it."""

    def __init__(self, job: Job, number: int, count: int) -> None:
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, job, number, count), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Connection:
        return self._line

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()
        self._line.close()  # last: whoever listens has heard the end, and reads from no file that has its number next


def _work(line: Connection, job: Job, number: int, count: int) -> None:
    """The worker: sends what the rules say of its people, then nothing, then what it noticed."""
    from afterword.cache import user_cache  # noqa: PLC0415 - only the workers load the rules again
    from afterword.loading import load  # noqa: PLC0415
    from afterword.moments import TimeError  # noqa: PLC0415
    from afterword_cli.main import look_for_cycles_less  # noqa: PLC0415
    from afterword_cli.reading import Reading  # noqa: PLC0415

    look_for_cycles_less()
    encode = msgspec.msgpack.Encoder().encode
    engine = _engine(load(job.rules_name, job.settings, cache=user_cache()), job)
    mine = shard(number, count)
    with Reading(job.logs, job.mapping, quiet=True, only=mine, in_order=job.in_order) as reading:
        try:
            for batch in _pieces(_transitions(engine, reading, job)):
                line.send_bytes(encode(batch))
        except (TimeError, BrokenPipeError):
            return  # the logs are not in order after all, or nobody listens any more
        line.send_bytes(encode([]))
        line.send_bytes(msgspec.json.encode(engine.remarks()))


def _engine(rules: Ruleset, job: Job) -> Engine:
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415

    return Engine(rules, network=job.network, drafts=job.drafts, history=SORTED)  # type: ignore[arg-type]


def _transitions(engine: Engine, reading: Reading, job: Job) -> Iterator[Transition]:
    """All that is said up to where the whole log ends, whoever its last event is about."""
    from afterword.evaluation import replay_typed  # noqa: PLC0415
    from afterword.moments import horizon  # noqa: PLC0415
    from afterword.typed import Typed  # noqa: PLC0415

    typed = Typed(engine.ruleset.events)
    fixed = None if isinstance(job.until, str) else job.until
    yield from replay_typed(engine, reading.blocks(typed), typed, fixed)
    end = horizon(job.until, reading.last, engine.ruleset)
    if end is not None and (engine.clock is None or end > engine.clock):
        yield from engine.advance(end)


def _pieces(transitions: Iterator[Transition]) -> Iterator[list[Piece]]:
    from afterword.transition import ndjson  # noqa: PLC0415

    while batch := list(islice(transitions, BATCH)):
        lines = ndjson(batch).splitlines(keepends=True)
        yield [_piece(transition, line) for transition, line in zip(batch, lines, strict=True)]


def _piece(transition: Transition, line: bytes) -> Piece:
    return Piece(
        sortable(transition.instant, transition.subject),
        transition.state,
        transition.kind,
        transition.rule,
        transition.subject,
        transition.case,
        line[:-1],
    )


def sortable(instant: int, subject: str) -> bytes:
    """Bytes that are in the order of these two; UTF-8 is in the order of characters."""
    return (instant + (1 << 63)).to_bytes(8, "big") + subject.encode()


_ORDER = attrgetter("order")


def _merged(sources: list[Iterator[list[Piece]]]) -> Iterator[Piece]:
    """Sorted batches as one sorted stream: whatever no batch to come can be before is sorted at once."""
    waiting = [(source, batch) for source in sources if (batch := next(source, []))]
    while waiting:
        bound = min(batch[-1].order for _, batch in waiting)
        certain: list[Piece] = []
        rest = []
        for source, batch in waiting:
            place = bisect_right(batch, bound, key=_ORDER)
            certain += batch[:place]
            left = batch[place:] or next(source, [])
            if left:
                rest.append((source, left))
        waiting = rest
        certain.sort(key=_ORDER)
        yield from certain


def _together(remarks: list[list[Remark]]) -> list[Remark]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for each in remarks:
        for remark in each:
            counts[remark.kind, remark.about, remark.hint] += remark.count
    return [Remark(kind, about, count, hint) for (kind, about, hint), count in sorted(counts.items())]
