"""Paying an order: what is meant is written down, the provider is asked outside any transaction, its answer kept.

Whatever stops in between is found by `settle`. Money that comes for an order that no longer waits for it goes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import DomainError
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.text.validation import Required
from domains.order import expiry, sql, transitions
from domains.order.below import Below
from domains.order.checkout import limits
from domains.order.data import OrderUpdate
from domains.order.errors import OrderExpired, OrderNotPayable
from domains.order.events import OrderAwaitsAcceptance, OrderConfirmed, OrderPaid, OrderPaymentDeclined
from domains.order.models import Order, OrderStatus
from domains.payment.cards import CardDetails
from domains.payment.errors import PaymentDeclined, PaymentInProgress
from domains.payment.lifecycle import OPEN
from domains.payment.models import Payment, PaymentMethod, PaymentStatus
from domains.payment.provider import ProviderPayment
from domains.promotion.eligibility import COUNTED_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentData:
    """How an order is to be paid."""

    method: PaymentMethod
    card: CardDetails | None = None
    token: str | None = field(default=None, repr=False)


async def pay(below: Below, db: Database | Attempt, actor: Actor, order_id: UUID, given: PaymentData) -> Order:
    """Pay an order; see OrderService.process_payment."""
    attempt = Attempt.of(db)
    if given.method is not PaymentMethod.CARD:
        return await _choose_method(below, attempt, actor, order_id, given)
    payment, card = await attempt.run(lambda tx: _begin(below, tx, actor, order_id, given, attempt.id), actor)
    outcome = await below.payment.transactions.authorize(payment, card)
    order, payment = await conclude(below, attempt, actor, payment, outcome)
    if payment.status is PaymentStatus.FAILED:
        raise PaymentDeclined(payment.failure_reason, payment.failure_message, provider_code=payment.failure_code)
    if payment.status is PaymentStatus.CANCELLED or payment.cancel_requested_at is not None:
        raise OrderNotPayable(order.status)
    return order


async def conclude(
    below: Below, attempt: Attempt, actor: Actor, payment: Payment, outcome: ProviderPayment
) -> tuple[Order, Payment]:
    """Write down what the provider said, with what follows for the order; a charge that came too late is undone."""
    order, payment = await attempt.run(lambda tx: _record(below, tx, attempt, actor, payment, outcome), actor)
    if payment.status is PaymentStatus.SUCCEEDED and payment.cancel_requested_at is not None:
        undone = await below.payment.transactions.cancel(payment)
        payment = (await attempt.run(lambda tx: below.payment.record(tx, payment.id, undone), actor)).payment
    return order, payment


async def _begin(
    below: Below, tx: Tx, actor: Actor, order_id: UUID, given: PaymentData, payment_id: UUID
) -> tuple[Payment, CardDetails]:
    order = await transitions.hold(tx, actor, order_id, given.token)
    await below.payment.methods.require(tx, actor, given.method)
    card = given.card
    if card is None:
        raise Required("To pay by card, give `card`.", field=("card",))
    problem = _reason_against(below, order)
    if problem is None:
        keys = below.auth.fingerprints.of("card", card.number.reveal())
        payment = await below.payment.create(
            tx, order.id, order.total, order.currency, card, payment_id=payment_id, fingerprint=keys[0]
        )
        if payment is not None:
            await _require_card(below, tx, order, keys)
            _show_begun(tx, actor, order, card)
            return payment, card
        problem = PaymentInProgress()
    begun = await below.payment.payments_by_id(tx, [payment_id])
    if not begun:
        raise problem
    return begun[0], card


async def _require_card(below: Below, tx: Tx, order: Order, keys: Sequence[str]) -> None:
    """Raise CardUsedUp when the card pays too many first orders. Nothing is asked of orders that use no such code.

    Of two at once, one waits for the other at the promotion and then sees its payment.
    """
    if order.card_limited:
        await below.promotion.redemptions.hold(tx, order.id)
        since = below.clock.now() - COUNTED_FOR
        await below.promotion.redemptions.require_card(
            tx, order.id, await below.payment.orders_of_card(tx, keys, since)
        )


def _show_begun(tx: Tx, actor: Actor, order: Order, card: CardDetails) -> None:
    """An order that was accepted without a capture stays CONFIRMED meanwhile.

    One that waits to be accepted keeps the way of paying that was chosen, so that after a decline it waits on.
    """
    if order.status is OrderStatus.PENDING:
        comment = f"Card ending in {card.last4}"
        waits = limits.awaits_acceptance(order.status, order.payment_method)
        columns: OrderUpdate = {} if waits else {"payment_method": PaymentMethod.CARD.value}
        transitions.change_at_end(tx, actor, order, OrderStatus.PAYMENT_PENDING, comment=comment, columns=columns)


def _reason_against(below: Below, order: Order) -> DomainError | None:
    """Why an order cannot be paid now, or None. One that was accepted without a capture can still be paid."""
    if order.status is OrderStatus.PAYMENT_PENDING:
        return PaymentInProgress()
    if order.status not in (OrderStatus.PENDING, OrderStatus.CONFIRMED) or not order.total or order.paid_at:
        return OrderNotPayable(order.status)
    if order.expires_at is not None and order.expires_at <= below.clock.now():
        return OrderExpired()
    return None


async def _choose_method(below: Below, attempt: Attempt, actor: Actor, order_id: UUID, given: PaymentData) -> Order:
    async def choose(tx: Tx) -> Order:
        order = await _choose(below, tx, actor, order_id, given)
        attempt.keep_at_end(tx, order_id=order.id)
        return order

    return await attempt.run(choose, actor)


async def _choose(below: Below, tx: Tx, actor: Actor, order_id: UUID, given: PaymentData) -> Order:
    """Note that an order is to be paid by invoice or at the door.

    Where the company's policy says so it is taken on at once, its goods then reserved for good; else staff decide.
    """
    order = await transitions.hold(tx, actor, order_id, given.token)
    is_accepted = order.status is OrderStatus.CONFIRMED
    problem = OrderNotPayable(order.status) if is_accepted else _reason_against(below, order)
    if problem is not None:
        raise problem
    await below.payment.methods.require(tx, actor, given.method)
    settings = await below.settings.current(tx)
    if not limits.accepts_at_once(settings, actor, order.total):
        return await _wait_for_acceptance(below, tx, actor, order, given, limits.accept_until(settings, order))
    columns: OrderUpdate = {"payment_method": given.method.value, "expires_at": None}
    order = await transitions.change(tx, actor, order, OrderStatus.CONFIRMED, columns=columns)
    await below.inventory.reservations.keep(tx, order.id)
    tx.emit(OrderConfirmed(order_id=order.id, order_number=order.order_number, payment_method=order.payment_method))
    return order


async def _wait_for_acceptance(
    below: Below, tx: Tx, actor: Actor, order: Order, given: PaymentData, until: datetime
) -> Order:
    """Let an order hold its goods until staff have decided; the same choice again changes nothing."""
    if order.payment_method == given.method.value:
        return order
    await below.inventory.reservations.expire_at(tx, order.id, until)
    tx.emit(
        OrderAwaitsAcceptance(
            order_id=order.id,
            order_number=order.order_number,
            payment_method=given.method.value,
            accept_until=until,
        )
    )
    columns: OrderUpdate = {"payment_method": given.method.value, "expires_at": until}
    return await transitions.note(tx, actor, order, f"{given.method}: waits to be accepted", columns)


async def _record(
    below: Below, tx: Tx, attempt: Attempt, actor: Actor, payment: Payment, outcome: ProviderPayment
) -> tuple[Order, Payment]:
    """Under the order's lock, which everybody takes who records a payment of it: each answer counts once."""
    order, product_ids = await sql.hold_with_products(tx, payment.order_id)
    recorded = await below.payment.record(tx, payment.id, outcome)
    after = recorded.payment
    if recorded.before not in OPEN or after.status in OPEN:
        return order, after
    if after.status is PaymentStatus.SUCCEEDED:
        if not _waits(order) or after.cancel_requested_at is not None:
            return order, await below.payment.request_cancellation(tx, payment.id)
        order = await _paid(below, tx, actor, order, after, product_ids)
        attempt.keep_at_end(tx, order_id=order.id)
        return order, after
    if order.status is OrderStatus.PAYMENT_PENDING:
        order = await _not_charged(below, tx, actor, order, after)
    return order, after


def _waits(order: Order) -> bool:
    """Whether money for the order is still welcome."""
    accepted = order.status is OrderStatus.CONFIRMED and order.paid_at is None
    return accepted or order.status is OrderStatus.PAYMENT_PENDING


async def _paid(below: Below, tx: Tx, actor: Actor, order: Order, payment: Payment, product_ids: list[UUID]) -> Order:
    columns: OrderUpdate = {
        "paid_at": below.clock.now(),
        "expires_at": None,
        "payment_method": payment.method,
        "payment_transaction_id": payment.provider_transaction_id,
    }
    paid = transitions.change_at_end(tx, actor, order, OrderStatus.PAID, columns=columns)
    await below.inventory.reservations.keep(tx, order.id)
    await note_paid(below, tx, order, payment, product_ids)
    return paid


async def note_paid(below: Below, tx: Tx, order: Order, payment: Payment, product_ids: list[UUID]) -> None:
    """Count an order that was just paid for its buyer, and tell others. Emits OrderPaid."""
    below.account.buyer_history.record_paid(tx, order.id, expiry.buyer_of(order))
    tx.emit(
        OrderPaid(
            order_id=order.id,
            order_number=order.order_number,
            payment_id=payment.id,
            user_id=order.user_id,
            product_ids=product_ids,
            total=order.total,
            currency=order.currency,
        )
    )


async def _not_charged(below: Below, tx: Tx, actor: Actor, order: Order, payment: Payment) -> Order:
    """The order can be paid again, its goods still reserved; after its time it has failed."""
    if order.expires_at is not None and order.expires_at <= below.clock.now():
        return await expiry.fail(below, tx, actor, order, comment="Not paid in time")
    declined = payment.status is PaymentStatus.FAILED
    comment = (payment.failure_message or "Declined") if declined else "The payment never arrived"
    tx.emit(OrderPaymentDeclined(order_id=order.id, order_number=order.order_number, payment_id=payment.id))
    return await transitions.change(tx, actor, order, OrderStatus.PENDING, comment=comment)
