"""Files of tests as `check` and `test` read them: with the ruleset they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.problem import Problem
    from afterword.trials import Trial
    from afterword_cli.documents import Document, Rulebook


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
