"""The logs of a command line as one stream of events in order; what cannot be read is told and set aside (P2, P3)."""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain, compress, islice
from operator import attrgetter, le
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterword.rim.names import STDIN
from afterword_cli.clean import clean
from afterword_cli.mistaken import refuse_rule_files
from afterword_cli.noticing import Noticing, Unheard

if TYPE_CHECKING:
    from datetime import datetime

    from afterword.bad_event import BadEvent
    from afterword.events import Event
    from afterword.report import Remark
    from afterword.rim.logs import Log
    from afterword.rim.mapping import LogMapping
    from afterword.ruleset import Ruleset
    from afterword.typed import Typed, TypedEvent

SEARCHED = 100_000
"""In how many lines the first place of a remark is looked for."""

PROGRESS = 20_000
"""Progress is shown every so many events, so that a short log shows none."""


HELD = 20
"""So many bad lines are kept back at most while a log is only presumed to be in order."""

Share = Callable[[Any], bool]
"""Tells by the subject of an event, which may be left open, whether it belongs to a share of the people."""

_SUBJECT = attrgetter("subject")


class Reading:
    """All logs of one command."""

    def __init__(
        self,
        paths: tuple[str, ...],
        mapping: str | None = None,
        rejects: str | None = None,
        *,
        quiet: bool = False,
        verbose: bool = False,
        only: Share | None = None,
        in_order: bool = False,
        until: datetime | str | None = None,
    ) -> None:
        """With `only`, the events are those of some subjects, and nothing is told of the logs.

        `in_order` says that all logs are in the order of time, without a look at them. Events after the moment
        `until`, if it is one, are counted.
        """
        from afterword.rim.logs import Log  # noqa: PLC0415

        if paths.count(STDIN) > 1:
            raise click.UsageError("standard input can be read only once")
        refuse_rule_files(paths)
        self._until = None if isinstance(until, str) else until
        self._later = 0
        self._mapped = mapping is not None
        read = None if mapping is None else read_mapping_file(mapping)
        self._stack = ExitStack()
        self._logs: list[Log] = [self._stack.enter_context(Log(path, read)) for path in paths]
        self._noticing = (Unheard if only else Noticing)(rejects, quiet=quiet, verbose=verbose)
        self._stack.callback(self._noticing.close)
        self._quiet = quiet
        self._read = 0
        self._only = only
        self._unsorted: list[str] | None = [] if in_order else None
        self._held: list[BadEvent] | None = None
        """The bad lines so far, as long as it is only presumed that the log is in order."""
        self.last: datetime | None = None
        """The time of the last event so far, whoever it is about."""

    def share(self, only: Share) -> None:
        """From now on only the events of these subjects are given; bad lines are told as before."""
        self._only = only

    def presume_order(self) -> None:
        """Has `blocks` raise `TimeError` if the logs are not in order; `begin_again` is for then.

        One log is not looked at beforehand: it shows while it is read. Bad lines are told when it is certain.
        """
        if len(self._logs) == 1:
            self._unsorted, self._held = [], []
        elif self.unsorted():
            raise _disorder()

    def begin_again(self) -> bool:
        """Forgets what was read and looks at the logs; whether there was reason to, that is, they are not in order."""
        self._read = self._later = 0
        self.last = self._unsorted = self._held = None
        return bool(self.unsorted())

    @property
    def can_be_repeated(self) -> bool:
        """Whether another process can read the same logs: none comes from a pipe or from standard input."""
        with unreadable_logs_told():
            return all(log.can_be_repeated for log in self._logs)

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def in_order(self) -> Iterator[Event]:
        """Every event up to the moment, in the order of time: streamed from sorted logs, else sorted in memory."""
        with unreadable_logs_told():
            yield from self._in_order(self.unsorted())

    def blocks(self, typed: Typed) -> Iterator[Sequence[TypedEvent | Event]]:
        """The same many at a time; a native log that is sorted as `typed` reads it, which is quicker by far."""
        from afterword.rim.logs import BATCH  # noqa: PLC0415

        with unreadable_logs_told():
            unsorted = self.unsorted()
            if len(self._logs) == 1 and not unsorted:
                yield from self._blocks(self._logs[0], typed)
                return
            events = self._in_order(unsorted)
            while batch := list(islice(events, BATCH)):
                yield batch

    def _blocks(self, log: Log, typed: Typed) -> Iterator[list[TypedEvent | Event]]:
        from afterword.bad_event import BadEvent  # noqa: PLC0415

        bad = 0
        for block in log.blocks(typed):
            good: list[Any] = block
            if log.tally.bad > bad:
                bad = log.tally.bad
                good = [each for each in block if not isinstance(each, BadEvent)]
                for each in block:
                    if isinstance(each, BadEvent):
                        self._set_aside(each)
            if self._held is not None:
                self._refuse_disorder(good)
            before, self._read = self._read, self._read + len(good)
            if before // PROGRESS < self._read // PROGRESS:
                self._show_progress(f"{self._read:,} events")
            if good:
                self.last = good[-1].time
                if self._until is not None and self.last > self._until:
                    self._later += sum(each.time > self._until for each in good)
            yield good if self._only is None else list(compress(good, map(self._only, map(_SUBJECT, good))))
        self._show_progress("")

    def _set_aside(self, bad: BadEvent) -> None:
        if self._held is None:
            self._noticing.set_aside(bad)
            return
        self._held.append(bad)
        if len(self._held) == HELD:
            self._make_certain()

    def _make_certain(self) -> None:
        """Looks whether the log that was presumed to be in order is, and tells what was kept back."""
        self._unsorted = None
        if self.unsorted():
            raise _disorder()
        self._tell_held()

    def _tell_held(self) -> None:
        held, self._held = self._held, None
        for bad in held or ():
            self._noticing.set_aside(bad)

    def _refuse_disorder(self, events: Sequence[TypedEvent | Event]) -> None:
        times = [each.time for each in events]
        if self.last is not None:
            times.insert(0, self.last)
        if not all(map(le, times, islice(times, 1, None))):
            raise _disorder()

    def unsorted(self) -> list[str]:
        """The names of the logs that are not in the order of time; they are looked at once."""
        if self._unsorted is None:
            with unreadable_logs_told():
                self._unsorted = [log.name for log in self._logs if not log.is_sorted()]
        return self._unsorted

    def _in_order(self, unsorted: list[str]) -> Iterator[Event]:
        if not unsorted:
            streams = [self._events(log) for log in self._logs]
            yield from (
                streams[0] if len(streams) == 1 else heapq.merge(*streams, key=lambda event: event.time)
            )
            return
        from afterword.events import in_order  # noqa: PLC0415

        names = clean(", ".join(unsorted))
        self._noticing.say(f"{names}: not in the order of time; reading all of it to sort it.")
        yield from in_order(event for log in self._logs for event in self._events(log))

    def _events(self, log: Log) -> Iterator[Event]:
        from afterword.bad_event import BadEvent  # noqa: PLC0415

        for _, found in log:
            if isinstance(found, BadEvent):
                self._noticing.set_aside(found)
                continue
            self._read += 1
            if self._read % PROGRESS == 0:
                self._show_progress(f"{self._read:,} events")
            if self._until is not None and found.time > self._until:
                self._later += 1
                continue
            if self.last is None or found.time > self.last:
                self.last = found.time
            if self._only is None or self._only(found.subject):
                yield found
        self._show_progress("")

    def _show_progress(self, text: str) -> None:
        """How far it has come, on one line of a terminal, when the work is long; no text wipes it away."""
        if self._read >= PROGRESS and not self._quiet and sys.stderr.isatty():
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    def events_again(self) -> Iterator[Event]:
        """The events once more as they stand in the logs; nothing is told of them."""
        from afterword.events import Event  # noqa: PLC0415

        return (found for log in self._logs for _, found in log if isinstance(found, Event))

    def tell(self, remarks: Sequence[Remark], ruleset: Ruleset) -> bool:
        """Says on standard error what was noticed about the logs; whether there was anything.

        Logs in which no line could be read as an event are wrong input.
        """
        self._tell_held()
        noticed = self._noticing.tell(self._logs, remarks, lambda: self._places(remarks, ruleset))
        if self._noticing.bad and not self._read:
            names = ", ".join(log.name for log in self._logs)
            hint = " (perhaps the mapping is for another log)" if self._mapped else ""
            raise click.UsageError(f"{names}: no line could be read as an event{hint}")
        if self._later:
            were = (
                "event comes after that time and was"
                if self._later == 1
                else "events come after that time and were"
            )
            self._noticing.say(f"{self._later:,} {were} left out.")
        return noticed

    def tell_under(self, remarks: Sequence[Remark], under: str) -> None:
        """Says what was noticed about the logs under one of two rulesets alone."""
        self._noticing.remarks(remarks, under=f"under {under} only, ")

    def _places(self, remarks: Sequence[Remark], ruleset: Ruleset) -> dict[tuple[str, str], str]:
        """Where each thing about an event itself stands first; the logs are read again as far as that takes."""
        from afterword.events import Event  # noqa: PLC0415
        from afterword.report import OF_EVENTS, Report  # noqa: PLC0415

        told = chain.from_iterable(told for told, _ in self._noticing.shown(remarks))
        wanted = {(remark.kind, remark.about) for remark in told if remark.kind in OF_EVENTS}
        places: dict[tuple[str, str], str] = {}
        if self._noticing.quiet or not wanted:
            return places
        report = Report(ruleset)
        entries = ((log, line, found) for log in self._logs for line, found in log)
        for log, line, found in islice(entries, SEARCHED):
            if isinstance(found, Event):
                report.check(found)
                for kind, about, _ in report.state():
                    named = f"line {line}" if len(self._logs) == 1 else f"{log.name}, line {line}"
                    places.setdefault((kind, about), named)
                report.restore([])  # so that what was noticed before is not gone through with every event
                if wanted <= places.keys():
                    break
        return places


def _disorder() -> Exception:
    from afterword.moments import TimeError  # noqa: PLC0415

    return TimeError("The logs are not in the order of time.")


@contextmanager
def unreadable_logs_told() -> Iterator[None]:
    """Makes a usage error of it that a log cannot be read."""
    from afterword.rim.opening import LogError  # noqa: PLC0415

    try:
        yield
    except LogError as error:
        raise click.UsageError(f"{error}" + (f" ({error.hint})" if error.hint else "")) from None


def read_mapping_file(path: str) -> LogMapping:
    """The mapping of `--map`; its problems are printed, then the command ends."""
    from afterword.limits import MAX_BYTES  # noqa: PLC0415
    from afterword.rim.mapping_files import read_mapping  # noqa: PLC0415
    from afterword_cli.problems import show_problems  # noqa: PLC0415

    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from None
    mapping, problems = read_mapping(text, path)
    if problems:
        show_problems(problems)
    if mapping is None:
        raise click.exceptions.Exit(2)
    return mapping
