"""Roles, permissions, and the system roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypedDict
from uuid import UUID

from domains.kernel.actor import SUPER_ADMIN
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.role.data import PermissionRow as Permission
from domains.role.data import RoleRow as Role

__all__ = ["CORE_GRANTS", "MAX_PRIORITY", "NewRole", "Permission", "Role", "RoleChanges", "SystemRole", "grant_of"]

MAX_PRIORITY: Final = 99


class SystemRole(StrEnum):
    """The roles that the migration creates; they belong to no company. The super administrator's priority is 100."""

    SUPER_ADMIN = SUPER_ADMIN
    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    SUPPORT = "SUPPORT"
    CUSTOMER = "CUSTOMER"


CORE_GRANTS: Final = frozenset(
    Grant(resource, PermissionAction.MANAGE)
    for resource in (
        PermissionResource.USERS,
        PermissionResource.ROLES,
        PermissionResource.PERMISSIONS,
        PermissionResource.SETTINGS,
    )
)
"""The grants that the administrator's role always keeps: otherwise no user of a company could assign permissions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRole:
    """A role to create in the actor's company; its code is made from the name when none is given."""

    name: str
    code: str | None = None
    description: str | None = None
    priority: int = 0
    permission_ids: Sequence[UUID] = ()


class RoleChanges(TypedDict, total=False):
    """Changes to a role; what is absent stays. The code never changes: programs identify a role by it."""

    name: str | None
    description: str | None
    priority: int | None


def grant_of(permission: Permission) -> Grant:
    """The grant of a permission."""
    return Grant(PermissionResource(permission.resource), PermissionAction(permission.action))
