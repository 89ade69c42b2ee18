"""The conversation with a client over a WebSocket: who it is, then its operations, until one of both ends it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import structlog

from domains.kernel.errors import Unauthenticated
from gateway import request_log
from gateway.graphql.core.errors import FAULT, RequestRefused
from gateway.http.body import resumed_after
from gateway.http.live import closings, messages
from gateway.http.live.clients import Client, Gone
from gateway.http.live.closings import Closed
from gateway.http.live.messages import Complete, ConnectionInit, Malformed, Message, Ping, Pong, Subscribe
from gateway.http.live.operations import Operations
from gateway.http.requests import Headers, credentials
from gateway.live.sessions import Credentials, Ended, Session
from gateway.timeouts import within_time

log = structlog.get_logger("gateway.http")
CREDENTIALS: Final = frozenset({"authorization", "x-company", "x-cart-token"})
TOO_MANY: Final = 429
BINARY: Final = Malformed("Messages must be text.")
GRACEFUL: Final = (closings.STOPPING, closings.SESSION_ENDED, closings.TOKEN_EXPIRED)
REFUSALS: Final = {400: closings.malformed, 503: closings.unavailable}  # by status; others are forbidden
ENDINGS: Final = {Ended.SESSION: closings.SESSION_ENDED, Ended.TOKEN: closings.TOKEN_EXPIRED}


class Conversation:
    """A conversation with one client. Messages are handled one after another; operations have tasks of their own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._socket = client.socket
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_initialised = False
        self._session: Session | None = None
        self._operations: Operations | None = None

    async def run(self) -> Closed:
        """Serve the client until the connection ends; returns how.

        When the server stops, or the session has ended, queries and mutations that run are answered before.
        """
        patience = self._client.live.settings.init_timeout
        timer = asyncio.get_running_loop().call_later(patience, self._expire_init)
        reader = self._begin(self._read)
        try:
            closed = await self._socket.ended
            reader.cancel()
            if closed in GRACEFUL and self._operations is not None:
                await self._operations.finish()
            if closed is not closings.GONE:
                await self._socket.close(closed)
        except asyncio.CancelledError:
            if self._operations is not None:
                self._operations.cancel()
            raise
        finally:
            timer.cancel()
            await self._leave()
        return closed

    async def _leave(self) -> None:
        """End what runs for the client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        if self._operations is not None:
            await self._operations.stop()
        if self._session is not None:
            await self._session.close()

    def _begin(self, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        return task

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do what is done for the client; a fault ends the connection."""
        try:
            await work()
        except Gone:
            pass
        except Exception:
            log.exception("fault", request_id=self._client.request.request_id)
            self._socket.end(closings.FAULT)

    def _expire_init(self) -> None:
        if not self._is_initialised:
            self._socket.end(closings.INIT_TIMEOUT)

    async def _read(self) -> None:
        while not self._socket.ended.done():
            text = await self._socket.receive()
            await self._handle(BINARY if text is None else messages.parse(text))
            await asyncio.sleep(0)  # many messages may have arrived at once

    async def _handle(self, message: Message | Malformed) -> None:
        match message:
            case Ping():
                await self._socket.send(messages.pong(message.payload))
            case Pong():
                pass
            case ConnectionInit():
                self._init(message)
            case Subscribe():
                await self._subscribe(message)
            case Complete():
                if self._operations is not None:
                    self._operations.complete(message.id)
            case Malformed():
                self._socket.end(closings.malformed(message.reason))

    def _init(self, message: ConnectionInit) -> None:
        if self._is_initialised:
            self._socket.end(closings.SECOND_INIT)
            return
        self._is_initialised = True
        self._begin(partial(self._open, message.payload))

    async def _subscribe(self, message: Subscribe) -> None:
        if self._operations is None:
            self._socket.end(closings.UNAUTHORIZED)
        elif message.id in self._operations:
            self._socket.end(closings.duplicate(message.id))
        else:
            await self._operations.start(message)

    async def _open(self, payload: Mapping[str, Any]) -> None:
        """Open the session of the client, and acknowledge the connection."""
        live, request = self._client.live, self._client.request
        with self._client.observed() as observation:
            try:
                given = _credentials(Headers.of(self._client.scope), payload)
                resumed = resumed_after(payload)
                async with within_time(live.settings.execution_timeout):
                    self._session = session = await live.api.open_session(given, request)
                request_log.record_actor(session.actor)
                self._client.place.take_account(session.actor.user_id)
            except (RequestRefused, Unauthenticated) as error:
                self._refuse(error)
                return
            except Exception:
                request_log.record_error(FAULT)
                raise
            observation.status = 200
        session.ended.add_done_callback(self._end_session)
        self._operations = Operations(self._client, session, resumed)
        await self._socket.send(messages.connection_ack({"eventId": session.position}))

    def _refuse(self, error: RequestRefused | Unauthenticated) -> None:
        """End a connection whose client is not accepted."""
        if isinstance(error, Unauthenticated):
            request_log.record_refusal(error)
            self._socket.end(closings.forbidden(error.message))
            return
        request_log.record_error((error.extensions or {})["code"], error.__cause__)
        if error.status == TOO_MANY:
            self._socket.end(closings.ACCOUNT_FULL)
        else:
            self._socket.end(REFUSALS.get(error.status, closings.forbidden)(error.message))

    def _end_session(self, ended: "asyncio.Future[Ended]") -> None:
        self._socket.end(ENDINGS[ended.result()])


def _credentials(headers: Headers, payload: Mapping[str, Any]) -> Credentials:
    """What a client says of itself, in the payload or in the headers of its handshake. Raises RequestRefused."""
    given = {name.lower(): value for name, value in payload.items()}
    values = {**headers.values}
    for name in CREDENTIALS & given.keys():
        if not isinstance(given[name], str | None):
            raise RequestRefused("BAD_REQUEST", f"`{name}` in the payload of `connection_init` must be a string.")
        if given[name] is not None:
            values[name] = given[name]
    return credentials(Headers(values))
