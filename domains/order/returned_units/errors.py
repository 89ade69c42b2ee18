"""The errors of returned units."""

from domains.kernel.errors import NotAllowed
from domains.kernel.text.plurals import counted


class UnitsNotDelivered(NotAllowed):
    """More units of a line would have come back than its shipments have delivered."""

    def __init__(self, sku: str, left: int) -> None:
        self.sku = sku
        self.left = left
        units = counted(left, f"unit of {sku} that is", f"units of {sku} that are")
        super().__init__(
            f"The shipments of this order have delivered {units} not returned yet. Receive what came "
            "back to its sender with its shipment.",
            field=("lines",),
        )
