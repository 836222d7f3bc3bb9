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
    (attributes in `ce-` headers, the data as the body). Plain `application/json` may hold native events.
    """
    named = {name.lower(): value for name, value in headers.items()}
    kind = named.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return [BadEvent(f"`{kind}` cannot be read.", "send JSON, and say so in Content-Type")]
    is_binary = "ce-specversion" in named and not kind.startswith("application/cloudevents")
    found = _binary(named.items(), body) if is_binary else decode(body)
    return found if isinstance(found, list) else [found]


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
