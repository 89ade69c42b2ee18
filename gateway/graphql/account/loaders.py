"""Batch functions of the relations to account data."""

from collections.abc import Sequence
from uuid import UUID

from domains.account.models import Address
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key


async def load_addresses(context: Context, keys: Sequence[UUID]) -> Sequence[list[Address]]:
    """The addresses of users."""
    addresses = await context.services.account.addresses.of_users(context.reader, keys)
    return many_per_key(keys, addresses, lambda address: address.user_id)
