"""Mutations of roles. A system role belongs to no company: it is changed in a platform transaction."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.role.models import NewRole, RoleChanges
from domains.role.models import Role as RoleModel
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import command, from_input, present, requires, workflow
from gateway.graphql.role.inputs import (
    RoleCreateInput,
    RoleDeleteInput,
    RolePermissionsAssignInput,
    RoleUpdateInput,
)
from gateway.graphql.role.types import Role


@strawberry.type(description="The result of `roleCreate`.")
class RoleCreatePayload:
    """The role or the errors."""

    role: Role | None = strawberry.field(default=None, description="The new role. Null when there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The result of `roleUpdate`.")
class RoleUpdatePayload:
    """The role or the errors."""

    role: Role | None = strawberry.field(default=None, description="The changed role. Null when there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The result of `roleDelete`.")
class RoleDeletePayload:
    """The id or the errors."""

    deleted_id: UUID | None = strawberry.field(
        default=None, description="The id of the deleted role. Null when there are errors."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


@strawberry.type(description="The result of `rolePermissionsAssign`.")
class RolePermissionsAssignPayload:
    """The role or the errors."""

    role: Role | None = strawberry.field(default=None, description="The changed role. Null when there are errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was changed; empty on success."
    )


async def _change(info: Info, role_id: UUID, work: Callable[[Tx], Awaitable[RoleModel]]) -> RoleModel:
    context = info.context
    role = await context.services.role.get_role(context.reader, role_id)
    platform = role.is_system and context.actor.is_super_administrator
    return await context.db.run(work, context.actor, platform=platform)


@strawberry.type
class RoleMutation:
    """The role domain's fields of Mutation."""

    @command(requires(PermissionResource.ROLES, PermissionAction.CREATE))
    async def role_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            RoleCreateInput,
            strawberry.argument(description="The new role, with the permissions that it starts with."),
        ],
    ) -> RoleCreatePayload:
        """Create a role of the company, below your own and with permissions that you have."""
        new = from_input(NewRole, input)
        role = await info.context.services.role.create_role(tx, info.context.actor, new)
        return RoleCreatePayload(role=present(Role, role))

    @workflow(requires(PermissionResource.ROLES, PermissionAction.UPDATE))
    async def role_update(
        self,
        info: Info,
        input: Annotated[
            RoleUpdateInput, strawberry.argument(description="The id of the role, and the fields to change.")
        ],
    ) -> RoleUpdatePayload:
        """Change a role below your own. The change applies to the next request of every user with the role."""
        roles, actor = info.context.services.role, info.context.actor
        changes = from_input(RoleChanges, input, exclude=("id",))
        role = await _change(info, input.id, lambda tx: roles.update_role(tx, actor, input.id, changes))
        return RoleUpdatePayload(role=present(Role, role))

    @command(requires(PermissionResource.ROLES, PermissionAction.DELETE))
    async def role_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            RoleDeleteInput, strawberry.argument(description="A role of this company that no user has.")
        ],
    ) -> RoleDeletePayload:
        """Delete a role of the company that no user has."""
        services, actor = info.context.services, info.context.actor
        role = await services.role.delete_role(tx, actor, input.id, count_users=services.auth.members.count_with_role)
        return RoleDeletePayload(deleted_id=role.id)

    @workflow(requires(PermissionResource.PERMISSIONS, PermissionAction.UPDATE))
    async def role_permissions_assign(
        self,
        info: Info,
        input: Annotated[
            RolePermissionsAssignInput, strawberry.argument(description="The role and its complete permissions.")
        ],
    ) -> RolePermissionsAssignPayload:
        """Replace the permissions of a role. The change applies to the next request of every user with the role."""
        roles, actor, ids = info.context.services.role, info.context.actor, input.permission_ids
        role = await _change(info, input.id, lambda tx: roles.assign_permissions(tx, actor, input.id, ids))
        return RolePermissionsAssignPayload(role=present(Role, role))
