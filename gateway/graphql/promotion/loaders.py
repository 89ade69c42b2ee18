"""Batch functions of the promotions' relations: a statement for the pairs, one for what they name."""

from collections.abc import Sequence
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.models import Category
from domains.catalog.policy import sees_hidden_categories
from domains.promotion.models import Promotion, PromotionStatus
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_promotions(context: Context, keys: Sequence[UUID]) -> Sequence[Promotion | None]:
    """Promotions by id."""
    rows = await context.services.promotion.promotions_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_statuses(context: Context, keys: Sequence[UUID]) -> Sequence[PromotionStatus | None]:
    """The statuses of promotions now, by id."""
    promotions = await context.loaders.of(load_promotions).load_level(list(keys))
    status = context.services.promotion.status
    return [None if promotion is None else status(promotion) for promotion in promotions]


async def load_applicable_products(context: Context, keys: Sequence[UUID]) -> Sequence[list[ShownProduct]]:
    """The products that promotions are for, as the actor may see them."""
    pairs = await context.services.promotion.targets.product_ids_of(context.reader, keys)
    if not pairs:
        return [[] for _ in keys]
    product_ids = {product_id for _, product_id in pairs}
    products = await context.services.catalog.products.find_many(context.reader, context.actor, product_ids)
    seen = {product.id: product for product in products}
    return [[seen[named] for promotion, named in pairs if promotion == key and named in seen] for key in keys]


async def load_applicable_categories(context: Context, keys: Sequence[UUID]) -> Sequence[list[Category]]:
    """The categories that promotions are for, as the actor may see them."""
    pairs = await context.services.promotion.targets.category_ids_of(context.reader, keys)
    if not pairs:
        return [[] for _ in keys]
    categories = await context.services.catalog.categories.find_many(context.reader, {named for _, named in pairs})
    sees_all = sees_hidden_categories(context.actor)
    seen = {category.id: category for category in categories if sees_all or category.is_active}
    return [[seen[named] for promotion, named in pairs if promotion == key and named in seen] for key in keys]
