"""Notifications of buyers about their orders, from events: what is told, once for each fact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domains.notification.models import NotificationKind as Kind
from domains.order.events import InvoiceIssued, OrderCancelled, OrderCreated, OrderEdited, OrderFailed, OrderPaid
from domains.order.events import OrderRefunded as OrderWasRefunded
from domains.order.lifecycle import expects_payment
from domains.order.models import Order
from domains.order.summary import OrderFacts
from domains.payment.events import PaymentAuthorizationExpired, PaymentCaptureFailed, PaymentFailed
from domains.returns.events import ReturnApproved, ReturnReceived, ReturnRefunded, ReturnRejected, ReturnRequested
from domains.shipping.shipments.events import ShipmentDispatched
from domains.shipping.tracking.events import ShipmentStatusChanged

Payload = Mapping[str, Any]
ORDER_ID: Final = "order_id"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a buyer is to be told: `fact` names what happened, and `details` what the variables are made of.

    The details are stored with the notification, so that it can be sent again.
    """

    kind: Kind
    fact: str
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


def _of_order(kind: Kind, *names: str) -> Callable[[Payload], Notice]:
    """A notice that each order causes once."""
    return lambda payload: Notice(kind, payload["order_id"], {name: payload[name] for name in names})


def _of(kind: Kind, fact: str, *names: str) -> Callable[[Payload], Notice]:
    """A notice that each fact of an order causes once: the field of the event with its id."""
    return lambda payload: Notice(kind, payload[fact], {name: payload[name] for name in (fact, *names)})


NOTICES: Final[Mapping[str, Callable[[Payload], Notice]]] = {
    OrderCreated.topic: _of_order(Kind.ORDER_PLACED),
    OrderPaid.topic: _of_order(Kind.ORDER_PAID),
    OrderEdited.topic: _of(Kind.ORDER_EDITED, "edit_id"),
    OrderCancelled.topic: _of_order(Kind.ORDER_CANCELLED, "reason"),
    OrderFailed.topic: _of_order(Kind.ORDER_CANCELLED),
    OrderWasRefunded.topic: _of(Kind.ORDER_REFUNDED, "refund_id"),
    InvoiceIssued.topic: _of(Kind.INVOICE_ISSUED, "invoice_id", "number", "kind"),
    PaymentFailed.topic: _of(Kind.PAYMENT_FAILED, "payment_id", "failure_reason"),
    PaymentCaptureFailed.topic: _of(Kind.PAYMENT_FAILED, "payment_id", "failure_reason"),
    PaymentAuthorizationExpired.topic: _of(Kind.PAYMENT_FAILED, "payment_id", "failure_reason"),
    ShipmentDispatched.topic: _of(Kind.ORDER_SHIPPED, "shipment_id"),
    ShipmentStatusChanged.topic: _of(Kind.ORDER_DELIVERED, "shipment_id"),
    ReturnRequested.topic: _of(Kind.RETURN_REQUESTED, "return_request_id"),
    ReturnApproved.topic: _of(Kind.RETURN_APPROVED, "return_request_id"),
    ReturnRejected.topic: _of(Kind.RETURN_REJECTED, "return_request_id"),
    ReturnReceived.topic: _of(Kind.RETURN_RECEIVED, "return_request_id"),
    ReturnRefunded.topic: _of(Kind.RETURN_REFUNDED, "return_refund_id", "return_request_id"),
}
"""The notice of each event that a buyer is told of. Each of these events has the id of the order."""


def concerns(payload: Payload) -> bool:
    """Whether the buyer is told: of a parcel that arrived, a return that came completely, a refund that succeeded."""
    is_on_its_way = payload.get("to_status") not in {None, "DELIVERED"}
    is_partial = payload.get("is_complete") is False
    is_open = "return_refund_id" in payload and payload["status"] != "COMPLETED"
    return not (is_on_its_way or is_partial or is_open)


def is_current(kind: Kind, order: Order) -> bool:
    """Whether what is told is still so: an order that has ended is told to have ended only."""
    has_ended = order.cancelled_at is not None or order.failed_at is not None
    if kind is Kind.ORDER_CANCELLED:
        return has_ended
    if kind in {Kind.ORDER_PLACED, Kind.ORDER_PAID, Kind.ORDER_EDITED}:
        return not has_ended
    if kind is Kind.PAYMENT_FAILED:
        return expects_payment(OrderFacts.of(order))
    if kind in {Kind.ORDER_SHIPPED, Kind.ORDER_DELIVERED}:
        return order.pickup_warehouse_id is None
    return True
