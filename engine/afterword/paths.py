"""Paths of rule files: what their names mean, whether they exist, and why the system refused."""

from __future__ import annotations

from pathlib import Path

MANIFEST = "ruleset.yaml"
"""The file in the folder of a ruleset that says what the ruleset is."""

YAML = (".yaml", ".yml")
"""How the names of rule files, mappings and files of tests end."""


def folder_of(path: Path) -> Path:
    """The folder from which the paths in a ruleset lead on: the ruleset itself, or the one that its file stands in."""
    return path if path.is_dir() else path.parent


def reason(error: OSError) -> str:
    """Why the system refused, as it stands within a sentence."""
    return (error.strerror or type(error).__name__).lower()


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; false where access is denied, and for a name that no file can have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Whether there is a file; false wherever `exists` is."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder; false wherever `exists` is."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
