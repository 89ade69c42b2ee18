"""Two choices of a shipping method at once leave one of them whole, with its own live price."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import UUID

import pytest

from domains.cart.models import CartRef
from domains.cart.shipping.choices import rate_digest
from domains.cart.shipping.errors import ShippingRateOutdated
from domains.cart.shipping.live_rates import LiveRates
from domains.kernel.actor import Actor
from domains.order.errors import PriceChanged
from domains.order.models import CreatedOrder
from domains.shipping.models import ShippingMethod, ShippingPricing
from tests.domains.order.checkout.test_live_rates import PRICE
from tests.domains.order.checkout.test_shipping import choose, destine, method, show
from tests.domains.order.storefront import HOME, Storefront
from tests.race_runs import repeated

HOLDS: Final = timedelta(minutes=30)
# The method of a choice, its price, and whether its goods, its place and its time are stored.
Choice: TypeAlias = tuple[UUID | None, Decimal | None, bool]


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer with two kilograms in a cart for London."""
    await shop.owner.execute(
        "insert into tax_settings (company_id, tax_rate, tax_country) values ($1, 0, 'GB')", shop.company_id
    )
    await shop.stock("A", 9, "10.00", weight=Decimal(2))
    customer = await shop.customer()
    await shop.fill(customer, ("A", 1))
    await destine(shop, customer, "GB", HOME.postal_code)
    return customer


@pytest.fixture
async def methods(shop: Storefront, ada: Actor) -> list[ShippingMethod]:
    """Two methods with live prices, of which one costs twice as much, and one with a price of its own."""
    new: Any = {"code": "mock", "name": "Mock", "adapter": "MOCK"}
    carrier = await shop.run(lambda tx: shop.services.shipping.carriers.create(tx, new))
    live: Any = {"pricing": ShippingPricing.CARRIER, "carrier_id": carrier.id}
    return [
        await method(shop, "Live", "0", **live),
        await method(shop, "Fast", "0", service_type="EXPRESS", **live),
        await method(shop, "Post", "4"),
    ]


def whole(methods: Sequence[ShippingMethod]) -> list[Choice]:
    """The choices that a cart may have: of each method with its price, and none."""
    live, fast, post = (each.id for each in methods)
    return [(live, PRICE, True), (fast, 2 * PRICE, True), (post, None, False), (None, None, False)]


async def chosen(shop: Storefront, ada: Actor) -> Choice:
    """What the cart stores."""
    carts, reader = shop.services.cart, shop.database.reader(shop.company_id)
    (contents,) = await carts.contents(reader, [await carts.get_cart(reader, CartRef.of(ada, None))])
    cart = contents.cart
    digest, until = rate_digest(contents, cart.destination), shop.clock.now() + HOLDS
    is_stored = (cart.shipping_rate_digest, cart.shipping_rate_until) == (digest, until)
    assert is_stored or (cart.shipping_rate_digest, cart.shipping_rate_until) == (None, None)
    return cart.shipping_method_id, cart.shipping_rate, is_stored


@repeated
async def test_choices_in_parallel_leave_one_whole(
    shop: Storefront, ada: Actor, methods: list[ShippingMethod], run: int
) -> None:
    wanted = [*(each.id for each in methods), None]
    for _ in range(5):
        await asyncio.gather(*(choose(shop, ada, method_id) for method_id in wanted * 2))
        assert await chosen(shop, ada) in whole(methods)


@pytest.mark.parametrize("later", [0, 1, 2, 3], ids=["live", "fast", "post", "none"])
@pytest.mark.parametrize("first", [0, 1], ids=["live", "fast"])
async def test_the_choice_whose_carrier_answers_last_is_stored_whole(
    shop: Storefront,
    ada: Actor,
    methods: list[ShippingMethod],
    monkeypatch: pytest.MonkeyPatch,
    first: int,
    later: int,
) -> None:
    asked, answers = asyncio.Event(), asyncio.Event()
    prices = LiveRates.prices

    async def slow(*args: Any, **given: Any) -> Any:
        found = await prices(*args, **given)
        if not asked.is_set():
            asked.set()
            await answers.wait()
        return found

    monkeypatch.setattr(LiveRates, "prices", slow)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(choose(shop, ada, methods[first].id))
        await asked.wait()
        await choose(shop, ada, whole(methods)[later][0])
        assert await chosen(shop, ada) == whole(methods)[later]
        answers.set()
    assert await chosen(shop, ada) == whole(methods)[first]


async def test_a_price_for_goods_that_change_while_the_carrier_answers_does_not_hold(
    shop: Storefront, ada: Actor, methods: list[ShippingMethod], monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = LiveRates.prices

    async def slow(*args: Any, **given: Any) -> Any:
        found = await prices(*args, **given)
        await shop.fill(ada, ("A", 1))
        return found

    monkeypatch.setattr(LiveRates, "prices", slow)
    await choose(shop, ada, methods[0].id)
    with pytest.raises(ShippingRateOutdated):
        await shop.place(ada)
    assert (await shop.count("orders"), await shop.level("A")) == (0, (9, 0))


@repeated
async def test_an_order_during_a_choice_has_the_shown_price_or_is_refused(
    shop: Storefront, ada: Actor, methods: list[ShippingMethod], run: int
) -> None:
    await choose(shop, ada, methods[0].id)
    assert await show(shop, ada) == 10 + PRICE
    outcome, failed = await asyncio.gather(shop.place(ada), choose(shop, ada, methods[1].id), return_exceptions=True)
    assert failed is None
    if isinstance(outcome, CreatedOrder):
        order = outcome.order
        assert (order.shipping_method_id, order.shipping_cost) == (methods[0].id, PRICE)
    else:
        assert isinstance(outcome, PriceChanged)
        assert (await shop.count("orders"), await shop.level("A")) == (0, (9, 0))
