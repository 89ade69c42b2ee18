"""The errors of the order domain."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from domains.kernel.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotAllowed,
    NotFound,
    PermissionDenied,
)
from domains.kernel.text.plurals import counted
from domains.kernel.values.money import round_half_up
from domains.order.data import OrderStatus

_SHOWN: Final = 10


class OrderNotFound(NotFound):
    """No order has this id, number or token, or the actor may not see it."""

    def __init__(self, number: str | None = None, *, field: Sequence[str] = ("order_id",)) -> None:
        super().__init__(
            "There is no such order." if number is None else f"There is no order {number!r}.", field=field
        )


class OrdersOpen(NotAllowed):
    """The person has orders that are not completed or not paid, or cancelled and not refunded yet."""

    def __init__(self, numbers: Sequence[str]) -> None:
        shown = ", ".join(numbers[:_SHOWN]) + (" and more" if len(numbers) > _SHOWN else "")
        super().__init__(f"There are open orders: {shown}. Complete, cancel or refund them first.")
        self.numbers = numbers


class StatusNotAllowed(NotAllowed):
    """An order of this status cannot become that one now; `choices` are the statuses that can be set instead."""

    def __init__(self, current: OrderStatus, wanted: OrderStatus, choices: Sequence[OrderStatus]) -> None:
        instead = f"Set it to {' or '.join(choices)}." if choices else "No status can be set now."
        super().__init__(f"An order that is {current} cannot become {wanted}. {instead}", field=("status",))
        self.current = current
        self.wanted = wanted


class StatusNotSettable(NotAllowed):
    """The status follows from payments, refunds, a cancellation or time; no command sets it."""

    def __init__(self, status: OrderStatus) -> None:
        alternatives = {
            OrderStatus.CANCELLED: "cancel the order instead",
            OrderStatus.REFUNDED: "refund the order instead",
            OrderStatus.PAID: "it follows from a captured payment or a manual one",
        }
        alternative = alternatives.get(status, "it follows from the payments and time limits")
        super().__init__(f"The status {status} cannot be set: {alternative}.", field=("status",))


class OrderNotDiscountable(NotAllowed):
    """The order is paid, accepted, or has ended, or waits for the outcome of a payment."""

    def __init__(self, status: OrderStatus) -> None:
        reason = {
            OrderStatus.PENDING: "A part of it is paid: refund instead",
            OrderStatus.PAYMENT_PENDING: "A payment of it is in progress: try again in a few minutes",
        }.get(status, f"It is {status}")
        super().__init__(f"The discounts of this order cannot be changed. {reason}.", field=("order_id",))


class DiscountNotFound(NotFound):
    """The order has no manual discount with this id."""

    def __init__(self) -> None:
        super().__init__("The order has no manual discount with this id.", field=("discount_id",))


class OrderNotShippable(NotAllowed):
    """The order is not accepted or paid yet, has ended, or has no shipping address."""

    def __init__(self, status: OrderStatus, *, has_address: bool = True) -> None:
        reason = {
            OrderStatus.PENDING: "It is not paid or accepted yet",
            OrderStatus.PAYMENT_PENDING: "Its payment is still being processed: try again in a few minutes",
        }.get(status, f"It is {status}")
        if not has_address:
            reason = "It has no shipping address"
        super().__init__(f"No shipping label can be bought for this order. {reason}.", field=("order_id",))


class OrderOnHold(NotAllowed):
    """The order is on hold, so no shipment of it can be created or dispatched."""

    def __init__(self, reason: str | None) -> None:
        why = f": {reason}" if reason else ""
        super().__init__(f"This order is on hold{why}. End the hold first, then ship it.", field=("order_id",))


class OrderNotHoldable(NotAllowed):
    """The order was shipped completely or has ended, so nothing is left that could be held back."""

    def __init__(self, status: OrderStatus) -> None:
        super().__init__(f"This order is {status}: no units are left that could be held back.", field=("order_id",))


class OrderNotOnHold(NotAllowed):
    """The order is not on hold, so there is no hold to release."""

    def __init__(self) -> None:
        super().__init__("This order is not on hold. It can be shipped as usual.", field=("order_id",))


class OrderNotCancellable(NotAllowed):
    """The order was shipped, has ended, or waits for the outcome of a payment.

    For a shipped order the message tells staff who may refund to do so, and others to ask the shop.
    """

    def __init__(self, status: OrderStatus, *, may_refund: bool) -> None:
        instead = "refund it instead" if may_refund else "ask the shop about returning it"
        reason = {
            OrderStatus.PAYMENT_PENDING: "Its payment is still being processed: try again in a few minutes",
            OrderStatus.SHIPPED: f"It has been shipped: {instead}",
            OrderStatus.DELIVERED: f"It has been delivered: {instead}",
        }.get(status, f"It is {status}")
        super().__init__(f"This order cannot be cancelled. {reason}.", field=("order_id",))


class OrderNotReallocatable(NotAllowed):
    """The order was shipped or has ended, so no warehouse sends units of it any more."""

    def __init__(self, status: OrderStatus) -> None:
        super().__init__(
            f"This order is {status}: no units are left to be sent from another warehouse.", field=("order_id",)
        )


class RefundPermissionRequired(PermissionDenied):
    """The actor may not refund, so the actor cannot cancel a paid order."""

    def __init__(self) -> None:
        super().__init__("Cancelling a paid order refunds it, which needs the permission ORDERS:MANAGE.")


class OrderBeingRefunded(NotAllowed):
    """The whole payment of the order was refunded or is being refunded, so the order cannot be shipped."""

    def __init__(self) -> None:
        super().__init__(
            "The whole payment of this order is being refunded. The order can be shipped only if the refund fails.",
            field=("order_id",),
        )


class OrderNotPayable(NotAllowed):
    """The order cannot be paid: it was paid, has ended, or costs nothing."""

    def __init__(self, status: OrderStatus) -> None:
        super().__init__(f"An order that is {status} cannot be paid.", field=("order_id",))


class OrderNotMarkable(NotAllowed):
    """The order cannot be marked as paid: it was paid, has ended, or costs nothing."""

    def __init__(self, status: OrderStatus, *, is_paid: bool) -> None:
        reason = {
            OrderStatus.CANCELLED: "It was cancelled",
            OrderStatus.FAILED: "It was not paid in time and has ended",
            OrderStatus.REFUNDED: "It was refunded",
        }.get(status, "It has been paid already" if is_paid else "There is nothing to pay")
        super().__init__(f"This order cannot be marked as paid. {reason}.", field=("order_id",))


class GuestCheckoutDisabled(DomainError):
    """The company sells to customers with an account only."""

    def __init__(self) -> None:
        super().__init__("This shop takes no orders from guests. Log in or register to order.")


class OrderTooLarge(DomainError):
    """The order exceeds a limit of the company on lines, units or value."""

    def __init__(self, maximum: str, actual: str) -> None:
        super().__init__(
            f"This shop takes orders of at most {maximum}; {actual}. Order in parts, or ask the shop.",
            field=("cart_token",),
        )


class TooManyUnpaidOrders(DomainError):
    """The customer or the network has too many orders that are not paid, accepted or processed yet."""

    def __init__(self) -> None:
        super().__init__(
            "Too many orders, or too many units in orders, of your account or your network are not paid or accepted "
            "yet, or not processed if they are free. Pay or cancel one of them first."
        )


class OrderExpired(DomainError):
    """The time limit to pay the order has passed."""

    def __init__(self) -> None:
        super().__init__("The time limit to pay this order has passed. Order again.", field=("order_id",))


class OrderNotRefundable(NotAllowed):
    """Nothing was captured on the order, or all of it was refunded."""

    def __init__(self) -> None:
        super().__init__("This order has no captured amount left to refund.", field=("order_id",))


class StoreCreditNeedsCustomer(NotAllowed):
    """A guest has no store credit, and neither has a customer who was erased."""

    def __init__(self) -> None:
        super().__init__(
            "The buyer of this order has no account, so there is no store credit. Refund the original payment, or "
            "issue a gift card.",
            field=("destination",),
        )


class ExchangeNeedsOrder(NotAllowed):
    """A refund to an exchange is made with the order that it pays."""

    def __init__(self) -> None:
        super().__init__(
            "A refund pays an exchange only together with its new order. Create the exchange, or choose another "
            "destination.",
            field=("destination",),
        )


class OrderItemNotFound(NotFound):
    """The order has no line with this id."""

    def __init__(self) -> None:
        super().__init__("The order has no line with this id.", field=("order_item_id",))


class RefundQuantityTooLarge(DomainError):
    """More units of a line are to be refunded than are left of it."""

    def __init__(self, requested: int, left: int) -> None:
        units = counted(left, "of this line is", "of this line are")
        super().__init__(
            f"{counted(requested, 'unit')} cannot be refunded: {units} left.",
            field=("quantity",),
        )
        self.requested = requested
        self.left = left


class GiftCardsSpent(NotAllowed):
    """Gift cards that are to be refunded were spent, in part at least, or have expired."""

    def __init__(self, wanted: int, unspent: int) -> None:
        units = counted(unspent, "of this line is", "of this line are")
        super().__init__(
            f"{counted(wanted, 'gift card')} cannot be taken back: {units} unspent. Refund fewer units, or an "
            "amount.",
            field=("order_id",),
        )
        self.wanted = wanted
        self.unspent = unspent


class EmailNotConfirmed(NotAllowed):
    """A different e-mail address was confirmed for the cart."""

    def __init__(self) -> None:
        super().__init__(
            "Another e-mail address was confirmed for this cart. Order with that one, or confirm this one first.",
            field=("email",),
        )


class ProductUnavailable(NotAllowed):
    """A product in the cart is no longer sold."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} is no longer sold. Remove it from the cart to order the rest.", field=("cart_token",)
        )


class PriceChanged(Conflict):
    """The total of the order differs from the total that the buyer was shown."""

    def __init__(self, expected: Decimal, actual: Decimal, currency: str) -> None:
        self.expected, self.actual = (round_half_up(amount, currency) for amount in (expected, actual))
        super().__init__(
            f"The price has changed: the total is {self.actual:f} {currency}, not {self.expected:f}. "
            f"Show it to the buyer and send `expected_total: {self.actual:f}` to accept it.",
            field=("expected_total",),
        )
        self.currency = currency


class TenderBalanceChanged(Conflict):
    """Gift cards and store credit pay less of the order than the buyer was shown.

    `actual` is left to pay in money, `expected` was shown; None when the buyer was shown no amount.
    """

    def __init__(self, expected: Decimal | None, actual: Decimal, currency: str) -> None:
        self.expected = None if expected is None else round_half_up(expected, currency)
        self.actual = round_half_up(actual, currency)
        shown = "" if self.expected is None else f", not {self.expected:f}"
        super().__init__(
            f"A gift card or store credit pays less than before: {self.actual:f} {currency} is left to pay{shown}. "
            f"Show it to the buyer and send `expected_amount_due: {self.actual:f}` to accept it.",
            field=("expected_amount_due",),
        )
        self.currency = currency


class PromoCodeRefused(NotAllowed):
    """A promotion code in the cart no longer applies."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(
            f"The code {code!r} does not apply: {reason} Remove it, or send the `expected_total` without it.",
            field=("cart_token",),
        )


class OrderNumberPatternInvalid(InvalidInput):
    """The pattern of the numbers of orders, invoices or credit notes is not valid."""

    def __init__(self, reason: str, *, field: str = "order_number_pattern") -> None:
        super().__init__(f"{reason} Example: {{year}}-{{number:06}}, which gives 2026-000042.", field=(field,))
