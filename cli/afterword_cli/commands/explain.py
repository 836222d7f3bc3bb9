"""`afterword explain`: why something was said, not said, or withheld."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from afterword_cli import render
from afterword_cli.options import (
    as_of_time,
    load_rules,
    log_options,
    network_option,
    rules_options,
    verbosity_options,
)

if TYPE_CHECKING:
    from datetime import datetime

    from afterword.events import Event
    from afterword.explain import Considered, Explanation
    from afterword.explain_event import EventExplanation
    from afterword.ruleset import Ruleset

MANY = 10_000
"""Among so many names, the nearest is not looked for."""

SHOWN = 20
"""How many events are told one by one in text; `--format json` has all."""


@click.command("explain")
@log_options
@rules_options
@click.option(
    "--rule", metavar="ID", help="Everything about this rule: what it said, and where it kept quiet, why."
)
@click.option("--advice", metavar="ID", help="This one advice.")
@click.option(
    "--event", metavar="ID", help="This one event: what each rule made of it, or why it had no effect."
)
@click.option("--case", metavar="CASE", help="With --rule: only in this case.")
@click.option("--subject", metavar="NAME", help="With --rule: only for this person.")
@click.option("--at", metavar="TIME", help="Explain as of this time. Default: the last event.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@network_option
@verbosity_options
def command(
    logs: tuple[str, ...],
    mapping: str | None,
    rejects: str | None,
    strict: bool,
    rules_name: str,
    settings: tuple[str, ...],
    rule: str | None,
    advice: str | None,
    event: str | None,
    case: str | None,
    subject: str | None,
    at: str | None,
    form: str,
    network: str | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Replays LOGs and explains one rule, one advice or one event: each condition with the value it saw, what was
    said, what was withheld by which rule, and which events were not enough.

    Exit status: 0 done; 1 --strict found something; 2 wrong usage, rules or a log that
    cannot be read, or no advice or event with that id.
    """
    del color
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.evaluation import replay  # noqa: PLC0415
    from afterword.explain import Watcher  # noqa: PLC0415
    from afterword.explain_event import EventWatcher, explain_event  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415
    from afterword.moments import horizon  # noqa: PLC0415
    from afterword.program import compile_ruleset  # noqa: PLC0415
    from afterword_cli.reading import Reading  # noqa: PLC0415

    if [rule, advice, event].count(None) != 2:
        asked = "name one of --rule, --advice and --event"
        raise click.UsageError(f"{asked}; `afterword evaluate` prints which rules gave advice, and its id")
    rules = load_rules(rules_name, settings)
    if rule is not None:
        _check_rule(rule, rules)
    watcher: Watcher | EventWatcher | None = Watcher(rule, subject, case) if rule is not None else None
    if event is not None:
        watcher = EventWatcher(event)
    program = compile_ruleset(rules, network=network, drafts=True)  # type: ignore[arg-type]
    engine = Engine(program, history=SORTED, observer=watcher)
    said: dict[str, Explanation] = {}
    with Reading(logs, mapping, rejects, quiet=quiet, verbose=verbose) as reading:
        until = as_of_time(at, rules, "--at")
        log = _Seen(reading.in_order(), event, horizon(until, None, rules))
        for transition in replay(engine, log, until):
            if transition.advice == advice or (
                transition.rule == rule
                and subject in (None, transition.subject)
                and case in (None, transition.case)
            ):
                said[transition.advice] = engine.explain_record(transition)
        noticed = reading.tell(engine.remarks(), rules)
    if isinstance(watcher, EventWatcher):
        told = explain_event(watcher.event, log.found, watcher, program, engine.remarks())
        if told.fate == "not known":
            raise click.UsageError(f"no event {watcher.event} in these logs up to that time")
        _print_event(told, form)
    elif advice is not None and not said:
        raise click.UsageError(f"no advice {advice} in these logs up to that time")
    else:
        considered: list[Considered] = []
        if watcher is not None:
            considered = watcher.considered_events
            said = {each: watcher.named(explanation) for each, explanation in said.items()}
        _print(list(said.values()), considered, rule, rules, form, _Asked(case, subject, log))
    if strict and noticed:
        raise click.exceptions.Exit(1)


def _print_event(told: EventExplanation, form: str) -> None:
    click.echo(render.pretty_json(told.as_dict()) if form == "json" else render.clean_lines(str(told)))


def _check_rule(rule: str, rules: Ruleset) -> None:
    from afterword.suggest import hint  # noqa: PLC0415

    known = [each.id for each in rules.rules]
    if rule not in known:
        told = hint(rule, known) or "`afterword rules list` names them all"
        raise click.BadParameter(f"there is no rule `{rule}`; {told}", param_hint="--rule")


def _print(
    said: list[Explanation],
    considered: list[Considered],
    rule: str | None,
    rules: Ruleset,
    form: str,
    seen: _Asked,
) -> None:
    if form == "json":
        told: dict[str, Any] = {
            "said": [each.as_dict() for each in said],
            "not_said": [each.as_dict() for each in considered],
        }
        click.echo(render.pretty_json(told))
        return
    for each in said[:SHOWN]:
        click.echo(render.clean_lines(str(each)) + "\n")
    _more(said, "advices")
    if considered:
        click.echo(f"{rule} did not speak for:")
    for event in considered[:SHOWN]:
        click.echo(render.clean_lines(str(event)))
    _more(considered, "events")
    if not said and not considered and rule is not None:
        click.echo(_silence(rule, rules, seen))


class _Seen:
    """Which cases, people and types came by, to say what was not found among them."""

    def __init__(self, events: Iterable[Event], wanted: str | None, until: datetime | None) -> None:
        self._events = events
        self._wanted = wanted
        self._until = until
        self.found: Event | None = None
        """The event that is asked about."""
        self.cases: set[str] = set()
        self.subjects: set[str] = set()
        self.types: set[str] = set()

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            if self._until is not None and event.time > self._until:
                return
            if self._wanted is not None and event.id == self._wanted and self.found is None:
                self.found = event
            self.types.add(event.type)
            self.subjects.add(event.subject)
            if event.case is not None:
                self.cases.add(event.case)
            yield event


class _Asked(NamedTuple):
    """What was asked about, and what there was."""

    case: str | None
    subject: str | None
    log: _Seen


def _silence(rule: str, rules: Ruleset, seen: _Asked) -> str:
    """Why there is nothing to explain: nobody of that name, a rule without cases, or no event that it hears."""
    from afterword.suggest import hint  # noqa: PLC0415

    for name, value, known in (
        ("case", seen.case, seen.log.cases),
        ("subject", seen.subject, seen.log.subjects),
    ):
        if value is not None and value not in known:
            told = hint(value, known) if len(known) < MANY else ""
            return f"No event of these logs has the {name} {value!r}. {told}".rstrip()
    if seen.case is not None and rules.rule(rule).per == "subject":
        return f"{rule} is `per: subject`: its advice belongs to no case. Leave --case out, or use --subject."
    types = sorted({each for clause in rules.rule(rule).when for each in clause.types})
    if not seen.log.types & set(types):
        return f"{rule} said nothing: no event that it listens to ({', '.join(types)}) came."
    return f"{rule} said nothing: what it listens to ({', '.join(types)}) came, but not for what you asked about."


def _more(shown: list[Any], what: str) -> None:
    if len(shown) > SHOWN:
        click.echo(f"… and {len(shown) - SHOWN} more {what}; --format json shows all, --case fewer.")
