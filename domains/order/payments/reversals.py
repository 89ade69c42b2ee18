"""Reversals: what refunds and chargebacks change in an order."""

from dataclasses import replace
from decimal import Decimal

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.values.money import round_half_up
from domains.ledger.models import Source
from domains.order import lifecycle, transitions
from domains.order.closure import Closure
from domains.order.completion import emit_if_completed
from domains.order.data import OrderUpdate
from domains.order.events import OrderRefunded
from domains.order.fulfilment.order_stock import REFUNDED_BEFORE_SHIPPING
from domains.order.gift_cards.holds import hold
from domains.order.invoices.corrections import outdate_credited
from domains.order.models import Order
from domains.order.sales.sales import Sales, sign_of
from domains.order.sales.sold_order import SoldOrder
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.models import Amounts, PaymentReversals, Refund, RefundLineKind, RefundStatus
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

        Of one that was shipped in part it drops the rest, which is never shipped; so does a refund of all units of
        that. They are posted too, as `Sales.give_back` and `Sales.charge_back`; gift cards are disabled as by `hold`.
        The invoice is replaced that has a credit note for a refund that failed now, as by `outdate_credited`. Emits
        OrderRefunded for each of the refunds that succeeded; GiftCardWasDisabled; StockReleased, StockChanged,
        BackInStock, ShipmentCancelled, and OrderCancelled where nothing was shipped.
        """
        held = await hold(tx, self._payment, order, change)
        reversals = await self._with_lines(tx, reversals)
        if change.refunded:
            order = await self._refunded(tx, actor, order, change.refunded, reversals)
        # Also when one refund took the place of another one, which changes no sum.
        await self._sales.give_back(tx, order, reversals, sold)
        if change.charged_back:
            facts: OrderUpdate = {"amount_charged_back": order.amount_charged_back + change.charged_back}
            step = Step(facts, _chargeback_comment(order, change.charged_back), is_noted=True)
            order = await transitions.record(tx, actor, order, step)
            await self._sales.charge_back(tx, order, change.charged_back, reversals)
        order = await transitions.record(tx, actor, order, *held) if held else order
        return await outdate_credited(tx, order, reversals.undone)

    async def _with_lines(self, tx: Tx, reversals: PaymentReversals) -> PaymentReversals:
        """The reversals with the lines of their refunds. One statement if they were not read and are needed."""
        if reversals.lines is not None or not any(sign_of(refund, reversals) for refund in reversals.refunds):
            return reversals
        ids = [refund.id for refund in reversals.refunds]
        return replace(reversals, lines=tuple(await self._payment.refunds.lines_of(tx, ids)))

    async def _refunded(
        self, tx: Tx, actor: Actor, order: Order, amount: Decimal, reversals: PaymentReversals
    ) -> Order:
        refunds, repaid = reversals.refunds, order.amount_repaid + repaid_by(reversals)
        refunded = order.amount_refunded + amount
        facts = replace(OrderFacts.of(order), refunded=refunded, repaid=repaid)
        is_whole, was_whole = facts.is_refunded and amount > 0, OrderFacts.of(order).is_refunded
        sums: OrderUpdate = {"amount_refunded": refunded, "amount_repaid": repaid}
        step = Step(sums, refunds[0].reason if refunds else None)
        if is_whole and lifecycle.may_cancel(facts):
            order = await self._closure.cancel(tx, actor, order, step, reason=REFUNDED_BEFORE_SHIPPING)
        else:
            if lifecycle.is_shipped_in_part(facts) and (is_whole or _has_units(reversals)):
                end = self._closure.end_rest if is_whole else self._closure.end_refunded_rest
                step = replace(step, facts={**step.facts, **await end(tx, actor, order)})
            before, order = order, await transitions.record(tx, actor, order, step)
            by = Source("refund", refunds[-1].id) if refunds else None
            await self._sales.follow(tx, before, order, by=by)
            emit_if_completed(tx, before, order)
        if is_whole:  # after the cancellation: stock is locked before promotions
            await self._closure.withdraw(tx, order)
        elif was_whole and not facts.is_refunded and order.cancelled_at is None:
            await self._closure.restore(tx, order)
        for refund in refunds:
            if refund.status is RefundStatus.SUCCEEDED:
                _emit_refunded(tx, order, refund, is_whole=is_whole)
        return order


def _has_units(reversals: PaymentReversals) -> bool:
    succeeded = {refund.id for refund in reversals.refunds if refund.status is RefundStatus.SUCCEEDED}
    return any(line.refund_id in succeeded and line.quantity for line in reversals.lines or ())


def repaid_by(reversals: PaymentReversals) -> Decimal:
    """By how much reversals change what was returned because it was too much. Pure."""
    signs = {refund.id: sign_of(refund, reversals) for refund in reversals.refunds}
    returned = [line for line in reversals.lines or () if line.kind is RefundLineKind.OVERPAYMENT]
    return sum((signs[line.refund_id] * line.amount for line in returned), Decimal(0))


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
