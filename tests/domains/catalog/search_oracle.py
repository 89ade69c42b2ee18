"""A market of random products, and an oracle that lists them without a database."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.catalog import data
from domains.catalog.search import index
from domains.catalog.search.listing import AttributeFilter, ProductFilter, ProductSort, ProductSortField
from domains.catalog.search.normalization import sort_key, words
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from tests.domains.catalog.search_products import insert_category, insert_filterable_attributes

WORDS = """
Amber Anchor Basket Blanket Candle Carpet Châlet Cotton Curtain Denim Élan Feather Garden Hammock Island Jacket Kettle
Lantern Leather Marble Mirror Nutmeg Orchard Pillow Quartz Raincoat Ribbon Saddle Scissors Teapot Umbrella Velvet
Walnut Xylophone Yellow Zipper
"""
VOCABULARY = tuple(WORDS.split())
BRANDS = ("Acme", "Åhlén", "acme", "Zed & Sons", "O'Neill = Co")
VALUES = {"Color": ("Red", "Blue", "Light blue"), "Material": ("Wool", "Linen")}


@dataclass(frozen=True)
class Item:
    """A product as the oracle knows it."""

    id: UUID
    name: str
    field: tuple[UUID, ...]
    brand: str | None
    price: Decimal
    attributes: dict[str, str]
    rating: Decimal
    in_stock: bool
    is_featured: bool
    is_listed: bool
    created_at: datetime
    popularity: int


@dataclass(frozen=True)
class Market:
    """All products of a company, and the ids of its categories, parents first."""

    items: Sequence[Item]
    categories: Sequence[UUID]
    roots: Sequence[UUID]

    def listed(self, wanted: ProductFilter, sort: ProductSort, start: str | None = None) -> list[UUID]:
        found = [item for item in self.items if matches(item, wanted) and (start is None or begins(item, start))]
        key = KEYS[sort.field]
        return [item.id for item in sorted(found, key=lambda item: (key(item), item.id), reverse=sort.descending)]


KEYS: dict[ProductSortField, Callable[[Item], Any]] = {
    ProductSortField.NAME: lambda item: sort_key(item.name),
    ProductSortField.PRICE: lambda item: item.price,
    ProductSortField.NEWEST: lambda item: item.created_at,
    ProductSortField.RATING: lambda item: item.rating,
    ProductSortField.POPULARITY: lambda item: item.popularity,
}


def begins(item: Item, start: str) -> bool:
    return any(word.startswith(start) for word in words(item.name))


def matches(item: Item, wanted: ProductFilter, *, but: str = "") -> bool:
    """Whether an item is as wanted, not looking at the facet named `but`."""
    choices = [choice for choice in wanted.attributes if f"attribute {choice.name}" != but]
    lowest, highest = wanted.lowest_price, wanted.highest_price
    return (
        (not wanted.category_ids or bool({*wanted.category_ids} & {*item.field}))
        and (not wanted.brands or but == "brand" or (item.brand or "").casefold() in map(str.casefold, wanted.brands))
        and all(item.attributes.get(choice.name) in choice.values for choice in choices)
        and (
            but == "price"
            or ((lowest is None or item.price >= lowest) and (highest is None or item.price <= highest))
        )
        and (wanted.lowest_rating is None or but == "rating" or item.rating >= wanted.lowest_rating)
        and (wanted.in_stock is None or but == "stock" or item.in_stock is wanted.in_stock)
        and (wanted.is_featured is None or but == "featured" or item.is_featured is wanted.is_featured)
        and (wanted.is_listed is None or item.is_listed is wanted.is_listed)
    )


def counts(values: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(values))


def choices(chosen: dict[str, tuple[str, ...]]) -> list[AttributeFilter]:
    return [AttributeFilter(name, values) for name, values in chosen.items()]


async def create_market(tx: Tx, size: int, seed: int = 7) -> Market:
    """Make the products and index them."""
    chance = random.Random(seed)  # noqa: S311 - made-up products, no secret
    roots = [await insert_category(tx, name) for name in ("Home", "Clothes")]
    below = [await insert_category(tx, f"Shelf {number}", roots[number % 2]) for number in range(4)]
    deep = [await insert_category(tx, f"Corner {number}", below[number]) for number in range(3)]
    for root in roots:
        await insert_filterable_attributes(tx, root, *VALUES)
    paths = {
        **{root: (root,) for root in roots},
        **{shelf: (shelf, roots[number % 2]) for number, shelf in enumerate(below)},
        **{corner: (corner, below[number], roots[number % 2]) for number, corner in enumerate(deep)},
    }
    items = [_item(chance, paths) for _ in range(size)]
    for item in items:
        await _stock(tx, item)
    await index.reindex(tx, [item.id for item in items])
    await index.set_in_stock(tx, {item.id: item.in_stock for item in items})
    await index.set_popularity(tx, {item.id: item.popularity for item in items})
    return Market(items, list(paths), roots)


def _item(chance: random.Random, paths: dict[UUID, tuple[UUID, ...]]) -> Item:
    stars, reviews = chance.randint(1, 15), 3
    return Item(
        id=new_id(),
        name=" ".join(chance.sample(VOCABULARY, 2)),
        field=chance.choice(list(paths.values())),
        brand=chance.choice((*BRANDS, None)),
        price=Decimal(chance.choice(("1", "2.50", "9.99", "10", "25", "99.95", "100", "1200"))),
        attributes={name: chance.choice(values) for name, values in VALUES.items() if chance.random() < 0.8},
        rating=(Decimal(max(stars, reviews)) / reviews).quantize(Decimal("0.01")),
        in_stock=chance.random() < 0.7,
        is_featured=chance.random() < 0.2,
        is_listed=chance.random() < 0.8,
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chance.randint(0, 30)),
        popularity=chance.randint(0, 9),
    )


async def _stock(tx: Tx, item: Item) -> None:
    given = data.ProductCreate(
        id=item.id,
        name=item.name,
        slug=item.id.hex,
        category_id=item.field[0],
        brand=item.brand,
        base_price=item.price,
        currency="EUR",
        is_active=item.is_listed,
        is_featured=item.is_featured,
        created_at=item.created_at,
        rating_sum=round(item.rating * 3),
        review_count=3,
    )
    await data.product.create(tx, given)
    await data.product_attribute.create_many(
        tx, [{"product_id": item.id, "name": name, "value": value} for name, value in item.attributes.items()]
    )
