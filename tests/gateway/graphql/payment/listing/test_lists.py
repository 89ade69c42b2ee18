"""Lists of payments, transactions, refunds and the audit log over HTTP: who sees them, and their statements."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.payments.refund_lines import NewRefund
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site

PAYMENTS = """query ($filter: PaymentFilterInput, $search: String) {
  payments(first: 20, filter: $filter, search: $search) { totalCount nodes {
    id status amount { amount currency } order { orderNumber } refunds { status }
    transactions { type status amount { amount } payment { id } } } } }"""
TRANSACTIONS = """query ($filter: PaymentTransactionFilterInput) {
  paymentTransactions(first: 20, filter: $filter) { nodes {
    type status provider providerTransactionId amount { amount } payment { id status } refund { id } } } }"""
REFUNDS = """query ($filter: RefundFilterInput) {
  refunds(first: 20, filter: $filter) { nodes { amount { amount } status order { id } } } }"""
LOG = """query ($filter: PaymentAuditLogFilterInput) {
  paymentAuditLogs(first: 20, filter: $filter) { nodes {
    eventType actorKind userId user { id } provider paymentId orderId amount { amount currency }
    success error details timestamp } } }"""
LISTS = (PAYMENTS, TRANSACTIONS, REFUNDS, LOG)
OF_BUYER = "query ($id: ID!) { order(id: $id) { payments { status transactions { type } } } }"


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 50)
    yield made
    assert await made.broken() == []


def staff(shop: Storefront, action: PermissionAction) -> Actor:
    return Actor(
        ActorKind.USER, shop.company_id, new_id(), grants=frozenset({Grant(PermissionResource.ORDERS, action)})
    )


async def test_staff_list_payments_with_orders_and_transactions(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    orders = [await shop.pay(ada, await shop.buy(ada, ("A", 1))) for _ in range(3)]
    clerk = staff(shop, PermissionAction.READ)
    listed = await site.value(PAYMENTS, clerk)
    assert listed["totalCount"] == 3
    assert [each["order"]["orderNumber"] for each in listed["nodes"]] == [each.order_number for each in orders[::-1]]
    for payment in listed["nodes"]:
        assert payment["status"] == "SUCCEEDED"
        (charge,) = payment["transactions"]
        assert (charge["type"], charge["status"], charge["amount"]) == (
            "CHARGE",
            "SUCCEEDED",
            {"amount": payment["amount"]["amount"]},
        )
        assert charge["payment"]["id"] == payment["id"]
    assert site.count.data == 6  # the page, its count, orders, refunds, transactions and their payments
    only = await site.value(PAYMENTS, clerk, filter={"orderId": str(orders[0].id)})
    assert [each["order"]["orderNumber"] for each in only["nodes"]] == [orders[0].order_number]


async def test_staff_list_transactions_and_refunds(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    await shop.services.order.refunds.refund(shop.database, shop.system, order.id, NewRefund(reason="Broken"))
    clerk = staff(shop, PermissionAction.READ)
    back, charge = (await site.value(TRANSACTIONS, clerk, filter={"orderId": str(order.id)}))["nodes"]
    assert (charge["type"], charge["refund"], back["type"], back["status"]) == ("CHARGE", None, "REFUND", "SUCCEEDED")
    assert back["payment"] == charge["payment"]
    assert site.count.data == 4  # the payments of the order, the page, payments and refunds
    (refund,) = (await site.value(REFUNDS, clerk, filter={"statuses": ["SUCCEEDED"]}))["nodes"]
    assert (refund["order"]["id"], refund["amount"]) == (str(order.id), back["amount"])


async def test_the_log_says_who_did_what(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    admin = administrator(shop.company_id)
    entries = (await site.value(LOG, admin, filter={"orderId": str(order.id)}))["nodes"]
    assert [(each["eventType"], each["actorKind"], each["userId"], each["success"]) for each in entries] == [
        ("PAYMENT_SUCCEEDED", "USER", str(ada.user_id), True),
        ("PAYMENT_CREATED", "USER", str(ada.user_id), True),
    ]
    assert {each["user"]["id"] for each in entries} == {str(ada.user_id)}
    assert site.count.data == 2


async def test_lists_are_for_staff_of_the_company(shop: Storefront, site: Site, other_company: Any) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    for who in (ada, Actor.anonymous(shop.company_id)):
        for listed in LISTS:
            assert await site.denied(listed, who) in ("FORBIDDEN", "UNAUTHENTICATED")
    assert await site.denied(LOG, staff(shop, PermissionAction.READ)) == "FORBIDDEN"
    assert (await site.ask(OF_BUYER, ada, id=str(order.id)))["data"]["order"]["payments"] == [
        {"status": "SUCCEEDED", "transactions": None}
    ]
    for listed in LISTS:
        answer = await site.ask(listed, administrator(other_company))
        assert [each["nodes"] for each in answer["data"].values()] == [[]]


@pytest.mark.parametrize(
    ("text", "filter", "path"),
    [
        (PAYMENTS, {"ids": [str(new_id())] * 101}, ["filter", "ids"]),
        (PAYMENTS, {"amountAtLeast": "2", "amountAtMost": "1"}, ["filter", "amountAtMost"]),
        (TRANSACTIONS, {"types": ["VOID"] * 21}, ["filter", "types"]),
        (
            REFUNDS,
            {"createdFrom": "2026-02-01T00:00Z", "createdBefore": "2026-01-01T00:00Z"},
            ["filter", "createdBefore"],
        ),
        (LOG, {"since": "2026-02-01T00:00Z", "until": "2026-01-01T00:00Z"}, ["filter", "until"]),
    ],
)
async def test_a_wrong_filter_is_refused_at_its_field(
    shop: Storefront, site: Site, text: str, filter: dict[str, Any], path: list[str]
) -> None:
    answer = await site.ask(text, administrator(shop.company_id), filter=filter)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] in ("TOO_MANY", "RANGE_INVERTED")
    assert error["extensions"].get("inputPath", error["extensions"].get("path", path)) == path
