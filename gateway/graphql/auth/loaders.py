"""Batch loading of users and addresses."""

from collections.abc import Sequence
from uuid import UUID

from domains.auth.models import Address, User
from domains.kernel.pagination.pages import PageArgs
from gateway.graphql.core.context import Context
from gateway.graphql.core.pagination import Connection
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_users(context: Context, keys: Sequence[UUID]) -> Sequence[User | None]:
    """Users by id, as the company knows them."""
    users = await context.services.auth.users_by_id(context.reader, keys)
    return one_per_key(keys, users, lambda user: user.id)


async def load_role_users(context: Context, keys: Sequence[tuple[UUID, PageArgs]]) -> Sequence[Connection[User]]:
    """A page of those who have each role."""
    pages = await context.services.auth.administration.users_of_roles(context.reader, keys)
    return [Connection[User].of(page) for page in pages]


async def load_addresses(context: Context, keys: Sequence[UUID]) -> Sequence[list[Address]]:
    """The address books of users."""
    addresses = await context.services.auth.addresses.of_users(context.reader, keys)
    return many_per_key(keys, addresses, lambda address: address.user_id)
