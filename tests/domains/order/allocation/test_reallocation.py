"""Re-allocation: staff move reserved units of an order between warehouses before it is shipped."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.allocation.reallocation import ReallocatedLine
from domains.inventory.backorders.backorders import BackorderTerms
from domains.inventory.errors import (
    InsufficientStock,
    NotReserved,
    UnitsAlreadyThere,
    WarehouseInactive,
    WarehouseNotFound,
)
from domains.inventory.models import StockLine
from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, OutOfRange, TooMany
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.order.errors import OrderNotCancellable, OrderNotFound, OrderNotReallocatable
from domains.order.models import Order, OrderStatus
from tests.domains.order.allocation.warehouses import held, levels, open_warehouse
from tests.domains.order.fulfilment.shipped_orders import contents, ship
from tests.domains.order.storefront import Storefront
from tests.race_runs import repeated


class Warehouses:
    """A shop with ten units of A and of B in the warehouse ONE, and ten of A in TWO, and an order of both."""

    def __init__(self, shop: Storefront) -> None:
        self.shop = shop
        self.one = self.two = UUID(int=0)

    async def open(self) -> Order:
        for sku in "AB":
            await self.shop.stock(sku, 0)
        self.one = await open_warehouse(self.shop, "ONE", stock={"A": 10, "B": 10})
        self.two = await open_warehouse(self.shop, "TWO", priority=1, stock={"A": 10})
        self.buyer, self.staff = await self.shop.customer(), await self.shop.staff()
        return await self.shop.buy(self.buyer, ("A", 4), ("B", 1))

    async def move(self, order: Order, *lines: ReallocatedLine, actor: Actor | None = None) -> Order:
        by = actor or self.staff
        moves = self.shop.services.order.reallocations
        moved: Order = await self.shop.run(lambda tx: moves.reallocate(tx, by, order.id, lines), by)
        return moved

    def line(self, quantity: int, sku: str = "A", **places: UUID) -> ReallocatedLine:
        return ReallocatedLine(sku, quantity, places.get("of", self.one), places.get("to", self.two))


@pytest.fixture
async def warehouses(shop: Storefront) -> Warehouses:
    return Warehouses(shop)


async def test_reserved_units_move_with_entries_of_both_warehouses(warehouses: Warehouses) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    await warehouses.move(order, warehouses.line(3))
    assert await held(shop, order.id) == {("ONE", "A"): 1, ("TWO", "A"): 3, ("ONE", "B"): 1}
    assert await levels(shop, "A") == {"MAIN": (0, 0), "ONE": (9, 1), "TWO": (7, 3)} or await levels(shop, "A") == {
        "ONE": (9, 1),
        "TWO": (7, 3),
    }
    assert await shop.ledger("A") == {
        ("ADJUSTMENT", 10, 0): 2,
        ("RESERVATION", -4, 4): 1,
        ("RELEASE", 3, -3): 1,
        ("RESERVATION", -3, 3): 1,
    }
    assert (await shop.topics())[-1] == "order.reallocated"
    with counting() as count:
        await warehouses.move(order, warehouses.line(1))
    assert count.data <= 10
    await warehouses.move(order, warehouses.line(4, of=warehouses.two, to=warehouses.one))
    assert await held(shop, order.id) == {("ONE", "A"): 4, ("ONE", "B"): 1}
    assert await shop.level("A") == (16, 4)


async def test_what_cannot_be_moved_is_refused_with_every_error_and_nothing_changes(warehouses: Warehouses) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    closed = await open_warehouse(shop, "CLOSED")
    await shop.owner.execute("update warehouses set is_active = false where id = $1", closed)
    line = warehouses.line
    cases: list[tuple[list[ReallocatedLine], list[tuple[type[DomainError], tuple[str, ...]]]]] = [
        (
            [line(0), line(1, to=warehouses.one)],
            [
                (OutOfRange, ("lines", "0", "quantity")),
                (UnitsAlreadyThere, ("lines", "1", "to_warehouse_id")),
            ],
        ),
        ([], [(TooMany, ("lines",))]),
        (
            [line(1, to=new_id()), line(1, to=closed)],
            [
                (WarehouseNotFound, ("lines", "0", "to_warehouse_id")),
                (WarehouseInactive, ("lines", "1", "to_warehouse_id")),
            ],
        ),
        (
            [line(5), line(1, "B"), line(1, of=new_id())],
            [
                (NotReserved, ("lines", "0", "quantity")),
                (InsufficientStock, ("lines", "1", "quantity")),
                (NotReserved, ("lines", "2", "quantity")),
            ],
        ),
        (
            [line(3), line(2)],
            [(NotReserved, ("lines", "0", "quantity")), (NotReserved, ("lines", "1", "quantity"))],
        ),
        (
            [line(1, "NONE")],
            [(NotReserved, ("lines", "0", "quantity")), (InsufficientStock, ("lines", "0", "quantity"))],
        ),
    ]
    before = (await held(shop, order.id), await levels(shop, "A"), await shop.ledger("A"))
    for lines, expected in cases:
        with pytest.raises(DomainError) as refused:
            await warehouses.move(order, *lines)
        errors: list[Any] = list(getattr(refused.value, "errors", [refused.value]))
        assert [(type(error), tuple(error.field)) for error in errors] == expected
    assert (await held(shop, order.id), await levels(shop, "A"), await shop.ledger("A")) == before


async def test_units_of_orders_of_others_that_are_shipped_or_cancelled_stay(
    warehouses: Warehouses, other_company: UUID
) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    with pytest.raises(OrderNotFound):
        await warehouses.move(order, warehouses.line(1), actor=Actor.system(other_company))
    await shop.pay(warehouses.buyer, order)
    orders, staff = shop.services.order, warehouses.staff
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        await shop.run(lambda tx, to=status: orders.update_status(tx, staff, order.id, to), staff)
    with pytest.raises(OrderNotReallocatable):
        await warehouses.move(order, warehouses.line(1))
    cancelled = await shop.buy(warehouses.buyer, ("A", 1))
    await orders.cancel_order(shop.database, warehouses.buyer, cancelled.id)
    with pytest.raises(OrderNotReallocatable):
        await warehouses.move(cancelled, warehouses.line(1))


async def test_units_that_another_order_waits_for_go_to_it(warehouses: Warehouses) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    await shop.run(lambda tx: shop.services.inventory.backorders.update(tx, "B", BackorderTerms(limit=5)))
    waiting = await shop.buy(warehouses.buyer, ("B", 12))
    assert await held(shop, waiting.id) == {("ONE", "B"): 9}
    await open_warehouse(shop, "THREE")
    await shop.owner.execute("update warehouses set countries = '{FR}' where code = 'TWO'")
    lines = [ReallocatedLine("B", 1, warehouses.one, warehouses.two)]
    with pytest.raises(InsufficientStock):
        await warehouses.move(order, *lines)
    more = [StockLine("B", 1, warehouses.two)]
    await shop.run(lambda tx: shop.services.inventory.ledger.change(tx, more))
    await warehouses.move(order, *lines)
    assert await held(shop, order.id) == {("ONE", "A"): 4, ("TWO", "B"): 1}
    assert await held(shop, waiting.id) == {("ONE", "B"): 10}


@repeated
async def test_re_allocations_race_each_other_and_a_cancellation(warehouses: Warehouses, run: int) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    there = warehouses.line(2)
    back = warehouses.line(1, of=warehouses.two, to=warehouses.one)

    async def cancel() -> None:
        await shop.services.order.cancel_order(shop.database, warehouses.buyer, order.id)

    outcomes = await asyncio.gather(
        warehouses.move(order, there),
        warehouses.move(order, there),
        warehouses.move(order, back),
        warehouses.move(order, there),
        cancel(),
        return_exceptions=True,
    )
    refused = {type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)}
    assert refused <= {NotReserved, OrderNotReallocatable}
    assert outcomes[-1] is None
    assert await held(shop, order.id) == {}
    assert {place: units for place, units in (await levels(shop, "A")).items() if place != "MAIN"} == {
        "ONE": (10, 0),
        "TWO": (10, 0),
    }


@repeated
async def test_a_re_allocation_races_the_shipment(warehouses: Warehouses, run: int) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    await shop.pay(warehouses.buyer, order)
    orders, staff = shop.services.order, warehouses.staff
    await shop.run(lambda tx: orders.update_status(tx, staff, order.id, OrderStatus.PROCESSING), staff)
    outcomes: Sequence[Any] = await asyncio.gather(
        warehouses.move(order, warehouses.line(4)),
        shop.run(lambda tx: orders.update_status(tx, staff, order.id, OrderStatus.SHIPPED), staff),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], Order)
    assert isinstance(outcomes[0], Order | OrderNotReallocatable)
    sent = "TWO" if isinstance(outcomes[0], Order) else "ONE"
    assert await held(shop, order.id, "CONFIRMED") == {(sent, "A"): 4, ("ONE", "B"): 1}
    with pytest.raises(OrderNotCancellable):
        await orders.cancel_order(shop.database, warehouses.buyer, order.id)


async def test_packed_units_stay_and_others_move_and_nothing_expires(warehouses: Warehouses) -> None:
    order, shop = await warehouses.open(), warehouses.shop
    await shop.accept(warehouses.staff, order)
    await ship(shop, warehouses.staff, order, {"A": 3}, is_dispatched=False, warehouse_id=warehouses.one)
    with pytest.raises(NotReserved):
        await warehouses.move(order, warehouses.line(2))
    await warehouses.move(order, warehouses.line(1))
    assert await held(shop, order.id) == {("ONE", "A"): 3, ("TWO", "A"): 1, ("ONE", "B"): 1}
    shop.clock.advance(timedelta(days=365))
    assert await shop.services.order.expiry.end_unpaid(shop.database, shop.system) == 0
    assert await contents(shop, order) == {1: ("PENDING", {"A": 3})}
    assert await held(shop, order.id) == {("ONE", "A"): 3, ("TWO", "A"): 1, ("ONE", "B"): 1}
