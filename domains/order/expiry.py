"""Expiry: the jobs that close orders that were not paid or accepted in time, or were refunded before shipping."""

from collections.abc import Awaitable, Callable, Collection

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database, Tx
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.order import sql
from domains.order.closure import Closure
from domains.order.fulfilment.order_stock import REFUNDED_BEFORE_SHIPPING
from domains.order.models import Order
from domains.order.payments.acceptance import awaits_acceptance
from domains.order.payments.failures import Failures


class Expiry:
    """Closes one order per transaction, so that few rows are locked. Locked orders are skipped.

    An order that cannot be closed does not stop the others; all failures are raised together at the end as an
    ExceptionGroup, each with a note that names the order.
    """

    def __init__(self, closure: Closure, failures: Failures, clock: Clock) -> None:
        self._closure = closure
        self._failures = failures
        self._clock = clock

    async def end_unpaid(self, db: Database, actor: Actor) -> int:
        """Fail the orders of the actor's company whose time limit has passed, and release their units.

        Returns their number. What gift cards and store credit have paid is refunded; the reconciliation sends a
        refund that is not sent here. Emits StockReleased, StockChanged, BackInStock, OrderFailed, PaymentRefunded,
        OrderRefunded.
        """

        async def find(tx: Tx, stepped_over: Collection[Order]) -> list[Order]:
            return await sql.next_expired(tx, self._clock.now(), stepped_over)

        async def fail(tx: Tx, order: Order) -> Order:
            comment = "Not accepted in time" if awaits_acceptance(order) else "Not paid in time"
            return await self._failures.fail(tx, tx.actor, order, comment=comment)

        return await self._close_each(db, actor, find, fail)

    async def end_refunded(self, db: Database, actor: Actor) -> int:
        """Cancel the orders of the actor's company that were refunded and not shipped, and release their units.

        Returns their number. A refund cancels its order at once; this handles orders of an earlier version. Emits
        StockReleased, StockChanged, BackInStock, ShipmentCancelled, OrderCancelled.
        """

        async def cancel(tx: Tx, order: Order) -> Order:
            cancelled = await self._closure.cancel(tx, tx.actor, order, reason=REFUNDED_BEFORE_SHIPPING)
            await self._closure.withdraw(tx, order)  # after it: stock is locked before promotions
            return cancelled

        return await self._close_each(db, actor, sql.next_refunded, cancel)

    async def _close_each(
        self,
        db: Database,
        actor: Actor,
        find: Callable[[Tx, Collection[Order]], Awaitable[list[Order]]],
        close: Callable[[Tx, Order], Awaitable[Order]],
    ) -> int:
        """Close one order after the other that `find` finds and locks, without those stepped over; their number.

        After each transaction the refunds of a failed order are sent.
        """
        count, found, stepped_over, failures = 0, list[Order](), list[Order](), list[Exception]()

        async def close_next(tx: Tx) -> list[Order]:
            found[:] = await find(tx, stepped_over)
            return [await close(tx, order) for order in found]

        while True:
            found.clear()
            try:
                closed = await db.run(close_next, actor)
                count += len(closed)
                for order in closed:
                    await self._failures.send_refunds(db, actor, order)
            except Exception as error:
                raise_if_cancelled()
                if not found:
                    raise  # it was not the order
                error.add_note(f"order {found[0].order_number}")
                failures.append(error)
                stepped_over += found
            else:
                if not found:
                    break
        if failures:
            raise ExceptionGroup("Some orders could not be closed.", failures)
        return count
