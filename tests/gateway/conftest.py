"""Fixtures of the gateway: the toy shop in the real application, and sites of the whole platform."""

from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from starlette.types import ASGIApp

from domains.company.service import CompanyService
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database
from domains.kernel.errors import Unauthenticated
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.authentication import Authentication
from gateway.companies import Companies
from gateway.graphql.core.schema import Schema, build_schema
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.settings import HttpSettings
from gateway.infra.live.memory_presence import MemoryPresence
from gateway.infra.live.memory_stream import MemoryStream
from gateway.infra.memory import MemoryCache
from gateway.infra.postgres import RELAY_ROLE, open_pool
from gateway.live.channels import Channels
from gateway.live.hub import Hub
from gateway.live.open_sessions import SESSIONS, OpenSessions
from gateway.live.presence import Presence
from gateway.operations.query_texts import QueryTexts
from gateway.services import Services
from tests.gateway.live.live_site import LiveSite
from tests.gateway.site import Site
from tests.gateway.toy_shop import (
    COMPANY,
    THING_CHANNEL,
    RecordingDatabase,
    ToyMutation,
    ToyQuery,
    ToySubscription,
    user,
)

TOKENS = {
    "customer": user(),
    "staff": user((PermissionResource.PRODUCTS, PermissionAction.MANAGE)),
    "reader": user((PermissionResource.PRODUCTS, PermissionAction.READ)),
}


async def authenticate(token: str, company_id: UUID) -> Actor:
    try:
        return TOKENS[token]
    except KeyError:
        raise Unauthenticated("The token is not valid.") from None


class ToyCompanies:
    """The company service of the toy shop, which has only the default company."""

    async def by_slug(self, db: Any, slug: str, *, include_inactive: bool = False) -> Any:
        return SimpleNamespace(id=COMPANY) if slug == "main" else None

    async def default_company(self, db: Any) -> Any:
        return await self.by_slug(db, "main")


def toy_companies(db: RecordingDatabase) -> Companies:
    return Companies(cast("CompanyService", ToyCompanies()), cast("Database", db))


@pytest.fixture(scope="session")
def schema() -> Schema:
    return build_schema([ToyQuery], [ToyMutation], [ToySubscription])


@pytest.fixture
def db() -> RecordingDatabase:
    return RecordingDatabase()


def make_api(
    schema: Schema,
    db: RecordingDatabase,
    limits: GraphQLLimits | None = None,
    texts: QueryTexts | None = None,
    hub: Hub | None = None,
) -> ApiGateway:
    execution = Execution(schema, limits or GraphQLLimits(), texts=texts)
    return ApiGateway(
        execution,
        cast("Services", None),
        cast("Database", db),
        MemoryCache(SystemClock()),
        authentication := Authentication(toy_companies(db), authenticate),
        OpenSessions(authentication, hub or toy_hub(), toy_presence()),
    )


def toy_hub() -> Hub:
    return Hub(MemoryStream(SystemClock()), Channels([THING_CHANNEL, SESSIONS]))


def toy_presence() -> Presence:
    return Presence(MemoryPresence(SystemClock()))


def make_app(api: ApiGateway, settings: HttpSettings | None = None, **options: Any) -> ASGIApp:
    return create_app(api, settings or HttpSettings(access_log=False), **options)


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test")


@pytest.fixture
async def client(schema: Schema, db: RecordingDatabase) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(make_app(make_api(schema, db))) as made:
        yield made


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Any:
    """Send one query and return the JSON of the response."""

    async def send(
        query: str, variables: dict[str, Any] | None = None, token: str | None = None, status: int = 200
    ) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        assert response.status_code == status, response.text
        return response.json()

    return send


@pytest.fixture
def make_site(database: Database, company: UUID, clock: FixedClock) -> Callable[..., Site]:
    """A factory of sites of the test's company, or another one, with given settings."""

    def make(company_id: UUID = company, **settings: Any) -> Site:
        return Site(database, company_id, clock, **settings)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site with default settings."""
    return make_site()


@pytest.fixture(scope="module")
async def relay_pool(admin_url: str) -> AsyncIterator[Any]:
    """Connections with the role of the relay."""
    pool = await open_pool(admin_url, role=RELAY_ROLE, size=6)
    yield pool
    await pool.close()


@pytest.fixture
async def live(site: Site, relay_pool: Any) -> AsyncIterator[LiveSite]:
    """The site with subscriptions; what is committed from now on can be delivered to them."""
    made = LiveSite(site, relay_pool)
    await made.deliver()
    yield made
    await made.close()


@pytest.fixture
async def empty_outbox(owner: Any) -> None:
    """Delete all events and inbox entries."""
    await owner.execute("truncate outbox_events, inbox_entries")
