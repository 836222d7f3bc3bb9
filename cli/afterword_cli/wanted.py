"""Which transitions a user wants to see: the options that say so, and what they are turned into."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from afterword_cli.options import split
from afterword_cli.render import Line

if TYPE_CHECKING:
    from afterword.ruleset import Ruleset

Told = TypeVar("Told", bound=Line)
Command = TypeVar("Command", bound=Callable[..., Any])


def filter_options(command: Command) -> Command:
    """`--state`, `--kind`, `--rule`, `--subject`, `--case`."""
    command = click.option(
        "--case", "cases", multiple=True, metavar="CASE", help="Only these cases. Repeatable."
    )(command)
    command = click.option(
        "--subject", "subjects", multiple=True, metavar="NAME", help="Only these people. Repeatable."
    )(command)
    command = click.option("--rule", "rule_ids", multiple=True, metavar="ID,…", help="Only these rules.")(
        command
    )
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


class Wanted:
    """Which transitions are to be printed."""

    def __init__(
        self,
        states: frozenset[str],
        kind: str | None,
        rules: frozenset[str],
        subjects: tuple[str, ...],
        cases: tuple[str, ...],
    ) -> None:
        self.shown = 0
        filters = {
            "state": states,
            "kind": frozenset([kind] if kind else []),
            "rule": rules,
            "subject": frozenset(subjects),
            "case": frozenset(cases),
        }
        self._tests = [(names, attrgetter(name)) for name, names in filters.items() if names]

    def of(self, transitions: Iterable[Told]) -> list[Told]:
        """Those that pass every filter that was given."""
        found = list(transitions)
        for names, read in self._tests:
            found = [transition for transition in found if read(transition) in names]
        self.shown += len(found)
        return found


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
        kind,
        _known(split(rule_ids), known_rules, "--rule", "`afterword rules list` names them all"),
        subjects,
        cases,
    )


def _known(given: list[str], known: Iterable[str], option: str, otherwise: str) -> frozenset[str]:
    from afterword.suggest import hint  # noqa: PLC0415

    names = set(known)
    for name in given:
        if name not in names:
            told = hint(name, names) or otherwise
            raise click.BadParameter(f"there is no `{name}`; {told}", param_hint=option)
    return frozenset(given)
