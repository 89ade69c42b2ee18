"""Closure of an order before it is shipped: its stock and its uses of promotions are released."""

from typing import Final

from domains.account.service import AccountService
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.order import transitions
from domains.order.data import OrderUpdate
from domains.order.events import OrderCancelled, OrderFailed
from domains.order.models import Order
from domains.order.sales.sales import Sales
from domains.order.transitions import Step
from domains.payment.service import PaymentService
from domains.promotion.rules import BuyerIdentity
from domains.promotion.service import PromotionService

REFUNDED_BEFORE_SHIPPING: Final = "Refunded before it was shipped"


class Closure:
    """Closes orders. Stock is released before promotions, in the order in which the checkout locks them."""

    def __init__(
        self,
        payment: PaymentService,
        inventory: InventoryService,
        promotion: PromotionService,
        account: AccountService,
        sales: Sales,
        clock: Clock,
    ) -> None:
        self._payment = payment
        self._inventory = inventory
        self._promotion = promotion
        self._account = account
        self._sales = sales
        self._clock = clock

    async def cancel(self, tx: Tx, actor: Actor, order: Order, *steps: Step, reason: str | None) -> Order:
        """Cancel a locked order and record the steps that follow. What is authorized is to be released.

        Emits StockReleased, StockChanged, BackInStock, OrderCancelled.
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

    async def withdraw(self, tx: Tx, order: Order) -> None:
        """Remove a paid order from its buyer's history, and release its uses of promotions. Idempotent."""
        await self._promotion.redemptions.release(tx, order.id)
        await self._account.buyer_history.record_withdrawn(tx, order.id, buyer_of(order))

    async def _release(self, tx: Tx, actor: Actor, order: Order, *, reason: str | None) -> None:
        await self._inventory.reservations.release(tx, actor, order.id, reason=reason)
        await self._promotion.redemptions.release(tx, order.id)


def buyer_of(order: Order) -> BuyerIdentity:
    """The identity of an order's buyer, for the buyer history."""
    return BuyerIdentity(user_id=order.user_id, email=order.email, email_confirmed=order.email_confirmed)
