"""Reversals: what refunds and chargebacks change in an order."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.values.money import round_half_up
from domains.order import lifecycle, transitions
from domains.order.closure import REFUNDED_BEFORE_SHIPPING, Closure
from domains.order.data import OrderUpdate
from domains.order.events import OrderRefunded
from domains.order.gift_cards.holds import hold
from domains.order.models import Order
from domains.order.sales.sales import Sales
from domains.order.sales.sold_order import SoldOrder
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.models import Amounts, PaymentReversals, Refund, RefundStatus
from domains.payment.service import PaymentService


class Reversals:
    """Records refunds and chargebacks of locked orders, also those that were made at the provider."""

    def __init__(self, payment: PaymentService, closure: Closure, sales: Sales) -> None:
        self._payment = payment
        self._closure = closure
        self._sales = sales

    async def record(
        self,
        tx: Tx,
        actor: Actor,
        order: Order,
        change: Amounts,
        reversals: PaymentReversals,
        sold: SoldOrder | None = None,
    ) -> Order:
        """Record a change of the refunded and charged-back amounts; a complete refund cancels an unshipped order.

        They are posted too, as `Sales.give_back` and `Sales.charge_back`; gift cards are disabled as by `hold`. Emits
        OrderRefunded for each of the refunds that succeeded; GiftCardWasDisabled; and StockReleased, StockChanged,
        BackInStock, OrderCancelled where nothing was shipped.
        """
        held = await hold(tx, self._payment, order, change)
        if change.refunded:
            order = await self._refunded(tx, actor, order, change.refunded, reversals.refunds)
        # Also when one refund took the place of another one, which changes no sum.
        await self._sales.give_back(tx, order, reversals, sold)
        if change.charged_back:
            facts: OrderUpdate = {"amount_charged_back": order.amount_charged_back + change.charged_back}
            step = Step(facts, _chargeback_comment(order, change.charged_back), is_noted=True)
            order = await transitions.record(tx, actor, order, step)
            await self._sales.charge_back(tx, order, change.charged_back, reversals)
        return await transitions.record(tx, actor, order, *held) if held else order

    async def _refunded(
        self, tx: Tx, actor: Actor, order: Order, amount: Decimal, refunds: Sequence[Refund]
    ) -> Order:
        refunded = order.amount_refunded + amount
        facts = replace(OrderFacts.of(order), refunded=refunded)
        is_whole = facts.is_refunded and amount > 0
        step = Step({"amount_refunded": refunded}, refunds[0].reason if refunds else None)
        if is_whole and lifecycle.may_cancel(facts):
            order = await self._closure.cancel(tx, actor, order, step, reason=REFUNDED_BEFORE_SHIPPING)
        else:
            before, order = order, await transitions.record(tx, actor, order, step)
            await self._sales.follow(tx, before, order, refund=refunds[-1] if refunds else None)
        if is_whole:  # after the cancellation: stock is locked before promotions
            await self._closure.withdraw(tx, order)
        for refund in refunds:
            if refund.status is RefundStatus.SUCCEEDED:
                _emit_refunded(tx, order, refund, is_whole=is_whole)
        return order


def _emit_refunded(tx: Tx, order: Order, refund: Refund, *, is_whole: bool) -> None:
    tx.emit(
        OrderRefunded(
            order_id=order.id,
            order_number=order.order_number,
            refund_id=refund.id,
            amount=refund.amount,
            currency=refund.currency,
            is_whole=is_whole,
        )
    )


def _chargeback_comment(order: Order, change: Decimal) -> str:
    amount = f"{round_half_up(abs(change), order.currency):f} {order.currency}"
    return f"Charged back by the buyer's bank: {amount}" if change > 0 else f"Chargeback won: {amount} came back"
