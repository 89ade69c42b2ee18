"""Errors of purchase orders."""

from collections.abc import Sequence
from typing import ClassVar

from domains.inventory.purchase_orders.models import PurchaseOrderStatus
from domains.kernel.errors import DomainError, NotAllowed, NotFound


class PurchaseOrderNotFound(NotFound):
    """The purchase order does not exist."""

    def __init__(self) -> None:
        super().__init__("There is no purchase order with this id.", field=("id",))


class PurchaseOrderRefusal(NotAllowed, is_abstract=True):
    """The base of what the status of a purchase order forbids; `advice` says what to do."""

    advice: ClassVar[str]

    def __init__(self, number: str, status: PurchaseOrderStatus) -> None:
        super().__init__(f"The purchase order {number} is {status}. {self.advice}", field=("id",))
        self.status = status


class PurchaseOrderNotPlaceable(PurchaseOrderRefusal):
    """The purchase order was placed or cancelled already."""

    advice = "Only a DRAFT can be ordered."


class PurchaseOrderNotReceivable(PurchaseOrderRefusal):
    """The purchase order was not placed yet, or it was received or cancelled."""

    advice = "Only one that is ORDERED or PARTIALLY_RECEIVED can be received."


class PurchaseOrderNotCancellable(PurchaseOrderRefusal):
    """The purchase order was received or cancelled already."""

    advice = "Units that were received stay in stock."


class SkuNotInPurchaseOrder(NotFound):
    """The purchase order has no line of the SKU."""

    def __init__(self, sku: str, *, field: Sequence[str]) -> None:
        super().__init__(f"The purchase order has no line with the SKU {sku!r}.", field=field)


class MoreThanOrdered(DomainError):
    """More units would be received than are still expected."""

    def __init__(self, sku: str, requested: int, expected: int, *, field: Sequence[str]) -> None:
        message = f"{expected} units of {sku!r} are still expected, not {requested}. Enter at most that many."
        super().__init__(message, field=field)
        self.sku = sku
        self.requested = requested
        self.expected = expected
