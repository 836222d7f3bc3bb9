"""Params and lists: what `$name` stands for (S15)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any, Final

from afterword.building.problems import Problems
from afterword.building.values import NAMES, Mismatch, mismatch
from afterword.conditions import Scalar
from afterword.document import items, scalars, section, text
from afterword.duration import DayKind, Duration, NoDuration, parse_duration
from afterword.mistakes.words import shown
from afterword.problem import SETTINGS, Problem
from afterword.ruleset import FieldType, Param
from afterword.source import Node
from afterword.suggest import hint
from afterword.values import is_number


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""What `$name` stands for when that has been reported already."""


_PATH = re.compile(r"(event|case|subject|trigger)\.")


class Settings:
    """The params with the values they were set to, and the lists."""

    def __init__(self, root: Node, given: Mapping[str, object], days: DayKind, report: Problems) -> None:
        self._params = section(root, "params")
        self._lists = section(root, "lists")
        self._report = report
        self._used: set[str] = set()
        self.fitting: set[Hashable] = set()
        """Lists and the types that all their items were found to be of, so that very many rules can use one."""
        found = {name: _param(name, node, days, report) for name, node in self._params.values.items()}
        self.params = {name: param for name, param in found.items() if param is not None}
        self.lists = {name: scalars(node) for name, node in self._lists.values.items()}
        for declared in (self._params, self._lists):
            for name, place in declared.places.items():
                report.names.declare("$", name, place)
        self._refuse_shared_names()
        self._set(given, days)

    def names(self) -> frozenset[str]:
        """Everything that `$` can stand before."""
        return (self._params.names or frozenset()) | (self._lists.names or frozenset())

    def meaning(self, node: Node) -> object:
        """The value of a scalar: that of the param or list for `$name`, else its own (`$$x` is the text `$x`)."""
        if not isinstance(node.value, str) or not node.value.startswith("$"):
            return node.value
        if node.value.startswith("$$"):
            return node.value[1:]
        return self._named(node, node.value[1:])

    def without_dollar(self, text: str) -> str:
        """The hint for a text that is the name of a param or a list; nothing for any other."""
        if text not in self.names():
            return ""
        self._note(text)
        return f"did you mean `${text}`?"

    def param(self, name: str) -> Param | None:
        """The param of this name; its use is noted."""
        self._note(name)
        return self.params.get(name)

    def item(self, written: str, value: object) -> Node | None:
        """The item of the list `$name` that has this value; None where no list is written."""
        node = self._lists.values.get(written.removeprefix("$")) if written.startswith("$") else None
        return next((item for item in items(node) if item.value is value), None)

    def lacks_param(self, name: str) -> bool:
        """Whether there is certainly no such param."""
        return self._params.lacks(name)

    def warn_of_unused(self) -> None:
        """A name that nothing uses is most often a misspelt use of another."""
        for kind, declared in (("param", self._params), ("list", self._lists)):
            for name in (declared.names or frozenset()) - self._used:
                message = f"Nothing uses the {kind} `{name}`."
                self._report.warn(
                    declared.places[name], "unused-name", message, f"write `${name}`, or remove it"
                )

    def _note(self, name: str) -> None:
        self._used.add(name)
        self._report.names.use("$", name)

    def _named(self, node: Node, name: str) -> object:
        self._note(name)
        if name in self.params:
            return self.params[name].value
        if name in self.lists:
            return self.lists[name]
        if self.lacks_param(name) and self._lists.lacks(name):
            message = f"There is no param or list `{name}`."
            mend = f"write `{{field: {name}}}`" if _PATH.match(name) else hint(name, self.names())
            self._report.miss("$", name, node, "unknown-name", message, mend)
        return UNKNOWN

    def _refuse_shared_names(self) -> None:
        for name in (self._params.names or frozenset()) & (self._lists.names or frozenset()):
            message = f"`{name}` is a param and a list."
            self._report.error(self._lists.places[name], "duplicate-name", message, "rename one of them")

    def _set(self, given: Mapping[str, object], days: DayKind) -> None:
        for name, value in given.items():
            problem = self._set_one(name, value, days)
            if problem is not None:
                self._report.add(Problem(SETTINGS, 0, 0, problem.code, problem.message, problem.hint))

    def _set_one(self, name: str, value: object, days: DayKind) -> Mismatch | None:
        if self.lacks_param(name):
            return Mismatch(
                "unknown-param", f"There is no param `{name}`.", hint(name, self._params.names or ())
            )
        param = self.params.get(name)
        if param is None:
            return None
        read, problem = _setting(param, value, self._params.values[name], days)
        if problem is None:
            self.params[name] = Param(name, param.type, param.default, read, param.title, param.description)
        return problem


def _param(name: str, node: Node, days: DayKind, report: Problems) -> Param | None:
    """The param with its default; None when its value cannot be known, so that its uses are not blamed."""
    for choice in items(node.child("enum")):
        _, problem = _read(choice.value, node, f"`{name}`", days, limits=False)
        if problem is not None:
            report.error(choice, *problem)
    type_, default = text(node, "type"), node.child("default")
    if default is None or not type_:
        return None
    if _no_number_fits(node, report):
        return None
    value, problem = _read(default.value, node, f"`{name}`", days)
    if problem is not None:
        report.error(default, *problem)
        return None
    return Param(name, type_, value, value, text(node, "title"), text(node, "description"))


def _no_number_fits(node: Node, report: Problems) -> bool:
    least, most = node.child("minimum"), node.child("maximum")
    if least is None or most is None or not (is_number(least.value) and is_number(most.value)):
        return False
    if least.value <= most.value:  # type: ignore[operator]
        return False
    message = f"No number is at least {shown(least.value)} and at most {shown(most.value)}."
    report.error(least, "empty-range", message, "let `minimum` be the smaller one")
    return True


def _read(
    value: object, node: Node, called: str, days: DayKind, limits: bool = True
) -> tuple[Any, Mismatch | None]:
    """The value as its param means it."""
    type_ = text(node, "type")
    allowed = scalars(node.child("enum")) if limits else ()
    if type_ == "duration":
        return _duration(value, allowed, called, days)
    problem = mismatch(value, FieldType(type_, enum=allowed or None), called) if type_ else None
    if problem is None and limits and is_number(value):
        problem = _beyond(value, node, called)
    if problem is None and type_ == "integer" and isinstance(value, float):
        return int(value), None
    return value, problem


def _duration(
    value: object, allowed: tuple[Scalar, ...], called: str, days: DayKind
) -> tuple[object, Mismatch | None]:
    read = parse_duration(str(value), days)
    if isinstance(read, NoDuration):
        return value, Mismatch("bad-duration", read.reason, "")
    if allowed and value not in allowed:
        return value, mismatch(value, FieldType("string", enum=allowed), called)
    return read, None


def _beyond(value: object, node: Node, called: str) -> Mismatch | None:
    for key, word, sign in (("minimum", "least", 1), ("maximum", "most", -1)):
        limit = node.child(key)
        if limit is not None and sign * value < sign * limit.value:  # type: ignore[operator]
            message = f"{called} must be at {word} {shown(limit.value)}."
            return Mismatch("out-of-range", message, f"change it, or the `{key}` of the param")
    return None


def _setting(param: Param, value: object, node: Node, days: DayKind) -> tuple[Any, Mismatch | None]:
    """A value that a user gave; text, as a command line has it, is read by the param's type."""
    if isinstance(value, Duration) and param.type == "duration":
        return value, None
    if isinstance(value, str):
        value = _from_text(value, param.type)
    read, problem = _read(value, node, f"`{param.name}`", days)
    if problem is not None and problem.code == "wrong-operand":
        problem = Mismatch("bad-setting", problem.message, f"give it {NAMES[param.type]}")
    return read, problem


def _from_text(value: str, type_: str) -> object:
    if type_ == "boolean":
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    for number in {"integer": (int,), "number": (int, float)}.get(type_, ()):
        try:
            return number(value)
        except ValueError:
            continue
    return value
