"""What an edit makes of the status of an order that was shipped in part."""

from decimal import Decimal

import pytest

from domains.inventory.backorders.backorders import BackorderTerms
from domains.kernel.actor import Actor
from domains.order.editing.errors import OrderNotEditable
from domains.order.models import FulfilmentStatus, Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from tests.domains.order.editing.editor import Editor
from tests.domains.order.fulfilment.shipped_orders import contents, ship
from tests.domains.order.storefront import Storefront

S, F = OrderStatus, FulfilmentStatus


@pytest.fixture
async def ada(shop: Storefront, editor: Editor) -> Actor:
    return await shop.customer()


@pytest.fixture
async def waiting(shop: Storefront, editor: Editor, ada: Actor) -> Order:
    """A paid order of two A, which were shipped, and one N at 6.00 EUR, which waits for stock."""
    await shop.stock("N", 0, "6.00")
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "N", BackorderTerms(limit=5)))
    order = await shop.pay(ada, await shop.buy(ada, ("A", 2), ("N", 1)))
    await ship(shop, editor.staff, order, {"A": 2})
    return await shop.order(order.id)


async def deliver(shop: Storefront, editor: Editor, order: Order) -> Order:
    update = shop.services.order.update_status
    delivered: Order = await shop.run(lambda tx: update(tx, editor.staff, order.id, S.DELIVERED), editor.staff)
    return delivered


async def test_an_order_without_its_line_on_backorder_is_fulfilled(
    shop: Storefront, editor: Editor, waiting: Order
) -> None:
    assert (waiting.status, waiting.fulfilment_status) == (S.PROCESSING, F.PARTIALLY_FULFILLED)
    edited = (await editor.edit(waiting, N=0)).order
    assert (edited.status, edited.fulfilment_status, edited.payment_status) == (
        S.SHIPPED,
        F.FULFILLED,
        OrderPaymentStatus.PAID,
    )
    assert (edited.total, edited.amount_repaid, edited.delivered_at) == (Decimal(20), Decimal(6), None)
    delivered = await deliver(shop, editor, edited)
    assert (delivered.status, delivered.fulfilment_status) == (S.DELIVERED, F.DELIVERED)
    assert delivered.delivered_at == shop.clock.now()
    assert (await shop.topics())[-2:] == ["order.status_changed", "order.completed"]
    with pytest.raises(OrderNotEditable):
        await editor.edit(delivered, A=3)


async def test_a_delivered_order_without_its_line_on_backorder_is_completed(
    shop: Storefront, editor: Editor, waiting: Order
) -> None:
    assert (await deliver(shop, editor, waiting)).status is S.PROCESSING
    edited = (await editor.edit(waiting, N=0)).order
    assert (edited.status, edited.fulfilment_status) == (S.DELIVERED, F.DELIVERED)
    after = await shop.order(waiting.id)
    assert (after.delivered_at, after.completed_at is not None) == (shop.clock.now(), True)


async def test_an_order_of_which_only_refunded_units_are_left_is_fulfilled(
    shop: Storefront, editor: Editor, ada: Actor
) -> None:
    order = await shop.pay(ada, await shop.buy(ada, ("A", 2), ("B", 3)))
    await ship(shop, editor.staff, order, {"A": 2})
    item = await editor.item(order, "B")
    new = NewRefund(lines=[RefundedUnits(item.id, 1)])
    await shop.services.order.refunds.refund(shop.database, editor.staff, order.id, new)
    edited = (await editor.edit(order, B=1)).order
    assert (edited.status, edited.fulfilment_status) == (S.SHIPPED, F.FULFILLED)
    assert (await shop.level("B"), await contents(shop, order)) == ((20, 0), {1: ("IN_TRANSIT", {"A": 2})})
