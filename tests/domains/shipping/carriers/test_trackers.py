"""Parcels move on by webhooks and by asking, in the order of the carrier's time, each event once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from domains.kernel.errors import DomainError
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.values.secret import Secret
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from domains.shipping.carriers.errors import CarrierNotFound, CarrierNotReachable
from domains.shipping.carriers.models import ShippingLabel, TrackingStatus
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate
from gateway.providers.carriers.mock.carrier import MockCarrier
from gateway.providers.carriers.mock.webhooks import HEADER, event_of
from gateway.providers.webhook_signature import sign
from tests.domains.shipping.carriers.depot import SECRET, Depot

T = TrackingStatus
DAY = timedelta(days=1)


async def receive(depot: Depot, body: bytes, headers: dict[str, str], code: str = "mock") -> int:
    """How many labels a webhook has moved."""
    shop = depot.shop
    return await shop.services.shipping.tracking.receive(shop.database, shop.system, code, body, headers)


async def told(depot: Depot, label: ShippingLabel, status: TrackingStatus, at: datetime, **given: Any) -> int:
    """Send a signed webhook about a parcel."""
    event = TrackingEvent(status, at, "It moved.")
    body = event_of(TrackingUpdate(given.get("number", label.tracking_number or ""), event))
    secret = Secret(given.get("secret", SECRET))
    return await receive(depot, body, {HEADER.title(): sign(body, secret, depot.shop.clock.now())})


async def state(depot: Depot, label: ShippingLabel) -> tuple[TrackingStatus | None, datetime | None]:
    found = await depot.label(label.id)
    return found.tracking_status, found.tracked_at


async def test_a_webhook_moves_the_parcel_on_once(depot: Depot) -> None:
    label = await depot.buy()
    depot.shop.clock.advance(DAY)
    body, headers = await depot.carrier.webhook(label.tracking_number or "")
    with counting() as count:
        assert await receive(depot, body, headers) == 1
    # The carriers, which are no longer remembered, the label, the shipments with this number, and the event.
    assert count.data == 4
    assert await receive(depot, body, headers) == 0
    assert (await state(depot, label))[0] is T.IN_TRANSIT
    (event,) = await depot.events("parcel.tracked")
    assert (event["label_id"], event["order_id"], event["status"]) == (
        str(label.id),
        str(depot.order_id),
        "IN_TRANSIT",
    )


async def test_older_events_do_not_move_it_back(depot: Depot) -> None:
    label, now = await depot.buy(), depot.shop.clock.now()
    depot.shop.clock.advance(DAY)
    assert await told(depot, label, T.DELIVERED, now + timedelta(hours=2)) == 1
    assert await told(depot, label, T.IN_TRANSIT, now + timedelta(hours=1)) == 0
    assert await told(depot, label, T.OUT_FOR_DELIVERY, now + timedelta(hours=2)) == 0
    assert await state(depot, label) == (T.DELIVERED, now + timedelta(hours=2))
    assert await told(depot, label, T.RETURN_TO_SENDER, now + timedelta(hours=2)) == 1


@pytest.mark.parametrize("arrival", [(T.EXCEPTION, T.DELIVERED), (T.DELIVERED, T.EXCEPTION)])
async def test_a_delivery_is_final_at_its_time(depot: Depot, arrival: tuple[TrackingStatus, ...]) -> None:
    label, now = await depot.buy(), depot.shop.clock.now()
    for status in (*arrival, T.LOST):
        await told(depot, label, status, now)
    assert await state(depot, label) == (T.DELIVERED, now)
    assert await told(depot, label, T.EXCEPTION, now + timedelta(minutes=1)) == 1


async def test_the_same_event_at_once_moves_it_once(depot: Depot) -> None:
    label, now = await depot.buy(), depot.shop.clock.now()
    moved = await asyncio.gather(*(told(depot, label, T.PICKED_UP, now) for _ in range(4)))
    assert sorted(moved) == [0, 0, 0, 1]
    assert len(await depot.events("parcel.tracked")) == 1


async def test_an_event_far_in_the_future_and_one_of_another_parcel_change_nothing(depot: Depot) -> None:
    label, now = await depot.buy(), depot.shop.clock.now()
    assert await told(depot, label, T.DELIVERED, now + DAY) == 0
    assert await told(depot, label, T.DELIVERED, now, number="MOCKUNKNOWN") == 0
    assert await state(depot, label) == (None, None)


async def test_a_voided_label_tells_its_last_status_still(depot: Depot) -> None:
    label = await depot.buy()
    await depot.void(label)
    assert await told(depot, label, T.PICKED_UP, depot.shop.clock.now()) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"secret": "another"}, WebhookSignatureInvalid),
        ({"late": True}, WebhookSignatureInvalid),
        ({"unsigned": True}, WebhookSignatureInvalid),
        ({"body": b"{}"}, WebhookMalformed),
        ({"body": b"\xff"}, WebhookMalformed),
        ({"body": b'{"trackingNumber": 1, "status": "DELIVERED", "occurredAt": 1}'}, WebhookMalformed),
        ({"body": b'{"trackingNumber": "X", "status": "STOLEN", "occurredAt": 1}'}, WebhookMalformed),
        ({"body": b'{"trackingNumber": "X", "status": "DELIVERED", "occurredAt": 1e300}'}, WebhookMalformed),
        ({"code": "manual"}, WebhookSignatureInvalid),
        ({"code": "nobody"}, CarrierNotFound),
    ],
)
async def test_a_forged_or_replayed_webhook_is_refused(
    depot: Depot, change: dict[str, Any], error: type[DomainError]
) -> None:
    label = await depot.buy()
    update = TrackingUpdate(
        label.tracking_number or "", TrackingEvent(T.DELIVERED, depot.shop.clock.now(), "Delivered.")
    )
    body = change.get("body", event_of(update))
    signature = sign(body, Secret(change.get("secret", SECRET)), depot.shop.clock.now())
    if change.get("late"):
        depot.shop.clock.advance(timedelta(minutes=6))
    headers = {} if change.get("unsigned") else {HEADER: signature}
    with pytest.raises(error):
        await receive(depot, body, headers, change.get("code", "mock"))
    assert await state(depot, label) == (None, None)


async def test_a_carrier_without_a_secret_takes_no_webhook(depot: Depot) -> None:
    label, carriers = await depot.buy(), depot.shop.services.shipping.carriers
    removed = {"webhook_secret": Secret("")}
    await depot.shop.run(lambda tx: carriers.update(tx, depot.mock.id, {"credentials": removed}))
    with pytest.raises(WebhookSignatureInvalid):
        await told(depot, label, T.DELIVERED, depot.shop.clock.now())


async def test_the_job_asks_each_hour_until_the_parcel_has_arrived(depot: Depot) -> None:
    label, shop = await depot.buy(), depot.shop
    follow = shop.services.shipping.tracking.follow_due
    seen: list[TrackingStatus] = []
    for _ in range(10):
        assert await follow(shop.database, shop.system) == int(not seen or seen[-1] is not T.DELIVERED)
        assert await follow(shop.database, shop.system) == 0
        status = (await state(depot, label))[0]
        assert status is not None
        seen.append(status)
        shop.clock.advance(timedelta(hours=8))
    order = list(T)
    assert seen == sorted(seen, key=order.index)
    assert seen[-1] is T.DELIVERED


async def test_what_the_carrier_says_is_shown_and_a_silent_one_is_an_error(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    label, shop = await depot.buy(), depot.shop
    tracking, reader = shop.services.shipping.tracking, shop.database.reader(shop.company_id)
    shop.clock.advance(2 * DAY)
    assert [event.status for event in await tracking.events(reader, label)] == [
        *(T.PRE_TRANSIT, T.PICKED_UP, T.IN_TRANSIT, T.OUT_FOR_DELIVERY, T.DELIVERED)
    ]

    async def silent(self: MockCarrier, number: str) -> Any:
        raise ConnectionError

    monkeypatch.setattr(MockCarrier, "track", silent)
    with pytest.raises(CarrierNotReachable):
        await tracking.events(reader, label)
