"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from afterword.problem import Problem
    from afterword.ruleset import Ruleset

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_RULES = "after-interview"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Finite(click.FloatRange):
    """A number within a range; `nan`, which is below and above nothing, is within none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def rules_options(command: Command) -> Command:
    """`--rules` and `--set`."""
    command = click.option(
        "--rules",
        "rules_name",
        default=DEFAULT_RULES,
        show_default=True,
        metavar="NAME[@VERSION]|PATH",
        help="The ruleset: the name of an installed one, or the path of a file or folder.",
    )(command)
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Sets a param of the ruleset. Repeatable.",
    )(command)


def log_options(command: Command) -> Command:
    """The logs to read, and how."""
    command = click.argument("logs", metavar="LOG...", nargs=-1, required=True)(command)
    command = reading_options(command)
    return click.option(
        "--strict",
        is_flag=True,
        help="Exit with status 1 if a line was bad or anything in the log is unknown.",
    )(command)


def reading_options(command: Command) -> Command:
    """`--map` and `--rejects`."""
    command = click.option(
        "--map", "mapping", metavar="MAPPING.yaml", help="How to read a CSV or foreign JSON log."
    )(command)
    return click.option(
        "--rejects",
        metavar="FILE",
        help="Writes the lines that could not be read to FILE, unchanged (of one that is longer than 16 MiB, the "
        "beginning).",
    )(command)


def verbosity_options(command: Command) -> Command:
    """`-q`, `-v`, `--color`."""
    command = loudness_options(command)
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        callback=_never_colored,
        help="Colour on standard output; `never`: nor on standard error.",
    )(command)


def _never_colored(context: click.Context, _: click.Parameter, choice: str) -> str:
    if choice == "never":
        context.color = False
    return choice


def loudness_options(command: Command) -> Command:
    """`-q` and `-v`."""
    command = click.option("-q", "--quiet", is_flag=True, help="Print only the results.")(command)
    return click.option("-v", "--verbose", is_flag=True, help="List everything that was noticed.")(command)


def ignore_unknown_option(command: Command) -> Command:
    """`--ignore-unknown`."""
    return click.option(
        "--ignore-unknown",
        is_flag=True,
        help="Skips YAML files that are not afterword's, for hooks that pass all YAML files.",
    )(command)


def network_option(command: Command) -> Command:
    """`--network`."""
    return click.option(
        "--network",
        type=click.Choice(["durable", "plain"]),
        help="What matches patterns; both give the same answers. Default: durable where it is installed.",
    )(command)


def load_rules(name: str, settings: tuple[str, ...]) -> Ruleset:
    """The ruleset of `--rules` with the params of `--set`; problems are printed, then the command ends."""
    from afterword.cache import user_cache  # noqa: PLC0415
    from afterword.loading import RulesetError, load  # noqa: PLC0415
    from afterword_cli.mistaken import look_at_rules  # noqa: PLC0415
    from afterword_cli.problems import show_problems  # noqa: PLC0415

    look_at_rules(name)
    try:
        return load(name, parse_settings(settings), cache=user_cache())
    except RulesetError as error:
        show_problems(with_params(error.problems, name))
        raise click.exceptions.Exit(2) from None


def with_params(problems: Iterable[Problem], name: str) -> Iterator[Problem]:
    """The same problems; where `--set` names no param and none is near, which params there are."""
    from msgspec.structs import replace  # noqa: PLC0415

    from afterword.loading import check  # noqa: PLC0415

    for problem in problems:
        if problem.code == "unknown-param" and not problem.hint:
            rules, _ = check(name)
            known = ", ".join(f"`{each}`" for each in sorted(rules.params)) if rules is not None else ""
            yield replace(problem, hint=f"params: {known}" if known else "")
        else:
            yield problem


def split(given: tuple[str, ...]) -> list[str]:
    """The names of a repeatable option whose values may be joined by commas."""
    return [name.strip() for each in given for name in each.split(",") if name.strip()]


def use_color(choice: str) -> bool:
    """Whether to colour standard output."""
    if choice == "auto":
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return choice == "always"


def parse_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` pairs; a usage error for anything else."""
    parsed = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{setting!r} is not NAME=VALUE", param_hint="--set")
        parsed[name.strip()] = text.strip()
    return parsed


def as_of_time(text: str | None, rules: Ruleset) -> dt.datetime | str | None:
    """What `--as-of` says.

    That is a time, a date (its start in the ruleset's zone), `now`, or an offset such as `+30 days`.
    """
    from afterword.bad_event import BadEvent  # noqa: PLC0415
    from afterword.days import days_of  # noqa: PLC0415
    from afterword.duration import NoDuration, parse_duration  # noqa: PLC0415
    from afterword.event_time import parse_time  # noqa: PLC0415

    if text is None:
        return None
    text = text.strip()
    defaults = rules.defaults
    days = days_of(defaults)
    if text == "now":
        return dt.datetime.now(dt.UTC)
    if text.startswith("+"):
        offset = parse_duration(text[1:].strip(), defaults.days)
        if isinstance(offset, NoDuration):
            raise click.BadParameter(offset.reason, param_hint="--as-of")
        return text
    is_date = _DATE.fullmatch(text) is not None
    time = parse_time(f"{text}T00:00:00Z" if is_date else text)
    if isinstance(time, BadEvent):
        raise click.BadParameter(_no_time(text, is_date), param_hint="--as-of")
    return days.local(days.start_of(time.date())) if is_date else time


def _no_time(text: str, is_date: bool) -> str:
    from afterword.event_time import FIRST_YEAR, LAST_YEAR  # noqa: PLC0415

    if text[:4].isdecimal() and not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        return f"{text!r} is out of range; years {FIRST_YEAR} to {LAST_YEAR} can be used"
    if is_date:
        return f"{text!r} is not a date of the calendar"
    return f"{text!r} is not a time; write 2026-03-10, 2026-03-10T09:00:00+08:00, now, or +30 days"
