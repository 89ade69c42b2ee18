"""Batch loading of roles and permissions."""

from collections.abc import Sequence
from uuid import UUID

from domains.role.models import Permission, Role
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_roles(context: Context, keys: Sequence[UUID]) -> Sequence[Role | None]:
    """Roles by id."""
    roles = await context.services.role.roles_by_id(context.reader, keys)
    return one_per_key(keys, roles, lambda role: role.id)


async def load_permissions(context: Context, keys: Sequence[UUID]) -> Sequence[Permission | None]:
    """Permissions by id."""
    permissions = await context.services.role.permissions.find_by_id(context.reader, keys)
    return one_per_key(keys, permissions, lambda permission: permission.id)


async def load_permissions_of_roles(context: Context, keys: Sequence[UUID]) -> Sequence[list[Permission]]:
    """The permissions of roles."""
    permissions = await context.services.role.permissions.of_roles(context.reader, keys)
    return [permissions.get(key, []) for key in keys]


async def load_roles_of_permissions(context: Context, keys: Sequence[UUID]) -> Sequence[list[Role]]:
    """The roles that have permissions."""
    roles = await context.services.role.permissions.roles_with(context.reader, keys)
    return [roles.get(key, []) for key in keys]
