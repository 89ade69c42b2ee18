"""What a company lets be ordered, and by whom: limits of the business (OWASP ASVS 2.4.1).

All of it is settings of the company. Pure, but for the count of unpaid orders.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domains.cart.models import CartContents
from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction
from domains.kernel.values.money import round_half_up
from domains.order.errors import GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders
from domains.order.models import Order, OrderStatus, UnpaidOrders
from domains.order.policy import ORDERS
from domains.payment.models import PaymentMethod

# What is taken on before any money has come.
UNPAID_METHODS: Final = {PaymentMethod.INVOICE, PaymentMethod.CASH_ON_DELIVERY}
# How many orders are placed at the same moment: what a process lets write at once, and one more.
AT_ONCE: Final = 8


def decides(actor: Actor) -> bool:
    """Whether an actor accepts orders for the company: who may move them on."""
    return actor.can(ORDERS, PermissionAction.UPDATE)


def accepts_at_once(company: Company, actor: Actor, total: Decimal) -> bool:
    """Whether an order is taken on unpaid by the company's policy, or by the member of staff who asks."""
    limit = company.accept_unpaid_up_to
    return decides(actor) or (limit is not None and total <= limit)


def pay_until(company: Company, placed_at: datetime) -> datetime:
    """Until when an order holds its goods for its payment."""
    return placed_at + timedelta(minutes=company.payment_minutes)


def accept_until(company: Company, order: Order) -> datetime:
    """Until when an order waits to be accepted: from when it was placed, so that asking again gains no time.

    Never shorter than it waits already.
    """
    until = order.created_at + timedelta(hours=company.acceptance_hours)
    return until if order.expires_at is None else max(until, order.expires_at)


def awaits_acceptance(status: OrderStatus, method: str | None) -> bool:
    """Whether an order that stands there, to be paid in this way, waits for staff to accept it."""
    return status is OrderStatus.PENDING and method in UNPAID_METHODS


def require_checkout(company: Company, actor: Actor) -> None:
    """Raise GuestCheckoutDisabled for a guest where the company sells to customers alone."""
    if not (actor.is_authenticated or company.guest_checkout or decides(actor)):
        raise GuestCheckoutDisabled


def require_size(company: Company, checkout: CartContents, total: Decimal) -> None:
    """Raise OrderTooLarge for an order with more lines, units or money than the company takes at once."""
    lines, units = len(checkout.lines), sum(line.quantity for line in checkout.lines)
    if lines > company.max_order_lines:
        raise OrderTooLarge(f"{company.max_order_lines} lines", f"this has {lines}")
    if units > company.max_order_units:
        raise OrderTooLarge(f"{company.max_order_units} units", f"this has {units}")
    most = company.max_order_value
    if most is not None and total > most:
        shown = (f"{round_half_up(each, company.currency):f} {company.currency}" for each in (most, total))
        raise OrderTooLarge(next(shown), f"this comes to {next(shown)}")


def is_near_limit(company: Company, unpaid: UnpaidOrders, units: int) -> bool:
    """Whether a buyer's orders would pass the limit of unpaid ones if a few such were placed at the same moment."""
    return (
        unpaid.orders + AT_ONCE > company.max_unpaid_orders
        or unpaid.units + units * AT_ONCE > company.max_order_units
    )


def require_few_unpaid(company: Company, unpaid: UnpaidOrders, units: int) -> None:
    """Raise TooManyUnpaidOrders when the buyer has enough orders, or units in them, that wait to be paid or accepted.

    All of them together hold at most as much as the largest order does.
    """
    if unpaid.orders >= company.max_unpaid_orders or (
        unpaid.orders and unpaid.units + units > company.max_order_units
    ):
        raise TooManyUnpaidOrders
