"""What the order domain refuses."""

from collections.abc import Sequence
from decimal import Decimal

from domains.kernel.errors import Conflict, DomainError, NotAllowed, NotFound, PermissionDenied
from domains.kernel.values.money import round_half_up
from domains.order.data import OrderStatus


class OrderNotFound(NotFound):
    """There is no such order, or it is not for the caller to see."""

    def __init__(self, number: str | None = None, *, field: Sequence[str] = ("order_id",)) -> None:
        super().__init__(
            "There is no such order." if number is None else f"There is no order {number!r}.", field=field
        )


class StatusNotAllowed(NotAllowed):
    """The order cannot change from its status to the one that was asked for; `choices` are the allowed ones."""

    def __init__(self, current: OrderStatus, wanted: OrderStatus, choices: Sequence[OrderStatus]) -> None:
        instead = f"Set it to {' or '.join(choices)}." if choices else "Its status cannot be set by hand now."
        super().__init__(f"An order that is {current} cannot become {wanted}. {instead}", field=("status",))
        self.current = current
        self.wanted = wanted


class StatusFollowsFacts(NotAllowed):
    """The status is not set directly: it follows from payments, refunds and cancellation."""

    code = "STATUS_NOT_SETTABLE"

    def __init__(self, wanted: OrderStatus) -> None:
        ways = {
            OrderStatus.CANCELLED: "use `orderCancel`",
            OrderStatus.REFUNDED: "use `orderRefund`",
            OrderStatus.PAID: "it follows from a captured payment, or use `orderMarkPaid`",
        }
        way = ways.get(wanted, "it follows from what happens to the order")
        super().__init__(f"{wanted} is not set by hand: {way}.", field=("status",))


class OrderNotCancellable(NotAllowed):
    """The order was shipped, has ended, or a payment of it is in progress.

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
    """The whole amount is being refunded, so the order cannot be shipped."""

    def __init__(self) -> None:
        super().__init__(
            "All that was paid on this order is being given back. It can be shipped only if the refund fails.",
            field=("order_id",),
        )


class OrderNotPayable(NotAllowed):
    """The order does not wait for a payment."""

    def __init__(self, status: OrderStatus) -> None:
        super().__init__(f"An order that is {status} is not waiting to be paid.", field=("order_id",))


class OrderNotMarkable(NotAllowed):
    """The order cannot be marked as paid: it is paid, not accepted, ended, or free."""

    def __init__(self, status: OrderStatus, *, is_paid: bool) -> None:
        why = {
            OrderStatus.PENDING: "It was not accepted yet: move it to CONFIRMED with `orderStatusUpdate` first",
            OrderStatus.CANCELLED: "It was cancelled",
            OrderStatus.FAILED: "It was not paid in time and has ended",
            OrderStatus.REFUNDED: "It was refunded",
        }.get(status, "It has been paid already" if is_paid else "There is nothing to pay on it")
        super().__init__(f"This order cannot be marked as paid. {why}.", field=("order_id",))


class GuestCheckoutDisabled(DomainError):
    """The shop takes orders of signed-in customers only."""

    def __init__(self) -> None:
        super().__init__("This shop takes no orders from guests. Sign in or register to order.")


class OrderTooLarge(DomainError):
    """The order exceeds the limit of units, lines or value of one order."""

    def __init__(self, most: str, this: str) -> None:
        super().__init__(
            f"This shop takes orders of at most {most}; {this}. Order in parts, or ask the shop.",
            field=("cart_token",),
        )


class TooManyUnpaidOrders(DomainError):
    """Too many orders of the same customer or network address wait to be paid, accepted or sent."""

    def __init__(self) -> None:
        super().__init__(
            "Too many orders of yours, or too many units in them, wait to be paid or accepted, or cost nothing and "
            "were not sent yet. Pay or cancel one of them first."
        )


class OrderExpired(DomainError):
    """The order was not paid in time and its stock was released."""

    def __init__(self) -> None:
        super().__init__("The time to pay this order is over. Please order again.", field=("order_id",))


class OrderNotRefundable(NotAllowed):
    """Nothing was captured on the order, or all of it was refunded."""

    def __init__(self) -> None:
        super().__init__("Nothing of what was paid on this order is left to refund.", field=("order_id",))


class EmailNotConfirmed(NotAllowed):
    """The e-mail address differs from the one that was confirmed for the cart."""

    def __init__(self) -> None:
        super().__init__(
            "Another e-mail address was confirmed for this cart. Order with that one, or confirm this one with "
            "`cartEmailConfirm`.",
            field=("email",),
        )


class ProductUnavailable(NotAllowed):
    """A product in the cart is no longer for sale."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is no longer sold. Remove it from the cart to order the rest.", field=("cart_token",)
        )


class PriceChanged(Conflict):
    """The total of the order differs from `expectedTotal`."""

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

    code = "PROMO_CODE_REFUSED"

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(
            f"The code {code!r} does not apply: {reason} Remove it, or send the `expectedTotal` without it.",
            field=("cart_token",),
        )
