"""Lists of orders for staff: by status, content, buyer and payment."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import encode_cursor
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import Order
from domains.order.payments.payments import PaymentData
from domains.order.payments.refund_lines import NewRefund
from domains.payment.errors import PaymentDeclined
from domains.payment.models import PaymentMethod
from gateway.graphql.company.settings import update_settings
from tests.domains.order.storefront import DECLINED, HOME, Storefront
from tests.gateway.graphql.order.operations import LIST, MOVE
from tests.gateway.site import Site

WAITS = "{ orders(first: 20) { nodes { id awaitsAcceptance } } }"
LEADS = """query ($id: ID!) { order(id: $id) {
  items { product { slug } variant { id } }
  appliedPromotions { promotion { code } }
  refunds { amount { amount } status performedBy }
  balance { captured { amount currency } refunded { amount } refunding { amount } refundable { amount } }
  payments { provider providerTransactionId refunds { amount { amount } } } } }"""

# Where no name is that an account has.
OFFICE = replace(HOME, full_name="Reception")


@pytest.fixture
async def clerk(shop: Storefront) -> Actor:
    return await shop.staff()


@pytest.fixture
async def orders(shop: Storefront) -> dict[str, Order]:
    """One of each sort: what a customer has paid, one by invoice, one declined, one of a guest."""
    await shop.stock("A", 50, "10.00")
    await shop.stock("B", 50, "25.00")
    await shop.promotion(code="TEN", discount_value=Decimal(10))
    ada, guest = await shop.customer(), Actor.anonymous(shop.company_id)
    await shop.owner.execute(
        "update users set first_name = 'Ada', last_name = 'Lovélace', search_text = $2 where id = $1",
        ada.user_id,
        f"ada lovelace {ada.user_id}@example.com",
    )
    await shop.fill(ada, ("A", 2))
    await shop.apply(ada, "TEN")
    paid = await shop.pay(ada, (await shop.place(ada, shipping=OFFICE)).order)
    shop.clock.advance(timedelta(minutes=1))
    await shop.fill(ada, ("B", 1))
    invoiced = await shop.accept(ada, (await shop.place(ada, shipping=OFFICE)).order)
    shop.clock.advance(timedelta(minutes=1))
    await shop.fill(ada, ("A", 1))
    declined = (await shop.place(ada, shipping=OFFICE)).order
    with pytest.raises(PaymentDeclined):
        await shop.pay(ada, declined, DECLINED)
    shop.clock.advance(timedelta(minutes=1))
    token = await shop.fill(guest, ("B", 2))
    guests = (await shop.place(guest, cart_token=token, email="g@example.com", shipping=OFFICE)).order
    return {"paid": paid, "invoiced": invoiced, "declined": declined, "guest's": guests}


async def found(site: Site, actor: Actor, orders: dict[str, Order], **variables: Any) -> list[str]:
    """The names of the orders that a list shows, in its order."""
    names = {str(order.id): name for name, order in orders.items()}
    page = (await site.data(LIST, actor, **variables))["orders"]
    assert page["totalCount"] == len(page["nodes"])
    return [names[node["id"]] for node in page["nodes"]]


async def test_every_filter_finds_its_orders(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    promotion = await shop.owner.fetchval("select id from promotions where company_id = $1", shop.company_id)
    placed = orders["invoiced"].created_at.isoformat()
    await shop.services.order.refunds.refund(shop.database, clerk, orders["paid"].id, NewRefund(amount=Decimal(3)))
    for wanted, names in (
        ({}, ["guest's", "declined", "invoiced", "paid"]),
        ({"isGuest": True}, ["guest's"]),
        ({"isGuest": False}, ["declined", "invoiced", "paid"]),
        ({"isPaid": True}, ["paid"]),
        ({"isPaid": False}, ["guest's", "declined", "invoiced"]),
        ({"isRefunded": True}, ["paid"]),
        ({"isRefunded": False, "isGuest": False}, ["declined", "invoiced"]),
        ({"totalAtLeast": "18", "totalAtMost": "25"}, ["invoiced", "paid"]),
        ({"totalAtLeast": "18.01", "totalAtMost": "25"}, ["invoiced"]),
        ({"totalAtMost": "-1"}, []),
        ({"totalAtLeast": "1e30"}, []),
        ({"paymentMethods": ["INVOICE"]}, ["invoiced"]),
        ({"paymentMethods": ["INVOICE", "CARD"]}, ["declined", "invoiced", "paid"]),
        ({"paymentAttemptStatuses": ["FAILED"]}, ["declined"]),
        ({"paymentAttemptStatuses": ["FAILED", "SUCCEEDED"]}, ["declined", "paid"]),
        ({"paymentAttemptStatuses": []}, []),
        ({"paymentStatuses": ["PARTIALLY_REFUNDED"]}, ["paid"]),
        ({"paymentStatuses": ["FAILED", "PARTIALLY_REFUNDED"]}, ["declined", "paid"]),
        ({"fulfilmentStatuses": ["UNFULFILLED"], "sku": "A"}, ["declined", "paid"]),
        ({"fulfilmentStatuses": ["DELIVERED"]}, []),
        ({"paymentStatuses": []}, []),
        ({"fulfilmentStatuses": []}, []),
        ({"productId": str(shop.products["B"].id)}, ["guest's", "invoiced"]),
        ({"sku": "A"}, ["declined", "paid"]),
        ({"sku": "A", "statuses": ["PENDING"]}, ["declined"]),
        ({"statuses": ["PAID", "PENDING", "PAID"]}, ["guest's", "declined", "paid"]),
        ({"statuses": ["SHIPPED"]}, []),
        ({"statuses": []}, []),
        ({"promotionId": str(promotion)}, ["paid"]),
        ({"promotionId": str(new_id())}, []),
        (
            {"createdFrom": placed, "createdBefore": orders["guest's"].created_at.isoformat()},
            ["declined", "invoiced"],
        ),
    ):
        assert await found(site, clerk, orders, filter=wanted) == names, wanted


async def test_staff_find_orders_that_wait_for_acceptance(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    await shop.run(lambda tx: update_settings(shop.services, tx, shop.system, {"accept_unpaid_up_to": None}))
    ada = await shop.customer()
    by_invoice = await shop.accept(ada, await shop.buy(ada, ("A", 1)))
    at_door = await shop.buy(ada, ("A", 1))
    await shop.services.order.process_payment(
        shop.database, ada, at_door.id, PaymentData(method=PaymentMethod.CASH_ON_DELIVERY)
    )
    everything = {**orders, "by invoice": by_invoice, "at the door": at_door}
    wanted = {"statuses": ["PENDING"], "paymentMethods": ["INVOICE", "CASH_ON_DELIVERY"]}
    assert set(await found(site, clerk, everything, filter=wanted)) == {"by invoice", "at the door"}
    nodes = (await site.data(WAITS, clerk))["orders"]["nodes"]
    waits = {str(by_invoice.id), str(at_door.id)}
    assert {node["id"]: node["awaitsAcceptance"] for node in nodes} == {
        str(order.id): str(order.id) in waits for order in everything.values()
    }
    await site.do(MOVE, clerk, orderId=str(by_invoice.id), status="CONFIRMED")
    assert await found(site, clerk, everything, filter=wanted) == ["at the door"]


async def test_orders_are_sorted_and_paginated_in_each_order(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    by_status = ["declined", "guest's", "invoiced", "paid"]
    for field, ascending in (
        ("CREATED_AT", ["paid", "invoiced", "declined", "guest's"]),
        ("ORDER_NUMBER", ["paid", "invoiced", "declined", "guest's"]),
        ("TOTAL", ["declined", "paid", "invoiced", "guest's"]),
        ("STATUS", by_status),
    ):
        for direction, names in (("ASC", ascending), ("DESC", ascending[::-1])):
            sort = {"field": field, "direction": direction}
            assert await found(site, clerk, orders, sortBy=sort) == names
            seen, after = [], None
            for _ in names:
                page = (await site.data(LIST, clerk, sortBy=sort, first=1, after=after))["orders"]
                seen += [node["id"] for node in page["nodes"]]
                after = page["pageInfo"]["endCursor"]
            assert seen == [str(orders[name].id) for name in names]
            assert page["pageInfo"]["hasNextPage"] is False
    (error,) = (await site.ask(LIST, clerk, sortBy={"field": "TOTAL"}, first=1, after=after))["errors"]
    assert error["message"] == ("This cursor belongs to a list with another order. Start again from the first page.")


async def test_search_finds_numbers_addresses_and_names(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    assert await found(site, clerk, orders, search=orders["invoiced"].order_number) == ["invoiced"]
    assert await found(site, clerk, orders, search="G@example") == ["guest's"]
    assert await found(site, clerk, orders, search="LOVÉL") == ["declined", "invoiced", "paid"]
    assert await found(site, clerk, orders, search="lovelace", filter={"isPaid": True}) == ["paid"]
    assert await found(site, clerk, orders, search="nobody") == []
    reader = Actor(
        ActorKind.USER,
        shop.company_id,
        user_id=new_id(),
        grants=frozenset({Grant(PermissionResource.ORDERS, PermissionAction.READ)}),
    )
    assert await found(site, reader, orders, search="lovelace") == []
    assert await found(site, reader, orders, search="g@") == ["guest's"]


@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        (
            {"createdFrom": "2026-02-01T00:00:00Z", "createdBefore": "2026-01-01T00:00:00Z"},
            "RANGE_INVERTED",
            ["filter", "createdBefore"],
        ),
        ({"totalAtLeast": "5", "totalAtMost": "4.99"}, "RANGE_INVERTED", ["filter", "totalAtMost"]),
        ({"statuses": ["PAID"] * 21}, "TOO_MANY", ["filter", "statuses"]),
        ({"paymentAttemptStatuses": ["PROCESSING"] * 21}, "TOO_MANY", ["filter", "paymentAttemptStatuses"]),
        ({"paymentStatuses": ["PAID"] * 21}, "TOO_MANY", ["filter", "paymentStatuses"]),
        ({"fulfilmentStatuses": ["DELIVERED"] * 21}, "TOO_MANY", ["filter", "fulfilmentStatuses"]),
        ({"sku": "s" * 256}, "TOO_LONG", ["filter", "sku"]),
    ],
)
async def test_a_filter_that_matches_nothing_is_refused_with_its_path(
    site: Site, clerk: Actor, wanted: dict[str, Any], code: str, path: list[str]
) -> None:
    (error,) = (await site.ask(LIST, clerk, filter=wanted))["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["input"] == path


async def test_an_order_has_its_variants_promotions_and_payments(
    shop: Storefront, site: Site, clerk: Actor, orders: dict[str, Order]
) -> None:
    paid = orders["paid"]
    await shop.services.order.refunds.refund(shop.database, clerk, paid.id, NewRefund(amount=Decimal(3)))
    shown = (await site.data(LEADS, clerk, id=str(paid.id)))["order"]
    assert shown["items"] == [{"product": {"slug": "thing-a"}, "variant": None}]
    assert shown["appliedPromotions"] == [{"promotion": {"code": "TEN"}}]
    assert shown["refunds"] == [
        {"amount": {"amount": "3.00"}, "status": "SUCCEEDED", "performedBy": str(clerk.user_id)}
    ]
    assert shown["balance"] == {
        "captured": {"amount": "18.00", "currency": "EUR"},
        "refunded": {"amount": "3.00"},
        "refunding": {"amount": "0.00"},
        "refundable": {"amount": "15.00"},
    }
    (payment,) = shown["payments"]
    assert (payment["provider"], payment["refunds"]) == ("MOCK", [{"amount": {"amount": "3.00"}}])
    assert payment["providerTransactionId"] == paid.payment_transaction_id
    assert site.count.data == 7
    unpaid = (await site.data(LEADS, clerk, id=str(orders["declined"].id)))["order"]
    assert (unpaid["balance"], unpaid["refunds"]) == (None, [])


async def test_a_forged_cursor_is_refused(site: Site, clerk: Actor) -> None:
    for rank in ("GONE", 10, -1, 10**6, None, True, 1.5):
        forged = encode_cursor("status:desc", [rank, "2026-01-01T00:00:00+00:00", str(new_id())])
        (error,) = (await site.ask(LIST, clerk, sortBy={"field": "STATUS"}, after=forged))["errors"]
        assert error["extensions"]["code"] == "CURSOR_INVALID"
