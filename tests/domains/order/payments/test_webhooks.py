"""Webhooks are applied once, in any order, whenever they arrive and whatever is interrupted."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel import fail_points
from domains.kernel.database import Reader
from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.payment.errors import WebhookNotFound
from domains.payment.models import Payment, PaymentStatus, PaymentWebhook, WebhookStatus
from domains.payment.providers.operations import Operations
from domains.payment.providers.requests import PaymentInstrument, PaymentReference, RefundRequest
from domains.payment.providers.results import ProviderPayment
from domains.payment.webhooks.webhooks import PAUSES
from gateway.providers.mock.declines import AUTHENTICATES
from gateway.providers.mock.mock_payments import MockPayments
from gateway.providers.webhook_signature import sign
from tests.domains.order.storefront import SILENT_CHARGED, Storefront

PENDING, PROCESSED, IGNORED, FAILED = (
    WebhookStatus.PENDING,
    WebhookStatus.PROCESSED,
    WebhookStatus.IGNORED,
    WebhookStatus.FAILED,
)


class Post:
    """Brings the provider's events to the shop."""

    def __init__(self, shop: Storefront) -> None:
        self.shop = shop
        self.webhooks = shop.services.payment.webhooks

    async def event(self, payment_id: UUID) -> tuple[bytes, dict[str, str]]:
        """The webhook about a payment as it is now."""
        return await self.shop.provider.webhook(payment_id)

    async def receive(self, event: tuple[bytes, dict[str, str]]) -> UUID | None:
        return await self.webhooks.receive(self.shop.database, self.shop.system, "MOCK", *event)

    async def arrives(self, payment_id: UUID) -> UUID:
        """The id of a stored webhook about a payment as it is now."""
        webhook_id = await self.receive(await self.event(payment_id))
        assert webhook_id is not None
        return webhook_id

    async def process(self) -> int:
        return await self.shop.services.order.webhooks.process_due(self.shop.database, self.shop.system)

    async def webhook(self, webhook_id: UUID) -> PaymentWebhook:
        (found,) = await self.webhooks.webhooks_by_id(self.shop.database.reader(self.shop.company_id), [webhook_id])
        return found


@pytest.fixture
async def post(shop: Storefront) -> AsyncIterator[Post]:
    await shop.stock("A", 50)
    yield Post(shop)
    fail_points.arm([])
    assert await shop.broken() == []


async def waiting(shop: Storefront, number: str = AUTHENTICATES) -> tuple[Order, UUID]:
    """An order with a payment that has no outcome here, and the payment's id."""
    buyer = await shop.customer()
    order = await shop.pay(buyer, await shop.buy(buyer, ("A", 1)), number)
    return order, (await payment_of(shop, order)).id


async def payment_of(shop: Storefront, order: Order) -> Payment:
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    return payment


async def complete(shop: Storefront, payment_id: UUID, *, succeeds: bool = True) -> None:
    shop.clock.advance(timedelta(seconds=1))
    await shop.provider.complete_action(payment_id, succeeds=succeeds)


async def test_events_out_of_order_lead_to_the_present_state(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop)
    first = await post.event(payment_id)
    await complete(shop, payment_id)
    await post.arrives(payment_id)
    assert await post.process() == 1
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    await post.receive(first)
    assert await post.process() == 1
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert (await shop.topics()).count("order.paid") == 1


async def test_a_declined_payment_ends_and_the_order_can_be_paid_again(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id, succeeds=False)
    await post.arrives(payment_id)
    await post.process()
    assert (await payment_of(shop, order)).status is PaymentStatus.FAILED
    assert (await shop.order(order.id)).status is OrderStatus.PENDING


async def test_an_event_before_the_answer_of_the_call_itself_pays_once(
    shop: Storefront, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorize = Operations.authorize

    async def overtaken(
        self: Operations, db: Reader, payment: Payment, instrument: PaymentInstrument, **given: Any
    ) -> ProviderPayment:
        answer = await authorize(self, db, payment, instrument, **given)
        await post.arrives(payment.id)
        await post.process()
        return answer

    monkeypatch.setattr(Operations, "authorize", overtaken)
    buyer = await shop.customer()
    order = await shop.pay(buyer, await shop.buy(buyer, ("A", 1)))
    assert order.status is OrderStatus.PAID
    assert (await shop.topics()).count("order.paid") == 1
    assert await shop.charges() == [("APPROVED", Decimal("10.0000"))]


async def test_an_event_after_the_end_of_a_payment_changes_nothing(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop)
    body, _ = await post.event(payment_id)
    shop.clock.advance(timedelta(minutes=16))
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)
    assert (await payment_of(shop, order)).status is PaymentStatus.CANCELLED
    webhook_id = await post.receive(signed(shop, body))
    assert webhook_id is not None
    assert await post.process() == 1
    assert (await post.webhook(webhook_id)).status is PROCESSED
    assert (await payment_of(shop, order)).status is PaymentStatus.CANCELLED


async def test_a_payment_without_an_answer_is_found_before_it_is_reconciled(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop, SILENT_CHARGED)
    await post.arrives(payment_id)
    await post.process()
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_workers_at_once_process_a_webhook_once(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    webhook_id = await post.arrives(payment_id)
    process = shop.services.order.webhooks.process
    results = await asyncio.gather(*(process(shop.database, shop.system, webhook_id) for _ in range(5)))
    assert [each.status for each in results if each] == [PROCESSED]
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_an_event_about_an_unknown_payment_is_tried_for_five_minutes(shop: Storefront, post: Post) -> None:
    _, payment_id = await waiting(shop)
    body, _ = await post.event(payment_id)
    unknown = body.replace(str(payment_id).encode(), str(new_id()).encode()).replace(b"mock_ch_", b"mock_xx_")
    webhook_id = await post.receive(signed(shop, unknown))
    assert webhook_id is not None
    tried = 0
    while (await post.webhook(webhook_id)).status is PENDING:
        tried += await post.process()
        shop.clock.advance(timedelta(minutes=1))
    webhook = await post.webhook(webhook_id)
    assert (webhook.status, webhook.payment_id, webhook.attempts) == (IGNORED, None, tried)
    assert tried > 2
    assert await post.process() == 0


async def test_an_event_ahead_of_our_knowledge_is_not_lost(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop, SILENT_CHARGED)
    webhook_id = await post.arrives(payment_id)
    await shop.owner.execute("update payment_webhooks set reference = null where id = $1", webhook_id)
    await post.process()
    webhook = await post.webhook(webhook_id)
    assert (webhook.status, webhook.error) == (PENDING, "No payment here has the ids of this event.")
    await shop.owner.execute(
        "update payments set provider_transaction_id = $2 where id = $1", payment_id, webhook.provider_ids[0]
    )
    shop.clock.advance(PAUSES[0])
    assert await post.process() == 1
    assert (await post.webhook(webhook_id)).payment_id == payment_id
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_a_provider_that_does_not_answer_is_asked_again_until_the_webhook_fails(
    shop: Storefront, post: Post
) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    webhook_id = await post.arrives(payment_id)
    with pytest.MonkeyPatch.context() as patch:

        async def silent(*_: object) -> None:
            raise TimeoutError

        patch.setattr(MockPayments, "find", silent)
        for pause in PAUSES:
            assert await post.process() == 1
            assert await post.process() == 0
            webhook = await post.webhook(webhook_id)
            assert (webhook.status, webhook.error) == (PENDING, "The provider did not answer.")
            shop.clock.advance(pause)
        assert await post.process() == 1
        webhook = await post.webhook(webhook_id)
        assert (webhook.status, webhook.attempts, webhook.payment_id) == (FAILED, len(PAUSES) + 1, payment_id)
        shop.clock.advance(timedelta(hours=1))
        assert await post.process() == 0
    staff = await shop.staff()
    replayed = await shop.services.order.webhooks.replay(shop.database, staff, webhook_id)
    assert (replayed.status, replayed.attempts, replayed.error) == (PROCESSED, 1, None)
    assert (await shop.order(order.id)).status is OrderStatus.PAID


@pytest.mark.parametrize("point", ["payment.webhook_fetched", "payment.outcome_recorded"])
async def test_an_attempt_that_is_interrupted_is_repeated(shop: Storefront, post: Post, point: str) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    webhook_id = await post.arrives(payment_id)
    fail_points.arm([f"{point}:raise:1"])
    await post.process()
    webhook = await post.webhook(webhook_id)
    assert (webhook.status, webhook.error) == (PENDING, "FailPointReached: see the log.")
    shop.clock.advance(PAUSES[0])
    assert await post.process() == 1
    assert (await post.webhook(webhook_id)).status is PROCESSED
    assert (await shop.order(order.id)).status is OrderStatus.PAID
    assert (await shop.topics()).count("order.paid") == 1


async def test_a_webhook_whose_process_dies_after_it_was_stored_is_processed_by_the_job(
    shop: Storefront, post: Post
) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    fail_points.arm(["payment.webhook_received:raise:1"])
    with pytest.raises(fail_points.FailPointReached):
        await post.receive(await post.event(payment_id))
    assert await post.process() == 1
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_the_claim_of_a_worker_that_died_ends(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    webhook_id = await post.arrives(payment_id)
    assert await post.webhooks.claim(shop.database, shop.system) is not None
    assert await post.process() == 0
    shop.clock.advance(timedelta(minutes=2))
    assert await post.process() == 1
    assert (await post.webhook(webhook_id)).attempts == 2
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_a_webhook_whose_workers_all_die_fails(shop: Storefront, post: Post) -> None:
    _, payment_id = await waiting(shop)
    webhook_id = await post.arrives(payment_id)
    for _ in range(len(PAUSES) + 1):
        assert await post.webhooks.claim(shop.database, shop.system) is not None
        shop.clock.advance(timedelta(minutes=2))
    assert await post.process() == 1
    webhook = await post.webhook(webhook_id)
    assert (webhook.status, webhook.error) == (FAILED, "Each attempt was interrupted.")


async def test_a_late_end_of_an_attempt_does_not_undo_another(shop: Storefront, post: Post) -> None:
    _, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    webhook_id = await post.arrives(payment_id)
    late = await post.webhooks.claim(shop.database, shop.system)
    assert late is not None
    shop.clock.advance(timedelta(minutes=2))
    await post.process()
    await post.webhooks.postpone(shop.database, shop.system, late, "The provider did not answer.")
    webhook = await post.webhook(webhook_id)
    assert (webhook.status, webhook.error) == (PROCESSED, None)


async def test_another_amount_at_the_provider_is_shown_and_not_recorded(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop, SILENT_CHARGED)
    await shop.owner.execute(
        "update mock_charges set amount = 11, captured_amount = 11 where reference = $1", payment_id
    )
    webhook_id = await post.arrives(payment_id)
    await post.process()
    assert (await post.webhook(webhook_id)).error == "AmountMismatch: see the log."
    assert (await shop.order(order.id)).status is OrderStatus.PAYMENT_PENDING
    await shop.owner.execute(
        "update mock_charges set amount = 10, captured_amount = 10 where reference = $1", payment_id
    )
    shop.clock.advance(PAUSES[0])
    await post.process()
    assert (await shop.order(order.id)).status is OrderStatus.PAID


async def test_a_refund_and_a_dispute_at_the_provider_arrive_once_each(shop: Storefront, post: Post) -> None:
    buyer = await shop.customer()
    order = await shop.pay(buyer, await shop.buy(buyer, ("A", 1)))
    payment = await payment_of(shop, order)
    reference = PaymentReference(payment.id, payment.provider_transaction_id)
    shop.clock.advance(timedelta(seconds=1))
    await shop.provider.refund(RefundRequest(new_id(), reference, Money(Decimal(4), "EUR")))
    refunded = await post.event(payment.id)
    for event in (refunded, refunded):
        await post.receive(event)
        await post.process()
    order = await shop.order(order.id)
    assert (order.amount_refunded, order.payment_status) == (Decimal(4), OrderPaymentStatus.PARTIALLY_REFUNDED)
    shop.clock.advance(timedelta(seconds=1))
    await shop.provider.dispute(payment.id)
    disputed = await post.event(payment.id)
    await post.receive(disputed)
    assert await post.process() == 1
    for event in (disputed, refunded):
        assert await post.receive(event) is None
    order = await shop.order(order.id)
    assert (order.amount_refunded, order.amount_charged_back) == (Decimal(4), Decimal(6))


async def test_a_replay_of_a_processed_webhook_changes_nothing(shop: Storefront, post: Post) -> None:
    order, payment_id = await waiting(shop)
    await complete(shop, payment_id)
    webhook_id = await post.arrives(payment_id)
    await post.process()
    staff, before = await shop.staff(), await shop.history(order.id)
    replay = shop.services.order.webhooks.replay
    results = await asyncio.gather(*(replay(shop.database, staff, webhook_id) for _ in range(3)))
    assert {each.status for each in results} <= {PROCESSED, PENDING}
    assert (await post.webhook(webhook_id)).status is PROCESSED
    assert await shop.history(order.id) == before
    with pytest.raises(WebhookNotFound):
        await replay(shop.database, staff, new_id())


async def test_old_webhooks_are_deleted_when_they_have_ended(shop: Storefront, post: Post) -> None:
    _, payment_id = await waiting(shop)
    ended, open_id = await post.arrives(payment_id), await two_events(shop, post, payment_id)
    await shop.services.order.webhooks.process(shop.database, shop.system, ended)
    delete_old = post.webhooks.delete_old
    shop.clock.advance(timedelta(days=89))
    assert await shop.run(delete_old) == 0
    shop.clock.advance(timedelta(days=2))
    assert await shop.run(delete_old) == 1
    assert (await post.webhook(open_id)).status is PENDING
    await post.process()
    await shop.services.order.reconciliation.reconcile(shop.database, shop.system)


async def two_events(shop: Storefront, post: Post, payment_id: UUID) -> UUID:
    await complete(shop, payment_id)
    return await post.arrives(payment_id)


def signed(shop: Storefront, body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, {"mock-signature": sign(body, Secret("a webhook secret"), shop.clock.now())}
