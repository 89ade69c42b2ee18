"""Weights and dimensions of products and variants, and what is not shipped."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.catalog import data
from domains.catalog.models import NewVariant, ProductChanges, VariantOption
from domains.catalog.products.measures import (
    LENGTH_DECIMALS,
    MAX_LENGTH,
    MAX_WEIGHT,
    WEIGHT_DECIMALS,
    require_length,
    require_weight,
)
from domains.catalog.products.offers import Offers
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import NotFound, OutOfRange, TooManyDecimals
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.shipping.configuration import ConfigurationCache
from domains.shipping.errors import ShippingProfileInUse
from domains.shipping.profiles import ShippingProfiles
from tests.domains.catalog.conftest import MakeProduct

D = Decimal
SIZES = [
    NewVariant(sku="JUG-S", options=[VariantOption("Size", "S")], weight=D("0.4"), height=D("12.5")),
    NewVariant(sku="JUG-L", options=[VariantOption("Size", "L")]),
]
ANY = st.decimals() | st.decimals(-10, 200_000, places=4)


def _length(value: Decimal | None) -> Decimal | None:
    return require_length(value, ("length",))


@pytest.mark.parametrize(
    ("require", "least", "greatest", "places"),
    [(require_weight, 0, MAX_WEIGHT, WEIGHT_DECIMALS), (_length, D("0.1"), MAX_LENGTH, LENGTH_DECIMALS)],
)
@given(value=ANY)
def test_a_measure_is_kept_exactly_or_refused(
    require: Callable[[Decimal | None], Decimal | None], least: Decimal, greatest: int, places: int, value: Decimal
) -> None:
    is_valid = value.is_finite() and least <= value <= greatest and value == round(value, places)
    if not is_valid:
        with pytest.raises((OutOfRange, TooManyDecimals)):
            require(value)
        return
    kept = require(value)
    assert kept == value
    assert kept is not None
    assert kept.as_tuple().exponent == -places


def test_an_unknown_measure_stays_unknown() -> None:
    assert (require_weight(None), _length(None)) == (None, None)


async def test_a_variant_has_its_products_measures_where_it_has_no_own(
    make_product: MakeProduct, catalog: CatalogService, database: Database, reader: Reader, actor: Actor
) -> None:
    made = await make_product(name="Jug", weight=D("1.25"), length=D(30), width=D("20.5"), variants=SIZES)

    async def measures() -> list[tuple[Any, ...]]:
        variants = await catalog.variants.of_products(reader, actor, [made.id])
        return [(each.sku, each.weight, each.length, each.width, each.height) for each in variants]

    assert await measures() == [
        ("JUG-S", D("0.400"), D("30.0"), D("20.5"), D("12.5")),
        ("JUG-L", D("1.250"), D("30.0"), D("20.5"), None),
    ]
    (small, large) = await catalog.variants.of_products(reader, actor, [made.id])

    async def change(tx: Tx) -> None:
        await catalog.update_product(tx, made.id, {"weight": D(2), "length": None, "height": D(9)})
        await catalog.variants.update(tx, large.id, {"weight": D(3)})
        shown = await catalog.variants.update(tx, small.id, {"weight": None, "height": None})
        assert (shown.weight, shown.length, shown.height) == (D(2), None, D(9))

    await database.run(change, actor)
    assert await measures() == [
        ("JUG-S", D("2.000"), None, D("20.5"), D("9.0")),
        ("JUG-L", D("3.000"), None, D("20.5"), D("9.0")),
    ]
    row = await data.product_variant.find_unique(reader, id=small.id)
    assert row is not None
    assert (row.weight, row.height) == (None, None)


async def test_offers_say_what_a_unit_weighs_and_whether_it_is_shipped(
    make_product: MakeProduct, catalog: CatalogService, reader: Reader, actor: Actor
) -> None:
    jug = await make_product(name="Jug", weight=D("1.25"), length=D(30), variants=SIZES)
    plain = await make_product(name="Plain", sku="PLAIN")
    course = await make_product(name="Course", sku="COURSE", requires_shipping=False)
    card = await make_product(name="Card", is_gift_card=True, requires_shipping=True)
    small, large = await catalog.variants.of_products(reader, actor, [jug.id])
    keys = [(jug.id, small.id), (jug.id, large.id), (plain.id, None), (course.id, None), (card.id, None)]

    with counting() as statements:
        offers = await Offers().find(reader, keys)

    assert statements.data == 1
    assert [offers[key].weight for key in keys] == [D("0.400"), D("1.250"), None, None, None]
    assert [offers[key].requires_shipping for key in keys] == [True, True, True, False, False]
    assert {offers[key].shipping_profile_id for key in keys} == {None}


async def test_measures_do_not_touch_prices(
    make_product: MakeProduct, catalog: CatalogService, database: Database, owner: Any, actor: Actor
) -> None:
    made = await make_product(name="Jug", variants=SIZES)

    async def change(tx: Tx) -> None:
        changed = await catalog.update_product(tx, made.id, {"weight": D("0.001"), "requires_shipping": False})
        assert (changed.weight, changed.requires_shipping, changed.base_price) == (D("0.001"), False, made.base_price)

    await database.run(change, actor)
    rows = await owner.fetch(
        "select topic, payload->'fields' as fields from outbox_events where company_id = $1 "
        "and topic in ('product.updated', 'price.changed') order by id",
        actor.company_id,
    )
    assert [row["topic"] for row in rows] == ["product.updated"]
    assert set(rows[0]["fields"]) == {"weight", "requires_shipping"}


async def test_a_shipping_profile_is_one_of_the_company_and_is_kept_while_products_use_it(
    make_product: MakeProduct,
    catalog: CatalogService,
    database: Database,
    reader: Reader,
    owner: Any,
    actor: Actor,
    other_company: UUID,
) -> None:
    profiles = ShippingProfiles(ConfigurationCache(database.clock))
    bulky = await database.run(lambda tx: profiles.create(tx, {"name": "Bulky"}), actor)
    foreign = await database.run(lambda tx: profiles.create(tx, {"name": "Theirs"}), Actor.system(other_company))
    made = await make_product(name="Shelf", sku="SHELF", shipping_profile_id=bulky.id)

    for unknown in (foreign.id, new_id()):
        with pytest.raises(NotFound) as refusal:
            await make_product(name="Other", shipping_profile_id=unknown)
        assert refusal.value.field == ("shipping_profile_id",)
        change: ProductChanges = {"shipping_profile_id": unknown}
        with pytest.raises(NotFound, match="There is no shipping profile"):
            await database.run(partial(catalog.update_product, product_id=made.id, changes=change), actor)
    (offer,) = (await Offers().find(reader, [(made.id, None)])).values()
    assert offer.shipping_profile_id == bulky.id

    with pytest.raises(ShippingProfileInUse):
        await database.run(lambda tx: profiles.delete(tx, bulky.id), actor)
    await database.run(lambda tx: catalog.delete_product(tx, made.id), actor)
    await database.run(lambda tx: profiles.delete(tx, bulky.id), actor)
    others = "select count(*) from products where company_id = $1 and name = 'Other'"
    assert await owner.fetchval(others, actor.company_id) == 0
