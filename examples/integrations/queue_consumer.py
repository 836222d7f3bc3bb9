"""An asyncio consumer of a broker: what came is acknowledged once it is committed, and time passes by a tick.

An `asyncio.Queue` stands for the broker's subscription, and `acknowledge` for its way to say "done up to here".
Stopped or killed at any instant, nothing is lost and nothing said twice: what was committed and not acknowledged
comes again and is known by its offset; what was said and not handed on stands in the store's outbox.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple, ParamSpec

import afterword
from afterword.store import SQLiteStore

P = ParamSpec("P")

BATCH = 500
"""How many messages are committed together: one wait for the disk, however many they are."""


class Message(NamedTuple):
    """What a broker hands out: a place in its log, and some bytes."""

    offset: int
    body: bytes


async def every(seconds: float) -> AsyncIterator[dt.datetime]:
    """The ticks of a real clock."""
    while True:
        yield dt.datetime.now(dt.UTC)
        await asyncio.sleep(seconds)


class Consumer:
    """Feeds a store from a queue. `tell` is given each transition as JSON, `reject` what is no event."""

    def __init__(
        self,
        store: SQLiteStore,
        tell: Callable[[bytes], None],
        reject: Callable[[Message, afterword.BadEvent], None],
    ) -> None:
        self._store = store
        self._tell = tell
        self._reject = reject
        self._turn = asyncio.Lock()

    async def run(
        self,
        queue: asyncio.Queue[Message],
        acknowledge: Callable[[int], None],
        ticks: AsyncIterator[dt.datetime],
    ) -> None:
        """Works until it is cancelled, or something fails. A step that has begun is finished first."""
        await self._step(self._hand_on)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(queue, acknowledge))
            group.create_task(self._let_time_pass(queue, ticks))

    async def _listen(self, queue: asyncio.Queue[Message], acknowledge: Callable[[int], None]) -> None:
        while True:
            batch = [await queue.get()]
            while len(batch) < BATCH and not queue.empty():
                batch.append(queue.get_nowait())
            await self._step(self._take, batch)
            acknowledge(batch[-1].offset)

    async def _let_time_pass(self, queue: asyncio.Queue[Message], ticks: AsyncIterator[dt.datetime]) -> None:
        async for now in ticks:
            if queue.empty():  # what still waits there would be late, and told as corrections
                await self._step(self._advance, now)

    async def _step(self, work: Callable[P, None], *given: P.args, **named: P.kwargs) -> None:
        """Work in a thread, one at a time. Cancelled meanwhile, it waits: a thread cannot be stopped half-way."""
        async with self._turn:
            running = asyncio.ensure_future(asyncio.to_thread(work, *given, **named))
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait([running])
                raise

    # --- in the thread

    def _take(self, batch: list[Message]) -> None:
        position = self._store.position
        new = [each for each in batch if position is None or each.offset > int(position)]
        events = [event for message in new for event in self._read(message)]
        self._store.feed_all(events, position=batch[-1].offset if new else None)
        self._hand_on()

    def _read(self, message: Message) -> list[afterword.Event]:
        """The events of a message. What nobody can read is set aside, or the broker would bring it for ever."""
        found = afterword.decode(message.body)
        parts = found if isinstance(found, list) else [found]
        for each in parts:
            if isinstance(each, afterword.BadEvent):
                self._reject(message, each)
        return [each for each in parts if isinstance(each, afterword.Event)]

    def _advance(self, now: dt.datetime) -> None:
        clock = self._store.engine.clock
        if clock is not None and now > clock:
            self._store.advance(now)
            self._hand_on()

    def _hand_on(self) -> None:
        """Empties the outbox. Killed in between, it hands the last ones on again, with the same `id`s."""
        told = 0
        for offset, line in self._store.transitions():
            self._tell(line)
            told = offset
        self._store.acknowledge(told)
