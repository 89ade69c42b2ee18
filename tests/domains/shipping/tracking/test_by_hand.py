"""Events that staff enter, and goods that come back to their sender."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domains.inventory import movements
from domains.inventory.errors import StockLimitExceeded, WarehouseNotFound
from domains.kernel.errors import DomainError, DuplicateValue, OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.text.validation import TooLong
from domains.kernel.validation import ValidationErrors
from domains.order.errors import OrderItemNotFound
from domains.order.fulfilment.returned_parcels import RestockedUnits
from domains.shipping.shipments.errors import ShipmentNotFound
from domains.shipping.shipments.models import Shipment, ShipmentStatus
from domains.shipping.tracking.errors import (
    ShipmentNotReturned,
    ShipmentNotTrackable,
    ShipmentReceivedAlready,
    TrackingEventInFuture,
    TrackingEventKnown,
    TrackingEventTooOld,
)
from domains.shipping.tracking.models import NewTrackingEvent, TrackingStatus
from tests.domains.actors import administrator
from tests.domains.shipping.tracking.parcels import HOUR, Parcels

T, S = TrackingStatus, ShipmentStatus


async def receive(parcels: Parcels, shipment: Shipment, *lines: RestockedUnits, **given: Any) -> Shipment:
    """Receive what came back, into the warehouse that sent it."""
    returned = parcels.shop.services.order.shipment_tracking.returned
    warehouse_id: Any = given.get("into", shipment.warehouse_id)
    made: Shipment = await parcels.shop.run(
        lambda tx: returned.receive(tx, parcels.clerk, shipment.id, lines, warehouse_id), parcels.clerk
    )
    return made


async def items(parcels: Parcels, order: Any) -> dict[str, Any]:
    reader = parcels.shop.database.reader(parcels.shop.company_id)
    return {item.sku: item.id for item in await parcels.shop.services.order.items_of(reader, [order.id])}


async def test_an_event_by_hand_moves_the_order_in_the_same_transaction(parcels: Parcels) -> None:
    order, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    ready = await parcels.entered(shipment, T.AVAILABLE_FOR_PICKUP, location=" Bonn ", description="At the counter")
    assert (ready.status, ready.tracked_at) == (S.READY_FOR_PICKUP, now)
    assert await parcels.facts(order) == ("SHIPPED", 2, 0, 0)
    parcels.shop.clock.advance(HOUR)
    collected = await parcels.entered(shipment, T.DELIVERED)
    assert (collected.status, collected.delivered_at) == (S.DELIVERED, now + HOUR)
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)
    assert (await parcels.topics()).count("order.completed") == 1
    before = await parcels.topics()
    await parcels.follow(order)
    assert await parcels.topics() == before


async def test_an_older_event_is_stored_and_moves_nothing(parcels: Parcels) -> None:
    order, shipment = await parcels.sent()
    delivered = await parcels.entered(shipment, T.DELIVERED)
    older = await parcels.entered(shipment, T.EXCEPTION, timestamp=parcels.shop.clock.now() - HOUR)
    assert older == delivered
    assert [each[0] for each in await parcels.events(shipment)] == [T.EXCEPTION, T.DELIVERED]
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)


async def test_an_event_that_is_known_is_refused_also_at_once(parcels: Parcels) -> None:
    _, shipment = await parcels.sent()
    entered = (parcels.entered(shipment, T.PICKED_UP, location="Bonn") for _ in range(3))
    outcomes = await asyncio.gather(*entered, return_exceptions=True)
    assert [type(each) for each in outcomes].count(TrackingEventKnown) == 2
    assert len(await parcels.events(shipment)) == 1


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"timestamp": timedelta(hours=1, seconds=1)}, TrackingEventInFuture, "timestamp"),
        ({"timestamp": -timedelta(days=40)}, TrackingEventTooOld, "timestamp"),
        ({"location": "x" * 256}, TooLong, "location"),
        ({"description": "x" * 1_001}, TooLong, "description"),
    ],
)
async def test_a_wrong_event_is_refused_and_nothing_changes(
    parcels: Parcels, given: dict[str, Any], error: type[DomainError], field: str
) -> None:
    order, shipment = await parcels.sent()
    if "timestamp" in given:
        given = {"timestamp": parcels.shop.clock.now() + given["timestamp"]}
    with pytest.raises(error) as raised:
        await parcels.entered(shipment, T.DELIVERED, **given)
    assert raised.value.field == (field,)
    assert await parcels.events(shipment) == []
    assert await parcels.facts(order) == ("SHIPPED", 2, 0, 0)


async def test_all_errors_of_an_event_are_told_at_once(parcels: Parcels) -> None:
    _, shipment = await parcels.sent(is_dispatched=False)
    later = parcels.shop.clock.now() + 2 * HOUR
    with pytest.raises(ValidationErrors) as raised:
        await parcels.entered(shipment, T.DELIVERED, timestamp=later, location="x" * 256)
    kinds = [type(each) for each in raised.value.errors]
    assert kinds == [ShipmentNotTrackable, TrackingEventInFuture, TooLong]


async def test_a_pending_shipment_takes_the_announcement_alone_and_a_cancelled_one_nothing(parcels: Parcels) -> None:
    _, shipment = await parcels.sent(is_dispatched=False)
    with pytest.raises(ShipmentNotTrackable):
        await parcels.entered(shipment, T.PICKED_UP)
    announced = await parcels.entered(shipment, T.PRE_TRANSIT)
    assert (announced.status, announced.tracking_status) == (S.PENDING, T.PRE_TRANSIT)
    service, clerk = parcels.shop.services.order.parcels, parcels.clerk
    await parcels.shop.run(lambda tx: service.cancel(tx, clerk, shipment.id), clerk)
    with pytest.raises(ShipmentNotTrackable):
        await parcels.entered(shipment, T.PRE_TRANSIT, timestamp=parcels.shop.clock.now() - HOUR)


async def test_a_shipment_of_another_company_is_not_found(parcels: Parcels, other_company: Any) -> None:
    _, shipment = await parcels.sent()
    stranger, service = administrator(other_company), parcels.shop.services.order
    new = NewTrackingEvent(status=T.LOST)
    with pytest.raises(ShipmentNotFound):
        await parcels.shop.run(
            lambda tx: service.shipment_tracking.following.add(tx, stranger, shipment.id, new), stranger
        )
    with pytest.raises(ShipmentNotFound):
        await parcels.shop.run(
            lambda tx: service.shipment_tracking.returned.receive(tx, stranger, shipment.id, [], new_id()), stranger
        )


async def test_goods_that_come_back_go_into_the_stock_or_are_written_off_once(parcels: Parcels) -> None:
    order, shipment = await parcels.sent(("A", 3), ("B", 2))
    with pytest.raises(ShipmentNotReturned):
        await receive(parcels, shipment)
    await parcels.entered(shipment, T.RETURN_TO_SENDER)
    assert await parcels.facts(order) == ("CANCELLED", 5, 0, 5)
    assert (await parcels.shop.level("A"), await parcels.shop.level("B")) == ((47, 0), (48, 0))
    of = await items(parcels, order)
    received = await receive(parcels, shipment, RestockedUnits(of["A"], 1))
    assert received.received_back_at == parcels.shop.clock.now()
    assert (await parcels.shop.level("A"), await parcels.shop.level("B")) == ((48, 0), (50, 0))
    assert ("RETURN", 1, 0) in await parcels.shop.ledger("A")
    with pytest.raises(ShipmentReceivedAlready):
        await receive(parcels, shipment)
    reader = parcels.shop.database.reader(parcels.shop.company_id)
    lines = await parcels.shop.services.shipping.shipments.lines_of(reader, [shipment.id])
    assert {line.sku: line.restocked for line in lines} == {"A": 1, "B": 2}
    # What its carrier says afterwards is stored, and moves nothing.
    parcels.shop.clock.advance(HOUR)
    assert await parcels.told("MOCK0001", T.DELIVERED, parcels.shop.clock.now()) == 1
    await parcels.follow(order)
    assert await parcels.shipment(shipment) == received
    with pytest.raises(ShipmentNotTrackable):
        await parcels.entered(shipment, T.DELIVERED, location="Bonn")


async def test_goods_are_received_once_also_by_two_at_once(parcels: Parcels) -> None:
    _, shipment = await parcels.sent()
    await parcels.entered(shipment, T.RETURN_TO_SENDER)
    outcomes = await asyncio.gather(*(receive(parcels, shipment) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(ShipmentReceivedAlready) == 2
    assert await parcels.shop.level("A") == (50, 0)


async def test_wrong_lines_are_all_told_and_nothing_is_received(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, shipment = await parcels.sent(("A", 3), ("B", 2))
    await parcels.entered(shipment, T.RETURN_TO_SENDER)
    of = await items(parcels, order)
    lines = [
        RestockedUnits(of["A"], 4),
        RestockedUnits(of["B"], -1),
        RestockedUnits(of["B"], 1),
        RestockedUnits(new_id(), 1),
    ]
    with pytest.raises(ValidationErrors) as raised:
        await receive(parcels, shipment, *lines)
    found = [(type(each), each.field) for each in raised.value.errors]
    assert found == [
        (OutOfRange, ("lines", "0", "restocked")),
        (OutOfRange, ("lines", "1", "restocked")),
        (DuplicateValue, ("lines", "2", "order_item_id")),
        (OrderItemNotFound, ("lines", "3", "order_item_id")),
    ]
    with pytest.raises(WarehouseNotFound) as unknown:
        await receive(parcels, shipment, into=new_id())
    assert unknown.value.field == ("warehouse_id",)
    monkeypatch.setattr(movements, "MAX_STOCK", 48)
    with pytest.raises(ValidationErrors) as full:
        await receive(parcels, shipment)
    assert [(type(each), each.field) for each in full.value.errors] == [(StockLimitExceeded, ("lines",))] * 2
    assert (await parcels.shipment(shipment)).received_back_at is None
    assert await parcels.shop.level("A") == (47, 0)
