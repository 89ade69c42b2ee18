"""Writing, moderating and voting on reviews; the product's sum and count of ratings move with every row."""

from uuid import UUID

from domains.catalog import data, sql, validation
from domains.catalog.data import ReviewStatus
from domains.catalog.errors import AlreadyReviewed, OwnReview, ProductNotFound, ReviewNotFound
from domains.catalog.events import ReviewCreated
from domains.catalog.models import Review, ReviewChanges
from domains.catalog.reviews import review_sql
from domains.catalog.search import index
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.errors import Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.validation import collect_errors

PRODUCT_FIELD = ("product_id",)


async def create(tx: Tx, actor: Actor, product_id: UUID, given: ReviewChanges) -> Review:
    """Review a product; see CatalogService.create_review."""
    user_id = _user(actor)
    with collect_errors() as each:
        with each:
            if await sql.find_product(tx, "id", product_id, listed_only=True) is None:
                raise ProductNotFound(product_id, field=PRODUCT_FIELD)
        with each:
            values = validation.cleaned(validation.REVIEW, {"rating": None, **given})
    await review_sql.hold_buyer(tx, user_id)
    bought = await review_sql.has_bought(tx, user_id, product_id)
    row = values | {"id": new_id(), "product_id": product_id, "user_id": user_id, "is_verified_purchase": bought}
    # The unique key decides when somebody sends the same review twice at once.
    if not await data.review.create_many(tx, [row], skip_duplicates=True):
        raise AlreadyReviewed("You have reviewed this product. Change that review instead.", field=PRODUCT_FIELD)
    await _count(tx, product_id, values["rating"], 1)
    tx.emit(ReviewCreated(review_id=row["id"], product_id=product_id, rating=values["rating"]))
    return await _locked(tx, row["id"])


async def update(tx: Tx, actor: Actor, review_id: UUID, changes: ReviewChanges) -> Review:
    """Change one's own review; see CatalogService.update_review."""
    review = await _locked(tx, review_id)
    if not actor.owns(review.user_id):
        raise ReviewNotFound(review_id)
    updated = await data.review.update(tx, id=review_id, data=validation.cleaned(validation.REVIEW, changes))
    if review.status is ReviewStatus.PUBLISHED and updated.rating != review.rating:
        await _count(tx, review.product_id, updated.rating - review.rating, 0)
    return updated


async def delete(tx: Tx, actor: Actor, review_id: UUID) -> Review:
    """Delete a review; see CatalogService.delete_review."""
    review = await _locked(tx, review_id)
    if not actor.may_see(review.user_id, PermissionResource.REVIEWS, PermissionAction.DELETE):
        raise ReviewNotFound(review_id)
    await data.review.delete(tx, id=review_id)
    if review.status is ReviewStatus.PUBLISHED:
        await _count(tx, review.product_id, -review.rating, -1)
    return review


async def moderate(tx: Tx, review_id: UUID, status: ReviewStatus) -> Review:
    """Hide a review or publish it again; see CatalogService.hide_review and approve_review."""
    review = await _locked(tx, review_id)
    if review.status is status:
        return review
    sign = 1 if status is ReviewStatus.PUBLISHED else -1
    updated = await data.review.update(tx, id=review_id, data={"status": status})
    await _count(tx, review.product_id, sign * review.rating, sign)
    return updated


async def vote(tx: Tx, actor: Actor, review_id: UUID, *, is_helpful: bool) -> Review:
    """Say that a review helped, or take that back; see CatalogService.vote_review."""
    user_id = _user(actor)
    review = await data.review.find_unique(tx, id=review_id)
    if review is None or review.status is not ReviewStatus.PUBLISHED:
        raise ReviewNotFound(review_id)
    if review.user_id == user_id:
        raise OwnReview("You cannot vote on your own review.", field=("id",))
    row: data.ReviewVoteCreate = {"review_id": review_id, "user_id": user_id}
    if is_helpful:
        change = await data.review_vote.create_many(tx, [row], skip_duplicates=True)
    else:
        change = -await data.review_vote.delete_many(tx, where={"review_id": review_id, "user_id": user_id})
    if change == 0:
        return review
    unedited: data.ReviewUpdate = {"helpful_count": {"increment": change}, "updated_at": review.updated_at}
    return await data.review.update(tx, id=review_id, data=unedited)


async def _count(tx: Tx, product_id: UUID, rating: int, count: int) -> None:
    """Move the product's sum and count by what this transaction did to its reviews, then what it is sorted by."""
    await review_sql.count_reviews(tx, product_id, rating, count)
    await index.reindex(tx, [product_id])


async def _locked(tx: Tx, review_id: UUID) -> Review:
    review = await data.review.find_unique(tx, id=review_id, lock=True)
    if review is None:
        raise ReviewNotFound(review_id)
    return review


def _user(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise Unauthenticated("Sign in to review products and to vote.")
    return actor.user_id
