"""Writes the pages of the documentation that are made from the program: commands, problems, the shipped ruleset.

`python docs/generate.py` writes them. With `--check` it writes nothing, names the pages that are stale, and
ends with status 1 if there are any.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from afterword import codes
from afterword.cache import VARIABLE as CACHE
from afterword.describe import Said, describe, message_text
from afterword.document import items
from afterword.installed import PLACES
from afterword.loading import document
from afterword.names_used import params_used
from afterword.ruleset import EventType, FieldType, Rule, Ruleset
from afterword.source import Node
from afterword_cli.main import COMMANDS, EXIT_INTERNAL, EXIT_INTERRUPTED
from afterword_cli.main import afterword as command_group

HERE = Path(__file__).parent
RULESET = "after-interview"

ENVIRONMENT = {
    PLACES: "More folders with installed rulesets, separated as in `PATH`.",
    CACHE: "The folder in which checked rulesets are kept, so that the next command need not check them again. "
    "`off` turns this off. Default: `afterword` in `$XDG_CACHE_HOME` (`~/.cache`). It may be deleted at any time.",
    "NO_COLOR": "If set to anything: no colour.",
    "AFTERWORD_TRACEBACK": "If set to anything: a fault of afterword itself ends with Python's traceback.",
}
"""What the command reads from the environment."""

_NOTE = "<!-- Made by docs/generate.py; edit what it is made from. -->"


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    made = {
        "commands.md": commands(),
        "problems.md": problems(),
        f"{RULESET}.md": ruleset_page(RULESET),
    }
    return {HERE / name: _page(lines) for name, lines in made.items()}


def _page(lines: Iterable[str]) -> str:
    return re.sub(r"\n{2,}", "\n\n", "\n".join([_NOTE, "", *lines])).strip() + "\n"


# --- Markdown


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table and the empty line after it; nothing when it has no rows."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    if lines:
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        yield from lines
        yield ""


def _code(text: object) -> str:
    return f"`{text}`"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- commands


def commands() -> Iterator[str]:
    """The reference of the command line."""
    yield "# Commands"
    yield ""
    yield from _help(command_group)
    context = click.Context(command_group, info_name="afterword")
    found = list(_commands(command_group, context))
    yield f"Also: {_code(EXIT_INTERRUPTED)} if you interrupt it, {_code(EXIT_INTERNAL)} for a fault of"
    yield "afterword itself. A broken pipe is not an error. The commands are:"
    yield ""
    for name, command, _ in found:
        yield f"- [`{name}`](#{_anchor(name)}): {_summary(name, command)}"
    yield ""
    yield "These environment variables change what it does:"
    yield ""
    yield from _table(("Variable", "Does"), ((_code(name), told) for name, told in ENVIRONMENT.items()))
    for name, command, inner in found:
        yield f"## {name}"
        yield ""
        yield _code(" ".join([name, *command.collect_usage_pieces(inner)]))
        yield ""
        yield from _help(command)
        options = [each for each in command.params if isinstance(each, click.Option)]
        yield from _table(("Option", "Takes", "Does"), map(_option, options))


def _commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command below a group, with its whole name."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield inner.command_path, command, inner


def _summary(name: str, command: click.Command) -> str:
    return COMMANDS.get(name.removeprefix("afterword "), command.get_short_help_str(limit=1000))


def _help(command: click.Command) -> Iterator[str]:
    """What the command says of itself; the exit statuses as a list."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        text = " ".join(paragraph.split())
        told = text.removeprefix("Exit status: ")
        if told == text:
            yield from (_as_markdown(text), "")
            continue
        yield "Exit status:"
        yield ""
        for each in told.rstrip(".").split("; "):
            status, _, meaning = each.partition(" ")
            yield f"- {_code(status)}: {_as_markdown(meaning)}"
        yield ""


def _as_markdown(text: str) -> str:
    """Plain help with its options as code."""
    return re.sub(r"(?<![`\w-])(--[a-z][a-z-]*)", r"`\1`", text)


def _option(option: click.Option) -> tuple[str, str, str]:
    told = [_as_markdown(option.help or "")]
    if option.required:
        told.append("Needed.")
    if option.show_default and option.default is not None:
        told.append(f"Default: {_code(option.default)}.")
    return ", ".join(map(_code, option.opts)), _takes(option), " ".join(filter(None, told))


def _takes(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return ", ".join(map(_code, option.type.choices))
    return _code(option.metavar or option.type.name.upper().removesuffix(" RANGE"))


# --- problems


def problems() -> Iterator[str]:
    """Every code that a problem can have."""
    yield "# Problems"
    yield ""
    yield "`afterword check` finds all problems of a file at once. Each has a place (file, line and column), a code,"
    yield "and a sentence; most have a hint. The code is in brackets: `error[unknown-event]`. This page explains the"
    yield "codes. A problem is an error unless its explanation says that it is a warning. A ruleset with errors is not"
    yield "used; one with warnings is."
    yield ""
    yield ", ".join(f"[{code}](#{_anchor(code)})" for code in sorted(codes.CODES))
    for code in sorted(codes.CODES):
        yield ""
        yield f"## {code}"
        yield ""
        yield codes.explanation(code)
        yield ""
        yield f"**Fix.** {codes.mend(code)}"


# --- the shipped ruleset


def ruleset_page(name: str) -> Iterator[str]:
    """A ruleset to read: its rules by the sections of their source, its vocabulary, its settings."""
    told = document(name)
    root, (ruleset, found) = told.root, told.build()
    assert ruleset is not None and root is not None, found
    yield f"# {ruleset.title}"
    yield ""
    yield ruleset.description
    yield ""
    source = ruleset.source
    yield f"Ruleset `{ruleset.name}`, version {ruleset.version}. The advice goes back to *{source['title']}* by"
    yield f"{source['author']} ({source['publisher']}); the words are our own. Each section below is one of that text."
    yield ""
    sections = _by_section(ruleset.rules)
    yield from (f"- [{section}](#{_anchor(section)})" for section in sections)
    yield "- Reference: [settings](#settings), [words](#words), [cases](#cases), [facts](#facts), [events](#events)"
    yield ""
    for section, rules in sections.items():
        yield f"## {section}"
        yield ""
        for rule in rules:
            yield from _rule(rule, ruleset, root)
    yield from _settings(ruleset)
    yield from _words(ruleset)
    yield from _cases(ruleset)
    yield from _events(ruleset)


def _by_section(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    sections: dict[str, list[Rule]] = {}
    for rule in rules:
        sections.setdefault(rule.source["section"], []).append(rule)
    return sections


def _rule(rule: Rule, ruleset: Ruleset, root: Node) -> Iterator[str]:
    yield f"### {rule.title}"
    yield ""
    yield f"{_code(rule.id)}: a {rule.kind} of {rule.severity} severity."
    yield ""
    yield from _described(describe(rule))
    yield ""
    yield f"> {message_text(rule.message)}"
    yield ""
    if rule.description:
        yield rule.description
        yield ""
    used = params_used(items(root.child("rules"))[rule.index], root)
    told = [f"[{_code(each)}](#{'settings' if each in ruleset.params else 'words'})" for each in used]
    if told:
        yield f"Uses {', '.join(told)}."
        yield ""


def _described(told: Iterable[Said]) -> Iterator[str]:
    """Each sentence as an item of a list, with its parts below it."""
    for said in told:
        first, *parts = said.lines()
        yield f"- {_escaped(first)}"
        yield from map(_escaped, parts)


def _escaped(text: str) -> str:
    """Without what Markdown would take for marks."""
    return re.sub(r"(?<!\w)([*_])|([*_])(?!\w)|(<)", r"\\\1\2\3", text)


def _settings(ruleset: Ruleset) -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield 'Each can be set without editing anything, with `--set NAME=VALUE`: `--set patience="5 days"`.'
    yield ""
    rows = (
        (_code(each.name), each.type, str(each.default), _sentences(each.title, each.description))
        for each in ruleset.params.values()
    )
    yield from _table(("Name", "Type", "Default", "Meaning"), rows)


def _sentences(*texts: str) -> str:
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text)


def _words(ruleset: Ruleset) -> Iterator[str]:
    yield "## Words"
    yield ""
    yield "The words and phrases that texts are read for, as whole words, small and capital letters alike."
    yield ""
    yield from _table(
        ("Name", "Words"),
        ((_code(name), ", ".join(map(str, values))) for name, values in ruleset.lists.items()),
    )


def _cases(ruleset: Ruleset) -> Iterator[str]:
    yield "## Cases"
    yield ""
    if ruleset.cases is not None:
        yield f"Opened by {_listed(ruleset.cases.opened_by)}; closed by {_listed(ruleset.cases.closed_by)}."
        yield ""
    yield "## Facts"
    yield ""
    rows = (
        (_code(f"{fact.per}.{fact.name}"), fact.type.type, _listed(fact.sources), fact.title)
        for fact in ruleset.facts
    )
    yield from _table(("Fact", "Type", "Told by", "Meaning"), rows)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_code, sorted(names)))


def _events(ruleset: Ruleset) -> Iterator[str]:
    yield "## Events"
    yield ""
    yield "What the rules understand. A field may be left out when it is not known."
    yield ""
    for event in ruleset.events.values():
        yield from _event(event)


def _event(event: EventType) -> Iterator[str]:
    yield f"### {event.name}"
    yield ""
    yield _sentences(event.title, event.description)
    yield ""
    yield from _table(("Field", "Type", "Meaning"), _fields(event.fields))


def _fields(fields: Mapping[str, FieldType], before: str = "") -> Iterator[tuple[str, str, str]]:
    for name, field in fields.items():
        inner = field.items if field.type == "array" else None
        kind = f"list of {inner.type}s" if inner is not None else field.type
        enum = (inner or field).enum
        values = f"One of {', '.join(_code(value) for value in enum)}." if enum else ""
        yield (
            _code(before + name),
            kind,
            " ".join(filter(None, (_sentences(field.title, field.description), values))),
        )
        yield from _fields(field.fields, f"{before}{name}.")


# --- writing


def main(arguments: Sequence[str]) -> int:
    """Writes the pages, or with `--check` says which are stale."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            sys.stderr.write(f"docs/{path.name} is stale; run python docs/generate.py\n")
        else:
            path.write_text(pages()[path], encoding="utf-8")
            sys.stdout.write(f"docs/{path.name} written\n")
    return int("--check" in arguments and bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
