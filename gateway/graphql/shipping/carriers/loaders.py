"""Batch functions of carriers."""

from collections.abc import Sequence
from uuid import UUID

from domains.shipping.carriers.models import ShippingCarrier
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_carriers(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingCarrier | None]:
    """Carriers by id."""
    rows = await context.services.shipping.carriers.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)
