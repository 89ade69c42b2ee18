"""The declaration of the role domain."""

from typing import Final

from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.kernel.prisma.privileges import READ_ONLY
from domains.role import events, invariants
from domains.role.service import RoleService

PERMISSIONS: Final = NodeTable("permissions", is_shared=True)
ROLES: Final = NodeTable("roles", is_shared=True)


def build(_dependencies: Dependencies) -> RoleService:
    """The roles; they need no dependency."""
    return RoleService()


DOMAIN: Final = Domain(
    name="role",
    build=build,
    queue=EventQueue.AUTH,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=events_in(events),
    permissions=(PermissionResource.ROLES, PermissionResource.PERMISSIONS),
    privileges={"permissions": READ_ONLY},
)
