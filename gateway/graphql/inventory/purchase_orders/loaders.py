"""Batch functions of purchase orders."""

from collections.abc import Sequence
from uuid import UUID

from domains.inventory.purchase_orders.models import PurchaseOrder, PurchaseOrderLine
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_purchase_orders(context: Context, keys: Sequence[UUID]) -> Sequence[PurchaseOrder | None]:
    """Purchase orders by id."""
    rows = await context.services.inventory.purchase_orders.listing.by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_purchase_lines(context: Context, keys: Sequence[UUID]) -> Sequence[list[PurchaseOrderLine]]:
    """The lines of purchase orders."""
    lines = await context.services.inventory.purchase_orders.listing.lines_of(context.reader, keys)
    return [lines[key] for key in keys]
