"""Acceptance: accepting an order without a capture, to be paid by invoice or cash on delivery."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.settings import SettingsTable
from domains.order import transitions
from domains.order.completion import emit_if_completed
from domains.order.data import OrderUpdate
from domains.order.digital.delivery import delivery, is_delivered_free, take_out_of_stock
from domains.order.events import OrderAwaitsAcceptance, OrderConfirmed
from domains.order.models import Order, OrderSettings, OrderStatus
from domains.order.policy import accepts_orders
from domains.order.sales.sales import Sales
from domains.order.sales.sold_order import SoldOrder
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.payment.models import PaymentMethod

# The payment methods of orders that are accepted before they are paid.
UNPAID_METHODS: Final = {PaymentMethod.INVOICE, PaymentMethod.CASH_ON_DELIVERY}


class Acceptance:
    """Accepts orders, at once or by staff."""

    def __init__(
        self, settings: SettingsTable[OrderSettings], inventory: InventoryService, sales: Sales, clock: Clock
    ) -> None:
        self._settings = settings
        self._inventory = inventory
        self._sales = sales
        self._clock = clock

    async def request(self, tx: Tx, actor: Actor, order: Order, method: PaymentMethod) -> Order:
        """Choose to pay a locked order by invoice or cash on delivery.

        The company's settings accept it at once, its units then reserved without a time limit; otherwise it waits for
        staff. Emits OrderConfirmed or OrderAwaitsAcceptance.
        """
        settings = await self._settings.current(tx)
        if not accepts_at_once(settings, actor, OrderFacts.of(order).outstanding):
            return await self._await_acceptance(tx, actor, order, method, accept_until(settings, order))
        order = await self.accept(tx, actor, order, Step({"payment_method": method.value}))
        tx.emit(OrderConfirmed(order_id=order.id, order_number=order.order_number, payment_method=method.value))
        return order

    async def accept(self, tx: Tx, actor: Actor, order: Order, step: Step) -> Order:
        """Accept a locked order, with the facts of the step; its units stay reserved without a time limit."""
        accepted: OrderUpdate = {**step.facts, "accepted_at": self._clock.now(), "expires_at": None}
        after = await transitions.record(tx, actor, order, replace(step, facts=accepted))
        await self.keep(tx, order, after)
        return after

    async def deliver_free(self, tx: Tx, actor: Actor, order: Order, sold: SoldOrder) -> Order:
        """Deliver a new order that has nothing to pay and digital goods alone, as a payment does.

        No statement for any other order, otherwise one, and those of its stock. Emits StockSold, OrderCompleted.
        """
        if not is_delivered_free(order, sold):
            return order
        delivered = await transitions.record(tx, actor, order, *delivery(order, sold, self._clock.now()))
        await self._inventory.reservations.confirm(tx, actor, order.id)
        emit_if_completed(tx, order, delivered)
        return delivered

    async def keep(self, tx: Tx, before: Order, after: Order, sold: SoldOrder | None = None) -> None:
        """Keep the units of a locked order whose time limit has been removed, and post its sale.

        The units of digital goods are sold with the payment. One statement for the units, none or one as
        `Sales.follow`, and as `take_out_of_stock`.
        """
        if before.expires_at is not None and after.expires_at is None:
            await self._inventory.reservations.remove_expiry(tx, after.id)
        if sold is not None:
            await take_out_of_stock(tx, self._inventory, before, after, sold)
        await self._sales.follow(tx, before, after, sold)

    async def _await_acceptance(
        self, tx: Tx, actor: Actor, order: Order, method: PaymentMethod, until: datetime
    ) -> Order:
        """Set the payment method and the time limit of an order that staff must accept. Idempotent."""
        if order.payment_method == method.value:
            return order
        await self._inventory.reservations.set_expiry(tx, order.id, until)
        number = order.order_number
        tx.emit(
            OrderAwaitsAcceptance(
                order_id=order.id, order_number=number, payment_method=method.value, accept_until=until
            )
        )
        chosen: OrderUpdate = {"payment_method": method.value, "expires_at": until}
        return await transitions.record(
            tx, actor, order, Step(chosen, f"{method}: waits to be accepted", is_noted=True)
        )


def accepts_at_once(settings: OrderSettings, actor: Actor, outstanding: Decimal) -> bool:
    """Whether an order with this amount left is accepted by the company's settings, or because the actor is staff."""
    limit = settings.accept_unpaid_up_to
    return accepts_orders(actor) or (limit is not None and outstanding <= limit)


def accept_until(settings: OrderSettings, order: Order) -> datetime:
    """The time until which an order can be accepted, counted from its creation.

    Repeated requests do not extend it. Never earlier than the order's current time limit.
    """
    until = order.created_at + timedelta(hours=settings.acceptance_hours)
    return until if order.expires_at is None else max(until, order.expires_at)


def awaits_acceptance(order: Order) -> bool:
    """Whether an order is to be paid by invoice or cash on delivery and waits for staff to accept it."""
    return order.status is OrderStatus.PENDING and order.payment_method in UNPAID_METHODS
