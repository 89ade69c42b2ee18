"""Batch functions of shipping zones, methods and rates."""

from collections.abc import Sequence
from uuid import UUID

from domains.shipping.models import ShippingMethod, ShippingRate, ShippingZone
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_zones(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingZone | None]:
    """Shipping zones by id."""
    rows = await context.services.shipping.zones.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_methods(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingMethod | None]:
    """Shipping methods by id."""
    rows = await context.services.shipping.methods.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_methods_of_zones(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShippingMethod]]:
    """The methods of zones by position."""
    rows = await context.services.shipping.methods.of_zones(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.zone_id)


async def load_rates(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingRate | None]:
    """Rates of shipping methods by id."""
    rows = await context.services.shipping.methods.rates_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_rates_of_methods(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShippingRate]]:
    """The rates of methods in the order in which they were given."""
    rows = await context.services.shipping.methods.rates_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.method_id)
