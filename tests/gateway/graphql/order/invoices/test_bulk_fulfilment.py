"""Many orders are shipped at once: each on its own, none twice."""

import asyncio
from typing import Any, Final

import pytest

from domains.kernel import fail_points
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.domains.actors import administrator, member
from tests.domains.order.allocation.warehouses import open_warehouse
from tests.domains.order.fulfilment.shipped_orders import paid_order
from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

FULFIL: Final = """mutation ($input: OrderBulkFulfilInput!) { orderBulkFulfil(input: $input) {
  results { orderId order { status } shipments { number status } errors { code message } } errors { code path } } }"""


@pytest.fixture
async def billing(shop: Storefront) -> Billing:
    return await Billing.opened(shop)


def outcomes(answer: Any) -> list[str]:
    """The status of each order, or the code of its error."""
    return [each["order"]["status"] if each["order"] else each["errors"][0]["code"] for each in answer["results"]]


async def test_each_order_is_shipped_or_has_its_own_errors(site: Site, billing: Billing) -> None:
    good, other = await billing.paid(2), await billing.paid(3)
    unpaid = await billing.shop.buy(billing.ada, ("A", 1))
    held = await billing.paid(1)
    await billing.shop.owner.execute("update orders set held_at = now() where id = $1", held.id)
    ids = [str(each) for each in (good.id, unpaid.id, held.id, new_id(), other.id)]
    answer = await site.do(FULFIL, billing.clerk, idempotencyKey=key(), orderIds=ids)
    assert [each["orderId"] for each in answer["results"]] == ids
    assert outcomes(answer) == ["SHIPPED", "ORDER_NOT_FULFILLABLE", "ORDER_ON_HOLD", "NOT_FOUND", "SHIPPED"]
    assert await billing.shop.level("A") == (500 - 2 - 3 - 1 - 1, 2)
    assert (await billing.shop.order(held.id)).processing_at is None


async def test_a_repetition_or_two_at_once_ship_no_order_twice(site: Site, billing: Billing) -> None:
    ids = [str((await billing.paid(2)).id) for _ in range(3)]
    answers = await asyncio.gather(
        *(site.do(FULFIL, billing.clerk, idempotencyKey=key(), orderIds=ids) for _ in range(3))
    )
    assert [outcomes(answer) for answer in answers] == [["SHIPPED"] * 3] * 3
    assert await billing.shop.level("A") == (494, 0)
    topics = await billing.shop.topics()
    assert topics.count("order.status_changed") == 3


async def test_the_list_is_checked_before_anything_is_shipped(site: Site, billing: Billing) -> None:
    order = str((await billing.paid(1)).id)
    cases = {
        "REQUIRED": list[str](),
        "DUPLICATE_VALUE": [order, order],
        "TOO_MANY": [order, *(str(new_id()) for _ in range(100))],
    }
    for code, ids in cases.items():
        error = await site.refused(FULFIL, billing.clerk, idempotencyKey=key(), orderIds=ids)
        assert (error["code"], error["path"][:2]) == (code, ["input", "orderIds"])
    assert await billing.shop.level("A") == (499, 1)


async def test_it_needs_the_permission_of_the_company(site: Site, billing: Billing, other_company: Any) -> None:
    given = {"idempotencyKey": key(), "orderIds": [str((await billing.paid(1)).id)]}
    reader = member(
        site.company_id, "CLERK", 10, frozenset({Grant(PermissionResource.ORDERS, PermissionAction.READ)})
    )
    assert await site.denied(FULFIL, reader, input=given) == "FORBIDDEN"
    assert await site.denied(FULFIL, billing.ada, input=given) == "FORBIDDEN"
    assert await site.denied(FULFIL, None, input=given) == "UNAUTHENTICATED"
    stranger: Actor = administrator(other_company)
    assert outcomes(await site.do(FULFIL, stranger, **given)) == ["NOT_FOUND"]
    assert await billing.shop.level("A") == (499, 1)


async def test_a_repeated_key_answers_the_same(site: Site, billing: Billing) -> None:
    orders = [await billing.paid(2), await billing.shop.buy(billing.ada, ("A", 1))]
    given = {"idempotencyKey": key(), "orderIds": [str(each.id) for each in orders]}
    answers = await asyncio.gather(*(site.do(FULFIL, billing.clerk, **given) for _ in range(2)))
    again = await site.do(FULFIL, billing.clerk, **given)
    assert answers == [again, again]
    assert outcomes(again) == ["SHIPPED", "ORDER_NOT_FULFILLABLE"]
    shipped, refused = again["results"]
    assert shipped["shipments"] == [{"number": f"{orders[0].order_number}-1", "status": "IN_TRANSIT"}]
    assert refused["shipments"] == []


async def test_an_interrupted_request_is_continued(site: Site, billing: Billing) -> None:
    given = {"idempotencyKey": key(), "orderIds": [str((await billing.paid(2)).id) for _ in range(2)]}
    fail_points.arm(["fulfilment.order_shipped:raise:1"])
    try:
        await site.post(FULFIL, billing.clerk, input=given)
    finally:
        fail_points.arm([])
    assert await billing.shop.level("A") == (496, 2)
    assert outcomes(await site.do(FULFIL, billing.clerk, **given)) == ["SHIPPED", "SHIPPED"]
    assert await billing.shop.level("A") == (496, 0)


async def test_orders_are_packed_by_a_warehouse_and_dispatched_at_once(site: Site, billing: Billing) -> None:
    shop = billing.shop
    await shop.stock("B", 1)
    north = await open_warehouse(shop, "NORTH", stock={"B": 4})
    order = await paid_order(shop, billing.ada, ("A", 1), ("B", 5))
    given = {"orderIds": [str(order.id)]}
    packing = {**given, "warehouseId": str(north), "isDispatched": False}
    for _ in range(2):  # nothing is left there for the second
        packed = await site.do(FULFIL, billing.clerk, idempotencyKey=key(), **packing)
        assert outcomes(packed) == ["PROCESSING"]
        assert packed["results"][0]["shipments"] == [{"number": f"{order.order_number}-1", "status": "PENDING"}]
    sent = await site.do(FULFIL, billing.clerk, idempotencyKey=key(), **given)
    assert outcomes(sent) == ["SHIPPED"]
    assert [each["status"] for each in sent["results"][0]["shipments"]] == ["IN_TRANSIT", "IN_TRANSIT"]
    assert (await shop.level("A"), await shop.level("B")) == ((499, 0), (0, 0))
    unknown = await site.do(
        FULFIL,
        billing.clerk,
        idempotencyKey=key(),
        orderIds=[str((await billing.paid(1)).id)],
        warehouseId=str(new_id()),
    )
    assert outcomes(unknown) == ["NOT_FOUND"]
