"""The export of stock: who may, what it says, and that it is read page by page."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast
from uuid import UUID

import httpx
import pytest

from domains.inventory import exporting
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.counting import counting
from domains.kernel.errors import Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from gateway.api import ApiGateway
from gateway.app import create_app
from gateway.graphql.execution import Execution
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.schema import build_schema
from gateway.http.settings import HttpSettings
from gateway.http.stock_routes import StockRoutes
from tests.gateway.catalog.operations import codes
from tests.gateway.shop import Shop
from tests.gateway.toy import ToyMutation, ToyQuery

Stocked = Callable[..., Awaitable[str]]
INVENTORY = PermissionResource.INVENTORY
GRANTS = {
    "customer": frozenset[Grant](),
    "reader": frozenset({Grant(INVENTORY, PermissionAction.READ)}),
    "editor": frozenset({Grant(PermissionResource.PRODUCTS, PermissionAction.EXPORT)}),
    "exporter": frozenset({Grant(INVENTORY, PermissionAction.EXPORT)}),
    "staff": frozenset({Grant(INVENTORY, PermissionAction.MANAGE)}),
}


@pytest.fixture
async def client(shop: Shop, other_company: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application; a token is the name of what its bearer may do, `stranger` of another company."""

    async def authenticate(token: str, company_id: UUID) -> Actor:
        if token == "stranger":
            return Actor(ActorKind.USER, other_company, user_id=new_id(), grants=GRANTS["staff"])
        if token not in GRANTS:
            raise Unauthenticated("The token is not valid.")
        return Actor(ActorKind.USER, company_id, user_id=new_id(), grants=GRANTS[token])

    async def find_company(_slug: str | None) -> UUID | None:
        return shop.company_id

    execution = Execution(build_schema([ToyQuery], [ToyMutation]), GraphQLLimits())
    api = ApiGateway(execution, cast("Any", None), shop.database, authenticate, find_company)
    routes = StockRoutes(api, shop.services.inventory, shop.database, HttpSettings()).routes()
    app = create_app(api, HttpSettings(access_log=False), routes=routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as made:
        yield made


async def export(client: httpx.AsyncClient, token: str | None) -> httpx.Response:
    return await client.get("/export/stock.csv", headers={"authorization": f"Bearer {token}"} if token else {})


def rows(response: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


async def test_every_sku_is_a_line_with_its_stock(client: httpx.AsyncClient, shop: Shop, stocked: Stocked) -> None:
    await stocked(**{"B": 2, "A,1": 5})
    given = {"sku": "B", "reorderPoint": 3, "reorderQuantity": 10, "location": "Shelf 4"}
    assert await codes(shop, "stockReorderUpdate", given, "admin") == []

    response = await export(client, "exporter")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="stock.csv"'
    found = rows(response)
    assert list(found[0]) == list(exporting.HEADING)
    assert [tuple(row.values())[:10] for row in found] == [
        ("A,1", "Polo", "Polo", "polo", "5", "0", "5", "0", "0", ""),
        ("B", "Polo", "Polo", "polo", "2", "0", "2", "3", "10", "Shelf 4"),
    ]
    assert all(row["Last Restocked"].endswith("+00:00") for row in found)


async def test_pages_follow_each_other_without_a_gap(
    client: httpx.AsyncClient, stocked: Stocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    skus = [f"S{number}" for number in range(5)]
    await stocked(**dict.fromkeys(skus, 1))
    with counting() as statements:
        response = await export(client, "staff")
    assert [row["SKU"] for row in rows(response)] == skus
    assert statements.data == 10


@pytest.mark.parametrize(
    ("token", "status"), [(None, 401), ("nobody", 401), ("customer", 403), ("reader", 403), ("editor", 403)]
)
async def test_only_who_may_export_does(
    client: httpx.AsyncClient, stocked: Stocked, token: str | None, status: int
) -> None:
    await stocked(SECRET=1)
    response = await export(client, token)
    assert response.status_code == status
    assert "SECRET" not in response.text


async def test_another_companys_stock_is_not_in_it(client: httpx.AsyncClient, stocked: Stocked) -> None:
    await stocked(SECRET=1)
    response = await export(client, "stranger")
    assert (response.status_code, rows(response)) == (200, [])
