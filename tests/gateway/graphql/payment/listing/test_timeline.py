"""The money timeline of an order, and the sums of its payments."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.order.payments.refund_lines import NewRefund
from tests.domains.actors import administrator
from tests.domains.order.storefront import DECLINED, Storefront
from tests.gateway.graphql.order.operations import CARD, PAY, paying
from tests.gateway.site import Site

TIMELINE = """query ($id: ID!) { order(id: $id) { moneyTimeline {
  kind status amount { amount } provider providerTransactionId paymentId refundId actorKind user { id } error } } }"""
SUMS = """query ($id: ID!) { order(id: $id) { payments {
  status capturedAmount { amount } refundedAmount { amount } chargedBackAmount { amount } refundStatus } } }"""


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 50, "10.00")
    yield made
    assert await made.broken() == []


async def refund(shop: Storefront, order_id: Any, amount: str) -> None:
    new = NewRefund(amount=Decimal(amount), reason="Broken")
    await shop.services.order.refunds.refund(shop.database, shop.system, order_id, new)


async def test_a_timeline_has_attempts_and_what_moved_with_who_asked_for_it(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    await site.refused(PAY, ada, **paying(order.id, card=CARD | {"number": DECLINED})["input"])
    order = await shop.pay(ada, order)
    await refund(shop, order.id, "4")
    timeline = (await site.value(TIMELINE, administrator(shop.company_id), id=str(order.id)))["moneyTimeline"]
    assert site.count.data == 6  # the order, payments, refunds, transactions, the log and the users
    total = str(order.total)
    rows = [(each["kind"], each["status"], Decimal(each["amount"]["amount"]), each["error"]) for each in timeline]
    assert sorted(rows) == sorted(
        [
            ("ATTEMPT", "FAILED", Decimal(total), "CARD_DECLINED"),
            ("ATTEMPT", "SUCCEEDED", Decimal(total), None),
            ("CHARGE", "SUCCEEDED", Decimal(total), None),
            ("REFUND", "SUCCEEDED", Decimal(4), None),
        ]
    )
    by_kind = {each["kind"]: each for each in timeline}
    assert (by_kind["CHARGE"]["actorKind"], by_kind["CHARGE"]["user"]) == ("USER", {"id": str(ada.user_id)})
    assert (by_kind["REFUND"]["actorKind"], by_kind["REFUND"]["user"]) == ("SYSTEM", None)
    assert by_kind["REFUND"]["refundId"] is not None
    assert {each["provider"] for each in timeline} == {"MOCK"}
    assert None not in {each["providerTransactionId"] for each in timeline}


async def test_a_timeline_is_for_staff(shop: Storefront, site: Site, other_company: Any) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    answer = await site.ask(TIMELINE, ada, id=str(order.id))
    assert answer["data"]["order"] == {"moneyTimeline": None}
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for who in (administrator(other_company), Actor.anonymous(shop.company_id)):
        assert (await site.ask(TIMELINE, who, id=str(order.id)))["data"]["order"] is None


async def test_the_sums_of_a_payment_tell_how_much_was_refunded(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.pay(ada, await shop.buy(ada, ("A", 1)))
    seen = []
    for amount in (None, "4", str(order.total - 4)):
        if amount is not None:
            await refund(shop, order.id, amount)
        (payment,) = (await site.value(SUMS, ada, id=str(order.id)))["payments"]
        assert (payment["status"], Decimal(payment["capturedAmount"]["amount"])) == ("SUCCEEDED", order.total)
        assert Decimal(payment["chargedBackAmount"]["amount"]) == 0
        seen.append((payment["refundStatus"], Decimal(payment["refundedAmount"]["amount"])))
    assert seen == [("NONE", Decimal(0)), ("PARTIALLY_REFUNDED", Decimal(4)), ("REFUNDED", order.total)]
