"""`afterword test`: runs the tests that stand beside rules (S30)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterword.paths import MANIFEST
from afterword_cli.clean import clean, clean_lines
from afterword_cli.documents import UNREADABLE, Document, Shelf, find
from afterword_cli.main import EXIT_FINDINGS, EXIT_USAGE
from afterword_cli.mistaken import look_at_rules
from afterword_cli.options import Finite, ignore_unknown_option, network_option, use_color, verbosity_options
from afterword_cli.problems import show_problems
from afterword_cli.render import pretty_json
from afterword_cli.targets import of_rules, refuse_inputs
from afterword_cli.trials import Planned, Result, plan, run_all

if TYPE_CHECKING:
    from afterword.coverage import Coverage, CoverageReport
    from afterword.network import NetworkKind
    from afterword.problem import Problem
    from afterword_cli.documents import Rulebook


@click.command("test")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--rules",
    "rules_name",
    metavar="NAME[@VERSION]|PATH",
    help="The ruleset for tests that have none beside them.",
)
@click.option("-k", "wanted", metavar="TEXT", help="Only tests whose name, rule or file contains TEXT.")
@click.option(
    "--coverage", is_flag=True, help="Reports which parts of the rules no test covers; -v lists every rule."
)
@click.option(
    "--fail-under",
    type=Finite(0, 100),
    metavar="PERCENT",
    help="Exit with status 1 when a ruleset's coverage is below PERCENT.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Results for people, or as one JSON document for programs.",
)
@click.option("--junit", metavar="FILE", help="Writes the results to FILE as JUnit XML.")
@ignore_unknown_option
@network_option
@verbosity_options
def command(
    paths: tuple[str, ...],
    rules_name: str | None,
    wanted: str | None,
    coverage: bool,
    fail_under: float | None,
    form: str,
    junit: str | None,
    ignore_unknown: bool,
    network: NetworkKind | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Run the tests beside rules, at the times of their events.

    PATH is a ruleset (its tests/*.yaml are run), a file of tests, or a folder to search for these. Draft
    rules are included.

    Exit status: 0 all passed; 1 a test failed, could not be run, or none was found, or the coverage is below
    --fail-under; 2 a path could not be read.
    """
    look_at_rules(rules_name)
    documents, problems = find(paths, ignore_unknown=ignore_unknown)
    testable = [each for each in documents if each.kind != "mapping"]
    ignored = ignore_unknown and not testable
    shelf = Shelf(rules_name)
    planned, found = plan(testable, shelf)
    refuse_inputs("--junit", junit, chain(_inputs(documents), shelf.files(), of_rules(rules_name)))
    warnings = [each for each in found if each.severity == "warning"]
    problems += [each for each in found if each.severity == "error"]
    show_problems(problems if quiet else problems + warnings)
    click.get_current_context().color = use_color(color)
    coverages: dict[Rulebook, Coverage] | None = {} if coverage or fail_under is not None else None
    chosen = [each for each in planned if _is_wanted(each, wanted)]
    show = None if form == "json" else lambda result: _show(result, verbose=verbose)
    results = _run(chosen, network, coverages, show)
    if junit is not None:
        _write_junit(Path(junit), results, problems)
    if not results and not problems and not ignored:
        _say_none(documents, len(planned), wanted)
    reports = [each.report() for each in coverages.values()] if coverages is not None else None
    if form == "json":
        _print_json(results, reports)
    else:
        _sum_up(results, reports or [], quiet=quiet, verbose=verbose)
    low = _below(reports or [], fail_under)
    _finish(results, problems, failed=low or not (results or ignored))


def _inputs(documents: Sequence[Document]) -> Iterator[str]:
    """The files that the documents are read from."""
    for each in documents:
        yield from of_rules(str(each.path))


def _is_wanted(planned: Planned, wanted: str | None) -> bool:
    if wanted is None:
        return True
    trial = planned.trial
    words = [trial.name, trial.file, *(each.rule for each in trial.expectations)]
    return any(wanted.casefold() in word.casefold() for word in words)


def _run(
    planned: Sequence[Planned],
    network: NetworkKind | None,
    coverages: dict[Rulebook, Coverage] | None,
    show: Callable[[Result], None] | None,
) -> list[Result]:
    results = []
    for result in run_all(planned, network, coverages):
        results.append(result)
        if show is not None:
            show(result)
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
        click.echo(
            clean(f"No test has {wanted!r} in its name, rule or file; there are {planned} tests."), err=True
        )
        return
    where = clean(", ".join(document.name for document in documents))
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


def _sum_up(
    results: Sequence[Result], reports: Sequence[CoverageReport], *, quiet: bool, verbose: bool
) -> None:
    from afterword_cli.coverage import show_coverage  # noqa: PLC0415

    failed = sum(bool(result.failures) for result in results)
    if results and (failed or not quiet):
        told = f"{len(results) - failed} passed, {failed} failed"
        click.echo(click.style(told, fg="red" if failed else "green", bold=True))
    for report in reports:
        show_coverage(report, quiet=quiet, verbose=verbose)


def _print_json(results: Sequence[Result], reports: Sequence[CoverageReport] | None) -> None:
    failed = sum(bool(result.failures) for result in results)
    told: dict[str, Any] = {"passed": len(results) - failed, "failed": failed}
    told["tests"] = [result.as_dict() for result in results]
    if reports is not None:
        told["coverage"] = [report.as_dict() for report in reports]
    click.echo(pretty_json(told))


def _below(reports: Sequence[CoverageReport], fail_under: float | None) -> bool:
    """Whether a ruleset is covered less than was asked for; which, is told."""
    low = [each for each in reports if fail_under is not None and 100 * each.seen < fail_under * each.total]
    for each in low:
        click.echo(f"{each.ruleset}: {each.percent} % is below --fail-under {fail_under:g}", err=True)
    return bool(low)


def _finish(results: Sequence[Result], problems: Sequence[Problem], *, failed: bool) -> None:
    if any(problem.code in UNREADABLE for problem in problems):
        raise click.exceptions.Exit(EXIT_USAGE)
    if failed or problems or any(result.failures for result in results):
        raise click.exceptions.Exit(EXIT_FINDINGS)
