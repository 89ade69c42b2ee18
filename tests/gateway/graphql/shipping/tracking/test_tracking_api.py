"""The tracking of shipments over HTTP: by hand, by webhook, for guests, and the statements of lists."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction as A
from domains.kernel.permissions import PermissionResource as R
from domains.kernel.values.secret import Secret
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate
from domains.shipping.tracking.models import TrackingStatus
from gateway.providers.carriers.mock.webhooks import HEADER, event_of
from gateway.providers.webhook_signature import sign
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.carriers.depot import SECRET
from tests.domains.shipping.tracking.parcels import Parcels
from tests.gateway.graphql.order.operations import key
from tests.gateway.graphql.payment.gift_cards.test_gift_cards import clerk
from tests.gateway.site import Site

ADD: Final = """mutation ($input: ShipmentTrackingAddInput!) { shipmentTrackingAdd(input: $input) {
  shipment { status events { status location description } order { status } } errors { code path } } }"""
BACK: Final = """mutation ($input: ShipmentReceiveBackInput!) { shipmentReceiveBack(input: $input) {
  shipment { receivedBackAt lines { sku quantity restocked } } errors { code path } } }"""
TRACK: Final = """query ($number: String!, $email: String!) { trackShipment(number: $number, email: $email) {
  number status carrier trackingNumber lines { productName quantity } events { status location } } }"""
OWN: Final = "query ($id: ID!) { order(id: $id) { shipments { events { status description } } } }"
SOURCES: Final = "query ($id: ID!) { order(id: $id) { shipments { events { source createdBy } } } }"
LIST: Final = """{ orders(first: 20) { nodes { id orderNotes { note } shipments { number status
  lines { sku quantity } events { status timestamp } } } } }"""


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    """The shop behind the gateway; all invariants are checked after every test."""
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def parcels(shop: Storefront) -> Parcels:
    """The carrier and its parcels."""
    return await Parcels.opened(shop)


def adding(shipment: Any, status: str = "DELIVERED", **given: Any) -> dict[str, Any]:
    return {"idempotencyKey": key(), "shipmentId": str(shipment.id), "status": status, **given}


async def test_staff_enter_an_event_once_for_its_key(parcels: Parcels, site: Site) -> None:
    order, shipment = await parcels.sent()
    given = adding(shipment, location="Bonn", description="Left with a neighbour")
    for _ in range(2):
        shown = (await site.do(ADD, parcels.clerk, **given))["shipment"]
        assert (shown["status"], shown["order"]) == ("DELIVERED", {"status": "DELIVERED"})
        (event,) = shown["events"]
        assert event == {"status": "DELIVERED", "location": "Bonn", "description": "Left with a neighbour"}
    refused = await site.refused(ADD, parcels.clerk, **adding(shipment, location="Bonn"))
    assert refused == {"code": "TRACKING_EVENT_KNOWN", "path": ["input", "status"]}
    later = adding(shipment, "LOST", timestamp="2099-01-01T00:00:00Z")
    refused = await site.refused(ADD, parcels.clerk, **later)
    assert refused == {"code": "TRACKING_EVENT_IN_FUTURE", "path": ["input", "timestamp"]}
    seen = await site.value(OWN, parcels.buyer, id=str(order.id))
    events = [{"status": "DELIVERED", "description": "Left with a neighbour"}]
    assert seen == {"shipments": [{"events": events}]}
    answer = await site.ask(SOURCES, parcels.buyer, id=str(order.id))
    assert answer["data"]["order"]["shipments"] == [{"events": [{"source": None, "createdBy": None}]}]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}


async def test_a_webhook_over_http_is_stored(parcels: Parcels, site: Site) -> None:
    order, shipment = await parcels.sent()
    event = TrackingEvent(TrackingStatus.DELIVERED, site.clock.now(), "Delivered", "Kiel")
    body = event_of(TrackingUpdate("MOCK0001", event))
    headers = {HEADER: sign(body, Secret(SECRET), site.clock.now())}
    slug = await site.database.reader(None).fetch_value("select slug from companies where id = $1", site.company_id)
    for _ in range(2):
        sent = await site.send(path=f"/carriers/{slug}/mock/webhook", content=body, headers=headers)
        assert sent.status_code == 200
    assert len(await parcels.events(shipment)) == 1
    await parcels.follow(order)
    assert await parcels.facts(order) == ("DELIVERED", 2, 2, 0)


async def test_a_guest_follows_a_parcel_by_its_number_and_the_address(parcels: Parcels, site: Site) -> None:
    order, shipment = await parcels.sent(("A", 2), ("B", 1))
    await parcels.entered(shipment, TrackingStatus.PICKED_UP, location="Bonn")
    expected = {
        "number": f"{order.order_number}-1",
        "status": "IN_TRANSIT",
        "carrier": "Mock",
        "trackingNumber": "MOCK0001",
        "lines": [{"productName": "Thing A", "quantity": 2}, {"productName": "Thing B", "quantity": 1}],
        "events": [{"status": "PICKED_UP", "location": "Bonn"}],
    }
    for number in (f" {order.order_number}-1 ", order.order_number, "mock0001"):
        assert await site.value(TRACK, number=number, email=order.email.upper()) == [expected]
        assert site.count.data == 6
    unknown = (
        (order.order_number, "another@example.com"),
        (order.order_number, "no address"),
        (f"{order.order_number}-2", order.email),
        ("MOCK9999", order.email),
        ("x" * 5_000, order.email),
        ("", ""),
    )
    for number, email in unknown:
        assert await site.value(TRACK, number=number, email=email) == []
    wrong = {"number": order.order_number, "email": "another@example.com"}
    await site.value(TRACK, **wrong)
    with_wrong_address = site.count.data
    await site.value(TRACK, number="2000-000001", email=order.email)
    assert with_wrong_address == site.count.data == 2


async def test_guesses_are_limited_by_network_and_lookups_that_find_are_not(parcels: Parcels, site: Site) -> None:
    order, _ = await parcels.sent()
    for _ in range(25):
        assert len(await site.value(TRACK, number="MOCK0001", email=order.email)) == 1
    for _ in range(20):
        assert await site.value(TRACK, number="MOCK0001", email="guess@example.com") == []
    assert await site.denied(TRACK, number="MOCK0001", email="guess@example.com") == "RATE_LIMITED"
    assert await site.denied(TRACK, number="MOCK0001", email=order.email) == "RATE_LIMITED"
    site.ip = "198.51.100.9"
    assert len(await site.value(TRACK, number="MOCK0001", email=order.email)) == 1


async def test_a_parcel_that_came_back_is_received_once_for_its_key(parcels: Parcels, site: Site) -> None:
    _, shipment = await parcels.sent()
    given = {"idempotencyKey": key(), "shipmentId": str(shipment.id), "warehouseId": str(shipment.warehouse_id)}
    refused = await site.refused(BACK, parcels.clerk, **given)
    assert refused == {"code": "SHIPMENT_NOT_RETURNED", "path": ["input", "shipmentId"]}
    await site.do(ADD, parcels.clerk, **adding(shipment, "RETURN_TO_SENDER"))
    given["idempotencyKey"] = key()
    for _ in range(2):
        received = (await site.do(BACK, parcels.clerk, **given))["shipment"]
        assert received["receivedBackAt"] is not None
        assert received["lines"] == [{"sku": "A", "quantity": 2, "restocked": 2}]
    assert await parcels.shop.level("A") == (50, 0)
    refused = await site.refused(BACK, parcels.clerk, **{**given, "idempotencyKey": key()})
    assert refused == {"code": "SHIPMENT_RECEIVED_ALREADY", "path": ["input", "shipmentId"]}


async def test_tracking_is_closed_to_everyone_without_the_permission(
    parcels: Parcels, site: Site, other_company: Any
) -> None:
    _, shipment = await parcels.sent()
    wrong = clerk(parcels.shop, (R.ORDERS, A.READ), (R.SETTINGS, A.MANAGE))
    guest, theirs = Actor.anonymous(site.company_id), administrator(other_company)
    back = {"idempotencyKey": key(), "shipmentId": str(shipment.id), "warehouseId": str(shipment.warehouse_id)}
    for mutation, given in ((ADD, adding(shipment)), (BACK, back)):
        for who, refusal in ((guest, "UNAUTHENTICATED"), (parcels.buyer, "FORBIDDEN"), (wrong, "FORBIDDEN")):
            assert await site.denied(mutation, who, input=given) == refusal
        assert (await site.refused(mutation, theirs, **given))["code"] == "NOT_FOUND"
    assert await parcels.events(shipment) == []
    assert await parcels.shipment(shipment) == shipment


async def test_a_list_of_orders_with_parcels_and_events_has_a_constant_number_of_statements(
    parcels: Parcels, site: Site
) -> None:
    counts = []
    for number in range(3):
        _, shipment = await parcels.sent(("A", 1), number=f"MOCK{number:04}")
        await parcels.entered(shipment, TrackingStatus.PICKED_UP)
        listed = (await site.value(LIST, parcels.clerk))["nodes"]
        assert all(len(each["shipments"][0]["events"]) == 1 for each in listed)
        counts.append(site.count.data)
    assert counts == [6, 6, 6]
