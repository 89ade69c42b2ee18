"""The attributes that categories define for their products."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from domains.catalog import data, sql, validation
from domains.catalog.categories.attributes import AttributeRule, require_rule
from domains.catalog.categories.tree import lock_category
from domains.catalog.errors import AttributeNameTaken, CategoryAttributeNotFound
from domains.catalog.events import CategoryChanged
from domains.catalog.models import CategoryAttribute
from domains.catalog.search import index
from domains.kernel.database import Reader, Tx
from domains.kernel.text.validation import casefold_text
from domains.kernel.validation import collect_errors


class CategoryAttributes:
    """Finds, creates, updates and deletes the attributes of categories."""

    async def create(
        self, tx: Tx, category_id: UUID, given: AttributeRule, *, unit: str | None = None
    ) -> CategoryAttribute:
        """Ask an attribute of a category's products, and of all categories below it.

        Products that exist are asked at their next change. Raises CategoryNotFound, AttributeNameTaken, InvalidInput.
        """
        values = _columns(given, unit)
        await lock_category(tx, category_id, field=("category_id",))
        await _require_free_name(tx, category_id, values["name"])
        row = await data.category_attribute.create(tx, values | {"category_id": category_id})
        await _reindex(tx, category_id)
        return row

    async def update(
        self, tx: Tx, attribute_id: UUID, given: AttributeRule, *, unit: str | None = None
    ) -> CategoryAttribute:
        """Change what is asked; a new name is written into the products, other changes are asked at their next one.

        Raises CategoryAttributeNotFound, AttributeNameTaken, InvalidInput.
        """
        values = _columns(given, unit)
        before = await _attribute(tx, attribute_id)
        await _require_free_name(tx, before.category_id, values["name"], but=attribute_id)
        row = await data.category_attribute.update(tx, id=attribute_id, data=values)
        if row.name != before.name:
            await sql.rename_attribute(tx, row.category_id, before.name, row.name)
        await _reindex(tx, row.category_id)
        return row

    async def delete(self, tx: Tx, attribute_id: UUID) -> UUID:
        """Ask it no more; products keep what they answered. The category's id. Raises CategoryAttributeNotFound."""
        row = await _attribute(tx, attribute_id)
        await data.category_attribute.delete(tx, id=attribute_id)
        await _reindex(tx, row.category_id)
        return row.category_id

    async def in_force(self, db: Reader, category_ids: Collection[UUID]) -> dict[UUID, list[CategoryAttribute]]:
        """What categories ask of their products, inherited attributes included; two statements."""
        lines = await sql.lines_of(db, category_ids)
        asked = {category_id for _, category_id, _ in lines}
        rows = await data.category_attribute.find_many(db, where={"category_id": {"in": list(asked)}})
        by_category: dict[UUID, list[CategoryAttribute]] = defaultdict(list)
        for row in rows:
            by_category[row.category_id].append(row)
        found: dict[UUID, dict[str, CategoryAttribute]] = defaultdict(dict)
        for origin, category_id, _ in sorted(lines, key=lambda line: -line[2]):
            for row in by_category[category_id]:
                found[origin][casefold_text(row.name)] = row
        return {origin: sorted(rules.values(), key=lambda rule: rule.name) for origin, rules in found.items()}

    async def of_categories(self, db: Reader, category_ids: Collection[UUID]) -> list[CategoryAttribute]:
        """The attributes that categories define themselves, by name; inherited ones are left out. One statement."""
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


async def _require_free_name(tx: Tx, category_id: UUID, name: str, *, but: UUID | None = None) -> None:
    rows = await data.category_attribute.find_many(tx, where={"category_id": category_id})
    if any(casefold_text(row.name) == casefold_text(name) and row.id != but for row in rows):
        raise AttributeNameTaken(name)


def _columns(given: AttributeRule, given_unit: str | None) -> Any:
    """The columns of an attribute. Raises, of all fields at once, what `require_rule` and `clean_unit` raise."""
    with collect_errors() as errors:
        with errors:
            rule = require_rule(given, field=validation.INPUT)
        with errors:
            unit = validation.clean_unit(given_unit)
    return validation.fields_of(rule) | {"options": list(rule.options), "unit": unit}
