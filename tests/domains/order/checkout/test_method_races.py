"""Shipping methods that change while orders are created: the order has the price that was shown, or is refused.

`RACE_RUNS=20 pytest tests/domains/order/checkout/test_method_races.py` runs the parallel ones twenty times in a row.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

import pytest

from domains.cart.service import CartService
from domains.cart.shipping.errors import ShippingMethodUnavailable
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.text.validation import Required
from domains.order.checkout.quotes import Quotes
from domains.order.errors import PriceChanged
from domains.order.models import CreatedOrder
from domains.shipping.models import ShippingMethod, ShippingMethodType
from gateway.services import Services
from tests.domains.order.checkout.test_pickup import warehouse
from tests.domains.order.checkout.test_shipping import BERLIN, choose, destine, method, show, unchanged
from tests.domains.order.storefront import Storefront
from tests.gateway.site import services_of
from tests.race_runs import repeated

Change: TypeAlias = Callable[[Services, Tx, ShippingMethod], Awaitable[object]]
TOTAL: Final = Decimal(19)
MEMORY: Final = timedelta(seconds=6)  # longer than a process remembers methods


async def deleted(services: Services, tx: Tx, express: ShippingMethod) -> None:
    await services.shipping.methods.delete(tx, express.id)


async def deactivated(services: Services, tx: Tx, express: ShippingMethod) -> None:
    await services.shipping.methods.update(tx, express.id, {"is_active": False})


async def repriced(services: Services, tx: Tx, express: ShippingMethod) -> None:
    await services.shipping.methods.update(tx, express.id, {"base_price": Decimal(12)})


async def zone_deactivated(services: Services, tx: Tx, express: ShippingMethod) -> None:
    await services.shipping.zones.update(tx, express.zone_id, {"is_active": False})


REFUSALS: Final[Mapping[Change, type[Exception]]] = {
    deleted: ShippingMethodUnavailable,
    deactivated: ShippingMethodUnavailable,
    repriced: PriceChanged,
    zone_deactivated: ShippingMethodUnavailable,
}
each_change = pytest.mark.parametrize("change", REFUSALS, ids=lambda change: change.__name__)
# How the buyer says what was shown: by the input, or by the total that the cart showed.
each_expectation = pytest.mark.parametrize("given", [{}, {"expected_total": TOTAL}], ids=["shown", "expected"])


@pytest.fixture
async def ada(shop: Storefront) -> Actor:
    """A customer with a unit of A in a cart for London."""
    await shop.stock("A", 9, "10.00")
    customer = await shop.customer()
    await shop.fill(customer, ("A", 1))
    await destine(shop, customer, "GB")
    return customer


@pytest.fixture
async def express(shop: Storefront, ada: Actor) -> ShippingMethod:
    """The method that the customer chose, and not the cheapest one; its total was shown."""
    await method(shop, "Post", "4")
    express = await method(shop, "Express", "9")
    await choose(shop, ada, express.id)
    assert await show(shop, ada) == TOTAL
    return express


def after(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, change: Callable[[], Awaitable[object]]
) -> list[str]:
    """Stop the checkout once after a step until another transaction has made a change; the steps it stopped after."""
    step: Any = getattr(owner, name)
    stopped: list[str] = []

    async def stopping(*args: Any, **given: Any) -> Any:
        result = await step(*args, **given)
        if not stopped:
            stopped.append(name)
            async with asyncio.timeout(10):
                await change()
        return result

    monkeypatch.setattr(owner, name, stopping)
    return stopped


async def is_refused(shop: Storefront, ada: Actor, express: ShippingMethod) -> bool:
    """Whether nothing was written: no order, the cart and its choice as before, no unit reserved."""
    chosen = await shop.owner.fetchval("select shipping_method_id from carts where user_id = $1", ada.user_id)
    return await unchanged(shop) and chosen == express.id and await shop.level("A") == (9, 0)


@each_expectation
@each_change
async def test_an_order_is_refused_when_its_method_changes_before_the_quote(
    shop: Storefront,
    ada: Actor,
    express: ShippingMethod,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    given: dict[str, Any],
) -> None:
    # The last step before the fail point `checkout.locked`.
    stopped = after(
        monkeypatch, CartService, "take_out", lambda: shop.run(lambda tx: change(shop.services, tx, express))
    )
    with pytest.raises(REFUSALS[change]):
        await shop.place(ada, **given)
    assert stopped == ["take_out"]
    assert await is_refused(shop, ada, express)


@each_expectation
@each_change
async def test_an_order_has_the_shown_price_when_its_method_changes_after_the_quote(
    shop: Storefront,
    ada: Actor,
    express: ShippingMethod,
    monkeypatch: pytest.MonkeyPatch,
    change: Change,
    given: dict[str, Any],
) -> None:
    stopped = after(monkeypatch, Quotes, "of", lambda: shop.run(lambda tx: change(shop.services, tx, express)))
    order = (await shop.place(ada, **given)).order
    assert stopped == ["of"]
    assert (order.shipping_method_id, order.shipping_method) == (express.id, "Express")
    assert (order.shipping_cost, order.total) == (Decimal(9), TOTAL)


@each_change
async def test_an_order_has_the_shown_price_while_a_change_of_its_method_is_not_committed(
    shop: Storefront, ada: Actor, express: ShippingMethod, change: Change
) -> None:
    async def work(tx: Tx) -> CreatedOrder:
        await change(shop.services, tx, express)
        async with asyncio.timeout(10):
            return await shop.place(ada)

    order = (await shop.run(work)).order
    assert (order.shipping_method, order.shipping_cost, order.total) == ("Express", Decimal(9), TOTAL)
    await shop.fill(ada, ("A", 1))
    with pytest.raises(REFUSALS[change]):
        await shop.place(ada, shipping_method_id=express.id, expected_total=TOTAL)
    assert (await shop.count("orders"), await shop.level("A")) == (1, (8, 1))


@each_change
async def test_a_process_that_remembers_a_method_sells_at_the_shown_price_until_it_reads_again(
    shop: Storefront, ada: Actor, express: ShippingMethod, change: Change
) -> None:
    elsewhere = services_of(shop.clock, shop.database)
    await shop.run(lambda tx: change(elsewhere, tx, express))
    order = (await shop.place(ada)).order
    assert (order.shipping_method, order.shipping_cost, order.total) == ("Express", Decimal(9), TOTAL)
    await shop.fill(ada, ("A", 1))
    shop.clock.advance(MEMORY)
    with pytest.raises(REFUSALS[change]):
        await shop.place(ada, shipping_method_id=express.id, expected_total=TOTAL)


async def test_a_process_that_remembers_a_price_does_not_take_it_when_another_was_shown(
    shop: Storefront, ada: Actor, express: ShippingMethod
) -> None:
    elsewhere = services_of(shop.clock, shop.database)
    await shop.run(lambda tx: repriced(elsewhere, tx, express))
    with pytest.raises(PriceChanged):
        await shop.place(ada, expected_total=Decimal(22))
    assert await is_refused(shop, ada, express)
    shop.clock.advance(MEMORY)
    assert (await shop.place(ada, expected_total=Decimal(22))).order.shipping_cost == Decimal(12)


@pytest.mark.parametrize("change", [deleted, deactivated, repriced], ids=lambda change: change.__name__)
async def test_another_method_never_takes_the_place_of_the_cheapest_one_unseen(
    shop: Storefront, ada: Actor, express: ShippingMethod, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    await choose(shop, ada, None)
    cheapest = await method(shop, "Letter", "3")
    assert await show(shop, ada) == Decimal(13)
    after(monkeypatch, CartService, "take_out", lambda: shop.run(lambda tx: change(shop.services, tx, cheapest)))
    with pytest.raises(PriceChanged) as caught:
        await shop.place(ada)
    assert "14.00" in str(caught.value)
    assert (await unchanged(shop), await shop.level("A")) == (True, (9, 0))


@repeated
@each_change
async def test_orders_and_a_change_in_parallel_are_at_the_shown_price_or_refused(
    shop: Storefront, express: ShippingMethod, run: int, change: Change
) -> None:
    buyers = await shop.customers(8)
    for buyer in buyers:
        await shop.fill(buyer, ("A", 1))
        await destine(shop, buyer, "GB")
        await choose(shop, buyer, express.id)
        assert await show(shop, buyer) == TOTAL
    placing = [shop.place(buyer) for buyer in buyers]
    placing.insert(4, shop.run(lambda tx: change(shop.services, tx, express)))
    outcomes = await asyncio.gather(*placing, return_exceptions=True)
    orders = [outcome.order for outcome in outcomes if isinstance(outcome, CreatedOrder)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(outcome) for outcome in refused} <= {REFUSALS[change]}
    assert {(order.shipping_cost, order.total) for order in orders} <= {(Decimal(9), TOTAL)}
    assert len(orders) + len(refused) == 8
    assert await shop.count("orders") == len(orders)
    assert await shop.level("A") == (9 - len(orders), len(orders))


@pytest.fixture
async def pickup(shop: Storefront, ada: Actor) -> ShippingMethod:
    """The method that the customer chose, by which goods are collected in Edinburgh."""
    await shop.owner.execute(
        "update warehouses set is_pickup_point = true, country = 'GB', postal_code = 'EH1' where company_id = $1",
        shop.company_id,
    )
    point = await shop.owner.fetchval("select id from warehouses where company_id = $1", shop.company_id)
    made = await method(shop, "Shop", "0", type=ShippingMethodType.PICKUP, pickup_warehouse_id=point)
    await choose(shop, ada, made.id)
    return made


async def test_a_method_that_begins_to_deliver_gives_no_order_without_a_shipping_address(
    shop: Storefront, ada: Actor, pickup: ShippingMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivers: Any = {"type": ShippingMethodType.DELIVERY, "pickup_warehouse_id": None}
    methods = shop.services.shipping.methods
    stopped = after(
        monkeypatch,
        Quotes,
        "is_address_required",
        lambda: shop.run(lambda tx: methods.update(tx, pickup.id, delivers)),
    )
    with pytest.raises(Required) as caught:
        await shop.place(ada, shipping=None, billing=BERLIN)
    assert (stopped, caught.value.field) == (["is_address_required"], ("shipping_address",))
    assert await is_refused(shop, ada, pickup)
    order = (await shop.place(ada)).order
    assert (order.shipping_method, order.pickup_warehouse_id) == ("Shop", None)
    assert order.shipping_address_id is not None


async def test_a_method_that_begins_to_be_collected_gives_an_order_without_a_shipping_address(
    shop: Storefront, ada: Actor, express: ShippingMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: Any = {"type": ShippingMethodType.PICKUP, "pickup_warehouse_id": await warehouse(shop)}
    methods = shop.services.shipping.methods
    await shop.owner.execute(
        "update inventory_levels set warehouse_id = $2 where company_id = $1",
        shop.company_id,
        collected["pickup_warehouse_id"],
    )
    after(
        monkeypatch,
        Quotes,
        "is_address_required",
        lambda: shop.run(lambda tx: methods.update(tx, express.id, collected)),
    )
    order = (await shop.place(ada)).order
    assert (order.shipping_address_id, order.total) == (None, TOTAL)
    assert order.pickup_warehouse_id == collected["pickup_warehouse_id"]
