"""Options that several commands share, and what they are turned into."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from afterword.ruleset import Ruleset

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_RULES = "after-interview"


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
        "--rejects", metavar="FILE", help="Writes the lines that could not be read to FILE, unchanged."
    )(command)


def verbosity_options(command: Command) -> Command:
    """`-q`, `-v`, `--color`."""
    command = loudness_options(command)
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour on standard output.",
    )(command)


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
    from afterword_cli.problems import show_problems  # noqa: PLC0415

    try:
        return load(name, parse_settings(settings), cache=user_cache())
    except RulesetError as error:
        show_problems(error.problems)
        raise click.exceptions.Exit(2) from None


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


def as_of_time(text: str | None, rules: Ruleset, option: str = "--as-of") -> dt.datetime | str | None:
    """What an option such as `--as-of` says.

    That is a time, a date (its start in the ruleset's zone), `now`, or an offset such as `+30 days`.
    """
    from afterword.bad_event import BadEvent  # noqa: PLC0415
    from afterword.dates import as_date  # noqa: PLC0415
    from afterword.days import days_of  # noqa: PLC0415
    from afterword.duration import DurationError, parse  # noqa: PLC0415
    from afterword.event_time import parse_time  # noqa: PLC0415

    if text is None:
        return None
    text = text.strip()
    defaults = rules.defaults
    days = days_of(defaults)
    if text == "now":
        return dt.datetime.now(dt.UTC)
    if text.startswith("+"):
        try:
            parse(text[1:].strip(), defaults.days)
        except DurationError as error:
            raise click.BadParameter(str(error), param_hint=option) from None
        return text
    date = as_date(text)
    if date is not None:
        return days.local(days.start_of(date))
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise click.BadParameter(f"{text!r} is not a date of the calendar", param_hint=option)
    time = parse_time(text)
    if isinstance(time, BadEvent):
        raise click.BadParameter(
            f"{text!r} is not a time; write 2026-03-10, 2026-03-10T09:00:00+08:00, now, or +30 days",
            param_hint=option,
        )
    return time
