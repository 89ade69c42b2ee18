"""Refunds by line over the API: what is left, what a refund gives back, and the number of statements."""

from typing import Any

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.order.models import Order
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import key
from tests.gateway.site import Site

REFUND = """mutation ($input: OrderRefundInput!) { orderRefund(input: $input) {
  order { refundableShipping { amount } items { sku refundableQuantity refundableAmount { amount } } }
  refund { id }
  refunds { id amount { amount } lines { kind orderItemId quantity amount { amount } tax { amount } } }
  errors { code path } } }"""
LEFT = """query ($id: ID!) { order(id: $id) {
  refundableShipping { amount } items { id sku refundableQuantity refundableAmount { amount } } } }"""
LEFT_OF_ALL = """query { orders(first: 10) { nodes {
  refundableShipping { amount } items { refundableQuantity refundableAmount { amount } }
  refunds { lines { kind amount { amount } } } } } }"""


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


async def bought(shop: Storefront) -> Order:
    ada = await shop.customer()
    return await shop.pay(ada, await shop.buy(ada, ("A", 3), ("B", 1)))


@pytest.fixture
async def paid(shop: Storefront) -> Order:
    await shop.stock("A", 20, "3.33")
    await shop.stock("B", 20, "10.00")
    return await bought(shop)


async def left(site: Site, clerk: Actor, order: Order) -> dict[str, Any]:
    """What is left of each SKU, and its id."""
    found = (await site.data(LEFT, clerk, id=str(order.id)))["order"]
    return {item["sku"]: item for item in found["items"]}


def asked(order: Order, **given: Any) -> dict[str, Any]:
    return {"input": {"idempotencyKey": key(), "orderId": str(order.id), **given}}


async def test_a_refund_by_line_shows_what_it_gives_back_and_what_is_left(
    shop: Storefront, site: Site, clerk: Actor, paid: Order
) -> None:
    items = await left(site, clerk, paid)
    assert (items["A"]["refundableQuantity"], items["A"]["refundableAmount"]) == (3, {"amount": "9.99"})
    request = asked(paid, lines=[{"orderItemId": items["A"]["id"], "quantity": 2}], adjustment="-0.66")
    done = (await site.data(REFUND, clerk, **request))["orderRefund"]
    assert done["errors"] == []
    (refund,) = done["refunds"]
    assert (done["refund"]["id"], refund["amount"]) == (refund["id"], {"amount": "6.00"})
    assert refund["lines"] == [
        line("ADJUSTMENT", None, None, "-0.66"),
        line("ITEM", items["A"]["id"], 2, "6.66"),
    ]
    assert done["order"]["items"] == [
        {"sku": "A", "refundableQuantity": 1, "refundableAmount": {"amount": "3.33"}},
        {"sku": "B", "refundableQuantity": 1, "refundableAmount": {"amount": "10.00"}},
    ]
    again = (await site.data(REFUND, clerk, **request))["orderRefund"]
    assert (again["refund"], again["refunds"]) == (done["refund"], done["refunds"])
    rest = (await site.data(REFUND, clerk, **asked(paid)))["orderRefund"]
    assert rest["refunds"][0]["amount"] == {"amount": "13.99"}
    assert {item["refundableQuantity"] for item in rest["order"]["items"]} == {0}


async def test_a_refund_to_store_credit_is_seen_in_the_refund_and_in_the_credit(
    shop: Storefront, site: Site, clerk: Actor, paid: Order
) -> None:
    credited = """mutation ($input: OrderRefundInput!) { orderRefund(input: $input) {
      refunds { status destination amount { amount } } errors { code path } } }"""
    done = (await site.data(credited, clerk, **asked(paid, amount="4.50", destination="STORE_CREDIT")))["orderRefund"]
    assert (done["errors"], site.count.data) == ([], 20)
    assert done["refunds"] == [{"status": "SUCCEEDED", "destination": "STORE_CREDIT", "amount": {"amount": "4.50"}}]
    ada = Actor(ActorKind.USER, shop.company_id, user_id=paid.user_id)
    mine = await site.data("{ me { storeCredit { balance { amount } transactions { kind } } } }", ada)
    assert mine["me"]["storeCredit"] == {"balance": {"amount": "4.50"}, "transactions": [{"kind": "REFUND"}]}
    refused = (await site.data(credited, clerk, **asked(paid, amount="1", destination="EXCHANGE")))["orderRefund"]
    assert refused == {
        "refunds": [],
        "errors": [{"code": "EXCHANGE_NEEDS_ORDER", "path": ["input", "destination"]}],
    }
    assert await site.denied(credited, ada, **asked(paid, amount="1", destination="STORE_CREDIT")) == "FORBIDDEN"


def line(kind: str, item_id: str | None, quantity: int | None, amount: str) -> dict[str, Any]:
    amounts = {"amount": {"amount": amount}, "tax": {"amount": "0.00"}}
    return {"kind": kind, "orderItemId": item_id, "quantity": quantity, **amounts}


async def test_all_errors_of_a_refund_name_their_fields(site: Site, clerk: Actor, paid: Order) -> None:
    items = await left(site, clerk, paid)
    lines = [{"orderItemId": items["A"]["id"], "quantity": 4}, {"orderItemId": items["B"]["id"], "quantity": 0}]
    request = asked(paid, lines=lines, amount="1", shippingAmount="1", reason="x" * 1_001)
    refused = (await site.data(REFUND, clerk, **request))["orderRefund"]
    assert (refused["order"], refused["refunds"]) == (None, [])
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [
        ("NOT_APPLICABLE", ["input", "amount"]),
        ("REFUND_QUANTITY_TOO_LARGE", ["input", "lines", "0", "quantity"]),
        ("OUT_OF_RANGE", ["input", "lines", "1", "quantity"]),
        ("REFUND_TOO_LARGE", ["input", "shippingAmount"]),
        ("TOO_LONG", ["input", "reason"]),
    ]


async def test_the_payment_to_refund_must_be_one_of_the_order(
    shop: Storefront, site: Site, clerk: Actor, paid: Order
) -> None:
    other = await bought(shop)
    (foreign,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [other.id])
    refused = (await site.data(REFUND, clerk, **asked(paid, paymentId=str(foreign.id))))["orderRefund"]
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["input", "paymentId"]}]


async def test_an_order_that_is_not_paid_has_nothing_to_refund(shop: Storefront, site: Site, paid: Order) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    found = (await site.data(LEFT, ada, id=str(order.id)))["order"]
    assert (found["refundableShipping"], found["items"][0]["refundableQuantity"]) == ({"amount": "0.00"}, 0)


async def test_what_is_left_of_all_orders_of_a_page_is_loaded_together(
    shop: Storefront, site: Site, clerk: Actor, paid: Order
) -> None:
    await site.data(REFUND, clerk, **asked(paid, amount="1"))
    await site.data(LEFT_OF_ALL, clerk)
    few = site.count.data
    second = await bought(shop)
    await site.data(REFUND, clerk, **asked(second, amount="1"))
    found = await site.data(LEFT_OF_ALL, clerk)
    assert [len(order["refunds"]) for order in found["orders"]["nodes"]] == [1, 1]
    assert site.count.data == few
    assert few == 10


async def test_a_refund_takes_a_fixed_number_of_statements(site: Site, clerk: Actor, paid: Order) -> None:
    items = await left(site, clerk, paid)
    plain = (
        """mutation ($input: OrderRefundInput!) { orderRefund(input: $input) { refund { id } errors { code } } }"""
    )
    lines = [{"orderItemId": items[sku]["id"], "quantity": 1} for sku in ("A", "B")]
    done = (await site.data(plain, clerk, **asked(paid, lines=lines)))["orderRefund"]
    assert done["errors"] == []
    assert site.count.data == 21
