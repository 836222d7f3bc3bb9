"""Versions and ranges of versions, with the meanings they have for package managers (S26)."""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST = 200

_NUMBER = r"(?:0|[1-9][0-9]{0,14})"
_TAIL = r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
_VERSION = re.compile(rf"(?P<release>{_NUMBER}\.{_NUMBER}\.{_NUMBER}){_TAIL}")
_COMPARISON = re.compile(
    rf"\s*(?P<sign>\^|~|>=|<=|==|!=|=|>|<)?\s*(?P<release>{_NUMBER}(?:\.{_NUMBER}){{0,2}}){_TAIL}\s*"
)

Release = tuple[int, ...]

Point = tuple[Release, bool, tuple[tuple[bool, int, str], ...], bool]
"""A place in the order of all versions. The last part is true just behind a version, false at it."""


class Version(NamedTuple):
    """A version as semver.org has it; what stands behind a `+` does not count."""

    release: Release
    pre: tuple[str, ...] = ()

    @property
    def point(self) -> Point:
        """Where it stands: a pre-release before its release, numbers before words."""
        names = (
            (not name.isdigit(), int(name) if name.isdigit() else 0, "" if name.isdigit() else name)
            for name in self.pre
        )
        return self.release, not self.pre, tuple(names), False


class _Comparison(NamedTuple):
    """The versions from `low` up to, but without, `high`; `without` turns it around."""

    low: Point | None
    high: Point | None
    version: Version
    without: bool = False

    def holds(self, point: Point) -> bool:
        above = self.low is None or self.low <= point
        return (above and (self.high is None or point < self.high)) != self.without


class Range(NamedTuple):
    """Versions that all of the comparisons hold for."""

    comparisons: tuple[_Comparison, ...]

    def fits(self, version: Version) -> bool:
        """Whether the version is in the range. A pre-release is only when the range names one of the same release."""
        named = (each.version.release for each in self.comparisons if each.version.pre and not each.without)
        if version.pre and version.release not in named:
            return False
        return all(each.holds(version.point) for each in self.comparisons)


class NoRange(NamedTuple):
    """Why a text is no range of versions, in a sentence that says what one is."""

    reason: str


def parse_version(text: str) -> Version | None:
    """The version that a text is, such as `1.10.0` or `2.0.0-rc.1`; None when it is none."""
    match = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    return _version(match) if match is not None else None


def parse_range(text: str) -> Range | NoRange:
    """The range that a text is: comparisons joined by commas, or `*` for every release.

    `^1.2` is what may follow 1.2 without breaking (below 2; for `^0.2` below 0.3), `~1.2` has the same first two
    numbers, and a version with fewer than three numbers stands for all that begin like it.
    """
    if text.strip() == "*":
        return Range(())
    if len(text) > _LONGEST:
        return NoRange(f"A range of versions has at most {_LONGEST} characters.")
    comparisons: list[_Comparison] = []
    for part in text.split(","):
        comparison = _comparison(part)
        if isinstance(comparison, NoRange):
            return comparison
        comparisons.append(comparison)
    return Range(tuple(comparisons))


def _comparison(text: str) -> _Comparison | NoRange:
    match = _COMPARISON.fullmatch(text)
    if match is None:
        said = f"`{text.strip()}` is" if text.strip() else "This is"
        return NoRange(f"{said} no range of versions; write `1.2.0`, `^1.2`, `~1.2` or `>=1,<2`.")
    version = _version(match)
    given = version.release
    if version.pre and len(given) < 3:
        return NoRange(f"`{text.strip()}` names a pre-release of no version; write all three numbers.")
    low, behind = _first(given), _first(_next(given, len(given)))
    if len(given) == 3:
        low, behind = version.point, (*version.point[:3], True)
    match match["sign"]:
        case "^":
            return _Comparison(low, _first(_breaking(given)), version)
        case "~":
            return _Comparison(low, _first(_next(given, 2)), version)
        case ">=":
            return _Comparison(low, None, version)
        case ">":
            return _Comparison(behind, None, version)
        case "<=":
            return _Comparison(None, behind, version)
        case "<":
            return _Comparison(None, low, version)
    return _Comparison(low, behind, version, match["sign"] == "!=")


def _version(match: re.Match[str]) -> Version:
    release = tuple(int(number) for number in match["release"].split("."))
    return Version(release, tuple(name for name in (match["pre"] or "").split(".") if name))


def _first(release: Release) -> Point:
    """Before all versions that begin with these numbers, and before their pre-releases."""
    return (*release, 0, 0)[:3], False, (), False


def _next(release: Release, count: int) -> Release:
    """The numbers with the last of the first `count` one higher."""
    kept = release[:count]
    return (*kept[:-1], kept[-1] + 1)


def _breaking(release: Release) -> Release:
    """The next release that may break what this one promised: the first number that is not zero goes up."""
    first = next((place for place, number in enumerate(release, start=1) if number), len(release))
    return _next(release, first)
