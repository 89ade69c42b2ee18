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


@strawberry.type(description="A named set of permissions. Each member of the company has one role.")
class Role(Node, model=models.Role):
    """The role domain's Role."""

    name: str = strawberry.field(description="The name that staff see, unlike `code`, which programs use.")
    code: str = strawberry.field(
        description=(
            "The identifier for programs, in capitals, such as `ORDER_CLERK`; unique in the company. It "
            "never changes."
        )
    )
    description: str | None = strawberry.field(
        description="A note for staff about who should have the role; null when there is none."
    )
    is_system: bool = strawberry.field(
        description=(
            "Whether it is a system role, which all companies share and only the super administrator changes."
        )
    )
    priority: int = strawberry.field(
        description="The rank, from 0 to 100. Users change only roles below their own, and assign none above it."
    )
    created_at: datetime = strawberry.field(
        description="When staff created the role; for a system role, when it was installed."
    )
    updated_at: datetime = strawberry.field(description="When a field of the role was last changed.")
    permissions: list["Permission"] = relation(
        "id",
        load_permissions_of_roles,
        many=True,
        size=40,
        description="The permissions of the role, by resource and action.",
    )
    users: Connection[Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]] | None = relation(
        "id",
        load_role_users,
        page=True,
        guard=READ_USERS,
        description="The members of the company with the role. Requires USERS:READ.",
    )


@strawberry.type(
    description="An action on a kind of objects that a role can allow. Permissions are the same in all companies."
)
class Permission(Node, model=models.Permission):
    """The role domain's Permission."""

    resource: PermissionResource = strawberry.field(description="The kind of objects that the permission applies to.")
    action: PermissionAction = strawberry.field(
        description="The permitted action; MANAGE includes all other actions on the resource."
    )
    description: str | None = strawberry.field(
        description="The permission in words, for staff; null when there is none."
    )
    is_system: bool = strawberry.field(description="Whether it is built in, so that no company can change it.")
    created_at: datetime = strawberry.field(description="When the permission was added to the installation.")
    roles: list[Role] | None = relation(
        "id",
        load_roles_of_permissions,
        many=True,
        guard=READ_ROLES,
        description=(
            "The roles of the company and of the system with the permission, highest priority first. "
            "Requires ROLES:READ."
        ),
    )


@shows(errors.RoleInUse)
@strawberry.type(description="The role cannot be deleted because users have it.")
class RoleInUseError(UserError):
    """Has the number of users."""

    users: int = strawberry.field(description="The number of members with the role, who must get another one first.")
