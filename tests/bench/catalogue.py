"""A made-up catalogue with the skew of a real one, written by COPY and indexed by the product itself.

One word is in 63 % of the products and in 3 % of the names, a third of all words begin with "co", brands and
categories differ in size, and each product has two attributes and three variants with stock. What is written passes
`commerce doctor`.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product as combinations
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.models import AttributeType, NewCategory
from domains.catalog.search import frequency_sql, index
from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from gateway.bootstrap import Platform, wired
from gateway.infra.migrations import migrate
from gateway.settings import Settings

FREQUENT: Final = "classic"
FREQUENT_SHARE, NAMED_SHARE = 0.63, 0.03
VARIANTS: Final = 3
BRANDS: Final = [
    f"{start}{end}"
    for start in ("North", "Kiln", "Harbour", "Alder", "Copper")
    for end in ("works", "ware", "mill", "craft", "line", "yard", "field", "stone", "house", "hand")
]
NOUNS: Final = ("Shirt", "Coat", "Lamp", "Kettle", "Chair", "Basket", "Blanket", "Bowl", "Notebook", "Bag")
MATERIALS: Final = ("Linen", "Wool", "Cotton", "Cork", "Copper", "Corduroy", "Oak", "Steel", "Glass", "Leather")
COLORS: Final = ("Black", "White", "Blue", "Green", "Red", "Ochre", "Grey", "Coral")
SIZES: Final = ("Small", "Medium", "Large")
# 2,016 words, the first of which are frequent; a third begins with "co".
WORDS: Final = [
    f"{start}{middle}{vowel}{end}"
    for end, vowel, middle, start in combinations(
        ("na", "ri", "l", "st", "n", "ver"), "aeiouyäö", "bdfghklmnprstv", ("co", "ma", "li")
    )
]
ROOTS, CHILDREN = 6, 5
BATCH: Final = 5_000
COLUMNS: Final = {
    "products": (
        *("id", "company_id", "name", "slug", "description", "long_description", "base_price", "currency", "images"),
        *("brand", "tags", "is_featured", "view_count", "created_at", "updated_at", "category_id"),
    ),
    "product_attributes": ("id", "company_id", "product_id", "name", "value"),
    "product_variants": (
        *("id", "company_id", "product_id", "sku", "name", "options", "size", "price_modifier", "display_order"),
        *("created_at", "updated_at"),
    ),
    "inventory_items": (
        *("id", "company_id", "sku", "available_stock", "total_stock", "product_id", "variant_id", "updated_at"),
    ),
    "inventory_levels": (
        *("id", "company_id", "inventory_id", "warehouse_id", "available_stock", "total_stock", "updated_at"),
    ),
    "stock_movements": (
        *(
            "id",
            "company_id",
            "inventory_id",
            "warehouse_id",
            "type",
            "quantity",
            "available_delta",
            "reserved_delta",
        ),
        *("balance_after", "actor_kind"),
    ),
}
Rows = dict[str, list[tuple[Any, ...]]]
WAREHOUSE = """
insert into warehouses (id, company_id, code, name, is_default, updated_at)
values ($1, $2, 'MAIN', 'Main warehouse', true, now()) returning id
"""


async def fill(home: Path, url: str, products: int, report: Callable[[str], None]) -> None:
    """Fill an empty database with so many products, and analyze its tables."""
    await migrate(url)
    async with wired(Settings(commerce_home=home, access_log=False), url) as platform:
        company = await platform.services.company.default_company(platform.database.reader(None))
        actor = Actor.system(company.id)
        categories = await platform.database.run(create_categories(platform), actor)
        connection = await asyncpg.connect(url)
        try:
            ids, in_stock = await copy_rows(connection, company, categories, products)
            report(f"indexing {products:,} products")
            for start in range(0, len(ids), BATCH):
                await platform.database.run(indexing(ids[start : start + BATCH], in_stock), actor)
            await platform.database.run(frequency_sql.count_words, actor)
            await connection.execute("vacuum analyze")
        finally:
            await connection.close()


def create_categories(platform: Platform) -> Callable[[Tx], Any]:
    """Creates a tree of categories, whose roots declare the attributes; the ids of the leaves."""
    catalog = platform.services.catalog

    async def create(tx: Tx) -> list[UUID]:
        leaves = []
        for root in range(ROOTS):
            parent = await catalog.categories.create(tx, NewCategory(name=f"Range {root}"))
            for name in ("Material", "Color"):
                rule = AttributeRule(name, AttributeType.TEXT, is_required=False, is_filterable=True)
                await catalog.attributes.create(tx, parent.id, rule)
            for child in range(CHILDREN):
                leaf = await catalog.categories.create(
                    tx, NewCategory(name=f"Type {root}-{child}", parent_id=parent.id)
                )
                leaves.append(leaf.id)
        return leaves

    return create


def indexing(product_ids: Sequence[UUID], in_stock: AbstractSet[UUID]) -> Callable[[Tx], Any]:
    """Writes the search entries of products, once each, as an import does."""

    async def index_all(tx: Tx) -> None:
        await index.reindex(tx, product_ids, in_stock)

    return index_all


async def copy_rows(
    connection: Any, company: Company, categories: Sequence[UUID], products: int
) -> tuple[list[UUID], set[UUID]]:
    """Copy the rows of so many products into their tables; the ids of all, and of those in stock."""
    # Foreign keys hold by construction; checking them one by one takes longer than all the rest.
    await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
    binary = {"encoder": lambda text: b"\x01" + text.encode(), "decoder": bytes, "format": "binary"}
    await connection.set_type_codec("jsonb", schema="pg_catalog", **binary)
    ids, in_stock = list[UUID](), set[UUID]()
    warehouse = await connection.fetchval(WAREHOUSE, new_id(), company.id)
    for rows in batches(company, categories, products):
        store(rows, warehouse)
        for table, columns in COLUMNS.items():
            await connection.copy_records_to_table(table, records=rows[table], columns=columns)
        ids += [row[0] for row in rows["products"]]
        in_stock |= {product_id for *_, available, _, product_id, _, _ in rows["inventory_items"] if available}
    return ids, in_stock


def batches(company: Company, categories: Sequence[UUID], products: int) -> Iterator[Rows]:
    """The rows by table, some thousand products at a time; the same at each call but for the ids."""
    chance = random.Random(1)  # noqa: S311 - the same catalogue each time
    for start in range(0, products, BATCH):
        rows: Rows = defaultdict(list)
        for number in range(start, min(start + BATCH, products)):
            add_product(rows, number, company, categories, chance)
        yield rows


def add_product(rows: Rows, number: int, company: Company, categories: Sequence[UUID], chance: random.Random) -> None:
    """Add the rows of one product. Small numbers are chosen more often than large ones, as by people who buy."""
    product_id, slug = new_id(), f"product-{number:06}"
    material = skewed(MATERIALS, chance)
    words = [skewed(WORDS, chance, 3) for _ in range(14)] + [
        f"batch{number % 977}",
        skewed(MATERIALS, chance).lower(),
    ]
    is_frequent, is_named = chance.random() < FREQUENT_SHARE, chance.random() < NAMED_SHARE / FREQUENT_SHARE
    if is_frequent:
        words.insert(chance.randrange(len(words)), FREQUENT)
    title = FREQUENT.capitalize() if is_frequent and is_named else skewed(WORDS, chance, 2).capitalize()
    price = Decimal(500 + int(chance.paretovariate(1.2) * 1_000) % 90_000) / 100
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=60 * number)
    rows["products"].append(
        (
            *(product_id, company.id, f"{title} {material} {NOUNS[number % 10]}", slug, " ".join(words)),
            f"<p>Made by hand in batch {number % 977}: {' '.join(words[:8])}.</p>",
            *(price, company.currency, [f"https://images.example.com/{slug}.jpg"], skewed(BRANDS, chance)),
            *(
                [f"tag {number % 40}", f"tag {number % 7}"],
                number % 50 == 0,
                int(chance.paretovariate(0.8)) % 100_000,
            ),
            *(created, created, skewed(categories, chance, 1.5)),
        )
    )
    for name, value in (("Color", skewed(COLORS, chance)), ("Material", material)):
        rows["product_attributes"].append((new_id(), company.id, product_id, name, value))
    for place, size in enumerate(SIZES):
        add_variant(rows, company.id, product_id, f"SKU-{number:06}-{place}", size, place, created)
        add_stock(rows, company.id, max(chance.randrange(120) - 30, 0))


def add_variant(
    rows: Rows, company_id: UUID, product_id: UUID, sku: str, size: str, place: int, created: datetime
) -> None:
    """Add a variant to the product that was added last."""
    options = f'[{{"name": "Size", "value": "{size}"}}]'
    rows["product_variants"].append(
        (new_id(), company_id, product_id, sku, size, options, size, Decimal(place), place, created, created)
    )


def add_stock(rows: Rows, company_id: UUID, units: int) -> None:
    """Add the stock of the variant that was added last, and the entry of the ledger."""
    variant_id, _, product_id, sku, *_ = rows["product_variants"][-1]
    item, now = new_id(), datetime(2026, 1, 1, tzinfo=UTC)
    rows["inventory_items"].append((item, company_id, sku, units, units, product_id, variant_id, now))
    if units:
        rows["stock_movements"].append((new_id(), company_id, item, "ADJUSTMENT", units, units, 0, units, "SYSTEM"))


def store(rows: Rows, warehouse: UUID) -> None:
    """Put all stock into a warehouse."""
    for item, company_id, _, available, total, *_, now in rows["inventory_items"]:
        rows["inventory_levels"].append((new_id(), company_id, item, warehouse, available, total, now))
    rows["stock_movements"] = [(*entry[:3], warehouse, *entry[3:]) for entry in rows["stock_movements"]]


def skewed(values: Sequence[Any], chance: random.Random, power: float = 2.0) -> Any:
    """One of the values, the first ones more often."""
    return values[int(len(values) * chance.random() ** power)]
