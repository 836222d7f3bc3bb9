"""The same answers from a durable-rules Rete network, inside the limits that it can be trusted with.

What reaches the C code is made here and nowhere else: small rules `{"t": 3, "a0": 1, "a7": 1}` and small
facts of the same shape. No text, no float, no field name of a user, no `$or`, no `$nex`, no join, no timer.
An alternative is a rule of its own, and a part of a formula that would need too many of them is *folded*:
Python finds out whether it holds and hands it in as one more atom. So every formula is answered, and no
limit is met while events run.

One number keeps the rules of a type in one C ruleset small enough: `NODES`. They form a tree of alpha nodes
(rules that begin alike share them). The C code keeps a stack of 64 matching nodes and pushes each of them
once, so fewer nodes than that can never overflow it; they are also the most names, siblings and properties
of a fact that the type can need there (512 siblings would hang it, 255 properties fail). What does not fit
goes into another C ruleset.
"""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import durable_rules_engine as rete

from afterword.network.plain import Entry, Formula, true_of

NODES = 56
"""The most alpha nodes of one event type in one C ruleset."""

TYPES = 64
"""The most event types in one C ruleset; they are siblings there."""

RULES = 192
"""The most rules in one C ruleset; each result looks at all of them, and a session holds 12 KiB for each."""

ALTERNATIVES = 8
"""The most rules that one entry becomes."""

LITERALS = 16
"""The most literals of one rule; fewer than `NODES`, so that it fits into an empty C ruleset."""

_MATCHED, _NOTHING_MATCHED = 0, 1
_WAKE = '{"id":"1","t":0}'
_names = count()

Conjunction = tuple[Formula, ...]


def conjunctions(formula: Formula) -> list[Conjunction]:
    """Few and short alternatives, one of which is true when the formula is; a tuple as literal is folded."""
    if isinstance(formula, int):
        return [(formula,)]
    word, *parts = formula
    if word == "any":
        found = [conjunction for part in parts for conjunction in conjunctions(part)]
        return found if len(found) <= ALTERNATIVES else [(formula,)]
    product: list[Conjunction] = [()]
    for part in parts:
        choices = conjunctions(part)
        if len(product) * len(choices) > ALTERNATIVES:
            choices = [(part,)]
        product = [left + right for left in product for right in choices]
    return [_shortened(conjunction) for conjunction in product]


def _shortened(conjunction: Conjunction) -> Conjunction:
    distinct = tuple(dict.fromkeys(conjunction))
    if len(distinct) <= LITERALS:
        return distinct
    return (*distinct[: LITERALS - 1], ("all", *distinct[LITERALS - 1 :]))


class _Group:
    """The rules of one event type in one C ruleset: how to word a fact for them, what each stands for."""

    def __init__(self) -> None:
        self.literals: dict[Formula, int] = {}
        self.rules: dict[tuple[int, ...], list[int]] = {}
        self.nodes: set[tuple[int, ...]] = set()
        self.entries: dict[int, list[int]] = {}
        self._start = ""
        self._mask = 0
        self._words: dict[int, str] = {}
        self._folded: list[tuple[Formula, str]] = []

    def take(self, conjunction: Conjunction, entry: int) -> bool:
        """Make room for the conjunction; False, and nothing changed, when there is none."""
        literals = self.literals.copy()
        for literal in conjunction:
            literals.setdefault(literal, len(literals))
        path = tuple(sorted(literals[literal] for literal in conjunction))
        nodes = {path[:length] for length in range(1, len(path) + 1)} - self.nodes
        if len(self.nodes) + len(nodes) > NODES:
            return False
        self.literals = literals
        self.nodes |= nodes
        self.rules.setdefault(path, []).append(entry)
        return True

    def place(self, type: int, first_rule: int) -> Iterator[tuple[str, object]]:
        """Settle in a C ruleset as its `type`; gives the rules to write there."""
        self._start = f'{{"id":"1","t":{type}'
        words = [(literal, f',"a{n}":1') for literal, n in self.literals.items()]
        self._words = {1 << atom: word for atom, word in words if isinstance(atom, int)}
        self._mask = sum(self._words)
        self._folded = [(part, word) for part, word in words if not isinstance(part, int)]
        self.entries = dict(enumerate(self.rules.values(), first_rule))
        for rule, path in enumerate(self.rules, first_rule):
            yield f"r{rule}", _rule({"t": type}, *({f"a{n}": 1} for n in path))

    def fact(self, mask: int) -> str:
        """The atoms that hold, in words of this group."""
        words = [word for part, word in self._folded if true_of(part, mask)]
        left = mask & self._mask
        while left:
            lowest = left & -left
            words.append(self._words[lowest])
            left ^= lowest
        return f"{self._start}{''.join(words)}}}"


def _rule(*conditions: dict[str, int]) -> object:
    return {"all": [{"m": {"$and": list(conditions)}}]}


class _Ruleset:
    """One C ruleset with one session. Rule 0 answers a fact that nobody else makes; it wakes the session.

    The session must not be deleted before an action ran on it (its memory is not initialised until then),
    and must be deleted once one did (else it leaks): hence the waking, before the first question.
    """

    def __init__(self) -> None:
        self.groups: dict[int, _Group] = {}
        self.rules = 1
        self._text = ""
        self._handle = 0
        self._awake = False
        self._busy = False

    def create(self) -> None:
        """Write the rules of all groups; they are complete."""
        rules: dict[str, object] = {"r0": _rule({"t": 0})}
        for type, group in enumerate(self.groups.values(), 1):
            rules.update(group.place(type, len(rules)))
        self._text = json.dumps(rules)
        self._open()

    def _open(self) -> None:
        self._handle = rete.create_ruleset(f"afterword-{next(_names)}", self._text)
        self._awake = self._busy = False

    def holding(self, fact: str) -> list[int]:
        """The rules that hold for the fact.

        Whatever breaks off half way, a KeyboardInterrupt too, leaves a fact and an open action behind, and
        answers would be missing for the next 30 seconds; so such a session is never asked again.
        """
        if self._busy:
            self.close()
            self._open()
        if not self._awake:
            self._ask(_WAKE)
            self._awake = True
        return self._ask(fact)

    def _ask(self, fact: str) -> list[int]:
        self._busy = True
        found = []
        code, session = rete.assert_fact(self._handle, fact)
        if code == _MATCHED:
            action = rete.start_action_for_state(self._handle, session)[1]
            while action is not None:
                found.append(int(action[3 : action.index('"', 3)]))
                action = rete.complete_and_start_action(self._handle, session)
            rete.retract_fact(self._handle, fact)
        elif code != _NOTHING_MATCHED:
            raise RuntimeError(f"durable-rules answered a fact with the code {code}")
        self._busy = False
        return found

    def close(self) -> None:
        """Give the memory back."""
        if self._handle:
            handle, self._handle = self._handle, 0
            if self._awake:
                rete.delete_state(handle, "0")
            rete.delete_ruleset(handle)


def _close_all(rulesets: Iterable[_Ruleset]) -> None:
    for ruleset in rulesets:
        ruleset.close()


class DurableNetwork:
    """The entries in as many C rulesets as their limits ask for; one question at a time.

    A network that is let go gives its memory back as a closed one does.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._lock = threading.Lock()
        self._rulesets: list[_Ruleset] = []
        self._of_type: dict[int, list[tuple[_Ruleset, _Group]]] = {}
        for type, groups in _groups(entries).items():
            self._of_type[type] = [(self._home(type, group), group) for group in groups]
        self._finalizer = weakref.finalize(self, _close_all, self._rulesets)
        self._finalizer.atexit = False
        for ruleset in self._rulesets:
            ruleset.create()

    def _home(self, type: int, group: _Group) -> _Ruleset:
        for ruleset in reversed(self._rulesets):
            fits = len(ruleset.groups) < TYPES and ruleset.rules + len(group.rules) <= RULES
            if fits and type not in ruleset.groups:
                break
        else:
            ruleset = _Ruleset()
            self._rulesets.append(ruleset)
        ruleset.groups[type] = group
        ruleset.rules += len(group.rules)
        return ruleset

    def matching(self, type: int, mask: int) -> tuple[int, ...]:
        """The entries that hold, ascending; bit n of the mask says that atom n of the type holds."""
        found: set[int] = set()
        with self._lock:
            if not self._finalizer.alive:
                raise RuntimeError("this network is closed")
            for ruleset, group in self._of_type.get(type, ()):
                for rule in ruleset.holding(group.fact(mask)):
                    found.update(group.entries[rule])
        return tuple(sorted(found))

    def close(self) -> None:
        """Give the memory of the C code back; the network answers nothing any more."""
        with self._lock:
            self._finalizer()


def _groups(entries: Sequence[Entry]) -> dict[int, list[_Group]]:
    groups: dict[int, list[_Group]] = {}
    for index, entry in enumerate(entries):
        of_type = groups.setdefault(entry.type, [])
        for conjunction in [()] if entry.formula is None else conjunctions(entry.formula):
            if not of_type or not of_type[-1].take(conjunction, index):
                of_type.append(_Group())
                of_type[-1].take(conjunction, index)
    return groups
