"""A snapshot: everything an engine remembers, as bytes that carry a version and a digest, and no code.

The bytes are a line that names the format, a digest of what follows, and MessagePack: a head, and one entry for
each subject. A store with a row for each subject keeps the same entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from afterword.days import EARLIEST, LATEST
from afterword.frames import Frame, Past
from afterword.program import Program
from afterword.ruleset import RuleKind, SeverityLevel
from afterword.state_checks import OddStateError, check_fit, check_person
from afterword.stream import fresh
from afterword.timeline.state import SubjectState

_T = TypeVar("_T")

FORMAT = 2
_MAGIC = b"afterword-snapshot/"
_DIGEST = 16

_Instant = Annotated[int, msgspec.Meta(ge=EARLIEST, le=LATEST)]


class SnapshotError(ValueError):
    """Bytes that are not a snapshot that this version can read, or one of another ruleset."""


class RuleMark(msgspec.Struct, frozen=True, array_like=True):
    """What is written down of a rule, to tell later whether it is gone or changed."""

    title: str
    kind: RuleKind
    severity: SeverityLevel
    due: str
    """A digest of its window."""


class Head(msgspec.Struct, kw_only=True):
    """What a snapshot says of the engine itself."""

    ruleset: str
    version: str
    digest: str
    drafts: bool
    history: str
    clock: _Instant | None
    forgotten: _Instant | None = None
    rules: dict[str, RuleMark] = {}
    patterns: dict[str, str] = {}
    """For each count, span and lookback, by the key under which states keep it: a digest of its pattern."""
    remarks: list[tuple[str, str, int]] = []


class Person(msgspec.Struct):
    """What a snapshot says of one subject."""

    state: SubjectState
    frames: list[Frame] = []
    ids: list[bytes] = []
    """Under `sorted`, the digests of all ids seen."""
    due: _Instant | None = None
    """When the kept events are next looked through for what may be let go."""

    @property
    def past(self) -> Past:
        """The kept events."""
        return Past(self.frames, self.due)

    def keys(self) -> set[bytes]:
        """What tells duplicates of the kept events."""
        return {kept.key for frame in self.frames for kept in frame.events if kept.key is not None}

    def is_gone(self) -> bool:
        """Whether nothing is remembered of the subject, but for when something last was."""
        return not self.frames and self.state == fresh(self.state.subject, self.state.stamp)


class Snapshot(msgspec.Struct):
    """A head and the subjects, each encoded by itself."""

    head: Head
    subjects: list[msgspec.Raw]


_encoder = msgspec.msgpack.Encoder(order="deterministic")


def encode_person(
    state: SubjectState, frames: list[Frame], ids: Iterable[bytes] = (), due: int | None = None
) -> bytes:
    """The entry of one subject."""
    return _encoder.encode(Person(state, frames, sorted(ids), due))


def encode_gone(subject: str, stamp: int) -> bytes:
    """The entry of a subject of whom nothing is left but until when something was."""
    return _encoder.encode(Person(fresh(subject, stamp)))


def encode_head(head: Head) -> bytes:
    """The head by itself, for a store that keeps each subject by itself."""
    return _sealed(_encoder.encode(head))


def encode(head: Head, people: Iterable[bytes]) -> bytes:
    """A whole snapshot."""
    return _sealed(_encoder.encode(Snapshot(head, [msgspec.Raw(each) for each in people])))


def decode_head(state: bytes) -> Head:
    """Reads `encode_head`; raises `SnapshotError`."""
    return _decoded(_opened(state), Head)


def decode_person(entry: bytes | msgspec.Raw) -> Person:
    """Reads `encode_person`; raises `SnapshotError`. What it says is still to be checked."""
    return _decoded(entry, Person)


def check(head: Head, people: Iterable[Person], program: Program | None) -> None:
    """Raises `SnapshotError` for what could not come out of an engine, under these rules if any are given."""
    names: set[str] = set()
    try:
        for person in people:
            if person.state.subject in names:
                raise OddStateError(f"it tells of {person.state.subject!r} twice")
            names.add(person.state.subject)
            check_person(person, head.clock)
            if program is not None:
                check_fit(person, program)
    except OddStateError as error:
        raise SnapshotError(f"No engine wrote this snapshot: {error}.") from None


def decode(state: bytes) -> tuple[Head, list[Person]]:
    """Reads `encode`, and what earlier versions wrote; raises `SnapshotError`."""
    if not isinstance(state, bytes | bytearray | memoryview):
        raise SnapshotError(f"A snapshot is bytes; this is {type(state).__name__}.")
    state = bytes(state)
    if not state.startswith(_MAGIC):
        return _first_format(state)
    snapshot = _decoded(_opened(state), Snapshot)
    return snapshot.head, [decode_person(entry) for entry in snapshot.subjects]


def _sealed(body: bytes) -> bytes:
    return _MAGIC + f"{FORMAT}\n".encode() + hashlib.blake2b(body, digest_size=_DIGEST).digest() + body


def _opened(state: bytes) -> bytes:
    line, _, rest = state.partition(b"\n")
    if line != _MAGIC + str(FORMAT).encode():
        told = line[:40].decode("utf-8", "replace") or "nothing"
        raise SnapshotError(
            f"The bytes begin with {told!r}; this version reads {_MAGIC.decode()}{FORMAT} and earlier."
        )
    digest, body = rest[:_DIGEST], rest[_DIGEST:]
    if hashlib.blake2b(body, digest_size=_DIGEST).digest() != digest:
        raise SnapshotError(
            "The snapshot is cut short or damaged: its digest does not fit. Take an earlier one."
        )
    return body


def _decoded(body: bytes | msgspec.Raw, type_: type[_T]) -> _T:
    try:
        return msgspec.msgpack.decode(body, type=type_)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise SnapshotError(f"These bytes are not a snapshot: {error}.") from None


# --- format 1


class _First(msgspec.Struct, kw_only=True):
    format: str
    ruleset: str
    version: str
    digest: str
    drafts: bool
    clock: _Instant | None
    subjects: list[dict[str, Any]]
    remarks: list[tuple[str, str, int]]


def _first_format(state: bytes) -> tuple[Head, list[Person]]:
    """Format 1 kept no events; a late event from before it was taken is too late."""
    try:
        old = _decoded(state, _First)
    except SnapshotError:
        raise SnapshotError("These bytes are not a snapshot.") from None
    if old.format != "afterword-snapshot/1":
        raise SnapshotError(
            f"The snapshot has the format {old.format!r}, which no version of afterword wrote."
        )
    people = []
    for entry in old.subjects:
        known: Mapping[str, Any] = {key: value for key, value in entry.items() if key != "ids"}
        subject = _decoded(_encoder.encode({**known, "stamp": old.clock}), SubjectState)
        people.append(Person(subject, due=old.clock))
    head = Head(
        ruleset=old.ruleset,
        version=old.version,
        digest=old.digest,
        drafts=old.drafts,
        history="open-cases",
        clock=old.clock,
        forgotten=old.clock,
        remarks=old.remarks,
    )
    return head, people
