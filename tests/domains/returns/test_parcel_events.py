"""Parcels of returns follow what carriers say: once, in the order of the carrier's time, of the right company."""

import asyncio
from datetime import timedelta

import pytest

from domains.returns.models import ReturnRequest, ReturnStatus, TrackingSource, TrackingStatus
from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.domains.returns.return_parcels import ReturnParcels

T, S = TrackingStatus, ReturnStatus
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def parcels(delivered: DeliveredOrder) -> ReturnParcels:
    return await ReturnParcels.opened(delivered)


@pytest.fixture
async def labelled(parcels: ReturnParcels) -> ReturnRequest:
    """An approved return with a label."""
    return await parcels.buy(await parcels.approved())


async def number(parcels: ReturnParcels, request: ReturnRequest) -> str:
    return (await parcels.place(request)).tracking_number or ""


async def test_a_webhook_moves_the_return_on_once(parcels: ReturnParcels, labelled: ReturnRequest) -> None:
    at = parcels.delivered.shop.clock.now()
    assert await parcels.told(await number(parcels, labelled), T.PICKED_UP, at) == 1
    for _ in range(2):
        await parcels.handle()
    assert (await parcels.current(labelled)).status is S.IN_TRANSIT
    (event,) = await parcels.events(labelled)
    assert (event.status, event.timestamp, event.source) == (T.PICKED_UP, at, TrackingSource.WEBHOOK)
    place = await parcels.place(labelled)
    assert (place.tracking_status, place.tracked_at) == (T.PICKED_UP, at)
    assert len(await parcels.depot.events("return.shipped")) == 1
    assert (await parcels.delivered.current()).status == parcels.delivered.order.status


async def test_a_carrier_that_does_not_have_the_parcel_yet_moves_nothing(
    parcels: ReturnParcels, labelled: ReturnRequest
) -> None:
    await parcels.told(await number(parcels, labelled), T.PRE_TRANSIT, parcels.delivered.shop.clock.now())
    await parcels.handle()
    assert (await parcels.current(labelled)).status is S.APPROVED
    assert (await parcels.place(labelled)).tracking_status is T.PRE_TRANSIT


async def test_a_delivered_parcel_is_received_by_staff_alone(parcels: ReturnParcels, labelled: ReturnRequest) -> None:
    at, delivered = parcels.delivered.shop.clock.now(), parcels.delivered
    await parcels.told(await number(parcels, labelled), T.DELIVERED, at)
    await parcels.handle()
    assert (await parcels.current(labelled)).status is S.IN_TRANSIT
    assert (await delivered.current()).units_returned == 0
    assert (await delivered.receive(labelled, 1)).status is S.RECEIVED
    await parcels.handle()
    assert (await parcels.current(labelled)).status is S.RECEIVED


async def test_older_events_that_arrive_late_move_nothing_back(
    parcels: ReturnParcels, labelled: ReturnRequest
) -> None:
    now, tracking = parcels.delivered.shop.clock.now(), await number(parcels, labelled)
    await parcels.told(tracking, T.OUT_FOR_DELIVERY, now)
    await parcels.told(tracking, T.IN_TRANSIT, now - HOUR)
    await parcels.handle()
    assert (await parcels.place(labelled)).tracking_status is T.OUT_FOR_DELIVERY


async def test_events_in_the_future_and_of_other_parcels_are_none(
    parcels: ReturnParcels, labelled: ReturnRequest
) -> None:
    now = parcels.delivered.shop.clock.now()
    assert await parcels.told(await number(parcels, labelled), T.DELIVERED, now + 2 * HOUR) == 0
    assert await parcels.told("MOCK-OF-ANOTHER-COMPANY", T.DELIVERED, now) == 0
    await parcels.handle()
    assert (await parcels.current(labelled)).status is S.APPROVED
    assert await parcels.events(labelled) == []


async def test_a_return_that_has_ended_stays_as_it_is(parcels: ReturnParcels, labelled: ReturnRequest) -> None:
    returns = parcels.delivered.returns
    await parcels.delivered.run(lambda tx: returns.endings.cancel(tx, tx.actor, labelled.id))
    await parcels.told(await number(parcels, labelled), T.PICKED_UP, parcels.delivered.shop.clock.now())
    await parcels.handle()
    assert (await parcels.current(labelled)).status is S.CLOSED
    assert await parcels.events(labelled) == []


async def test_the_same_events_at_once_are_stored_once(parcels: ReturnParcels, labelled: ReturnRequest) -> None:
    await parcels.told(await number(parcels, labelled), T.PICKED_UP, parcels.delivered.shop.clock.now())
    await asyncio.gather(*(parcels.handle() for _ in range(3)))
    assert len(await parcels.events(labelled)) == 1
    assert len(await parcels.depot.events("return.shipped")) == 1


async def test_carriers_are_asked_for_parcels_of_returns(parcels: ReturnParcels, labelled: ReturnRequest) -> None:
    shop = parcels.delivered.shop
    shop.clock.advance(DAY)
    assert await shop.services.shipping.tracking.follow_due(shop.database, shop.system) == 1
    await parcels.handle()
    assert (await parcels.current(labelled)).status is S.IN_TRANSIT
