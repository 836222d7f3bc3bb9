"""Rules that are compiled once and run by many engines: the same answers, and nothing shared but the rules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import afterword
from afterword import Engine, Event, SnapshotError, Transition, compile_ruleset
from timeline import at, rules, told

RULES = rules("""
    - id: call
      kind: recommendation
      when: {event: interview.ended}
      due: {from: event.time, until: {plus: 3 days}}
      fulfilled_by: {event: call.made, where: {purpose: {in: [ask, thank]}}}
      message: Call {case.company}.
    - id: sketch
      kind: warning
      status: draft
      when: {event: call.made}
      message: A draft rule.
""")
LOG = [at("03-02 15:00", "interview.ended", company="Acme"), at("03-03 15:00", "call.made", purpose="ask")]


def answers(rules: Any, log: list[Event] = LOG, **options: Any) -> list[Transition]:
    return list(afterword.evaluate(rules, log, "+7 days", **options))


@pytest.mark.parametrize("network", ["durable", "plain"])
def test_engines_on_compiled_rules_answer_like_an_engine_on_the_ruleset(network: Any) -> None:
    if network == "durable":
        pytest.importorskip("durable_rules_engine")
    for drafts in (False, True):
        program = compile_ruleset(RULES, network=network, drafts=drafts)
        assert program.drafts is drafts
        for _ in range(2):
            assert answers(program) == answers(RULES, network=network, drafts=drafts)


def test_engines_on_the_same_rules_share_no_state() -> None:
    program = compile_ruleset(RULES)
    one, other = Engine(program), Engine(program)
    one.feed(LOG[0])
    assert other.clock is None
    assert other.feed(LOG[1]) == []
    assert told(one.feed(LOG[1])) == ["03-03 15:00 call fulfilled"]


def test_engines_in_several_threads_can_share_the_rules() -> None:
    logs = [[LOG[0], at("03-03 15:00", "call.made", purpose=f"ask {number % 3}")] for number in range(40)]
    program = compile_ruleset(RULES)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda log: answers(program, log), logs))
    assert got == [answers(RULES, log) for log in logs]


@pytest.mark.parametrize("options", [{"network": "plain"}, {"drafts": True}])
def test_what_was_settled_by_compiling_cannot_be_asked_for_again(options: Any) -> None:
    with pytest.raises(TypeError, match="settled when the rules are compiled"):
        Engine(compile_ruleset(RULES), **options)


def test_a_snapshot_is_restored_on_compiled_rules_with_drafts_or_without_as_it_was_taken() -> None:
    with_drafts, without = compile_ruleset(RULES, drafts=True), compile_ruleset(RULES)
    engine = Engine(with_drafts)
    engine.feed(LOG[0])
    state = engine.snapshot()
    expected = ["03-03 15:00 call fulfilled", "03-03 15:00 sketch raised"]
    for rules_again in (with_drafts, RULES):
        assert told(Engine.restore(rules_again, state).feed(LOG[1])) == expected
    with pytest.raises(SnapshotError, match="taken with draft rules; these are compiled without"):
        Engine.restore(without, state)
