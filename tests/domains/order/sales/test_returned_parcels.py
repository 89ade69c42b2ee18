"""Orders whose parcels all come back: what is written off, owed again, and refunded."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from domains.shipping.shipments.models import Shipment
from domains.shipping.tracking.models import TrackingStatus
from tests.domains.order.sales.ledger_entries import balances_of, kinds_of
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.tracking.parcels import Parcels

T = TrackingStatus
SOLD = {"1100": Decimal("20.00"), "2000": Decimal("-3.19"), "4000": Decimal("-16.81")}
CHANGES = """
select count(*) from ledger_entries e join order_status_history h on h.company_id = e.company_id
  and h.id = e.source_id and h.order_id = e.order_id
where e.order_id = $1 and e.source_kind = 'order_status_change'
"""
KEPT = "select count(*) from buyer_orders where order_id = $1 and withdrawn_at is null"


@pytest.fixture
async def parcels(shop: Storefront) -> Parcels:
    """Parcels of a shop whose prices contain 19 % of tax."""
    await shop.run(lambda tx: shop.services.tax.settings.update(tx, {"tax_rate": Decimal("0.19")}, "EUR"))
    return await Parcels.opened(shop)


async def moved(parcels: Parcels, shipment: Shipment, *statuses: TrackingStatus) -> None:
    for status in statuses:
        parcels.shop.clock.advance(timedelta(hours=1))
        await parcels.entered(shipment, status)


async def on_invoice(parcels: Parcels) -> tuple[Order, Shipment]:
    """An order to be paid by invoice that is on its way."""
    order = await parcels.shop.accept(parcels.buyer, await parcels.shop.buy(parcels.buyer, ("A", 2)))
    return order, await parcels.ship(order)


async def test_an_unpaid_order_is_written_off_each_time_its_parcel_comes_back(parcels: Parcels) -> None:
    order, shipment = await on_invoice(parcels)
    assert await balances_of(parcels.shop, order) == SOLD
    await moved(parcels, shipment, T.RETURN_TO_SENDER)
    assert await balances_of(parcels.shop, order) == {}
    await moved(parcels, shipment, T.IN_TRANSIT)
    assert await balances_of(parcels.shop, order) == SOLD
    await moved(parcels, shipment, T.LOST)
    assert (await parcels.shop.order(order.id)).status is OrderStatus.CANCELLED
    assert await balances_of(parcels.shop, order) == {}
    await moved(parcels, shipment, T.DELIVERED)
    assert await balances_of(parcels.shop, order) == SOLD
    assert await kinds_of(parcels.shop, order) == [
        "SALE", "CANCELLATION", "REOPENING", "CANCELLATION", "REOPENING",
    ]  # fmt: skip
    assert await parcels.shop.owner.fetchval(CHANGES, order.id) == 4


async def test_a_paid_order_whose_parcel_came_back_owes_nothing_and_is_refunded_by_staff(parcels: Parcels) -> None:
    shop = parcels.shop
    order, shipment = await parcels.sent()
    await moved(parcels, shipment, T.RETURN_TO_SENDER)
    back = await shop.order(order.id)
    assert (back.status, back.payment_status, back.cancelled_at) == (
        OrderStatus.CANCELLED, OrderPaymentStatus.PAID, None,
    )  # fmt: skip
    assert set(await kinds_of(shop, order)) == {"SALE", "PAYMENT"}
    await refund(parcels, order, "5.00")
    assert (await shop.order(order.id)).payment_status is OrderPaymentStatus.PARTIALLY_REFUNDED
    after = await refund(parcels, order)
    assert (after.status, after.payment_status) == (OrderStatus.REFUNDED, OrderPaymentStatus.REFUNDED)
    assert "1100" not in await balances_of(shop, order)
    assert await shop.owner.fetchval(KEPT, order.id) == 0
    await moved(parcels, shipment, T.DELIVERED)
    assert (await shop.order(order.id)).status is OrderStatus.REFUNDED


async def refund(parcels: Parcels, order: Order, amount: str | None = None) -> Order:
    given: Any = NewRefund(amount=None if amount is None else Decimal(amount))
    refunds = parcels.shop.services.order.refunds
    return (await refunds.refund(parcels.shop.database, parcels.clerk, order.id, given))[0]
