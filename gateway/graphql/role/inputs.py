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
        RoleSortField.PRIORITY: "The rank of the role.",
        RoleSortField.NAME: "Alphabetical.",
        RoleSortField.CREATED_AT: "The time of creation.",
    },
)
SORTS = {
    RoleSortField.PRIORITY: BY_PRIORITY,
    RoleSortField.NAME: BY_NAME,
    RoleSortField.CREATED_AT: BY_CREATION,
}


@strawberry.input(description="The sort order of roles.")
class RoleSortInput:
    """Field and direction."""

    field: RoleSortField = strawberry.field(
        default=RoleSortField.PRIORITY, description="The value to sort by; the highest priority first by default."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Descending by default.")

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Conditions on roles.")
class RoleFilterInput:
    """Conditions, which are combined with AND."""

    is_system: bool | None = strawberry.field(
        default=None, description="True: system roles; false: roles of the company."
    )


@strawberry.input(description="Conditions on permissions, all of which must hold.")
class PermissionFilterInput:
    """Conditions, which are combined with AND."""

    resource: PermissionResource | None = strawberry.field(
        default=None, description="Only permissions on this kind of objects."
    )
    action: PermissionAction | None = strawberry.field(default=None, description="Only permissions to do this.")


@strawberry.input(description="A new role of the company.")
class RoleCreateInput:
    """See NewRole."""

    name: str = strawberry.field(description="The name that staff see.")
    code: str | None = strawberry.field(
        default=None, description="The identifier for programs, in capitals; derived from the name by default."
    )
    description: str | None = strawberry.field(
        default=None, description="A note for staff about who should have the role."
    )
    priority: int = strawberry.field(default=0, description="The rank from 0 to 99, below that of your own role.")
    permission_ids: list[UUID] = strawberry.field(
        default_factory=list, description="The permissions; you must have all of them yourself."
    )


@strawberry.input(description="Changes to a role. Omitted fields do not change.")
class RoleUpdateInput:
    """See RoleChanges."""

    id: UUID = strawberry.field(
        description="The id of the role to change; system roles are for the super administrator."
    )
    name: str | None = strawberry.field(default=strawberry.UNSET, description="The name that staff see.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for staff about who should have the role; null for none."
    )
    priority: int | None = strawberry.field(
        default=strawberry.UNSET, description="The rank, below that of your own role."
    )


@strawberry.input(description="The role to delete.")
class RoleDeleteInput:
    """See RoleService.delete_role."""

    id: UUID = strawberry.field(description="The id of a role that no user has; not a system role.")


@strawberry.input(description="The complete permissions of a role.")
class RolePermissionsAssignInput:
    """The complete set."""

    id: UUID = strawberry.field(description="The id of the role whose permissions are replaced.")
    permission_ids: list[UUID] = strawberry.field(
        description="The complete permissions; others are removed. You must have the added ones yourself."
    )
