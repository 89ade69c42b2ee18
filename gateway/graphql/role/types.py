"""Types of roles and permissions."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.role import errors, models
from gateway.graphql.auth.loaders import load_role_users
from gateway.graphql.core.errors import UserError, shows
from gateway.graphql.core.fields import relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.pagination import Connection
from gateway.graphql.role.loaders import load_permissions_of_roles, load_roles_of_permissions

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
READ_ROLES = requires(PermissionResource.ROLES, PermissionAction.READ)


@strawberry.type(description="A named set of permissions for users.")
class Role(Node, model=models.Role):
    """The role domain's Role."""

    name: str = strawberry.field(description="The name that staff see, unlike `code`, which programs use.")
    code: str = strawberry.field(description="The identifier for programs; it never changes.")
    description: str | None = strawberry.field(
        description="A note for staff about who should have the role; null when there is none."
    )
    is_system: bool = strawberry.field(description="Whether it is a system role, which all companies share.")
    priority: int = strawberry.field(
        description="The rank: users change roles below their own only, and assign none above it."
    )
    created_at: datetime = strawberry.field(description="The time of creation.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    permissions: list["Permission"] = relation(
        "id", load_permissions_of_roles, many=True, size=40, description="The permissions, by resource and action."
    )
    users: Connection[Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]] | None = relation(
        "id",
        load_role_users,
        page=True,
        guard=READ_USERS,
        description="The members of the company with the role. Requires USERS:READ.",
    )


@strawberry.type(description="An action that is permitted on a resource.")
class Permission(Node, model=models.Permission):
    """The role domain's Permission."""

    resource: PermissionResource = strawberry.field(description="The kind of objects that the permission applies to.")
    action: PermissionAction = strawberry.field(description="The permitted action; MANAGE includes all others.")
    description: str | None = strawberry.field(description="The permission in words; null for none.")
    is_system: bool = strawberry.field(description="Whether it is built in, so that no company can change it.")
    created_at: datetime = strawberry.field(description="The time of creation.")
    roles: list[Role] | None = relation(
        "id",
        load_roles_of_permissions,
        many=True,
        guard=READ_ROLES,
        description="The roles with the permission. Requires ROLES:READ.",
    )


@shows(errors.RoleInUse)
@strawberry.type(description="The role cannot be deleted because users have it.")
class RoleInUseError(UserError):
    """Has the number of users."""

    users: int = strawberry.field(description="The number of users who must get another role first.")
