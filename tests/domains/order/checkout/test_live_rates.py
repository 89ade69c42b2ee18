"""Live prices of carriers: stored with the choice for thirty minutes, for the same goods and place."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domains.cart.models import CartRef
from domains.cart.shipping.errors import ShippingRateOutdated, ShippingRateUnavailable
from domains.kernel.actor import Actor
from domains.kernel.errors import RateLimited
from domains.shipping.carriers.requests import RateRequest
from domains.shipping.carriers.results import CarrierRate
from domains.shipping.models import ShippingMethod, ShippingPricing
from gateway.providers.carriers.mock.carrier import MockCarrier
from tests.domains.order.checkout.test_shipping import BERLIN, applied, choose, destine, method, show, unchanged
from tests.domains.order.storefront import HOME, Storefront

MINUTE = timedelta(minutes=1)
# The MOCK carrier's price of two kilograms within the country.
PRICE = Decimal("5.70")


@pytest.fixture
async def live(shop: Storefront) -> ShippingMethod:
    """A method whose price the MOCK carrier is asked for; the shop is in the United Kingdom."""
    await shop.owner.execute(
        "insert into tax_settings (company_id, tax_rate, tax_country) values ($1, 0, 'GB')", shop.company_id
    )
    new: Any = {"code": "mock", "name": "Mock", "adapter": "MOCK"}
    carrier = await shop.run(lambda tx: shop.services.shipping.carriers.create(tx, new))
    return await method(shop, "Live", "0", pricing=ShippingPricing.CARRIER, carrier_id=carrier.id)


@pytest.fixture
async def ada(shop: Storefront, live: ShippingMethod) -> Actor:
    """A customer with two kilograms in a cart for London, who chose the live method."""
    await shop.stock("A", 9, "10.00", weight=Decimal(2))
    customer = await shop.customer()
    await shop.fill(customer, ("A", 1))
    await destine(shop, customer, "GB", HOME.postal_code)
    await choose(shop, customer, live.id)
    return customer


async def test_the_stored_price_is_that_of_the_order(shop: Storefront, ada: Actor) -> None:
    assert await show(shop, ada) == 10 + PRICE
    order = (await shop.place(ada)).order
    assert (order.shipping_cost, order.shipping_method) == (PRICE, "Live")


async def test_a_price_holds_for_thirty_minutes(shop: Storefront, ada: Actor) -> None:
    shop.clock.advance(29 * MINUTE)
    assert (await applied(shop, ada)).problem is None
    shop.clock.advance(MINUTE)
    shown = await applied(shop, ada)
    assert shown.problem is not None
    assert shown.problem.code == "SHIPPING_RATE_OUTDATED"
    with pytest.raises(ShippingRateOutdated):
        await shop.place(ada)
    assert await unchanged(shop)


async def test_a_price_is_for_the_same_goods(shop: Storefront, ada: Actor, live: ShippingMethod) -> None:
    await shop.fill(ada, ("A", 1))
    with pytest.raises(ShippingRateOutdated):
        await shop.place(ada)
    assert await unchanged(shop)
    await choose(shop, ada, live.id)
    assert (await shop.place(ada)).order.shipping_cost == Decimal("6.90")


async def test_a_price_is_for_the_same_place(shop: Storefront, ada: Actor) -> None:
    with pytest.raises(ShippingRateOutdated):
        await shop.place(ada, shipping=replace(HOME, postal_code="EC1A 1BB"))
    assert await unchanged(shop)


async def test_the_options_have_the_prices_of_carriers(shop: Storefront, ada: Actor) -> None:
    await method(shop, "Post", "9")
    reader = shop.database.reader(shop.company_id)
    found = await shop.services.cart.shipping.options(reader, CartRef.of(ada, None))
    prices = [(each.option.name, each.price and each.price.amount, each.note) for each in found.options]
    assert prices == [("Live", PRICE, None), ("Post", Decimal(9), None)]


async def test_a_carrier_that_gives_no_price_has_a_note_and_cannot_be_chosen(
    shop: Storefront, ada: Actor, live: ShippingMethod
) -> None:
    await shop.stock("HEAVY", 5, "10.00", weight=Decimal(31))
    await shop.fill(ada, ("HEAVY", 1))
    reader = shop.database.reader(shop.company_id)
    (option,) = (await shop.services.cart.shipping.options(reader, CartRef.of(ada, None))).options
    assert (option.price, option.note) == (None, "The carrier does not take this parcel.")
    with pytest.raises(ShippingRateUnavailable):
        await choose(shop, ada, live.id)


async def test_goods_abroad_are_not_shipped_by_a_method_of_the_country(shop: Storefront, ada: Actor) -> None:
    with pytest.raises(Exception, match="not offered for this place"):
        await shop.place(ada, shipping=BERLIN)
    assert await unchanged(shop)


async def test_each_request_to_carriers_is_counted_before_and_may_be_refused(
    shop: Storefront, ada: Actor, live: ShippingMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipping, ref, reader = shop.services.cart.shipping, CartRef.of(ada, None), shop.database.reader(shop.company_id)
    counted: list[int] = []

    async def asking() -> None:
        if len(counted) == 2:
            raise RateLimited("Too many.", retry_after=1)
        counted.append(1)

    async def rates(self: MockCarrier, request: RateRequest) -> list[CarrierRate]:
        raise AssertionError

    await shipping.options(reader, ref, asking=asking)
    await shipping.choose(shop.database, ada, ref, None, asking=asking)
    await shipping.choose(shop.database, ada, ref, live.id, asking=asking)
    assert counted == [1, 1]
    monkeypatch.setattr(MockCarrier, "rates", rates)
    with pytest.raises(RateLimited):
        await shipping.options(reader, ref, asking=asking)
    with pytest.raises(RateLimited):
        await shipping.choose(shop.database, ada, ref, live.id, asking=asking)
