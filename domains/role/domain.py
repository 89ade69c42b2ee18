"""The declaration of the role domain."""

from typing import Final

from domains.kernel.domain import Domain, Parts, events_in
from domains.kernel.permissions import PermissionResource
from domains.role import events, invariants
from domains.role.service import RoleService


def build(_parts: Parts) -> RoleService:
    """Roles need nothing from below."""
    return RoleService()


DOMAIN: Final = Domain(
    name="role",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    events=events_in(events),
    permissions=(PermissionResource.ROLES, PermissionResource.PERMISSIONS),
)
