"""An order is paid while it gets units that it waits for: the two do not deadlock, and it keeps its units."""

import asyncio
from typing import Any

import pytest

from domains.inventory.backorders import sql
from domains.inventory.models import StockLine
from domains.kernel.ids import new_id
from tests.domains.inventory.backorders.test_backorders import LATER, Shop, shop
from tests.domains.inventory.conftest import Stock
from tests.race_runs import repeated

__all__ = ["shop"]
pytestmark = pytest.mark.usefixtures("invariants_hold")
EXPIRIES = """
select i.sku, r.quantity, r.expires_at from reservations r join inventory_items i on i.id = r.inventory_id
where r.company_id = $1 order by i.sku
"""


async def expiries(shop: Shop) -> list[tuple[Any, ...]]:
    """The SKU, the units and the expiry of each reservation."""
    return [tuple(row) for row in await shop.owner.fetch(EXPIRIES, shop.actor.company_id)]


async def test_a_payment_during_a_fill_waits_for_it_and_keeps_its_units(
    shop: Shop, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stock(A=1, B=1)
    order, payments = new_id(), list[asyncio.Task[Any]]()
    for sku in "AB":
        await shop.sell_beyond(sku, 9)
    await shop.order(order, A=3, B=3)
    await shop.restock("A", 1)  # the backorders are no longer stored in the order of their ids
    fill = sql.fill

    async def fill_after_the_payment_waits(tx: Any, filled: Any) -> Any:
        pay = shop.run(lambda paying: shop.inventory.reservations.remove_expiry(paying, order))
        payments.append(asyncio.create_task(pay))
        await asyncio.sleep(0.3)
        return await fill(tx, filled)

    monkeypatch.setattr(sql, "fill", fill_after_the_payment_waits)
    lines = [StockLine("A", 1), StockLine("B", 2)]
    await shop.run(lambda tx: shop.inventory.ledger.change(tx, lines))
    await payments[0]
    assert await expiries(shop) == [("A", 3, None), ("B", 3, None)]


@repeated
async def test_payments_and_fills_of_the_same_orders_end_without_a_deadlock(
    shop: Shop, stock: Stock, run: int
) -> None:
    await stock(A=1, B=1)
    for sku in "AB":
        await shop.sell_beyond(sku, 99)
    orders = [new_id() for _ in range(8)]
    for order in orders:
        await shop.order(order, A=4, B=4)
    reservations = shop.inventory.reservations
    writes = [shop.run(lambda tx, paid=order: reservations.remove_expiry(tx, paid)) for order in orders[::2]]
    writes += [shop.run(lambda tx, kept=order: reservations.set_expiry(tx, kept, LATER)) for order in orders[1::2]]
    lines = [StockLine("B", 4), StockLine("A", 4)]
    writes += [shop.run(lambda tx: shop.inventory.ledger.change(tx, lines)) for _ in range(9)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    rows = await shop.owner.fetch(
        "select order_id, expires_at from reservations where company_id = $1", shop.actor.company_id
    )
    assert {(row[0], row[1]) for row in rows} == {
        (order, LATER if place % 2 else None) for place, order in enumerate(orders)
    }
