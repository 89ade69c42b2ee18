"""The declaration of the auth domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth import cleanup, events, invariants, personal_data
from domains.auth.service import AuthService, AuthSettings
from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, Job, Scope, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.role.service import RoleService

SESSIONS: Final = NodeTable("user_sessions", is_shared=True)
USERS: Final = NodeTable("users", is_shared=True)


def build(dependencies: Dependencies) -> AuthService:
    """Users and sessions, over roles and companies."""
    role, company, settings = (
        dependencies.get(RoleService),
        dependencies.get(CompanyService),
        dependencies.get(AuthSettings),
    )
    return AuthService(role, company, dependencies.cache, dependencies.encryption, dependencies.clock, settings)


def jobs(_auth: AuthService) -> Sequence[Job]:
    """Deletes what has expired."""
    return (Job("delete expired sessions and codes", timedelta(hours=6), cleanup.delete_expired, Scope.PLATFORM),)


DOMAIN: Final = Domain(
    name="auth",
    build=build,
    queue=EventQueue.AUTH,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    events=events_in(events),
    permissions=(PermissionResource.USERS,),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
