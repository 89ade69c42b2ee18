"""Inputs of the fields of returns."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.returns.models import (
    Approval,
    ApprovedUnits,
    InspectedUnits,
    NewReturn,
    NewReturnLine,
    ParcelEvent,
    ReceivedUnits,
    ReturnCondition,
    ReturnFilter,
    ReturnReason,
    ReturnRefundMethod,
    ReturnStatus,
    TrackingStatus,
    WishedGoods,
)
from gateway.graphql.core.fields import from_input, input_values
from gateway.graphql.order.inputs import KEY, TOKEN
from gateway.graphql.returns import types  # noqa: F401 - it describes the enums used here

ID = "The id of a return request of this company."
ITEM = "One of `ReturnRequest.items`, each at most once."
NOTES = "Notes for the history, at most 1,000 characters, which the buyer sees; null or absent for none."


@strawberry.input(description="Units of a line of an order to return.")
class ReturnLineInput:
    """Units of a line."""

    order_item_id: UUID = strawberry.field(description="Which line of the order, delivered or in part.")
    quantity: int = strawberry.field(description="The number of units, at most `OrderItem.returnableQuantity`.")
    reason: ReturnReason | None = strawberry.field(
        default=None, description="Why these units are returned; by default the reason of the request."
    )
    condition: ReturnCondition | None = strawberry.field(
        default=None, description="The condition of these units, as the buyer says; null or absent for none."
    )


@strawberry.input(description="Goods that the buyer wants in exchange.")
class ReturnWishInput:
    """Units of a product, or of a variant of it."""

    product_id: UUID = strawberry.field(description="Which product of the shop the buyer wants.")
    variant_id: UUID | None = strawberry.field(default=None, description="The id of a variant of the product.")
    quantity: int = strawberry.field(default=1, description="The number of units, 1 to 10,000; 1 by default.")


@strawberry.input(description="Goods of an order to return.")
class ReturnRequestCreateInput:
    """A return request."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order with delivered goods.")
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    reason: ReturnReason = strawberry.field(description="Why the goods are returned.")
    refund_method: ReturnRefundMethod = strawberry.field(
        default=ReturnRefundMethod.ORIGINAL_PAYMENT,
        description="What the buyer wants for the goods; the money by default.",
    )
    notes: str | None = strawberry.field(
        default=None, description="What the buyer has to say, at most 5,000 characters; null or absent for nothing."
    )
    lines: list[ReturnLineInput] = strawberry.field(description="The lines with their units, 1 to 100.")
    wishes: list[ReturnWishInput] | None = strawberry.field(
        default=None, description="For an EXCHANGE, the goods that the buyer wants, at most 100."
    )
    override_window: bool = strawberry.field(
        default=False,
        description=(
            "True: also after the window, and for products that the shop does not take back. Requires ORDERS:UPDATE."
        ),
    )

    def as_new(self) -> NewReturn:
        """The domain's NewReturn."""
        return NewReturn(
            order_id=self.order_id,
            reason=self.reason,
            refund_method=self.refund_method,
            notes=self.notes,
            lines=[from_input(NewReturnLine, line) for line in self.lines],
            wishes=[from_input(WishedGoods, wish) for wish in self.wishes or ()],
            override_window=self.override_window,
        )


@strawberry.input(description="A return to cancel.")
class ReturnCancelInput:
    """A return of which nothing has come."""

    return_request_id: UUID = strawberry.field(description=ID)
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    notes: str | None = strawberry.field(default=None, description=NOTES)


@strawberry.input(description="An approved return that was sent.")
class ReturnMarkShippedInput:
    """A return on its way."""

    return_request_id: UUID = strawberry.field(description=ID)
    order_token: str | None = strawberry.field(default=None, description=TOKEN)
    carrier_name: str | None = strawberry.field(
        default=None, description="The carrier, at most 255 characters; what is absent does not change."
    )
    tracking_number: str | None = strawberry.field(
        default=None, description="The tracking number, at most 255 characters; what is absent does not change."
    )


@strawberry.input(description="The units of an item that are approved.")
class ReturnApprovedLineInput:
    """Approved units."""

    return_item_id: UUID = strawberry.field(description=ITEM)
    approved: int = strawberry.field(description="The number of units, 0 to the requested number.")


@strawberry.input(description="A PENDING return to approve.")
class ReturnApproveInput:
    """An approval."""

    return_request_id: UUID = strawberry.field(description=ID)
    lines: list[ReturnApprovedLineInput] | None = strawberry.field(
        default=None, description="The units that may be returned; by default all. Items that are absent may not."
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None, description="The id of the warehouse to send the goods to; by default the default one."
    )
    instructions: str | None = strawberry.field(
        default=None, description="How to send the goods; by default as the settings say."
    )
    carrier_id: UUID | None = strawberry.field(
        default=None, description="The id of the carrier of a label that the shop sends to the buyer."
    )
    tracking_number: str | None = strawberry.field(
        default=None, description="The tracking number of that label, at most 255 characters."
    )

    def as_approval(self) -> Approval:
        """The domain's Approval."""
        lines = None if self.lines is None else [from_input(ApprovedUnits, line) for line in self.lines]
        return Approval(lines=lines, **input_values(self, exclude=("return_request_id", "lines")))


@strawberry.input(description="A PENDING return to reject.")
class ReturnRejectInput:
    """A rejection."""

    return_request_id: UUID = strawberry.field(description=ID)
    reason: str = strawberry.field(description="Why, 1 to 1,000 characters, as the buyer reads it.")


@strawberry.input(description="The units of an item that came.")
class ReturnReceivedLineInput:
    """Received units."""

    return_item_id: UUID = strawberry.field(description=ITEM)
    received: int = strawberry.field(description="The number of units that came now, at least 1.")


@strawberry.input(description="Goods of a return that came.")
class ReturnReceiveInput:
    """A receipt."""

    idempotency_key: str = strawberry.field(description=KEY)
    return_request_id: UUID = strawberry.field(description=ID)
    lines: list[ReturnReceivedLineInput] = strawberry.field(description="The items that came now, at least one.")
    is_complete: bool = strawberry.field(
        default=False, description="True: no more goods of it will come. It is RECEIVED then."
    )

    def units(self) -> list[ReceivedUnits]:
        """The domain's lines."""
        return [from_input(ReceivedUnits, line) for line in self.lines]


@strawberry.input(description="What became of received units of an item.")
class ReturnInspectedLineInput:
    """Inspected units."""

    return_item_id: UUID = strawberry.field(description=ITEM)
    restocked: int = strawberry.field(default=0, description="The number of units that are sold again.")
    damaged: int = strawberry.field(default=0, description="The number of units that are written off.")
    condition: ReturnCondition | None = strawberry.field(
        default=None, description="The condition that was found; absent: it does not change."
    )
    warehouse_id: UUID | None = strawberry.field(
        default=None,
        description="The id of the warehouse that the restocked units enter; by default that of the authorization.",
    )


@strawberry.input(description="Received goods of a return that were inspected.")
class ReturnInspectInput:
    """An inspection."""

    idempotency_key: str = strawberry.field(description=KEY)
    return_request_id: UUID = strawberry.field(description=ID)
    lines: list[ReturnInspectedLineInput] = strawberry.field(description="The items, at least one.")

    def units(self) -> list[InspectedUnits]:
        """The domain's lines."""
        return [from_input(InspectedUnits, line) for line in self.lines]


@strawberry.input(description="A return to close.")
class ReturnCloseInput:
    """A return that has come to its end."""

    return_request_id: UUID = strawberry.field(description=ID)
    notes: str | None = strawberry.field(default=None, description=NOTES)


@strawberry.input(description="Something that happened to the parcel of a return.")
class ReturnTrackingAddInput:
    """An event."""

    return_request_id: UUID = strawberry.field(description=ID)
    status: TrackingStatus = strawberry.field(description="Where the parcel was from then on.")
    timestamp: datetime = strawberry.field(description="When it happened, at the carrier's time; not in the future.")
    location: str | None = strawberry.field(default=None, description="Where it happened, at most 255 characters.")
    description: str | None = strawberry.field(
        default=None, description="What happened, in the words of the carrier or of staff, at most 1,000 characters."
    )

    def as_event(self) -> ParcelEvent:
        """The domain's ParcelEvent."""
        return from_input(ParcelEvent, self, exclude=("return_request_id",))


@strawberry.input(description="Conditions on return requests. Null and absent fields set no condition.")
class ReturnFilterInput:
    """Conditions, which are combined with AND."""

    statuses: list[ReturnStatus] | None = strawberry.field(default=None, description="Any of these statuses.")
    reason: ReturnReason | None = strawberry.field(default=None, description="The reason of the request.")
    rma_number: str | None = strawberry.field(default=None, description="The number, in any case.")
    order_id: UUID | None = strawberry.field(default=None, description="The order with which they were delivered.")
    user_id: UUID | None = strawberry.field(default=None, description="The id of the buyer.")
    requested_from: datetime | None = strawberry.field(default=None, description="Requested at this time or later.")
    requested_before: datetime | None = strawberry.field(default=None, description="Requested before this time.")

    def as_filter(self) -> ReturnFilter:
        """The domain's ReturnFilter."""
        return ReturnFilter(**input_values(self))
