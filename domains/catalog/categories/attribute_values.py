"""Attribute values of many products at once, validated against the attributes of their categories."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from domains.catalog import data
from domains.catalog.categories.attributes import AttributeRule, AttributeValue, effective_rules, require_values
from domains.catalog.categories.category_attributes import CategoryAttributes
from domains.catalog.imports.models import DraftRefused, ProductDraft
from domains.catalog.imports.variants import StoredProduct
from domains.kernel.database import Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id


@dataclass(slots=True)
class ImportedAttributes:
    """The stored attribute values of a batch of products, and the rules of their categories."""

    stored_values: Mapping[UUID, list[AttributeValue]]
    rules: dict[UUID, list[AttributeRule]] = field(default_factory=dict)

    @classmethod
    async def load(cls, tx: Tx, product_ids: Collection[UUID]) -> Self:
        """The values of these products. One statement, none without products."""
        known: dict[UUID, list[AttributeValue]] = {}
        if product_ids:
            where: data.ProductAttributeWhere = {"product_id": {"in": list(product_ids)}}
            for row in await data.product_attribute.find_many(tx, where=where, order_by=[{"id": "asc"}]):
                known.setdefault(row.product_id, []).append(AttributeValue(row.name, row.value, row.unit))
        return cls(known)

    async def load_rules(self, tx: Tx, category_ids: Collection[UUID]) -> None:
        """Load the rules of these categories. Two statements, none without categories."""
        rows = await CategoryAttributes().effective(tx, category_ids) if category_ids else {}
        for category_id, attributes in rows.items():
            # Required attributes may be missing in an import: files of other systems do not have them.
            self.rules[category_id] = [
                AttributeRule(
                    row.name, row.type, is_required=False, is_filterable=row.is_filterable, options=row.options
                )
                for row in attributes
            ]

    def changed(
        self, draft: ProductDraft, stored: StoredProduct | None, category_id: UUID
    ) -> list[AttributeValue] | None:
        """The attribute values to store for a product, or None if they do not change. Raises DraftRefused."""
        known = self.stored_values.get(stored.product.id, []) if stored else []
        if list(draft.attributes) == known:
            return None
        rules = effective_rules([self.rules.get(category_id, [])])
        try:
            values = require_values(rules, draft.attributes, field=())
        except DomainError as error:
            raise DraftRefused(error.message, field="attributes") from error
        return None if values == known else values


async def write(tx: Tx, attributes_by_product: Mapping[UUID, Sequence[AttributeValue]]) -> None:
    """Replace the attributes of products. Two statements, none without products."""
    if not attributes_by_product:
        return
    await data.product_attribute.delete_many(tx, where={"product_id": {"in": list(attributes_by_product)}})
    rows: list[Any] = [
        {"id": new_id(), "product_id": product_id, "name": value.name, "value": value.value, "unit": value.unit}
        for product_id, values in attributes_by_product.items()
        for value in values
    ]
    await data.product_attribute.create_many(tx, rows)
