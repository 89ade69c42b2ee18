"""The ledger's rules: what a movement may do to a balance, and how it is written down; no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from domains.inventory.errors import InsufficientStock, Shortage, SkuNotFound
from domains.inventory.models import InventoryItem, MovementType, ReorderChanges, StockCount, StockLine, StockMovement
from domains.kernel.actor import Actor
from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import LINE_LENGTH, NAME_LENGTH, camel, normalize_key, optional_text, require_text
from domains.kernel.validation import collect_errors

MOST_STOCK: Final = 1_000_000_000
LEVELS: Final = ("levels",)
CHANGES: Final = ("changes",)
RESERVED_KINDS: Final = frozenset({MovementType.RESERVATION, MovementType.RELEASE})
INCOMING: Final = frozenset({MovementType.PURCHASE, MovementType.RETURN})
OUTGOING: Final = frozenset({MovementType.SALE, MovementType.DAMAGE, MovementType.THEFT})


@dataclass(frozen=True, slots=True)
class Movement:
    """Units that come to an item's free or reserved stock, or (below zero) leave it."""

    item_id: UUID
    available: int
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says beside the numbers: why stock moved, what it belongs to, and who moved it."""

    kind: MovementType
    reason: str | None
    reference: str | None
    actor: Actor

    @classmethod
    def of(cls, kind: MovementType, reason: str | None, reference: str | None, actor: Actor) -> Self:
        """An entry with its texts trimmed. Raises TooLong, InvalidInput, of both texts at once."""
        with collect_errors() as each:
            with each:
                reason = optional_text(reason, field=("reason",), most=LINE_LENGTH)
            with each:
                reference = optional_text(reference, field=("reference",), most=LINE_LENGTH)
        return cls(kind, reason, reference, actor)


@dataclass(frozen=True, slots=True)
class AppliedMovement:
    """A movement that was applied: the item as it is after it, and the ledger's entry."""

    item: InventoryItem
    entry: StockMovement

    @property
    def crossed_zero(self) -> bool:
        """Whether there is free stock now and was none before, or the other way round."""
        before = self.item.available_stock - self.entry.available_delta
        return (before > 0) != (self.item.available_stock > 0)

    @property
    def ran_low(self) -> bool:
        """Whether free stock has just come down to the reorder point, or below it."""
        before = self.item.available_stock - self.entry.available_delta
        return self.item.available_stock <= self.item.reorder_point < before


@dataclass(frozen=True, slots=True)
class Line:
    """What became of the units of one SKU that were to be set aside; `available` is what there was before."""

    sku: str
    available: int
    is_known: bool
    is_tracked: bool
    moved: AppliedMovement | None


def movement_of(
    item: InventoryItem, available: int, reserved: int = 0, *, field: Sequence[str] = ("quantity",)
) -> Movement:
    """A movement that the item's balances bear.

    Raises InsufficientStock below zero, InvalidInput for no movement at all and beyond a billion units.
    """
    if not available and not reserved:
        raise InvalidInput("A movement moves at least one unit.", field=field)
    if item.available_stock + available < 0:
        raise InsufficientStock(Shortage(item.sku, -available, item.available_stock), field=field)
    if item.reserved_stock + reserved < 0:
        raise InsufficientStock(Shortage(item.sku, -reserved, item.reserved_stock), field=field)
    if item.total_stock + available + reserved > MOST_STOCK:
        raise InvalidInput(f"There can be at most {MOST_STOCK} of one SKU.", field=field)
    return Movement(item.id, available, reserved)


def movements_to(
    items: Sequence[InventoryItem], counts: Mapping[str, int], paths: Mapping[str, Sequence[str]]
) -> list[Movement]:
    """The movements that bring items to what was counted; none for an item that is there already.

    Raises InvalidInput, of all items at once, by the paths of their counts.
    """
    by = {item.sku: counts[item.sku] - item.available_stock for item in items}
    return _movements([item for item in items if by[item.sku]], by, paths)


def movements_by(items: Sequence[InventoryItem], changes: Mapping[str, int]) -> list[Movement]:
    """The movements that change items by so many units.

    Raises InsufficientStock with every SKU that is short; else InvalidInput, of all items at once.
    """
    paths = fields_of(changes, CHANGES, "quantity")
    short = [
        Shortage(item.sku, -changes[item.sku], item.available_stock)
        for item in items
        if item.available_stock + changes[item.sku] < 0
    ]
    if short:
        raise InsufficientStock(*short, field=paths[short[0].sku])
    return _movements(items, changes, paths)


def fields_of(skus: Iterable[str], parent: Sequence[str], name: str) -> dict[str, Sequence[str]]:
    """Where a field of each SKU stands in a list that has each SKU once, in this order."""
    return {sku: (*parent, str(place), name) for place, sku in enumerate(skus)}


def _movements(
    items: Iterable[InventoryItem], by: Mapping[str, int], paths: Mapping[str, Sequence[str]]
) -> list[Movement]:
    movements = []
    with collect_errors() as each:
        for item in items:
            with each:
                movements.append(movement_of(item, by[item.sku], field=paths[item.sku]))
    return movements


def require_reserved(lines: Iterable[Line], wanted: Mapping[str, int]) -> list[AppliedMovement]:
    """The movements that set units aside. Raises SkuNotFound, InsufficientStock with every SKU that is short."""
    found = {line.sku: line for line in lines}
    unknown = [sku for sku in wanted if not found[sku].is_known]
    if unknown:
        raise SkuNotFound(unknown)
    short = [
        Shortage(sku, quantity, found[sku].available)
        for sku, quantity in wanted.items()
        if found[sku].is_tracked and found[sku].available < quantity
    ]
    if short:
        raise InsufficientStock(*short)
    return [line.moved for line in found.values() if line.moved is not None]


def require_kind(kind: MovementType, quantity: int, *, field: Sequence[str] = ()) -> None:
    """Raise InvalidInput when no units move, cannot move so for that reason, or move only with a reservation."""
    field = (*field, "quantity")
    if not quantity:
        raise InvalidInput("A movement moves at least one unit.", field=field)
    if kind in RESERVED_KINDS:
        raise InvalidInput(f"{kind} is written when an order reserves or frees units.", field=("type",))
    if kind in INCOMING and quantity < 0:
        raise InvalidInput(f"{kind} brings units in: the quantity must be above zero.", field=field)
    if kind in OUTGOING and quantity > 0:
        raise InvalidInput(f"{kind} takes units out: the quantity must be below zero.", field=field)


def require_counts(counts: Sequence[StockCount]) -> dict[str, int]:
    """The counts by SKU, in their order.

    Raises, of all counts at once, InvalidInput for a SKU counted twice and numbers out of bounds; Required, TooLong.
    """
    found: dict[str, int] = {}
    with collect_errors() as each:
        for index, count in enumerate(counts):
            field = (*LEVELS, str(index))
            with each:
                sku = require_text(normalize_key(count.sku), field=(*field, "sku"))
                if sku in found:
                    raise InvalidInput(f"The SKU {sku!r} is counted twice.", field=(*field, "sku"))
                found[sku] = count.available
            with each:
                require_level(count.available, field=(*field, "available"))
    return found


def require_level(available: int, *, field: Sequence[str]) -> None:
    """Raise InvalidInput unless there can be so many of a SKU."""
    if not 0 <= available <= MOST_STOCK:
        raise InvalidInput(f"Stock is between 0 and {MOST_STOCK}.", field=field)


def require_changes(changes: Sequence[StockLine], kind: MovementType) -> dict[str, int]:
    """The changes by SKU, in their order.

    Raises, of all changes at once, InvalidInput for a SKU given twice, none and the wrong way; Required, TooLong.
    """
    found: dict[str, int] = {}
    with collect_errors() as each:
        for index, change in enumerate(changes):
            field = (*CHANGES, str(index))
            with each:
                sku = require_text(normalize_key(change.sku), field=(*field, "sku"))
                if sku in found:
                    raise InvalidInput(f"The SKU {sku!r} is given twice.", field=(*field, "sku"))
                found[sku] = change.quantity
            with each:
                if not change.quantity or abs(change.quantity) > MOST_STOCK:
                    raise InvalidInput(f"A change is of 1 to {MOST_STOCK} units.", field=(*field, "quantity"))
                require_kind(kind, change.quantity, field=field)
    return found


def require_lines(lines: Iterable[StockLine]) -> dict[str, int]:
    """The units by SKU in the order of SKUs, lines of the same SKU added up. Raises InvalidInput below one."""
    found: dict[str, int] = {}
    for line in lines:
        if not 1 <= line.quantity <= MOST_STOCK:
            raise InvalidInput(f"A quantity is between 1 and {MOST_STOCK}.", field=("quantity",))
        sku = require_text(normalize_key(line.sku), field=("sku",))
        found[sku] = found.get(sku, 0) + line.quantity
    return dict(sorted(found.items()))


def require_reorder(changes: ReorderChanges) -> ReorderChanges:
    """The changes with their text trimmed. Raises InvalidInput out of bounds, TooLong, of all fields at once."""
    checked = changes.copy()
    numbers = {
        "reorder_point": changes.get("reorder_point", 0),
        "reorder_quantity": changes.get("reorder_quantity", 0),
    }
    with collect_errors() as each:
        for name, value in numbers.items():
            with each:
                if not 0 <= value <= MOST_STOCK:
                    raise InvalidInput(f"`{camel(name)}` is between 0 and {MOST_STOCK}.", field=(name,))
        with each:
            if "location" in changes:
                checked["location"] = optional_text(changes["location"], field=("location",), most=NAME_LENGTH)
    return checked
