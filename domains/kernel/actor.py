"""The actor of a request: a logged-in user, a guest, the system or an import, always in one company."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies

SUPER_ADMIN: Final = "SUPER_ADMIN"


class ActorKind(StrEnum):
    """The kind of an actor; stored with every record of who made a change."""

    USER = "USER"
    GUEST = "GUEST"
    SYSTEM = "SYSTEM"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True)
class ActorRole:
    """The role of an actor in the current company."""

    id: UUID
    code: str
    priority: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a request acts for in one company, with the permissions there."""

    kind: ActorKind
    company_id: UUID
    user_id: UUID | None = None
    session_id: UUID | None = None
    role: ActorRole | None = None
    grants: frozenset[Grant] = frozenset()

    @classmethod
    def anonymous(cls, company_id: UUID) -> Self:
        """A guest: a visitor who is not logged in."""
        return cls(ActorKind.GUEST, company_id)

    @classmethod
    def system(cls, company_id: UUID) -> Self:
        """The system: jobs, event handlers and the command line. It has all permissions."""
        return cls(ActorKind.SYSTEM, company_id)

    @property
    def is_authenticated(self) -> bool:
        """Whether the actor is a logged-in user."""
        return self.user_id is not None

    @property
    def is_super_administrator(self) -> bool:
        """Whether the actor is a super administrator or the system. No role of a company has this code."""
        return self.kind is ActorKind.SYSTEM or (self.role is not None and self.role.code == SUPER_ADMIN)

    def can(self, resource: PermissionResource, action: PermissionAction) -> bool:
        """Whether the actor has the permission, directly or by MANAGE; the system has all permissions."""
        return self.kind is ActorKind.SYSTEM or implies(self.grants, Grant(resource, action))

    def owns(self, owner_id: UUID | None) -> bool:
        """Whether the actor is the user `owner_id`."""
        return owner_id is not None and owner_id == self.user_id

    def may_see(
        self,
        owner_id: UUID | None,
        resource: PermissionResource,
        action: PermissionAction = PermissionAction.READ,
    ) -> bool:
        """Whether the actor may see an object: they own it or have the permission."""
        return self.owns(owner_id) or self.can(resource, action)
