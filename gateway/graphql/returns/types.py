"""The GraphQL types of returns: views of the domain's models."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.returns import models
from domains.returns.models import ReturnCondition, ReturnReason, ReturnRefundMethod, ReturnStatus
from domains.shipping.parcel_events import TrackingStatus
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import JSON, Money
from gateway.graphql.order.amounts import money_of
from gateway.graphql.returns.loaders import (
    load_authorizations,
    load_return_history,
    load_return_items,
    load_return_tracking,
    load_returnable_quantities,
    load_returns_of_orders,
    load_window_ends,
)
from gateway.graphql.returns.refunds.loaders import load_shown_orders
from gateway.graphql.returns.refunds.types import RETURN_REFUNDS, ReturnRefund
from gateway.graphql.shipping.labels.loaders import load_labels
from gateway.graphql.shipping.labels.types import READS_ORDERS, ShippingLabel

if TYPE_CHECKING:
    from gateway.graphql.order.types import Order

LABEL_PATH: Final = "/returns/{request_id}/label.pdf"
LazyOrder = Annotated["Order", strawberry.lazy("gateway.graphql.order.types")]
describe(
    ReturnStatus,
    "The status of a return request.",
    {
        ReturnStatus.PENDING: "The shop has not answered yet.",
        ReturnStatus.APPROVED: "The goods can be sent until the authorization expires.",
        ReturnStatus.REJECTED: "The shop does not take the goods back; `rejectionReason` says why.",
        ReturnStatus.IN_TRANSIT: "The goods are on their way, or some of them have come.",
        ReturnStatus.RECEIVED: "The goods have come, and no more are expected.",
        ReturnStatus.PROCESSED: "The goods have come, and nothing is left to refund.",
        ReturnStatus.CLOSED: "It has ended: by the shop, by the buyer, or because the goods were not sent in time.",
    },
)
describe(
    ReturnReason,
    "Why goods are returned.",
    {
        ReturnReason.DEFECTIVE: "They do not work.",
        ReturnReason.WRONG_ITEM: "Other goods were sent.",
        ReturnReason.NOT_AS_DESCRIBED: "They are not what the shop described.",
        ReturnReason.CHANGED_MIND: "They are not wanted any more.",
        ReturnReason.OTHER: "Another reason, which the notes say.",
    },
)
describe(
    ReturnCondition,
    "The condition of returned goods.",
    {
        ReturnCondition.NEW: "They were not used.",
        ReturnCondition.USED: "They were used, and are in order.",
        ReturnCondition.DAMAGED: "They were damaged, on their way or before.",
        ReturnCondition.DEFECTIVE: "They do not work as they should.",
    },
)


@strawberry.type(description="Units of a line of an order in a return request.")
class ReturnItem(Node, model=models.ReturnItem):
    """An item of a return."""

    currency: strawberry.Private[str]

    order_item_id: UUID = strawberry.field(description="The id of the line of the order.")
    product_id: UUID = strawberry.field(description="Which product it is; it may be archived.")
    variant_id: UUID | None = strawberry.field(description="The id of the variant; null when there are none.")
    product_name: str = strawberry.field(description="The name of the product at the time of the order.")
    variant_name: str | None = strawberry.field(
        description="The name of the variant at the time of the order; null when there are none."
    )
    product_sku: str = strawberry.field(description="The stock-keeping unit at the time of the order.")
    quantity: int = strawberry.field(description="The number of units that the buyer wants to return.")
    approved: int = strawberry.field(description="Of these, the number of units that may be returned.")
    received: int = strawberry.field(description="Of these, the number of units that came.")
    restocked: int = strawberry.field(description="Of the received units, the number that is sold again.")
    damaged: int = strawberry.field(description="Of the received units, the number that was written off.")
    refunded: int = strawberry.field(description="The number of units that were refunded by this return.")
    unit_price: Money = money_of("unit_price", "The price of one unit in the order, before discounts.")
    refund_amount: Money = money_of("refund_amount", "What was refunded for its units, before fees.")
    return_reason: ReturnReason = strawberry.field(description="Why it is returned.")
    condition: ReturnCondition | None = strawberry.field(
        description="The condition as the buyer says, then as the shop has found; null when nobody has said."
    )


@strawberry.type(description="A change of the status of a return request. The history is append-only.")
class ReturnStatusHistory:
    """A change with its time and its notes."""

    status: ReturnStatus = strawberry.field(description="The status after the change.")
    previous_status: ReturnStatus | None = strawberry.field(
        description="The status before the change; null for the request itself."
    )
    notes: str | None = strawberry.field(description="Notes, which the buyer sees too; null when there are none.")
    actor_kind: ActorKind = strawberry.field(description="Whether a user, a guest or the platform made the change.")
    created_at: datetime = strawberry.field(description="When the change was made.")


@strawberry.type(description="Something that happened to the parcel of a return.")
class ReturnTracking:
    """An event at the carrier's time."""

    status: TrackingStatus = strawberry.field(description="Where the parcel was from then on.")
    location: str = strawberry.field(description="Where it happened; empty when it is not known.")
    description: str = strawberry.field(description="What happened; empty when nobody has said.")
    timestamp: datetime = strawberry.field(description="When it happened, at the carrier's time.")


@strawberry.type(description="Where and until when the goods of an approved return are sent.")
class ReturnAuthorization:
    """The authorization of a return request."""

    id: strawberry.Private[UUID]
    return_request_id: strawberry.Private[UUID]
    label_id: strawberry.Private[UUID | None]

    rma_number: str = strawberry.field(description="The number to write on the parcel.")
    warehouse_id: UUID = strawberry.field(description="The id of the warehouse to which the goods are sent.")
    return_address: JSON = strawberry.field(
        description=(
            "The address of the warehouse when the return was approved: an object with those of `name`, "
            "`address_line_1`, `address_line_2`, `city`, `province`, `postal_code` and `country` that are known."
        )
    )
    return_instructions: str = strawberry.field(
        description="How to send the goods; empty when the shop has not said."
    )
    carrier_name: str | None = strawberry.field(description="The carrier; null when it is not known.")
    tracking_number: str | None = strawberry.field(
        description="The number by which the carrier tracks the parcel; null when it is not known."
    )
    tracking_status: TrackingStatus | None = strawberry.field(
        description="Where the parcel is, by the carrier's time; null when it is not known."
    )
    tracked_at: datetime | None = strawberry.field(
        description="When the parcel reached that status; null when it is not known."
    )
    expires_at: datetime = strawberry.field(
        description="Until when the goods must be on their way; the return is closed then."
    )
    events: list[ReturnTracking] = relation(
        "id", load_return_tracking, many=True, size=5, description="What happened to the parcel, oldest first."
    )
    label: ShippingLabel | None = relation(
        "label_id",
        load_labels,
        guard=READS_ORDERS,
        description="The label that the shop has bought, or tried to buy; null without one. Requires ORDERS:READ.",
    )

    @computed
    def label_document_path(self: models.ReturnAuthorization) -> str | None:
        """The path of the label as PDF on the host of this API, which the buyer prints; null without a label.

        For a bearer token of the buyer or of staff with ORDERS:READ, and for guests with the order's token in the
        header X-Order-Token. A carrier whose labels are made elsewhere answers 404 there, and so does a return whose
        buyer was erased.
        """
        if self.label_id is None or self.tracking_number is None:
            return None
        return LABEL_PATH.format(request_id=self.return_request_id)


@strawberry.type(description="A request to return delivered goods of an order.")
class ReturnRequest(Node, model=models.ReturnRequest):
    """The returns domain's ReturnRequest."""

    currency: strawberry.Private[str]

    rma_number: str = strawberry.field(description="The number, such as `RMA-1001`, unique in the company.")
    order_id: UUID = strawberry.field(description="The order with which the goods were delivered.")
    user_id: UUID | None = strawberry.field(description="The id of the buyer; null for a guest.")
    order: LazyOrder | None = relation(
        "order_id",
        load_shown_orders,
        description="The order, for all who see the return, guests too.",
    )
    status: ReturnStatus = strawberry.field(description="How far the return is.")
    return_reason: ReturnReason = strawberry.field(description="Why the goods are returned.")
    return_notes: str | None = strawberry.field(description="What the buyer wrote; null when nothing.")
    refund_method: ReturnRefundMethod = strawberry.field(description="What the buyer wants for the goods.")
    refund_amount: Money = money_of("refund_amount", "What was refunded so far, less fees.")
    rejection_reason: str | None = strawberry.field(description="Why it was rejected; null when it was not.")
    requested_at: datetime = strawberry.field(description="When the buyer or staff asked for it.")
    approved_at: datetime | None = strawberry.field(description="When it was approved; null when it was not.")
    rejected_at: datetime | None = strawberry.field(description="When it was rejected; null when it was not.")
    in_transit_at: datetime | None = strawberry.field(
        description="When the goods were first known to be on their way; null before."
    )
    received_at: datetime | None = strawberry.field(description="When all goods had come; null before.")
    processed_at: datetime | None = strawberry.field(description="When nothing was left to refund; null before.")
    closed_at: datetime | None = strawberry.field(description="When it was closed; null when it was not.")
    items: list[ReturnItem] = relation(
        "id", load_return_items, many=True, size=3, description="The goods, in the order of the request."
    )
    authorization: ReturnAuthorization | None = relation(
        "id", load_authorizations, description="Where the goods are sent; null before the return is approved."
    )
    status_history: list[ReturnStatusHistory] = relation(
        "id", load_return_history, many=True, size=5, description="Every change of the status, oldest first."
    )

    refunds: list[ReturnRefund] = RETURN_REFUNDS

    @computed
    def exchange_wishes(self: models.ReturnRequest) -> JSON:
        """The goods that the buyer wants in exchange: a list of `product_id`, `variant_id` and `quantity`."""
        return JSON(self.exchange_wishes)


ORDER_RETURNS: Final = relation(
    "id", load_returns_of_orders, many=True, size=2, description="The requests to return its goods, oldest first."
)
"""The field of an order."""
RETURN_WINDOW_ENDS_AT: Final = relation(
    "id",
    load_window_ends,
    description="Until when its goods that were delivered last can be returned; null before a delivery.",
)
"""The field of an order."""
RETURNABLE_QUANTITY: Final = relation(
    "id",
    load_returnable_quantities,
    description=(
        "The number of units that `returnRequestCreate` accepts now: delivered within the window, and neither in "
        "another return nor refunded."
    ),
)
"""The field of a line of an order."""
