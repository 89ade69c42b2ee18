"""Captures and voids over HTTP: for staff who manage orders, once for each key, and live for staff."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.payment.models import Payment
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

CAPTURE = """mutation ($input: PaymentCaptureInput!) { paymentCapture(input: $input) {
  order { id status paymentStatus } payment { id status authorizedUntil } errors { code message path } } }"""
VOID = """mutation ($input: PaymentVoidInput!) { paymentVoid(input: $input) {
  order { id status paymentStatus } payment { id status } errors { code message path } } }"""


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 5)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    return await shop.customer()


@pytest.fixture
async def held(shop: Storefront, ada: Actor) -> Payment:
    return await shop.payment_of(await shop.authorize(ada, await shop.buy(ada, ("A", 2))))


def using(payment: Payment, **given: Any) -> dict[str, Any]:
    return {"input": {"idempotencyKey": key(), "paymentId": str(payment.id), **given}}


async def test_staff_capture_a_part_and_the_order_is_partially_paid(
    shop: Storefront, site: Site, held: Payment
) -> None:
    clerk = await shop.staff()
    variables = using(held, amount="5")
    answers = await asyncio.gather(*(site.data(CAPTURE, clerk, **variables) for _ in range(5)))
    assert answers[0]["paymentCapture"] == {
        "order": {"id": str(held.order_id), "status": "CONFIRMED", "paymentStatus": "PARTIALLY_PAID"},
        "payment": {
            "id": str(held.id),
            "status": "SUCCEEDED",
            "authorizedUntil": (shop.clock.now() + timedelta(days=7)).isoformat(),
        },
        "errors": [],
    }
    assert all(answer == answers[0] for answer in answers)
    (error,) = (await site.data(VOID, clerk, **using(held)))["paymentVoid"]["errors"]
    assert (error["code"], error["path"]) == ("PAYMENT_NOT_VOIDABLE", ["input", "paymentId"])


async def test_staff_void_a_payment_once_for_each_key(shop: Storefront, site: Site, held: Payment) -> None:
    clerk = await shop.staff()
    variables = using(held, reason="Sold out")
    first = await site.data(VOID, clerk, **variables)
    assert first["paymentVoid"] == {
        "order": {"id": str(held.order_id), "status": "CONFIRMED", "paymentStatus": "PENDING"},
        "payment": {"id": str(held.id), "status": "CANCELLED"},
        "errors": [],
    }
    assert await site.data(VOID, clerk, **variables) == first
    assert [comment for _, comment in await shop.history(held.order_id)].count("Sold out") == 1


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"amount": "20.01"}, "CAPTURE_TOO_LARGE", ["input", "amount"]),
        ({"amount": "0"}, "OUT_OF_RANGE", ["input", "amount"]),
        ({"amount": "1.001"}, "TOO_MANY_DECIMALS", ["input", "amount"]),
        ({"paymentId": str(new_id())}, "NOT_FOUND", ["input", "paymentId"]),
    ],
)
async def test_a_capture_that_is_wrong_is_refused_with_its_code(
    shop: Storefront, site: Site, held: Payment, given: dict[str, Any], code: str, path: list[str]
) -> None:
    (error,) = (await site.data(CAPTURE, await shop.staff(), **using(held, **given)))["paymentCapture"]["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert await shop.charges() == [("AUTHORIZED", held.amount)]


async def test_buyers_and_other_companies_neither_capture_nor_void(
    site: Site, shop: Storefront, ada: Actor, held: Payment, other_company: Any
) -> None:
    for operation, field in ((CAPTURE, "paymentCapture"), (VOID, "paymentVoid")):
        for who in (ada, Actor.anonymous(shop.company_id)):
            assert await site.denied(operation, who, **using(held)) in {"FORBIDDEN", "UNAUTHENTICATED"}
        (error,) = (await site.data(operation, administrator(other_company), **using(held)))[field]["errors"]
        assert error["code"] == "NOT_FOUND"
    assert await shop.charges() == [("AUTHORIZED", held.amount)]
