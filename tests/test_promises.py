"""The promises P1 and P2 as properties: random rulesets, hostile logs, any order, any interruption."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import afterword
from afterword import network
from throws import AS_OF, EXAMPLES, Throw, in_order, throws


@pytest.mark.skipif(not network.available(), reason="durable-rules cannot be imported here")
@EXAMPLES
@given(throws)
def test_both_networks_give_the_same_answers(throw: Throw) -> None:
    assert throw.said(network="durable") == throw.said(network="plain")


@EXAMPLES
@given(throws, st.randoms(use_true_random=False))
def test_p1_the_order_of_arrival_does_not_matter(throw: Throw, shuffler: random.Random) -> None:
    shuffled = list(throw.log)
    shuffler.shuffle(shuffled)
    assert throw.said(shuffled, network="plain") == throw.said(network="plain")


@EXAMPLES
@given(throws, st.randoms(use_true_random=False))
def test_p1_stopping_restoring_and_waiting_do_not_matter(throw: Throw, dice: random.Random) -> None:
    engine = afterword.Engine(throw.ruleset, network="plain", history="all")
    out: list[afterword.Transition] = []
    for event in in_order(throw.log):
        if dice.random() < 0.3:
            engine = afterword.Engine.restore(throw.ruleset, engine.snapshot(), network="plain")
        if dice.random() < 0.3 and (engine.clock is None or event.time.replace(hour=0) > engine.clock):
            out += engine.advance(event.time.replace(hour=0))
        engine.agenda(days=3)
        out += engine.feed(event)
    out += engine.advance(AS_OF)
    got = [transition.as_json() for transition in sorted(out, key=lambda transition: transition.order)]
    assert got == throw.said(network="plain")


@EXAMPLES
@given(throws)
def test_p1_each_subject_is_independent_of_the_others(throw: Throw) -> None:
    together = throw.said(network="plain")
    alone = [
        line
        for subject in ("ana", "ben")
        for line in throw.said([event for event in throw.log if event["subject"] == subject], network="plain")
    ]
    assert sorted(together) == sorted(alone)


DONE = {"fulfilled", "missed", "cancelled", "raised"}


@EXAMPLES
@example(Throw(2305843009213693952))
@given(throws)
def test_s19_an_advice_ends_once_and_is_due_within_its_window(throw: Throw) -> None:
    lives: dict[str, list[str]] = {}
    previous = None
    for transition in afterword.evaluate(throw.ruleset, throw.log, AS_OF, network="plain"):
        assert previous is None or previous <= transition.order
        previous = transition.order
        lives.setdefault(transition.advice, []).append(transition.state)
        window = transition.window
        if transition.state == "due" and window is not None:
            assert window.start is not None
            assert window.start <= transition.time
            assert window.end is None or transition.time < window.end
    for life in lives.values():
        assert not DONE & set(life[:-1]), life
