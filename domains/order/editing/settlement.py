"""What follows for the money of an order from an edit: it is paid by that, accepted, or its payments are released."""

from dataclasses import replace

from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.order import lifecycle, transitions
from domains.order.closure import Closure
from domains.order.completion import emit_if_completed
from domains.order.data import order as orders
from domains.order.events import OrderConfirmed
from domains.order.models import Order
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.captures import Captures
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.sales.sold_order import SoldOrder
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.models import is_captured
from domains.payment.service import PaymentService


class Settlement:
    """Records edits of locked orders with what follows for their payments."""

    def __init__(
        self,
        payment: PaymentService,
        acceptance: Acceptance,
        outcomes: PaymentOutcomes,
        captures: Captures,
        closure: Closure,
    ) -> None:
        self._payment = payment
        self._acceptance = acceptance
        self._outcomes = outcomes
        self._captures = captures
        self._closure = closure

    async def record(self, tx: Tx, actor: Actor, order: Order, step: Step, sold: SoldOrder) -> Order:
        """Record the new amounts of a locked order; `sold` is what it has sold after the edit.

        An order whose total is now what was paid of it is paid, one that costs nothing is accepted, and what is
        authorized of an order with nothing left to pay is to be released. What is left of one that was shipped in
        part is never shipped when all of it was refunded. What is authorized of an order without goods left to ship
        is to be captured, as by its dispatch. One statement, and those of what follows. Emits OrderPaid,
        OrderConfirmed, OrderCompleted, GiftCardIssued and StockSold; as `Closure.end_rest`.
        """
        edited = orders.from_record.changed(order, step.facts)
        if lifecycle.is_shipped_in_part(OrderFacts.of(edited)):
            rest = await self._closure.end_refunded_rest(tx, actor, edited)
            step = replace(step, facts={**step.facts, **rest})
            edited = orders.from_record.changed(edited, rest)
        facts = OrderFacts.of(edited)
        if facts.authorized and not facts.outstanding:
            await self._payment.request_release(tx, order.id)
        if order.paid_at is None and facts.paid and not facts.outstanding:
            captured = [each for each in await self._payment.payments_of(tx, [order.id]) if is_captured(each)]
            return await self._outcomes.record_lower_total(tx, actor, order, step, captured[-1], sold)
        if not facts.total and lifecycle.may_accept(facts):
            return await self._accept(tx, actor, order, step, sold)
        if facts.shipped >= facts.shippable:
            await self._captures.request_on_shipment(tx, edited)
        after = await transitions.record(tx, actor, order, step)
        emit_if_completed(tx, order, after)
        return after

    async def _accept(self, tx: Tx, actor: Actor, order: Order, step: Step, sold: SoldOrder) -> Order:
        after = await self._acceptance.accept(tx, actor, order, step)
        tx.emit(OrderConfirmed(order_id=after.id, order_number=after.order_number, payment_method=None))
        return await self._acceptance.deliver_free(tx, actor, after, sold)
