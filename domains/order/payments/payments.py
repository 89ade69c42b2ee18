"""Payments of orders: one transaction records the attempt, another one the provider's answer.

The reconciliation completes an attempt that stops in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError, InvalidInput
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
from domains.order.payments.progress import PaymentProgress, client_secret_of
from domains.order.payments.replacement import Replacement
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.cards import CardDetails
from domains.payment.errors import MethodNotKept, PaymentInProgress
from domains.payment.models import Payment, PaymentMethod, PaymentStatus
from domains.payment.providers.requests import PaymentInstrument
from domains.payment.service import PaymentService

StartedPayment: TypeAlias = tuple[Order, Payment, PaymentInstrument]
# How many abandoned payments one request replaces, when others begin new ones meanwhile.
MAX_REPLACED: Final = 3
REPLACEABLE: Final = {PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentData:
    """How an order is paid, and the token of a guest's order.

    With the method CARD, `instrument` is what is charged, by the company's provider or the named one, which sends
    the buyer to `return_url` after a next action and keeps the method for the order's customer with `save_method`.
    A saved method of the actor's own, by `saved_method_id`, takes the place of both: it is charged at its provider.
    """

    method: PaymentMethod = PaymentMethod.CARD
    instrument: PaymentInstrument | None = None
    saved_method_id: UUID | None = None
    provider: str | None = None
    return_url: str | None = None
    save_method: bool = False
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Charge:
    """What is charged, and the provider by which; None for the company's."""

    instrument: PaymentInstrument
    provider: str | None


class _AttemptExists(Exception):
    """The payment of the attempt was created before, or another payment of the order is open."""


class _OtherIsOpen(Exception):
    """Another payment of the order is open, and may have been abandoned by its buyer."""

    def __init__(self, payment: Payment) -> None:
        super().__init__("Another payment of the order is open.")
        self.payment = payment


class Payments:
    """Pays orders through a provider, or accepts them to be paid later."""

    def __init__(
        self,
        payment: PaymentService,
        acceptance: Acceptance,
        outcomes: PaymentOutcomes,
        replacement: Replacement,
        card_limits: CardLimits,
        clock: Clock,
    ) -> None:
        self._payment = payment
        self._acceptance = acceptance
        self._outcomes = outcomes
        self._replacement = replacement
        self._card_limits = card_limits
        self._clock = clock

    async def pay(self, db: Database | Attempt, actor: Actor, order_id: UUID, payment_data: PaymentData) -> Order:
        """Pay an order; see OrderService.process_payment."""
        attempt = Attempt.wrap(db)
        if payment_data.method is not PaymentMethod.CARD:
            return await self._accept(attempt, actor, order_id, payment_data)
        return (await self.start(attempt, actor, order_id, payment_data)).order

    async def start(
        self, db: Database | Attempt, actor: Actor, order_id: UUID, payment_data: PaymentData
    ) -> PaymentProgress:
        """Begin to pay an order through a provider; see OrderService.process_payment.

        What the provider is asked for beside the payment itself (the instrument, the return URL, whether the method
        is kept) is stored nowhere. A request that is repeated after a crash, under the same key and therefore with
        the same input, gives it again; without one, reconciliation looks the payment up, or closes it.
        """
        attempt = Attempt.wrap(db)
        order, payment, instrument = await self._started(attempt, actor, order_id, payment_data)
        reach("payment.attempt_committed")
        reader, customer = attempt.db.reader(payment.company_id), None
        if payment_data.save_method and payment_data.saved_method_id is None and order.user_id is not None:
            customer = await self._payment.saved_methods.customer_of(reader, order.user_id, payment.provider)
        outcome = await self._payment.operations.authorize(
            reader,
            payment,
            instrument,
            return_url=payment_data.return_url,
            keep_method_for=customer,
            description=f"Order {order.order_number}",
        )
        reach("payment.provider_charged")
        order, payment = await self._outcomes.conclude(attempt, actor, payment, outcome)
        progress = PaymentProgress(order, payment, client_secret_of(payment, outcome))
        progress.require_not_declined()
        if payment.status is PaymentStatus.CANCELLED or payment.cancel_requested_at is not None:
            raise OrderNotPayable(order.status)
        return progress

    async def _started(
        self, attempt: Attempt, actor: Actor, order_id: UUID, payment_data: PaymentData
    ) -> StartedPayment:
        """The order, its new payment and what is charged, after an abandoned payment has ended.

        Raises PaymentInProgress.
        """
        step = (actor, order_id, payment_data, attempt.id)
        for _ in range(MAX_REPLACED + 1):
            try:
                return await attempt.begin(lambda tx: self._begin(tx, *step), actor)
            except _AttemptExists:
                return await attempt.run(lambda tx: self._resume(tx, *step), actor)
            except _OtherIsOpen as other:
                await self._replacement.end(attempt.db, actor, other.payment)
        raise PaymentInProgress

    async def _begin(
        self, tx: Tx, actor: Actor, order_id: UUID, payment_data: PaymentData, payment_id: UUID
    ) -> StartedPayment:
        """Record an attempt to pay, or return the one with the same id. Emits OrderPaymentStarted.

        Raises _AttemptExists after it has written what must be rolled back, and _OtherIsOpen before it has written.
        """
        order, charge = await self._payable(tx, actor, order_id, payment_data)
        facts, instrument = OrderFacts.of(order), charge.instrument
        if refusal := _refusal(order, facts, self._clock.now()):
            return order, await self._begun(tx, order, charge, payment_id, refusal), instrument
        keys = await self._require_allowed(tx, order, instrument)
        _record_attempt(tx, actor, order, instrument)
        number = order.order_number
        tx.emit(OrderPaymentStarted(order_id=order.id, order_number=number, payment_id=payment_id))
        payment = await self._payment.create(
            tx,
            order.id,
            facts.outstanding,
            order.currency,
            instrument,
            payment_id=payment_id,
            provider=charge.provider,
            fingerprint=keys[0] if keys else None,
            alongside=tx.take_unwritten(),
        )
        if payment is None:
            raise _AttemptExists
        return order, payment, instrument

    async def _resume(
        self, tx: Tx, actor: Actor, order_id: UUID, payment_data: PaymentData, payment_id: UUID
    ) -> StartedPayment:
        """The attempt with this id. Raises PaymentInProgress for another one of the order."""
        order, charge = await self._payable(tx, actor, order_id, payment_data)
        begun = await self._payment.payments_by_id(tx, [payment_id])
        if not begun:
            raise PaymentInProgress
        return order, begun[0], charge.instrument

    async def _payable(
        self, tx: Tx, actor: Actor, order_id: UUID, payment_data: PaymentData
    ) -> tuple[Order, _Charge]:
        """The order, locked, and what is charged.

        Raises OrderNotFound, PaymentMethodNotAccepted, MethodNotKept when someone else would keep a customer's
        method, and as `_charge`.
        """
        order = await transitions.lock(tx, actor, order_id, payment_data.token)
        await self._payment.methods.require(tx, actor, payment_data.method)
        if payment_data.save_method and (order.user_id is None or order.user_id != actor.user_id):
            raise MethodNotKept
        return order, await self._charge(tx, actor, payment_data)

    async def _charge(self, tx: Tx, actor: Actor, payment_data: PaymentData) -> _Charge:
        """What is charged. One statement for a saved method, none for anything else.

        Raises Required, as `SavedMethods.choose`, and InvalidInput for a provider that does not keep the method.
        """
        if payment_data.saved_method_id is not None:
            chosen = await self._payment.saved_methods.choose(tx, actor, payment_data.saved_method_id)
            provider = chosen.method.provider
            if payment_data.provider not in (None, provider):
                raise InvalidInput(
                    f"{provider} keeps this payment method. Leave `provider` out.", field=("provider",)
                )
            return _Charge(chosen.instrument, provider)
        if payment_data.instrument is None:
            raise Required("To pay by card, give `card`.", field=("card",))
        return _Charge(payment_data.instrument, payment_data.provider)

    async def _begun(self, tx: Tx, order: Order, charge: _Charge, payment_id: UUID, refusal: DomainError) -> Payment:
        """The payment of this id, in place of a refusal.

        Raises _OtherIsOpen for a payment that the buyer may have abandoned, once nothing else prevents the new one.
        """
        begun = await self._payment.payments_by_id(tx, [payment_id])
        if begun:
            return begun[0]
        is_over = order.expires_at is not None and order.expires_at <= self._clock.now()
        if isinstance(refusal, PaymentInProgress) and not is_over:
            await self._payment.accepting(tx, charge.instrument, charge.provider)
            await self._require_allowed(tx, order, charge.instrument)
            other = await self._payment.open_payment(tx, order.id)
            if other is not None and other.status in REPLACEABLE:
                raise _OtherIsOpen(other)
        raise refusal

    async def _require_allowed(self, tx: Tx, order: Order, instrument: PaymentInstrument) -> Sequence[str]:
        """The fingerprints of a card, empty for other instruments. Raises CardUsedUp."""
        if not isinstance(instrument, CardDetails):
            return ()
        keys = self._card_limits.fingerprints(instrument)
        await self._card_limits.require_below(tx, order, keys)
        return keys

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


def _record_attempt(tx: Tx, actor: Actor, order: Order, instrument: PaymentInstrument) -> None:
    """Count the attempt in the order.

    An accepted order, or one that waits to be accepted, keeps its payment method, which still applies after a
    decline.
    """
    facts: OrderUpdate = {"open_attempts": order.open_attempts + 1}
    if order.accepted_at is None and not awaits_acceptance(order):
        facts["payment_method"] = PaymentMethod.CARD.value
    comment = f"Card ending in {instrument.last4}" if isinstance(instrument, CardDetails) else None
    transitions.record_at_end(tx, actor, order, Step(facts, comment))
