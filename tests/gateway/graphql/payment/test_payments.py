"""Payments for buyers and staff: next actions, decline reasons, and the settings of each company."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.payment.reconciliation import RETRY_AFTER
from tests.domains.actors import administrator, super_administrator
from tests.domains.order.storefront import DECLINED, Storefront
from tests.gateway.graphql.order.operations import CARD, PAY, paying
from tests.gateway.site import Site

PAYMENTS = """query ($id: ID!) { order(id: $id) { status payments {
  id status provider method cardLast4 failureReason failureCode failureMessage settledAt
  nextAction { type url } } } }"""
COMPANIES = """query ($own: ID!, $other: ID!) {
  own: company(id: $own) { cardPayments paymentProvider }
  other: company(id: $other) { cardPayments paymentProvider } }"""


@pytest.fixture
async def shop(site: Site, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(site.services, site.database, site.clock, site.company_id, owner)
    await made.stock("A", 5)
    yield made
    assert await made.broken() == []


async def payment_of(site: Site, who: Actor, order_id: UUID) -> dict[str, Any]:
    (payment,) = (await site.data(PAYMENTS, who, id=str(order_id)))["order"]["payments"]
    shown: dict[str, Any] = payment
    return shown


async def test_a_buyer_sees_the_next_action_until_it_is_completed(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    answer = await site.value(PAY, ada, **paying(order.id, card=CARD | {"number": "4000 0000 0000 3220"}))
    assert (answer["errors"], answer["order"]["status"]) == ([], "PAYMENT_PENDING")
    waiting = await payment_of(site, ada, order.id)
    url = f"/payments/mock/{waiting['id']}"
    assert (waiting["status"], waiting["nextAction"]) == (
        "REQUIRES_ACTION",
        {"type": "THREE_D_SECURE", "url": url},
    )
    await shop.provider.complete_action(UUID(waiting["id"]), succeeds=True)
    shop.clock.advance(RETRY_AFTER)
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    paid = await payment_of(site, ada, order.id)
    assert (paid["status"], paid["nextAction"], paid["failureReason"]) == ("SUCCEEDED", None, None)


async def test_a_decline_reason_is_the_same_for_all_providers(shop: Storefront, site: Site) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    await site.refused(PAY, ada, **paying(order.id, card=CARD | {"number": DECLINED})["input"])
    payment = await payment_of(site, ada, order.id)
    assert (payment["status"], payment["failureReason"], payment["failureCode"], payment["cardLast4"]) == (
        "FAILED",
        "CARD_DECLINED",
        "CARD_DECLINED",
        "0002",
    )


async def test_a_next_action_is_visible_to_the_buyer_only(shop: Storefront, site: Site, other_company: UUID) -> None:
    ada, bob = await shop.customers(2)
    order = await shop.buy(ada, ("A", 1))
    await site.data(PAY, ada, **paying(order.id, card=CARD | {"number": "4000 0000 0000 3220"}))
    for who in (bob, Actor.anonymous(shop.company_id), administrator(other_company)):
        assert (await site.ask(PAYMENTS, who, id=str(order.id)))["data"]["order"] is None


async def test_a_super_administrator_reads_the_payment_settings_of_each_company(
    shop: Storefront, site: Site, other_company: UUID, owner: Any
) -> None:
    await owner.execute("update payment_settings set card_payments = 'NOBODY' where company_id = $1", other_company)
    boss = super_administrator(shop.company_id)
    found = await site.data(COMPANIES, boss, own=str(shop.company_id), other=str(other_company))
    assert found == {
        "own": {"cardPayments": "EVERYONE", "paymentProvider": "MOCK"},
        "other": {"cardPayments": "NOBODY", "paymentProvider": "MOCK"},
    }
