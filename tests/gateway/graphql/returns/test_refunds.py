"""Refunds and exchanges of returns over HTTP."""

from typing import Any, Final

import pytest

from domains.kernel.actor import Actor
from tests.domains.returns.delivered_orders import DeliveredOrder, deliver, deliver_to_guest
from tests.gateway.graphql.order.operations import PAY, key, paying
from tests.gateway.site import Site

MADE: Final = """returnRequest { id status refundAmount { amount } refunds { id } }
  refunds { refundMethod status amount { amount } fee { amount } exchangeOrder { id } }
  exchangeOrder { id status total { amount } exchangedOrder { id } } errors { code path }"""
REFUND: Final = f"mutation ($input: ReturnRefundInput!) {{ returnRefund(input: $input) {{ {MADE} }} }}"
EXCHANGE: Final = (
    f"mutation ($input: ReturnExchangeInput!) {{ returnExchange(input: $input) {{ orderToken {MADE} }} }}"
)
REFUND_STATEMENTS: Final = 42
EXCHANGE_STATEMENTS: Final = 63
BY_TOKEN: Final = """query ($token: String!) { orderByToken(orderToken: $token) {
  id status total { amount } amountDue { amount } exchangedOrder { id } } }"""
REPLACED: Final = """query ($first: Int) { orders(first: $first) { nodes {
  exchangeOrders { id exchangedOrder { orderNumber } } exchangedOrder { id } returns { refunds { amount { amount } } }
} } }"""
SHOWN: Final = """query { returns { nodes { refunds { amount { amount } } order { exchangeOrders { id }
  refunds { destination } } } } }"""


@pytest.fixture
async def clerk(delivered: DeliveredOrder) -> Actor:
    return await delivered.shop.staff()


async def received(delivered: DeliveredOrder, *units: int) -> dict[str, Any]:
    """A return that came, as an input."""
    request = await delivered.receive(await delivered.approve(await delivered.request(*units)), *units)
    return {"idempotencyKey": key(), "returnRequestId": str(request.id)}


async def test_a_return_is_refunded_once_by_its_key(site: Site, delivered: DeliveredOrder, clerk: Actor) -> None:
    given = {**await received(delivered, 2, 1), "fee": "2.50", "method": "STORE_CREDIT"}
    first = await site.do(REFUND, clerk, **given)
    statements = site.count.data
    again = await site.do(REFUND, clerk, **given)
    assert first == again
    assert (first["returnRequest"]["status"], first["returnRequest"]["refundAmount"]) == (
        "PROCESSED",
        {"amount": "27.50"},
    )
    assert first["refunds"] == [
        {
            "refundMethod": "STORE_CREDIT",
            "status": "COMPLETED",
            "amount": {"amount": "27.50"},
            "fee": {"amount": "2.50"},
            "exchangeOrder": None,
        }
    ]
    assert len(first["returnRequest"]["refunds"]) == 1
    assert statements == REFUND_STATEMENTS


async def test_an_exchange_shows_both_orders(site: Site, delivered: DeliveredOrder, clerk: Actor) -> None:
    c = await delivered.shop.stock("C", 5, "4.00")
    given = {**await received(delivered, 1), "exchangeLines": [{"productId": str(c.id)}], "restTo": "STORE_CREDIT"}
    made = await site.do(EXCHANGE, clerk, **given)
    assert site.count.data == EXCHANGE_STATEMENTS
    assert made["orderToken"] is None
    order = made["exchangeOrder"]
    assert (order["status"], order["total"]) == ("PAID", {"amount": "4.00"})
    assert order["exchangedOrder"] == {"id": str(delivered.order.id)}
    assert [(row["refundMethod"], row["amount"]["amount"]) for row in made["refunds"]] == [
        ("EXCHANGE", "4.00"),
        ("STORE_CREDIT", "6.00"),
    ]
    (shown,) = (await site.data(SHOWN, clerk))["returns"]["nodes"]
    assert shown == {
        "refunds": [{"amount": {"amount": "4.00"}}, {"amount": {"amount": "6.00"}}],
        "order": {
            "exchangeOrders": [{"id": order["id"]}],
            "refunds": [{"destination": "EXCHANGE"}, {"destination": "STORE_CREDIT"}],
        },
    }


async def test_refusals_name_their_paths_and_buyers_are_denied(
    site: Site, delivered: DeliveredOrder, clerk: Actor
) -> None:
    given = await received(delivered, 1)
    refused = await site.refused(REFUND, clerk, **given, fee="10.00")
    assert (refused["code"], refused["path"]) == ("FEE_TOO_LARGE", ["input", "fee"])
    refused = await site.refused(EXCHANGE, clerk, **{**given, "idempotencyKey": key()})
    assert refused["code"] == "NO_EXCHANGE_LINES"
    for mutation in (REFUND, EXCHANGE):
        assert await site.denied(mutation, delivered.buyer, input=given) == "FORBIDDEN"
    assert await delivered.shop.count("refunds") == 0


async def test_a_guest_follows_and_pays_the_order_of_an_exchange(
    site: Site, delivered: DeliveredOrder, clerk: Actor
) -> None:
    shop = delivered.shop
    c = await shop.stock("C", 5, "25.00")
    of_guest = await deliver_to_guest(shop, ("A", 1))
    request = await of_guest.request(1, actor=shop.system)
    await of_guest.receive(await of_guest.approve(request), 1)
    given = {
        "idempotencyKey": key(),
        "returnRequestId": str(request.id),
        "exchangeLines": [{"productId": str(c.id)}],
    }
    made = await site.do(EXCHANGE, clerk, **given)
    token, order_id = made["orderToken"], made["exchangeOrder"]["id"]
    shown = await site.value(BY_TOKEN, token=token)
    assert (shown["id"], shown["status"], shown["amountDue"]) == (order_id, "PENDING", {"amount": "15.00"})
    assert shown["exchangedOrder"] is None
    refused = await site.value(PAY, **paying(order_id))
    assert refused["errors"][0]["code"] == "NOT_FOUND"
    paid = await site.value(PAY, **paying(order_id, orderToken=token))
    assert (paid["order"]["status"], paid["errors"]) == ("PAID", [])
    again = await site.do(EXCHANGE, clerk, **given)
    assert (again["exchangeOrder"]["id"], again["orderToken"]) == (order_id, None)
    assert (await site.value(BY_TOKEN, token=token))["status"] == "PAID"


async def test_exchanges_and_refunds_of_many_orders_take_no_more_statements(
    site: Site, delivered: DeliveredOrder, clerk: Actor
) -> None:
    shop, numbers = delivered.shop, []
    for each in (delivered, await deliver(shop, ("A", 1)), await deliver(shop, ("B", 1))):
        lines = [{"productId": str(shop.products["A"].id)}]
        made = await site.do(EXCHANGE, clerk, **await received(each, 1), exchangeLines=lines)
        numbers.append(made["exchangeOrder"]["id"])
    counts = []  # in each case an order with a refunded return is among them
    for first in (4, 6):
        nodes = (await site.data(REPLACED, clerk, first=first))["orders"]["nodes"]
        counts.append(site.count.data)
    assert counts[0] == counts[1]
    assert sorted(row["id"] for node in nodes for row in node["exchangeOrders"]) == sorted(numbers)
    assert [bool(node["exchangedOrder"]) for node in nodes] == [not node["exchangeOrders"] for node in nodes]
    assert sum(len(each["refunds"]) for node in nodes for each in node["returns"]) == 3
