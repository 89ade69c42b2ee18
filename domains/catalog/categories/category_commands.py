"""Making, changing, moving and deleting categories and the attributes they ask of products."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domains.catalog import data, sql, unique_slugs, validation
from domains.catalog.categories.attributes import AttributeRule, require_rule
from domains.catalog.errors import (
    AttributeNameTaken,
    CategoryAttributeNotFound,
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
)
from domains.catalog.events import CategoryChanged, CategoryDeleted
from domains.catalog.models import Category, CategoryAttribute, CategoryChanges, CategoryContents, NewCategory
from domains.catalog.search import index
from domains.catalog.slugs import require_slug
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import caseless
from domains.kernel.validation import collect_errors

SLUG_FIELD = ("slug",)
MOST_DEPTH = 20
SHOWN_IN_SEARCH = frozenset({"name", "is_active"})


async def create(tx: Tx, given: NewCategory) -> Category:
    """Make a category; see CatalogService.create_category."""
    slug = None
    with collect_errors() as each:
        with each:
            values = validation.cleaned(validation.CATEGORY, validation.fields_of(given))
        with each:
            slug = require_slug(given.slug, field=SLUG_FIELD) if given.slug is not None else None
        await sql.lock_category_tree(tx)
        with each:
            await _require_parent(tx, given.parent_id)
        with each:
            if each.errors:
                await unique_slugs.require_free(tx, "categories", slug)

    async def write(free: str) -> Category:
        return await data.category.create(tx, values | {"slug": free, "parent_id": given.parent_id})

    category = await unique_slugs.write_with_slug(tx, "categories", write, name=values["name"], slug=slug)
    tx.emit(CategoryChanged(category_id=category.id))
    return category


async def update(tx: Tx, category_id: UUID, changes: CategoryChanges) -> Category:
    """Change a category, but not its place; see CatalogService.update_category."""
    category = await _held(tx, category_id)
    slug = None  # it stays
    with collect_errors() as each:
        with each:
            values = validation.cleaned(validation.CATEGORY, changes)
        with each:
            if changes.get("slug", category.slug) != category.slug:
                slug = require_slug(changes["slug"], field=SLUG_FIELD)
        with each:
            if each.errors:
                await unique_slugs.require_free(tx, "categories", slug)

    async def write(slug: str) -> Category:
        return await data.category.update(tx, id=category_id, data=values | {"slug": slug})

    if slug is None:
        updated = await write(category.slug)
    else:
        updated = await unique_slugs.write_with_slug(tx, "categories", write, name=category.name, slug=slug)
    if SHOWN_IN_SEARCH & values.keys():
        await index.reindex_categories(tx, [category_id])
    tx.emit(CategoryChanged(category_id=category_id))
    return updated


async def move(tx: Tx, category_id: UUID, parent_id: UUID | None) -> Category:
    """Put a category under another; see CatalogService.move_category."""
    await _held(tx, category_id)
    if parent_id is not None and category_id in await _require_parent(tx, parent_id):
        raise CategoryCycle("A category cannot stand under itself.", field=("parent_id",))
    category = await data.category.update(tx, id=category_id, data={"parent_id": parent_id})
    if await sql.depth_of_tree(tx, category_id) > MOST_DEPTH:
        raise InvalidInput(f"Categories are at most {MOST_DEPTH} levels deep.", field=("parent_id",))
    await index.reindex_categories(tx, [category_id])
    tx.emit(CategoryChanged(category_id=category_id))
    return category


async def delete(tx: Tx, category_id: UUID, *, move_products_to: UUID | None, held_by: Sequence[str]) -> None:
    """Delete a category; see CatalogService.delete_category."""
    await _held(tx, category_id)
    contents = await sql.contents_of(tx, category_id)
    held = [*_held_by_children(contents), *held_by]
    field = ("id",) if held or move_products_to is not None else ("move_products_to",)
    if move_products_to is None:
        held += _held_by_products(contents)
    with collect_errors() as each:
        with each:
            if move_products_to is not None:
                await _require_target(tx, category_id, move_products_to)
        with each:
            if held:
                raise CategoryInUse(held, field=field)
    moved = [] if move_products_to is None else await sql.move_products(tx, category_id, move_products_to)
    await data.category.delete(tx, id=category_id)
    await index.reindex(tx, moved)
    tx.emit(CategoryDeleted(category_id=category_id))


def _held_by_children(contents: CategoryContents) -> list[str]:
    if not contents.children:
        return []
    more = ", …" if contents.children > len(contents.names) else ""
    names = ", ".join(contents.names)
    return [f"The category has sub-categories ({contents.children}: {names}{more}): move or delete them first."]


def _held_by_products(contents: CategoryContents) -> list[str]:
    if not contents.products:
        return []
    noun = "1 product" if contents.products == 1 else f"{contents.products} products"
    archived = f", {contents.archived} of them archived" if contents.archived else ""
    return [f"The category has {noun}{archived}: say with `moveProductsTo` where they go."]


async def create_attribute(tx: Tx, category_id: UUID, given: AttributeRule, unit: str | None) -> CategoryAttribute:
    """Add an attribute to a category; see CatalogService.create_category_attribute."""
    values = _columns(given, unit)
    await _held(tx, category_id, field=("category_id",))
    await _require_free_name(tx, category_id, values["name"])
    row = await data.category_attribute.create(tx, values | {"category_id": category_id})
    await _reindex(tx, category_id)
    return row


async def update_attribute(tx: Tx, attribute_id: UUID, given: AttributeRule, unit: str | None) -> CategoryAttribute:
    """Change an attribute of a category; see CatalogService.update_category_attribute."""
    values = _columns(given, unit)
    before = await _attribute(tx, attribute_id)
    await _require_free_name(tx, before.category_id, values["name"], but=attribute_id)
    row = await data.category_attribute.update(tx, id=attribute_id, data=values)
    if row.name != before.name:
        await sql.rename_attribute(tx, row.category_id, before.name, row.name)
    await _reindex(tx, row.category_id)
    return row


async def delete_attribute(tx: Tx, attribute_id: UUID) -> UUID:
    """Take an attribute from a category; see CatalogService.delete_category_attribute."""
    row = await _attribute(tx, attribute_id)
    await data.category_attribute.delete(tx, id=attribute_id)
    await _reindex(tx, row.category_id)
    return row.category_id


async def _reindex(tx: Tx, category_id: UUID) -> None:
    await index.reindex_categories(tx, [category_id])
    tx.emit(CategoryChanged(category_id=category_id))


async def _held(tx: Tx, category_id: UUID, *, field: Sequence[str] = ("id",)) -> Category:
    """A category, in a tree that nobody else changes until the transaction ends. Raises CategoryNotFound."""
    await sql.lock_category_tree(tx)
    row = await data.category.find_unique(tx, id=category_id)
    if row is None:
        raise CategoryNotFound(category_id, field=field)
    return row


async def _attribute(tx: Tx, attribute_id: UUID) -> CategoryAttribute:
    await sql.lock_category_tree(tx)
    row = await data.category_attribute.find_unique(tx, id=attribute_id)
    if row is None:
        raise CategoryAttributeNotFound(attribute_id)
    return row


async def _require_parent(tx: Tx, parent_id: UUID | None) -> list[UUID]:
    """The ids from a parent up to its root. Raises CategoryNotFound, InvalidInput when it is too deep already."""
    if parent_id is None:
        return []
    line = await sql.line_of(tx, parent_id)
    if not line:
        raise CategoryNotFound(parent_id, field=("parent_id",))
    if len(line) >= MOST_DEPTH:
        raise InvalidInput(f"Categories are at most {MOST_DEPTH} levels deep.", field=("parent_id",))
    return line


async def _require_target(tx: Tx, category_id: UUID, target_id: UUID) -> None:
    if target_id == category_id or await data.category.find_unique(tx, id=target_id) is None:
        raise CategoryNotFound(target_id, field=("move_products_to",))


async def _require_free_name(tx: Tx, category_id: UUID, name: str, *, but: UUID | None = None) -> None:
    rows = await data.category_attribute.find_many(tx, where={"category_id": category_id})
    if any(caseless(row.name) == caseless(name) and row.id != but for row in rows):
        raise AttributeNameTaken(name)


def _columns(given: AttributeRule, given_unit: str | None) -> Any:
    """The columns of an attribute. Raises, of all fields at once, what `require_rule` and `clean_unit` raise."""
    with collect_errors() as each:
        with each:
            rule = require_rule(given, field=validation.INPUT)
        with each:
            unit = validation.clean_unit(given_unit)
    return validation.fields_of(rule) | {"options": list(rule.options), "unit": unit}
