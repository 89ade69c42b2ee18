"""The topics that are offered to webhooks: events about goods, orders and what follows from them."""

from collections.abc import Mapping, Sequence
from typing import Final

from domains.auth import events as auth
from domains.cart import events as cart
from domains.catalog import events as catalog
from domains.inventory import events as inventory
from domains.inventory.alerts import events as alerts
from domains.inventory.purchase_orders import events as purchase_orders
from domains.inventory.transfers import events as transfers
from domains.kernel.errors import DuplicateValue, TooMany
from domains.kernel.events import Event
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.order import events as order
from domains.payment import events as payment
from domains.payment.gift_cards import events as gift_cards
from domains.promotion import events as promotion
from domains.promotion.coupons import events as coupons
from domains.returns import events as returns
from domains.review import events as review
from domains.shipping.carriers import label_events as labels
from domains.shipping.shipments import events as shipments
from domains.shipping.tracking import events as tracking
from domains.webhook.errors import WebhookTopicUnknown

ALL: Final = "*"
PING: Final = "ping"
"""The topic of the delivery by which an endpoint is tested."""
# Not offered: settings, staff and roles, sign-ins and their secrets, what visitors look at, notes of staff, ledgers.
OFFERED_EVENTS: Final[Sequence[type[Event]]] = (
    auth.UserRegistered,
    auth.UserUpdated,
    auth.UserErased,
    auth.UserMerged,
    catalog.ProductCreated,
    catalog.ProductUpdated,
    catalog.ProductDeleted,
    catalog.PriceChanged,
    catalog.ProductAvailabilityChanged,
    catalog.CategoryChanged,
    catalog.CategoryDeleted,
    review.ReviewCreated,
    review.ReviewUpdated,
    review.ReviewModerated,
    review.ReviewDeleted,
    inventory.StockChanged,
    inventory.BackInStock,
    inventory.StockAdjusted,
    inventory.StockRanLow,
    inventory.StockReserved,
    inventory.StockReleased,
    inventory.StockSold,
    inventory.BackorderCreated,
    inventory.BackorderAllocated,
    inventory.BackorderCancelled,
    alerts.StockRanOut,
    transfers.StockTransferShipped,
    transfers.StockTransferReceived,
    purchase_orders.PurchaseOrderPlaced,
    purchase_orders.PurchaseOrderReceived,
    payment.PaymentAuthorized,
    payment.PaymentCaptured,
    payment.PaymentFailed,
    payment.PaymentCancelled,
    payment.PaymentRefunded,
    payment.RefundFailed,
    payment.PaymentChargedBack,
    payment.ChargebackReversed,
    gift_cards.GiftCardIssued,
    gift_cards.GiftCardUpdated,
    gift_cards.GiftCardWasDisabled,
    gift_cards.GiftCardBalanceAdjusted,
    promotion.PromotionCreated,
    promotion.PromotionUpdated,
    promotion.PromotionDeleted,
    coupons.CouponCreated,
    coupons.CouponUpdated,
    coupons.CouponDeleted,
    labels.LabelPurchased,
    labels.LabelVoided,
    shipments.ShipmentCreated,
    shipments.ShipmentDispatched,
    shipments.ShipmentUpdated,
    shipments.ShipmentCancelled,
    tracking.ShipmentStatusChanged,
    cart.CartAbandoned,
    order.OrderCreated,
    order.OrderConfirmed,
    order.OrderPaid,
    order.OrderStatusChanged,
    order.OrderEdited,
    order.OrderHeld,
    order.OrderHoldReleased,
    order.OrderCancelled,
    order.OrderFailed,
    order.OrderRefunded,
    order.OrderCompleted,
    order.InvoiceIssued,
    returns.ReturnRequested,
    returns.ReturnApproved,
    returns.ReturnRejected,
    returns.ReturnShipped,
    returns.ReturnReceived,
    returns.ReturnInspected,
    returns.ReturnClosed,
    returns.ReturnRefunded,
)
OFFERED: Final[Mapping[str, type[Event]]] = {event.topic: event for event in OFFERED_EVENTS}
PERSONAL: Final[Mapping[str, Sequence[str]]] = {
    topic: list(event.personal) for topic, event in OFFERED.items() if event.personal
}
"""The fields that are left out of deliveries, by topic."""


def checked_topics(topics: Sequence[str] | None) -> list[str]:
    """The topics of an endpoint: some of those offered, each once, or `*` alone.

    Raises Required for none, TooMany, and for all at once WebhookTopicUnknown and DuplicateValue.
    """
    if not topics:
        raise Required("Name at least one topic, or `*` for all.", field=("topics",))
    if len(topics) > len(OFFERED):
        raise TooMany(f"There are {len(OFFERED)} topics. Name each once, or `*` for all.", field=("topics",))
    with collect_errors() as errors:
        for index, topic in enumerate(topics):
            with errors:
                if topic != ALL and topic not in OFFERED:
                    raise WebhookTopicUnknown(index)
                if topic in topics[:index]:
                    raise DuplicateValue("This topic is given twice. Give it once.", field=("topics", str(index)))
    return [ALL] if ALL in topics else list(topics)


def description_of(event: type[Event]) -> str:
    """What an event says: the first paragraph of its documentation."""
    return " ".join((event.__doc__ or "").split("\n\n")[0].split())
