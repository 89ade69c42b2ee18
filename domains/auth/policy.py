"""Whom an actor may change: nobody whose role stands above their own."""

from domains.auth.errors import RoleOutOfReach
from domains.auth.sql import Target
from domains.kernel.actor import Actor
from domains.role.hierarchy import rank


def require_not_above(actor: Actor, target: Target) -> None:
    """Let nobody change who stands above them, nor what is theirs. Raises RoleOutOfReach."""
    if target.role.priority > rank(actor):
        raise RoleOutOfReach(
            "This user's role stands above your own. Ask somebody with a higher role.", field=("id",)
        )
