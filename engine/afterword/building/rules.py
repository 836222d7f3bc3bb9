"""One rule of a rule file as a `Rule`; whatever is wrong in it, the rest of it is read all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from afterword.building.context import Context
from afterword.building.messages import message
from afterword.building.moments import (
    duration,
    effective,
    moment,
    never_opens,
    optional_duration,
    repeat,
    window,
)
from afterword.building.patterns import Patterns, Surroundings, trigger_types
from afterword.building.references import Reach
from afterword.document import is_whole, items, leaves, text, texts
from afterword.ruleset import (
    CaseOpen,
    Lookback,
    Moment,
    Pattern,
    Rule,
    Scope,
    Span,
    Unless,
    While,
    Window,
)
from afterword.source import Node
from afterword.suggest import hint


def rules(ctx: Context, root: Node, patterns: Patterns) -> tuple[Rule, ...]:
    """All the rules, in the order of the document."""
    nodes = items(root.child("rules"))
    _refuse_same_ids(ctx, nodes)
    _refuse_wrong_renames(ctx, nodes)
    return tuple(_Reader(ctx, patterns, node).rule(index) for index, node in enumerate(nodes))


def _refuse_same_ids(ctx: Context, nodes: tuple[Node, ...]) -> None:
    first: dict[str, Node] = {}
    for node in nodes:
        id_ = node.child("id")
        if id_ is None or not isinstance(id_.value, str):
            continue
        ctx.report.names.declare("value", id_.value, id_.place())
        earlier = first.setdefault(id_.value, id_)
        if earlier is not id_:
            message = f"Two rules are called `{id_.value}`; {earlier.file}:{earlier.line} has the first."
            ctx.report.error(id_, "duplicate-id", message, "give one of them another id")


def _refuse_wrong_renames(ctx: Context, nodes: tuple[Node, ...]) -> None:
    """What is under way can go from a rule that is gone to one other rule."""
    first: dict[str, Node] = {}
    for item in (item for node in nodes for item in items(node.child("renamed_from"))):
        name = str(item.value)
        earlier = first.setdefault(name, item)
        if name in ctx.rule_ids:
            message = f"There still is a rule `{name}`, so no other can be the one that it became."
            mend = "name the ids that the rule had before and that no rule has any more"
            ctx.report.error(item, "wrong-rename", message, mend)
        elif earlier is not item:
            message = f"`{name}` became two rules; {earlier.file}:{earlier.line} has the first."
            mend = "name it in the rule that is to go on with what is under way"
            ctx.report.error(item, "wrong-rename", message, mend)


class _Reader:
    """Reads one rule."""

    def __init__(self, ctx: Context, patterns: Patterns, node: Node) -> None:
        self._ctx = ctx
        self._patterns = patterns
        self._node = node
        self._id = text(node, "id")
        self._scope: Scope = "subject" if text(node, "per") == "subject" else "case"

    def rule(self, index: int) -> Rule:
        ctx, node = self._ctx, self._node
        when = self._pattern("when", counts=True)
        types = trigger_types(when)
        reach = Reach(types, self._scope)
        kind: Any = text(node, "kind")
        answer = {"trigger": types, "sees_trigger": True}
        return Rule(
            id=self._id,
            index=index,
            kind=kind,
            title=text(node, "title") or self._id.replace("-", " ").capitalize(),
            message=message(ctx, node.child("message"), reach, when, kind),
            when=when,
            due=window(ctx, node.child("due"), reach),
            repeat=repeat(ctx, node.child("repeat")),
            while_=tuple(self._held(item) for item in leaves(node.child("while"))),
            unless=tuple(self._refused(item) for item in leaves(node.child("unless"))),
            fulfilled_by=self._pattern("fulfilled_by", **answer),
            cancelled_by=self._pattern("cancelled_by", **answer),
            cooldown=optional_duration(ctx, node.child("cooldown")),
            inhibits=tuple(self._inhibits()),
            effective=effective(ctx, node.child("effective")),
            per=self._scope,
            source=texts(node.child("source")),
            tags=tuple(str(item.value) for item in items(node.child("tags"))),
            renamed_from=tuple(str(item.value) for item in items(node.child("renamed_from"))),
            file=node.file,
            line=node.line,
            **self._words(),
        )

    def _words(self) -> dict[str, Any]:
        """The keys that hold one word of a closed set, or plain text."""
        names = ("severity", "status", "again", "description")
        return {name: text(self._node, name) for name in names if text(self._node, name)}

    def _pattern(self, key: str, **around: Any) -> Pattern:
        return self._patterns.pattern(self._node.child(key), Surroundings(self._scope, **around))

    # --- while and unless

    def _held(self, node: Node) -> While:
        """What has to be so."""
        return CaseOpen() if "case" in node.keys else self._span(node)

    def _refused(self, node: Node) -> Unless:
        """What must not be so: the same, or an event that came before."""
        if "case" in node.keys or "since" in node.keys:
            return self._held(node)
        within = node.child("within")
        pattern = self._patterns.pattern(node, Surroundings(self._scope))
        return Lookback(pattern, duration(self._ctx, within) if within is not None else None)

    def _span(self, node: Node) -> Span:
        since = self._patterns.pattern(node.child("since"), Surroundings(self._scope))
        until: list[Any] = []
        ends: list[Moment] = []
        for item in leaves(node.child("until")):
            if self._is_moment(item):
                ends.append(self._span_end(item, trigger_types(since)))
            else:
                until += self._patterns.pattern(item, Surroundings(self._scope, ends_span=True))
        return Span(since, tuple(until), tuple(ends))

    @staticmethod
    def _is_moment(node: Node) -> bool:
        """A phrase has spaces, a pattern's name has none; a clause has an `event`."""
        if isinstance(node.value, str):
            return " " in node.value
        return "event" not in node.keys

    def _span_end(self, node: Node, types: tuple[str, ...] | None) -> Moment:
        end = moment(self._ctx, node, Reach(types, self._scope))
        if is_whole(node) and never_opens(Window(end=(end,)), self._ctx.defaults):
            message = "This span always ends before it begins."
            self._ctx.report.error(node, "empty-window", message, "`until` counts from the event in `since`")
        return end

    # --- inhibits

    def _inhibits(self) -> Iterator[str]:
        for item in items(self._node.child("inhibits")):
            name = str(item.value)
            if name == self._id:
                message = "A rule cannot suppress itself."
                mend = "to make it speak less often, give it a `cooldown`"
                self._ctx.report.error(item, "inhibits-itself", message, mend)
            elif name in self._ctx.rule_ids:
                self._ctx.report.names.use("value", name)
                yield name
            elif self._ctx.all_ids_known:
                message = f"There is no rule `{name}`."
                mend = hint(name, self._ctx.rule_ids)
                self._ctx.report.miss("value", name, item, "unknown-rule", message, mend)
