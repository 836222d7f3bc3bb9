"""What tests have seen of the rules, as text to read at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from afterword_cli.clean import clean

if TYPE_CHECKING:
    from afterword.coverage import CoverageReport, RuleCoverage


def show_coverage(report: CoverageReport, *, quiet: bool, verbose: bool) -> None:
    """Prints what no test has seen, and the percentage; `verbose`: of every rule, `quiet`: of the whole alone."""
    missing = [rule for rule in report.rules if rule.missing]
    if not quiet:
        for rule in missing:
            _show_missing(rule)
        if verbose:
            _show_rules(report)
        if missing or verbose:
            click.echo()
    told = f"{report.ruleset}: {report.percent} % covered, {report.seen} of {report.total} branches"
    click.echo(click.style(told, fg="yellow" if missing else "green", bold=True))


def _show_missing(rule: RuleCoverage) -> None:
    place = clean(f"{rule.file}:{rule.line}")
    click.echo(f"\n{place}: {click.style(rule.rule, bold=True)}")
    if rule.seen == 0:
        click.echo("  no test reaches it")
        return
    for branch in rule.missing:
        click.echo(f"  {clean(str(branch))}")


def _show_rules(report: CoverageReport) -> None:
    width = len(str(max((rule.total for rule in report.rules), default=0)))
    click.echo()
    for rule in report.rules:
        count = f"{rule.seen:>{width}} of {rule.total:>{width}}"
        click.echo(f"{rule.percent:>5} %  {count}  {rule.rule}")
