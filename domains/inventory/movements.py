"""The rules of stock movements and of their ledger entries; pure."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias, TypeVar
from uuid import UUID

from domains.inventory.alerts.crossings import Crossing, StockBefore, crossing
from domains.inventory.errors import (
    AllocationOutdated,
    InsufficientStock,
    MovementDirectionWrong,
    MovementTypeNotAllowed,
    Shortage,
    SkuNotFound,
    StockLimitExceeded,
)
from domains.inventory.models import (
    AllocatedLine,
    InventoryItem,
    InventoryLevel,
    MovementType,
    ReorderChanges,
    StockCount,
    StockLine,
    StockMovement,
)
from domains.kernel.actor import Actor
from domains.kernel.errors import DuplicateValue, OutOfRange
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, normalize_key, optional_text, require_text
from domains.kernel.validation import collect_errors

MAX_STOCK: Final = 1_000_000_000
LEVELS: Final = ("levels",)
CHANGES: Final = ("changes",)
TRANSFER_TYPES: Final = frozenset({MovementType.TRANSFER_OUT, MovementType.TRANSFER_IN})
QUARANTINE_TYPES: Final = frozenset({MovementType.QUARANTINE, MovementType.QUARANTINE_RELEASE})
RESERVATION_TYPES: Final = frozenset({MovementType.RESERVATION, MovementType.RELEASE})
NOT_ENTERED: Final = RESERVATION_TYPES | TRANSFER_TYPES | QUARANTINE_TYPES
INCOMING: Final = frozenset({MovementType.PURCHASE, MovementType.RETURN})
OUTGOING: Final = frozenset({MovementType.SALE, MovementType.DAMAGE, MovementType.THEFT})
LevelKey: TypeAlias = tuple[str, UUID | None]
"""A SKU and a warehouse; None is the default warehouse."""
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Movement:
    """The change of an item's units in a warehouse; negative numbers remove units."""

    item_id: UUID
    warehouse_id: UUID
    available: int
    reserved: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class LockedItem:
    """An item that is locked, with its levels by warehouse; a warehouse without one has no units of it."""

    item: InventoryItem
    levels: Mapping[UUID, InventoryLevel]

    def available_at(self, warehouse_id: UUID) -> int:
        """The available units in a warehouse."""
        level = self.levels.get(warehouse_id)
        return level.available_stock if level else 0

    def movement(
        self,
        warehouse_id: UUID,
        available: int,
        reserved: int = 0,
        quarantined: int = 0,
        *,
        field: Sequence[str] = ("quantity",),
        also: int = 0,
    ) -> Movement:
        """A movement that keeps the balances within their limits; `also` are the units that others add to the item.

        Raises InsufficientStock below zero, StockLimitExceeded above a billion units, OutOfRange for no units.
        """
        if not available and not reserved and not quarantined:
            raise OutOfRange("A movement must change at least one unit.", field=field)
        level, sku = self.levels.get(warehouse_id), self.item.sku
        balances = (level.available_stock, level.reserved_stock, level.quarantined_stock) if level else (0, 0, 0)
        for balance, change in zip(balances, (available, reserved, quarantined), strict=True):
            if balance + change < 0:
                raise InsufficientStock(Shortage(sku, -change, balance), field=field)
        if self.item.total_stock + also + available + reserved + quarantined > MAX_STOCK:
            raise StockLimitExceeded(sku, MAX_STOCK, field=field)
        return Movement(self.item.id, warehouse_id, available, reserved, quarantined)


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
    """A movement that was applied: the item after the statement that applied it, and the ledger entry."""

    item: InventoryItem
    entry: StockMovement

    @property
    def change(self) -> "ItemChange":
        """What it changed of the item."""
        entry = self.entry
        total = entry.available_delta + entry.reserved_delta + entry.quarantined_delta
        return ItemChange(self.item, entry.available_delta, entry.quantity, total=total)


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item after it changed: the change of its available units and of those on backorder, and units moved.

    `total` is the change of all units on hand.
    """

    item: InventoryItem
    available: int = 0
    quantity: int = 0
    backordered: int = 0
    total: int = 0

    @property
    def crossed_zero(self) -> bool:
        """Whether the item came into stock or ran out of stock, or can be bought now and could not, or no longer."""
        now, sellable = self.item.available_stock, sellable_units(self.item)
        before = sellable - self.available + self.backordered
        return (now - self.available > 0) != (now > 0) or (before > 0) != (sellable > 0)

    @property
    def is_back(self) -> bool:
        """Whether the item came into stock."""
        return self.item.available_stock - self.available <= 0 < self.item.available_stock

    @property
    def crossing(self) -> Crossing:
        """The limits of the item that the change crossed."""
        item = self.item
        before = StockBefore(
            item.available_stock - self.available,
            item.total_stock - self.total,
            item.reorder_point,
            item.max_stock_threshold,
        )
        return crossing(item.id, item.sku, before, item)


def changes_of(applied: Iterable[AppliedMovement]) -> list[ItemChange]:
    """The changes of the items of movements, in the order of SKUs."""
    return combined(move.change for move in applied)


def combined(changes: Iterable[ItemChange]) -> list[ItemChange]:
    """The changes of each item together, in the order of SKUs; those of an item are in their order."""
    by_item: dict[UUID, ItemChange] = {}
    for change in changes:
        before = by_item.get(change.item.id, ItemChange(change.item))
        by_item[change.item.id] = ItemChange(
            change.item,
            before.available + change.available,
            before.quantity + change.quantity,
            before.backordered + change.backordered,
            before.total + change.total,
        )
    return sorted(by_item.values(), key=lambda change: change.item.sku)


def sellable_units(item: InventoryItem) -> int:
    """The units of an item that can be bought now, those on backorder included."""
    return item.available_stock + item.backorder_limit - item.backordered_units


@dataclass(frozen=True, slots=True)
class ReservedLine:
    """The result of reserving units of one SKU in one warehouse.

    `available` are the units before in all warehouses, `available_there` those of the warehouse. `applied` is None
    if none moved; `item` is the item if it changed. `is_refused` if its units cannot be put on backorder.
    """

    sku: str
    is_known: bool
    is_tracked: bool
    available: int
    available_there: int
    requested: int
    applied: AppliedMovement | None
    item: InventoryItem | None
    is_refused: bool


def movements_to(
    items: Sequence[LockedItem], counts: Mapping[LevelKey, int], paths: Mapping[LevelKey, Sequence[str]]
) -> list[Movement]:
    """The movements that set levels to their counts, which name warehouses; none for a level that is right already.

    Raises StockLimitExceeded, for all counts at once, with their paths.
    """
    by_sku = {locked.item.sku: locked for locked in items}
    movements, added = list[Movement](), Counter[str]()
    with collect_errors() as each:
        for key, count in counts.items():
            sku, warehouse_id = key
            if warehouse_id is None or sku not in by_sku:
                continue
            change = count - by_sku[sku].available_at(warehouse_id)
            with each:
                if change:
                    movements.append(by_sku[sku].movement(warehouse_id, change, field=paths[key], also=added[sku]))
                    added[sku] += change
    return movements


def movements_by(items: Sequence[LockedItem], changes: Mapping[LevelKey, int]) -> list[Movement]:
    """The movements that change levels by these numbers of units; the changes name warehouses.

    Raises InsufficientStock with all SKUs without enough stock, otherwise StockLimitExceeded for all at once.
    """
    paths = paths_of(changes, CHANGES, "quantity")
    by_sku = {locked.item.sku: locked for locked in items}
    named = [(by_sku[sku], place, change, paths[sku, place]) for (sku, place), change in changes.items() if place]
    short = [
        (Shortage(locked.item.sku, -change, locked.available_at(place)), path)
        for locked, place, change, path in sorted(named, key=lambda each: each[0].item.sku)
        if locked.available_at(place) + change < 0
    ]
    if short:
        raise InsufficientStock(*(shortage for shortage, _ in short), field=short[0][1])
    movements, added = list[Movement](), Counter[str]()
    with collect_errors() as each:
        for locked, place, change, path in named:
            with each:
                movements.append(locked.movement(place, change, field=path, also=added[locked.item.sku]))
                added[locked.item.sku] += change
    return movements


def paths_of(keys: Iterable[Key], parent: Sequence[str], name: str) -> dict[Key, Sequence[str]]:
    """The path of a field of each key in a list that has each key once, in this order."""
    return {key: (*parent, str(index), name) for index, key in enumerate(keys)}


def require_reservable(lines: Iterable[ReservedLine]) -> list[AppliedMovement]:
    """The applied movements of a reservation, by SKU.

    Raises SkuNotFound; InsufficientStock with all SKUs that have too few units in all warehouses; AllocationOutdated
    when all SKUs have enough, but not where they were to be taken from.
    """
    lines = sorted(lines, key=lambda line: line.sku)
    if unknown := sorted({line.sku for line in lines if not line.is_known}):
        raise SkuNotFound(unknown)
    tracked = [line for line in lines if line.is_tracked]
    requested: dict[str, int] = {}
    for line in tracked:
        requested[line.sku] = requested.get(line.sku, 0) + line.requested
    available = {line.sku: line.available for line in tracked}
    shortages = [Shortage(sku, units, available[sku]) for sku, units in requested.items() if available[sku] < units]
    if shortages:
        raise InsufficientStock(*shortages)
    if outdated := sorted({line.sku for line in tracked if line.available_there < line.requested or line.is_refused}):
        raise AllocationOutdated(outdated)
    return [line.applied for line in lines if line.applied is not None]


def require_direction(movement_type: MovementType, quantity: int, *, field: Sequence[str] = ()) -> None:
    """Raise OutOfRange for no units, MovementDirectionWrong, MovementTypeNotAllowed for what the platform writes."""
    field = (*field, "quantity")
    if not quantity:
        raise OutOfRange("A movement must change at least one unit.", field=field)
    if movement_type in NOT_ENTERED:
        raise MovementTypeNotAllowed(movement_type)
    if movement_type in INCOMING and quantity < 0:
        raise MovementDirectionWrong(f"{movement_type} adds units: the quantity must be above zero.", field=field)
    if movement_type in OUTGOING and quantity > 0:
        raise MovementDirectionWrong(f"{movement_type} removes units: the quantity must be below zero.", field=field)


def require_counts(counts: Sequence[StockCount]) -> dict[LevelKey, int]:
    """The counts by SKU and warehouse, in their order.

    Raises, for all counts at once, DuplicateValue for a repeated SKU, OutOfRange, Required, TooLong, and
    StockLimitExceeded.
    """
    quantities: dict[LevelKey, int] = {}
    totals = Counter[str]()
    with collect_errors() as each:
        for index, count in enumerate(counts):
            field = (*LEVELS, str(index))
            with each:
                sku = require_text(normalize_key(count.sku), field=(*field, "sku"))
                if (sku, count.warehouse_id) in quantities:
                    raise DuplicateValue(f"The SKU {sku!r} is counted twice.", field=(*field, "sku"))
                quantities[sku, count.warehouse_id] = count.available
            with each:
                require_level(count.available, field=(*field, "available"))
                totals[normalize_key(count.sku)] += count.available
                if totals[normalize_key(count.sku)] > MAX_STOCK:
                    raise StockLimitExceeded(count.sku, MAX_STOCK, field=(*field, "available"))
    return quantities


def require_level(available: int, *, field: Sequence[str]) -> None:
    """Raise OutOfRange unless the count is within the limits."""
    if not 0 <= available <= MAX_STOCK:
        raise OutOfRange(f"Stock is between 0 and {MAX_STOCK}.", field=field)


def require_changes(changes: Sequence[StockLine], movement_type: MovementType) -> dict[LevelKey, int]:
    """The changes by SKU and warehouse, in their order.

    Raises, for all changes at once, DuplicateValue for a repeated SKU, OutOfRange, MovementDirectionWrong,
    MovementTypeNotAllowed, Required, TooLong.
    """
    quantities: dict[LevelKey, int] = {}
    with collect_errors() as each:
        for index, change in enumerate(changes):
            field = (*CHANGES, str(index))
            with each:
                sku = require_text(normalize_key(change.sku), field=(*field, "sku"))
                if (sku, change.warehouse_id) in quantities:
                    raise DuplicateValue(f"The SKU {sku!r} is given twice.", field=(*field, "sku"))
                quantities[sku, change.warehouse_id] = change.quantity
            with each:
                if not change.quantity or abs(change.quantity) > MAX_STOCK:
                    raise OutOfRange(f"A change is of 1 to {MAX_STOCK} units.", field=(*field, "quantity"))
                require_direction(movement_type, change.quantity, field=field)
    return quantities


def in_warehouse(quantities: Mapping[LevelKey, int], default_id: UUID, parent: Sequence[str]) -> dict[LevelKey, int]:
    """The quantities with the default warehouse where none is named. Raises DuplicateValue for a repeated level."""
    named: dict[LevelKey, int] = {}
    with collect_errors() as each:
        for index, ((sku, warehouse_id), quantity) in enumerate(quantities.items()):
            with each:
                if (sku, warehouse_id or default_id) in named:
                    message = f"The SKU {sku!r} is given twice for the same warehouse."
                    raise DuplicateValue(message, field=(*parent, str(index), "sku"))
                named[sku, warehouse_id or default_id] = quantity
    return named


def require_lines(lines: Iterable[StockLine | AllocatedLine]) -> dict[LevelKey, int]:
    """The units by SKU and warehouse in the order of SKUs, equal ones added up. Raises OutOfRange below one."""
    quantities: dict[LevelKey, int] = {}
    for line in lines:
        if not 1 <= line.quantity <= MAX_STOCK:
            raise OutOfRange(f"A quantity is between 1 and {MAX_STOCK}.", field=("quantity",))
        key = (require_text(normalize_key(line.sku), field=("sku",)), line.warehouse_id)
        quantities[key] = quantities.get(key, 0) + line.quantity
    return {key: quantities[key] for key in sorted(quantities, key=_by_sku_and_warehouse)}


def _by_sku_and_warehouse(key: LevelKey) -> tuple[str, str]:
    sku, warehouse_id = key
    return (sku, str(warehouse_id or ""))


def require_reorder(changes: ReorderChanges) -> ReorderChanges:
    """The changes with their text trimmed. Raises OutOfRange and TooLong, for all fields at once."""
    checked = changes.copy()
    numbers = {
        "reorder_point": changes.get("reorder_point", 0),
        "reorder_quantity": changes.get("reorder_quantity", 0),
        "max_stock_threshold": changes.get("max_stock_threshold") or 0,
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
