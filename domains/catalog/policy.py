"""The visibility of products and categories."""

from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction, PermissionResource


def sees_drafts(actor: Actor) -> bool:
    """Whether an actor sees products that are not published, and variants that are off sale."""
    return actor.can(PermissionResource.PRODUCTS, PermissionAction.READ)


def sees_hidden_categories(actor: Actor) -> bool:
    """Whether an actor sees categories that are not active."""
    return actor.can(PermissionResource.CATEGORIES, PermissionAction.READ)
