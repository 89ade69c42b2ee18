"""Manual payments: recording that an order was paid outside a provider, by bank transfer or in cash."""

from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.text.validation import NAME_LENGTH, optional_text
from domains.order import lifecycle, transitions
from domains.order.errors import OrderNotMarkable
from domains.order.models import Order
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.errors import PaymentInProgress
from domains.payment.models import PaymentMethod
from domains.payment.service import PaymentService

RECEIVED: Final = "Payment received"


class ManualPayments:
    """Marks orders as paid."""

    def __init__(self, payment: PaymentService, outcomes: PaymentOutcomes) -> None:
        self._payment = payment
        self._outcomes = outcomes

    async def mark_paid(self, tx: Tx, actor: Actor, order_id: UUID, *, reference: str | None = None) -> Order:
        """Record a manual payment of an order's total. For staff with ORDERS:MANAGE.

        A pending or accepted order becomes PAID; one that is processed, shipped or delivered keeps its status. The
        payment method is the order's, INVOICE when it has none; `reference` is shown in the history. Raises
        OrderNotFound, OrderNotMarkable, PaymentInProgress while a card may still pay it, TooLong. Emits
        PaymentCaptured, OrderPaid, OrderCompleted, GiftCardIssued.
        """
        order = await transitions.lock_managed(tx, actor, order_id)
        reference = optional_text(reference, field=("reference",), max_length=NAME_LENGTH) or None
        facts = OrderFacts.of(order)
        _require_markable(order, facts)
        method = order.payment_method or PaymentMethod.INVOICE.value
        payment = await self._payment.manual_payments.record(tx, order.id, facts.outstanding, order.currency, method)
        comment = f"{RECEIVED}: {reference}" if reference else RECEIVED
        transaction = reference or payment.provider_transaction_id
        step = Step({"payment_transaction_id": transaction}, comment, is_noted=True)
        return await self._outcomes.record_capture(tx, actor, order, payment, step)


def _require_markable(order: Order, facts: OrderFacts) -> None:
    """Raise OrderNotMarkable, or PaymentInProgress while a card may still pay the order."""
    if lifecycle.may_mark_paid(facts):
        return
    if lifecycle.expects_payment(facts):
        raise PaymentInProgress
    raise OrderNotMarkable(order.status, is_paid=order.paid_at is not None)
