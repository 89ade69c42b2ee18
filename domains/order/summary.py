"""An order's facts and the three summaries that follow from them: status, payment status, fulfilment status. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, Self

from domains.order.data import FulfilmentStatus, OrderPaymentStatus, OrderRow, OrderStatus, OrderUpdate

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The facts of an order: times, sums of units, and sums of money in the order's currency.

    `digital` units, which are not shipped, count as shipped and delivered by the payment of the order. `dropped`
    units are not shipped any more: an edit removed them with their amounts, or they were refunded before shipping,
    where the total stays. `sent_back` units came back or were lost before delivery, `returned` ones came back
    after it. `captured` and `refunded` are sums of what succeeded and is not being cancelled, `repaid` is the part of
    the refunds that returned what was paid above the total, and `charged_back` is what buyers' banks took back.
    """

    total: Decimal
    ordered: int
    digital: int = 0
    dropped: int = 0
    shipped: int = 0
    delivered: int = 0
    sent_back: int = 0
    returned: int = 0
    authorized: Decimal = NOTHING
    captured: Decimal = NOTHING
    refunded: Decimal = NOTHING
    repaid: Decimal = NOTHING
    charged_back: Decimal = NOTHING
    open_attempts: int = 0
    failed_attempts: int = 0
    accepted_at: datetime | None = None
    paid_at: datetime | None = None
    processing_at: datetime | None = None
    cancelled_at: datetime | None = None
    failed_at: datetime | None = None

    @classmethod
    def of(cls, order: OrderRow) -> Self:
        """The facts that an order stores."""
        return cls(**dict(zip(COLUMNS, STORED(order), strict=True)))

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """The facts in a record of the table `orders`."""
        return cls(**{name: record[column] for name, column in COLUMNS.items()})

    @property
    def wanted(self) -> int:
        """The units to be delivered."""
        return self.ordered - self.dropped

    @property
    def shippable(self) -> int:
        """The units that can be shipped: digital ones only by the payment of the order, or if there is none."""
        return self.wanted - (0 if self.paid_at or not self.total else self.digital)

    @property
    def goods_shipped(self) -> int:
        """The shipped units that are not digital."""
        return self.shipped - (self.digital if self.paid_at else 0)

    @property
    def paid(self) -> Decimal:
        """What was paid of the order: captures without what was returned because it was too much."""
        return self.captured - self.repaid

    @property
    def outstanding(self) -> Decimal:
        """The amount that is left to pay."""
        return max(self.total - self.paid, NOTHING)

    @property
    def overpaid(self) -> Decimal:
        """What was paid above the total, after an edit has lowered it, and can still be returned."""
        left = self.captured - self.refunded - self.charged_back
        return max(min(self.paid - self.total, left), NOTHING)

    @property
    def is_refunded(self) -> bool:
        """Whether the order was paid in whole or in part, and all of that was refunded."""
        return self.paid > 0 and self.captured <= self.refunded


# The column of `orders` that stores each fact.
COLUMNS: Final[Mapping[str, str]] = {
    "total": "total",
    "ordered": "units_ordered",
    "digital": "units_digital",
    "dropped": "units_dropped",
    "shipped": "units_shipped",
    "delivered": "units_delivered",
    "sent_back": "units_sent_back",
    "returned": "units_returned",
    "authorized": "amount_authorized",
    "captured": "amount_captured",
    "refunded": "amount_refunded",
    "repaid": "amount_repaid",
    "charged_back": "amount_charged_back",
    "open_attempts": "open_attempts",
    "failed_attempts": "failed_attempts",
    "accepted_at": "accepted_at",
    "paid_at": "paid_at",
    "processing_at": "processing_at",
    "cancelled_at": "cancelled_at",
    "failed_at": "failed_at",
}
STORED: Final = attrgetter(*COLUMNS.values())


def status(facts: OrderFacts) -> OrderStatus:
    """The status of an order."""
    if facts.failed_at:
        return OrderStatus.FAILED
    if facts.cancelled_at:
        return OrderStatus.REFUNDED if facts.is_refunded else OrderStatus.CANCELLED
    if facts.shipped >= facts.wanted:
        return _status_of_shipped(facts)
    return _status_of_unshipped(facts)


def _status_of_unshipped(facts: OrderFacts) -> OrderStatus:
    """The status of an order with units left to ship."""
    if facts.processing_at:
        return OrderStatus.PROCESSING
    if facts.paid_at:
        return OrderStatus.PAID
    if facts.accepted_at:
        return OrderStatus.CONFIRMED
    return OrderStatus.PAYMENT_PENDING if facts.open_attempts else OrderStatus.PENDING


def _status_of_shipped(facts: OrderFacts) -> OrderStatus:
    """The status of an order that was shipped completely."""
    if facts.delivered + facts.sent_back < facts.wanted:
        return OrderStatus.SHIPPED
    if facts.is_refunded:
        return OrderStatus.REFUNDED
    return OrderStatus.DELIVERED if facts.delivered else OrderStatus.CANCELLED


def payment_status(facts: OrderFacts) -> OrderPaymentStatus:
    """How much of an order's total was paid, and how much of that was refunded or charged back.

    A refund of what was paid above the total refunds nothing of the order.
    """
    if facts.charged_back:
        return OrderPaymentStatus.CHARGED_BACK
    if facts.refunded > facts.repaid:
        return OrderPaymentStatus.REFUNDED if facts.is_refunded else OrderPaymentStatus.PARTIALLY_REFUNDED
    if facts.paid:
        return OrderPaymentStatus.PAID if facts.paid >= facts.total else OrderPaymentStatus.PARTIALLY_PAID
    return _status_of_unpaid(facts)


def _status_of_unpaid(facts: OrderFacts) -> OrderPaymentStatus:
    """The payment status of an order of which nothing was captured; a free one counts as paid."""
    if not facts.total:
        return OrderPaymentStatus.PAID
    if facts.authorized:
        return OrderPaymentStatus.AUTHORIZED
    has_failed = facts.failed_attempts and not facts.open_attempts
    return OrderPaymentStatus.FAILED if has_failed else OrderPaymentStatus.PENDING


def fulfilment_status(facts: OrderFacts) -> FulfilmentStatus:
    """How many of an order's units were shipped and delivered, and how many came back."""
    back = facts.sent_back + facts.returned
    if back:
        return FulfilmentStatus.RETURNED if back >= facts.wanted else FulfilmentStatus.PARTIALLY_RETURNED
    if not facts.shipped:
        return FulfilmentStatus.UNFULFILLED
    if facts.shipped < facts.wanted:
        return FulfilmentStatus.PARTIALLY_FULFILLED
    return FulfilmentStatus.DELIVERED if facts.delivered >= facts.wanted else FulfilmentStatus.FULFILLED


def is_completed(facts: OrderFacts) -> bool:
    """Whether an order was paid and delivered completely. A complete refund ends that for good."""
    return status(facts) is OrderStatus.DELIVERED and not facts.outstanding


def summaries(facts: OrderFacts) -> OrderUpdate:
    """The three summaries of an order's facts, as columns of the order."""
    return {
        "status": status(facts),
        "payment_status": payment_status(facts),
        "fulfilment_status": fulfilment_status(facts),
    }
