"""Reviews: what customers say of products, moderated and voted on."""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.catalog import data
from domains.catalog.categories import tree
from domains.catalog.categories.tree import ReviewFilter, ReviewOrder
from domains.catalog.errors import ReviewNotFound
from domains.catalog.models import Review, ReviewChanges, ReviewStatus
from domains.catalog.policy import may_see_review
from domains.catalog.reviews import review_commands, review_sql
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Direction
from domains.kernel.pagination.pages import Page, PageArgs


class ReviewService:
    """Keeps reviews, and each product's sum and count of ratings exact."""

    async def find_review(self, db: Reader, actor: Actor, review_id: UUID) -> Review:
        """A review by its id. Raises ReviewNotFound, also for a hidden one to others than author and moderators."""
        review = await data.review.find_unique(db, id=review_id)
        if review is None or not may_see_review(actor, review):
            raise ReviewNotFound(review_id)
        return review

    async def find_reviews(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        wanted: ReviewFilter,
        order: ReviewOrder = "created_at",
        direction: Direction = "desc",
    ) -> Page[Review]:
        """One page of reviews: the published ones, one's own, and for moderators the hidden ones."""
        return await tree.review_page(db, actor, args, wanted, order, direction)

    async def review_pages(
        self, db: Reader, actor: Actor, keys: Sequence[tuple[UUID, PageArgs]]
    ) -> list[Page[Review]]:
        """A page of published reviews for each (product, page), newest first; one statement for all first pages."""
        return await tree.review_pages(db, actor, keys)

    async def create_review(self, tx: Tx, actor: Actor, product_id: UUID, given: ReviewChanges) -> Review:
        """Review a product as the signed-in user, once; marked as a buyer's when they bought it.

        Raises Unauthenticated, ProductNotFound, AlreadyReviewed, InvalidInput (a rating outside 1 to 5).
        Emits ReviewCreated.
        """
        return await review_commands.create(tx, actor, product_id, given)

    async def update_review(self, tx: Tx, actor: Actor, review_id: UUID, changes: ReviewChanges) -> Review:
        """Change one's own review. Raises ReviewNotFound (also for another's), InvalidInput."""
        return await review_commands.update(tx, actor, review_id, changes)

    async def delete_review(self, tx: Tx, actor: Actor, review_id: UUID) -> Review:
        """Delete one's own review, or any with the permission. The review as it was. Raises ReviewNotFound."""
        return await review_commands.delete(tx, actor, review_id)

    async def hide_review(self, tx: Tx, review_id: UUID) -> Review:
        """Hide a review; it no longer counts. Raises ReviewNotFound."""
        return await review_commands.moderate(tx, review_id, ReviewStatus.HIDDEN)

    async def approve_review(self, tx: Tx, review_id: UUID) -> Review:
        """Show a hidden review again; it counts again. Raises ReviewNotFound."""
        return await review_commands.moderate(tx, review_id, ReviewStatus.PUBLISHED)

    async def vote_review(self, tx: Tx, actor: Actor, review_id: UUID, *, is_helpful: bool = True) -> Review:
        """Say that a review helped, counted once a user, or take that back.

        Raises Unauthenticated, ReviewNotFound, OwnReview.
        """
        return await review_commands.vote(tx, actor, review_id, is_helpful=is_helpful)

    async def record_purchase(
        self, tx: Tx, *, user_id: UUID, order_id: UUID, product_ids: Collection[UUID], stands: bool = True
    ) -> None:
        """Remember what a user bought by an order, or forget it when it does not stand, for verified reviews.

        Reviews that are written already are verified while a purchase stands. Doing it again changes nothing.
        """
        rows: list[data.ProductPurchaseCreate] = [
            {"product_id": product_id, "user_id": user_id, "order_id": order_id} for product_id in product_ids
        ]
        await review_sql.hold_buyer(tx, user_id)
        if stands:
            await data.product_purchase.create_many(tx, rows, skip_duplicates=True)
        else:
            where: data.ProductPurchaseWhere = {
                "product_id": {"in": list(product_ids)},
                "user_id": user_id,
                "order_id": order_id,
            }
            await data.product_purchase.delete_many(tx, where=where)
        await review_sql.verify_reviews(tx, user_id, product_ids)
