"""The export of stock: permissions, content, and pages."""

import csv
import io
from collections.abc import Awaitable, Callable

import httpx
import pytest

from domains.inventory import export as stock_export
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.site import Site

Stocked = Callable[..., Awaitable[str]]
INVENTORY = PermissionResource.INVENTORY
GRANTS = {
    "reader": Grant(INVENTORY, PermissionAction.READ),
    "exporter": Grant(INVENTORY, PermissionAction.EXPORT),
    "staff": Grant(INVENTORY, PermissionAction.MANAGE),
}


@pytest.fixture(autouse=True)
def bearers(shop: Site) -> None:
    """More tokens, each the name of its permissions."""
    for name, grant in GRANTS.items():
        shop.actors[name] = Actor(ActorKind.USER, shop.company_id, user_id=new_id(), grants=frozenset({grant}))


async def export(shop: Site, token: str | None) -> httpx.Response:
    return await shop.send("GET", token, "/export/stock.csv")


def rows(response: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


async def test_every_sku_is_a_line_with_its_stock(shop: Site, stocked: Stocked) -> None:
    await stocked(**{"B": 2, "A,1": 5})
    given = {"sku": "B", "reorderPoint": 3, "reorderQuantity": 10, "location": "Shelf 4"}
    assert await codes(shop, "stockReorderUpdate", given, "admin") == []

    response = await export(shop, "exporter")

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="stock.csv"'
    found = rows(response)
    assert list(found[0]) == list(stock_export.HEADER)
    assert [tuple(row.values())[:10] for row in found] == [
        ("A,1", "Polo", "Polo", "polo", "5", "0", "5", "0", "0", ""),
        ("B", "Polo", "Polo", "polo", "2", "0", "2", "3", "10", "Shelf 4"),
    ]
    assert all(row["Last Restocked"].endswith("+00:00") for row in found)


async def test_pages_of_the_export_are_consecutive(
    shop: Site, stocked: Stocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock_export, "PAGE_SIZE", 2)
    skus = [f"S{number}" for number in range(5)]
    await stocked(**dict.fromkeys(skus, 1))
    with counting() as statements:
        response = await export(shop, "staff")
    assert [row["SKU"] for row in rows(response)] == skus
    assert statements.data == 10


@pytest.mark.parametrize(
    ("token", "status"), [(None, 401), ("nobody", 401), ("customer", 403), ("reader", 403), ("editor", 403)]
)
async def test_exporting_requires_the_permission(
    shop: Site, stocked: Stocked, token: str | None, status: int
) -> None:
    await stocked(SECRET=1)
    response = await export(shop, token)
    assert response.status_code == status
    assert "SECRET" not in response.text


async def test_the_export_contains_no_stock_of_another_company(shop: Site, stocked: Stocked) -> None:
    await stocked(SECRET=1)
    response = await export(shop, "stranger")
    assert (response.status_code, rows(response)) == (200, [])
