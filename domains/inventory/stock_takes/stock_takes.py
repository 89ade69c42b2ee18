"""Stock takes: units in a warehouse are counted while the shop sells, and differences corrected at the end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from domains.catalog.variants.skus import Skus
from domains.inventory import data
from domains.inventory.documents import postings
from domains.inventory.documents.lines import LINES, by_sku, require_units, stock_of
from domains.inventory.documents.numbers import next_number
from domains.inventory.documents.postings import StockOfLines
from domains.inventory.models import MovementType, ReservationStatus, StockDocument
from domains.inventory.movements import Entry, LockedItem, paths_of
from domains.inventory.stock_takes import states
from domains.inventory.stock_takes.errors import (
    ReservedUnits,
    SkuInOpenStockTake,
    StockTakeBelowReserved,
    StockTakeNotCounted,
    StockTakeNotFound,
)
from domains.inventory.stock_takes.events import CountedSku, StockTakeCancelled, StockTakeCompleted, StockTakeStarted
from domains.inventory.stock_takes.export import StockTakeExport
from domains.inventory.stock_takes.listing import StockTakeListing
from domains.inventory.stock_takes.models import CountedLine, CountedUnits, StockTake
from domains.inventory.stock_takes.states import StockTakeAction
from domains.inventory.warehouses.sql import require_active
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.text.validation import LINE_LENGTH, optional_text
from domains.kernel.validation import collect_errors

BATCH_SIZE: Final = 1_000
_COUNT: Final = """
insert into stock_take_lines as l (id, company_id, stock_take_id, warehouse_id, inventory_id, expected, counted,
  counted_at)
select c.id, $1, $2, $3, c.inventory_id, c.expected, c.counted, $8
from unnest($4::uuid[], $5::uuid[], $6::int[], $7::int[]) as c (id, inventory_id, expected, counted)
on conflict (company_id, stock_take_id, inventory_id) do update
set expected = excluded.expected, counted = excluded.counted, counted_at = excluded.counted_at
"""


class StockTakes:
    """Counts the units of SKUs in a warehouse.

    Every change locks the stock take first, then items in the order of SKUs, then their levels: so the units that a
    count is compared with are those at the moment of the count.
    """

    def __init__(self, skus: Skus) -> None:
        self._skus = skus
        self.listing = StockTakeListing()
        self.export = StockTakeExport()

    async def start(self, tx: Tx, warehouse_id: UUID, *, note: str | None = None) -> StockTake:
        """Start a stock take of a warehouse.

        Raises, for all fields at once, WarehouseNotFound, WarehouseInactive, TooLong. Emits StockTakeStarted.
        """
        with collect_errors() as each:
            with each:
                note = optional_text(note, field=("note",), max_length=LINE_LENGTH)
            with each:
                await require_active(tx, {warehouse_id: ("warehouse_id",)})
        number = await next_number(tx, StockDocument.STOCK_TAKE)
        take = await data.stock_take.create(tx, {"number": number, "warehouse_id": warehouse_id, "note": note})
        tx.emit(StockTakeStarted(stock_take_id=take.id, number=number, warehouse_id=warehouse_id))
        return take

    async def count(self, tx: Tx, stock_take_id: UUID, lines: Sequence[CountedLine]) -> StockTake:
        """Record how many units of SKUs are in the warehouse; a SKU that was counted before is counted again.

        The count is compared with the units in the warehouse now: available, reserved and quarantined. Nothing
        changes in stock. Raises, for all lines at once, LinesMissing, TooMany, DuplicateValue, OutOfRange, Required,
        TooLong, SkuNotFound, and SkuInOpenStockTake; and StockTakeNotFound, StockTakeNotOpen.
        """
        counted = by_sku(lines, lambda line: require_units(line.counted, name="counted", least=0))
        take = await self._lock(tx, stock_take_id)
        states.next_status(take.number, take.status, StockTakeAction.COUNT)
        await require_active(tx, {take.warehouse_id: ("id",)})
        stock = await stock_of(self._skus, tx, counted)
        await self._require_free(tx, take, stock, counted)
        await tx.execute(
            _COUNT,
            tx.company_id,
            take.id,
            take.warehouse_id,
            [new_id() for _ in counted],
            [stock[sku].item.id for sku in counted],
            [_units_at(stock[sku], take.warehouse_id) for sku in counted],
            [line.counted for line in counted.values()],
            tx.clock.now(),
        )
        return await data.stock_take.update(tx, id=take.id, data={"updated_at": tx.clock.now()})

    async def complete(self, tx: Tx, stock_take_id: UUID) -> StockTake:
        """Correct the available stock of each counted SKU by its difference, whatever moved since the count.

        Raises StockTakeNotFound, StockTakeNotOpen, StockTakeNotCounted, StockLimitExceeded, and for all SKUs at once
        StockTakeBelowReserved where fewer units would be left than are reserved and quarantined. Emits
        StockTakeCompleted, and for each 1,000 SKUs as `record_movement`.
        """
        take = await self._lock(tx, stock_take_id)
        status = states.next_status(take.number, take.status, StockTakeAction.COMPLETE)
        counts = await self.listing.counts(tx, take.id)
        if not counts:
            raise StockTakeNotCounted(take.number)
        differing = [count for count in counts if count.difference]
        stock = await postings.lock(tx, [count.inventory_id for count in differing], take.warehouse_id)
        await self._require_held(tx, take, stock, differing)
        entry = Entry.of(MovementType.ADJUSTMENT, None, take.number, tx.actor)
        changes = [(count.inventory_id, count.difference) for count in differing]
        for start in range(0, len(changes), BATCH_SIZE):
            await postings.change(tx, stock, dict(changes[start : start + BATCH_SIZE]), entry)
        await data.stock_take_line.update_many(tx, where={"stock_take_id": take.id}, data={"is_open": False})
        differences: list[CountedSku] = [
            {"sku": stock.sku(count.inventory_id), "expected": count.expected, "counted": count.counted}
            for count in differing
        ]
        tx.emit(
            StockTakeCompleted(
                stock_take_id=take.id,
                number=take.number,
                warehouse_id=take.warehouse_id,
                counted=len(counts),
                differences=sorted(differences, key=lambda line: line["sku"]),
            )
        )
        return await data.stock_take.update(tx, id=take.id, data={"status": status, "completed_at": tx.clock.now()})

    async def cancel(self, tx: Tx, stock_take_id: UUID) -> StockTake:
        """Cancel a stock take; its counts change nothing.

        Raises StockTakeNotFound, StockTakeNotOpen. Emits StockTakeCancelled.
        """
        take = await self._lock(tx, stock_take_id)
        status = states.next_status(take.number, take.status, StockTakeAction.CANCEL)
        await data.stock_take_line.update_many(tx, where={"stock_take_id": take.id}, data={"is_open": False})
        tx.emit(StockTakeCancelled(stock_take_id=take.id, number=take.number, warehouse_id=take.warehouse_id))
        return await data.stock_take.update(tx, id=take.id, data={"status": status, "cancelled_at": tx.clock.now()})

    async def _require_free(
        self, tx: Tx, take: StockTake, stock: Mapping[str, LockedItem], counted: Mapping[str, CountedLine]
    ) -> None:
        """Raise SkuInOpenStockTake for each SKU that another stock take counts. Its item is locked."""
        skus = {locked.item.id: sku for sku, locked in stock.items()}
        paths = paths_of(counted, LINES, "sku")
        others = await self.listing.open_elsewhere(tx, take, list(skus))
        with collect_errors() as each:
            for inventory_id, number in others.items():
                with each:
                    sku = skus[inventory_id]
                    raise SkuInOpenStockTake(sku, number, field=paths[sku])

    async def _require_held(
        self, tx: Tx, take: StockTake, stock: StockOfLines, counts: Sequence[CountedUnits]
    ) -> None:
        """Raise StockTakeBelowReserved for each SKU whose units are not there. One statement then, otherwise none."""
        missing = {
            count.inventory_id: -left
            for count in counts
            if (left := stock.available(count.inventory_id) + count.difference) < 0
        }
        if not missing:
            return
        where: data.ReservationWhere = {
            "inventory_id": {"in": list(missing)},
            "warehouse_id": take.warehouse_id,
            "status": ReservationStatus.ACTIVE,
        }
        orders: defaultdict[UUID, list[ReservedUnits]] = defaultdict(list)
        for held in await data.reservation.find_many(
            tx, where=where, order_by=[{"created_at": "asc"}, {"id": "asc"}]
        ):
            if held.order_id is not None:
                orders[held.inventory_id].append(ReservedUnits(held.order_id, held.quantity))
        with collect_errors() as each:
            for item_id, units in sorted(missing.items(), key=lambda pair: stock.sku(pair[0])):
                level = stock.level(item_id)
                with each:
                    raise StockTakeBelowReserved(
                        stock.sku(item_id),
                        missing=units,
                        reserved=level.reserved_stock if level else 0,
                        quarantined=level.quarantined_stock if level else 0,
                        orders=orders[item_id],
                    )

    async def _lock(self, tx: Tx, stock_take_id: UUID) -> StockTake:
        take = await data.stock_take.find_unique(tx, id=stock_take_id, lock=True)
        if take is None:
            raise StockTakeNotFound
        return take


def _units_at(locked: LockedItem, warehouse_id: UUID) -> int:
    """All units of an item in a warehouse: available, reserved and quarantined."""
    level = locked.levels.get(warehouse_id)
    return level.total_stock if level else 0
