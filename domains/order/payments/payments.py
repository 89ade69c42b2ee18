"""Payments of orders: one transaction records the attempt, another one the provider's answer.

The reconciliation completes an attempt that stops in between.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.text.validation import Required
from domains.order import lifecycle, transitions
from domains.order.data import OrderUpdate
from domains.order.errors import OrderExpired, OrderNotPayable
from domains.order.events import OrderPaymentStarted
from domains.order.models import Order
from domains.order.payments.acceptance import Acceptance, awaits_acceptance
from domains.order.payments.card_limits import CardLimits
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.cards import CardDetails
from domains.payment.errors import PaymentDeclined, PaymentInProgress
from domains.payment.models import Payment, PaymentMethod, PaymentStatus
from domains.payment.service import PaymentService

StartedPayment: TypeAlias = tuple[Payment, CardDetails]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentData:
    """The payment method of an order, with its card, and the token of a guest's order."""

    method: PaymentMethod
    card: CardDetails | None = None
    token: str | None = field(default=None, repr=False)


class Payments:
    """Pays orders by card, or accepts them to be paid later."""

    def __init__(
        self,
        payment: PaymentService,
        acceptance: Acceptance,
        outcomes: PaymentOutcomes,
        card_limits: CardLimits,
        clock: Clock,
    ) -> None:
        self._payment = payment
        self._acceptance = acceptance
        self._outcomes = outcomes
        self._card_limits = card_limits
        self._clock = clock

    async def pay(self, db: Database | Attempt, actor: Actor, order_id: UUID, payment_data: PaymentData) -> Order:
        """Pay an order; see OrderService.process_payment."""
        attempt = Attempt.wrap(db)
        if payment_data.method is not PaymentMethod.CARD:
            return await self._accept(attempt, actor, order_id, payment_data)
        payment, card = await attempt.run(
            lambda tx: self._begin(tx, actor, order_id, payment_data, attempt.id), actor
        )
        reach("payment.attempt_committed")
        outcome = await self._payment.transactions.authorize(payment, card)
        reach("payment.provider_charged")
        order, payment = await self._outcomes.conclude(attempt, actor, payment, outcome)
        if payment.status is PaymentStatus.FAILED:
            code = payment.failure_code
            raise PaymentDeclined(payment.failure_reason, payment.failure_message, provider_code=code)
        if payment.status is PaymentStatus.CANCELLED or payment.cancel_requested_at is not None:
            raise OrderNotPayable(order.status)
        return order

    async def _begin(
        self, tx: Tx, actor: Actor, order_id: UUID, payment_data: PaymentData, payment_id: UUID
    ) -> StartedPayment:
        """Record an attempt to pay by card, or return the one with the same id. Emits OrderPaymentStarted."""
        order = await transitions.lock(tx, actor, order_id, payment_data.token)
        await self._payment.methods.require(tx, actor, payment_data.method)
        card = payment_data.card
        if card is None:
            raise Required("To pay by card, give `card`.", field=("card",))
        facts = OrderFacts.of(order)
        refusal = _refusal(order, facts, self._clock.now())
        if refusal is None:
            keys = self._card_limits.fingerprints(card)
            payment = await self._payment.create(
                tx, order.id, facts.outstanding, order.currency, card, payment_id=payment_id, fingerprint=keys[0]
            )
            if payment is not None:
                await self._card_limits.require_below(tx, order, keys)
                _record_attempt(tx, actor, order, card)
                number = order.order_number
                tx.emit(OrderPaymentStarted(order_id=order.id, order_number=number, payment_id=payment.id))
                return payment, card
            refusal = PaymentInProgress()
        started = await self._payment.payments_by_id(tx, [payment_id])
        if not started:
            raise refusal
        return started[0], card

    async def _accept(self, attempt: Attempt, actor: Actor, order_id: UUID, payment_data: PaymentData) -> Order:
        """Accept an order without a capture; the attempt stores its id in the same transaction."""

        async def accept(tx: Tx) -> Order:
            order = await transitions.lock(tx, actor, order_id, payment_data.token)
            if order.accepted_at is not None:
                raise OrderNotPayable(order.status)
            refusal = _refusal(order, OrderFacts.of(order), self._clock.now())
            if refusal is not None:
                raise refusal
            await self._payment.methods.require(tx, actor, payment_data.method)
            order = await self._acceptance.request(tx, actor, order, payment_data.method)
            attempt.defer_outcome(tx, order_id=order.id)
            return order

        return await attempt.run(accept, actor)


def _refusal(order: Order, facts: OrderFacts, now: datetime) -> DomainError | None:
    """The reason why an order cannot be paid now, or None. An accepted order can be paid."""
    if lifecycle.has_payment(facts) and lifecycle.expects_payment(facts):
        return PaymentInProgress()
    if not lifecycle.may_pay(facts):
        return OrderNotPayable(order.status)
    if order.expires_at is not None and order.expires_at <= now:
        return OrderExpired()
    return None


def _record_attempt(tx: Tx, actor: Actor, order: Order, card: CardDetails) -> None:
    """Count the attempt in the order.

    An accepted order, or one that waits to be accepted, keeps its payment method, which still applies after a
    decline.
    """
    facts: OrderUpdate = {"open_attempts": order.open_attempts + 1}
    if order.accepted_at is None and not awaits_acceptance(order):
        facts["payment_method"] = PaymentMethod.CARD.value
    transitions.record_at_end(tx, actor, order, Step(facts, f"Card ending in {card.last4}"))
