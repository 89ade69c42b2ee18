"""The errors of the events of shipments."""

from domains.kernel.errors import Conflict, InvalidInput, NotAllowed
from domains.shipping.shipments.models import ShipmentStatus


class TrackingEventInFuture(InvalidInput):
    """The time of the event is more than an hour ahead."""

    def __init__(self) -> None:
        super().__init__(
            "The event is in the future. Enter when it happened; leave the time out for now.", field=("timestamp",)
        )


class TrackingEventTooOld(InvalidInput):
    """The event happened more than thirty days before the shipment was created, so it is of another parcel."""

    def __init__(self) -> None:
        super().__init__(
            "The event is older than the shipment by more than 30 days. Check the shipment and the time.",
            field=("timestamp",),
        )


class TrackingEventKnown(Conflict):
    """The shipment has this event: the same status, time and place."""

    def __init__(self) -> None:
        super().__init__("The shipment has an event of this status, time and place already.", field=("status",))


class ShipmentNotTrackable(NotAllowed):
    """The shipment was cancelled, was received back, or has not left: a pending one takes PRE_TRANSIT only."""

    def __init__(self, status: ShipmentStatus) -> None:
        reason = {
            ShipmentStatus.PENDING: "It has not left yet: dispatch it first, or enter PRE_TRANSIT",
            ShipmentStatus.RETURNED_TO_SENDER: "It was received back",
        }.get(status, f"It is {status}")
        super().__init__(f"This shipment takes no such event. {reason}.", field=("shipment_id",))


class ShipmentNotReturned(NotAllowed):
    """The shipment did not come back to its sender, so there are no goods of it to receive."""

    def __init__(self, status: ShipmentStatus) -> None:
        super().__init__(
            f"This shipment is {status}: only goods of one that is RETURNED_TO_SENDER can be received. What a buyer "
            "returns after the delivery is a return.",
            field=("shipment_id",),
        )


class ShipmentReceivedAlready(NotAllowed):
    """The goods of the shipment were received before."""

    def __init__(self) -> None:
        super().__init__(
            "The goods of this shipment were received before. Correct the stock instead.", field=("shipment_id",)
        )
