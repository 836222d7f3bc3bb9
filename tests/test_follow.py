"""Following a file that grows: whatever is done to it, the lines that come out are those that were written."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.bad_event import BadEvent
from afterword.rim import follow
from afterword.rim.disk import DiskName
from afterword.rim.follow import FileState, Following, Mark, Splitter
from afterword.rim.growing import GrowingLog, LogPosition, position
from afterword.rim.mapping import LogMapping
from afterword.rim.mapping_files import read_mapping
from afterword.rim.opening import LogError

# --- lines


@given(st.lists(st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"")), max_size=8), st.data())
def test_lines_are_the_same_whatever_pieces_they_come_in(lines: list[bytes], data: st.DataObject) -> None:
    text = b"".join(line + b"\n" for line in lines)
    splitter, given, at = Splitter(), [], 0
    while at < len(text):
        size = data.draw(st.integers(1, 7))
        given += splitter.feed(text[at : at + size])
        at += size
    expected = [line + b"\n" for line in lines]
    assert [line for _, line in given] == [
        line.removeprefix(b"\xef\xbb\xbf") if not number else line for number, line in enumerate(expected)
    ]
    assert [number for number, _ in given] == list(range(1, len(lines) + 1))


def test_a_line_is_given_when_its_end_has_come() -> None:
    splitter = Splitter()
    assert splitter.feed(b"one\ntw") == [(1, b"one\n")]
    assert splitter.unfinished
    assert splitter.mark((1, 1)).offset == 4
    assert splitter.feed(b"o\n") == [(2, b"two\n")]
    assert not splitter.unfinished


def test_what_is_left_of_a_file_that_is_over_is_a_line() -> None:
    splitter = Splitter()
    splitter.feed(b"one\ntw")
    assert splitter.flush() == [(2, b"tw")]
    assert splitter.flush() == []


def test_the_rest_of_a_line_that_is_too_long_is_passed_over_after_a_restart_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "LONGEST", 10)
    splitter = Splitter()
    assert splitter.feed(b"x" * 25) == [(1, b"x" * 11)]
    mark = splitter.mark((1, 1))
    for each in (splitter, Splitter(mark, head=b"x" * 25, tail=b"x" * 25)):
        assert each.feed(b"xx") == []
        assert each.feed(b"x\nnext\n") == [(2, b"next\n")]


def test_a_row_of_a_table_is_given_when_its_last_line_has_come() -> None:
    splitter = Splitter(ends=lambda lines: b"".join(lines).count(b'"') % 2 == 0)
    assert splitter.feed(b'a,"b\nc') == []
    assert splitter.mark((1, 1)).offset == 0
    assert splitter.feed(b'",d\ne\n') == [(1, b'a,"b\n'), (2, b'c",d\n'), (3, b"e\n")]
    assert len(splitter.feed(b'"\n' + b"x\n" * follow.MOST_LINES)) >= follow.MOST_LINES


# --- a disk in memory


class Inode:
    """What is written to one file, and which parts of it are lines."""

    def __init__(self, number: int, modified: int, content: bytes = b"") -> None:
        self.number, self.modified, self.content = number, modified, bytearray(content)


class Handle:
    def __init__(self, disk: Disk, name: str) -> None:
        self.name, self._inode, self._disk = name, disk.names[name], disk
        disk.open.append(self)

    def look(self) -> FileState:
        return FileState((1, self._inode.number), len(self._inode.content), self._inode.modified)

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self._inode.content[offset : offset + size])

    def close(self) -> None:
        self._disk.open.remove(self)


class Disk:
    """A folder with one log that is written, rotated and truncated; `written` are the lines of it in order."""

    name = "log"

    def __init__(self) -> None:
        self.names: dict[str, Inode] = {}
        self.open: list[Handle] = []
        self.time = 0
        self._finished: list[bytes] = []

    # what a follower may do

    def look(self) -> FileState | None:
        if self.name not in self.names:
            return None
        handle = Handle(self, self.name)
        handle.close()
        return handle.look()

    def open_sibling(self, name: str) -> Handle:
        return Handle(self, name)

    def siblings(self) -> Iterator[tuple[str, FileState]]:
        for name, inode in sorted(self.names.items()):
            if name != self.name:
                yield name, FileState((1, inode.number), len(inode.content), inode.modified)

    def is_rotation(self, name: str) -> bool:
        return name.startswith("log.")

    # what a writer does

    def _tick(self) -> int:
        self.time += 1
        return self.time

    def create(self) -> None:
        self.names.setdefault(self.name, Inode(self._tick(), self.time))

    def write(self, data: bytes) -> None:
        self.create()
        self.names[self.name].content += data
        self.names[self.name].modified = self._tick()

    def _shift(self) -> None:
        for number in range(9, 0, -1):
            if f"log.{number}" in self.names:
                self.names[f"log.{number + 1}"] = self.names.pop(f"log.{number}")

    def rename(self) -> None:
        if self.name in self.names:
            self._shift()
            self._finish()
            self.names["log.1"] = self.names.pop(self.name)

    def copy_and_truncate(self) -> None:
        if self.name in self.names:
            self._shift()
            self._finish()
            log = self.names[self.name]
            self.names["log.1"] = Inode(self._tick(), self.time, bytes(log.content))
            log.content.clear()
            log.modified = self._tick()

    def truncate(self) -> None:
        if self.name in self.names:
            self._finish()
            self.names[self.name].content.clear()
            self.names[self.name].modified = self._tick()

    def _finish(self) -> None:
        self._finished += bytes(self.names[self.name].content).splitlines()

    @property
    def written(self) -> list[bytes]:
        """The lines of all files, one after the other; the last one only if it has an end."""
        current = self.names.get(self.name)
        content = b"" if current is None else bytes(current.content)
        return self._finished + content[: content.rfind(b"\n") + 1].splitlines()


class Place:
    """The disk as a follower sees it."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.name = disk.name
        self.look, self.siblings = disk.look, disk.siblings
        self.open_sibling, self.is_rotation = disk.open_sibling, disk.is_rotation

    def open(self) -> Handle | None:
        return Handle(self._disk, self.name) if self.name in self._disk.names else None


def all_of(following: Following) -> list[bytes]:
    given = []
    while (chunk := following.poll()) is not None:
        given += [line.rstrip(b"\n") for _, line in chunk.lines]
    return given


STEPS = st.lists(
    st.sampled_from(
        [
            "line",
            "line",
            "long",
            "half",
            "rename",
            "copy",
            "truncate",
            "create",
            "look",
            "one-look",
            "restart",
        ],
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.sampled_from([7, 1 << 10, 1 << 20]))
def test_any_schedule_of_writing_rotating_and_restarting_gives_exactly_the_lines_written(
    steps: list[str], most: int
) -> None:
    with mock.patch.object(follow, "CHUNK", most):
        disk = Disk()
        assert taken_over(disk, steps) == disk.written
    assert disk.open == []


def taken_over(disk: Disk, steps: list[str]) -> list[bytes]:
    """What a follower gives that looks for the first time at an empty log; from then on nothing may be lost."""
    disk.create()
    following = Following(Place(disk))
    given = all_of(following)
    for number, step in enumerate(steps):
        match step:
            case "line":
                disk.write(b"line %d\n" % number)
            case "long":
                disk.write(b"line %d " % number + b"x" * follow.WINDOW * 2 + b"\n")
            case "half":
                disk.write(b"half %d " % number)
            case "rename":
                disk.rename()
            case "copy":
                disk.copy_and_truncate()
            case "create":
                disk.create()
            case "look":
                given += all_of(following)
            case "one-look":
                chunk = following.poll()
                given += [] if chunk is None else [line.rstrip(b"\n") for _, line in chunk.lines]
            case "truncate":  # without a copy what was not read is lost, so all of it is
                given += all_of(following)
                if not following.unfinished:
                    disk.truncate()
            case "restart":
                following.close()
                following = Following(Place(disk), following.mark)
    disk.write(b"the end\n")
    given += all_of(following)
    following.close()
    return given


def texts(notices: list[follow.Notice]) -> list[tuple[str, bool]]:
    told = [(notice.text, notice.grave) for notice in notices]
    notices.clear()
    return told


def test_what_happens_to_the_file_is_told_once() -> None:
    disk = Disk()
    following = Following(Place(disk))
    assert (following.poll(), following.poll(), following.mark) == (None, None, None)
    assert texts(following.notices) == [("log is not there yet; waiting for it.", True)]
    disk.write(b"one\n")
    all_of(following)
    disk.rename()
    disk.write(b"two\n")
    all_of(following)
    assert texts(following.notices) == [("log was rotated; going on in log.", False)]
    disk.copy_and_truncate()
    all_of(following)
    assert texts(following.notices) == [("log was truncated; what was added before stands in log.1.", False)]


def test_what_may_have_been_lost_is_told() -> None:
    disk = Disk()
    disk.write(b"one\n")
    following = Following(Place(disk))
    all_of(following)
    disk.truncate()
    disk.write(b"two\n")
    assert all_of(following) == [b"two"]
    ((text, grave),) = texts(following.notices)
    assert grave
    assert "byte 4" in text
    following.close()
    disk.names.clear()
    disk.write(b"three\n")
    later = Following(Place(disk), following.mark)
    assert all_of(later) == [b"three"]
    ((text, grave),) = texts(later.notices)
    assert grave
    assert "another file" in text


def test_a_file_that_is_gone_for_now_is_waited_for() -> None:
    disk = Disk()
    disk.write(b"one\n")
    following = Following(Place(disk))
    all_of(following)
    following.close()
    disk.names.clear()
    later = Following(Place(disk), following.mark)
    assert (later.poll(), later.mark) == (None, following.mark)
    assert texts(later.notices) == [("log is gone; waiting for it.", True)]


# --- a real disk


@pytest.mark.parametrize(
    "rotated", ["log.jsonl.1", "log-20260301.jsonl", "log.jsonl.2026-03-01", "log.jsonl.1.gz"]
)
def test_a_rotated_file_is_found_again_after_a_restart(rotated: str, tmp_path: Path) -> None:
    log, old = tmp_path / "log.jsonl", tmp_path / rotated
    (tmp_path / "log.jsonl.bak").write_bytes(b"nothing of ours\n")
    (tmp_path / "log.jsonl.9.gz").write_bytes(b"\x1f\x8bnot really compressed")
    log.write_bytes(b"one\ntw")
    following = Following(DiskName(str(log)))
    assert all_of(following) == [b"one"]
    following.close()
    text = log.read_bytes() + b"o\nthree\n"
    log.unlink()
    old.write_bytes(gzip.compress(text) if rotated.endswith(".gz") else text)
    log.write_bytes(b"four\n")
    later = Following(DiskName(str(log)), following.mark)
    assert all_of(later) == [b"two", b"three", b"four"]
    later.close()


def test_which_names_are_those_of_a_rotated_file() -> None:
    place = DiskName("logs/events.jsonl")
    for name in ("events.jsonl.1", "events-20260301.jsonl", "events.jsonl-20260301.gz", "events.3.jsonl"):
        assert place.is_rotation(f"logs/{name}")
    for name in ("events.jsonl.bak", "events.jsonl~", "events-new.jsonl", "eventsjsonl"):
        assert not place.is_rotation(f"logs/{name}")


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="This is a folder"):
        Following(DiskName(str(tmp_path))).poll()


# --- events

ONE = b'{"type":"call.made","time":"2026-03-02T15:00:00+08:00"}\n'


def found(log: GrowingLog, *lines: bytes, first: int = 1) -> list[tuple[int, str]]:
    return [
        (number, one.reason if isinstance(one, BadEvent) else one.type)
        for number, one in log.events(list(enumerate(lines, first)), "log")
    ]


def test_a_line_that_is_no_event_is_told_with_its_file_and_number() -> None:
    log = GrowingLog("log")
    (_, bad), _ = log.events([(7, b"nonsense\n"), (8, b"\n"), (9, ONE)], "log.1")
    assert isinstance(bad, BadEvent)
    assert (bad.log, bad.line, bad.raw) == ("log.1", 7, b"nonsense")
    assert (log.tally.bad, log.tally.blank, log.tally.events) == (1, 1, 1)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (b"{\n", "goes over several lines"),
        (b"[\n", "goes over several lines"),
        (b"\x1f\x8b\x08\n", "compressed"),
        (b"PK\x03\x04\n", "zip"),
        (b"\x7fELF\0\1\2\3\n", "not a text file"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_a_reason(first: bytes, reason: str) -> None:
    with pytest.raises(LogError, match=reason):
        found(GrowingLog("log"), first)


@pytest.mark.parametrize("name", ["log.gz", "log.csv"])
def test_what_is_called_otherwise_is_refused_with_a_reason(name: str) -> None:
    with pytest.raises(LogError, match=r"compressed|needs a mapping"):
        found(GrowingLog(name), b"a,b\n")


def test_a_batch_on_one_line_is_followed() -> None:
    assert (
        found(GrowingLog("log"), b"[" + ONE.strip() + b"," + ONE.strip() + b"]\n") == [(1, "call.made")] * 2
    )


def mapping(text: str) -> LogMapping:
    read, problems = read_mapping(text, "mapping.yaml")
    assert read is not None, problems
    return read


TABLE = mapping("mapping: afterword/1\ntype: What\ntime: When\ntimezone: UTC\nfields: {note: Note}\n")


def test_s2_a_table_is_followed_over_files_and_restarts() -> None:
    log = GrowingLog("log.csv", TABLE)
    assert found(log, b"When,What,Note\n", b"2026-03-02 15:00,call.made,x\n") == [(2, "call.made")]
    later = GrowingLog("log.csv", TABLE, log.columns)
    assert found(later, b"2026-03-02 15:00,call.made,x\n", first=3) == [(3, "call.made")]
    assert found(later, b"What,When,Note\n", b"call.made,2026-03-02 15:00,x\n") == [(2, "call.made")]
    assert later.columns == ("What", "When", "Note")


def test_s2_a_cell_may_go_over_several_lines() -> None:
    log = GrowingLog("log.csv", TABLE)
    assert log.ends([b"When,What,Note\n"])
    assert not log.ends([b'2026-03-02 15:00,call.made,"x\n'])
    assert log.ends([b'2026-03-02 15:00,call.made,"x\n', b'y"\n'])
    assert GrowingLog("log").ends([b'"'])


def test_a_position_is_text_and_foreign_text_is_the_beginning() -> None:
    told = LogPosition(Mark((1, 2), 5, 3, 1, False, "a", "b"), ("x",))
    assert position(told.as_text()) == told
    assert position(None) == position("17") == position("{") == LogPosition()
