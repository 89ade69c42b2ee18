"""Confirming payments: the buyer is back, and the provider is asked; once, by those who may, for each outcome."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.quotas import Quota
from domains.order.models import Order
from domains.payment.models import PaymentStatus
from domains.payment.providers.operations import Operations
from domains.payment.providers.results import ProviderPayment, ProviderStatus
from gateway.graphql.order import rate_limit
from tests.domains.actors import administrator
from tests.domains.order.storefront import SILENT_UNCHARGED, Storefront
from tests.gateway.graphql.payment.attempts.operations import CONFIRM, CREATE, confirming, creating
from tests.gateway.site import Site


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    return await shop.customer()


@pytest.fixture
async def order(shop: Storefront, ada: Actor) -> Order:
    return await shop.buy(ada, ("A", 1))


async def begun(site: Site, who: Actor, order: Order, **given: Any) -> UUID:
    """The id of a payment that waits for its buyer."""
    answer = await site.value(CREATE, who, **creating(order.id, **given))
    return UUID(answer["payment"]["id"])


async def code(site: Site, who: Any, payment_id: Any, **given: Any) -> tuple[str, list[str]] | None:
    errors = (await site.data(CONFIRM, who, **confirming(payment_id, **given)))["paymentConfirm"]["errors"]
    return (errors[0]["code"], errors[0]["path"]) if errors else None


async def test_a_completed_payment_pays_the_order_once(
    shop: Storefront, site: Site, ada: Actor, order: Order
) -> None:
    payment_id = await begun(site, ada, order)
    waiting = await site.value(CONFIRM, ada, **confirming(payment_id))
    assert (waiting["payment"]["status"], waiting["order"]["status"]) == ("REQUIRES_ACTION", "PAYMENT_PENDING")
    await shop.provider.complete_action(payment_id, succeeds=True)
    answers = [await site.value(CONFIRM, ada, **confirming(payment_id)) for _ in range(2)]
    assert [(answer["payment"]["status"], answer["order"]["status"]) for answer in answers] == [
        ("SUCCEEDED", "PAID")
    ] * 2
    assert [topic for topic in await shop.topics() if topic == "order.paid"] == ["order.paid"]


async def test_a_client_secret_is_given_until_the_payment_is_confirmed(
    connected: Storefront, site: Site, ada: Actor, order: Order
) -> None:
    payment_id = await begun(site, ada, order, provider="ACCOUNTS")
    waiting = await site.value(CONFIRM, ada, **confirming(payment_id))
    assert (waiting["clientSecret"], waiting["publishableKey"]) == (f"secret_of_{payment_id}", "pk_browser")
    await connected.provider.complete_action(payment_id, succeeds=True)
    assert (await site.value(CONFIRM, ada, **confirming(payment_id)))["clientSecret"] is None


async def test_a_payment_that_failed_is_declined_and_counts_once(
    shop: Storefront, site: Site, ada: Actor, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "DECLINED_CARDS", Quota("declined cards", 2, timedelta(hours=1)))
    payment_id = await begun(site, ada, order)
    await shop.provider.complete_action(payment_id, succeeds=False)
    declined = ("PAYMENT_DECLINED", ["input", "paymentId"])
    assert [await code(site, ada, payment_id) for _ in range(4)] == [declined] * 4
    assert (await shop.order(order.id)).status == "PENDING"


async def test_an_approved_payment_is_carried_out(
    shop: Storefront, site: Site, ada: Actor, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = await begun(site, ada, order)

    async def approved(*_: Any) -> ProviderPayment:
        return ProviderPayment(ProviderStatus.APPROVED)

    async def confirmed(self: Operations, db: Any, payment: Any) -> ProviderPayment | None:
        await shop.provider.complete_action(payment.id, succeeds=True)
        return await find(self, db, payment)

    find = Operations.find
    monkeypatch.setattr(Operations, "find", approved)
    monkeypatch.setattr(Operations, "confirm", confirmed)
    assert (await site.value(CONFIRM, ada, **confirming(payment_id)))["order"]["status"] == "PAID"


async def test_a_payment_of_others_does_not_exist(
    shop: Storefront, site: Site, ada: Actor, order: Order, other_company: UUID
) -> None:
    payment_id = await begun(site, ada, order)
    guest = Actor.anonymous(shop.company_id)
    not_found = ("NOT_FOUND", ["input", "paymentId"])
    for stranger in (guest, await shop.customer(), administrator(other_company)):
        assert await code(site, stranger, payment_id) == not_found
    assert await code(site, guest, payment_id, orderToken="guessed") == not_found
    assert await code(site, ada, order.id) == not_found
    assert await code(site, await shop.staff(), payment_id) is None
    token = await shop.fill(guest, ("A", 1))
    placed = await shop.place(guest, cart_token=token, email="guest@example.com")
    theirs = await begun(site, guest, placed.order, orderToken=placed.token)
    assert await code(site, guest, theirs, orderToken=placed.token) is None
    assert await code(site, guest, payment_id, orderToken=placed.token) == not_found


async def test_a_payment_that_is_being_cancelled_or_unknown_is_not_carried_out(
    shop: Storefront, site: Site, ada: Actor, order: Order
) -> None:
    payment_id = await begun(site, ada, order)
    await shop.provider.complete_action(payment_id, succeeds=True)
    await shop.run(lambda tx: shop.services.payment.abandon(tx, payment_id))
    answer = await site.value(CONFIRM, ada, **confirming(payment_id))
    assert (answer["payment"]["status"], answer["order"]["status"]) == ("REQUIRES_ACTION", "PAYMENT_PENDING")
    second = await shop.buy(ada, ("A", 1))
    await shop.pay(ada, second, SILENT_UNCHARGED)
    (silent,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [second.id])
    answer = await site.value(CONFIRM, ada, **confirming(silent.id))
    assert answer["payment"]["status"] == PaymentStatus.PROCESSING
    shop.clock.advance(timedelta(minutes=5))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    assert {status for status, _ in await shop.charges()} == {"VOIDED"}


async def test_confirming_takes_few_statements(shop: Storefront, site: Site, ada: Actor, order: Order) -> None:
    payment_id = await begun(site, ada, order)
    await shop.provider.complete_action(payment_id, succeeds=True)
    await site.data(CONFIRM, ada, **confirming(payment_id))
    assert site.count.data <= 8, site.count
