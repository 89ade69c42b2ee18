"""Outcomes of payments: the changes of an order after a provider's answer or a manual payment."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from domains.account.service import AccountService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.fail_points import reach
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.prisma.runtime import fetch_parts
from domains.order import data, lifecycle, sql, transitions
from domains.order.closure import buyer_of
from domains.order.completion import emit_if_completed
from domains.order.data import OrderUpdate
from domains.order.digital.delivery import delivery
from domains.order.events import OrderPaid, OrderPaymentDeclined
from domains.order.gift_cards.issuance import issue
from domains.order.models import Order, OrderStatus
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.failures import Failures
from domains.order.payments.reversals import Reversals
from domains.order.sales.sold_order import SoldOrder
from domains.order.summary import NOTHING, OrderFacts
from domains.order.transitions import Step
from domains.payment.lifecycle import UNCONFIRMED
from domains.payment.methods import TENDERS
from domains.payment.models import Payment, PaymentStatus, RecordedPayment
from domains.payment.providers.results import ProviderPayment
from domains.payment.service import PaymentService

# The notes on authorized payments that end without a request to cancel them.
LOST: Final = {
    PaymentStatus.FAILED: "The authorized amount could not be captured",
    PaymentStatus.CANCELLED: "The authorization has ended",
}


class PaymentOutcomes:
    """Records outcomes while the order is locked, so that each answer counts once."""

    def __init__(
        self,
        payment: PaymentService,
        account: AccountService,
        acceptance: Acceptance,
        failures: Failures,
        reversals: Reversals,
        clock: Clock,
    ) -> None:
        self._payment = payment
        self._account = account
        self._acceptance = acceptance
        self._failures = failures
        self._reversals = reversals
        self._clock = clock

    async def conclude(
        self, attempt: Attempt, actor: Actor, payment: Payment, outcome: ProviderPayment
    ) -> tuple[Order, Payment]:
        """Record a provider's answer in the payment and the order. A capture that arrives too late is cancelled.

        The attempt keeps the order's id in the transaction that captures. A method that the provider keeps is saved
        for the order's customer. Emits what `PaymentService.record`, `SavedMethods.keep` and `Reversals.record` do;
        OrderPaid, OrderCompleted, OrderPaymentDeclined; and what `Failures` does when the time limit is over.
        """
        order, payment = await attempt.run(lambda tx: self._record(tx, attempt, actor, payment, outcome), actor)
        reach("payment.outcome_recorded")
        order = await self._failures.send_refunds(attempt, actor, order)
        if payment.status is PaymentStatus.SUCCEEDED and payment.cancel_requested_at is not None:
            cancelled = await self._payment.operations.cancel(attempt.db.reader(payment.company_id), payment)
            payment = (await attempt.run(lambda tx: self._payment.record(tx, payment.id, cancelled), actor)).payment
        return order, payment

    async def record_capture(self, tx: Tx, actor: Actor, order: Order, payment: Payment, step: Step) -> Order:
        """Record an expected capture of a locked order, with the facts of the step.

        The capture that makes the total complete pays the order: its units stay reserved without a time limit.
        Emits OrderPaid, OrderCompleted.
        """
        sold = await sql.sold(tx, order.id)
        steps = _captured(order, payment, step, sold, self._clock.now())
        paid = await transitions.record(tx, actor, order, *steps)
        await self._publish(tx, order, paid, payment, sold)
        return paid

    async def record_lower_total(
        self, tx: Tx, actor: Actor, order: Order, step: Step, payment: Payment, sold: SoldOrder
    ) -> Order:
        """Record a step that lowers the total of a locked order to what is paid of it: the order is paid by that.

        `payment` is the last one that paid a part, and `sold` what the order has sold after it. Emits as
        `record_capture`.
        """
        lowered = data.order.from_record.changed(order, step.facts)
        steps = _captured(lowered, replace(payment, amount_captured=NOTHING), step, sold, self._clock.now())
        paid = await transitions.record(tx, actor, order, *steps)
        await self._publish(tx, order, paid, payment, sold)
        return paid

    async def record_tenders(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        captures: Sequence[tuple[Payment, Step]],
        sold: SoldOrder,
    ) -> Order:
        """Record captures of gift cards and store credit, each with a step, by the last statement of `tx`.

        The transaction has created the order or locked it, and does not change it again. Emits as `record_capture`.
        """
        after, steps, now = order, list[Step](), self._clock.now()
        for payment, noted in captures:
            for step in _captured(after, payment, noted, sold, now):
                after = data.order.from_record.changed(after, step.facts)
                steps.append(step)
        paid = transitions.record_at_end(tx, actor, order, *steps)
        await self._publish(tx, order, paid, captures[-1][0], sold)
        return paid

    async def _record(
        self, tx: Tx, attempt: Attempt, actor: Actor, payment: Payment, outcome: ProviderPayment
    ) -> tuple[Order, Payment]:
        recording = self._payment.recording(tx, payment.id, outcome)
        locked, rows = await fetch_parts(tx, [sql.locked_with_lines(tx, payment.order_id), recording])
        order, sold = sql.order_with_lines(locked)
        requested = payment.amount if payment.capture_amount is None else payment.capture_amount
        is_expected = lifecycle.expects_capture(OrderFacts.of(order), requested)
        recorded = await self._payment.recorded(tx, payment.id, rows, is_expected=is_expected)
        payment = recorded.payment
        if outcome.method is not None and order.user_id is not None:
            await self._payment.saved_methods.keep(tx, order.user_id, payment.provider, outcome.method)
        if not (facts := _attempt_facts(order, recorded)):
            return await self._reversals.record(tx, actor, order, recorded.change, recorded.reversals, sold), payment
        if payment.status not in (PaymentStatus.AUTHORIZED, PaymentStatus.SUCCEEDED):
            return await self._not_charged(tx, actor, order, payment, facts), payment
        if payment.cancel_requested_at is not None or not is_expected:
            order = await transitions.record(tx, actor, order, Step(facts))
            return order, await self._payment.request_cancellation(tx, payment.id)
        if payment.status is PaymentStatus.AUTHORIZED:
            return await self._authorized(tx, actor, order, payment, facts, sold), payment
        facts["payment_transaction_id"] = payment.provider_transaction_id
        steps = _captured(order, payment, Step(facts), sold, self._clock.now())
        attempt.defer_outcome(tx, order_id=order.id, payment_id=payment.id)
        if payment.amount_refunded or payment.amount_charged_back:
            paid = await transitions.record(tx, actor, order, *steps)
            await self._publish(tx, order, paid, payment, sold)
            return await self._reversals.record(tx, actor, paid, recorded.change, recorded.reversals, sold), payment
        paid = transitions.record_at_end(tx, actor, order, *steps)
        await self._publish(tx, order, paid, payment, sold)
        return paid, payment

    async def _authorized(
        self, tx: Tx, actor: Actor, order: Order, payment: Payment, facts: OrderUpdate, sold: SoldOrder
    ) -> Order:
        """Record an authorization; one of the full amount accepts the order.

        That of an order without goods that wait to be shipped is captured.
        """
        is_full = order.amount_authorized + payment.amount >= OrderFacts.of(order).outstanding
        if is_full and order.accepted_at is None:
            facts |= {"accepted_at": self._clock.now(), "expires_at": None}
        if order.shipped_at is not None or not OrderFacts.of(order).shippable:
            await self._payment.request_capture_on_shipment(tx, payment, OrderFacts.of(order).outstanding)
        after = await transitions.record(tx, actor, order, Step(facts, "Payment authorized"))
        await self._acceptance.keep(tx, order, after, sold)
        return after

    async def _publish(self, tx: Tx, before: Order, order: Order, payment: Payment, sold: SoldOrder) -> None:
        """Keep the units of an order with a capture, and post its sale. One that is paid counts for its buyer.

        The buyer then gets its gift cards. One that was paid before gets what an edit has added to its total. Emits
        OrderPaid unless it was paid before, OrderCompleted, and as `issue`.
        """
        await self._acceptance.keep(tx, before, order, sold)
        if order.paid_at is None:
            return
        if before.paid_at is not None:
            emit_if_completed(tx, before, order)
            return
        await issue(tx, self._payment, before, order)
        self._account.buyer_history.record_paid(tx, order.id, buyer_of(order))
        tx.emit(
            OrderPaid(
                order_id=order.id,
                order_number=order.order_number,
                payment_id=payment.id,
                user_id=order.user_id,
                product_ids=sold.product_ids,
                total=order.total,
                currency=order.currency,
            )
        )
        emit_if_completed(tx, before, order)

    async def _not_charged(self, tx: Tx, actor: Actor, order: Order, payment: Payment, facts: OrderUpdate) -> Order:
        """Record an attempt without a capture. The order can be paid until its time limit, then it fails."""
        if order.status is OrderStatus.PAYMENT_PENDING:
            if order.expires_at is not None and order.expires_at <= self._clock.now():
                return await self._failures.fail(tx, actor, order, comment="Not paid in time", facts=facts)
            number = order.order_number
            tx.emit(OrderPaymentDeclined(order_id=order.id, order_number=number, payment_id=payment.id))
        if "amount_authorized" in facts and payment.cancel_requested_at is None:
            return await transitions.record(tx, actor, order, Step(facts, LOST[payment.status], is_noted=True))
        comment = (
            (payment.failure_message or "Declined")
            if payment.status is PaymentStatus.FAILED
            else "The payment never arrived"
        )
        return await transitions.record(tx, actor, order, Step(facts, comment))


def _captured(order: Order, payment: Payment, step: Step, sold: SoldOrder, now: datetime) -> list[Step]:
    """The step with the facts of a capture; the order is paid when its captures first reach the total.

    A capture of an order that was paid before pays what an edit has added. The digital units of an order that is
    paid are delivered by a step of their own.

    A capture of a part accepts the order, which then has no time limit for the rest, unless a tender paid it: the
    least gift card would otherwise hold stock for ever. Such an order has no payment method until the rest is paid. A
    refund or a chargeback of the payment is a step of its own.
    """
    captured, is_tender = order.amount_captured + payment.amount_captured, payment.method in TENDERS
    facts: OrderUpdate = {**step.facts, "amount_captured": captured}
    if order.paid_at is not None:
        return [replace(step, facts=facts)]
    if captured - order.amount_repaid >= order.total:
        facts |= {"paid_at": now, "expires_at": None, "payment_method": payment.method}
    elif not is_tender:
        facts["payment_method"] = payment.method
        if order.accepted_at is None:
            facts |= {"accepted_at": now, "expires_at": None}
    captured_step = replace(step, facts=facts)
    return [captured_step, *delivery(order, sold, now)] if "paid_at" in facts else [captured_step]


def _attempt_facts(order: Order, recorded: RecordedPayment) -> OrderUpdate:
    """The facts of an order that change with the status of one of its payments."""
    payment, previous_status = recorded.payment, recorded.previous_status
    facts: OrderUpdate = {}
    if previous_status in UNCONFIRMED and payment.status not in UNCONFIRMED:
        facts["open_attempts"] = order.open_attempts - 1
    if previous_status is not payment.status and payment.status is PaymentStatus.FAILED:
        facts["failed_attempts"] = order.failed_attempts + 1
    authorized = (payment.status is PaymentStatus.AUTHORIZED) - (previous_status is PaymentStatus.AUTHORIZED)
    if authorized:
        facts["amount_authorized"] = order.amount_authorized + authorized * payment.amount
    return facts
