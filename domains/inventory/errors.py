"""The errors of the inventory domain."""

from collections.abc import Sequence
from dataclasses import dataclass

from domains.kernel.errors import DomainError, NotAllowed, NotFound


class SkuNotFound(NotFound):
    """No product or variant of the company has these SKUs."""

    def __init__(self, skus: Sequence[str], *, field: Sequence[str] = ("sku",)) -> None:
        skus_named = ", ".join(repr(sku) for sku in skus[:5])
        more = f" and {len(skus) - 5} more" if len(skus) > 5 else ""
        super().__init__(f"There is no product or variant with the SKU {skus_named}{more}.", field=field)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A SKU with fewer available units than were requested."""

    sku: str
    requested: int
    available: int


class InsufficientStock(DomainError):
    """Fewer units are available than were requested; `shortages` lists the SKUs."""

    def __init__(self, *shortages: Shortage, field: Sequence[str] = ("quantity",)) -> None:
        listed = ", ".join(f"{line.available} of {line.sku!r} instead of {line.requested}" for line in shortages[:5])
        more = f", and {len(shortages) - 5} more SKUs" if len(shortages) > 5 else ""
        super().__init__(f"Not enough stock. Available: {listed}{more}.", field=field)
        self.shortages = shortages
        self.sku = shortages[0].sku
        self.requested = shortages[0].requested
        self.available = shortages[0].available


class NotReserved(NotAllowed):
    """The order has fewer reserved units of the SKU than were to be released or sold."""

    def __init__(self, sku: str, requested: int, reserved: int) -> None:
        message = f"The order has {reserved} reserved units of {sku!r}, not {requested}."
        super().__init__(message, field=("quantity",))
