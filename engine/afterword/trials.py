"""Tests of a ruleset: events go in, and what the rules have said by a moment is held against expectations (S30)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from afterword import wording
from afterword.coverage import Coverage
from afterword.days import parse_instant
from afterword.engine import Engine, UnknownAdviceError
from afterword.evaluation import replay_well_made
from afterword.events import Event, order_key
from afterword.explain import Watcher
from afterword.history import SORTED
from afterword.network import NetworkKind
from afterword.problem import Problem
from afterword.program import Program, compile_ruleset
from afterword.ruleset import Rule, Ruleset
from afterword.timeline.turn import Observer
from afterword.transition import Transition

Factory = Callable[[Mapping[str, object]], tuple[Ruleset | None, list[Problem]]]
"""Gives the ruleset with these params set, as `build` does for one document."""

SILENT = "none"
"""The state that an expectation names when the rule is to have said nothing."""

_CONSIDERED = 5
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a rule is to have said by a moment, inclusive; `wanted` has the other keys as the file writes them."""

    at: str
    rule: str
    state: str
    wanted: Mapping[str, object] = field(default_factory=dict)
    case: str | None = None
    subject: str | None = None
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def instant(self) -> int:
        """The moment in microseconds since the epoch."""
        found = parse_instant(self.at)
        assert found is not None, self.at
        return found

    def __str__(self) -> str:
        whose = [
            f"{name} {value}" for name, value in (("case", self.case), ("subject", self.subject)) if value
        ]
        state = "silent" if self.state == SILENT else self.state
        told = f"{self.rule}{' for ' + ', '.join(whose) if whose else ''} is {state} at {self.at}"
        return ", ".join([told, *(f"{name} {_said(value)}" for name, value in self.wanted.items())])


@dataclass(frozen=True, slots=True)
class Trial:
    """One test: the params it sets, the events that happen, and what is expected of the rules."""

    name: str
    events: tuple[Event, ...]
    expectations: tuple[Expectation, ...]
    settings: Mapping[str, object] = field(default_factory=dict)
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met: what differs, what the rule said by then, and why."""

    trial: Trial
    expectation: Expectation
    differences: tuple[str, ...]
    got: tuple[str, ...]
    why: tuple[str, ...]

    def __str__(self) -> str:
        parts = [("expected", [str(self.expectation)]), ("but", self.differences)]
        parts += [("got", self.got or ["nothing"]), ("why", self.why)]
        lines = []
        for name, told in parts:
            lines += [f"{name if n == 0 else '':<9} {line}" for n, line in enumerate(told)]
        return "\n".join(line.rstrip() for line in lines)


class Runner:
    """Runs the trials of one ruleset. Draft rules take part: tests are how a draft grows up.

    `coverage` is told what the trials see of the rules.
    """

    def __init__(
        self, factory: Factory, network: NetworkKind | None = None, coverage: Coverage | None = None
    ) -> None:
        self._factory = factory
        self._network = network
        self._coverage = coverage
        self._programs: dict[str, tuple[Program, Observer | None]] = {}

    def run(self, trial: Trial) -> list[Failure]:
        """The expectations of a trial that are not met."""
        program, observer = self._program(trial)
        last = max(trial.expectations, key=lambda each: each.instant)
        said = _said_by(Engine(program, history=SORTED, observer=observer), trial, last)
        failures = []
        for expectation in trial.expectations:
            told = [each for each in said if _concerns(each, expectation)]
            differences = _differences(told, expectation)
            if differences:
                why = _why(program, trial, expectation, told)
                failures.append(Failure(trial, expectation, differences, _listed(told), why))
        return failures

    def _program(self, trial: Trial) -> tuple[Program, Observer | None]:
        """The rules with the trial's params, and who watches them: most trials set none, so that most share one."""
        ruleset, problems = self._factory(trial.settings)
        if ruleset is None:
            raise ValueError(f"{trial.name}: {problems[0]}")
        if ruleset.digest not in self._programs:
            program = compile_ruleset(ruleset, network=self._network, drafts=True)
            recorder = self._coverage.recorder(program) if self._coverage is not None else None
            self._programs[ruleset.digest] = (program, recorder)
        return self._programs[ruleset.digest]


def _said_by(engine: Engine, trial: Trial, expectation: Expectation) -> list[Transition]:
    return list(replay_well_made(engine, sorted(trial.events, key=order_key), expectation.at))


def _concerns(transition: Transition, expectation: Expectation) -> bool:
    return (
        transition.instant <= expectation.instant
        and transition.rule == expectation.rule
        and expectation.case in (None, transition.case)
        and expectation.subject in (None, transition.subject)
    )


# --- what differs


def _differences(told: Sequence[Transition], expectation: Expectation) -> tuple[str, ...]:
    """In what the latest transition is not what was expected; of several at one instant, the nearest."""
    if not told or expectation.state == SILENT:
        same = not told and expectation.state == SILENT
        return () if same else (f"it is {told[-1].state}" if told else "it said nothing",)
    # Advices that changed at one instant have no order in time: any of them may be the one that is meant.
    latest = {each.advice: each for each in told if each.instant == told[-1].instant}
    differing = [_differing(each, expectation) for each in latest.values()]
    found = min(reversed(differing), key=len)
    times = expectation.wanted.get("times")
    count = sum(each.state == expectation.state for each in told)
    return found if times in (None, count) else (*found, f"it was {expectation.state} {wording.times(count)}")


def _differing(transition: Transition, expectation: Expectation) -> tuple[str, ...]:
    found = [] if transition.state == expectation.state else [f"it is {transition.state}"]
    for name, wanted in expectation.wanted.items():
        got = _CHECKS[name](transition, wanted) if name in _CHECKS else None
        if got is not None:
            found.append(f"{name} is {got}")
    return tuple(found)


def _bound(which: int) -> Callable[[Transition, object], str | None]:
    def check(transition: Transition, wanted: object) -> str | None:
        bound = transition.window[which] if transition.window else None
        got = None if bound is None else bound.isoformat()
        same = (got is None) == (wanted is None) and (
            got is None or parse_instant(got) == parse_instant(str(wanted))
        )
        return None if same else got or "not known"

    return check


def _attribute(name: str) -> Callable[[Transition, object], str | None]:
    def check(transition: Transition, wanted: object) -> str | None:
        got = getattr(transition, name)
        return None if got == wanted else _said(got)

    return check


def _says(transition: Transition, wanted: object) -> str | None:
    texts = wanted if isinstance(wanted, list) else [wanted]
    return None if all(str(text) in transition.message for text in texts) else _said(transition.message)


def _matched(transition: Transition, wanted: object) -> str | None:
    got = [spot.text for spot in transition.matched]
    return None if got == wanted else _said(got)


def _caused(transition: Transition, wanted: object) -> str | None:
    got = transition.cause.rule if transition.cause else None
    return None if got == wanted else got or "no rule"


_CHECKS: Mapping[str, Callable[[Transition, object], str | None]] = {
    "from": _bound(0),
    "until": _bound(1),
    "severity": _attribute("severity"),
    "message": _attribute("message"),
    "says": _says,
    "matched": _matched,
    "cause": _caused,
}
"""For each key: what was got instead of what was wanted, or None when that is the same."""


# --- why


def _why(
    program: Program, trial: Trial, expectation: Expectation, told: Sequence[Transition]
) -> tuple[str, ...]:
    """The engine's own account of it, from a second run that is watched and ends at the moment in question."""
    watcher = Watcher(expectation.rule, expectation.subject, expectation.case)
    engine = Engine(program, history=SORTED, observer=watcher)
    _said_by(engine, trial, expectation)
    lines: list[str] = []
    if told:
        lines += _explained(engine, watcher, told[-1].advice)
    if expectation.state != SILENT:
        lines += [line for each in watcher.considered_events[-_CONSIDERED:] for line in str(each).split("\n")]
    if not lines:
        lines.append(_unheard(engine.ruleset.rule(expectation.rule)))
    for remark in engine.remarks():
        lines.append(f"{remark.kind}: {remark.about}" + (f" ({remark.hint})" if remark.hint else ""))
    return tuple(lines)


def _explained(engine: Engine, watcher: Watcher, advice: str) -> list[str]:
    try:
        return str(watcher.named(engine.explain(advice))).split("\n")
    except UnknownAdviceError:
        return []  # so many came after it that the engine has let go of it


def _unheard(rule: Rule) -> str:
    types = list(dict.fromkeys(name for clause in rule.when for name in clause.types))
    return f"by then the rule had been held against no event; it waits for {' or '.join(types)}"


# --- words


def _listed(told: Iterable[Transition]) -> tuple[str, ...]:
    lines = [_line(each) for each in told]
    hidden = len(lines) - _SHOWN
    return (f"({hidden} earlier ones)", *lines[-_SHOWN:]) if hidden > 0 else tuple(lines)


def _line(transition: Transition) -> str:
    told = [f"{transition.time.isoformat()}  {transition.state}"]
    if transition.window is not None:
        start, end = (None if bound is None else bound.isoformat() for bound in transition.window)
        told.append(f"from {start or '(not known)'} until {end or '(open)'}")
    if transition.cause is not None:
        told.append(
            f"({transition.cause.kind}{': ' + transition.cause.rule if transition.cause.rule else ''})"
        )
    told.append(f"[{transition.subject}{'/' + transition.case if transition.case is not None else ''}]")
    return "  ".join((*told, _said(transition.message)))


def _said(value: object) -> str:
    if value is None:
        return "not known"
    if isinstance(value, list):
        return "[" + ", ".join(_said(each) for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) and not parse_instant(value) else str(value)
