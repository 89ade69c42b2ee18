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
    """What roles are sorted by."""

    PRIORITY = "PRIORITY"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


describe(
    RoleSortField,
    "What roles are sorted by.",
    {
        RoleSortField.PRIORITY: "How high they stand.",
        RoleSortField.NAME: "By letter.",
        RoleSortField.CREATED_AT: "When they were made.",
    },
)
SORTS = {
    RoleSortField.PRIORITY: BY_PRIORITY,
    RoleSortField.NAME: BY_NAME,
    RoleSortField.CREATED_AT: BY_CREATION,
}


@strawberry.input(description="How roles are sorted.")
class RoleSortInput:
    """Field and direction."""

    field: RoleSortField = strawberry.field(
        default=RoleSortField.PRIORITY, description="The value to sort by; the highest priority first by default."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.DESC, description="Which way.")

    def as_sort(self) -> Sort:
        """The kernel's Sort."""
        return SORTS[self.field].running(descending=self.direction is SortDirection.DESC)


@strawberry.input(description="Which roles are wanted.")
class RoleFilterInput:
    """Conditions, which are combined with AND."""

    is_system: bool | None = strawberry.field(default=None, description="Only the system's, or only the company's.")


@strawberry.input(description="Which permissions are wanted; everything given must hold.")
class PermissionFilterInput:
    """Conditions, which are combined with AND."""

    resource: PermissionResource | None = strawberry.field(default=None, description="About this resource.")
    action: PermissionAction | None = strawberry.field(
        default=None, description="Only permissions for this action, of all resources unless `resource` is given."
    )


@strawberry.input(description="A role to be made for the company.")
class RoleCreateInput:
    """See NewRole."""

    name: str = strawberry.field(description="The name that staff see.")
    code: str | None = strawberry.field(
        default=None, description="What programs know it by, in capitals; made from the name when left out."
    )
    description: str | None = strawberry.field(
        default=None, description="A note for staff about who should have the role."
    )
    priority: int = strawberry.field(default=0, description="How high it stands: 0 to 99, below your own role.")
    permission_ids: list[UUID] = strawberry.field(
        default_factory=list, description="What it permits; you must hold all of it yourself."
    )


@strawberry.input(description="What to change about a role; what is left out stays.")
class RoleUpdateInput:
    """See RoleChanges."""

    id: UUID = strawberry.field(
        description="The id of the role to change; system roles are for the super administrator."
    )
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its new name.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is for; null for nothing."
    )
    priority: int | None = strawberry.field(
        default=strawberry.UNSET, description="How high it stands, below your own."
    )


@strawberry.input(description="Which role to delete.")
class RoleDeleteInput:
    """By id."""

    id: UUID = strawberry.field(description="The id of a role that nobody has; not a system role.")


@strawberry.input(description="What a role shall permit, exactly.")
class RolePermissionsAssignInput:
    """The whole set."""

    id: UUID = strawberry.field(description="The id of the role whose permissions are replaced.")
    permission_ids: list[UUID] = strawberry.field(
        description="All that it shall hold; what is not here is taken from it. What is new you must hold yourself."
    )
