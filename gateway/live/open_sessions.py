"""The open sessions of this process: they are authenticated again when their users change, and every minute."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import structlog

from domains.auth.events import RoleAssigned, SessionEnded, SessionFamilyEnded, UserDisabled, UserErased, UserMerged
from domains.company.events import CompanyDeactivated
from domains.kernel.errors import Unauthenticated
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.role.events import RoleUpdated
from gateway.authentication import Authentication
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import RequestRefused
from gateway.live.channels import Channel
from gateway.live.hub import Hub, Missed, SubscriberTooSlow
from gateway.live.presence import Presence
from gateway.live.sessions import Credentials, Rooms, Session
from gateway.live.stream import LiveEvent
from gateway.live.turns import Turns

if TYPE_CHECKING:
    from gateway.api import ApiGateway

log = structlog.get_logger("gateway.live")
INTERVAL: Final = 60.0  # seconds between two checks of a session
WAKE_INTERVAL: Final = 5.0
RETRY_SECONDS: Final = 1.0
ENDING: Final = (SessionEnded, SessionFamilyEnded, UserDisabled, UserErased, UserMerged)
SESSIONS: Final = Channel(
    "sessions", dict.fromkeys((*ENDING, RoleAssigned, RoleUpdated, CompanyDeactivated)), is_of_every_company=True
)


class OpenSessions:
    """Opens sessions, and receives the events that may end them while there are any."""

    def __init__(self, authentication: Authentication, hub: Hub, presence: Presence) -> None:
        self._authentication = authentication
        self._hub = hub
        self.presence = presence
        self._rooms = Rooms(hub, presence, Turns())
        self._sessions: set[Session] = set()
        self._task: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()

    async def open(self, api: "ApiGateway", credentials: Credentials, request: RequestMetadata) -> Session:
        """A session, which the caller closes. Raises RequestRefused and Unauthenticated."""
        await self._hub.begin()
        session = Session(api, self._authentication, self._rooms, credentials, request, self._forget)
        try:
            await self._watch_too(session)
            await session.open()
        except BaseException:
            await session.close()
            raise
        return session

    async def _watch_too(self, session: Session) -> None:
        """Watch a session from before its actor is known, so that no event falls between."""
        self._sessions.add(session)
        if self._task is None:
            self._begun.clear()
            self._task = asyncio.create_task(self._run(), name="open sessions")
        await self._begun.wait()

    def _forget(self, session: Session) -> None:
        self._sessions.discard(session)
        if not self._sessions and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._watch()
            except SubscriberTooSlow:
                log.warning("events of sessions were not read in time; all sessions are checked")
            except Exception:  # the checks by the minute go on
                raise_if_cancelled()
                log.exception("events of sessions cannot be read")
            self._begun.set()
            await self._check(set(self._sessions))
            await asyncio.sleep(RETRY_SECONDS)

    async def _watch(self) -> None:
        async with self._hub.subscribe(SESSIONS.room(None)) as events:
            self._begun.set()
            while True:
                event: LiveEvent | Missed | None = None
                try:
                    async with asyncio.timeout(WAKE_INTERVAL):
                        event = await anext(events)
                except TimeoutError:
                    pass
                await self._check(self._concerned(event))

    def _concerned(self, event: LiveEvent | Missed | None) -> Collection[Session]:
        """The sessions that may have ended by an event, and those whose last check is a minute old."""
        if isinstance(event, Missed):
            self._authentication.forget_companies()
            return set(self._sessions)
        if event is not None and event.topic == CompanyDeactivated.topic:
            self._authentication.forget_companies()
        due = asyncio.get_running_loop().time() - INTERVAL
        return {
            session
            for session in self._sessions
            if session.checked_at <= due or (event is not None and session.depends_on(event.aggregate_id))
        }

    async def _check(self, sessions: Collection[Session]) -> None:
        for session in sessions:
            try:
                await session.check()
            except (RequestRefused, Unauthenticated):
                continue  # it has ended, which its connection learns
            except Exception:  # such as a database that does not answer: it is checked again
                raise_if_cancelled()
                log.exception("a session cannot be checked")
                return
