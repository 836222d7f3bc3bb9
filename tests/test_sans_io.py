"""P5: the core does no I/O, reads no clock and starts no thread, and imports nothing of the rim."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import afterword

HOME = Path(afterword.__file__).parent
RIM = frozenset({"rim", "store"})
# Those that CONTRIBUTING.md lists: they find and read rule files.
READERS = frozenset(
    {"loading", "installed", "bases", "layers", "paths", "rule_files", "cache", "kept", "resources"}
)
OUTSIDE = frozenset(
    {
        *("os", "pathlib", "shutil", "tempfile", "sqlite3", "subprocess", "threading", "multiprocessing"),
        *("concurrent", "asyncio", "socket", "select", "signal", "urllib", "http", "logging"),
        *("time", "random", "secrets", "uuid", "zoneinfo"),
    }
)
ADMITTED = {
    ("days.py", "open"),  # the data of the package tzdata
    ("days.py", "read_text"),  # the names of its zones
    ("days.py", "zoneinfo"),  # the class of a zone, which is read from that package
    ("network/durable.py", "threading"),  # a lock around a library that is shared; no thread is started
}
FILES = frozenset({"open", "read_bytes", "read_text", "write_bytes", "write_text"})
CLOCKS = frozenset({"now", "utcnow", "today"})
"""Of `datetime`; the module `time` may not be imported at all."""


def core() -> Iterator[Path]:
    for path in sorted(HOME.rglob("*.py")):
        first = path.relative_to(HOME).parts[0].removesuffix(".py")
        if first not in RIM | READERS:
            yield path


CORE = {str(path.relative_to(HOME)): path for path in core()}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{each.name}" for each in node.names)


def only_for_types(tree: ast.Module) -> ast.Module:
    """The tree without what is imported for types alone."""
    body = [
        node
        for node in tree.body
        if not (
            isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        )
    ]
    return ast.Module(body, [])


@pytest.mark.parametrize("name", CORE)
def test_p5_the_core_reaches_nothing_outside(name: str) -> None:
    tree = only_for_types(ast.parse(CORE[name].read_text(encoding="utf-8")))
    for module in imported(tree):
        top, *rest = module.split(".")
        assert top not in OUTSIDE or (name, top) in ADMITTED, module
        assert top != "afterword_cli", module
        assert top != "afterword" or not RIM.intersection(rest[:1]), module
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, ast.unparse(node)
            assert node.func.attr not in FILES or (name, node.func.attr) in ADMITTED, ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open", ast.unparse(node)


def test_p5_the_modules_that_may_read_files_are_those_that_are_listed() -> None:
    written = (HOME.parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"the modules that find and read rule files: (.*?)\. A test", written, re.DOTALL)
    assert {name.removesuffix(".py") for name in re.findall(r"`(\w+\.py)`", listed)} == READERS
    for name in READERS:
        assert (HOME / f"{name}.py").exists()
