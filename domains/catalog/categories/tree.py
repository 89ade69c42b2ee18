"""Reading the tree of categories and the reviews of products; listing and search of products live apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domains.catalog import data, sql
from domains.catalog.errors import CategoryNotFound
from domains.catalog.models import Category, Review, ReviewStatus
from domains.catalog.policy import sees_drafts, sees_hidden_reviews
from domains.catalog.reviews import review_sql
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.keyset import Direction, Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs, cut, encode_cursor

CategoryOrder = Literal["display_order", "name", "created_at"]
ReviewOrder = Literal["created_at", "helpful_count", "rating"]
CATEGORY_KINDS: Mapping[str, type] = {"display_order": int, "name": str, "created_at": datetime}
REVIEW_KINDS: Mapping[str, type] = {"created_at": datetime, "helpful_count": int, "rating": int}
NOTHING = UUID(int=0)
NEWEST = Sort("created_at", datetime, "desc")


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with what stands below it, in display order."""

    category: Category
    children: "Sequence[CategoryNode]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFilter:
    """Which categories; None asks nothing. `roots_only` and `parent_id` exclude each other."""

    parent_id: UUID | None = None
    roots_only: bool = False
    is_active: bool | None = None
    is_featured: bool | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFilter:
    """Which reviews; None asks nothing."""

    product_id: UUID | None = None
    user_id: UUID | None = None
    rating: int | None = None
    is_verified_purchase: bool | None = None
    status: ReviewStatus | None = None
    search: str | None = None


def nodes(rows: Iterable[Category]) -> list[CategoryNode]:
    """The trees below the root categories, of rows in display order; without a path to a root a row is left out."""
    below: dict[UUID | None, list[Category]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)

    def grow(parent_id: UUID | None) -> list[CategoryNode]:
        return [CategoryNode(row, grow(row.id)) for row in below[parent_id]]

    return grow(None)


async def review_page(
    db: Reader,
    actor: Actor,
    args: PageArgs,
    wanted: ReviewFilter,
    order: ReviewOrder = "created_at",
    direction: Direction = "desc",
) -> Page[Review]:
    """One page of reviews: for everybody the published ones, and those of the actor when they ask for their own.

    Raises InvalidInput when somebody who does not moderate would search or sort the reviews of all products.
    """
    if not sees_hidden_reviews(actor):
        _require_index(wanted, order)
        if not actor.owns(wanted.user_id):
            wanted = replace(wanted, status=ReviewStatus.PUBLISHED)
    if wanted.product_id is not None and not sees_drafts(actor):
        found = await sql.find_product(db, "id", wanted.product_id, listed_only=True)
        wanted = wanted if found else replace(wanted, product_id=NOTHING)
    where = _given(
        product_id=wanted.product_id,
        user_id=wanted.user_id,
        rating=wanted.rating,
        is_verified_purchase=wanted.is_verified_purchase,
        status=wanted.status,
    )
    where |= containing(wanted.search, ("title", "comment"))
    return await fetch_page(data.review, db, args, sort=Sort(order, REVIEW_KINDS[order], direction), where=where)


def _require_index(wanted: ReviewFilter, order: ReviewOrder) -> None:
    """All reviews of a shop can be read newest first; what is narrower must name a product or a user."""
    narrowed = wanted.search or wanted.rating is not None or wanted.is_verified_purchase is not None
    if wanted.product_id is None and wanted.user_id is None and (narrowed or order != "created_at"):
        raise InvalidInput("To filter, search or sort reviews, name a product.", field=("filter", "product_id"))


async def review_pages(db: Reader, actor: Actor, keys: Sequence[tuple[UUID, PageArgs]]) -> list[Page[Review]]:
    """A page of published reviews, newest first, for each product; one statement for all first (or last) pages."""
    starting: dict[PageArgs, set[UUID]] = defaultdict(set)
    for product_id, args in keys:
        if args.cursor is None:
            starting[args].add(product_id)
    pages: dict[tuple[UUID, PageArgs], Page[Review]] = {}
    for args, product_ids in starting.items():
        rows = await review_sql.newest_reviews(db, product_ids, args.size + 1, oldest=args.backward)
        for product_id in product_ids:
            pages[product_id, args] = _cut(
                db, [row for row in rows if row.product_id == product_id], args, product_id
            )
    for product_id, args in keys:
        if (product_id, args) not in pages:
            wanted = ReviewFilter(product_id=product_id, status=ReviewStatus.PUBLISHED)
            pages[product_id, args] = await review_page(db, actor, args, wanted)
    return [pages[key] for key in keys]


def _cut(db: Reader, rows: Sequence[Review], args: PageArgs, product_id: UUID) -> Page[Review]:
    async def count() -> int:
        return await data.review.count(db, where={"product_id": product_id, "status": ReviewStatus.PUBLISHED})

    return cut(rows, args, lambda row: encode_cursor(NEWEST.name, [row.created_at, row.id]), count)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


async def lock_category(tx: Tx, category_id: UUID, *, field: Sequence[str] = ("id",)) -> Category:
    """A category, in a tree that nobody else changes until the transaction ends. Raises CategoryNotFound."""
    await sql.lock_category_tree(tx)
    row = await data.category.find_unique(tx, id=category_id)
    if row is None:
        raise CategoryNotFound(category_id, field=field)
    return row
