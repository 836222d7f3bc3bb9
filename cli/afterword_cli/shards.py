"""`--jobs`: the people of a log shared out among processes, for a person's stream needs no other's (P1).

Every process reads the whole log, which costs little, and evaluates the events of its own people. The first is this
one: it also tells of bad lines, and brings what they have said together in the order of transitions.
"""

from __future__ import annotations

import signal
import threading
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import click
import msgspec
from msgspec import UnsetType

from afterword.events import DEFAULT_SUBJECT
from afterword.report import Remark
from afterword_cli.wanted import Selection, Wanted, Whom

if TYPE_CHECKING:
    import datetime as dt

    from afterword.engine import Engine
    from afterword.network import NetworkKind
    from afterword.ruleset import Ruleset
    from afterword.transition import Transition
    from afterword_cli.reading import Reading

BATCH = 1_000
"""How many transitions are written at a time."""


class Job(NamedTuple):
    """What every process is told; plain values, so that it can be sent to it."""

    logs: tuple[str, ...]
    mapping: str | None
    rules_name: str
    settings: dict[str, str]
    until: dt.datetime | str | None
    network: NetworkKind | None
    drafts: bool
    wanted: Wanted
    in_order: bool = False
    """Whether the logs are taken to be in the order of time."""


Piece = tuple[bytes, bytes]
"""A transition on its way to the others: where it stands among them (`sortable`), and its line.

No two shards have the same place, and what a shard itself says is in order already.
"""


class Noticed(msgspec.Struct, gc=False):
    """What a process tells when it is done: what it has selected (`Selection`), and remarks."""

    states: dict[str, int]
    shown: int
    unheard: Whom
    remarks: list[Remark]


class ShardError(click.ClickException):
    """A process ended before its work was done."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("one of the processes of --jobs ended before its work was done; try fewer of them")


class Shards:
    """Processes that evaluate a part of the people each. `evaluate` may be called once; then `remarks` is known."""

    def __init__(self, job: Job, rules: Ruleset, count: int, selection: Selection) -> None:
        """What all of them select is counted in `selection`."""
        self._job = job
        self._rules = rules
        self._count = count
        self._selection = selection
        self.remarks: list[Remark] = []

    def evaluate(self, reading: Reading) -> Iterator[list[bytes]]:
        """The lines of what all shards have selected, in their order, many at a time."""
        from afterword.moments import TimeError  # noqa: PLC0415

        reading.share(shard(0, self._count))
        with _ended_by_signals(), ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="afterword-"))
            files = [Path(folder) / str(number) for number in range(self._count)]
            try:
                noticed = self._noticed(reading, files, in_order=True)
            except TimeError:
                if not reading.begin_again():
                    raise
                noticed = self._noticed(reading, files, in_order=False)
            self.remarks = _together([each.remarks for each in noticed])
            for each in noticed:
                self._selection.add(each.states, each.shown, each.unheard)
            yield from _merged([_batches(stack.enter_context(file.open("rb"))) for file in files])

    def _noticed(self, reading: Reading, files: list[Path], *, in_order: bool) -> list[Noticed]:
        """Evaluates each shard into its file. If the logs are not in order after all, this ends with `TimeError`."""
        job = self._job._replace(in_order=in_order)
        with ExitStack() as workers:
            lines = [
                workers.enter_context(_process(job, number, self._count, str(file)))
                for number, file in enumerate(files)
                if number
            ]
            if in_order:
                reading.presume_order()
            mine = _evaluated(reading, _engine(self._rules, job), job, files[0])
            return [mine, *map(_received, lines)]


def shard(number: int, count: int) -> Callable[[str | UnsetType | None], bool]:
    """Tells who belongs to a shard; the same on every machine and under every hash seed."""

    @cache
    def belongs(subject: str | UnsetType | None) -> bool:
        return zlib.crc32((subject or DEFAULT_SUBJECT).encode()) % count == number

    return belongs


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Has SIGTERM end this process as any error would, so that the others end with it and no file is left."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():  # which alone can be told of signals
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _process:  # noqa: N801 - reads as the function that it is
    """A worker for as long as the block lasts; gives the line to it."""

    def __init__(self, job: Job, number: int, count: int, file: str) -> None:
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, job, number, count, file), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Connection:
        return self._line

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._process.terminate()
        self._process.join()


def _received(line: Connection) -> Noticed:
    try:
        return msgspec.json.decode(line.recv_bytes(), type=Noticed)
    except (EOFError, OSError):
        raise ShardError from None


def _work(line: Connection, job: Job, number: int, count: int, file: str) -> None:
    """The worker: evaluates its people into a file, then says what it noticed."""
    from afterword.cache import user_cache  # noqa: PLC0415 - only the workers load the rules again
    from afterword.loading import load  # noqa: PLC0415
    from afterword.moments import TimeError  # noqa: PLC0415
    from afterword_cli.main import look_for_cycles_less  # noqa: PLC0415
    from afterword_cli.reading import Reading  # noqa: PLC0415

    look_for_cycles_less()
    # The first process is asked to stop, and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    engine = _engine(load(job.rules_name, job.settings, cache=user_cache()), job)
    mine = shard(number, count)
    with Reading(job.logs, job.mapping, quiet=True, only=mine, in_order=job.in_order) as reading:
        try:
            noticed = _evaluated(reading, engine, job, Path(file))
        except TimeError:
            return  # the logs are not in order after all, which the first process is about to find
        with suppress(OSError):  # nobody waits for it any more
            line.send_bytes(msgspec.json.encode(noticed))


def _evaluated(reading: Reading, engine: Engine, job: Job, file: Path) -> Noticed:
    """Writes what the rules say of a shard's people, as far as it is wanted, and gives what was noticed."""
    encode, selection = msgspec.msgpack.Encoder().encode, Selection(job.wanted)
    transitions = _transitions(engine, reading, job)
    with file.open("wb") as out:
        while batch := list(islice(transitions, BATCH)):
            encoded = encode(_pieces(selection.of(batch)))
            out.write(len(encoded).to_bytes(8, "big") + encoded)
    return Noticed(selection.states, selection.shown, selection.unheard, engine.remarks())


def _engine(rules: Ruleset, job: Job) -> Engine:
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415

    return Engine(rules, network=job.network, drafts=job.drafts, history=SORTED)


def _transitions(engine: Engine, reading: Reading, job: Job) -> Iterator[Transition]:
    """All that is said up to where the whole log ends, whoever its last event is about."""
    from afterword.evaluation import replay_typed  # noqa: PLC0415
    from afterword.moments import horizon  # noqa: PLC0415

    fixed = None if isinstance(job.until, str) else job.until
    yield from replay_typed(engine, reading.blocks, fixed)
    end = horizon(job.until, reading.last, engine.ruleset)
    if end is not None and (engine.clock is None or end > engine.clock):
        yield from engine.advance(end)


def _pieces(transitions: list[Transition]) -> list[Piece]:
    from afterword.transition import ndjson  # noqa: PLC0415

    lines = ndjson(transitions).splitlines(keepends=True)
    return [
        (sortable(transition.instant, transition.subject), line)
        for transition, line in zip(transitions, lines, strict=True)
    ]


def sortable(instant: int, subject: str) -> bytes:
    """Bytes that are in the order of these two; UTF-8 is in the order of characters."""
    return (instant + (1 << 63)).to_bytes(8, "big") + subject.encode()


_PLACE, _LINE = itemgetter(0), itemgetter(1)


def _batches(file: BinaryIO) -> Iterator[list[Piece]]:
    decode = msgspec.msgpack.Decoder(list[Piece]).decode
    while size := file.read(8):
        yield decode(file.read(int.from_bytes(size, "big")))


def _merged(sources: list[Iterator[list[Piece]]]) -> Iterator[list[bytes]]:
    """The lines of sorted batches in one order: whatever no batch to come can be before is sorted at once."""
    waiting = [(source, batch) for source in sources if (batch := _next(source))]
    while waiting:
        bound = min(_PLACE(batch[-1]) for _, batch in waiting)
        certain: list[Piece] = []
        rest = []
        for source, batch in waiting:
            place = bisect_right(batch, bound, key=_PLACE)
            certain += batch[:place]
            left = batch[place:] or _next(source)
            if left:
                rest.append((source, left))
        waiting = rest
        certain.sort(key=_PLACE)
        yield list(map(_LINE, certain))


def _next(source: Iterator[list[Piece]]) -> list[Piece]:
    """The next batch of which anything was selected; an empty list at the end."""
    return next(filter(None, source), [])


def _together(remarks: list[list[Remark]]) -> list[Remark]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for each in remarks:
        for remark in each:
            counts[remark.kind, remark.about, remark.hint] += remark.count
    return [Remark(kind, about, count, hint) for (kind, about, hint), count in sorted(counts.items())]
