"""`afterword rules`: what is installed, and one rule in plain words with its source."""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterword_cli.main import EXIT_FINDINGS, EXIT_USAGE
from afterword_cli.options import parse_settings, rules_options, use_color
from afterword_cli.problems import show_problems
from afterword_cli.render import clean, pretty_json

if TYPE_CHECKING:
    from afterword.ruleset import Rule, Ruleset
    from afterword.source import Node

_COLUMNS = ("id", "kind", "severity", "status", "title", "section")
_LABEL = 9
_WIDE = 10_000
"""The width of a table that is not for a terminal: nothing is folded."""


@click.group("rules")
def command() -> None:
    """What is installed, and what a rule says in plain words."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A ruleset and the document it was built from."""

    ruleset: Ruleset
    root: Node


# --- rules list


@command.command("list")
@click.option(
    "--rules",
    "rules_name",
    metavar="NAME[@VERSION]|PATH",
    help="One ruleset. Default: all that are installed.",
)
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def list_rules(rules_name: str | None, format_: str, color: str) -> None:
    """List the rules of the installed rulesets, or of one.

    Exit status: 0 done; 1 an installed ruleset has problems; 2 the ruleset that was named cannot be used.
    """
    broken = False
    listed = []
    for what in [rules_name] if rules_name is not None else _installed():
        opened = _open(what, {})
        if opened is None:
            broken = True
        else:
            listed.append((what, opened.ruleset))
    if format_ == "json":
        click.echo(pretty_json([_as_dict(what, ruleset) for what, ruleset in listed]))
    else:
        click.echo("\n".join(_table(*each) for each in listed), nl=False, color=use_color(color))
    if broken:
        raise click.exceptions.Exit(EXIT_FINDINGS if rules_name is None else EXIT_USAGE)


def _installed() -> list[str | Path]:
    from afterword.loading import installed  # noqa: PLC0415

    return [each.path for each in installed()]


def _open(what: str | Path, settings: Mapping[str, object]) -> Opened | None:
    """The ruleset; its problems are printed when it cannot be used."""
    from afterword.build import build  # noqa: PLC0415
    from afterword.loading import RulesetError, document  # noqa: PLC0415

    try:
        root, problems = document(what)
    except RulesetError as error:
        show_problems(error.problems)
        return None
    ruleset, found = build(root, settings) if root is not None else (None, [])
    errors = [each for each in (*problems, *found) if each.severity == "error"]
    if ruleset is None or root is None or errors:
        show_problems(errors)
        return None
    return Opened(ruleset, root)


def _as_dict(what: object, ruleset: Ruleset) -> dict[str, Any]:
    return {
        "name": ruleset.name,
        "version": ruleset.version,
        "title": ruleset.title,
        "digest": ruleset.digest,
        "path": str(what),
        "rules": [dict(zip(_COLUMNS, _row(rule), strict=True)) for rule in ruleset.rules],
    }


def _row(rule: Rule) -> tuple[str, ...]:
    return rule.id, rule.kind, rule.severity, rule.status, rule.title, rule.source.get("section", "")


def _table(what: object, ruleset: Ruleset) -> str:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    title = f"{ruleset.name} {ruleset.version}" + (f"  {ruleset.title}" if ruleset.title else "")
    count = f"{len(ruleset.rules)} rule" + ("" if len(ruleset.rules) == 1 else "s")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in _COLUMNS:
        table.add_column(column.upper(), no_wrap=column not in ("title", "section"), overflow="fold")
    for rule in ruleset.rules:
        table.add_row(*(Text(clean(cell)) for cell in _row(rule)))
    out = io.StringIO()
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else _WIDE
    console = Console(file=out, width=width, force_terminal=True, legacy_windows=False)
    console.print(table, soft_wrap=False)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    head = [click.style(clean(title), bold=True), clean(f"{count}, {what}"), ""]
    return "\n".join([*head, *lines]) + "\n"


# --- rules show


@command.command("show")
@click.argument("rule_id", metavar="RULE")
@rules_options
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def show_rule(rule_id: str, rules_name: str, settings: tuple[str, ...], color: str) -> None:
    """Show one rule in plain words, with its source, its place in the files, and its text.

    Exit status: 0 done; 2 there is no such rule, or the ruleset cannot be used.
    """
    from afterword.suggest import hint  # noqa: PLC0415

    opened = _open(rules_name, parse_settings(settings))
    if opened is None:
        raise click.exceptions.Exit(EXIT_USAGE)
    rules = {rule.id: rule for rule in opened.ruleset.rules}
    if rule_id not in rules:
        told = hint(rule_id, rules) or "`afterword rules list` names them all"
        raise click.UsageError(f"{opened.ruleset.name} has no rule {rule_id!r}; {told}")
    click.echo("\n".join(_shown(rules[rule_id], opened)), color=use_color(color))


def _shown(rule: Rule, opened: Opened) -> Iterator[str]:
    from afterword.days import Days  # noqa: PLC0415
    from afterword.describe import as_text, message_text  # noqa: PLC0415

    ruleset, node = opened.ruleset, _node(rule, opened.root)
    yield f"{click.style(clean(rule.title), bold=True)}  [{rule.id}]"
    yield f"{rule.severity} {rule.kind}, {rule.status}, of {ruleset.name} {ruleset.version}"
    yield ""
    yield from (clean(line) for line in as_text(rule, Days(ruleset.defaults.timezone)).split("\n"))
    yield ""
    yield from _labelled("Says", message_text(rule.message))
    yield from _labelled("Why", rule.description)
    yield from _labelled("Source", _source(rule, ruleset))
    for label, lines in (("Params", _params(node, opened)), ("Events", _events(rule, ruleset))):
        for number, line in enumerate(lines):
            yield from _labelled(label if number == 0 else "", line)
    yield from _labelled("File", f"{rule.file}:{rule.line}")
    yield ""
    yield from (f"    {clean(line)}".rstrip() for line in _yaml(rule, node))


def _labelled(label: str, text: str) -> Iterator[str]:
    """A paragraph beside its label; nothing for an empty one."""
    width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))
    first, rest = f"{label + ':' if label else '':<{_LABEL}}", " " * _LABEL
    yield from textwrap.wrap(
        clean(text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _source(rule: Rule, ruleset: Ruleset) -> str:
    """The section first, then the work: what the rule does not say, its ruleset does."""
    told = {**ruleset.source, **rule.source}
    section = told.pop("section", "")
    work = ", ".join(told.values())
    return f"{section}, in: {work}" if section and work else section or work


def _params(node: Node, opened: Opened) -> Iterator[str]:
    from afterword.describe import params_used  # noqa: PLC0415

    ruleset = opened.ruleset
    for name in params_used(node, opened.root):
        if name in ruleset.params:
            param = ruleset.params[name]
            value = str(param.value) + ("" if param.value == param.default else f" (default {param.default})")
            yield f"{name} = {value}" + (f"  {param.title}" if param.title else "")
        else:
            yield f"{name}: a list of {len(ruleset.lists[name])}"


def _events(rule: Rule, ruleset: Ruleset) -> Iterator[str]:
    """The declared event types that the rule speaks of, with their titles."""
    spans = [
        pattern
        for held in rule.while_
        for pattern in (getattr(held, "since", ()), getattr(held, "until", ()))
    ]
    looks = [look.pattern for look in rule.unless]
    patterns = [rule.when, *spans, *looks, rule.fulfilled_by, rule.cancelled_by]
    names = dict.fromkeys(name for pattern in patterns for clause in pattern for name in clause.types)
    for name in names:
        declared = ruleset.events.get(name)
        if declared is not None and declared.title:
            yield f"{name}  {declared.title}"


def _node(rule: Rule, root: Node) -> Node:
    from afterword.document import items  # noqa: PLC0415

    return items(root.child("rules"))[rule.index]


def _yaml(rule: Rule, node: Node) -> list[str]:
    """The rule as its file writes it: from its first line on, as long as lines are indented like it."""
    from afterword.loading import RulesetError, read  # noqa: PLC0415

    try:
        text = read(Path(rule.file))[0][1].decode("utf-8", "replace").removeprefix("\ufeff")
    except RulesetError:
        return []  # removed since it was loaded
    lines = text.splitlines()[node.line - 1 :]
    indent = node.column - 1
    taken = lines[:1]
    for line in lines[1:]:
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            break
        taken.append(line)
    while len(taken) > 1 and not taken[-1].strip():
        taken.pop()
    return [line[indent:] for line in taken]
