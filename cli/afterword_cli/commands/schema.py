"""`afterword schema`: a JSON Schema, for editors and for other programs."""

from __future__ import annotations

import click

NAMES = ("ruleset", "mapping", "test", "event", "transition", "problems")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def command(name: str) -> None:
    """Print the JSON Schema of a kind of file, of an event, of a transition, or of what check finds.

    Exit status: 0 done; 2 there is no such schema.
    """
    from afterword.resources import schema_text  # noqa: PLC0415

    click.echo(schema_text(name), nl=False)
