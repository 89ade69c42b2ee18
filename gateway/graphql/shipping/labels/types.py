"""The GraphQL types of shipping labels and the tracking of their parcels."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.shipping.carriers import models
from domains.shipping.carriers.models import LabelStatus, TrackingStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.shipping.carriers.loaders import load_carriers
from gateway.graphql.shipping.carriers.queries import MAY_READ as READS_SETTINGS
from gateway.graphql.shipping.carriers.types import Carrier
from gateway.graphql.shipping.labels.loaders import load_labels_of_orders

READS_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)
DOCUMENT_PATH: Final = "/shipping-labels/{label_id}.pdf"

describe(
    LabelStatus,
    "The status of a shipping label.",
    {
        LabelStatus.PENDING: "The carrier has not answered yet; it is asked again.",
        LabelStatus.PURCHASED: "The label was bought and can be used.",
        LabelStatus.VOIDED: "The label was voided, and its cost is refunded.",
        LabelStatus.FAILED: "The carrier did not sell the label.",
    },
)
describe(
    TrackingStatus,
    "Where a parcel is, as its carrier says.",
    {
        TrackingStatus.PRE_TRANSIT: "The carrier knows of the parcel, and does not have it yet.",
        TrackingStatus.PICKED_UP: "The carrier has picked the parcel up.",
        TrackingStatus.IN_TRANSIT: "The parcel is on its way.",
        TrackingStatus.OUT_FOR_DELIVERY: "The parcel is in the vehicle that delivers it.",
        TrackingStatus.AVAILABLE_FOR_PICKUP: "The parcel waits for its recipient at a pick-up point.",
        TrackingStatus.DELIVERED: "The parcel was delivered.",
        TrackingStatus.RETURN_TO_SENDER: "The parcel goes back to its sender.",
        TrackingStatus.EXCEPTION: "Something went wrong: ask the carrier.",
        TrackingStatus.LOST: "The parcel was lost.",
    },
)


@strawberry.type(
    description=(
        "A label for a parcel of an order, which a carrier has sold. The parcel goes to the order's shipping "
        "address, or comes from there with goods of a return. Requires ORDERS:READ."
    )
)
class ShippingLabel(Node, model=models.ShippingLabel):
    """The shipping domain's ShippingLabel."""

    carrier_id: strawberry.Private[UUID]

    order_id: UUID = strawberry.field(
        description="The id of the order for which it was bought, which may have been cancelled since."
    )
    carrier: Carrier | None = relation(
        "carrier_id",
        load_carriers,
        guard=READS_SETTINGS,
        description="The carrier that has sold it. Requires SETTINGS:READ.",
    )
    is_return: bool = strawberry.field(description="Whether it is for goods that the buyer returns.")
    service: str = strawberry.field(description="The service of the carrier, as it was named when it was bought.")
    status: LabelStatus = strawberry.field(description="Whether it was bought, voided or refused.")
    tracking_number: str | None = strawberry.field(
        description="The number by which the carrier tracks the parcel; null for a label that was not bought."
    )
    weight: Decimal = strawberry.field(description="The weight of the parcel in kg.")
    length: Decimal | None = strawberry.field(description="The length of the parcel in cm; null when not given.")
    width: Decimal | None = strawberry.field(description="The width of the parcel in cm; null when not given.")
    height: Decimal | None = strawberry.field(description="The height of the parcel in cm; null when not given.")
    failure_reason: str | None = strawberry.field(
        description="Why the carrier refused to sell it, or to void it last; null when it did not."
    )
    tracking_status: TrackingStatus | None = strawberry.field(
        description="Where the parcel is, as the carrier said last; null before it said anything."
    )
    tracked_at: datetime | None = strawberry.field(
        description="When the parcel reached that status, at the carrier's time; null before."
    )
    purchased_at: datetime | None = strawberry.field(description="When it was bought; null when it was not.")
    void_requested_at: datetime | None = strawberry.field(
        description="When staff asked to void it; null when they did not, and when the carrier refused."
    )
    voided_at: datetime | None = strawberry.field(description="When it was voided; null when it was not.")
    created_at: datetime = strawberry.field(description="When staff asked for it.")
    updated_at: datetime = strawberry.field(description="When it last changed.")

    @computed
    def cost(self: models.ShippingLabel) -> Money | None:
        """What the carrier charges for it, in the carrier's currency; null for a label that was not bought."""
        if self.cost is None or self.currency is None:
            return None
        return present(Money, KernelMoney(self.cost, self.currency))

    @computed
    def document_path(self: models.ShippingLabel) -> str | None:
        """The path of the label as PDF on the host of this API, for a bearer token with ORDERS:READ.

        Null for a label that cannot be used, and when the data of its buyer were erased. A carrier whose labels are
        made elsewhere answers 404 there.
        """
        has_document = self.status is LabelStatus.PURCHASED and self.anonymized_at is None
        return DOCUMENT_PATH.format(label_id=self.id) if has_document else None


@strawberry.type(description="Something that happened to a parcel.")
class TrackingEvent:
    """An event at the carrier's time."""

    status: TrackingStatus = strawberry.field(description="Where the parcel was from then on.")
    occurred_at: datetime = strawberry.field(description="When it happened, at the carrier's time.")
    description: str = strawberry.field(description="What happened, in the carrier's words.")
    location: str | None = strawberry.field(description="Where it happened; null when the carrier does not say.")


ORDER_LABELS: Final = relation(
    "id",
    load_labels_of_orders,
    many=True,
    size=2,
    guard=READS_ORDERS,
    description="The shipping labels of the order, oldest first. Requires ORDERS:READ.",
)
"""The field of an order."""
