"""Carriers correct deliveries whose units are returned: none comes back twice, or without being delivered."""

from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.order.returned_units.errors import UnitsNotDelivered
from domains.shipping.shipments.models import ShipmentStatus
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from tests.domains.returns.delivered_orders import DeliveredOrder


async def corrected(delivered: DeliveredOrder, clerk: Actor) -> ShipmentStatus:
    """The status of the order's shipment after its carrier says that it went back to its sender."""
    shop, tracking = delivered.shop, delivered.shop.services.order.shipment_tracking
    reader = shop.database.reader(shop.company_id)
    (shipment,) = await shop.services.shipping.shipments.of_orders(reader, [delivered.order.id])
    new = NewTrackingEvent(status=TrackingStatus.RETURN_TO_SENDER)
    moved = await shop.run(lambda tx: tracking.following.add(tx, clerk, shipment.id, new), clerk)
    status: ShipmentStatus = moved.status
    return status


async def returned_units(delivered: DeliveredOrder) -> dict[UUID, int]:
    shop = delivered.shop
    reader = shop.database.reader(shop.company_id)
    items = await shop.services.order.items_of(reader, [delivered.order.id])
    return {item.id: item.returned_quantity for item in items}


async def test_goods_that_went_back_to_their_sender_are_not_received_by_a_return(delivered: DeliveredOrder) -> None:
    request = await delivered.approve(await delivered.request(2))
    assert await corrected(delivered, await delivered.shop.staff()) is ShipmentStatus.RETURNED_TO_SENDER
    with pytest.raises(UnitsNotDelivered) as refused:
        await delivered.receive(request, 1)
    assert (refused.value.sku, refused.value.left) == ("A", 0)
    order = await delivered.shop.order(delivered.order.id)
    assert (order.units_delivered, order.units_sent_back, order.units_returned) == (0, 5, 0)
    assert set((await returned_units(delivered)).values()) == {0}


async def test_a_shipment_of_which_units_were_returned_stays_delivered(delivered: DeliveredOrder) -> None:
    request = await delivered.approve(await delivered.request(2, 1))
    await delivered.receive(request, 1)
    assert await corrected(delivered, await delivered.shop.staff()) is ShipmentStatus.DELIVERED
    order = await delivered.shop.order(delivered.order.id)
    assert (order.units_delivered, order.units_sent_back, order.units_returned) == (5, 0, 1)
    first, second = (item.id for item in delivered.items)
    assert await returned_units(delivered) == {first: 1, second: 0}
