"""Reads the tree of categories."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domains.catalog import data, sql
from domains.catalog.errors import CategoryNotFound
from domains.catalog.models import Category, CategoryAttribute
from domains.catalog.policy import sees_hidden_categories
from domains.catalog.slugs import slug_key
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.keyset import Direction, Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.text.validation import caseless

CategoryOrder = Literal["display_order", "name", "created_at"]
CATEGORY_KINDS: Mapping[str, type] = {"display_order": int, "name": str, "created_at": datetime}


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


async def _visible(db: Reader, actor: Actor, found: Sequence[Category]) -> bool:
    if sees_hidden_categories(actor):
        return True
    hidden = set(await sql.hidden_categories(db))
    return not any(row.id in hidden for row in found)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
