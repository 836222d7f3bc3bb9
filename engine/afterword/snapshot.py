"""A snapshot: everything an engine remembers, as bytes that carry a version and a digest, and no code.

The bytes are a line that names the format, a digest of what follows, and MessagePack: a head, and one entry for
each subject. Whoever keeps subjects apart (a store with a row for each) keeps the same entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from afterword.days import EARLIEST, LATEST, zone_exists
from afterword.history import Frame, Past
from afterword.timeline.state import ScopeState, SubjectState

_T = TypeVar("_T")

FORMAT = 2
_MAGIC = b"afterword-snapshot/"
_DIGEST = 16


class SnapshotError(ValueError):
    """Bytes that are not a snapshot that this version can read, or one of another ruleset."""


class RuleMark(msgspec.Struct, frozen=True, array_like=True):
    """What is written down of a rule, to tell later whether it is gone or changed."""

    title: str
    kind: str
    severity: str
    due: str
    """A digest of its window."""


class Head(msgspec.Struct, kw_only=True):
    """What a snapshot says of the engine itself."""

    ruleset: str
    version: str
    digest: str
    drafts: bool
    history: str
    clock: int | None
    forgotten: int | None = None
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
    due: int | None = None
    """When the kept events are next looked through for what may be let go."""

    @property
    def past(self) -> Past:
        """The kept events."""
        return Past(self.frames, self.due)


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


def encode_head(head: Head) -> bytes:
    """The head by itself, for whoever keeps the subjects apart."""
    return _sealed(_encoder.encode(head))


def encode(head: Head, people: Iterable[bytes]) -> bytes:
    """A whole snapshot."""
    return _sealed(_encoder.encode(Snapshot(head, [msgspec.Raw(each) for each in people])))


def decode_head(state: bytes) -> Head:
    """Reads `encode_head`; raises `SnapshotError`."""
    return _decoded(_opened(state), Head)


def decode_person(entry: bytes | msgspec.Raw) -> Person:
    """Reads `encode_person`; raises `SnapshotError`, also for what could not come out of an engine."""
    person = _decoded(entry, Person)
    _refuse_odd(person)
    return person


def decode(state: bytes) -> tuple[Head, list[Person]]:
    """Reads `encode`, and what earlier versions wrote; raises `SnapshotError`."""
    if not isinstance(state, bytes | bytearray | memoryview):
        raise SnapshotError(f"A snapshot is bytes; this is {type(state).__name__}.")
    state = bytes(state)
    if not state.startswith(_MAGIC):
        return _first_format(state)
    snapshot = _decoded(_opened(state), Snapshot)
    people = [decode_person(entry) for entry in snapshot.subjects]
    if len({person.state.subject for person in people}) != len(people):
        raise SnapshotError("The snapshot tells of a subject twice.")
    return snapshot.head, people


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


# --- what no engine would have written


def _refuse_odd(person: Person) -> None:
    state = person.state
    scopes = state.cases
    if state.own.case is not None or any(scope.case != name for name, scope in scopes.items()):
        raise SnapshotError(f"The snapshot mixes up the cases of {state.subject!r}.")
    if state.open_cases != sum(scope.open for scope in scopes.values()):
        raise SnapshotError(f"The snapshot miscounts the open cases of {state.subject!r}.")
    for scope in (state.own, *scopes.values()):
        _refuse_odd_scope(scope)
    for at in (state.stamp, person.due, *(frame.since for frame in person.frames)):
        _refuse_odd_instant(at)


def _refuse_odd_scope(scope: ScopeState) -> None:
    series = [each.trigger for each in scope.series.values()]
    advices = [*scope.advices.values(), *scope.missed.values(), *series]
    for zone in [scope.zone, *(advice.zone for advice in advices)]:
        if zone is not None and not zone_exists(zone):
            raise SnapshotError(f"The snapshot names a time zone that there is not: {zone!r}.")
    instants = [scope.opened, scope.next_day, scope.deadline, *scope.spans.values(), *scope.last.values()]
    instants += [each.time for counted in scope.counts.values() for each in counted]
    instants += [quiet.until for quiet in (*scope.cooldowns.values(), *scope.inhibitors.values())]
    instants += [at for each in scope.series.values() for at in (each.anchor, each.next)]
    for advice in advices:
        instants += [advice.anchor, advice.start, advice.end, advice.until]
        if advice.occurrence < 0 or advice.clause < 0:
            raise SnapshotError("The snapshot numbers something below zero.")
    for at in instants:
        _refuse_odd_instant(at)


def _refuse_odd_instant(at: int | None) -> None:
    if at is not None and not EARLIEST <= at <= LATEST:
        raise SnapshotError(f"The snapshot holds an instant out of all range: {at}.")


# --- format 1


class _First(msgspec.Struct, kw_only=True):
    format: str
    ruleset: str
    version: str
    digest: str
    drafts: bool
    clock: int | None
    subjects: list[dict[str, Any]]
    remarks: list[tuple[str, str, int]]


def _first_format(state: bytes) -> tuple[Head, list[Person]]:
    """Format 1 kept no events; a late event from before it was taken is too late."""
    old = _decoded(state, _First)
    if old.format != "afterword-snapshot/1":
        raise SnapshotError(
            f"The snapshot has the format {old.format!r}, which no version of afterword wrote."
        )
    people = []
    for entry in old.subjects:
        known: Mapping[str, Any] = {key: value for key, value in entry.items() if key != "ids"}
        subject = _decoded(_encoder.encode({**known, "stamp": old.clock}), SubjectState)
        person = Person(subject, due=old.clock)
        _refuse_odd(person)
        people.append(person)
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
