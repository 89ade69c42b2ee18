"""Each result of a payment and of a refund is emitted once, with the change that makes it true."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from domains.payment.events import (
    PaymentAuthorized,
    PaymentCancelled,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    RefundFailed,
)
from domains.payment.models import DeclineReason, Payment, Refund, RefundStatus
from domains.payment.providers.results import Decline, ProviderPayment, ProviderRefund
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import APPROVES, DECLINES
from tests.domains.payment.payer import PRICE, Payer, card

CLOSED = Decline(DeclineReason.PROVIDER_ERROR, "CLOSED", "The account of Ada is closed.")


async def emitted(payer: Payer, work: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    async with payer.database.transaction(payer.actor) as tx:
        await work(tx)
        return list(tx.events)


async def recorded(payer: Payer, payment: Payment, result: ProviderPayment) -> list[Any]:
    return await emitted(payer, lambda tx: payer.payments.record(tx, payment.id, result))


async def answered(payer: Payer, refund: Refund, result: ProviderRefund) -> list[Any]:
    return await emitted(payer, lambda tx: payer.payments.refunds.record(tx, refund.id, result))


async def test_a_captured_payment_is_emitted_once(payer: Payer, payments: PaymentService) -> None:
    payment = await payer.begin()
    answer = await payments.operations.authorize(payer.reader, payment, card(APPROVES))
    assert await recorded(payer, payment, ProviderPayment.unanswered()) == []
    (event,) = await recorded(payer, payment, answer)
    assert event == PaymentCaptured(
        payment_id=payment.id,
        order_id=payer.order,
        amount=PRICE,
        currency="EUR",
        provider="MOCK",
        method="CARD",
        failure_reason=None,
    )
    assert await recorded(payer, payment, answer) == []


async def test_a_declined_payment_is_emitted_with_its_reason(payer: Payer, payments: PaymentService) -> None:
    payment = await payer.begin(DECLINES)
    (event,) = await recorded(
        payer, payment, await payments.operations.authorize(payer.reader, payment, card(DECLINES))
    )
    assert isinstance(event, PaymentFailed)
    assert event.failure_reason == DeclineReason.CARD_DECLINED.value


async def test_an_authorization_and_its_cancellation_are_emitted(payer: Payer, payments: PaymentService) -> None:
    payment = await payer.authorized()
    rows = await payer.database.reader(payer.actor.company_id).fetch(
        "select topic from outbox_events where company_id = $1 and aggregate_id = $2",
        payer.actor.company_id,
        payment.id,
    )
    assert [row["topic"] for row in rows] == [PaymentAuthorized.topic]
    await emitted(payer, lambda tx: payments.request_cancellation(tx, payment.id))
    (event,) = await recorded(payer, payment, await payments.operations.cancel(payer.reader, payment))
    assert event == PaymentCancelled.of(payment)


async def test_money_that_staff_received_is_a_captured_payment(payer: Payer, payments: PaymentService) -> None:
    (event,) = await emitted(
        payer, lambda tx: payments.manual_payments.record(tx, payer.order, PRICE, "EUR", "INVOICE")
    )
    assert isinstance(event, PaymentCaptured)
    assert (event.provider, event.method, event.amount) == ("MANUAL", "INVOICE", PRICE)


async def test_a_refund_is_emitted_when_the_provider_has_answered(payer: Payer, payments: PaymentService) -> None:
    payment = await payer.pay()
    refunds = [
        await payer.database.run(
            lambda tx: payments.refunds.create(tx, payer.actor, payment.id, Decimal(4), "Broken"), payer.actor
        )
        for _ in range(2)
    ]
    answers = [ProviderRefund.unanswered(), ProviderRefund(RefundStatus.SUCCEEDED, "re_1")]
    events = [await answered(payer, refunds[0], answer) for answer in [*answers, answers[1]]]
    done = PaymentRefunded(
        payment_id=payment.id, order_id=payer.order, amount=Decimal(4), currency="EUR", refund_id=refunds[0].id
    )
    assert events == [[], [done], []]
    refused = ProviderRefund(RefundStatus.FAILED, decline=CLOSED)
    assert await answered(payer, refunds[1], refused) == [RefundFailed.of(refunds[1])]
