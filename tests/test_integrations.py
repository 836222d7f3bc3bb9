"""The examples in `examples/integrations`, each run as it would be used, with clocks and brokers of ours."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar
from prometheus_client import CollectorRegistry

import afterword
import due_today
from afterword.events import from_mapping
from afterword.rim.calendar import ics
from afterword.rim.cloudevents import from_http
from afterword.rim.metrics import OTHER, Metrics
from afterword.store import SQLiteStore
from check_draft import Note, Underline, as_event, check_draft
from queue_consumer import Consumer, Message
from web_app import create_app

LOG = Path(__file__).parent.parent / "examples" / "two-weeks.jsonl"
LINES = LOG.read_bytes().splitlines()

STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
BATCHED = {"content-type": "application/cloudevents-batch+json"}

ENDED = {
    "specversion": "1.0",
    "type": "interview.ended",
    "source": "calendar",
    "id": "e1",
    "time": "2026-03-02T15:00:00+08:00",
    "subject": "ana",
    "case": "acme",
    "timezone": "Australia/Perth",
    "data": {"company": "Acme"},
}


@pytest.fixture(scope="module")
def rules() -> afterword.Ruleset:
    return afterword.load("after-interview")


@pytest.fixture(scope="module")
def said(rules: afterword.Ruleset) -> list[bytes]:
    """What an undisturbed run says of the log."""
    engine = afterword.Engine(rules)
    return [each.as_json() for line in LINES for each in engine.feed(json.loads(line))]


def day(number: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, 3, number, hour, tzinfo=dt.timezone(dt.timedelta(hours=8)))


# --- CloudEvents over HTTP


class TestCloudEventsOverHTTP:
    def test_the_three_modes_say_the_same(self) -> None:
        attributes = {key: value for key, value in ENDED.items() if key != "data"}
        headers = {f"ce-{key}": str(value) for key, value in attributes.items()}
        binary = from_http(
            {**headers, "Content-Type": "application/json"}, json.dumps(ENDED["data"]).encode()
        )
        assert binary == from_http(STRUCTURED, json.dumps(ENDED).encode())
        assert binary == from_http(BATCHED, json.dumps([ENDED]).encode())
        assert [type(each) for each in binary] == [afterword.Event]

    def test_native_events_may_come_as_plain_json(self) -> None:
        assert from_http({"content-type": "application/json"}, LINES[0]) == [afterword.decode(LINES[0])]

    def test_headers_are_unquoted_and_decoded_and_their_names_have_no_case(self) -> None:
        headers = {
            "CE-SpecVersion": "1.0",
            "CE-Type": "call.made",
            "ce-id": "c1",
            "ce-source": "phone",
            "ce-time": "2026-03-02T15:00:00Z",
            "Ce-Subject": "Ren%C3%A9e%20%F0%9F%8C%B1",
            "ce-case": '"a \\"b\\""',
            "ce-sequence": "7",
        }
        (event,) = from_http(headers, b"")
        assert isinstance(event, afterword.Event)
        assert (event.subject, event.case, event.sequence) == ("Renée 🌱", 'a "b"', 7)
        assert event.data == {}

    @pytest.mark.parametrize(
        ("headers", "body", "reason"),
        [
            ({"content-type": "text/plain"}, b"{}", "`text/plain` cannot be read."),
            (
                {"content-type": "application/cloudevents+avro"},
                b"",
                "`application/cloudevents+avro` cannot be",
            ),
            ({"content-type": "application/cloudevents"}, b"{}", "`application/cloudevents` cannot be read."),
            (STRUCTURED, b"", "empty"),
            (STRUCTURED, b'{"specversion": "0.3"}', "CloudEvents `0.3` cannot be read."),
            ({"ce-specversion": "1.0", "ce-type": "a"}, b"{}", "The event has no `time`."),
            ({"ce-specversion": "1.0", "ce-subject": "%FF"}, b"{}", "The header `ce-subject` is not UTF-8."),
            ({"ce-specversion": "1.0", "ce-data": "x"}, b"{}", "There is a header `ce-data`."),
            ({"ce-specversion": "1.0"}, b'{"a": 1, "a": 2}', "The key `a` stands twice in one object."),
            ({"ce-specversion": "1.0"}, b'{}, "subject": "ben"', "Something follows"),
        ],
    )
    def test_what_is_no_event_says_why(self, headers: dict[str, str], body: bytes, reason: str) -> None:
        (bad,) = from_http(headers, body)
        assert isinstance(bad, afterword.BadEvent)
        assert reason in bad.reason

    @pytest.mark.parametrize("name", ["id", "source"])
    def test_what_cloudevents_requires_is_required(self, name: str) -> None:
        """Without it an event that is sent again would be another event."""
        event = {key: value for key, value in ENDED.items() if key != name}
        attributes = {f"ce-{key}": str(value) for key, value in event.items() if key != "data"}
        native = {key: value for key, value in event.items() if key != "specversion"}
        bad = from_http(attributes, b"{}") + from_http(STRUCTURED, json.dumps(event).encode())
        for each in bad:
            assert isinstance(each, afterword.BadEvent) and each.reason == f"The CloudEvent has no `{name}`."
        good, missing = from_http(BATCHED, json.dumps([ENDED, event]).encode())
        assert isinstance(good, afterword.Event) and missing == bad[0]
        (taken,) = from_http({"content-type": "application/json"}, json.dumps(native).encode())
        assert isinstance(taken, afterword.Event)

    def test_headers_may_be_of_any_class_with_items(self) -> None:
        headers: Any = EmailMessage()
        headers["Content-Type"] = "application/cloudevents+json"
        assert from_http(headers, json.dumps(ENDED).encode()) == [from_mapping(ENDED)]

    @pytest.mark.parametrize(
        "headers", [{b"content-type": b"application/json"}, {"content-type": b"a"}, [(b"ce-id", b"1")]]
    )
    def test_headers_as_asgi_has_them_are_refused(self, headers: Any) -> None:
        with pytest.raises(TypeError, match="pairs of bytes, to be decoded as latin-1"):
            from_http(headers, b"{}")


# --- the web application


@pytest.fixture
def clock() -> list[dt.datetime]:
    """What the application takes for the present: one may put another in its place."""
    return [day(3)]


@pytest.fixture
def client(tmp_path: Path, clock: list[dt.datetime]) -> Iterator[TestClient]:
    with TestClient(create_app(str(tmp_path / "a.db"), now=lambda: clock[0])) as client:
        yield client


class TestWebApp:
    def test_an_event_is_answered_with_what_it_brings(self, client: TestClient) -> None:
        answer = client.post("/events", json=ENDED, headers=STRUCTURED)
        assert answer.status_code == 200
        assert {"rule": "thank-you-email", "state": "due"}.items() <= answer.json()[4].items()

    def test_duplicates_are_harmless(self, client: TestClient) -> None:
        first = client.post("/events", json=ENDED, headers=STRUCTURED).json()
        again = client.post("/events", json=[ENDED, ENDED], headers=BATCHED)
        assert first
        assert (again.status_code, again.json()) == (200, [])

    def test_the_agenda_is_served_as_json_and_as_a_calendar(self, client: TestClient) -> None:
        client.post("/events", json=ENDED, headers=STRUCTURED)
        items = client.get("/agenda/ana?days=3").json()
        assert ("due", "thank-you-email") in [(item["status"], item["rule"]) for item in items]
        answer = client.get("/agenda/ana.ics?days=3")
        assert answer.headers["content-type"].startswith("text/calendar")
        entries = Calendar.from_ical(answer.content).walk("VEVENT")
        assert {f"{item['advice']}@afterword" for item in items} == {str(each["uid"]) for each in entries}
        assert client.get("/agenda/ben").json() == []

    def test_a_bad_event_is_a_problem_that_tells_the_mend_and_nothing_is_taken(
        self, client: TestClient
    ) -> None:
        batch = [ENDED, {**ENDED, "time": "yesterday"}, {"specversion": "1.0"}]
        answer = client.post("/events", json=batch, headers=BATCHED)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["title"] == "Nothing was taken"
        assert problem["detail"] == "`yesterday` is not a time."
        assert problem["hint"].startswith("write it like")
        assert [each["event"] for each in problem["errors"]] == [1, 2]
        assert client.get("/agenda/ana").json() == []

    def test_an_event_from_the_future_does_not_let_time_pass_for_everybody(self, client: TestClient) -> None:
        answer = client.post("/events", json={**ENDED, "time": "2031-03-02T15:00:00Z"}, headers=STRUCTURED)
        assert answer.status_code == 422
        assert answer.json()["detail"] == "2031-03-02 15:00:00+00:00 is yet to come."

    def test_a_request_that_makes_no_sense_is_a_problem_too(self, client: TestClient) -> None:
        for path in ("/agenda/ana?days=soon", "/agenda/ana?days=-1", "/transitions?limit=0"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        assert client.put("/transitions/acknowledged/7").status_code == 409

    def test_transitions_stay_until_they_are_acknowledged_and_time_passes(
        self, client: TestClient, clock: list[dt.datetime]
    ) -> None:
        client.post("/events", json=ENDED, headers=STRUCTURED)
        first = client.get("/transitions").json()
        assert [each["offset"] for each in first] == list(range(1, len(first) + 1))
        assert client.put(f"/transitions/acknowledged/{first[-1]['offset']}").status_code == 204
        assert client.get("/transitions").json() == []
        clock[0] = day(4)
        states = {each["rule"]: each["state"] for each in client.get("/transitions").json()}
        assert states["thank-you-email"] == "missed"

    def test_what_was_taken_is_there_after_a_restart(self, tmp_path: Path, clock: list[dt.datetime]) -> None:
        app = create_app(str(tmp_path / "b.db"), now=lambda: clock[0])
        with TestClient(app) as client:
            client.post("/events", json=ENDED, headers=STRUCTURED)
            agenda = client.get("/agenda/ana").json()
        with TestClient(app) as client:
            assert client.get("/agenda/ana").json() == agenda
            assert client.post("/events", json=ENDED, headers=STRUCTURED).json() == []

    def test_requests_at_once_take_turns(self, client: TestClient, rules: afterword.Ruleset) -> None:
        people = [f"p{number}" for number in range(24)]

        def ask(person: str) -> list[dict[str, Any]]:
            event = {**ENDED, "subject": person, "id": person}
            client.post("/events", json=event, headers=STRUCTURED).raise_for_status()
            agenda: list[dict[str, Any]] = client.get(f"/agenda/{person}").raise_for_status().json()
            return agenda

        with ThreadPoolExecutor(6) as pool:
            agendas = list(pool.map(ask, people))
        alone = afterword.Engine(rules)
        alone.feed({key: value for key, value in ENDED.items() if key != "specversion"})
        assert {len(each) for each in agendas} == {len(alone.agenda("ana", day(3)))}
        assert len(client.get("/transitions?limit=1000").json()) >= 24

    def test_it_tells_prometheus(self, client: TestClient) -> None:
        client.post("/events", json=[ENDED, ENDED], headers=BATCHED)
        client.post("/events", json={"type": 1}, headers=STRUCTURED)
        text = client.get("/metrics").text
        assert 'afterword_events_total{type="interview.ended"} 2.0' in text
        assert "afterword_events_refused_total 1.0" in text
        assert 'afterword_remarks_total{kind="duplicate"} 1.0' in text
        assert 'afterword_transitions_total{rule="thank-you-email",state="due"} 1.0' in text


# --- the consumer


class Broker:
    """Hands out messages from what was acknowledged on, as often as somebody subscribes."""

    def __init__(self, *bodies: bytes) -> None:
        self.messages = [Message(offset, body) for offset, body in enumerate(bodies, 1)]
        self.done = 0

    def subscribe(self) -> asyncio.Queue[Message]:
        queue: asyncio.Queue[Message] = asyncio.Queue()
        for message in self.messages[self.done :]:
            queue.put_nowait(message)
        return queue

    def acknowledge(self, offset: int) -> None:
        self.done = offset


async def ticks(*times: dt.datetime) -> AsyncIterator[dt.datetime]:
    for time in times:
        yield time


async def until_idle(queue: asyncio.Queue[Message], broker: Broker) -> None:
    while broker.done < len(broker.messages) or not queue.empty():
        await asyncio.sleep(0)


class TestQueueConsumer:
    def run(
        self, store: SQLiteStore, broker: Broker, tell: Any = None, until: Any = until_idle, times: Any = ()
    ) -> tuple[list[bytes], list[str]]:
        out: list[bytes] = []
        rejected: list[str] = []

        def reject(message: Message, bad: afterword.BadEvent) -> None:
            rejected.append(f"{message.offset}: {bad.reason}")

        async def work() -> None:
            queue = broker.subscribe()
            consumer = Consumer(store, tell or out.append, reject)
            task = asyncio.create_task(consumer.run(queue, broker.acknowledge, ticks(*times)))
            await until(queue, broker)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(work())
        return out, rejected

    def test_what_came_is_committed_handed_on_and_acknowledged(
        self, tmp_path: Path, rules: afterword.Ruleset, said: list[bytes]
    ) -> None:
        broker = Broker(*LINES)
        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            out, rejected = self.run(store, broker)
            assert (out, rejected) == (said, [])
            assert store.position == broker.done == len(LINES)
            assert list(store.transitions()) == []

    def test_a_message_that_nobody_can_read_is_set_aside_and_acknowledged(
        self, tmp_path: Path, rules: afterword.Ruleset
    ) -> None:
        broker = Broker(LINES[0], b"{", LINES[1])
        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            _, rejected = self.run(store, broker)
            assert rejected == ["2: The line ends in the middle of an event."]
            assert broker.done == 3

    def test_time_passes_with_the_ticks_when_nothing_waits(
        self, tmp_path: Path, rules: afterword.Ruleset
    ) -> None:
        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            self.run(store, Broker(*LINES[:5]))
            before = store.engine.clock
            assert before is not None

            async def ticked(*_: object) -> None:
                while store.engine.clock != day(6):
                    await asyncio.sleep(0)

            out, _ = self.run(store, Broker(), until=ticked, times=[before, day(6)])
            assert any(b'"state":"missed"' in line for line in out)

    @pytest.mark.parametrize("stop_after", [1, 2, 10, 40])
    def test_cancelled_while_it_works_it_finishes_the_step_and_loses_nothing(
        self, tmp_path: Path, rules: afterword.Ruleset, said: list[bytes], stop_after: int
    ) -> None:
        broker = Broker(*LINES)
        out: list[bytes] = []

        async def said_some(*_: object) -> None:
            while len(out) < stop_after:
                await asyncio.sleep(0)

        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            self.run(store, broker, out.append, said_some)
        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            self.run(store, broker, out.append)
        assert out == said

    def test_what_was_committed_and_not_acknowledged_comes_again_and_is_not_taken_twice(
        self, tmp_path: Path, rules: afterword.Ruleset, said: list[bytes]
    ) -> None:
        without_ids = [re.sub(rb'"id": "[^"]*", ', b"", line) for line in LINES[:20]]
        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            first, _ = self.run(store, Broker(*without_ids))
            again, _ = self.run(store, Broker(*without_ids))
            assert first
            assert again == []
            assert store.engine.remarks() == []

    def test_what_was_said_and_not_handed_on_is_handed_on_at_the_start(
        self, tmp_path: Path, rules: afterword.Ruleset, said: list[bytes]
    ) -> None:
        def fail(_: bytes) -> None:
            raise ConnectionError

        broker = Broker(*LINES)
        with SQLiteStore.open(tmp_path / "a.db", rules) as store:
            consumer = Consumer(store, fail, lambda *_: None)
            with pytest.raises(ExceptionGroup):
                asyncio.run(consumer.run(broker.subscribe(), broker.acknowledge, ticks()))
            assert broker.done == 0, "it was committed, but not handed on"
            out, _ = self.run(store, broker)
            assert out == said


# --- the cron script


class TestDueToday:
    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        log = tmp_path / "jobs.jsonl"
        log.write_bytes(b"\n".join(LINES[:20]) + b"\n")
        return log

    def test_it_prints_what_is_due(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert due_today.main([str(log)], day(5)) == 0
        printed = capsys.readouterr()
        assert "due      mirabel: " in printed.out
        assert printed.err == ""

    def test_what_is_not_there_is_told_in_a_sentence(
        self, log: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert due_today.main([str(log.with_name("nowhere.jsonl"))], day(5)) == 1
        assert "nowhere.jsonl is not there" in capsys.readouterr().err
        assert due_today.main([str(log), "--rules", "after-intervew"], day(5)) == 1
        assert "did you mean `after-interview`?" in capsys.readouterr().err
        log.with_suffix(".state").write_bytes(b"5\nx")
        assert due_today.main([str(log)], day(5)) == 1
        assert "not a snapshot" in capsys.readouterr().err

    def test_run_twice_it_prints_the_same_and_changes_nothing(
        self, log: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        due_today.main([str(log)], day(5))
        state, first = log.with_suffix(".state").read_bytes(), capsys.readouterr().out
        due_today.main([str(log)], day(5))
        assert (log.with_suffix(".state").read_bytes(), capsys.readouterr().out) == (state, first)

    def test_it_goes_on_where_it_was_and_leaves_a_half_written_line(
        self, log: Path, rules: afterword.Ruleset
    ) -> None:
        due_today.main([str(log)], day(5))
        with log.open("ab") as file:
            file.write(b"\n".join(LINES[20:-1]) + b"\n" + LINES[-1][:30])
        due_today.main([str(log)], day(20))
        with log.open("ab") as file:
            file.write(LINES[-1][30:] + b"\n")
        due_today.main([str(log)], day(20))
        whole = afterword.Engine(rules)
        for line in LINES:
            whole.feed(json.loads(line))
        engine, offset = due_today.resume(log.with_suffix(".state"), rules)
        assert offset == log.stat().st_size
        assert engine.clock == whole.clock
        assert engine.agenda(days=60) == whole.agenda(days=60)

    def test_a_bad_line_is_told_once(self, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
        log.write_bytes(LINES[0] + b"\n{\n" + LINES[1] + b"\n")
        due_today.main([str(log)], day(5))
        assert "The line ends in the middle of an event." in capsys.readouterr().err
        due_today.main([str(log)], day(5))
        assert capsys.readouterr().err == ""

    def test_a_log_that_was_cut_is_not_read_as_if_it_went_on(
        self, log: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        due_today.main([str(log)], day(5))
        log.write_bytes(LINES[0] + b"\n")
        assert due_today.main([str(log)], day(5)) == 1
        assert "is shorter than it was" in capsys.readouterr().err


# --- the mail client


def mail(text: str, **headers: str) -> EmailMessage:
    message = EmailMessage(policy=modern)
    message["to"] = "Ruth Vale <ruth@acme.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


class TestCheckDraft:
    TEXT = (
        "🌱 Dear Ruth, thank you for your time. I forgot to mention that I can weld. I am still interested."
    )

    def check(self, engine: afterword.Engine, text: str) -> dict[str, Note]:
        known = {"purpose": "thank_you", "recipient": "company"}
        notes = check_draft(engine, mail(text), subject="ana", now=day(3), case="acme", **known)
        return {note.title: note for note in notes}

    @pytest.fixture
    def engine(self, rules: afterword.Ruleset) -> afterword.Engine:
        engine = afterword.Engine(rules)
        engine.feed({key: value for key, value in ENDED.items() if key != "specversion"})
        return engine

    def test_the_words_to_mend_are_underlined_as_an_editor_counts_them(
        self, engine: afterword.Engine
    ) -> None:
        (note,) = self.check(engine, self.TEXT).values()
        units = self.TEXT.encode("utf-16-le")
        (line,) = note.underlines
        assert isinstance(line, Underline)
        assert units[2 * line.start : 2 * line.end].decode("utf-16-le").lower() == "forgot to mention"

    def test_checking_changes_nothing_however_often(self, engine: afterword.Engine) -> None:
        before = engine.snapshot()
        assert self.check(engine, self.TEXT) == self.check(engine, self.TEXT)
        assert engine.snapshot() == before

    def test_a_good_draft_gets_no_note(self, engine: afterword.Engine) -> None:
        assert self.check(engine, self.TEXT.replace(" I forgot to mention that I can weld.", "")) == {}

    def test_what_is_sent_is_fed_and_fulfils_the_advice(self, engine: afterword.Engine) -> None:
        sent = mail("Thank you. I am still interested.", message_id="<1@acme.example>")
        event = as_event("message.sent", sent, subject="ana", now=day(3), case="acme", purpose="thank_you")
        assert ("thank-you-email", "fulfilled") in [(each.rule, each.state) for each in engine.feed(event)]
        assert engine.feed(event) == [], "its Message-ID tells that it is the same"


# --- calendars


def test_a_calendar_is_stamped_with_a_moment_like_any_other(rules: afterword.Ruleset) -> None:
    engine = afterword.Engine(rules)
    engine.feed(ENDED)
    items = engine.agenda()
    stamped = ics(items, rules, dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    assert b"DTSTAMP:20260302T090000Z" in stamped
    assert ics(items, rules, "2026-03-02T17:00:00+08:00") == stamped
    with pytest.raises(afterword.TimeError, match="not a time with an offset"):
        ics(items, rules, dt.datetime(2026, 3, 2, 9))


def test_a_calendar_holds_no_control_characters(rules: afterword.Ruleset) -> None:
    engine = afterword.Engine(rules)
    engine.feed({**ENDED, "case": "a\0c\x07m\x1b[31me\tx\r\n"})
    calendar = ics(engine.agenda(), rules)
    assert not set(calendar) & ({*range(32), 127} - set(b"\t\r\n"))
    assert "a\ufffdc\ufffdm\ufffd[31me".encode() in calendar


# --- metrics


class TestMetrics:
    @pytest.fixture
    def registry(self) -> CollectorRegistry:
        return CollectorRegistry()

    @staticmethod
    def play(engine: afterword.Engine, metrics: Metrics) -> list[afterword.Transition]:
        said = []
        for line in LINES:
            event = json.loads(line)
            out = engine.feed(event)
            metrics.took([event], out)
            said += out
        return said

    def test_everything_that_goes_in_and_comes_out_is_counted(
        self, rules: afterword.Ruleset, registry: CollectorRegistry
    ) -> None:
        engine, metrics = afterword.Engine(rules), Metrics(rules, registry)
        metrics.look(day(1), engine)
        said = self.play(engine, metrics)
        metrics.refused(2)
        metrics.look(day(20), engine)
        for rule, state in {(each.rule, each.state) for each in said}:
            number = sum((each.rule, each.state) == (rule, state) for each in said)
            labels = {"rule": rule, "state": state}
            assert registry.get_sample_value("afterword_transitions_total", labels) == number
        assert registry.get_sample_value("afterword_events_refused_total") == 2
        assert registry.get_sample_value("afterword_subjects") == len(engine.subjects)
        assert registry.get_sample_value("afterword_open_cases") == engine.open_cases
        assert engine.clock is not None
        lag = (day(20) - engine.clock).total_seconds()
        assert registry.get_sample_value("afterword_lag_seconds") == lag

    def test_duplicates_and_corrections_are_told_apart(
        self, rules: afterword.Ruleset, registry: CollectorRegistry
    ) -> None:
        engine, metrics = afterword.Engine(rules, history="all"), Metrics(rules, registry)
        metrics.look(day(1), engine)
        self.play(engine, metrics)
        sent = {
            "type": "message.sent",
            "time": "2026-03-03T18:00:00+08:00",
            "subject": "ana",
            "case": "mirabel",
        }
        for event in (json.loads(LINES[-1]), {**sent, "data": {"purpose": "thank_you"}}):
            metrics.took([event], engine.feed(event))
        metrics.look(day(20), engine)
        assert self.remarks(registry, "duplicate") == 1
        assert (registry.get_sample_value("afterword_corrections_total") or 0) > 0

    def test_what_is_too_late_is_counted(self, rules: afterword.Ruleset, registry: CollectorRegistry) -> None:
        engine, metrics = afterword.Engine(rules, history="sorted"), Metrics(rules, registry)
        metrics.look(day(1), engine)
        for line in (LINES[1], LINES[0]):
            metrics.took([json.loads(line)], engine.feed(json.loads(line)))
        metrics.look(day(3), engine)
        assert self.remarks(registry, "late") == 1
        assert registry.get_sample_value("afterword_corrections_total") == 0

    @staticmethod
    def remarks(registry: CollectorRegistry, kind: str) -> float | None:
        return registry.get_sample_value("afterword_remarks_total", {"kind": kind})

    def test_what_was_remarked_before_a_restart_is_not_counted_again(
        self, rules: afterword.Ruleset, registry: CollectorRegistry
    ) -> None:
        engine = afterword.Engine(rules)
        for _ in range(3):
            engine.feed(json.loads(LINES[0]))
        engine, metrics = afterword.Engine.restore(rules, engine.snapshot()), Metrics(rules, registry)
        metrics.look(day(3), engine)
        assert self.remarks(registry, "duplicate") == 0
        engine.feed(json.loads(LINES[0]))
        metrics.look(day(3), engine)
        assert self.remarks(registry, "duplicate") == 1

    def test_a_stranger_cannot_make_labels(
        self, rules: afterword.Ruleset, registry: CollectorRegistry
    ) -> None:
        engine, metrics = afterword.Engine(rules), Metrics(rules, registry)
        for number in range(50):
            event = {"type": f"t{number}", "time": "2026-03-02T15:00:00Z", "subject": f"s{number}"}
            metrics.took([event], engine.feed(event))
        metrics.look(day(3), engine)
        types = {
            sample.labels["type"]
            for family in registry.collect()
            for sample in family.samples
            if sample.name == "afterword_events_total"
        }
        assert types == {OTHER}

    def test_several_engines_are_told_together(
        self, rules: afterword.Ruleset, registry: CollectorRegistry
    ) -> None:
        ana, ben = afterword.Engine(rules), afterword.Engine(rules)
        metrics = Metrics(rules, registry)
        native = {key: value for key, value in ENDED.items() if key != "specversion"}
        ana.feed(native)
        ben.feed({**native, "subject": "ben", "time": "2026-03-02T16:00:00+08:00"})
        metrics.look(day(2, 17), ana, ben)
        assert registry.get_sample_value("afterword_open_cases") == 2
        assert registry.get_sample_value("afterword_lag_seconds") == 7200
