"""Files of tests as `check` and `test` read and run them: with the ruleset they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterword.coverage import Coverage
    from afterword.network import NetworkKind
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

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        trial = self.trial
        told = {"name": trial.name, "file": trial.file, "line": trial.line, "passed": not self.failures}
        return told | {"failures": [_as_dict(failure) for failure in self.failures]}


def _as_dict(failure: Failure) -> dict[str, Any]:
    expected = failure.expectation
    place = {"file": expected.file, "line": expected.line, "column": expected.column}
    asked = {"rule": expected.rule, "at": expected.at, "state": expected.state}
    lists = {"differences": failure.differences, "got": failure.got, "why": failure.why}
    return place | asked | lists


def read_file(document: Document, book: Rulebook | None) -> tuple[list[Trial], list[Problem]]:
    """The tests of a file, and every problem in it; names are only checked against a ruleset without errors."""
    from afterword.problem import Problem  # noqa: PLC0415
    from afterword.trial_files import read_trials  # noqa: PLC0415
    from afterword.yaml_tree import parse  # noqa: PLC0415

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
    """The tests that can be run, what keeps others from it, and warnings of the files of tests."""
    planned: list[Planned] = []
    problems: list[Problem] = []
    for document in documents:
        book = shelf.of(document)
        problems += [each for each in book.problems if each.severity == "error"] if book is not None else []
        if document.kind == "tests":
            trials, found = read_file(document, book)
            problems += found
            if book is not None and book.usable:
                planned += [Planned(trial, book) for trial in trials]
    return planned, sorted(set(problems))


def run_all(
    planned: Iterable[Planned], network: NetworkKind | None, coverages: dict[Rulebook, Coverage] | None = None
) -> Iterator[Result]:
    """Runs the tests one by one; with `coverages`, that of each ruleset is put there.

    Raises `NetworkUnavailable` when the network asked for is absent.
    """
    from afterword.trials import Runner  # noqa: PLC0415

    runners: dict[Rulebook, Runner] = {}
    for each in planned:
        book = each.book
        if book not in runners:
            coverage = _coverage(book) if coverages is not None else None
            if coverages is not None and coverage is not None:
                coverages[book] = coverage
            runners[book] = Runner(book.build, network, coverage)
        yield Result(each.trial, tuple(runners[book].run(each.trial)))


def _coverage(book: Rulebook) -> Coverage | None:
    from afterword.coverage import Coverage  # noqa: PLC0415

    ruleset, _ = book.build({})
    return None if ruleset is None else Coverage(ruleset, book.own_rules())
