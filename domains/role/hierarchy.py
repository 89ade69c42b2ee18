"""The rules of which roles an actor may create, change and assign. They are pure, and prevent self-promotion."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from slugify import slugify

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies
from domains.role.errors import (
    GrantNotHeld,
    PriorityInvalid,
    PriorityTooHigh,
    RoleAboveOwn,
    RoleCodeInvalid,
    SystemRoleFixed,
)
from domains.role.models import CORE_GRANTS, MAX_PRIORITY, Role, SystemRole

PERMISSIONS: Final = ("permission_ids",)
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


def priority_of(actor: Actor) -> int:
    """The priority of an actor: the system is above every role, an actor without a role below."""
    if actor.kind is ActorKind.SYSTEM:
        return 1_000
    return actor.role.priority if actor.role else -1


def require_code(code: str | None, name: str) -> str:
    """A role's code, made from its name when none is given. Raises RoleCodeInvalid."""
    result = slugify(name, separator="_").upper() if code is None else code.strip()
    if not CODE.fullmatch(result):
        raise RoleCodeInvalid
    return result


def require_priority(actor: Actor, priority: int) -> int:
    """A priority for a company's role, below the actor's own. Raises PriorityInvalid and PriorityTooHigh."""
    if not 0 <= priority <= MAX_PRIORITY:
        raise PriorityInvalid(MAX_PRIORITY)
    if priority >= priority_of(actor):
        raise PriorityTooHigh(priority, priority_of(actor), field="priority")
    return priority


def require_editable(actor: Actor, role: Role) -> None:
    """Refuse changes to roles that are not below the actor's own, including the actor's own role.

    Raises PriorityTooHigh, and SystemRoleFixed for the system's roles unless the super administrator changes them.
    """
    if role.company_id is None and not actor.is_super_administrator:
        raise SystemRoleFixed("System roles belong to every company. Create a role of your company instead.")
    if role.code == SystemRole.SUPER_ADMIN:
        raise SystemRoleFixed("The super administrator's role cannot be changed: it has every permission.")
    if role.priority >= priority_of(actor):
        raise PriorityTooHigh(role.priority, priority_of(actor))


def require_held(actor: Actor, grants: Iterable[Grant], *, field: Sequence[str] = PERMISSIONS) -> None:
    """Refuse grants that the actor does not have. Raises GrantNotHeld."""
    missing = [grant for grant in grants if not actor.can(*grant)]
    if missing:
        raise GrantNotHeld(missing, field=field)


def require_may_assign_permissions(actor: Actor) -> None:
    """Refuse permissions of a new role from an actor who may not assign permissions. Raises GrantNotHeld."""
    require_held(actor, [Grant(PermissionResource.PERMISSIONS, PermissionAction.UPDATE)])


def require_assignable_by(actor: Actor, role: Role, grants: Iterable[Grant]) -> None:
    """Refuse to assign a role above the actor's own, or one with a permission that the actor lacks.

    Raises RoleAboveOwn and GrantNotHeld.
    """
    if role.priority > priority_of(actor):
        raise RoleAboveOwn(role.name)
    require_held(actor, grants, field=("role_id",))


def require_core_grants(role: Role, grants: frozenset[Grant]) -> None:
    """Refuse to remove a permission from the administrator's role that it must keep. Raises SystemRoleFixed."""
    if role.company_id is None and role.code == SystemRole.ADMIN:
        missing = sorted(grant.resource.value for grant in CORE_GRANTS if not implies(grants, grant))
        if missing:
            raise SystemRoleFixed(
                f"The administrator's role keeps MANAGE on {', '.join(missing)}: administrators need it.",
                field="permission_ids",
            )
