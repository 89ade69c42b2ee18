"""An order that cannot be closed is stepped over and named: it blocks no other order and no other company."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.order.models import Order, OrderStatus
from gateway.bootstrap import build_jobs
from gateway.messaging.jobs import JobResult, Jobs, last_runs
from tests.domains.order.refunded_orders import refunded_by_earlier_version
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of

S = OrderStatus


@pytest.fixture
async def neighbour(
    database: Database, clock: FixedClock, other_company: UUID, owner: Any
) -> AsyncIterator[Storefront]:
    """A shop of a company whose turn is later."""
    made = Storefront(services_of(clock, database), database, clock, other_company, owner)
    yield made
    assert await made.broken() == []


async def run_job(shop: Storefront, relay_pool: Any, name: str) -> JobResult | None:
    """Run a job as a worker does."""
    (job,) = (job for job in build_jobs(shop.database, shop.services) if job.name == name)
    return await Jobs(relay_pool, [job], shop.clock).run_now(job)


async def error_of(relay_pool: Any, name: str) -> str | None:
    return (await last_runs(relay_pool))[name].error


async def buy_three(shop: Storefront) -> list[Order]:
    """Orders of A, B and C, the oldest first."""
    made = []
    for sku in "ABC":
        await shop.stock(sku, 5)
        made.append(await shop.buy(await shop.customer(), (sku, 1)))
        shop.clock.advance(timedelta(seconds=1))
    return made


UNRESERVE = """
with item as (
  update inventory_items set reserved_stock = reserved_stock - $3, total_stock = total_stock - $3
  where company_id = $1 and sku = $2 returning id
)
update inventory_levels l set reserved_stock = reserved_stock - $3, total_stock = total_stock - $3
from item where l.company_id = $1 and l.inventory_id = item.id
"""


async def unreserve(shop: Storefront, sku: str, count: int) -> None:
    """Change the reserved units of a SKU by hand, so that they contradict its reservations."""
    await shop.owner.execute(UNRESERVE, shop.company_id, sku, count)


async def statuses(shop: Storefront, orders: list[Order]) -> list[OrderStatus]:
    return [(await shop.order(order.id)).status for order in orders]


@pytest.mark.parametrize(
    ("job", "before", "ended"),
    [("end unpaid orders", S.PENDING, S.FAILED), ("end refunded orders", S.PAID, S.REFUNDED)],
)
async def test_an_order_that_cannot_be_closed_blocks_no_other(
    shop: Storefront, neighbour: Storefront, relay_pool: Any, job: str, before: OrderStatus, ended: OrderStatus
) -> None:
    orders, others = await buy_three(shop), await buy_three(neighbour)
    if before is S.PAID:
        for place, made in ((shop, orders), (neighbour, others)):
            for order in made:
                await refunded_by_earlier_version(place, await place.pay(place.system, order))
    await unreserve(shop, "A", 1)
    shop.clock.advance(timedelta(minutes=31))
    result = await run_job(shop, relay_pool, job)
    assert result is not None
    assert result.error is not None
    assert await statuses(shop, orders) == [before, ended, ended]
    assert await statuses(neighbour, others) == [ended] * 3
    slug = await shop.owner.fetchval("select slug from companies where id = $1", shop.company_id)
    text = await error_of(relay_pool, job)
    assert text is not None
    assert text.startswith(f"company {slug}, order {orders[0].order_number}: ")
    assert text.count("order ") == 1

    await unreserve(shop, "A", -1)
    assert await run_job(shop, relay_pool, job) == JobResult()
    assert (await statuses(shop, orders), await error_of(relay_pool, job)) == ([ended] * 3, None)
