"""`afterword watch`: follows a growing log, keeps state, reloads edited rules, prints transitions as they come."""

from __future__ import annotations

import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterword.rim.names import STDIN
from afterword_cli.clean import clean
from afterword_cli.counting import number_of
from afterword_cli.main import EXIT_USAGE
from afterword_cli.options import (
    Finite,
    loudness_options,
    network_option,
    parse_settings,
    reading_options,
    rules_options,
    with_params,
)
from afterword_cli.start import EXIT_INTERRUPTED
from afterword_cli.targets import of_rules, refuse_inputs
from afterword_cli.wanted import Selection, filter_options, wanted_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.network import NetworkKind
    from afterword.rim.mapping import LogMapping
    from afterword.ruleset import Ruleset
    from afterword_cli.edited import EditedRules
    from afterword_cli.keeping import Keeper, Write
    from afterword_cli.noticing import Noticing
    from afterword_cli.outside import Outside
    from afterword_cli.render import Line
    from afterword_cli.watching import Source, Watch

SECONDS = Finite(0.01, 86_400)
"""Up to a day."""

LAG = Finite(0, 366 * 86_400)
"""Up to a year."""


@click.command("watch")
@click.argument("log", metavar="LOG")
@click.option(
    "--state-file",
    metavar="DB",
    help="Keeps the state, and how far LOG was read, in this file; the next run continues from there.",
)
@click.option(
    "--once", is_flag=True, help="Read what there is, let time pass until now, and end; for a timer or cron."
)
@click.option(
    "--no-clock",
    is_flag=True,
    help="Time moves with the events alone, as in evaluate: for a log that is being replayed.",
)
@click.option(
    "--tick",
    type=SECONDS,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How often the clock moves.",
)
@click.option(
    "--lag",
    type=LAG,
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How far the clock stays behind real time, so that events that arrive a little late cause no corrections.",
)
@click.option(
    "--poll",
    type=SECONDS,
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often LOG and the rule files are checked for changes.",
)
@reading_options
@rules_options
@filter_options
@network_option
@loudness_options
@click.pass_obj
def command(
    outside: Outside | None,
    log: str,
    state_file: str | None,
    once: bool,
    no_clock: bool,
    tick: float,
    lag: float,
    poll: float,
    mapping: str | None,
    rejects: str | None,
    rules_name: str,
    settings: tuple[str, ...],
    states: tuple[str, ...],
    kind: str | None,
    rule_ids: tuple[str, ...],
    subjects: tuple[str, ...],
    cases: tuple[str, ...],
    network: NetworkKind | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Follows LOG (a file that grows, a named pipe, or `-` for standard input) and prints what the rules say as
    NDJSON, as it happens.

    LOG is read from its beginning, or from where the last run with the same --state-file stopped. It may be
    rotated and truncated, and need not exist yet (with --once, it must). Once all of it was read, the clock is
    that of the computer. Edited rules are used at once; a broken edit is reported, and the old rules stay in force.

    Exit status: 0 done, or stopped by SIGTERM; 2 wrong usage, or rules, a log or a state file that cannot be
    read.
    """
    from afterword_cli.mistaken import refuse_rule_files  # noqa: PLC0415
    from afterword_cli.noticing import Noticing  # noqa: PLC0415
    from afterword_cli.outside import Outside as Real  # noqa: PLC0415
    from afterword_cli.reading import read_mapping_file  # noqa: PLC0415
    from afterword_cli.watching import Pace, Watch  # noqa: PLC0415

    refuse_inputs("--rejects", rejects, chain((log, mapping, state_file), of_rules(rules_name)))
    refuse_inputs("--state-file", state_file, chain((log, mapping), of_rules(rules_name)))
    refuse_rule_files([log])
    edited, rules = _rules(rules_name, parse_settings(settings))
    selection = Selection(wanted_of(rules, states, kind, rule_ids, subjects, cases))
    read = None if mapping is None else read_mapping_file(mapping)
    with _faults_told(), ExitStack() as stack:
        noticing = stack.enter_context(closing(Noticing(rejects, quiet=quiet, verbose=verbose, mode="ab")))
        world = stack.enter_context(outside or Real())
        keeper = stack.enter_context(_keeper(state_file, rules, network))
        source = stack.enter_context(closing(_source(log, read, keeper, world, once)))
        pace = Pace(poll, tick, lag, not no_clock)
        watch = Watch(source, keeper, _printer(selection), noticing, world, pace, edited)
        with _end_told(watch, source, noticing, selection):
            watch.run(once=once)
    if world.stopped == signal.SIGINT:
        raise click.exceptions.Exit(EXIT_INTERRUPTED)


def _rules(name: str, settings: dict[str, str]) -> tuple[EditedRules, Ruleset]:
    from afterword_cli.edited import EditedRules  # noqa: PLC0415
    from afterword_cli.mistaken import look_at_rules  # noqa: PLC0415
    from afterword_cli.problems import show_problems  # noqa: PLC0415

    look_at_rules(name)
    edited = EditedRules(name, settings)
    rules, problems = edited.first
    if rules is None:
        errors = [problem for problem in problems if problem.severity == "error"]
        show_problems(with_params(errors, name))
        raise click.exceptions.Exit(EXIT_USAGE)
    return edited, rules


@contextmanager
def _keeper(state_file: str | None, rules: Ruleset, network: NetworkKind | None) -> Iterator[Keeper]:
    from afterword.store import SQLiteStore  # noqa: PLC0415
    from afterword_cli.keeping import InMemory, InStore  # noqa: PLC0415

    if state_file is None:
        yield InMemory(rules, network)
    else:
        with SQLiteStore.open(state_file, rules, network=network) as store:
            yield InStore(store)


def _source(log: str, mapping: LogMapping | None, keeper: Keeper, outside: Outside, once: bool) -> Source:
    from afterword_cli.watching import FileSource, StreamSource  # noqa: PLC0415

    if log == STDIN:
        return StreamSource(log, mapping, outside.stream(None))
    if _is_pipe(Path(log)):
        return StreamSource(log, mapping, outside.stream(log))
    # A log that is known may be between two files; one that never was there is most likely misspelt.
    return FileSource(log, mapping, keeper.position, must_be_there=once and keeper.position is None)


def _is_pipe(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _printer(selection: Selection) -> Write:
    def write(transitions: Iterable[Line]) -> None:
        out = sys.stdout.buffer
        for transition in selection.of(list(transitions)):
            out.write(transition.as_json() + b"\n")
        out.flush()

    return write


@contextmanager
def _faults_told() -> Iterator[None]:
    from afterword.store import StoreError  # noqa: PLC0415
    from afterword_cli.reading import unreadable_logs_told  # noqa: PLC0415

    try:
        with unreadable_logs_told():
            yield
    except StoreError as error:
        raise click.UsageError(str(error)) from None


@contextmanager
def _end_told(watch: Watch, source: Source, noticing: Noticing, selection: Selection) -> Iterator[None]:
    """Says what was read, however the watch ends; where a log or the output failed, the error says all there is."""
    from afterword.rim.opening import LogError  # noqa: PLC0415
    from afterword_cli.streams import OutputError  # noqa: PLC0415

    try:
        yield
    except (LogError, OutputError):
        raise
    except BaseException:
        _tell_end(watch, source, noticing, selection)
        raise
    _tell_end(watch, source, noticing, selection)


def _tell_end(watch: Watch, source: Source, noticing: Noticing, selection: Selection) -> None:
    leftover = source.leftover()
    if leftover:
        noticing.say(clean(leftover))
    noticing.tell([source.log], watch.remarks())
    noticing.say(
        f"{number_of(watch.events, 'event')} read, {number_of(selection.shown, 'transition')} printed"
    )
