"""Who acts: a signed-in user, a guest, the system itself or an import, always within one company."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies

SUPER_ADMIN: Final = "SUPER_ADMIN"


class ActorKind(StrEnum):
    """What sort of actor did something; stored beside every record of who did it."""

    USER = "USER"
    GUEST = "GUEST"
    SYSTEM = "SYSTEM"
    IMPORT = "IMPORT"


@dataclass(frozen=True, slots=True)
class ActorRole:
    """The role in force for an actor in the current company."""

    id: UUID
    code: str
    priority: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever makes a request, and what they may do in the company they make it to."""

    kind: ActorKind
    company_id: UUID
    user_id: UUID | None = None
    session_id: UUID | None = None
    role: ActorRole | None = None
    grants: frozenset[Grant] = frozenset()

    @classmethod
    def anonymous(cls, company_id: UUID) -> Self:
        """A visitor who has not signed in."""
        return cls(ActorKind.GUEST, company_id)

    @classmethod
    def system(cls, company_id: UUID) -> Self:
        """The system itself: jobs, handlers and the command line. It may do everything."""
        return cls(ActorKind.SYSTEM, company_id)

    @property
    def is_authenticated(self) -> bool:
        """Whether a user stands behind this actor."""
        return self.user_id is not None

    @property
    def runs_the_platform(self) -> bool:
        """Whether this is the super administrator, or the system itself; no company's role has that code."""
        return self.kind is ActorKind.SYSTEM or (self.role is not None and self.role.code == SUPER_ADMIN)

    def can(self, resource: PermissionResource, action: PermissionAction) -> bool:
        """Whether this actor holds the permission, itself or by MANAGE; the system holds all."""
        return self.kind is ActorKind.SYSTEM or implies(self.grants, Grant(resource, action))

    def owns(self, owner_id: UUID | None) -> bool:
        """Whether something that belongs to `owner_id` is this actor's own."""
        return owner_id is not None and owner_id == self.user_id

    def may_see(
        self,
        owner_id: UUID | None,
        resource: PermissionResource,
        action: PermissionAction = PermissionAction.READ,
    ) -> bool:
        """Whether this actor may know of a thing: it is theirs, or they hold the permission."""
        return self.owns(owner_id) or self.can(resource, action)
