"""The events of shipping labels and their parcels."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEvent(Event):
    """The base of the events about one shipping label."""

    label_id: UUID
    order_id: UUID
    carrier_id: UUID
    tracking_number: str

    @property
    def aggregate_id(self) -> UUID:
        """The label."""
        return self.label_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPurchased(LabelEvent):
    """A carrier sold a label for a parcel of an order. The cost is in the currency of the carrier."""

    topic: ClassVar[str] = "shipping_label.purchased"
    cost: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelVoided(LabelEvent):
    """A label was voided at its carrier, which refunds its cost."""

    topic: ClassVar[str] = "shipping_label.voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelTracked(LabelEvent):
    """A parcel reached another place: `status` is that of its label from now on, `tracked_at` the carrier's time."""

    topic: ClassVar[str] = "parcel.tracked"
    status: str
    tracked_at: datetime
