"""Free orders of digital goods are delivered at once; digital goods are never put on backorder."""

import asyncio

import pytest

from domains.inventory.backorders.backorders import BackorderTerms
from domains.inventory.errors import InsufficientStock
from domains.inventory.models import BackorderKind
from domains.order.models import FulfilmentStatus, OrderPaymentStatus, OrderStatus
from tests.domains.order.storefront import HOME, Storefront

STOCK = "select available_stock, reserved_stock from inventory_items where company_id = $1 and sku = $2"


async def stock_of(shop: Storefront, sku: str) -> tuple[int, int]:
    """The free and the reserved units of a SKU."""
    row = await shop.owner.fetchrow(STOCK, shop.company_id, sku)
    return (row[0], row[1])


async def test_free_digital_goods_are_delivered_when_they_are_ordered(shop: Storefront) -> None:
    await shop.stock("KEY", 3, "0.00", requires_shipping=False)
    await shop.stock("EBOOK", None, "0.00", requires_shipping=False)
    buyer = await shop.customer()
    await shop.fill(buyer, ("KEY", 1), ("EBOOK", 2))
    order = (await shop.place(buyer, shipping=None, billing=HOME)).order
    assert (order.status, order.payment_status) == (OrderStatus.DELIVERED, OrderPaymentStatus.PAID)
    assert (order.fulfilment_status, order.units_delivered) == (FulfilmentStatus.DELIVERED, 3)
    assert order.delivered_at == shop.clock.now()
    assert await stock_of(shop, "KEY") == (2, 0)
    history = await shop.services.order.history_of(shop.database.reader(shop.company_id), [order.id])
    assert [entry.to_status for entry in history][-1] is OrderStatus.DELIVERED
    assert "Digital goods delivered" in [entry.comment for entry in history]
    assert await shop.broken() == []


async def test_free_goods_that_are_shipped_too_wait_for_staff(shop: Storefront) -> None:
    await shop.stock("KEY", 3, "0.00", requires_shipping=False)
    await shop.stock("A", 3, "0.00")
    buyer = await shop.customer()
    await shop.fill(buyer, ("KEY", 1), ("A", 1))
    order = (await shop.place(buyer)).order
    assert (order.status, order.units_delivered) == (OrderStatus.CONFIRMED, 0)
    assert (await stock_of(shop, "KEY"), await stock_of(shop, "A")) == ((2, 1), (2, 1))
    assert await shop.broken() == []


async def test_the_last_free_key_is_delivered_once(shop: Storefront) -> None:
    await shop.stock("KEY", 1, "0.00", requires_shipping=False)
    buyers = await shop.customers(5)
    for buyer in buyers:
        await shop.fill(buyer, ("KEY", 1))
    placed = await asyncio.gather(
        *(shop.place(buyer, shipping=None, billing=HOME) for buyer in buyers), return_exceptions=True
    )
    orders = [each.order.status for each in placed if not isinstance(each, BaseException)]
    assert orders == [OrderStatus.DELIVERED]
    assert sum(isinstance(each, InsufficientStock) for each in placed) == 4
    assert await stock_of(shop, "KEY") == (0, 0)
    assert await shop.broken() == []


@pytest.mark.parametrize("price", ["0.00", "5.00"])
async def test_digital_goods_are_not_put_on_backorder(shop: Storefront, price: str) -> None:
    await shop.stock("KEY", 1, price, requires_shipping=False)
    terms = BackorderTerms(limit=5, kind=BackorderKind.BACKORDER)
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "KEY", terms))
    buyer = await shop.customer()
    await shop.fill(buyer, ("KEY", 2))
    with pytest.raises(InsufficientStock) as caught:
        await shop.place(buyer, shipping=None, billing=HOME)
    assert (caught.value.available, caught.value.field) == (1, ("cart_token",))
    assert await shop.owner.fetchval("select count(*) from orders where company_id = $1", shop.company_id) == 0
    assert await stock_of(shop, "KEY") == (1, 0)
    assert await shop.broken() == []
