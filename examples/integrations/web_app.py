"""A web application: CloudEvents come in over HTTP; what to do goes out as JSON, as a calendar, and as metrics.

Run it with `uvicorn --factory web_app:create_app`. A store is open once at a time, so there is one process.
Routes run in a pool of threads, and take turns by a lock: an engine belongs to one thread at a time, also when
it is only asked.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Lock
from typing import Annotated, Any

import prometheus_client
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

import afterword
from afterword.rim.calendar import MEDIA_TYPE, ics
from afterword.rim.cloudevents import from_http
from afterword.rim.metrics import Metrics
from afterword.store import SQLiteStore, StoreError

Clock = Callable[[], dt.datetime]

AHEAD = dt.timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours: an event from next year would let a year pass for everybody."""


def create_app(
    path: str = os.environ.get("AFTERWORD_DB", "afterword.db"),
    rules: str = os.environ.get("AFTERWORD_RULES", "after-interview"),
    now: Clock = lambda: dt.datetime.now(dt.UTC),
) -> FastAPI:
    """The application. Its store is open from startup to shutdown."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with SQLiteStore.open(path, afterword.load(rules)) as store:
            app.state.desk = Desk(store, now)
            yield

    app = FastAPI(title="afterword", lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(StoreError, _unavailable)
    return app


class RefusedError(Exception):
    """A request that is answered with a problem; nothing of it was taken."""

    def __init__(self, status: int, bad: dict[int, afterword.BadEvent]) -> None:
        super().__init__(status)
        self.status = status
        self.bad = bad


class Desk:
    """Everything that is done with the store, one thing at a time."""

    def __init__(self, store: SQLiteStore, now: Clock) -> None:
        self._store = store
        self._now = now
        self._turn = Lock()
        self.registry = prometheus_client.CollectorRegistry()
        self._metrics = Metrics(store.engine.ruleset, self.registry)
        self._metrics.look(now(), store.engine)

    def take(self, found: list[afterword.Event | afterword.BadEvent]) -> list[afterword.Transition]:
        """Takes all events or, if one of them cannot be taken, none. When it returns they are on the disk."""
        limit = self._now() + AHEAD
        bad = {place: each for place, each in enumerate(found) if isinstance(each, afterword.BadEvent)}
        events = [each for each in found if isinstance(each, afterword.Event)]
        early = {place: _early(each) for place, each in enumerate(events) if each.time > limit}
        with self._turn:
            if bad or early:
                self._metrics.refused(len(bad or early))
                raise RefusedError(400, bad) if bad else RefusedError(422, early)
            said = self._store.feed_all(events)
            self._metrics.took(events, said)
            return said

    def agenda(self, subject: str, days: int) -> tuple[list[afterword.AgendaItem], bytes]:
        """What somebody has to do, and the same as a calendar."""
        with self._turn:
            engine, at = self._store.engine, self._present()
            items = engine.agenda(subject, at, days)
            return items, ics(items, engine.ruleset, at)

    def transitions(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """What was said up to now and is not acknowledged. Time passes when somebody looks, and needs no timer."""
        with self._turn:
            if self._store.engine.clock is not None:
                self._metrics.took((), self._store.advance(self._present()))
            return list(self._store.transitions(after, limit))

    def acknowledge(self, offset: int) -> None:
        """Whoever reads the transitions is done with all up to this one."""
        with self._turn:
            self._store.acknowledge(offset)

    def exposition(self) -> bytes:
        """The metrics, as Prometheus reads them."""
        with self._turn:
            self._metrics.look(self._now(), self._store.engine)
            return prometheus_client.generate_latest(self.registry)

    def _present(self) -> dt.datetime:
        """Now; or the time of the last event, should that be ahead of our clock."""
        return max(self._now(), self._store.engine.clock or self._now())


def _early(event: afterword.Event) -> afterword.BadEvent:
    return afterword.BadEvent(f"{event.time} is yet to come.", "set the sender's clock, or send it then")


# --- routes


async def _events(request: Request) -> list[Any]:
    return from_http(request.headers, await request.body())


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]
Days = Annotated[int, Query(ge=0, le=366)]
router = APIRouter()


@router.post("/events")
def take(desk: AtDesk, found: Annotated[list[Any], Depends(_events)]) -> Response:
    """Takes CloudEvents in any mode and answers with what they bring. Sent again, they bring nothing."""
    lines = b",".join(transition.as_json() for transition in desk.take(found))
    return Response(b"[" + lines + b"]", media_type="application/json")


@router.get("/agenda/{subject}.ics")
def calendar(desk: AtDesk, subject: str, days: Days = 14) -> Response:
    """What is overdue, due and coming, for a calendar to subscribe to."""
    return Response(desk.agenda(subject, days)[1], media_type=MEDIA_TYPE)


@router.get("/agenda/{subject}")
def agenda(desk: AtDesk, subject: str, days: Days = 14) -> list[dict[str, Any]]:
    """What is overdue, due and coming."""
    return [item.as_dict() for item in desk.agenda(subject, days)[0]]


@router.get("/transitions")
def transitions(
    desk: AtDesk, after: int = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[dict[str, Any]]:
    """What was said, for whoever notifies people; it stays until it is acknowledged."""
    return [{"offset": offset, **json.loads(line)} for offset, line in desk.transitions(after, limit)]


@router.put("/transitions/acknowledged/{offset}", status_code=204)
def acknowledge(desk: AtDesk, offset: int) -> None:
    """All up to this offset has been dealt with."""
    try:
        desk.acknowledge(offset)
    except ValueError as error:
        raise RefusedError(409, {0: afterword.BadEvent(str(error))}) from None


@router.get("/metrics")
def metrics(desk: AtDesk) -> Response:
    """For Prometheus."""
    return Response(desk.exposition(), media_type=prometheus_client.CONTENT_TYPE_LATEST)


# --- what goes wrong, as RFC 9457 writes it


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    errors = [{"event": place, "reason": bad.reason, "hint": bad.hint} for place, bad in error.bad.items()]
    return _problem(error.status, "Nothing was taken", errors[0]["reason"], errors[0]["hint"], errors=errors)


def _not_understood(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _problem(422, "The request was not understood", "; ".join(each["msg"] for each in error.errors()))


def _unavailable(_: Request, error: Exception) -> Response:
    assert isinstance(error, StoreError)
    return _problem(503, "The store cannot be used", error.reason, error.hint)


def _problem(status: int, title: str, detail: object, hint: object = "", **more: object) -> Response:
    content = {"title": title, "status": status, "detail": detail, "hint": hint, **more}
    return JSONResponse(content, status, media_type="application/problem+json")
