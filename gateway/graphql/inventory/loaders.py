"""Batch functions of the inventory's relations."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.level_sql import levels_by_item
from domains.inventory.models import InventoryItem, StockMovement
from domains.kernel.pagination.pages import PageArgs
from domains.order.models import Order
from gateway.graphql.core.context import Context
from gateway.graphql.core.pagination import Connection
from gateway.graphql.engine.loading import one_per_key


async def load_items_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[InventoryItem | None]:
    """Inventory items by id."""
    rows = await context.services.inventory.listing.items_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_locations(context: Context, keys: Sequence[UUID]) -> Sequence[str | None]:
    """The locations of items in the default warehouse."""
    levels = await levels_by_item(context.reader, keys)
    locations = {
        item_id: stored.level.location
        for item_id, of_item in levels.items()
        for stored in of_item
        if stored.warehouse.is_default
    }
    return [locations.get(key) for key in keys]


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
