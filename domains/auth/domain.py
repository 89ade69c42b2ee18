"""The declaration of the auth domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.auth import events, invariants
from domains.auth.service import AuthService, AuthSettings
from domains.company.service import CompanyService
from domains.kernel.domain import Domain, Job, Parts, Scope, Subscription, events_in
from domains.kernel.permissions import PermissionResource
from domains.role.service import RoleService


def build(parts: Parts) -> AuthService:
    """Users and sessions, over roles and companies."""
    role, company, settings = parts.of(RoleService), parts.of(CompanyService), parts.of(AuthSettings)
    return AuthService(role, company, parts.cache, parts.mailer, parts.clock, settings)


def jobs(auth: AuthService) -> Sequence[Job]:
    """Deletes what has expired."""
    return (Job("delete expired sessions and codes", timedelta(hours=6), auth.tidy, Scope.PLATFORM),)


def subscriptions(auth: AuthService) -> Sequence[Subscription]:
    """Mails account holders about changes to their accounts."""
    return (Subscription("auth.notices", auth.notices.topics, auth.notices.send),)


DOMAIN: Final = Domain(
    name="auth",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    jobs=jobs,
    subscriptions=subscriptions,
    events=events_in(events),
    permissions=(PermissionResource.USERS,),
)
