"""ReviewService: writing, moderating and voting on reviews."""

from uuid import UUID

from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import Unauthenticated
from domains.kernel.ids import new_id
from domains.kernel.validation import collect_errors
from domains.review import data, sql
from domains.review.errors import AlreadyReviewed, OwnReview, ReviewNotFound
from domains.review.events import ReviewCreated, ReviewDeleted, ReviewModerated, ReviewUpdated
from domains.review.listing import ReviewList
from domains.review.models import Review, ReviewChanges, ReviewStatus
from domains.review.policy import may_delete, may_see
from domains.review.purchases import Purchases
from domains.review.validation import checked, rating


class ReviewService:
    """Reviews of products. Each write also updates the product's rating sum and review count in the catalog.

    Parts: `listing` reads pages of reviews, `purchases` records what users have bought.
    """

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog
        self.listing = ReviewList(catalog)
        self.purchases = Purchases()

    async def find(self, db: Reader, actor: Actor, review_id: UUID) -> Review:
        """A review by id. Raises ReviewNotFound, also for a hidden one that the actor may not see."""
        review = await data.review.find_unique(db, id=review_id)
        if review is None or not may_see(actor, review):
            raise ReviewNotFound(review_id)
        return review

    async def create(self, tx: Tx, actor: Actor, product_id: UUID, fields: ReviewChanges) -> Review:
        """Create the actor's review of a listed product; at most one per user and product.

        The review is verified when the actor has bought the product. Raises Unauthenticated, AlreadyReviewed, and of
        all fields at once ProductNotFound, Required, OutOfRange, TooLong and InvalidInput. Emits review.created.
        """
        user_id = _require_user_id(actor)
        with collect_errors() as each:
            with each:
                await self._catalog.ratings.require_reviewable(tx, product_id, field=("product_id",))
            with each:
                stars = rating(fields.get("rating"))
            with each:
                texts = checked({"title": fields.get("title"), "comment": fields.get("comment")})
        await sql.lock_buyer(tx, user_id)
        row: data.ReviewCreate = {
            "id": new_id(),
            "product_id": product_id,
            "user_id": user_id,
            "rating": stars,
            "title": texts["title"],
            "comment": texts["comment"],
            "is_verified_purchase": await sql.has_bought(tx, user_id, product_id),
        }
        # Of concurrent identical requests, the unique key lets only one insert its review.
        if not await data.review.create_many(tx, [row], skip_duplicates=True):
            raise AlreadyReviewed
        await self._catalog.ratings.add(tx, product_id, rating=stars, count=1)
        tx.emit(ReviewCreated(review_id=row["id"], product_id=product_id, rating=stars))
        return await _find_locked(tx, row["id"])

    async def update(self, tx: Tx, actor: Actor, review_id: UUID, changes: ReviewChanges) -> Review:
        """Change the actor's own review. Raises ReviewNotFound (also of another user), and as `checked`.

        Emits review.updated when anything changes.
        """
        review = await _find_locked(tx, review_id)
        if not actor.owns(review.user_id):
            raise ReviewNotFound(review_id)
        updated = await data.review.update(tx, id=review_id, data=checked(changes))
        if review.status is ReviewStatus.PUBLISHED and updated.rating != review.rating:
            await self._catalog.ratings.add(tx, review.product_id, rating=updated.rating - review.rating, count=0)
        changed = [name for name in ("comment", "rating", "title") if getattr(review, name) != getattr(updated, name)]
        if changed:
            product_id, rating_now = updated.product_id, updated.rating
            tx.emit(ReviewUpdated(review_id=review_id, product_id=product_id, rating=rating_now, changed=changed))
        return updated

    async def delete(self, tx: Tx, actor: Actor, review_id: UUID) -> Review:
        """Delete the actor's own review, or with REVIEWS:DELETE any; the deleted row.

        Raises ReviewNotFound. Emits review.deleted.
        """
        review = await _find_locked(tx, review_id)
        if not may_delete(actor, review):
            raise ReviewNotFound(review_id)
        await data.review.delete(tx, id=review_id)
        if review.status is ReviewStatus.PUBLISHED:
            await self._catalog.ratings.add(tx, review.product_id, rating=-review.rating, count=-1)
        tx.emit(ReviewDeleted(review_id=review_id, product_id=review.product_id))
        return review

    async def hide(self, tx: Tx, review_id: UUID) -> Review:
        """Hide a review and take it out of the product's rating. Raises ReviewNotFound. Emits review.moderated."""
        return await self._moderate(tx, review_id, ReviewStatus.HIDDEN)

    async def approve(self, tx: Tx, review_id: UUID) -> Review:
        """Publish a hidden review and add it to the product's rating. Raises and emits as `hide`."""
        return await self._moderate(tx, review_id, ReviewStatus.PUBLISHED)

    async def vote(self, tx: Tx, actor: Actor, review_id: UUID, *, is_helpful: bool = True) -> Review:
        """Vote that a review is helpful, once per user, or remove the vote.

        Raises Unauthenticated, ReviewNotFound (also for a hidden review) and OwnReview.
        """
        user_id = _require_user_id(actor)
        review = await data.review.find_unique(tx, id=review_id)
        if review is None or review.status is not ReviewStatus.PUBLISHED:
            raise ReviewNotFound(review_id)
        if review.user_id == user_id:
            raise OwnReview
        if is_helpful:
            row: data.ReviewVoteCreate = {"review_id": review_id, "user_id": user_id}
            change = await data.review_vote.create_many(tx, [row], skip_duplicates=True)
        else:
            change = -await data.review_vote.delete_many(tx, where={"review_id": review_id, "user_id": user_id})
        if change == 0:
            return review
        unedited: data.ReviewUpdate = {"helpful_count": {"increment": change}, "updated_at": review.updated_at}
        return await data.review.update(tx, id=review_id, data=unedited)

    async def _moderate(self, tx: Tx, review_id: UUID, status: ReviewStatus) -> Review:
        review = await _find_locked(tx, review_id)
        if review.status is status:
            return review
        sign = 1 if status is ReviewStatus.PUBLISHED else -1
        updated = await data.review.update(tx, id=review_id, data={"status": status})
        await self._catalog.ratings.add(tx, review.product_id, rating=sign * review.rating, count=sign)
        tx.emit(ReviewModerated(review_id=review_id, product_id=review.product_id, status=status.value))
        return updated


async def _find_locked(tx: Tx, review_id: UUID) -> Review:
    review = await data.review.find_unique(tx, id=review_id, lock=True)
    if review is None:
        raise ReviewNotFound(review_id)
    return review


def _require_user_id(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise Unauthenticated("Log in to review products and to vote on reviews.")
    return actor.user_id
