"""Late events: whatever the order of arrival, what stands in the end is what the sorted log gives (S3, S12, S24)."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import afterword
from afterword import Engine, Transition, corrected
from throws import AS_OF, EXAMPLES, Throw, throws

ATTACKERS = st.randoms(use_true_random=False)
END = dt.datetime.fromisoformat(AS_OF)


def standing(transitions: list[Transition]) -> list[dict[str, Any]]:
    """What is left when the corrections are applied, but for what they say that they replace."""
    return [{**transition.as_dict(), "replaces": None} for transition in corrected(transitions)]


def sorted_log(throw: Throw) -> list[dict[str, Any]]:
    return [each.as_dict() for each in afterword.evaluate(throw.ruleset, throw.log, AS_OF, network="plain")]


class Attacker:
    """Feeds a log in any order, some of it twice, and lets time pass and the process die in between."""

    def __init__(self, throw: Throw, dice: random.Random, history: str = "all") -> None:
        self.throw = throw
        self.dice = dice
        self.engine = Engine(throw.ruleset, network="plain", history=history)
        self.out: list[Transition] = []

    def attack(self) -> None:
        log = list(self.throw.log)
        self.dice.shuffle(log)
        for event in log:
            if self.dice.random() < 0.2:
                self.restart()
            if self.dice.random() < 0.2:
                self.wait()
            self.out += self.engine.feed(event)
            if self.dice.random() < 0.2:
                self.repeat()
        assert self.engine.clock is not None
        if self.engine.clock < END:
            self.out += self.engine.advance(AS_OF)

    def restart(self) -> None:
        self.engine = Engine.restore(self.throw.ruleset, self.engine.snapshot(), network="plain")

    def wait(self) -> None:
        clock = self.engine.clock or dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        self.out += self.engine.advance(min(clock + dt.timedelta(hours=self.dice.randint(0, 60)), END))

    def repeat(self) -> None:
        """An event that has an id comes once more."""
        events = [event for event in self.throw.log if "id" in event]
        if events:
            self.out += self.engine.feed(self.dice.choice(events))


@EXAMPLES
@given(throws, ATTACKERS)
def test_p1_s24_the_corrections_lead_to_what_the_sorted_log_gives(throw: Throw, dice: random.Random) -> None:
    attacker = Attacker(throw, dice)
    attacker.attack()
    assert standing(attacker.out) == sorted_log(throw)
