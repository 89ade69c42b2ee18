"""The toy shop with an event stream that the test fills, and clients that subscribe to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domains.kernel.clock import Clock
from gateway.api import ApiGateway, GraphQLRequest
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.schema import Schema
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live.channels import Channels
from gateway.live.hub import Hub
from gateway.live.open_sessions import SESSIONS
from gateway.live.sessions import Credentials, Session
from gateway.live.stream import encoded
from tests.gateway.conftest import make_api
from tests.gateway.live.samples import TIMES, add
from tests.gateway.live.subscribers import Watched, watching
from tests.gateway.toy_shop import COMPANY, THING_CHANNEL, RecordingDatabase, ThingChanged

REQUEST = RequestMetadata("request-1", "192.0.2.1", "tests")
ONE, TWO = UUID(int=1001), UUID(int=1002)
CHANGED = "subscription ($id: ID!) { thingChanged(id: $id) { number thing { name } } }"
SEEN = CHANGED.replace("thingChanged", "thingSeen")
ANY = "subscription { anyThing { thing { name } } }"


@dataclass
class Toys:
    """The toy shop with a stream that the test fills."""

    api: ApiGateway
    hub: Hub
    stream: MemoryStream
    db: RecordingDatabase
    sessions: list[Session] = field(default_factory=list)

    async def open(self, token: str | None = None) -> Session:
        session = await self.api.open_session(Credentials(token), REQUEST)
        self.sessions.append(session)
        return session

    async def close(self) -> None:
        """Close all sessions: an open one keeps a task for as long as the event loop runs."""
        for session in self.sessions:
            await session.close()

    async def change(self, *things: UUID, how: str = "shown", company_id: UUID = COMPANY) -> None:
        bodies = [
            encoded(ThingChanged.topic, company_id, each, {"thing_id": str(each), "how": how}, next(TIMES))
            for each in things
        ]
        await add(self.stream, bodies)
        await self.hub.read()

    async def tell(self, topic: str, aggregate_id: UUID, company_id: UUID | None = None) -> None:
        """An event of another domain."""
        await add(self.stream, [encoded(topic, company_id, aggregate_id, {}, next(TIMES))])
        await self.hub.read()

    async def ask(self, session: Session, query: str, **variables: Any) -> list[dict[str, Any]]:
        """All answers to an operation that ends by itself."""
        return [answer.body async for answer in session.operations(GraphQLRequest(query, variables=variables), None)]

    @asynccontextmanager
    async def watching(
        self, session: Session, query: str = CHANGED, after: str | None = None, **variables: Any
    ) -> AsyncIterator[Watched]:
        """A client that subscribes, and reads what it gets."""
        async with watching(lambda: self.hub.subscriptions, session, query, variables, after) as watched:
            yield watched


@asynccontextmanager
async def toy_site(schema: Schema, db: RecordingDatabase, clock: Clock, **options: Any) -> AsyncIterator[Toys]:
    """The toy shop, whose stream has begun; `options` are those of `make_api`. Its sessions are closed at the end."""
    stream = MemoryStream(clock)
    await add(stream, [])
    hub = Hub(stream, Channels([THING_CHANNEL, SESSIONS]))
    await hub.read()
    made = Toys(make_api(schema, db, hub=hub, **options), hub, stream, db)
    yield made
    await made.close()


def names(watched: Watched) -> list[str]:
    """The thing of each result, or the code of its error."""
    codes = iter(watched.codes)
    return [
        next(codes) if "errors" in answer else value["thing"]["name"] if value else "missed"
        for answer, value in zip(watched.answers, watched.values, strict=True)
    ]
