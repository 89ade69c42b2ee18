"""What the role domain shows of itself: roles, permissions, and what makes the system roles special."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from domains.kernel.actor import SUPER_ADMIN
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.data import PermissionRow as Permission
from domains.role.data import RoleRow as Role

__all__ = ["CORE", "MAX_PRIORITY", "NewRole", "Permission", "Role", "RoleChanges", "SystemRole", "grant_of"]

MAX_PRIORITY: Final = 99


class SystemRole(StrEnum):
    """The roles that the migration makes; they belong to no company. The super administrator's priority is 100."""

    SUPER_ADMIN = SUPER_ADMIN
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    SUPPORT = "SUPPORT"
    CUSTOMER = "CUSTOMER"


CORE: Final = frozenset(
    Grant(resource, PermissionAction.MANAGE)
    for resource in (
        PermissionResource.USERS,
        PermissionResource.ROLES,
        PermissionResource.PERMISSIONS,
        PermissionResource.SETTINGS,
    )
)
"""What the administrator's role never loses: without it nobody in a company could give anything to anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRole:
    """A role to be made for the actor's company; its code is made from the name when none is given."""

    name: str
    code: str | None = None
    description: str | None = None
    priority: int = 0
    permission_ids: Sequence[UUID] = ()


class RoleChanges(TypedDict, total=False):
    """What may change of a role; what is absent stays. The code never changes: programs know a role by it."""

    name: str | None
    description: str | None
    priority: int | None


def grant_of(permission: Permission) -> Grant:
    """The grant that a permission stands for."""
    return Grant(PermissionResource(permission.resource), PermissionAction(permission.action))
