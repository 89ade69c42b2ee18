"""The events of the order domain. Amounts are in the order's currency."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, TypedDict
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """The base of events about one order."""

    order_id: UUID
    order_number: str

    @property
    def aggregate_id(self) -> UUID:
        """The order."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated(OrderEvent):
    """An order was created and its units reserved; it is not paid yet."""

    topic: ClassVar[str] = "order.created"
    personal: ClassVar[tuple[str, ...]] = ("email",)
    user_id: UUID | None
    email: str
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(OrderEvent):
    """An order was accepted without a capture: it is free, or is paid later by invoice or cash on delivery."""

    topic: ClassVar[str] = "order.confirmed"
    payment_method: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAwaitsAcceptance(OrderEvent):
    """The buyer chose invoice or cash on delivery. Staff accept the order until `accept_until`, or it fails."""

    topic: ClassVar[str] = "order.awaits_acceptance"
    payment_method: str
    accept_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(OrderEvent):
    """Captures reached the order's total. `product_ids` lists each product of the order once."""

    topic: ClassVar[str] = "order.paid"
    payment_id: UUID
    user_id: UUID | None
    product_ids: list[UUID]
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaymentStarted(OrderEvent):
    """A buyer has begun to pay an order by card; the result follows as an event of the payment."""

    topic: ClassVar[str] = "order.payment_started"
    payment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaymentDeclined(OrderEvent):
    """A payment of an order took no money; the order can be paid again until its time limit."""

    topic: ClassVar[str] = "order.payment_declined"
    payment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStatusChanged(OrderEvent):
    """Staff accepted, processed, shipped or delivered an order. `to_status` is the resulting status."""

    topic: ClassVar[str] = "order.status_changed"
    from_status: str
    to_status: str
    tracking_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDiscountChanged(OrderEvent):
    """Staff gave or took back a discount of an order that is not paid yet; `total` is the new total."""

    topic: ClassVar[str] = "order.discount_changed"
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdited(OrderEvent):
    """Staff changed the lines or the address of an order, which has another total now, or the same.

    `edit_id` is its OrderEdit. What was paid above the total is refunded by refunds of their own.
    """

    topic: ClassVar[str] = "order.edited"
    edit_id: UUID
    total_before: Decimal
    total_after: Decimal
    currency: str


class ReallocatedUnits(TypedDict):
    """Units of a SKU that another warehouse sends."""

    sku: str
    quantity: int
    from_warehouse_id: UUID
    to_warehouse_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReallocated(OrderEvent):
    """Staff chose other warehouses for reserved units of an order."""

    topic: ClassVar[str] = "order.reallocated"
    lines: list[ReallocatedUnits]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHeld(OrderEvent):
    """Staff put an order on hold, or changed the reason: no shipment of it may be created or dispatched."""

    topic: ClassVar[str] = "order.held"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldReleased(OrderEvent):
    """Staff released the hold of an order: it can be shipped again."""

    topic: ClassVar[str] = "order.hold_released"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """An order was cancelled, or refunded completely before it was shipped; its units were released."""

    topic: ClassVar[str] = "order.cancelled"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    reason: str | None
    was_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFailed(OrderEvent):
    """An order was not paid or accepted in time; its units were released."""

    topic: ClassVar[str] = "order.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(OrderEvent):
    """A refund of an order succeeded; `is_whole` says whether nothing captured is left."""

    topic: ClassVar[str] = "order.refunded"
    refund_id: UUID
    amount: Decimal
    currency: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCompleted(OrderEvent):
    """An order is paid and delivered completely: it was delivered after its payment, or paid after its delivery.

    An order has this event at most once. One that was refunded completely before its delivery has none.
    """

    topic: ClassVar[str] = "order.completed"
    user_id: UUID | None
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettingsUpdated(SettingsUpdated):
    """The order settings of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "order.settings_updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(OrderEvent):
    """An invoice or a credit note of an order was issued; `kind` says which. `refund_id` is that of a credit note."""

    topic: ClassVar[str] = "order.invoice_issued"
    invoice_id: UUID
    kind: str
    number: str
    refund_id: UUID | None
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettingsUpdated(SettingsUpdated):
    """The settings of documents of a company changed; `changed` names the settings."""

    topic: ClassVar[str] = "order.document_settings_updated"
