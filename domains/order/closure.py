"""Closure of an order before it is shipped: its stock and its uses of promotions are released."""

from domains.account.service import AccountService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.order import transitions
from domains.order.data import OrderUpdate
from domains.order.events import OrderCancelled, OrderFailed
from domains.order.fulfilment.order_stock import REFUNDED_BEFORE_SHIPPING, OrderStock
from domains.order.models import Order
from domains.order.sales.sales import Sales
from domains.order.transitions import Step
from domains.payment.service import PaymentService
from domains.promotion.rules import BuyerIdentity
from domains.promotion.service import PromotionService


class Closure:
    """Closes orders. Stock is released before promotions, in the order in which the checkout locks them."""

    def __init__(
        self,
        payment: PaymentService,
        stock: OrderStock,
        promotion: PromotionService,
        account: AccountService,
        sales: Sales,
        clock: Clock,
    ) -> None:
        self._payment = payment
        self._stock = stock
        self._promotion = promotion
        self._account = account
        self._sales = sales
        self._clock = clock

    async def cancel(self, tx: Tx, actor: Actor, order: Order, *steps: Step, reason: str | None) -> Order:
        """Cancel a locked order and record the steps that follow. What is authorized is to be released.

        Emits StockReleased, StockChanged, BackInStock, ShipmentCancelled, OrderCancelled.
        """
        cancelled = Step({"cancelled_at": self._clock.now(), "expires_at": None}, reason)
        ended = await transitions.record(tx, actor, order, cancelled, *steps)
        await self._sales.follow(tx, order, ended)
        await self._release(tx, actor, order, reason="Order cancelled")
        if order.amount_authorized:
            await self._payment.request_release(tx, order.id)
        was_paid = order.paid_at is not None
        tx.emit(OrderCancelled(order_id=order.id, order_number=order.order_number, reason=reason, was_paid=was_paid))
        return ended

    async def fail(
        self, tx: Tx, actor: Actor, order: Order, *, comment: str, facts: OrderUpdate | None = None
    ) -> Order:
        """Fail a locked order that was not paid or accepted in time; `facts` are recorded with it.

        Emits StockReleased, StockChanged, BackInStock, OrderFailed.
        """
        failed = Step({**(facts or {}), "failed_at": self._clock.now()}, comment)
        ended = await transitions.record(tx, actor, order, failed)
        await self._sales.follow(tx, order, ended)
        await self._release(tx, actor, order, reason=comment)
        tx.emit(OrderFailed(order_id=order.id, order_number=order.order_number))
        return ended

    async def end_refunded_rest(self, tx: Tx, actor: Actor, order: Order) -> OrderUpdate:
        """As `end_rest`, for a refund of units, when all that is left was refunded; otherwise nothing."""
        return await self.end_rest(tx, actor, order) if await self._stock.has_refunded_rest(tx, order) else {}

    async def end_rest(self, tx: Tx, actor: Actor, order: Order) -> OrderUpdate:
        """Drop what is left to ship of a locked order that is refunded completely; the facts to record.

        Its lines keep their units and amounts, and its total stays: the refund shows what was given back. Emits
        StockReleased, StockChanged, BackInStock, ShipmentCancelled.
        """
        await self._stock.release(tx, actor, order, reason=REFUNDED_BEFORE_SHIPPING)
        facts: OrderUpdate = {"units_dropped": order.units_ordered - order.units_shipped}
        if order.units_delivered and order.units_delivered + order.units_sent_back >= order.units_shipped:
            facts["delivered_at"] = order.delivered_at or self._clock.now()
        return facts

    async def withdraw(self, tx: Tx, order: Order) -> None:
        """Remove a paid order from its buyer's history, and release its uses of promotions. Idempotent."""
        await self._promotion.redemptions.release(tx, order.id)
        await self._account.buyer_history.record_withdrawn(tx, order.id, buyer_of(order))

    async def restore(self, tx: Tx, order: Order) -> None:
        """Add an order to its buyer's history again: its complete refund has failed.

        Its uses of promotions stay released. One statement. Idempotent.
        """
        await self._account.buyer_history.record_restored(tx, order.id)

    async def _release(self, tx: Tx, actor: Actor, order: Order, *, reason: str | None) -> None:
        await self._stock.release(tx, actor, order, reason=reason)
        await self._promotion.redemptions.release(tx, order.id)


def buyer_of(order: Order) -> BuyerIdentity:
    """The identity of an order's buyer, for the buyer history."""
    return BuyerIdentity(user_id=order.user_id, email=order.email, email_confirmed=order.email_confirmed)
