"""Reservations: all lines or none, released or sold once, and each reserved unit belongs to an order."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.models import NewVariant
from domains.inventory.errors import InsufficientStock, NotReserved, Shortage, SkuNotFound
from domains.inventory.events import (
    BackInStock,
    SkuUnits,
    StockChanged,
    StockRanLow,
    StockReleased,
    StockReserved,
    StockSold,
)
from domains.inventory.models import MovementFilter, MovementType, StockLevel, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required
from tests.domains.catalog.conftest import MakeCustomer, MakeProduct
from tests.domains.inventory.conftest import Balances, Stock

pytestmark = pytest.mark.usefixtures("invariants_hold")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
ITEM = "select id, product_id, variant_id from inventory_items where company_id = $1 and sku = $2"


async def lines_of(reader: Reader, **units: int) -> list[SkuUnits]:
    rows = await reader.fetch("select sku, product_id from inventory_items where company_id = $1", reader.company_id)
    products = dict(map(tuple, rows))
    return [{"sku": sku, "product_id": products[sku], "quantity": quantity} for sku, quantity in units.items()]


class Orders:
    """Orders that reserve stock, each call in its own transaction."""

    def __init__(self, inventory: InventoryService, database: Database, actor: Actor) -> None:
        self._inventory = inventory
        self._database = database
        self.actor = actor

    async def _run(self, work: Any) -> list[Any]:
        async with self._database.transaction(self.actor) as tx:
            await work(tx)
            return list(tx.events)

    async def reserve(self, order_id: UUID, **wanted: int) -> list[Any]:
        lines = [StockLine(sku, quantity) for sku, quantity in wanted.items()]
        return await self._run(
            lambda tx: self._inventory.reservations.reserve(
                tx, self.actor, lines, order_id=order_id, expires_at=LATER
            )
        )

    async def keep(self, order_id: UUID) -> list[Any]:
        return await self._run(lambda tx: self._inventory.reservations.remove_expiry(tx, order_id))

    async def release(self, order_id: UUID) -> list[Any]:
        return await self._run(
            lambda tx: self._inventory.reservations.release(tx, self.actor, order_id, reason="Cancelled")
        )

    async def confirm(self, order_id: UUID) -> list[Any]:
        return await self._run(lambda tx: self._inventory.reservations.confirm(tx, self.actor, order_id))


@pytest.fixture
def orders(inventory: InventoryService, database: Database, actor: Actor) -> Orders:
    """Orders of the test's company."""
    return Orders(inventory, database, actor)


@pytest.fixture
def order_id() -> UUID:
    """An order; the inventory knows nothing more of it."""
    return new_id()


async def test_reserving_moves_units_from_available_to_reserved(
    orders: Orders, stock: Stock, balances: Balances, order_id: UUID
) -> None:
    await stock(A=5, B=3)
    await orders.reserve(order_id, B=1, A=2)
    assert await balances() == {"A": (3, 2), "B": (2, 1)}


async def test_reserving_takes_all_lines_or_none_and_names_every_short_line(
    orders: Orders, stock: Stock, balances: Balances, order_id: UUID, make_product: MakeProduct
) -> None:
    await stock(A=5, B=3, C=0)
    await make_product(sku="NEVER")

    with pytest.raises(InsufficientStock) as caught:
        await orders.reserve(order_id, NEVER=1, A=5, C=2, B=4)

    assert caught.value.shortages == (Shortage("B", 4, 3), Shortage("C", 2, 0), Shortage("NEVER", 1, 0))
    assert (caught.value.sku, caught.value.requested, caught.value.available) == ("B", 4, 3)
    assert (
        caught.value.message
        == "Not enough stock. Available: 3 of 'B' instead of 4, 0 of 'C' instead of 2, 0 of 'NEVER' instead of 1."
    )
    assert await balances() == {"A": (5, 0), "B": (3, 0), "C": (0, 0)}


async def test_lines_of_the_same_sku_are_summed(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, order_id: UUID, balances: Balances
) -> None:
    await stock(A=3)

    async def twice(tx: Tx, quantity: int) -> None:
        lines = [StockLine("A", quantity), StockLine(" A ", quantity)]
        await inventory.reservations.reserve(tx, actor, lines, order_id=order_id, expires_at=None)

    with pytest.raises(InsufficientStock, match="Available: 3 of 'A' instead of 4"):
        await database.run(lambda tx: twice(tx, 2), actor)
    await database.run(lambda tx: twice(tx, 1), actor)
    assert await balances() == {"A": (1, 2)}


async def test_an_untracked_sku_is_not_reserved(
    orders: Orders, make_product: MakeProduct, order_id: UUID, balances: Balances
) -> None:
    await make_product(variants=[NewVariant(sku="U", is_tracked=False)])
    assert await orders.reserve(order_id, U=1_000) == []
    assert await balances() == {}


async def test_releasing_makes_units_available_once(
    orders: Orders, stock: Stock, balances: Balances, order_id: UUID
) -> None:
    await stock(A=5, B=2)
    await orders.reserve(order_id, A=2, B=1)
    for _ in range(2):
        await orders.release(order_id)
        assert await balances() == {"A": (5, 0), "B": (2, 0)}
    await orders.confirm(order_id)
    assert await balances() == {"A": (5, 0), "B": (2, 0)}


async def test_confirming_removes_units_once(
    orders: Orders, stock: Stock, balances: Balances, order_id: UUID
) -> None:
    await stock(A=5, B=2)
    await orders.reserve(order_id, A=2, B=1)
    for _ in range(2):
        await orders.confirm(order_id)
        assert await balances() == {"A": (3, 0), "B": (1, 0)}
    await orders.release(order_id)
    assert await balances() == {"A": (3, 0), "B": (1, 0)}


async def test_an_order_affects_only_its_own_reservations(orders: Orders, stock: Stock, balances: Balances) -> None:
    await stock(A=5)
    mine, theirs = new_id(), new_id()
    await orders.reserve(mine, A=1)
    await orders.reserve(theirs, A=3)
    await orders.release(mine)
    assert await balances() == {"A": (2, 3)}
    await orders.confirm(theirs)
    assert await balances() == {"A": (2, 0)}


async def test_confirmed_reservations_of_an_order_do_not_expire(
    orders: Orders, stock: Stock, reader: Reader, order_id: UUID
) -> None:
    await stock(A=5)
    await orders.reserve(order_id, A=2)
    other = new_id()
    await orders.reserve(other, A=1)
    await orders.keep(order_id)
    rows = await reader.fetch(
        "select order_id, expires_at from reservations where company_id = $1 order by id", reader.company_id
    )
    assert [tuple(row) for row in rows] == [(order_id, None), (other, LATER)]


async def test_the_ledger_records_the_movements_of_an_order(
    inventory: InventoryService, database: Database, stock: Stock, reader: Reader, make_customer: MakeCustomer
) -> None:
    await stock(A=5)
    buyer, order_id, other = await make_customer(), new_id(), new_id()
    orders = Orders(inventory, database, buyer)
    await orders.reserve(order_id, A=2)
    await orders.reserve(other, A=1)
    await orders.release(other)
    await orders.confirm(order_id)

    page = await inventory.listing.find_movements(reader, PageArgs(), MovementFilter(sku="A"))
    entries = [
        (m.type, m.quantity, m.available_delta, m.reserved_delta, m.balance_after, m.reason, m.reference)
        for m in page.items
    ]
    assert entries == [
        (MovementType.SALE, 2, 0, -2, 3, None, str(order_id)),
        (MovementType.RELEASE, 1, 1, -1, 5, "Cancelled", str(other)),
        (MovementType.RESERVATION, 1, -1, 1, 5, None, str(other)),
        (MovementType.RESERVATION, 2, -2, 2, 5, None, str(order_id)),
        (MovementType.ADJUSTMENT, 5, 5, 0, 5, None, None),
    ]
    assert {(m.performed_by, m.actor_kind) for m in page.items[:4]} == {(buyer.user_id, ActorKind.USER)}


@pytest.mark.parametrize("lines", [1, 2, 50])
async def test_reserving_executes_one_statement_and_that_of_its_events_for_any_number_of_lines(
    orders: Orders, stock: Stock, order_id: UUID, lines: int
) -> None:
    skus = {f"S{number}": 5 for number in range(lines)}
    await stock(**skus)
    wanted = dict.fromkeys(skus, 2)
    counts = []
    for work in (
        orders.reserve(order_id, **wanted),
        *(do(order_id) for do in (orders.keep, orders.release, orders.release)),
    ):
        with counting() as statements:
            await work
        counts.append(statements.data)
    assert counts == [2, 1, 4, 1]


async def test_levels_execute_one_statement(
    inventory: InventoryService,
    stock: Stock,
    make_product: MakeProduct,
    reader: Reader,
    orders: Orders,
    order_id: UUID,
) -> None:
    await stock(A=5)
    await make_product(variants=[NewVariant(sku="U", is_tracked=False), NewVariant(sku="N")])
    await orders.reserve(new_id(), A=2)
    with counting() as statements:
        levels = await inventory.listing.levels(reader, ["A", "U", "N", "unknown"])
    assert statements.data == 1
    assert levels == {
        "A": StockLevel(3, is_tracked=True),
        "U": StockLevel(0, is_tracked=False),
        "N": StockLevel(0, is_tracked=True),
        "unknown": StockLevel(0, is_tracked=True),
    }
    covered = {sku: level.covers(3) for sku, level in levels.items()}
    assert covered == {"A": True, "U": True, "N": False, "unknown": False}
    assert not levels["A"].covers(4)


async def test_single_skus_are_reserved_released_and_sold_in_parts(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, balances: Balances, order_id: UUID
) -> None:
    await stock(A=10)
    steps: list[tuple[Any, int, tuple[int, int]]] = [
        (inventory.reserve_stock, 4, (6, 4)),
        (inventory.reserve_stock, 3, (3, 7)),
        (inventory.release_stock, 2, (5, 5)),
        (inventory.confirm_sale, 1, (5, 4)),
        (inventory.confirm_sale, 4, (5, 0)),
    ]
    for method, quantity, expected in steps:
        async with database.transaction(actor) as tx:
            await method(tx, "A", quantity, order_id)
        assert await balances() == {"A": expected}
    for method, _, _ in steps[2:4]:
        with pytest.raises(NotReserved, match="has 0 reserved units of 'A', not 1"):
            async with database.transaction(actor) as tx:
                await method(tx, "A", 1, order_id)
    await database.run(lambda tx: inventory.reserve_stock(tx, "A", 5, order_id), actor)
    with pytest.raises(NotReserved, match="has 5 reserved units of 'A', not 6"):
        await database.run(lambda tx: inventory.release_stock(tx, "A", 6, order_id), actor)
    assert await balances() == {"A": (0, 5)}


async def test_stock_changed_is_emitted_only_for_the_last_unit_and_the_first_returned(
    orders: Orders, stock: Stock, reader: Reader
) -> None:
    await stock(A=3, B=9)
    first, last = new_id(), new_id()
    two_and_one = await lines_of(reader, A=2, B=1)
    assert await orders.reserve(first, B=1, A=2) == [StockReserved(order_id=first, lines=two_and_one)]
    (gone,) = [event for event in await orders.reserve(last, A=1, B=1) if isinstance(event, StockChanged)]
    assert gone.skus == ["A"]
    assert await orders.confirm(last) == [StockSold(order_id=last, lines=await lines_of(reader, A=1, B=1))]
    released, changed, back = await orders.release(first)
    assert released == StockReleased(order_id=first, lines=two_and_one)
    assert isinstance(changed, StockChanged)
    assert changed.skus == ["A"]
    assert isinstance(back, BackInStock)
    (item,) = await reader.fetch(ITEM, reader.company_id, "A")
    assert back.first_item_id == item["id"]
    assert back.items == [{"sku": "A", "product_id": item["product_id"], "variant_id": item["variant_id"]}]
    assert await orders.release(first) == []


async def test_stock_ran_low_is_emitted_once(orders: Orders, stock: Stock, owner: Any, company: UUID) -> None:
    await stock(A=5)
    await owner.execute("update inventory_items set reorder_point = 3 where company_id = $1", company)
    emitted = [await orders.reserve(new_id(), A=1) for _ in range(4)]
    others = [[type(event) for event in events if not isinstance(event, StockReserved)] for events in emitted]
    assert others == [[], [StockRanLow], [], []]


@pytest.mark.parametrize(
    ("sku", "quantity", "error"),
    [
        ("A", 0, InvalidInput),
        ("A", -1, InvalidInput),
        ("A", 2**40, InvalidInput),
        ("A", 6, InsufficientStock),
        ("unknown", 1, SkuNotFound),
        (" ", 1, Required),
        ("A\x00", 1, InvalidInput),
    ],
)
async def test_an_invalid_line_reserves_nothing(
    orders: Orders,
    stock: Stock,
    balances: Balances,
    order_id: UUID,
    sku: str,
    quantity: int,
    error: type[DomainError],
) -> None:
    await stock(A=5, B=5)
    with pytest.raises(error):
        await orders.reserve(new_id(), **{"B": 1, sku: quantity})
    assert await balances() == {"A": (5, 0), "B": (5, 0)}


async def test_another_company_cannot_reserve_or_release_stock(
    orders: Orders,
    inventory: InventoryService,
    database: Database,
    stock: Stock,
    balances: Balances,
    order_id: UUID,
    other_company: UUID,
) -> None:
    await stock(A=5)
    await orders.reserve(order_id, A=2)
    stranger = Orders(inventory, database, Actor.system(other_company))
    with pytest.raises(SkuNotFound):
        await stranger.reserve(new_id(), A=1)
    for attempt in (stranger.release, stranger.confirm, stranger.keep):
        await attempt(order_id)
    assert await inventory.listing.levels(database.reader(other_company), ["A"]) == {
        "A": StockLevel(0, is_tracked=True)
    }
    assert await balances() == {"A": (3, 2)}
