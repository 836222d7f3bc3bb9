"""Which step of a version a change asks for, and which step two versions tell (semver.org)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from afterword.versions import Version, parse_version

Bump = Literal["none", "patch", "minor", "major"]
"""What a change of advice weighs.

`patch`: the same advice at the same times, in other words. `minor`: nothing is taken away: more advice, more
events that are understood, or another severity (all is said as before; who picks by severity picks anew).
`major`: advice that was given is no longer given, comes at another time or ends otherwise; or something that
users build on is gone.
"""

BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")


class Verdict(msgspec.Struct, frozen=True):
    """Whether a new version tells as much as the change weighs. `needed` is the least version that would."""

    asked: Bump
    told: Bump
    needed: str
    enough: bool


def greatest(bumps: Iterable[Bump]) -> Bump:
    """The weightiest of these; `none` when there are none."""
    return max(bumps, key=BUMPS.index, default="none")


def verdict(old: str, new: str, asked: Bump) -> Verdict:
    """Compares a new version with the old one, and with what the change asks for."""
    before, after = _version(old), _version(new)
    step = _scaled(before, asked)
    told = _step_between(before, after)
    is_later = after.point > before.point
    if asked == "none":
        enough = is_later or after.point == before.point
    else:
        enough = is_later and BUMPS.index(told) >= BUMPS.index(step)
    return Verdict(asked, told, _next(before, step), enough)


def _version(text: str) -> Version:
    """The version of a checked ruleset, whose numbers may be longer than those that can be chosen among."""
    release = text.partition("+")[0].partition("-")[0]
    return parse_version(text) or Version(tuple(int(number) for number in release.split(".")))


def _scaled(old: Version, asked: Bump) -> Bump:
    """Before 1.0.0 the second number counts as the first; a pre-release promises nothing."""
    if old.pre:
        return "none"
    if old.release[0] == 0 and asked in ("minor", "major"):
        return BUMPS[BUMPS.index(asked) - 1]
    return asked


def _step_between(old: Version, new: Version) -> Bump:
    """The greatest number that went up."""
    if new.point > old.point:
        for bump, was, now in zip(reversed(BUMPS), old.release, new.release, strict=False):
            if now != was:
                return bump
    return "none"


def _next(old: Version, step: Bump) -> str:
    major, minor, patch = old.release
    if old.pre:
        return f"{major}.{minor}.{patch}"
    following = {
        "none": (major, minor, patch),
        "patch": (major, minor, patch + 1),
        "minor": (major, minor + 1, 0),
        "major": (major + 1, 0, 0),
    }
    return ".".join(map(str, following[step]))
