"""Sessions of live connections: operations as a user or a guest, until the login ends or the token expires."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.errors import Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.transactions.cleanup import raise_if_cancelled
from gateway import request_log
from gateway.authentication import Authentication
from gateway.graphql.core.context import Context, RequestMetadata
from gateway.graphql.core.errors import RequestRefused, render
from gateway.graphql.engine.shared import Answer
from gateway.graphql.engine.subscription import EventResult, LiveOperation
from gateway.live.hub import Hub, Missed, Subscription
from gateway.live.presence import Presence, PresenceSubscription
from gateway.live.presence_store import PresenceRoom, Present
from gateway.live.stream import LiveEvent
from gateway.live.turns import Turns
from gateway.rate_limits.rate_limits import RateLimits

if TYPE_CHECKING:
    from gateway.api import ApiGateway, GraphQLRequest

UNAUTHENTICATED: Final = "UNAUTHENTICATED"
ENDED: Final = EventResult(None, is_last=True)
Received: TypeAlias = LiveEvent | Missed | Present


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says of itself: a bearer token, the slug of a company, and the token of a guest's cart."""

    token: str | None = field(default=None, repr=False)
    company: str | None = None
    cart_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where subscriptions of a process wait: for events, for who is present, and for their turns."""

    hub: Hub
    presence: Presence
    turns: Turns


class Ended(Enum):
    """Why a session ended: the login ended or has no access to the company any more, or the access token expired."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a reason, no secret


class _Signal(Enum):
    """What is received instead of an event: the actor has changed, or there will be no more events."""

    ACTOR_CHANGED = "actor changed"
    CLOSED = "closed"


class Session:
    """The operations of one client. `ApiGateway.open_session` opens it, and the caller closes it.

    Its operations and events are executed in turns with those of other sessions of its network address.

    The actor is authenticated again before each operation and each event, when the user, the role or the company
    changes, and about once a minute. `ended` is set when that is refused, and when the access token expires; the
    caller then closes the iterators of the operations.
    """

    def __init__(
        self,
        api: "ApiGateway",
        authentication: Authentication,
        rooms: Rooms,
        credentials: Credentials,
        request: RequestMetadata,
        on_close: "Callable[[Session], None]",
    ) -> None:
        loop = asyncio.get_running_loop()
        self._api = api
        self._authentication = authentication
        self._hub = rooms.hub
        self._presence = rooms.presence
        self._turn = rooms.turns.of(request.ip)
        self._guest = str(new_id())
        self._on_close = on_close
        self._credentials = credentials
        self._request = replace(request, cart_token=credentials.cart_token)
        self._actor: Actor | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._waits: set[asyncio.Timeout] = set()
        self.checked_at = loop.time()
        self.ended: asyncio.Future[Ended] = loop.create_future()

    @property
    def actor(self) -> Actor:
        """The user or guest, as last authenticated. Raises RuntimeError before the session is open."""
        if self._actor is None:
            raise RuntimeError("the session is not open")
        return self._actor

    @property
    def position(self) -> str:
        """The id of the newest event, after which a subscription of this moment can be resumed."""
        return self._hub.position()

    def depends_on(self, id_: UUID) -> bool:
        """Whether this is the id of its user, role or company; any may be while it is opened."""
        actor = self._actor
        if actor is None:
            return True
        return id_ in (actor.user_id, actor.company_id, actor.role.id if actor.role else None)

    async def open(self) -> None:
        """Authenticate, and end when the token expires. Raises RequestRefused and Unauthenticated."""
        await self.check()
        seconds = self._authentication.seconds_left(self._credentials.token)
        if seconds is not None:
            self._expiry = asyncio.get_running_loop().call_later(seconds, self._end, Ended.TOKEN)

    async def check(self) -> Actor:
        """The actor, authenticated again. Raises RequestRefused and Unauthenticated; then the session has ended."""
        self.checked_at = asyncio.get_running_loop().time()
        try:
            actor = await self._authentication.actor(self._credentials.token, self._credentials.company)
        except (RequestRefused, Unauthenticated):
            seconds = self._authentication.seconds_left(self._credentials.token)
            self._end(Ended.TOKEN if seconds == 0 else Ended.SESSION)
            raise
        if actor != self._actor:
            self._actor = actor
            self._interrupt()
        return actor

    async def operations(
        self, request: "GraphQLRequest", limits: RateLimits | None, last_event_id: str | None = None
    ) -> AsyncGenerator[Answer]:
        """Execute an operation: a query or a mutation yields one answer, a subscription one for each event.

        An answer without data is the last one: the operation was refused, or may not go on. Reads of the account and
        all writes are counted; the caller counts the read of the network address. A subscription begins with what
        follows the event `last_event_id`. Raises SubscriberTooSlow.
        """
        try:
            async with self._turn:
                context = self._api.context(await self.check(), self._metadata())
            if limits is not None:
                limits.check_account_read(context.actor.user_id)
        except (RequestRefused, Unauthenticated) as error:
            yield _refusal(error, self._request.request_id)
            return
        request_log.record_actor(context.actor)
        started = await self._api.start(request, context, limits, self._turn)
        if isinstance(started, Answer):
            yield started
            return
        async with aclosing(self._results(started, context.actor, last_event_id)) as results:
            async for answer in results:
                yield answer

    async def close(self) -> None:
        """Forget the session; the iterators of its operations are closed before."""
        if self._expiry is not None:
            self._expiry.cancel()
        self._on_close(self)

    async def _results(
        self, operation: LiveOperation, admitted: Actor, last_event_id: str | None
    ) -> AsyncGenerator[Answer]:
        async with self._subscribed(operation, admitted, last_event_id) as events:
            while (received := await self._receive(events, admitted)) is not _Signal.CLOSED:
                result, admitted = await self._result_in_turn(operation, received, admitted)
                if result.answer is not None:
                    yield result.answer
                if result.is_last:
                    return

    def _subscribed(
        self, operation: LiveOperation, actor: Actor, last_event_id: str | None
    ) -> AbstractAsyncContextManager[Subscription | PresenceSubscription]:
        """The events of a room after an id, or who is present in it; a guest is another member at each connection."""
        if not isinstance(operation.room, PresenceRoom):
            return self._hub.subscribe(operation.room, last_event_id)
        member = str(actor.user_id) if actor.user_id else self._guest
        return self._presence.subscribe(operation.room, member if operation.is_viewing else None)

    async def _result_in_turn(
        self, operation: LiveOperation, received: Received | _Signal, actor: Actor
    ) -> tuple[EventResult, Actor]:
        """As `_result`; what is executed for another guest anyway needs no turn."""
        if isinstance(received, LiveEvent | Present) and operation.is_executed(actor, received):
            return await self._result(operation, received, actor)
        async with self._turn:
            return await self._result(operation, received, actor)

    async def _result(
        self, operation: LiveOperation, received: Received | _Signal, actor: Actor
    ) -> tuple[EventResult, Actor]:
        """The result of an event, and the actor to whom it is shown.

        What fails at one event, such as the database, is a fault in its result.
        """
        request = self._metadata()
        try:
            actor = self.actor if isinstance(received, _Signal) else await self.check()
            return await _executed(operation, self._api.context(actor, request), received), actor
        except (RequestRefused, Unauthenticated):
            return ENDED, actor
        except Exception as error:  # noqa: BLE001 - the client gets a result with a request id
            raise_if_cancelled()
            event_id = received.id if isinstance(received, LiveEvent | Missed) else None
            return operation.failed(event_id, error, request.request_id), actor

    async def _receive(self, events: Subscription | PresenceSubscription, admitted: Actor) -> Received | _Signal:
        """The next event, or at once a signal that the actor is no longer the one who was admitted."""
        if self.ended.done():
            return _Signal.CLOSED
        if self._actor != admitted:
            return _Signal.ACTOR_CHANGED
        try:
            async with asyncio.timeout(None) as wait:
                self._waits.add(wait)
                return await anext(events, _Signal.CLOSED)
        except TimeoutError:
            return _Signal.CLOSED if self.ended.done() else _Signal.ACTOR_CHANGED
        finally:
            self._waits.discard(wait)

    def _metadata(self) -> RequestMetadata:
        """The origin of an operation, with the id that its log lines have."""
        log = request_log.current()
        return self._request if log is None else replace(self._request, request_id=log.request_id)

    def _end(self, reason: Ended) -> None:
        if not self.ended.done():
            self.ended.set_result(reason)
            self._interrupt()

    def _interrupt(self) -> None:
        """Let operations that wait for an event look at the session."""
        waits, self._waits = self._waits, set()
        for wait in waits:
            wait.reschedule(asyncio.get_running_loop().time())


async def _executed(operation: LiveOperation, context: Context, received: Received | _Signal) -> EventResult:
    try:
        if isinstance(received, Missed):
            return EventResult(operation.missed(received.id))
        if isinstance(received, _Signal):
            return await operation.readmit(context)
        return await operation.result(context, received)
    finally:
        context.loaders.close()


def _refusal(error: RequestRefused | Unauthenticated, request_id: str) -> Answer:
    if isinstance(error, Unauthenticated):
        error = RequestRefused(UNAUTHENTICATED, error.message, status=401)
    return Answer({"errors": [render(error, request_id)]}, status=error.status)
