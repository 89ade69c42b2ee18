"""Who sees what of the catalogue."""

from domains.catalog.models import Review, ReviewStatus
from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction, PermissionResource


def sees_drafts(actor: Actor) -> bool:
    """Whether an actor sees products that are not published, and variants that are off sale."""
    return actor.can(PermissionResource.PRODUCTS, PermissionAction.READ)


def sees_hidden_categories(actor: Actor) -> bool:
    """Whether an actor sees categories that are not active."""
    return actor.can(PermissionResource.CATEGORIES, PermissionAction.READ)


def sees_hidden_reviews(actor: Actor) -> bool:
    """Whether an actor sees reviews that were hidden."""
    return actor.can(PermissionResource.REVIEWS, PermissionAction.READ)


def may_see_review(actor: Actor, review: Review) -> bool:
    """Whether an actor sees a review: it is published, their own, or they moderate."""
    return review.status is ReviewStatus.PUBLISHED or actor.owns(review.user_id) or sees_hidden_reviews(actor)
