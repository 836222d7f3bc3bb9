"""What the ruleset is and what holds where a rule says nothing: name, version, engine, defaults, cases."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import msgspec

from afterword.building.problems import Problems
from afterword.building.values import not_a_date
from afterword.building.vocabulary import Vocabulary
from afterword.business_days import holidays_exist
from afterword.dates import WEEKDAYS, as_date
from afterword.days import zone_exists, zone_names
from afterword.document import items, text
from afterword.duration import Duration
from afterword.ruleset import Cases, Defaults, Param
from afterword.source import Node
from afterword.suggest import is_one_slip, nearest
from afterword.version import __version__
from afterword.versions import NoRange, Version, parse_range


def check_engine(root: Node, report: Problems) -> None:
    """Whether the ruleset works with this engine."""
    wanted = text(root, "requires_engine")
    if not wanted:
        return
    range_ = parse_range(wanted)
    if isinstance(range_, NoRange):
        return  # the schema has said so
    if not range_.fits(_engine()):
        message = f"The ruleset needs an engine {wanted}; this is {__version__}."
        mend = "install that version of afterword, or widen `requires_engine`"
        report.error(root.at(["requires_engine"]), "wrong-engine", message, mend)


def _engine() -> Version:
    """The engine's version; one that is being worked on counts as the release that it will be."""
    numbers = re.findall(r"[0-9]+", __version__)
    return Version(tuple(map(int, numbers[:3])))


def defaults(root: Node, report: Problems) -> Defaults:
    """The ruleset's `defaults`; a zone or a calendar that does not exist is left at what it would be without."""
    node = root.child("defaults")
    if node is None:
        return Defaults()
    days = "business" if text(node, "days") == "business" else "calendar"
    weekend = node.child("weekend")
    free = frozenset(WEEKDAYS.index(str(item.value)) for item in items(weekend))
    return Defaults(
        timezone=_zone(node.child("timezone"), report),
        days=days,  # type: ignore[arg-type]
        holidays=_holidays(node.child("holidays"), report),
        weekend=free if weekend is not None else Defaults().weekend,
    )


def _zone(node: Node | None, report: Problems) -> str:
    if node is None or not isinstance(node.value, str):
        return "UTC"
    if zone_exists(node.value):
        return node.value
    is_guess = _OFFSET.search(node.value) or _LETTERS.fullmatch(node.value)
    near = None if is_guess else nearest(node.value, zone_names())
    mend = (
        "write an IANA name, such as `Australia/Perth`; most cities have none and share that of a larger one"
    )
    if near is not None and is_one_slip(node.value, near):
        mend = f"did you mean `{near}`?"
    report.error(node, "unknown-zone", f"There is no time zone `{node.value}`.", mend)
    return "UTC"


_LETTERS = re.compile("[A-Z]{2,5}")
"""`BST` and the like mean different zones in different places; one that looks alike would be a guess."""

_OFFSET = re.compile(r"[+-]\s*[0-9]")
"""A zone is a place and not an offset, which would be wrong for half of the year."""


def _holidays(node: Node | None, report: Problems) -> tuple[str, ...]:
    known = []
    for item in items(node):
        name = str(item.value)
        if as_date(name) or holidays_exist(name):
            known.append(name)
        elif name[:1].isdigit():
            report.error(item, *not_a_date(name))
        else:
            message = f"There is no calendar of holidays `{name}`."
            report.error(item, "unknown-holidays", message, _calendar_meant(name))
    return tuple(known)


def _calendar_meant(name: str) -> str:
    country = name.partition("-")[0]
    if country in _CALLED:
        return f"did you mean `{_CALLED[country]}{name[len(country) :]}`?"
    if holidays_exist(name.upper()):
        return f"did you mean `{name.upper()}`?"
    if holidays_exist(country):
        return f"`{country}` exists, but it has no such region"
    return (
        "write a country, or a country and a region, such as `AU` or `AU-WA`, or a date, such as `2026-12-24`"
    )


_CALLED = {
    "UK": "GB",
    "England": "GB-ENG",
    "Scotland": "GB-SCT",
    "Wales": "GB-WLS",
    "USA": "US",
    "Germany": "DE",
    "Deutschland": "DE",
    "France": "FR",
    "Australia": "AU",
    "Austria": "AT",
    "Switzerland": "CH",
}
"""What people call a country whose calendar is known by two letters."""


def cases(root: Node, vocabulary: Vocabulary, report: Problems) -> Cases | None:
    """Which events open a case and which close it."""
    node = root.child("cases")
    if node is None:
        return None
    opening, closing = node.child("opened_by"), node.child("closed_by")
    opened = vocabulary.event_types(opening, declared_only=True) or ()
    closed = vocabulary.event_types(closing, declared_only=True) or ()
    added = {item.value: item for item in items(opening) if item.file == root.file}
    for item in items(closing):
        if item.value in opened:
            message = f"`{item.value}` cannot open a case and close it."
            # A ruleset that extends another is told of its own line, which may be the one that opens.
            place = item if item.file == root.file else added.get(item.value, item)
            report.error(place, "case-opens-and-closes", message, "remove it from one of the two")
    return Cases(frozenset(opened), frozenset(closed))


def digest(root: Node, params: Mapping[str, Param]) -> str:
    """What this ruleset with these params is known by: a digest of all it says, however it is laid out."""
    values = {
        name: str(param.value) if isinstance(param.value, Duration) else param.value
        for name, param in params.items()
    }
    canonical = msgspec.json.encode([root.data(), values], order="deterministic")
    return "sha256:" + hashlib.sha256(canonical).hexdigest()
