"""The public names and their signatures, frozen: who changes one changes this page, the docs and the major version."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import afterword

FROZEN = Path(__file__).parent / "data" / "public.txt"


def public() -> Iterator[str]:
    """Each public name with its signature, and those of the methods and attributes of each public class."""
    for name in sorted(afterword.__all__):
        thing = getattr(afterword, name)
        if inspect.isclass(thing):
            made = inspect.signature(thing) if thing is afterword.Engine else ""
            base = f"({thing.__bases__[0].__name__})" if issubclass(thing, Exception) else ""
            yield f"class {name}{base}{made}"
            yield from sorted(members(name, thing))
        elif inspect.isfunction(thing):
            yield f"{name}{inspect.signature(thing)}"
        else:
            yield name


def members(name: str, thing: type) -> Iterator[str]:
    if name in ("Program", "Ruleset", "Observer"):
        return  # passed around, not looked into: only what the docs name is promised
    for each in dir(thing):
        if each.startswith("_") or any(hasattr(base, each) for base in thing.__bases__):
            continue
        found = inspect.getattr_static(thing, each)
        if isinstance(found, classmethod | staticmethod):
            yield f"  {each}{inspect.signature(getattr(thing, each))}"
        elif inspect.isfunction(found):
            yield f"  {each}{inspect.signature(found)}"
        else:
            yield f"  {each}"


def test_the_public_names_are_those_that_were_promised() -> None:
    """`python tests/test_public.py` writes the list anew."""
    assert list(public()) == FROZEN.read_text(encoding="utf-8").splitlines()


def test_the_public_names_are_shown_before_they_are_imported() -> None:
    code = "import afterword; print(*(name for name in dir(afterword) if not name.startswith('__')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.split() == sorted(name for name in afterword.__all__ if name != "__version__")


def test_every_public_name_is_imported_from_where_type_checkers_are_told() -> None:
    tree = ast.parse(Path(afterword.__file__).read_text(encoding="utf-8"))
    told = {
        alias.name: (node.module or "").removeprefix("afterword.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("afterword.")
        for alias in node.names
    }
    assert told == {**afterword._HOMES, "__version__": "version"}


if __name__ == "__main__":
    FROZEN.write_text("".join(f"{line}\n" for line in public()), encoding="utf-8")
