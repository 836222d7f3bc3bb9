"""Where the program `afterword` begins: so soon that an interruption while it is being loaded is told in a word."""

from __future__ import annotations

import os
import sys

EXIT_INTERRUPTED = 130


def main() -> None:
    """Loads the commands and runs the one that was called."""
    try:
        from afterword_cli.main import main as run  # noqa: PLC0415 - this is what takes the time

        run()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write("Interrupted.\n")
        # What was only half loaded has nothing to put in order, and might be interrupted again while it does.
        os._exit(EXIT_INTERRUPTED)
