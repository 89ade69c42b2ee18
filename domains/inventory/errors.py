"""The errors of the inventory domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domains.inventory.models import MovementType
from domains.kernel.errors import AlreadyExists, Busy, DomainError, InvalidInput, NotAllowed, NotFound

_OF_ORDERS: Final = "is written when an order reserves or frees units"
_OF_TRANSFERS: Final = "is written when units are sent from one warehouse to another"
_OF_QUARANTINE: Final = "is written when units are set apart or become available again"
_WRITTEN_WHEN: Final = {
    MovementType.RESERVATION: _OF_ORDERS,
    MovementType.RELEASE: _OF_ORDERS,
    MovementType.TRANSFER_OUT: _OF_TRANSFERS,
    MovementType.TRANSFER_IN: _OF_TRANSFERS,
    MovementType.QUARANTINE: _OF_QUARANTINE,
    MovementType.QUARANTINE_RELEASE: _OF_QUARANTINE,
}


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


class AllocationOutdated(Busy):
    """A warehouse has fewer units than an order takes from it, while the SKU has enough in all its warehouses."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(f"The stock of {skus[0]!r} has just changed. Try again.", field=("quantity",))
        self.skus = skus


class WarehouseNotFound(NotFound):
    """The company has no such warehouse."""

    def __init__(self, *, field: Sequence[str] = ("warehouse_id",)) -> None:
        super().__init__("There is no such warehouse.", field=field)


class WarehouseInactive(NotAllowed):
    """The warehouse is not active, so no units can come into it."""

    def __init__(self, code: str, *, field: Sequence[str] = ("warehouse_id",)) -> None:
        message = f"The warehouse {code!r} is not active. Activate it, or choose another one."
        super().__init__(message, field=field)


class WarehouseNotPickupPoint(NotAllowed):
    """Buyers do not collect goods at the warehouse."""

    def __init__(self, code: str, *, field: Sequence[str] = ("warehouse_id",)) -> None:
        message = f"The warehouse {code!r} is no pick-up point. Make it one, or choose another."
        super().__init__(message, field=field)


class WarehouseCodeTaken(AlreadyExists):
    """Another warehouse has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Another warehouse already has the code {code!r}. Choose another.", field=("code",))


class WarehouseIsDefault(NotAllowed):
    """The default warehouse is active, and stays the default until another one is."""

    def __init__(self, code: str, *, field: Sequence[str]) -> None:
        message = f"The warehouse {code!r} is the default one. Make another one the default first."
        super().__init__(message, field=field)


class WarehouseHasStock(NotAllowed):
    """There are units in the warehouse, so it can be neither deactivated nor deleted."""

    def __init__(self, code: str, sku: str, units: int, *, field: Sequence[str]) -> None:
        message = (
            f"There are {units} units of {sku!r} in the warehouse {code!r}, available, reserved or in quarantine. "
            "Move its stock to another one first."
        )
        super().__init__(message, field=field)


class WarehouseHasOpenDocuments(NotAllowed):
    """The warehouse has an open transfer, purchase order or stock take: it is neither deactivated nor deleted."""

    def __init__(self, code: str, numbers: Sequence[str], total: int, *, field: Sequence[str]) -> None:
        more = f" and {total - len(numbers)} more" if total > len(numbers) else ""
        message = (
            f"These documents of the warehouse {code!r} are open: {', '.join(numbers)}{more}. Complete or cancel "
            "them first."
        )
        super().__init__(message, field=field)
        self.numbers = numbers
        self.total = total


class WarehouseInUse(NotAllowed):
    """The ledger or an order refers to the warehouse, so it cannot be deleted."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The warehouse {code!r} has a history. Deactivate it instead.", field=("id",))


class SkuHasStock(NotAllowed):
    """The SKU has units in stock, so it cannot be removed from its product or variant."""

    def __init__(self, sku: str, units: int, *, advice: str = "Set its stock to 0 first.") -> None:
        super().__init__(f"The SKU {sku!r} has {units} units in stock. {advice}", field=("sku",))
        self.sku = sku
        self.units = units


class SkuIsAwaited(NotAllowed):
    """Orders wait for units of the SKU, so it cannot be removed from its product or variant."""

    def __init__(self, sku: str, units: int) -> None:
        super().__init__(f"Orders wait for {units} units of {sku!r}. Fill or cancel them first.", field=("sku",))
        self.sku = sku
        self.units = units


class SkuHasMovements(NotAllowed):
    """The SKU has stock movements of its own, so the stock of another SKU cannot take its name."""

    def __init__(self, sku: str) -> None:
        super().__init__(f"The SKU {sku!r} has stock movements of its own. Choose another SKU.", field=("sku",))


class StockLimitExceeded(NotAllowed):
    """The movement would bring the SKU to more units than one SKU can have."""

    def __init__(self, sku: str, most: int, *, field: Sequence[str]) -> None:
        super().__init__(f"There can be at most {most} units of {sku!r}. Enter a smaller quantity.", field=field)


class MovementTypeNotAllowed(InvalidInput):
    """Movements of this type are written by orders, transfers or quarantine, and cannot be entered."""

    def __init__(self, kind: MovementType) -> None:
        super().__init__(f"{kind} {_WRITTEN_WHEN[kind]}. Choose another type.", field=("type",))


class MovementDirectionWrong(InvalidInput):
    """The sign of the quantity contradicts the movement's type: a purchase brings units in, a sale takes them out."""


@dataclass(frozen=True, slots=True)
class AwaitedUnits:
    """The units of a SKU that an order waits for, and when they are promised; None if that is not known."""

    sku: str
    units: int
    promised_at: datetime | None

    def __str__(self) -> str:
        promised = f", promised for {self.promised_at:%Y-%m-%d}" if self.promised_at else ""
        return f"{self.units} of {self.sku!r}{promised}"


class OrderAwaitsStock(NotAllowed):
    """The order waits for units that are not in stock yet, so it cannot be shipped; `awaited` lists them."""

    def __init__(self, awaited: Sequence[AwaitedUnits]) -> None:
        listed = "; ".join(str(each) for each in awaited[:5])
        more = f"; and {len(awaited) - 5} more SKUs" if len(awaited) > 5 else ""
        super().__init__(
            f"This order waits for units on backorder: {listed}{more}. Ship it when they have come in.",
            field=("order_id",),
        )
        self.awaited = tuple(awaited)


class BackorderLimitTooLow(NotAllowed):
    """Orders wait for more units of the SKU than the new limit."""

    def __init__(self, sku: str, limit: int, waiting: int) -> None:
        super().__init__(
            f"Orders wait for {waiting} units of {sku!r}. Set a limit of at least {waiting}, not {limit}.",
            field=("limit",),
        )
        self.sku = sku
        self.waiting = waiting


class UnitsAlreadyThere(InvalidInput):
    """Units are to be moved to the warehouse in which they are."""

    def __init__(self, *, field: Sequence[str] = ("to_warehouse_id",)) -> None:
        super().__init__("The units are in this warehouse already. Choose another one.", field=field)


class NotReserved(NotAllowed):
    """The order has fewer reserved units of the SKU than were to be released or sold."""

    def __init__(self, sku: str, requested: int, reserved: int, *, field: Sequence[str] = ("quantity",)) -> None:
        message = f"The order has {reserved} reserved units of {sku!r}, not {requested}."
        super().__init__(message, field=field)
