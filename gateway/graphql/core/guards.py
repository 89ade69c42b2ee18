"""Who may use a field: guards as data, combined with `|`, checked before the resolver and shown in the SDL."""

from dataclasses import dataclass, replace

import strawberry
from strawberry.schema_directive import Location

from domains.kernel.actor import Actor
from domains.kernel.errors import PermissionDenied, Unauthenticated
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from gateway.graphql.core import enums as _enums  # noqa: F401 - the permissions must be GraphQL enums before they are used


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresPermission",
    description="The field asks for this permission. Of several, one is enough.",
    repeatable=True,
)
class RequiresPermission:
    """Shown on a field for each permission that opens it."""

    action: PermissionAction = strawberry.field(description="The action on it.")
    resource: PermissionResource = strawberry.field(description="The resource.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="public", description="Anybody may use the field."
)
class Public:
    """Shown on a field that needs no sign-in."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="authenticated", description="Any signed-in user may use the field."
)
class Authenticated:
    """Shown on a field that needs a sign-in and no permission."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="owner",
    description="A signed-in user may use the field on what is their own, without any permission.",
)
class Owner:
    """Shown on a field that is also open to the owner of the thing."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on the actor; `a | b` holds when either does."""

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
        """Whether this actor may use the field. Of OWNER only the sign-in counts here; the service knows the rest."""
        if self.is_public:
            return True
        if (self.is_authenticated or self.is_owner) and actor.is_authenticated:
            return True
        return any(actor.can(grant.resource, grant.action) for grant in self.grants)

    def check(self, actor: Actor) -> None:
        """Raise Unauthenticated when a sign-in might help, PermissionDenied when it would not."""
        if self.admits(actor):
            return
        if not actor.is_authenticated:
            raise Unauthenticated("Sign in to use this.")
        needed = " or ".join(f"{grant.resource}:{grant.action}" for grant in self.grants)
        raise PermissionDenied(f"This needs the permission {needed}." if needed else "This is not open to you.")

    def directives(self) -> list[object]:
        """How the guard shows in the SDL."""
        shown: list[object] = [RequiresPermission(resource=g.resource, action=g.action) for g in self.grants]
        if self.is_public:
            shown.append(Public())
        if self.is_authenticated:
            shown.append(Authenticated())
        if self.is_owner:
            shown.append(Owner())
        return shown


PUBLIC = Guard(is_public=True)
AUTHENTICATED = Guard(is_authenticated=True)
OWNER = Guard(is_owner=True)


def requires(resource: PermissionResource, action: PermissionAction) -> Guard:
    """A guard that asks for one permission (MANAGE on the resource holds it too)."""
    return Guard(grants=(Grant(resource, action),))
