"""The ledger's rules: what a movement may do to a balance, and how it is written down; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domains.inventory.errors import InsufficientStock
from domains.inventory.models import InventoryItem, MovementType, StockCount
from domains.kernel.actor import Actor
from domains.kernel.errors import InvalidInput
from domains.kernel.text import LINE_LENGTH, optional_text, require_text

MOST_STOCK = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Movement:
    """Units that come to an item's free or reserved stock, or (below zero) leave it."""

    item_id: UUID
    available: int
    reserved: int = 0


def movement_of(item: InventoryItem, available: int, reserved: int = 0) -> Movement:
    """A movement that the item's balances bear.

    Raises InsufficientStock below zero, InvalidInput for no movement at all and beyond a billion units.
    """
    if not available and not reserved:
        raise InvalidInput("A movement moves at least one unit.", path=("input", "quantity"))
    if item.available_stock + available < 0:
        raise InsufficientStock(item.sku, -available, item.available_stock)
    if item.reserved_stock + reserved < 0:
        raise InsufficientStock(item.sku, -reserved, item.reserved_stock)
    if item.total_stock + available + reserved > MOST_STOCK:
        raise InvalidInput(f"There can be at most {MOST_STOCK} of one SKU.", path=("input", "quantity"))
    return Movement(item.id, available, reserved)


def movements_to(items: Sequence[InventoryItem], counts: Mapping[str, int]) -> list[Movement]:
    """The movements that bring items to what was counted; none for an item that is there already."""
    return [
        movement_of(item, counts[item.sku] - item.available_stock)
        for item in items
        if counts[item.sku] != item.available_stock
    ]


def entry(
    item: InventoryItem,
    movement: Movement,
    kind: MovementType,
    actor: Actor,
    reason: str | None,
    reference: str | None,
) -> Any:
    """The ledger's entry of a movement that has been applied; `item` is as it is after it."""
    return {
        "inventory_id": item.id,
        "type": kind,
        "quantity": max(abs(movement.available), abs(movement.reserved)),
        "available_delta": movement.available,
        "reserved_delta": movement.reserved,
        "balance_after": item.total_stock,
        "reason": optional_text(reason, path=("input", "reason"), most=LINE_LENGTH),
        "reference": optional_text(reference, path=("input", "reference"), most=LINE_LENGTH),
        "performed_by": actor.user_id,
        "actor_kind": actor.kind,
    }


def require_counts(counts: Sequence[StockCount]) -> dict[str, int]:
    """The counts by SKU. Raises InvalidInput for a SKU counted twice and numbers out of bounds; Required, TooLong."""
    found: dict[str, int] = {}
    for index, count in enumerate(counts):
        path = ("input", "levels", str(index))
        if not 0 <= count.available <= MOST_STOCK:
            raise InvalidInput(f"Stock is between 0 and {MOST_STOCK}.", path=(*path, "available"))
        sku = require_text(count.sku, path=(*path, "sku"))
        if sku in found:
            raise InvalidInput(f"The SKU {sku!r} is counted twice.", path=(*path, "sku"))
        found[sku] = count.available
    return found
