"""Lists of reviews: filtered, searched and sorted, and the reviews of several products at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.policy import sees_drafts
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_related
from domains.kernel.text.validation import Required
from domains.review import data, sql
from domains.review.models import Review, ReviewFilter, ReviewSort, ReviewStatus
from domains.review.policy import may_see, sees_hidden_reviews

SORT_TYPES: Final[Mapping[ReviewSort, type]] = {
    ReviewSort.CREATED_AT: datetime,
    ReviewSort.HELPFUL_COUNT: int,
    ReviewSort.RATING: int,
}
NO_PRODUCT: Final = UUID(int=0)


class ReviewList:
    """Reads pages of reviews."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog

    async def find_by_id(self, db: Reader, actor: Actor, ids: Sequence[UUID]) -> list[Review]:
        """The reviews of these ids that the actor may see, in no order. One statement."""
        reviews = await data.review.find_many(db, where={"id": {"in": list(ids)}})
        return [review for review in reviews if may_see(actor, review)]

    async def reviewed(self, db: Reader, pairs: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
        """Those of these users and products of which the user has reviewed the product. One statement."""
        return await sql.reviewed(db, pairs)

    async def find(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        filters: ReviewFilter,
        sort: ReviewSort = ReviewSort.CREATED_AT,
        direction: Direction = "desc",
    ) -> Page[Review]:
        """One page of the reviews that the actor may see: published ones, their own, and for moderators all.

        Customers do not see reviews of products that are not listed. Raises Required when an actor who does not
        moderate reviews filters, searches or sorts them without naming a product or a user.
        """
        if not sees_hidden_reviews(actor):
            _require_index(filters, sort)
            if not actor.owns(filters.user_id):
                filters = replace(filters, status=ReviewStatus.PUBLISHED)
        if filters.product_id is not None and not sees_drafts(actor):
            visible = await self._catalog.products.find_many(db, actor, [filters.product_id])
            filters = filters if visible else replace(filters, product_id=NO_PRODUCT)
        where: dict[str, Any] = {
            "product_id": filters.product_id,
            "user_id": filters.user_id,
            "rating": filters.rating,
            "is_verified_purchase": filters.is_verified_purchase,
            "status": filters.status,
        }
        where = {name: value for name, value in where.items() if value is not None}
        if (match := containing(filters.search)) is not None:
            where["OR"] = [{"title": match}, {"comment": match}]
        return await fetch_page(
            data.review, db, args, sort=Sort(sort.value, SORT_TYPES[sort], direction), where=where
        )

    async def pages_by_product(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[Review]]:
        """A page of published reviews, newest first, for each (product, page).

        One statement for all products with the same page arguments, and one more when they are counted. Raises
        as `fetch_related`.
        """
        pages = await fetch_related(db, sql.PUBLISHED_REVIEWS, keys)
        return [page.map(data.review.from_record) for page in pages]


def _require_index(filters: ReviewFilter, sort: ReviewSort) -> None:
    """Raise Required for a list that no index serves; all reviews of a company can be read by time alone."""
    is_narrowed = filters.search or filters.rating is not None or filters.is_verified_purchase is not None
    by_time = sort is ReviewSort.CREATED_AT
    if filters.product_id is None and filters.user_id is None and (is_narrowed or not by_time):
        raise Required("To filter, search or sort reviews, name a product.", field=("product_id",))
