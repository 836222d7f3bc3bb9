"""`afterword rules`: what is installed, and one rule in plain words with its source."""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterword.paths import reason
from afterword_cli.clean import clean
from afterword_cli.counting import number_of
from afterword_cli.documents import UNREADABLE
from afterword_cli.main import EXIT_FINDINGS, EXIT_USAGE
from afterword_cli.mistaken import look_at_rules, refuse_log
from afterword_cli.options import parse_settings, rules_options, use_color, with_params
from afterword_cli.problems import show_problems
from afterword_cli.render import pretty_json, text_width

if TYPE_CHECKING:
    from afterword.layers import RulesetDocument
    from afterword.origins import Origin
    from afterword.ruleset import Param, Rule, Ruleset
    from afterword.source import Node
    from afterword_cli.installing import Package

_COLUMNS = ("id", "kind", "severity", "status", "title", "section")
_LABEL = 9
_WIDE = 10_000
"""The width of a table that is not for a terminal: nothing is folded."""


@click.group("rules")
def command() -> None:
    """What is installed, and what a rule says in plain words."""


@dataclass(frozen=True, slots=True)
class OpenedRuleset:
    """A ruleset and the document it was built from."""

    ruleset: Ruleset
    document: RulesetDocument

    @property
    def extends(self) -> bool:
        """Whether it is made of more than one ruleset."""
        return len(self.document.layers) > 1


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

    If several versions of a ruleset are installed, it lists the rules of the newest and names the other
    versions.

    Exit status: 0 done; 1 an installed ruleset has problems; 2 the ruleset that was named cannot be used.
    """
    broken = False
    listed = []
    for what, place in [(rules_name, rules_name)] if rules_name is not None else _installed():
        opened = _open(what, {})
        if opened is None:
            broken = True
        else:
            listed.append((place, opened.ruleset))
    if format_ == "json":
        click.echo(pretty_json([_as_dict(what, ruleset) for what, ruleset in listed]))
    else:
        click.echo("\n".join(_table(*each) for each in listed), nl=False, color=use_color(color))
    if broken:
        raise click.exceptions.Exit(EXIT_FINDINGS if rules_name is None else EXIT_USAGE)


def _installed() -> list[tuple[str, str]]:
    """The name of every installed ruleset, and where what it means stands."""
    from afterword.installed import choose, installed  # noqa: PLC0415

    names = dict.fromkeys(each.name for each in installed())
    return [(name, str(choose(name).path)) for name in names]


def _versions(ruleset: Ruleset) -> list[str]:
    """The versions in which it is installed, the newest last."""
    from afterword.installed import versions  # noqa: PLC0415

    return [each.version for each in versions(ruleset.name)]


def _open(what: str, settings: Mapping[str, object]) -> OpenedRuleset | None:
    """The ruleset; its problems are printed when it cannot be used."""
    from afterword.loading import RulesetError, document  # noqa: PLC0415

    look_at_rules(what)
    try:
        read = document(what)
    except RulesetError as error:
        show_problems(error.problems)
        return None
    ruleset, problems = read.build(settings)
    if ruleset is None:
        show_problems(with_params((each for each in problems if each.severity == "error"), what))
        return None
    return OpenedRuleset(ruleset, read)


def _as_dict(what: object, ruleset: Ruleset) -> dict[str, Any]:
    return {
        "name": ruleset.name,
        "version": ruleset.version,
        "installed": _versions(ruleset),
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
    count = number_of(len(ruleset.rules), "rule")
    others = [version for version in _versions(ruleset) if version != ruleset.version]
    beside = f"; also installed: {', '.join(reversed(others))}" if others else ""
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
    head = [click.style(clean(title), bold=True), clean(f"{count}, {what}{beside}"), ""]
    return "\n".join([*head, *lines]) + "\n"


# --- rules install


@command.command("install")
@click.argument("path", metavar="PATH")
@click.option(
    "--into",
    metavar="FOLDER",
    help="The folder for rulesets. Default: the first one that `AFTERWORD_RULESETS` names.",
)
def install_ruleset(path: str, into: str | None) -> None:
    """Install a ruleset, so that commands and other rulesets find it by its name.

    PATH is the folder or the file of the ruleset. It is checked and its tests are run; then its files, its tests
    and its README are copied to NAME@VERSION in the folder for rulesets. Several versions may be installed side by
    side; what is installed as one version is never changed. To uninstall a version, delete its folder.

    Exit status: 0 installed, now or before; 1 there are problems, or a test failed, or that version is installed
    with other content; 2 PATH cannot be read, or the folder cannot be written.
    """
    from afterword.installed import places  # noqa: PLC0415
    from afterword_cli.installing import InstallError, install, package  # noqa: PLC0415

    refuse_log(path)
    known = places()
    place = _place(into, known)
    try:
        found, problems = package(path)
        show_problems(problems)
        if found is None:
            unread = any(each.code in UNREADABLE for each in problems)
            raise click.exceptions.Exit(EXIT_USAGE if unread else EXIT_FINDINGS)
        _refuse_failing(found, path)
        folder, before = install(found, place)
    except InstallError as error:
        click.echo(clean(f"Not installed: {error}."), err=True)
        raise click.exceptions.Exit(EXIT_FINDINGS) from None
    except OSError as error:
        raise click.UsageError(f"{place}: nothing can be installed there: {reason(error)}") from None
    what = f"{found.ruleset.name} {found.ruleset.version}"
    done = "is installed already" if before else "is installed now"
    click.echo(clean(f"{what} {done}, in {folder}."))
    home = folder.parent.resolve()
    if home not in {each.resolve() for each in known}:
        click.echo(clean(f"Commands find it once AFTERWORD_RULESETS names {home}."))


def _place(into: str | None, known: Sequence[Path]) -> Path:
    """The folder to install into: the one that was named, or else the first of those known that did not ship."""
    if into is not None:
        return Path(into)
    if len(known) == 1:
        told = "name a folder for rulesets with --into, or in the environment variable AFTERWORD_RULESETS"
        raise click.UsageError(told)
    return known[0]


def _refuse_failing(package: Package, path: str) -> None:
    failing = package.failing()
    for result in failing:
        click.echo(clean(f"FAILED  {result.trial.file}:{result.trial.line}: {result.trial.name}"), err=True)
    if failing:
        click.echo(clean(f"Not installed; `afterword test {path}` says what failed."), err=True)
        raise click.exceptions.Exit(EXIT_FINDINGS)


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
        switched_off = _switched_off(opened)
        if rule_id in switched_off:
            where = switched_off[rule_id]
            raise click.UsageError(f"{opened.ruleset.name} has the rule {rule_id!r} switched off, in {where}")
        told = hint(rule_id, {*rules, *switched_off}) or "`afterword rules list` names them all"
        raise click.UsageError(f"{opened.ruleset.name} has no rule {rule_id!r}; {told}")
    click.echo("\n".join(_shown(rules[rule_id], opened)), color=use_color(color))


def _shown(rule: Rule, opened: OpenedRuleset) -> Iterator[str]:
    from afterword.days import Days  # noqa: PLC0415
    from afterword.describe import as_text, message_text  # noqa: PLC0415

    ruleset, node = opened.ruleset, _node(rule, opened)
    yield f"{click.style(clean(rule.title), bold=True)}  [{rule.id}]"
    yield f"{rule.severity} {rule.kind}, {rule.status}, of {ruleset.name} {ruleset.version}"
    yield ""
    yield from (clean(line) for line in as_text(rule, Days(ruleset.defaults.timezone)).split("\n"))
    yield ""
    yield from _labelled("Says", message_text(rule.message))
    yield from _labelled("Why", rule.description)
    yield from _labelled("Source", _source(rule, opened))
    changes = _changes(rule, opened)
    blocks = {
        "Params": _params(node, opened),
        "Events": _events(rule, ruleset),
        "File": [_of_layer(f"{rule.file}:{rule.line}", rule.file, opened)],
        "Changed": [
            f"{each.name}{' taken away' if each.node.value is None else ''}, {_where(each, opened)}"
            for each in changes
        ],
    }
    for label, lines in blocks.items():
        for number, line in enumerate(lines):
            yield from _labelled(label if number == 0 else "", line)
    yield ""
    yield from (f"    {clean(line)}".rstrip() for line in _yaml(node))
    yield from (clean(line).rstrip() for line in _yaml_of_changes(rule, opened))


def _labelled(label: str, text: str) -> Iterator[str]:
    """A paragraph beside its label; nothing for an empty one."""
    first, rest = f"{label + ':' if label else '':<{_LABEL}}", " " * _LABEL
    yield from textwrap.wrap(
        clean(text),
        text_width(),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _source(rule: Rule, opened: OpenedRuleset) -> str:
    """The section first, then the work: what the rule does not say, its ruleset does."""
    told = {**rule.source} if opened.extends else {**opened.ruleset.source, **rule.source}
    section = told.pop("section", "")
    work = ", ".join(told.values())
    return f"{section}, in: {work}" if section and work else section or work


def _params(node: Node, opened: OpenedRuleset) -> Iterator[str]:
    from afterword.names_used import params_used  # noqa: PLC0415

    ruleset = opened.ruleset
    assert opened.document.root is not None
    for name in params_used(node, opened.document.root):
        if name in ruleset.params:
            param = ruleset.params[name]
            yield f"{name} = {param.value}{_origins_of(param, opened)}" + (
                f"  {param.title}" if param.title else ""
            )
        else:
            yield f"{name}: a list of {len(ruleset.lists[name])}{_origins_of_list(name, opened)}"


def _origins_of(param: Param, opened: OpenedRuleset) -> str:
    """Where the value comes from, and which ones it stands in the place of."""
    from afterword.origins import of_param  # noqa: PLC0415

    is_set = param.value != param.default
    if not opened.extends:
        return f" (--set; default {param.default})" if is_set else ""
    told = ["--set"] if is_set else []
    for number, origin in enumerate(of_param(opened.document, param.name)):
        counts = number == 0 and not is_set
        told.append(("" if counts else f"default {origin.node.value}, ") + _where(origin, opened))
    return f" ({'; '.join(told)})"


def _origins_of_list(name: str, opened: OpenedRuleset) -> str:
    from afterword.origins import of_list  # noqa: PLC0415

    if not opened.extends:
        return ""
    return f" ({'; '.join(_where(origin, opened) for origin in of_list(opened.document, name))})"


def _events(rule: Rule, ruleset: Ruleset) -> Iterator[str]:
    """The declared event types that the rule speaks of, with their titles."""
    for name in dict.fromkeys(name for clause in rule.clauses() for name in clause.types):
        declared = ruleset.events.get(name)
        if declared is not None and declared.title:
            yield f"{name}  {declared.title}"


def _node(rule: Rule, opened: OpenedRuleset) -> Node:
    from afterword.document import items  # noqa: PLC0415

    assert opened.document.root is not None
    return items(opened.document.root.child("rules"))[rule.index]


# --- where it comes from


def _changes(rule: Rule, opened: OpenedRuleset) -> list[Origin]:
    from afterword.origins import of_rule  # noqa: PLC0415

    return of_rule(opened.document, rule.id)


def _switched_off(opened: OpenedRuleset) -> dict[str, str]:
    """Where each rule that is switched off is so."""
    from afterword.document import items, text  # noqa: PLC0415

    assert opened.document.root is not None
    in_use = {rule.id for rule in opened.ruleset.rules}
    found = {}
    for rule in items(opened.document.root.child("rules")):
        enabled = rule.child("enabled")
        if enabled is not None and text(rule, "id") not in in_use:
            found[text(rule, "id")] = _of_layer(f"{enabled.file}:{enabled.line}", enabled.file, opened)
    return found


def _where(origin: Origin, opened: OpenedRuleset) -> str:
    line, _, file = origin.place
    return _of_layer(f"{file}:{line}", file, opened)


def _of_layer(place: str, file: str, opened: OpenedRuleset) -> str:
    """A place with the ruleset that it is in, unless that is the one that was asked for."""
    layer = opened.document.layer(file)
    if layer is None or layer is opened.document.layers[0]:
        return place
    return f"{place} of {layer.called}"


def _yaml_of_changes(rule: Rule, opened: OpenedRuleset) -> Iterator[str]:
    """What each ruleset above the rule's own writes about it, the lowest first."""
    from afterword.origins import patches  # noqa: PLC0415

    for patch in reversed(patches(opened.document, rule.id)):
        yield ""
        yield f"    # changed in {patch.node.file}:{patch.node.line}"
        yield from (f"    {line}" for line in _yaml(patch.node))


def _yaml(node: Node) -> list[str]:
    """A value as its file writes it: from its first line on, as long as lines are indented like it."""
    from afterword.loading import RulesetError, read  # noqa: PLC0415

    try:
        text = read(Path(node.file))[0][1].decode("utf-8", "replace").removeprefix("\ufeff")
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
