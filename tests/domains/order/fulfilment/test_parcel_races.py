"""Races of shipments with real commits: no unit is packed, sold or released twice, and a crash leaves nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

import pytest

from domains.kernel import fail_points
from domains.kernel.fail_points import FailPointReached
from domains.order.models import OrderStatus
from tests.domains.order.fulfilment.shipped_orders import cancel, contents, dispatch, paid_order, ship
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated


async def outcomes(*tries: Awaitable[Any]) -> Counter[str]:
    """The names of what parallel attempts return or raise."""
    return Counter(type(each).__name__ for each in await asyncio.gather(*tries, return_exceptions=True))


@repeated
async def test_the_last_unit_of_a_line_is_in_one_of_two_shipments(shop: Storefront, run: int) -> None:
    await shop.stock("A", 3)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    await ship(shop, clerk, order, {"A": 2})
    tries = [ship(shop, clerk, order, {"A": 1}, is_dispatched=bool(number % 2)) for number in range(4)]
    counts = await outcomes(*tries)
    assert counts["ShipmentRow"] == 1
    assert counts["OverShipped"] + counts["OrderNotFulfillable"] == 3
    assert sum(units["A"] for _, units in (await contents(shop, order)).values()) == 3


@repeated
async def test_a_shipment_is_dispatched_once(shop: Storefront, run: int) -> None:
    await shop.stock("A", 3)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 3))
    packed = await ship(shop, clerk, order, {"A": 2}, is_dispatched=False)
    counts = await outcomes(*(dispatch(shop, clerk, packed) for _ in range(4)))
    assert counts == {"ShipmentRow": 1, "ShipmentNotPending": 3}
    assert (await shop.level("A"), (await shop.order(order.id)).units_shipped) == ((0, 1), 2)


@repeated
async def test_a_shipment_is_dispatched_or_cancelled(shop: Storefront, run: int) -> None:
    await shop.stock("A", 2)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    packed = await ship(shop, clerk, order, is_dispatched=False)
    counts = await outcomes(dispatch(shop, clerk, packed), cancel(shop, clerk, packed))
    assert counts == {"ShipmentRow": 1, "ShipmentNotPending": 1}
    ((status, _),) = (await contents(shop, order)).values()
    expected = {"IN_TRANSIT": ((0, 0), 2), "CANCELLED": ((0, 2), 0)}[status]
    assert (await shop.level("A"), (await shop.order(order.id)).units_shipped) == expected


@repeated
async def test_an_order_is_cancelled_or_shipped(shop: Storefront, run: int) -> None:
    await shop.stock("A", 2)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    packed = await ship(shop, clerk, order, {"A": 1}, is_dispatched=False)
    cancelling = shop.services.order.cancel_order(shop.database, buyer, order.id)
    await outcomes(cancelling, ship(shop, clerk, order, {"A": 1}), dispatch(shop, clerk, packed))
    ended = await shop.order(order.id)
    statuses = {status for status, _ in (await contents(shop, order)).values()}
    if ended.cancelled_at is None:
        assert (ended.status, statuses, await shop.level("A")) == (OrderStatus.SHIPPED, {"IN_TRANSIT"}, (0, 0))
    else:
        assert (ended.units_shipped, statuses, await shop.level("A")) == (0, {"CANCELLED"}, (2, 0))


async def test_a_cancelled_order_has_no_packed_shipment(shop: Storefront) -> None:
    await shop.stock("A", 2)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    await ship(shop, clerk, order, is_dispatched=False)
    await shop.services.order.cancel_order(shop.database, buyer, order.id)
    assert await contents(shop, order) == {1: ("CANCELLED", {"A": 2})}
    assert await shop.level("A") == (2, 0)


async def test_a_crash_after_the_sale_of_the_units_leaves_nothing(shop: Storefront) -> None:
    await shop.stock("A", 2)
    buyer, clerk = await shop.customer(), await shop.staff()
    order = await paid_order(shop, buyer, ("A", 2))
    fail_points.arm(["shipment.units_sold:raise:1"])
    try:
        with pytest.raises(FailPointReached):
            await ship(shop, clerk, order)
    finally:
        fail_points.arm([])
    assert (await shop.order(order.id), await contents(shop, order)) == (order, {})
    assert await shop.level("A") == (0, 2)
    await ship(shop, clerk, order)
    assert await shop.level("A") == (0, 0)
