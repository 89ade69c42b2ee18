"""Orders in parts: some units are returned or lost and refunded, and the others are still sent, each paid once."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order.editing.models import LineChange, NewEdit
from domains.order.editing.new_lines import NewOrderLine
from domains.order.models import Order, OrderItem, OrderStatus
from domains.order.payments.refund_lines import NewRefund, RefundedUnits
from domains.returns.models import InspectedUnits, ReturnRefundMethod, ReturnRequest
from domains.returns.refunds.errors import UnitsNotShipped
from domains.returns.refunds.models import NewReturnRefund, RefundedItem
from domains.shipping.shipments.models import Shipment, ShipmentStatus
from domains.shipping.tracking.models import TrackingStatus as T
from tests.domains.order.fulfilment.shipped_orders import contents, dispatch, paid_order, ship
from tests.domains.order.storefront import Storefront
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.domains.shipping.tracking.parcels import Parcels
from tests.race_runs import repeated

S = OrderStatus


async def items_of(shop: Storefront, order: Order) -> list[OrderItem]:
    found = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return sorted(found, key=lambda item: item.sku)


async def refund(shop: Storefront, clerk: Actor, order: Order, item: OrderItem) -> Order:
    """The order after a refund of one unit of a line."""
    new = NewRefund(lines=[RefundedUnits(item.id, 1)])
    await shop.services.order.refunds.refund(shop.database, clerk, order.id, new)
    return await shop.order(order.id)


async def returned(shop: Storefront, buyer: Actor, clerk: Actor, sent: int) -> DeliveredOrder:
    """A paid order of two A and one B, of which this many A were delivered, and one came back."""
    await shop.stock("A", 9)
    await shop.stock("B", 9)
    order, update = await paid_order(shop, buyer, ("A", 2), ("B", 1)), shop.services.order.update_status
    await ship(shop, clerk, order, {"A": sent})
    await shop.run(lambda tx: update(tx, clerk, order.id, S.DELIVERED), clerk)
    return DeliveredOrder(shop, buyer, order, await items_of(shop, order))


async def test_the_unit_that_was_not_refunded_is_still_sent(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    delivered = await returned(shop, buyer, clerk, 1)
    request = await delivered.receive(await delivered.approve(await delivered.request(1)), 1)
    await shop.services.returns.refunds.refund(shop.database, clerk, request.id, NewReturnRefund())
    order = await refund(shop, clerk, delivered.order, delivered.items[1])
    assert (order.status, order.units_dropped, order.amount_refunded) == (S.PROCESSING, 0, Decimal(20))
    await ship(shop, clerk, order)
    assert (await contents(shop, order))[2] == ("IN_TRANSIT", {"A": 1})
    assert (await shop.order(order.id)).status is S.SHIPPED


async def test_a_unit_that_was_refunded_is_not_sent_because_another_one_came_back(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    delivered = await returned(shop, buyer, clerk, 2)
    await delivered.receive(await delivered.approve(await delivered.request(1)), 1)
    order = await refund(shop, clerk, delivered.order, delivered.items[1])
    assert (order.status, order.units_dropped, await shop.level("B")) == (S.DELIVERED, 1, (9, 0))


async def left_over(shop: Storefront) -> tuple[DeliveredOrder, ReturnRequest, Actor]:
    """Of two A and one B one A was delivered, which the buyer may send back; the other units are not shipped."""
    buyer, clerk = await shop.customer(), await shop.staff()
    delivered = await returned(shop, buyer, clerk, 1)
    return delivered, await delivered.approve(await delivered.request(1)), clerk


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("method", [ReturnRefundMethod.ORIGINAL_PAYMENT, ReturnRefundMethod.EXCHANGE])
async def test_no_unit_that_is_still_to_be_shipped_is_refunded_without_the_goods_of_another(
    shop: Storefront, is_packed: bool, method: ReturnRefundMethod
) -> None:
    delivered, request, clerk = await left_over(shop)
    packed = await ship(shop, clerk, delivered.order, {"A": 1}, is_dispatched=False) if is_packed else None
    (item,) = await delivered.items_of(request)
    exchange = [NewOrderLine(product_id=shop.products["B"].id, quantity=1)]
    refunds = shop.services.returns.refunds
    terms: Any = {"method": method, "exchange": exchange, "without_goods": True}
    for lines, field in ((None, ("without_goods",)), ([RefundedItem(item.id, 1)], ("lines", "0", "quantity"))):
        with pytest.raises(UnitsNotShipped, match=r"Of 'Thing A', 1 unit is still to be shipped") as refused:
            await refunds.refund(shop.database, clerk, request.id, NewReturnRefund(lines=lines, **terms))
        assert refused.value.field == field
    assert (await shop.count("refunds"), await shop.count("return_refunds"), await shop.count("orders")) == (0, 0, 1)
    if packed:
        await dispatch(shop, clerk, packed)
    await ship(shop, clerk, delivered.order)
    await refunds.refund(shop.database, clerk, request.id, NewReturnRefund(**terms))
    after = await delivered.current()
    assert (after.status, after.units_shipped, after.units_dropped, after.amount_refunded) == (
        S.SHIPPED,
        3,
        0,
        Decimal(10),
    )


async def test_units_that_came_are_refunded_while_others_are_to_be_shipped(shop: Storefront) -> None:
    delivered, request, clerk = await left_over(shop)
    await delivered.receive(request, 1)
    await shop.services.returns.refunds.refund(shop.database, clerk, request.id, NewReturnRefund(without_goods=True))
    await ship(shop, clerk, delivered.order)
    assert (await delivered.current()).units_shipped == 3


@repeated
async def test_a_shipment_and_a_refund_without_goods_at_once_ship_every_unit(shop: Storefront, run: int) -> None:
    delivered, request, clerk = await left_over(shop)
    refunding = shop.services.returns.refunds.refund(
        shop.database, clerk, request.id, NewReturnRefund(without_goods=True)
    )
    refunded, shipped = await asyncio.gather(refunding, ship(shop, clerk, delivered.order), return_exceptions=True)
    assert isinstance(shipped, Shipment)
    after = await delivered.current()
    assert (after.units_shipped, after.units_dropped) == (3, 0)
    assert after.amount_refunded == (0 if isinstance(refunded, UnitsNotShipped) else 10)


async def test_the_refund_of_a_lost_unit_leaves_the_other_to_be_sent(shop: Storefront) -> None:
    parcels = await Parcels.opened(shop)
    order = await paid_order(shop, parcels.buyer, ("A", 2))
    await parcels.ship(order, {"A": 1})
    await parcels.told("MOCK0001", T.LOST, shop.clock.now())
    await parcels.follow(order)
    order = await refund(shop, parcels.clerk, order, (await items_of(shop, order))[0])
    assert (order.status, order.units_dropped, await shop.level("A")) == (S.PROCESSING, 0, (48, 1))


async def test_a_parcel_that_staff_forgot_arrives(shop: Storefront) -> None:
    parcels = await Parcels.opened(shop)
    order, shipment = await parcels.sent(is_dispatched=False)
    await parcels.told("MOCK0001", T.DELIVERED, shop.clock.now())
    await parcels.follow(order)
    assert (await parcels.shipment(shipment)).status is ShipmentStatus.DELIVERED
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)


async def test_an_unpaid_parcel_that_staff_forgot_is_written_off_once(shop: Storefront) -> None:
    parcels = await Parcels.opened(shop)
    order = await shop.accept(parcels.clerk, await shop.buy(parcels.buyer, ("A", 2)))
    await parcels.ship(order, is_dispatched=False)
    await parcels.told("MOCK0001", T.RETURN_TO_SENDER, shop.clock.now())
    await parcels.follow(order)
    rows = await shop.owner.fetch("select kind from ledger_entries where order_id = $1 order by id", order.id)
    assert [row["kind"] for row in rows] == ["SALE", "CANCELLATION"]
    assert await parcels.facts(order) == ("CANCELLED", 2, 0, 2)


async def test_a_capture_takes_what_an_edit_left_to_pay(shop: Storefront) -> None:
    buyer, clerk = await shop.customer(), await shop.staff()
    await shop.stock("A", 9)
    order = await paid_order(shop, buyer, ("A", 2))
    (item,), edits = await items_of(shop, order), shop.services.order.edits
    await edits.edit(shop.database, clerk, order.id, NewEdit(changes=[LineChange(item.id, 4)]))
    await shop.authorize(buyer, await shop.order(order.id))
    await edits.edit(shop.database, clerk, order.id, NewEdit(changes=[LineChange(item.id, 3)]))
    payment = await shop.payment_of(order)
    paid, _ = await shop.services.order.captures.capture(shop.database, clerk, payment.id)
    assert (paid.amount_captured, paid.total, paid.amount_authorized) == (Decimal(30), Decimal(30), Decimal(0))


async def test_restocked_units_are_those_of_the_product_after_its_sku_was_renamed(shop: Storefront) -> None:
    product, buyer = await shop.stock("A", 9), await shop.customer()
    await shop.stock("U", None)
    order = await paid_order(shop, buyer, ("A", 3), ("U", 1))
    update, clerk = shop.services.order.update_status, await shop.staff()
    for status in (S.PROCESSING, S.SHIPPED, S.DELIVERED):
        await shop.run(lambda tx, to=status: update(tx, clerk, order.id, to), clerk)
    delivered = DeliveredOrder(shop, buyer, order, await items_of(shop, order))
    request = await delivered.receive(await delivered.approve(await delivered.request(1, 1)), 1, 1)

    async def rename(tx: Tx) -> None:
        await shop.services.catalog.update_product(tx, product.id, {"sku": "NEW"})
        await shop.services.inventory.sku_assignments.rename_sku(tx, product.id, None, "NEW")

    await shop.run(rename)
    await shop.stock("A", 5)
    items = await delivered.items_of(request)
    lines = [InspectedUnits(return_item_id=item.id, restocked=1) for item in items]
    await delivered.run(lambda tx: delivered.returns.receipts.inspect(tx, tx.actor, request.id, lines))
    assert (await shop.level("NEW"), await shop.level("A")) == ((7, 0), (5, 0))
    uncounted = "select count(*) from inventory_items where company_id = $1 and sku = 'U'"
    assert await shop.owner.fetchval(uncounted, shop.company_id) == 0
