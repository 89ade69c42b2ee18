"""Who may make, change and give out which role; pure rules, so that nobody can promote themselves."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from slugify import slugify

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource, implies
from domains.role.errors import (
    CodeInvalid,
    GrantNotHeld,
    PriorityInvalid,
    PriorityTooHigh,
    RoleAboveOwn,
    SystemRoleFixed,
)
from domains.role.models import CORE, MAX_PRIORITY, Role, SystemRole

PERMISSIONS: Final = ("permission_ids",)
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,63}")


def rank(actor: Actor) -> int:
    """How high an actor stands: above every role as the system, below every role without one."""
    if actor.kind is ActorKind.SYSTEM:
        return 1_000
    return actor.role.priority if actor.role else -1


def require_code(code: str | None, name: str) -> str:
    """A role's code, made from its name when none is given. Raises CodeInvalid."""
    wanted = slugify(name, separator="_").upper() if code is None else code.strip()
    if not CODE.fullmatch(wanted):
        raise CodeInvalid
    return wanted


def require_priority(actor: Actor, priority: int) -> int:
    """A priority for a company's role, below the actor's own. Raises PriorityInvalid and PriorityTooHigh."""
    if not 0 <= priority <= MAX_PRIORITY:
        raise PriorityInvalid(MAX_PRIORITY)
    if priority >= rank(actor):
        raise PriorityTooHigh(priority, rank(actor), field="priority")
    return priority


def require_editable(actor: Actor, role: Role) -> None:
    """Let nobody change a role that stands as high as their own: not another's, and above all not their own.

    Raises PriorityTooHigh, and SystemRoleFixed for the system's roles unless the super administrator changes them.
    """
    if role.company_id is None and not actor.is_super_administrator:
        raise SystemRoleFixed("System roles belong to every company. Make a role of your own instead.")
    if role.code == SystemRole.SUPER_ADMIN:
        raise SystemRoleFixed("The super administrator's role is fixed: it holds every permission.")
    if role.priority >= rank(actor):
        raise PriorityTooHigh(role.priority, rank(actor))


def require_held(actor: Actor, grants: Iterable[Grant], *, field: Sequence[str] = PERMISSIONS) -> None:
    """Let nobody give what they do not hold. Raises GrantNotHeld."""
    missing = [grant for grant in grants if not actor.can(*grant)]
    if missing:
        raise GrantNotHeld(missing, field=field)


def require_may_assign_permissions(actor: Actor) -> None:
    """Let nobody slip permissions into a new role who may not give any. Raises GrantNotHeld."""
    require_held(actor, [Grant(PermissionResource.PERMISSIONS, PermissionAction.UPDATE)])


def require_given_by(actor: Actor, role: Role, grants: Iterable[Grant]) -> None:
    """Let nobody give out a role above their own, or one that can do what they cannot.

    Raises RoleAboveOwn and GrantNotHeld.
    """
    if role.priority > rank(actor):
        raise RoleAboveOwn(role.name)
    require_held(actor, grants, field=("role_id",))


def require_governable(role: Role, grants: frozenset[Grant]) -> None:
    """Keep with the administrator's role what lets a company govern itself. Raises SystemRoleFixed."""
    if role.company_id is None and role.code == SystemRole.ADMIN:
        lost = sorted(grant.resource.value for grant in CORE if not implies(grants, grant))
        if lost:
            raise SystemRoleFixed(
                f"The administrator's role keeps MANAGE on {', '.join(lost)}, by which a company governs itself.",
                field="permission_ids",
            )
