"""The purchase over HTTP: responses, the number of statements, and no card numbers."""

import logging
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import (
    BY_TOKEN,
    CANCEL,
    CARD,
    CREATE,
    DETAIL,
    LIST,
    MOVE,
    PAY,
    key,
    ordering,
    paying,
)
from tests.gateway.site import Site

WRITTEN_BY = """
select (select xmin::text from orders where id = $1) as orders,
  (select xmin::text from idempotency_keys where key = $2 and operation = 'order_pay') as keys
"""


async def test_a_guest_orders_pays_and_views_the_order(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    guest = Actor.anonymous(shop.company_id)
    cart = await shop.fill(guest, ("A", 2))
    made = (await site.data(CREATE, guest, **ordering(cartToken=cart, email="g@example.com")))["orderCreate"]
    order, token = made["order"], made["orderToken"]
    assert (order["status"], order["total"], made["errors"]) == (
        "PENDING",
        {"amount": "20.00", "currency": "EUR"},
        [],
    )
    unseen = (await site.data(PAY, guest, **paying(order["id"])))["orderPay"]
    assert (unseen["order"], unseen["errors"][0]["code"]) == (None, "NOT_FOUND")
    paid = (await site.data(PAY, guest, **paying(order["id"], orderToken=token)))["orderPay"]
    assert paid["errors"] == []
    assert paid["order"]["payments"] == [{"status": "SUCCEEDED", "cardLast4": "4242", "amount": {"amount": "20.00"}}]
    found = await site.data(BY_TOKEN, guest, token=token)
    assert found == {"orderByToken": {"id": order["id"], "email": "g@example.com", "status": "PAID"}}
    assert await site.data(BY_TOKEN, guest, token=cart) == {"orderByToken": None}
    cancelled = {"input": {"idempotencyKey": key(), "orderId": order["id"], "orderToken": token}}
    assert (await site.data(CANCEL, guest, **cancelled))["orderCancel"]["order"] == {
        "id": order["id"],
        "status": "REFUNDED",
        "isCancellable": False,
    }


async def test_an_order_executes_a_limited_number_of_statements_to_create_and_show(
    shop: Storefront, site: Site
) -> None:
    await shop.stock("A", 5)
    await shop.stock("B", 5)
    ada = await shop.customer()
    await shop.promotion(code="TEN", discount_value=Decimal(10), max_usage_count=5, max_usage_per_user=1)
    await shop.fill(ada, ("A", 2), ("B", 1))
    await shop.apply(ada, "TEN")
    made = (await site.data(CREATE, ada, **ordering()))["orderCreate"]
    assert (made["errors"], made["order"]["total"]["amount"]) == ([], "27.00")
    # The number in a transaction of its own. Then, in one more: the company and its settings; the key with the cart;
    # the tax rates; promotions, buyer and unpaid orders; the order with its stock; its promotions with the answer;
    # the buyer's uses.
    assert (site.count.data, site.count.control) == (1 + 7, 2)
    shown = (await site.data(DETAIL, ada, id=made["order"]["id"]))["order"]
    assert site.count.data == 6
    assert shown["appliedPromotions"] == [
        {"promotionName": "TEN", "promoCode": "TEN", "discountAmount": {"amount": "3.00"}}
    ]
    assert [item["product"]["slug"] for item in shown["items"]] == ["thing-a", "thing-b"]
    assert [change["toStatus"] for change in shown["statusHistory"]] == ["PENDING"]


async def test_a_payment_and_its_response_are_stored_in_one_transaction(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    # The settings of payments are remembered, as the company is since the order was placed.
    await shop.services.payment.settings.current(shop.database.reader(shop.company_id))
    wanted = paying(order.id)
    paid = await site.data(PAY, ada, **wanted)
    # The key and the order, the payment with its beginning; the order and the payment, its end with the answer; what
    # is shown.
    assert (site.count.data, site.count.control) == (2 + 2 + 1, 4)
    assert await site.data(PAY, ada, **wanted) == paid
    written = await shop.owner.fetchrow(WRITTEN_BY, order.id, wanted["input"]["idempotencyKey"])
    assert written["orders"] == written["keys"]


async def test_a_decline_has_a_reason_and_staff_move_an_order_on(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), await shop.staff()
    order = await shop.buy(ada, ("A", 1))
    bad = CARD | {"number": "4000000000009995"}
    (error,) = (await site.data(PAY, ada, **paying(order.id, card=bad)))["orderPay"]["errors"]
    assert (error["code"], error["reason"]) == ("PAYMENT_DECLINED", "INSUFFICIENT_FUNDS")
    invoice = (await site.data(PAY, ada, **paying(order.id, method="INVOICE", card=None)))["orderPay"]
    assert invoice["order"]["status"] == "CONFIRMED"
    for status, after in (("PROCESSING", ["SHIPPED"]), ("SHIPPED", ["DELIVERED"])):
        step = {"input": {"orderId": str(order.id), "status": status, "trackingNumber": "JD01"}}
        moved = (await site.data(MOVE, clerk, **step))["orderStatusUpdate"]
        assert (moved["order"]["nextStatuses"], moved["errors"]) == (after, [])


async def test_a_card_number_is_neither_returned_nor_logged_nor_stored(
    shop: Storefront, site: Site, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    number = "4000000000000002"
    odd: list[dict[str, Any]] = [
        {**CARD, "number": number},
        {**CARD, "number": int(number)},
        {**CARD, "number": number + "1"},
        {**CARD, "number": [number]},
        {**CARD, "number": number, "expiryMonth": "x"},
        {**CARD, "number": number, "color": "red"},
        {"number": number},
        {**CARD, "number": number, "expiryMonth": 13},
        {**CARD, "number": f"{number[:4]} {number[4:8]}-{number[8:12]} {number[12:]}", "color": "red"},
    ]
    texts = ""
    for card in odd:
        answer = await ask_any(site, ada, PAY, paying(order.id, card=card))
        assert "4000" not in answer, answer
        texts += answer
    await ask_any(site, ada, PAY.replace("$input)", f"{{orderId: 5, card: {{number: {number}}}}})"), {})
    written = caplog.text + "".join(capsys.readouterr())
    kept = await shop.owner.fetch("select outcome::text, request_hash from idempotency_keys")
    assert texts
    assert "4000000" not in written + str(kept)


async def ask_any(site: Site, actor: Actor, query: str, variables: dict[str, Any]) -> str:
    """The answer's text, whatever its status below 500."""
    response = await site.post(query, actor, **variables)
    assert response.status_code < 500
    return response.text


async def test_lists_contain_a_customers_own_orders_and_all_for_staff(shop: Storefront, site: Site) -> None:
    await shop.stock("A", 50, "3.00")
    ada, eve, clerk = await shop.customer(), await shop.customer(), await shop.staff()
    first, second = await shop.buy(ada, ("A", 1)), await shop.buy(ada, ("A", 3))
    third = await shop.buy(eve, ("A", 2))
    await shop.pay(eve, third)

    async def ids(actor: Actor, **variables: Any) -> list[str]:
        page = (await site.data(LIST, actor, **variables))["orders"]
        assert page["totalCount"] >= len(page["nodes"])
        return [node["id"] for node in page["nodes"]]

    one, two, three = str(first.id), str(second.id), str(third.id)
    assert set(await ids(ada)) == {one, two}
    assert await ids(eve) == [three]
    assert set(await ids(clerk)) == {one, two, three}
    assert await ids(clerk, filter={"mine": True}) == []
    assert await ids(clerk, sortBy={"field": "TOTAL", "direction": "ASC"}) == [one, three, two]
    assert await ids(clerk, sortBy={"field": "ORDER_NUMBER", "direction": "ASC"}) == [one, two, three]
    assert await ids(clerk, filter={"statuses": ["PAID"]}) == [three]
    assert await ids(clerk, filter={"isPaid": True}) == [three]
    assert set(await ids(clerk, filter={"userId": str(ada.user_id)})) == {one, two}
    assert await ids(clerk, search=third.order_number) == [three]
    assert await ids(clerk, search=third.email[:30].upper()) == [three]
    assert await ids(clerk, search="%") == []
    assert await ids(ada, filter={"userId": str(ada.user_id)}, search=first.order_number) == [one]
    assert await site.denied(LIST, ada, filter={"userId": str(eve.user_id)}) == "FORBIDDEN"
    assert await site.denied(LIST, Actor.anonymous(shop.company_id)) == "UNAUTHENTICATED"
