"""`afterword evaluate`: replays a log and prints the transitions."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar, get_args

import click

from afterword_cli import render
from afterword_cli.clean import clean
from afterword_cli.counting import number_of
from afterword_cli.options import (
    DEFAULT_RULES,
    as_of_time,
    load_rules,
    log_options,
    network_option,
    parse_settings,
    rules_options,
    use_color,
    verbosity_options,
)
from afterword_cli.targets import of_rules, refuse_inputs
from afterword_cli.wanted import Selection, filter_options, wanted_of

if TYPE_CHECKING:
    from afterword.network import NetworkKind
    from afterword.ruleset import Ruleset
    from afterword.transition import Transition
    from afterword_cli.reading import Reading

WRITTEN = 256
"""How many pieces are written at a time."""

Item = TypeVar("Item")

FAILING = {"warning": "raised", "missed": "missed", "due": "due"}
"""What `--fail-on` can name, and the state that it means."""


@click.command("evaluate")
@log_options
@rules_options
@click.option(
    "--as-of",
    metavar="TIME",
    help="How far to go: a time, a date, `now`, or an offset past the last event such as `+30 days`. "
    "Default: the last event.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "ndjson", "json"]),
    help="Default: table on a terminal, ndjson elsewhere.",
)
@filter_options
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(list(FAILING)),
    help="Exit with status 1 if a warning is raised, or advice is missed or due. Repeatable.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Divide the people of the log among N processes. Same answers; for ndjson and json only. A log that can "
    "be read only once, such as a pipe, is evaluated by one.",
)
@click.option("--drafts", is_flag=True, help="Evaluate draft rules too.")
@network_option
@verbosity_options
def command(
    logs: tuple[str, ...],
    mapping: str | None,
    rejects: str | None,
    strict: bool,
    rules_name: str,
    settings: tuple[str, ...],
    as_of: str | None,
    form: str | None,
    states: tuple[str, ...],
    kind: str | None,
    rule_ids: tuple[str, ...],
    subjects: tuple[str, ...],
    cases: tuple[str, ...],
    fail_on: tuple[str, ...],
    jobs: int,
    drafts: bool,
    network: NetworkKind | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Replays LOGs (JSON Lines, JSON, CSV or CloudEvents, also compressed as `.gz`; `-` for standard input) and
    prints what the rules say, ordered by time.

    A log that is sorted by time is streamed; any other is read as a whole and sorted. A bad line is reported with
    its number, and the rest is evaluated.

    Exit status: 0 done; 1 --strict or --fail-on found something; 2 wrong usage, or rules or a log that cannot
    be read.
    """
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.evaluation import replay_typed  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415
    from afterword_cli.reading import Reading  # noqa: PLC0415

    refuse_inputs("--rejects", rejects, chain(logs, (mapping,), of_rules(rules_name)))
    rules = load_rules(rules_name, settings)
    until = as_of_time(as_of, rules)
    selection = Selection(wanted_of(rules, states, kind, rule_ids, subjects, cases))
    chosen = form or ("table" if sys.stdout.isatty() else "ndjson")
    if jobs > 1 and chosen == "table":
        raise click.UsageError("--jobs goes with --format ndjson or json")
    with Reading(logs, mapping, rejects, quiet=quiet, verbose=verbose, until=until) as reading:
        if jobs > 1 and reading.can_be_repeated:
            from afterword_cli.shards import Job, Shards  # noqa: PLC0415 - brings multiprocessing

            params = parse_settings(settings)
            job = Job(logs, mapping, rules_name, params, until, network, drafts, selection.wanted)
            shards = Shards(job, rules, jobs, selection)
            _write(_laid_out(shards.evaluate(reading), chosen))
            noticed = reading.tell(shards.remarks, rules)
        else:
            engine = Engine(rules, network=network, drafts=drafts, history=SORTED)
            said = replay_typed(engine, reading.blocks, until)
            _write(_rendered(map(selection.of, _batches(said)), chosen, color))
            noticed = reading.tell(engine.remarks(), rules)
        missing = _missing(reading, selection) if not quiet else []
    if not quiet:
        _summarize(selection, rules, drafts, noticed)
        for told in missing:
            click.echo(clean(told), err=True)
    if (strict and noticed) or any(selection.states[FAILING[each]] for each in fail_on):
        raise click.exceptions.Exit(1)


def _rendered(batches: Iterable[list[Transition]], form: str, color: str) -> Iterator[bytes]:
    if form == "ndjson":
        from afterword.transition import ndjson  # noqa: PLC0415

        return map(ndjson, batches)
    transitions = chain.from_iterable(batches)
    if form == "table":
        return _joined(render.table(transitions, render.styler(use_color(color))))
    return _joined(render.json_array(transition.as_json() for transition in transitions))


def _laid_out(batches: Iterable[list[bytes]], form: str) -> Iterator[bytes]:
    """Lines, each with its end, as NDJSON or as one array."""
    if form == "ndjson":
        return map(b"".join, batches)
    return _joined(render.json_array(line[:-1] for line in chain.from_iterable(batches)))


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return map(b"".join, _batches(pieces))


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, WRITTEN)):
        yield batch


def _write(pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _missing(reading: Reading, selection: Selection) -> list[str]:
    """Which of the people and cases that were asked for are not in the logs, which are read again to tell."""
    subjects, cases = selection.unheard
    if not subjects and not cases:
        return []
    from afterword_cli.seen import Seen  # noqa: PLC0415

    seen = Seen(reading.events_again())
    for _ in seen:
        pass
    return seen.missing(cases, subjects)


def _tell_what_to_try(rules: Ruleset) -> None:
    """Which options there are for a log that does not fit the rules, as far as they were not given."""
    given = click.get_current_context().params
    others = ["--rules names others"] if given["rules_name"] == DEFAULT_RULES else []
    others += ["--map translates a foreign log"] if given["mapping"] is None else []
    if others:
        click.echo(f"The rules are those of {rules.name}; {', '.join(others)}.", err=True)


def _summarize(selection: Selection, rules: Ruleset, drafts: bool, noticed: bool) -> None:
    from afterword.timeline.state import State  # noqa: PLC0415

    counts, shown = selection.states, selection.shown
    most_first = sorted(
        (state for state in get_args(State) if counts[state]), key=lambda state: -counts[state]
    )
    told = ", ".join(f"{counts[state]} {state}" for state in most_first)
    total = sum(counts.values())
    of = f"{shown} of " if shown != total else ""
    click.echo(f"{of}{number_of(total, 'transition')}{': ' if told else ''}{told}", err=True)
    if total == 0 and noticed:
        _tell_what_to_try(rules)
    waiting = [rule.id for rule in rules.rules if rule.status == "draft"]
    if waiting and not drafts:
        click.echo(
            f"{len(waiting)} draft rules were left out (--drafts runs them): {', '.join(waiting)}", err=True
        )
