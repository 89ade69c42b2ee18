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


class _AttemptExists(Exception):
    """The payment of the attempt was created before, or another payment of the order is open."""


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
        step = (actor, order_id, payment_data, attempt.id)
        try:
            payment, card = await attempt.begin(lambda tx: self._begin(tx, *step), actor)
        except _AttemptExists:
            payment, card = await attempt.run(lambda tx: self._resume(tx, *step), actor)
        reach("payment.attempt_committed")
        outcome = await self._payment.operations.authorize(attempt.db.reader(payment.company_id), payment, card)
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
        """Record an attempt to pay by card, or return the one with the same id. Emits OrderPaymentStarted.

        Raises _AttemptExists after it has written what must be rolled back.
        """
        order, card = await self._payable(tx, actor, order_id, payment_data)
        facts = OrderFacts.of(order)
        if refusal := _refusal(order, facts, self._clock.now()):
            return await self._begun(tx, payment_id, refusal), card
        keys = self._card_limits.fingerprints(card)
        await self._card_limits.require_below(tx, order, keys)
        _record_attempt(tx, actor, order, card)
        number = order.order_number
        tx.emit(OrderPaymentStarted(order_id=order.id, order_number=number, payment_id=payment_id))
        payment = await self._payment.create(
            tx,
            order.id,
            facts.outstanding,
            order.currency,
            card,
            payment_id=payment_id,
            fingerprint=keys[0],
            alongside=tx.take_unwritten(),
        )
        if payment is None:
            raise _AttemptExists
        return payment, card

    async def _resume(
        self, tx: Tx, actor: Actor, order_id: UUID, payment_data: PaymentData, payment_id: UUID
    ) -> StartedPayment:
        """The attempt with this id. Raises PaymentInProgress for another one of the order."""
        _, card = await self._payable(tx, actor, order_id, payment_data)
        return await self._begun(tx, payment_id, PaymentInProgress()), card

    async def _payable(
        self, tx: Tx, actor: Actor, order_id: UUID, payment_data: PaymentData
    ) -> tuple[Order, CardDetails]:
        """The order, locked, and the card. Raises OrderNotFound, Required, PaymentMethodNotAccepted."""
        order = await transitions.lock(tx, actor, order_id, payment_data.token)
        await self._payment.methods.require(tx, actor, payment_data.method)
        if payment_data.card is None:
            raise Required("To pay by card, give `card`.", field=("card",))
        return order, payment_data.card

    async def _begun(self, tx: Tx, payment_id: UUID, refusal: DomainError) -> Payment:
        """The payment of this id, in place of a refusal."""
        begun = await self._payment.payments_by_id(tx, [payment_id])
        if not begun:
            raise refusal
        return begun[0]

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
