"""What may be shared among threads and processes, and what may not (P1, P5)."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

import afterword
from afterword import Engine, Program, network
from afterword.events import from_mapping
from afterword.store import SQLiteStore
from throws import AS_OF, Throw

NETWORKS = [
    "plain",
    pytest.param("durable", marks=pytest.mark.skipif(not network.available(), reason="absent")),
]
THROW = Throw(11)
EXPECTED = THROW.said(network="plain")


def fed(program: Program, seed: int) -> list[bytes]:
    """What an engine of this program makes of the log in an order of its own."""
    log = list(THROW.log)
    random.Random(seed).shuffle(log)
    engine = Engine(program, history="all")
    out = [transition for event in log for transition in engine.feed(event)]
    out += engine.advance(AS_OF)
    return [line(transition) for transition in afterword.corrected(out)]


def line(transition: afterword.Transition) -> bytes:
    return msgspec.structs.replace(transition, replaces=None).as_json()


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_program_is_shared_by_the_engines_of_many_threads(kind: network.Kind) -> None:
    program = afterword.compile_ruleset(THROW.ruleset, network=kind)
    ready = threading.Barrier(8)

    def work(seed: int) -> list[bytes]:
        ready.wait(timeout=30)
        return fed(program, seed)

    with ThreadPoolExecutor(8) as pool:
        assert all(each == EXPECTED for each in pool.map(work, range(8)))


def test_several_engines_of_one_program_know_nothing_of_each_other() -> None:
    program = afterword.compile_ruleset(THROW.ruleset, network="plain")
    engines = [Engine(program, history="all") for _ in range(3)]
    for event in THROW.log:
        engines[0].feed(event)
        engines[1].feed(event)
    assert engines[0].snapshot() == engines[1].snapshot()
    assert engines[2].clock is None
    assert engines[2].remarks() == []


def test_what_an_engine_gives_can_be_pickled() -> None:
    engine = Engine(THROW.ruleset, network="plain")
    said = [transition for event in THROW.log for transition in engine.feed(event)]
    given = [
        said,
        [engine.explain_record(each) for each in said[:100]],
        [engine.explain_event(event["id"]) for event in THROW.log if "id" in event],
        engine.agenda(),
        engine.remarks(),
        [from_mapping(event) for event in THROW.log],
    ]
    assert said and given == pickle.loads(pickle.dumps(given))


def test_times_in_a_zone_with_rules_can_be_pickled_and_copied() -> None:
    engine = Engine(afterword.load("after-interview"))
    second_half_past_two = "2026-04-04T16:30:00Z"
    event = {
        "type": "interview.ended",
        "time": second_half_past_two,
        "timezone": "Australia/Sydney",
        "case": "acme",
    }
    said = engine.feed(event)
    given = [[(each.time, each.window) for each in said], engine.agenda()]
    assert said
    assert given == pickle.loads(pickle.dumps(given)) == copy.deepcopy(given)


@pytest.mark.parametrize("kind", NETWORKS)
def test_an_engine_may_move_from_one_thread_to_the_next(kind: network.Kind) -> None:
    """One at a time: who feeds it from several holds a lock."""
    engine = Engine(THROW.ruleset, network=kind, history="all")
    lock = threading.Lock()
    out: list[afterword.Transition] = []

    def work(part: list[dict[str, object]]) -> None:
        for event in part:
            with lock:
                out.extend(engine.feed(event))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, [THROW.log[number::4] for number in range(4)]))
    out += engine.advance(AS_OF)
    assert [line(transition) for transition in afterword.corrected(out)] == EXPECTED


def in_a_child(program: Program) -> list[bytes]:
    return fed(program, 5)


def from_the_start(state: bytes) -> list[bytes]:
    """A child that shares nothing: it loads the rules and restores what it is sent."""
    engine = Engine.restore(Throw(11).ruleset, state, network="plain")
    return [transition.as_json() for transition in engine.advance(AS_OF)]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.parametrize("kind", NETWORKS)
def test_a_forked_child_uses_the_program_that_it_was_born_with(kind: network.Kind) -> None:
    program = afterword.compile_ruleset(THROW.ruleset, network=kind)
    fed(program, 4)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=lambda: theirs.send(in_a_child(program)))
    child.start()
    assert ours.poll(60)
    assert ours.recv() == EXPECTED
    child.join()
    assert fed(program, 6) == EXPECTED


@pytest.mark.xdist_group("spawn")
def test_a_spawned_child_is_sent_a_snapshot() -> None:
    engine = Engine(THROW.ruleset, network="plain", history="all")
    for event in THROW.log:
        engine.feed(event)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        theirs = pool.apply(from_the_start, [engine.snapshot()])
    assert theirs == [transition.as_json() for transition in engine.advance(AS_OF)]


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_an_engine_says_how_it_is_copied(copied: Callable[[Engine], object]) -> None:
    with pytest.raises(TypeError, match=r"take a `snapshot\(\)`"):
        copied(Engine(afterword.load("after-interview")))


@pytest.mark.parametrize("one", [{"type": "a.b", "time": "2026-03-02T00:00:00Z"}, "[]", b"{}"])
def test_one_event_is_no_list_of_events(one: Any, tmp_path: Path) -> None:
    rules = afterword.load("after-interview")
    with pytest.raises(TypeError, match="a list of events belongs"):
        list(afterword.evaluate(rules, one))
    with pytest.raises(TypeError, match="a list of events belongs"):
        list(afterword.replay(Engine(rules), one))
    with SQLiteStore.open(tmp_path / "x", rules) as store, pytest.raises(TypeError, match="a list of events"):
        store.feed_all(one)


@pytest.mark.parametrize("again", [pickle.dumps, copy.copy, copy.deepcopy])
def test_what_cannot_be_copied_says_what_to_do_instead(again: Callable[[object], object]) -> None:
    program = afterword.compile_ruleset(afterword.load("after-interview"))
    for each, told in ((program, "compile its ruleset"), (afterword.Engine(program), "take a `snapshot")):
        with pytest.raises(TypeError, match=told):
            again(each)
