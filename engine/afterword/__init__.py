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
    from afterword.explain import Explanation
    from afterword.explain_event import EventExplanation
    from afterword.history import HistoryError
    from afterword.loading import RulesetError, load
    from afterword.moments import TimeError
    from afterword.network import NetworkUnavailable
    from afterword.problem import Problem
    from afterword.program import Program, compile_ruleset
    from afterword.report import Remark
    from afterword.ruleset import Ruleset
    from afterword.snapshot import SnapshotError
    from afterword.transition import Transition, corrected

__all__ = [
    "AgendaItem",
    "BadEvent",
    "Cache",
    "Checkpoint",
    "Engine",
    "Event",
    "EventError",
    "EventExplanation",
    "Explanation",
    "HistoryError",
    "NetworkUnavailable",
    "Problem",
    "Program",
    "Remark",
    "Ruleset",
    "RulesetError",
    "SnapshotError",
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
    "Cache": "cache",
    "Checkpoint": "evaluator",
    "Engine": "engine",
    "Event": "events",
    "EventError": "engine",
    "EventExplanation": "explain_event",
    "Explanation": "explain",
    "HistoryError": "history",
    "NetworkUnavailable": "network",
    "Problem": "problem",
    "Program": "program",
    "Remark": "report",
    "Ruleset": "ruleset",
    "RulesetError": "loading",
    "SnapshotError": "snapshot",
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
