"""The rules of stock movements and of their ledger entries; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from domains.inventory.errors import (
    InsufficientStock,
    MovementDirectionWrong,
    MovementTypeNotAllowed,
    Shortage,
    SkuNotFound,
    StockLimitExceeded,
)
from domains.inventory.models import InventoryItem, MovementType, ReorderChanges, StockCount, StockLine, StockMovement
from domains.kernel.actor import Actor
from domains.kernel.errors import DuplicateValue, OutOfRange
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, normalize_key, optional_text, require_text
from domains.kernel.validation import collect_errors

MAX_STOCK: Final = 1_000_000_000
LEVELS: Final = ("levels",)
CHANGES: Final = ("changes",)
RESERVATION_TYPES: Final = frozenset({MovementType.RESERVATION, MovementType.RELEASE})
INCOMING: Final = frozenset({MovementType.PURCHASE, MovementType.RETURN})
OUTGOING: Final = frozenset({MovementType.SALE, MovementType.DAMAGE, MovementType.THEFT})


@dataclass(frozen=True, slots=True)
class Movement:
    """The change of an item's available and reserved units; negative numbers remove units."""

    item_id: UUID
    available: int
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of a ledger entry besides the numbers: type, reason, reference and actor."""

    movement_type: MovementType
    reason: str | None
    reference: str | None
    actor: Actor

    @classmethod
    def of(cls, movement_type: MovementType, reason: str | None, reference: str | None, actor: Actor) -> Self:
        """An entry with its texts trimmed. Raises TooLong and InvalidInput, for both texts at once."""
        with collect_errors() as each:
            with each:
                reason = optional_text(reason, field=("reason",), max_length=LINE_LENGTH)
            with each:
                reference = optional_text(reference, field=("reference",), max_length=LINE_LENGTH)
        return cls(movement_type, reason, reference, actor)


@dataclass(frozen=True, slots=True)
class AppliedMovement:
    """A movement that was applied: the item after it, and the ledger entry."""

    item: InventoryItem
    entry: StockMovement

    @property
    def crossed_zero(self) -> bool:
        """Whether the item came into stock or ran out of stock."""
        before = self.item.available_stock - self.entry.available_delta
        return (before > 0) != (self.item.available_stock > 0)

    @property
    def ran_low(self) -> bool:
        """Whether the movement brought the available stock to the reorder point or below it."""
        before = self.item.available_stock - self.entry.available_delta
        return self.item.available_stock <= self.item.reorder_point < before


@dataclass(frozen=True, slots=True)
class ReservedLine:
    """The result of reserving units of one SKU; `available` are the units before. `applied` is None if none moved."""

    sku: str
    available: int
    is_known: bool
    is_tracked: bool
    applied: AppliedMovement | None


def movement_of(
    item: InventoryItem, available: int, reserved: int = 0, *, field: Sequence[str] = ("quantity",)
) -> Movement:
    """A movement that keeps the item's balances within their limits.

    Raises InsufficientStock below zero, StockLimitExceeded above a billion units, OutOfRange for no units.
    """
    if not available and not reserved:
        raise OutOfRange("A movement must change at least one unit.", field=field)
    if item.available_stock + available < 0:
        raise InsufficientStock(Shortage(item.sku, -available, item.available_stock), field=field)
    if item.reserved_stock + reserved < 0:
        raise InsufficientStock(Shortage(item.sku, -reserved, item.reserved_stock), field=field)
    if item.total_stock + available + reserved > MAX_STOCK:
        raise StockLimitExceeded(item.sku, MAX_STOCK, field=field)
    return Movement(item.id, available, reserved)


def movements_to(
    items: Sequence[InventoryItem], counts: Mapping[str, int], paths: Mapping[str, Sequence[str]]
) -> list[Movement]:
    """The movements that set items to their counts; none for an item that has that count already.

    Raises StockLimitExceeded, for all items at once, with the paths of their counts.
    """
    by = {item.sku: counts[item.sku] - item.available_stock for item in items}
    return _movements([item for item in items if by[item.sku]], by, paths)


def movements_by(items: Sequence[InventoryItem], changes: Mapping[str, int]) -> list[Movement]:
    """The movements that change items by these numbers of units.

    Raises InsufficientStock with all SKUs without enough stock, otherwise StockLimitExceeded for all items at once.
    """
    paths = paths_of(changes, CHANGES, "quantity")
    shortages = [
        Shortage(item.sku, -changes[item.sku], item.available_stock)
        for item in items
        if item.available_stock + changes[item.sku] < 0
    ]
    if shortages:
        raise InsufficientStock(*shortages, field=paths[shortages[0].sku])
    return _movements(items, changes, paths)


def paths_of(skus: Iterable[str], parent: Sequence[str], name: str) -> dict[str, Sequence[str]]:
    """The path of a field of each SKU in a list that has each SKU once, in this order."""
    return {sku: (*parent, str(index), name) for index, sku in enumerate(skus)}


def _movements(
    items: Iterable[InventoryItem], by: Mapping[str, int], paths: Mapping[str, Sequence[str]]
) -> list[Movement]:
    movements = []
    with collect_errors() as each:
        for item in items:
            with each:
                movements.append(movement_of(item, by[item.sku], field=paths[item.sku]))
    return movements


def require_reservable(lines: Iterable[ReservedLine], quantities: Mapping[str, int]) -> list[AppliedMovement]:
    """The applied movements of a reservation. Raises SkuNotFound, InsufficientStock with all SKUs without stock."""
    by_sku = {line.sku: line for line in lines}
    unknown = [sku for sku in quantities if not by_sku[sku].is_known]
    if unknown:
        raise SkuNotFound(unknown)
    shortages = [
        Shortage(sku, quantity, by_sku[sku].available)
        for sku, quantity in quantities.items()
        if by_sku[sku].is_tracked and by_sku[sku].available < quantity
    ]
    if shortages:
        raise InsufficientStock(*shortages)
    return [line.applied for line in by_sku.values() if line.applied is not None]


def require_direction(movement_type: MovementType, quantity: int, *, field: Sequence[str] = ()) -> None:
    """Raise OutOfRange for no units, MovementDirectionWrong, or MovementTypeNotAllowed for a type of reservations."""
    field = (*field, "quantity")
    if not quantity:
        raise OutOfRange("A movement must change at least one unit.", field=field)
    if movement_type in RESERVATION_TYPES:
        raise MovementTypeNotAllowed(movement_type)
    if movement_type in INCOMING and quantity < 0:
        raise MovementDirectionWrong(f"{movement_type} adds units: the quantity must be above zero.", field=field)
    if movement_type in OUTGOING and quantity > 0:
        raise MovementDirectionWrong(f"{movement_type} removes units: the quantity must be below zero.", field=field)


def require_counts(counts: Sequence[StockCount]) -> dict[str, int]:
    """The counts by SKU, in their order.

    Raises, for all counts at once, DuplicateValue for a repeated SKU, OutOfRange, Required, TooLong.
    """
    quantities: dict[str, int] = {}
    with collect_errors() as each:
        for index, count in enumerate(counts):
            field = (*LEVELS, str(index))
            with each:
                sku = require_text(normalize_key(count.sku), field=(*field, "sku"))
                if sku in quantities:
                    raise DuplicateValue(f"The SKU {sku!r} is counted twice.", field=(*field, "sku"))
                quantities[sku] = count.available
            with each:
                require_level(count.available, field=(*field, "available"))
    return quantities


def require_level(available: int, *, field: Sequence[str]) -> None:
    """Raise OutOfRange unless the count is within the limits."""
    if not 0 <= available <= MAX_STOCK:
        raise OutOfRange(f"Stock is between 0 and {MAX_STOCK}.", field=field)


def require_changes(changes: Sequence[StockLine], movement_type: MovementType) -> dict[str, int]:
    """The changes by SKU, in their order.

    Raises, for all changes at once, DuplicateValue for a repeated SKU, OutOfRange, MovementDirectionWrong,
    MovementTypeNotAllowed, Required, TooLong.
    """
    quantities: dict[str, int] = {}
    with collect_errors() as each:
        for index, change in enumerate(changes):
            field = (*CHANGES, str(index))
            with each:
                sku = require_text(normalize_key(change.sku), field=(*field, "sku"))
                if sku in quantities:
                    raise DuplicateValue(f"The SKU {sku!r} is given twice.", field=(*field, "sku"))
                quantities[sku] = change.quantity
            with each:
                if not change.quantity or abs(change.quantity) > MAX_STOCK:
                    raise OutOfRange(f"A change is of 1 to {MAX_STOCK} units.", field=(*field, "quantity"))
                require_direction(movement_type, change.quantity, field=field)
    return quantities


def require_lines(lines: Iterable[StockLine]) -> dict[str, int]:
    """The units by SKU in the order of SKUs, lines of the same SKU added up. Raises OutOfRange below one."""
    quantities: dict[str, int] = {}
    for line in lines:
        if not 1 <= line.quantity <= MAX_STOCK:
            raise OutOfRange(f"A quantity is between 1 and {MAX_STOCK}.", field=("quantity",))
        sku = require_text(normalize_key(line.sku), field=("sku",))
        quantities[sku] = quantities.get(sku, 0) + line.quantity
    return dict(sorted(quantities.items()))


def require_reorder(changes: ReorderChanges) -> ReorderChanges:
    """The changes with their text trimmed. Raises OutOfRange and TooLong, for all fields at once."""
    checked = changes.copy()
    numbers = {
        "reorder_point": changes.get("reorder_point", 0),
        "reorder_quantity": changes.get("reorder_quantity", 0),
    }
    with collect_errors() as each:
        for name, value in numbers.items():
            with each:
                if not 0 <= value <= MAX_STOCK:
                    raise OutOfRange(f"`{name}` is between 0 and {MAX_STOCK}.", field=(name,))
        with each:
            if "location" in changes:
                checked["location"] = optional_text(changes["location"], field=("location",), max_length=NAME_LENGTH)
    return checked
