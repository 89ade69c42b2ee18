"""Products: created, changed and archived, with unique slugs and SKUs."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.categories.attributes import AttributeRule, AttributeValue
from domains.catalog.data import AttributeType
from domains.catalog.errors import (
    AttributeInvalid,
    AttributeMissing,
    CategoryNotFound,
    PriceBelowZero,
    ProductNotFound,
    SkuRepeated,
    SkuTaken,
    SlugTaken,
)
from domains.catalog.models import Category, NewCategory, NewProduct, NewVariant, VariantOption
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, InvalidInput, NotAllowed, TooMany
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required, TooLong
from domains.kernel.values.money import Money
from tests.domains.catalog.conftest import MakeProduct


async def test_a_product_is_found_by_the_slug_generated_from_its_name(
    make_product: MakeProduct, catalog: CatalogService, reader: Reader, company: UUID
) -> None:
    made = await make_product(name="Crème Brûlée, Süß")

    found = await catalog.find_product_by_slug(reader, Actor.anonymous(company), "creme-brulee-suss")

    assert (found.id, found.price, found.rating, found.review_count) == (
        made.id,
        Money(Decimal(10), "EUR"),
        Decimal(0),
        0,
    )


async def test_a_name_without_letters_yields_a_slug(make_product: MakeProduct) -> None:
    assert [(await make_product(name="★★★")).slug, (await make_product(name="★")).slug] == ["product", "product-2"]


async def test_parallel_products_of_one_name_have_consecutive_slugs(make_product: MakeProduct) -> None:
    made = await asyncio.gather(*(make_product(name="Red Shirt") for _ in range(12)))

    assert {product.slug for product in made} == {"red-shirt", *(f"red-shirt-{number}" for number in range(2, 13))}


async def test_a_given_slug_is_stored_or_refused(make_product: MakeProduct) -> None:
    assert (await make_product(slug="my-own")).slug == "my-own"
    with pytest.raises(SlugTaken):
        await make_product(slug="my-own")
    assert (await make_product(slug="Größe_2")).slug == "größe_2"
    for bad in ("My Own", "a/b", "-", "\u0301a", ""):
        with pytest.raises(InvalidInput):
            await make_product(slug=bad)


async def test_an_archived_product_is_not_found_but_keeps_its_slug_and_sku(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    product = await make_product(name="Old", sku="OLD-1")

    async def delete(tx: Tx) -> None:
        await catalog.delete_product(tx, product.id)

    await database.run(delete, actor)

    with pytest.raises(ProductNotFound):
        await catalog.products.find(reader, actor, product.id)
    with pytest.raises(ProductNotFound):
        await database.run(delete, actor)
    with pytest.raises(SlugTaken, match="archived"):
        await make_product(name="Old", slug="old")
    with pytest.raises(SkuTaken):
        await make_product(sku="OLD-1")
    assert (await make_product(name="Old")).slug == "old-2"


async def test_drafts_are_visible_to_staff_only(
    make_product: MakeProduct, catalog: CatalogService, reader: Reader, actor: Actor, company: UUID
) -> None:
    draft = await make_product(is_active=False)

    assert (await catalog.products.find(reader, actor, draft.id)).id == draft.id
    assert await catalog.products.find_many(reader, Actor.anonymous(company), [draft.id]) == []
    with pytest.raises(ProductNotFound):
        await catalog.find_product_by_slug(reader, Actor.anonymous(company), draft.slug)


async def test_an_inactive_ancestor_hides_the_products_below_it(
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    reader: Reader,
    company: UUID,
    category: Category,
    make_product: MakeProduct,
) -> None:
    async def below(tx: Tx) -> Category:
        return await catalog.categories.create(tx, NewCategory(name="Polo", parent_id=category.id))

    polo = await database.run(below, actor)
    product = await make_product(category_id=polo.id)

    async def switch(tx: Tx) -> None:
        await catalog.categories.update(tx, category.id, {"is_active": False})

    await catalog.products.find(reader, Actor.anonymous(company), product.id)
    await database.run(switch, actor)
    with pytest.raises(ProductNotFound):
        await catalog.products.find(reader, Actor.anonymous(company), product.id)


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"name": ""}, Required, "name"),
        ({"name": "  "}, Required, "name"),
        ({"name": "x" * 256}, TooLong, "name"),
        ({"name": "a\x00b"}, InvalidInput, "name"),
        ({"name": "a\ud800"}, InvalidInput, "name"),
        ({"description": "x" * 1_000_000}, TooLong, "description"),
        ({"base_price": Decimal(-1)}, InvalidInput, "base_price"),
        ({"base_price": Decimal("NaN")}, InvalidInput, "base_price"),
        ({"base_price": Decimal("Infinity")}, InvalidInput, "base_price"),
        ({"base_price": Decimal(10) ** 15}, InvalidInput, "base_price"),
        ({"base_price": Decimal("1.001")}, InvalidInput, "base_price"),
        ({"compare_at_price": Decimal("-0.01")}, InvalidInput, "compare_at_price"),
        ({"sku": ""}, Required, "sku"),
        ({"sku": "a\tb"}, InvalidInput, "sku"),
        ({"images": ["javascript:alert(1)"]}, InvalidInput, "0"),
        ({"images": ["/x"] * 251}, TooMany, "images"),
        ({"slug": "a" * 256}, TooLong, "slug"),
        ({"category_id": new_id()}, CategoryNotFound, "category_id"),
    ],
)
async def test_invalid_input_is_refused_with_its_field_and_changes_nothing(
    make_product: MakeProduct, reader: Reader, given: dict[str, Any], error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as raised:
        await make_product(**given)

    assert raised.value.field[-1] == field
    assert await reader.fetch_value("select count(*) from products where company_id = $1", reader.company_id) == 0


async def test_a_sku_belongs_to_one_product_or_variant(make_product: MakeProduct) -> None:
    await make_product(sku="A")
    await make_product(variants=[NewVariant(sku="B")])

    for given in ({"sku": "B"}, {"variants": [NewVariant(sku="A")]}):
        with pytest.raises(SkuTaken):
            await make_product(**given)
    with pytest.raises(SkuRepeated):
        await make_product(variants=[NewVariant(sku="C"), NewVariant(sku=" C\u200b")])
    with pytest.raises(NotAllowed):
        await make_product(sku="D", variants=[NewVariant(sku="E")])


async def test_a_sku_requested_in_parallel_goes_to_one_product_or_variant(make_product: MakeProduct) -> None:
    outcomes = await asyncio.gather(
        *(make_product(sku="X") for _ in range(3)),
        *(make_product(variants=[NewVariant(sku="X")]) for _ in range(3)),
        return_exceptions=True,
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Product", *["SkuTaken"] * 5]


async def test_two_companies_may_use_the_same_sku(
    make_product: MakeProduct, catalog: CatalogService, database: Database, other_company: UUID
) -> None:
    await make_product(sku="A", slug="a")

    async def there(tx: Tx) -> str:
        category = await catalog.categories.create(tx, NewCategory(name="Shirts"))
        given = NewProduct(name="A", slug="a", sku="A", category_id=category.id, base_price=Decimal(1))
        return (await catalog.create_product(tx, given)).slug

    assert await database.run(there, Actor.system(other_company)) == "a"


async def test_products_of_another_company_are_not_found(
    make_product: MakeProduct, catalog: CatalogService, database: Database, other_company: UUID, reader: Reader
) -> None:
    product = await make_product(variants=[NewVariant(sku="A")])
    stranger = Actor.system(other_company)
    elsewhere = database.reader(other_company)
    (variant,) = await catalog.variants.of_products(reader, Actor.system(product.company_id), [product.id])

    async def in_foreign_category(tx: Tx) -> object:
        given = NewProduct(name="A", category_id=product.category_id, base_price=Decimal(1))
        return await catalog.create_product(tx, given)

    for attempt in (
        lambda tx: catalog.update_product(tx, product.id, {"name": "Mine"}),
        lambda tx: catalog.delete_product(tx, product.id),
        lambda tx: catalog.variants.update(tx, variant.id, {"sku": "B"}),
        lambda tx: catalog.variants.delete(tx, variant.id),
        lambda tx: catalog.categories.update(tx, product.category_id, {"name": "Mine"}),
        lambda tx: catalog.categories.move(tx, product.category_id, None),
        lambda tx: catalog.categories.delete(tx, product.category_id),
        in_foreign_category,
    ):
        with pytest.raises(DomainError, match="There is no"):
            await database.run(attempt, stranger)
    assert await catalog.products.find_many(elsewhere, stranger, [product.id]) == []
    assert await catalog.variants.of_products(elsewhere, stranger, [product.id]) == []
    assert await catalog.categories.find_many(elsewhere, [product.category_id]) == []
    assert (await catalog.products.find(reader, Actor.system(product.company_id), product.id)).name == "Shirt"


async def test_attributes_follow_the_rules_of_the_category_and_its_ancestors(
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    reader: Reader,
    category: Category,
    make_product: MakeProduct,
) -> None:
    async def rules(tx: Tx) -> UUID:
        await catalog.attributes.create(
            tx, category.id, AttributeRule("Material", AttributeType.SELECT, True, True, ("Wool", "Silk"))
        )
        polo = await catalog.categories.create(tx, NewCategory(name="Polo", parent_id=category.id))
        await catalog.attributes.create(
            tx, polo.id, AttributeRule("Weight", AttributeType.NUMBER, False, True), unit="g"
        )
        return polo.id

    polo_id = await database.run(rules, actor)

    with pytest.raises(AttributeMissing, match="Material"):
        await make_product(category_id=polo_id)
    with pytest.raises(AttributeInvalid, match="Wool, Silk"):
        await make_product(category_id=polo_id, attributes=[AttributeValue("Material", "Gold")])
    with pytest.raises(AttributeInvalid, match="Weight"):
        await make_product(
            category_id=polo_id, attributes=[AttributeValue("Material", "Wool"), AttributeValue("Weight", "heavy")]
        )
    product = await make_product(
        category_id=polo_id, attributes=[AttributeValue("material", "Wool"), AttributeValue("WEIGHT", "0120.50", "g")]
    )

    stored = await catalog.products.attributes_of(reader, [product.id])
    assert [(a.name, a.value, a.unit) for a in stored] == [("Material", "Wool", None), ("Weight", "120.5", "g")]


async def test_changing_one_field_keeps_the_others(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    before = await make_product(brand="Acme", images=["/a.jpg"], attributes=[AttributeValue("Fit", "Slim")])

    async def work(tx: Tx) -> object:
        return await catalog.update_product(tx, before.id, {"name": "Blouse", "brand": None})

    await database.run(work, actor)
    after = await catalog.products.find(database.reader(actor.company_id), actor, before.id)

    assert (after.name, after.slug, after.brand, after.images) == ("Blouse", "shirt", None, ["/a.jpg"])
    (attribute,) = await catalog.products.attributes_of(database.reader(actor.company_id), [before.id])
    assert attribute.value == "Slim"


async def test_a_base_price_that_makes_a_variant_price_negative_is_refused(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    with pytest.raises(PriceBelowZero):
        await make_product(variants=[NewVariant(sku="A", price_modifier=Decimal(-11))])
    product = await make_product(variants=[NewVariant(sku="A", price_modifier=Decimal(-4))])

    async def cheaper(tx: Tx) -> object:
        return await catalog.update_product(tx, product.id, {"base_price": Decimal(3)})

    with pytest.raises(PriceBelowZero) as raised:
        await database.run(cheaper, actor)
    assert raised.value.field == ("base_price",)


async def test_the_name_colour_and_size_of_a_variant_follow_its_options(
    make_product: MakeProduct, catalog: CatalogService, reader: Reader, actor: Actor
) -> None:
    options = [VariantOption("Colour", "Red"), VariantOption("Size", "XL")]
    product = await make_product(
        compare_at_price=Decimal(15),
        variants=[
            NewVariant(sku="A", options=options, price_modifier=Decimal(2)),
            NewVariant(sku="B", color="Blue"),
            NewVariant(sku="C", is_active=False),
        ],
    )

    first, second, third = await catalog.variants.of_products(reader, actor, [product.id])
    assert (first.name, first.color, first.size) == ("Red / XL", "Red", "XL")
    assert (first.price, first.compare_at) == (Money(Decimal(12), "EUR"), Money(Decimal(17), "EUR"))
    assert (second.name, second.options) == ("Blue", [VariantOption("Color", "Blue")])
    assert third.name == "Shirt"
    shown = await catalog.variants.of_products(reader, Actor.anonymous(actor.company_id), [product.id])
    assert [variant.sku for variant in shown] == ["A", "B"]


async def test_a_long_description_keeps_allowed_tags_only(make_product: MakeProduct) -> None:
    given = '<p onclick="x()">Fine &amp; <b>soft</b></p><script>alert(1)</script><a href="javascript:x()">y</a>'
    product = await make_product(long_description=given, description="a < b")

    assert product.long_description == '<p>Fine &amp; <b>soft</b></p><a rel="noopener noreferrer">y</a>'
    assert product.description == "a < b"
