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


async def load_profiles_of_products(context: Context, keys: Sequence[UUID]) -> Sequence[ShippingProfile | None]:
    """The shipping profiles of products, None for the default one. A statement for products, one for profiles."""
    services, reader = context.services, context.reader
    of_products = await services.catalog.products.shipping_profile_ids(reader, keys)
    profile_ids = {profile_id for profile_id in of_products.values() if profile_id is not None}
    rows = await services.shipping.profiles.find_many(reader, profile_ids) if profile_ids else []
    profiles = {row.id: row for row in rows}
    return [None if (profile_id := of_products.get(key)) is None else profiles.get(profile_id) for key in keys]


async def load_profiles_of_methods(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShippingProfile]]:
    """The profiles that methods carry, the oldest first. One statement for the pairs, one for the profiles."""
    found = await context.services.shipping.methods.profiles_of(context.reader, keys)
    return [found[key] for key in keys]
