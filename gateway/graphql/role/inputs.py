"""Inputs of roles."""

from enum import StrEnum
from uuid import UUID

import strawberry

from domains.kernel.pagination.keyset import Sort
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.role.service import BY_CREATION, BY_NAME, BY_PRIORITY
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection


class RoleSortField(StrEnum):
    """The fields that roles can be sorted by."""

    PRIORITY = "PRIORITY"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


describe(
    RoleSortField,
    "The fields that roles can be sorted by.",
    {
        RoleSortField.PRIORITY: "The rank of the role; see `Role.priority`.",
        RoleSortField.NAME: "The name, alphabetically.",
        RoleSortField.CREATED_AT: "The time at which the role was created.",
    },
)
SORTS = {
    RoleSortField.PRIORITY: BY_PRIORITY,
    RoleSortField.NAME: BY_NAME,
    RoleSortField.CREATED_AT: BY_CREATION,
}


@strawberry.input(description="The order of a list of roles.")
class RoleSortInput:
    """Field and direction."""

    field: RoleSortField = strawberry.field(
        default=RoleSortField.PRIORITY, description="The value to sort by; the highest priority first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Conditions on roles. Null and absent fields set no condition.")
class RoleFilterInput:
    """Conditions, which are combined with AND."""

    is_system: bool | None = strawberry.field(
        default=None, description="True: system roles only; false: roles of the company only."
    )


@strawberry.input(
    description="Conditions on permissions, all of which must hold. Null and absent fields set no condition."
)
class PermissionFilterInput:
    """Conditions, which are combined with AND."""

    resource: PermissionResource | None = strawberry.field(
        default=None, description="Only permissions on this kind of objects, with any action."
    )
    action: PermissionAction | None = strawberry.field(
        default=None, description="Only permissions for this action, on any kind of objects."
    )


@strawberry.input(description="A role of the company to create. Its code cannot be changed later.")
class RoleCreateInput:
    """See NewRole."""

    name: str = strawberry.field(description="The name that staff see, 1 to 255 characters.")
    code: str | None = strawberry.field(
        default=None,
        description=(
            "The identifier for programs: 2 to 64 capital letters, digits and underscores, a letter "
            "first; derived from the name by default."
        ),
    )
    description: str | None = strawberry.field(
        default=None,
        description="A note for staff about who should have the role, at most 50,000 characters; none by default.",
    )
    priority: int = strawberry.field(
        default=0, description="The rank from 0 to 99, below that of your own role; 0 by default."
    )
    permission_ids: list[UUID] = strawberry.field(
        default_factory=list,
        description=(
            "The ids of the permissions, from `permissions`; you must have all of them yourself. None by default."
        ),
    )


@strawberry.input(description="Changes to a role. Omitted fields do not change.")
class RoleUpdateInput:
    """See RoleChanges."""

    id: UUID = strawberry.field(
        description="The id of the role to change; system roles are for the super administrator."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name that staff see, 1 to 255 characters. Null is refused."
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A note for staff about who should have the role, at most 50,000 characters; null removes it.",
    )
    priority: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="The rank from 0 to 99, below that of your own role; fixed for system roles. Null is refused.",
    )


@strawberry.input(description="The role to delete.")
class RoleDeleteInput:
    """See RoleService.delete_role."""

    id: UUID = strawberry.field(description="The id of a role that no user has; not a system role.")


@strawberry.input(description="A role and the complete list of its permissions.")
class RolePermissionsAssignInput:
    """The complete set."""

    id: UUID = strawberry.field(description="The id of the role whose permissions are replaced.")
    permission_ids: list[UUID] = strawberry.field(
        description=(
            "The ids of all permissions that the role shall have; others are removed. You must have the "
            "added ones yourself."
        )
    )
