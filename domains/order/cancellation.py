"""Cancellation of an order: its units are released at once, and what was paid is refunded by the provider."""

from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.order import lifecycle, transitions
from domains.order.closure import Closure
from domains.order.errors import OrderNotCancellable, RefundPermissionRequired
from domains.order.models import Order
from domains.order.payments.refunds import PendingRefund, Refunds
from domains.order.policy import ORDERS, may_reach
from domains.order.summary import OrderFacts


class Cancellation:
    """Cancels orders. A paid order can be cancelled by its buyer, and by staff who may refund."""

    def __init__(self, refunds: Refunds, closure: Closure) -> None:
        self._refunds = refunds
        self._closure = closure

    async def cancel(
        self,
        db: Database | Attempt,
        actor: Actor,
        order_id: UUID,
        *,
        reason: str | None = None,
        token: str | None = None,
    ) -> Order:
        """Cancel an order; see OrderService.cancel_order."""
        attempt = Attempt.wrap(db)
        reason = optional_text(reason, field=("reason",), max_length=LINE_LENGTH)

        async def begin(tx: Tx) -> tuple[Order, list[PendingRefund]]:
            order = await transitions.lock(tx, actor, order_id, token)
            started = await self._refunds.find_started(tx, order, attempt.id)
            if started:
                return order, started
            _require_cancellable(actor, order, token)
            cancelled, pending = await self._cancel(tx, actor, order, reason, attempt.id)
            if not pending:
                attempt.defer_outcome(tx, order_id=order.id)
            return cancelled, pending

        order, pending = await attempt.run(begin, actor)
        order, _ = await self._refunds.send_all(attempt, actor, order, pending)
        return order

    async def _cancel(
        self, tx: Tx, actor: Actor, order: Order, reason: str | None, attempt_id: UUID
    ) -> tuple[Order, list[PendingRefund]]:
        await self._refunds.lock_balances(tx, order)
        cancelled = await self._closure.cancel(tx, actor, order, reason=reason)
        if order.paid_at is not None:
            await self._closure.withdraw(tx, order)
        if not order.amount_captured:
            return cancelled, []
        return cancelled, await self._refunds.begin_remaining(tx, actor, cancelled, reason, attempt_id)


def _require_cancellable(actor: Actor, order: Order, token: str | None) -> None:
    """Raise OrderNotCancellable, or RefundPermissionRequired for staff without the permission to refund."""
    if not lifecycle.may_cancel(OrderFacts.of(order)):
        raise OrderNotCancellable(order.status, may_refund=actor.can(ORDERS, PermissionAction.MANAGE))
    if order.amount_captured and not may_reach(actor, order, token, PermissionAction.MANAGE):
        raise RefundPermissionRequired
