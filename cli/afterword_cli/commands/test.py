"""`afterword test`: runs the tests that stand beside rules (S30)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from afterword_cli.documents import MANIFEST, UNREADABLE, Document, Shelf, find
from afterword_cli.main import EXIT_FINDINGS, EXIT_USAGE
from afterword_cli.options import network_option, use_color, verbosity_options
from afterword_cli.problems import show_problems
from afterword_cli.render import clean, clean_lines
from afterword_cli.trials import Planned, Result, plan, run_all

if TYPE_CHECKING:
    from afterword.problem import Problem


@click.command("test")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--rules",
    "rules_name",
    metavar="NAME[@VERSION]|PATH",
    help="The ruleset that tests are about when they stand beside none.",
)
@click.option("-k", "wanted", metavar="TEXT", help="Only tests whose name, rule or file contains TEXT.")
@click.option("--junit", metavar="FILE", help="Writes the results to FILE as JUnit XML.")
@network_option
@verbosity_options
def command(
    paths: tuple[str, ...],
    rules_name: str | None,
    wanted: str | None,
    junit: str | None,
    network: Literal["durable", "plain"] | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Run the tests beside rules, in the time of their events.

    PATH is a ruleset, whose tests/*.yaml are run, a file of tests, or a folder to search for these. Draft
    rules take part.

    Exit status: 0 all passed; 1 a test failed, could not be run, or none was found; 2 a path could not be read.
    """
    documents, problems = find(paths)
    planned, found = plan([each for each in documents if each.kind != "mapping"], Shelf(rules_name))
    problems += found
    show_problems(problems)
    click.get_current_context().color = use_color(color)
    results = _run([each for each in planned if _is_wanted(each, wanted)], network, verbose)
    if junit is not None:
        _write_junit(Path(junit), results, problems)
    if not results and not problems:
        _say_none(documents, len(planned), wanted)
    _finish(results, problems, quiet=quiet)


def _is_wanted(planned: Planned, wanted: str | None) -> bool:
    if wanted is None:
        return True
    trial = planned.trial
    words = [trial.name, trial.file, *(each.rule for each in trial.expectations)]
    return any(wanted.casefold() in word.casefold() for word in words)


def _run(
    planned: Sequence[Planned],
    network: Literal["durable", "plain"] | None,
    verbose: bool,
) -> list[Result]:
    from afterword.network import NetworkUnavailable  # noqa: PLC0415

    results = []
    try:
        for result in run_all(planned, network):
            results.append(result)
            _show(result, verbose=verbose)
    except NetworkUnavailable as error:
        raise click.UsageError(str(error)) from None
    return results


def _show(result: Result, *, verbose: bool) -> None:
    name = clean(result.trial.name)
    if verbose and not result.failures:
        click.echo(f"{click.style('passed', fg='green')}  {name}")
    for failure in result.failures:
        place = clean(f"{failure.expectation.file}:{failure.expectation.line}:{failure.expectation.column}")
        click.echo(f"{click.style('FAILED', fg='red', bold=True)}  {place}: {click.style(name, bold=True)}")
        told = clean_lines(str(failure)).split("\n")
        click.echo("".join(f"  {line}\n" for line in told))


def _say_none(documents: Sequence[Document], planned: int, wanted: str | None) -> None:
    if planned:
        click.echo(f"No test has {wanted!r} in its name, rule or file; there are {planned} tests.", err=True)
        return
    where = ", ".join(document.name for document in documents)
    click.echo(
        f"No tests found in {where}.\n  help: put them into `tests/*.yaml` beside `{MANIFEST}`", err=True
    )


def _write_junit(path: Path, results: Sequence[Result], problems: Sequence[Problem]) -> None:
    from afterword_cli.junit import as_junit  # noqa: PLC0415

    try:
        path.write_bytes(as_junit(results, problems))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.BadParameter(f"{path} cannot be written: {reason}", param_hint="--junit") from None


def _finish(results: Sequence[Result], problems: Sequence[Problem], *, quiet: bool) -> None:
    failed = sum(bool(result.failures) for result in results)
    if results and (failed or not quiet):
        told = f"{len(results) - failed} passed, {failed} failed"
        click.echo(click.style(told, fg="red" if failed else "green", bold=True))
    if any(problem.code in UNREADABLE for problem in problems):
        raise click.exceptions.Exit(EXIT_USAGE)
    if failed or problems or not results:
        raise click.exceptions.Exit(EXIT_FINDINGS)
