"""The rule which users an actor may change: those whose role is not above the actor's own."""

from uuid import UUID

from domains.auth.errors import RoleOutOfReach
from domains.auth.sql import TargetUser
from domains.kernel.actor import Actor
from domains.kernel.errors import Unauthenticated
from domains.role.hierarchy import priority_of


def require_user_id(actor: Actor) -> UUID:
    """The id of the actor's own user. Raises Unauthenticated for a guest."""
    if actor.user_id is None:
        raise Unauthenticated("Log in to use this.")
    return actor.user_id


def require_not_above(actor: Actor, target: TargetUser) -> None:
    """Raise RoleOutOfReach when the target's role is above the actor's."""
    if target.role.priority > priority_of(actor):
        raise RoleOutOfReach(
            "This user's role is above your own. Ask an administrator with a higher role.", field=("id",)
        )
