"""Batch functions of the rules of promotions: the rules, and the products, variants and categories that they name."""

from collections.abc import Sequence
from uuid import UUID

from domains.catalog.documents.products import ShownProduct
from domains.catalog.models import Category, Variant
from domains.catalog.policy import sees_hidden_categories
from domains.promotion.promotion_rules.models import Rule
from gateway.graphql.core.context import Context

Ids = frozenset[UUID]


async def load_rules(context: Context, keys: Sequence[UUID]) -> Sequence[tuple[Rule, ...]]:
    """The rules of promotions, in the order in which they apply."""
    rules = await context.services.promotion.promotion_rules.of_promotions(context.reader, keys)
    return [rules.get(key, ()) for key in keys]


async def load_named_products(context: Context, keys: Sequence[Ids]) -> Sequence[list[ShownProduct]]:
    """The products of these ids that the actor may see, by id."""
    if not (ids := frozenset[UUID]().union(*keys)):
        return [[] for _ in keys]
    products = await context.services.catalog.products.find_many(context.reader, context.actor, ids)
    seen = {product.id: product for product in products}
    return [[seen[each] for each in sorted(key & seen.keys())] for key in keys]


async def load_named_variants(context: Context, keys: Sequence[Ids]) -> Sequence[list[Variant]]:
    """The variants of these ids that the actor may see, by id."""
    if not (ids := frozenset[UUID]().union(*keys)):
        return [[] for _ in keys]
    variants = await context.services.catalog.variants.find_many(context.reader, context.actor, ids)
    seen = {variant.id: variant for variant in variants}
    return [[seen[each] for each in sorted(key & seen.keys())] for key in keys]


async def load_named_categories(context: Context, keys: Sequence[Ids]) -> Sequence[list[Category]]:
    """The categories of these ids that the actor may see, by id."""
    if not (ids := frozenset[UUID]().union(*keys)):
        return [[] for _ in keys]
    categories = await context.services.catalog.categories.find_many(context.reader, ids)
    sees_all = sees_hidden_categories(context.actor)
    seen = {category.id: category for category in categories if sees_all or category.is_active}
    return [[seen[each] for each in sorted(key & seen.keys())] for key in keys]
