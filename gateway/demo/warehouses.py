"""The warehouses of the demo with their stock: a transfer under way, a stock take, a SKU sold beyond its stock."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from domains.inventory.models import BackorderKind, StockCount, StockLine, WarehouseChanges
from domains.inventory.service import InventoryService
from domains.inventory.stock_takes.models import CountedLine
from domains.inventory.transfers.models import NewStockTransfer, ReceivedLine
from domains.kernel.database import Tx
from gateway.demo.content import FOLDER

FROM: Final = "STOKE"
TO: Final = "BREMEN"
MIN_STOCK: Final = 20  # units of a SKU of which other warehouses have some, so that the first one has plenty
TRANSFERRED: Final = {"HARBOUR-MUG-250-ML-CHALK": 6, "FIELD-NOTEBOOK-PLAIN": 12}
ARRIVED: Final = ReceivedLine("FIELD-NOTEBOOK-PLAIN", 5, lost=1, lost_reason="Wet in the lorry")
TRANSFER_DAYS: Final = timedelta(days=4)
BACKORDERED: Final = "FELL-WOOL-BLANKET-OAT"
BACKORDER_LIMIT: Final = 10
BACKORDER_DAYS: Final = timedelta(days=21)
# How many more or fewer units the count finds than there are.
COUNTED: Final = {"LINEN-NAPKINS-PAIR-FLAX": 0, "LINEN-NAPKINS-PAIR-MOSS": -1, "WATCH-CAP-NAVY": 2}


def read_warehouses() -> list[dict[str, Any]]:
    """The warehouses, the default one first."""
    given: list[dict[str, Any]] = tomllib.loads((FOLDER / "warehouses.toml").read_text("utf-8"))["warehouse"]
    return given


async def add_warehouses(inventory: InventoryService, tx: Tx) -> Mapping[str, UUID]:
    """Create the warehouses; their ids by code."""
    ids = {}
    for given in read_warehouses():
        changes: Any = {name: value for name, value in given.items() if name in WarehouseChanges.__annotations__}
        ids[given["code"]] = (await inventory.warehouses.create(tx, changes)).id
    return ids


def counts_elsewhere(counts: Sequence[StockCount], warehouses: Mapping[str, UUID]) -> Iterator[StockCount]:
    """What the other warehouses have of some of the SKUs that the first one has."""
    plenty = [count for count in counts if count.available >= MIN_STOCK]
    for given in read_warehouses()[1:]:
        for count in plenty[:: given["every"]]:
            yield StockCount(count.sku, count.available // given["part"], warehouses[given["code"]])


async def add_stock_work(
    inventory: InventoryService, tx: Tx, counts: Sequence[StockCount], warehouses: Mapping[str, UUID]
) -> None:
    """Stock the other warehouses, and begin what staff do with stock."""
    await inventory.ledger.set(tx, list(counts_elsewhere(counts, warehouses)), reason="Demo")
    await _transfer(inventory, tx, warehouses)
    await _count(inventory, tx, counts, warehouses[FROM])
    promised_at = tx.clock.now() + BACKORDER_DAYS
    await inventory.backorders.update(
        tx, BACKORDERED, {"limit": BACKORDER_LIMIT, "kind": BackorderKind.BACKORDER, "promised_at": promised_at}
    )


async def _transfer(inventory: InventoryService, tx: Tx, warehouses: Mapping[str, UUID]) -> None:
    """Ship units from one warehouse to another, of which a part has arrived."""
    transfer = await inventory.transfers.create(
        tx,
        NewStockTransfer(
            from_warehouse_id=warehouses[FROM],
            to_warehouse_id=warehouses[TO],
            lines=[StockLine(sku, quantity) for sku, quantity in TRANSFERRED.items()],
            expected_on=(tx.clock.now() + TRANSFER_DAYS).date(),
            note="For the autumn market",
        ),
    )
    await inventory.transfers.ship(tx, transfer.id)
    await inventory.transfers.receive(tx, transfer.id, [ARRIVED])


async def _count(inventory: InventoryService, tx: Tx, counts: Sequence[StockCount], warehouse_id: UUID) -> None:
    """Count some SKUs, one of which lacks a unit and one of which has more; staff have not completed the count."""
    take = await inventory.stock_takes.start(tx, warehouse_id, note="Shelves 1 to 3")
    known = {count.sku: count.available for count in counts}
    lines = [CountedLine(sku, known[sku] + difference) for sku, difference in COUNTED.items()]
    await inventory.stock_takes.count(tx, take.id, lines)
