"""Which transitions a user wants to see: the options that say so, and what they are turned into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar, get_args

import click

from afterword_cli.options import Command, split
from afterword_cli.render import Line

if TYPE_CHECKING:
    from afterword.ruleset import Ruleset

Told = TypeVar("Told")
"""A transition, or an item of an agenda, which has no state and no kind to ask for."""
AnyLine = TypeVar("AnyLine", bound=Line)


def filter_options(command: Command) -> Command:
    """`--state`, `--kind`, `--rule`, `--subject`, `--case`."""
    command = whose_options(command)
    command = click.option(
        "--kind", type=click.Choice(["recommendation", "warning"]), help="Only this kind of rule."
    )(command)
    return click.option(
        "--state",
        "states",
        multiple=True,
        metavar="STATE,…",
        help="Only these states: due, missed, raised, …",
    )(command)


def whose_options(command: Command) -> Command:
    """`--rule`, `--subject`, `--case`."""
    command = click.option(
        "--case", "cases", multiple=True, metavar="CASE", help="Only these cases. Repeatable."
    )(command)
    command = click.option(
        "--subject", "subjects", multiple=True, metavar="NAME", help="Only these people. Repeatable."
    )(command)
    return click.option("--rule", "rule_ids", multiple=True, metavar="ID,…", help="Only these rules.")(
        command
    )


class Wanted(NamedTuple):
    """What is to be printed, in plain values that a process can be told; what is empty asks nothing."""

    states: frozenset[str]
    kinds: frozenset[str]
    rules: frozenset[str]
    subjects: frozenset[str]
    cases: frozenset[str]

    def of(self, told: list[Told]) -> list[Told]:
        """Those that pass every filter that was given."""
        for names, read in zip(self, _READ, strict=True):
            if names:
                told = [each for each in told if read(each) in names]
        return told


class Whom(NamedTuple):
    """People and cases by their names."""

    subjects: frozenset[str]
    cases: frozenset[str]

    def without(self, transitions: Iterable[Line]) -> Whom:
        """Those of whom none of the transitions is."""
        subjects = {transition.subject for transition in transitions}
        return Whom(self.subjects - subjects, self.cases - {transition.case for transition in transitions})


_READ = [attrgetter(name) for name in ("state", "kind", "rule", "subject", "case")]
"""What each of the filters looks at."""


class Selection:
    """What is printed of what is said; all of it is counted."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.shown = 0
        self.states: Counter[str] = Counter()
        """How many transitions there were, also of those that are not printed."""
        self.unheard = Whom(wanted.subjects, wanted.cases)
        """The wanted people and cases of whom nothing was said yet."""

    def of(self, transitions: list[AnyLine]) -> list[AnyLine]:
        """Those of a batch that are to be printed."""
        self.states.update([transition.state for transition in transitions])
        if any(self.unheard):
            self.unheard = self.unheard.without(transitions)
        found = self.wanted.of(transitions)
        self.shown += len(found)
        return found

    def add(self, states: Mapping[str, int], shown: int, unheard: Whom) -> None:
        """Counts what another process has selected."""
        self.states.update(states)
        self.shown += shown
        self.unheard = Whom(self.unheard.subjects & unheard.subjects, self.unheard.cases & unheard.cases)


def wanted_of(
    rules: Ruleset,
    states: tuple[str, ...],
    kind: str | None,
    rule_ids: tuple[str, ...],
    subjects: tuple[str, ...],
    cases: tuple[str, ...],
) -> Wanted:
    """What the options say; a usage error names a state or a rule that there is not."""
    from afterword.timeline.state import State  # noqa: PLC0415

    known_rules = {rule.id for rule in rules.rules}
    return Wanted(
        _known(split(states), get_args(State), "--state", f"the states are {', '.join(get_args(State))}"),
        frozenset([kind] if kind else []),
        _known(split(rule_ids), known_rules, "--rule", "`afterword rules list` names them all"),
        frozenset(subjects),
        frozenset(cases),
    )


def _known(given: list[str], known: Iterable[str], option: str, otherwise: str) -> frozenset[str]:
    from afterword.suggest import hint  # noqa: PLC0415

    names = set(known)
    for name in given:
        if name not in names:
            told = hint(name, names) or otherwise
            raise click.BadParameter(f"there is no `{name}`; {told}", param_hint=option)
    return frozenset(given)
