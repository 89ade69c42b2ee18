"""Reading the tree of categories and the reviews of products; listing and search of products live apart."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domains.catalog import data, sql
from domains.catalog.errors import CategoryNotFound
from domains.catalog.models import Category, CategoryAttribute, Review, ReviewStatus
from domains.catalog.policy import sees_drafts, sees_hidden_categories, sees_hidden_reviews
from domains.catalog.reviews import review_sql
from domains.catalog.slugs import slug_key
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.keyset import Direction, Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs, cut, encode_cursor
from domains.kernel.text.validation import caseless

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


async def tree(db: Reader, actor: Actor) -> list[CategoryNode]:
    """The whole tree in one statement; an inactive category hides what is below it from customers."""
    rows = await data.category.find_many(db, order_by=[{"display_order": "asc"}, {"name": "asc"}, {"id": "asc"}])
    below: dict[UUID | None, list[Category]] = defaultdict(list)
    sees_all = sees_hidden_categories(actor)
    for row in rows:
        if row.is_active or sees_all:
            below[row.parent_id].append(row)

    def grow(parent_id: UUID | None) -> list[CategoryNode]:
        return [CategoryNode(row, grow(row.id)) for row in below[parent_id]]

    return grow(None)


async def category(db: Reader, actor: Actor, *, id: UUID | None = None, slug: str | None = None) -> Category:
    """A category by id or slug. Raises CategoryNotFound, also for one that the actor may not see."""
    where: data.CategoryWhere = {"id": id} if id is not None else {"slug": slug_key(slug or "")}
    found = await data.category.find_first(db, where=where)
    if found is None or not await _visible(db, actor, [found]):
        raise CategoryNotFound(id or slug or "")
    return found


async def category_page(
    db: Reader,
    actor: Actor,
    args: PageArgs,
    wanted: CategoryFilter,
    order: CategoryOrder = "display_order",
    direction: Direction = "asc",
) -> Page[Category]:
    """One page of the categories that the actor may see."""
    where: dict[str, Any] = _given(is_active=wanted.is_active, is_featured=wanted.is_featured)
    if wanted.parent_id is not None or wanted.roots_only:
        where["parent_id"] = wanted.parent_id
    where |= containing(wanted.search, ("name",))
    if not sees_hidden_categories(actor):
        where["NOT"] = {"id": {"in": await sql.hidden_categories(db)}}
    sort = Sort(order, CATEGORY_KINDS[order], direction)
    return await fetch_page(data.category, db, args, sort=sort, where=where)


async def children(db: Reader, actor: Actor, parent_ids: Sequence[UUID]) -> list[Category]:
    """The categories right below others, in display order. A customer is not shown inactive ones."""
    where: data.CategoryWhere = {"parent_id": {"in": list(parent_ids)}}
    if not sees_hidden_categories(actor):
        where["is_active"] = True
    order: list[data.CategoryOrder] = [{"display_order": "asc"}, {"name": "asc"}, {"id": "asc"}]
    return await data.category.find_many(db, where=where, order_by=order)


async def attributes_in_force(db: Reader, category_ids: Collection[UUID]) -> dict[UUID, list[CategoryAttribute]]:
    """What categories ask of their products, inherited attributes included; the nearest of a name wins."""
    lines = await sql.lines_of(db, category_ids)
    asked = {category_id for _, category_id, _ in lines}
    rows = await data.category_attribute.find_many(db, where={"category_id": {"in": list(asked)}})
    by_category: dict[UUID, list[CategoryAttribute]] = defaultdict(list)
    for row in rows:
        by_category[row.category_id].append(row)
    found: dict[UUID, dict[str, CategoryAttribute]] = defaultdict(dict)
    for origin, category_id, _ in sorted(lines, key=lambda line: -line[2]):
        for row in by_category[category_id]:
            found[origin][caseless(row.name)] = row
    return {origin: sorted(rules.values(), key=lambda rule: rule.name) for origin, rules in found.items()}


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


async def _visible(db: Reader, actor: Actor, found: Sequence[Category]) -> bool:
    if sees_hidden_categories(actor):
        return True
    hidden = set(await sql.hidden_categories(db))
    return not any(row.id in hidden for row in found)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
