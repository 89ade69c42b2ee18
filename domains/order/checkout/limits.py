"""What a company lets be ordered, and by whom: limits of the business (OWASP ASVS 2.4.1).

The limits are settings of the company. Pure.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domains.cart.models import CartContents
from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction
from domains.kernel.values.money import Money
from domains.order.errors import GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders
from domains.order.models import Order, OrderSettings, OrderStatus, UnpaidOrders
from domains.order.policy import ORDERS
from domains.payment.models import PaymentMethod

# What is taken on before any money has come.
UNPAID_METHODS: Final = {PaymentMethod.INVOICE, PaymentMethod.CASH_ON_DELIVERY}
# How many orders are placed at the same moment: what a process lets write at once, and one more.
AT_ONCE: Final = 8


def decides(actor: Actor) -> bool:
    """Whether an actor accepts orders for the company: who may move them on."""
    return actor.can(ORDERS, PermissionAction.UPDATE)


def accepts_at_once(settings: OrderSettings, actor: Actor, total: Decimal) -> bool:
    """Whether an order is taken on unpaid by the company's policy, or by the member of staff who asks."""
    limit = settings.accept_unpaid_up_to
    return decides(actor) or (limit is not None and total <= limit)


def pay_until(settings: OrderSettings, placed_at: datetime) -> datetime:
    """Until when an order holds its goods for its payment."""
    return placed_at + timedelta(minutes=settings.payment_minutes)


def accept_until(settings: OrderSettings, order: Order) -> datetime:
    """Until when an order waits to be accepted: from when it was placed, so that asking again gains no time.

    Never shorter than it waits already.
    """
    until = order.created_at + timedelta(hours=settings.acceptance_hours)
    return until if order.expires_at is None else max(until, order.expires_at)


def awaits_acceptance(status: OrderStatus, method: str | None) -> bool:
    """Whether an order that stands there, to be paid in this way, waits for staff to accept it."""
    return status is OrderStatus.PENDING and method in UNPAID_METHODS


def require_checkout(settings: OrderSettings, actor: Actor) -> None:
    """Raise GuestCheckoutDisabled for a guest where the company sells to customers alone."""
    if not (actor.is_authenticated or settings.guest_checkout or decides(actor)):
        raise GuestCheckoutDisabled


def require_size(settings: OrderSettings, most_lines: int, checkout: CartContents, total: Money) -> None:
    """Raise OrderTooLarge for an order with more lines, units or money than the company accepts in one order."""
    lines, units = len(checkout.lines), sum(line.quantity for line in checkout.lines)
    if lines > most_lines:
        raise OrderTooLarge(f"{most_lines} lines", f"this has {lines}")
    if units > settings.max_order_units:
        raise OrderTooLarge(f"{settings.max_order_units} units", f"this has {units}")
    most = settings.max_order_value
    if most is not None and total.amount > most:
        shown = (f"{each.rounded().amount:f} {each.currency}" for each in (Money(most, total.currency), total))
        raise OrderTooLarge(next(shown), f"this comes to {next(shown)}")


def is_near_limit(settings: OrderSettings, unpaid: UnpaidOrders, units: int) -> bool:
    """Whether a buyer's orders would pass the limit of unpaid ones if a few such were placed at the same moment."""
    return (
        unpaid.orders + AT_ONCE > settings.max_unpaid_orders
        or unpaid.units + units * AT_ONCE > settings.max_order_units
    )


def require_few_unpaid(settings: OrderSettings, unpaid: UnpaidOrders, units: int) -> None:
    """Raise TooManyUnpaidOrders when the buyer has enough orders, or units in them, that wait to be paid or accepted.

    All of them together hold at most as much as the largest order does.
    """
    if unpaid.orders >= settings.max_unpaid_orders or (
        unpaid.orders and unpaid.units + units > settings.max_order_units
    ):
        raise TooManyUnpaidOrders
