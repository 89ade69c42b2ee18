"""Batch functions of the inventory's relations."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.inventory.models import InventoryItem, InventoryLevel, StockMovement, StoredLevel, Warehouse
from domains.kernel.pagination.pages import PageArgs
from domains.order.models import Order
from gateway.graphql.core.context import Context
from gateway.graphql.core.pagination import Connection
from gateway.graphql.core.relations import Derived
from gateway.graphql.engine.loading import one_per_key


async def load_items_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[InventoryItem | None]:
    """Inventory items by id."""
    rows = await context.services.inventory.listing.items_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_stored(context: Context, keys: Sequence[UUID]) -> Sequence[list[StoredLevel]]:
    """The levels of items with their warehouses, in the order of the warehouses' codes."""
    levels = await context.services.inventory.listing.levels_by_item(context.reader, keys)
    return [levels.get(key, []) for key in keys]


def _levels(stored: list[StoredLevel], _item_id: UUID) -> list[InventoryLevel]:
    return [each.level for each in stored]


def _location(stored: list[StoredLevel], _item_id: UUID) -> str | None:
    return next((each.level.location for each in stored if each.warehouse.is_default), None)


def _same(item_id: UUID) -> UUID:
    return item_id


LEVELS_OF_ITEM: Final = Derived(_same, _levels)
"""The levels of an item, of those with their warehouses."""
LOCATION_OF_ITEM: Final = Derived(_same, _location)
"""The location of an item in the default warehouse, of its levels."""


async def load_levels_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[InventoryLevel | None]:
    """Levels by id."""
    rows = await context.services.inventory.listing.levels_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_incoming(context: Context, keys: Sequence[UUID]) -> Sequence[int]:
    """The units that are on their way to levels, by the levels' ids."""
    units = await context.services.inventory.purchase_orders.listing.incoming(context.reader, keys)
    return [units.get(key, 0) for key in keys]


async def load_level_pages(
    context: Context, keys: Sequence[tuple[UUID, PageArgs]]
) -> Sequence[Connection[InventoryLevel]]:
    """A page of the levels of each warehouse."""
    pages = await context.services.inventory.listing.level_pages(context.reader, keys)
    return [Connection[InventoryLevel].of(page) for page in pages]


async def load_warehouses(context: Context, keys: Sequence[UUID]) -> Sequence[Warehouse | None]:
    """Warehouses by id."""
    rows = await context.services.inventory.warehouses.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_movements(context: Context, keys: Sequence[UUID]) -> Sequence[StockMovement | None]:
    """Entries of the ledger by id."""
    rows = await context.services.inventory.listing.movements_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_movement_pages(
    context: Context, keys: Sequence[tuple[UUID, PageArgs]]
) -> Sequence[Connection[StockMovement]]:
    """A page of the ledger of each item."""
    pages = await context.services.inventory.listing.movement_pages(context.reader, keys)
    return [Connection[StockMovement].of(page) for page in pages]


async def load_referred_orders(context: Context, keys: Sequence[str]) -> Sequence[Order | None]:
    """The orders whose ids are references; None for other references."""
    ids = {key: order_id for key in keys if (order_id := _id(key)) is not None}
    if not ids:
        return [None for _ in keys]
    rows = await context.services.order.orders_by_id(context.reader, list(ids.values()))
    orders = {order.id: order for order in rows}
    return [orders.get(ids[key]) if key in ids else None for key in keys]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
