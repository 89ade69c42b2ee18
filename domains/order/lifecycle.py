"""The life of an order: what may follow on what. Pure; the table is that of the design."""

from collections.abc import Mapping
from typing import Final

from domains.order.data import OrderStatus
from domains.order.errors import StatusNotAllowed

TRANSITIONS: Final[Mapping[OrderStatus, frozenset[OrderStatus]]] = {
    OrderStatus.PENDING: frozenset(
        {OrderStatus.PAYMENT_PENDING, OrderStatus.CONFIRMED, OrderStatus.CANCELLED, OrderStatus.FAILED}
    ),
    OrderStatus.PAYMENT_PENDING: frozenset({OrderStatus.PAID, OrderStatus.PENDING, OrderStatus.FAILED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.PAID, OrderStatus.PROCESSING, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.PROCESSING, OrderStatus.CANCELLED}),
    OrderStatus.PROCESSING: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset({OrderStatus.REFUNDED}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.REFUNDED}),
    OrderStatus.REFUNDED: frozenset(),
    OrderStatus.FAILED: frozenset(),
}
# What staff may say of an order. The rest follows from facts: a capture, a refund, a cancellation, the clock.
BY_HAND: Final = frozenset(
    {OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED}
)
# While an order stands here it holds units: reserved, and sold only when they leave the house.
HOLDS_STOCK: Final = frozenset(
    {
        OrderStatus.PENDING,
        OrderStatus.PAYMENT_PENDING,
        OrderStatus.CONFIRMED,
        OrderStatus.PAID,
        OrderStatus.PROCESSING,
    }
)
# Where an accepted order can be marked as paid: what is paid at the door has left the house long before.
MARKABLE: Final = frozenset(
    {OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED, OrderStatus.DELIVERED}
)


def allows(current: OrderStatus, wanted: OrderStatus, *, is_paid: bool) -> bool:
    """Whether an order may go from one status to another; REFUNDED only when it was paid."""
    return wanted in TRANSITIONS[current] and (wanted is not OrderStatus.REFUNDED or is_paid)


def require(current: OrderStatus, wanted: OrderStatus, *, is_paid: bool) -> None:
    """Raise StatusNotAllowed when an order may not go from one status to the other."""
    if not allows(current, wanted, is_paid=is_paid):
        raise StatusNotAllowed(current, wanted, choices(current, is_paid=is_paid))


def reachable(current: OrderStatus, *, is_paid: bool) -> list[OrderStatus]:
    """What may come next, in the order of the enum."""
    return [status for status in OrderStatus if allows(current, status, is_paid=is_paid)]


def is_markable(current: OrderStatus, *, is_paid: bool) -> bool:
    """Whether staff can mark an order as paid: it was accepted without a capture, and no money has come yet."""
    return current in MARKABLE and not is_paid


def choices(current: OrderStatus, *, is_paid: bool) -> list[OrderStatus]:
    """What staff may choose next, in the order of the enum."""
    return [status for status in reachable(current, is_paid=is_paid) if status in BY_HAND]
