"""Batch functions of the relations to users."""

from collections.abc import Sequence
from uuid import UUID

from domains.auth.models import User
from domains.kernel.pagination.pages import PageArgs
from gateway.graphql.core.context import Context
from gateway.graphql.core.pagination import Connection
from gateway.graphql.engine.loading import one_per_key


async def load_users(context: Context, keys: Sequence[UUID]) -> Sequence[User | None]:
    """Users by id, as the company knows them."""
    users = await context.services.auth.users.find(context.reader, keys)
    return one_per_key(keys, users, lambda user: user.id)


async def load_role_users(context: Context, keys: Sequence[tuple[UUID, PageArgs]]) -> Sequence[Connection[User]]:
    """A page of the users with each role."""
    pages = await context.services.auth.role_pages.find(context.reader, keys)
    return [Connection[User].of(page) for page in pages]
