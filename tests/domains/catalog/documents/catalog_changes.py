"""Random changes of a catalogue through its services, each of which may write documents."""

import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from domains.catalog.categories.attributes import AttributeRule
from domains.catalog.imports.models import ProductDraft, VariantDraft
from domains.catalog.models import (
    AttributeType,
    AttributeValue,
    NewCategory,
    NewImage,
    NewProduct,
    NewVariant,
    VariantOption,
)
from domains.catalog.service import CatalogService
from domains.kernel.database import Tx
from domains.kernel.ids import new_id

Change = Callable[[Tx], Awaitable[object]]
SIZES = ("S", "M", "L")
WORDS = ("blue", "Größe", 'o"k', "絹")


class CatalogChanges:
    """Makes one random change after another; what it refers to is read from the tables."""

    def __init__(self, catalog: CatalogService, seed: int) -> None:
        self.catalog = catalog
        self.random = random.Random(seed)  # noqa: S311 - picks what to change, no secret
        self.kinds: dict[str, Change] = {
            "product": self.create_product,
            "update": self.update_product,
            "attributes": self.set_attributes,
            "archive": self.archive,
            "publish": self.publish,
            "variant": self.create_variant,
            "change variant": self.update_variant,
            "delete variant": self.delete_variant,
            "rate": self.rate,
            "category": self.create_category,
            "change category": self.update_category,
            "move category": self.move_category,
            "delete category": self.delete_category,
            "rename attribute": self.rename_attribute,
            "import": self.import_products,
        }

    async def begin(self, tx: Tx) -> None:
        """A category with an attribute, and a few products."""
        category = await self.catalog.categories.create(tx, NewCategory(name="Clothes"))
        rule = AttributeRule("Material", AttributeType.TEXT, is_required=False, is_filterable=True)
        await self.catalog.attributes.create(tx, category.id, rule)
        for _ in range(3):
            await self.create_product(tx)

    async def change(self, tx: Tx) -> str:
        """One random change; its kind."""
        kind = self.random.choice(list(self.kinds))
        await self.kinds[kind](tx)
        return kind

    async def create_product(self, tx: Tx) -> None:
        variants = self.random.sample(SIZES, self.random.randint(0, 3))
        await self.catalog.create_product(
            tx,
            NewProduct(
                name=self._text(),
                category_id=await self._any(tx, "categories"),
                base_price=self._amount(),
                compare_at_price=self.random.choice((None, Decimal(900))),
                description=self._text(),
                images=[NewImage(f"/{new_id()}.jpg", self.random.choice((None, self._text())))],
                brand=self.random.choice((None, self._text())),
                tags=[self._text()],
                is_active=self.random.random() < 0.8,
                weight=self._measure(),
                height=self._measure(),
                requires_shipping=self.random.random() < 0.8,
                sku=None if variants else self._text(),
                attributes=[AttributeValue("Material", self._text()), AttributeValue(self._text(), "1", "cm")],
                variants=[self._variant(size) for size in variants],
            ),
        )

    async def update_product(self, tx: Tx) -> None:
        product_id = await self._any(tx, "products", "archived_at is null")
        changes: list[Any] = [
            {"name": self._text()},
            {"base_price": self._amount()},
            {"category_id": await self._any(tx, "categories")},
            {"images": [NewImage("/new.jpg", self._text())]},
            {"brand": None, "tags": [self._text(), self._text()]},
            {"description": self._text()},
            {"weight": self._measure(), "length": self._measure(), "requires_shipping": False},
        ]
        await self.catalog.update_product(tx, product_id, self.random.choice(changes))

    async def set_attributes(self, tx: Tx) -> None:
        product_id = await self._any(tx, "products", "archived_at is null")
        await self.catalog.products.set_attributes(tx, product_id, [AttributeValue("Material", self._text())])

    async def archive(self, tx: Tx) -> None:
        if await tx.fetch_value("select count(*) from products where company_id = $1", tx.company_id) > 4:
            await self.create_product(tx)
            await self.catalog.delete_product(tx, await self._any(tx, "products", "archived_at is null"))

    async def publish(self, tx: Tx) -> None:
        product_id = await self._any(tx, "products", "archived_at is null")
        products = self.catalog.products
        await self.random.choice((products.publish, products.unpublish))(tx, product_id)

    async def create_variant(self, tx: Tx) -> None:
        product_id = await self._any(tx, "products", "archived_at is null and sku is null")
        await self.catalog.variants.create(tx, product_id, self._variant(self._text()))

    async def update_variant(self, tx: Tx) -> None:
        variant_id = await self._variant_id(tx)
        changes: list[Any] = [
            {"is_active": False},
            {"price_modifier": self._amount()},
            {"name": self._text(), "display_order": 0},
            {"options": [VariantOption("Size", self._text())]},
            {"weight": self._measure(), "length": None, "width": self._measure()},
        ]
        await self.catalog.variants.update(tx, variant_id, self.random.choice(changes))

    async def delete_variant(self, tx: Tx) -> None:
        await self.catalog.variants.delete(tx, await self._variant_id(tx))

    async def rate(self, tx: Tx) -> None:
        product_id = await self._any(tx, "products")
        await self.catalog.ratings.add(tx, product_id, rating=self.random.randint(1, 5), count=1)

    async def create_category(self, tx: Tx) -> None:
        parent_id = await self._any(tx, "categories", "parent_id is null")
        await self.catalog.categories.create(tx, NewCategory(name=self._text(), parent_id=parent_id))

    async def update_category(self, tx: Tx) -> None:
        changes: list[Any] = [{"name": self._text()}, {"is_active": self.random.random() < 0.7}, {"icon": "hat"}]
        await self.catalog.categories.update(tx, await self._any(tx, "categories"), self.random.choice(changes))

    async def move_category(self, tx: Tx) -> None:
        category = await self.catalog.categories.create(tx, NewCategory(name=self._text()))
        root = await self._any(tx, "categories", f"parent_id is null and id <> '{category.id}'")
        await self.catalog.categories.move(tx, root, category.id)

    async def delete_category(self, tx: Tx) -> None:
        category = await self.catalog.categories.create(tx, NewCategory(name=self._text()))
        await self.catalog.update_product(
            tx, await self._any(tx, "products", "archived_at is null"), {"category_id": category.id}
        )
        others = await tx.fetch(
            "select id from categories where company_id = $1 and id <> $2 order by id", tx.company_id, category.id
        )
        await self.catalog.categories.delete(tx, category.id, move_products_to=self.random.choice(others)["id"])

    async def rename_attribute(self, tx: Tx) -> None:
        await self.archive(tx)  # which keeps its attributes, and gets the new name as well
        row = await tx.fetch_row("select id from category_attributes where company_id = $1", tx.company_id)
        assert row is not None
        rule = AttributeRule(self._text(), AttributeType.TEXT, is_required=False, is_filterable=True)
        await self.catalog.attributes.update(tx, row["id"], rule)

    async def import_products(self, tx: Tx) -> None:
        slugs = await tx.fetch("select slug from products where company_id = $1 and sku is null", tx.company_id)
        slug = self.random.choice([*(row["slug"] for row in slugs), self._text()])
        draft = ProductDraft(
            slug=slug,
            name=self._text(),
            category=self.random.choice((None, self._text())),
            variants=(VariantDraft(sku=self._text(), price=self._amount(), options=(("Size", self._text()),)),),
            attributes=(AttributeValue("Care", self._text()),),
        )
        await self.catalog.imports.save(tx, [draft])

    def _variant(self, size: str) -> NewVariant:
        return NewVariant(
            sku=self._text(),
            options=[VariantOption("Size", size)],
            price_modifier=self._amount() - 10,
            compare_at_price=self.random.choice((None, Decimal(700))),
            images=[NewImage("/v.jpg", self._text())],
            is_tracked=self.random.random() < 0.7,
            is_active=self.random.random() < 0.8,
            weight=self._measure(),
            height=self._measure(),
        )

    def _measure(self) -> Decimal | None:
        """A weight or a length, or none."""
        return self.random.choice((None, Decimal(self.random.randint(1, 999)) / 10))

    def _text(self) -> str:
        return f"{self.random.choice(WORDS)}-{new_id().hex[-8:]}"

    def _amount(self) -> Decimal:
        return Decimal(self.random.randint(1000, 9999)) / 100

    async def _any(self, tx: Tx, table: str, condition: str = "true") -> UUID:
        rows = await tx.fetch(
            f"select id from {table} where company_id = $1 and {condition} order by id",  # noqa: S608 - texts of this file
            tx.company_id,
        )
        chosen: UUID = self.random.choice(rows)["id"] if rows else await self._made(tx, condition)
        return chosen

    async def _made(self, tx: Tx, condition: str) -> UUID:
        """A new product without a SKU of its own, which meets every condition of this file."""
        product = await self.catalog.create_product(
            tx,
            NewProduct(
                name=condition,
                category_id=await self._any(tx, "categories"),
                base_price=Decimal(20),
                variants=[self._variant("M")],
            ),
        )
        return product.id

    async def _variant_id(self, tx: Tx) -> UUID:
        product_id = await self._made(tx, "with a variant")
        return (await self.catalog.variants.create(tx, product_id, self._variant(self._text()))).id
