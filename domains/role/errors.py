"""What the role domain refuses."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from domains.kernel.errors import AlreadyExists, ErrorCode, InvalidInput, NotAllowed, NotFound, SecurityEvent
from domains.kernel.permissions import Grant


class RoleNotFound(NotFound):
    """There is no such role in this company."""

    def __init__(self, field: str = "id") -> None:
        super().__init__("There is no role with this id.", field=(field,))


class PermissionNotFound(NotFound):
    """There is no such permission."""

    def __init__(self, permission_id: UUID, *, field: Sequence[str]) -> None:
        super().__init__(f"There is no permission with the id {permission_id}.", field=field)


class CodeTaken(AlreadyExists):
    """A role of this company or of the system already has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is already a role with the code {code}. Choose another.", field=("code",))


class CodeInvalid(InvalidInput):
    """A code that is not made of capitals, digits and underscores."""

    def __init__(self) -> None:
        super().__init__(
            "A code has 2 to 64 capital letters, digits and underscores and begins with a letter: SHIFT_LEADER.",
            field=("code",),
        )


class PriorityInvalid(InvalidInput):
    """A priority outside what a company's role may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A priority is between 0 and {most}.", field=("priority",))


class PriorityTooHigh(NotAllowed):
    """The role stands, or would stand, as high as the actor's own or higher."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self, priority: int, own: int, field: str = "id") -> None:
        super().__init__(
            f"Priority {priority} is not below your own role's, which is {own}. Ask somebody with a higher role.",
            field=(field,),
        )


class RoleAboveOwn(NotAllowed):
    """Nobody gives out a role that stands higher than their own."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The role {name} stands above your own. Ask somebody with a higher role.", field=("role_id",)
        )


class GrantNotHeld(NotAllowed):
    """Nobody can give what they do not hold."""

    security = SecurityEvent.AUTHORIZATION

    def __init__(self, grants: Iterable[Grant], *, field: Sequence[str]) -> None:
        names = ", ".join(sorted(f"{grant.resource.value} {grant.action.value}" for grant in grants))
        super().__init__(f"You cannot give permissions that you do not hold: {names}.", field=field)


class SystemRoleFixed(NotAllowed):
    """A system role belongs to every company; what is asked would change it for all, or break the system."""

    def __init__(self, reason: str, field: str = "id") -> None:
        super().__init__(reason, field=(field,))


class RoleInUse(NotAllowed):
    """Somebody still has the role."""

    code = ErrorCode.IN_USE

    def __init__(self, users: int) -> None:
        holders = "One user still has" if users == 1 else f"{users} users still have"
        super().__init__(f"{holders} this role. Give them another first.", field=("id",))
        self.users = users
