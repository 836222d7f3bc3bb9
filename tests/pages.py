"""The examples of a Markdown page, tried as a reader would: files saved, commands typed, Python run, in order.

What a block is for is told by its language, or by a comment above it that readers do not see:

- `console`: each line after `$ ` is typed, the lines below it are what the terminal shows (100 columns, no colour);
- `python`: is run; what it prints stands in the `text` block that follows. With `>>>` it is a doctest;
- `<!-- file: NAME -->`: the block is saved under this name, which a later command or Python block has to use;
- `<!-- from: FILE -->`: the block is copied from a file of the project;
- `<!-- not run: REASON -->`: the block is only to be looked at.

Any other block is refused, so that no example goes untried. A page has a folder of its own that holds copies of
`examples/` and `rulesets/`. `python tests/pages.py PAGE…` writes what is really shown into the pages.
"""

from __future__ import annotations

import contextlib
import difflib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from afterword_cli.main import main

ROOT = Path(__file__).parent.parent
COPIED = ("examples", "rulesets")

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[\w+-]*)[^`\n]*$")
_MARKER = re.compile(r"^ *<!-- (?P<verb>file|from|not run): (?P<what>.+?) -->\s*$")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_PROGRAMS = frozenset(
    {"afterword", "cat", "cp", "cut", "echo", "grep", "gzip", "head", "ls", "mkdir", "tail", "wc"}
)
_SHELL = re.compile(r"[|<>;&*`$]")
_TERMINAL = {"COLUMNS": "100", "LINES": "40", "NO_COLOR": "1", "AFTERWORD_TRACEBACK": "1"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page, with the marker above it. `line` is that of the opening fence, from 1."""

    language: str
    text: str
    line: int
    indent: str
    verb: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an example, and where."""

    page: str
    line: int
    told: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.told}"


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    lines = page.split("\n")
    number, marker = 0, None
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            if lines[number].strip():
                marker = _MARKER.match(lines[number])
            number += 1
            continue
        start, indent = number, opening["indent"]
        body = []
        number += 1
        while number < len(lines) and lines[number].strip() != opening["fence"]:
            body.append(lines[number].removeprefix(indent))
            number += 1
        number += 1
        verb, what = (marker["verb"], marker["what"]) if marker else ("", "")
        yield Block(opening["language"], "".join(f"{line}\n" for line in body), start + 1, indent, verb, what)
        marker = None


def run(path: Path, folder: Path) -> tuple[list[Fault], str]:
    """Tries a page in a folder: what is wrong with its examples, and the page with what is really shown."""
    page = path.read_text(encoding="utf-8")
    session = _Session(path.name, folder)
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    with contextlib.chdir(folder), mock.patch.dict(os.environ, _TERMINAL):
        session.take(list(blocks(page)))
    return session.faults, _corrected(page, session.shown)


def _corrected(page: str, shown: dict[int, tuple[Block, str]]) -> str:
    lines = page.split("\n")
    for line, (block, text) in sorted(shown.items(), reverse=True):
        length = block.text.count("\n")
        lines[line : line + length] = [
            f"{block.indent}{each}".rstrip() for each in text.removesuffix("\n").split("\n")
        ]
    return "\n".join(lines)


class _Session:
    """One reader at one page: their files, the names their Python knows, and what went otherwise than shown."""

    def __init__(self, page: str, folder: Path) -> None:
        self.faults: list[Fault] = []
        self.shown: dict[int, tuple[Block, str]] = {}
        self._page = page
        self._folder = folder
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._unused: dict[str, int] = {}
        self._status = 0

    def take(self, found: list[Block]) -> None:
        """Goes through the blocks of the page, in order."""
        for number, block in enumerate(found):
            before = found[number - 1] if number else None
            self._one(block, before, found[number + 1] if number + 1 < len(found) else None)
        for name, line in self._unused.items():
            self._fault(line, f"nothing on this page uses the file {name}")

    def _one(self, block: Block, before: Block | None, after: Block | None) -> None:
        match block.verb, block.language:
            case "not run", _:
                pass
            case "file", _:
                self._save(block)
            case "from", _:
                self._compare_with_file(block)
            case _, "console":
                self._console(block)
            case _, "python":
                self._python(block, after if after and after.language == "text" else None)
            case _, "text" if before is not None and before.language == "python" and not before.verb:
                pass  # what that Python prints: compared when it was run
            case _:
                self._fault(
                    block.line, "nobody tries this example; see tests/pages.py for how to have it tried"
                )

    def _fault(self, line: int, told: str) -> None:
        self.faults.append(Fault(self._page, line, told))

    # --- files

    def _save(self, block: Block) -> None:
        if block.what in self._unused:
            self._fault(self._unused[block.what], f"nothing uses the file {block.what} before it is replaced")
        file = self._folder / block.what
        if not file.resolve().is_relative_to(self._folder.resolve()):
            self._fault(block.line, f"{block.what} lies outside the page's folder")
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        self._unused[block.what] = block.line

    def _note_uses(self, text: str) -> None:
        for name in list(self._unused):
            parts = [name, *(str(parent) for parent in Path(name).parents)][:-1]
            if any(re.search(rf"(?<![\w./-]){re.escape(part)}(?![\w.-])", text) for part in parts):
                del self._unused[name]

    def _compare_with_file(self, block: Block) -> None:
        file = ROOT / block.what
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        indents = (re.match(" *", line)[0] for line in text.split("\n"))  # type: ignore[index]  # always matches
        if not any(textwrap.indent(block.text, indent) in text for indent in set(indents)):
            self._fault(block.line, f"this does not stand in {block.what}")

    # --- commands

    def _console(self, block: Block) -> None:
        if not block.text.startswith("$ "):
            self._fault(block.line, "a console block begins with `$ ` and a command")
            return
        out = []
        for typed in re.split(r"^(?=\$ )", block.text, flags=re.MULTILINE)[1:]:
            end = re.match(r"(?:[^\n]*\\\n)*[^\n]*\n", typed)
            command = end[0] if end else typed
            out.append(command + _tidy(self._type(command[2:].replace("\\\n", " ").strip(), block.line)))
        self._compare(block, block.line, "".join(out))

    def _type(self, command: str, line: int) -> str:
        if command == "echo $?":
            return f"{self._status}\n"
        self._note_uses(command)
        programs = [each.split()[0] for each in re.split(r"[|;&]+", command) if each.split()]
        for program in programs:
            if program not in _PROGRAMS:
                self._fault(line, f"`{program}` is not run by a test; mark the block `not run`")
                return ""
        if programs == ["afterword"] and not _SHELL.search(command):
            shown, self._status = _afterword(shlex.split(command)[1:])
        else:
            shown, self._status = _shell(command, self._folder)
        return shown

    # --- Python

    def _python(self, block: Block, printed: Block | None) -> None:
        self._note_uses(block.text)
        if block.text.startswith(">>>"):
            self._doctest(block)
            return
        out = io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                exec(compile("\n" * block.line + block.text, self._page, "exec"), self._names)
        except Exception as error:
            self._fault(block.line, f"{type(error).__name__}: {error}")
        if printed is not None:
            self._compare(printed, printed.line, _tidy(out.getvalue()))
        elif out.getvalue():
            self._fault(
                block.line, f"what this prints does not stand in a text block below it:\n{out.getvalue()}"
            )

    def _doctest(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(
            block.text, self._names, self._page, self._page, block.line
        )
        out = io.StringIO()
        doctest.DocTestRunner(verbose=False).run(test, out=out.write, clear_globs=False)
        self._names.update(test.globs)
        if out.getvalue():
            self._fault(block.line, out.getvalue())

    def _compare(self, block: Block, line: int, shown: str) -> None:
        if shown == block.text:
            return
        self.shown[line] = block, shown
        told = difflib.unified_diff(
            block.text.splitlines(), shown.splitlines(), "the page", "what is shown", lineterm="", n=1
        )
        self._fault(line, "\n".join(told))


def _tidy(shown: str) -> str:
    """Without colours and white space at the ends of lines, which nobody sees."""
    lines = [line.rstrip() for line in _ESCAPES.sub("", shown).rstrip().split("\n")]
    return "".join(f"{line}\n" for line in lines) if any(lines) else ""


class _Screen(io.TextIOWrapper):
    """A terminal, as far as a program can tell."""

    def isatty(self) -> bool:
        return True


def _afterword(arguments: list[str]) -> tuple[str, int]:
    """Runs the command in this process: what the terminal shows, and the exit status."""
    shown = io.BytesIO()
    streams = [_Screen(shown, encoding="utf-8", write_through=True) for _ in range(2)]
    nothing = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    status = 0
    with mock.patch.multiple(
        sys, stdout=streams[0], stderr=streams[1], stdin=nothing, argv=["afterword", *arguments]
    ):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    for stream in streams:
        stream.detach()
    return shown.getvalue().decode(), status


def _shell(command: str, folder: Path) -> tuple[str, int]:
    """Runs pipes and redirections; the command is found in a folder beside the page's."""
    with tempfile.TemporaryDirectory() as programs:
        program = Path(programs) / "afterword"
        call = f'exec "{sys.executable}" -c "from afterword_cli.main import main; main()" "$@"'
        program.write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
        program.chmod(0o755)
        environment = {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(str(ROOT / source) for source in ("engine", "cli")),
        }
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=60,
        )
    return done.stdout.decode(), done.returncode


def correct(names: list[str]) -> int:
    """Writes what is really shown into pages; says what cannot be mended so."""
    status = 0
    for name in names:
        path = Path(name).resolve()
        with tempfile.TemporaryDirectory() as folder:
            faults, corrected = run(path, Path(folder))
        path.write_text(corrected, encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            left, _ = run(path, Path(folder))
        for fault in left:
            sys.stderr.write(f"{fault}\n")
        sys.stdout.write(f"{name}: {len(faults) - len(left)} corrected, {len(left)} left\n")
        status = status or bool(left)
    return int(status)


if __name__ == "__main__":
    sys.exit(correct(sys.argv[1:]))
