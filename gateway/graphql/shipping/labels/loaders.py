"""Batch functions of shipping labels."""

from collections.abc import Sequence
from uuid import UUID

from domains.shipping.carriers.models import ShippingLabel
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_labels(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingLabel | None]:
    """Labels by id."""
    rows = await context.services.shipping.labels.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_labels_of_orders(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShippingLabel]]:
    """The labels of orders, oldest first."""
    rows = await context.services.shipping.labels.of_orders(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.order_id)
