"""Backorders: units are sold beyond the stock up to the limit, and come to the oldest order first."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domains.inventory.alerts.events import StockRanOut
from domains.inventory.allocation.allocations import OrderUnits
from domains.inventory.allocation.places import Place
from domains.inventory.allocation.stock import sources_part, stock_of
from domains.inventory.backorders.backorders import BackorderTerms
from domains.inventory.errors import (
    BackorderLimitTooLow,
    InsufficientStock,
    OrderAwaitsStock,
    SkuIsAwaited,
    SkuNotFound,
)
from domains.inventory.events import (
    BackInStock,
    BackorderAllocated,
    BackorderCancelled,
    BackorderCreated,
    BackorderTermsUpdated,
    StockAdjusted,
    StockChanged,
    StockRanLow,
    StockReleased,
    StockReserved,
)
from domains.inventory.models import AvailabilityStatus, BackorderKind, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, OutOfRange
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.prisma.runtime import fetch_parts
from tests.domains.inventory.conftest import Balances, Stock
from tests.race_runs import repeated

pytestmark = pytest.mark.usefixtures("invariants_hold")
SOON, LATER = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 2, 1, tzinfo=UTC)
GERMANY, FRANCE = Place.of("DE"), Place.of("FR")
WAREHOUSE = """
insert into warehouses (id, company_id, code, name, countries, updated_at) values ($1, $2, $3, $3, $4, now())
"""
BACKORDERS = """
select order_id, quantity, allocated, status::text, promised_at
from backorders where company_id = $1 order by created_at, id
"""
RESERVED = """
select r.order_id, w.code, r.quantity from reservations r
join warehouses w on w.company_id = r.company_id and w.id = r.warehouse_id
where r.company_id = $1 and r.status = 'ACTIVE'
"""


class Shop:
    """Orders and restocks, each in a transaction of its own that returns its events."""

    def __init__(self, inventory: InventoryService, database: Database, actor: Actor, owner: Any) -> None:
        self.inventory, self.database, self.actor, self.owner = inventory, database, actor, owner

    async def run(self, work: Any) -> list[Any]:
        async with self.database.transaction(self.actor) as tx:
            await work(tx)
            return list(tx.events)

    async def sell_beyond(self, sku: str, limit: int, **more: Any) -> list[Any]:
        """Set the limit of a SKU, promised SOON unless it says otherwise."""
        terms = BackorderTerms(limit=limit, promised_at=more.get("promised_at", SOON))
        if "kind" in more:
            terms["kind"] = more["kind"]
        return await self.run(lambda tx: self.inventory.backorders.update(tx, sku, terms))

    async def warehouse(self, code: str, *countries: str) -> UUID:
        warehouse_id = new_id()
        await self.owner.execute(WAREHOUSE, warehouse_id, self.actor.company_id, code, list(countries))
        return warehouse_id

    async def order(
        self, order_id: UUID, *, to: Place | None = GERMANY, pickup: UUID | None = None, **wanted: int
    ) -> list[Any]:
        units = OrderUnits(order_id, wanted, LATER, to, pickup)

        async def work(tx: Tx) -> None:
            (rows,) = await fetch_parts(tx, [sources_part(tx, wanted)])
            reserving = await self.inventory.allocations.reserving(tx, self.actor, units, stock_of(rows))
            assert reserving is not None
            (rows,) = await fetch_parts(tx, [reserving.part])
            await self.inventory.allocations.finish(tx, self.actor, units, reserving, rows)

        return await self.run(work)

    async def restock(self, sku: str, units: int, warehouse_id: UUID | None = None) -> list[Any]:
        lines = [StockLine(sku, units, warehouse_id)]
        return await self.run(lambda tx: self.inventory.ledger.change(tx, lines))

    async def release(self, order_id: UUID) -> list[Any]:
        return await self.run(lambda tx: self.inventory.reservations.release(tx, self.actor, order_id))

    async def ship(self, order_id: UUID) -> list[Any]:
        return await self.run(lambda tx: self.inventory.reservations.confirm(tx, self.actor, order_id))

    async def backorders(self) -> list[tuple[Any, ...]]:
        """The order, the quantity, what is allocated of it, and the status of each, oldest first."""
        return [tuple(row) for row in await self.owner.fetch(BACKORDERS, self.actor.company_id)]

    async def reserved(self) -> dict[tuple[UUID, str], int]:
        """The reserved units by order and code of the warehouse."""
        rows = await self.owner.fetch(RESERVED, self.actor.company_id)
        return {(row[0], row[1]): row[2] for row in rows}


@pytest.fixture
def shop(inventory: InventoryService, database: Database, actor: Actor, owner: Any) -> Shop:
    return Shop(inventory, database, actor, owner)


async def test_units_beyond_the_stock_are_put_on_backorder_up_to_the_limit(
    shop: Shop, stock: Stock, balances: Balances, reader: Reader
) -> None:
    await stock(A=2)
    await shop.sell_beyond("A", 3)
    first, second = new_id(), new_id()
    events = await shop.order(first, A=4)
    assert [type(event) for event in events] == [
        BackorderCreated,
        StockReserved,
        StockChanged,
        StockRanLow,
        StockRanOut,
    ]
    (line,) = events[0].lines
    assert (line["sku"], line["quantity"], line["kind"], line["promised_at"]) == ("A", 2, "BACKORDER", SOON)
    assert [type(event) for event in await shop.order(second, A=1)] == [BackorderCreated, StockChanged]
    assert await shop.backorders() == [(first, 2, 0, "WAITING", SOON), (second, 1, 0, "WAITING", SOON)]
    assert await balances() == {"A": (0, 2)}
    with pytest.raises(InsufficientStock) as refused:
        await shop.order(new_id(), A=1)
    assert refused.value.available == 0
    assert not await shop.inventory.check_availability(reader, "A", 1)


async def test_a_preorder_is_sold_before_anything_has_arrived(shop: Shop, stock: Stock, reader: Reader) -> None:
    await stock(A=0)
    assert [type(event) for event in await shop.sell_beyond("A", 5, kind=BackorderKind.PREORDER)] == [
        BackorderTermsUpdated,
        StockChanged,
    ]
    assert await shop.inventory.check_availability(reader, "A", 5)
    assert not await shop.inventory.check_availability(reader, "A", 6)
    (level,) = (await shop.inventory.listing.levels(reader, ["A"])).values()
    assert [level.status(units) for units in (1, 5, 6)] == [
        AvailabilityStatus.PREORDER,
        AvailabilityStatus.PREORDER,
        AvailabilityStatus.UNAVAILABLE,
    ]
    order = new_id()
    created, *_ = await shop.order(order, A=5, to=None)
    assert created.lines[0]["kind"] == "PREORDER"


async def test_restocked_units_fill_the_oldest_order_first_and_nobody_else_gets_them(
    shop: Shop, stock: Stock, balances: Balances
) -> None:
    await stock(A=0)
    await shop.sell_beyond("A", 9)
    first, second = new_id(), new_id()
    await shop.order(first, A=3)
    await shop.order(second, A=2)
    events = await shop.restock("A", 4)
    assert [type(event) for event in events] == [
        StockAdjusted,
        *(StockReserved, BackorderAllocated) * 2,
    ]
    filled = {
        event.order_id: (event.lines[0]["quantity"], event.complete_skus)
        for event in events
        if isinstance(event, BackorderAllocated)
    }
    assert filled == {first: (3, ["A"]), second: (1, [])}
    assert await balances() == {"A": (0, 4)}
    assert await shop.backorders() == [(first, 3, 3, "ALLOCATED", SOON), (second, 2, 1, "WAITING", SOON)]
    assert [type(event) for event in await shop.restock("A", 3)][-2:] == [StockChanged, BackInStock]
    assert await balances() == {"A": (2, 5)}
    assert await shop.reserved() == {(first, "MAIN"): 3, (second, "MAIN"): 2}


async def test_the_item_of_a_restock_is_shown_as_it_is_after_orders_got_their_units(shop: Shop, stock: Stock) -> None:
    await stock(A=0)
    await shop.sell_beyond("A", 9)
    await shop.order(new_id(), A=2)
    item = await shop.database.run(lambda tx: shop.inventory.update_stock(tx, "A", 5), shop.actor)
    assert (item.available_stock, item.reserved_stock, item.backordered_units) == (3, 2, 0)
    await shop.order(new_id(), A=4)
    (item,) = await shop.database.run(lambda tx: shop.inventory.ledger.change(tx, [StockLine("A", 3)]), shop.actor)
    assert (item.available_stock, item.reserved_stock, item.backordered_units) == (2, 6, 0)


async def test_an_order_that_waits_cannot_be_shipped(shop: Shop, stock: Stock, balances: Balances) -> None:
    await stock(A=1, B=1)
    await shop.sell_beyond("A", 1)
    order = new_id()
    await shop.order(order, A=2, B=1)
    with pytest.raises(OrderAwaitsStock) as refused:
        await shop.ship(order)
    assert [(each.sku, each.units, each.promised_at) for each in refused.value.awaited] == [("A", 1, SOON)]
    assert "1 of 'A', promised for 2030-01-01" in str(refused.value)
    await shop.restock("A", 1)
    await shop.ship(order)
    assert await balances() == {"A": (0, 0), "B": (0, 0)}


async def test_a_cancelled_order_waits_no_longer_and_its_units_go_to_those_that_do(
    shop: Shop, stock: Stock, balances: Balances
) -> None:
    await stock(A=2)
    await shop.sell_beyond("A", 4)
    first, second, third = new_id(), new_id(), new_id()
    await shop.order(first, A=3)
    await shop.order(second, A=1)
    await shop.order(third, A=2)
    events = await shop.release(first)
    assert {type(event) for event in events} == {
        BackorderCancelled,
        StockReleased,
        StockReserved,
        BackorderAllocated,
        StockChanged,
    }
    assert await shop.backorders() == [
        (first, 1, 0, "CANCELLED", SOON),
        (second, 1, 1, "ALLOCATED", SOON),
        (third, 2, 1, "WAITING", SOON),
    ]
    assert await balances() == {"A": (0, 2)}
    assert await shop.release(first) == []
    assert isinstance((await shop.release(second))[0], StockReleased)
    assert await shop.backorders() == [
        (first, 1, 0, "CANCELLED", SOON),
        (second, 1, 1, "ALLOCATED", SOON),
        (third, 2, 2, "ALLOCATED", SOON),
    ]


async def test_units_come_from_warehouses_that_serve_the_order(shop: Shop, stock: Stock) -> None:
    await stock(A=0)
    germany, pickup = await shop.warehouse("DE", "DE"), await shop.warehouse("SHOP", "US")
    await shop.owner.execute("update warehouses set countries = '{US}' where code = 'MAIN'")
    await shop.sell_beyond("A", 9)
    french, german, picked = new_id(), new_id(), new_id()
    await shop.order(french, A=1, to=FRANCE)
    await shop.order(german, A=1)
    await shop.order(picked, A=1, pickup=pickup)
    await shop.restock("A", 5)
    assert await shop.reserved() == {}
    await shop.restock("A", 5, germany)
    assert await shop.reserved() == {(german, "DE"): 1}
    await shop.restock("A", 5, pickup)
    assert await shop.reserved() == {(german, "DE"): 1, (picked, "SHOP"): 1}
    with pytest.raises(InsufficientStock) as refused:
        await shop.order(new_id(), A=9, to=FRANCE)
    assert refused.value.available == 8  # 8 of the limit are left, and no warehouse serves France


async def test_the_limit_is_at_least_what_waits_and_the_promised_date_is_frozen(shop: Shop, stock: Stock) -> None:
    await stock(A=0)
    await shop.sell_beyond("A", 3)
    order = new_id()
    await shop.order(order, A=2)
    with pytest.raises(BackorderLimitTooLow) as refused:
        await shop.sell_beyond("A", 1)
    assert (refused.value.field, refused.value.waiting) == (("limit",), 2)
    assert [type(event) for event in await shop.sell_beyond("A", 2, promised_at=LATER)] == [
        BackorderTermsUpdated,
        StockChanged,
    ]
    assert await shop.sell_beyond("A", 2, promised_at=LATER) == []
    assert await shop.backorders() == [(order, 2, 0, "WAITING", SOON)]


@pytest.mark.parametrize(
    ("sku", "terms", "errors"),
    [
        ("A", BackorderTerms(limit=-1, promised_at=datetime(2020, 1, 1, tzinfo=UTC)), [OutOfRange, OutOfRange]),
        ("A", BackorderTerms(limit=1_000_000_001), [OutOfRange]),
        ("NONE", BackorderTerms(limit=1), [SkuNotFound]),
    ],
)
async def test_wrong_terms_are_refused_together(
    shop: Shop, stock: Stock, sku: str, terms: BackorderTerms, errors: list[type[Exception]]
) -> None:
    await stock(A=0)
    with pytest.raises(DomainError) as refused:
        await shop.run(lambda tx: shop.inventory.backorders.update(tx, sku, terms))
    raised = getattr(refused.value, "errors", [refused.value])
    assert [type(error) for error in raised] == errors


async def test_a_restock_that_fills_orders_takes_two_statements_more(shop: Shop, stock: Stock) -> None:
    await stock(A=0)
    await shop.sell_beyond("A", 500)

    async def statements() -> int:
        with counting() as count:
            await shop.restock("A", 100)
        return count.data

    before = await statements()
    for _ in range(30):
        await shop.order(new_id(), A=4, to=None)
    assert await shop.backorders()
    assert await statements() == before + 2


@repeated
async def test_two_buyers_of_the_last_backorder_unit_get_one(shop: Shop, stock: Stock, run: int) -> None:
    await stock(A=1)
    await shop.sell_beyond("A", 1)
    outcomes = await asyncio.gather(*(shop.order(new_id(), A=1) for _ in range(8)), return_exceptions=True)
    assert Counter(type(outcome) for outcome in outcomes) == {list: 2, InsufficientStock: 6}
    assert [row[1:4] for row in await shop.backorders()] == [(1, 0, "WAITING")]


@repeated
async def test_a_restock_racing_cancels_and_orders_gives_each_unit_once(
    shop: Shop, stock: Stock, balances: Balances, run: int
) -> None:
    await stock(A=0, B=0)
    await shop.sell_beyond("A", 50)
    await shop.sell_beyond("B", 50)
    orders = [new_id() for _ in range(6)]
    for order in orders:
        await shop.order(order, A=2, B=1)
    late = [new_id() for _ in range(4)]
    outcomes = await asyncio.gather(
        *(shop.release(order) for order in orders[::2]),
        *(shop.restock("A", 3) for _ in range(3)),
        shop.restock("B", 4),
        *(shop.order(order, B=1, A=1) for order in late),
    )
    assert all(isinstance(outcome, list) for outcome in outcomes)
    waiting = [row for row in await shop.backorders() if row[3] == "WAITING"]
    free = await balances()
    assert free["A"][0] == 0 or not waiting
    # 3 orders of 2 and 4 of 1 want 10 units of A, of which 9 came; 3 and 4 want 7 of B, of which 4 came.
    assert free == {"A": (0, 9), "B": (0, 4)}


async def test_a_backorder_of_another_company_gets_nothing(
    shop: Shop, stock: Stock, database: Database, other_company: UUID
) -> None:
    await stock(A=0)
    await shop.sell_beyond("A", 3)
    order = new_id()
    await shop.order(order, A=1)
    stranger = Actor.system(other_company)
    await database.run(lambda tx: shop.inventory.reservations.release(tx, stranger, order), stranger)
    assert await shop.backorders() == [(order, 1, 0, "WAITING", SOON)]
    assert await shop.inventory.order_units.backorders(database.reader(other_company), [order]) == []


async def test_a_sku_that_orders_wait_for_is_not_removed(shop: Shop, stock: Stock, reader: Reader) -> None:
    await stock(A=0)
    await shop.sell_beyond("A", 1)
    await shop.order(new_id(), A=1)
    (item,) = await shop.inventory.listing.items_by_sku(reader, ["A"])
    remove = shop.inventory.sku_assignments.rename_sku
    with pytest.raises(SkuIsAwaited):
        await shop.run(lambda tx: remove(tx, item.product_id, item.variant_id, None))
    assert (await shop.inventory.listing.items_by_sku(reader, ["A"]))[0].sku == "A"
