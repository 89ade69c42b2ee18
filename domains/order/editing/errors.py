"""The errors of changing the lines and the address of orders."""

from collections.abc import Sequence

from domains.kernel.errors import NotAllowed
from domains.kernel.text.plurals import counted
from domains.order.data import OrderStatus


class LineNotSold(NotAllowed):
    """A product or variant of which units were to be added to an order is not for sale, or does not exist."""

    def __init__(self, name: str | None = None, *, field: Sequence[str] = ("product_id",)) -> None:
        subject = "There is no such product or variant" if name is None else f"{name!r} is not for sale"
        super().__init__(f"{subject}. Add one that is listed and active, by its variant if it has some.", field=field)


class TaxPlaceUnknown(NotAllowed):
    """The place by which the order is taxed cannot be determined any more: its pick-up point was closed."""

    def __init__(self) -> None:
        super().__init__(
            "The goods are collected at a place that is closed, so new lines cannot be taxed. Open the pick-up point "
            "again, or cancel the order.",
            field=("order_id",),
        )


class OrderNotEditable(NotAllowed):
    """The order was shipped, has ended, was refunded, or a bank took its payment back."""

    def __init__(self, status: OrderStatus) -> None:
        reason = {
            OrderStatus.SHIPPED: "It was shipped: take back what the customer returns instead",
            OrderStatus.DELIVERED: "It was delivered: take back what the customer returns instead",
            OrderStatus.PENDING: "Its payment was taken back",
            OrderStatus.CONFIRMED: "Its payment was taken back",
            OrderStatus.PAID: "Its payment was taken back",
            OrderStatus.PROCESSING: "Its payment was taken back",
        }.get(status, f"It is {status}")
        super().__init__(f"This order cannot be edited. {reason}.", field=("order_id",))


class NothingLeft(NotAllowed):
    """An edit would remove all units of the order."""

    def __init__(self) -> None:
        super().__init__("Nothing would be left of this order. Cancel it instead.", field=("changes",))


class LinePacked(NotAllowed):
    """So many units of the line are packed in shipments that it cannot have fewer."""

    def __init__(self, packed: int) -> None:
        units = counted(packed, "unit of this line is", "units of this line are")
        super().__init__(
            f"{units} packed or shipped, and it cannot have fewer. Cancel the shipment first, or take "
            "back what the customer returns.",
            field=("quantity",),
        )
        self.packed = packed


class LineRefunded(NotAllowed):
    """Units of the line were refunded, which remain in the order."""

    def __init__(self, refunded: int) -> None:
        units = counted(refunded, "unit of this line was", "units of this line were")
        super().__init__(
            f"{units} refunded, and it cannot have fewer, nor cost less than that.",
            field=("quantity",),
        )
        self.refunded = refunded


class LineRemoved(NotAllowed):
    """An earlier edit has removed the line."""

    def __init__(self) -> None:
        super().__init__("This line was removed from the order. Add it as a new line.", field=("order_item_id",))


class DigitalUnitsDelivered(NotAllowed):
    """The payment has delivered the digital goods of the order, which get no units more or fewer after it."""

    def __init__(self, *, field: Sequence[str] = ("order_item_id",)) -> None:
        super().__init__(
            "The order is paid, so its digital goods and gift cards are delivered and stay as they are. Refund them, "
            "or take another order for more.",
            field=field,
        )


class AddressNotEditable(NotAllowed):
    """The shipping address of the order cannot be changed, or not to this one; the message says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The shipping address cannot be changed. {reason}.", field=("shipping_address",))
