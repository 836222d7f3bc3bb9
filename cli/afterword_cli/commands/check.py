"""`afterword check`: every problem in rulesets, mappings and files of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from afterword_cli.clean import clean
from afterword_cli.documents import UNREADABLE, Document, Shelf, find
from afterword_cli.main import EXIT_FINDINGS, EXIT_USAGE
from afterword_cli.mistaken import look_at_rules
from afterword_cli.options import ignore_unknown_option, use_color, verbosity_options
from afterword_cli.problems import FORMATS, RENDERERS, show_problems

if TYPE_CHECKING:
    from afterword.problem import Problem


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--rules",
    "rules_name",
    metavar="NAME[@VERSION]|PATH",
    help="The ruleset for tests that have none beside them.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
@ignore_unknown_option
@verbosity_options
def command(
    paths: tuple[str, ...],
    rules_name: str | None,
    format_: str,
    ignore_unknown: bool,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Find every problem in rule, mapping and test files.

    PATH is a ruleset (a folder, a file, or the name of an installed one), a mapping file, a file of tests, a
    folder to search for these, or - for standard input. A ruleset is checked with its tests.

    Exit status: 0 no errors (there may be warnings); 1 errors; 2 a path could not be read.
    """
    look_at_rules(rules_name)
    documents, problems = find(paths, ignore_unknown=ignore_unknown)
    shelf = Shelf(rules_name)
    for document in documents:
        problems += _problems(document, shelf)
    problems = sorted(set(problems))
    if format_ != "text":
        click.echo(RENDERERS[format_](problems))
    else:
        _show(documents, problems, quiet=quiet, verbose=verbose, color=use_color(color))
    _finish(problems)


def _problems(document: Document, shelf: Shelf) -> list[Problem]:
    if document.kind == "mapping":
        from afterword.rim.mapping_files import read_mapping  # noqa: PLC0415

        return read_mapping(document.text or b"", document.name)[1]
    book = shelf.of(document)
    found = list(book.problems) if book is not None else []
    if document.kind == "tests":
        from afterword_cli.trials import read_file  # noqa: PLC0415

        found += read_file(document, book)[1]
    return found


def _show(
    documents: list[Document], problems: list[Problem], *, quiet: bool, verbose: bool, color: bool
) -> None:
    texts = {each.name: each.text.decode("utf-8", "replace") for each in documents if each.text is not None}
    if verbose:
        for document in documents:
            click.echo(f"checked {document.kind} {clean(document.name)}", err=True)
    show_problems(problems, texts, err=False, color=color)
    if not problems and not quiet:
        things = f"{len(documents)} documents" if len(documents) != 1 else documents[0].name
        click.echo(f"No problems in {clean(things)}.")


def _finish(problems: list[Problem]) -> None:
    if any(problem.code in UNREADABLE for problem in problems):
        raise click.exceptions.Exit(EXIT_USAGE)
    if any(problem.severity == "error" for problem in problems):
        raise click.exceptions.Exit(EXIT_FINDINGS)
