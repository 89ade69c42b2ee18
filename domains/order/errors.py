"""What the order domain refuses."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import (
    Conflict,
    DomainError,
    ErrorCode,
    InvalidInput,
    NotAllowed,
    NotFound,
    PermissionDenied,
)
from domains.kernel.values.money import round_half_up
from domains.order.data import OrderStatus


class OrderNotFound(NotFound):
    """There is no such order, or it is not for the caller to see."""

    def __init__(self, number: str | None = None, *, field: Sequence[str] = ("order_id",)) -> None:
        super().__init__(
            "There is no such order." if number is None else f"There is no order {number!r}.", field=field
        )


class StatusNotAllowed(NotAllowed):
    """An order cannot go from where it stands to there; `choices` are what staff may set instead."""

    def __init__(self, current: OrderStatus, wanted: OrderStatus, choices: Sequence[OrderStatus]) -> None:
        instead = f"Set it to {' or '.join(choices)}." if choices else "Its status cannot be set by hand now."
        super().__init__(f"An order that is {current} cannot become {wanted}. {instead}", field=("status",))
        self.current = current
        self.wanted = wanted


class StatusFollowsFacts(NotAllowed):
    """A status that nobody sets by hand."""

    def __init__(self, wanted: OrderStatus) -> None:
        ways = {
            OrderStatus.CANCELLED: "use `orderCancel`",
            OrderStatus.REFUNDED: "use `orderRefund`",
            OrderStatus.PAID: "it follows from a captured payment, or use `orderMarkPaid`",
        }
        way = ways.get(wanted, "it follows from what happens to the order")
        super().__init__(f"{wanted} is not set by hand: {way}.", field=("status",))


class OrderNotCancellable(NotAllowed):
    """The order has left the house, has ended, or waits for a payment's outcome.

    Staff who may refund are told to do that once it is shipped, others to ask the shop.
    """

    def __init__(self, status: OrderStatus, *, may_refund: bool) -> None:
        instead = "give the money back with `orderRefund`" if may_refund else "ask the shop about returning it"
        why = {
            OrderStatus.PAYMENT_PENDING: "Its payment is still being settled: try again in a few minutes",
            OrderStatus.SHIPPED: f"It has been shipped: {instead}",
            OrderStatus.DELIVERED: f"It has been delivered: {instead}",
        }.get(status, f"It is {status}")
        super().__init__(f"This order cannot be cancelled. {why}.", field=("order_id",))


class CancellingRefunds(PermissionDenied):
    """Cancelling a paid order gives its money back, for which the actor lacks the permission."""

    def __init__(self) -> None:
        super().__init__("Cancelling an order that was paid refunds it, which needs the permission ORDERS:MANAGE.")


class OrderBeingRefunded(NotAllowed):
    """All that was paid on the order goes back, so it is not sent."""

    def __init__(self) -> None:
        super().__init__(
            "All that was paid on this order is being given back. It can be shipped only if the refund fails.",
            field=("order_id",),
        )


class OrderNotPayable(NotAllowed):
    """Nothing is to be paid on the order as it stands."""

    def __init__(self, status: OrderStatus) -> None:
        super().__init__(f"An order that is {status} is not waiting to be paid.", field=("order_id",))


class OrderNotMarkable(NotAllowed):
    """The order cannot be marked as paid: it is, it never was accepted, it has ended, or costs nothing."""

    def __init__(self, status: OrderStatus, *, is_paid: bool) -> None:
        why = {
            OrderStatus.PENDING: "It was not accepted yet: move it to CONFIRMED with `orderStatusUpdate` first",
            OrderStatus.CANCELLED: "It was cancelled",
            OrderStatus.FAILED: "It was not paid in time and has ended",
            OrderStatus.REFUNDED: "It was refunded",
        }.get(status, "It has been paid already" if is_paid else "There is nothing to pay on it")
        super().__init__(f"This order cannot be marked as paid. {why}.", field=("order_id",))


class GuestCheckoutDisabled(DomainError):
    """The company sells to customers who are signed in, and to nobody else."""

    code = ErrorCode.GUEST_CHECKOUT_DISABLED

    def __init__(self) -> None:
        super().__init__("This shop takes no orders from guests. Sign in or register to order.")


class OrderTooLarge(DomainError):
    """The order is beyond what the company takes in one."""

    code = ErrorCode.ORDER_TOO_LARGE

    def __init__(self, most: str, this: str) -> None:
        super().__init__(
            f"This shop takes orders of at most {most}; {this}. Order in parts, or ask the shop.",
            field=("cart_token",),
        )


class TooManyUnpaidOrders(DomainError):
    """Enough orders of the same customer, or from the same network address, wait to be paid, accepted or sent."""

    code = ErrorCode.TOO_MANY_UNPAID_ORDERS

    def __init__(self) -> None:
        super().__init__(
            "Too many orders of yours, or too many units in them, wait to be paid or accepted, or cost nothing and "
            "were not sent yet. Pay or cancel one of them first."
        )


class OrderExpired(DomainError):
    """The order was not paid in time; its goods are free for others."""

    code = ErrorCode.EXPIRED

    def __init__(self) -> None:
        super().__init__("The time to pay this order is over. Please order again.", field=("order_id",))


class OrderNotRefundable(NotAllowed):
    """Nothing was captured on the order, or all of it was given back."""

    def __init__(self) -> None:
        super().__init__("Nothing of what was paid on this order is left to refund.", field=("order_id",))


class EmailNotConfirmed(NotAllowed):
    """The cart's confirmed address is another one."""

    def __init__(self) -> None:
        super().__init__(
            "Another e-mail address was confirmed for this cart. Order with that one, or confirm this one with "
            "`cartEmailConfirm`.",
            field=("email",),
        )


class ProductUnavailable(NotAllowed):
    """Something in the cart is no longer sold."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is no longer sold. Remove it from the cart to order the rest.", field=("cart_token",)
        )


class PriceChanged(Conflict):
    """The order would cost something else than the buyer was shown."""

    def __init__(self, expected: Decimal, actual: Decimal, currency: str) -> None:
        self.expected, self.actual = (round_half_up(amount, currency) for amount in (expected, actual))
        super().__init__(
            f"The price has changed: the order comes to {self.actual:f} {currency}, not {self.expected:f}. "
            f"Show it to the buyer and send `expectedTotal: {self.actual:f}` to accept it.",
            field=("expected_total",),
        )
        self.currency = currency


class CodeRefused(NotAllowed):
    """A promotion code in the cart does not apply any more."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(
            f"The code {code!r} does not apply: {reason} Remove it, or send the `expectedTotal` without it.",
            field=("cart_token",),
        )


class PatternInvalid(InvalidInput):
    """An order-number pattern that could not number orders."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Example: {{year}}-{{number:06}}, which gives 2026-000042.",
            field=("order_number_pattern",),
        )
