"""Limits of the checkout by the company's settings: order size, unpaid orders, guests. Pure.

They are the business limits of OWASP ASVS 2.4.1.
"""

from datetime import datetime, timedelta
from typing import Final

from domains.cart.models import CartContents
from domains.kernel.actor import Actor
from domains.kernel.values.money import Money
from domains.order.errors import GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders
from domains.order.models import OrderSettings, UnpaidOrders
from domains.order.policy import accepts_orders

# The orders that may be created at the same moment: the write transactions of a process, and one more.
AT_ONCE: Final = 8


def pay_until(settings: OrderSettings, placed_at: datetime) -> datetime:
    """The time until which an order keeps its units reserved for its payment."""
    return placed_at + timedelta(minutes=settings.payment_minutes)


def require_checkout(settings: OrderSettings, actor: Actor) -> None:
    """Raise GuestCheckoutDisabled for a guest where the company sells to customers with an account only."""
    if not (actor.is_authenticated or settings.guest_checkout or accepts_orders(actor)):
        raise GuestCheckoutDisabled


def require_size(settings: OrderSettings, most_lines: int, checkout: CartContents, total: Money) -> None:
    """Raise OrderTooLarge for an order that exceeds the company's limit on lines, units or value."""
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
    """Whether a few such orders at the same moment would pass the buyer's limit on unpaid orders."""
    return (
        unpaid.orders + AT_ONCE > settings.max_unpaid_orders
        or unpaid.units + units * AT_ONCE > settings.max_order_units
    )


def require_few_unpaid(settings: OrderSettings, unpaid: UnpaidOrders, units: int) -> None:
    """Raise TooManyUnpaidOrders when the buyer has too many orders, or units in them, that wait.

    All of them together reserve at most as many units as the largest order.
    """
    if unpaid.orders >= settings.max_unpaid_orders or (
        unpaid.orders and unpaid.units + units > settings.max_order_units
    ):
        raise TooManyUnpaidOrders
