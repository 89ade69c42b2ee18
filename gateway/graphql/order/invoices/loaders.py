"""Batch functions of invoices."""

from collections.abc import Sequence
from uuid import UUID

from domains.order.invoices.models import Invoice
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key


async def load_order_invoices(context: Context, keys: Sequence[UUID]) -> Sequence[list[Invoice]]:
    """The invoices and credit notes of orders, oldest first."""
    rows = await context.services.order.invoices.listing.of_orders(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)
