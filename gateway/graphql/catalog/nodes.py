"""The catalog domain's types that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.domain import (
    CATEGORIES,
    CATEGORY_ATTRIBUTES,
    PRODUCT_ATTRIBUTES,
    PRODUCT_VARIANTS,
    PRODUCTS,
)
from domains.catalog.models import Category as CategoryModel
from gateway.graphql.catalog.category_types import Category, CategoryAttribute
from gateway.graphql.catalog.loaders import load_products
from gateway.graphql.catalog.types import Product, ProductAttribute, ProductVariant
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType, PartType
from gateway.graphql.engine.loading import one_per_key


async def load_current_products(context: Context, keys: Sequence[UUID]) -> Sequence[ShownProduct | None]:
    """Products by id that are not archived, as the actor may see them."""
    products = await load_products(context, keys)
    return [product if product is not None and product.archived_at is None else None for product in products]


async def load_visible_categories(context: Context, keys: Sequence[UUID]) -> Sequence[CategoryModel | None]:
    """Categories by id, as the actor may see them."""
    rows = await context.services.catalog.categories.find_visible(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


_CATEGORY: Final = NodeType(Category, CATEGORIES, load_visible_categories)
_PRODUCT: Final = NodeType(Product, PRODUCTS, load_current_products)
NODES: Final[list[AnyNodeType]] = [
    _CATEGORY,
    _PRODUCT,
    PartType(CategoryAttribute, CATEGORY_ATTRIBUTES, _CATEGORY, ("attributes",)),
    PartType(ProductAttribute, PRODUCT_ATTRIBUTES, _PRODUCT, ("attributes",)),
    PartType(ProductVariant, PRODUCT_VARIANTS, _PRODUCT, ("variants",)),
]
