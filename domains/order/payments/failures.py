"""Failures: orders that were not paid or accepted in time, of which gift cards and store credit had paid a part."""

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.ids import new_id
from domains.order.closure import Closure
from domains.order.data import OrderUpdate
from domains.order.models import Order
from domains.order.payments.refunds import Refunds


class Failures:
    """Fails orders, and gives back what was captured: such an order has only captures of tenders."""

    def __init__(self, closure: Closure, refunds: Refunds) -> None:
        self._closure = closure
        self._refunds = refunds

    async def fail(
        self, tx: Tx, actor: Actor, order: Order, *, comment: str, facts: OrderUpdate | None = None
    ) -> Order:
        """Fail a locked order as `Closure.fail`, and record the refunds of what was captured.

        `send_refunds` sends them after the commit, or the reconciliation. Emits as `Closure.fail`.
        """
        await self._refunds.lock_balances(tx, order)
        failed = await self._closure.fail(tx, actor, order, comment=comment, facts=facts)
        if failed.amount_captured > failed.amount_refunded:
            await self._refunds.begin_remaining(tx, actor, failed, comment, new_id())
        return failed

    async def send_refunds(self, db: Database | Attempt, actor: Actor, order: Order) -> Order:
        """Send the refunds of a failed order that have no answer yet; the order after them. Emits as `refund`.

        No statement for an order without a capture.
        """
        if order.failed_at is None or order.amount_captured <= order.amount_refunded:
            return order
        pending = await self._refunds.pending_of(Attempt.wrap(db).db.reader(order.company_id), order.id)
        order, _ = await self._refunds.send_all(db, actor, order, pending)
        return order
