"""The statuses of orders in the API, described."""

from domains.order.models import FulfilmentStatus, OrderPaymentStatus, OrderStatus
from gateway.graphql.core.enums import describe

__all__ = ["FulfilmentStatus", "OrderPaymentStatus", "OrderStatus"]

describe(
    OrderStatus,
    "The status of an order. It follows from payments, shipments, refunds and a cancellation.",
    {
        OrderStatus.PENDING: "Created, with its units reserved, and not paid or accepted by staff yet.",
        OrderStatus.PAYMENT_PENDING: "A payment is in progress; its outcome is not known yet.",
        OrderStatus.CONFIRMED: "Accepted without a capture: it is free, or is paid by invoice or cash on delivery. "
        "`orderMarkPaid` records the payment.",
        OrderStatus.PROCESSING: "Staff prepare the order, or have shipped a part of it.",
        OrderStatus.PAID: "The total was captured, or recorded with `orderMarkPaid`.",
        OrderStatus.SHIPPED: "All units were shipped, and some are not delivered yet.",
        OrderStatus.DELIVERED: "All units were delivered to the buyer.",
        OrderStatus.CANCELLED: "Cancelled. The captured amount is refunded; the status is REFUNDED afterwards.",
        OrderStatus.REFUNDED: "Ended, and the whole captured amount was refunded.",
        OrderStatus.FAILED: "Ended because it was not paid or accepted before `expiresAt`; its units are released.",
    },
)
describe(
    OrderPaymentStatus,
    "The payment of an order. It follows from the order's payments and refunds.",
    {
        OrderPaymentStatus.PENDING: "Nothing was paid, and no payment was declined.",
        OrderPaymentStatus.AUTHORIZED: "An amount is authorized and not captured yet.",
        OrderPaymentStatus.PARTIALLY_PAID: "A part of the total was captured.",
        OrderPaymentStatus.PAID: "The total was captured, or there is nothing to pay.",
        OrderPaymentStatus.PARTIALLY_REFUNDED: "A part of the captured amount was refunded.",
        OrderPaymentStatus.REFUNDED: "All of the captured amount was refunded.",
        OrderPaymentStatus.FAILED: "The last payment was declined, and none is in progress.",
        OrderPaymentStatus.CHARGED_BACK: "The buyer's bank took back at least a part; a dispute may still be open.",
    },
)
describe(
    FulfilmentStatus,
    "The fulfilment of an order. It follows from the numbers of units that were shipped, delivered and returned.",
    {
        FulfilmentStatus.UNFULFILLED: "No unit was shipped yet.",
        FulfilmentStatus.PARTIALLY_FULFILLED: "Some units were shipped, and others were not.",
        FulfilmentStatus.FULFILLED: "All units were shipped, and some are not delivered yet.",
        FulfilmentStatus.DELIVERED: "All units were delivered.",
        FulfilmentStatus.PARTIALLY_RETURNED: "Some of the shipped units came back.",
        FulfilmentStatus.RETURNED: "All units came back after they were shipped.",
    },
)
