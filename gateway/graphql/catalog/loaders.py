"""Batch functions of the catalogue's relations: one statement for a whole level of a query."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from domains.catalog.documents.live_values import NO_UNITS, LiveValue, LiveValues, Units
from domains.catalog.documents.products import ShownProduct
from domains.catalog.models import (
    Category,
    CategoryAttribute,
    ProductAttribute,
    Variant,
)
from domains.catalog.products.prices import PriceRange, range_of
from domains.catalog.products.product_values import RowStock, SoldStock, sold_stock
from domains.inventory.models import InventoryItem
from domains.kernel.values.money import Money
from gateway.graphql.core.context import Context
from gateway.graphql.core.relations import Derived
from gateway.graphql.engine.loading import many_per_key, one_per_key


async def load_products(context: Context, keys: Sequence[UUID]) -> Sequence[ShownProduct | None]:
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
    """The inventory items of products, for staff."""
    rows = await context.services.inventory.listing.items_of_products(context.reader, keys)
    return many_per_key(keys, rows, lambda row: row.product_id)


async def load_units(context: Context, keys: Sequence[UUID]) -> Sequence[Units]:
    """The available units of products by variant; all fields about stock share this batch."""
    found = await context.services.catalog.reader.live_values(context.reader, keys, LiveValue.UNITS)
    return [found.get(key, NO_UNITS) for key in keys]


def _variant_stock(units: Units, key: tuple[UUID, UUID | None]) -> int:
    _, variant_id = key
    return units.get(variant_id)


def _variant_availability(units: Units, key: tuple[UUID, UUID | None, bool]) -> bool:
    _, variant_id, is_tracked = key
    return not is_tracked or units.get(variant_id) > 0


UNITS_OF_VARIANT: Final = Derived(itemgetter(0), _variant_stock)
"""The available units of a variant, by (product, variant), of those of its product."""
AVAILABILITY_OF_VARIANT: Final = Derived(itemgetter(0), _variant_availability)
"""Whether a variant can be bought, by (product, variant, is_tracked), of the units of its product."""


async def load_product_stock(context: Context, keys: Sequence[SoldStock | RowStock]) -> Sequence[int]:
    """The available units of each product, of all variants that are for sale."""
    units, sold = await asyncio.gather(_units(context, [key.product_id for key in keys]), _sold(context, keys))
    return [_available(units[key.product_id], key) for key in sold]


async def load_product_availability(context: Context, keys: Sequence[SoldStock | RowStock]) -> Sequence[bool]:
    """Whether each product or one of its variants can be bought."""
    units, sold = await asyncio.gather(_units(context, [key.product_id for key in keys]), _sold(context, keys))
    return [key.is_untracked or _available(units[key.product_id], key) > 0 for key in sold]


async def load_own_items(context: Context, keys: Sequence[UUID]) -> Sequence[InventoryItem | None]:
    """The inventory item of each product without variants."""
    items = dict(zip(keys, await context.loaders.of(load_items).load_level(list(keys)), strict=True))
    return [next((item for item in items[key] if item.variant_id is None), None) for key in keys]


async def load_price_ranges(context: Context, keys: Sequence[tuple[UUID, Money]]) -> Sequence[PriceRange]:
    """The lowest and highest price of each product, by (id, own price)."""
    variants = await _variants(context, [product_id for product_id, _ in keys])
    return [
        range_of(own, [variant.price for variant in variants[product_id] if variant.is_active])
        for product_id, own in keys
    ]


async def load_descriptions(context: Context, keys: Sequence[UUID]) -> Sequence[str | None]:
    """The descriptions of products."""
    found = await context.services.catalog.reader.live_values(context.reader, keys, LiveValue.DESCRIPTION)
    return [found.get(key) for key in keys]


async def load_long_descriptions(context: Context, keys: Sequence[UUID]) -> Sequence[str | None]:
    """The full descriptions of products."""
    found = await context.services.catalog.reader.live_values(context.reader, keys, LiveValue.LONG_DESCRIPTION)
    return [found.get(key) for key in keys]


async def load_view_counts(context: Context, keys: Sequence[UUID]) -> Sequence[int]:
    """The numbers of views of products."""
    found = await context.services.catalog.reader.live_values(context.reader, keys, LiveValue.VIEW_COUNT)
    return [found.get(key, 0) for key in keys]


LIVE_LOADERS: Final[Mapping[LiveValue, Callable[..., Any]]] = {
    LiveValue.UNITS: load_units,
    LiveValue.DESCRIPTION: load_descriptions,
    LiveValue.LONG_DESCRIPTION: load_long_descriptions,
    LiveValue.VIEW_COUNT: load_view_counts,
}


def cache_live_values(context: Context, live: LiveValues) -> None:
    """Give the loaders what was read with products, so that no statement reads it again."""
    for value, found in live.found.items():
        context.loaders.of(LIVE_LOADERS[value]).cache_values(found)


async def _variants(context: Context, ids: Collection[UUID]) -> dict[UUID, list[Variant]]:
    keys = list(dict.fromkeys(ids))
    return dict(zip(keys, await context.loaders.of(load_variants).load_level(keys), strict=True))


async def _units(context: Context, ids: Collection[UUID]) -> dict[UUID, Units]:
    keys = list(dict.fromkeys(ids))
    return dict(zip(keys, await context.loaders.of(load_units).load_level(keys), strict=True))


async def _sold(context: Context, keys: Sequence[SoldStock | RowStock]) -> list[SoldStock]:
    """What decides the stock of products; variants are loaded for rows, which do not know theirs."""
    rows = [key.product_id for key in keys if isinstance(key, RowStock)]
    variants = await _variants(context, rows) if rows else {}
    return [
        sold_stock(key.product_id, variants[key.product_id], is_tracked=key.is_tracked)
        if isinstance(key, RowStock)
        else key
        for key in keys
    ]


def _available(units: Units, sold: SoldStock) -> int:
    """The available units of what is for sale."""
    return sum(units.get(variant_id) for variant_id in sold.variant_ids)
