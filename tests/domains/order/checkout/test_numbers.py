"""Order numbers: a counter per company that blocks no order and never repeats a number."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.errors import InsufficientStock
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database, Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.order.checkout.numbers import NumberTaken
from domains.order.models import NewOrder
from gateway.infra.postgres import open_pool
from tests.domains.order.storefront import HOME, Storefront
from tests.gateway.site import services_of

PATTERN = "update order_settings set order_number_pattern = $2 where company_id = $1"


async def numbers(shop: Storefront, *orders: Any) -> list[int]:
    return [int(order.order_number.rpartition("-")[2]) for order in orders]


async def take_number(shop: Storefront) -> int:
    return (await shop.services.order.checkout.take_ticket(shop.database, shop.system)).number


async def test_order_numbers_of_each_company_start_at_one(
    shop: Storefront, database: Database, clock: FixedClock, other_company: UUID, owner: Any
) -> None:
    other = Storefront(services_of(clock, database), database, clock, other_company, owner)
    ada, eve = await shop.customer(), await other.customer()
    await shop.stock("A", 5)
    await other.stock("A", 5)
    mine = [await shop.buy(ada, ("A", 1)), await shop.buy(ada, ("A", 1))]
    theirs = [await other.buy(eve, ("A", 1))]
    mine.append(await shop.buy(ada, ("A", 1)))
    year = clock.now().year
    assert [order.order_number for order in mine] == [f"{year}-00000{number}" for number in (1, 2, 3)]
    assert [order.order_number for order in theirs] == [f"{year}-000001"]


async def test_a_number_is_taken_by_one_statement_without_a_transaction(shop: Storefront) -> None:
    with counting() as count:
        assert await take_number(shop) == 1
    assert (count.data, count.control) == (1, 0)


async def test_numbers_taken_in_parallel_are_unique(shop: Storefront) -> None:
    assert sorted(await asyncio.gather(*(take_number(shop) for _ in range(60)))) == list(range(1, 61))


async def test_a_refused_order_leaves_a_gap_in_the_numbers(shop: Storefront) -> None:
    await shop.stock("A", 2)
    ada, eve = await shop.customers(2)
    await shop.fill(eve, ("A", 2))
    first = await shop.buy(ada, ("A", 1))
    with pytest.raises(InsufficientStock):
        await shop.place(eve)
    assert await numbers(shop, first, await shop.buy(ada, ("A", 1))) == [1, 3]


async def test_an_uncommitted_order_does_not_block_other_orders(shop: Storefront) -> None:
    await shop.stock("A", 5)
    await shop.stock("B", 5)
    ada, eve = await shop.customers(2)
    await shop.fill(ada, ("A", 1))
    ticket = await shop.services.order.checkout.take_ticket(shop.database, ada)
    async with shop.database.transaction(ada) as tx:
        placed = await shop.services.order.create_order(tx, ada, NewOrder(shipping=HOME), ticket)
        other = await shop.buy(eve, ("B", 1))  # would wait here until the lock's timeout
    assert await numbers(shop, placed.order, other) == [1, 2]


async def test_more_buyers_than_connections_all_get_a_number(
    shop: Storefront, admin_url: str, clock: FixedClock
) -> None:
    await shop.stock("A", None)
    buyers = await shop.customers(12)
    for buyer in buyers:
        await shop.fill(buyer, ("A", 1))
    pool = await open_pool(admin_url, size=2)
    try:
        database = Database(pool, SystemClock())
        narrow = Storefront(services_of(clock, database), database, clock, shop.company_id, shop.owner)
        placed = await asyncio.gather(*(narrow.place(buyer) for buyer in buyers))
    finally:
        await pool.close()
    assert sorted(await numbers(shop, *(each.order for each in placed))) == list(range(1, 13))


async def test_a_number_already_used_by_an_earlier_pattern_is_skipped(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.owner.execute(PATTERN, shop.company_id, "1{number}")
    for _ in range(3):
        await take_number(shop)
    assert (await shop.buy(ada, ("A", 1))).order_number == "14"
    await shop.owner.execute(PATTERN, shop.company_id, "{number}")
    await shop.owner.execute("update order_counters set last_number = 13 where company_id = $1", shop.company_id)
    shop.services = services_of(shop.clock, shop.database)
    await shop.fill(ada, ("A", 1))
    with pytest.raises(NumberTaken):
        await shop.place(ada)
    assert (await shop.place(ada)).order.order_number == "15"


async def test_the_counter_of_another_company_cannot_be_read_or_changed(
    shop: Storefront, other_company: UUID
) -> None:
    await take_number(shop)

    async def steal(tx: Tx) -> int:
        assert await tx.fetch("select * from order_counters") == []
        return await tx.execute("update order_counters set last_number = 99 where company_id = $1", shop.company_id)

    assert await shop.database.run(steal, Actor.system(other_company)) == 0
    assert await take_number(shop) == 2


async def test_the_date_in_a_number_is_in_the_companys_time_zone(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.owner.execute(PATTERN, shop.company_id, "{year}{month}{day}-{number}")
    shop.clock.at = datetime(2027, 12, 31, 12, tzinfo=UTC)
    for time_zone, number in (("UTC", "20271231-1"), ("Pacific/Auckland", "20280101-2")):
        zone = "update companies set time_zone = $2 where id = $1"
        await shop.owner.execute(zone, shop.company_id, time_zone)
        shop.services = services_of(shop.clock, shop.database)
        assert (await shop.buy(ada, ("A", 1))).order_number == number
