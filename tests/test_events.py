"""Events from JSON: what is read, what is refused, and in which words; the order of events."""

import datetime as dt
import enum
import itertools
import json
import pickle
import re
import zoneinfo
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from afterword import Engine, EventError, event_time, resources
from afterword.events import BadEvent, Event, checked, decode, from_mapping, in_order, order_key
from afterword.strict_json import OddJSONError, load, load_objects
from killing import SMALL
from timeline import rules

TIME = "2026-03-02T15:00:00+08:00"
PERTH = dt.timezone(dt.timedelta(hours=8))
NATIVE = {
    "type": "interview.ended",
    "time": TIME,
    "id": "e1",
    "subject": "ana",
    "case": "acme",
    "source": "diary",
    "timezone": "Australia/Perth",
    "sequence": 7,
    "data": {"company": "Acme", "medium": "phone", "rounds": 2, "score": 0.5, "panel": ["Ruth", "Sam"]},
}
CLOUD = {
    "specversion": "1.0",
    "type": "interview.ended",
    "source": "/diary",
    "id": "e1",
    "time": TIME,
    "datacontenttype": "application/json",
    "subject": "ana",
    "case": "acme",
    "data": {"company": "Acme"},
}


def line(**changes: Any) -> bytes:
    """A native event as a line; a change to None removes the attribute."""
    made = {"type": "a", "time": TIME, "data": {"x": 1}} | changes
    return json.dumps({name: value for name, value in made.items() if value is not None}).encode()


def event(**changes: Any) -> Event:
    found = decode(line(**changes))
    assert isinstance(found, Event), found
    return found


def bad(text: bytes | str) -> BadEvent:
    found = decode(text)
    assert isinstance(found, BadEvent), found
    assert found.reason.endswith(".")
    return found


# --- S1: native events


def test_s1_a_native_event_has_its_attributes_and_its_data_as_they_were_written() -> None:
    found = decode(json.dumps(NATIVE))
    assert found == Event(
        type="interview.ended",
        time=dt.datetime(2026, 3, 2, 15, tzinfo=PERTH),
        id="e1",
        subject="ana",
        case="acme",
        source="diary",
        timezone="Australia/Perth",
        sequence=7,
        data={"company": "Acme", "medium": "phone", "rounds": 2, "score": 0.5, "panel": ["Ruth", "Sam"]},
    )


def test_s1_type_and_time_are_enough_and_the_subject_is_then_me() -> None:
    found = decode(f'{{"type": "a", "time": "{TIME}"}}')
    assert found == Event(type="a", time=dt.datetime(2026, 3, 2, 15, tzinfo=PERTH))
    assert isinstance(found, Event) and found.subject == "me" and found.case is None and found.data == {}


def test_s1_an_optional_attribute_that_is_null_is_one_that_is_missing() -> None:
    text = f'{{"type": "a", "time": "{TIME}", "id": null, "subject": null, "case": null, "data": null}}'
    assert decode(text) == decode(f'{{"type": "a", "time": "{TIME}"}}')


@pytest.mark.parametrize("name", ["type", "time"])
def test_s1_type_and_time_are_required(name: str) -> None:
    found = bad(line(**{name: None}))
    assert found.reason == f"The event has no `{name}`."
    assert f'add `"{name}"' in found.hint


def test_s1_an_event_made_in_python_needs_no_more_than_type_and_time() -> None:
    made = Event(type="a", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    assert (made.subject, made.data, made.id) == ("me", {}, None)
    with pytest.raises(AttributeError):
        made.type = "b"  # type: ignore[misc]


def test_s1_a_mapping_gives_the_event_that_its_json_gives() -> None:
    assert from_mapping(NATIVE) == decode(json.dumps(NATIVE))
    moment = dt.datetime(2026, 3, 2, 15, tzinfo=PERTH)
    assert from_mapping(NATIVE | {"time": moment}) == decode(json.dumps(NATIVE))


def test_s1_what_becomes_of_a_mapping_later_is_no_part_of_its_event() -> None:
    data: dict[str, Any] = {"panel": ["Ruth"]}
    found = from_mapping({"type": "a", "time": TIME, "data": data})
    data["panel"].append("Sam")
    assert isinstance(found, Event) and found.data == {"panel": ["Ruth"]}


# --- S1: times


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02T15:00:00+08:00", "2026-03-02T07:00:00"),
        ("2026-03-02T15:00:00Z", "2026-03-02T15:00:00"),
        ("2026-03-02t15:00:00z", "2026-03-02T15:00:00"),
        ("2026-03-02 15:00:00-03:30", "2026-03-02T18:30:00"),
        ("2026-03-02T15:00:00+0800", "2026-03-02T07:00:00"),
        ("2026-03-02T15:00:00-00:00", "2026-03-02T15:00:00"),
        ("2026-03-02T15:00:00.5Z", "2026-03-02T15:00:00.500000"),
        ("2026-03-02T15:00:00.123456Z", "2026-03-02T15:00:00.123456"),
        ("2026-03-02T15:00:00.123456999Z", "2026-03-02T15:00:00.123456"),
        ("2026-03-02T23:59:59.9999999Z", "2026-03-02T23:59:59.999999"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00"),
        ("0100-01-01T00:00:00Z", "0100-01-01T00:00:00"),
        ("9800-12-31T23:59:59Z", "9800-12-31T23:59:59"),
    ],
)
def test_s1_a_time_is_rfc_3339_and_keeps_microseconds_without_rounding(text: str, utc: str) -> None:
    expected = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert event(time=text).time == expected
    assert event(time=text, data={"note": "at 9:00.5"}).time == expected


@pytest.mark.parametrize(
    ("text", "reason", "mend"),
    [
        ("2026-02-30T10:00:00Z", "There is no day `2026-02-30`.", "month and the day"),
        ("2026-03-02T24:00:00Z", "There is no time of day `24:00:00`.", "00 to 23"),
        ("2026-03-02T12:00:60Z", "There is no such time", "second 60"),
        (
            "2026-03-02T10:00:00",
            "does not say how far from UTC",
            "add the offset: `2026-03-02T10:00:00+08:00`",
        ),
        ("2026-03-02T10:00:00+08", "an offset that is none", "`+08:00`"),
        ("2026-03-02T10:00:00+99:00", "an offset that is none", "`+08:00`"),
        ("2026-03-02T10:00:00+08:60", "an offset that is none", "`+08:00`"),
        ("2026-03-02T10:00Z", "has no seconds", "`09:00:00`"),
        ("2026-03-02", "a date without a time of day", "`2026-03-02T09:00:00+08:00`"),
        ("yesterday", "`yesterday` is not a time.", "`2026-03-02T15:00:00+08:00`"),
        ("0099-12-31T00:00:00Z", "out of range", "100 to 9800"),
        ("9801-01-01T00:00:00Z", "out of range", "100 to 9800"),
        ("9999-12-31T23:59:59-23:59", "out of range", "100 to 9800"),
        ("２０２６-03-02T10:00:00Z", "is not a time", "`2026-03-02T15:00:00+08:00`"),
    ],
)
def test_p3_a_wrong_time_is_told_with_the_way_to_mend_it(text: str, reason: str, mend: str) -> None:
    found = bad(line(time=text))
    assert reason in found.reason
    assert mend in found.hint


def test_p3_a_time_in_seconds_is_pointed_to_a_mapping() -> None:
    found = bad(line(time=1772438400))
    assert found.reason == "`time` must be text; this is a number."
    assert "mapping" in found.hint


def test_p3_a_datetime_without_an_offset_is_refused() -> None:
    found = from_mapping({"type": "a", "time": dt.datetime(2026, 3, 2)})
    assert isinstance(found, BadEvent) and "tzinfo" in found.hint


# --- S1: CloudEvents


def test_s1_a_cloudevent_is_accepted_as_it_is() -> None:
    assert decode(json.dumps(CLOUD)) == Event(
        type="interview.ended",
        time=dt.datetime(2026, 3, 2, 15, tzinfo=PERTH),
        id="e1",
        subject="ana",
        case="acme",
        source="/diary",
        data={"company": "Acme"},
    )


def test_s1_a_batch_of_cloudevents_is_a_list_of_events_and_a_bad_one_spoils_no_other() -> None:
    batch = [CLOUD, CLOUD | {"time": "never"}, CLOUD | {"id": "e2"}]
    found = decode(json.dumps(batch))
    assert isinstance(found, list)
    first, second, third = found
    assert isinstance(first, Event) and first.id == "e1"
    assert isinstance(second, BadEvent) and json.loads(second.raw) == batch[1]
    assert isinstance(third, Event) and third.id == "e2"
    assert decode("[]") == []


def test_p3_a_list_that_holds_nothing_like_an_event_is_one_bad_event() -> None:
    found = decode("[1, 2]")
    assert isinstance(found, BadEvent) and found.reason == "An event is a JSON object; this is a list."
    assert decode("[]") == []


def test_s1_the_extensions_of_a_cloudevent_that_mean_something_are_read() -> None:
    found = decode(json.dumps(CLOUD | {"timezone": "Australia/Perth", "sequence": "12"}))
    assert isinstance(found, Event)
    assert (found.timezone, found.sequence, found.ignored) == ("Australia/Perth", 12, ())


def test_p2_a_sequence_of_a_cloudevent_that_is_no_integer_is_named_as_ignored() -> None:
    found = decode(json.dumps(CLOUD | {"sequence": "A7", "traceparent": "x"}))
    assert isinstance(found, Event)
    assert (found.sequence, found.ignored) == (None, ("sequence", "traceparent"))


def test_p2_attributes_without_a_meaning_are_named_in_the_event() -> None:
    found = decode(json.dumps(CLOUD | {"traceparent": "00-1", "dataschema": "x", "csae": "acme"}))
    assert isinstance(found, Event) and found.ignored == ("csae", "traceparent")
    assert event(purpose="thank_you").ignored == ("purpose",)
    assert event(ignored=["x"]).ignored == ("ignored",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"specversion": "0.3"}, "CloudEvents `0.3` cannot be read."),
        ({"data_base64": "AAAA", "data": None}, "The CloudEvent carries binary data (`data_base64`)."),
        ({"data": "<xml/>"}, "`data` must be a JSON object; this is text."),
        ({"data": [1]}, "`data` must be a JSON object; this is a list."),
        ({"time": None}, "The event has no `time`."),
    ],
)
def test_p3_a_cloudevent_that_cannot_be_used_says_why(changes: dict[str, Any], reason: str) -> None:
    made = {name: value for name, value in (CLOUD | changes).items() if value is not None}
    assert bad(json.dumps(made)).reason == reason


# --- P2, P3: attributes


@pytest.mark.parametrize(
    ("changes", "reason", "mend"),
    [
        ({"type": ""}, "`type` is empty.", "what happened"),
        ({"type": 3}, "`type` must be text; this is a number.", '"type": "3"'),
        ({"id": 17}, "`id` must be text; this is a number.", '`"id": "17"`'),
        ({"id": 1.5}, "`id` must be text; this is a number.", "quotes"),
        ({"id": True}, "`id` must be text; this is true or false.", "quotes"),
        ({"case": ""}, "`case` is empty.", "leave it out"),
        ({"subject": ["ana"]}, "`subject` must be text; this is a list.", "quotes"),
        ({"source": {}}, "`source` must be text; this is an object.", "quotes"),
        ({"sequence": "7"}, "`sequence` must be a whole number; this is text.", "leave it out"),
        ({"sequence": True}, "`sequence` must be a whole number; this is true or false.", ""),
        ({"sequence": 1.5}, "`sequence` must be a whole number; this is a number.", ""),
        ({"timezone": "Perth"}, "There is no time zone `Perth`.", "`Australia/Perth`"),
        ({"data": [1]}, "`data` must be a JSON object; this is a list.", '`"data": {…}`'),
        ({"data": "x"}, "`data` must be a JSON object; this is text.", ""),
    ],
)
def test_p3_a_wrong_attribute_is_told_and_never_made_to_fit(
    changes: dict[str, Any], reason: str, mend: str
) -> None:
    found = bad(line(**changes))
    assert found.reason == reason
    assert mend in found.hint


# --- P2, P3: lines that are no JSON, or a kind of JSON that loses something


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The line is empty."),
        ("  \r\n", "The line is empty."),
        ('{"type": "a", "ti', "The line ends in the middle of an event."),
        ('{"type": "a", ', "The line ends in the middle of an event."),
        ('{"type": "a"} x', "Something follows the event at character 15."),
        ('{"type": "a"}{"type": "b"}', "Something follows the event at character 14."),
        ("type,time", "The line is not a JSON object."),
        ("{'type': 'a'}", "A name in double quotes was expected at character 2."),
        ('{"type": "a",}', "A name in double quotes was expected at character 14."),
        ('{"type": tru}', "The line is not JSON at character 10."),
        ("3", "An event is a JSON object; this is a number."),
        ('"a"', "An event is a JSON object; this is text."),
        (b"\xff\xfe{\x00}\x00", "This is not text; it looks like a binary file or UTF-16."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This is not text; it looks like a binary file or UTF-16."),
        (b'{"type": "caf\xe9"}', "Byte 14 of the line is not UTF-8 text."),
        ('{"type": "\\ud800"}', "A text holds half of a character (a lone surrogate)."),
        ('{"type": "\ud800"}', "Byte 11 of the line is not UTF-8 text."),
        ('{"type": NaN}', "`NaN` is not a JSON value."),
        ('{"x": -Infinity}', "`-Infinity` is not a JSON value."),
        ('{"type": "a", "type": "b"}', "The key `type` stands twice in one object."),
        ('{"data": {"x": [{"y": 1, "y": 1}]}}', "The key `y` stands twice in one object."),
        ("[" * 70 + "]" * 70, "It nests deeper than 64 levels."),
        ("[" * 100_000 + "]" * 100_000, "It nests deeper than 64 levels."),
        ('{"x": 9223372036854775808}', "The number `9223372036854775808` is too large."),
        ('{"x": -9223372036854775809}', "The number `-9223372036854775809` is too large."),
        ('{"x": 1e999}', "The number `1e999` is too large."),
    ],
)
def test_p3_a_line_that_cannot_be_read_says_why(text: bytes | str, reason: str) -> None:
    assert bad(text).reason == reason


def test_p3_a_number_that_is_too_large_is_not_sent_where_no_text_may_stand() -> None:
    found = bad('{"type": "x", "time": "2026-03-02T15:00:00Z", "sequence": 99999999999999999999}')
    assert found.hint.startswith("write one below 2^63")


def test_p3_a_number_of_a_million_digits_is_told_in_a_short_sentence() -> None:
    found = bad('{"x": ' + "9" * 1_000_000 + "}")
    assert len(found.reason) < 100


def test_p3_a_byte_order_mark_does_no_harm() -> None:
    assert decode(b"\xef\xbb\xbf" + line()) == decode(line())


@pytest.mark.parametrize(
    "value",
    ["a:b", "a\\b", "é", "😀", "\u003a", '"', "tab\there", "http://x.example:80/?a=Z", "", "3 p.m."],
)
def test_s1_any_text_comes_through_as_it_is(value: str) -> None:
    assert event(data={"text": value}).data == {"text": value}
    assert event(data={"text": value, "more": {value: [value]}}).data == {
        "text": value,
        "more": {value: [value]},
    }


@pytest.mark.parametrize(
    "value", [2**63 - 1, -(2**63), 0, 1.0, 1e300, 0.1, True, None, [], {}, [[1], {"a": 2}]]
)
def test_s1_any_value_comes_through_as_it_is(value: object) -> None:
    found = event(data={"x": value}).data["x"]
    assert found == value and type(found) is type(value)


class Dressed(str):
    """A text of somebody's own class, as mail clients and web frameworks hand them out."""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"x": float("nan")}, "`nan` is not a JSON value: `data.x`."),
        ({"x": 2**63}, "The number `0x8000000000000000` is too large: `data.x`."),
        ({"x": "\ud800"}, "A text holds half of a character (a lone surrogate): `data.x`."),
        ({"x": b"y"}, "A value of the type `bytes` is not JSON: `data.x`."),
        ({"w": 1, "x": {"y": dt.date(2026, 3, 2)}}, "A value of the type `date` is not JSON: `data.x.y`."),
        ({"x": {1: 2}}, "The key `1` is not text: `data.x`."),
        ({"\ud800": 2}, "A text holds half of a character (a lone surrogate): `data`."),
        ({"x": ["w", Dressed("y")]}, "A value of the type `Dressed` is not JSON: `data.x.1`."),
    ],
)
def test_p3_a_mapping_is_held_to_what_json_can_say(data: dict[str, object], reason: str) -> None:
    found = from_mapping({"type": "a", "time": TIME, "data": data})
    assert isinstance(found, BadEvent) and found.reason == reason
    made = Event(type="a", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), data=data)
    assert checked(made) == found


def test_p3_a_date_in_a_mapping_is_to_be_written_as_text() -> None:
    found = from_mapping({"type": "a", "time": TIME, "data": {"day": dt.date(2026, 3, 2)}})
    assert isinstance(found, BadEvent) and found.hint == "use text, with `.isoformat()`"


def test_p3_an_attribute_of_a_class_of_its_own_is_refused_and_an_enumeration_is_its_value() -> None:
    found = from_mapping({"type": "a", "time": TIME, "id": Dressed("e1")})
    assert isinstance(found, BadEvent)
    assert found.hint == "make it plain: write `str(…)` around it"

    class Purpose(enum.StrEnum):
        THANKS = "thank_you"

    event = from_mapping({"type": "a", "time": TIME, "data": {"purpose": Purpose.THANKS}})
    assert isinstance(event, Event)
    assert type(event.data["purpose"]) is str


class Word(str, enum.Enum):  # noqa: UP042 - whose members are formatted as `Word.ID`
    TYPE = "interview.ended"
    ID = "e1"
    SUBJECT = "ana"
    CASE = "acme"
    SOURCE = "diary"
    TIMEZONE = "Australia/Perth"
    TIME = TIME
    SPECVERSION = "1.0"
    DATASCHEMA = "urn:a"
    NOTE = "a note"


class Count(enum.IntEnum):
    SEQUENCE = 7


def test_s1_a_member_of_an_enumeration_is_the_text_or_the_number_that_it_is() -> None:
    members = {member.name.lower(): member for member in (*Word, *Count)}
    plain = {name: member.value for name, member in members.items()}
    found = from_mapping({**members, "data": {}})
    assert isinstance(found, Event) and found == from_mapping({**plain, "data": {}})
    made = msgspec.structs.replace(found, **{name: members[name] for name in ("type", "id", "sequence")})
    for each in (found, checked(made)):
        values = msgspec.structs.asdict(each)
        assert {type(value) for value in values.values()} == {str, int, dict, dt.datetime, tuple}
        assert each == found and f"{each.id}" == "e1"  # type: ignore[union-attr]


def test_p2_the_name_of_an_unknown_attribute_is_plain_text() -> None:
    found = from_mapping({Word.TYPE.name.lower(): "a", "time": TIME, Word.NOTE: 1})
    assert isinstance(found, Event)
    assert [(name, type(name)) for name in found.ignored] == [("a note", str)]


@pytest.mark.parametrize("ignored", [(1, 2), "abc", ("\ud800",), None, {"a": 1}, (Dressed("a"),)])
def test_p3_the_ignored_names_of_an_event_made_in_python_are_texts(ignored: Any) -> None:
    made = Event(type="a", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), ignored=ignored)
    assert isinstance(checked(made), BadEvent)


def test_p3_the_ignored_names_of_an_event_made_in_python_are_kept() -> None:
    given: Any = ["b", Word.NOTE]
    found = checked(Event(type="a", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), ignored=given))
    assert isinstance(found, Event)
    assert [(name, type(name)) for name in found.ignored] == [("b", str), ("a note", str)]


class Moment(dt.datetime):
    """A time of somebody's own class, as pendulum and freezegun hand them out."""


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (Moment(2026, 3, 2, 15, tzinfo=PERTH), "2026-03-02T15:00:00+08:00"),
        (Moment(2026, 3, 2, 15, 0, 0, 7, tzinfo=BERLIN), "2026-03-02T15:00:00.000007+01:00"),
        (dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), "2026-10-25T02:30:00+02:00"),
        (dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), "2026-10-25T02:30:00+01:00"),
        (dt.datetime(1880, 1, 1, tzinfo=BERLIN), "1879-12-31T23:06:32+00:00"),
        (
            dt.datetime(2026, 3, 2, tzinfo=dt.timezone(dt.timedelta(microseconds=5))),
            "2026-03-01T23:59:59.999995+00:00",
        ),
    ],
)
def test_s1_a_time_of_any_class_and_zone_is_made_a_plain_one_with_an_offset(
    time: dt.datetime, text: str
) -> None:
    for found in (from_mapping({"type": "a", "time": time}), checked(Event(type="a", time=time))):
        assert isinstance(found, Event)
        assert type(found.time) is dt.datetime and type(found.time.tzinfo) is dt.timezone
        assert found.time.isoformat() == text


@pytest.mark.parametrize("time", [TIME, dt.datetime(2026, 3, 2, 15, tzinfo=PERTH)])
def test_s1_a_test_that_replaces_datetime_does_not_change_what_events_hold(
    monkeypatch: pytest.MonkeyPatch, time: str | dt.datetime
) -> None:
    monkeypatch.setattr(event_time, "datetime", Moment)
    found = from_mapping({"type": "a", "time": time})
    assert isinstance(found, Event) and type(found.time) is dt.datetime


def test_s12_times_of_the_hour_that_comes_twice_are_ordered_by_when_they_are() -> None:
    """Python compares two times of one zone by what its clocks show."""
    later = Event(type="b", time=dt.datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN, fold=1))
    earlier = Event(type="a", time=dt.datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN))
    events = [checked(each) for each in (later, earlier)]
    assert [each.type for each in in_order(events)] == ["a", "b"]  # type: ignore[arg-type]


def test_p3_a_mapping_that_holds_itself_is_refused() -> None:
    data: dict[str, object] = {}
    data["data"] = data
    found = from_mapping({"type": "a", "time": TIME, "data": data})
    assert isinstance(found, BadEvent) and "nests deeper" in found.reason


@pytest.mark.parametrize("value", [None, 3, "a", [NATIVE], ("a",)])
def test_p3_what_is_no_mapping_is_refused(value: object) -> None:
    assert isinstance(from_mapping(value), BadEvent)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ([NATIVE], "take its items one by one; a store's `feed_all` takes all at once"),
        (line(), "read it with `decode`"),
        (line().decode(), "read it with `decode`"),
        (None, 'write `{"type": …, "time": …}`'),
    ],
)
def test_p3_what_is_nearly_an_event_is_told_the_way_in(value: object, hint: str) -> None:
    with pytest.raises(EventError) as caught:
        Engine(rules(SMALL), network="plain").feed(value)  # type: ignore[arg-type]
    assert caught.value.problem.hint == hint


def test_p3_feeding_what_decode_could_not_read_tells_why_it_could_not() -> None:
    unread: Any = decode('{"type": "a", "time": "soon"}')
    with pytest.raises(EventError) as caught:
        Engine(rules(SMALL), network="plain").feed(unread)
    assert caught.value.problem is unread


def test_p3_an_event_made_in_python_can_be_held_to_the_same() -> None:
    good = decode(json.dumps(NATIVE | {"extra": 1}))
    assert isinstance(good, Event) and checked(good) == good
    naive = Event(type="a", time=dt.datetime(2026, 3, 2))
    assert isinstance(checked(naive), BadEvent)
    assert isinstance(checked(Event(type="", time=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))), BadEvent)


def test_p3_a_bad_event_prints_as_a_sentence_with_its_place() -> None:
    assert str(BadEvent("It is empty.", "fill it", "a.jsonl", 3, b"x")) == "a.jsonl:3: It is empty. (fill it)"
    assert str(BadEvent("It is empty.")) == "It is empty."


# --- P2: the fast way accepts what the close look accepts, and gives the same

SPACE = st.sampled_from(["", "", "", " ", "\t", "  "])
TEXTS = st.sampled_from(["a", "b", "time", "x:y", "Zed", "zoo", "é", "😀", 'q"', "back\\slash", "1.5", ":"])
NUMBERS = st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "1.5",
        "1e3",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999",
        "1e30",
    ]
)


@st.composite
def written_text(draw: st.DrawFn, value: str | None = None) -> str:
    text = json.dumps(draw(TEXTS) if value is None else value, ensure_ascii=draw(st.booleans()))
    return text.replace(":", "\\u003a") if draw(st.integers(0, 9)) == 0 else text


@st.composite
def written_object(draw: st.DrawFn, depth: int = 2) -> str:
    def value() -> str:
        kind = draw(st.integers(0, 6 if depth else 3))
        if kind == 4:
            return "[" + ",".join(value() for _ in range(draw(st.integers(0, 2)))) + "]"
        if kind > 4:
            return draw(written_object(depth - 1))
        return draw(st.one_of(written_text(), NUMBERS, st.sampled_from(["true", "null"])))

    pairs = [
        f"{draw(SPACE)}{draw(written_text())}{draw(SPACE)}:{draw(SPACE)}{value()}"
        for _ in range(draw(st.integers(0, 3)))
    ]
    return "{" + ",".join(pairs) + draw(SPACE) + "}"


@st.composite
def written_event(draw: st.DrawFn) -> str:
    time = draw(
        st.sampled_from([TIME, "2026-03-02T15:00:00Z", "2026-03-02t15:00:00z", "2026-03-02T15:00:00.5+08:00"])
    )
    attributes = [
        ("type", draw(written_text())),
        ("time", draw(written_text(time))),
        *draw(
            st.lists(
                st.one_of(
                    st.tuples(st.sampled_from(["id", "case", "subject", "source", "type"]), written_text()),
                    st.tuples(st.just("sequence"), NUMBERS),
                    st.tuples(
                        st.just("timezone"), st.sampled_from(['"UTC"', '"Australia/Perth"', '"Nowhere"'])
                    ),
                    st.tuples(st.just("data"), written_object()),
                    st.tuples(st.sampled_from(["other", "ignored"]), written_text()),
                ),
                max_size=4,
            )
        ),
    ]
    pairs = [
        f'{draw(SPACE)}"{name}"{draw(SPACE)}:{draw(SPACE)}{value}'
        for name, value in draw(st.permutations(attributes))
    ]
    return "{" + ",".join(pairs) + "}"


class TwiceError(Exception):
    pass


def plainly(text: str) -> Event | None:
    """The definition of the truth: the standard library's JSON, no key twice, no number too large."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise TwiceError
        return dict(pairs)

    def whole(digits: str) -> int:
        if not -(2**63) <= int(digits) < 2**63:
            raise TwiceError
        return int(digits)

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_int=whole)
    except TwiceError:
        return None
    if value.get("timezone") == "Nowhere" or not isinstance(value.get("sequence", 0), int):
        return None
    names = {field for field in Event.__struct_fields__ if field != "ignored"}
    known = {name: item for name, item in value.items() if name in names}
    known["time"] = dt.datetime.fromisoformat(known["time"].upper())
    return Event(**known, ignored=tuple(sorted(value.keys() - names)))


@settings(max_examples=400, deadline=None)
@given(written_event())
@example('{"type":"a","type":"b","time":"2026-03-02T15:00:00Z","data":{"x":"y"}}')
@example('{"type":"a","time":"2026-03-02T15\\u003a00\\u003a00Z","data":{"x":"y","x":"z"}}')
@example('{"type":"a","time":"2026-03-02T15:00:00z","id":"a","id":"b","data":{"x":"y"}}')
def test_p2_a_line_is_read_fast_or_closely_with_the_same_result(text: str) -> None:
    found, expected = decode(text), plainly(text)
    if expected is None:
        assert isinstance(found, BadEvent)
    else:
        assert isinstance(found, Event), found
        assert found == expected
        assert msgspec.json.encode(found.data) == msgspec.json.encode(expected.data)  # 1 is not 1.0


def load_singly(block: bytes) -> list[object] | None:
    """The definition: each line by itself; None when one of them is no object that `load` takes."""
    try:
        values = [load(line) for line in block.removesuffix(b"\n").split(b"\n")] if block else []
    except OddJSONError:
        return None
    return values if all(isinstance(value, dict) for value in values) else None


@settings(max_examples=400, deadline=None)
@given(
    st.lists(written_event() | st.sampled_from(["", "{", "[]", "{}{}", "{} {}", '{"a":', "1}", "1"])),
    st.data(),
)
def test_p2_a_block_of_lines_is_read_as_each_line_of_it(lines: list[str], data: st.DataObject) -> None:
    ends = [data.draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n"])) for _ in lines]
    block = "".join(map("".join, zip(lines, ends, strict=True))).encode()
    values = load_objects(block)
    if values is not None:
        assert repr(values) == repr(load_singly(block))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_p2_plain_lines_are_read_many_at_a_time(end: bytes) -> None:
    block = b"\n".join([line(), line(data={"x": 'say "no"'}), line(data={"n": [2**59, 1.5, {}]})]) + end
    values = load_objects(block)
    assert values is not None
    assert values == load_singly(block)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[{}]",
        "1",
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"a":{"b":[{"c":1,"c":1}]}}',
        '{"a":9223372036854775808}',
        '{"a":123456789012345678901234567890}',
        '{"a":"\\ud83d"}',
        '{"a":1}{"b":2}',
        '{"a":1} {"b":2}\n',
        '{"a":\n1}{"b":2}',
        "{" + '"a":{' * 64 + "}" * 65,
        '{"a":' + "[" * 64 + "]" * 64 + "}",
        '{"a":NaN}',
        '{"a":1e999}',
        "\ufeff{}",
        # the second key is hidden by the quotes of a text that is shorter when it is written again
        '{"a":1,"a":2,"b":"\\u0022\\u0022"}',
    ],
)
def test_p2_a_block_with_an_odd_line_is_left_to_the_close_look(text: str) -> None:
    for block in (f"{text}\n", f"{text}\n{{}}\n", f"{{}}\n{text}\n", f"{{}}\n{text}"):
        if block != "{}\n":
            assert load_objects(block.encode()) is None


@st.composite
def nearly_times(draw: st.DrawFn) -> str:
    letters = list(draw(st.sampled_from([TIME, "2026-03-02T15:00:00Z", "2024-02-29 23:59:59.999-0330"])))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(letters) - 1))
        letters[place : place + draw(st.integers(0, 1))] = draw(st.text("0123456789:-+TtZz ._W", max_size=1))
    return "".join(letters) or "-"


@settings(max_examples=500, deadline=None)
@given(nearly_times())
@example("2026-03-02T15:00:00+0800")
@example("2026-03-02T15:00:00+08:60")
@example("2026-03-02T23:59:60Z")
@example("2026-06-30T15:59:60-0800")
def test_p2_a_time_is_read_fast_or_closely_with_the_same_result(text: str) -> None:
    plain, odd = decode(line(time=text)), decode(line(time=text, other=1))
    assert isinstance(plain, Event) == isinstance(odd, Event)
    if isinstance(plain, Event) and isinstance(odd, Event):
        assert plain.time == odd.time


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_p3_any_bytes_and_any_text_are_answered(text: bytes | str) -> None:
    found = decode(text)
    assert isinstance(found, BadEvent | list)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_p3_a_damaged_line_is_answered(at: int, damage: bytes) -> None:
    whole = json.dumps(NATIVE).encode()
    at %= len(whole)
    found = decode(whole[:at] + damage + whole[at + len(damage) :])
    assert isinstance(found, Event | BadEvent | list)
    assert not isinstance(decode(whole[:at]), Event)


# --- S12, P1: the order


def at(second: int, **attributes: Any) -> Event:
    return Event(type="a", time=dt.datetime(2026, 3, 2, 15, 0, second, tzinfo=dt.UTC), **attributes)


def test_s12_events_are_ordered_by_time_then_sequence_then_id_as_people_count() -> None:
    expected = [
        at(0, id="z"),
        at(1, id="z", sequence=-1),
        at(1, id="7-9"),
        at(1, id="7-10"),
        at(1, id="8-1"),
        at(1, id="a2"),
        at(1, id="a10"),
        at(1),
        at(1, id="a", sequence=1),
        at(2),
    ]
    arrived = [*expected[5:], *expected[:5]]
    assert sorted(arrived, key=order_key) == expected


def test_s12_the_order_is_that_of_instants_and_not_of_clocks() -> None:
    perth = Event(type="a", time=dt.datetime(2026, 3, 2, 15, tzinfo=PERTH))
    utc = Event(type="a", time=dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC))
    assert order_key(perth) < order_key(utc)


def test_p1_the_order_does_not_depend_on_arrival() -> None:
    same = [
        at(1, id="1"),
        at(1, id="01"),
        at(1, id="1", source="a"),
        at(1, id="1", data={"x": 1}),
        at(1, id="1", data={"x": 1, "a": 0}),
        at(1, id="1", data={"a": 0, "x": 1, "b": []}),
        at(1, data={"x": "é"}),
    ]
    orders = {tuple(map(repr, sorted(arrived, key=order_key))) for arrived in itertools.permutations(same)}
    assert len(orders) == 1


def test_p1_equal_events_have_equal_keys_whatever_the_order_of_their_fields() -> None:
    left, right = at(1, data={"a": 1, "b": {"c": 2, "d": 3}}), at(1, data={"b": {"d": 3, "c": 2}, "a": 1})
    assert order_key(left) == order_key(right)
    assert not order_key(left) < order_key(right)
    assert len({order_key(left), order_key(right)}) == 1


KEYED = [
    at(second, id=id, sequence=sequence, data={"x": x})
    for second, id, sequence, x in itertools.product(
        (0, 1), (None, "", "7-9", "7-10", "07-9", "7-9a", "7", "a", "10", "0", "-"), (None, 0, 1), (1, 2)
    )
]


def plain_key(event: Event) -> tuple[object, ...]:
    """The definition: what is looked at one after the other, all of it written out."""
    pieces = re.split("([0-9]+)", event.id or "")
    natural = [(len(each.lstrip("0")), each.lstrip("0")) if each[:1].isdigit() else each for each in pieces]
    whole = msgspec.json.encode(event, order="sorted")
    return (event.time, event.sequence or 0, event.id is None, natural, whole)


@given(st.lists(st.sampled_from(KEYED)))
def test_s12_events_are_put_in_order_as_their_keys_say(events: list[Event]) -> None:
    expected = sorted(events, key=plain_key)
    assert sorted(events, key=order_key) == expected
    assert list(in_order(iter(events))) == expected


def test_s12_an_id_of_many_digits_is_ordered_too() -> None:
    long, longer = at(1, id="9" * 10_000), at(1, id="1" + "0" * 10_000)
    assert order_key(long) < order_key(longer)


# --- the schema of an event


def test_p3_the_schema_of_events_accepts_what_is_read() -> None:
    schema = Draft202012Validator(resources.schema("event"))
    Draft202012Validator.check_schema(resources.schema("event"))
    for good in (NATIVE, CLOUD, CLOUD | {"sequence": "1", "traceparent": "x"}, {"type": "a", "time": TIME}):
        assert schema.is_valid(good), good
    for wrong in (
        {"type": "a"},
        NATIVE | {"time": "2026-03-02T15:00:00"},
        NATIVE | {"id": 1},
        NATIVE | {"sequence": "1"},
        CLOUD | {"data_base64": "x"},
        CLOUD | {"specversion": "0.3"},
        NATIVE | {"data": [1]},
    ):
        assert not schema.is_valid(wrong), wrong


def test_s1_events_can_be_pickled_for_other_processes() -> None:
    found = decode(json.dumps(NATIVE))
    assert pickle.loads(pickle.dumps(found)) == found
