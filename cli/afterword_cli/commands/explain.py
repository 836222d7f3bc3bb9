"""`afterword explain`: why something was said, not said, or suppressed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from afterword_cli import render
from afterword_cli.clean import clean
from afterword_cli.options import (
    as_of_time,
    load_rules,
    log_options,
    network_option,
    rules_options,
    use_color,
    verbosity_options,
)
from afterword_cli.targets import of_rules, refuse_inputs

if TYPE_CHECKING:
    from afterword.explain import AdviceWatcher, Considered, Explanation, Watcher
    from afterword.explain_event import EventExplanation, EventWatcher
    from afterword.network import NetworkKind
    from afterword.ruleset import Ruleset
    from afterword.transition import Transition
    from afterword_cli.seen import Seen

SHOWN = 20
"""How many events are told one by one in text; `--format json` has all."""


@click.command("explain")
@log_options
@rules_options
@click.option(
    "--rule", metavar="ID", help="Everything about this rule: what it said, and where it kept quiet, why."
)
@click.option(
    "--advice",
    metavar="ID",
    help="This one advice, and which events came while it was open and did not end it.",
)
@click.option(
    "--event",
    metavar="ID",
    help="This one event: what each rule made of it, which advice it did not end, or why it had no effect.",
)
@click.option(
    "--case", metavar="CASE", help="With --rule: only in this case. Alone: which rules spoke in this case."
)
@click.option(
    "--subject",
    metavar="NAME",
    help="With --rule: only for this person. Alone: which rules spoke for this person.",
)
@click.option(
    "--as-of", "--at", "at", metavar="TIME", help="Explain as of this time. Default: the last event."
)
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
    network: NetworkKind | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Replays LOGs and explains one rule, one advice or one event: each condition with the value it saw, what was
    said, what was suppressed by which rule, which events were not enough, and which did not end an advice although
    their type is one that can. For a case or a person alone, it lists which rules spoke.

    Exit status: 0 done; 1 --strict found something; 2 wrong usage, rules or a log that
    cannot be read, or no advice, event, case or person with that name.
    """
    from afterword.engine import Engine  # noqa: PLC0415
    from afterword.evaluation import replay_well_made  # noqa: PLC0415
    from afterword.explain import AdviceWatcher, Watcher  # noqa: PLC0415
    from afterword.explain_event import EventWatcher, explain_event  # noqa: PLC0415
    from afterword.history import SORTED  # noqa: PLC0415
    from afterword.program import compile_ruleset  # noqa: PLC0415
    from afterword_cli.reading import Reading  # noqa: PLC0415
    from afterword_cli.seen import Seen  # noqa: PLC0415

    asked = _Asked(rule, advice, event, case, subject)
    out = _Out(form == "json", use_color(color))
    asked.check()
    refuse_inputs("--rejects", rejects, chain(logs, (mapping,), of_rules(rules_name)))
    rules = load_rules(rules_name, settings)
    if rule is not None:
        _check_rule(rule, rules)
    watcher = asked.watcher()
    program = compile_ruleset(rules, network=network, drafts=True)
    engine = Engine(program, history=SORTED, observer=watcher)
    said: dict[str, Explanation] = {}
    until = as_of_time(at, rules)
    with Reading(logs, mapping, rejects, quiet=quiet, verbose=verbose, until=until) as reading:
        log = Seen(reading.in_order(), event)
        for transition in replay_well_made(engine, log, until):
            if asked.is_about(transition):
                said[transition.advice] = engine.explain_record(transition)
        noticed = reading.tell(engine.remarks(), rules)
    missing = log.missing(filter(None, [case]), filter(None, [subject]))
    if missing:
        raise click.UsageError(missing[0])
    if isinstance(watcher, EventWatcher):
        _print_event(explain_event(watcher.event, log.found, watcher, program, engine.remarks()), out)
    elif isinstance(watcher, Watcher):
        explained = [watcher.named(each) for each in said.values()]
        _print(explained, watcher.considered_events, rule, rules, out, _Heard(case, log))
    elif isinstance(watcher, AdviceWatcher):
        if not said:
            raise click.UsageError(f"no advice {advice} in these logs up to that time")
        _print(list(map(watcher.named, said.values())), [], None, rules, out, _Heard(case, log))
    else:
        _print_spoke(list(said.values()), out)
    if strict and noticed:
        raise click.exceptions.Exit(1)


class _Asked(NamedTuple):
    """What is to be explained."""

    rule: str | None
    advice: str | None
    event: str | None
    case: str | None
    subject: str | None

    def check(self) -> None:
        """A usage error when nothing is asked about, or more than one thing."""
        named = sum(each is not None for each in self[:3])
        narrowed = self.case is not None or self.subject is not None
        if named > 1 or not (named or narrowed):
            asked = "name one of --rule, --advice and --event, or a --case or --subject alone"
            raise click.UsageError(
                f"{asked}; `afterword evaluate` prints which rules gave advice, and its id"
            )
        if named and narrowed and self.rule is None:
            raise click.UsageError("--case and --subject go with --rule or stand alone; leave them out here")

    def watcher(self) -> Watcher | AdviceWatcher | EventWatcher | None:
        """What collects the answer while the log is replayed, where what was said does not hold it."""
        from afterword.explain import AdviceWatcher, Watcher  # noqa: PLC0415
        from afterword.explain_event import EventWatcher  # noqa: PLC0415

        if self.rule is not None:
            return Watcher(self.rule, self.subject, self.case)
        if self.advice is not None:
            return AdviceWatcher(self.advice)
        return None if self.event is None else EventWatcher(self.event)

    def is_about(self, transition: Transition) -> bool:
        """Whether the transition belongs to what was asked about."""
        if self.event is not None:
            return False  # whose watcher sees more than what was said
        if self.advice is not None:
            return transition.advice == self.advice
        about = (
            (self.rule, transition.rule),
            (self.case, transition.case),
            (self.subject, transition.subject),
        )
        return all(wanted in (None, found) for wanted, found in about)


class _Out(NamedTuple):
    """How the answer is printed."""

    as_json: bool
    colored: bool

    def json(self, value: object) -> None:
        """The data."""
        click.echo(render.pretty_json(value))

    def text(self, explanation: object) -> None:
        """The same as text, of which the conditions may be coloured."""
        click.echo(render.explained(str(explanation), render.styler(self.colored)), color=self.colored)


def _print_event(told: EventExplanation, out: _Out) -> None:
    if told.fate == "not known":
        raise click.UsageError(f"no event {told.event} in these logs up to that time")
    if out.as_json:
        out.json(told.as_dict())
    else:
        out.text(told)


def _print_spoke(said: list[Explanation], out: _Out) -> None:
    """Which rules spoke: each advice with what has become of it, and when."""
    if out.as_json:
        out.json({"said": [each.as_dict() for each in said]})
        return
    wide = max((len(each.rule) for each in said), default=0)
    for each in said:
        told = f"{each.rule:<{wide}}  {each.history[-1].time}  {each.state:<11}  {each.advice}  {each.title}"
        click.echo(clean(told))
    click.echo("--advice with one of these ids tells why." if said else "No rule spoke.")


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
    out: _Out,
    seen: _Heard,
) -> None:
    if out.as_json:
        told: dict[str, Any] = {
            "said": [each.as_dict() for each in said],
            "not_said": [each.as_dict() for each in considered],
        }
        out.json(told)
        return
    for each in said[:SHOWN]:
        out.text(f"{each}\n")
    _more(said, "advices")
    if considered:
        click.echo(f"{rule} did not speak for:")
    for event in considered[:SHOWN]:
        out.text(event)
    _more(considered, "events")
    if not said and not considered and rule is not None:
        click.echo(clean(_silence(rule, rules, seen)))


class _Heard(NamedTuple):
    """In which case something was asked about, and what came by."""

    case: str | None
    log: Seen


def _silence(rule: str, rules: Ruleset, seen: _Heard) -> str:
    """Why there is nothing to explain: a rule without cases, or no event that it hears."""
    if seen.case is not None and rules.rule(rule).per == "subject":
        return f"{rule} is `per: subject`: its advice belongs to no case. Leave --case out, or use --subject."
    types = sorted({each for clause in rules.rule(rule).when for each in clause.types})
    if not seen.log.types & set(types):
        return f"{rule} said nothing: no event that it listens to ({', '.join(types)}) came."
    return f"{rule} said nothing: what it listens to ({', '.join(types)}) came, but not for what you asked about."


def _more(shown: list[Any], what: str) -> None:
    if len(shown) > SHOWN:
        click.echo(f"… and {len(shown) - SHOWN} more {what}; --format json shows all, --case fewer.")
