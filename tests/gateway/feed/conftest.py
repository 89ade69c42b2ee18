"""The import and export routes over the real application and database, and bearers who may or may not."""

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.errors import Unauthenticated
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.graphql.execution import Execution
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.schema import build_schema
from gateway.http.feed_routes import FeedRoutes
from gateway.http.settings import HttpSettings
from tests.domains.feed.shops import Shop
from tests.domains.people import make_user
from tests.gateway.toy import ToyMutation, ToyQuery

PRODUCTS = PermissionResource.PRODUCTS
GRANTS = {
    "customer": frozenset[Grant](),
    "reader": frozenset({Grant(PRODUCTS, PermissionAction.READ)}),
    "importer": frozenset({Grant(PRODUCTS, PermissionAction.IMPORT)}),
    "exporter": frozenset({Grant(PRODUCTS, PermissionAction.EXPORT)}),
    "staff": frozenset({Grant(PRODUCTS, PermissionAction.MANAGE)}),
}
MOST = 20_000


@pytest.fixture
def shop(database: Database, owner: Any, company: UUID, clock: FixedClock) -> Shop:
    """The company of the test."""
    companies = CompanyService(clock)
    catalog = CatalogService(companies, clock)
    return Shop(FeedService(catalog, InventoryService(catalog), companies), database, owner, company)


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> float:
    """Seconds that the application waits for more of a body."""
    return float(getattr(request, "param", 10))


@pytest.fixture
async def app(shop: Shop, patience: float) -> Starlette:
    """The application with the two routes; a token is the name of what its bearer may do."""
    user_id = await make_user(shop.owner)

    async def authenticate(token: str, company_id: UUID) -> Actor:
        if token not in GRANTS:
            raise Unauthenticated("The token is not valid.")
        return Actor(ActorKind.USER, company_id, grants=GRANTS[token], user_id=user_id)

    async def find_company(slug: str | None) -> UUID | None:
        return shop.id if slug is None else None

    execution = Execution(build_schema([ToyQuery], [ToyMutation]), GraphQLLimits())
    api = ApiGateway(execution, cast("Any", None), shop.database, authenticate, find_company)
    settings = HttpSettings(access_log=False, max_import=MOST, body_timeout=patience)
    return create_app(api, settings, routes=FeedRoutes(api, shop.feed, shop.database, settings).routes())


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as made:
        yield made
