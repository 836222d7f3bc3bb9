"""Files of tests as `check` and `test` read and run them: with the ruleset they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.network import Kind
    from afterword.problem import Problem
    from afterword.trials import Failure, Trial
    from afterword_cli.documents import Document, Rulebook, Shelf


@dataclass(frozen=True, slots=True)
class Planned:
    """A test that can be run, and the ruleset it is about."""

    trial: Trial
    book: Rulebook


@dataclass(frozen=True, slots=True)
class Result:
    """A test that was run; it passed if nothing failed."""

    trial: Trial
    failures: tuple[Failure, ...]


def read_file(document: Document, book: Rulebook | None) -> tuple[list[Trial], list[Problem]]:
    """The tests of a file, and every problem in it; names are only checked against a ruleset without errors."""
    from afterword.problem import Problem  # noqa: PLC0415
    from afterword.source import parse  # noqa: PLC0415
    from afterword.trial_files import read_trials  # noqa: PLC0415

    node, problems = parse(document.text or b"", document.name)
    if book is None:
        message = "These tests stand beside no ruleset."
        mend = "put them into the folder `tests` beside `ruleset.yaml`, or name a ruleset with `--rules`"
        problems.append(Problem(document.name, 0, 0, "no-ruleset", message, mend))
    if node is None:
        return [], problems
    trials, found = read_trials(node, book.build if book is not None and book.usable else None)
    return ([] if problems else trials), sorted({*problems, *found})


def plan(documents: Iterable[Document], shelf: Shelf) -> tuple[list[Planned], list[Problem]]:
    """The tests that can be run, and what keeps others from it."""
    planned: list[Planned] = []
    problems: list[Problem] = []
    for document in documents:
        book = shelf.of(document)
        problems += book.problems if book is not None else ()
        if document.kind == "tests":
            trials, found = read_file(document, book)
            problems += found
            if book is not None and book.usable:
                planned += [Planned(trial, book) for trial in trials]
    return planned, sorted({problem for problem in problems if problem.severity == "error"})


def run_all(planned: Iterable[Planned], network: Kind | None) -> Iterator[Result]:
    """Runs the tests one by one. Raises `NetworkUnavailable` when the network asked for is absent."""
    from afterword.trials import Runner  # noqa: PLC0415

    runners: dict[Rulebook, Runner] = {}
    for each in planned:
        if each.book not in runners:
            runners[each.book] = Runner(each.book.build, network)
        yield Result(each.trial, tuple(runners[each.book].run(each.trial)))
