"""Shipping labels over HTTP: bought once for each key, shown to staff alone, and drawn as PDF."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.carriers.depot import Depot
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

A, R = PermissionAction, PermissionResource
BUY: Final = """mutation ($input: ShippingLabelBuyInput!) { shippingLabelBuy(input: $input) {
  label { id status service trackingNumber weight cost { amount currency } documentPath carrier { code } }
  errors { code message path } } }"""
VOID: Final = """mutation ($input: ShippingLabelVoidInput!) { shippingLabelVoid(input: $input) {
  label { id status } errors { code message path } } }"""
TRACK: Final = "query ($id: ID!) { carrierTracking(labelId: $id) { status description location } }"
ORDER: Final = "query ($id: ID!) { order(id: $id) { shippingLabels { id trackingStatus } } }"


@pytest.fixture
async def depot(site: Site, owner: Any) -> AsyncIterator[Depot]:
    shop = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await shop.run(lambda tx: shop.services.tax.settings.update(tx, {"tax_country": "GB"}, "EUR"))
    yield await Depot.opened(shop)
    assert await shop.broken() == []


def wanted(depot: Depot, **given: Any) -> dict[str, Any]:
    return {
        "idempotencyKey": key(),
        "orderId": str(depot.order_id),
        "carrierId": str(depot.mock.id),
        "service": "STANDARD",
        "parcel": {"weight": "1.5"},
        **given,
    }


async def test_a_label_is_bought_once_for_each_key(site: Site, depot: Depot) -> None:
    given = wanted(depot)
    answers = await asyncio.gather(*(site.do(BUY, depot.clerk, **given) for _ in range(4)))
    label = answers[0]["label"]
    assert all(answer == answers[0] for answer in answers)
    assert label == {
        "id": label["id"],
        "status": "PURCHASED",
        "service": "STANDARD",
        "trackingNumber": label["trackingNumber"],
        "weight": "1.500",
        "cost": {"amount": "5.40", "currency": "EUR"},
        "documentPath": f"/shipping-labels/{label['id']}.pdf",
        "carrier": {"code": "mock"},
    }
    assert len(await depot.labels()) == 1
    shown = await site.value(ORDER, depot.clerk, id=str(depot.order_id))
    assert shown == {"shippingLabels": [{"id": label["id"], "trackingStatus": None}]}


async def test_a_refusal_is_repeated_for_its_key(site: Site, depot: Depot) -> None:
    given = wanted(depot, parcel={"weight": "31"})
    first = await site.refused(BUY, depot.clerk, **given)
    assert first["code"] == "LABEL_REFUSED"
    assert await site.refused(BUY, depot.clerk, **given) == first
    assert [label.status.value for label in await depot.labels()] == ["FAILED"]


async def test_a_label_is_voided_and_a_second_void_is_refused(site: Site, depot: Depot) -> None:
    label = (await site.do(BUY, depot.clerk, **wanted(depot)))["label"]
    given = {"idempotencyKey": key(), "labelId": label["id"]}
    voided = await site.do(VOID, depot.clerk, **given)
    assert voided["label"] == {"id": label["id"], "status": "VOIDED"}
    assert await site.do(VOID, depot.clerk, **given) == voided
    error = await site.refused(VOID, depot.clerk, **given | {"idempotencyKey": key()})
    assert (error["code"], error["path"]) == ("LABEL_NOT_VOIDABLE", ["input", "labelId"])


async def test_a_manual_label_needs_its_number_and_cost(site: Site, depot: Depot) -> None:
    given = wanted(depot, carrierId=str(depot.manual.id), service="Parcel")
    errors = (await site.value(BUY, depot.clerk, input=given))["errors"]
    assert [(error["code"], error["path"][-1]) for error in errors] == [
        ("REQUIRED", "trackingNumber"),
        ("REQUIRED", "cost"),
    ]
    typed = given | {"idempotencyKey": key(), "trackingNumber": "1Z999", "cost": "4.99"}
    label = (await site.do(BUY, depot.clerk, **typed))["label"]
    assert (label["trackingNumber"], label["cost"]["amount"]) == ("1Z999", "4.99")
    assert (await pdf(site, depot.clerk, label["id"])).status_code == 404  # it was made elsewhere


async def pdf(site: Site, who: Actor | None, label_id: str) -> Any:
    return await site.send("GET", who, f"/shipping-labels/{label_id}.pdf")


async def test_the_label_is_drawn_for_staff_alone(site: Site, depot: Depot) -> None:
    label = (await site.do(BUY, depot.clerk, **wanted(depot)))["label"]
    found = await pdf(site, depot.clerk, label["id"])
    assert (found.status_code, found.headers["content-type"]) == (200, "application/pdf")
    assert found.headers["cache-control"] == "no-store"
    assert found.content.startswith(b"%PDF-")
    assert (await pdf(site, depot.clerk, label["id"])).content == found.content
    assert (await pdf(site, None, label["id"])).status_code == 401
    nobody = member(site.company_id, "CLERK", 10, frozenset({Grant(R.SETTINGS, A.READ)}))
    assert (await pdf(site, nobody, label["id"])).status_code == 403
    assert (await pdf(site, depot.clerk, str(new_id()))).status_code == 404
    await site.do(VOID, depot.clerk, idempotencyKey=key(), labelId=label["id"])
    assert (await pdf(site, depot.clerk, label["id"])).status_code == 404


async def test_buyers_and_staff_without_the_permission_see_no_label(site: Site, depot: Depot) -> None:
    label = (await site.do(BUY, depot.clerk, **wanted(depot)))["label"]
    reader = member(site.company_id, "CLERK", 10, frozenset({Grant(R.ORDERS, A.READ)}))
    assert await site.denied(BUY, reader, input=wanted(depot)) == "FORBIDDEN"
    assert await site.denied(VOID, reader, input={"idempotencyKey": key(), "labelId": label["id"]}) == "FORBIDDEN"
    customer = await depot.shop.customer()
    assert await site.denied(TRACK, customer, id=label["id"]) == "FORBIDDEN"
    assert len(await depot.labels()) == 1


async def test_another_company_finds_neither_order_nor_carrier_nor_label(
    site: Site, depot: Depot, other_company: UUID
) -> None:
    label = (await site.do(BUY, depot.clerk, **wanted(depot)))["label"]
    stranger = administrator(other_company)
    errors = (await site.value(BUY, stranger, input=wanted(depot)))["errors"]
    assert {error["code"] for error in errors} == {"NOT_FOUND", "ORIGIN_UNKNOWN"}
    error = await site.refused(VOID, stranger, idempotencyKey=key(), labelId=label["id"])
    assert error["code"] == "NOT_FOUND"
    assert (await pdf(site, stranger, label["id"])).status_code == 404


async def test_tracking_shows_what_the_carrier_says_now(site: Site, depot: Depot) -> None:
    label = (await site.do(BUY, depot.clerk, **wanted(depot)))["label"]
    site.clock.advance(timedelta(days=2))
    events = await site.value(TRACK, depot.clerk, id=label["id"])
    assert [event["status"] for event in events] == [
        *("PRE_TRANSIT", "PICKED_UP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED")
    ]


# ---- webhooks


async def send(site: Site, body: bytes, headers: dict[str, str], slug: str, code: str = "mock") -> int:
    path = f"/carriers/{slug}/{code}/webhook"
    return (await site._send("POST", path, {"content-type": "application/json", **headers}, content=body)).status_code


async def test_a_webhook_moves_the_parcel_and_strangers_get_no_details(site: Site, depot: Depot, owner: Any) -> None:
    label = await depot.buy()
    site.clock.advance(timedelta(days=1))
    slug = await owner.fetchval("select slug from companies where id = $1", site.company_id)
    body, headers = await depot.carrier.webhook(label.tracking_number or "")
    assert await send(site, body, {}, slug) == 400
    assert await send(site, body + b" ", headers, slug) == 400
    assert await send(site, body, headers, slug, "nobody") == 404
    assert await send(site, body, headers, "no-such-shop") == 404
    assert await send(site, b"x" * 300_000, headers, slug) == 413
    assert (await depot.label(label.id)).tracking_status is None
    assert await send(site, body, headers, slug) == 200
    assert await send(site, body, headers, slug, "MOCK") == 200
    moved = await depot.label(label.id)
    assert moved.tracking_status is not None
    assert moved.tracking_status.value == "IN_TRANSIT"
    assert len(await depot.events("parcel.tracked")) == 1
