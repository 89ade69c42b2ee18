"""The operations of docs/gift-cards.md, one after the other, and the gift cards of the demo."""

from typing import Any

import httpx

from tests.gateway.demo.test_orders import log_in
from tests.gateway.demo.test_payment_guide import filled, operations, value


async def test_the_operations_of_the_guide_issue_check_and_change(client: httpx.AsyncClient) -> None:
    create, check, cards, adjust, disable, enable, update, issue, deduct, mine = operations("docs/gift-cards.md")[:10]
    customer, staff = await log_in(client, 1), await log_in(client, 0)
    before = (await value(client, cards, staff))["totalCount"]
    first, second = (await value(client, create, staff))["giftCards"]
    assert second["giftCard"]["expiresAt"] == "2099-12-31T23:59:59+00:00"
    shown = (await value(client, filled(check, first["code"]), ""))["giftCard"]
    assert (shown["lastCharacters"], shown["balance"]["amount"]) == (first["giftCard"]["lastCharacters"], "50.00")
    listed = await value(client, cards, staff)
    assert listed["totalCount"] == before + 2
    assert [each["kind"] for each in listed["nodes"][0]["transactions"]] == ["GIFT_CARD_ISSUE"]

    async def changed(operation: str) -> Any:
        return (await value(client, filled(operation, first["giftCard"]["id"]), staff))["giftCard"]

    assert await changed(adjust) == {"balance": {"amount": "45.00"}}
    assert await changed(disable) == {"status": "DISABLED"}
    assert await changed(enable) == {"status": "ACTIVE"}
    assert await changed(update) == {"note": "replaced", "expiresAt": None}

    user_id = (await value(client, "query { me { id } }", customer))["id"]
    earlier = (await value(client, mine, customer))["storeCredit"]
    assert earlier["balance"] == {"amount": "15.00", "currency": "EUR"}
    issued = (await value(client, filled(issue, user_id), staff))["storeCredit"]
    assert issued["balance"]["amount"] == "30.00"
    assert (await value(client, filled(deduct, user_id), staff))["storeCredit"]["balance"]["amount"] == "25.00"
    credit = (await value(client, mine, customer))["storeCredit"]
    assert [each["amount"]["amount"] for each in credit["transactions"]] == ["-5.00", "15.00", "15.00"]


async def test_the_demo_has_a_gift_card_of_each_status_but_empty(client: httpx.AsyncClient) -> None:
    query = "query { giftCards(first: 3, direction: ASC) { nodes { status initialAmount { amount } } } }"
    found = (await value(client, query, await log_in(client, 0)))["nodes"]
    shown = [(each["status"], each["initialAmount"]["amount"]) for each in found]
    assert shown == [("ACTIVE", "50.00"), ("ACTIVE", "25.00"), ("DISABLED", "10.00")]
