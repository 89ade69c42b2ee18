"""Batch functions of the catalogue's relations: one statement for a whole level of a query."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from domains.catalog.models import (
    Category,
    CategoryAttribute,
    Product,
    ProductAttribute,
    Variant,
)
from domains.catalog.products.prices import PriceRange, range_of
from domains.inventory.models import InventoryItem
from domains.kernel.values.money import Money
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_products(context: Context, keys: Sequence[UUID]) -> Sequence[Product | None]:
    """Products by id, as the actor may see them."""
    rows = await context.services.catalog.products.find_many(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_variants_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[Variant | None]:
    """Variants by id, as the actor may see them."""
    rows = await context.services.catalog.variants.find_many(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_categories(context: Context, keys: Sequence[UUID]) -> Sequence[Category | None]:
    """Categories by id."""
    rows = await context.services.catalog.categories.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_children(context: Context, keys: Sequence[UUID]) -> Sequence[list[Category]]:
    """The children of categories."""
    rows = await context.services.catalog.categories.children_of(context.reader, context.actor, keys)
    return many_per_key(keys, rows, lambda row: row.parent_id or row.id)


async def load_category_attributes(context: Context, keys: Sequence[UUID]) -> Sequence[list[CategoryAttribute]]:
    """The attributes that categories define themselves."""
    rows = await context.services.catalog.attributes.of_categories(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.category_id)


async def load_effective_attributes(context: Context, keys: Sequence[UUID]) -> Sequence[list[CategoryAttribute]]:
    """The attributes of categories, inherited ones included."""
    effective = await context.services.catalog.attributes.effective(context.reader, keys)
    return [effective.get(key, []) for key in keys]


async def load_attributes(context: Context, keys: Sequence[UUID]) -> Sequence[list[ProductAttribute]]:
    """The attributes of products."""
    rows = await context.services.catalog.products.attributes_of(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.product_id)


async def load_variants(context: Context, keys: Sequence[UUID]) -> Sequence[list[Variant]]:
    """The variants of products, as the actor may see them."""
    rows = await context.services.catalog.variants.of_products(context.reader, context.actor, keys)
    return many_per_key(keys, rows, lambda row: row.product_id)


async def load_items(context: Context, keys: Sequence[UUID]) -> Sequence[list[InventoryItem]]:
    """The inventory items of products; all fields about stock share this batch."""
    rows = await context.services.inventory.listing.items_of_products(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.product_id)


async def load_stock(context: Context, keys: Sequence[tuple[UUID, UUID]]) -> Sequence[int]:
    """The available units of each variant, by (product, variant); 0 without an item."""
    available = await _available_units(context, {product_id for product_id, _ in keys})
    return [available.get(key, 0) for key in keys]


async def load_availability(context: Context, keys: Sequence[tuple[UUID, UUID, bool]]) -> Sequence[bool]:
    """Whether each variant can be bought, by (product, variant, is_tracked)."""
    available = await _available_units(context, {product_id for product_id, _, _ in keys})
    return [
        not is_tracked or available.get((product_id, variant_id), 0) > 0
        for product_id, variant_id, is_tracked in keys
    ]


async def load_product_stock(context: Context, keys: Sequence[UUID]) -> Sequence[int]:
    """The available units of each product, of all variants that are for sale."""
    items, variants = await asyncio.gather(_items(context, keys), _variants(context, keys))
    return [_available(items[key], _for_sale(variants[key])) for key in keys]


async def load_product_availability(context: Context, keys: Sequence[tuple[UUID, bool]]) -> Sequence[bool]:
    """Whether each product or one of its variants can be bought, by (id, is_tracked)."""
    ids = [product_id for product_id, _ in keys]
    items, variants = await asyncio.gather(_items(context, ids), _variants(context, ids))
    return [
        _available(items[product_id], _for_sale(variants[product_id])) > 0
        or _is_untracked(variants[product_id], is_tracked=is_tracked)
        for product_id, is_tracked in keys
    ]


async def load_own_items(context: Context, keys: Sequence[UUID]) -> Sequence[InventoryItem | None]:
    """The inventory item of each product without variants."""
    items = await _items(context, keys)
    return [next((item for item in items[key] if item.variant_id is None), None) for key in keys]


async def load_price_ranges(context: Context, keys: Sequence[tuple[UUID, Money]]) -> Sequence[PriceRange]:
    """The lowest and highest price of each product, by (id, own price)."""
    variants = await _variants(context, [product_id for product_id, _ in keys])
    return [
        range_of(own, [variant.price for variant in variants[product_id] if variant.is_active])
        for product_id, own in keys
    ]


async def _items(context: Context, ids: Collection[UUID]) -> dict[UUID, list[InventoryItem]]:
    keys = list(ids)
    return dict(zip(keys, await context.loaders.of(load_items).load_level(keys), strict=True))


async def _variants(context: Context, ids: Collection[UUID]) -> dict[UUID, list[Variant]]:
    keys = list(ids)
    return dict(zip(keys, await context.loaders.of(load_variants).load_level(keys), strict=True))


async def _available_units(context: Context, ids: Collection[UUID]) -> dict[tuple[UUID, UUID | None], int]:
    """The available units of each variant of these products, by (product, variant)."""
    available: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    for product_id, items in (await _items(context, ids)).items():
        for item in items:
            available[product_id, item.variant_id] += item.available_stock
    return available


def _available(items: Sequence[InventoryItem], variant_ids: Collection[UUID | None]) -> int:
    """The available units of these variants (None: of the product itself)."""
    return sum(item.available_stock for item in items if item.variant_id in variant_ids)


def _for_sale(variants: Sequence[Variant]) -> set[UUID | None]:
    """The variants of a product that are for sale; None for a product without variants."""
    return {variant.id for variant in variants if variant.is_active} if variants else {None}


def _is_untracked(variants: Sequence[Variant], *, is_tracked: bool) -> bool:
    """Whether a product or a variant of it is sold without counting stock."""
    return any(variant.is_active and not variant.is_tracked for variant in variants) or not (variants or is_tracked)
