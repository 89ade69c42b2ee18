"""Batch functions of shipping profiles."""

from collections.abc import Sequence
from uuid import UUID

from domains.shipping.models import ShippingProfile
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_profiles(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingProfile | None]:
    """Shipping profiles by id."""
    rows = await context.services.shipping.profiles.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_profiles_of_methods(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShippingProfile]]:
    """The profiles that methods carry, the oldest first. One statement for the pairs, one for the profiles."""
    found = await context.services.shipping.methods.profiles_of(context.reader, keys)
    return [found[key] for key in keys]
