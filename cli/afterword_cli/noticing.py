"""What is told on standard error about the logs of a command, and the lines that are set aside (P2, P3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from afterword.bad_event import BadEvent
    from afterword.report import Remark
    from afterword.rim.logs import Log

Places = Mapping[tuple[str, str], str]
"""By kind and matter of a remark: where in a log that stands first."""

SHOWN = 20
"""How many bad lines are told one by one; the rest are counted (`-v` tells all)."""


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
        self._rejects: IO[bytes] | None = None
        if rejects is not None:
            try:
                self._rejects = Path(rejects).open(mode)  # noqa: SIM115 - closed by `close`
            except OSError as error:
                raise click.UsageError(f"{rejects} cannot be written: {error.strerror}") from None
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
            self.say(f"{click.style('bad line', fg='red')}: {bad}")
        elif self.bad == SHOWN + 1:
            self.say("… more bad lines follow; -v shows them all.")
        if self._rejects is not None:
            self._rejects.write(bad.raw.rstrip(b"\r\n") + b"\n")

    def tell(
        self, logs: Iterable[Log], remarks: Iterable[Remark], look_up: Callable[[], Places] = dict
    ) -> bool:
        """Says what was noticed about the logs; whether there was anything. `look_up` may read the logs again."""
        told = [self._tell_tally(log) for log in logs]
        places = look_up()
        told += [self.remark(remark, places.get((remark.kind, remark.about))) for remark in remarks]
        if self.bad:
            where = f"; set aside in {self._rejects.name}" if self._rejects is not None else ""
            self.say(f"{self.bad} bad line{'s' if self.bad > 1 else ''}{where}")
        return any(told) or self.bad > 0

    def remark(self, remark: Remark, place: str | None = None) -> bool:
        """Says one remark, and where its cause stands first."""
        hint = f" ({remark.hint})" if remark.hint else ""
        times = "once" if remark.count == 1 else f"{remark.count} times"
        times += f", {'' if remark.count == 1 else 'first '}in {place}" if place is not None else ""
        self.say(f"{click.style(remark.kind, fg='yellow')}: {_clean(remark.about)}, {times}{hint}")
        return True

    def say(self, text: str) -> None:
        """A line on standard error, unless only results are wanted."""
        if not self.quiet:
            click.echo(text, err=True)

    def _tell_tally(self, log: Log) -> bool:
        tally = log.tally
        if tally.ignored:
            total = sum(tally.ignored.values())
            names = ", ".join(f"{name} ({count})" for name, count in sorted(tally.ignored.items()))
            self.say(f"{log.name}: {total} ignored as the mapping says: {names}")
        if tally.never_seen:
            self.say(
                f"{log.name}: nothing had a value for {', '.join(tally.never_seen)}, which the mapping reads"
            )
        if self.verbose and tally.unread_columns:
            self.say(f"{log.name}: columns that the mapping does not read: {', '.join(tally.unread_columns)}")
        return bool(tally.never_seen)


def _clean(text: str) -> str:
    """A log may hold anything; a terminal gets only what can be shown."""
    return "".join(char if char.isprintable() else "?" for char in text)


class Unheard(Noticing):
    """Says nothing: another process tells of the same logs."""

    def say(self, text: str) -> None:
        """Nothing."""
