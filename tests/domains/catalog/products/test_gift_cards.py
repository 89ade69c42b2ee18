"""Gift cards as products: their stock is never counted, and what is a gift card stays one."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from domains.catalog.invariants import INVARIANTS
from domains.catalog.models import NewVariant, VariantOption
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import NotApplicable
from tests.conftest import Undo
from tests.domains.catalog.conftest import MakeProduct

AMOUNTS = [
    NewVariant(sku="CARD-10", options=[VariantOption("Amount", "10")]),
    NewVariant(sku="CARD-25", options=[VariantOption("Amount", "25")], price_modifier=Decimal(15)),
]


async def test_a_gift_card_and_its_variants_are_not_tracked(
    make_product: MakeProduct, catalog: CatalogService, reader: Reader, actor: Actor
) -> None:
    plain = await make_product(name="Card", is_gift_card=True)
    made = await make_product(name="Amounts", is_gift_card=True, variants=AMOUNTS)

    shown = await catalog.products.find(reader, actor, made.id)

    assert (plain.is_gift_card, plain.is_tracked) == (True, False)
    assert (plain.requires_shipping, shown.requires_shipping) == (False, False)
    assert (shown.is_gift_card, [variant.is_tracked for variant in shown.variants]) == (True, [False, False])


async def test_a_product_is_no_gift_card_by_default(
    make_product: MakeProduct, catalog: CatalogService, reader: Reader, actor: Actor
) -> None:
    shown = await catalog.products.find(reader, actor, (await make_product()).id)
    assert (shown.is_gift_card, shown.is_tracked) == (False, True)


async def test_the_stock_of_a_gift_card_cannot_be_counted_later(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    made = await make_product(name="Amounts", is_gift_card=True, variants=AMOUNTS)

    async def add(tx: Tx) -> bool:
        new = NewVariant(sku="CARD-50", options=[VariantOption("Amount", "50")])
        return (await catalog.variants.create(tx, made.id, new)).is_tracked

    async def track_product(tx: Tx) -> None:
        await catalog.update_product(tx, made.id, {"is_tracked": True})

    async def track_variant(tx: Tx) -> None:
        (variant, *_) = await catalog.variants.of_products(tx, actor, [made.id])
        await catalog.variants.update(tx, variant.id, {"is_tracked": True})

    assert await database.run(add, actor) is False
    for change in (track_product, track_variant):
        with pytest.raises(NotApplicable) as refusal:
            await database.run(change, actor)
        assert (refusal.value.field, refusal.value.message) == (
            ("is_tracked",),
            "The stock of a gift card is not counted.",
        )


async def test_a_gift_card_is_not_shipped_later(
    make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    made = await make_product(name="Amounts", is_gift_card=True, variants=AMOUNTS)

    async def ship(tx: Tx) -> None:
        await catalog.update_product(tx, made.id, {"requires_shipping": True})

    with pytest.raises(NotApplicable) as refusal:
        await database.run(ship, actor)
    assert (refusal.value.field, refusal.value.message) == (
        ("requires_shipping",),
        "A gift card is sent by e-mail, not shipped.",
    )


async def test_a_gift_card_whose_stock_is_counted_is_found(make_product: MakeProduct, owner: Any) -> None:
    made = await make_product(name="Amounts", is_gift_card=True, variants=AMOUNTS)
    (rule,) = [each for each in INVARIANTS if each.rule == "The stock of gift cards is not counted"]
    found = []
    async with owner.acquire() as connection:
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute("update product_variants set is_tracked = true where sku = 'CARD-10'")
                found = [row["slug"] for row in await connection.fetch(rule.query)]
                raise Undo
    assert made.slug in found
