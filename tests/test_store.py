"""The store: events, state and transitions of a step are on the disk together, whatever happens in between."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import afterword
import afterword.store.file as store_file
from afterword import Engine, Event, Ruleset
from afterword.events import decode, from_mapping, order_key
from afterword.store import SQLiteStore, StoreError
from killing import EDITED, SMALL, small_log
from throws import a_ruleset, an_event
from timeline import at, moment, rules, told

HERE = Path(__file__).parent
KILLS = int(os.environ.get("AFTERWORD_KILLS", "150"))

THANKS = rules(SMALL)
ENDED = at("03-02 15:00", "interview.ended", id="e1", company="Acme")
CALLS = [at(f"03-02 {hour}:00", "call.made", id=f"c{hour}") for hour in (16, 17, 18)]
LOG = [
    ENDED,
    *CALLS,
    at("03-03 09:00", "message.sent", id="m1"),
    at("03-03 10:00", "interview.ended", "hooli"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def opened(path: Path, ruleset: Ruleset = THANKS, **options: Any) -> SQLiteStore:
    return SQLiteStore.open(path, ruleset, **{"network": "plain", **options})


def said(events: list[Event], ruleset: Ruleset = THANKS, **options: Any) -> list[bytes]:
    """What an engine without a store says."""
    engine = Engine(ruleset, network="plain", **options)
    return [transition.as_json() for event in events for transition in engine.feed(event)]


def kept(store: SQLiteStore, after: int = 0) -> list[bytes]:
    return [line for _, line in store.transitions(after)]


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(path) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


# --- what it keeps


def test_it_says_what_the_engine_says_and_keeps_it(path: Path) -> None:
    with opened(path) as store:
        assert told(store.feed(ENDED)) == ["03-02 15:00 thank-you due", "03-02 15:00 keep-looking due"]
        store.feed_all(LOG[1:])
        assert kept(store) == said(LOG)
        assert [offset for offset, _ in store.transitions()] == list(range(1, len(said(LOG)) + 1))


def test_another_process_goes_on_where_it_was_left(path: Path) -> None:
    for event in LOG:
        with opened(path) as store:
            store.feed(event)
    with opened(path) as store:
        assert kept(store) == said(LOG)
        assert store.engine.clock == LOG[-1].time


def test_a_batch_says_what_its_events_say_one_by_one(path: Path, tmp_path: Path) -> None:
    log = [step for step in small_log(random.Random(1)) if isinstance(step, Event)]
    with opened(path) as store, opened(tmp_path / "other.db") as other:
        together = store.feed_all(log)
        apart = [transition for event in log for transition in other.feed(event)]
        assert together == apart
        assert kept(store) == kept(other) == said(log)
        assert store.engine.snapshot() == other.engine.snapshot()


def test_no_event_of_a_batch_is_taken_when_one_is_none(path: Path) -> None:
    with opened(path) as store:
        with pytest.raises(afterword.EventError, match=r"^Item 2: "):
            store.feed_all([ENDED, {"type": "call.made"}], "2")
        assert store.engine.clock is None
        assert store.position is None
        assert not kept(store)


def test_time_that_passes_is_kept(path: Path) -> None:
    with opened(path) as store:
        store.feed(ENDED)
        missed = store.advance(moment("03-04 00:00"))
        assert "03-04 00:00 thank-you missed" in told(missed)
    with opened(path) as store:
        assert not store.advance(moment("03-04 00:00"))
        with pytest.raises(afterword.TimeError):
            store.advance(moment("03-03 00:00"))
        assert kept(store)[-1] == missed[-1].as_json()


def test_the_engine_that_refuses_to_go_back_is_not_read_again(path: Path) -> None:
    with opened(path) as store:
        store.feed(ENDED)
        engine = store.engine
        with pytest.raises(afterword.TimeError):
            store.advance(moment("03-01 00:00"))
        assert store.engine is engine


@pytest.mark.parametrize("position", [b"\0\xff", "a/b.log:4096", 2**40, 0, ""])
def test_the_position_is_that_of_the_last_step_that_said_one(path: Path, position: bytes | str | int) -> None:
    with opened(path) as store:
        assert store.position is None
        store.feed(ENDED, position)
        store.feed(CALLS[0])
    with opened(path) as store:
        assert store.position == position
        store.feed_all([], "further")
        assert store.position == "further"
        store.advance(moment("03-09 00:00"), "on")
        assert store.position == "on"


@pytest.mark.parametrize(
    ("position", "error", "told_"),
    [
        (2**63, ValueError, "more than 63 bits; give it as text"),
        (-(2**63) - 1, ValueError, "more than 63 bits"),
        ("\ud800", ValueError, "half of a character"),
        (1.5, TypeError, "bytes, text or a whole number; this is a Python `float`"),
        (True, TypeError, "`bool`"),
        (dt.datetime(2026, 3, 2), TypeError, "`datetime`"),
        ([1], TypeError, "`list`"),
    ],
)
def test_a_position_that_would_not_come_back_as_it_was_is_refused(
    path: Path, position: Any, error: type[Exception], told_: str
) -> None:
    with opened(path) as store:
        store.feed(ENDED, 7)
        before = store.engine.snapshot()
        for use in (
            lambda: store.feed(CALLS[0], position),
            lambda: store.feed_all([], position),
            lambda: store.advance(moment("03-20 00:00"), position),
            lambda: store.reload(THANKS, position),
        ):
            with pytest.raises(error, match=told_):
                use()
        assert store.engine.snapshot() == before
        assert store.position == 7


def test_only_the_rows_of_subjects_that_were_touched_are_written(path: Path) -> None:
    with opened(path) as store:
        store.feed_all([at("03-02 15:00", "interview.ended", subject=name) for name in "abc"])
        before = dict(rows(path, "SELECT name, rowid FROM subjects"))
        store.feed(at("03-02 16:00", "call.made", subject="b"))
        after = dict(rows(path, "SELECT name, rowid FROM subjects"))
    assert [name for name in "abc" if before[name] != after[name]] == ["b"]


def test_of_a_subject_of_whom_nothing_is_remembered_the_row_says_only_until_when(path: Path) -> None:
    with opened(path) as store:
        store.feed_all(
            [at("03-02 15:00", kind, subject="a") for kind in ("interview.ended", "rejection.received")]
        )
        ((before,),) = rows(path, "SELECT length(entry) FROM subjects")
        for day in range(3, 25):
            store.feed(at(f"03-{day:02} 12:00", "call.made", None, subject="z"))
        assert store.engine.subjects == ("z",)
    ((after,),) = rows(path, "SELECT length(entry) FROM subjects WHERE name = 'a'")
    assert after < 120 < before


@pytest.mark.parametrize("history", ["open-cases", "all", "2 days", "sorted"])
@pytest.mark.parametrize("seed", range(5))
def test_opening_again_changes_nothing_of_what_late_events_do(path: Path, seed: int, history: str) -> None:
    log = [step for step in small_log(random.Random(seed)) if isinstance(step, Event)]
    for event in log:
        with opened(path, history=history) as store:
            store.feed(event)
    with opened(path) as store:
        assert kept(store) == said(log, history=history)
        plain = Engine(THANKS, network="plain", history=history)
        for event in log:
            plain.feed(event)
        assert store.engine.remarks() == plain.remarks()
        assert store.engine.subjects == plain.subjects


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**64))
@example(7180)
def test_p1_what_checkpoints_told_is_the_engine_whatever_the_rules_and_the_order(seed: int) -> None:
    dice = random.Random(seed)
    program = afterword.compile_ruleset(a_ruleset(dice), network="plain")
    history = dice.choice(["open-cases", "all", "1 day", "2 days", "sorted"])
    log = [from_mapping({**an_event(dice, n), "subject": dice.choice("abcdefgh")}) for n in range(30)]
    events = sorted((event for event in log if isinstance(event, Event)), key=order_key)
    for _ in range(dice.choice([0, 5, 100])):
        events.insert(dice.randrange(len(events)), events.pop(dice.randrange(len(events))))
    plain, stored = Engine(program, history=history), Engine(program, history=history)
    rows_: dict[str, bytes | None] = {}
    for event in events:
        assert stored.feed(event) == plain.feed(event)
        head, touched = stored.checkpoint()
        rows_.update(touched)
        state = stored.snapshot()
        stored = Engine.from_parts(program, head, filter(None, rows_.values()))
        assert stored.snapshot() == state
    assert stored.remarks() == plain.remarks()
    assert stored.subjects == plain.subjects


@pytest.mark.parametrize("history", ["open-cases", "all", "2 days", "sorted"])
@pytest.mark.parametrize("seed", range(5))
def test_events_with_ids_that_are_fed_again_change_nothing(path: Path, seed: int, history: str) -> None:
    dice = random.Random(seed)
    steps = [step for step in small_log(dice) if isinstance(step, Event)]
    log = [msgspec.structs.replace(event, id=f"e{place}") for place, event in enumerate(steps)]
    with opened(path, history=history) as store:
        for place, event in enumerate(log):
            store.feed(event)
            if place == len(log) // 2:
                store.reload(THANKS)
            assert not store.feed_all(dice.choices(log[: place + 1], k=3))
        again = kept(store)
    with opened(path.with_name("once.db"), history=history) as store:
        for place, event in enumerate(log):
            store.feed(event)
            if place == len(log) // 2:
                store.reload(THANKS)
        assert again == kept(store)


def test_importing_afterword_imports_no_sqlite() -> None:
    code = "import sys, afterword; afterword.Engine; sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_noticed_stays_small_however_much_there_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.evaluator.NAMED", 3)
    twice = [at("03-02 15:00", "call.made", id=f"e{number}") for number in range(5)] * 2
    with opened(path) as store:
        store.feed_all(twice)
    with opened(path) as store:
        store.feed_all(twice[:4])
        counts = {remark.about: remark.count for remark in store.engine.remarks()}
        assert counts == {"e0": 2, "e1": 2, "e2": 2, "(others)": 3}


def test_the_page_tells_of_every_table_and_name(path: Path) -> None:
    page = (HERE.parent / "docs" / "store.md").read_text(encoding="utf-8")
    opened(path).close()
    table = page.split("<!-- table: kept -->")[1].split("\n\n")[0]
    assert set(re.findall(r"\| `(\w+)` \|", table)) == {
        name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    public = [name for name in vars(SQLiteStore) if not name.startswith("_")]
    assert all(f"`{name}" in page or f"store.{name}" in page for name in public if name != "path")


# --- what the consumer sees


def test_what_is_acknowledged_is_not_handed_out_again(path: Path) -> None:
    with opened(path) as store:
        store.feed_all(LOG)
        everything = kept(store)
        store.acknowledge(2)
        assert store.acknowledged == 2
        assert kept(store) == everything[2:]
        store.acknowledge(1)
        assert store.acknowledged == 2
    with opened(path) as store:
        assert store.acknowledged == 2
        assert kept(store) == everything[2:]
    assert rows(path, "SELECT count(*) FROM transitions") == [(len(everything) - 2,)]


def test_offsets_are_never_used_again(path: Path) -> None:
    with opened(path) as store:
        last = len(store.feed_all(LOG))
        store.acknowledge(last)
    with opened(path) as store:
        assert not kept(store)
        store.advance(moment("03-05 00:00"))
        assert next(store.transitions())[0] == last + 1


def test_what_was_not_said_yet_cannot_be_acknowledged(path: Path) -> None:
    with opened(path) as store, pytest.raises(ValueError, match=r"no transition 1 yet; the last is 0"):
        store.acknowledge(1)


def test_transitions_are_read_from_an_offset_and_so_many(path: Path) -> None:
    with opened(path) as store:
        store.feed_all(LOG)
        everything = list(store.transitions())
        assert list(store.transitions(after=2)) == everything[2:]
        assert list(store.transitions(after=1, limit=2)) == everything[1:3]
        assert not list(store.transitions(limit=0))
        assert not list(store.transitions(after=10_000))


def test_rows_are_asked_for_by_whole_numbers_of_any_size(path: Path) -> None:
    with opened(path) as store:
        store.feed_all(LOG)
        assert list(store.transitions(2**70)) == list(store.events(2**63)) == []
        assert list(store.transitions(-(2**70), 2**70)) == list(store.transitions())
        wrong: Any
        for wrong in (None, "3", 1.5):
            for use in (store.transitions, store.events, store.acknowledge):
                with pytest.raises(TypeError, match="integer"):
                    use(wrong)
        for wrong in ("3", 1.5):
            with pytest.raises(TypeError, match="integer"):
                store.transitions(limit=wrong)
        with pytest.raises(ValueError, match=f"There is no transition {2**70} yet"):
            store.acknowledge(2**70)
        assert store.acknowledged == 0


def test_a_consumer_may_feed_and_acknowledge_while_it_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.store.sqlite.PAGE", 2)
    with opened(path) as store:
        store.feed_all(LOG[:-1])
        seen = []
        for offset, line in store.transitions():
            seen.append(line)
            store.acknowledge(offset)
            if offset == 1:
                store.feed(LOG[-1])
        assert seen == said(LOG)
        assert not kept(store)


# --- the events that came


def lines(store: SQLiteStore) -> list[Any]:
    return [decode(line) for _, line in store.events()]


def test_the_events_are_kept_as_a_log_that_says_the_same(path: Path) -> None:
    odd = Event(
        type="call.made",
        time=ENDED.time,
        id="ß",
        source="s",
        sequence=3,
        timezone="Australia/Perth",
        data={"who": None},
    )
    with opened(path) as store:
        store.feed_all([*LOG, odd])
        assert lines(store) == [*LOG, odd]
        assert [number for number, _ in store.events(after=5, limit=1)] == [6]


@pytest.mark.parametrize(("keep", "days"), [("all", [2, 3, 4, 5, 6]), ("2 days", [4, 5, 6]), ("none", [])])
def test_events_are_kept_as_long_as_was_asked_for(path: Path, keep: str, days: list[int]) -> None:
    with opened(path, events=keep) as store:
        for day in range(2, 7):
            store.feed(at(f"03-{day:02} 12:00", "call.made"))
        assert [event.time.day for event in lines(store)] == days


def test_events_that_are_no_longer_wanted_go_with_the_next_steps(path: Path) -> None:
    with opened(path) as store:
        store.feed_all([at(f"03-02 {n // 60:02}:{n % 60:02}", "call.made") for n in range(100)])
    with opened(path, events="none") as store:
        for hour in range(8):
            store.advance(moment(f"03-03 {hour:02}:00"))
        assert not lines(store)


def test_events_can_be_kept_for_a_duration_and_nothing_else(path: Path) -> None:
    with pytest.raises(ValueError, match="`some` is none of `all`, `none` and a duration"):
        opened(path, events="some")
    with pytest.raises(ValueError, match=r"is none of `all`, `none` and a duration\. A duration is text"):
        opened(path, events=90)
    assert not path.exists()


# --- edited rules


EDITED_RULES = rules(EDITED)


def test_what_an_edit_does_is_told_with_the_next_step_and_once(path: Path) -> None:
    with opened(path) as store:
        store.feed(ENDED)
    for _ in range(2):
        with opened(path, EDITED_RULES) as store:
            assert store.engine.ruleset.digest == EDITED_RULES.digest
    with opened(path, EDITED_RULES) as store:
        moved = store.feed(CALLS[0])
        assert [transition.cause and transition.cause.kind for transition in moved] == ["rules changed"]
    with opened(path, EDITED_RULES) as store:
        assert not store.advance(moment("03-02 16:30"))


def test_rules_can_be_edited_while_it_is_open(path: Path) -> None:
    with opened(path) as store:
        store.feed(ENDED)
        moved = store.reload(EDITED_RULES)
        assert [transition.cause and transition.cause.kind for transition in moved] == ["rules changed"]
        assert kept(store)[-1] == moved[-1].as_json()
    with opened(path, EDITED_RULES) as store:
        assert not store.advance(moment("03-02 15:00"))


def test_rules_of_another_name_are_refused_and_the_old_ones_go_on(path: Path) -> None:
    other = afterword.load(path_of_other(path.parent))
    with opened(path) as store:
        store.feed(ENDED)
        with pytest.raises(StoreError, match="keeps the state of office, not of other"):
            store.reload(other)
        store.feed_all(LOG[1:])
        assert kept(store) == said(LOG)
    with pytest.raises(StoreError, match=r"not of other\. \(give each ruleset a file of its own\)"):
        opened(path, other)


def path_of_other(folder: Path) -> str:
    file = folder / "other.yaml"
    text = "schema: afterword/1\nruleset: other\nversion: 1.0.0\nevents: {a: }\nrules:\n"
    rule = "  - {id: r, kind: warning, title: T, when: {event: a}, message: M}\n"
    file.write_text(text + rule, encoding="utf-8")
    return str(file)


def test_draft_rules_stay_as_they_were_when_it_was_made(path: Path) -> None:
    ruleset = rules(
        "{id: r, kind: warning, status: draft, title: T, when: {event: call.made}, message: M}".join(
            ["- ", ""]
        )
    )
    program = afterword.compile_ruleset(ruleset, network="plain", drafts=True)
    with SQLiteStore.open(path, program) as store:
        assert told(store.feed(CALLS[0])) == ["03-02 16:00 r raised"]
    with opened(path, ruleset) as store:
        assert told(store.feed(CALLS[1])) == ["03-02 17:00 r raised"]
        store.reload(ruleset)
        assert told(store.feed(CALLS[2])) == ["03-02 18:00 r raised"]


def test_rules_compiled_with_other_drafts_are_refused_with_the_way_to_mend_it(path: Path) -> None:
    with_drafts = afterword.compile_ruleset(THANKS, network="plain", drafts=True)
    without = afterword.compile_ruleset(THANKS, network="plain")
    with SQLiteStore.open(path, with_drafts) as store, pytest.raises(StoreError, match="draft") as caught:
        store.reload(without)
    assert caught.value.reason == "The store was made with draft rules; these are compiled without."
    assert caught.value.hint == "compile them with `drafts=True`, or give the ruleset itself"
    with pytest.raises(StoreError, match="made with draft rules") as caught:
        SQLiteStore.open(path, without)
    assert caught.value.hint == "compile them with `drafts=True`, or give the ruleset itself"


def test_rules_that_are_not_loaded_are_refused(path: Path) -> None:
    name: Any = "after-interview"
    with pytest.raises(TypeError, match=r"this is a `str`: `afterword\.load` it first"):
        SQLiteStore.open(path, name)
    with opened(path) as store, pytest.raises(TypeError, match=r"`afterword\.load` it first"):
        store.reload(name)


# --- one at a time


def test_it_is_open_once_at_a_time(path: Path) -> None:
    with opened(path) as store:
        with pytest.raises(StoreError, match="open already, in this process or in another"):
            opened(path)
        store.feed(ENDED)
    opened(path).close()


def test_a_link_to_it_is_the_same_store(path: Path) -> None:
    with opened(path):
        path.with_name("link.db").symlink_to(path)
        with pytest.raises(StoreError, match="open already"):
            opened(path.with_name("link.db"))


def test_a_second_thread_cannot_open_it_but_may_use_it(path: Path) -> None:
    told_: list[object] = []

    def work() -> None:
        with pytest.raises(StoreError, match="open already"):
            opened(path)
        told_.append(store.feed(ENDED))

    with opened(path) as store:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert len(told_) == 1


def test_threads_take_turns(path: Path) -> None:
    def feed(name: str) -> None:
        for hour in range(10):
            store.feed(at(f"03-02 {hour:02}:00", "call.made", subject=name))
            store.acknowledge(max((offset for offset, _ in store.transitions()), default=0))

    with opened(path, history="all") as store:
        threads = [threading.Thread(target=feed, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(lines(store)) == 40
        assert store.engine.subjects == tuple("abcd")


PROGRAM = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from test_store import *
store = opened(Path(sys.argv[1]))
store.feed(ENDED)
"""


def program(path: Path, then: str) -> subprocess.Popen[bytes]:
    code = PROGRAM.format(tests=str(HERE)) + then
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_process_that_is_killed_leaves_it_free(path: Path) -> None:
    with program(path, "print('open', flush=True); sys.stdin.read()") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match="open already"):
            opened(path)
        process.kill()
        process.communicate()
        with opened(path) as store:
            assert kept(store) == said([ENDED])


def test_a_forked_process_may_not_use_it_and_its_end_does_no_harm(path: Path) -> None:
    then = """
child = os.fork()
if not child:
    for use in (lambda: store.feed(CALLS[0]), lambda: store.engine, lambda: list(store.transitions())):
        try:
            use()
        except StoreError as error:
            print(error.reason)
    sys.exit()
os.waitpid(child, 0)
store.feed(CALLS[0])
os.kill(os.getpid(), signal.SIGKILL)
"""
    with program(path, then) as process:
        out, _ = process.communicate()
    assert out.decode() == "The store was opened before this process was forked off.\n" * 3
    with opened(path) as store:
        assert kept(store) == said([ENDED, CALLS[0]])
        assert store.engine.clock == CALLS[0].time


def test_a_closed_store_says_so(path: Path) -> None:
    store = opened(path)
    store.close()
    store.close()
    for use in (lambda: store.feed(ENDED), lambda: store.engine, lambda: list(store.transitions())):
        with pytest.raises(StoreError, match="The store is closed"):
            use()


# --- what can be wrong with the file


def refused(path: Path, reason: str, **options: Any) -> StoreError:
    with pytest.raises(StoreError, match=reason) as caught:
        opened(path, **options)
    assert str(caught.value).startswith(f"{path}: ")
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    "content", [b"hello, I am a text\n" * 100, b'{"type": "call.made"}\n', b"SQLite format 3\0" + bytes(4080)]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused(path, "no SQLite database, or its beginning is damaged")
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "made",
    [
        "CREATE TABLE bookmarks (url)",
        "PRAGMA application_id = 42",
        "CREATE TABLE store (id); PRAGMA user_version = 1",
    ],
)
def test_the_database_of_another_program_is_refused_and_left_alone(path: Path, made: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(made)
    connection.close()
    content = path.read_bytes()
    refused(path, "another program's database")
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("format_", [0, 2])
def test_the_store_of_another_version_is_refused_and_left_alone(path: Path, format_: int) -> None:
    opened(path).close()
    rows(path, f"PRAGMA user_version = {format_}")
    content = path.read_bytes()
    refused(path, f"has the format {format_}; this version of afterword reads 1")
    assert path.read_bytes() == content


def test_an_empty_file_is_a_new_store(path: Path) -> None:
    path.touch()
    with opened(path) as store:
        store.feed_all(LOG)
        assert kept(store) == said(LOG)


@pytest.mark.parametrize(
    "options",
    [{"history": "for ever"}, {"history": ""}, {"events": "some"}, {"network": "zzz"}, {"ruleset": None}],
)
def test_what_cannot_be_opened_leaves_no_file(path: Path, options: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        opened(path, **options)
    assert list(path.parent.iterdir()) == []


def test_where_there_can_be_no_lock_no_file_is_left(path: Path) -> None:
    lock = path.parent / "state.db-lock"
    lock.mkdir()
    with pytest.raises(StoreError, match=r"state\.db-lock: The file cannot be opened"):
        opened(path)
    assert list(path.parent.iterdir()) == [lock]


def test_a_store_in_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (":memory:", b":memory:", Path(":memory:")):
        with pytest.raises(StoreError, match=r"A store is a file\. \(use an `Engine`, which is in memory\)"):
            SQLiteStore.open(path, THANKS)
    assert list(tmp_path.iterdir()) == []


def test_the_path_may_be_bytes(path: Path) -> None:
    with SQLiteStore.open(os.fsencode(path), THANKS, network="plain") as store:
        store.feed(ENDED)
        assert store.path == str(path)
        assert sorted(file.name for file in path.parent.iterdir())[:2] == ["state.db", "state.db-lock"]
    with opened(path) as store:
        assert kept(store) == said([ENDED])


def test_where_no_file_can_be_it_says_so(path: Path) -> None:
    refused(path / "state.db", "cannot be opened")
    path.mkdir()
    refused(path, "cannot be opened")
    refused(path.parent / ("a" * 300), "cannot be opened")


@pytest.mark.skipif(getattr(os, "getuid", int)() == 0, reason="the superuser may write everything")
def test_a_file_or_folder_that_cannot_be_written_is_refused(path: Path) -> None:
    opened(path).close()
    path.chmod(0o400)
    refused(path, "cannot be written")
    path.parent.chmod(0o500)
    refused(path, "cannot be")
    path.parent.chmod(0o700)


Tamper = Callable[[sqlite3.Connection], object]


@pytest.fixture
def tamper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Tamper], None]]:
    """Changes each connection that is made from now on."""
    connect = store_file._connect

    def set_(change: Tamper) -> None:
        def changed(path: str) -> sqlite3.Connection:
            connection = connect(path)
            change(connection)
            return connection

        monkeypatch.setattr(store_file, "_connect", changed)

    return set_


def test_a_database_that_cannot_be_written_is_refused(path: Path, tamper: Callable[[Tamper], None]) -> None:
    opened(path).close()
    tamper(lambda connection: connection.execute("PRAGMA query_only = ON"))
    refused(path, "cannot be written")


def test_a_locked_database_is_refused_and_nothing_is_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_file, "PATIENCE", 0)
    with opened(path) as store:
        store.feed(ENDED)
        shell = sqlite3.connect(path, isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another program has locked the file"):
            store.feed(CALLS[0])
        assert store.engine.clock == ENDED.time
        shell.execute("ROLLBACK")
        store.feed_all(LOG[1:])
        assert kept(store) == said(LOG)
    shell.execute("BEGIN IMMEDIATE")
    refused(path, "Another program has locked the file")
    shell.close()


def test_others_may_read_it_meanwhile(path: Path) -> None:
    with opened(path) as store:
        store.feed_all(LOG)
        count = rows(path, 'SELECT count(*) FROM transitions WHERE json LIKE \'%"rule":"thank-you"%\'')
        assert count == [(sum(b'"rule":"thank-you"' in line for line in said(LOG)),)]


def test_a_full_disk_is_told_and_nothing_is_lost(path: Path) -> None:
    with opened(path) as store:
        limit = store._file._ready()
        full = 0
        for event in LOG:
            (pages,) = limit.execute("PRAGMA page_count").fetchone()
            limit.execute(f"PRAGMA max_page_count = {pages}")
            big = Event(type="call.made", time=event.time, case="acme", data={"text": "x" * 100_000})
            before, clock = kept(store), store.engine.clock
            with pytest.raises(StoreError, match=r"The disk is full\. \(make room and feed again"):
                store.feed(big, "ahead")
            full += 1
            assert kept(store) == before
            assert store.engine.clock == clock
            assert store.position is None
            limit.execute("PRAGMA max_page_count = 100000")
            store.feed(event)
        assert full == len(LOG)
        assert kept(store) == said(LOG)


def test_a_disk_that_is_full_from_the_start_leaves_no_half_made_store(
    path: Path, tamper: Callable[[Tamper], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context():
        tamper(lambda connection: connection.execute("PRAGMA max_page_count = 2"))
        refused(path, "The disk is full")
    monkeypatch.undo()
    with opened(path) as store:
        store.feed(ENDED)
        assert kept(store) == said([ENDED])


# --- damage


def filled(path: Path) -> list[Event]:
    log = [step for step in small_log(random.Random(3)) if isinstance(step, Event)]
    with opened(path) as store:
        store.feed_all(log)
    return log


@pytest.mark.parametrize("seed", range(40))
def test_damage_is_told_or_does_no_harm(path: Path, seed: int) -> None:
    """Pages with noise in them, or cut off: never another error, and never other state than there was."""
    log, dice = filled(path), random.Random(seed)
    content = bytearray(path.read_bytes())
    if dice.random() < 0.2:
        del content[dice.randrange(len(content)) :]
    else:
        start = dice.randrange(0, len(content), 512)
        content[start : start + 512] = dice.randbytes(512)
    path.write_bytes(content)
    try:
        with opened(path) as store:
            if content:
                assert store.engine.clock == max(event.time for event in log)
                assert list(store.engine.subjects) == sorted({event.subject for event in log})
                assert kept(store) == said(log)
                assert lines(store) == log
            store.advance(moment("03-20 00:00"))
    except StoreError as error:
        assert error.hint


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE subjects SET entry = zeroblob(100)",
        "UPDATE subjects SET entry = 'text'",
        "UPDATE subjects SET name = 'd' WHERE name = 'a'",
        "UPDATE subjects SET digest = NULL WHERE 0; UPDATE subjects SET digest = x'00'",
        "UPDATE store SET head = zeroblob(10)",
        "UPDATE store SET head = 'text'",
        "DELETE FROM store",
        "DROP TABLE subjects",
        "DROP TABLE store",
    ],
)
def test_rows_that_no_store_wrote_are_refused(path: Path, damage: str) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.executescript(damage)
    connection.close()
    refused(path, ".")


@pytest.mark.parametrize("damaged", [b"store (", b"head BLOB", b"CHECK (id = 1)", b"events (\n"])
def test_bytes_in_its_schema_that_are_no_text_are_damage(path: Path, damaged: bytes) -> None:
    """SQLite quotes them in what it complains of, which Python then cannot read."""
    filled(path)
    content = path.read_bytes()
    assert damaged in content
    path.write_bytes(content.replace(damaged, damaged[:-3] + b'"\xc1\xff'))
    refused(path, r"The file is damaged\.")


def test_pages_that_were_swapped_are_damage(path: Path) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.executescript(
        """PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET rootpage = (SELECT sum(rootpage) FROM sqlite_schema
            WHERE name IN ('store', 'transitions')) - rootpage WHERE name IN ('store', 'transitions')"""
    )
    connection.close()
    refused(path, r"The file is damaged\.")


@pytest.mark.parametrize("value", ["NULL", "'a'", "1.5", "x'00'"])
@pytest.mark.parametrize("column", ["acknowledged", "transitions", "events"])
def test_counts_of_its_head_that_are_no_numbers_are_damage(path: Path, column: str, value: str) -> None:
    filled(path)
    connection = sqlite3.connect(path)
    connection.executescript(
        """PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(replace(sql, ' INTEGER NOT NULL', ''), ' CHECK (id = 1)', '')
            WHERE name = 'store'"""
    )
    connection.close()
    rows(path, f"UPDATE store SET {column} = {value}")
    refused(path, r"The file is damaged\. Its head is missing, or is none\.")


@pytest.mark.parametrize("table", ["transitions", "events"])
def test_a_row_that_was_changed_is_not_handed_out(path: Path, table: str) -> None:
    filled(path)
    rows(path, f"UPDATE {table} SET json = replace(json, 'acme', 'emca')")
    with (
        opened(path) as store,
        pytest.raises(StoreError, match=rf"Row \d+ of its {table} does not fit its digest"),
    ):
        list(getattr(store, table)())


# --- what can go wrong in the midst of a step


class BrokenError(Exception):
    """Something that nobody reckoned with."""


class Failing(sqlite3.Connection):
    """Fails at one statement, before or after it was done."""

    fuse = -1
    after = False
    error: BaseException = BrokenError()

    def _burn(self, statement: str, done: bool) -> None:
        if done == self.after and statement != "ROLLBACK":
            self.fuse -= 1
            if self.fuse == 0:
                raise self.error

    def execute(self, statement: str, *given: Any) -> sqlite3.Cursor:  # type: ignore[override]
        self._burn(statement, False)
        cursor = super().execute(statement, *given)
        self._burn(statement, True)
        return cursor

    def executemany(self, statement: str, *given: Any) -> sqlite3.Cursor:  # type: ignore[override]
        self._burn(statement, False)
        cursor = super().executemany(statement, *given)
        self._burn(statement, True)
        return cursor


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        store_file, "_connect", lambda path: sqlite3.connect(path, isolation_level=None, factory=Failing)
    )


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.DatabaseError("of another kind"),
        KeyboardInterrupt(),
        MemoryError(),
        BrokenError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_whichever_statement_fails_the_engine_stays_with_the_disk(
    path: Path, error: BaseException, after: bool, failing: None
) -> None:
    expected = said(LOG)
    failed = 0
    with opened(path) as store:
        connection = store._file._ready()
        assert isinstance(connection, Failing)
        connection.error, connection.after = error, after
        for place, event in enumerate(LOG):
            for fuse in range(1, 100):
                connection.fuse = fuse
                try:
                    store.feed(event, place)
                except (StoreError, type(error)):
                    connection.fuse = -1
                    failed += 1
                    assert store.position in {None, place - 1, place}
                    if store.position == place:  # the commit was done when the interrupt came
                        break
                else:
                    break
            connection.fuse = -1
            assert store.position == place
        assert kept(store) == expected
        assert [event.id for event in lines(store)] == [event.id for event in LOG]
    assert failed > 10 * len(LOG) or after
    assert failed


def test_a_call_from_within_a_call_is_refused(path: Path, failing: None) -> None:
    """As a signal handler may make one."""
    with opened(path) as store:
        connection = store._file._ready()
        seen: list[str] = []

        def caught() -> str:
            try:
                store.feed(CALLS[0])
            except RuntimeError as error:
                return str(error)
            return "taken"

        connection.set_trace_callback(lambda _: seen.append(caught()))
        store.feed(ENDED)
        connection.set_trace_callback(None)
        assert set(seen) == {"The store was called from within one of its own calls."}
        assert kept(store) == said([ENDED])


def test_a_failed_reload_leaves_the_old_rules_in_force(path: Path, failing: None) -> None:
    with opened(path) as store:
        store.feed(ENDED)
        connection = store._file._ready()
        assert isinstance(connection, Failing)
        connection.fuse = 3
        with pytest.raises(BrokenError):
            store.reload(EDITED_RULES)
        assert store.engine.ruleset is THANKS
        store.feed_all(LOG[1:])
        assert kept(store) == said(LOG)


# --- killed


@pytest.mark.parametrize("seed", range(30))
def test_whatever_part_of_the_write_ahead_log_survived_it_goes_on_from_there(
    path: Path, seed: int, tamper: Callable[[Tamper], None]
) -> None:
    """The log is cut at a random byte, as if the power had failed there, and in some runs followed by noise."""
    dice = random.Random(seed)
    log = [step for step in small_log(dice) if isinstance(step, Event)]
    tamper(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 0"))
    copy = path.with_name("copy.db")
    with opened(path) as store:
        for place, event in enumerate(log, 1):
            store.feed(event, place)
        shutil.copy(path, copy)
        whole = Path(f"{path}-wal").read_bytes()
    cut = dice.randrange(len(whole))
    Path(f"{copy}-wal").write_bytes(whole[:cut] + (dice.randbytes(5_000) if dice.random() < 0.5 else b""))
    with opened(copy) as store:
        place = store.position or 0
        assert isinstance(place, int)
        assert kept(store) == said(log[:place])
        store.feed_all(log[place:])
        assert kept(store) == said(log)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_killed_at_any_instant_it_says_what_an_undisturbed_run_says() -> None:
    """AFTERWORD_KILLS=N kills so many processes; AFTERWORD_SEED=N chooses where."""
    memory = "/dev/shm"  # what the system holds is not lost with a process, so a disk would only take longer
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        done = subprocess.run(
            [sys.executable, HERE / "killing.py", folder, os.environ.get("AFTERWORD_SEED", "1"), str(KILLS)],
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
