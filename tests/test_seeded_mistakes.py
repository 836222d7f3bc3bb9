"""One mistake in the shipped ruleset is one problem: in its file, at the word, with its code and its hint (P3)."""

from __future__ import annotations

import pytest

from afterword.codes import CODES
from seeded import EVERYWHERE, Seed, by_hand, by_rule, problems_with, some

BY_HAND = list(by_hand())
BY_RULE = list(by_rule())
SEEDS = (BY_HAND if EVERYWHERE else some(BY_HAND, 180)) + BY_RULE


def ids(seed: Seed) -> str:
    return f"{seed.file.rpartition('/')[2][:2]} {seed.name}"


@pytest.mark.parametrize("seed", SEEDS, ids=ids)
def test_p3_a_mistake_is_one_problem_at_its_place(seed: Seed) -> None:
    problems = problems_with(seed)
    assert len(problems) == 1, "\n".join(map(str, problems))
    (problem,) = problems
    assert problem.severity == seed.severity
    assert not seed.codes or problem.code in seed.codes, problem
    assert seed.says in problem.hint + problem.message, problem
    if seed.lines is not None:
        assert problem.file == seed.file, problem
        assert problem.line in seed.lines or names_line(problem.hint, seed.lines), problem
    assert seed.column is None or problem.column == seed.column, problem


def names_line(hint: str, lines: range) -> bool:
    """A line that does not fit is told with the line that it was measured by: either may be the wrong one."""
    return any(f"(line {line})" in hint for line in lines)


def test_p3_there_are_hundreds_of_different_mistakes_of_every_kind() -> None:
    assert len({(seed.file, seed.text) for seed in SEEDS}) >= 250
    told = {code for seed in (*BY_HAND, *BY_RULE) for code in seed.codes}
    of_other_files = {
        "bad-event", "bad-template", "bad-time-format", "unknown-column", "duplicate-test", "wrong-value",
        "impossible-state", "no-ruleset", "unknown-document",
    }  # fmt: skip
    of_the_disk = {"missing-file", "unreadable-file", "unknown-ruleset", "too-large", "bad-setting"}
    of_extending = {code for code in CODES if "extend" in code} | {
        "bad-version",
        "misnamed-folder",
        "redefined",
    }
    assert set(CODES) - told == of_other_files | of_the_disk | of_extending | {
        "too-many-values",
        "too-many-problems",
        "same-rule",
    }
