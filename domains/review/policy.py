"""Who may see and delete reviews."""

from domains.kernel.actor import Actor
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.review.models import Review, ReviewStatus


def sees_hidden_reviews(actor: Actor) -> bool:
    """Whether the actor sees hidden reviews of other users."""
    return actor.can(PermissionResource.REVIEWS, PermissionAction.READ)


def may_see(actor: Actor, review: Review) -> bool:
    """Whether the actor sees a review: it is published or their own, or they moderate reviews."""
    return review.status is ReviewStatus.PUBLISHED or actor.owns(review.user_id) or sees_hidden_reviews(actor)


def may_delete(actor: Actor, review: Review) -> bool:
    """Whether the actor may delete a review: it is their own, or they have the permission REVIEWS:DELETE."""
    return actor.may_see(review.user_id, PermissionResource.REVIEWS, PermissionAction.DELETE)
