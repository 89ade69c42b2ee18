"""GraphQL over server-sent events, in distinct connections mode: a request is answered by a stream of results."""

import asyncio
from contextlib import aclosing
from enum import Enum, auto
from functools import partial
from typing import Any, Final

import orjson

from domains.kernel.errors import Unauthenticated
from gateway import request_log
from gateway.api import GraphQLRequest
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.engine.shared import Answer
from gateway.http.body import Receive
from gateway.http.connections import keep_open
from gateway.http.live.answers import answers, is_refusal, refusal, result_of
from gateway.http.live.closings import SESSION_ENDED
from gateway.http.live.context import LiveContext
from gateway.http.requests import Headers, credentials, metadata
from gateway.http.responses import NO_STORE, VARY, Header, Send
from gateway.live.hub import SubscriberTooSlow
from gateway.live.sessions import Ended, Session
from gateway.rate_limits.middleware import limits_of
from gateway.timeouts import within_time

HEADERS: Final[tuple[Header, ...]] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"connection", b"close"),
    (b"x-accel-buffering", b"no"),  # nginx sends each event at once
    VARY,
    NO_STORE,
)


class End(Enum):
    """Why a stream ends before its operation: the client has gone, or the server lets it go."""

    GONE = auto()
    LET_GO = auto()


class EventWriter:
    """Writes the events of a response, one after another."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sending = asyncio.Lock()

    async def begin(self, event_id: str | None) -> None:
        """Begin the response, with the id after which the client may resume before it has got any event.

        A client that resumes gets none: it keeps its own until what it has missed arrives.
        """
        await self._send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        if event_id is None:
            await self.keep_alive()
        else:
            await self._write(b"id: %b\n\n" % event_id.encode("ascii"))

    async def keep_alive(self) -> None:
        """Write a comment, so that neither a proxy nor the server takes the connection for a dead one."""
        await self._write(b":\n\n")

    async def next(self, answer: Answer) -> None:
        """Write a result, with the id of its event."""
        event_id = answer.body.get("extensions", {}).get("eventId")
        line = b"" if event_id is None else b"id: %b\n" % event_id.encode("ascii")
        data = orjson.dumps(result_of(answer), default=str)
        await self._write(b"event: next\n%bdata: %b\n\n" % (line, data))

    async def complete(self) -> None:
        """Write that the operation is complete. Browsers ignore an event without data."""
        await self._write(b"event: complete\ndata:\n\n")

    async def end(self) -> None:
        """End the response."""
        await self._write(b"", is_last=True)

    async def _write(self, octets: bytes, *, is_last: bool = False) -> None:
        async with self._sending:
            await self._send({"type": "http.response.body", "body": octets, "more_body": not is_last})


class EventStreams:
    """Answers requests by streams."""

    def __init__(self, live: LiveContext) -> None:
        self._live = live

    async def answer(self, scope: Any, request: GraphQLRequest, size: int, receive: Receive, send: Send) -> None:
        """Answer a request of this size. Raises RequestRefused before the response begins."""
        with self._live.connections.admit(metadata(scope).ip, "sse") as place:
            session = await self._open(scope)
            try:
                request_log.record_actor(session.actor)
                place.take_account(session.actor.user_id)
                place.hold(size)
                await Stream(self._live, scope, session, EventWriter(send)).run(request, receive)
            finally:
                await session.close()

    async def _open(self, scope: Any) -> Session:
        given = credentials(Headers.of(scope))
        async with within_time(self._live.settings.execution_timeout):
            try:
                return await self._live.api.open_session(given, metadata(scope))
            except Unauthenticated as error:
                raise RequestRefused("UNAUTHENTICATED", error.message, status=401) from error


class Stream:
    """The results of one operation, for as long as its client, its session and the server last."""

    def __init__(self, live: LiveContext, scope: Any, session: Session, writer: EventWriter) -> None:
        self._live = live
        self._scope = scope
        self._session = session
        self._writer = writer
        self._is_complete = False
        self._ended: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    async def run(self, request: GraphQLRequest, receive: Receive) -> None:
        """Send the results. A mutation runs to its end, as it does for any client of HTTP that has gone."""
        keep_open(self._scope, partial(self._end, End.LET_GO))
        self._session.ended.add_done_callback(lambda _: self._end(End.LET_GO))
        await self._writer.begin(self._session.position if self._after(request) is None else None)
        operation = asyncio.create_task(self._answer(request), name="live operation")
        client = asyncio.create_task(self._watch(receive), name="live client")
        try:
            await self._wait(operation)
            if not operation.done() and self._is_to_be_answered():
                await operation
        finally:
            for task in (operation, client):
                task.cancel()
            await asyncio.wait({operation, client})
        if not self._is_complete and self._session.ended.done() and self._session.ended.result() is Ended.SESSION:
            await self._writer.next(
                refusal(RequestRefused("UNAUTHENTICATED", SESSION_ENDED.reason), self._request_id)
            )
            await self._complete()
        await self._writer.end()

    def _end(self, end: End) -> None:
        if not self._ended.done():
            self._ended.set_result(end)

    def _is_a(self, kind: str) -> bool:
        log = request_log.current()
        return log is not None and log.operation is not None and log.operation.type == kind

    def _is_to_be_answered(self) -> bool:
        """Whether the operation goes on although the stream ends."""
        return self._is_a("mutation") or (self._is_a("query") and self._ended.result() is not End.GONE)

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end(End.GONE)

    async def _wait(self, operation: "asyncio.Task[None]") -> None:
        """Wait for the end of the operation or of the stream, and write comments meanwhile."""
        until: set[asyncio.Future[Any]] = {operation, self._ended}
        interval = self._live.settings.ping_interval
        while not (await asyncio.wait(until, timeout=interval, return_when=asyncio.FIRST_COMPLETED))[0]:
            await self._writer.keep_alive()

    async def _answer(self, request: GraphQLRequest) -> None:
        """Write the results, and that the operation is complete unless the stream ends before."""
        results = answers(self._session, request, limits_of(self._scope), self._after(request), self._request_id)
        try:
            async with aclosing(results):
                async for answer in results:
                    await self._writer.next(answer)
                    if is_refusal(answer):
                        break
                    self._live.count_sent(answer)
        except SubscriberTooSlow:
            self._live.count_too_slow()
            return  # the client connects again, as the operation is not complete
        if not (self._session.ended.done() and self._is_a("subscription")):
            await self._complete()

    async def _complete(self) -> None:
        await self._writer.complete()
        self._is_complete = True

    @property
    def _request_id(self) -> str:
        return metadata(self._scope).request_id

    def _after(self, request: GraphQLRequest) -> str | None:
        return request.last_event_id or Headers.of(self._scope).get("last-event-id")
