"""A document with places as a checked `Ruleset`, or all the problems that keep it from being one (S4, P3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from afterword.building import identity
from afterword.building.context import Context
from afterword.building.cycles import cycles
from afterword.building.dead import never_begun, unheard, waits_for
from afterword.building.idle import idle
from afterword.building.patterns import Patterns
from afterword.building.problems import FullError, Problems
from afterword.building.rules import rules as read_rules
from afterword.building.settings import Settings
from afterword.building.vocabulary import Vocabulary
from afterword.document import items, text, texts, without
from afterword.problem import Problem
from afterword.ruleset import Cases, Rule, Ruleset
from afterword.schema import read
from afterword.source import Node

__all__ = ["build"]

_NOTHING: Mapping[str, object] = MappingProxyType({})


def build(node: Node, settings: Mapping[str, object] = _NOTHING) -> tuple[Ruleset | None, list[Problem]]:
    """The ruleset that a document describes, and every problem in it; none when one of them is an error.

    `settings` are values of params; text is read as the param's type wants it. What the schema refuses is
    left out and the rest is checked as if it were right, so that one mistake makes one problem.
    """
    report = Problems()
    try:
        ruleset = _checked(node, settings, report)
    except FullError:
        return None, report.sorted()
    return (None if report.errors else ruleset), report.sorted()


def _checked(node: Node, settings: Mapping[str, object], report: Problems) -> Ruleset | None:
    reading = read(node, "ruleset")
    for problem in sorted(reading.problems):
        report.add(problem)
    if id(reading.node) in reading.refused:
        return None
    return _read(reading.node, without(reading.node, reading.refused), settings, report)


def _read(whole: Node, root: Node, settings: Mapping[str, object], report: Problems) -> Ruleset:
    identity.check_engine(root, report)
    defaults = identity.defaults(root, report)
    given = Settings(root, settings, defaults.days, report)
    written = [text(rule, "id") for rule in items(whole.child("rules"))]
    ids = frozenset(written)
    readable = [text(rule, "id") for rule in items(root.child("rules"))]
    all_known = "" not in written and readable == written
    vocabulary = Vocabulary(root, ids if all_known else frozenset(), report)
    ctx = Context(report, defaults, given, vocabulary, ids, all_known)
    patterns = Patterns(root, ctx)
    rules, off = _in_use(read_rules(ctx, root, patterns), root)
    named = patterns.all()
    cases = identity.cases(root, vocabulary, report)
    report.names.settle()
    if not report.errors:  # a mistake elsewhere may be all that keeps a name from being used
        given.warn_of_unused()
        patterns.warn_of_unused()
        _refuse_cycles(root, rules, ctx)
        _warn_of_dead_rules(root, rules, off, ctx)
        if not report.errors:
            _warn_of_circles(root, rules, ctx)
        _warn_of_idle_parts(root, rules, cases, ctx)
    return Ruleset(
        name=text(root, "ruleset"),
        version=text(root, "version"),
        digest=identity.digest(root, given.params),
        title=text(root, "title"),
        description=text(root, "description"),
        source=texts(root.child("source")),
        defaults=defaults,
        params=given.params,
        lists=given.lists,
        events=vocabulary.declared,
        cases=cases,
        facts=vocabulary.facts,
        patterns=named,
        rules=rules,
    )


def _in_use(rules: Sequence[Rule], root: Node) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules in use, and those switched off; what the latter name counts as used, and others may name them."""
    nodes = items(root.child("rules"))
    off = {rule.index for rule in rules if nodes[rule.index].at(["enabled"]).value is False}
    return (
        tuple(rule for rule in rules if rule.index not in off),
        tuple(rule for rule in rules if rule.index in off),
    )


def _refuse_cycles(root: Node, rules: Sequence[Rule], ctx: Context) -> None:
    nodes = items(root.child("rules"))
    for cycle in cycles(rules, ctx.defaults):
        first = min(cycle, key=lambda rule: rule.index)
        way = " → ".join(f"`{rule.id}`" for rule in [*cycle, cycle[0]])
        message = f"These rules set each other off, and no time passes between: {way}."
        mend = "name the rule that is meant in `where: {rule: …}`, or give one of them a `cooldown`"
        ctx.report.error(_advice_event(nodes[first.index]), "rule-cycle", message, mend)


def _warn_of_idle_parts(root: Node, rules: Sequence[Rule], cases: Cases | None, ctx: Context) -> None:
    nodes = items(root.child("rules"))
    for rule, (path, code, message, mend) in idle(rules, cases):
        ctx.report.warn(nodes[rule.index].at(path), code, message, mend)


def _advice_event(rule: Node, name: str = "advice.") -> Node:
    """The word in the `when` of a rule that names an `advice.…` event; the whole where a pattern does."""
    when = rule.at(["when"])
    words = [word for clause in items(when) for word in items(clause.child("event"))]
    return next((word for word in words if str(word.value).startswith(name)), when)


def _warn_of_dead_rules(root: Node, rules: Sequence[Rule], off: Sequence[Rule], ctx: Context) -> None:
    nodes = items(root.child("rules"))
    for rule, name in unheard(rules):
        silent = next((each for each in off if waits_for(rule, name, each)), None)
        if silent is not None:
            message = f"`{rule.id}` waits for `{name}` of `{silent.id}`, which is switched off here."
            mend = f"switch `{rule.id}` off too, or change its `when`"
            ctx.report.warn(nodes[silent.index].at(["enabled"]), "dead-rule", message, mend)
            continue
        message = f"`{name}` never comes from the rules that are meant here, so it makes no advice."
        mend = (
            "warnings are only `raised`; `fulfilled` needs `fulfilled_by`, and `missed` a window that closes"
            if name != "advice.reopened"
            else "listen for `advice.due`, which follows when the user reopens one"
        )
        ctx.report.warn(_advice_event(nodes[rule.index], name), "dead-rule", message, mend)


def _warn_of_circles(root: Node, rules: Sequence[Rule], ctx: Context) -> None:
    nodes = items(root.child("rules"))
    for rule in never_begun(rules):
        message = f"Only advice that comes of `{rule.id}` itself would make it speak, so it never begins."
        mend = "name in `where: {rule: …}` another rule that speaks by itself, or add an event that begins it"
        ctx.report.warn(_advice_event(nodes[rule.index]), "dead-rule", message, mend)
