"""`afterword diff`: what changed between two rulesets, and what it changes for a log."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from afterword_cli import render
from afterword_cli.diff_words import DiffReport
from afterword_cli.main import EXIT_FINDINGS, EXIT_USAGE
from afterword_cli.options import (
    as_of_time,
    network_option,
    parse_settings,
    use_color,
    verbosity_options,
)

if TYPE_CHECKING:
    from afterword.comparing.changes import Edition
    from afterword.comparing.effects import Effects
    from afterword.engine import Engine
    from afterword.events import Event
    from afterword.network import NetworkKind
    from afterword.problem import Problem
    from afterword.report import Remark
    from afterword_cli.reading import Reading

FAILING = ("rules", "advice", "gained", "lost", "moved", "ended", "reworded")
"""What `--fail-on` can name: any difference of the rules, or of what is said of the log, or one kind of it."""

_PROGRESS = 5_000


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("logs", metavar="[LOG...]", nargs=-1)
@click.option("--map", "mapping", metavar="MAPPING.yaml", help="How to read a CSV or foreign JSON log.")
@click.option(
    "--as-of",
    metavar="TIME",
    help="How far to go: a time, a date, `now`, or an offset past the last event such as `+30 days`. "
    "Default: the last event.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Sets a param of both rulesets for the log. Repeatable.",
)
@click.option("--drafts", is_flag=True, help="Evaluate draft rules too.")
@click.option(
    "--examples",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    help="How many examples of each kind to show per rule.",
)
@click.option(
    "--semver",
    is_flag=True,
    help="Say why, and exit with status 1 if NEW's version number understates the change.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(FAILING),
    help="Exit with status 1 if the rules differ, the advice for the log differs, or some advice is gained, lost, "
    "… Repeatable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="`markdown` is for a pull request.",
)
@network_option
@verbosity_options
def command(
    old: str,
    new: str,
    logs: tuple[str, ...],
    mapping: str | None,
    as_of: str | None,
    settings: tuple[str, ...],
    drafts: bool,
    examples: int,
    semver: bool,
    fail_on: tuple[str, ...],
    form: str,
    network: NetworkKind | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Shows what changed from the ruleset OLD to the ruleset NEW, in plain words, and which version number the
    change calls for. OLD and NEW are names of installed rulesets (NAME[@VERSION]) or paths.

    With LOGs, both rulesets evaluate them. For each rule, it then counts and shows the advice that was gained,
    lost or moved, that ended differently, or that reads differently.

    Exit status: 0 done, whatever changed; 1 with --semver, if NEW's version number understates the change, or
    with --fail-on; 2 a ruleset or a log could not be read.
    """
    from afterword.compare import compare, judge  # noqa: PLC0415
    from afterword_cli.mistaken import look_at_rules  # noqa: PLC0415

    look_at_rules(old, new)
    before, after = _open(old, new)
    if not logs and (settings or mapping is not None or as_of is not None):
        raise click.UsageError("--set, --map and --as-of are about a log, and none is named")
    comparison = compare(before, after)
    effects = None
    if logs:
        engines = _engines(before, after, parse_settings(settings), network, drafts)
        run = _Run(logs, mapping, as_of, examples, quiet, verbose)
        effects = run.compare(*engines)
    told = DiffReport(comparison, judge(comparison), effects, logs, semver)
    _print(told, form, color)
    if (semver and not told.verdict.enough) or any(_is_found(each, told) for each in fail_on):
        raise click.exceptions.Exit(EXIT_FINDINGS)


# --- the rulesets


def _open(old: str, new: str) -> tuple[Edition, Edition]:
    """Both rulesets; the problems of both are printed when one cannot be used."""
    from afterword_cli.problems import show_problems  # noqa: PLC0415

    problems: list[Problem] = []
    before, after = (_edition(name, problems) for name in (old, new))
    if before is None or after is None:
        show_problems(problems)
        raise click.exceptions.Exit(EXIT_USAGE)
    return before, after


def _edition(name: str, problems: list[Problem]) -> Edition | None:
    from afterword.comparing.changes import Edition  # noqa: PLC0415
    from afterword.loading import RulesetError, document  # noqa: PLC0415

    try:
        read = document(name)
    except RulesetError as error:
        problems += error.problems
        return None
    ruleset, found = read.build()
    if ruleset is None or read.root is None:
        problems += [each for each in found if each.severity == "error"]
        return None
    return Edition(ruleset, read.root)


def _engines(
    old: Edition, new: Edition, settings: Mapping[str, str], network: NetworkKind | None, drafts: bool
) -> tuple[Engine, Engine]:
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415
    from afterword.suggest import hint  # noqa: PLC0415

    known = old.ruleset.params.keys() | new.ruleset.params.keys()
    for name in settings.keys() - known:
        told = f"neither ruleset has a param {name!r}; {hint(name, known)}".rstrip("; ")
        raise click.BadParameter(told, param_hint="--set")
    before, after = (
        Engine(_with(each, settings), network=network, drafts=drafts, history=SORTED) for each in (old, new)
    )
    return before, after


def _with(edition: Edition, settings: Mapping[str, str]) -> Any:
    """The ruleset with those of the settings that it has a param for."""
    from afterword.build import build  # noqa: PLC0415
    from afterword_cli.problems import show_problems  # noqa: PLC0415

    own = {name: value for name, value in settings.items() if name in edition.ruleset.params}
    if not own:
        return edition.ruleset
    ruleset, problems = build(edition.document, own)
    if ruleset is None:
        show_problems(each for each in problems if each.severity == "error")
        raise click.exceptions.Exit(EXIT_USAGE)
    return ruleset


# --- the log


class _Run:
    """The evaluation of the logs under both rulesets."""

    def __init__(
        self,
        logs: tuple[str, ...],
        mapping: str | None,
        as_of: str | None,
        examples: int,
        quiet: bool,
        verbose: bool,
    ) -> None:
        self._logs = logs
        self._mapping = mapping
        self._as_of = as_of
        self._examples = examples
        self._quiet = quiet
        self._verbose = verbose

    def compare(self, old: Engine, new: Engine) -> Effects:
        """What the change makes of the log; what was noticed about it goes to standard error."""
        from afterword.comparing.effects import compare_on  # noqa: PLC0415
        from afterword_cli.reading import Reading  # noqa: PLC0415

        until = as_of_time(self._as_of, new.ruleset)
        quiet, verbose = self._quiet, self._verbose
        with Reading(self._logs, self._mapping, quiet=quiet, verbose=verbose, until=until) as reading:
            effects = compare_on(old, new, self._counted(reading), until, self._examples)
            before, after = old.remarks(), new.remarks()
            reading.tell(_among(after, before), new.ruleset)
            reading.tell_under(_among(before, after, there=False), "OLD")
            reading.tell_under(_among(after, before, there=False), "NEW")
        return effects

    def _counted(self, reading: Reading) -> Iterator[Event]:
        """The events, with a word now and then on how far it has come."""
        told = sys.stderr.isatty() and not self._quiet
        for count, event in enumerate(reading.in_order()):
            if told and count and count % _PROGRESS == 0:
                click.echo(f"\r{count} events …", err=True, nl=False)
            yield event
        if told:
            click.echo("\r\x1b[K", err=True, nl=False)


def _among(remarks: Iterable[Remark], others: Iterable[Remark], *, there: bool = True) -> list[Remark]:
    """Those of the remarks that are among the others too; or those that are not."""
    known = {(other.kind, other.about) for other in others}
    return [each for each in remarks if ((each.kind, each.about) in known) == there]


# --- the outcome


def _is_found(name: str, told: DiffReport) -> bool:
    if name == "rules":
        return bool(told.comparison)
    if told.effects is None:
        return False
    return bool(told.effects) if name == "advice" else told.effects.total(name) > 0  # type: ignore[arg-type]


def _print(told: DiffReport, form: str, color: str) -> None:
    if form == "json":
        click.echo(render.pretty_json(_as_dict(told)))
    elif form == "markdown":
        from afterword_cli.diff_markdown import as_markdown  # noqa: PLC0415

        click.echo("\n".join(as_markdown(told)))
    else:
        from afterword_cli.diff_text import as_text  # noqa: PLC0415

        colored = use_color(color)
        click.echo("\n".join(as_text(told, render.styler(colored))), color=colored)


def _as_dict(told: DiffReport) -> dict[str, Any]:
    from msgspec import to_builtins  # noqa: PLC0415

    comparison = to_builtins(told.comparison)
    return {
        "old": comparison["old"],
        "new": comparison["new"],
        "semver": {**to_builtins(told.verdict), "reasons": to_builtins(told.comparison.reasons)},
        "rules": comparison["rules"],
        "shared": comparison["shared"],
        "unchanged": comparison["unchanged"],
        "log": None if told.effects is None else to_builtins(told.effects),
    }
