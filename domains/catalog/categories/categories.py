"""Categories: creation, changes, moves and deletion."""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.catalog import data, sql, unique_slugs, validation
from domains.catalog.categories.tree import SORT_TYPES, CategoryFilter, CategoryOrder, lock_category
from domains.catalog.errors import (
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
    CategoryTooDeep,
)
from domains.catalog.events import CategoryChanged, CategoryDeleted
from domains.catalog.models import Category, CategoryChanges, CategoryContents, NewCategory
from domains.catalog.policy import sees_hidden_categories
from domains.catalog.products.updates import emit_updates
from domains.catalog.search import index
from domains.catalog.slugs import normalize_slug, require_slug
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.pagination.keyset import Direction, Sort, containing, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.validation import collect_errors

SLUG_FIELD = ("slug",)
MAX_DEPTH = 20
INDEXED_FIELDS = frozenset({"name", "is_active"})


class Categories:
    """Finds, creates, updates, moves and deletes the categories of a company."""

    async def create(self, tx: Tx, given: NewCategory) -> Category:
        """Create a category.

        Raises, of all fields at once, CategoryNotFound (the parent), SlugTaken, CategoryTooDeep, and what
        `validation.normalize_fields` raises. Emits CategoryChanged.
        """
        slug = None
        with collect_errors() as errors:
            with errors:
                values = validation.normalize_fields(
                    data.CategoryCreate, validation.CATEGORY, validation.fields_of(given)
                )
            with errors:
                slug = require_slug(given.slug, field=SLUG_FIELD) if given.slug is not None else None
            await sql.lock_category_tree(tx)
            with errors:
                await _require_parent(tx, given.parent_id)
            with errors:
                if errors.collected:
                    await unique_slugs.require_free(tx, "categories", slug)

        async def write(free: str) -> Category:
            return await data.category.create(tx, values | {"slug": free, "parent_id": given.parent_id})

        category = await unique_slugs.write_with_slug(tx, "categories", write, name=values["name"], slug=slug)
        tx.emit(CategoryChanged(category_id=category.id))
        return category

    async def update(self, tx: Tx, category_id: UUID, changes: CategoryChanges) -> Category:
        """Change a category; an inactive one hides its descendants too. Raises CategoryNotFound, SlugTaken.

        Emits CategoryChanged.
        """
        category = await lock_category(tx, category_id)
        slug = None  # unchanged
        with collect_errors() as errors:
            with errors:
                values = validation.normalize_fields(data.CategoryUpdate, validation.CATEGORY, changes)
            with errors:
                if changes.get("slug", category.slug) != category.slug:
                    slug = require_slug(changes["slug"], field=SLUG_FIELD)
            with errors:
                if errors.collected:
                    await unique_slugs.require_free(tx, "categories", slug)

        async def write(slug: str) -> Category:
            return await data.category.update(tx, id=category_id, data=values | {"slug": slug})

        if slug is None:
            updated = await write(category.slug)
        else:
            updated = await unique_slugs.write_with_slug(tx, "categories", write, name=category.name, slug=slug)
        if INDEXED_FIELDS & values.keys():
            await index.reindex_categories(tx, [category_id])
        tx.emit(CategoryChanged(category_id=category_id))
        return updated

    async def move(self, tx: Tx, category_id: UUID, parent_id: UUID | None) -> Category:
        """Move a category and its descendants below another category, or with None to the root.

        Moves of one company wait for each other, so two of them cannot make a cycle. Products keep their attributes;
        the attributes that the new ancestors require are validated at their next change. Raises CategoryNotFound,
        CategoryCycle, CategoryTooDeep. Emits CategoryChanged.
        """
        await lock_category(tx, category_id)
        if parent_id is not None and category_id in await _require_parent(tx, parent_id):
            raise CategoryCycle("A category cannot be moved below itself.", field=("parent_id",))
        category = await data.category.update(tx, id=category_id, data={"parent_id": parent_id})
        if await sql.depth_of_tree(tx, category_id) > MAX_DEPTH:
            raise CategoryTooDeep(MAX_DEPTH)
        await index.reindex_categories(tx, [category_id])
        tx.emit(CategoryChanged(category_id=category_id))
        return category

    async def delete(
        self, tx: Tx, category_id: UUID, *, move_products_to: UUID | None = None, references: Sequence[str] = ()
    ) -> None:
        """Delete a category that has no sub-categories and no products (unless they move to another category).

        `references` are other domains' reasons against it, as sentences. Raises CategoryNotFound, and
        CategoryInUse with all reasons. Emits ProductUpdated for each moved product that is not archived, and
        CategoryDeleted.
        """
        await lock_category(tx, category_id)
        contents = await sql.contents_of(tx, category_id)
        reasons = [*_subcategory_reasons(contents), *references]
        field = ("id",) if reasons or move_products_to is not None else ("move_products_to",)
        if move_products_to is None:
            reasons += _product_reasons(contents)
        with collect_errors() as errors:
            with errors:
                if move_products_to is not None:
                    await _require_target(tx, category_id, move_products_to)
            with errors:
                if reasons:
                    raise CategoryInUse(reasons, field=field)
        moved = [] if move_products_to is None else await sql.move_products(tx, category_id, move_products_to)
        await data.category.delete(tx, id=category_id)
        await index.reindex(tx, [product_id for product_id, _ in moved])
        await emit_updates(tx, [product_id for product_id, is_archived in moved if not is_archived], ["category_id"])
        tx.emit(CategoryDeleted(category_id=category_id))

    async def find(self, db: Reader, actor: Actor, *, id: UUID | None = None, slug: str | None = None) -> Category:
        """A category by its id or slug. Raises CategoryNotFound, also for a hidden one to customers."""
        where: data.CategoryWhere = {"id": id} if id is not None else {"slug": normalize_slug(slug or "")}
        category = await data.category.find_first(db, where=where)
        if category is None or not await _visible(db, actor, [category]):
            raise CategoryNotFound(id or slug or "")
        return category

    async def find_page(
        self,
        db: Reader,
        actor: Actor,
        args: PageArgs,
        filters: CategoryFilter,
        order: CategoryOrder = "display_order",
        direction: Direction = "asc",
    ) -> Page[Category]:
        """One page of the categories that the actor may see."""
        where: data.CategoryWhere = {}
        if filters.is_active is not None:
            where["is_active"] = filters.is_active
        if filters.is_featured is not None:
            where["is_featured"] = filters.is_featured
        if filters.parent_id is not None or filters.roots_only:
            where["parent_id"] = filters.parent_id
        if (match := containing(filters.search)) is not None:
            where["name"] = match
        if not sees_hidden_categories(actor):
            where["NOT"] = {"id": {"in": await sql.hidden_categories(db)}}
        sort = Sort(order, SORT_TYPES[order], direction)
        return await fetch_page(data.category, db, args, sort=sort, where=where)

    async def children_of(self, db: Reader, actor: Actor, parent_ids: Sequence[UUID]) -> list[Category]:
        """The children of categories, in display order; for customers the active ones."""
        where: data.CategoryWhere = {"parent_id": {"in": list(parent_ids)}}
        if not sees_hidden_categories(actor):
            where["is_active"] = True
        order: list[data.CategoryOrder] = [{"display_order": "asc"}, {"name": "asc"}, {"id": "asc"}]
        return await data.category.find_many(db, where=where, order_by=order)

    async def find_visible(self, db: Reader, actor: Actor, ids: Collection[UUID]) -> list[Category]:
        """The categories with these ids that the actor may see, in no order. At most two statements."""
        return await _visible(db, actor, await self.find_many(db, ids))

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[Category]:
        """The categories with these ids, active or not, in no order. One statement."""
        return await data.category.find_many(db, where={"id": {"in": list(ids)}})


def _subcategory_reasons(contents: CategoryContents) -> list[str]:
    if not contents.children:
        return []
    more = ", …" if contents.children > len(contents.names) else ""
    names = ", ".join(contents.names)
    return [f"The category has sub-categories ({contents.children}: {names}{more}): move or delete them first."]


def _product_reasons(contents: CategoryContents) -> list[str]:
    if not contents.products:
        return []
    noun = "1 product" if contents.products == 1 else f"{contents.products} products"
    archived = f", {contents.archived} of them archived" if contents.archived else ""
    return [f"The category has {noun}{archived}: move them to another category."]


async def _require_parent(tx: Tx, parent_id: UUID | None) -> list[UUID]:
    """The ids from a parent up to its root. Raises CategoryNotFound, CategoryTooDeep."""
    if parent_id is None:
        return []
    ancestors = await sql.ancestors_of(tx, parent_id)
    if not ancestors:
        raise CategoryNotFound(parent_id, field=("parent_id",))
    if len(ancestors) >= MAX_DEPTH:
        raise CategoryTooDeep(MAX_DEPTH)
    return ancestors


async def _require_target(tx: Tx, category_id: UUID, target_id: UUID) -> None:
    if target_id == category_id or await data.category.find_unique(tx, id=target_id) is None:
        raise CategoryNotFound(target_id, field=("move_products_to",))


async def _visible(db: Reader, actor: Actor, categories: Sequence[Category]) -> list[Category]:
    """The categories that the actor may see: customers see no inactive category and none below one."""
    if not categories or sees_hidden_categories(actor):
        return list(categories)
    hidden = set(await sql.hidden_categories(db))
    return [row for row in categories if row.id not in hidden]
