"""Invoices of orders whose parcels all come back, or are lost, before anything is paid."""

from datetime import timedelta
from typing import Any

import pytest

from domains.order.invoices.errors import OrderNotInvoiceable
from domains.order.models import Order, OrderStatus
from domains.shipping.shipments.models import Shipment
from domains.shipping.tracking.models import TrackingStatus as T
from tests.domains.order.invoices.invoicing_shop import SELLER, Billing
from tests.domains.order.invoices.test_edited_orders import kinds, settled
from tests.domains.order.invoices.test_invoices import balance
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.tracking.parcels import Parcels


@pytest.fixture
async def parcels(shop: Storefront) -> Parcels:
    return await Parcels.opened(shop)


@pytest.fixture
async def billing(parcels: Parcels) -> Billing:
    """The shop of the parcels, which issues invoices."""
    made = Billing(parcels.shop, parcels.buyer, parcels.clerk)
    settings: dict[str, Any] = {**SELLER, "invoices_from": parcels.shop.clock.now() - timedelta(minutes=1)}
    await made.set(**settings)
    return made


async def sent(parcels: Parcels, *, is_paid: bool = False) -> tuple[Order, Shipment]:
    """An order of 20.00 EUR that is on its way, paid or on invoice."""
    shop, order = parcels.shop, await parcels.shop.buy(parcels.buyer, ("A", 2))
    order = await (shop.pay if is_paid else shop.accept)(parcels.buyer, order)
    return order, await parcels.ship(order)


async def moved(parcels: Parcels, shipment: Shipment, status: T) -> None:
    parcels.shop.clock.advance(timedelta(hours=1))
    await parcels.entered(shipment, status)


async def test_the_invoice_of_an_unpaid_order_is_taken_back_with_its_parcel(
    parcels: Parcels, billing: Billing
) -> None:
    order, shipment = await sent(parcels)
    assert kinds(await settled(billing, order)) == ["INVOICE"]
    await moved(parcels, shipment, T.RETURN_TO_SENDER)
    ended = await billing.shop.order(order.id)
    assert (ended.status, ended.cancelled_at) == (OrderStatus.CANCELLED, None)
    first, note = await settled(billing, order)
    assert (note.corrected_id, note.refund_id, note.total) == (first.id, None, first.total)
    assert await balance(billing, order) == 0
    with pytest.raises(OrderNotInvoiceable):
        await billing.issue(order)


async def test_a_lost_parcel_that_arrives_is_invoiced_again(parcels: Parcels, billing: Billing) -> None:
    order, shipment = await sent(parcels)
    await settled(billing, order)
    await moved(parcels, shipment, T.LOST)
    await settled(billing, order)
    await moved(parcels, shipment, T.DELIVERED)
    assert kinds(await settled(billing, order)) == ["INVOICE", "CREDIT_NOTE", "INVOICE"]
    assert await balance(billing, order) == order.total


async def test_an_order_without_an_invoice_gets_none_while_its_parcel_is_back(
    parcels: Parcels, billing: Billing
) -> None:
    order, shipment = await sent(parcels)
    await moved(parcels, shipment, T.RETURN_TO_SENDER)
    assert await settled(billing, order) == []


async def test_a_paid_order_keeps_its_invoice_until_it_is_refunded(parcels: Parcels, billing: Billing) -> None:
    order, shipment = await sent(parcels, is_paid=True)
    await settled(billing, order)
    await moved(parcels, shipment, T.RETURN_TO_SENDER)
    assert kinds(await settled(billing, order)) == ["INVOICE"]
    await billing.refund(order)
    assert kinds(await settled(billing, order)) == ["INVOICE", "CREDIT_NOTE"]
    assert await balance(billing, order) == 0
