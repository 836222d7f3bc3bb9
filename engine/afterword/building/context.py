"""What the parts of the build have in common: what was read before, and where problems go."""

from __future__ import annotations

from dataclasses import dataclass, field

from afterword.building.problems import Problems
from afterword.building.references import References
from afterword.building.settings import Settings
from afterword.building.vocabulary import Vocabulary
from afterword.ruleset import Defaults
from afterword.source import Place


@dataclass(frozen=True, slots=True)
class Context:
    """The document so far.

    Where an id is missing or unreadable, not all are known, and no rule can be said not to exist.
    `places` tells where a test stands, by its `id`.
    """

    report: Problems
    defaults: Defaults
    settings: Settings
    vocabulary: Vocabulary
    rule_ids: frozenset[str]
    all_ids_known: bool
    places: dict[int, Place] = field(default_factory=dict)

    @property
    def references(self) -> References:
        """What paths mean."""
        return self.vocabulary.references
