"""The bounds of returns: how many requests an order has, and how long texts are."""

from itertools import permutations

import pytest
from structlog.testing import capture_logs

from domains.kernel.errors import TooMany
from domains.kernel.text.validation import TooLong
from domains.returns.errors import TooManyReturns
from domains.returns.models import ParcelEvent, TrackingSource, TrackingStatus
from domains.returns.processing import parcels
from domains.returns.requests import requests
from domains.shipping import parcel_events
from tests.domains.returns.delivered_orders import DeliveredOrder


async def test_an_order_has_a_limit_of_requests_with_those_that_ended(
    delivered: DeliveredOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert requests.MAX_REQUESTS == 100
    monkeypatch.setattr(requests, "MAX_REQUESTS", 2)
    endings, buyer = delivered.returns.endings, delivered.buyer
    for _ in range(2):
        made = await delivered.request(1)
        await delivered.shop.run(lambda tx, made=made: endings.cancel(tx, buyer, made.id), buyer)
    with pytest.raises(TooManyReturns):
        await delivered.request(1)


@pytest.mark.parametrize("text", ["字" * 255, "x" * 255])
async def test_long_places_of_events_are_stored(delivered: DeliveredOrder, text: str) -> None:
    request = await delivered.approve(await delivered.request(1))
    event = ParcelEvent(status=TrackingStatus.PICKED_UP, timestamp=delivered.shop.clock.now(), location=text)
    service = delivered.returns.parcels
    await delivered.run(lambda tx: service.add_event(tx, tx.actor, request.id, event, TrackingSource.MANUAL))
    too_long = ParcelEvent(status=TrackingStatus.PICKED_UP, timestamp=event.timestamp, location=text + "x")
    with pytest.raises(TooLong):
        await delivered.run(lambda tx: service.add_event(tx, tx.actor, request.id, too_long, TrackingSource.MANUAL))


async def test_a_return_has_a_limit_of_events(delivered: DeliveredOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parcel_events.MAX_EVENTS == 250
    monkeypatch.setattr(parcels, "MAX_EVENTS", 2)
    request, now = await delivered.approve(await delivered.request(1)), delivered.shop.clock.now()
    service = delivered.returns.parcels

    async def add(status: TrackingStatus, source: TrackingSource) -> None:
        event = ParcelEvent(status=status, timestamp=now)
        await delivered.run(lambda tx: service.add_event(tx, tx.actor, request.id, event, source))

    for status in (TrackingStatus.PICKED_UP, TrackingStatus.IN_TRANSIT, TrackingStatus.PICKED_UP):
        await add(status, TrackingSource.MANUAL)
    with pytest.raises(TooMany) as refused:
        await add(TrackingStatus.DELIVERED, TrackingSource.MANUAL)
    assert refused.value.field == ("return_request_id",)
    with capture_logs() as logs:
        await add(TrackingStatus.DELIVERED, TrackingSource.WEBHOOK)
    assert [each["return_request"] for each in logs if "return_request" in each] == [str(request.id)]
    assert await delivered.shop.count("return_tracking") == 2
    assert await tracked(delivered) == "IN_TRANSIT"


@pytest.mark.parametrize(
    "arrival", list(permutations([TrackingStatus.EXCEPTION, TrackingStatus.DELIVERED, TrackingStatus.IN_TRANSIT]))
)
async def test_a_delivery_is_final_at_its_time(
    delivered: DeliveredOrder, arrival: tuple[TrackingStatus, ...]
) -> None:
    request, now = await delivered.approve(await delivered.request(1)), delivered.shop.clock.now()
    for status in arrival:
        event = ParcelEvent(status=status, timestamp=now)
        await delivered.run(
            lambda tx, event=event: delivered.returns.parcels.add_event(
                tx, tx.actor, request.id, event, TrackingSource.MANUAL
            )
        )
    assert await tracked(delivered) == "DELIVERED"


async def tracked(delivered: DeliveredOrder) -> str:
    """The status of the parcel of the only return."""
    query = "select tracking_status from return_authorizations where company_id = $1"
    found: str = await delivered.shop.owner.fetchval(query, delivered.shop.company_id)
    return found
