"""Marking orders as paid over HTTP: for staff who manage orders, once for each key."""

import asyncio
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.order.models import Order
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import MARK, REFUND, key
from tests.gateway.site import Site


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    await shop.stock("A", 5)
    return await shop.customer()


@pytest.fixture
async def accepted(shop: Storefront, ada: Actor) -> Order:
    return await shop.accept(ada, await shop.buy(ada, ("A", 1)))


def marking(order_id: Any, **given: Any) -> dict[str, Any]:
    return {"input": {"orderId": str(order_id), **given}}


async def test_staff_mark_an_order_as_paid_and_refund_it(shop: Storefront, site: Site, accepted: Order) -> None:
    clerk = await shop.staff()
    shown = (await site.data(MARK, clerk, **marking(accepted.id, reference="Line 3")))["orderMarkPaid"]
    assert shown["errors"] == []
    assert shown["order"] == {
        "id": str(accepted.id),
        "status": "PAID",
        "paidAt": shop.clock.now().isoformat(),
        "paymentMethod": "INVOICE",
        "paymentTransactionId": "Line 3",
        "paymentStatus": "PAID",
        "fulfilmentStatus": "UNFULFILLED",
        "payments": [{"provider": "MANUAL", "method": "INVOICE", "status": "SUCCEEDED", "cardLast4": None}],
    }
    refund = {"input": {"idempotencyKey": key(), "orderId": str(accepted.id), "amount": "3"}}
    given = (await site.data(REFUND, clerk, **refund))["orderRefund"]
    assert (given["errors"], given["refund"]["status"]) == ([], "SUCCEEDED")


async def test_one_key_marks_an_order_once(shop: Storefront, site: Site, accepted: Order) -> None:
    clerk = await shop.staff()
    variables = marking(accepted.id, idempotencyKey=key(), reference="Line 3")
    answers = await asyncio.gather(*(site.data(MARK, clerk, **variables) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["orderMarkPaid"]["order"]["status"] == "PAID"
    assert await shop.owner.fetchval("select count(*) from payments where order_id = $1", accepted.id) == 1
    other = marking(accepted.id, idempotencyKey=variables["input"]["idempotencyKey"], reference="Line 4")
    (error,) = (await site.data(MARK, clerk, **other))["orderMarkPaid"]["errors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    (again,) = (await site.data(MARK, clerk, **marking(accepted.id)))["orderMarkPaid"]["errors"]
    assert again == {
        "code": "ORDER_NOT_MARKABLE",
        "message": "This order cannot be marked as paid. It has been paid already.",
        "path": ["input", "orderId"],
    }


async def test_a_buyer_cannot_mark_their_own_order_as_paid(
    shop: Storefront, site: Site, ada: Actor, accepted: Order
) -> None:
    assert await site.denied(MARK, ada, **marking(accepted.id)) == "FORBIDDEN"
    assert (await shop.order(accepted.id)).paid_at is None


async def test_an_unknown_order_and_an_overlong_reference_are_refused(
    shop: Storefront, site: Site, accepted: Order
) -> None:
    clerk = await shop.staff()
    for variables, code, path in (
        (marking(new_id()), "NOT_FOUND", ["input", "orderId"]),
        (marking(accepted.id, reference="r" * 256), "TOO_LONG", ["input", "reference"]),
        (marking(accepted.id, idempotencyKey=" "), "REQUIRED", ["input", "idempotencyKey"]),
    ):
        (error,) = (await site.data(MARK, clerk, **variables))["orderMarkPaid"]["errors"]
        assert (error["code"], error["path"]) == (code, path)
    assert (await shop.order(accepted.id)).paid_at is None
