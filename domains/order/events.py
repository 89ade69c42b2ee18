"""What the order domain tells others. Amounts are in the order's currency."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event
from domains.kernel.settings import SettingsUpdated


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """Something that happened to one order."""

    order_id: UUID
    order_number: str

    @property
    def aggregate_id(self) -> UUID:
        """The order."""
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCreated(OrderEvent):
    """An order was placed; its goods are reserved, it is not paid yet."""

    topic: ClassVar[str] = "order.created"
    user_id: UUID | None
    email: str
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(OrderEvent):
    """An order was accepted without a capture: nothing to pay, by invoice, or cash on delivery."""

    topic: ClassVar[str] = "order.confirmed"
    payment_method: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAwaitsAcceptance(OrderEvent):
    """The buyer chose to pay by invoice or at the door; staff accept the order by `accept_until`, or it ends."""

    topic: ClassVar[str] = "order.awaits_acceptance"
    payment_method: str
    accept_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(OrderEvent):
    """The whole amount of an order was captured. `product_ids` are the products in it, each once."""

    topic: ClassVar[str] = "order.paid"
    payment_id: UUID
    user_id: UUID | None
    product_ids: list[UUID]
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaymentDeclined(OrderEvent):
    """A payment of an order did not come through; the order can be paid again while it lasts."""

    topic: ClassVar[str] = "order.payment_declined"
    payment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStatusChanged(OrderEvent):
    """Staff moved an order on: it is processed, shipped or delivered."""

    topic: ClassVar[str] = "order.status_changed"
    from_status: str
    to_status: str
    tracking_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(OrderEvent):
    """An order was called off, or wholly refunded before it was shipped; its goods are free again."""

    topic: ClassVar[str] = "order.cancelled"
    reason: str | None
    was_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFailed(OrderEvent):
    """An order was not paid or accepted in time; its goods are free again."""

    topic: ClassVar[str] = "order.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(OrderEvent):
    """Money of an order was given back; `is_whole` when nothing of it is left."""

    topic: ClassVar[str] = "order.refunded"
    refund_id: UUID
    amount: Decimal
    currency: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettingsUpdated(SettingsUpdated):
    """Order settings of a company changed."""

    topic: ClassVar[str] = "order.settings_updated"
