"""What a comparison of two rulesets finds, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from afterword.comparing.bumps import BUMPS, Bump, greatest
from afterword.comparing.words import Segment
from afterword.ruleset import Ruleset
from afterword.source import Node

ChangeFate = Literal["added", "removed", "changed"]

_SHARED: Mapping[ChangeFate, str] = {"added": "new", "removed": "gone", "changed": "changed"}


@dataclass(frozen=True, slots=True)
class Edition:
    """A ruleset and the document that it was built from, which alone knows which names a rule uses."""

    ruleset: Ruleset
    document: Node


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One difference, told in one of three ways: as a whole (`was`, `now`), in parts, or word by word.

    `what` is the key that a rule file has for it. `through` names what the rule uses and that changed, when
    nothing else did. `note` says what follows.
    """

    what: str
    bump: Bump
    was: str | None = None
    now: str | None = None
    gone: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    words: tuple[Segment, ...] = ()
    through: tuple[str, ...] = ()
    note: str = ""


class RuleChange(msgspec.Struct, frozen=True):
    """A rule that came, went or changed. `said` is the rule in plain words, for one that came or went."""

    id: str
    fate: ChangeFate
    kind: str
    severity: str
    title: str
    bump: Bump
    why: tuple[str, ...]
    said: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def through(self) -> tuple[str, ...]:
        """What the rule uses and that changed, when nothing of the rule itself did."""
        if not all(change.through for change in self.changes):
            return ()
        return tuple(dict.fromkeys(name for change in self.changes for name in change.through))


class SharedChange(msgspec.Struct, frozen=True):
    """A difference in what rules share: a param, a list, an event type. `felt_by` are the rules that it changes.

    `said` is it in plain words, where it came or went.
    """

    kind: str
    name: str
    fate: ChangeFate
    bump: Bump
    said: str = ""
    changes: tuple[Change, ...] = ()
    felt_by: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """What to call it in a sentence: `the param patience`."""
        return f"the {self.kind} {self.name}".rstrip()


class Reason(msgspec.Struct, frozen=True):
    """Why the change asks for a new version of at least this weight, and what it is that changed so."""

    bump: Bump
    why: str
    what: tuple[str, ...]


class Identity(msgspec.Struct, frozen=True):
    """Which ruleset was compared."""

    name: str
    version: str
    digest: str


class Comparison(msgspec.Struct, frozen=True):
    """All that changed between two rulesets. False when nothing did."""

    old: Identity
    new: Identity
    shared: tuple[SharedChange, ...]
    rules: tuple[RuleChange, ...]
    unchanged: int

    @property
    def bump(self) -> Bump:
        """The least step of the version that tells the whole change."""
        return greatest(reason.bump for reason in self.reasons)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, the weightiest first. What weighs by what it does to rules is told at the rules."""
        told: dict[tuple[Bump, str], list[str]] = {}
        for rule in self.rules:
            told.setdefault((rule.bump, "; ".join(rule.why)), []).append(rule.id)
        for change in self.shared:
            if change.bump != "patch" or not change.felt_by:
                told.setdefault((change.bump, _SHARED[change.fate]), []).append(change.called)
        reasons = [Reason(bump, why, tuple(what)) for (bump, why), what in told.items() if bump != "none"]
        return tuple(sorted(reasons, key=lambda each: -BUMPS.index(each.bump)))

    def __bool__(self) -> bool:
        return bool(self.shared or self.rules)


def bump_of(changes: Iterable[Change]) -> Bump:
    """The weightiest of these changes."""
    return greatest(change.bump for change in changes)
