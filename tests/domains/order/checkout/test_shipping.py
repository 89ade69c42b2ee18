"""Shipping methods from the cart to the order: chosen, checked, frozen; goods that are collected or not shipped."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.cart.destinations import NewDestination
from domains.cart.models import CartRef
from domains.cart.shipping.errors import (
    ShippingMethodRequired,
    ShippingMethodUnavailable,
    ShippingMethodUnsuitable,
    ShippingUnavailable,
)
from domains.cart.shipping.models import AppliedShipping
from domains.kernel.actor import Actor
from domains.kernel.ids import new_id
from domains.kernel.text.validation import Required
from domains.order.errors import PriceChanged
from domains.order.models import AddressFields, Order, OrderStatus
from domains.shipping.models import ShippingMethod, ShippingMethodType, ShippingZoneType
from tests.domains.order.storefront import Storefront

BERLIN = AddressFields(full_name="Ada", address_line_1="Platz 1", city="Berlin", postal_code="10115", country="DE")


async def method(shop: Storefront, name: str, price: str, **given: Any) -> ShippingMethod:
    """A method of the zone of the United Kingdom, which is created with the first one."""
    shipping = shop.services.shipping
    zone_id = await shop.owner.fetchval("select id from shipping_zones where company_id = $1", shop.company_id)
    if zone_id is None:
        new: Any = {"name": "UK", "type": ShippingZoneType.COUNTRY, "countries": ["GB"]}
        zone_id = (await shop.run(lambda tx: shipping.zones.create(tx, new))).id
    made: Any = {"zone_id": zone_id, "name": name, "base_price": Decimal(price), **given}
    created: ShippingMethod = await shop.run(lambda tx: shipping.methods.create(tx, made))
    return created


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer with two kilograms of A in a cart for London, in a shop with two methods."""
    await shop.stock("A", 9, "10.00", weight=Decimal(2))
    await method(shop, "Post", "4", min_days=2, max_days=3, max_weight=Decimal(30))
    customer = await shop.customer()
    await shop.fill(customer, ("A", 1))
    await destine(shop, customer, "GB")
    return customer


async def destine(shop: Storefront, actor: Actor, country: str, postal_code: str | None = None) -> None:
    destinations = shop.services.cart.destinations
    new = NewDestination(country=country, postal_code=postal_code)
    await shop.run(lambda tx: destinations.update(tx, CartRef.of(actor, None), new), actor)


async def choose(shop: Storefront, actor: Actor, method_id: UUID | None) -> None:
    await shop.services.cart.shipping.choose(shop.database, actor, CartRef.of(actor, None), method_id)


async def applied(shop: Storefront, actor: Actor) -> AppliedShipping:
    """The shipping that the cart shows."""
    carts, reader = shop.services.cart, shop.database.reader(shop.company_id)
    contents = await carts.contents(reader, [await carts.get_cart(reader, CartRef.of(actor, None))])
    (shown,) = await carts.shipping.applied(reader, await carts.quotes.priced(reader, contents))
    return shown


async def show(shop: Storefront, actor: Actor) -> Decimal:
    """Show the total of the cart to its buyer."""
    carts, reader = shop.services.cart, shop.database.reader(shop.company_id)
    (contents,) = await carts.contents(reader, [await carts.get_cart(reader, CartRef.of(actor, None))])
    (quoted,) = await carts.quotes.of(reader, [contents])
    await carts.quotes.store_shown_total(shop.database, actor, contents, quoted, None)
    return quoted.total


async def unchanged(shop: Storefront) -> bool:
    """Whether no order was created and the cart still has its line."""
    orders = await shop.owner.fetchval("select count(*) from orders where company_id = $1", shop.company_id)
    lines = await shop.owner.fetchval("select count(*) from cart_items where company_id = $1", shop.company_id)
    return (orders, lines) == (0, 1)


async def test_without_a_choice_the_cheapest_method_ships_the_order(shop: Storefront, ada: Actor) -> None:
    await method(shop, "Express", "9", carrier="DHL")
    order = (await shop.place(ada)).order
    assert (order.shipping_method, order.shipping_cost, order.shipping_carrier) == ("Post", Decimal(4), None)
    assert (order.shipping_service_type, order.shipping_weight) == ("STANDARD", Decimal("2.000"))
    assert (order.tax_country, order.pickup_warehouse_id) == ("GB", None)


async def test_the_choice_of_the_cart_is_frozen_in_the_order(shop: Storefront, ada: Actor) -> None:
    express = await method(shop, "Express", "9", carrier="DHL", service_type="EXPRESS", min_days=1, max_days=1)
    await choose(shop, ada, express.id)
    shown = await applied(shop, ada)
    assert shown.option is not None
    assert (shown.option.option.name, shown.problem) == ("Express", None)
    assert await show(shop, ada) == Decimal(19)
    order = (await shop.place(ada)).order
    assert (order.shipping_method_id, order.shipping_method) == (express.id, "Express")
    assert (order.shipping_carrier, order.shipping_service_type) == ("dhl", "EXPRESS")
    assert order.total == Decimal(19)
    shipping = shop.services.shipping
    await shop.run(lambda tx: shipping.methods.update(tx, express.id, {"name": "Slow", "base_price": Decimal(1)}))
    await shop.run(lambda tx: shipping.methods.delete(tx, express.id))
    kept = await shop.owner.fetchrow("select shipping_method, shipping_cost from orders where id = $1", order.id)
    assert tuple(kept) == ("Express", Decimal(9))
    assert await shop.broken() == []


async def test_the_dates_of_the_delivery_are_those_of_the_method(shop: Storefront, ada: Actor) -> None:
    settings, calendar = shop.services.shipping.settings, shop.services.cart.shipping
    await shop.run(lambda tx: settings.update(tx, {"handling_days": 0}, "EUR"))
    order = (await shop.place(ada)).order
    dates = (await calendar.methods.calendar(shop.database.reader(shop.company_id))).dates(shop.clock.now(), 2, 3)
    assert (order.earliest_delivery_date, order.estimated_delivery_date) == (dates.earliest, dates.latest)
    assert isinstance(order.estimated_delivery_date, date)


async def test_the_method_of_the_order_overrides_that_of_the_cart(shop: Storefront, ada: Actor) -> None:
    express = await method(shop, "Express", "9")
    order = (await shop.place(ada, shipping_method_id=express.id, expected_total=Decimal(19))).order
    assert (order.shipping_method, order.total) == ("Express", Decimal(19))


async def test_a_choice_ends_with_the_order(shop: Storefront, ada: Actor) -> None:
    express = await method(shop, "Express", "9")
    await choose(shop, ada, express.id)
    await shop.place(ada)
    chosen = await shop.owner.fetchval("select shipping_method_id from carts where user_id = $1", ada.user_id)
    assert chosen is None


async def test_a_choice_is_removed(shop: Storefront, ada: Actor) -> None:
    express = await method(shop, "Express", "9")
    await choose(shop, ada, express.id)
    await choose(shop, ada, None)
    shown = await applied(shop, ada)
    assert shown.option is not None
    assert shown.option.option.name == "Post"


async def test_an_unknown_method_cannot_be_chosen(shop: Storefront, ada: Actor) -> None:
    with pytest.raises(ShippingMethodUnavailable):
        await choose(shop, ada, new_id())
    with pytest.raises(ShippingMethodUnavailable) as caught:
        await shop.place(ada, shipping_method_id=new_id())
    assert caught.value.field == ("shipping_method_id",)
    assert await unchanged(shop)


async def test_a_method_that_does_not_carry_the_goods_cannot_be_chosen(shop: Storefront, ada: Actor) -> None:
    letter = await method(shop, "Letter", "1", max_weight=Decimal(1))
    with pytest.raises(ShippingMethodUnsuitable):
        await choose(shop, ada, letter.id)
    assert (await shop.place(ada)).order.shipping_method == "Post"


async def test_a_deleted_method_is_a_problem_of_the_cart_and_refuses_the_order(shop: Storefront, ada: Actor) -> None:
    express = await method(shop, "Express", "9")
    await choose(shop, ada, express.id)
    await shop.run(lambda tx: shop.services.shipping.methods.delete(tx, express.id))
    shown = await applied(shop, ada)
    assert (shown.option, shown.problem and shown.problem.code) == (None, "SHIPPING_METHOD_UNAVAILABLE")
    with pytest.raises(ShippingMethodUnavailable):
        await shop.place(ada)
    assert await unchanged(shop)
    await choose(shop, ada, None)
    assert (await shop.place(ada)).order.shipping_method == "Post"


async def test_a_repriced_method_is_refused_with_the_new_total(shop: Storefront, ada: Actor) -> None:
    express = await method(shop, "Express", "9")
    await choose(shop, ada, express.id)
    await show(shop, ada)
    await shop.run(lambda tx: shop.services.shipping.methods.update(tx, express.id, {"base_price": Decimal(12)}))
    with pytest.raises(PriceChanged):
        await shop.place(ada)
    assert await unchanged(shop)
    assert (await shop.place(ada, expected_total=Decimal(22))).order.shipping_cost == Decimal(12)


async def test_nothing_ships_to_a_place_without_a_zone(shop: Storefront, ada: Actor) -> None:
    await destine(shop, ada, "DE")
    shown = await applied(shop, ada)
    assert shown.problem is not None
    assert shown.problem.code == "SHIPPING_UNAVAILABLE"
    with pytest.raises(ShippingUnavailable) as caught:
        await shop.place(ada, shipping=BERLIN)
    assert caught.value.field == ("shipping_address",)
    assert await unchanged(shop)


@pytest.fixture
async def pickup(shop: Storefront) -> ShippingMethod:
    """A method by which goods are collected in Edinburgh, where the stock is."""
    await shop.owner.execute(
        "update warehouses set is_pickup_point = true, country = 'GB', postal_code = 'EH1' where company_id = $1",
        shop.company_id,
    )
    warehouse = await shop.owner.fetchval("select id from warehouses where company_id = $1", shop.company_id)
    return await method(shop, "Shop", "0", type=ShippingMethodType.PICKUP, pickup_warehouse_id=warehouse)


async def test_collected_goods_need_no_shipping_address(shop: Storefront, ada: Actor, pickup: ShippingMethod) -> None:
    await choose(shop, ada, pickup.id)
    order = (await shop.place(ada, shipping=None, billing=BERLIN)).order
    assert (order.shipping_address_id, order.pickup_warehouse_id) == (None, pickup.pickup_warehouse_id)
    assert (order.tax_country, order.shipping_cost) == ("GB", Decimal(0))
    rows = await shop.owner.fetch("select country from order_addresses where company_id = $1", shop.company_id)
    assert [row[0] for row in rows] == ["DE"]
    await shop.pay(ada, order)
    assert await shop.broken() == []


async def test_collected_goods_ignore_a_shipping_address(
    shop: Storefront, ada: Actor, pickup: ShippingMethod
) -> None:
    await choose(shop, ada, pickup.id)
    order = (await shop.place(ada)).order
    assert (order.shipping_address_id, order.shipping_method) == (None, "Shop")


async def test_an_address_is_needed_for_goods_that_are_sent(shop: Storefront, ada: Actor) -> None:
    with pytest.raises(Required) as caught:
        await shop.place(ada, shipping=None, billing=BERLIN)
    assert caught.value.field == ("shipping_address",)
    assert await unchanged(shop)


async def test_goods_that_can_only_be_collected_need_a_choice(shop: Storefront, ada: Actor) -> None:
    await shop.owner.execute("delete from shipping_methods where company_id = $1", shop.company_id)
    open_point = "update warehouses set is_pickup_point = true where company_id = $1 returning id"
    warehouse = await shop.owner.fetchval(open_point, shop.company_id)
    await method(shop, "Shop", "0", type=ShippingMethodType.PICKUP, pickup_warehouse_id=warehouse)
    with pytest.raises(ShippingMethodRequired):
        await shop.place(ada)
    assert await unchanged(shop)


async def test_digital_goods_need_no_address_and_are_delivered_by_the_payment(shop: Storefront) -> None:
    await method(shop, "Post", "4")
    await shop.stock("EBOOK", None, "7.00", requires_shipping=False)
    await shop.stock("KEY", 3, "5.00", requires_shipping=False)
    buyer = await shop.customer()
    await shop.fill(buyer, ("EBOOK", 2), ("KEY", 1))
    order = (await shop.place(buyer, shipping=None, billing=BERLIN)).order
    assert (order.shipping_cost, order.shipping_method, order.shipping_address_id) == (Decimal(0), None, None)
    assert (order.units_digital, order.tax_country) == (3, "DE")
    paid = await shop.pay(buyer, order)
    assert (paid.status, paid.units_delivered) == (OrderStatus.DELIVERED, 3)
    assert await stock_of(shop, "KEY") == (2, 0)
    assert await shop.broken() == []


async def test_mixed_goods_are_shipped_but_for_the_digital_ones(shop: Storefront, ada: Actor) -> None:
    await shop.stock("KEY", 3, "5.00", requires_shipping=False)
    await shop.fill(ada, ("KEY", 1))
    order = (await shop.place(ada)).order
    assert (order.units_digital, order.shipping_cost, order.shipping_weight) == (1, Decimal(4), Decimal("2.000"))
    paid = await shop.pay(ada, order)
    assert (paid.status, paid.units_shipped) == (OrderStatus.PAID, 1)
    assert (await stock_of(shop, "KEY"), await stock_of(shop, "A")) == ((2, 0), (8, 1))
    rows = await shop.owner.fetch(
        "select sku, requires_shipping from order_items where order_id = $1 order by sku", order.id
    )
    assert [tuple(row) for row in rows] == [("A", True), ("KEY", False)]
    shipped = await ship(shop, order)
    assert (shipped.status, await stock_of(shop, "A")) == (OrderStatus.SHIPPED, (8, 0))
    assert await shop.broken() == []


@pytest.mark.parametrize("has_destination", [True, False])
async def test_a_merged_cart_keeps_the_choice_of_the_cart_with_the_destination(
    shop: Storefront, ada: Actor, has_destination: bool
) -> None:
    express = await method(shop, "Express", "9")
    guest, customer = Actor.anonymous(shop.company_id), ada if has_destination else await shop.customer()
    token = await shop.fill(guest, ("A", 1))
    ref, own, carts = CartRef.of(guest, token), CartRef.of(customer, None), shop.services.cart
    await shop.run(lambda tx: carts.destinations.update(tx, ref, NewDestination(country="GB")), guest)
    await carts.shipping.choose(shop.database, guest, ref, express.id)
    await shop.run(lambda tx: carts.sync_from_local_storage(tx, own, [], guest_token=token), customer)
    merged = await carts.get_cart(shop.database.reader(shop.company_id), own)
    assert merged.shipping_method_id == (None if has_destination else express.id)


async def stock_of(shop: Storefront, sku: str) -> tuple[int, int]:
    """The free and the reserved units of a SKU."""
    row = await shop.owner.fetchrow(
        "select available_stock, reserved_stock from inventory_items where company_id = $1 and sku = $2",
        shop.company_id,
        sku,
    )
    return (row[0], row[1])


async def ship(shop: Storefront, order: Order) -> Order:
    staff = await shop.staff()
    update, order_id = shop.services.order.update_status, order.id
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        order = await shop.run(lambda tx, status=status: update(tx, staff, order_id, status), staff)
    return order
