"""Refunds and chargebacks that are made at the provider change the payment and the order once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.money import Money
from domains.order.models import Order, OrderPaymentStatus, OrderStatus
from domains.order.payments.payments import PaymentData
from domains.payment.models import Payment, PaymentStatus, Refund, RefundStatus, TransactionStatus, TransactionType
from domains.payment.providers.requests import HostedCheckout, PaymentReference, RefundRequest
from domains.payment.providers.results import ProviderTransaction
from domains.payment.reversals import REFUNDED_AT_PROVIDER
from tests.domains.order.payments.provider_answers import look_up, tell, transaction
from tests.domains.order.storefront import SILENT_CHARGED, Storefront

PAID = Decimal(20)


async def paid(shop: Storefront) -> tuple[Order, Payment]:
    """A paid order of two units at 10.00 EUR, and its payment."""
    await shop.stock("A", 5)
    buyer = await shop.customer()
    order = await shop.pay(buyer, await shop.buy(buyer, ("A", 2)))
    (payment,) = await shop.services.payment.payments_of(shop.database.reader(shop.company_id), [order.id])
    return order, payment


async def refund_at_provider(shop: Storefront, payment: Payment, amount: str) -> None:
    reference = PaymentReference(payment.id, payment.provider_transaction_id)
    await shop.provider.refund(RefundRequest(new_id(), reference, Money(Decimal(amount), "EUR")))


async def refunds_of(shop: Storefront, payment: Payment) -> list[Refund]:
    return await shop.services.payment.refunds.of_payments(shop.database.reader(shop.company_id), [payment.id])


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[ProviderTransaction]:
    """The transactions that the provider tells of a payment when it is looked up."""
    return tell(monkeypatch)


async def published(shop: Storefront, topic: str) -> int:
    """How many events of a topic the shop has published."""
    sql = "select count(*) from outbox_events where company_id = $1 and topic = $2"
    count: int = await shop.owner.fetchval(sql, shop.company_id, topic)
    return count


async def test_a_refund_made_at_the_provider_is_recorded_once(shop: Storefront) -> None:
    _, payment = await paid(shop)
    await refund_at_provider(shop, payment, "5")
    for _ in range(2):
        order, payment = await look_up(shop, payment)
        assert (order.amount_refunded, order.payment_status) == (Decimal(5), OrderPaymentStatus.PARTIALLY_REFUNDED)
        assert (payment.status, payment.amount_refunded) == (PaymentStatus.SUCCEEDED, Decimal(5))
    (refund,) = await refunds_of(shop, payment)
    assert (refund.status, refund.amount, refund.reason) == (
        RefundStatus.SUCCEEDED,
        Decimal(5),
        REFUNDED_AT_PROVIDER,
    )
    assert await published(shop, "order.refunded") == 1
    balance = await shop.services.payment.balance_of(shop.database.reader(shop.company_id), order.id)
    assert balance.refundable == Decimal(15)


async def test_a_complete_refund_at_the_provider_ends_an_unshipped_order(shop: Storefront) -> None:
    order, payment = await paid(shop)
    await refund_at_provider(shop, payment, "12")
    await refund_at_provider(shop, payment, "8")
    order, _ = await look_up(shop, payment)
    assert order.status is OrderStatus.REFUNDED
    assert await shop.level("A") == (5, 0)
    assert sorted(refund.amount for refund in await refunds_of(shop, payment)) == [Decimal(8), Decimal(12)]


async def test_a_refund_of_ours_that_is_seen_before_its_answer_is_settled(shop: Storefront) -> None:
    order, payment = await paid(shop)
    refunds = shop.services.payment.refunds
    staff = await shop.staff()
    begun = await shop.run(lambda tx: refunds.create(tx, staff, payment.id, Decimal(5), "late"), staff)
    answer = await refunds.send(shop.database.reader(shop.company_id), payment, begun)
    order, payment = await look_up(shop, payment)
    (settled,) = await refunds_of(shop, payment)
    assert (settled.id, settled.status, settled.reason) == (begun.id, RefundStatus.SUCCEEDED, "late")
    again = await shop.run(lambda tx: refunds.record(tx, begun.id, answer))
    assert (again, order.amount_refunded) == (settled, Decimal(5))
    assert await published(shop, "payment.refunded") == 1


async def test_a_refund_that_fails_after_it_succeeded_can_be_made_again(
    shop: Storefront, answers: list[ProviderTransaction]
) -> None:
    order, payment = await paid(shop)
    answers.append(transaction(shop, TransactionType.REFUND, TransactionStatus.SUCCEEDED, Decimal(5)))
    order, payment = await look_up(shop, payment)
    assert (payment.amount_refunded, order.amount_refunded) == (Decimal(5), Decimal(5))
    answers[0] = replace(answers[0], status=TransactionStatus.FAILED)
    order, payment = await look_up(shop, payment)
    assert payment.amount_refunded == order.amount_refunded == 0
    assert [refund.status for refund in await refunds_of(shop, payment)] == [RefundStatus.FAILED]
    balance = await shop.services.payment.balance_of(shop.database.reader(shop.company_id), order.id)
    assert balance.refundable == PAID


async def test_a_chargeback_changes_the_payment_status_and_is_noted(shop: Storefront) -> None:
    order, payment = await paid(shop)
    await shop.provider.dispute(payment.id)
    for _ in range(2):
        order, payment = await look_up(shop, payment)
        assert (order.status, order.payment_status) == (OrderStatus.PAID, OrderPaymentStatus.CHARGED_BACK)
        assert (order.amount_charged_back, payment.amount_charged_back) == (PAID, PAID)
    assert await published(shop, "payment.charged_back") == 1
    assert ("PAID", "Charged back by the buyer's bank: 20.00 EUR") in await shop.history(order.id)
    balance = await shop.services.payment.balance_of(shop.database.reader(shop.company_id), order.id)
    assert balance.refundable == 0


@pytest.mark.parametrize("is_won", [True, False])
async def test_a_dispute_takes_the_money_until_it_is_won(
    shop: Storefront, answers: list[ProviderTransaction], is_won: bool
) -> None:
    order, payment = await paid(shop)
    answers.append(transaction(shop, TransactionType.CHARGEBACK, TransactionStatus.PENDING, PAID))
    order, payment = await look_up(shop, payment)
    assert (order.payment_status, order.amount_charged_back) == (OrderPaymentStatus.CHARGED_BACK, PAID)
    answers[0] = replace(answers[0], status=TransactionStatus.FAILED if is_won else TransactionStatus.SUCCEEDED)
    order, payment = await look_up(shop, payment)
    expected = OrderPaymentStatus.PAID if is_won else OrderPaymentStatus.CHARGED_BACK
    assert (order.payment_status, order.amount_charged_back) == (expected, 0 if is_won else PAID)
    assert await published(shop, "payment.chargeback_reversed") == is_won


async def test_a_capture_of_a_part_leaves_the_rest_to_be_paid(shop: Storefront) -> None:
    """A part of the total is captured, the buyer pays the rest with a second payment, and both are refunded."""
    await shop.stock("A", 5)
    buyer = await shop.customer()
    order = await shop.buy(buyer, ("A", 2))
    payments = shop.services.payment
    reader = shop.database.reader(shop.company_id)
    await shop.pay(buyer, order, SILENT_CHARGED)
    (payment,) = await payments.payments_of(reader, [order.id])
    await shop.owner.execute("update mock_charges set captured_amount = 12 where reference = $1", payment.id)
    order, payment = await look_up(shop, payment)
    assert (payment.status, payment.amount, payment.amount_captured) == (PaymentStatus.SUCCEEDED, PAID, Decimal(12))
    assert (order.status, order.payment_status) == (OrderStatus.CONFIRMED, OrderPaymentStatus.PARTIALLY_PAID)
    shop.clock.advance(timedelta(days=30))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    order = await shop.pay(buyer, order)
    assert (order.status, order.payment_status, order.amount_captured) == (
        OrderStatus.PAID,
        OrderPaymentStatus.PAID,
        PAID,
    )
    assert [payment.amount_captured for payment in await payments.payments_of(reader, [order.id])] == [12, 8]


async def test_many_who_see_it_at_once_record_it_once(shop: Storefront) -> None:
    order, payment = await paid(shop)
    await refund_at_provider(shop, payment, "5")
    await shop.provider.dispute(payment.id)
    await asyncio.gather(*(look_up(shop, payment) for _ in range(6)))
    order, payment = await look_up(shop, payment)
    assert (order.amount_refunded, order.amount_charged_back) == (Decimal(5), PAID - 5)
    assert len(await refunds_of(shop, payment)) == 1


async def test_a_late_capture_that_was_refunded_in_part_at_the_provider_is_returned(shop: Storefront) -> None:
    """The rest is returned by the cancellation, and no refund of the cancelled order is recorded."""
    await shop.stock("A", 5)
    buyer = await shop.customer()
    order = await shop.accept(buyer, await shop.buy(buyer, ("A", 2)))
    data = PaymentData(instrument=HostedCheckout())
    begun = (await shop.services.order.payments.start(shop.database, buyer, order.id, data)).payment
    await shop.services.order.cancel_order(shop.database, buyer, order.id)
    await shop.provider.complete_action(begun.id, succeeds=True)
    await refund_at_provider(shop, await shop.payment_of(order), "5")
    order, payment = await look_up(shop, begun)
    assert (order.status, order.amount_captured, order.open_attempts) == (OrderStatus.CANCELLED, Decimal(0), 0)
    assert (payment.status, payment.amount_captured, payment.amount_refunded) == (
        PaymentStatus.CANCELLED,
        PAID,
        PAID,
    )
    assert await refunds_of(shop, payment) == []
