"""Races of transfers with orders and with each other, with real commits."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from domains.inventory.service import InventoryService
from domains.inventory.transfers.models import ReceivedLine
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.ids import new_id
from tests.domains.inventory.transfers.conftest import Draft
from tests.domains.inventory.warehouse_stock import Levels, Race

pytestmark = pytest.mark.usefixtures("all_invariants_hold")


def kinds(outcomes: list[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


async def test_a_transfer_and_orders_share_the_units_of_the_source(
    inventory: InventoryService, race: Race, draft: Draft, levels: Levels
) -> None:
    transfer = await draft(is_shipped=False, A=6)

    async def buy(tx: Tx) -> None:
        await inventory.reserve_stock(tx, "A", 1, new_id())

    outcomes = await race(*[buy] * 8, lambda tx: inventory.transfers.ship(tx, transfer.id), *[buy] * 8)

    available, reserved, _ = (await levels())["A", "MAIN"]
    is_shipped = kinds(outcomes)["StockTransferRow"] == 1
    assert available == 0 if not is_shipped else available + reserved == 4
    assert available + reserved + (6 if is_shipped else 0) == 10
    assert kinds(outcomes)["NoneType"] == reserved


async def test_a_transfer_that_is_shipped_twice_at_once_leaves_once(
    inventory: InventoryService, race: Race, draft: Draft, levels: Levels
) -> None:
    transfer = await draft(is_shipped=False, A=4)
    outcomes = await race(*[lambda tx: inventory.transfers.ship(tx, transfer.id)] * 5)
    assert kinds(outcomes) == {"StockTransferRow": 1, "StockTransferNotShippable": 4}
    assert (await levels())["A", "MAIN"] == (6, 0, 0)


async def test_two_receipts_at_once_do_not_exceed_what_is_under_way(
    inventory: InventoryService, race: Race, draft: Draft, levels: Levels
) -> None:
    transfer = await draft(A=5)

    async def receive(tx: Tx) -> Any:
        return await inventory.transfers.receive(tx, transfer.id, [ReceivedLine("A", 2)])

    outcomes = await race(*[receive] * 6)

    assert kinds(outcomes) == {"StockTransferRow": 2, "MoreThanUnderWay": 4}
    assert (await levels())["A", "NORTH"] == (4, 0, 0)


async def test_of_shipping_and_cancelling_a_draft_both_or_the_cancellation_take_place(
    inventory: InventoryService, race: Race, draft: Draft, levels: Levels, reader: Reader
) -> None:
    for _ in range(5):
        transfer = await draft(is_shipped=False, A=4)
        outcomes = await race(
            lambda tx, chosen=transfer.id: inventory.transfers.ship(tx, chosen),
            lambda tx, chosen=transfer.id: inventory.transfers.cancel(tx, chosen),
        )
        assert set(kinds(outcomes)) <= {"StockTransferRow", "StockTransferNotShippable"}
        assert (await inventory.transfers.listing.get(reader, transfer.id)).status == "CANCELLED"
    assert (await levels())["A", "MAIN"] == (10, 0, 0)


async def test_of_a_receipt_and_a_cancellation_one_takes_place(
    inventory: InventoryService, race: Race, draft: Draft, levels: Levels
) -> None:
    transfer = await draft(A=4)
    outcomes = await race(
        lambda tx: inventory.transfers.receive(tx, transfer.id),
        lambda tx: inventory.transfers.cancel(tx, transfer.id),
    )
    refused = {"StockTransferNotReceivable", "StockTransferNotCancellable"}
    assert len(set(kinds(outcomes)) & refused) == 1
    found = await levels()
    assert (found["A", "MAIN"][0], found.get(("A", "NORTH"), (0,))[0]) in {(10, 0), (6, 4)}


async def test_transfers_in_opposite_directions_and_orders_do_not_deadlock(
    inventory: InventoryService, database: Database, actor: Actor, draft: Draft, balances: Any
) -> None:
    transfers = [
        await draft(is_shipped=False, **units) for units in ({"A": 1, "B": 1}, {"B": 1, "A": 1}, {"A": 1, "B": 1})
    ]

    async def move(transfer_id: Any) -> None:
        async with database.transaction(actor) as tx:  # not `run`, which would try again after a deadlock
            await inventory.transfers.ship(tx, transfer_id)
        async with database.transaction(actor) as tx:
            await inventory.transfers.receive(tx, transfer_id)

    async def buy(first: str, second: str) -> None:
        async with database.transaction(actor) as tx:
            await inventory.reserve_stock(tx, first, 1, new_id())
        async with database.transaction(actor) as tx:
            await inventory.reserve_stock(tx, second, 1, new_id())

    await asyncio.gather(*(move(transfer.id) for transfer in transfers), buy("A", "B"), buy("B", "A"))
    assert await balances() == {"A": (8, 2), "B": (3, 2)}
