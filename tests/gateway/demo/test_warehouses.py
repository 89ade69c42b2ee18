"""The warehouses of the demo: their stock, a transfer under way, a stock take, and units beyond the stock."""

from typing import Any

import pytest

from gateway.demo.loader import Demo
from gateway.demo.warehouses import BACKORDER_LIMIT, BACKORDERED, COUNTED, TRANSFERRED, read_warehouses
from gateway.infra.postgres import connected

STOCKED = """
select w.code, count(*) as skus, sum(l.available_stock) as units
from inventory_levels l join warehouses w on w.id = l.warehouse_id
where l.company_id = $1 and l.available_stock > 0 group by w.code order by w.code
"""
UNDER_WAY = """
select t.status::text, sum(l.shipped - l.received - l.lost) as under_way, sum(l.lost) as lost
from stock_transfers t join stock_transfer_lines l on l.transfer_id = t.id where t.company_id = $1 group by t.id
"""
COUNTS = """
select t.status::text, sum(l.counted - l.expected) as difference, count(*) as lines
from stock_takes t join stock_take_lines l on l.stock_take_id = t.id where t.company_id = $1 group by t.id
"""
BEYOND = "select sku, backorder_limit from inventory_items where company_id = $1 and backorder_limit > 0"
PICKUP = """
select m.name, w.code from shipping_methods m join warehouses w on w.id = m.pickup_warehouse_id
where m.company_id = $1
"""


@pytest.fixture
async def rows(demo: Demo, url: str) -> Any:
    """Reads rows of the demo's company."""

    async def read(statement: str) -> list[tuple[Any, ...]]:
        async with connected(url) as connection:
            return [tuple(row) for row in await connection.fetch(statement, demo._actor.company_id)]

    return read


async def test_three_warehouses_have_stock(rows: Any) -> None:
    stocked = await rows(STOCKED)
    assert [code for code, _, _ in stocked] == sorted(given["code"] for given in read_warehouses())
    assert all(skus > 10 and units > 50 for _, skus, units in stocked)
    assert await rows(PICKUP) == [("Collect in Stoke", "STOKE")]


async def test_a_transfer_is_under_way_and_stock_is_counted(rows: Any) -> None:
    assert await rows(UNDER_WAY) == [("PARTIALLY_RECEIVED", sum(TRANSFERRED.values()) - 6, 1)]
    assert await rows(COUNTS) == [("OPEN", sum(COUNTED.values()), len(COUNTED))]


async def test_a_sku_is_sold_beyond_its_stock(rows: Any) -> None:
    assert await rows(BEYOND) == [(BACKORDERED, BACKORDER_LIMIT)]
