"""Holds of orders: placed, changed, released, twice and at once; and the list of orders on hold."""

import asyncio

import pytest

from domains.kernel.actor import Actor
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required, TooLong
from domains.order.errors import OrderNotFound, OrderNotHoldable, OrderNotOnHold
from domains.order.models import Order, OrderFilter, OrderStatus
from tests.domains.order.storefront import Storefront


async def paid(shop: Storefront) -> tuple[Actor, Order]:
    await shop.stock("A", 9)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    return ada, await shop.pay(ada, order)


async def hold(shop: Storefront, actor: Actor, order: Order, reason: str = "Fraud?") -> Order:
    held: Order = await shop.run(lambda tx: shop.services.order.holds.place(tx, actor, order.id, reason), actor)
    return held


async def release(shop: Storefront, actor: Actor, order: Order) -> Order:
    released: Order = await shop.run(lambda tx: shop.services.order.holds.release(tx, actor, order.id), actor)
    return released


async def test_an_order_is_held_with_a_reason_and_released(shop: Storefront) -> None:
    _, order = await paid(shop)
    staff = await shop.staff()
    with counting() as count:
        held = await hold(shop, staff, order)
    assert (count.data, held.held_at, held.hold_reason) == (3, shop.clock.now(), "Fraud?")
    assert await hold(shop, staff, order) == held
    changed = await hold(shop, staff, order, " Address ")
    assert (changed.held_at, changed.hold_reason, changed.status) == (held.held_at, "Address", OrderStatus.PAID)
    with counting() as count:
        released = await release(shop, staff, order)
    assert (count.data, released.held_at, released.hold_reason) == (3, None, None)
    with pytest.raises(OrderNotOnHold):
        await release(shop, staff, order)
    notes = [("PAID", "Shipment on hold"), ("PAID", "Hold released")]
    assert (await shop.history(order.id))[-2:] == notes
    assert (await shop.topics())[-3:] == ["order.held", "order.held", "order.hold_released"]


@pytest.mark.parametrize(("reason", "error"), [("", Required), ("x" * 1_001, TooLong)])
async def test_the_reason_of_a_hold_is_required_and_bounded(
    shop: Storefront, reason: str, error: type[Exception]
) -> None:
    _, order = await paid(shop)
    with pytest.raises(error):
        await hold(shop, await shop.staff(), order, reason)
    assert await shop.order(order.id) == order


async def test_only_staff_hold_orders(shop: Storefront) -> None:
    _, order = await paid(shop)
    stranger = await shop.customer()
    with pytest.raises(OrderNotFound):
        await hold(shop, stranger, order)
    with pytest.raises(OrderNotFound):
        await release(shop, stranger, order)


async def test_orders_without_goods_left_to_ship_are_not_held(shop: Storefront) -> None:
    ada, order = await paid(shop)
    staff, service = await shop.staff(), shop.services.order
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        await shop.run(lambda tx, to=status: service.update_status(tx, staff, order.id, to), staff)
    with pytest.raises(OrderNotHoldable, match="SHIPPED"):
        await hold(shop, staff, order)
    other = await shop.buy(ada, ("A", 1))
    held = await hold(shop, staff, other)
    cancelled = await service.cancel_order(shop.database, ada, other.id)
    assert (cancelled.status, cancelled.held_at) == (OrderStatus.CANCELLED, held.held_at)
    with pytest.raises(OrderNotHoldable, match="CANCELLED"):
        await hold(shop, staff, other, "Again")
    assert (await release(shop, staff, other)).held_at is None


async def test_of_two_releases_at_once_one_is_refused(shop: Storefront) -> None:
    _, order = await paid(shop)
    staff = await shop.staff()
    held = await asyncio.gather(*(hold(shop, staff, order) for _ in range(3)))
    assert len({each.held_at for each in held}) == 1
    outcomes = await asyncio.gather(*(release(shop, staff, order) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(OrderNotOnHold) == 2
    assert (await shop.topics())[-2:] == ["order.held", "order.hold_released"]


async def test_orders_on_hold_are_listed(shop: Storefront) -> None:
    ada, first = await paid(shop)
    second = await shop.buy(ada, ("A", 1))
    staff = await shop.staff()
    await hold(shop, staff, second)
    for is_on_hold, expected in ((True, [second.id]), (False, [first.id]), (None, [second.id, first.id])):
        page = await shop.services.order.get_user_orders(
            shop.database.reader(shop.company_id), staff, PageArgs(), OrderFilter(is_on_hold=is_on_hold)
        )
        assert [each.id for each in page.items] == expected
