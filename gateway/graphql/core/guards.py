"""Guards: who may use a field, as data, combined with `|`, checked before the resolver and shown in the SDL."""

from dataclasses import dataclass, replace

import strawberry
from strawberry.schema_directive import Location

from domains.kernel.actor import Actor
from domains.kernel.errors import PermissionDenied, Unauthenticated
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from gateway.graphql.core import enums as _enums  # noqa: F401 - registers the permissions as GraphQL enums


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requires",
    description=(
        "The field is for actors who have any of these permissions, each as `RESOURCE:ACTION`; `MANAGE` on a "
        "resource includes all of its actions."
    ),
)
class Requires:
    """The directive of a field that requires permissions."""

    any_of: list[str] = strawberry.field(
        description="The permissions, each as `RESOURCE:ACTION`; one of them is enough."
    )
    or_guest: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether a guest may use the field on an object whose token they have.",
    )
    or_owner: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whether a logged-in user may use the field on their own objects without any of the permissions.",
    )


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="public", description="Anyone may use the field, logged in or not."
)
class Public:
    """The directive of a field that needs no login."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="authenticated", description="Any logged-in user may use the field."
)
class Authenticated:
    """The directive of a field that needs a login and no permission."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on the actor; `a | b` is met when either is."""

    is_public: bool = False
    is_authenticated: bool = False
    is_owner: bool = False
    grants: tuple[Grant, ...] = ()

    def __or__(self, other: "Guard") -> "Guard":
        return replace(
            self,
            is_public=self.is_public or other.is_public,
            is_authenticated=self.is_authenticated or other.is_authenticated,
            is_owner=self.is_owner or other.is_owner,
            grants=self.grants + other.grants,
        )

    def admits(self, actor: Actor) -> bool:
        """Whether this actor may use the field. Of OWNER only the login is checked; services check the rest."""
        if self.is_public:
            return True
        if (self.is_authenticated or self.is_owner) and actor.is_authenticated:
            return True
        return any(actor.can(grant.resource, grant.action) for grant in self.grants)

    def check(self, actor: Actor) -> None:
        """Raise Unauthenticated for an actor without a login, PermissionDenied for others."""
        if self.admits(actor):
            return
        if not actor.is_authenticated:
            raise Unauthenticated("Log in to use this.")
        needed = " or ".join(f"{grant.resource}:{grant.action}" for grant in self.grants)
        raise PermissionDenied(
            f"This needs the permission {needed}." if needed else "You are not allowed to use this."
        )

    def directive(self) -> object | None:
        """The guard's directive in the SDL; None when it admits no actor."""
        if self.grants:
            permissions = [f"{grant.resource}:{grant.action}" for grant in self.grants]
            return Requires(
                any_of=permissions,
                or_owner=self.is_owner or self.is_authenticated or strawberry.UNSET,
                or_guest=self.is_public or strawberry.UNSET,
            )
        if self.is_public:
            return Public()
        return Authenticated() if self.is_authenticated or self.is_owner else None

    def directives(self) -> tuple[object, ...]:
        """The directive for Strawberry: a sequence of at most one."""
        directive = self.directive()
        return () if directive is None else (directive,)


PUBLIC = Guard(is_public=True)
AUTHENTICATED = Guard(is_authenticated=True)
OWNER = Guard(is_owner=True)


def requires(resource: PermissionResource, action: PermissionAction) -> Guard:
    """A guard that requires one permission (MANAGE on the resource includes it)."""
    return Guard(grants=(Grant(resource, action),))
