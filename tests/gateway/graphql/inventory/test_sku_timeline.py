"""`commerce doctor --sku`: all events of a SKU in their order."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domains.inventory.errors import SkuNotFound
from domains.inventory.models import SkuTimeline, StockLine
from domains.kernel.errors import NotFound
from domains.kernel.ids import new_id
from gateway.commands.timelines.skus import find, lines_of
from gateway.settings import Settings
from tests.gateway.graphql.catalog.operations import codes
from tests.gateway.site import Site

Stocked = Callable[..., Awaitable[str]]
LATER = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def timeline(shop: Site, admin_url: str, tmp_path: Path) -> Callable[[str], Awaitable[SkuTimeline]]:
    """The timeline of a SKU of the test's company."""

    async def read(sku: str) -> SkuTimeline:
        return await find(Settings(commerce_home=tmp_path), admin_url, sku, f"shop-{shop.company_id.hex}")

    return read


async def test_the_timeline_lists_all_changes_in_order(shop: Site, stocked: Stocked, timeline: Any) -> None:
    product = await stocked(A=5)
    delivery = {"sku": "A", "quantity": 3, "type": "PURCHASE", "reason": "Delivered", "reference": "D-1"}
    assert await codes(shop, "stockUpdate", delivery, "admin") == []
    buyer, inventory, paid, open_ = shop.actors["customer"], shop.services.inventory, new_id(), new_id()
    async with shop.database.transaction(buyer) as tx:
        await inventory.reservations.reserve(tx, buyer, [StockLine("A", 2)], order_id=paid, expires_at=LATER)
        await inventory.reservations.reserve(tx, buyer, [StockLine("A", 1)], order_id=open_, expires_at=LATER)
        await inventory.reservations.remove_expiry(tx, paid)

    read = await timeline("A")
    lines = [re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", line) for line in lines_of(read)]

    admin = f"by USER {shop.actors['admin'].user_id}"
    customer = f"by USER {buyer.user_id}"
    assert lines == [
        f"SKU 'A' is variant {read.owner.variant_id} of product {product}, on sale.",
        "Now:  5 available + 3 reserved = 8; order 0 again at 0",
        "",
        f"TIME  PURCHASE    available +5  reserved +0  total 5  {admin}, First stock",
        f"TIME  PURCHASE    available +3  reserved +0  total 8  {admin}, Delivered, for D-1",
        f"TIME  RESERVATION available -2  reserved +2  total 8  {customer}, for {paid}",
        f"TIME  RESERVATION available -1  reserved +1  total 8  {customer}, for {open_}",
        "",
        "Reserved now:",
        f"TIME  2 by order {paid}, without a time limit",
        f"TIME  1 by order {open_}, until 2030-01-01 00:00:00",
        "",
        "ok   The ledger and the reservations add up to the stock.",
    ]


async def test_the_timeline_tells_of_several_warehouses(shop: Site, stocked: Stocked, timeline: Any) -> None:
    await stocked(A=5)
    create = """mutation ($input: WarehouseCreateInput!) { warehouseCreate(input: $input) {
      warehouse { id } errors { code } } }"""
    other = (await shop.do(create, "admin", code="B1", name="Second"))["warehouse"]["id"]
    assert await codes(shop, "stockUpdate", {"sku": "A", "quantity": 2, "warehouseId": other}, "admin") == []
    buyer, inventory, order = shop.actors["customer"], shop.services.inventory, new_id()
    async with shop.database.transaction(buyer) as tx:
        await inventory.reservations.reserve(tx, buyer, [StockLine("A", 6)], order_id=order, expires_at=LATER)
    read = await timeline("A")
    assert read.is_consistent
    lines = [re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", line) for line in lines_of(read)]
    assert lines[1:4] == [
        "Now:  1 available + 6 reserved = 7; order 0 again at 0",
        "  in B1: 0 available + 2 reserved = 2",
        "  in MAIN: 1 available + 4 reserved = 5",
    ]
    assert lines[5].startswith("TIME  PURCHASE    available +5  reserved +0  total 5  in MAIN, by USER ")
    assert f"TIME  2 by order {order} in B1, until 2030-01-01 00:00:00" in lines


async def test_a_ledger_that_does_not_add_up_is_reported(
    stocked: Stocked, timeline: Any, shop: Site, owner: Any
) -> None:
    await stocked(A=5)
    change = "update inventory_items set available_stock = $2, total_stock = $2 where company_id = $1"
    await owner.execute(change, shop.company_id, 9)
    read = await timeline("A")
    assert not read.is_consistent
    assert list(lines_of(read))[-1].startswith(
        "BAD  The ledger adds up to 5 available and 0 reserved units, the reservations to 0."
    )
    await owner.execute(change, shop.company_id, 5)


async def test_the_timeline_of_a_never_stocked_and_an_unknown_sku(
    stocked: Stocked, timeline: Any, shop: Site
) -> None:
    category = "{ categories { nodes { id } } }"
    await stocked(A=5)
    nodes = (await shop.data(category, "admin"))["categories"]["nodes"]
    given = {"name": "New", "categoryId": nodes[0]["id"], "basePrice": "1.00", "sku": "N", "isTracked": False}
    assert await codes(shop, "productCreate", given, "admin") == []
    lines = list(lines_of(await timeline("N")))
    assert lines[0].endswith(", not tracked: it can always be sold.")
    assert lines[1:] == ["It was never stocked."]
    with pytest.raises(SkuNotFound, match="There is no product or variant with the SKU 'unknown'"):
        await timeline("unknown")


async def test_an_unknown_company_is_refused(admin_url: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no company 'nobody'"):
        await find(Settings(commerce_home=tmp_path), admin_url, "A", "nobody")
