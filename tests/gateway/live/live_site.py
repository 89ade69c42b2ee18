"""A site whose committed events reach the subscriptions of its clients, when a test says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.bootstrap import declared_channels, declared_events
from gateway.graphql.core.context import RequestMetadata
from gateway.live.feed import Feed
from gateway.live.sessions import Session
from gateway.messaging.wake import Wake
from tests.gateway.live.subscribers import Watched, watching
from tests.gateway.site import Site, Who

REQUEST = RequestMetadata("request-1", "192.0.2.1", "tests")


class LiveSite:
    """Opens sessions at a site, and delivers what was committed; `topics` are those of the company so far."""

    def __init__(self, site: Site, pool: Any) -> None:
        self.site = site
        self._feed = Feed(pool, site.stream, declared_events(), declared_channels().topics, Wake())
        self._sessions: list[Session] = []
        self.topics: set[str] = set()

    async def deliver(self) -> None:
        """Give the events that were committed since the last call to the subscriptions."""
        await self._feed.feed()
        events = (await self.site.stream.read(self.site.hub.position())).events
        self.topics |= {event.topic for event in events if event.company_id == self.site.company_id}
        await self.site.hub.read()

    def _opened(self) -> int:
        return self.site.hub.subscriptions + self.site.presence.subscriptions

    async def open(self, who: Who = None, *, cart_token: str | None = None) -> Session:
        """A session of a token, an actor or a guest."""
        session = await self.site.api.open_session(await self.site.credentials(who, cart_token), REQUEST)
        self._sessions.append(session)
        return session

    @asynccontextmanager
    async def watching(
        self,
        query: str,
        who: Who = None,
        *,
        cart_token: str | None = None,
        after: str | None = None,
        **variables: Any,
    ) -> AsyncIterator[Watched]:
        """Subscribe in a session of its own."""
        session = await self.open(who, cart_token=cart_token)
        async with self.watching_in(session, query, after=after, **variables) as watched:
            yield watched

    @asynccontextmanager
    async def watching_in(
        self, session: Session, query: str, *, after: str | None = None, **variables: Any
    ) -> AsyncIterator[Watched]:
        """Subscribe in a session."""
        async with watching(self._opened, session, query, variables, after) as watched:
            yield watched

    async def refusal(self, query: str, who: Who = None, *, cart_token: str | None = None, **variables: Any) -> Any:
        """The code of the only error of a subscription that is refused."""
        async with self.watching(query, who, cart_token=cart_token, **variables) as watched:
            assert watched.ended.is_set(), "it was admitted"
        (answer,) = watched.answers
        assert "data" not in answer
        (error,) = answer["errors"]
        return error["extensions"]["code"]

    async def close(self) -> None:
        """Close all sessions."""
        for session in self._sessions:
            await session.close()
