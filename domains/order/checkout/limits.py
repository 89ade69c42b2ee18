"""Limits of the checkout by the company's settings: order size, unpaid orders, guests. Pure.

They are the business limits of OWASP ASVS 2.4.1.
"""

from datetime import datetime, timedelta
from typing import Final

from domains.cart.models import CartContents
from domains.kernel.actor import Actor
from domains.kernel.text.plurals import counted
from domains.kernel.values.money import Money
from domains.order.errors import GuestCheckoutDisabled, OrderTooLarge, TooManyUnpaidOrders
from domains.order.models import OrderSettings, UnpaidOrders
from domains.order.policy import accepts_orders
from domains.payment.gift_cards.issuance import MAX_ISSUED

# The number of orders that can be created concurrently: the write transactions of a process, and one more.
MAX_CONCURRENT_ORDERS: Final = 8
MAX_GIFT_CARDS: Final = MAX_ISSUED  # by the transaction that pays the order


def pay_until(settings: OrderSettings, placed_at: datetime) -> datetime:
    """The time until which an order can be paid and keeps its units reserved."""
    return placed_at + timedelta(minutes=settings.payment_minutes)


def require_checkout(settings: OrderSettings, actor: Actor) -> None:
    """Raise GuestCheckoutDisabled for a guest where the company sells to customers with an account only."""
    if not (actor.is_authenticated or settings.guest_checkout or accepts_orders(actor)):
        raise GuestCheckoutDisabled


def require_size(settings: OrderSettings, max_lines: int, contents: CartContents, total: Money) -> None:
    """Raise OrderTooLarge for more than 100 gift cards, or above the company's limit on lines, units or value."""
    lines, units = len(contents.lines), sum(line.quantity for line in contents.lines)
    if lines > max_lines:
        raise OrderTooLarge(counted(max_lines, "line"), f"this order has {lines}")
    if units > settings.max_order_units:
        raise OrderTooLarge(counted(settings.max_order_units, "unit"), f"this order has {units}")
    gift_cards = sum(line.quantity for line in contents.lines if line.offer.product.is_gift_card)
    if gift_cards > MAX_GIFT_CARDS:
        raise OrderTooLarge(f"{MAX_GIFT_CARDS} gift cards", f"this order has {gift_cards}")
    max_value = settings.max_order_value
    if max_value is not None and total.amount > max_value:
        shown = (
            f"{money.rounded().amount:f} {money.currency}" for money in (Money(max_value, total.currency), total)
        )
        raise OrderTooLarge(next(shown), f"the total is {next(shown)}")


def is_near_limit(settings: OrderSettings, unpaid: UnpaidOrders, units: int) -> bool:
    """Whether a few concurrent orders like this would exceed the buyer's limit on unpaid orders."""
    return (
        unpaid.orders + MAX_CONCURRENT_ORDERS > settings.max_unpaid_orders
        or unpaid.units + units * MAX_CONCURRENT_ORDERS > settings.max_order_units
    )


def require_few_unpaid(settings: OrderSettings, unpaid: UnpaidOrders, units: int) -> None:
    """Raise TooManyUnpaidOrders when the buyer has too many unpaid orders, or units in them.

    Together they can reserve at most as many units as the largest order.
    """
    if unpaid.orders >= settings.max_unpaid_orders or (
        unpaid.orders and unpaid.units + units > settings.max_order_units
    ):
        raise TooManyUnpaidOrders
