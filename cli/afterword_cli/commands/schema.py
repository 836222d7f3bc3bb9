"""`afterword schema`: a JSON Schema, for editors and for other programs."""

from __future__ import annotations

import click

NAMES = ("ruleset", "rules", "mapping", "test", "event", "transition", "problems")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def command(name: str) -> None:
    """Print the JSON Schema of a kind of file (`rules` is that of `rules/*.yaml` in the folder of a ruleset),
    of an event, of a transition, or of what check finds.

    Exit status: 0 done; 2 there is no such schema.
    """
    from afterword.resources import schema_text  # noqa: PLC0415

    click.echo(_rules() if name == "rules" else schema_text(name), nl=False)


def _rules() -> str:
    """Its file refers to that of the ruleset beside it; what is printed stands alone."""
    from afterword.resources import schema  # noqa: PLC0415
    from afterword_cli.render import pretty_json  # noqa: PLC0415

    rules, ruleset = schema("rules"), schema("ruleset")
    rules["properties"] = {key: ruleset["properties"][key] for key in rules["properties"]}
    return pretty_json(rules | {"$defs": ruleset["$defs"]}) + "\n"
