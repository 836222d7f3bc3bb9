"""What is told on standard error about the logs of a command, and the lines that are set aside (P2, P3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

import click

from afterword_cli.clean import clean
from afterword_cli.counting import number_of
from afterword_cli.rejects import Rejects

if TYPE_CHECKING:
    from afterword.bad_event import BadEvent
    from afterword.report import Remark
    from afterword.rim.logs import Log

Places = Mapping[tuple[str, str], str]
"""By kind and matter of a remark: where in a log that stands first."""

SHOWN = 20
"""How many bad lines, and remarks of one kind, are told one by one; the rest are counted (`-v` tells all)."""


class Noticing:
    """Bad lines go to standard error and, whole, to the rejects file; remarks are told when asked for."""

    def __init__(
        self,
        rejects: str | None = None,
        *,
        quiet: bool = False,
        verbose: bool = False,
        mode: Literal["wb", "ab"] = "wb",
    ) -> None:
        """`mode` `ab`: what is set aside is added to what an earlier run set aside."""
        self._rejects = None if rejects is None else Rejects(rejects, mode)
        self.quiet = quiet
        self.verbose = verbose
        self.bad = 0

    def close(self) -> None:
        """Closes the rejects file."""
        if self._rejects is not None:
            self._rejects.close()

    def flush(self) -> None:
        """Has what was set aside written."""
        if self._rejects is not None:
            self._rejects.flush()

    def set_aside(self, bad: BadEvent) -> None:
        """Tells a bad line and keeps it."""
        self.bad += 1
        if self.verbose or self.bad <= SHOWN:
            self.say(f"{click.style('bad line', fg='red')}: {clean(str(bad))}")
        elif self.bad == SHOWN + 1:
            self.say("… more bad lines follow; -v shows them all.")
        if self._rejects is not None:
            self._rejects.write(bad.raw.rstrip(b"\r\n"))
            self._tell_cut(bad)

    def tell(
        self, logs: Iterable[Log], remarks: Iterable[Remark], look_up: Callable[[], Places] = dict
    ) -> bool:
        """Says what was noticed about the logs; whether there was anything. `look_up` may read the logs again."""
        told = [self._tell_tally(log) for log in logs]
        found = list(remarks)
        self.remarks(found, look_up())
        if self.bad:
            where = f"; set aside in {clean(self._rejects.name)}" if self._rejects is not None else ""
            self.say(f"{number_of(self.bad, 'bad line')}{where}")
        return any(told) or bool(found) or self.bad > 0

    def shown(self, remarks: Iterable[Remark]) -> Iterator[tuple[list[Remark], int]]:
        """The remarks of each kind that are told one by one, and how many more there are."""
        for _, group in groupby(remarks, attrgetter("kind")):
            of_kind = list(group)
            most = len(of_kind) if self.verbose else SHOWN
            yield of_kind[:most], len(of_kind[most:])

    def remarks(self, remarks: Iterable[Remark], places: Places | None = None, under: str = "") -> None:
        """Says remarks that are sorted by kind, and where the causes stand first; `under` what they are made."""
        for told, more in self.shown(remarks):
            for remark in told:
                self.remark(remark, (places or {}).get((remark.kind, remark.about)), under)
            if more:
                self.say(f"… and {more:,} more of the kind `{told[0].kind}`; -v shows them all.")

    def remark(self, remark: Remark, place: str | None = None, under: str = "") -> None:
        """Says one remark, and where its cause stands first."""
        hint = f" ({remark.hint})" if remark.hint else ""
        times = "once" if remark.count == 1 else f"{remark.count} times"
        times += f", {'' if remark.count == 1 else 'first '}in {place}" if place is not None else ""
        kind = click.style(remark.kind, fg="yellow")
        self.say(f"{under}{kind}: {clean(remark.about)}, {clean(times)}{clean(hint)}")

    def say(self, text: str) -> None:
        """A line on standard error, unless only results are wanted."""
        if not self.quiet:
            click.echo(text, err=True)

    def _tell_cut(self, bad: BadEvent) -> None:
        from afterword.rim.lines import LONGEST  # noqa: PLC0415

        if len(bad.raw) > LONGEST:
            place = clean(f"{bad.log}:{bad.line}")
            self.say(f"{place}: only the first {len(bad.raw):,} bytes of the line were set aside.")

    def _tell_tally(self, log: Log) -> bool:
        tally = log.tally
        if tally.ignored:
            total = sum(tally.ignored.values())
            names = ", ".join(f"{name} ({count})" for name, count in sorted(tally.ignored.items()))
            self.say(clean(f"{log.name}: {total} ignored as the mapping says: {names}"))
        if tally.never_seen:
            names = ", ".join(tally.never_seen)
            self.say(clean(f"{log.name}: nothing had a value for {names}, which the mapping reads"))
        if self.verbose and tally.unread_columns:
            names = ", ".join(tally.unread_columns)
            self.say(clean(f"{log.name}: columns that the mapping does not read: {names}"))
        return bool(tally.never_seen)


class Unheard(Noticing):
    """Says nothing: another process tells of the same logs."""

    def say(self, text: str) -> None:
        """Nothing."""
