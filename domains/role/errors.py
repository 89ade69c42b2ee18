"""Errors of the role domain."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from domains.kernel.errors import AlreadyExists, InvalidInput, NotAllowed, NotFound, SecurityEvent
from domains.kernel.permissions import Grant


class RoleNotFound(NotFound):
    """There is no such role in this company."""

    def __init__(self, field: str = "id") -> None:
        super().__init__("There is no role with this id.", field=(field,))


class PermissionNotFound(NotFound):
    """There is no such permission."""

    def __init__(self, permission_id: UUID, *, field: Sequence[str]) -> None:
        super().__init__(f"There is no permission with the id {permission_id}.", field=field)


class RoleCodeTaken(AlreadyExists):
    """A role of this company or of the system already has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is already a role with the code {code}. Choose another.", field=("code",))


class RoleCodeInvalid(InvalidInput):
    """The code of a role must have 2 to 64 capital letters, digits and underscores, and begin with a letter."""

    def __init__(self) -> None:
        super().__init__(
            "A code has 2 to 64 capital letters, digits and underscores and begins with a letter: SHIFT_LEADER.",
            field=("code",),
        )


class PriorityInvalid(InvalidInput):
    """The priority is outside the range of a company's roles."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"A priority is between 0 and {maximum}.", field=("priority",))


class PriorityTooHigh(NotAllowed):
    """The role's priority, current or new, is not below that of the actor's own role."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self, priority: int, own: int, field: str = "id") -> None:
        super().__init__(
            f"Priority {priority} is not below the priority of your own role, {own}. Ask a user with a higher role.",
            field=(field,),
        )


class RoleAboveOwn(NotAllowed):
    """A role above the actor's own cannot be assigned."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self, name: str) -> None:
        super().__init__(f"The role {name} ranks above your own. Ask a user with a higher role.", field=("role_id",))


class GrantNotHeld(NotAllowed):
    """A permission that the actor does not have cannot be granted."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self, grants: Iterable[Grant], *, field: Sequence[str]) -> None:
        names = ", ".join(sorted(f"{grant.resource.value} {grant.action.value}" for grant in grants))
        super().__init__(f"You cannot grant permissions that you do not have: {names}.", field=field)


class SystemRoleFixed(NotAllowed):
    """A system role is shared by all companies and cannot be changed or deleted."""

    def __init__(self, reason: str, field: str = "id") -> None:
        super().__init__(reason, field=(field,))


class RoleInUse(NotAllowed):
    """The role cannot be deleted while users have it."""

    def __init__(self, users: int) -> None:
        members = "One user still has" if users == 1 else f"{users} users still have"
        super().__init__(f"{members} this role. Assign another role first.", field=("id",))
        self.users = users
