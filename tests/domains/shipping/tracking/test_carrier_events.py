"""Shipments and their orders follow what carriers say, in whatever order it arrives."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.kernel.errors import TooMany
from domains.kernel.monitoring.statement_counts import counting
from domains.shipping import parcel_events
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate
from domains.shipping.shipments.models import ShipmentStatus
from domains.shipping.tracking import records
from domains.shipping.tracking.models import MAX_AHEAD, TrackingSource, TrackingStatus
from gateway.providers.carriers.mock.carrier import MockCarrier
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.tracking.parcels import HOUR, Parcels
from tests.gateway.site import services_of

T, S = TrackingStatus, ShipmentStatus
NUMBER = "MOCK0001"


async def test_a_webhook_is_stored_and_the_handler_moves_the_order(parcels: Parcels) -> None:
    order, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    assert await parcels.told(NUMBER, T.DELIVERED, now) == 1
    assert await parcels.events(shipment) == [(T.DELIVERED, now, "WEBHOOK")]
    # Until the event is handled nothing has moved: a crash between both only delays it.
    assert (await parcels.shipment(shipment)).status is S.IN_TRANSIT
    assert await parcels.facts(order) == ("SHIPPED", 2, 0, 0)
    with counting() as count:
        await parcels.follow(order)
    assert count.data <= 8
    moved = await parcels.shipment(shipment)
    assert (moved.status, moved.tracking_status, moved.delivered_at) == (S.DELIVERED, T.DELIVERED, now)
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)
    topics = await parcels.topics()
    assert topics.count("shipment.tracked") == topics.count("shipment.status_changed") == 1
    assert topics.count("order.completed") == 1
    with counting() as count:
        await parcels.follow(order)
    assert count.data == 4  # the order, its shipments, their lines and events: nothing is written
    assert await parcels.topics() == topics


async def test_each_order_of_arrival_gives_the_same_result(parcels: Parcels) -> None:
    now = parcels.shop.clock.now()
    journey = [(T.PICKED_UP, -3), (T.OUT_FOR_DELIVERY, -2), (T.DELIVERED, -1), (T.RETURN_TO_SENDER, 0)]
    for number, arrival in enumerate(list(permutations(journey))[::5]):
        order, shipment = await parcels.sent(("A", 1), number=f"MOCK{number:04}")
        for status, hours in arrival:
            await parcels.told(f"MOCK{number:04}", status, now + hours * HOUR)
            await parcels.follow(order)
        moved = await parcels.shipment(shipment)
        assert (moved.status, moved.tracked_at) == (S.RETURNED_TO_SENDER, now)
        assert await parcels.facts(order) == ("CANCELLED", 1, 0, 1)
        assert [each[0] for each in await parcels.events(shipment)] == [each[0] for each in journey]


@pytest.mark.parametrize("arrival", list(permutations((T.EXCEPTION, T.DELIVERED, T.LOST))))
async def test_a_delivery_is_final_at_its_time(parcels: Parcels, arrival: tuple[TrackingStatus, ...]) -> None:
    order, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    for status in arrival:
        await parcels.told(NUMBER, status, now)
        await parcels.follow(order)
    moved = await parcels.shipment(shipment)
    assert (moved.status, moved.delivered_at) == (S.DELIVERED, now)
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)


async def test_a_shipment_has_a_limit_of_events(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parcel_events.MAX_EVENTS == 250
    monkeypatch.setattr(records, "MAX_EVENTS", 3)
    _, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    reader, carrier = parcels.shop.services.shipping.tracking_records, parcels.carrier_id
    events = [TrackingUpdate(NUMBER, TrackingEvent(T.IN_TRANSIT, now - hours * HOUR, "", None)) for hours in range(3)]
    for told in (events[1:], events[1:]):
        await parcels.shop.run(lambda tx, told=told: reader.store(tx, carrier, told, TrackingSource.POLL))
    newest = [TrackingUpdate(NUMBER, TrackingEvent(T.DELIVERED, now, "", None)), *events]
    with capture_logs() as logs:
        stored = await parcels.shop.run(lambda tx: reader.store(tx, carrier, newest, TrackingSource.POLL))
    assert len(stored) == 1
    assert len(await parcels.events(shipment)) == 3
    assert [(each["log_level"], each["events_of_shipments"]) for each in logs if "events_of_shipments" in each] == [
        ("warning", {str(shipment.id): 1})
    ]
    with pytest.raises(TooMany) as refused:
        await parcels.entered(shipment, T.DELIVERED, location="Bonn")
    assert refused.value.field == ("shipment_id",)
    assert await parcels.told(NUMBER, T.LOST, now) == 0


async def test_an_event_that_comes_again_changes_nothing(parcels: Parcels) -> None:
    order, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    assert await parcels.told(NUMBER, T.IN_TRANSIT, now, "Bonn") == 1
    assert await parcels.told(NUMBER, T.IN_TRANSIT, now, "Bonn") == 0
    assert await parcels.told(NUMBER, T.IN_TRANSIT, now, "Kiel") == 1
    assert len(await parcels.events(shipment)) == 2
    await parcels.follow(order)
    assert (await parcels.topics()).count("shipment.tracked") == 2


async def test_two_webhooks_at_once_both_count(parcels: Parcels) -> None:
    order, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    told = (
        *(parcels.told(NUMBER, T.DELIVERED, now) for _ in range(3)),
        *(parcels.told(NUMBER, T.OUT_FOR_DELIVERY, now - HOUR) for _ in range(2)),
    )
    assert sum(await asyncio.gather(*told)) == 2
    await asyncio.gather(*(parcels.follow(order) for _ in range(4)))
    assert (await parcels.shipment(shipment)).status is S.DELIVERED
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)
    assert (await parcels.topics()).count("order.completed") == 1


@pytest.mark.parametrize("offset", [MAX_AHEAD + timedelta(seconds=1), -timedelta(days=40)])
async def test_events_of_an_impossible_time_change_nothing(parcels: Parcels, offset: timedelta) -> None:
    _, shipment = await parcels.sent()
    assert await parcels.told(NUMBER, T.DELIVERED, parcels.shop.clock.now() + offset) == 0
    assert await parcels.told("MOCK9999", T.DELIVERED, parcels.shop.clock.now()) == 0
    assert await parcels.events(shipment) == []


async def test_a_company_cannot_move_the_parcels_of_another(
    parcels: Parcels, other_company: Any, shop: Storefront
) -> None:
    order, shipment = await parcels.sent()
    elsewhere = Storefront(
        services_of(shop.clock, shop.database), shop.database, shop.clock, other_company, shop.owner
    )
    theirs = await Parcels.opened(elsewhere)
    assert await theirs.told(NUMBER, T.DELIVERED, shop.clock.now()) == 0
    await parcels.follow(order)
    assert await parcels.events(shipment) == []
    assert await parcels.shipment(shipment) == shipment


async def test_a_parcel_that_left_unnoticed_is_dispatched(parcels: Parcels) -> None:
    order, shipment = await parcels.sent(is_dispatched=False)
    now = parcels.shop.clock.now()
    await parcels.told(NUMBER, T.PRE_TRANSIT, now - HOUR)
    await parcels.follow(order)
    assert (await parcels.shipment(shipment)).status is S.PENDING
    await parcels.told(NUMBER, T.OUT_FOR_DELIVERY, now)
    await parcels.follow(order)
    moved = await parcels.shipment(shipment)
    assert (moved.status, moved.shipped_at) == (S.OUT_FOR_DELIVERY, now)
    assert await parcels.facts(order) == ("SHIPPED", 2, 0, 0)
    assert await parcels.shop.level("A") == (48, 0)


async def test_a_parcel_of_an_order_on_hold_stays_pending_until_the_release(parcels: Parcels) -> None:
    order, shipment = await parcels.sent(is_dispatched=False)
    holds = parcels.shop.services.order.holds
    await parcels.shop.run(lambda tx: holds.place(tx, parcels.clerk, order.id, "Fraud?"), parcels.clerk)
    await parcels.told(NUMBER, T.PICKED_UP, parcels.shop.clock.now())
    await parcels.follow(order)
    assert (await parcels.shipment(shipment)).status is S.PENDING
    await parcels.shop.run(lambda tx: holds.release(tx, parcels.clerk, order.id), parcels.clerk)
    await parcels.follow(order)
    assert (await parcels.shipment(shipment)).status is S.IN_TRANSIT
    assert await parcels.facts(order) == ("SHIPPED", 2, 0, 0)


async def test_of_several_parcels_each_counts_for_itself(parcels: Parcels) -> None:
    order, first = await parcels.sent(("A", 2), ("B", 1), number="MOCK0001", is_dispatched=False)
    parcels_of, clerk = parcels.shop.services.order.parcels, parcels.clerk
    await parcels.shop.run(lambda tx: parcels_of.cancel(tx, clerk, first.id), clerk)
    await parcels.ship(order, {"A": 2}, "MOCK0002")
    await parcels.ship(order, {"B": 1}, "MOCK0003")
    now = parcels.shop.clock.now()
    await parcels.told("MOCK0002", T.DELIVERED, now)
    await parcels.told("MOCK0003", T.LOST, now)
    assert await parcels.told("MOCK0001", T.DELIVERED, now) == 0
    await parcels.follow(order)
    assert await parcels.facts(order) == ("DELIVERED", 3, 2, 1)
    assert (await parcels.topics()).count("order.completed") == 1


async def test_returned_units_stay_delivered_whatever_the_carrier_says_later(parcels: Parcels) -> None:
    order, shipment = await parcels.sent()
    now = parcels.shop.clock.now()
    await parcels.told(NUMBER, T.DELIVERED, now - HOUR)
    await parcels.follow(order)
    execute = parcels.shop.owner.execute
    await execute(
        "update orders set units_returned = 1, fulfilment_status = 'PARTIALLY_RETURNED' where id = $1", order.id
    )
    await execute("update order_items set returned_quantity = 1 where order_id = $1", order.id)
    await parcels.told(NUMBER, T.RETURN_TO_SENDER, now)
    await parcels.follow(order)
    assert (await parcels.shipment(shipment)).status is S.DELIVERED
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)
    await execute("update orders set units_returned = 0, fulfilment_status = 'DELIVERED' where id = $1", order.id)
    await execute("update order_items set returned_quantity = 0 where order_id = $1", order.id)
    await parcels.follow(order)
    assert (await parcels.shipment(shipment)).status is S.RETURNED_TO_SENDER
    assert await parcels.facts(order) == ("CANCELLED", 2, 0, 2)


async def test_carriers_are_asked_for_shipments_without_a_label_once_an_hour(
    parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, shipment = await parcels.sent()
    await parcels.sent(("B", 1), number="MOCK0002", is_dispatched=False)
    shop, now = parcels.shop, parcels.shop.clock.now()
    asked: list[str] = []

    async def track(_self: MockCarrier, number: str) -> list[TrackingEvent]:
        asked.append(number)
        picked = TrackingEvent(T.PICKED_UP, now - HOUR, "Picked up", "Bonn")
        return [TrackingEvent(T.DELIVERED, now, "Left\x00 there\ud800", None), picked]

    monkeypatch.setattr(MockCarrier, "track", track)
    follow = shop.services.shipping.tracking.follow_due
    assert await follow(shop.database, shop.system) == 1
    assert await follow(shop.database, shop.system) == 0
    assert asked == [NUMBER]
    both = [(T.PICKED_UP, now - HOUR, "POLL"), (T.DELIVERED, now, "POLL")]
    assert await parcels.events(shipment) == both
    shop.clock.advance(2 * HOUR)
    assert await follow(shop.database, shop.system) == 1
    assert await parcels.events(shipment) == both
    await parcels.follow(order)
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)
    shop.clock.advance(2 * HOUR)
    assert await follow(shop.database, shop.system) == 0
