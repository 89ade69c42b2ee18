"""Marking an order as paid: money that came outside any provider, by transfer or at the door, is written down."""

from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import NAME_LENGTH, optional_text
from domains.order import lifecycle, payments, sql, transitions
from domains.order.below import Below
from domains.order.data import OrderUpdate
from domains.order.errors import OrderNotMarkable
from domains.order.models import Order, OrderStatus
from domains.payment.errors import PaymentInProgress
from domains.payment.lifecycle import OPEN
from domains.payment.models import Payment, PaymentMethod

RECEIVED: Final = "Payment received"


async def mark_paid(below: Below, tx: Tx, actor: Actor, order_id: UUID, *, reference: str | None = None) -> Order:
    """Mark an order as paid; see OrderService.mark_paid."""
    order = await transitions.hold(tx, actor, order_id, None, PermissionAction.MANAGE)
    reference = optional_text(reference, field=("reference",), most=NAME_LENGTH) or None
    await _require_markable(below, tx, order)
    method = order.payment_method or PaymentMethod.INVOICE.value
    payment = await below.payment.manual_payments.record(tx, order.id, order.total, order.currency, method)
    paid = await _write(below, tx, actor, order, payment, reference)
    _, product_ids = await sql.hold_with_products(tx, order.id)
    await payments.note_paid(below, tx, order, payment, product_ids)
    return paid


async def _require_markable(below: Below, tx: Tx, order: Order) -> None:
    """Raise OrderNotMarkable, or PaymentInProgress while a card may still pay the order."""
    attempts = await below.payment.payments_of(tx, [order.id])
    if order.status is OrderStatus.PAYMENT_PENDING or any(payment.status in OPEN for payment in attempts):
        raise PaymentInProgress
    if not lifecycle.is_markable(order.status, is_paid=order.paid_at is not None) or not order.total:
        raise OrderNotMarkable(order.status, is_paid=order.paid_at is not None)


async def _write(below: Below, tx: Tx, actor: Actor, order: Order, payment: Payment, reference: str | None) -> Order:
    """An accepted order becomes PAID; one that is on its way already stays where it is, and the history says so."""
    comment = f"{RECEIVED}: {reference}" if reference else RECEIVED
    columns: OrderUpdate = {
        "paid_at": below.clock.now(),
        "payment_method": payment.method,
        "payment_transaction_id": reference or payment.provider_transaction_id,
    }
    if order.status is OrderStatus.CONFIRMED:
        return await transitions.change(tx, actor, order, OrderStatus.PAID, comment=comment, columns=columns)
    return await transitions.note(tx, actor, order, comment, columns)
