"""PriceChanged names each variant whose price is another one, however the price was changed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.events import ChangedPrice, PriceChanged
from domains.catalog.imports.models import ProductDraft, VariantDraft
from domains.catalog.models import NewVariant, VariantOption
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.errors import OutOfRange
from tests.domains.catalog.conftest import MakeProduct

SMALL = NewVariant(sku="S", options=[VariantOption("Size", "S")])
LARGE = NewVariant(sku="L", options=[VariantOption("Size", "L")], price_modifier=Decimal("2.5"))


def price(sku: str | None, old: str, new: str, variant_id: UUID | None = None) -> ChangedPrice:
    return {"variant_id": variant_id, "sku": sku, "old_price": Decimal(old), "new_price": Decimal(new)}


def changed(tx: Tx) -> list[PriceChanged]:
    return [event for event in tx.events if isinstance(event, PriceChanged)]


async def variant_ids(tx: Tx, catalog: CatalogService, product_id: UUID) -> dict[str, UUID]:
    found = await catalog.variants.of_products(tx, tx.actor, [product_id])
    return {variant.sku: variant.id for variant in found}


async def test_a_changed_base_price_is_reported_with_the_old_one(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    product = await make_product(sku="TEA")
    async with database.transaction(actor) as tx:
        await catalog.update_product(tx, product.id, {"base_price": Decimal("12.5")})
        (event,) = changed(tx)
        assert event == PriceChanged(product_id=product.id, currency="EUR", prices=[price("TEA", "10.00", "12.50")])
        assert [str(event.prices[0][key]) for key in ("old_price", "new_price")] == ["10.00", "12.50"]


@pytest.mark.parametrize(
    "changes",
    [{"base_price": Decimal("10.00")}, {"name": "Tea", "sku": "NEW"}, {"compare_at_price": Decimal(20)}],
    ids=["the same price", "no price", "the compare-at price"],
)
async def test_a_change_that_keeps_the_price_reports_none(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor, changes: Any
) -> None:
    product = await make_product(sku="TEA")
    async with database.transaction(actor) as tx:
        await catalog.update_product(tx, product.id, changes)
        assert changed(tx) == []


async def test_a_new_base_price_changes_the_price_of_each_variant(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    product = await make_product(variants=[SMALL, LARGE])
    async with database.transaction(actor) as tx:
        ids = await variant_ids(tx, catalog, product.id)
        await catalog.update_product(tx, product.id, {"base_price": Decimal(11)})
        (event,) = changed(tx)
        assert event.prices == [price("S", "10", "11", ids["S"]), price("L", "12.5", "13.5", ids["L"])]


async def test_a_new_modifier_changes_the_price_of_its_variant_alone(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    product = await make_product(variants=[SMALL, LARGE])
    async with database.transaction(actor) as tx:
        ids = await variant_ids(tx, catalog, product.id)
        await catalog.variants.update(tx, ids["L"], {"price_modifier": Decimal(3), "sku": "XL"})
        await catalog.variants.update(tx, ids["S"], {"name": "Small"})
        await catalog.variants.create(tx, product.id, NewVariant(sku="M", options=[VariantOption("Size", "M")]))
        (event,) = changed(tx)
        assert event.prices == [price("XL", "12.5", "13", ids["L"])]


async def test_a_refused_price_of_one_variant_reports_none(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    product = await make_product(variants=[SMALL, LARGE])
    async with database.transaction(actor) as tx:
        with pytest.raises(OutOfRange, match=r"a variant's modifier of 2\.5"):
            await catalog.update_product(tx, product.id, {"base_price": Decimal(999999999999999)})
        assert changed(tx) == []


def variant(sku: str, amount: str, *options: tuple[str, str]) -> VariantDraft:
    given = {"price", "options"} if options else {"price"}
    return VariantDraft(sku=sku, price=Decimal(amount), options=options, provided=frozenset(given))


def draft(*variants: VariantDraft) -> ProductDraft:
    return ProductDraft(
        slug="shirt", name="Shirt", variants=variants, provided=frozenset({"name"}), is_simple=not variants[0].options
    )


async def test_an_import_reports_the_prices_that_it_changes(
    catalog: CatalogService, database: Database, actor: Actor
) -> None:
    small, large = ("S", "10", ("Size", "S")), ("L", "12", ("Size", "L"))
    async with database.transaction(actor) as tx:
        await catalog.imports.save(tx, [draft(variant(*small), variant(*large))])
        await catalog.imports.save(tx, [draft(variant(*small), variant(*large))])
        assert changed(tx) == []
        (product,) = await catalog.imports.save(tx, [draft(variant(*small), variant("L", "9", ("Size", "L")))])
        ids = await variant_ids(tx, catalog, product.product_id or actor.company_id)
        (event,) = changed(tx)
        assert event.prices == [price("L", "12", "9", ids["L"])]


async def test_an_import_compares_the_price_of_a_sku_that_becomes_a_variant(
    catalog: CatalogService, database: Database, actor: Actor
) -> None:
    async with database.transaction(actor) as tx:
        await catalog.imports.save(tx, [draft(variant("S", "10"))])
        small, large = variant("S", "11", ("Size", "S")), variant("L", "12", ("Size", "L"))
        (product,) = await catalog.imports.save(tx, [draft(small, large)])
        ids = await variant_ids(tx, catalog, product.product_id or actor.company_id)
        (event,) = changed(tx)
        assert event.prices == [price("S", "10", "11", ids["S"])]
