"""Where the files that ship with the package are: schemas and rulesets, in a wheel or in a checkout."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec


def ruleset_folders() -> Path:
    """The folder that holds one folder per installed ruleset."""
    return _shipped("rulesets")


def schema_folder() -> Path:
    """The folder that holds the JSON Schemas."""
    return _shipped("schemas")


def schema(name: str) -> dict[str, Any]:
    """One of the shipped JSON Schemas: `ruleset`, `rules`, `mapping`, `test`, `event`, `transition` or `problems`."""
    return msgspec.json.decode(schema_text(name), type=dict[str, Any])


@functools.cache
def schema_text(name: str) -> bytes:
    """The same as it stands in its file."""
    return (schema_folder() / f"{name}.schema.json").read_bytes()


def _shipped(folder: str) -> Path:
    """`afterword/FOLDER` in a wheel; `FOLDER` at the top of a checkout, two levels above the package."""
    package = Path(__file__).parent
    installed = package / folder
    return installed if installed.is_dir() else package.parents[1] / folder
