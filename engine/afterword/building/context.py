"""What the parts of the build have in common: what was read before, and where problems go."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.building.report import Report
from afterword.building.settings import Settings
from afterword.building.vocabulary import Vocabulary
from afterword.ruleset import Defaults


@dataclass(frozen=True, slots=True)
class Context:
    """The document so far.

    Where an id is missing, doubled or unreadable, not all are known, and no rule can be said not to exist.
    """

    report: Report
    defaults: Defaults
    settings: Settings
    vocabulary: Vocabulary
    rule_ids: frozenset[str]
    all_ids_known: bool
