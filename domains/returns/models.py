"""Return requests as the domain shows them, and the inputs that create, filter and process them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from domains.returns.data import ReturnAuthorizationRow as ReturnAuthorization
from domains.returns.data import (
    ReturnCondition,
    ReturnReason,
    ReturnRefundMethod,
    ReturnRefundStatus,
    ReturnShippingPayer,
    ReturnStatus,
)
from domains.returns.data import ReturnItemRow as ReturnItem
from domains.returns.data import ReturnRefundRow as ReturnRefund
from domains.returns.data import ReturnRequestRow as ReturnRequest
from domains.returns.data import ReturnSettingsRow as ReturnSettings
from domains.returns.data import ReturnStatusHistoryRow as ReturnStatusHistory
from domains.returns.data import ReturnTrackingRow as ReturnTracking
from domains.shipping.parcel_events import TrackingSource, TrackingStatus

__all__ = [
    "Approval",
    "ApprovedUnits",
    "ExchangeWish",
    "InspectedUnits",
    "NewReturn",
    "NewReturnLine",
    "ParcelEvent",
    "ReceivedUnits",
    "ReturnAuthorization",
    "ReturnCondition",
    "ReturnFilter",
    "ReturnItem",
    "ReturnReason",
    "ReturnRefund",
    "ReturnRefundMethod",
    "ReturnRefundStatus",
    "ReturnRequest",
    "ReturnSettings",
    "ReturnShippingPayer",
    "ReturnStatus",
    "ReturnStatusHistory",
    "ReturnTracking",
    "TrackingSource",
    "TrackingStatus",
    "WishedGoods",
]


class ExchangeWish(TypedDict):
    """Goods that the buyer wants in exchange, as `exchange_wishes` stores them; ids are texts."""

    product_id: str
    variant_id: str | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReturnLine:
    """Units of a line of an order to return; without a reason it is that of the request."""

    order_item_id: UUID
    quantity: int
    reason: ReturnReason | None = None
    condition: ReturnCondition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedGoods:
    """Units of a product, or of a variant of it, that the buyer wants in exchange."""

    product_id: UUID
    quantity: int
    variant_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReturn:
    """A return request to create. `wishes` are for an exchange; `override_window` is for staff."""

    order_id: UUID
    reason: ReturnReason
    refund_method: ReturnRefundMethod
    lines: Sequence[NewReturnLine]
    notes: str | None = None
    wishes: Sequence[WishedGoods] = ()
    override_window: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFilter:
    """Conditions on return requests, all of which must hold; None sets no condition."""

    statuses: Sequence[ReturnStatus] | None = None
    reason: ReturnReason | None = None
    rma_number: str | None = None
    order_id: UUID | None = None
    user_id: UUID | None = None
    requested_from: datetime | None = None
    requested_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedUnits:
    """The units of an item whose return is approved."""

    return_item_id: UUID
    approved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What is approved, all units by default, and where and how the goods are sent back.

    Without a warehouse it is the default one, without instructions those of the settings.
    """

    lines: Sequence[ApprovedUnits] | None = None
    warehouse_id: UUID | None = None
    instructions: str | None = None
    carrier_id: UUID | None = None
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedUnits:
    """The units of an item that came now."""

    return_item_id: UUID
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedUnits:
    """The units of an item that were inspected now: sold again from a warehouse, or written off as damaged.

    Without a warehouse they are put into that of the authorization.
    """

    return_item_id: UUID
    restocked: int = 0
    damaged: int = 0
    condition: ReturnCondition | None = None
    warehouse_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelEvent:
    """What is known of the parcel of a return, at the carrier's time."""

    status: TrackingStatus
    timestamp: datetime
    location: str | None = None
    description: str | None = None
