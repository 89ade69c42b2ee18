"""Exchanges: goods of an order are replaced by those of a new one, which their value pays.

One transaction refunds the value to the new order and captures it there, so that nothing is paid twice or lost. What
the new order does not cost is refunded; what it costs more is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.auth.sessions.tokens import digest
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.fail_points import reach
from domains.kernel.permissions import PermissionAction
from domains.kernel.values.money import round_half_up
from domains.order import data, sql, transitions
from domains.order.editing.new_lines import NewOrderLine
from domains.order.errors import OrderNotFound
from domains.order.exchanges.exchange_orders import ExchangeOrders
from domains.order.exchanges.models import Exchange
from domains.order.models import Order, OrderTicket
from domains.order.payments.acceptance import Acceptance
from domains.order.payments.outcomes import PaymentOutcomes
from domains.order.payments.refund_lines import NewRefund
from domains.order.payments.refund_plans import ExchangePart, RefundPlan
from domains.order.payments.refunds import PendingRefund, Refunds
from domains.order.policy import exchange_token, manages, may_reach
from domains.order.transitions import Step
from domains.payment.models import Payment, PaymentMethod
from domains.payment.providers.recorded_provider import EXCHANGE
from domains.payment.service import PaymentService

VALUE: Final = "Value of the exchanged goods"


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Exchanges goods of orders."""

    payment: PaymentService
    refunds: Refunds
    orders: ExchangeOrders
    outcomes: PaymentOutcomes
    acceptance: Acceptance

    async def begin(
        self,
        tx: Tx,
        actor: Actor,
        replaced: Order,
        new: NewRefund,
        lines: Sequence[NewOrderLine],
        ticket: OrderTicket,
        attempt_id: UUID,
    ) -> Exchange:
        """Create an order in exchange for what `new` refunds of a locked order; its units are reserved.

        For staff with ORDERS:MANAGE; raises OrderNotFound for others.

        The value pays the new order, at most its total. The rest goes where `new` says, by refunds that
        `Refunds.send_all` sends. An order that costs more can be paid until the company's time limit, then it fails,
        and so a cancelled one gives its value back. Raises as `Refunds.refund`, `ExchangeOrders.place` and
        `ExchangeOrders.reserve`. Emits as these, PaymentCaptured, OrderPaid.
        """
        if not manages(actor):
            raise OrderNotFound
        plan = await self.refunds.plan(tx, replaced, new)
        order, draft = await self.orders.place(tx, actor, replaced, ticket, lines)
        reach("exchange.order_placed")
        payment = await self._pay(tx, order, plan)
        part = None if payment is None else ExchangePart(payment.id, payment.amount_captured)
        pending = await self.refunds.record_plan(tx, actor, replaced, plan, attempt_id, part)
        replaced, made = await self.refunds.settle(tx, actor, replaced, pending)
        note = Step({}, f"Exchanged for order {order.order_number}", is_noted=True)
        replaced = await transitions.record(tx, actor, replaced, note)
        await self.orders.reserve(tx, actor, order, draft)
        reach("exchange.reserved")
        return Exchange(await self._captured(tx, actor, order, payment), replaced, made)

    async def find_started(self, tx: Tx, pending: Sequence[PendingRefund]) -> Order | None:
        """The new order of the refunds of an exchange; None when they are of none. Two statements at most."""
        paid = [each.refund.exchange_payment_id for each in pending]
        ids = [each for each in paid if each is not None]
        if not ids:
            return None
        (payment,) = await self.payment.payments_by_id(tx, ids[:1])
        return await data.order.find_unique(tx, id=payment.order_id)

    async def give_token(self, tx: Tx, order: Order) -> str | None:
        """Give a guest's exchange order a new token, which is stored as a digest only; None for a customer's order.

        An earlier one is not valid any more. One statement.
        """
        if order.user_id is not None:
            return None
        token = exchange_token()
        await data.order.update(tx, id=order.id, data={"guest_token_hash": digest(token)})
        return token

    async def of_orders(self, db: Reader, actor: Actor, order_ids: Sequence[UUID]) -> list[Order]:
        """The orders that replace goods of these, oldest first, which the actor may see. One statement."""
        where: data.OrderWhere = {"exchanged_order_id": {"in": list(order_ids)}}
        found = await data.order.find_many(db, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}])
        return [order for order in found if may_reach(actor, order, None, PermissionAction.READ)]

    async def _pay(self, tx: Tx, order: Order, plan: RefundPlan) -> Payment | None:
        """The payment of the value; None for an order that costs nothing."""
        amount = min(plan.amount, order.total)
        if not amount:
            return None
        method = PaymentMethod.EXCHANGE.value
        return await self.payment.manual_payments.record(tx, order.id, amount, order.currency, method, EXCHANGE)

    async def _captured(self, tx: Tx, actor: Actor, order: Order, payment: Payment | None) -> Order:
        sold = await sql.sold(tx, order.id)
        if payment is None:
            return await self.acceptance.deliver_free(tx, actor, order, sold)
        amount = f"{round_half_up(payment.amount_captured, order.currency):f} {order.currency}"
        captures = [(payment, Step({}, f"{VALUE}: {amount}", is_noted=True))]
        return await self.outcomes.record_tenders(tx, actor, order, captures, sold)
