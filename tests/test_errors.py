"""The public exceptions: they survive the way from one process to another, and say the same there."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

import afterword
import afterword.store
from afterword import BadEvent, Problem

PROBLEM = Problem("a.yaml", 1, 2, "wrong-type", "It is wrong.", "mend it")
MADE: dict[str, Callable[[], Exception]] = {
    "EventError": lambda: afterword.EventError(BadEvent("It has no time.", "add it")),
    "HistoryError": lambda: afterword.HistoryError("It is no history."),
    "NetworkUnavailable": afterword.NetworkUnavailable,
    "RulesetError": lambda: afterword.RulesetError([PROBLEM, PROBLEM]),
    "SnapshotError": lambda: afterword.SnapshotError("It is no snapshot."),
    "StoreError": lambda: afterword.store.StoreError("a.db", "It is damaged.", "mend it"),
    "TimeError": lambda: afterword.TimeError("It is no time."),
    "UnknownAdviceError": lambda: afterword.UnknownAdviceError("a1"),
}


def test_every_public_error_is_tested() -> None:
    raised = (getattr(afterword, name) for name in afterword.__all__)
    names = {each.__name__ for each in raised if isinstance(each, type) and issubclass(each, Exception)}
    assert MADE.keys() == names | {"StoreError"}


def test_the_store_s_error_may_have_no_hint() -> None:
    assert str(afterword.store.StoreError("a.db", "It is damaged.")) == "a.db: It is damaged."
    assert str(MADE["StoreError"]()) == "a.db: It is damaged. (mend it)"


def test_the_error_of_a_ruleset_is_its_problems_line_by_line() -> None:
    assert str(MADE["RulesetError"]()) == f"{PROBLEM}\n{PROBLEM}"


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("again", [lambda each: pickle.loads(pickle.dumps(each)), copy.copy, copy.deepcopy])
def test_an_error_is_the_same_in_another_process(name: str, again: Callable[[Exception], Exception]) -> None:
    error = MADE[name]()
    error.add_note("It happened to ana.")
    copied = again(error)
    assert type(copied) is type(error)
    assert str(copied) == str(error) != ""
    assert vars(copied) == vars(error)
