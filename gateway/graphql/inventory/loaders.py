"""Batch functions of the inventory's relations."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.models import InventoryItem
from gateway.graphql.context import Context
from gateway.graphql.loading import one_per_key


async def load_items_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[InventoryItem | None]:
    """Inventory items by id."""
    rows = await context.services.inventory.items_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
