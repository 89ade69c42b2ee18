"""Limits of the checkout by the company's settings: order size, unpaid orders, guests. Pure.

They are the business limits of OWASP ASVS 2.4.1.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domains.cart.models import CartContents
from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.values.money import round_half_up
from domains.order.errors import GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders
from domains.order.models import UnpaidOrders
from domains.order.policy import accepts_orders

# The orders that may be created at the same moment: the write transactions of a process, and one more.
AT_ONCE: Final = 8


def pay_until(company: Company, placed_at: datetime) -> datetime:
    """The time until which an order keeps its units reserved for its payment."""
    return placed_at + timedelta(minutes=company.payment_minutes)


def require_checkout(company: Company, actor: Actor) -> None:
    """Raise GuestCheckoutDisabled for a guest where the company sells to customers with an account only."""
    if not (actor.is_authenticated or company.guest_checkout or accepts_orders(actor)):
        raise GuestCheckoutDisabled


def require_size(company: Company, checkout: CartContents, total: Decimal) -> None:
    """Raise OrderTooLarge for an order that exceeds the company's limit on lines, units or value."""
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
    """Whether a few such orders at the same moment would pass the buyer's limit on unpaid orders."""
    return (
        unpaid.orders + AT_ONCE > company.max_unpaid_orders
        or unpaid.units + units * AT_ONCE > company.max_order_units
    )


def require_few_unpaid(company: Company, unpaid: UnpaidOrders, units: int) -> None:
    """Raise TooManyUnpaidOrders when the buyer has too many orders, or units in them, that wait.

    All of them together reserve at most as many units as the largest order.
    """
    if unpaid.orders >= company.max_unpaid_orders or (
        unpaid.orders and unpaid.units + units > company.max_order_units
    ):
        raise TooManyUnpaidOrders
