"""Expiry: the jobs that close orders that were not paid or accepted in time, or were refunded before shipping."""

from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.order import sql
from domains.order.closure import REFUNDED_BEFORE_SHIPPING, Closure
from domains.order.payments.acceptance import awaits_acceptance


class Expiry:
    """Closes one order per transaction, so that few rows are locked. Locked orders are skipped."""

    def __init__(self, closure: Closure, clock: Clock) -> None:
        self._closure = closure
        self._clock = clock

    async def end_unpaid(self, tx: Tx) -> int:
        """Fail one order whose time limit has passed, and release its units; 0 when there is none.

        Emits OrderFailed, StockChanged.
        """
        order = await sql.next_expired(tx, self._clock.now())
        if order is None:
            return 0
        comment = "Not accepted in time" if awaits_acceptance(order) else "Not paid in time"
        await self._closure.fail(tx, tx.actor, order, comment=comment)
        return 1

    async def end_refunded(self, tx: Tx) -> int:
        """Cancel one order that was refunded completely and not shipped, and release its units; 0 if there is none.

        A refund cancels its order at once; this handles orders of an earlier version. Emits OrderCancelled,
        StockChanged.
        """
        order = await sql.next_refunded(tx)
        if order is None:
            return 0
        await self._closure.cancel(tx, tx.actor, order, reason=REFUNDED_BEFORE_SHIPPING)
        await self._closure.withdraw(tx, order)  # after it: stock is locked before promotions
        return 1
