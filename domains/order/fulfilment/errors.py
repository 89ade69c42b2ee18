"""The errors of shipments of orders: what cannot be packed, and why."""

from collections.abc import Sequence

from domains.kernel.errors import DomainError, NotAllowed
from domains.kernel.text.plurals import counted
from domains.order.data import OrderStatus
from domains.shipping.shipments.models import ShipmentStatus


class OrderNotFulfillable(NotAllowed):
    """The order is not accepted or paid yet, was shipped completely, or has ended."""

    def __init__(self, status: OrderStatus) -> None:
        reason = {
            OrderStatus.PENDING: "It is not paid or accepted yet",
            OrderStatus.PAYMENT_PENDING: "Its payment is still being processed: try again in a few minutes",
        }.get(status, f"It is {status}")
        super().__init__(f"Nothing of this order can be shipped. {reason}.", field=("order_id",))


class NothingToShip(NotAllowed):
    """All units of the order that are to be shipped are in shipments."""

    def __init__(self) -> None:
        super().__init__(
            "All units of this order that are to be shipped are in shipments. Cancel a pending one to pack again.",
            field=("order_id",),
        )


class TooManyShipments(NotAllowed):
    """The order has as many shipments as are allowed; those that were cancelled count."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"An order has at most {limit} shipments, cancelled ones included. Put more units into each.",
            field=("order_id",),
        )


class OverShipped(DomainError):
    """More units of a line are to be packed than are left of it."""

    def __init__(self, requested: int, left: int) -> None:
        units = counted(left, "of this line is", "of this line are")
        super().__init__(
            f"{counted(requested, 'unit')} cannot be packed: {units} left. Units of other shipments, and "
            "those that were removed or refunded, are not.",
            field=("quantity",),
        )
        self.requested = requested
        self.left = left


class ItemNotShipped(NotAllowed):
    """The units of the line are digital: the payment of the order delivers them."""

    def __init__(self) -> None:
        super().__init__(
            "The units of this line are not shipped: the payment of the order delivers them. Leave it out.",
            field=("order_item_id",),
        )


class ShipmentWarehouseRequired(NotAllowed):
    """Several warehouses have units of what is to be shipped, and a shipment comes from one."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            f"A shipment comes from one warehouse, and the units are in {', '.join(codes)}. Choose one of them, or "
            "only lines of one.",
            field=("warehouse_id",),
        )
        self.codes = tuple(codes)


class UnitsElsewhere(NotAllowed):
    """The warehouse has fewer units of the line for the order than are to be shipped from it."""

    def __init__(self, sku: str, requested: int, reserved: int, code: str, *, field: Sequence[str]) -> None:
        of_order = f"of {sku!r} for this order that"
        units = counted(reserved, f"unit {of_order} is", f"units {of_order} are")
        super().__init__(
            f"The warehouse {code} has {units} not packed, not {requested}. Re-allocate the order, or ship fewer.",
            field=field,
        )
        self.requested = requested
        self.reserved = reserved


class NotOfPickupWarehouse(NotAllowed):
    """The buyer collects the goods at another warehouse."""

    def __init__(self) -> None:
        super().__init__(
            "The buyer collects the goods of this order at another warehouse. Leave the warehouse out.",
            field=("warehouse_id",),
        )


class ShipmentNotPending(NotAllowed):
    """The shipment was dispatched or cancelled."""

    def __init__(self, status: ShipmentStatus) -> None:
        super().__init__(
            f"This shipment is {status}. Only a PENDING one can be dispatched, divided or cancelled.",
            field=("shipment_id",),
        )


class SplitTooLarge(NotAllowed):
    """A shipment is divided so that nothing is left in it."""

    def __init__(self) -> None:
        super().__init__(
            "All units of the shipment would be in the new one. Leave at least one in it.", field=("lines",)
        )
