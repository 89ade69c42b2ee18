"""Captures and voids of authorized payments: one transaction records the request, another one the provider's answer.

The reconciliation completes one that stops in between.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.order import lifecycle, transitions
from domains.order.models import Order
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.errors import (
    AuthorizationExpired,
    CaptureTooLarge,
    PaymentDeclined,
    PaymentNotCapturable,
    PaymentNotFound,
)
from domains.payment.models import Payment, PaymentStatus
from domains.payment.providers.results import ProviderPayment
from domains.payment.service import PaymentService

VOIDED: Final = "Payment voided"


class Captures:
    """Captures authorized payments of orders, or voids them."""

    def __init__(self, payment: PaymentService, outcomes: PaymentOutcomes) -> None:
        self._payment = payment
        self._outcomes = outcomes

    async def capture(
        self, db: Database | Attempt, actor: Actor, payment_id: UUID, *, amount: Decimal | None = None
    ) -> tuple[Order, Payment]:
        """Capture an amount of an authorized payment, by default all of it. For staff with ORDERS:MANAGE.

        After an edit that lowered the total, what is left to pay is captured by default, and at most.
        `amount` is in the payment's currency; what is not captured is released at the provider, and the order can be
        paid again. A payment is captured once: the same request again has the same result. While the provider has not
        answered, the payment stays AUTHORIZED. Raises PaymentNotFound, PaymentNotCapturable, CaptureRequested,
        CaptureTooLarge, AmountNotTaken, OutOfRange, TooManyDecimals, PaymentDeclined, AuthorizationExpired. Five
        statements request it. Emits as `PaymentOutcomes.conclude`.
        """
        attempt = Attempt.wrap(db)

        async def request(tx: Tx) -> tuple[Order, Payment]:
            order, payment = await self._locked(tx, actor, payment_id)
            if payment.status is PaymentStatus.AUTHORIZED and not lifecycle.expects_payment(OrderFacts.of(order)):
                raise PaymentNotCapturable(payment.status)
            return order, await self._payment.request_capture(tx, payment_id, _capturable(order, payment, amount))

        order, payment = await attempt.run(request, actor)
        if payment.status is PaymentStatus.AUTHORIZED:
            order, payment = await self._carry_out(attempt, actor, payment, self._payment.operations.capture)
        if payment.status is PaymentStatus.FAILED:
            code = payment.failure_code
            raise PaymentDeclined(
                payment.failure_reason, payment.failure_message, provider_code=code, field=("payment_id",)
            )
        if payment.cancel_requested_at is not None:
            raise PaymentNotCapturable(payment.status)
        if payment.status is PaymentStatus.CANCELLED:
            raise AuthorizationExpired
        return order, payment

    async def void(
        self, db: Database | Attempt, actor: Actor, payment_id: UUID, *, reason: str | None = None
    ) -> tuple[Order, Payment]:
        """Cancel a payment that took no money yet, at the provider too. For staff with ORDERS:MANAGE.

        The order can be paid again; it stays accepted when an authorization accepted it. The history shows the
        reason. A payment that is cancelled stays as it is. Raises PaymentNotFound, PaymentNotVoidable,
        CaptureRequested, TooLong and InvalidInput for the reason. Six statements request it.
        Emits as `PaymentOutcomes.conclude`.
        """
        attempt = Attempt.wrap(db)
        reason = optional_text(reason, field=("reason",), max_length=LINE_LENGTH)

        async def request(tx: Tx) -> tuple[Order, Payment]:
            order, before = await self._locked(tx, actor, payment_id)
            payment = await self._payment.request_void(tx, payment_id)
            if before.cancel_requested_at is None and payment.cancel_requested_at is not None:
                order = await transitions.record(tx, actor, order, Step({}, reason or VOIDED, is_noted=True))
            return order, payment

        order, payment = await attempt.run(request, actor)
        if payment.status is not PaymentStatus.CANCELLED:
            order, payment = await self._carry_out(attempt, actor, payment, self._payment.operations.cancel)
        return order, payment

    async def request_on_shipment(self, tx: Tx, order: Order) -> None:
        """Request the capture of a locked order's authorized payments, which the reconciliation carries out.

        Only staff capture in a company whose present settings say MANUAL. No statement for an order without an
        authorization, otherwise three at most, and one for settings that are not cached.
        """
        if not order.amount_authorized:
            return
        for payment in await self._payment.payments_of(tx, [order.id]):
            await self._payment.request_capture_on_shipment(tx, payment, OrderFacts.of(order).outstanding)

    async def _carry_out(
        self,
        attempt: Attempt,
        actor: Actor,
        payment: Payment,
        request: Callable[[Reader, Payment], Awaitable[ProviderPayment]],
    ) -> tuple[Order, Payment]:
        """Send a request that is recorded to the provider, in no transaction, and record the answer."""
        reach("payment.capture_requested")
        outcome = await request(attempt.db.reader(payment.company_id), payment)
        reach("payment.capture_answered")
        return await self._outcomes.conclude(attempt, actor, payment, outcome)

    async def _locked(self, tx: Tx, actor: Actor, payment_id: UUID) -> tuple[Order, Payment]:
        """The payment, with its order locked before. Raises PaymentNotFound, OrderNotFound."""
        found = await self._payment.payments_by_id(tx, [payment_id])
        if not found:
            raise PaymentNotFound
        order = await transitions.lock_managed(tx, actor, found[0].order_id)
        (payment,) = await self._payment.payments_by_id(tx, [payment_id])
        return order, payment


def _capturable(order: Order, payment: Payment, amount: Decimal | None) -> Decimal | None:
    """The amount to capture of an authorized payment; None is all of it. Raises CaptureTooLarge.

    A payment that is captured already keeps the amount of the first request.
    """
    outstanding = OrderFacts.of(order).outstanding
    if payment.status is not PaymentStatus.AUTHORIZED or payment.amount <= outstanding:
        return amount
    if payment.capture_amount is not None:
        return payment.capture_amount if amount is None else amount
    if amount is not None and amount > outstanding:
        raise CaptureTooLarge(amount, outstanding, payment.currency)
    return outstanding if amount is None else amount
