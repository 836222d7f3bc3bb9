"""Event logs: every make of file, every kind of damage, one line at a time."""

import csv
import gzip
import io
import json
import os
import random
import re
import stat
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afterword.events import BadEvent, Event
from afterword.rim import json_values, lines, logs
from afterword.rim.json_values import EndlessError, values
from afterword.rim.logs import Log, LogError
from afterword.rim.mapping import LogMapping
from afterword.rim.mapping_files import read_mapping

TIME = "2026-03-02T15:00:00+08:00"


def one(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "a",
        "time": f"2026-03-02T15:00:{number % 60:02}+08:00",
        "id": f"e{number}",
        "data": {"n": number},
    } | more


def json_lines(*numbers: int) -> bytes:
    return b"".join(json.dumps(one(number)).encode() + b"\n" for number in numbers)


def mapping(text: str) -> LogMapping:
    found, problems = read_mapping("mapping: afterword/1\n" + text, "m.yaml")
    assert found is not None, problems
    return found


SHEET = mapping("type: What\ntime: When\nid: 'No'\ntimezone: UTC\nfields: {note: Note}\nignore: [Lunch]")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Any]:
    """Makes a log of these bytes."""

    def make(content: bytes, name: str = "x.jsonl", mapped: LogMapping | None = None) -> Log:
        path = tmp_path / name
        path.write_bytes(content)
        return Log(str(path), mapped)

    return make


def seen(source: Log) -> list[tuple[int, str | None]]:
    """Line and id of each event, line and reason of each bad one."""
    return [(number, found.id if isinstance(found, Event) else found.reason) for number, found in source]


def ids(source: Log) -> list[str | None]:
    return [found.id for _, found in source if isinstance(found, Event)]


def bad(source: Log) -> list[BadEvent]:
    return [found for _, found in source if isinstance(found, BadEvent)]


# --- S1, S2: every make of log


def test_s1_json_lines_are_events_with_their_line_numbers(log: Any) -> None:
    assert seen(log(json_lines(1, 2))) == [(1, "e1"), (2, "e2")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\n  \n", b""])
def test_s1_line_ends_blank_lines_and_a_byte_order_mark_do_no_harm(log: Any, end: bytes) -> None:
    content = b"\xef\xbb\xbf" + json_lines(1).strip() + (end or b"\n") + json_lines(2).strip() + end
    source = log(content)
    assert ids(source) == ["e1", "e2"]
    assert source.tally.bad == 0


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_s1_a_json_array_is_read_item_by_item(log: Any, indent: int | None, mark: bytes) -> None:
    source = log(mark + json.dumps([one(1), one(2), one(3)], indent=indent).encode(), "x.json")
    assert ids(source) == ["e1", "e2", "e3"]
    assert [number for number, _ in source] == ([1, 1, 1] if indent is None else [2, 10, 18])


def test_s1_json_objects_that_are_spread_over_lines_are_read_one_after_another(log: Any) -> None:
    content = "\n".join(json.dumps(one(number), indent=1) for number in (1, 2))
    assert seen(log(content.encode())) == [(1, "e1"), (9, "e2")]


def test_s1_a_batch_of_cloudevents_on_a_line_gives_several_events_of_that_line(log: Any) -> None:
    batch = [one(number, specversion="1.0", source="x") for number in (1, 2)]
    content = json.dumps(batch).encode() + b"\n" + json.dumps([]).encode() + b"\n" + json_lines(3)
    assert seen(log(content)) == [(1, "e1"), (1, "e2"), (3, "e3")]


@pytest.mark.parametrize("mapped", [None, SHEET])
def test_p3_a_line_that_lists_no_events_is_one_bad_line(log: Any, mapped: LogMapping | None) -> None:
    odd = b'{"type": "x"}\n[1, 2]\n[1, {}, 2]\n'
    found = [each for _, each in log(odd, mapped=mapped) if isinstance(each, BadEvent)]
    assert [(each.line, each.raw) for each in found[1:]] == [(2, b"[1, 2]"), (3, b"1"), (3, b"{}"), (3, b"2")]
    assert len({str(each) for each in found}) == len(found)
    assert [each.reason.partition(":")[0] for each in found[2:]] == [
        f"Item {n} of the list" for n in (1, 2, 3)
    ]


def test_s1_a_compressed_log_is_read_as_it_is_whatever_its_name(log: Any) -> None:
    for name in ("x.jsonl.gz", "x.jsonl"):
        source = log(gzip.compress(json_lines(1)) + gzip.compress(json_lines(2)), name)
        assert ids(source) == ["e1", "e2"]


def test_s1_standard_input_and_pipes_can_be_read_more_than_once(tmp_path: Path) -> None:
    with Log("-", stdin=io.BytesIO(gzip.compress(json_lines(1, 2)))) as source:
        assert source.name == "standard input"
        assert source.is_sorted()
        assert ids(source) == ids(source) == ["e1", "e2"]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(json_lines(1, 2),))
    writer.start()
    with Log(str(pipe)) as source:
        assert source.is_sorted()
        assert ids(source) == ["e1", "e2"]
    writer.join()


@pytest.mark.parametrize("content", [b"", b"\n", b"  \r\n\n"])
@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv"])
def test_p3_an_empty_log_has_no_events(log: Any, content: bytes, name: str) -> None:
    source = log(content, name, SHEET if name == "x.csv" else None)
    assert seen(source) == []
    assert source.is_sorted()


def test_s2_a_table_is_read_through_a_mapping(log: Any) -> None:
    rows = [
        b"No,What,When,Note",
        b'1,a,2026-03-02 15:00,"two',
        b'lines, one cell"',
        b",,,",
        b"2,Lunch,,",
        b"3, b ,2026-03-02 16:00,",
    ]
    content = b"\r\n".join(rows)
    source = log(content, "x.csv", SHEET)
    found = list(source)
    assert [(number, event.id, event.type, event.data) for number, event in found] == [
        (2, "1", "a", {"note": "two\r\nlines, one cell"}),
        (6, "3", "b", {}),
    ]
    assert (source.tally.events, source.tally.blank, source.tally.ignored) == (2, 1, {"Lunch": 1})


@pytest.mark.parametrize(
    ("options", "delimiter", "encoding", "name"),
    [
        ("", ",", "utf-8-sig", "x.csv"),
        ("", "\t", "utf-8", "x.tsv"),
        ("", "\t", "utf-8", "X.TSV"),
        ("", "\t", "utf-8", "X.TAB.gz"),
        ("csv: {delimiter: semicolon}", ";", "utf-8", "x.csv"),
        ("csv: {delimiter: pipe, encoding: windows-1252}", "|", "windows-1252", "x.csv"),
        ("csv: {encoding: utf-16}", ",", "utf-16", "x.csv"),
        ("format: csv", ",", "utf-8", "x.txt.gz"),
    ],
)
def test_s2_a_table_may_be_written_in_many_ways(
    log: Any, options: str, delimiter: str, encoding: str, name: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["No", "What", "When"], ["1", "Gespräch", TIME]])
    content = text.getvalue().encode(encoding)
    mapped = mapping(f"type: What\ntime: When\nid: 'No'\n{options}")
    source = log(gzip.compress(content) if name.endswith(".gz") else content, name, mapped)
    assert [(event.id, event.type) for _, event in source] == [("1", "Gespräch")]


def test_s2_a_table_without_names_is_read_with_those_of_the_mapping(log: Any) -> None:
    mapped = mapping("type: What\ntime: When\ncsv: {columns: [When, What]}")
    assert [event.type for _, event in log(f"{TIME},a\n{TIME},b\n".encode(), "x.csv", mapped)] == ["a", "b"]


def test_s2_a_foreign_json_log_is_read_through_a_mapping(log: Any) -> None:
    mapped = mapping("type: k\ntime: t\nid: i\nignore: [Lunch]\ncase: no.such")
    entries: list[Any] = [{"k": "a", "t": TIME, "i": 1}, {"k": "Lunch"}, 5, {"k": "b", "t": TIME, "i": 2}]
    for content in (
        b"\n".join(json.dumps(entry).encode() for entry in entries),
        json.dumps(entries).encode(),
        json.dumps(entries, indent=1).encode(),
        json.dumps(entries).encode() + b"\n[]\n",
    ):
        source = log(content, "x.json", mapped)
        assert ids(source) == ["1", "2"]
        (wrong,) = bad(source)
        assert wrong.reason.endswith("An entry is a JSON object; this is a number.") and wrong.raw == b"5"
        assert (source.tally.ignored, source.tally.never_seen) == ({"Lunch": 1}, ["case"])


def test_p2_columns_that_the_mapping_does_not_read_are_told(log: Any) -> None:
    source = log(f"No,What,When,Note,Colour\n1,a,{TIME},,red\n".encode(), "x.csv", SHEET)
    assert ids(source) == ["1"]
    assert (source.tally.unread_columns, source.tally.never_seen) == (["Colour"], [])


# --- P3: a bad line is told with its number, and the rest is read


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (b'{"type": "a", "ti', "The line ends in the middle of an event."),
        (b"\x00\x01\x02garbage\xff", "This is not text; it looks like a binary file or UTF-16."),
        (b"\xff\xfe", "Byte 1 of the line is not UTF-8 text."),
        (b'{"type": "a", "time": "2026-02-30T10:00:00Z"}', "There is no day `2026-02-30`."),
        (b'{"type": "a", "type": "b"}', "The key `type` stands twice in one object."),
        (b"[" * 10_000, "It nests deeper than 64 levels."),
        (b"hello", "The line is not a JSON object."),
        (b"17", "An event is a JSON object; this is a number."),
    ],
)
@pytest.mark.parametrize("place", [1, 2, 3])
def test_p3_a_bad_line_is_set_aside_and_the_rest_is_read(
    log: Any, damage: bytes, reason: str, place: int
) -> None:
    rows = json_lines(1, 2).splitlines()
    rows.insert(place - 1, damage)
    source = log(b"\n".join(rows) + b"\n")
    assert ids(source) == ["e1", "e2"]
    (found,) = bad(source)
    assert (found.line, found.reason, found.raw, found.log) == (place, reason, damage, source.name)
    assert (source.tally.events, source.tally.bad) == (2, 1)


def test_p3_a_line_without_an_end_does_not_fill_the_memory(log: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 1000)
    monkeypatch.setattr("afterword.rim.logs.LONGEST", 1000)
    source = log(json_lines(1) + b'{"x": "' + b"y" * 5000 + b'"}\n' + json_lines(2))
    assert [number for number, _ in source] == [1, 2, 3]
    assert ids(source) == ["e1", "e2"]
    (found,) = bad(source)
    assert found.reason == "The line is longer than 1,000 bytes." and len(found.raw) == 1001


def test_p3_a_compressed_log_that_is_cut_off_gives_what_is_there(log: Any) -> None:
    whole = gzip.compress(json_lines(*range(5000)))
    source = log(whole[: len(whole) // 2], "x.jsonl.gz")
    found = list(source)
    events = [event for _, event in found if isinstance(event, Event)]
    assert [event.id for event in events] == [f"e{number}" for number in range(len(events))]
    assert len(events) > 1000
    assert isinstance(found[-1][1], BadEvent)
    assert found[-1][1].reason == "The compressed file ends in the middle."
    assert found[-1][0] == found[-2][0] + 1


def test_p3_a_compressed_log_that_is_damaged_gives_what_is_there(log: Any) -> None:
    whole = bytearray(gzip.compress(json_lines(*range(5000))))
    whole[-6] ^= 0xFF
    source = log(bytes(whole), "x.jsonl.gz")
    assert len(ids(source)) == 5000
    assert bad(source)[-1].reason.startswith("The file cannot be read on from here")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'[{"a": 1},\n{"b": tru},\n{"c": 3}]', [(1, b'{"a": 1}'), (2, b'{"b": tru}'), (3, b'{"c": 3}')]),
        (b'[{"a": 1},\n{"b": 2', [(1, b'{"a": 1}'), (2, b'{"b": 2')]),
        (b'[{"a": 1},\n', [(1, b'{"a": 1}'), (2, b"[")]),
        (b'[{"a": "}]"}, {"b": "\\"]"}]', [(1, b'{"a": "}]"}'), (1, b'{"b": "\\"]"}')]),
        (b'[1, "x", null, {"a": [{}]}\n]', [(1, b"1"), (1, b'"x"'), (1, b"null"), (1, b'{"a": [{}]}')]),
        (b'[{"a": 1} {"b": 2}]', [(1, b'{"a": 1}'), (1, b'{"b": 2}')]),
        (b'[{"a": "x},\n{"b": 2}]', [(1, b'{"a": "x},\n{"b": 2}]')]),
        (b'[{"a": 1}] trailing', [(1, b'{"a": 1}'), (1, b"trailing")]),
        (b'[{"a": 1}]]}', [(1, b'{"a": 1}'), (1, b"]"), (1, b"}")]),
        (b"[]", []),
        (b"", []),
        (b" \n ", []),
        (b'[\n\n"a', [(3, b'"a')]),
    ],
)
@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_p3_the_values_of_a_document_are_found_whatever_is_wrong_in_them(
    monkeypatch: pytest.MonkeyPatch, content: bytes, expected: list[tuple[int, bytes]], chunk: int
) -> None:
    monkeypatch.setattr(json_values, "_CHUNK", chunk)
    found = list(values(io.BytesIO(content), 1 << 20))
    assert found[: len(expected)] == expected
    assert found[len(expected) :] in ([], [(found[-1][0] if found else 1, b"[")])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.recursive(
            st.text(max_size=6) | st.integers() | st.none(),
            lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3),
            max_leaves=6,
        ),
        max_size=5,
    ),
    st.sampled_from([None, 0, 1]),
    st.integers(1, 40),
)
def test_s1_an_array_gives_exactly_its_items(items: list[object], indent: int | None, chunk: int) -> None:
    text = json.dumps(items, indent=indent, ensure_ascii=False).encode()
    plain, json_values._CHUNK = json_values._CHUNK, chunk
    try:
        found = list(values(io.BytesIO(text), 1 << 20))
    finally:
        json_values._CHUNK = plain
    assert [json.loads(value) for _, value in found] == items


def test_p3_a_value_that_never_ends_stops_the_reading_and_is_told(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EndlessError):
        list(values(io.BytesIO(b"[{" + b" " * 100_000), 1000))
    monkeypatch.setattr("afterword.rim.logs.LONGEST", 1000)
    source = log(json.dumps([one(1)])[:-1].encode() + b',\n{"a": ' + b" " * 100_000)
    assert [number for number, _ in source] == [1, 2]
    assert bad(source)[0].reason == "The event that begins here does not end within 1,000 bytes."


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"7,a", "The row has 2 cells; the table has 4 columns."),
        (b"7,a,2026-03-02 15:00,x,y", "The row has 5 cells; the table has 4 columns."),
        (b"7,a,,x", "Column `When`: The time is missing."),
        (b"7,,2026-03-02 15:00,x", "It does not say what happened: its type is empty."),
        (b"7,a,soon,x", "Column `When`: `soon` is not written like `2026-03-02 15:00`."),
        (b'7,"a,2026-03-02 15:00,x', "A cell begins with a quote that is never closed."),
        (b'7,"a"b,2026-03-02 15:00,x', "Something follows the closing quote of a cell."),
        (b"7,caf\xe9,2026-03-02 15:00,x", "Byte 6 of the line is not text."),
        (b"7,a\x00,2026-03-02 15:00,x", "Byte 4 of the line is a NUL byte, which no text has."),
        (b"7,a,2026-03-02 15:00," + b"x" * 200_000, "A cell is longer than 131,072 characters."),
        (b"7,a\r7,b", "A line ends in the middle of a row."),
    ],
)
def test_p3_a_bad_row_is_told_with_its_line_and_the_rest_is_read(log: Any, row: bytes, reason: str) -> None:
    content = (
        b"No,What,When,Note\n1,a,2026-03-02 15:00,\n"
        + row
        + b"\n2,b,2026-03-02 15:00,\n3,c,2026-03-02 15:00,\n"
    )
    source = log(content, "x.csv", SHEET)
    assert ids(source) == ["1", "2", "3"]
    (found,) = bad(source)
    assert (found.line, found.reason, found.raw) == (3, reason, row)


@pytest.mark.parametrize(("word", "mark"), [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
def test_s2_the_line_that_tells_a_spreadsheet_its_separator_is_skipped(
    log: Any, word: str, mark: str
) -> None:
    mapped = mapping(f"type: What\ntime: When\ncsv: {{delimiter: {word}}}")
    source = log(f"sep={mark}\nWhat,When\na,{TIME}\n".replace(",", mark).encode(), "x.csv", mapped)
    assert [event.type for _, event in source if isinstance(event, Event)] == ["a"]
    assert source.is_sorted()


def test_p3_quotes_that_are_never_closed_do_not_make_a_table_slow(log: Any) -> None:
    rows = b'1,"a,2026-03-02 15:00,\n' * 20_000
    source = log(b"No,What,When,Note\n" + rows, "x.csv", SHEET)
    assert source.is_sorted()
    assert sum(found.raw.count(b"\n") + 1 for found in bad(source)) == 20_000


def test_p2_a_damaged_character_in_utf_16_is_told(log: Any) -> None:
    mapped = mapping("type: What\ntime: When\ncsv: {encoding: utf-16}")
    content = "What,When\na,".encode("utf-16") + b"\x00\xd8" + f"x\nb,{TIME}\n".encode("utf-16-le")
    source = log(content, "x.csv", mapped)
    assert [event.type for _, event in source if isinstance(event, Event)] == ["b"]
    assert [found.line for found in bad(source)] == [2]


# --- P3: what cannot be read at all


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (json_lines(1).decode().encode("utf-16"), "x.jsonl", "This text is stored as UTF-16."),
        (json_lines(1).decode().encode("utf-16-le"), "x.jsonl", "This text is stored as UTF-16."),
        (json_lines(1).decode().encode("utf-32"), "x.jsonl", "This text is stored as UTF-16."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "x.jsonl", "This is not a text file."),
        (b"PK\x03\x04\x14\x00", "x.xlsx", "This is a zip archive, as spreadsheets are."),
        (json_lines(1), "x.jsonl.gz", "It is called .gz and is not compressed by gzip."),
        (b"type,time\na,b\n", "x.csv", "A table needs a mapping, which says what its columns mean."),
    ],
)
def test_p3_a_file_that_is_no_log_says_what_it_is(log: Any, content: bytes, name: str, reason: str) -> None:
    source = log(content, name)
    for read in (lambda: list(source), source.is_sorted):
        with pytest.raises(LogError) as error:
            read()
        assert error.value.reason == reason
        assert error.value.hint
        assert str(error.value) == f"{source.name}: {reason}"


def test_p3_files_that_cannot_be_opened_say_why(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "none.jsonl", "There is no such file."),
        (tmp_path, "This is a folder."),
        (tmp_path / "a\0b", "No file can have this name."),
        (tmp_path / ("x" * 300), "This cannot be read: File name too long."),
    ):
        with pytest.raises(LogError) as error:
            list(Log(str(path)))
        assert error.value.reason == reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_p3_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(json_lines(1))
    path.chmod(stat.S_IWUSR)
    with pytest.raises(LogError, match="not allowed"):
        list(Log(str(path)))


@pytest.mark.parametrize(
    ("header", "reason", "mend"),
    [
        (
            "No,What,Wen,Note",
            "The table has no column `When`, which the mapping reads.",
            "did you mean `Wen`?",
        ),
        (
            "No;What;When;Note",
            "The table has no column `What`, which the mapping reads.",
            "delimiter: semicolon",
        ),
        ("No,What,When,When,Note", "The table has 2 columns that are called `When`.", "rename"),
        (
            'No,"What,When',
            "The names of the columns: A cell begins with a quote that is never closed.",
            "close it",
        ),
    ],
)
def test_p3_a_table_that_does_not_fit_its_mapping_says_so(
    log: Any, header: str, reason: str, mend: str
) -> None:
    with pytest.raises(LogError) as error:
        list(log(f"{header}\n1,a,{TIME},\n".encode(), "x.csv", SHEET))
    assert error.value.reason == reason
    assert mend in error.value.hint


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["x.jsonl", "x.json.gz", "x.csv", "x.tsv"]), st.booleans())
def test_p3_any_bytes_are_answered(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(gzip.compress(content) if packed else content)
    for mapped in (None, SHEET):
        source = Log(str(path), mapped)
        try:
            found = list(source)
            source.is_sorted()
        except LogError:
            continue
        assert source.tally.events + source.tally.bad == len(found)


# --- order, and memory


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2026-03-02T15:00:00Z", "2026-03-02T15:00:00Z", "2026-03-02T15:00:01Z"], True),
        (["2026-03-02T15:00:01Z", "2026-03-02T15:00:00Z"], False),
        (["2026-03-02T15:00:00+08:00", "2026-03-02T08:00:00Z"], True),
        (["2026-03-02T08:00:00Z", "2026-03-02T15:00:00+08:00"], False),
        (["2026-03-02T15:00:00.0000019Z", "2026-03-02T15:00:00.0000011Z"], True),  # the same microsecond
        (["2026-03-02T15:00:01Z", "2026-03-02T15:00:00.9999999Z"], False),
        (["2026-03-02T15:00:01Z", "2026-02-30T00:00:00Z", "2026-03-02T15:00:02Z"], True),
    ],
)
def test_s12_whether_a_log_is_sorted_is_told_by_its_times(log: Any, times: list[str], expected: bool) -> None:
    rows = [json.dumps({"type": "a", "time": time, "id": str(n)}) for n, time in enumerate(times)]
    cloud = [json.dumps([{"specversion": "1.0", "type": "a", "time": time}]) for time in times]
    mapped = mapping("type: type\ntime: time")
    assert log("\n".join(rows).encode()).is_sorted() is expected
    assert log("\n".join(cloud).encode()).is_sorted() is expected
    assert log(f"[{','.join(rows)}]".encode()).is_sorted() is expected
    assert log("\n".join(rows).encode(), "x.jsonl", mapped).is_sorted() is expected
    table = "type,time\n" + "".join(f"a,{time}\n" for time in times)
    assert log(table.encode(), "x.csv", mapped).is_sorted() is expected


@pytest.mark.parametrize("make", ["lines", "array", "table"])
def test_p4_reading_a_log_takes_no_more_memory_when_it_is_long(log: Any, make: str) -> None:
    def content(size: int) -> bytes:
        if make == "table":
            return b"No,What,When,Note\n" + b"1,a,2026-03-02 15:00,x\n" * size
        rows = json_lines(*range(size))
        return rows if make == "lines" else b"[" + b",\n".join(rows.splitlines()) + b"]"

    def peak(size: int) -> int:
        source = log(content(size), f"x.{make}", SHEET if make == "table" else None)
        tracemalloc.start()
        for _ in source:
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(30_000) < peak(10_000) * 1.2 + 100_000


# --- P2: many lines at a time are read as each by itself

FOREIGN = mapping(
    "type: {from: what.kind, values: {hello: {type: a, fields: {who: who}}}}\ntime: when\nid: no\n"
    "timezone: UTC\nignore: [Lunch]\nfields: {note: note}"
)


def foreign_line(dice: random.Random, number: int) -> bytes:
    """A line of a foreign log, mostly a good one."""
    entry: dict[str, Any] = {
        "what": {"kind": dice.choice(["hello", "hello", "bye", "Lunch"])},
        "when": f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00Z",
        "no": str(number),
        "note": dice.choice(["x", "", None, 'say "no"', "é"]),
        "who": dice.choice(["ana", ["ana", "ben"], {}]),
    }
    line = json.dumps(entry, ensure_ascii=dice.random() < 0.5)
    odd = dice.random()
    if odd < 0.08:
        place = dice.randrange(len(line))
        return (line[:place] + dice.choice('{}[],:"1x') + line[place + 1 :]).encode()
    if odd < 0.1:
        return line.replace('"no"', '"no": "x", "no"').encode()
    return f"[{line}, 1]".encode() if odd < 0.12 else b"" if odd < 0.14 else line.encode()


@pytest.mark.parametrize("seed", range(6))
def test_p2_a_mapped_log_is_read_in_blocks_as_line_by_line(
    log: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    monkeypatch.setattr(lines, "BLOCK", dice.choice([100, 500, 3_000]))
    content = dice.choice([b"\n", b"\r\n"]).join(foreign_line(dice, number) for number in range(300))
    in_blocks = log(content, "x.jsonl", FOREIGN)
    found = list(in_blocks)
    tally = in_blocks.tally
    assert {"a", "bye"} <= {event.type for _, event in found if isinstance(event, Event)}
    monkeypatch.setattr(logs, "load_objects", lambda block: None)
    assert list(in_blocks) == found
    assert in_blocks.tally == tally
    assert tally.bad > 0 and tally.ignored["Lunch"] > 0


CLOCKS = st.sampled_from(
    [
        *(
            "2026-03-02T15:00:00Z",
            "2026-03-02T15:00:00.5Z",
            "2026-03-02 15:00:01Z",
            "2026-03-02T23:00:02+08:00",
        ),
        *(
            "2026-03-02T15:00:00.0000019Z",
            "2026-03-02T15:00:60Z",
            "2026-03-02T14:59:59+0000",
            "0001-01-01T00:00:00Z",
        ),
        *("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2026-03-02", "", "2026-03-02T15:00:02"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CLOCKS | st.none(), max_size=5), st.booleans(), st.sampled_from([10, 1 << 17]))
@example(["2026-03-02T15:00:00.5Z", "2026-03-02T15:00:00Z"], False, 10)
def test_s12_what_looks_sorted_is_sorted(times: list[str | None], sort: bool, block: int) -> None:
    given_times = sorted(times, key=str) if sort else times
    content = b"".join(
        json.dumps({"type": "a", "time": time, "when": {"at": time}}).encode() + b"\n" for time in given_times
    )
    nested = mapping("type: type\ntime: when.at\ntimezone: UTC")
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
        patched.setattr(lines, "BLOCK", block)
        path = Path(folder) / "x.jsonl"
        path.write_bytes(content)
        for mapped in (None, nested):
            source = Log(str(path), mapped)
            said = source.is_sorted()
            events = [event.time for _, event in source if isinstance(event, Event)]
            assert not said or events == sorted(events)
            with patched.context() as closely:
                closely.setattr(logs, "are_sorted", lambda stream, path: False)
                assert source.is_sorted() is said


def test_s12_a_time_that_is_put_together_or_written_otherwise_is_no_plain_time() -> None:
    assert mapping("type: a\ntime: when.at").path_of_time == ("when", "at")
    for time in ('{from: t, format: "%d/%m/%Y"}', '{template: "{day}T{clock}Z"}'):
        assert mapping(f"type: a\ntimezone: UTC\ntime: {time}").path_of_time is None


# --- the real log


@pytest.mark.hiring
@pytest.mark.skipif("AFTERWORD_HIRING_LOG" not in os.environ, reason="AFTERWORD_HIRING_LOG is not set")
def test_s2_the_hiring_log_is_read_whole_through_the_mapping_of_the_examples() -> None:
    path = Path(__file__).parent.parent / "examples" / "hiring.mapping.yaml"
    mapped, problems = read_mapping(path.read_bytes(), path.name)
    assert mapped is not None and problems == []
    source = Log(os.environ["AFTERWORD_HIRING_LOG"], mapped)
    assert source.is_sorted()
    types = {event.type for _, event in source if isinstance(event, Event)}
    assert types == {
        "application.sent",
        "interview.ended",
        "background_check.started",
        "offer.received",
        "rejection.received",
    }
    assert source.tally.events == 63_869
    assert source.tally.bad == 0
    assert source.tally.never_seen == []
    assert all(re.fullmatch(r"[0-9]+", event.subject) for _, event in source if isinstance(event, Event))
