"""Races with real commits: no unit is sold twice or lost, and no deadlock reaches the caller."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from domains.inventory.errors import InsufficientStock
from domains.inventory.models import StockCount, StockLine
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from tests.domains.inventory.conftest import Balances, Stock

pytestmark = pytest.mark.usefixtures("invariants_hold")
LATER = datetime(2030, 1, 1, tzinfo=UTC)
# The sum of the deltas up to every entry, beside the balance stored in the entry.
REPLAY = """
select m.balance_after, sum(m.available_delta + m.reserved_delta) over ledger as replayed,
       sum(m.available_delta) over ledger as free, sum(m.reserved_delta) over ledger as reserved
from stock_movements m where m.company_id = $1
window ledger as (partition by m.inventory_id order by m.created_at, m.id)
"""


@pytest.fixture(autouse=True)
async def check_balances(reader: Reader) -> Any:
    """After each race the ledger is never below zero and each entry has the balance of its sum."""
    yield
    for row in await reader.fetch(REPLAY, reader.company_id):
        assert row["balance_after"] == row["replayed"]
        assert min(row["free"], row["reserved"]) >= 0


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


async def test_two_hundred_parallel_orders_get_only_the_fifty_units_in_stock(
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    stock: Stock,
    balances: Balances,
    reader: Reader,
    owner: Any,
) -> None:
    await stock(A=50)

    async def buy(tx: Tx) -> None:
        await inventory.reservations.reserve(tx, actor, [StockLine("A", 1)], order_id=new_id(), expires_at=LATER)

    outcomes = await asyncio.gather(*(database.run(buy, actor) for _ in range(200)), return_exceptions=True)

    assert kinds(outcomes) == {"NoneType": 50, "InsufficientStock": 150}
    assert await balances() == {"A": (0, 50)}
    reservations = "select count(*), sum(quantity) from reservations where company_id = $1 and status = 'ACTIVE'"
    row = await reader.fetch_row(reservations, reader.company_id)
    assert row is not None
    assert tuple(row) == (50, 50)
    stock_events = "select count(*) from outbox_events where company_id = $1 and topic = 'inventory.stock_changed'"
    assert await owner.fetchval(stock_events, reader.company_id) == 2  # the first stock, and the last unit


async def test_orders_of_the_same_skus_in_opposite_order_do_not_deadlock(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, balances: Balances
) -> None:
    skus = [f"S{number}" for number in range(10)]
    await stock(**dict.fromkeys(skus, 100))

    async def through(number: int) -> None:
        order_id = new_id()
        lines = [StockLine(sku, 1) for sku in (skus if number % 2 else skus[::-1])]
        async with database.transaction(actor) as tx:  # not `run`, which would try again after a deadlock
            await inventory.reservations.reserve(tx, actor, lines, order_id=order_id, expires_at=LATER)
        async with database.transaction(actor) as tx:
            await (inventory.reservations.release if number % 3 else inventory.reservations.confirm)(
                tx, actor, order_id
            )

    await asyncio.gather(*(through(number) for number in range(30)))
    assert await balances() == dict.fromkeys(skus, (90, 0))


async def test_a_stock_count_during_reservations_is_serialized(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, balances: Balances
) -> None:
    await stock(A=5, B=5)

    async def buy(tx: Tx) -> None:
        await inventory.reservations.reserve(
            tx, actor, [StockLine("B", 1), StockLine("A", 1)], order_id=new_id(), expires_at=None
        )

    async def count(tx: Tx, number: int) -> None:
        await inventory.ledger.set(tx, [StockCount("A", number), StockCount("B", number)])

    outcomes = await asyncio.gather(
        *(database.run(buy if turn % 3 else lambda tx, n=turn: count(tx, n), actor) for turn in range(60)),  # type: ignore[misc] # a default binds the loop's value
        return_exceptions=True,
    )

    assert set(kinds(outcomes)) <= {"NoneType", "InsufficientStock"}
    bought = sum(outcome is None for turn, outcome in enumerate(outcomes) if turn % 3)
    found = await balances()
    assert (found["A"], found["A"][1]) == (found["B"], bought)


async def test_a_parallel_release_and_confirmation_of_an_order_take_effect_once(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, balances: Balances, reader: Reader
) -> None:
    await stock(A=3, B=4)
    order_id, lines = new_id(), [StockLine("A", 3), StockLine("B", 3)]
    await database.run(
        lambda tx: inventory.reservations.reserve(tx, actor, lines, order_id=order_id, expires_at=LATER), actor
    )

    ends = (
        inventory.reservations.release,
        inventory.reservations.confirm,
        inventory.reservations.release,
        inventory.reservations.confirm,
    )
    await asyncio.gather(*(database.run(lambda tx, do=end: do(tx, actor, order_id), actor) for end in ends * 3))  # type: ignore[misc] # same

    assert await balances() in ({"A": (3, 0), "B": (4, 0)}, {"A": (0, 0), "B": (1, 0)})
    ended = "select count(*) from stock_movements where company_id = $1 and type in ('RELEASE', 'SALE')"
    assert await reader.fetch_value(ended, reader.company_id) == 2


async def test_parallel_first_counts_of_new_skus_add_up(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, balances: Balances
) -> None:
    skus = [f"S{number}" for number in range(8)]
    await stock(**dict.fromkeys(skus, 0))

    async def deliver(number: int) -> None:
        async with database.transaction(actor) as tx:
            ordered = skus if number % 2 else skus[::-1]
            await inventory.ledger.change(tx, [StockLine(sku, 1) for sku in ordered])

    await asyncio.gather(*(deliver(number) for number in range(12)))
    assert await balances() == dict.fromkeys(skus, (12, 0))


async def test_the_last_unit_goes_to_one_of_many_orders(
    inventory: InventoryService, database: Database, actor: Actor, stock: Stock, balances: Balances
) -> None:
    await stock(A=10, B=1, C=10)

    async def buy(tx: Tx) -> None:
        lines = [StockLine("C", 2), StockLine("B", 1), StockLine("A", 2)]
        await inventory.reservations.reserve(tx, actor, lines, order_id=new_id(), expires_at=LATER)

    outcomes = await asyncio.gather(*(database.run(buy, actor) for _ in range(8)), return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, InsufficientStock)]
    assert [[line.sku for line in error.shortages] for error in refused] == [["B"]] * 7
    assert await balances() == {"A": (8, 2), "B": (0, 1), "C": (8, 2)}
