"""`afterword agenda`: what is overdue, due and coming."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from afterword_cli import render
from afterword_cli.clean import clean
from afterword_cli.options import (
    as_of_time,
    load_rules,
    log_options,
    network_option,
    rules_options,
    use_color,
    verbosity_options,
)
from afterword_cli.targets import of_rules, refuse_inputs
from afterword_cli.wanted import wanted_of, whose_options

if TYPE_CHECKING:
    from afterword.agenda import AgendaItem
    from afterword.network import NetworkKind
    from afterword.ruleset import Ruleset

_HEADINGS = {"overdue": ("Overdue", "red"), "due": ("Due now", "green"), "coming": ("Coming", "cyan")}


class _Moment(click.types.StringParamType):
    """A time, a date, `now` or an offset, as `as_of_time` reads it."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        """What to write where it is missing."""
        return "write `--as-of now`, or a moment such as `--as-of 2026-03-10`"


@click.command("agenda")
@log_options
@rules_options
@click.option(
    "--as-of",
    type=_Moment(),
    required=True,
    metavar="TIME",
    help="The moment: a time, a date, `now`, or an offset past the last event such as `+3 days`.",
)
@click.option(
    "--days",
    type=click.IntRange(0, 36_500),
    default=14,
    show_default=True,
    help="How many calendar days to look ahead (and back, for what is overdue).",
)
@whose_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "ics"]),
    default="table",
    show_default=True,
    help="`ics` is a calendar; it needs the extra `ics`: pip install 'afterword[ics]'.",
)
@network_option
@verbosity_options
def command(
    logs: tuple[str, ...],
    mapping: str | None,
    rejects: str | None,
    strict: bool,
    rules_name: str,
    settings: tuple[str, ...],
    as_of: str,
    days: int,
    rule_ids: tuple[str, ...],
    subjects: tuple[str, ...],
    cases: tuple[str, ...],
    form: str,
    network: NetworkKind | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Replays LOGs up to a moment and lists what is overdue, due now, and coming if nothing else happens.

    Exit status: 0 done; 1 --strict found something; 2 wrong usage, or rules or a log that
    cannot be read.
    """
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.evaluation import replay_well_made  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415
    from afterword_cli.reading import Reading  # noqa: PLC0415
    from afterword_cli.seen import Seen  # noqa: PLC0415

    refuse_inputs("--rejects", rejects, chain(logs, (mapping,), of_rules(rules_name)))
    rules = load_rules(rules_name, settings)
    wanted = wanted_of(rules, (), None, rule_ids, subjects, cases)
    until = as_of_time(as_of, rules)
    engine = Engine(rules, network=network, history=SORTED)
    with Reading(logs, mapping, rejects, quiet=quiet, verbose=verbose, until=until) as reading:
        seen = Seen(reading.in_order())
        for _ in replay_well_made(engine, seen, until):
            pass
        noticed = reading.tell(engine.remarks(), rules)
    if not quiet:
        for missing in seen.missing(cases, subjects):
            click.echo(clean(missing), err=True)
    items = wanted.of(engine.agenda(subjects[0] if len(subjects) == 1 else None, days=days))
    if form == "json":
        click.echo(render.pretty_json([item.as_dict() for item in items]))
    elif form == "ics":
        sys.stdout.buffer.write(_calendar(items, rules, engine.clock))
    else:
        shown = until if isinstance(until, dt.datetime) else engine.clock
        colored = use_color(color)
        click.echo("\n".join(_table(items, shown, colored)), color=colored)
    if strict and noticed:
        raise click.exceptions.Exit(1)


def _table(items: list[AgendaItem], now: dt.datetime | None, color: bool) -> Iterator[str]:
    style = render.styler(color)
    if now is not None:
        yield style(f"Agenda for {now:%A} {now.day} {now:%B %Y, %H:%M %Z}".rstrip(), bold=True)
        if any(_is_elsewhere(item, now) for item in items):
            yield "The times below are in each person's own time zone."
    alone = len({item.subject for item in items}) < 2
    whens = [_when(item) for item in items]
    whose = [clean(_whose(item, alone)) for item in items]
    wide, wider = (max(map(len, texts), default=0) for texts in (whens, whose))
    heading = ""
    for item, when, owner in zip(items, whens, whose, strict=True):
        if item.status != heading:
            heading = item.status
            name, colour = _HEADINGS[heading]
            yield ""
            yield style(name, fg=colour, bold=True)
        yield f"  {when:<{wide}}  {owner:<{wider}}  {style(clean(item.title), bold=True)}  [{item.rule}]"
        if item.status != "coming":
            yield from render.wrapped(item.message, 6)
    if not heading:
        yield "Nothing to do."


def _is_elsewhere(item: AgendaItem, now: dt.datetime) -> bool:
    """Whether a time of the item is told by another clock than the moment of the agenda."""
    times = filter(None, (item.start, item.until, item.snoozed_until))
    return any(now.astimezone(time.tzinfo).utcoffset() != now.utcoffset() for time in times)


def _whose(item: AgendaItem, alone: bool) -> str:
    """The case, with the person when the agenda has more than one."""
    case = item.case if item.case is not None else "-"
    return case if alone else f"{item.subject}/{case}"


def _when(item: AgendaItem) -> str:
    if item.status == "coming":
        return f"from {render.when(item.start)}" if item.start else ""
    if item.snoozed_until is not None:
        return f"snoozed to {render.when(item.snoozed_until)}"
    if item.until is None:
        return "any time"
    return f"{'was due by' if item.status == 'overdue' else 'by'} {render.last_day(item.until)}"


def _calendar(items: Iterable[AgendaItem], rules: Ruleset, now: dt.datetime | None) -> bytes:
    try:
        from afterword.rim.calendar import ics  # noqa: PLC0415 - an extra
    except ImportError:
        click.echo("--format ics needs the icalendar package: pip install 'afterword[ics]'", err=True)
        sys.exit(2)
    return ics(items, rules, now)
