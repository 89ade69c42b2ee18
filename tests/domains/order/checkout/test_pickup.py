"""Goods that are collected: only at active pick-up points, and taxed there."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domains.cart.models import CartRef
from domains.cart.shipping.errors import ShippingMethodUnavailable
from domains.cart.shipping.problems import NOT_COLLECTED
from domains.inventory.errors import WarehouseInactive, WarehouseNotFound, WarehouseNotPickupPoint
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.shipping.models import ShippingMethod, ShippingMethodType
from tests.domains.order.checkout.test_shipping import BERLIN, applied, choose, destine, method, unchanged
from tests.domains.order.storefront import Storefront

PICKUP = ShippingMethodType.PICKUP


async def warehouse(shop: Storefront, code: str = "EDI", **given: Any) -> UUID:
    """A pick-up point in Edinburgh."""
    new: Any = {"code": code, "name": code, "country": "GB", "is_pickup_point": True, **given}
    created = await shop.run(lambda tx: shop.services.inventory.warehouses.create(tx, new))
    warehouse_id: UUID = created.id
    return warehouse_id


async def change(shop: Storefront, warehouse_id: UUID, **changes: Any) -> None:
    given: Any = changes
    await shop.run(lambda tx: shop.services.inventory.warehouses.update(tx, warehouse_id, given))


async def names(shop: Storefront, actor: Actor) -> list[str]:
    """The names of the options of the cart."""
    reader = shop.database.reader(shop.company_id)
    found = await shop.services.cart.shipping.options(reader, CartRef.of(actor, None))
    return [each.option.name for each in found.options]


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer with a unit of A in a cart for London, in a shop that sends it by post."""
    await shop.stock("A", 9, "10.00")
    await method(shop, "Post", "4")
    customer = await shop.customer()
    await shop.fill(customer, ("A", 1))
    await destine(shop, customer, "GB")
    return customer


@pytest.fixture
async def point(shop: Storefront, ada: Actor) -> UUID:
    return await warehouse(shop)


@pytest.fixture
async def pickup(shop: Storefront, point: UUID) -> ShippingMethod:
    return await method(shop, "Shop", "0", type=PICKUP, pickup_warehouse_id=point)


async def test_a_method_needs_an_active_pickup_point(shop: Storefront, ada: Actor) -> None:
    closed = await warehouse(shop, "OFF", is_active=False)
    depot = await warehouse(shop, "DEPOT", is_pickup_point=False)
    for warehouse_id, error in (
        (new_id(), WarehouseNotFound),
        (closed, WarehouseInactive),
        (depot, WarehouseNotPickupPoint),
    ):
        with pytest.raises(error) as caught:
            await method(shop, "Shop", "0", type=PICKUP, pickup_warehouse_id=warehouse_id)
        assert caught.value.field == ("pickup_warehouse_id",)


async def test_a_method_moves_to_another_pickup_point_only(shop: Storefront, pickup: ShippingMethod) -> None:
    depot = await warehouse(shop, "DEPOT", is_pickup_point=False)
    methods = shop.services.shipping.methods
    with pytest.raises(WarehouseNotPickupPoint):
        await shop.run(lambda tx: methods.update(tx, pickup.id, {"pickup_warehouse_id": depot}))
    other = await warehouse(shop, "OTHER")
    moved = await shop.run(lambda tx: methods.update(tx, pickup.id, {"pickup_warehouse_id": other}))
    assert moved.pickup_warehouse_id == other


async def test_the_method_of_a_closed_point_can_be_changed(
    shop: Storefront, pickup: ShippingMethod, point: UUID
) -> None:
    await change(shop, point, is_active=False)
    methods = shop.services.shipping.methods
    changed = await shop.run(lambda tx: methods.update(tx, pickup.id, {"is_active": False}))
    assert not changed.is_active


@pytest.mark.parametrize("changes", [{"is_active": False}, {"is_pickup_point": False}])
async def test_a_point_that_closes_is_a_problem_of_the_cart_and_refuses_the_order(
    shop: Storefront, ada: Actor, pickup: ShippingMethod, point: UUID, changes: dict[str, bool]
) -> None:
    await choose(shop, ada, pickup.id)
    assert await names(shop, ada) == ["Shop", "Post"]
    await change(shop, point, **changes)
    shown = await applied(shop, ada)
    assert shown.problem is not None
    assert (shown.option, shown.problem.code) == (None, "SHIPPING_METHOD_UNAVAILABLE")
    assert shown.problem.message == NOT_COLLECTED
    assert await names(shop, ada) == ["Post"]
    with pytest.raises(ShippingMethodUnavailable, match="not collected"):
        await shop.place(ada, shipping=None, billing=BERLIN)
    with pytest.raises(ShippingMethodUnavailable, match="not collected"):
        await choose(shop, ada, pickup.id)
    assert await unchanged(shop)
    await choose(shop, ada, None)
    assert (await shop.place(ada)).order.shipping_method == "Post"


async def test_a_point_closes_or_gains_a_method_and_never_both(shop: Storefront, point: UUID) -> None:
    made = method(shop, "Shop", "0", type=PICKUP, pickup_warehouse_id=point)
    results = await asyncio.gather(made, change(shop, point, is_active=False), return_exceptions=True)
    assert results[1] is None
    assert isinstance(results[0], ShippingMethod | WarehouseInactive)


async def test_goods_of_a_point_without_an_address_are_taxed_at_the_place_of_the_company(
    shop: Storefront, ada: Actor
) -> None:
    taxes = shop.services.tax.settings
    await shop.run(lambda tx: taxes.update(tx, {"tax_country": "FR"}, "EUR"))
    bare = await warehouse(shop, "BARE", country=None, is_default=True)
    await shop.owner.execute(
        "update inventory_levels set warehouse_id = $2 where company_id = $1", shop.company_id, bare
    )
    collected = await method(shop, "Shop", "0", type=PICKUP, pickup_warehouse_id=bare)
    await choose(shop, ada, collected.id)
    order = (await shop.place(ada, shipping=None, billing=BERLIN)).order
    assert order.tax_country == "FR"


async def test_digital_goods_are_not_taxed_where_others_would_have_been_collected(
    shop: Storefront, ada: Actor
) -> None:
    dublin = await warehouse(shop, "DUB", country="IE")
    collected = await method(shop, "Shop", "0", type=PICKUP, pickup_warehouse_id=dublin)
    await choose(shop, ada, collected.id)
    assert await taxed_in(shop, ada) == "IE"
    await shop.run(lambda tx: shop.services.cart.clear_cart(tx, CartRef.of(ada, None)), ada)
    await shop.stock("EBOOK", None, "7.00", requires_shipping=False)
    await shop.fill(ada, ("EBOOK", 1))
    await choose(shop, ada, collected.id)
    assert await taxed_in(shop, ada) == "GB"
    assert (await shop.place(ada, shipping=None, billing=BERLIN)).order.tax_country == "DE"


async def taxed_in(shop: Storefront, actor: Actor) -> str | None:
    """The country whose taxes the cart shows."""
    carts, reader = shop.services.cart, shop.database.reader(shop.company_id)
    contents = await carts.contents(reader, [await carts.get_cart(reader, CartRef.of(actor, None))])
    (priced,) = await carts.quotes.priced(reader, contents)
    place = priced.terms.place
    return None if place is None else place.country
