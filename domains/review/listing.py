"""Lists of reviews: filtered, searched and sorted, and the reviews of several products at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domains.catalog.policy import sees_drafts
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.keyset import Direction, Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.pagination.sql_lists import fetch_related
from domains.review import data, sql
from domains.review.models import Review, ReviewFilter, ReviewSort, ReviewStatus
from domains.review.policy import may_see, sees_hidden_reviews

KINDS: Final[Mapping[ReviewSort, type]] = {
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
        found = await data.review.find_many(db, where={"id": {"in": list(ids)}})
        return [review for review in found if may_see(actor, review)]

    async def find(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        wanted: ReviewFilter,
        sort: ReviewSort = ReviewSort.CREATED_AT,
        direction: Direction = "desc",
    ) -> Page[Review]:
        """One page of the reviews that the actor may see: published ones, their own, and for moderators all.

        Customers do not see reviews of products that are not listed. Raises InvalidInput when an actor who does not
        moderate reviews filters, searches or sorts them without naming a product or a user.
        """
        if not sees_hidden_reviews(actor):
            _require_index(wanted, sort)
            if not actor.owns(wanted.user_id):
                wanted = replace(wanted, status=ReviewStatus.PUBLISHED)
        if wanted.product_id is not None and not sees_drafts(actor):
            visible = await self._catalog.products.find_many(db, actor, [wanted.product_id])
            wanted = wanted if visible else replace(wanted, product_id=NO_PRODUCT)
        where: dict[str, Any] = {
            "product_id": wanted.product_id,
            "user_id": wanted.user_id,
            "rating": wanted.rating,
            "is_verified_purchase": wanted.is_verified_purchase,
            "status": wanted.status,
        }
        where = {name: value for name, value in where.items() if value is not None}
        where |= containing(wanted.search, ("title", "comment"))
        return await fetch_page(data.review, db, args, sort=Sort(sort.value, KINDS[sort], direction), where=where)

    async def of_products(self, db: Reader, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[Review]]:
        """A page of published reviews, newest first, for each (product, page).

        One statement for all products with the same page arguments, and one more when they are counted. Raises
        InvalidInput for a cursor of another list.
        """
        pages = await fetch_related(db, sql.PUBLISHED_REVIEWS, keys)
        return [page.map(data.review.from_record) for page in pages]


def _require_index(wanted: ReviewFilter, sort: ReviewSort) -> None:
    """Raise InvalidInput for a list that no index serves; all reviews of a company can be read by time alone."""
    narrowed = wanted.search or wanted.rating is not None or wanted.is_verified_purchase is not None
    by_time = sort is ReviewSort.CREATED_AT
    if wanted.product_id is None and wanted.user_id is None and (narrowed or not by_time):
        raise InvalidInput("To filter, search or sort reviews, name a product.", field=("filter", "product_id"))
