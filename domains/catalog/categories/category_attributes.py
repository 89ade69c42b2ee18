"""The attributes that categories define for their products."""

from collections import defaultdict
from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from domains.catalog import data, sql, validation
from domains.catalog.categories.attributes import AttributeRule, require_rule
from domains.catalog.categories.tree import lock_category
from domains.catalog.errors import AttributeNameTaken, CategoryAttributeNotFound
from domains.catalog.events import CategoryChanged
from domains.catalog.models import CategoryAttribute
from domains.catalog.products.updates import emit_updates
from domains.catalog.search import index
from domains.kernel.database import Reader, Tx
from domains.kernel.text.validation import casefold_text
from domains.kernel.validation import collect_errors

ColumnsT = TypeVar("ColumnsT")


class CategoryAttributes:
    """Finds, creates, updates and deletes the attributes of categories."""

    async def create(
        self, tx: Tx, category_id: UUID, given: AttributeRule, *, unit: str | None = None
    ) -> CategoryAttribute:
        """Define an attribute for the products of a category and of its descendants.

        Existing products are validated at their next change. Raises CategoryNotFound, AttributeNameTaken, and
        what `require_rule` raises. Emits CategoryChanged.
        """
        values = _columns(data.CategoryAttributeCreate, given, unit)
        await lock_category(tx, category_id, field=("category_id",))
        await _require_unused_name(tx, category_id, values["name"])
        row = await data.category_attribute.create(tx, values | {"category_id": category_id})
        await _reindex(tx, category_id)
        return row

    async def update(
        self, tx: Tx, attribute_id: UUID, given: AttributeRule, *, unit: str | None = None
    ) -> CategoryAttribute:
        """Change an attribute; products get a new name at once and are validated at their next change.

        Raises CategoryAttributeNotFound, AttributeNameTaken, and what `require_rule` raises. Emits CategoryChanged,
        and ProductUpdated for each product that gets the new name and is not archived.
        """
        values = _columns(data.CategoryAttributeUpdate, given, unit)
        before = await _attribute(tx, attribute_id)
        await _require_unused_name(tx, before.category_id, values["name"], except_id=attribute_id)
        row = await data.category_attribute.update(tx, id=attribute_id, data=values)
        if row.name != before.name:
            renamed = await sql.rename_attribute(tx, row.category_id, before.name, row.name)
            await emit_updates(tx, renamed, ["attributes"])
        await _reindex(tx, row.category_id)
        return row

    async def delete(self, tx: Tx, attribute_id: UUID) -> UUID:
        """Delete an attribute; products keep their values. Returns the category's id.

        Raises CategoryAttributeNotFound. Emits CategoryChanged.
        """
        row = await _attribute(tx, attribute_id)
        await data.category_attribute.delete(tx, id=attribute_id)
        await _reindex(tx, row.category_id)
        return row.category_id

    async def effective(self, db: Reader, category_ids: Collection[UUID]) -> dict[UUID, list[CategoryAttribute]]:
        """The attributes of categories, inherited ones included, by category. Two statements."""
        ancestors = await sql.ancestors_by_category(db, category_ids)
        defining_ids = {category_id for _, category_id, _ in ancestors}
        rows = await data.category_attribute.find_many(db, where={"category_id": {"in": list(defining_ids)}})
        by_category: dict[UUID, list[CategoryAttribute]] = defaultdict(list)
        for row in rows:
            by_category[row.category_id].append(row)
        attributes: dict[UUID, dict[str, CategoryAttribute]] = defaultdict(dict)
        for origin, category_id, _ in sorted(ancestors, key=lambda ancestor: -ancestor[2]):
            for row in by_category[category_id]:
                attributes[origin][casefold_text(row.name)] = row
        return {origin: sorted(rules.values(), key=lambda rule: rule.name) for origin, rules in attributes.items()}

    async def of_categories(self, db: Reader, category_ids: Collection[UUID]) -> list[CategoryAttribute]:
        """The attributes that categories define themselves, by name; without inherited ones. One statement."""
        where: data.CategoryAttributeWhere = {"category_id": {"in": list(category_ids)}}
        return await data.category_attribute.find_many(db, where=where, order_by=[{"name": "asc"}])


async def _reindex(tx: Tx, category_id: UUID) -> None:
    await index.reindex_categories(tx, [category_id])
    tx.emit(CategoryChanged(category_id=category_id))


async def _attribute(tx: Tx, attribute_id: UUID) -> CategoryAttribute:
    await sql.lock_category_tree(tx)
    row = await data.category_attribute.find_unique(tx, id=attribute_id)
    if row is None:
        raise CategoryAttributeNotFound(attribute_id)
    return row


async def _require_unused_name(tx: Tx, category_id: UUID, name: str, *, except_id: UUID | None = None) -> None:
    rows = await data.category_attribute.find_many(tx, where={"category_id": category_id})
    if any(casefold_text(row.name) == casefold_text(name) and row.id != except_id for row in rows):
        raise AttributeNameTaken(name)


def _columns(columns: type[ColumnsT], given: AttributeRule, unit_text: str | None) -> ColumnsT:
    """The columns of an attribute. Raises, of all fields at once, what `require_rule` and `normalize_unit` raise."""
    with collect_errors() as errors:
        with errors:
            rule = require_rule(given, field=validation.ROOT)
        with errors:
            unit = validation.normalize_unit(unit_text)
    return columns(**validation.fields_of(rule) | {"options": list(rule.options), "unit": unit})
