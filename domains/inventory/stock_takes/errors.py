"""Errors of stock takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.inventory.stock_takes.models import StockTakeStatus
from domains.kernel.errors import DomainError, NotAllowed, NotFound

SHOWN: Final = 5  # orders in a message


class StockTakeNotFound(NotFound):
    """The stock take does not exist."""

    def __init__(self) -> None:
        super().__init__("There is no stock take with this id.", field=("id",))


class StockTakeNotOpen(NotAllowed):
    """The stock take was completed or cancelled already."""

    def __init__(self, number: str, status: StockTakeStatus) -> None:
        super().__init__(f"The stock take {number} is {status}. Start another one.", field=("id",))
        self.status = status


class StockTakeNotCounted(NotAllowed):
    """No SKU of the stock take was counted, so there is nothing to complete."""

    def __init__(self, number: str) -> None:
        super().__init__(f"No SKU of {number} was counted. Count some, or cancel it.", field=("id",))


class SkuInOpenStockTake(NotAllowed):
    """The SKU is counted in another open stock take of the same warehouse."""

    def __init__(self, sku: str, number: str, *, field: Sequence[str]) -> None:
        message = f"The SKU {sku!r} is in the open stock take {number} already. Complete or cancel that one first."
        super().__init__(message, field=field)
        self.sku = sku
        self.number = number


@dataclass(frozen=True, slots=True)
class ReservedUnits:
    """The units of a SKU that an order has reserved in a warehouse."""

    order_id: UUID
    quantity: int


class StockTakeBelowReserved(DomainError):
    """Fewer units were counted than are reserved for orders and in quarantine; `orders` are those with units."""

    def __init__(
        self, sku: str, *, missing: int, reserved: int, quarantined: int, orders: Sequence[ReservedUnits]
    ) -> None:
        listed = ", ".join(f"{order.order_id} ({order.quantity})" for order in orders[:SHOWN])
        more = f" and {len(orders) - SHOWN} more" if len(orders) > SHOWN else ""
        held = f"{reserved} units of {sku!r} are reserved for orders: {listed}{more}" if orders else ""
        kept = f"{quarantined} units of {sku!r} are in quarantine" if quarantined else ""
        what = "; ".join(part for part in (held, kept) if part)
        super().__init__(
            f"{what}. {missing} of them are not there by the count. Cancel or reallocate orders, write off "
            "quarantined units, or count the SKU again.",
            field=("id",),
        )
        self.sku = sku
        self.missing = missing
        self.reserved = reserved
        self.quarantined = quarantined
        self.orders = orders
