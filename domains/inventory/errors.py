"""What the inventory refuses."""

from collections.abc import Sequence
from dataclasses import dataclass

from domains.kernel.errors import DomainError, ErrorCode, NotAllowed, NotFound


class SkuNotFound(NotFound):
    """No product or variant of the company has these SKUs."""

    def __init__(self, skus: Sequence[str], *, field: Sequence[str] = ("sku",)) -> None:
        named = ", ".join(repr(sku) for sku in skus[:5])
        more = f" and {len(skus) - 5} more" if len(skus) > 5 else ""
        super().__init__(f"Nothing is sold under the SKU {named}{more}.", field=field)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A SKU of which there is less than was asked for."""

    sku: str
    requested: int
    available: int


class InsufficientStock(DomainError):
    """There is less than was asked for; of the first SKU that is short by name, of all of them in `short`."""

    code = ErrorCode.INSUFFICIENT_STOCK

    def __init__(self, *short: Shortage, field: Sequence[str] = ("quantity",)) -> None:
        named = ", ".join(f"{line.available} of {line.sku!r}, not {line.requested}" for line in short[:5])
        more = f"; {len(short) - 5} more are short" if len(short) > 5 else ""
        super().__init__(f"There are {named}{more}.", field=field)
        self.short = short
        self.sku = short[0].sku
        self.requested = short[0].requested
        self.available = short[0].available


class NotReserved(NotAllowed):
    """The order does not hold so many units of the SKU."""

    def __init__(self, sku: str, requested: int, reserved: int) -> None:
        message = f"The order holds {reserved} of {sku!r}, not {requested}."
        super().__init__(message, field=("quantity",))
