"""Many buyers want the last units at once, at two servers: every unit is sold once, and none twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import pytest

from gateway.bootstrap import Platform
from tests.faults.api import Answered, Refused
from tests.faults.drain import settle
from tests.faults.processes import Processes
from tests.faults.scale import FULL
from tests.faults.shop import Buyer, Item, Placed, Shop

STOCK: Final = """
select s.available_stock, s.reserved_stock,
  (select coalesce(sum(r.quantity), 0)::int from reservations r
   where r.inventory_id = s.id and r.status = 'ACTIVE') as in_reservations,
  (select coalesce(sum(m.available_delta), 0)::int from stock_movements m where m.inventory_id = s.id) as in_ledger,
  (select coalesce(sum(i.quantity), 0)::int from order_items i where i.sku = s.sku) as ordered
from inventory_items s where s.sku = $1
"""


@dataclass(frozen=True, slots=True)
class Rush:
    """How many buyers want how many units, how often."""

    buyers: int
    units: int
    runs: int


USUAL = Rush(500, 50, 20) if FULL else Rush(200, 20, 2)


@dataclass(slots=True)
class Samples:
    """How often the stock of a SKU was read, and the readings that contradict themselves."""

    count: int = 0
    wrong: list[dict[str, Any]] = field(default_factory=list)


@asynccontextmanager
async def sampled(url: str, item: Item, units: int) -> AsyncIterator[Samples]:
    """Samples of the stock during the block: all units are available or reserved, by orders that exist."""
    samples = Samples()
    connection = await asyncpg.connect(url)

    async def sample() -> None:
        while True:
            (row,) = await connection.fetch(STOCK, item.sku)
            samples.count += 1
            reserved = {row["reserved_stock"], row["in_reservations"], row["ordered"]}
            if row["available_stock"] != row["in_ledger"] or reserved != {units - row["available_stock"]}:
                samples.wrong.append(dict(row))

    task = asyncio.create_task(sample())
    try:
        yield samples
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


@pytest.mark.parametrize("rush", [Rush(40, 7, 1), pytest.param(USUAL, marks=pytest.mark.faults)], ids=str)
async def test_the_last_units_are_sold_exactly_once(
    rush: Rush, processes: Processes, shop: Shop, platform: Platform, shop_url: str
) -> None:
    servers = await processes.serving()
    shop.staff.urls = [server.url for server in servers]
    for _ in range(rush.runs):
        (item,) = await shop.add_items(1, rush.units)
        buyers = [shop.buyer(first=number % len(servers)) for number in range(rush.buyers)]
        carts = await asyncio.gather(*(buyer.fill(item.line()) for buyer in buyers))
        async with sampled(shop_url, item, rush.units) as samples:
            pairs = zip(buyers, carts, strict=True)
            outcomes = await asyncio.gather(*(_buy(buyer, cart) for buyer, cart in pairs))
        refused = [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]
        assert refused == ["INSUFFICIENT_STOCK"] * (rush.buyers - rush.units)
        assert samples.wrong == []
        assert samples.count > 0
    assert shop.staff.faults == []
    await settle(platform, shop, shop_url)
    assert len(shop.told.paid) == rush.runs * rush.units


async def _buy(buyer: Buyer, cart_token: str | None) -> Placed | Refused:
    order = await buyer.order(cart_token)
    if isinstance(order, Placed):
        paid = await buyer.pay(order)
        assert isinstance(paid, Answered), paid
    return order
