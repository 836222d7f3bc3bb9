"""The command group, and the last line of defence: whatever happens, an exit status and a sentence."""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module

import click

from afterword.version import __version__
from afterword_cli.clean import clean_lines
from afterword_cli.start import EXIT_INTERRUPTED
from afterword_cli.streams import OutputError, let_go, prepare

COMMANDS = {
    "evaluate": "Replay a log and print what the rules say.",
    "agenda": "What is overdue, due and coming.",
    "watch": "Follow a growing log and print what the rules say, as it happens.",
    "explain": "Why something was said, not said, or suppressed.",
    "check": "Find every problem in rule, mapping and test files.",
    "test": "Run the tests that stand beside rules.",
    "diff": "What changed between two rulesets, and what it changes for a log.",
    "rules": "What is installed, and what a rule says in plain words.",
    "schema": "Print a JSON Schema.",
}
"""Each command with its line in `afterword --help`; its module is imported only when it is called."""

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 70


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says when there is no room for a temporary file."""


class _ReaderGoneError(Exception):
    """Nobody reads standard output any more."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The commands in the order of a user's day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"afterword_cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Keeps a broken pipe from click, which would make a failure of it; says what `--network` cannot have."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGoneError from None
        except RuntimeError as error:
            from afterword.network import NetworkUnavailable  # noqa: PLC0415 - only on the way out

            if isinstance(error, NetworkUnavailable):
                raise click.UsageError(str(error), ctx) from None
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest command when there is none of this name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from afterword.suggest import hint  # noqa: PLC0415 - only on the way out

            told = hint(args[0], COMMANDS, "commands")
            raise click.UsageError(f"{error.message}{' ' if told else ''}{told}", ctx) from None


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="afterword")
@click.pass_context
def afterword(context: click.Context) -> None:
    """Advice from rules over a stream of events: what to do next, when, and why.

    Exit status: 0 done; 1 findings (problems in a checked file, failed tests, --fail-on); 2 wrong usage or
    input that could not be read.
    """
    if "NO_COLOR" in os.environ:
        context.color = False  # unless an option says otherwise for what it is about


def look_for_cycles_less() -> None:
    """What a command keeps grows and is never cyclic: to search it at every step takes longer than the work."""
    gc.set_threshold(100_000, 50, 100)


def main() -> None:
    """Runs the command; no traceback reaches the user, and a broken pipe is no error."""
    try:
        status = _run()
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        status = EXIT_INTERRUPTED
    except (_ReaderGoneError, BrokenPipeError):
        let_go()
        status = 0
    except OutputError as error:
        let_go()
        click.echo(f"Error: {error}", err=True)
        status = EXIT_USAGE
    except Exception as error:
        if os.environ.get("AFTERWORD_TRACEBACK"):
            raise
        status = _tell_fault(error)
    sys.exit(status or 0)


def _run() -> int:
    """Runs the command, with all that it prints; the exit status."""
    prepare()
    look_for_cycles_less()
    try:
        status = afterword.main(prog_name="afterword", standalone_mode=False)
    except click.exceptions.Exit as request:
        status = request.exit_code
    except click.ClickException as error:
        # It may quote a log, a rule or the name of a file.
        vars(error)["message"] = clean_lines(error.message)
        error.show()
        status = EXIT_USAGE
    sys.stdout.flush()
    return status or 0


def _tell_fault(error: Exception) -> int:
    """Says what went wrong where no sentence was ready for it; the exit status."""
    told = _outside(error)
    if told:
        click.echo(f"Error: {told}", err=True)
        return EXIT_USAGE
    click.echo(
        f"afterword: internal error: {type(error).__name__}: {clean_lines(str(error))}\n"
        "This is a fault of afterword, not of your input. Set AFTERWORD_TRACEBACK=1 to see where it is.",
        err=True,
    )
    return EXIT_INTERNAL


def _outside(error: Exception) -> str:
    """What is wrong with the machine, in a sentence, where it is that and not afterword."""
    if not isinstance(error, OSError):
        return ""
    if error.errno in _FULL:
        return f"A file cannot be written: {error.strerror}."
    try:
        os.getcwd()  # noqa: PTH109 - pathlib takes long to import
    except OSError:
        return "The working folder is not there any more; go to another one."
    return ""
