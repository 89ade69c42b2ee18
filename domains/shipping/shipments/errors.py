"""The errors of shipments."""

from collections.abc import Sequence

from domains.kernel.errors import AlreadyExists, NotAllowed, NotFound
from domains.shipping.data import LabelStatus, ShipmentStatus


class ShipmentNotFound(NotFound):
    """There is no shipment with this id in the company."""

    def __init__(self, *, field: Sequence[str] = ("shipment_id",)) -> None:
        super().__init__("There is no shipment with this id.", field=field)


class LabelNotUsable(NotAllowed):
    """The label was not bought, was voided, or is being voided."""

    def __init__(self, status: LabelStatus) -> None:
        reason = "is being voided" if status is LabelStatus.PURCHASED else f"is {status}"
        super().__init__(f"The label {reason}. Use one that is PURCHASED, or buy another one.", field=("label_id",))


class LabelUsed(AlreadyExists):
    """Another shipment of the order has this label."""

    def __init__(self) -> None:
        super().__init__("Another shipment has this label. Buy one for each parcel.", field=("label_id",))


class LabelOfShipment(NotAllowed):
    """A shipment has the label, so it is not voided."""

    def __init__(self) -> None:
        super().__init__(
            "A shipment has this label. Cancel the shipment, or take the label off it, before you void the label.",
            field=("label_id",),
        )


class ShipmentNotChangeable(NotAllowed):
    """The shipment was delivered or cancelled, or its way has ended otherwise."""

    def __init__(self, status: ShipmentStatus) -> None:
        super().__init__(f"This shipment is {status}. It can no longer be changed.", field=("shipment_id",))


class LabelOfReturn(NotAllowed):
    """The label is for goods that the buyer returns, so no shipment has it."""

    def __init__(self) -> None:
        super().__init__(
            "The label is for goods that come back. Use one that was bought for the order.", field=("label_id",)
        )
