"""Roles and permissions as the API shows them."""

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


@strawberry.type(description="A named set of permissions, given to users.")
class Role(Node, model=models.Role):
    """The role domain's Role."""

    name: str = strawberry.field(description="The name that staff see, unlike `code`, which programs use.")
    code: str = strawberry.field(description="What programs know it by; it never changes.")
    description: str | None = strawberry.field(
        description="A note for staff about who should have the role; null when there is none."
    )
    is_system: bool = strawberry.field(description="Whether it came with the system and is every company's.")
    priority: int = strawberry.field(
        description="How high it stands: nobody changes a role as high as their own, or gives out a higher one."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    permissions: list["Permission"] = relation(
        "id", load_permissions_of_roles, many=True, size=40, description="What it permits, by resource and action."
    )
    users: Connection[Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]] | None = relation(
        "id", load_role_users, page=True, guard=READ_USERS, description="The company's members who have it."
    )


@strawberry.type(description="One thing that may be done to one resource.")
class Permission(Node, model=models.Permission):
    """The role domain's Permission."""

    resource: PermissionResource = strawberry.field(description="What it is about.")
    action: PermissionAction = strawberry.field(description="What may be done; MANAGE implies all the others.")
    description: str | None = strawberry.field(description="The same in words.")
    is_system: bool = strawberry.field(description="Whether it came with the system.")
    created_at: datetime = strawberry.field(description="When it was made.")
    roles: list[Role] | None = relation(
        "id", load_roles_of_permissions, many=True, guard=READ_ROLES, description="The roles that hold it."
    )


@shows(errors.RoleInUse)
@strawberry.type(description="The role cannot be deleted: somebody still has it.")
class RoleInUseError(UserError):
    """Says how many have it."""

    users: int = strawberry.field(description="The number of users who must get another role first.")
