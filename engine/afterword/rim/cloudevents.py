"""CloudEvents as HTTP carries them, in all three content modes; headers and a body in, events out, no server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from afterword.events import BadEvent, Event, decode, from_mapping
from afterword.strict_json import OddJSONError, load

_PREFIX = "ce-"


def from_http(headers: Mapping[str, str], body: bytes) -> list[Event | BadEvent]:
    """The events of a request, in their order; what is none is a `BadEvent` in its place.

    Structured (`application/cloudevents+json`), batched (`application/cloudevents-batch+json`) and binary
    (attributes in `ce-` headers, the data as the body). Plain `application/json` may hold native events. A
    CloudEvent has to have an `id` and a `source`. Raises `TypeError` for headers that are not texts.
    """
    named = _named(headers)
    kind = named.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return [BadEvent(f"`{kind}` cannot be read.", "send JSON, and say so in Content-Type")]
    is_structured = kind.startswith("application/cloudevents")
    is_binary = "ce-specversion" in named and not is_structured
    found = _binary(named.items(), body) if is_binary else decode(body)
    events = found if isinstance(found, list) else [found]
    return [_identified(event) for event in events] if is_binary or is_structured else events


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers by their names in small letters. Not each framework's headers are a `Mapping`; all have items."""
    pairs = list(headers.items()) if hasattr(headers, "items") else None
    if pairs is None or not all(isinstance(each, str) for pair in pairs for each in pair):
        raise TypeError(
            "Headers are a mapping of text to text; those of ASGI are pairs of bytes, to be decoded as latin-1."
        )
    return {name.lower(): value for name, value in pairs}


def _identified(event: Event | BadEvent) -> Event | BadEvent:
    """Refuses what CloudEvents does not allow: sent again, such an event would be another one (S3)."""
    if isinstance(event, Event):
        for name in ("id", "source"):
            if getattr(event, name) is None:
                mend = "CloudEvents requires it, and tells by it what is sent twice"
                return BadEvent(f"The CloudEvent has no `{name}`.", mend)
    return event


def _binary(headers: Iterable[tuple[str, str]], body: bytes) -> Event | BadEvent:
    given: dict[str, object] = {}
    for name, value in headers:
        if name.startswith(_PREFIX):
            try:
                given[name.removeprefix(_PREFIX)] = _unescaped(value)
            except UnicodeDecodeError:
                return BadEvent(f"The header `{name}` is not UTF-8.", "percent-encode it as CloudEvents says")
    if "data" in given:
        return BadEvent("There is a header `ce-data`.", "send the data as the body")
    try:
        return from_mapping({**given, "data": load(body)} if body else given)
    except OddJSONError as error:
        return error.bad


def _unescaped(value: str) -> str:
    """A header's value without what protects it on its way (CloudEvents 1.0.2, HTTP binding, 3.1.3.2)."""
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return unquote(value, errors="strict")
