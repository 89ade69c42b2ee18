"""Authorized payments and their captures, and payments that wait for an action of their buyer."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.payment.errors import PaymentNotCapturable
from domains.payment.models import NextActionType, Payment, PaymentStatus
from domains.payment.providers.results import ProviderPayment
from domains.payment.reconciliation import ACTION_TIME, RETRY_AFTER
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import APPROVES, AUTHENTICATES, DECLINES
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.payer import PRICE, Payer, card


async def test_an_authorized_payment_is_captured_on_request(
    payer: Payer, payments: PaymentService, database: Database, owner: Any, clock: FixedClock
) -> None:
    payment = await payer.authorized()
    assert (payment.status, payment.settled_at) == (PaymentStatus.AUTHORIZED, None)
    assert await payer.books(owner) == [("AUTHORIZED", PRICE)]
    clock.advance(timedelta(days=1))
    assert await payer.reconcile() == []  # it waits for its capture, as long as it takes
    requested = await database.run(lambda tx: payments.request_capture(tx, payment.id), payer.actor)
    assert (requested.status, requested.capture_requested_at) == (PaymentStatus.AUTHORIZED, clock.now())
    captured = await payer.record(requested, await payments.operations.capture(payer.reader, requested))
    assert (captured.status, captured.settled_at) == (PaymentStatus.SUCCEEDED, clock.now())
    assert await payer.books(owner) == [("APPROVED", PRICE)]
    assert await database.run(lambda tx: payments.request_capture(tx, payment.id), payer.actor) == captured


@pytest.mark.parametrize("request_of", ["request_capture", "request_cancellation"])
async def test_an_interrupted_capture_or_cancellation_is_completed_by_reconciliation(
    payer: Payer, payments: PaymentService, database: Database, owner: Any, clock: FixedClock, request_of: str
) -> None:
    payment = await payer.authorized()
    await database.run(lambda tx: getattr(payments, request_of)(tx, payment.id), payer.actor)
    assert await payer.reconcile() == []
    clock.advance(RETRY_AFTER)
    (reconciled,) = await payer.reconcile()
    is_captured = request_of == "request_capture"
    assert reconciled.status is (PaymentStatus.SUCCEEDED if is_captured else PaymentStatus.CANCELLED)
    assert await payer.books(owner) == [("APPROVED" if is_captured else "VOIDED", PRICE)]


async def test_only_an_authorized_payment_without_cancellation_is_captured(
    payer: Payer, payments: PaymentService, database: Database
) -> None:
    async def request_capture(payment: Payment) -> Payment:
        return await database.run(lambda tx: payments.request_capture(tx, payment.id), payer.actor)

    with pytest.raises(PaymentNotCapturable):
        await request_capture(await payer.pay(DECLINES))
    payment = await payer.authorized()
    await database.run(lambda tx: payments.request_cancellation(tx, payment.id), payer.actor)
    with pytest.raises(PaymentNotCapturable):
        await request_capture(payment)


async def test_an_order_with_an_authorized_payment_cannot_have_another_open_one(
    payer: Payer, payments: PaymentService
) -> None:
    await payer.authorized()
    work = payer.creating(card(APPROVES))
    assert await payer.database.run(work, payer.actor) is None


async def test_a_buyer_sees_the_next_action_until_it_is_completed(
    payer: Payer, provider: MockPayments, clock: FixedClock
) -> None:
    payment = await payer.pay(AUTHENTICATES)
    assert (payment.status, payment.settled_at) == (PaymentStatus.REQUIRES_ACTION, None)
    assert (payment.next_action_type, payment.next_action_url) == (
        NextActionType.THREE_D_SECURE,
        f"/payments/mock/{payment.id}",
    )
    clock.advance(RETRY_AFTER)
    (waiting,) = await payer.reconcile()
    assert waiting.next_action_url == payment.next_action_url
    unanswered = await payer.record(waiting, ProviderPayment.unanswered())
    assert (unanswered.status, unanswered.next_action_url) == (waiting.status, waiting.next_action_url)
    await provider.complete_action(payment.id, succeeds=True)
    clock.advance(RETRY_AFTER)
    (paid,) = await payer.reconcile()
    assert (paid.status, paid.next_action_type, paid.next_action_url) == (PaymentStatus.SUCCEEDED, None, None)


async def test_a_next_action_that_is_not_completed_in_time_is_cancelled(
    payer: Payer, provider: MockPayments, owner: Any, clock: FixedClock
) -> None:
    payment = await payer.pay(AUTHENTICATES)
    clock.advance(ACTION_TIME - timedelta(seconds=1))
    (waiting,) = await payer.reconcile()
    assert waiting.status is PaymentStatus.REQUIRES_ACTION
    clock.advance(RETRY_AFTER)
    (cancelled,) = await payer.reconcile()
    assert (cancelled.status, cancelled.next_action_url) == (PaymentStatus.CANCELLED, None)
    await provider.complete_action(payment.id, succeeds=True)
    assert await payer.books(owner) == [("VOIDED", PRICE)]


async def test_parallel_capture_and_cancellation_take_no_money(
    payer: Payer, payments: PaymentService, database: Database, owner: Any, clock: FixedClock
) -> None:
    payment = await payer.authorized()

    async def capture() -> None:
        with suppress(PaymentNotCapturable):
            requested = await database.run(lambda tx: payments.request_capture(tx, payment.id), payer.actor)
            await payer.record(requested, await payments.operations.capture(payer.reader, requested))

    async def cancel() -> None:
        requested = await database.run(lambda tx: payments.request_cancellation(tx, payment.id), payer.actor)
        await payer.record(requested, await payments.operations.cancel(payer.reader, requested))

    await asyncio.gather(*(each() for each in (capture, cancel) * 5))
    clock.advance(RETRY_AFTER)
    await payer.reconcile()
    (after,) = await payments.payments_by_id(database.reader(payer.actor.company_id), [payment.id])
    assert after.status is PaymentStatus.CANCELLED
    assert await payer.books(owner) == [("VOIDED", PRICE)]
