"""afterword: a declarative, temporal rules engine.

`load` a ruleset, make an `Engine` of it, `feed` it events, and read the transitions that come out. The
names below are all there is to rely on; each is imported when it is first used, so that importing the
package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from afterword.version import __version__

if TYPE_CHECKING:
    from afterword.agenda import AgendaItem
    from afterword.cache import Cache, user_cache
    from afterword.engine import Engine, EventError, UnknownAdviceError
    from afterword.evaluation import evaluate, replay
    from afterword.evaluator import Checkpoint
    from afterword.events import BadEvent, Event, decode
    from afterword.explain import Explanation, Step
    from afterword.explain_event import Brought, EventExplanation, Heard
    from afterword.gates import Gate
    from afterword.history import HistoryError
    from afterword.loading import RulesetError, load
    from afterword.moments import Time, TimeError
    from afterword.network import NetworkUnavailable
    from afterword.not_ended import Ending, NotEnded
    from afterword.problem import Problem
    from afterword.program import Program, compile_ruleset
    from afterword.report import Remark
    from afterword.ruleset import Ruleset
    from afterword.shown import Shown
    from afterword.snapshot import SnapshotError
    from afterword.timeline.state import Cause, Spot, State
    from afterword.timeline.turn import Observer
    from afterword.transition import Bounds, Transition, corrected

__all__ = [
    "AgendaItem",
    "BadEvent",
    "Bounds",
    "Brought",
    "Cache",
    "Cause",
    "Checkpoint",
    "Ending",
    "Engine",
    "Event",
    "EventError",
    "EventExplanation",
    "Explanation",
    "Gate",
    "Heard",
    "HistoryError",
    "NetworkUnavailable",
    "NotEnded",
    "Observer",
    "Problem",
    "Program",
    "Remark",
    "Ruleset",
    "RulesetError",
    "Shown",
    "SnapshotError",
    "Spot",
    "State",
    "Step",
    "Time",
    "TimeError",
    "Transition",
    "UnknownAdviceError",
    "__version__",
    "compile_ruleset",
    "corrected",
    "decode",
    "evaluate",
    "load",
    "replay",
    "user_cache",
]

_HOMES = {
    "AgendaItem": "agenda",
    "BadEvent": "events",
    "Bounds": "transition",
    "Brought": "explain_event",
    "Cache": "cache",
    "Cause": "timeline.state",
    "Checkpoint": "evaluator",
    "Ending": "not_ended",
    "Engine": "engine",
    "Event": "events",
    "EventError": "engine",
    "EventExplanation": "explain_event",
    "Explanation": "explain",
    "Gate": "gates",
    "Heard": "explain_event",
    "HistoryError": "history",
    "NetworkUnavailable": "network",
    "NotEnded": "not_ended",
    "Observer": "timeline.turn",
    "Problem": "problem",
    "Program": "program",
    "Remark": "report",
    "Ruleset": "ruleset",
    "RulesetError": "loading",
    "Shown": "shown",
    "SnapshotError": "snapshot",
    "Spot": "timeline.state",
    "State": "timeline.state",
    "Step": "explain",
    "Time": "moments",
    "TimeError": "moments",
    "Transition": "transition",
    "UnknownAdviceError": "engine",
    "compile_ruleset": "program",
    "corrected": "transition",
    "decode": "events",
    "evaluate": "evaluation",
    "load": "loading",
    "replay": "evaluation",
    "user_cache": "cache",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'afterword' has no attribute {name!r}")
    found = getattr(import_module(f"afterword.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The public names, imported or not, and what every module has."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
