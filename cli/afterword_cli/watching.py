"""What `watch` does, round by round: read what has come, print what follows, let time pass, look at the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple, Protocol

import click
import msgspec

from afterword.events import BadEvent, Event
from afterword.report import Remark
from afterword.rim.disk import DiskName
from afterword.rim.follow import FollowedName, Following, Notice, Splitter
from afterword.rim.growing import GrowingLog, LogPosition, position
from afterword.rim.logs import Found
from afterword.rim.mapping import LogMapping
from afterword.rim.opening import LogError
from afterword_cli.clean import clean
from afterword_cli.edited import EditedRules
from afterword_cli.keeping import Keeper, Write
from afterword_cli.noticing import Noticing
from afterword_cli.problems import show_problems


class Outside(Protocol):
    """The clock and the waiting; tests bring their own."""

    @property
    def stopped(self) -> int | None:
        """The signal that asked to stop."""

    def now(self) -> dt.datetime:
        """The time of day."""

    def elapsed(self) -> float:
        """Seconds since some moment."""

    def wait(self, seconds: float) -> None:
        """Waits so long, or until something comes."""


class Batch(NamedTuple):
    """What has come, and where to read on after it."""

    found: list[tuple[int, Found]]
    position: str | None


class Source(Protocol):
    """What is read."""

    log: GrowingLog
    ended: bool
    comes_once: bool

    def poll(self) -> Batch | None:
        """What has come since; `None` for nothing."""

    def notices(self) -> list[Notice]:
        """What happened to it since."""

    def leftover(self) -> str:
        """What stays unread, in a sentence, if something does."""

    def close(self) -> None:
        """Lets it go."""


class FileSource:
    """A file that grows."""

    ended = False
    comes_once = False

    def __init__(
        self,
        path: str,
        mapping: LogMapping | None,
        kept: str | None,
        followed: FollowedName | None = None,
        *,
        must_be_there: bool = False,
    ) -> None:
        """`kept` is the position that an earlier run came to. A log that must be there is not waited for."""
        begun = position(kept)
        self.log = GrowingLog(path, mapping, begun.columns)
        self._following = Following(followed or DiskName(path), begun.mark, ends=self.log.ends)
        self._file = begun.mark and begun.mark.file
        self._must_be_there = must_be_there
        self._all_read = False

    def poll(self) -> Batch | None:
        """What was added, or that another file is read now.

        That counts before there is a line: a restart has to know the file again, whatever becomes of it meanwhile.
        """
        chunk = self._following.poll()
        self._all_read = chunk is None
        mark = self._following.mark
        if mark is None and self._must_be_there:
            raise LogError(self.log.name, "There is no such file.", "check the spelling and the folder")
        file = mark and mark.file
        if chunk is None and file == self._file:
            return None
        moved = chunk is None or chunk.lines
        found = [] if chunk is None else list(self.log.events(chunk.lines, chunk.name))
        if moved:
            self._file = file
        return Batch(found, LogPosition(mark, self.log.columns).as_text() if moved else None)

    def notices(self) -> list[Notice]:
        """What happened to the file."""
        told, self._following.notices = self._following.notices, []
        return told

    def leftover(self) -> str:
        """That the last line has no end; or that the watch was stopped before it came to the last line."""
        if not self._all_read:
            return f"{self.log.name}: stopped before all of it was read."
        if not self._following.unfinished:
            return ""
        return f"{self.log.name}: the last line has no end yet; it is read once it has."

    def close(self) -> None:
        """Lets the file go."""
        self._following.close()


class StreamSource:
    """A stream: there is no place in it to go back to."""

    comes_once = True

    def __init__(self, name: str, mapping: LogMapping | None, take: Callable[[], bytes | None]) -> None:
        self.log = GrowingLog(name, mapping)
        self.ended = False
        self._lines = Splitter(ends=self.log.ends)
        self._take = take

    def poll(self) -> Batch | None:
        """What has come."""
        data = None if self.ended else self._take()
        if data is None:
            return None
        self.ended = not data
        lines = self._lines.flush() if self.ended else self._lines.feed(data)
        return Batch(list(self.log.events(lines)), None)

    def notices(self) -> list[Notice]:
        """Nothing happens to a stream."""
        return []

    def leftover(self) -> str:
        """That a line was cut off."""
        return f"{self.log.name}: the last line had no end; it is lost." if self._lines.unfinished else ""

    def close(self) -> None:
        """A stream is left as it is."""


class Pace(NamedTuple):
    """How often is looked, and how often the clock moves (never, without `ticks`); all in seconds."""

    poll: float
    tick: float
    lag: float = 0
    ticks: bool = True


class Watch:
    """One watched log."""

    def __init__(
        self,
        source: Source,
        keeper: Keeper,
        write: Write,
        noticing: Noticing,
        outside: Outside,
        pace: Pace,
        edited: EditedRules | None = None,
    ) -> None:
        self._source, self._keeper, self._write = source, keeper, write
        self._noticing, self._outside, self._pace, self._edited = noticing, outside, pace, edited
        self._known = _counts(keeper.engine.remarks())
        self._told = self._known
        self._ticked: float | None = None
        self._looked = outside.elapsed()
        self.events = 0

    def run(self, *, once: bool = False) -> None:
        """Until it is told to stop or the input ends; `once`: until everything was read."""
        self._begin()
        while self._outside.stopped is None:
            reads = self._read()
            self._look_at_rules()
            if reads:
                continue
            if self._source.ended or (once and not self._source.comes_once):
                self._tick()
                break
            if not once:  # else what is still on its way in the pipe would be late
                self._tick()
            self._outside.wait(self._pace.poll)
        while self._source.comes_once and self._read():
            pass  # what was taken out of a stream cannot be read again

    def remarks(self) -> list[Remark]:
        """What was noticed since the beginning of this run."""
        return _since(self._known, self._keeper.engine.remarks())

    def _begin(self) -> None:
        """What an earlier run did not come to print, and what an edit since then brings."""
        self._hand_out()
        clock = self._keeper.engine.clock
        if clock is not None:
            self._keeper.advance(clock)
            self._hand_out()

    def _read(self) -> bool:
        batch = self._source.poll()
        for notice in self._source.notices():
            if notice.grave or self._noticing.verbose:
                self._noticing.say(clean(notice.text))
        if batch is None:
            return False
        events: list[Event] = []
        for _, found in batch.found:
            if isinstance(found, BadEvent):
                self._noticing.set_aside(found)
            else:
                events.append(found)
        if events or batch.position is not None:
            self._noticing.flush()  # before it counts as read
            self._keeper.take(events, batch.position)
            self.events += len(events)
            self._hand_out()
        return True

    def _tick(self) -> None:
        """Lets the time of day be the engine's, when everything that has come was read.

        Before the first event there is nothing that could become due, and a clock would make an old log late.
        """
        clock, elapsed = self._keeper.engine.clock, self._outside.elapsed()
        if not self._pace.ticks or clock is None:
            return
        if self._ticked is not None and elapsed - self._ticked < self._pace.tick:
            return
        self._ticked = elapsed
        now = self._outside.now() - dt.timedelta(seconds=self._pace.lag)
        if now > clock:
            self._keeper.advance(now)
            self._hand_out()

    def _look_at_rules(self) -> None:
        elapsed = self._outside.elapsed()
        if self._edited is None or elapsed - self._looked < self._pace.poll:
            return
        self._looked = elapsed
        reading = self._edited.poll()
        if reading is None:
            return
        in_force = self._keeper.engine.ruleset
        if reading.rules is None:
            show_problems(reading.problems)
            click.echo(
                f"The edit was not taken; {in_force.name} {in_force.version} stays in force.", err=True
            )
        elif reading.rules.name != in_force.name:
            click.echo(
                f"The edit was not taken: it makes {in_force.name} into {reading.rules.name}.", err=True
            )
        elif reading.rules.digest != in_force.digest:
            self._keeper.reload(reading.rules)
            new = self._keeper.engine.ruleset
            self._noticing.say(f"The rules were edited; {new.name} {new.version} is in force.")
            self._hand_out()

    def _hand_out(self) -> None:
        self._keeper.hand_out(self._write)
        if self._noticing.verbose:
            remarks = self._keeper.engine.remarks()
            for remark in _since(self._told, remarks):
                self._noticing.remark(remark)
            self._told = _counts(remarks)


Counts = dict[tuple[str, str], int]


def _counts(remarks: list[Remark]) -> Counts:
    return {(remark.kind, remark.about): remark.count for remark in remarks}


def _since(before: Counts, remarks: list[Remark]) -> list[Remark]:
    """What has been noticed more often than before, as often as it was since."""
    grown = ((remark, remark.count - before.get((remark.kind, remark.about), 0)) for remark in remarks)
    return [msgspec.structs.replace(remark, count=more) for remark, more in grown if more > 0]
