"""The public names and their signatures, frozen: who changes one changes this page, the docs and the major version."""

from __future__ import annotations

import inspect
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
    if name in ("Program", "Ruleset"):
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


if __name__ == "__main__":
    FROZEN.write_text("".join(f"{line}\n" for line in public()), encoding="utf-8")
